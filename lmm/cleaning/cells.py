"""Steps of cleaning on cells: each into canonical form, by the kind of its column."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from itertools import islice

import numpy as np
import pandas as pd

from lmm.cleaning.contract import accepted
from lmm.cleaning.dates import ISO, day_in, without_time, zone_of
from lmm.cleaning.distinct import TIDY, coded, each, folded, spread, unlike
from lmm.cleaning.keys import LONGEST, PLAIN, WHOLE, damaged, plain_key, unlikely
from lmm.cleaning.ledger import Ledger
from lmm.study.labels import fold
from lmm.study.problems import Problem, nearest
from lmm.study.study import Study
from lmm.study.table import Column


def columns_of(ledger: Ledger) -> dict[str, Column]:
    """Give the columns that the contract has for the table."""
    return ledger.declared.columns


def standardise_cells(ledger: Ledger) -> Ledger:
    """Bring every cell into canonical form, by the kind of its column."""
    return (
        ledger.then(_object_to_damaged_identifiers)
        .then(_tidy_spaces)
        .then(_reject_empty_rows)
        .then(_reject_total_rows)
        .then(_blank_missing)
        .then(_standardise_identifiers)
        .then(_standardise_labels)
        .then(_leave_out_times)
        .then(_standardise_dates)
        .then(_standardise_numbers)
        .then(_reject_incomplete)
    )


def _object_to_damaged_identifiers(ledger: Ledger) -> Ledger:
    for name in _named(ledger, "identifier"):
        cells = ledger.frame[name]
        doubtful = cells[unlike(cells, WHOLE)]
        told = {cell: found for cell in doubtful.unique() if (found := damaged(cell))[0]}
        rows = doubtful.index[doubtful.isin(told)]
        if len(rows):
            why, fix = told[cells[rows[0]]]
            problem = _problem(ledger, name, int(rows[0]), f"{why}, {len(rows)} row(s)", fix)
            ledger = ledger.object([problem])
    return ledger


def _tidy_spaces(ledger: Ledger) -> Ledger:
    for column in list(ledger.frame.columns):
        cells = each(ledger.frame[column], _evened, unless=TIDY)
        ledger = ledger.change("spaces", column, cells, "stray spaces removed")
    return ledger


def _evened(text: str) -> str:
    return " ".join(text.split())


def _reject_empty_rows(ledger: Ledger) -> Ledger:
    empty = (ledger.frame == "").all(axis=1)
    return ledger.reject("empty rows", because(empty, "empty row"), "empty rows")


def _reject_total_rows(ledger: Ledger) -> Ledger:
    totals = {fold(word) for word in ledger.study.total_row}
    first = ledger.frame.iloc[:, 0]
    for _, cells in ledger.frame.iloc[:, 1:].items():
        if (blank := first == "").any():
            first = first.mask(blank, cells)
    found = folded(first).isin(totals)
    return ledger.reject("total rows", because(found, "total row, not a record"), "total rows")


def _blank_missing(ledger: Ledger) -> Ledger:
    words = {_unspaced(word) for word in ledger.study.missing}
    others = "" if re.search(r"\d", "".join(words)) else WITH_DIGITS
    for column in list(ledger.frame.columns):
        cells = ledger.frame[column]
        known = each(cells, lambda cell: "" if _unspaced(cell) in words else cell, unless=others)
        ledger = ledger.change("missing values", column, known, "read as not recorded")
    return ledger


WITH_DIGITS = "[ -~]*[0-9][ -~]*"
"""Cells of plain letters with a digit: no word for missing, unless one has a digit itself."""


def _unspaced(text: str) -> str:
    return fold(text).replace(" ", "")  # "N / A" is no more a label or identifier than "n/a"


def _standardise_identifiers(ledger: Ledger) -> Ledger:
    for name in _named(ledger, "identifier"):
        keys = each(ledger.frame[name], plain_key, unless=PLAIN)
        done = "case, spaces, dashes and digits unified"
        ledger = ledger.change("identifiers", name, keys, done)
        title = heading(ledger, name)
        reasons = each(keys[unlike(keys, PLAIN)], unlikely)
        reasons = title + " " + reasons[reasons != ""]
        ledger = ledger.reject("identifiers", reasons, f"{title} that can be no identifier")
    return ledger


def _standardise_labels(ledger: Ledger) -> Ledger:
    for name, column in _named(ledger, "label").items():
        spellings = _spellings(column, ledger.study)
        cells = ledger.frame[name]
        codes, known = coded(cells)
        strange = np.array([bool(cell) and fold(cell) not in spellings for cell in known], "bool")
        unknown = cells[strange[codes]]
        ledger = ledger.object(list(_unknown_labels(ledger, name, column, unknown)))
        texts = [spellings.get(fold(cell), cell) for cell in known]
        labels = spread(texts, codes, cells, known)
        ledger = ledger.change("labels", name, labels, "spellings unified")
    return ledger


def _spellings(column: Column, study: Study) -> Mapping[str, str]:
    if column.vocabulary:
        return study.spellings.get(column.vocabulary, {})
    return {fold(label): label for label in column.accepts}


MOST_LABELS = 20
"""Unknown labels of a column that are named; the rest are counted."""


def _unknown_labels(
    ledger: Ledger, name: str, column: Column, cells: pd.Series[str]
) -> Iterator[str]:
    """Say for each unknown label where it stands first and what is accepted."""
    spellings = _spellings(column, ledger.study)
    found = cells.groupby(cells, sort=False).groups
    fix = f"accepted: {', '.join(accepted(column, ledger.study))}; correct the cell"
    if column.vocabulary:
        fix += f", or add the spelling to {_list(column, ledger.study)} in study.yaml"
    for label, lines in islice(found.items(), MOST_LABELS):
        near = nearest(fold(str(label))[:LONGEST], spellings)
        hint = f" (did you mean {spellings[near]!r}?)" if near else ""
        why = f"{_quoted(str(label))} is not known{hint}, {len(lines)} row(s)"
        yield _problem(ledger, name, min(lines), why, fix, str(label))
    if (more := len(found) - MOST_LABELS) > 0:
        why = f"{more} more labels are not known: is this the right column?"
        yield _problem(ledger, name, int(cells.index[0]), why, "look at its heading in study.yaml")


def _problem(ledger: Ledger, name: str, row: int, why: str, fix: str, value: str = "") -> Problem:
    file, sheet, line = ledger.study.sources[ledger.table].place(row)
    title = heading(ledger, name)
    return Problem(why, file=file, sheet=sheet, line=line, column=title, value=value, fix=fix)


def _quoted(cell: str) -> str:
    return repr(cell if len(cell) <= LONGEST else cell[:LONGEST] + "…")


def _list(column: Column, study: Study) -> str:
    """Name the key of study.yaml under which the labels of a column stand."""
    form, _, item = column.vocabulary.rpartition(".")
    if form not in study.forms:
        return f"vocabularies: {column.vocabulary}"
    own = f": items: {item}" if study.forms[form].asked[item].scale else ""
    return f"forms: {form}{own}: scale"


def _leave_out_times(ledger: Ledger) -> Ledger:
    formats = ledger.study.date_formats
    for name in _named(ledger, "date"):
        days = each(ledger.frame[name], lambda cell: without_time(cell, formats))
        ledger = ledger.change("times of day", name, days, "time of day left out")
    return ledger


def _standardise_dates(ledger: Ledger) -> Ledger:
    return _interpret(ledger, "date", _read_date, "dates", "written as year-month-day")


def _standardise_numbers(ledger: Ledger) -> Ledger:
    for kind in ("whole number", "number"):
        ledger = _interpret(ledger, kind, _read_number, "numbers", "written plainly")
    return ledger


def _interpret(
    ledger: Ledger,
    kind: str,
    read: Callable[[str, Column, Study], tuple[str, str]],
    step: str,
    done: str,
) -> Ledger:
    """Read the cells of a kind of column, rejecting the rows whose cell cannot be read.

    ``read`` gives the canonical text and "", or "" and the reason why there is none. It is
    called once for each distinct cell.
    """
    for name, column in _named(ledger, kind).items():
        cells, title = ledger.frame[name], heading(ledger, name)
        codes, known = coded(cells)
        readings = [read(cell, column, ledger.study) if cell else ("", "") for cell in known]
        refused = np.array([why != "" for _, why in readings], "bool")[codes]
        whys = [f"{title} {why}" for _, why in readings]
        reasons = spread(whys, codes[refused], cells[refused], known)
        ledger = ledger.reject(step, reasons, f"{title} that cannot be read or accepted")
        texts = [text for text, _ in readings]
        plain = spread(texts, codes[~refused], ledger.frame[name], known)
        ledger = ledger.change(step, name, plain, done)
    return ledger


def _read_date(cell: str, column: Column, study: Study) -> tuple[str, str]:
    forms = (*study.date_formats, ISO)
    readings = {date for form in forms if (date := day_in(cell, form)) is not None}
    if not readings and (zone := zone_of(cell)):
        why = f"{_quoted(cell)} is a time of the zone {zone}, so that the day is not certain"
        return "", why
    if not readings:
        return "", f"{_quoted(cell)} is not a date in a declared format"
    if len(readings) > 1:
        dates = " or ".join(str(date) for date in sorted(readings))
        return "", f"{_quoted(cell)} can be read as {dates}"
    return readings.pop().isoformat(), ""


def _read_number(cell: str, column: Column, study: Study) -> tuple[str, str]:
    whole = column.kind == "whole number"
    if not re.fullmatch(r"-?\d{1,12}(\.0*)?" if whole else r"-?\d{1,12}(\.\d{1,6})?", cell):
        if not whole and re.fullmatch(r"-?\d{1,12}\.\d{7,}", cell):
            return "", f"{_quoted(cell)} has more than 6 decimals"
        return "", f"{_quoted(cell)} is not a {'whole number' if whole else 'number'}"
    if column.least is not None and float(cell) < column.least:
        return "", f"{cell!r} is below {column.least}"
    if column.most is not None and float(cell) > column.most:
        return "", f"{cell!r} is above {column.most}"
    return (str(int(float(cell))) if whole else f"{float(cell):.6f}".rstrip("0").rstrip(".")), ""


def _reject_incomplete(ledger: Ledger) -> Ledger:
    for name, column in columns_of(ledger).items():
        if column.required:
            title = heading(ledger, name)
            blank = because(ledger.frame[name] == "", f"{title} is not recorded")
            ledger = ledger.reject("required cells", blank, f"{title} is not recorded")
    return ledger


def _named(ledger: Ledger, kind: str) -> dict[str, Column]:
    return {name: column for name, column in columns_of(ledger).items() if column.kind == kind}


def heading(ledger: Ledger, name: str) -> str:
    """Give a column's heading as the file has it."""
    kept = ledger.study.keeps(ledger.table)
    return ledger.study.sources[ledger.table].heading(name) if kept else name


def because(found: pd.Series[bool], reason: str) -> pd.Series[str]:
    """Give the rows that were found, each with this reason."""
    return pd.Series(reason, index=found.index[found], dtype="str")
