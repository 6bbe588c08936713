"""What a service has to keep for an analysis to be done."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from lmm.analysis.result import Result
from lmm.study.setting import Setting

Need = str | tuple[str, ...]
"""A table, or a column as ``table.column``; of several in a tuple, one is enough."""

S = TypeVar("S", bound=Setting)
P = ParamSpec("P")


def needs(
    *needed: Need,
) -> Callable[[Callable[Concatenate[S, P], Result]], Callable[Concatenate[S, P], Result]]:
    """Have an analysis done only where the service keeps what it needs; see `lacking`.

    The first argument of the function are the counts.
    """

    def decorate(
        analyse: Callable[Concatenate[S, P], Result],
    ) -> Callable[Concatenate[S, P], Result]:
        @wraps(analyse)
        def analysed(counts: S, /, *args: P.args, **kwargs: P.kwargs) -> Result:
            if why_not := lacking(counts, *needed):
                return Result.absent(why_not)
            return analyse(counts, *args, **kwargs)

        return analysed

    return decorate


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
