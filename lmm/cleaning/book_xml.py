"""The parts of a workbook: an archive of XML, of which nothing is read before it is looked at.

A file of a few kilobytes can unpack to gigabytes, name a part twice, or say less of a part than
is in it. So the parts are read once, with a bound, and put into an archive of our own; whatever
reads on reads that.
"""

from __future__ import annotations

import io
import zipfile
from array import array
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from posixpath import join, normpath, split
from typing import Any
from xml.parsers import expat

from lmm.cleaning.limits import MOST_CELLS
from lmm.study.problems import StudyError, refuse

UNPACKED = 200_000_000
"""Bytes that a workbook may unpack to."""

LIST = 2_000_000
"""Bytes that a part may have that lists sheets, or other parts."""

UTF_16 = (b"\xff\xfe", b"\xfe\xff")
"""First bytes of text in UTF-16."""

EPOCHS = {"": 1900, "0": 1900, "false": 1900, "1": 1904, "true": 1904}
"""By what a workbook says of the date system of 1904, the year from which it counts days."""


@dataclass(frozen=True)
class Book:
    """A workbook whose parts were looked at.

    Attributes
    ----------
    content
        The parts that are XML, as an archive without compression.
    sheets
        Parts of the worksheets by their names, in the order of the tabs.
    epoch
        Year from which it counts days: 1904, or else 1900.
    """

    path: Path
    content: bytes
    sheets: dict[str, str]
    epoch: int

    @cached_property
    def lengths(self) -> array[int]:
        """Letters of each of the texts that the cells share, by its number."""
        found = array("L")
        within = [0]

        def start(tag: str, _: dict[str, str]) -> None:
            if _local(tag) == "si":
                if len(found) == MOST_CELLS:
                    raise ValueError("it lists more texts than a sheet may have cells")
                found.append(0)
            within[0] += _local(tag) == "t"

        def end(tag: str) -> None:
            within[0] -= _local(tag) == "t"

        def characters(text: str) -> None:
            if within[0] and found:
                found[-1] += len(text)

        with damage_told(self.path), self.open() as archive:
            for part in _shared_texts(archive):
                parse(archive, part, start, end, characters)
        return found

    def open(self) -> zipfile.ZipFile:
        """Open the archive of the parts."""
        return zipfile.ZipFile(io.BytesIO(self.content))


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


def open_book(path: Path) -> Book:
    """Look at the parts of a workbook.

    Raises
    ------
    StudyError
        If the archive is no workbook, is damaged, or unpacks to far more than it is.
    """
    with damage_told(path):
        content = _looked_at(path)
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            book = next(iter(_links(archive, "", "officeDocument").values()), "")
            if "workbook" not in book:
                raise refuse("is an archive that holds no workbook", path, fix="unpack it")
            parts = _links(archive, book, "worksheet")
            sheets = {
                sheet["name"]: parts[sheet["id"]]
                for sheet in _attributes(archive, book, "sheet")
                if sheet["id"] in parts
            }
            return Book(path, content, sheets, _epoch(archive, book))


def _looked_at(path: Path) -> bytes:
    """Put what is XML into an archive of our own, each part once and as it was found."""
    copy = io.BytesIO()
    with zipfile.ZipFile(path) as archive, zipfile.ZipFile(copy, "w") as made:
        if sum(part.file_size for part in archive.infolist()) > UNPACKED:
            why = f"unpacks to more than {UNPACKED / 1e6:.0f} MB"
            raise refuse(why, path, fix="copy the records into a workbook of their own")
        if bad := archive.testzip():
            raise zipfile.BadZipFile(f"its part {bad} is not what was saved")
        for name in dict.fromkeys(archive.namelist()):
            if name.lower().endswith((".xml", ".rels")):
                made.writestr(name, archive.read(name))
    return copy.getvalue()


def _epoch(archive: zipfile.ZipFile, book: str) -> int:
    said = {x.get("date1904", "") for x in _attributes(archive, book, "workbookPr")} or {""}
    if len(said) > 1 or not said <= EPOCHS.keys():
        raise ValueError(f"it says of the date system of 1904: {' and '.join(sorted(said))}")
    return EPOCHS[said.pop()]


def _shared_texts(archive: zipfile.ZipFile) -> list[str]:
    """Find the part with the texts that cells share, where there is one."""
    found = [name for name in archive.namelist() if split(name)[1].lower() == "sharedstrings.xml"]
    if len(found) > 1:
        raise ValueError("it lists the texts of its cells twice")
    return found


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


def _attributes(archive: zipfile.ZipFile, part: str, wanted: str) -> list[dict[str, str]]:
    """Read the attributes of each element of a kind, without their namespaces."""
    if archive.getinfo(part).file_size > LIST:
        raise ValueError(f"its part {part} has more than {LIST / 1e6:.0f} MB")
    found: list[dict[str, str]] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        if _local(tag) == wanted:
            found.append({_local(name): value for name, value in attributes.items()})

    parse(archive, part, start)
    return found


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def parse(
    archive: zipfile.ZipFile,
    part: str,
    start: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None] | None = None,
    characters: Callable[[str], None] | None = None,
) -> None:
    """Pass once over a part, holding no more of it than an element at a time.

    Raises
    ------
    ValueError
        If it is no UTF-8 text, or says what no part of a workbook does: marked sections, of
        which calamine would read nothing, and entities, which can stand for gigabytes.
    """
    parser = expat.ParserCreate("utf-8")  # whatever it declares: calamine reads no other
    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = characters
    parser.StartCdataSectionHandler = _refused("marked sections")
    parser.StartDoctypeDeclHandler = _refused("declarations of its own")
    with archive.open(part) as xml:
        if xml.read(2) in UTF_16:  # even then, expat believes the mark
            raise ValueError("its sheet is no UTF-8 text")
        xml.seek(0)
        parser.ParseFile(xml)


def _refused(what: str) -> Callable[..., Any]:
    def handler(*_: object) -> None:
        raise ValueError(f"holds {what}, as no workbook does")

    return handler
