"""Rules on several columns of one row, made from what a table declares."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pandas as pd

from lmm.study.table import InOrder, Pair, Shares, Table


@dataclass(frozen=True)
class Rule:
    """A condition on several columns of one row; ``holds`` gives one truth value a row."""

    text: str
    columns: tuple[str, ...]
    holds: Callable[[pd.DataFrame], pd.Series[bool]]


def rules_of(table: Table) -> tuple[Rule, ...]:
    """Give the rules of a table, in the order in which rows are held to them."""
    return (
        *(_not_before(*pair) for pair in table.not_before),
        *(_at_most(pair) for pair in table.at_most),
        *(_shares(declared) for declared in table.shares),
    )


def _not_before(later: str, earlier: str) -> Rule:
    return Rule(
        f"{later} is not before {earlier}",
        (later, earlier),
        lambda f: ~(f[later] < f[earlier]),  # a missing date breaks no rule
    )


def _at_most(pair: Pair | InOrder) -> Rule:
    (smaller, greater), where = (
        (pair.columns, pair.where) if isinstance(pair, InOrder) else (pair, {})
    )
    said = "".join(f", where {column} is {label}" for column, label in where.items())
    return Rule(
        f"{smaller} is not above {greater}{said}",
        (smaller, greater),
        lambda f: ~(_meant(f, where) & (f[smaller] > f[greater])),
    )


def _shares(declared: Shares) -> Rule:
    def holds(frame: pd.DataFrame) -> pd.Series[bool]:
        cells = frame[list(declared.columns)]
        fits = cells >= 0
        for limit, keeps in (
            (declared.most, cells.le), (declared.below, cells.lt), (declared.above, cells.gt),
        ):  # fmt: skip
            fits &= True if limit is None else keeps(limit)
        return ~_meant(frame, declared.where) | (cells.isna() | fits).all(axis=1)

    return Rule(declared.rule, declared.columns, holds)


def _meant(frame: pd.DataFrame, where: Mapping[str, str]) -> pd.Series[bool]:
    """Say in which rows columns hold these labels."""
    meant = pd.Series(True, frame.index)
    for column, label in where.items():
        meant &= frame[column] == label
    return meant
