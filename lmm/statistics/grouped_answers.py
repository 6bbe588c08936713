"""Answers on an ordered scale, counted by group and cluster: what a comparison starts from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lmm.statistics.answer_scale import Scale
from lmm.statistics.proportional_odds import Counts


@dataclass(frozen=True)
class GroupedAnswers:
    """The answers to one question, by group and cluster.

    Attributes
    ----------
    counts
        ``answer, group, cluster, n``: how many of a group and cluster gave an answer. Rows
        without a group are left out of every comparison, which a note says.
    scale
        The answers, worst first.
    high
        Those of them that are high.
    groups
        All groups, in order; the first with answers is that which others are held against.
    by, cluster
        What groups and clusters are called, in the singular, for notes: ``role``, ``course``.
    same_groups
        What else parts the answers into the same groups, and so cannot be told from ``by``.
    like_groups
        What else does so nearly, each with Cramer's V.

    Raises
    ------
    ValueError
        If a group is not one of ``groups``, or an answer not one of ``scale``.
    """

    counts: pd.DataFrame
    scale: tuple[str, ...]
    high: tuple[str, ...]
    groups: tuple[str, ...]
    by: str
    cluster: str
    same_groups: tuple[str, ...] = ()
    like_groups: tuple[tuple[str, float], ...] = ()

    def __post_init__(self) -> None:
        known = self._known
        for name, column, declared in (
            (self.by, known["group"], self.groups),
            ("answer", known["answer"], self.scale),
        ):
            if unknown := sorted(set(column) - set(declared)):
                raise ValueError(f"{name}: {', '.join(unknown)} is not declared")

    @property
    def _known(self) -> pd.DataFrame:
        return self.counts[self.counts["group"].notna() & (self.counts["n"] > 0)]

    @property
    def left_out(self) -> int:
        """How many answers have no group."""
        return int(self.counts.loc[self.counts["group"].isna(), "n"].sum())

    @property
    def used(self) -> list[str]:
        """The groups with answers, in order."""
        return [group for group in self.groups if (self._known["group"] == group).any()]

    @property
    def by_answer(self) -> dict[str, int]:
        """How often each answer was given by those whose group is known."""
        number = self._known.groupby("answer")["n"].sum()
        return {label: int(number.get(label, 0)) for label in self.scale}

    def array(self, scale: Scale) -> Counts:
        """Lay out the counts in the shape (clusters, groups with answers, answers told apart)."""
        known, used = self._known, self.used
        place = {label: code for code, labels in enumerate(scale) for label in labels}
        clusters, names = pd.factorize(known["cluster"])
        answer = known["answer"].map(place).to_numpy(dtype="int64")
        group = known["group"].map({name: code for code, name in enumerate(used)})
        array = np.zeros((len(names), len(used), len(scale)), dtype="int64")
        np.add.at(array, (clusters, group.to_numpy(dtype="int64"), answer), known["n"].to_numpy())
        return array
