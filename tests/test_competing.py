"""Aalen and Johansen's estimator: against R, against statsmodels, by hand and at the edges."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import gamma, norm, uniform
from statsmodels.duration.survfunc import CumIncidenceRight

from lmm.statistics.competing import cumulative_incidence, share_by
from lmm.statistics.survival import kaplan_meier

REFERENCE = Path(__file__).parent / "reference"
R_FAMILIES = pd.read_csv(REFERENCE / "leaving_families.csv")
R_CURVE = pd.read_csv(REFERENCE / "leaving_curve.csv")
CASES = list(R_CURVE[["series", "level"]].drop_duplicates().itertuples(index=False, name=None))
CAUSES = ("seen", "left")


def incidence(followed: pd.DataFrame, level: float = 0.95) -> pd.DataFrame:
    return cumulative_incidence(followed, CAUSES, "waiting", level)


def followed(*rows: tuple[int, str, int]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=["days", "outcome", "n"])


@pytest.mark.parametrize(("series", "level"), CASES)
def test_the_curve_agrees_with_r(series: str, level: float) -> None:
    mine = incidence(R_FAMILIES[R_FAMILIES["series"] == series], level)
    expected = R_CURVE[(R_CURVE["series"] == series) & (R_CURVE["level"] == level)]
    both = expected.merge(mine, on=["outcome", "days"], suffixes=("_r", ""))
    assert len(both) == len(expected)
    assert set(mine["days"]) == {0, *expected["days"]}
    assert both["at_risk"].tolist() == both["at_risk_r"].tolist()
    for name in ("share", "low", "high"):
        np.testing.assert_allclose(both[name], both[f"{name}_r"], rtol=1e-8, atol=1e-12)
    assert (both["status"] == "ok").tolist() == both["share_r"].between(0, 1, "neither").tolist()


def test_statsmodels_agrees_where_it_has_a_variance() -> None:
    """Somebody has to be followed beyond the last event."""
    rows = R_FAMILIES[(R_FAMILIES["series"] == "made") & (R_FAMILIES["days"] < 60)]
    rows = pd.concat([rows, followed((70, "waiting", 2))], ignore_index=True)
    each = rows.loc[rows.index.repeat(rows["n"])]
    status = each["outcome"].map({"waiting": 0, "seen": 1, "left": 2}).to_numpy()
    theirs = CumIncidenceRight(each["days"].to_numpy("float64"), status)
    mine, z = incidence(rows), norm.ppf(0.975)
    for place, cause in enumerate(CAUSES):
        at = mine[mine["outcome"] == cause].set_index("days").loc[theirs.times.astype(int)]
        share, error = theirs.cinc[place], theirs.cinc_se[place]
        np.testing.assert_allclose(at["share"], share, rtol=1e-10)
        width = z * error / (share * np.abs(np.log(share)))
        np.testing.assert_allclose(at["low"], share ** np.exp(width), rtol=1e-9)


def test_without_a_second_cause_it_is_kaplan_and_meiers_curve() -> None:
    rows = followed((3, "seen", 2), (8, "waiting", 4), (9, "seen", 3), (12, "waiting", 1))
    mine, theirs = incidence(rows), kaplan_meier(rows, 0.95)
    waiting = mine[mine["outcome"] == "waiting"].reset_index(drop=True)
    for name, other in (("share", "not_yet_seen"), ("low", "low"), ("high", "high")):
        np.testing.assert_allclose(waiting[name], theirs[other], rtol=1e-12)
    assert waiting["n"].tolist() == theirs["waiting"].tolist()
    seen = mine[mine["outcome"] == "seen"].reset_index(drop=True)
    np.testing.assert_allclose(seen["share"], 1 - theirs["not_yet_seen"], rtol=1e-12)


def test_with_everyone_followed_it_is_the_plain_share() -> None:
    curve = incidence(followed((1, "seen", 3), (5, "left", 2), (9, "seen", 5)))
    found = {(row.days, row.outcome): row.share for row in curve.itertuples()}
    assert found[1, "seen"] == pytest.approx(0.3)
    assert found[5, "left"] == pytest.approx(0.2)
    assert (found[9, "seen"], found[9, "waiting"]) == (pytest.approx(0.8), 0)


def test_by_hand() -> None:
    """Of 4: one leaves, one is lost to the end of the period, one of the other two is seen."""
    curve = incidence(
        followed((2, "left", 1), (3, "waiting", 1), (4, "seen", 1), (9, "waiting", 1))
    )
    last = curve.groupby("outcome")["share"].last()
    assert last["left"] == pytest.approx(1 / 4)
    assert last["seen"] == pytest.approx(3 / 4 * 1 / 2)
    assert curve.loc[curve["days"] == 4, "at_risk"].tolist() == [2, 2, 2]


@given(
    st.lists(
        st.tuples(st.integers(0, 30), st.sampled_from([*CAUSES, "waiting"]), st.integers(1, 4)),
        min_size=1,
        max_size=25,
    )
)
def test_shares_of_a_day_add_up_and_only_grow(rows: list[tuple[int, str, int]]) -> None:
    curve = incidence(followed(*rows))
    assert curve.groupby("days")["share"].sum().tolist() == pytest.approx(
        [1] * curve["days"].nunique()
    )
    for outcome, at in curve.groupby("outcome"):
        step = at["share"].diff().dropna()
        assert ((step if outcome != "waiting" else -step) > -1e-12).all()
    ok = curve[curve["status"] == "ok"]
    assert ((ok["low"] >= 0) & (ok["low"] <= ok["share"]) & (ok["share"] <= ok["high"])).all()
    assert (ok["high"] <= 1).all()
    assert curve.loc[curve["status"] != "ok", ["low", "high"]].isna().all(axis=None)


# --- shares by a day --------------------------------------------------------------------------


def by(curve: pd.DataFrame, outcome: str, within: int):  # type: ignore[no-untyped-def]
    return share_by("share", curve, outcome, within, 0.95, "assumed")


def test_a_share_by_a_day_is_the_curve_on_that_day() -> None:
    rows = R_FAMILIES[R_FAMILIES["series"] == "made"]
    curve = incidence(rows)
    for outcome in ("seen", "left", "waiting"):
        at = curve[(curve["outcome"] == outcome) & (curve["days"] <= 28)].iloc[-1]
        found = by(curve, outcome, 28)
        assert (found.estimate, found.low, found.high) == (at["share"], at["low"], at["high"])
        assert found.denominator == 80
    assert (
        by(curve, "left", 28).numerator
        == rows.loc[(rows["outcome"] == "left") & (rows["days"] <= 28), "n"].sum()
    )


def test_those_to_whom_nothing_has_happened_are_counted_on_the_first_day_from_then_on() -> None:
    """Four are followed to day 30 or longer, of whom two are left on day 60."""
    curve = incidence(followed((5, "seen", 6), (30, "left", 2), (60, "waiting", 2)))
    assert by(curve, "waiting", 28).numerator == 4
    assert by(curve, "waiting", 31).numerator == 2


def test_nobody_is_followed() -> None:
    curve = incidence(followed())
    assert curve.empty
    assert (by(curve, "seen", 28).status, by(curve, "seen", 28).denominator) == ("no_data", 0)


def test_nobody_was_followed_for_so_long() -> None:
    found = by(incidence(followed((3, "seen", 1), (20, "waiting", 2))), "seen", 28)
    assert (found.status, found.note) == ("short_series", "nobody was followed for 28 days")


def test_nothing_happened_to_anyone() -> None:
    curve = incidence(followed((20, "waiting", 5), (60, "waiting", 20)))
    found = by(curve, "left", 28)
    assert (found.estimate, found.low) == (0, 0)
    assert found.high == pytest.approx(0.1611, abs=1e-4)  # Wilson, 0 of 20
    waiting = by(curve, "waiting", 28)
    assert (waiting.estimate, waiting.high, waiting.numerator) == (1, 1, 20)
    assert waiting.low == pytest.approx(1 - 0.1611, abs=1e-4)


def test_the_same_happened_to_everyone() -> None:
    curve = incidence(followed((7, "seen", 20)))
    assert by(curve, "seen", 28).low == pytest.approx(1 - 0.1611, abs=1e-4)
    assert by(curve, "left", 28).high == pytest.approx(0.1611, abs=1e-4)
    assert (by(curve, "waiting", 28).estimate, by(curve, "waiting", 28).numerator) == (0, 0)


def test_one_family() -> None:
    found = by(incidence(followed((4, "left", 1))), "left", 28)
    assert (found.estimate, found.high) == (1, 1)
    assert found.low == pytest.approx(0.2065, abs=1e-4)  # Wilson, 1 of 1


def test_a_cause_that_is_not_known_is_nobodys() -> None:
    curve = incidence(followed((4, "seen", 2), (9, "waiting", 1)))
    assert curve.loc[curve["outcome"] == "left", "share"].tolist() == [0, 0, 0]


# --- what the limits promise ------------------------------------------------------------------


def simulated(random: np.random.Generator, families: int) -> pd.DataFrame:
    """Draw a service of three years: seen after some weeks, or gone, or waiting at its end."""
    is_seen = random.random(families) < 0.65
    days = np.where(is_seen, random.gamma(4, 8, families), random.uniform(10, 90, families)) // 1
    to_end = random.integers(0, 1000, families)
    outcome = np.where(days > to_end, "waiting", np.where(is_seen, "seen", "left"))
    rows = pd.DataFrame({"days": np.minimum(days, to_end).astype("int64"), "outcome": outcome})
    return rows.groupby(["days", "outcome"]).size().reset_index(name="n")


@pytest.mark.slow
@pytest.mark.parametrize(("families", "least"), [(120, 0.93), (40, 0.92)])
def test_limits_hold_the_truth_as_often_as_they_promise(families: int, least: float) -> None:
    seen, gone = gamma(4, scale=8).cdf, uniform(10, 80).cdf
    truth = {("seen", day): 0.65 * seen(day + 1) for day in (28, 56)}
    truth |= {("left", day): 0.35 * gone(day + 1) for day in (28, 56)}
    random, times = np.random.default_rng(7), 600
    held, sums = dict.fromkeys(truth, 0), dict.fromkeys(truth, 0.0)
    for _ in range(times):
        curve = incidence(simulated(random, families))
        for (outcome, day), share in truth.items():
            found = by(curve, outcome, day)
            held[outcome, day] += found.low <= share <= found.high
            sums[outcome, day] += found.estimate
    for at, share in truth.items():
        assert held[at] / times > least, (at, held[at] / times)
        assert sums[at] / times == pytest.approx(share, abs=0.012)
