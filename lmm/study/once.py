"""What is worked out once from a thing that does not change, and kept as long as it is there."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TypeVar
from weakref import ref

T = TypeVar("T")
R = TypeVar("R")


def once(function: Callable[[T], R]) -> Callable[[T], R]:
    """Remember what a function gives for each thing, by what it is and not by what it equals.

    What is given is shared by all who ask, and not to be changed by any of them.
    """
    known: dict[int, tuple[ref[T], R]] = {}

    @wraps(function)
    def remembered(thing: T, /) -> R:
        number = id(thing)
        if number not in known:
            known[number] = ref(thing, lambda _: known.pop(number, None)), function(thing)
        return known[number][1]

    return remembered
