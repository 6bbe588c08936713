"""What is impossible is an error everywhere, also where there is nothing to estimate."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from lmm.statistics.bootstrap import cluster_bootstrap
from lmm.statistics.competing import cumulative_incidence
from lmm.statistics.effective_size import effective_size_interval
from lmm.statistics.gee import gee_share
from lmm.statistics.raking import Weighted, weighted_share
from lmm.statistics.rates import byar, garwood, poisson_test, rate, rate_ratio
from lmm.statistics.shares import bounds, proportion
from lmm.statistics.survival import kaplan_meier
from lmm.statistics.zones import count_probabilities, four_zones, share_probabilities

NOBODY = pd.DataFrame({"days": [], "outcome": [], "n": []}).astype({"n": int, "outcome": str})
ONE = Weighted(np.array([[1.0]]), np.array([[2.0]]), np.array([[1.0]]))

BY_LEVEL: dict[str, Callable[[float], object]] = {
    "a share": lambda level: proportion("x", 0, 0, level, "assumed"),
    "a bootstrap of one cluster": lambda level: cluster_bootstrap(
        "x", [1], [2], level, "assumed", seed=1
    ),
    "one cluster": lambda level: effective_size_interval("x", [1], [2], level, "assumed"),
    "a model of one cluster": lambda level: gee_share("x", [1], [2], level, "assumed"),
    "weights of one cluster": lambda level: weighted_share("x", ONE, level, "assumed"),
    "a ratio without exposure": lambda level: rate_ratio("x", 0, 0, 0, 0, level, "assumed"),
    "no event, exactly": lambda level: garwood(0, level),
    "no event, nearly": lambda level: byar(0, level),
    "nobody who waits": lambda level: kaplan_meier(NOBODY, level),
    "nobody who leaves": lambda level: cumulative_incidence(NOBODY, ["left"], "there", level),
}
BY_COUNT: dict[str, Callable[[], object]] = {
    "a share": lambda: proportion("x", -1, 0, 0.95, "assumed"),
    "bounds": lambda: bounds("x", -1, 0, 0, "assumed"),
    "clusters": lambda: effective_size_interval("x", [-1], [0], 0.95, "assumed"),
    "a ratio": lambda: rate_ratio("x", -1, 0, 0, 0, 0.95, "assumed"),
    "a test": lambda: poisson_test(-1, None),
    "zones": lambda: four_zones(-1, 0, 0.5, 0.7),
    "zones of a share": lambda: share_probabilities(-1, 0, 0.5, 0.7),
    "zones of a count": lambda: count_probabilities(-1, None, 0.5, 0.7),
}


@pytest.mark.parametrize("level", [-0.5, 0, 1, 95])
@pytest.mark.parametrize("what", BY_LEVEL)
def test_a_level_that_is_none(what: str, level: float) -> None:
    BY_LEVEL[what](0.95)
    with pytest.raises(ValueError, match=f"a confidence level of {level}"):
        BY_LEVEL[what](level)


@pytest.mark.parametrize("what", BY_COUNT)
def test_a_count_below_none(what: str) -> None:
    with pytest.raises(ValueError, match="-1 of"):
        BY_COUNT[what]()


@pytest.mark.parametrize("exposure", [float("inf"), float("-inf")])
def test_a_time_without_end(exposure: float) -> None:
    with pytest.raises(ValueError, match=f"an exposure of {exposure}"):
        rate("x", 0, exposure, 0.95, "assumed")
