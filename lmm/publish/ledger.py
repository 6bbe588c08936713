"""Where each number is from: sentence, table and cell, notebook, function, counts, records.

An executed notebook says of each of its tables what it was made from, and of each number of an
answer which cells it was written from (`lmm.showing.page`). The ledger lays that out, a row a
number, so that nobody has to keep it by hand.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass, replace
from functools import cached_property
from itertools import chain
from pathlib import Path

import pandas as pd

from lmm.analysis.result import Source
from lmm.cleaning.save import read_saved, save_table
from lmm.counting.counts import Asked, Counts
from lmm.publish.handouts.caveats import ANSWERS_OF, rate_of_response
from lmm.publish.report import Answer, Code, Figure, Number, Report, Section, Table
from lmm.publish.sources import source_of
from lmm.study.problems import counted

FIRST_PAGE = "first page and summary"
"""Where findings stand."""

NO_CELL = "counted over the rows of the table, or a limit that the sentence names"
"""Where a number is from that is written from no cell."""


@dataclass(frozen=True)
class Origin:
    """How a result came about.

    Attributes
    ----------
    notebook, cell
        The notebook without its ending, and the number of the code cell that shows it.
    number, place
        "Table 3", and its anchor on the page of the notebook; of a figure, if only that shows it.
    source
        What made it, and from which counts.
    """

    result: str
    notebook: str
    cell: int
    number: str
    place: str
    source: Source

    @property
    def call(self) -> str:
        """How it was made, as it is written in code."""
        given = ", ".join(filter(None, ("counts", self.source.given)))
        return f"{self.source.function}({given})"

    @property
    def line(self) -> str:
        """The file of the function, and its line; nothing where it is not the library's."""
        found = source_of(self.source.function)
        return f"{found.file}:{found.line}" if found else ""


@dataclass(frozen=True)
class Entry:
    """A number that is told, and where it is from.

    Attributes
    ----------
    where
        Where it is told.
    cells
        What it was written from: the line of ``outputs/tables/<result>.csv`` and the column, as
        "2:estimate"; see `NO_CELL`.
    values
        What stands in these cells.
    """

    number: str
    where: str
    sentence: str
    begins: int
    result: str
    cells: tuple[str, ...]
    values: tuple[str, ...]


class Ledger:
    """The numbers that a run tells, and how its results came about."""

    def __init__(
        self, counts: Counts, reports: Sequence[Report], folder: str = "outputs/notebooks"
    ) -> None:
        self.counts = counts
        self.reports = reports
        self.folder = folder
        self.origins = {each.result: each for report in reports for each in _origins(report)}
        self._tables: dict[str, pd.DataFrame] = {}

    @cached_property
    def entries(self) -> list[Entry]:
        """Every number of an answer, of the first page, and every published figure, in order."""
        return [*chain.from_iterable(map(self._of_report, self.reports)), *self._of_caveats(),
                *self._published()]  # fmt: skip

    def place(self, origin: Origin) -> str:
        """Name the notebook and the code cell that show a result."""
        return f"{self.folder}/{origin.notebook}.ipynb, code cell {origin.cell}"

    def table(self, name: str) -> pd.DataFrame:
        """Read a table of results as text, once."""
        if name not in self._tables:
            study = self.counts.study
            path = study.outputs / "tables" / f"{name}.csv"
            self._tables[name] = read_saved(path, study, "run again, which writes it anew")
        return self._tables[name]

    def value(self, result: str, cell: str) -> str:
        """Give what stands in a cell, such as "2:estimate"."""
        line, _, column = cell.partition(":")
        return str(self.table(result)[column].iloc[int(line) - 2])

    @cached_property
    def published(self) -> dict[str, Entry]:
        """The published figures, by name."""
        return {each.where.removeprefix(PUBLISHED): each for each in self._published()}

    def told(self, result: str, cells: Sequence[str]) -> str:
        """Say in a few words where a number is from."""
        if result not in self.origins:
            return "Where it is from is not noted."
        origin = self.origins[result]
        if not cells:
            return f"{origin.number}: {NO_CELL}. Made by {origin.source.function}."
        shown = [self._cell(result, cell) for cell in cells[:MOST_CELLS]]
        more = f" and {counted(len(cells) - MOST_CELLS, 'more cell')}" * (len(cells) > MOST_CELLS)
        return f"{origin.number}, {'; '.join(shown)}{more}. Made by {origin.source.function}."

    def _cell(self, result: str, cell: str) -> str:
        line, _, column = cell.partition(":")
        return f"line {line}, {column}: {self.value(result, cell)}"

    def source(self, entry: Entry) -> Source:
        """Give what made the result of a number, from the counts of the measure that its row names.

        Of a published figure these are the counts that are asked for it alone.
        """
        from lmm.analysis.claims import compare  # noqa: PLC0415

        made = self.origins[entry.result].source
        if entry.where.startswith(PUBLISHED):
            alone = compare(self.counts, [entry.where.removeprefix(PUBLISHED)]).source
            return replace(made, counts=alone.counts if alone else ())
        if not made.measure:
            return made
        lines = [cell.partition(":")[0] for cell in entry.cells]
        about = {self.value(entry.result, f"{line}:{made.measure}") for line in lines}
        counts = tuple(asked for asked in made.counts if asked[0] in about)
        return replace(made, counts=counts or made.counts)

    def lines_of(self, asked: Asked) -> list[int]:
        """Give the lines of ``outputs/counts/released_counts.csv`` with what was asked for."""
        return self._lines.get((asked[0], frozenset(asked[1])), [])

    @cached_property
    def _lines(self) -> dict[tuple[str, frozenset[str]], list[int]]:
        found: dict[tuple[str, frozenset[str]], list[int]] = {}
        for line, (measure, within) in enumerate(self.counts.numbers, start=2):
            names = frozenset(name for name, _ in within if name != "inside")
            found.setdefault((measure, names), []).append(line)
        return found

    def tables_behind(self, asked: Asked) -> list[str]:
        """Name the tables of records that counts were made from."""
        measure, names = self.counts.declared[asked[0]], asked[1]
        date = self.counts.layout.date(measure.rows, measure.date)
        places = [each.place for each in self.counts.dimensions(asked[0], *names)]
        return list(
            dict.fromkeys([measure.rows, *(place.table for place in [*places, date] if place)])
        )

    def as_table(self) -> pd.DataFrame:
        """Lay the ledger out, a row a number."""
        rows = [(*astuple(each)[:3], *self._made(each)) for each in self.entries]
        return pd.DataFrame(rows, columns=COLUMNS)

    def _made(self, entry: Entry) -> tuple[str, ...]:
        origin = self.origins[entry.result]
        return (
            f"outputs/tables/{entry.result}.csv",
            " + ".join(entry.cells) or NO_CELL,
            " + ".join(entry.values),
            self.place(origin),
            origin.number,
            origin.call,
            origin.line.partition(":")[0],  # lines move with every change of code
            "; ".join(map(in_words, self.source(entry).counts)),
        )

    # --- what is told ------------------------------------------------------------------------

    def _of_report(self, report: Report) -> Iterator[Entry]:
        for part in report.parts:
            for answer in part.of_kind("answer"):
                yield from self._of_answer(answer, report, part)

    def _of_answer(self, answer: Answer, report: Report, part: Section) -> Iterator[Entry]:
        where = f"{report.short_title}, {part.heading or report.title}"
        for n, (sentence, numbers) in enumerate(
            zip(answer.sentences, answer.numbers, strict=False)
        ):
            told = f"{FIRST_PAGE}; {where}" if answer.first_page and not n else where
            for each in numbers:
                yield self._entry(sentence, each, told, answer.of)

    def _entry(self, sentence: str, number: Number, where: str, result: str) -> Entry:
        values = tuple(self.value(result, cell) for cell in number.cells)
        text, begins = sentence[number.begins : number.ends], number.begins
        return Entry(text, where, sentence, begins, result, number.cells, values)

    def _of_caveats(self) -> Iterator[Entry]:
        """Give the numbers of what is said of how sure the findings are."""
        if ANSWERS_OF in self.origins:
            sentence, numbers = rate_of_response(self.table(ANSWERS_OF))
            for each in numbers:
                yield self._entry(sentence, each, FIRST_PAGE, ANSWERS_OF)

    def _published(self) -> Iterator[Entry]:
        """Give each published figure, with the cell of what was computed for it."""
        names = [name for name in self.origins if name.startswith("published_")]
        for name in names:
            for n, row in enumerate(self.table(name).to_dict("records"), start=2):
                cell, where = f"{n}:computed", f"{PUBLISHED}{row['figure']}"
                meaning, computed = str(row["meaning"]), str(row["computed"])
                yield Entry(str(row["printed"]), where, meaning, 0, name, (cell,), (computed,))


PUBLISHED = "published figure: "

COLUMNS = [
    "number", "where", "sentence", "table", "cells", "values", "notebook", "shown_as",
    "made_by", "code", "counts",
]  # fmt: skip


def in_words(asked: Asked) -> str:
    """Say what was asked for: "satisfaction, in all" or "families by month"."""
    measure, names = asked
    return f"{measure} by {' and '.join(names)}" if names else f"{measure}, in all"


def spans_of(lines: Sequence[int]) -> str:
    """Write numbers of lines in order: "line 3", "lines 3 to 8 and 12"."""
    spans: list[list[int]] = []
    for line in sorted(lines):
        if spans and line == spans[-1][-1] + 1:
            spans[-1][1:] = [line]
        else:
            spans.append([line])
    texts = [" to ".join(map(str, span)) for span in spans]
    shown = texts[:MOST_SPANS] + [counted(len(texts) - MOST_SPANS, "more span")] * (
        len(texts) > MOST_SPANS
    )
    joined = " and ".join(filter(None, (", ".join(shown[:-1]), shown[-1])))
    return f"{'line' if len(lines) == 1 else 'lines'} {joined}"


MOST_CELLS = 3
"""Of a number that are named in a few words."""

MOST_SPANS = 6
"""Of lines that are named, before the rest is only counted."""


def _origins(report: Report) -> Iterator[Origin]:
    """Give what a report says of how its results came about; of each that which shows it first."""
    seen: set[str] = set()
    for part in report.parts:
        cell = 0
        for block in part.blocks:
            if isinstance(block, Code):
                cell = block.cells[-1]
            if isinstance(block, Table | Figure):
                for name, source in _made(block):
                    if name not in seen:
                        seen.add(name)
                        yield Origin(name, report.name, cell, block.number, block.place, source)


def _made(block: Table | Figure) -> list[tuple[str, Source]]:
    if isinstance(block, Figure):
        return list(block.sources.items())
    return [(block.name, block.source)] if block.source else []


def write_ledger(ledger: Ledger, to: Path) -> None:
    """Keep the ledger of a run as ``ledger.csv`` in a folder of results."""
    save_table(ledger.as_table(), to / LEDGER, ledger.counts.study)


LEDGER = "ledger.csv"
