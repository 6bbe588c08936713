"""What does not fit a model, in words: one line for each thing, with its key and value."""

from __future__ import annotations

import re
import reprlib
from collections import Counter
from collections.abc import Mapping, Sequence

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

Place = tuple[int | str, ...]
"""Where something stands: the keys that lead to it."""


MOST = 20
"""Messages of one kind that are given; the rest are counted."""

_SHORT = reprlib.Repr()
_SHORT.maxstring = _SHORT.maxother = 80


def as_written(loc: Place, moved: Mapping[Place, Place]) -> Place:
    """Give a place as the file has it, and without the names of kinds (``<table>``)."""
    for now, before in moved.items():
        if loc[: len(now)] == now:
            loc = (*before, *loc[len(now) :])
    return tuple(part for part in loc if not re.fullmatch(r"<\w+>", str(part)))


def explain(error: ValidationError, moved: Mapping[Place, Place] | None = None) -> list[str]:
    """Turn pydantic's errors into one readable line each: key, value and reason."""
    found = error.errors()
    kinds = Counter(item["type"] for item in found)
    lines = [_explained(item, moved or {}) for item in first_of_each_kind(found)]
    rest = [f"and {n - MOST} more like it: {kind}" for kind, n in kinds.items() if n > MOST]
    return lines + rest


def first_of_each_kind(found: Sequence[ErrorDetails]) -> list[ErrorDetails]:
    """Give the errors that are told one by one, in the order of `explain`."""
    seen: Counter[str] = Counter()
    first = []
    for item in found:
        seen[item["type"]] += 1
        if seen[item["type"]] <= MOST:
            first.append(item)
    return first


def _explained(item: ErrorDetails, moved: Mapping[Place, Place]) -> str:
    loc = as_written(item["loc"], moved)
    where = ": ".join(str(part) for part in loc)
    shown = item.get("input")
    reason = _as_list(shown, loc) if item["type"] == "tuple_type" else _other(item, shown, loc)
    return f"{where}: {reason}" if where else reason


def _as_list(shown: object, loc: Sequence[int | str]) -> str:
    if shown is None:
        return f"nothing stands there; write {loc[-1]}: []"
    plain = isinstance(shown, str) and re.fullmatch(r"[\w -]+", shown)
    return f"write it as a list: [{shown}]" if plain else f'write it as a list: ["{shown}"]'


def _other(item: ErrorDetails, shown: object, loc: Sequence[int | str]) -> str:
    reason = item["msg"].removeprefix("Value error, ")
    if shown is None and loc[:1] == ("tables",) and len(loc) == 2:
        return "nothing stands there; write absent if the service does not keep it"
    if isinstance(shown, dict | BaseModel):
        return reason
    bare = item["type"] == "string_type" and isinstance(shown, bool | int | float)
    fix = "; put it in quotation marks" if bare else ""
    return f"{reason} (given: {_SHORT.repr(shown)}{fix})"
