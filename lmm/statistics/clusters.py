"""Trials that came in clusters, such as answers of people who were on the same course.

People of one cluster resemble each other, so that their answers tell less than as many
independent ones. `lmm.statistics.effective_size` has the primary interval of their share;
`lmm.statistics.bootstrap` and `lmm.statistics.gee` have its sensitivity analyses.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from lmm.statistics.estimate import Estimate, Status, check_counts
from lmm.statistics.rounding import fixed
from lmm.study.setting import Basis

IGNORES_CLUSTERING = "ignores clustering"
"""What to note beside an interval that takes clustered answers as independent."""


FEW_CLUSTERS = 10
"""Under so many clusters no GEE is fitted, and a bootstrap says that it has few."""

FEWEST_EFFECTIVE = 1.5
"""Under this effective number of clusters there is no interval: of two, one has four in five."""


@dataclass(frozen=True)
class Clusters:
    """Counts by cluster; make one with `of`, which checks and drops the empty clusters.

    Attributes
    ----------
    successes, trials
        Whole numbers, one pair a cluster, each with at least one trial.
    dropped
        How many clusters had no trials.
    """

    successes: tuple[int, ...]
    trials: tuple[int, ...]
    dropped: int = 0

    @classmethod
    def of(cls, successes: Sequence[int], trials: Sequence[int]) -> Self:
        """Check the counts, and leave out the clusters without trials.

        Raises
        ------
        ValueError
            If the two differ in length, or a count is not whole, is negative, or is more than
            its trials.
        """
        pairs = list(zip(successes, trials, strict=True))
        for pair in pairs:
            check_counts(*pair)
            if any(value != int(value) for value in pair):
                raise ValueError(f"{pair} are not counts")
        kept = [(int(x), int(n)) for x, n in pairs if n > 0]
        return cls(tuple(x for x, _ in kept), tuple(n for _, n in kept), len(pairs) - len(kept))

    @property
    def number(self) -> int:
        """How many clusters there are."""
        return len(self.trials)

    @property
    def total(self) -> int:
        """All trials."""
        return sum(self.trials)

    @property
    def events(self) -> int:
        """All successes."""
        return sum(self.successes)

    @property
    def share(self) -> float:
        """All successes / all trials."""
        return self.events / self.total

    @property
    def rarer(self) -> int:
        """How many trials had the rarer of the two outcomes."""
        return min(self.events, self.total - self.events)

    @property
    def effective_number(self) -> float:
        """How many clusters of equal size would tell as much of the share, if alike at all.

        (the sum of trials)^2 / the sum of squared trials, as of Kish's weights (1965, Survey
        Sampling); at most the number of clusters.
        """
        return self.total**2 / sum(m * m for m in self.trials)

    @property
    def of_one_share(self) -> bool:
        """Whether all clusters have the very same share; reckoned in whole numbers."""
        pairs = zip(self.successes, self.trials, strict=True)
        return all(x * self.total == m * self.events for x, m in pairs)

    @property
    def in_words(self) -> str:
        """The number of clusters and the effective number."""
        return f"{self.number} clusters (effective number {fixed(self.effective_number, 1)})"

    def without_value(self, estimand: str, status: Status, basis: Basis, note: str) -> Estimate:
        """Record that these clusters give no value, and why."""
        estimate = Estimate.without_value(estimand, self.events, self.total, status, basis, note)
        return estimate.noted(self._left_out())

    def with_value(
        self,
        estimand: str,
        estimate: float,
        limits: tuple[float, float],
        method: str,
        basis: Basis,
        note: str,
    ) -> Estimate:
        """Record an interval for the share."""
        record = Estimate(
            estimand, self.events, self.total, estimate, *limits, method, "ok", basis, note
        )
        return record.noted(self._left_out())

    def _left_out(self) -> str:
        if not self.dropped:
            return ""
        return f"{self.dropped} {'cluster' if self.dropped == 1 else 'clusters'} without trials"

    def no_spread(self, estimand: str, basis: Basis) -> Estimate | None:
        """Say why nothing can be told of the spread between clusters, if it cannot."""
        if not self.total:
            return self.without_value(estimand, "no_data", basis, "no trials in any cluster")
        if self.number == 1:
            note = "one cluster: nothing is known of the spread between clusters"
            return self.without_value(estimand, "not_estimable", basis, note)
        if self.effective_number < FEWEST_EFFECTIVE:
            note = (
                f"one of {self.number} clusters holds most of the trials: as if there were "
                f"{fixed(self.effective_number, 2)} of equal size, which say too little of the "
                "spread between clusters"
            )
            return self.without_value(estimand, "not_estimable", basis, note)
        return None
