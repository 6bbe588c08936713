"""How often an interval holds the truth, and how sure that is after so many studies.

A study without an interval (an estimator may refuse) counts neither as held nor as missed; its
share stands beside the coverage. How simulation studies are best planned and reported is in
Morris, White and Crowther (2019), Statistics in Medicine 38, 2074-2102.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any, Literal, NamedTuple

import numpy as np

from lmm.statistics.estimate import Estimate
from lmm.statistics.shares import wilson

MONTE_CARLO_LEVEL = 0.99
"""Of the limits of a coverage itself, so that few of many settings fall short by chance."""

Role = Literal["primary", "beside"]
Scale = Literal["plain", "log"]
Verdict = Literal["falls short", "as stated", "wider than stated", "no interval"]

COLUMNS = (
    *("group", "setting", "interval", "role", "truth", "nominal", "studies", "no_interval"),
    *("covered", "coverage", "mc_error", "mc_low", "mc_high", "verdict"),
    *("truth_above", "truth_below", "mean_width", "scale", "bias", "bias_error"),
    *("few_failures", "seed"),
)

FEW = 5
"""Fewer failures than this are few: a share near 1 rests on them alone."""


class Found(NamedTuple):
    """What one estimator gave in one study; limits only where it gave an interval."""

    limits: tuple[float, float, float] | None
    failures: float | None = None


Results = dict[str, Found]
"""What each estimator gave in one study, by its name; the first one is the primary one."""


@dataclass(frozen=True)
class Setting:
    """A truth, and how a study in which it holds is drawn and analysed.

    Attributes
    ----------
    group
        What is estimated, under which settings are shown together.
    name
        The truth and the size of the study, in words.
    study
        Draws a study and gives an interval for each estimator.
    primary
        Names of the estimators that the notebooks rest on; others stand beside them.
    scale
        On which scale the bias is reckoned: for ratios, the logarithm.
    most
        The most studies to simulate, where each takes long.
    """

    group: str
    name: str
    truth: float
    study: Callable[[np.random.Generator], Results]
    primary: tuple[str, ...]
    scale: Scale = "plain"
    most: int | None = None

    @property
    def key(self) -> str:
        """A name unlike that of any other setting."""
        return f"{self.group}: {self.name}"


def found(estimate: Estimate) -> Found:
    """Keep of an estimate what coverage is about."""
    if estimate.estimate is None or estimate.low is None or estimate.high is None:
        return Found(None)
    return Found((estimate.estimate, estimate.low, estimate.high))


def found_share(estimate: Estimate) -> Found:
    """Keep of the estimate of a share, which has trials, the failures as well."""
    assert estimate.numerator is not None and estimate.denominator is not None
    return Found(found(estimate).limits, estimate.denominator - estimate.numerator)


def score(
    setting: Setting, studies: Sequence[Results], nominal: float, seed: int
) -> list[dict[str, Any]]:
    """Count for each estimator how often its interval held the truth.

    Returns
    -------
    list of dict
        One row an estimator, with `COLUMNS`: ``truth_above`` and ``truth_below`` are the
        shares of intervals that miss the truth because it lies above, or below, them;
        ``few_failures`` is the share of studies with fewer than `FEW` failures, for shares.
    """
    rows = []
    for name in studies[0]:
        given = [study[name] for study in studies]
        limits = np.array([each.limits for each in given if each.limits]).reshape(-1, 3)
        failures = [each.failures for each in given if each.failures is not None]
        few = float(np.mean(np.array(failures) < FEW)) if failures else None
        row = {
            "group": setting.group,
            "setting": setting.name,
            "interval": name,
            "role": "primary" if name in setting.primary else "beside",
            "truth": setting.truth,
            "nominal": nominal,
            "studies": len(studies),
            "no_interval": 1 - len(limits) / len(studies),
            **_coverage(limits, setting.truth, nominal),
            **_bias(limits, setting.truth, setting.scale),
            "scale": setting.scale,
            "few_failures": few,
            "seed": seed,
        }
        rows.append({column: _rounded(column, row[column]) for column in COLUMNS})
    return rows


def _coverage(limits: np.ndarray[Any, Any], truth: float, nominal: float) -> dict[str, Any]:
    given = len(limits)
    if not given:
        names = ["coverage", "mc_error", "mc_low", "mc_high"]
        names += ["truth_above", "truth_below", "mean_width"]
        return {"covered": 0, "verdict": "no interval", **dict.fromkeys(names)}
    above, below = limits[:, 2] < truth, limits[:, 1] > truth
    covered = given - int(above.sum()) - int(below.sum())
    coverage = covered / given
    low, high = wilson(covered, given, MONTE_CARLO_LEVEL)
    return {
        "covered": covered,
        "coverage": coverage,
        "mc_error": sqrt(coverage * (1 - coverage) / given),
        "mc_low": low,
        "mc_high": high,
        "verdict": verdict(low, high, nominal),
        "truth_above": float(above.mean()),
        "truth_below": float(below.mean()),
        "mean_width": float((limits[:, 2] - limits[:, 1]).mean()),
    }


def verdict(low: float, high: float, nominal: float) -> Verdict:
    """Set the Monte Carlo limits of a coverage against the level that the interval states."""
    if high < nominal:
        return "falls short"
    return "wider than stated" if low > nominal else "as stated"


def _bias(limits: np.ndarray[Any, Any], truth: float, scale: Scale) -> dict[str, float | None]:
    """Give the mean error of the estimates, and its standard error."""
    if len(limits) < 2:
        return {"bias": None, "bias_error": None}
    values = limits[:, 0]
    errors = np.log(values / truth) if scale == "log" else values - truth
    error = float(errors.std(ddof=1)) / sqrt(len(errors))
    return {"bias": float(errors.mean()), "bias_error": error}


def _rounded(column: str, value: Any) -> Any:
    """Round what is measured to what can be known of it; the truth stays as it was set."""
    if not isinstance(value, float) or column in ("truth", "nominal"):
        return value
    if column in ("mean_width", "bias", "bias_error"):
        return float(f"{value:.3g}")
    return round(value, 4)
