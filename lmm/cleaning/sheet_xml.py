"""What the parts of a workbook say that its reader passes over in silence.

A workbook is an archive of XML. One pass over a sheet's part, which holds no more of it than a
cell at a time, finds how far the sheet reaches, what is merged, the errors such as #REF!, and
the formulas that were never calculated.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from posixpath import join, normpath, split
from xml.etree import ElementTree
from xml.parsers import expat

from lmm.problems import StudyError, refuse

UNPACKED = 200_000_000
"""Bytes that a workbook, which is a zip archive, may unpack to."""

MOST_CELLS = 5_000_000
"""Rows times columns that a table may have; records of a service are far fewer."""

LAST_ROW, LAST_COLUMN = 1_048_576, 16_384
"""Where every sheet ends."""

ERROR = 20
"""Letters that are kept of a cell: the errors are shorter."""

UTF_16 = (b"\xff\xfe", b"\xfe\xff")
"""First bytes of text in UTF-16."""

Range = tuple[int, int, int, int]
"""First column, first line, last column and last line, counted from 1."""


@dataclass
class SheetFacts:
    """What one pass found.

    Attributes
    ----------
    filled
        Whether any cell holds something.
    broken
        Cells that would read as empty: line, column, and what each holds.
    merged
        Ranges of cells that are one.
    """

    filled: bool = False
    broken: list[tuple[int, int, str]] = field(default_factory=list)
    merged: list[Range] = field(default_factory=list)


@contextmanager
def damage_told(path: Path, sheet: str = "") -> Iterator[None]:
    """Word what a reader says of a damaged workbook: its complaints are of every kind.

    Raises
    ------
    StudyError
        Instead of any other exception, and of the panics of calamine, which are none.
    """
    try:
        yield
    except BaseException as error:
        panic = type(error).__name__ == "PanicException"
        if isinstance(error, StudyError) or not (panic or isinstance(error, Exception)):
            raise
        why = f"is cut off or damaged, and cannot be read ({error or type(error).__name__})"
        fix = "open it in Excel, look whether it is whole, and save it as .xlsx"
        raise refuse(why, path, sheet=sheet, fix=fix) from None


def worksheets(path: Path) -> dict[str, str]:
    """Find the parts of the worksheets by their names, in the order of the tabs.

    Raises
    ------
    StudyError
        If the archive is no workbook, is damaged, or unpacks to far more than it is.
    """
    with damage_told(path), zipfile.ZipFile(path) as archive:
        if sum(part.file_size for part in archive.infolist()) > UNPACKED:
            why = f"unpacks to more than {UNPACKED / 1e6:.0f} MB"
            raise refuse(why, path, fix="copy the records into a workbook of their own")
        if bad := archive.testzip():
            raise zipfile.BadZipFile(f"its part {bad} is not what was saved")
        book = next(iter(_links(archive, "", "officeDocument").values()), "")
        if "workbook" not in book:
            raise refuse("is an archive that holds no workbook", path, fix="unpack it")
        parts = _links(archive, book, "worksheet")
        return {
            sheet["name"]: parts[sheet["id"]]
            for sheet in _attributes(archive, book, "sheet")
            if sheet["id"] in parts
        }


def _links(archive: zipfile.ZipFile, part: str, kind: str) -> dict[str, str]:
    """Find the parts of a kind that a part names, or the archive itself, by their marks."""
    folder, name = split(part)
    where = join(folder, "_rels", f"{name}.rels")
    if where not in archive.namelist():
        return {}
    return {
        link["Id"]: normpath(join("/", folder, link["Target"])).lstrip("/")
        for link in _attributes(archive, where, "Relationship")
        if link["Type"].endswith(f"/{kind}")
    }


def _attributes(archive: zipfile.ZipFile, part: str, tag: str) -> list[dict[str, str]]:
    """Read the attributes of each element of a kind, without their namespaces."""
    root = ElementTree.fromstring(archive.read(part))
    return [
        {name.rpartition("}")[2]: value for name, value in element.attrib.items()}
        for element in root.iterfind(f".//{{*}}{tag}")
    ]


def facts(path: Path, sheet: str, part: str) -> SheetFacts:
    """Pass once over a sheet.

    Raises
    ------
    StudyError
        If it cannot be read, or reaches so far that reading it would take all memory.
    """
    found = _Pass(path, sheet)
    parser = expat.ParserCreate("utf-8")  # whatever it declares: calamine reads no other
    parser.buffer_text = True
    parser.StartElementHandler = found.start
    parser.EndElementHandler = found.end
    parser.CharacterDataHandler = found.characters
    parser.StartCdataSectionHandler = found.marked  # calamine would read nothing there
    with damage_told(path, sheet), zipfile.ZipFile(path) as archive, archive.open(part) as xml:
        if xml.read(2) in UTF_16:  # even then, expat believes the mark
            raise ValueError("its sheet is no UTF-8 text")
        xml.seek(0)
        parser.ParseFile(xml)
    return found.facts


class _Pass:
    """Where the pass stands, and what it found so far."""

    def __init__(self, path: Path, sheet: str) -> None:
        self.path, self.sheet = path, sheet
        self.facts = SheetFacts()
        self.line = self.column = 0
        self.lowest = self.rightmost = (0, 0)
        self.within: set[str] = set()
        self.kind = self.text = ""

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition(":")[2]
        if name == "row":
            self.line, self.column = int(attributes.get("r", self.line + 1)), 0
        elif name == "c":
            self._go_to(attributes.get("r", ""))
            self.within, self.kind, self.text = {"c"}, attributes.get("t", "n"), ""
        elif self.within:
            self.within.add(name)
        elif name == "mergeCell":
            first, _, last = attributes["ref"].partition(":")
            (line, column), (last_line, last_column) = _place(first), _place(last or first)
            self.facts.merged.append((column, line, last_column, last_line))

    def characters(self, text: str) -> None:
        if self.within & {"v", "is"} and len(self.text) < ERROR:
            self.text += text[:ERROR]

    def marked(self) -> None:
        raise ValueError("holds marked sections, as no workbook does")

    def end(self, tag: str) -> None:
        name = tag.rpartition(":")[2]
        if name == "c" and self.within:
            self._close_cell()
            self.within = set()

    def _go_to(self, reference: str) -> None:
        if reference:
            self.line, self.column = _place(reference)
        else:
            self.column += 1

    def _close_cell(self) -> None:
        if not self.within & {"v", "is", "f"}:
            return  # nothing but a format
        self._reach()
        if self.kind == "s" and not self.text.isdecimal():
            raise ValueError(f"there is no text number {self.text!r}")
        uncalculated = "f" in self.within and not self.text and not self._is_empty_text()
        if self.kind == "e":
            self.facts.broken.append((self.line, self.column, f"holds the error {self.text}"))
        elif uncalculated:
            what = "holds a formula without a saved result"
            self.facts.broken.append((self.line, self.column, what))
        self.facts.filled |= bool(self.text) or uncalculated

    def _is_empty_text(self) -> bool:
        return self.kind == "str" and "v" in self.within

    def _reach(self) -> None:
        """Refuse a sheet of which so much would be read; every cell up to the last one is."""
        self.lowest = max(self.lowest, (self.line, self.column))
        self.rightmost = max(self.rightmost, (self.column, self.line))
        lines, columns = self.lowest[0], self.rightmost[0]
        if lines * columns > MOST_CELLS:
            ends = {cell_name(*self.lowest), cell_name(*reversed(self.rightmost))}
            raise refuse(
                f"reaches to the cell {' and to '.join(sorted(ends))}: {lines:,} lines of "
                f"{columns:,} columns, more than {MOST_CELLS / 1e6:.0f} million cells",
                self.path,
                sheet=self.sheet,
                fix="delete the rows below the records and the columns beside them, and save it",
            )


def cell_name(line: int, column: int) -> str:
    """Name a cell as Excel does: A1."""
    from openpyxl.utils import get_column_letter  # noqa: PLC0415

    return f"{get_column_letter(column)}{line}"


_CELL = re.compile(r"([A-Za-z]{1,3})([1-9]\d{0,6})")


def _place(reference: str) -> tuple[int, int]:
    """Find the line and the column of a cell such as B12."""
    found = _CELL.fullmatch(reference)
    if not found or int(found[2]) > LAST_ROW or _column(found[1]) > LAST_COLUMN:
        raise ValueError(f"there is no cell {reference[:ERROR]!r}")
    return int(found[2]), _column(found[1])


@cache
def _column(letters: str) -> int:
    from openpyxl.utils import column_index_from_string  # noqa: PLC0415

    column: int = column_index_from_string(letters)
    return column
