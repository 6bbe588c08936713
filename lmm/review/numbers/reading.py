"""One document read: which of its numerals are declared, and whether they say what is so."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from lmm.publish.prose import Reference, read_references
from lmm.review.numbers.declarations import DECLARATIONS, Declarations, Entry, declarations
from lmm.review.numbers.documents import passages_of
from lmm.review.numbers.numerals import Numeral, agrees, numerals
from lmm.review.numbers.origins import Value
from lmm.review.numbers.passages import Passage
from lmm.study.problems import Problem, StudyError

Place = tuple[int, int]
"""Where a numeral is: which passage of its document, and which letter of that."""


@dataclass(frozen=True)
class Declared:
    """A numeral of a document, and the entry that declares it.

    Attributes
    ----------
    value
        The number that it comes from; None where nothing computes it.
    """

    document: str
    passage: Passage
    numeral: Numeral
    phrase: str
    entry: Entry
    value: Value | None = None


@dataclass(frozen=True)
class Known:
    """What documents are compared with: the declarations, and the references by key."""

    root: Path
    declared: Declarations
    references: Mapping[str, Reference]

    @classmethod
    def of(cls, root: Path) -> Self:
        """Read ``docs/numbers.yaml`` and the bibliography."""
        return cls(root, declarations(root), read_references(root / "docs/references.bib"))


@dataclass
class Reading:
    """A document, which of its numerals are declared, and what is wrong with them."""

    document: str
    text: str
    passages: list[Passage]
    declared: dict[Place, Declared] = field(default_factory=dict)
    problems: dict[Place, Problem] = field(default_factory=dict)
    stale: list[Problem] = field(default_factory=list)

    def occurrences(self, words: re.Pattern[str]) -> list[tuple[int, int, int]]:
        """Find words: in which passage, from where, to where."""
        return [
            (number, found.start(), found.end())
            for number, passage in enumerate(self.passages)
            for found in words.finditer(passage.text)
        ]

    def within(self, number: int, begins: int, ends: int) -> list[Numeral]:
        """Give the numerals that lie wholly within a stretch of a passage."""
        found = numerals(self.passages[number].prose)
        return [each for each in found if begins <= each.begins and each.ends <= ends]

    def told(self) -> list[Problem]:
        """Give what is wrong, first to last, and then what is declared and not said."""
        return [problem for _, problem in sorted(self.problems.items())] + self.stale

    def tell(self, number: int, numeral: Numeral, why: str, fix: str) -> None:
        """Note a problem at a numeral."""
        passage = self.passages[number]
        file = f"{self.document}: cell {passage.cell}" if passage.cell else self.document
        problem = Problem(
            f"{numeral.written!r} is typed{why}", file=file, line=passage.line, fix=fix
        )
        self.problems.setdefault((number, numeral.begins), problem)


def reading_of(known: Known, name: str, text: str | None = None) -> Reading:
    """Read one document, or what is given as its text, and compare it with what is declared."""
    text = (known.root / name).read_text("utf-8") if text is None else text
    has_parts = name in known.declared.generated_parts
    passages = passages_of(name, text, known.references, has_parts=has_parts)
    reading = Reading(name, text, passages)
    _declare_names(reading, known.declared.anywhere)
    for entry in known.declared.documents.get(name, ()):
        _compare(reading, entry, known)
    _refuse_others(reading)
    return reading


def _declare_names(reading: Reading, anywhere: Iterable[Entry]) -> None:
    """Declare the names that may stand in every document."""
    for entry in anywhere:
        for phrase in entry.says:
            for where in reading.occurrences(re.compile(re.escape(phrase))):
                for numeral in reading.within(*where):
                    _declare(reading, where[0], numeral, phrase, entry)


def _compare(reading: Reading, entry: Entry, known: Known) -> None:
    """Compare what an entry declares with what the document says."""
    try:
        values = entry.values(known.root)
    except (StudyError, OSError, AttributeError, KeyError, IndexError) as error:
        reading.stale.append(stale(f"{reading.document}: {entry.says[0]!r}: {error}"))
        return
    if entry.cited not in known.references and entry.cited not in reading.text:
        why = f"{entry.cited!r} is neither a key of docs/references.bib nor linked there"
        reading.stale.append(stale(f"{reading.document}: {why}"))
    for phrase in entry.says:
        places = reading.occurrences(re.compile(re.escape(phrase)))
        if len(places) != entry.times:
            _say_what_differs(reading, entry, phrase, values, len(places))
        for where in places:
            _match(reading, where, entry, phrase, values)


def _match(
    reading: Reading, where: tuple[int, int, int], entry: Entry, phrase: str, values: list[Value]
) -> None:
    found = reading.within(*where)
    if not found or (entry.origins and len(found) != len(values)):
        of = f"{len(values)} numbers" if values else "a number"
        said = ", ".join(each.written for each in found) or "no numeral"
        reading.stale.append(
            stale(f"{reading.document}: {phrase!r} has {said}, and is declared to say {of}")
        )
    computed: list[Value | None] = [*values] or [None] * len(found)
    for numeral, value in zip(found, computed, strict=False):
        _declare(reading, where[0], numeral, phrase, entry, value)
        if value and not agrees(numeral.written, value.number):
            fix = f"write that, or correct {DECLARATIONS}"
            reading.tell(where[0], numeral, f": it comes from {value.place}, which has "
                         f"{_as_written(value)}", fix)  # fmt: skip


def _say_what_differs(
    reading: Reading, entry: Entry, phrase: str, values: list[Value], times: int
) -> None:
    """Tell of a phrase that does not stand there: of another number in it, if that is all."""
    meant = list(numerals(phrase))
    found = [] if times else _with_others(reading, phrase, meant)
    for number, window in found:
        for numeral, each, place in zip(window, meant, _places(values, meant), strict=True):
            if numeral.written != each.written:
                why = f" where {each.written!r} is declared{place}"
                reading.tell(number, numeral, why, f"write that, or correct {DECLARATIONS}")
    if not found:
        said = f"{times} times and not {entry.times}" if times else "no longer"
        reading.stale.append(stale(f"{reading.document} says {phrase!r} {said}"))


def _with_others(
    reading: Reading, phrase: str, meant: list[Numeral]
) -> list[tuple[int, list[Numeral]]]:
    """Find where a phrase stands with other numerals in the place of its own."""
    ends = [0, *(each.ends for each in meant)]
    begins = [*(each.begins for each in meant), len(phrase)]
    between = [phrase[end:begin] for end, begin in zip(ends, begins, strict=True)]
    found = []
    for number, passage in enumerate(reading.passages):
        every = list(numerals(passage.prose))
        for first in range(len(every) - len(meant) + 1 if meant else 0):
            window = every[first : first + len(meant)]
            at = max(0, window[0].begins - len(between[0]))
            stops = [at, *(each.ends for each in window)]
            goes_on = [*(each.begins for each in window), window[-1].ends + len(between[-1])]
            pieces = zip(stops, goes_on, strict=True)
            if [passage.text[stop:on] for stop, on in pieces] == between:
                found.append((number, window))
    return found


def _places(values: list[Value], meant: list[Numeral]) -> list[str]:
    said = [f" (from {value.place})" for value in values]
    return said if len(said) == len(meant) else [""] * len(meant)


def _declare(
    reading: Reading,
    number: int,
    numeral: Numeral,
    phrase: str,
    entry: Entry,
    value: Value | None = None,
) -> None:
    each = Declared(reading.document, reading.passages[number], numeral, phrase, entry, value)
    reading.declared[number, numeral.begins] = each


def _refuse_others(reading: Reading) -> None:
    """Tell of each numeral that nothing declares."""
    for number, passage in enumerate(reading.passages):
        for each in numerals(passage.prose):
            if (number, each.begins) not in reading.declared:
                around = passage.text[max(0, each.begins - 30) : each.ends + 30].strip()
                fix = f"say it without a number, or declare it in {DECLARATIONS}"
                why = f" in '{around}', and nothing says where it comes from"
                reading.tell(number, each, why, fix)


def _as_written(value: Value) -> str:
    return f"{value.number:.12g}" if isinstance(value.number, float) else str(value.number)


def stale(why: str) -> Problem:
    """Word that an entry no longer fits."""
    return Problem(why, file=DECLARATIONS, fix="correct the entry, or take it out")
