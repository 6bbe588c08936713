"""What a verification says of one claim or file, and how two versions of it differ."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, Self

from lmm.study.problems import counted

Kind = Literal[
    "claim", "table", "figure", "notebook", "hand-out", "page", "ledger", "counts", "cleaned table",
    "study file", "file", "made from",
]  # fmt: skip
"""What an item is; "made from" explains differences, and is itself no result."""

Verdict = Literal["reproduced", "changed", "not checked"]

TOLD = 3
"""Places that are told in a line; the file has all of them."""


@dataclass(frozen=True)
class Difference:
    """How two versions of something differ: what is other, how much of it, and where.

    Attributes
    ----------
    parts, unit
        How many are other, of what: cells, rows, marks, lines, outputs.
    largest, relative
        The largest difference of two numbers, as it is and in relation to the greater one; None
        where none was compared.
    where
        The places, in what was there before.
    """

    why: str
    parts: int = 1
    unit: str = "part"
    largest: float | None = None
    relative: float | None = None
    where: tuple[str, ...] = ()

    @property
    def size(self) -> str:
        """How large it is, in words, where that is not told already."""
        number = counted(self.parts, self.unit)
        words = [] if number in self.why or self.unit == "file" else [number]
        if self.largest is not None:
            words.append(f"at most {self.largest:.6g}{' px' * (self.unit == 'mark')}")
        if self.relative is not None:
            words.append(f"{self.relative:.2%}")
        return ", ".join(words)


@dataclass(frozen=True)
class Item:
    """The verdict on one claim or file.

    Attributes
    ----------
    why
        Why it was not checked, or what is to be said of it although it is reproduced.
    is_held
        Whether it was there before; what is only made now cannot be compared.
    """

    kind: Kind
    name: str
    verdict: Verdict = "reproduced"
    why: str = ""
    difference: Difference | None = field(default=None)
    is_held: bool = True

    @classmethod
    def changed(cls, kind: Kind, name: str, difference: Difference) -> Self:
        """Say that it is other, and how."""
        return cls(kind, name, "changed", difference.why, difference)

    @classmethod
    def unchecked(cls, kind: Kind, name: str, why: str, *, is_held: bool = True) -> Self:
        """Say that it could not be compared, and why."""
        return cls(kind, name, "not checked", why, is_held=is_held)

    @property
    def is_exact(self) -> bool:
        """Whether it came out as it was, byte for byte."""
        return self.verdict == "reproduced" and not self.why

    @property
    def word(self) -> str:
        """The verdict; what results were made from is the same or other, and nobody made it."""
        words = {"reproduced": "the same", "changed": "other"}
        return words.get(self.verdict, self.verdict) if self.kind == "made from" else self.verdict

    @property
    def size(self) -> str:
        """How large the difference is, in words."""
        return self.difference.size if self.difference else ""

    @property
    def places(self) -> str:
        """Where the difference is, in a few words."""
        where = self.difference.where if self.difference else ()
        more = len(where) - TOLD
        return "; ".join((*where[:TOLD], *([f"and {more} more"] if more > 0 else [])))

    def as_record(self) -> dict[str, Any]:
        """Give it for a file that programs read."""
        found = asdict(self.difference) if self.difference else {}
        found.pop("why", None)
        return {
            "kind": self.kind,
            "name": self.name,
            "verdict": self.verdict,
            "why": self.why,
            **{key: found.get(key) for key in ("parts", "unit", "largest", "relative")},
            "where": list(found.get("where", ())),
        }


def changed(items: Iterable[Item]) -> list[Item]:
    """Give the results that are other; what they were made from only explains them."""
    return [each for each in items if each.verdict == "changed" and each.kind != "made from"]


def differing(items: Iterable[Item]) -> list[Item]:
    """Give what is held, and did not come out byte for byte, or not at all."""
    return [x for x in items if x.is_held and x.verdict != "not checked" and not x.is_exact]


def added(items: Iterable[Item]) -> list[Item]:
    """Give what was made and is not held."""
    return [each for each in items if not each.is_held]
