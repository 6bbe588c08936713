"""From raw text to tidy tables, each by the steps that it declares.

The functions are pure: a raw frame in, a `Ledger` out. Cells stay text in canonical form
(ISO dates, accepted labels, plain numbers, "" where not recorded) until the last step, so
that a change is a difference between two texts and the log can count it.

What cannot be interpreted is rejected with its reason. What would make every number of a
table doubtful, such as a label nobody has explained, stops the run instead.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import takewhile
from operator import itemgetter

import pandas as pd

from lmm.cleaning.cells import columns_of
from lmm.cleaning.contract import Frames, check_tables, typed
from lmm.cleaning.layout import DECLARED, FOOTER
from lmm.cleaning.ledger import ACCOUNT_COLUMNS, LOG_COLUMNS, REJECTED_COLUMNS, Ledger, kind_of
from lmm.cleaning.load import read_raw, reader
from lmm.cleaning.steps import AMONG_ROWS, STEPS
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


def clean_files(study: Study) -> Cleaned:
    """Read and clean every table, one file at a time, and check them.

    Of a table that is many files, the raw cells of one are held at a time; what is held of the
    others is what is kept of them.

    Raises
    ------
    StudyError
        With one line for each problem, over all tables at once.
    """
    with suppress(StudyError):
        return _cleaned(_ledgers(reader(study), study), study)
    return clean_all(read_raw(study), study)  # tells at once all that is wrong, in all files


def clean_all(raw: Frames, study: Study) -> Cleaned:
    """Clean every table, in the order in which they refer to each other, and check them.

    Raises
    ------
    StudyError
        With one line for each problem, over all tables at once.
    """
    return _cleaned(ledgers(raw, study), study)


def _cleaned(ledgers: Iterable[Ledger], study: Study) -> Cleaned:
    tables: dict[str, pd.DataFrame] = {}
    problems: list[str] = []
    log: list[tuple[object, ...]] = []
    rejected: list[tuple[str, str, str, int, str]] = []
    account: list[tuple[object, ...]] = []
    for ledger in ledgers:
        problems += ledger.problems
        if not problems:
            tables[ledger.table] = typed(ledger.frame, columns_of(ledger))
        log += ledger.log
        rejected += ledger.rejected
        account.append(ledger.account())
    if problems:
        raise StudyError(*problems)
    check_tables(tables, study)
    return Cleaned(
        tables,
        pd.DataFrame(log, columns=LOG_COLUMNS),
        pd.DataFrame(sorted(rejected, key=itemgetter(1, 2, 3)), columns=REJECTED_COLUMNS),
        pd.DataFrame(account, columns=ACCOUNT_COLUMNS),
    )


def ledgers(raw: Frames, study: Study) -> list[Ledger]:
    """Clean the tables that are there, without judging what stops a run.

    Parameters
    ----------
    raw
        As `read_raw` gives them; a table may be missing, and is then left out together with
        those that refer to it.
    """
    return list(_ledgers(lambda name: [raw[name]] if name in raw else None, study))


def _ledgers(
    parts_of: Callable[[str], Iterable[pd.DataFrame] | None], study: Study
) -> Iterator[Ledger]:
    """Clean the tables of which there are parts; keep none but those that others refer to."""
    contract = tables_of(study)
    referred = {parent for table in contract.values() for parent in table.parents}
    done: dict[str, pd.DataFrame] = {}
    for name, table in contract.items():
        if table.parents.keys() <= done.keys() and (parts := parts_of(name)) is not None:
            parents = {parent: done[parent] for parent in table.parents}
            ledger = _clean_parts(name, parts, study, parents)
            if name in referred:
                done[name] = ledger.frame
            yield ledger.object(_nothing_left(ledger))


def clean_table(name: str, raw: pd.DataFrame, study: Study, parents: Frames) -> Ledger:
    """Clean one table; ``parents`` are the clean ones that it refers to, as text."""
    return _clean_parts(name, [raw], study, parents)


def _clean_parts(name: str, parts: Iterable[pd.DataFrame], study: Study, parents: Frames) -> Ledger:
    """Clean each part of a table by itself as far as its rows stand alone, then all together."""
    steps = tables_of(study)[name].steps
    alone = list(takewhile(lambda step: step not in AMONG_ROWS, steps))
    settled = []
    for part in parts:
        ledger = Ledger.open(name, part, study, parents)
        for step in alone:
            ledger = ledger.then(STEPS[step])
        settled.append(ledger.settled())
    ledger = Ledger.together(settled)
    for step in steps[len(alone) :]:
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
