"""Trials that came in clusters, such as answers of people who were on the same course.

People of one cluster resemble each other, so that their answers tell less than as many
independent ones. `lmm.statistics.korn_graubard` has the primary interval of their share;
`lmm.statistics.bootstrap` and `lmm.statistics.gee` have its sensitivity analyses.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from scipy import stats

from lmm.statistics.estimate import Estimate, Status, check_counts
from lmm.study.setting import Basis

IGNORES_CLUSTERING = "ignores clustering"
"""What to note beside an interval that takes clustered answers as independent."""


FEW_CLUSTERS = 10
"""Under so many clusters no GEE is fitted, and a bootstrap says that it has few."""


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
    def variance(self) -> float:
        """Variance of the share between clusters, by linearisation.

        k / (k - 1) * the sum over clusters of (the sum of (y - p))^2 / n^2, with k clusters, n
        trials and the share p: that of R's ``svymean`` for clusters drawn with replacement.
        Reckoned in whole numbers, so that it is exactly 0 where all clusters have one share.
        """
        n, events, k = self.total, self.events, self.number
        pairs = zip(self.successes, self.trials, strict=True)
        squares = sum((x * n - m * events) ** 2 for x, m in pairs)
        return k * squares / ((k - 1) * n**4)

    @property
    def design_effect(self) -> float:
        """The variance / that of as many independent trials, p * (1 - p) / (n - 1).

        As in R's ``svymean(deff="replace")``; 1 for clusters of one trial each.
        """
        return self.variance / (self.share * (1 - self.share) / (self.total - 1))

    def effective_size(self, confidence: float) -> float:
        """Independent trials that tell as much as these, for an interval at a level.

        p * (1 - p) / variance, times the squared ratio of the t quantiles with n - 1 and k - 1
        degrees of freedom, as k clusters tell little of their own variance; at most n.
        """
        if self.variance == 0:
            return float(self.total)
        tail = (1 + confidence) / 2
        within, between = (stats.t.ppf(tail, size - 1) for size in (self.total, self.number))
        size = self.share * (1 - self.share) / self.variance * (within / between) ** 2
        return min(float(size), float(self.total))

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
        return None
