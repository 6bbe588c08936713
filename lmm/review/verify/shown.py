"""Whether what a notebook shows agrees with itself, and with the files of the same run."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pandas as pd

from lmm.review.verify import tables
from lmm.showing.html import TEMPLATES
from lmm.showing.tables import Column, Group, Readable
from lmm.statistics.rounding import half_up
from lmm.study.problems import cut

Data = Mapping[str, str]


def unfounded(
    metadata: Mapping[str, Any], data: Data, after: Mapping[str, Any] | None, outputs: Path | None
) -> Iterator[str]:
    """Say by what an output of a page shows that it was written by hand.

    Parameters
    ----------
    after
        The output that follows in the same cell: an answer stands before its table.
    outputs
        The files of the same run, if they are at hand.
    """
    what = metadata["lmm"]
    match what.get("is"):
        case "note":
            shown = TEMPLATES.get_template("note.html.j2").render(
                paragraphs=data["text/plain"].split("\n")
            )
            if shown != data["text/html"]:
                yield "a note says something else in HTML than as text"
        case "answer":
            yield from _answer(what, data, after)
        case "figure":
            yield from _figure(metadata, data, outputs)
        case "table":
            yield from _table(what, data, outputs)
        case other:
            yield f"an output calls itself {other!r}, which no page shows"


def _answer(what: Mapping[str, Any], data: Data, after: Mapping[str, Any] | None) -> Iterator[str]:
    of = (after or {}).get("metadata", {}).get("lmm", {})
    if of.get("is") != "table" or of.get("name") != what["of"]:
        yield f"an answer from {what['of']} does not stand before that table"
        return
    shown = TEMPLATES.get_template("answer.html.j2").render(
        sentences=data["text/plain"].split("\n"),
        number=of["number"],
        place=f"table-{what['of'].replace('_', '-')}",
        rests_on=what["rests_on"],
    )
    if shown != data["text/html"]:
        yield "an answer says something else in HTML than as text"


def _figure(metadata: Mapping[str, Any], data: Data, outputs: Path | None) -> Iterator[str]:
    what, svg, alt = metadata["lmm"], data["image/svg+xml"], data["text/plain"]
    if metadata.get("image/svg+xml", {}) != {"alt": alt}:
        yield f"the alternative text of {what['number']} differs between metadata and text"
    label = re.match(r'<svg role="img" aria-label="([^"]*)"', svg)
    title = re.search(r"<title>(.*?)</title>", svg, flags=re.DOTALL)
    for found in (label, title):
        if not found or html.unescape(found[1]) != alt:
            yield f"the alternative text of {what['number']} differs between picture and text"
            break
    path = outputs and outputs / "figures" / f"{what['name']}.svg"
    if path and (not path.is_file() or path.read_bytes() != svg.encode("utf-8")):
        yield f"{what['number']} is not what outputs/figures/{path.name} holds"


def _table(what: Mapping[str, Any], data: Data, outputs: Path | None) -> Iterator[str]:
    reader = _Reader()
    reader.feed(data["text/html"])
    readable, caption = reader.readable, reader.caption
    place = f"table-{what['name'].replace('_', '-')}"
    if readable.html(caption, name=place) != data["text/html"]:
        yield f"{what['number']} is not HTML as a page writes it"
    elif readable.plain(caption) != data["text/plain"]:
        yield f"{what['number']} says something else in HTML than as text"
    if not caption.startswith(f"{what['number']}. {what['title']}"):
        yield f"the caption of {what['number']} does not begin with its number and title"
    path = outputs and outputs / "tables" / f"{what['name']}.csv"
    if path and not path.is_file():
        yield f"there is no outputs/tables/{path.name}, of which it shows the rows"
    elif path:
        for cell in _not_from(readable, tables.read(path)):
            yield f"{what['number']} shows {cut(cell)!r}, which outputs/tables/{path.name} does not"


class _Reader(HTMLParser):
    """Reads a table of a page back into what it was written from."""

    def __init__(self) -> None:
        super().__init__()
        self._caption: list[str] = []
        self._common: list[str] = []
        self._columns: list[tuple[list[str], bool]] = []
        self._groups: list[tuple[list[str], list[list[list[str]]]]] = []
        self._notes: list[list[str]] = []
        self._into: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Say where the words that follow belong."""
        held = dict(attrs)
        where: list[str] | None = None
        if tag == "caption":
            where = self._caption
        elif tag == "span" and held.get("class") == "common":
            where = self._common
        elif tag == "li":
            self._notes.append(where := [])
        elif tag == "tbody":
            self._groups.append(([], []))
        elif tag == "th" and held.get("scope") == "col":
            where = []
            self._columns.append((where, held.get("class") == "number"))
        elif tag == "th" and held.get("scope") == "rowgroup":
            where = self._groups[-1][0]
        elif tag == "th":
            where = []
            self._groups[-1][1].append([where])
        elif tag == "td" and "colspan" not in held:
            self._groups[-1][1][-1].append(where := [])
        self._into = [] if where is None else where

    def handle_data(self, data: str) -> None:
        """Keep words where they belong."""
        self._into.append(data)

    @property
    def caption(self) -> str:
        """The words above the table, without what all rows share, and the blank before that."""
        words = "".join(self._caption)
        return words.removesuffix(" ") if self._common else words

    @property
    def readable(self) -> Readable:
        """What the table was written from."""
        return Readable(
            tuple(Column("".join(words), is_number) for words, is_number in self._columns),
            tuple(
                Group("".join(heading), tuple(tuple(map("".join, row)) for row in rows))
                for heading, rows in self._groups
            ),
            "".join(self._common),
            tuple(map("".join, self._notes)),
        )


# --- whether shown numbers come from the file ------------------------------------------------

SHOWN = re.compile(r"\d+(?:\.\d+)?")


def _not_from(readable: Readable, table: pd.DataFrame) -> Iterator[str]:
    """Give cells of numbers of which one is no rounded number of the file, nor in its words."""
    held = {str(cell) for name in table for cell in table[name]}
    numbers = [abs(found) for cell in held if (found := tables.number(cell)) is not None]
    words = {word for cell in held for word in SHOWN.findall(cell)}
    rounded: dict[int, set[Decimal]] = {}
    for group in readable.groups:
        for row in group.rows:
            for column, cell in zip(readable.columns, row, strict=True):
                if not column.is_number or column.heading == "Note":
                    continue
                for shown in SHOWN.findall(cell.replace(",", "")):
                    places = len(shown.partition(".")[2])
                    if places not in rounded:
                        every = [*numbers, *(100 * each for each in numbers)]
                        rounded[places] = {half_up(each, places) for each in every}
                    if shown not in words and Decimal(shown) not in rounded[places]:
                        yield cell
