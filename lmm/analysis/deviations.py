"""Whether a result is as it was planned, was changed since, or is exploratory, in words."""

from __future__ import annotations

import difflib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from lmm.study.library import Name
from lmm.study.registration import Key

As = Literal["as planned", "changed", "exploratory"]

NO_REASON = "no reason was registered"

MOST, LONGEST, BEFORE = 3, 80, 20
"""Deviations that are told beside a result; letters of what stood and stands there, and of code
before that."""


@dataclass(frozen=True)
class Deviation:
    """What is not as planned; when that was registered, and why: both "" if it was not."""

    what: str
    when: str = ""
    why: str = ""

    @property
    def words(self) -> str:
        """All of it, in brackets when and why."""
        return f"{self.what} ({self.aside or NO_REASON})"

    @property
    def aside(self) -> str:
        """When it was registered, and why; "" if it was not."""
        return f"{self.when}: {self.why}" if self.when else ""


@dataclass(frozen=True)
class Label:
    """What a result is called, and why."""

    kind: As
    deviations: tuple[Deviation, ...] = ()

    @property
    def short(self) -> str:
        """What stands beside a result among other things: a few words."""
        match self.kind:
            case "changed":
                return "changed since it was planned"
            case "exploratory":
                return "exploratory, not planned"
        return self.kind

    @property
    def words(self) -> str:
        """What stands below a result: a sentence."""
        if self.kind == "as planned":
            return "As planned."
        if self.kind == "exploratory":
            added = [f", and added later ({each.aside})" for each in self.deviations if each.when]
            return f"Exploratory: not planned{''.join(added)}."
        told = [each.words for each in self.deviations[:MOST]]
        more = len(self.deviations) - MOST
        told += [f"and {more} more, in planned_results.csv"] * (more > 0)
        return f"Changed since it was planned: {'; '.join(told)}."


def place_in_words(key: Key) -> str:
    """Say where something is declared."""
    match key:
        case ("parameters", name):
            return name
        case ("targets", indicator, year, *rest):
            return f"target of {indicator} in {year}: {' '.join(rest) or 'whole'}"
        case ("measures", name, *rest):
            return f"measure {name}: {': '.join(rest)}"
        case ("tables", name, "columns", column, *rest):
            return f"column {name}.{column}: {': '.join(rest)}"
        case ("tables", name, *rest):
            return f"table {name}: {': '.join(rest)}"
    return ": ".join(key)


def value_in_words(value: Any) -> str:
    """Say what stands somewhere."""
    if value is None or value in ([], {}):
        return "nothing"
    if isinstance(value, float):
        return f"{value:.12g}"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return f"“{_cut(text)}”" if isinstance(value, str) else _cut(text)


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def listed_in_words(names: Sequence[Name]) -> str:
    """Name definitions of the library; of a module's body, the module."""
    shown = ", ".join(".".join(filter(None, each)) for each in names[:MOST])
    return f"{shown} and {len(names) - MOST} more" if len(names) > MOST else shown


def difference_in_words(was: str, now: str) -> str:
    """Show the first lines that differ, from shortly before they do."""
    lines = list(difflib.ndiff(was.split("\n"), now.split("\n")))
    gone, come = ([line[2:] for line in lines if line[:2] == mark] for mark in ("- ", "+ "))
    one, other = (gone or [""])[0], (come or [""])[0]
    pairs = enumerate(zip(one, other, strict=False))
    start = max(0, next((n for n, (a, b) in pairs if a != b), 0) - BEFORE)
    shown = (f"`{'…' * bool(start)}{_cut(each[start:])}`" if each else "nothing"
             for each in (one, other))  # fmt: skip
    return "was {}, is {}".format(*shown)
