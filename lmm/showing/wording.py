"""The words of a page: what is counted, how sure a result is, and what its estimates are of."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, get_args

from lmm.analysis.result import Result
from lmm.statistics.rounding import level_in_percent
from lmm.study.counted import MEASURES
from lmm.study.setting import Basis

Event = tuple[dt.date, str]
"""Its day, and its name."""

_WORDS: ContextVar[Mapping[str, str] | None] = ContextVar("words", default=None)
_CONFIDENCE: ContextVar[float] = ContextVar("confidence", default=0.95)
_EVENT: ContextVar[Event] = ContextVar("event", default=(dt.date.max, "the event"))
_YEAR_STARTS: ContextVar[int] = ContextVar("year_starts", default=4)


@contextmanager
def worded(
    words: Mapping[str, str],
    confidence: float = 0.95,
    event: Event = (dt.date.max, "the event"),
    year_starts: int = 4,
) -> Iterator[None]:
    """Speak and draw with the study's words for what is counted, its confidence and its event.

    ``year_starts`` is the month in which its contract years begin.
    """
    tokens = _WORDS.set(words), _CONFIDENCE.set(confidence), _EVENT.set(event)
    year = _YEAR_STARTS.set(year_starts)
    try:
        yield
    finally:
        _WORDS.reset(tokens[0])
        _CONFIDENCE.reset(tokens[1])
        _EVENT.reset(tokens[2])
        _YEAR_STARTS.reset(year)


def event() -> Event:
    """Give the day and the name of the event that splits the period."""
    return _EVENT.get()


def year_starts() -> int:
    """Give the month in which contract years begin."""
    return _YEAR_STARTS.get()


def level() -> str:
    """Give the confidence level of the intervals spoken of, such as "95%"."""
    return level_in_percent(_CONFIDENCE.get())


def called(indicator: Any) -> str:
    """Give what an indicator is called in the figures being drawn."""
    words, name = _WORDS.get(), str(indicator)
    if words is None:
        return MEASURES[name].label if name in MEASURES else name
    return words.get(name, name)


def percent_of(result: Result) -> str:
    """Word the axis of a result's estimates, which are shares, by what is estimated."""
    estimand = _common(result)
    if estimand.startswith("share"):
        return f"%{estimand.removeprefix('share')}"
    name, _, what = estimand.partition(": ")
    return f"{name}, %" + (f" ({what})" if what else "")


def about(result: Result) -> str:
    """Name what the estimates of a result are of, in few words if these are declared."""
    return result.roles[result.column("estimate")].of or _common(result)


def _common(result: Result) -> str:
    """Give the estimand, if it is the same in all rows."""
    estimands = set(result.table[result.column("estimand")])
    return str(estimands.pop()) if len(estimands) == 1 else "share"


def sentence(text: str) -> str:
    """Begin with a capital, and leave the rest as it is."""
    return text[:1].upper() + text[1:]


def ended(text: str) -> str:
    """End with a full stop, if with no other sign."""
    return text if text.endswith((".", "?", "!")) else f"{text}."


def dated(day: dt.date) -> str:
    """Write a day, as "1 September 2022"."""
    return f"{day.day} {day:%B %Y}"


def rests_on(result: Result) -> str:
    """Say what a result rests on: published figures, assumptions, the service's own records."""
    said = " ".join(map(str, result.table[result.column("basis")])) if len(result.table) else ""
    return " and ".join(kind for kind in get_args(Basis) if kind in said)


def titled(name: str) -> str:
    """Give the name of a result as a title: "activity_by_year" is "Activity by year"."""
    return sentence(name.replace("_", " "))


def several(noun: str) -> str:
    """Give the plural of a noun such as course, family or class."""
    if re.search("[^aeiou]y$", noun):
        return f"{noun[:-1]}ies"
    return f"{noun}es" if re.search("(s|x|z|ch|sh)$", noun) else f"{noun}s"
