"""Rules on several columns of one row, made from what a table declares."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from lmm.study.table import Shares, Table


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
        *(_at_most(*pair) for pair in table.at_most),
        *(_shares(declared) for declared in table.shares),
    )


def _not_before(later: str, earlier: str) -> Rule:
    return Rule(
        f"{later} is not before {earlier}",
        (later, earlier),
        lambda f: ~(f[later] < f[earlier]),  # a missing date breaks no rule
    )


def _at_most(smaller: str, greater: str) -> Rule:
    return Rule(
        f"{smaller} is not above {greater}",
        (smaller, greater),
        lambda f: ~(f[smaller] > f[greater]),
    )


def _shares(declared: Shares) -> Rule:
    def holds(frame: pd.DataFrame) -> pd.Series[bool]:
        meant = pd.Series(True, frame.index)
        for column, label in declared.where.items():
            meant &= frame[column] == label
        cells = frame[list(declared.columns)]
        return ~meant | (cells.isna() | ((cells >= 0) & (cells <= 1))).all(axis=1)

    return Rule(declared.rule, declared.columns, holds)
