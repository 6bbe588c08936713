"""From raw text to tidy tables, each by the steps that it declares.

The functions are pure: a raw frame in, a `Ledger` out. Cells stay text in canonical form
(ISO dates, accepted labels, plain numbers, "" where not recorded) until the last step, so
that a change is a difference between two texts and the log can count it.

What cannot be interpreted is rejected with its reason. What would make every number of a
table doubtful, such as a label nobody has explained, stops the run instead.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from operator import itemgetter

import pandas as pd

from lmm.cleaning.cells import columns_of
from lmm.cleaning.contract import Frames, check_tables, typed
from lmm.cleaning.layout import DECLARED, FOOTER
from lmm.cleaning.ledger import ACCOUNT_COLUMNS, LOG_COLUMNS, REJECTED_COLUMNS, Ledger, kind_of
from lmm.cleaning.steps import STEPS
from lmm.study.problems import Problem, StudyError
from lmm.study.study import Study
from lmm.study.tables import tables_of


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
        if name in raw and table.parents.keys() <= done.keys():
            parents = {parent: done[parent].frame for parent in table.parents}
            ledger = clean_table(name, raw[name], study, parents)
            done[name] = ledger.object(_nothing_left(ledger))
    return list(done.values())


def clean_table(name: str, raw: pd.DataFrame, study: Study, parents: Frames) -> Ledger:
    """Clean one table; ``parents`` are the clean ones that it refers to, as text."""
    ledger = Ledger.open(name, raw, study, parents)
    for step in ledger.declared.steps:
        ledger = ledger.then(STEPS[step])
    return ledger


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
