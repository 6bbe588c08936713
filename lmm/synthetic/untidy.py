"""The kinds of untidiness found in real exports, and their making.

Each kind is one small function from rows to rows. First come rows that are wrong as a whole,
then cells that are written in other ways, then rows that stand there twice or are no records.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from lmm.study.study import Study
from lmm.synthetic import cells, extras
from lmm.synthetic.draw import Draw
from lmm.synthetic.extras import Mess, Records, Row

RECORD_TABLES = (
    "courses",
    "course_attendance",
    "feedback_forms",
    "consultations",
    "families",
    "family_contacts",
)
"""The tables of single people, families and sessions; the others hold no records."""

DATED = ("courses", "consultations", "families", "family_contacts")


@dataclass(frozen=True)
class Kind:
    """A kind of untidiness: what it is, where it is found and how it is made."""

    description: str
    tables: tuple[str, ...]
    apply: Callable[[list[Row], Mess], list[Row]]


def _extra(make: Callable[[Mess], list[Row]]) -> Callable[[list[Row], Mess], list[Row]]:
    return lambda rows, mess: extras.insert(rows, make(mess))


def repeat_rows(rows: list[Row], mess: Mess) -> list[Row]:
    """Repeat some rows of the truth exactly, a few lines further down."""
    keys = {_key(row, mess.table) for row in mess.tidy[mess.table]}
    true = [i for i, row in enumerate(rows) if _key(row, mess.table) in keys]
    repeated = sorted(mess.draw.sample(true, 1 + len(true) // 100), reverse=True)
    rows = list(rows)
    for i in repeated:
        rows.insert(i + mess.draw.between((1, 4)), rows[i])
    return rows


def _key(row: Row, table: str) -> tuple[str, ...]:
    columns = list(row)[: 2 if table == "course_attendance" else 1]
    return tuple("".join(row[column].split()).upper() for column in columns)


def add_empty_row(rows: list[Row], mess: Mess) -> list[Row]:
    """Leave a row empty in the middle and one after the last."""
    empty = dict.fromkeys(mess.study.sources[mess.table].columns, "")
    return [*rows[: len(rows) // 2], empty, *rows[len(rows) // 2 :], empty]


def add_total(rows: list[Row], mess: Mess) -> list[Row]:
    """Add up the numbers under the last row, with a comma for thousands."""
    blank = dict.fromkeys(mess.study.sources[mess.table].columns, "")
    first, last = next(iter(blank)), list(blank)[-1]
    total = sum(int(row[last]) for row in mess.tidy[mess.table] if row[last])
    return [*rows, {**blank, first: mess.study.total_row[0].title(), last: f"{total:,}"}]


KINDS: dict[str, Kind] = {
    "outside the period": Kind(
        "dates before the first day or after the last one", DATED, _extra(extras.outside_period)
    ),
    "re-used identifier": Kind(
        "different rows with the same identifier, and rows that refer to it",
        RECORD_TABLES,
        _extra(extras.reused_identifiers),
    ),
    "orphan": Kind(
        "rows that refer to a course or family found nowhere",
        ("course_attendance", "feedback_forms", "family_contacts"),
        _extra(extras.orphans),
    ),
    "contact before referral": Kind(
        "contacts dated before the family was referred",
        ("family_contacts",),
        _extra(extras.before_referral),
    ),
    "discharge before referral": Kind(
        "a family discharged before it was referred, and a contact with it",
        ("families", "family_contacts"),
        _extra(extras.discharged_before_referral),
    ),
    "impossible date": Kind(
        "days that no calendar has, such as 31/02/2019", DATED, _extra(extras.impossible_dates)
    ),
    "not a number": Kind(
        "words where a number belongs", ("courses", "consultations"), _extra(extras.not_numbers)
    ),
    "number out of range": Kind(
        "numbers that cannot be", ("courses", "consultations"), _extra(extras.out_of_range)
    ),
    "required cell missing": Kind(
        "rows without a cell that has to be there",
        RECORD_TABLES,
        _extra(extras.required_missing),
    ),
    "twice on a register": Kind(
        "people on the register of a course twice, once marked absent or with their employer "
        "spelled otherwise",
        ("course_attendance",),
        _extra(extras.twice_on_register),
    ),
    "answers as numbers": Kind(
        "answers as the number on the form beside answers in words",
        ("feedback_forms",),
        cells.answers_as_numbers,
    ),
    "typographic apostrophe": Kind(
        "curly apostrophes beside straight ones",
        ("course_attendance", "feedback_forms"),
        cells.curly_apostrophes,
    ),
    "spelling variants": Kind(
        "other spellings and abbreviations of a label", RECORD_TABLES, cells.spelling_variants
    ),
    "upper and lower case": Kind("labels in other case", RECORD_TABLES, cells.other_case),
    "Excel day numbers": Kind(
        "dates as Excel's number of days, in a column of written dates",
        DATED,
        cells.excel_dates,
    ),
    "several date formats": Kind(
        "dates written in several ways in one column", DATED, cells.date_formats
    ),
    "decimals on whole numbers": Kind(
        "whole numbers such as 20.0", ("courses", "consultations"), cells.decimals
    ),
    "words for missing": Kind(
        "empty cells beside “-”, “N/A” and “not known”",
        ("course_attendance", "feedback_forms", "consultations", "families"),
        cells.words_for_missing,
    ),
    "identifiers written loosely": Kind(
        "identifiers in lower case or with spaces", RECORD_TABLES, cells.loose_identifiers
    ),
    "stray spaces": Kind(
        "spaces before, after and doubled within a cell", RECORD_TABLES, cells.stray_spaces
    ),
    "non-breaking spaces": Kind(
        "non-breaking spaces in place of ordinary ones or after a cell",
        RECORD_TABLES,
        cells.hard_spaces,
    ),
    "exact repeats": Kind("rows repeated exactly", RECORD_TABLES, repeat_rows),
    "empty row": Kind(
        "rows without any cell filled",
        ("course_attendance", "consultations", "families"),
        add_empty_row,
    ),
    "total row": Kind(
        "a last row with a total, its thousands set off by a comma",
        ("courses", "consultations"),
        add_total,
    ),
}
"""Every kind by name, in the order in which they are applied."""


BYTE_ORDER_MARK = ("courses", "family_contacts")
"""Tables that are written as Excel writes UTF-8, with a mark in front."""

WINDOWS_LINES = ("courses", "feedback_forms", "consultations", "families")
"""Tables whose lines end in CR LF; the others' end in LF."""


def make_untidy(tidy: Records, study: Study, seed: int) -> Records:
    """Make raw rows from tidy records.

    Parameters
    ----------
    tidy
        The record tables, as `lmm.synthetic.records.make_records` gives them.
    study
        Spellings, date formats and words for missing that may be used.
    seed
        Starts the stream of each kind in each table.

    Returns
    -------
    dict of str to list of dict
        The rows as they stand in the files, cells by column name.
    """
    raw = {table: [dict(row) for row in rows] for table, rows in tidy.items()}
    for place, kind in enumerate(KINDS.values()):
        for table in kind.tables:
            draw = Draw(seed + 1000 * (place + 1) + RECORD_TABLES.index(table))
            raw[table] = kind.apply(raw[table], Mess(table, tidy, study, draw))
    return raw
