"""A step in monthly counts: against R, against simulations with a known step, and its guards."""

from __future__ import annotations

import re
import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lmm.statistics.autocorrelation import Autocorrelation, autocorrelation, power_of_test
from lmm.statistics.autoregressive import (
    Averaged,
    autoregressive,
    given_correlation,
    working_model,
)
from lmm.statistics.counterfactual import expected_counts
from lmm.statistics.harmonics import design, harmonics
from lmm.statistics.segmented import Fit, obstacle, segmented, sensitivities
from lmm.statistics.segmented_fit import (
    NO_SOLUTION,
    NotFittedError,
    Segmented,
    poisson,
    quietly,
)

REFERENCE = Path(__file__).parent / "reference"


def series_of(
    counts: Sequence[int], before: int, months_open: Sequence[float] | None = None
) -> pd.DataFrame:
    """Make a series whose event is on the first day of a month."""
    months = pd.Series(pd.date_range("2015-01-01", periods=len(counts), freq="MS"))
    event = months[before] if before < len(counts) else months.iloc[-1] + pd.offsets.MonthBegin(1)
    return pd.DataFrame(
        {
            "month": months,
            "events": counts,
            "months_open": 1.0 if months_open is None else months_open,
            "after": (months >= event).astype("float64"),
        }
    )


# --- against R -------------------------------------------------------------------------------

R_SERIES = pd.read_csv(REFERENCE / "interrupted_series.csv", parse_dates=["month", "event"])
R_EXPECTED = pd.read_csv(REFERENCE / "interrupted_expected.csv")
R_CURVE = pd.read_csv(REFERENCE / "interrupted_curve.csv", parse_dates=["month"])
R_GIVEN = pd.read_csv(REFERENCE / "interrupted_given.csv")
R_RESIDUALS = pd.read_csv(REFERENCE / "interrupted_residuals.csv")
CASES = ("drivers", "vans", "made")


def r_series(name: str) -> pd.DataFrame:
    return R_SERIES[R_SERIES["series"] == name].reset_index(drop=True)


def fits(series: pd.DataFrame) -> dict[str, Fit | str]:
    return {"quasi-Poisson": segmented(series, 0.95), **sensitivities(series, 0.95)}


@pytest.mark.parametrize("name", CASES)
def test_ratios_agree_with_r(name: str) -> None:
    """R's glm(quasipoisson), MASS glm.nb and nlme gls, averaged, on the same counts."""
    found = fits(r_series(name))
    expected = R_EXPECTED[R_EXPECTED["series"] == name]
    assert len(expected) == 3
    for row in expected.itertuples():
        fit = found[row.model]
        assert isinstance(fit, Segmented | Averaged)
        tolerance = 1e-8 if row.model == "quasi-Poisson" else 1e-5
        assert (*fit.step(), fit.dispersion) == pytest.approx(
            (row.estimate, row.low, row.high, row.dispersion), rel=tolerance
        )


@pytest.mark.parametrize("name", CASES)
def test_a_known_correlation_agrees_with_r(name: str) -> None:
    """R's gls with corAR1 of a fixed value, by REML; one month of `made` is closed."""
    series = r_series(name)
    values, terms, gaps = working_model(series, poisson(series))
    expected = R_GIVEN[R_GIVEN["series"] == name].set_index("rho")
    assert len(expected) == 4
    support = {rho: given_correlation(values, terms, gaps, rho) for rho in expected.index}
    for rho, row in expected.iterrows():
        found = support[rho]
        assert (found.step, found.variance, found.dispersion) == pytest.approx(
            (row["step"], row["variance"], row["dispersion"]), rel=1e-7
        )
        more = found.log_likelihood - support[0.0].log_likelihood
        assert more == pytest.approx(row["log_likelihood"] - expected.loc[0, "log_likelihood"])


@pytest.mark.parametrize("name", CASES)
def test_the_correlation_of_residuals_agrees_with_r(name: str) -> None:
    """R's acf and Box.test on the Pearson residuals."""
    found = autocorrelation(r_series(name))
    expected = R_RESIDUALS.set_index("series").loc[name]
    assert (found.lag_1, found.p_value) == pytest.approx(
        (expected["lag_1"], expected["p_value"]), rel=1e-7
    )


@pytest.mark.parametrize("name", CASES)
def test_the_curve_agrees_with_r(name: str) -> None:
    series = r_series(name)
    found = expected_counts(series, segmented(series, 0.95)).set_index("month")
    expected = R_CURVE[R_CURVE["series"] == name]
    assert len(expected) == 14
    for row in expected.itertuples():
        for column in ("fitted", "counterfactual", "low", "high"):
            assert found.loc[row.month, column] == pytest.approx(getattr(row, column), rel=1e-8)


# --- known truths ----------------------------------------------------------------------------


def simulated(
    rng: np.random.Generator, months: int, before: int, step: float, level: float, spread: float
) -> pd.DataFrame:
    """Draw counts about trend and season, with a variance ``spread`` times the mean."""
    series = series_of([0] * months, before)
    n = np.arange(months)
    mean = level * np.exp(0.006 * n + 0.2 * np.sin(2 * np.pi * n / 12)) * step ** series["after"]
    return series.assign(events=rng.negative_binomial(mean / (spread - 1), 1 / spread))


def test_a_known_step_is_recovered_from_many_counts() -> None:
    rng = np.random.default_rng(1)
    series = simulated(rng, months=60, before=40, step=0.6, level=5000, spread=2)
    for fit in fits(series).values():
        assert isinstance(fit, Segmented | Averaged)
        assert fit.step()[0] == pytest.approx(0.6, rel=0.01)
    main = segmented(series, 0.95)
    assert main.harmonics == 2
    assert main.dispersion == pytest.approx(2, rel=0.5)


def test_intervals_cover_as_often_as_they_say() -> None:
    rng = np.random.default_rng(2)
    ratios = []
    for _ in range(400):
        series = simulated(rng, months=34, before=24, step=0.7, level=10, spread=2)
        ratios.append(segmented(series, 0.9).step())
    values, low, high = np.array(ratios).T
    assert np.mean((low <= 0.7) & (high >= 0.7)) == pytest.approx(0.9, abs=0.035)
    assert np.median(values) == pytest.approx(0.7, rel=0.05)


def alike(rng: np.random.Generator, series: pd.DataFrame, correlation: float) -> pd.DataFrame:
    """Draw counts of 30 a month whose rates resemble those of the month before."""
    wander = rng.normal(size=len(series))
    for month in range(1, len(series)):
        fresh = np.sqrt(1 - correlation**2) * wander[month]
        wander[month] = correlation * wander[month - 1] + fresh
    return series.assign(events=rng.poisson(30 * np.exp(0.25 * wander)))


def test_months_that_resemble_each_other_are_allowed_for() -> None:
    """The quasi-Poisson model holds a true ratio of 1 in about 82 % of such series."""
    rng = np.random.default_rng(3)
    held = {"quasi-Poisson": 0, "autoregressive": 0}
    for _ in range(200):
        series = alike(rng, series_of([0] * 34, 24), 0.5)
        for name, fit in (("quasi-Poisson", segmented), ("autoregressive", autoregressive)):
            _, low, high = fit(series, 0.95).step()
            held[name] += low <= 1 <= high
    assert held["quasi-Poisson"] / 200 < 0.88
    assert held["autoregressive"] / 200 > 0.9


def test_a_strong_correlation_is_seen_and_widens_the_limits() -> None:
    series = alike(np.random.default_rng(5), series_of([0] * 120, 80), 0.9)
    found, main = autoregressive(series, 0.95), segmented(series, 0.95)
    assert found.correlation > 0.4
    assert autocorrelation(series).p_value < 0.01
    width = {fit.method: np.log(fit.step()[2] / fit.step()[1]) for fit in (found, main)}
    assert width[found.method] > 1.3 * width[main.method]


def test_the_power_of_the_test_is_that_of_a_simulation() -> None:
    """Ljung and Box's test by statsmodels on simulated series, without anything fitted."""
    months = series_of([0] * 200, 100)
    assert power_of_test(design(months, 2)) > 0.99
    assert power_of_test(design(series_of([0] * 34, 24), 1)) < 0.5
    found = Autocorrelation(months=34, lag_1=0.1, p_value=0.4, power=0.27)
    assert found.in_words() == (
        "with 34 months such a test finds a correlation of 0.5 in about 3 of 10 series"
    )
    often = Autocorrelation(months=200, lag_1=0.1, p_value=0.4, power=0.996)
    assert often.in_words().endswith("in nearly every series")


@pytest.mark.parametrize(("months", "pairs"), [(18, 0), (23, 0), (24, 1), (47, 1), (48, 2)])
def test_the_number_of_harmonics_follows_from_the_length(months: int, pairs: int) -> None:
    assert harmonics(months) == pairs


# --- guards ----------------------------------------------------------------------------------

VARIED = [5, 9, 7, 6, 11, 4, 8, 7, 10, 6, 5, 9]


def varied(months: int) -> list[int]:
    return [VARIED[n % 12] + n % 5 for n in range(months)]


@pytest.mark.parametrize(
    ("counts", "before", "reason"),
    [
        (varied(18), 12, ""),
        (varied(18), 11, "12 months before the event, and there are 11"),
        (varied(17), 12, "6 months from the event on, and there are 5"),
        ([0] * 10 + [15] * 20, 15, ""),  # exactly 10 a month
        ([9, 0] * 15, 20, "5 events a month, and there are 4.5"),
        ([10, 0] * 15, 20, ""),
        ([10] * 20 + [0] * 6 + [2, 2, 0, 0], 20, "5 events from the event on, and there are 4"),
        ([10] * 20 + [0] * 6 + [2, 3, 0, 0], 20, ""),
        ([2, 2] + [0] * 18 + [20] * 10, 20, "5 events before the event, and there are 4"),
        ([2, 3] + [0] * 18 + [20] * 10, 20, ""),
        ([10] * 30, 0, "not open before the event"),
        ([10] * 30, 30, "not open from the event on"),
        ([0] * 30, 20, "5 events a month, and there are 0.0"),
    ],
)
def test_what_a_model_needs(counts: list[int], before: int, reason: str) -> None:
    found = obstacle(series_of(counts, before))
    assert reason in found if reason else found == ""


def test_the_mean_is_by_month_open() -> None:
    half = [0.5] * 30
    assert obstacle(series_of(varied(30), 20, half)) == ""
    few = [3, 2] * 15
    assert "there are 2.5" in obstacle(series_of(few, 20))
    assert obstacle(series_of(few, 20, half)) == ""


def test_closed_months_are_left_out() -> None:
    counts = varied(34)
    opened = [0.0 if n in (5, 6, 30) else 1.0 for n in range(34)]
    series = series_of([n if w else 0 for n, w in zip(counts, opened, strict=True)], 24, opened)
    fit = segmented(series, 0.95)
    without = segmented(series[series["months_open"] > 0], 0.95)
    assert fit.step() == pytest.approx(without.step())
    closed = expected_counts(series, fit).iloc[5]
    assert closed["status"] == "no_data"
    assert pd.isna(closed["events"])
    assert pd.isna(closed["fitted"])


def test_a_service_that_opens_in_one_month_of_the_year_has_no_season() -> None:
    opened = [1.0 if n % 12 in (0, 1) else 0.0 for n in range(12 * 14)]
    counts = [15 + n % 7 if w else 0 for n, w in enumerate(opened)]
    assert "cannot be told apart" in obstacle(series_of(counts, 12 * 8, opened))


@pytest.mark.parametrize(
    ("counts", "reason"),
    [
        ([10] * 30, "do not vary"),
        ([10] * 20 + [5] * 10, "do not vary"),
        ([1000, 1001] * 15, "hardly vary"),
    ],
)
def test_counts_that_do_not_vary_are_not_modelled(counts: list[int], reason: str) -> None:
    with pytest.raises(NotFittedError, match=reason):
        segmented(series_of(counts, 20), 0.95)


def test_counts_that_no_curve_fits_are_not_modelled() -> None:
    """Everything in one month of the year: the season has no finite amplitude."""
    counts = [90 + n if n % 12 == 3 else 0 for n in range(36)]
    with pytest.raises(NotFittedError, match="no solution"):
        segmented(series_of(counts, 20), 0.95)


def test_a_fit_that_fails_is_a_reason_and_no_exception(monkeypatch: pytest.MonkeyPatch) -> None:
    class Failing:
        def __init__(self, *_: object, **__: object) -> None: ...
        def fit(self, **_: object) -> None:
            raise np.linalg.LinAlgError("Singular matrix")

    monkeypatch.setattr("statsmodels.discrete.discrete_model.NegativeBinomial", Failing)
    found = fits(series_of([3, 20, 8, 14] * 8 + [6, 12], 24))
    assert found["negative binomial"] == NO_SOLUTION
    assert isinstance(found["quasi-Poisson"], Segmented)


def test_what_would_only_be_warned_of_gives_no_numbers() -> None:
    def warned() -> str:
        warnings.warn("the Hessian is singular", RuntimeWarning, stacklevel=1)
        return "numbers"

    with pytest.raises(NotFittedError, match="no solution"):
        quietly(warned)


def test_counts_without_extra_scatter_make_the_negative_binomial_poisson() -> None:
    series = series_of([9, 10, 11] * 10, 20)
    main = segmented(series, 0.95)
    negative = sensitivities(series, 0.95)["negative binomial"]
    assert isinstance(negative, Segmented)
    assert "is Poisson" in negative.note
    assert negative.step()[0] == pytest.approx(main.step()[0])
    assert negative.step() == pytest.approx(main.step())  # a dispersion under 1 counts as 1
    assert "dispersion of 1" in main.note
    assert main.dispersion < 1


def test_the_dispersion_of_the_negative_binomial_is_told_with_three_digits() -> None:
    found = sensitivities(series_of([2, 30, 11, 25, 4, 17] * 5, 20), 0.95)["negative binomial"]
    assert isinstance(found, Segmented)
    assert re.fullmatch(r"alpha 0\.\d{3}", found.note)


def test_no_series_makes_an_exception_or_a_number_beyond_belief() -> None:
    rng = np.random.default_rng(4)
    for trial in range(150):
        months = int(rng.integers(2, 60))
        kind = trial % 5
        mean = rng.gamma([8, 0.3, 20, 1, 3][kind], [1, 10, 10, 5, 30][kind], months)
        counts = rng.poisson(mean * (rng.random(months) < [1, 0.5, 1, 0.1, 0.8][kind]))
        opened = rng.choice([0.0, 0.5, 1.0], months, p=[0.1, 0.1, 0.8])
        counts = np.where(opened > 0, counts, 0)
        series = series_of(list(counts), int(rng.integers(0, months + 1)), list(opened))
        try:
            found = fits(series)
        except NotFittedError:
            continue
        for fit in found.values():
            if not isinstance(fit, str):
                ratio, low, high = fit.step()
                assert 0 < low < ratio < high < 1e12
            if isinstance(fit, Segmented):
                assert np.isfinite(expected_counts(series, fit)["high"].dropna()).all()
