"""From raw text to tidy tables, one public function a table, each a list of steps.

The functions are pure: a raw frame in, a `Ledger` out. Cells stay text in canonical form
(ISO dates, accepted labels, plain numbers, "" where not recorded) until the last step, so
that a change is a difference between two texts and the log can count it.

What cannot be interpreted is rejected with its reason. What would make every number of a
table doubtful, such as a label nobody has explained, stops the run instead.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from operator import itemgetter

import pandas as pd

from lmm.cleaning.cells import columns_of, standardise_cells
from lmm.cleaning.contract import Frames, check_tables, tables_of, typed
from lmm.cleaning.layout import DECLARED, FOOTER
from lmm.cleaning.ledger import ACCOUNT_COLUMNS, LOG_COLUMNS, REJECTED_COLUMNS, Ledger, kind_of
from lmm.cleaning.rows import (
    keep_one_attendance,
    reject_before_referral,
    reject_broken_rules,
    reject_exact_repeats,
    reject_orphans,
    reject_outside_period,
    reject_reused_ids,
    reject_unknown_years,
)
from lmm.study.problems import Problem, StudyError
from lmm.study.study import Study


@dataclass(frozen=True)
class Cleaned:
    """All clean tables, and the account of how they came about."""

    tables: dict[str, pd.DataFrame]
    log: pd.DataFrame
    rejected: pd.DataFrame
    account: pd.DataFrame


def clean_all(raw: Frames, study: Study) -> Cleaned:
    """Clean every table, in the order in which they refer to each other, and check them.

    Raises
    ------
    StudyError
        With one line for each problem, over all tables at once.
    """
    found = ledgers(raw, study)
    if problems := [problem for ledger in found for problem in ledger.problems]:
        raise StudyError(*problems)
    tables = {item.table: typed(item.frame, columns_of(item)) for item in found}
    check_tables(tables, study)
    return Cleaned(
        tables,
        pd.DataFrame([row for x in found for row in x.log], columns=LOG_COLUMNS),
        pd.DataFrame(
            sorted((row for x in found for row in x.rejected), key=itemgetter(1, 2, 3)),
            columns=REJECTED_COLUMNS,
        ),
        pd.DataFrame([x.account() for x in found], columns=ACCOUNT_COLUMNS),
    )


def ledgers(raw: Frames, study: Study) -> list[Ledger]:
    """Clean the tables that are there, without judging what stops a run.

    Parameters
    ----------
    raw
        As `read_raw` gives them; a table may be missing, and is then left out together with
        those that refer to it.
    """
    done: dict[str, Ledger] = {}
    for name, table in tables_of(study).items():
        parents = [column.refers_to for column in table.columns.values() if column.refers_to]
        if name in raw and all(parent in done for parent in parents):
            ledger = CLEANERS[name](raw[name], study, *(done[p].frame for p in parents))
            done[name] = ledger.object(_nothing_left(ledger))
    return list(done.values())


IDLE = ("empty row", "total row, not a record", DECLARED, FOOTER)
"""Reasons for which a row is left out that is no record."""


def _nothing_left(ledger: Ledger) -> list[str]:
    """Say that no row of a table can be used: to count none would be wrong."""
    records = [row for row in ledger.rejected if row[-1] not in IDLE]
    if not records or len(ledger.frame):
        return []
    kinds = Counter(kind_of(reason) for *_, reason in records)
    common, times = kinds.most_common(1)[0]
    first = next(row for row in records if kind_of(row[-1]) == common)
    _, file, sheet, line, reason = first
    often = "" if times == len(records) else f" ({times} of them)"
    why = f"none of its {len(records)} rows can be used; line {line}{often}: {reason}"
    return [Problem(why, file=file, sheet=sheet, fix="mend study.yaml or the file")]


def clean_courses(raw: pd.DataFrame, study: Study) -> Ledger:
    """Tidy the list of courses."""
    return (
        Ledger.open("courses", raw, study)
        .then(standardise_cells)
        .then(reject_outside_period, "date")
        .then(reject_exact_repeats)
        .then(reject_reused_ids)
    )


def clean_course_attendance(raw: pd.DataFrame, study: Study, courses: pd.DataFrame) -> Ledger:
    """Tidy the registers; ``courses`` are the clean ones."""
    return (
        Ledger.open("course_attendance", raw, study)
        .then(standardise_cells)
        .then(reject_orphans, "course_id", "courses", courses)
        .then(reject_exact_repeats)
        .then(keep_one_attendance)
    )


def clean_feedback_forms(raw: pd.DataFrame, study: Study, courses: pd.DataFrame) -> Ledger:
    """Tidy the feedback forms; ``courses`` are the clean ones."""
    return (
        Ledger.open("feedback_forms", raw, study)
        .then(standardise_cells)
        .then(reject_orphans, "course_id", "courses", courses)
        .then(reject_exact_repeats)
        .then(reject_reused_ids)
    )


def clean_consultations(raw: pd.DataFrame, study: Study) -> Ledger:
    """Tidy the sessions of consultation, support and guidance."""
    return (
        Ledger.open("consultations", raw, study)
        .then(standardise_cells)
        .then(reject_outside_period, "date")
        .then(reject_exact_repeats)
        .then(reject_reused_ids)
    )


def clean_families(raw: pd.DataFrame, study: Study) -> Ledger:
    """Tidy the list of referred families."""
    return (
        Ledger.open("families", raw, study)
        .then(standardise_cells)
        .then(reject_outside_period, "referred_on")
        .then(reject_broken_rules)
        .then(reject_exact_repeats)
        .then(reject_reused_ids)
    )


def clean_family_contacts(raw: pd.DataFrame, study: Study, families: pd.DataFrame) -> Ledger:
    """Tidy the contacts; ``families`` are the clean ones."""
    return (
        Ledger.open("family_contacts", raw, study)
        .then(standardise_cells)
        .then(reject_outside_period, "date")
        .then(reject_orphans, "family_id", "families", families)
        .then(reject_before_referral, families)
        .then(reject_exact_repeats)
        .then(reject_reused_ids)
    )


def clean_targets(raw: pd.DataFrame, study: Study) -> Ledger:
    """Tidy the targets."""
    return (
        Ledger.open("targets", raw, study)
        .then(standardise_cells)
        .then(reject_unknown_years)
        .then(reject_broken_rules)
        .then(reject_exact_repeats)
        .then(reject_reused_ids)
    )


def clean_published_figures(raw: pd.DataFrame, study: Study) -> Ledger:
    """Tidy the published figures."""
    return (
        Ledger.open("published_figures", raw, study)
        .then(standardise_cells)
        .then(reject_exact_repeats)
        .then(reject_reused_ids)
    )


CLEANERS: dict[str, Callable[..., Ledger]] = {
    "courses": clean_courses,
    "course_attendance": clean_course_attendance,
    "feedback_forms": clean_feedback_forms,
    "consultations": clean_consultations,
    "families": clean_families,
    "family_contacts": clean_family_contacts,
    "targets": clean_targets,
    "published_figures": clean_published_figures,
}
