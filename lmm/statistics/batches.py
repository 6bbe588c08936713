"""Counts of people who come in batches, such as those of a course: compound Poisson.

Courses are few, and each brings several people at once. So the people scatter far more than
their number suggests: limits that take each person as an event of its own are too narrow. Here
the batch is the unit. What is estimated is what the service would bring in a like period, in
which there could have been more courses or fewer, and larger or smaller ones. Given the number
of courses only their sizes vary; what can be said then is how many people a course brings.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any, Self

from scipy import stats

from lmm.statistics.estimate import Estimate
from lmm.study.setting import Basis


@dataclass(frozen=True)
class Batches:
    """People by batch, as far as limits need them.

    Attributes
    ----------
    number, total
        Of batches that brought somebody, and of those whom they brought.
    squares
        Sum of the squared sizes: the estimated variance of the total, as batches come at
        random and independently (compound Poisson).
    largest
        Size of the largest batch that there was, in this period or in any other one.
    """

    number: int
    total: int
    squares: float
    largest: float

    @classmethod
    def of(cls, sizes: Sequence[int], elsewhere: Sequence[int] = ()) -> Self:
        """Add up batches; those elsewhere tell only how large one can be.

        Raises
        ------
        ValueError
            If a batch has a negative size.
        """
        if min(sizes, default=0) < 0:
            raise ValueError("a batch of fewer than nobody")
        squares = float(sum(n * n for n in sizes))
        largest = float(max([1, *sizes, *elsewhere]))
        return cls(sum(n > 0 for n in sizes), sum(sizes), squares, largest)

    @classmethod
    def alike(cls, number: int, total: int, elsewhere: float = 1.0) -> Self:
        """Take all batches as equally large, where only their number and the total are known.

        Parameters
        ----------
        elsewhere
            Mean size over other periods as well.
        """
        size = total / number if number else elsewhere
        return cls(number, total, total * size, max(size, elsewhere, 1.0))

    @property
    def size(self) -> float:
        """What one event stands for: the variance over the mean."""
        return self.squares / self.total if self.total else self.largest

    @property
    def events(self) -> float:
        """The effective number of events, at most that of the batches."""
        return self.total / self.size

    def lower(self) -> Any:
        """Give the gamma distribution that the lower limit is a quantile of."""
        return stats.gamma(self.events, scale=self.size)

    def upper(self) -> Any:
        """Give the one of the upper limit, for which one more of the largest batches came."""
        total = self.total + self.largest
        size = (self.squares + self.largest**2) / total
        return stats.gamma(total / size, scale=size)


def compound(batches: Batches, confidence: float) -> tuple[float, float]:
    """Give limits of the expected total of batches.

    The gamma limits of Fay and Feuer (1997, Statistics in Medicine 16, 791-801) for a sum of
    Poisson counts with known weights, which is what batches are: so many batches of each size,
    weighted by it. With batches of one they are Garwood's. Ours because statsmodels has none.
    Simulated with 3 to 28 expected batches they hold the truth at least as often as they say,
    where sizes vary up to half of their mean; `docs/coverage.md` has the numbers.
    """
    tail = (1 - confidence) / 2
    low = float(batches.lower().ppf(tail)) if batches.total else 0.0
    return low, float(batches.upper().ppf(1 - tail))


def mean_size(estimand: str, batches: Batches, confidence: float, basis: Basis) -> Estimate:
    """Give the mean size of a batch, with limits of Student's t: their number is taken as given.

    Times that number they are limits of the total that only the sizes of the batches move.
    """
    number, total = batches.number, batches.total
    if not number:
        note = "no batch brought anybody"
        return Estimate.without_value(estimand, total, number, "no_data", basis, note)
    if number == 1:
        note = "one batch says nothing of how sizes vary"
        return Estimate.without_value(estimand, total, number, "not_estimable", basis, note)
    mean = total / number
    spread = max(0.0, batches.squares - total * mean) / (number - 1)
    width = float(stats.t.ppf((1 + confidence) / 2, number - 1)) * sqrt(spread / number)
    low, high = max(0.0, mean - width), mean + width
    return Estimate(estimand, total, number, mean, low, high, "Student's t", "ok", basis)


def compound_p_value(batches: Batches, expected: float) -> float:
    """Test a total against an expected one: the confidence at which a limit reaches it."""
    fewer = float(batches.upper().sf(expected))
    more = float(batches.lower().cdf(expected)) if batches.total else 1.0
    return min(1.0, 2 * min(fewer, more))


def compound_shares(batches: Batches, base: Batches, confidence: float) -> tuple[float, float]:
    """Give limits of the share of one of two totals in both, in expected values.

    Both totals are turned into effective events by the size that one event stands for in both
    periods together; given all events those of one are binomial, and the limits Clopper and
    Pearson's. With batches of one size they are those of the number of batches.
    """
    together = batches.total + base.total
    size = (batches.squares + base.squares) / together
    events, others = batches.total / size, base.total / size
    tail = (1 - confidence) / 2
    low = float(stats.beta.ppf(tail, events, others + 1)) if events else 0.0
    return low, float(stats.beta.ppf(1 - tail, events + 1, others)) if others else 1.0
