"""What an analysis is: what a service has to keep for it, and what its result is made from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

from lmm.analysis.result import Result, Source
from lmm.counting.counts import Counts
from lmm.study.setting import Setting

Need = str | tuple[str, ...]
"""A table, or a column as ``table.column``; of several in a tuple, one is enough."""

S = TypeVar("S", bound=Counts)
P = ParamSpec("P")
R = TypeVar("R")


def analysis(
    *needed: Need,
    title: str = "",
) -> Callable[[Callable[Concatenate[S, P], R]], Callable[Concatenate[S, P], R]]:
    """Declare a function from counts to a result, or to several, to be an analysis.

    It is done only where the service keeps what it needs (see `lacking`), and its result knows
    what it was made from (`lmm.analysis.result.Source`), and its title, if one is given here.
    """

    def decorate(analyse: Callable[Concatenate[S, P], R]) -> Callable[Concatenate[S, P], R]:
        @wraps(analyse)
        def analysed(counts: S, /, *args: P.args, **kwargs: P.kwargs) -> R:
            before = dict(counts.asked)
            counts.asked.clear()
            why_not = lacking(counts, *needed)
            made: Any = Result.absent(why_not) if why_not else analyse(counts, *args, **kwargs)
            given = [*map(repr, args), *(f"{name}={value!r}" for name, value in kwargs.items())]
            name = f"{analyse.__module__}.{analyse.__qualname__}"
            source = Source(name, ", ".join(given), tuple(counts.asked))
            counts.asked.update(before)
            return cast("R", _knowing(made, source, title))

        return analysed

    return decorate


def shared(
    work_out: Callable[Concatenate[S, P], R],
) -> Callable[Concatenate[S, P], R]:
    """Work out once what several analyses of the same counts rest on.

    What it asks the counts for is noted for each of them.
    """

    @wraps(work_out)
    def known(counts: S, /, *args: P.args, **kwargs: P.kwargs) -> R:
        key = (work_out, args, *kwargs.items())
        if key not in counts.shared:
            before = dict(counts.asked)
            counts.asked.clear()
            counts.shared[key] = work_out(counts, *args, **kwargs), dict(counts.asked)
            counts.asked.clear()
            counts.asked.update(before)
        made, asked = counts.shared[key]
        counts.asked.update(asked)
        return cast("R", made)

    return known


def _knowing(made: Any, source: Source, title: str) -> Any:
    """Tell a result what it was made from and its title, or each of several in a named tuple."""
    if isinstance(made, tuple) and hasattr(made, "_fields"):
        return type(made)(*(_knowing(each, source, title) for each in made))
    return replace(made, source=source, title=title) if isinstance(made, Result) else made


def lacking(setting: Setting, *needed: Need) -> str:
    """Say in a sentence which of these a service does not keep; nothing where it keeps all."""
    missing = [need for need in needed if not _keeps(setting, need)]
    return f"This service keeps no {_in_words(missing[0])}." if missing else ""


def _keeps(setting: Setting, need: Need) -> bool:
    ways = [each.partition(".") for each in _ways(need)]
    return any(
        setting.keeps(table, column) if column else setting.study.keeps(table)
        for table, _, column in ways
    )


def _ways(need: Need) -> tuple[str, ...]:
    return (need,) if isinstance(need, str) else need


def _in_words(need: Need) -> str:
    """Word what is lacking: a table, or a column of one; of several, one would be enough."""
    names = [each.replace("_", " ") for each in _ways(need)]
    table = names[0].partition(".")[0]
    *others, last = [name.rpartition(".")[-1] for name in names]
    listed = f"{', '.join(others)} or {last}" if others else last
    return f"column {listed} in its table of {table}" if "." in names[0] else f"table of {listed}"
