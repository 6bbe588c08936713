"""Hand-outs and pages, compared by their text."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from difflib import SequenceMatcher
from importlib.util import find_spec
from pathlib import Path

from docx import Document
from openpyxl import load_workbook

from lmm.publish.unpack import LARGEST
from lmm.review.html import words_of
from lmm.review.verify.item import Difference
from lmm.study.problems import counted, cut

Line = tuple[str, str]
"""Where a line of text is, and the text."""

LONGEST = 4_000
"""Lines that are matched; the others of a longer text are compared one by one."""


def unread(path: Path) -> str:
    """Say why the text of a hand-out cannot be read here; nothing if it can."""
    if path.suffix == ".pdf" and find_spec("pypdf") is None:
        return "other bytes, and its text is read by pypdf only: pip install 'lmm[pdf]'"
    return ""


def difference(made: Path, held: Path) -> Difference | None:
    """Say how the text of two files differs; None if it does not.

    Raises
    ------
    ValueError
        If one cannot be read as what its name says.
    """
    try:
        mine, theirs = list(_lines(made)), list(_lines(held))
    except ValueError:
        raise
    except Exception as error:  # what a damaged file can raise in three libraries has no end
        raise ValueError(f"it cannot be read: {type(error).__name__}") from None
    if [text for _, text in mine] == [text for _, text in theirs]:
        return None
    places = list(_places(mine, theirs))
    return Difference(
        f"{counted(len(places), 'line')} of other text", len(places), "line", where=tuple(places)
    )


def _places(made: list[Line], held: list[Line]) -> Iterator[str]:
    if max(len(made), len(held)) > LONGEST:
        for (_, mine), (where, theirs) in zip(made, held, strict=False):
            if mine != theirs:
                yield f"{where}: {cut(theirs)}"
        if len(made) != len(held):
            yield f"{len(held)} lines, where {len(made)} were made"
        return
    texts = ([text for _, text in made], [text for _, text in held])
    for what, a, b, c, d in SequenceMatcher(None, *texts, autojunk=False).get_opcodes():
        if what in ("replace", "insert"):
            yield from (f"{where}: {cut(text)}" for where, text in held[c:d])
        if what == "delete":
            yield from (f"missing: {cut(text)}" for _, text in made[a:b])


def _lines(path: Path) -> Iterator[Line]:
    """Give the lines of text of a file, each with its place.

    Raises
    ------
    ValueError
        If it is packed, and absurdly large when it is unpacked.
    """
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as packed:
            if sum(part.file_size for part in packed.infolist()) > LARGEST:
                raise ValueError(f"it holds more than {LARGEST // 1_000_000} MB")
    reader = {".docx": _of_word, ".xlsx": _of_workbook, ".pdf": _of_pdf, ".html": _of_page}
    return reader.get(path.suffix, _of_text)(path)


def _of_text(path: Path) -> Iterator[Line]:
    for n, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        yield f"line {n}", line


def _of_word(path: Path) -> Iterator[Line]:
    paper = Document(str(path))
    blocks = [("header", p.text) for s in paper.sections for p in s.header.paragraphs]
    for n, block in enumerate(paper.iter_inner_content(), 1):
        if hasattr(block, "rows"):
            for r, row in enumerate(block.rows, 1):
                blocks.append((f"block {n}, row {r}", " | ".join(c.text for c in row.cells)))
        else:
            blocks.append((f"block {n}", block.text))
    yield from blocks
    for number, shape in enumerate(paper.inline_shapes, 1):
        words = shape._inline.docPr.get("descr") or ""
        yield f"picture {number}", words


def _of_workbook(path: Path) -> Iterator[Line]:
    book = load_workbook(path, read_only=True)
    try:
        for sheet in book:
            for row in sheet.iter_rows():
                for cell in row:
                    if cell.value is not None:
                        yield f"sheet {sheet.title}, {cell.coordinate}", str(cell.value)
    finally:
        book.close()


def _of_pdf(path: Path) -> Iterator[Line]:
    from pypdf import PdfReader  # noqa: PLC0415

    for n, page in enumerate(PdfReader(path).pages, 1):
        for m, line in enumerate(page.extract_text().splitlines(), 1):
            yield f"page {n}, line {m}", line


HEARD = {"alt", "aria-label", "title", "href"}
"""Attributes of a page that are said in place of pictures, or where a link leads."""


def _of_page(path: Path) -> Iterator[Line]:
    for each in words_of(path.read_text("utf-8"), HEARD):
        said = f"{each.attribute}={each.text}" if each.attribute else " ".join(each.text.split())
        yield f"line {each.line}", said


def parts_of(made: Path, held: Path) -> tuple[str, ...]:
    """Name the parts of two packed files whose bytes differ, where their text does not."""
    if not (zipfile.is_zipfile(made) and zipfile.is_zipfile(held)):
        return ()
    with zipfile.ZipFile(made) as mine, zipfile.ZipFile(held) as theirs:
        shared = {*mine.namelist()} & {*theirs.namelist()}
        same = {name for name in shared if mine.read(name) == theirs.read(name)}
        return tuple(sorted({*mine.namelist(), *theirs.namelist()} - same))
