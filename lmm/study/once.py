"""What follows from a study is worked out once for each, since nothing in it changes."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TypeVar
from weakref import ref

from lmm.study.study import Study

T = TypeVar("T")


def once(function: Callable[[Study], dict[str, T]]) -> Callable[[Study], dict[str, T]]:
    """Remember what a function gave for a study, for as long as somebody has that study.

    A copy of it with something changed is another study. What is given may be changed at will.
    """
    known: dict[int, tuple[ref[Study], dict[str, T]]] = {}

    @wraps(function)
    def found(study: Study) -> dict[str, T]:
        name = id(study)
        if name not in known:
            value = function(study)
            known[name] = ref(study, lambda _: known.pop(name, None)), value
        return dict(known[name][1])

    return found
