"""From raw text to tidy tables, one public function a table, each a list of steps.

The functions are pure: a raw frame in, a `Ledger` out. Cells stay text in canonical form
(ISO dates, accepted labels, plain numbers, "" where not recorded) until the last step, so
that a change is a difference between two texts and the log can count it.

What cannot be interpreted is rejected with its reason. What would make every number of a
table doubtful, such as a label nobody has explained, stops the run instead.
"""

from __future__ import annotations

import datetime as dt
import difflib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from operator import itemgetter

import pandas as pd

from lmm.cleaning.contract import Column, Frames, check_tables, columns_kept, tables_of, typed
from lmm.cleaning.ledger import ACCOUNT_COLUMNS, LOG_COLUMNS, REJECTED_COLUMNS, Ledger
from lmm.problems import Problem, StudyError
from lmm.study import Study, fold

EXCEL_DAY_ZERO = dt.date(1899, 12, 30)
"""Day 0 of Excel's 1900 date system, for every date after February 1900."""


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
    tables = {item.table: typed(item.frame, _columns(item)) for item in found}
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


def _nothing_left(ledger: Ledger) -> list[str]:
    """Say that no row of a table can be used: to count none would be wrong."""
    idle = ("empty row", "total row, not a record")
    reasons = [reason for *_, reason in ledger.rejected if reason not in idle]
    if not reasons or len(ledger.frame):
        return []
    why = f"none of its {len(reasons)} rows can be used; the first: {reasons[0]}"
    return [Problem(why, file=ledger.file, fix="mend study.yaml or the file")]


def clean_courses(raw: pd.DataFrame, study: Study) -> Ledger:
    """Tidy the list of courses."""
    return (
        Ledger.open("courses", raw, study)
        .then(_standardise_cells)
        .then(_reject_outside_period, "date")
        .then(_reject_exact_repeats)
        .then(_reject_reused_ids)
    )


def clean_course_attendance(raw: pd.DataFrame, study: Study, courses: pd.DataFrame) -> Ledger:
    """Tidy the registers; ``courses`` are the clean ones."""
    return (
        Ledger.open("course_attendance", raw, study)
        .then(_standardise_cells)
        .then(_reject_orphans, "course_id", "courses", courses)
        .then(_reject_exact_repeats)
        .then(_keep_one_attendance)
    )


def clean_feedback_forms(raw: pd.DataFrame, study: Study, courses: pd.DataFrame) -> Ledger:
    """Tidy the feedback forms; ``courses`` are the clean ones."""
    return (
        Ledger.open("feedback_forms", raw, study)
        .then(_standardise_cells)
        .then(_reject_orphans, "course_id", "courses", courses)
        .then(_reject_exact_repeats)
        .then(_reject_reused_ids)
    )


def clean_consultations(raw: pd.DataFrame, study: Study) -> Ledger:
    """Tidy the sessions of consultation, support and guidance."""
    return (
        Ledger.open("consultations", raw, study)
        .then(_standardise_cells)
        .then(_reject_outside_period, "date")
        .then(_reject_exact_repeats)
        .then(_reject_reused_ids)
    )


def clean_families(raw: pd.DataFrame, study: Study) -> Ledger:
    """Tidy the list of referred families."""
    return (
        Ledger.open("families", raw, study)
        .then(_standardise_cells)
        .then(_reject_outside_period, "referred_on")
        .then(_reject_broken_rules)
        .then(_reject_exact_repeats)
        .then(_reject_reused_ids)
    )


def clean_family_contacts(raw: pd.DataFrame, study: Study, families: pd.DataFrame) -> Ledger:
    """Tidy the contacts; ``families`` are the clean ones."""
    return (
        Ledger.open("family_contacts", raw, study)
        .then(_standardise_cells)
        .then(_reject_outside_period, "date")
        .then(_reject_orphans, "family_id", "families", families)
        .then(_reject_before_referral, families)
        .then(_reject_exact_repeats)
        .then(_reject_reused_ids)
    )


def clean_targets(raw: pd.DataFrame, study: Study) -> Ledger:
    """Tidy the targets."""
    return (
        Ledger.open("targets", raw, study)
        .then(_standardise_cells)
        .then(_reject_broken_rules)
        .then(_reject_exact_repeats)
        .then(_reject_reused_ids)
    )


def clean_published_figures(raw: pd.DataFrame, study: Study) -> Ledger:
    """Tidy the published figures."""
    return (
        Ledger.open("published_figures", raw, study)
        .then(_standardise_cells)
        .then(_reject_exact_repeats)
        .then(_reject_reused_ids)
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


# --- steps on cells ----------------------------------------------------------------------


def _columns(ledger: Ledger) -> dict[str, Column]:
    return tables_of(ledger.study)[ledger.table].columns


def _standardise_cells(ledger: Ledger) -> Ledger:
    """Bring every cell into canonical form, by the kind of its column."""
    return (
        ledger.then(_tidy_spaces)
        .then(_reject_empty_rows)
        .then(_reject_total_rows)
        .then(_blank_missing)
        .then(_standardise_identifiers)
        .then(_standardise_labels)
        .then(_standardise_dates)
        .then(_standardise_numbers)
        .then(_reject_incomplete)
    )


def _tidy_spaces(ledger: Ledger) -> Ledger:
    for column in list(ledger.frame.columns):
        cells = ledger.frame[column].str.replace(r"\s+", " ", regex=True).str.strip()
        ledger = ledger.change("spaces", column, cells, "stray spaces removed")
    return ledger


def _reject_empty_rows(ledger: Ledger) -> Ledger:
    empty = (ledger.frame == "").all(axis=1)
    return ledger.reject("empty rows", _because(empty, "empty row"), "empty rows")


def _reject_total_rows(ledger: Ledger) -> Ledger:
    totals = {fold(word) for word in ledger.study.total_row}
    first = ledger.frame.mask(ledger.frame == "").bfill(axis=1).iloc[:, 0]
    found = first.astype("str").map(fold).isin(totals)
    return ledger.reject("total rows", _because(found, "total row, not a record"), "total rows")


def _blank_missing(ledger: Ledger) -> Ledger:
    words = {_unspaced(word) for word in ledger.study.missing}
    for column in list(ledger.frame.columns):
        cells = ledger.frame[column]
        blank = cells.mask(cells.map(_unspaced).isin(words), "")
        ledger = ledger.change("missing values", column, blank, "read as not recorded")
    return ledger


def _unspaced(text: str) -> str:
    return fold(text).replace(" ", "")  # "N / A" is no more a label or identifier than "n/a"


def _standardise_identifiers(ledger: Ledger) -> Ledger:
    for name in _named(ledger, "identifier"):
        cells = ledger.frame[name].str.replace(" ", "").str.upper()
        cells = cells.str.replace(r"^(\d+)\.0+$", r"\1", regex=True)  # a number in Excel
        ledger = ledger.change("identifiers", name, cells, "case and spaces unified")
    return ledger


def _standardise_labels(ledger: Ledger) -> Ledger:
    for name, column in _named(ledger, "label").items():
        spellings = _spellings(column, ledger.study)
        cells = ledger.frame[name]
        folded = cells.map(fold)
        known = folded.isin(spellings) | (cells == "")
        ledger = ledger.object(_unknown_labels(ledger, name, column, cells[~known]))
        labels = cells.mask(folded.isin(spellings), folded.map(spellings).astype("str"))
        ledger = ledger.change("labels", name, labels, "spellings unified")
    return ledger


def _spellings(column: Column, study: Study) -> Mapping[str, str]:
    if column.vocabulary:
        return study.spellings.get(column.vocabulary, {})
    return {fold(label): label for label in column.accepts}


def _unknown_labels(ledger: Ledger, name: str, column: Column, cells: pd.Series[str]) -> list[str]:
    """Say for each unknown label where it stands first and what is accepted."""
    spellings = _spellings(column, ledger.study)
    accepted = column.accepted(ledger.study)
    problems: list[str] = []
    for label, lines in cells.groupby(cells, sort=False).groups.items():
        near = difflib.get_close_matches(fold(str(label)), spellings, n=1)
        hint = f" (did you mean {spellings[near[0]]!r}?)" if near else ""
        fix = (
            f"; correct the cell, or add the spelling to {_vocabulary(column)} in study.yaml"
            if column.vocabulary
            else "; correct the cell"
        )
        file, sheet, line = ledger.study.sources[ledger.table].place(min(lines))
        problems.append(
            Problem(
                f"{str(label)!r} is not known{hint}, {len(lines)} row(s)",
                file=file,
                sheet=sheet,
                line=line,
                column=_heading(ledger, name),
                value=str(label),
                fix=f"accepted: {', '.join(accepted)}{fix}",
            )
        )
    return problems


def _vocabulary(column: Column) -> str:
    return (
        "satisfaction: scale"
        if column.vocabulary == "answer"
        else f"vocabularies: {column.vocabulary}"
    )


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
        cells = ledger.frame[name]
        readings = {cell: read(cell, column, ledger.study) for cell in cells.unique() if cell}
        reasons = cells.map({cell: why for cell, (_, why) in readings.items() if why}).dropna()
        reasons = reasons.astype("str")  # an empty one would be of numbers
        heading = _heading(ledger, name)
        ledger = ledger.reject(
            step, heading + " " + reasons, f"{heading} that cannot be read or accepted"
        )
        plain = {cell: text for cell, (text, why) in readings.items() if not why}
        read_cells = ledger.frame[name].map(lambda cell, plain=plain: plain.get(cell, cell))
        ledger = ledger.change(step, name, read_cells.astype("str"), done)
    return ledger


ISO = "%Y-%m-%d"
"""How cells that are dates in a workbook arrive; it can be mistaken for nothing else."""


def _read_date(cell: str, column: Column, study: Study) -> tuple[str, str]:
    if typed_cell := re.fullmatch(r"(\d{4}-\d\d-\d\d) \d\d:\d\d(:\d\d)?", cell):
        cell = typed_cell[1]  # a date with a time of day, as workbooks keep it
    readings = {
        date for form in {*study.date_formats, ISO} if (date := _parse_date(cell, form)) is not None
    }
    if not readings:
        return "", f"{cell!r} is not a date in a declared format"
    if len(readings) > 1:
        dates = " or ".join(str(date) for date in sorted(readings))
        return "", f"{cell!r} can be read as {dates}"
    return readings.pop().isoformat(), ""


def _parse_date(cell: str, form: str) -> dt.date | None:
    if form == "excel":
        if not re.fullmatch(r"[1-9]\d{4}(\.0)?", cell):
            return None
        return EXCEL_DAY_ZERO + dt.timedelta(days=int(cell[:5]))
    try:
        return dt.datetime.strptime(cell, form).date()
    except ValueError:
        return None


def _read_number(cell: str, column: Column, study: Study) -> tuple[str, str]:
    whole = column.kind == "whole number"
    if not re.fullmatch(r"-?\d{1,12}(\.0*)?" if whole else r"-?\d{1,12}(\.\d{1,6})?", cell):
        return "", f"{cell!r} is not a {'whole number' if whole else 'number'}"
    if column.least is not None and float(cell) < column.least:
        return "", f"{cell!r} is below {column.least:g}"
    if column.most is not None and float(cell) > column.most:
        return "", f"{cell!r} is above {column.most:g}"
    return (str(int(float(cell))) if whole else f"{float(cell):.6f}".rstrip("0").rstrip(".")), ""


# --- steps on rows -----------------------------------------------------------------------


def _reject_incomplete(ledger: Ledger) -> Ledger:
    for name, column in _columns(ledger).items():
        kept = name in columns_kept(ledger.study, ledger.table)
        if column.required and (kept or not column.may_lack):
            heading = _heading(ledger, name)
            blank = _because(ledger.frame[name] == "", f"{heading} is not recorded")
            ledger = ledger.reject("required cells", blank, f"{heading} is not recorded")
    return ledger


def _reject_outside_period(ledger: Ledger, name: str) -> Ledger:
    period = ledger.study.period
    dates = ledger.frame[name]  # ISO dates sort as text
    outside = dates[(dates < period.start.isoformat()) | (dates > period.end.isoformat())]
    heading = _heading(ledger, name)
    reasons = heading + " " + outside + f" is outside {period.start} to {period.end}"
    return ledger.reject("period", reasons, f"{heading} outside the study's period")


def _reject_broken_rules(ledger: Ledger) -> Ledger:
    for rule in tables_of(ledger.study)[ledger.table].rules:
        broken = ~rule.holds(typed(ledger.frame, _columns(ledger)))
        reasons = _because(broken, f"does not hold: {rule.text}")
        ledger = ledger.reject("rules", reasons, f"rows that break: {rule.text}")
    return ledger


def _reject_orphans(ledger: Ledger, name: str, table: str, parents: pd.DataFrame) -> Ledger:
    keys = ledger.frame[name]
    orphans = keys[~keys.isin(parents[name])]
    reasons = _heading(ledger, name) + " " + orphans + f" is not among the clean {table}"
    return ledger.reject("references", reasons, f"rows that refer to no clean row of {table}")


def _reject_before_referral(ledger: Ledger, families: pd.DataFrame) -> Ledger:
    referred = ledger.frame["family_id"].map(families.set_index("family_id")["referred_on"])
    referred = referred.astype("str")
    dates = ledger.frame["date"]
    early = dates[dates < referred]
    reasons = "contact on " + early + " is before the referral on " + referred[early.index]
    return ledger.reject("referral", reasons, "contacts before the family's referral")


def _reject_exact_repeats(ledger: Ledger) -> Ledger:
    repeats = ledger.frame.duplicated(keep="first")
    return ledger.reject(
        "repeats",
        _because(repeats, "repeats an earlier row in every cell"),
        "rows that repeat an earlier row in every cell",
    )


def _reject_reused_ids(ledger: Ledger) -> Ledger:
    """Reject every row of a re-used key: nothing tells which record the key belongs to."""
    key = list(tables_of(ledger.study)[ledger.table].key)
    reused = ledger.frame.duplicated(key, keep=False)
    reasons = "different records share " + ledger.frame.loc[reused, key].agg(" ".join, axis=1)
    return ledger.reject("re-used ids", reasons.astype("str"), "different records with one id")


def _keep_one_attendance(ledger: Ledger) -> Ledger:
    """Keep one row for each person on a register, the first that says they attended.

    A person who signed twice, or booked and then came, attended once.
    """
    came_first = ledger.frame.sort_values("attended", ascending=False, kind="stable")
    again = came_first.duplicated(["course_id", "staff_id"]).sort_index()
    return ledger.reject(
        "same person twice",
        _because(again, "same person twice on one register; the row that says attended is kept"),
        "the same person twice on one register",
    )


# --- helpers -----------------------------------------------------------------------------


def _named(ledger: Ledger, kind: str) -> dict[str, Column]:
    return {name: column for name, column in _columns(ledger).items() if column.kind == kind}


def _heading(ledger: Ledger, name: str) -> str:
    kept = ledger.study.keeps(ledger.table)
    return ledger.study.sources[ledger.table].heading(name) if kept else name


def _because(found: pd.Series[bool], reason: str) -> pd.Series[str]:
    return pd.Series(reason, index=found.index[found], dtype="str")
