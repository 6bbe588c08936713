"""Exports -> the sheets in them, as text, with the line on which their headings stand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from unicodedata import category

import pandas as pd

from lmm.cleaning.dates import with_epoch
from lmm.cleaning.identifiers import CELLS, identifying, named
from lmm.cleaning.layout import footer, named_columns
from lmm.cleaning.sources import TEXT, Sheet, check_file, read_sheet
from lmm.cleaning.workbooks import WORKBOOKS, sheet_names
from lmm.start.heading_lines import heading_lines_of, import_lines
from lmm.start.headings import is_date_heading, likeness_of_name
from lmm.start.proposals import RECORDS, Part, defaults
from lmm.study.labels import fold
from lmm.study.place import Encoding
from lmm.study.problems import Problem, StudyError, refuse, visible

MOST_COLUMNS = 500
"""Columns that a table may have; records of a service have far fewer."""

NAMED_SO = 0.9
"""A sheet whose name is so much like that of a table is taken to hold its records."""


def check_names(files: Sequence[Path]) -> None:
    """Refuse files that study.yaml could not name.

    Raises
    ------
    StudyError
        Naming each of them, and what mends it.
    """
    names = [file.name for file in files]
    folded = [name.casefold() for name in names]
    problems = [why for name in names if (why := _unfit(name))]
    problems += [
        Problem("two files have this name", file=name, fix="rename one")
        for name in sorted({n for n in names if folded.count(n.casefold()) > 1})[:1]
    ]
    if problems:
        raise StudyError(*problems)


def _unfit(name: str) -> Problem | None:
    shown = name.encode("utf-8", "backslashreplace").decode("utf-8")
    if name.startswith("~$"):
        why = "is a lock that Excel keeps while a workbook is open"
        return Problem(why, file=shown, fix="close Excel; leave this file out")
    if shown != name or visible(name) != name:
        why = "its name holds characters that cannot be shown"
    elif name.startswith(".") or "\\" in name or name != name.strip():
        why = "its name begins with a dot or holds a backslash or blanks at its ends"
    else:
        return None
    return Problem(why, file=shown, fix="rename it")


def parts_of(file: Path) -> tuple[list[Part], list[str]]:
    """Read each sheet of a file that holds headings and rows.

    Returns
    -------
    tuple
        The sheets, and why others were not read.

    Raises
    ------
    StudyError
        If the file cannot be read, or a sheet with the name of a table cannot.
    """
    check_file(file, file.resolve().parent)
    sheets = sheet_names(file) if file.suffix.lower() in WORKBOOKS else ("",)
    encoding, delimiter = _text_form(file)
    found: list[Part] = []
    unread: list[str] = []
    stops: list[str] = []
    for sheet in sheets:
        try:
            part = _part(file, sheet, encoding, delimiter)
        except StudyError as error:
            named = max(likeness_of_name(sheet, table) for table in RECORDS)
            (stops if not sheet or named >= NAMED_SO else unread).extend(error.problems)
        else:
            found += [part] if part else []
    if stops or (unread and not found):
        raise StudyError(*(stops or unread))
    return found, unread


def _part(file: Path, sheet: str, encoding: Encoding, delimiter: str) -> Part | None:
    """Read one sheet; nothing if it holds no table."""

    def read(lines: tuple[int, ...]) -> Sheet:
        return read_sheet(
            file, sheet=sheet or None, heading_lines=lines, encoding=encoding, delimiter=delimiter
        )

    whole = read((1,))
    lines = dict(list({1: whole.headings, **whole.rows}.items())[:12])
    if (width := max(map(len, lines.values()))) > MOST_COLUMNS:
        why = f"has {width} columns, more than the {MOST_COLUMNS} that a table may have"
        raise refuse(why, file, sheet=sheet, fix="remove those that are no records")
    heading_lines = heading_lines_of({1: whole.headings, **whole.rows}, lines)
    table = whole if heading_lines == (1,) else read(heading_lines)
    if not table.rows or sum(map(bool, table.headings)) < 2:
        return None
    for heading in filter(_is_unspeakable, table.headings):
        why = f"the heading {heading!r} holds control characters"
        raise refuse(why, file, sheet=sheet, line=heading_lines[-1], fix="write it anew")
    skip = import_lines(table.rows)
    columns = _columns(table, skip)
    risky = {p.column for p in identifying(columns, file=file.name)}
    times = Counter(heading for heading, _ in columns)
    return Part(
        files=(file.name,),
        sheets=(sheet,) if sheet else (),
        heading_lines=heading_lines,
        skip_lines=skip,
        encoding=encoding,
        delimiter=delimiter,
        headings=tuple(times),
        cells={h: _plain(h, cells, table.epoch) for h, cells in columns
               if h not in risky and times[h] == 1},
        drop=tuple(h for h in times if h in risky),
        doubled=tuple(h for h in times if h not in risky and times[h] > 1),
        unheaded=tuple(h for h in times if h not in table.headings),
        people=tuple(h for h, cells in columns if h in risky and tells_people_apart(h, cells)),
    )  # fmt: skip


def _plain(heading: str, cells: Iterable[str], epoch: int) -> list[str]:
    """Even out white space, and say from when a column of dates counts its days."""
    of_days = epoch if is_date_heading(heading) else 1900
    return [with_epoch(" ".join(cell.split()), of_days) for cell in cells]


def _is_unspeakable(heading: str) -> bool:
    return any(category(letter) == "Cc" and letter not in "\t\r\n" for letter in heading)


def _columns(table: Sheet, skip: Sequence[int]) -> list[tuple[str, pd.Series[str]]]:
    """Give heading and cells of each column that holds any, without rows that are no records."""
    width = len(table.headings)
    no_records = {*skip, *footer(table.rows, width), *table.rows.odd}
    no_records |= {line for line, row in table.rows.items() if len(row) == width and _is_total(row)}
    rows = table.rows.without(no_records)
    return [
        (heading, rows.frame[n])
        for n, heading in enumerate(named_columns(table.headings, rows))
        if heading
    ]


def _is_total(row: Sequence[str]) -> bool:
    return fold(row[0]) in map(fold, defaults()["totals"])


PEOPLE_IN = ("e-mail addresses", "NHS numbers")
"""Kinds of cells that tell people apart, as names and shared telephones do not."""


def tells_people_apart(heading: str, cells: Iterable[str]) -> bool:
    """Whether a column that identifies people holds an identifier of one in most cells."""
    filled = Counter(" ".join(cell.split()) for cell in cells if cell.strip())
    said = named(heading) in ("an e-mail address", "an NHS number")
    return bool(filled) and (
        said or any(0.8 * filled.total() < CELLS[w](filled) for w in PEOPLE_IN)
    )


def _text_form(file: Path) -> tuple[Encoding, str]:
    """Try the encodings, and take the mark that separates most cells."""
    if file.suffix.lower() not in TEXT:
        return "utf-8", ","
    content = file.read_bytes()
    encoding: Encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        encoding, text = "cp1252", content.decode("cp1252", errors="replace")
    head = "\n".join(text.splitlines()[:20])
    return encoding, max(",;\t|", key=head.count) if head else ","
