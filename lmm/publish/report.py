"""An executed notebook as what it shows: sections of prose, answers, tables, figures and code.

The pages, the hand-outs and the search are made from this, so that they can say nothing that the
notebook does not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from lmm.analysis.result import Source
from lmm.publish.documents import links
from lmm.publish.markdown import Heading, Places, headings
from lmm.publish.prose import in_words
from lmm.showing.wording import titled

if TYPE_CHECKING:
    from lmm.publish.formats import NotebookNode


SHOWN_ELSEWHERE = "This is shown in the notebook only."


@dataclass(frozen=True)
class Prose:
    """Markdown of a notebook, as it is meant for readers."""

    kind: ClassVar[str] = "prose"
    markdown: str


@dataclass(frozen=True)
class Code:
    """The code of what follows it, cell by cell, and the numbers of these cells from 1."""

    kind: ClassVar[str] = "code"
    source: str
    cells: tuple[int, ...]

    def after(self, other: Code) -> Code:
        """Give both as one."""
        return Code(f"{other.source}\n\n{self.source}", other.cells + self.cells)


@dataclass(frozen=True)
class Note:
    """What a page says of the records, or of a result that there is not."""

    kind: ClassVar[str] = "note"
    paragraphs: tuple[str, ...]


@dataclass(frozen=True)
class Number:
    """A number of a sentence: where it stands, and the cells that it is from, as "2:estimate"."""

    begins: int
    ends: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Answer:
    """The sentences that answer the question of a section, and the result they come from.

    Attributes
    ----------
    numbers
        Of each sentence, in order.
    """

    kind: ClassVar[str] = "answer"
    sentences: tuple[str, ...]
    of: str
    rests_on: str
    first_page: bool
    numbers: tuple[tuple[Number, ...], ...] = ()


@dataclass(frozen=True)
class Table:
    """A table: its number such as "Table 3", its HTML, what it was made from, whether planned."""

    kind: ClassVar[str] = "table"
    name: str
    number: str
    title: str
    html: str
    is_long: bool
    source: Source | None = None
    planned: str = ""

    @property
    def file(self) -> str:
        """Where it is kept, within the results."""
        return f"tables/{self.name}.csv"

    @property
    def place(self) -> str:
        """Its anchor on a page."""
        return f"table-{self.name.replace('_', '-')}"


@dataclass(frozen=True)
class Figure:
    """A figure: its number such as "Figure 3", the results that it draws, and what drew it.

    Attributes
    ----------
    sources
        What each of these results was made from.
    """

    kind: ClassVar[str] = "figure"
    name: str
    number: str
    of: tuple[str, ...]
    drawn_by: str
    caption: str
    svg: str
    alt: str
    first_page: bool
    is_folded: bool = False
    sources: Mapping[str, Source] = field(default_factory=dict)
    planned: str = ""

    @property
    def title(self) -> str:
        """Its name in words, for a list of figures."""
        return titled(self.name)

    @property
    def file(self) -> str:
        """Where it is kept, within the results."""
        return f"figures/{self.name}.svg"

    @property
    def place(self) -> str:
        """Its anchor on a page."""
        return f"figure-{self.name.replace('_', '-')}"


@dataclass(frozen=True)
class Other:
    """Whatever a notebook of a service's own shows without a page, by its media type."""

    kind: ClassVar[str] = "other"
    data: Mapping[str, str]

    @property
    def words(self) -> str:
        """What it says as text; its HTML could hold scripts, and is shown nowhere else."""
        text = self.data.get("text/plain", "")
        return SHOWN_ELSEWHERE if re.fullmatch(r"(<[\w.]+ object>)?", text) else text


Block = Prose | Code | Note | Answer | Table | Figure | Other


@dataclass(frozen=True)
class Section:
    """What stands under one heading."""

    heading: str
    place: str
    blocks: list[Block] = field(default_factory=list)

    def of_kind(self, kind: str) -> list[Any]:
        """Give the blocks of one kind, in order."""
        return [block for block in self.blocks if block.kind == kind]


@dataclass(frozen=True)
class Report:
    """An executed notebook: its name, its title, what stands before its sections, and these."""

    name: str
    title: str
    lead: Section
    sections: tuple[Section, ...]

    @property
    def href(self) -> str:
        """Its page."""
        return f"{self.name}.html"

    @property
    def short_title(self) -> str:
        """The first words of its title: those before its colon."""
        return self.title.partition(":")[0]

    @property
    def parts(self) -> tuple[Section, ...]:
        """What stands before the sections, and the sections."""
        return (self.lead, *self.sections)

    @property
    def places(self) -> list[str]:
        """The anchors of its sections, tables and figures."""
        return [each.place for each in (*self.sections, *self.numbered)]

    @property
    def numbered(self) -> list[Table | Figure]:
        """Its tables and figures, in order, also those that stand before its sections."""
        blocks = [block for part in self.parts for block in part.blocks]
        return [block for block in blocks if isinstance(block, Table | Figure)]

    def of_kind(self, kind: str) -> list[Any]:
        """Give all blocks of one kind, in order."""
        return [block for part in self.parts for block in part.of_kind(kind)]


def read_report(path: Path) -> Report:
    """Read an executed notebook."""
    from lmm.publish.formats import nbformat  # noqa: PLC0415

    return report_of(nbformat.read(path, as_version=4), path.stem)


def report_of(notebook: NotebookNode, name: str) -> Report:
    """Take an executed notebook apart: a heading of the second order begins a section.

    Raises
    ------
    StudyError
        If its prose cites what is no reference.
    """
    title, parts = "", [Section("", "top")]
    blocks = list(_joined(_blocks(notebook, f"{name}.ipynb")))
    places = Places(block.place for block in blocks if isinstance(block, Table | Figure))
    for block in blocks:
        if not isinstance(block, Prose):
            parts[-1].blocks.append(block)
            continue
        for heading, markdown in _by_heading(block.markdown):
            if heading and heading.level == 1 and not title:
                title = heading.words
            elif heading and heading.words:
                parts.append(Section(heading.words, places.of(heading.words)))
            if markdown:
                parts[-1].blocks.append(Prose(markdown))
    return Report(name, title or name, parts[0], tuple(parts[1:]))


def _by_heading(markdown: str) -> Iterator[tuple[Heading | None, str]]:
    """Part Markdown at its headings of the first and second order."""
    text = markdown.replace("\r\n", "\n").replace("\r", "\n")  # as it is where headings are found
    found = [heading for heading in headings(text) if heading.level <= 2]
    if before := text[: found[0].begins if found else None].strip():
        yield None, before
    for heading, after in zip_longest(found, found[1:]):
        yield heading, text[heading.ends : after.begins if after else None].strip()


def _blocks(notebook: NotebookNode, file: str) -> Iterator[Block]:
    number = 0
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            yield Prose(in_words(cell.source, links().references, file))
        if cell.cell_type != "code":
            continue
        number += 1
        if cell.source.strip():
            yield Code(cell.source, (number,))
        for output in cell.outputs:
            yield _shown(output)


def _joined(blocks: Iterator[Block]) -> Iterator[Block]:
    """Take code that shows nothing together with the code that follows it."""
    waiting: Code | None = None
    for block in blocks:
        if isinstance(block, Code):
            waiting = block.after(waiting) if waiting else block
            continue
        if waiting:
            yield waiting
        waiting = None
        yield block
    if waiting:
        yield waiting


def _shown(output: NotebookNode) -> Block:
    """Say what an output is, as the page noted it."""
    data: dict[str, str] = {
        str(kind): "".join(text) if isinstance(text, list) else str(text)
        for kind, text in output.get("data", {}).items()
    }
    what = output.get("metadata", {}).get("lmm", {})
    match what.get("is"):
        case "note":
            return Note(tuple(data["text/plain"].split("\n")))
        case "answer":
            sentences = tuple(data["text/plain"].split("\n"))
            numbers = tuple(tuple(map(_number, each)) for each in what.get("numbers", ()))
            return Answer(sentences, what["of"], what["rests_on"], what["first_page"], numbers)
        case "table":
            return Table(
                *(what["name"], what["number"], what["title"], data["text/html"], what["long"]),
                _source(what.get("from")),
                _planned(what),
            )
        case "figure":
            return Figure(
                what["name"],
                what["number"],
                tuple(what["of"]),
                what["drawn_by"],
                what["caption"],
                data["image/svg+xml"],
                data["text/plain"],
                what["first_page"],
                what.get("folded", False),
                {
                    name: source
                    for name, made in what.get("from", {}).items()
                    if (source := _source(made))
                },
                _planned(what),
            )
    if output.output_type == "stream":
        return Other({"text/plain": output.text})
    return Other(data)


def _number(told: Mapping[str, Any]) -> Number:
    begins, ends = told["at"]
    return Number(begins, ends, tuple(told["cells"]))


def _source(made: Mapping[str, Any] | None) -> Source | None:
    """Read what a result was made from, as the page noted it."""
    if not made:
        return None
    counts = tuple((measure, tuple(names)) for measure, *names in made["counts"])
    return Source(made["function"], made["given"], counts, made.get("measure", ""))


def _planned(what: Mapping[str, Any]) -> str:
    """Say whether a result was planned, where that is known."""
    return str(what.get("planned", {}).get("words", ""))
