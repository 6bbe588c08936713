"""What a question of a draft asks for, and the lines of ``study.yaml`` that answer it.

Nothing is quoted but keys, headings of files, and labels that the study file declares.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from lmm.start.days import ORDERS
from lmm.start.proposals import OPEN
from lmm.start.wording import quoted
from lmm.study.problems import OpenQuestion, cut
from lmm.study.tables import COUNTED_LABELS, TABLES

Place = tuple[str, ...]
"""The keys that lead to something."""

Content = Mapping[str, Any]


@dataclass(frozen=True)
class Answer:
    """What may be written: when, how, under which keys, and the line, or one for each choice."""

    when: str
    how: str
    under: Place
    lines: tuple[str, ...]


def _at(content: object, *place: str) -> object:
    """Give what stands at a place of a file that nobody has checked yet; None if nothing does."""
    for key in place:
        content = content.get(key) if isinstance(content, Mapping) else None
    return content


def _words(value: object) -> list[str]:
    """Give the keys, the entries, or the one word that stand somewhere."""
    entries = value if isinstance(value, Mapping | list | tuple) else filter(None, [value])
    return [str(entry) for entry in entries]


def _list(words: Sequence[str]) -> str:
    return f"[{', '.join(map(quoted, words))}]"


@dataclass(frozen=True)
class HeadingAsked:
    """The question which heading holds a column.

    Attributes
    ----------
    content, place, line
        The study file, the keys where it asks, and the line as it stands.
    asked
        What reading asked for: it knows the headings of the files.
    """

    content: Content
    place: Place
    line: str
    asked: Sequence[OpenQuestion]

    @cached_property
    def sentence(self) -> str:
        """What is asked."""
        _, table, _, column, *_ = self.place
        files = ", ".join(self._files[:3])
        files += f" and {len(self._files) - 3} more" if len(self._files) > 3 else ""
        what = f"{column} of {table}{f' ({said})' if (said := self._declared('meaning')) else ''}"
        if self._parts and not self._headings:
            return f"no heading of {files} is left for {what}"
        return f"which heading of {files} holds {what}"

    @cached_property
    def answers(self) -> tuple[Answer, ...]:
        """A heading of the file; or one label for all rows, where the column holds labels."""
        *above, key = self.place
        headings = [quoted(cut(title)) for title in self._headings]
        named = tuple(f"{key}: {title}" for title in headings or self._unknown)
        alike = "take the question out, and write beside columns"
        answers = (
            Answer("if one of its headings does", "write in its place", tuple(above), named),
            Answer("if all rows are alike", alike, self.place[:2], self._fixed),
        )
        return tuple(answer for answer in answers if answer.lines)

    @property
    def _unknown(self) -> list[str]:
        return [] if self._parts else ["its heading"]

    @property
    def _source(self) -> object:
        return _at(self.content, *self.place[:2])

    @property
    def _files(self) -> list[str]:
        return _words(_at(self._source, "file"))

    @property
    def _parts(self) -> list[tuple[str, ...]]:
        """The headings that each file has left, where reading came so far."""
        mine = [each for each in self.asked if each.about == self.place[3]]
        return [each.headings for each in mine if each.file in self._files]

    @cached_property
    def _headings(self) -> list[str]:
        """The headings that every file has left; those that the draft's remark names first."""
        first, *others = self._parts or [()]
        left = [title for title in first if all(title in part for part in others)]
        remark = self.line.rpartition(";")[2]
        return sorted(left, key=lambda title: quoted(title) not in remark)

    @property
    def _fixed(self) -> tuple[str, ...]:
        vocabulary = str(self._declared("vocabulary"))
        if vocabulary in COUNTED_LABELS:
            return ()  # what took place is not to be presumed of every row
        labels = _words(_at(self.content, "vocabularies", vocabulary))
        given = _at(self._source, "fixed")
        before = [f"{key}: {quoted(str(_at(given, key)))}, " for key in _words(given)]
        start = f"fixed: {{{''.join(before)}{self.place[3]}: "
        return tuple(
            f"{start}{quoted(label)}}}" for label in [*labels, *_words(self._declared("accepts"))]
        )

    def _declared(self, what: str) -> object:
        """Give what the compendium, or else the study itself, declares of the column."""
        table, column = self.place[1], self.place[3]
        if table in TABLES and column in TABLES[table].columns:
            declared: object = getattr(TABLES[table].columns[column], what)
            return declared
        return _at(self._source, "columns", column, what) or ""


WHOLE = "write in place of the whole of"

DAYS_ASKED = "whether the day or the month comes first in the dates; no date proves it"


def order_of_days(content: Content, text: str) -> Iterator[Answer]:
    """Offer both orders; the draft's remark says which formats they are."""
    given = _words(content["date_formats"])
    pairs = re.findall(r"put (%\S+) \(day first\) or (%\S+) in place", text)
    usual = [first for first, _ in ORDERS.values()]
    for n, when in enumerate(("if the day comes first", "if the month comes first")):
        left = iter([pair[n] for pair in pairs])
        formats = [next(left, usual[n]) if form == OPEN else form for form in given]
        line = f"date_formats: {_list([*dict.fromkeys(formats)])}"
        yield Answer(when, f"{WHOLE} date_formats", (), (line,))


def best_answers(content: Content, place: Place) -> Iterator[Answer]:
    """Offer the upper end of the scale as it stands."""
    scale = _words(_at(content, *place[:-1], "scale"))
    lines = tuple(f"high: {_list(scale[-best:])}" for best in (1, 2) if best < len(scale))
    yield Answer("once the scale goes from worst to best", f"{WHOLE} high", place[:-1], lines)
