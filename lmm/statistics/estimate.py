"""The record of an estimate, the table of such records, and the guards before every formula.

Guards run first, so that no NaN and no infinite limit leaves without a status.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields, replace
from math import isfinite
from typing import Any, Literal, Self

import pandas as pd

from lmm.study.declared import MOST_CONFIDENCE
from lmm.study.setting import Basis

Status = Literal["ok", "not_estimable", "suppressed", "no_data", "short_series"]


@dataclass(frozen=True)
class Estimate:
    """One estimate, with everything a reviewer asks of it.

    Attributes
    ----------
    estimand
        What is estimated, in words.
    numerator, denominator
        The counts (or the exposure) that it is made of.
    estimate, low, high
        The value and the limits of its interval; None unless ``status`` is ``ok``. One of
        ``short_series`` may have a value, and a lower limit, where its upper one is not reached.
    method
        How the interval was made.
    basis
        Whether it rests on a published figure, an assumption, or real records.
    """

    estimand: str
    numerator: float | None
    denominator: float | None
    estimate: float | None
    low: float | None
    high: float | None
    method: str
    status: Status
    basis: Basis
    note: str = ""

    def __post_init__(self) -> None:
        values = (self.estimate, self.low, self.high)
        fits = {
            "ok": None not in values,
            "short_series": self.high is None,
        }.get(self.status, values == (None, None, None))
        if not fits or any(v is not None and not isfinite(v) for v in values):
            raise ValueError(f"{self.estimand}: status {self.status} with values {values}")

    @classmethod
    def without_value(
        cls,
        estimand: str,
        numerator: float | None,
        denominator: float | None,
        status: Status,
        basis: Basis,
        note: str,
    ) -> Self:
        """Record that there is no value to give, and why."""
        return cls(estimand, numerator, denominator, None, None, None, "", status, basis, note)

    @property
    def limits(self) -> tuple[float, float] | None:
        """The limits of the interval; None unless ``status`` is ``ok``."""
        return None if self.low is None or self.high is None else (self.low, self.high)

    def noted(self, note: str) -> Self:
        """Add a note."""
        return replace(self, note="; ".join(filter(None, (self.note, note))))


RECORD_FIELDS = tuple(field.name for field in fields(Estimate))


def as_table(rows: Iterable[tuple[dict[str, Any], Estimate]]) -> pd.DataFrame:
    """Lay out estimates as a table: the strata of each, then the fields of `Estimate`."""
    laid = [{**strata, **asdict(estimate)} for strata, estimate in rows]
    table = pd.DataFrame(laid, columns=None if laid else list(RECORD_FIELDS))
    numbers = ["numerator", "denominator", "estimate", "low", "high"]
    return table.astype(dict.fromkeys(numbers, "float64"))


def check_counts(successes: float, trials: float) -> None:
    """Raise a ValueError for counts that nothing could have given."""
    if not 0 <= successes <= trials:
        raise ValueError(f"{successes} of {trials}")


def check_confidence(confidence: float) -> None:
    """Raise a ValueError for a confidence level that is none, or too near to 1."""
    if not 0 < confidence <= MOST_CONFIDENCE:
        raise ValueError(f"a confidence level of {confidence}")
