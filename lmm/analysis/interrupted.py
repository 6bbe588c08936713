"""Was there a step in the monthly counts at the event? A description, never an effect.

One service without a control: a step says that the counts before and after differ by more
or less than trend and season, and nothing about why. The model is a segmented regression of
the monthly counts (Lopez Bernal et al. 2017, International Journal of Epidemiology 46,
348-355): quasi-Poisson, with the months open as exposure, a step, a linear trend and the
season as harmonics. It is fitted only where the counts allow it. Otherwise the counts before
and from the event on are compared by an exact rate ratio, without trend or season.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from math import exp, floor, pi, sqrt
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import statsmodels.api as sm
from scipy import stats

from lmm.analysis.measures import activity_events, words
from lmm.cleaning.records import Records
from lmm.statistics.estimate import Estimate, as_table
from lmm.statistics.rates import rate, rate_ratio
from lmm.statistics.rounding import fixed
from lmm.study.setting import open_days

Numbers = npt.NDArray[np.float64]

MONTHS_BEFORE, MONTHS_AFTER = 12, 6
"""A model needs this many months open on either side: a year of season, and half a year."""

EVENTS_A_MONTH, EVENTS_A_SIDE = 5, 5
"""A model needs this many events a month on average, and this many on either side."""

LEAST_DISPERSION = 0.05
"""Counts that lie closer to the curve than this have no variation to make an interval from."""

LARGEST_COEFFICIENT, LARGEST_ERROR = 15, 5
"""Beyond these, on the log scale, the model has no solution and was merely stopped."""

NO_SOLUTION = "the model has no solution for these counts"

CONVERGED = 1e-12
"""Iterations go on until no coefficient moves by more; statsmodels stops by itself near 1e-8."""

UNTIL_CONVERGED = {"tol": CONVERGED, "tol_criterion": "params", "maxiter": 200}
"""How statsmodels is asked for it."""

LARGEST_SCORE = 1e-9
"""What is left of the score, in standard errors; more is no maximum."""

MAIN, EXACT = "quasi-Poisson", "exact ratio of two periods"
STEP, SLOPE = 1, 3
"""Columns of `design`."""

BATCHES = {
    "attendances": "attendances come in whole courses, not one by one",
    "staff": "people come in whole courses, and each is counted on the first one only",
}


def step_change(records: Records, *, slope_change: bool = False) -> pd.DataFrame:
    """Estimate the step at the event as a rate ratio, for each measure and model.

    Parameters
    ----------
    slope_change
        Whether the trend may change at the event as well. The step is then the one on the
        day of the event, and the ratio of the slopes has rows of its own.

    Returns
    -------
    DataFrame
        Estimates with the strata ``measure, model, term``, and ``months_before,
        months_after, harmonics, dispersion`` (the last two missing where no model is
        fitted). A measure that is too sparse for the model has one row, with the exact rate
        ratio and, in its note, the reason.
    """
    rows = [
        row
        for measure in records.measures
        for row in _steps(records, measure, monthly_series(records, measure), slope_change)
    ]
    table = as_table(rows)
    return table.astype({"harmonics": "Int64", "dispersion": "float64"}) if rows else table


def counterfactual(records: Records, *, slope_change: bool = False) -> pd.DataFrame:
    """Set the fitted counts beside those that trend and season alone would give.

    Returns
    -------
    DataFrame
        For the measures that are modelled, ``measure, month, events, months_open, after,
        fitted, counterfactual, low, high, status, basis``. The band is that of the expected
        counterfactual count (delta method on the linear predictor, back-transformed); single
        months scatter more widely. After the event it is an extrapolation. A month in which
        the service was closed is ``no_data``.
    """
    tables = []
    for measure in records.measures:
        series = monthly_series(records, measure)
        try:
            fit = segmented(
                series, confidence=records.parameters.confidence, slope_change=slope_change
            )
        except NotFittedError:
            continue
        tables.append(_expected(series, fit).assign(measure=measure, basis=records.basis()))
    columns = [
        *("measure", "month", "events", "months_open", "after"),
        *("fitted", "counterfactual", "low", "high", "status", "basis"),
    ]
    return (
        pd.concat(tables, ignore_index=True)[columns] if tables else pd.DataFrame([], None, columns)
    )


def quarters(records: Records) -> pd.DataFrame:
    """Give the rate a month in each quarter, for the measures too sparse for a model.

    Returns
    -------
    DataFrame
        Estimates with the strata ``measure`` and ``quarter`` (its first day); the quarters
        are those of the contract year.
    """
    rows = []
    for measure in records.measures:
        series = monthly_series(records, measure)
        try:
            segmented(series, confidence=records.parameters.confidence)
        except NotFittedError:
            for start, part in series.groupby(_quarter(records, series["month"])):
                estimate = rate(
                    f"{words(records)[measure]} a month",
                    int(part["events"].sum()),
                    float(part["months_open"].sum()),
                    records.parameters.confidence,
                    records.basis(),
                )
                rows.append(({"measure": measure, "quarter": start}, estimate))
    return as_table(rows)


def _quarter(records: Records, months: pd.Series[pd.Timestamp]) -> pd.Series[pd.Timestamp]:
    first = records.study.contract_year_starts
    starts = [month - pd.DateOffset(months=(month.month - first) % 3) for month in months]
    return pd.Series(starts, index=months.index, dtype="datetime64[us]")


# --- the series ------------------------------------------------------------------------------


def monthly_series(records: Records, measure: str) -> pd.DataFrame:
    """Count a measure by month and say how much of each month lies after the event.

    Returns
    -------
    DataFrame
        ``month, events, months_open, after, since``. ``after`` is the share of the month's
        open days from the event on: 0 or 1 but in the month of the event, which so belongs
        to both sides in the measure of its days, without a choice of side. ``since`` is the
        mean time since the event over the month, in months, and 0 before it.
    """
    events = activity_events(records)
    dates = events.loc[events["measure"] == measure, "date"]
    series = records.calendar[["month", "months_open"]].copy()
    months = pd.PeriodIndex(series["month"], freq="M")
    found = dates.dt.to_period("M").value_counts()
    event = pd.Timestamp(records.parameters.event_date)
    days = pd.Series(open_days(records.study, records.parameters))
    after = (days >= event).groupby(days.dt.to_period("M")).mean()
    return series.assign(
        events=found.reindex(months, fill_value=0).to_numpy(),
        after=after.reindex(months).to_numpy(dtype="float64"),
        since=since(series["month"], event),
    )


def since(months: pd.Series[pd.Timestamp], event: pd.Timestamp) -> pd.Series[float]:
    """Give the mean over each month of the time since the event, in months."""
    into = (event.day - 1) / event.days_in_month
    elapsed = (months.dt.year - event.year) * 12 + months.dt.month - event.month + 1 - into
    return (elapsed.clip(lower=0) ** 2 - (elapsed - 1).clip(lower=0) ** 2) / 2


def obstacle(series: pd.DataFrame, *, slope_change: bool = False) -> str:
    """Say why a series cannot carry the model; empty where it can.

    Parameters
    ----------
    series
        As `monthly_series` gives it.
    """
    opened = series[series["months_open"] > 0]
    before = opened["after"] < 0.5
    sides = {"before the event": opened[before], "from the event on": opened[~before]}
    for name, side in sides.items():
        if side.empty:
            return f"the service was not open {name}"
    if shortage := _shortage(opened, sides):
        return f"a model needs at least {shortage}"
    if all(np.ptp(side["events"] / side["months_open"]) < 1e-9 for side in sides.values()):
        return "the counts do not vary from month to month"
    terms = design(opened, harmonics(len(opened)), slope_change=slope_change)
    if np.linalg.matrix_rank(terms) < terms.shape[1]:
        return "season, trend and step cannot be told apart in the months that were open"
    return ""


def _shortage(opened: pd.DataFrame, sides: dict[str, pd.DataFrame]) -> str:
    """Say what there is too little of: months or events."""
    for (name, side), least in zip(sides.items(), (MONTHS_BEFORE, MONTHS_AFTER), strict=True):
        if len(side) < least:
            return f"{least} months {name}, and there are {len(side)}"
    mean = opened["events"].sum() / opened["months_open"].sum()
    if mean < EVENTS_A_MONTH:
        return f"{EVENTS_A_MONTH} events a month, and there are {fixed(mean, 1)}"
    for name, side in sides.items():
        if side["events"].sum() < EVENTS_A_SIDE:
            return f"{EVENTS_A_SIDE} events {name}, and there are {side['events'].sum()}"
    return ""


# --- the rows of the tables ------------------------------------------------------------------


def _steps(
    records: Records, measure: str, series: pd.DataFrame, slope_change: bool
) -> list[tuple[dict[str, Any], Estimate]]:
    opened = series[series["months_open"] > 0]
    after = int((opened["after"] >= 0.5).sum())
    months = {"months_before": len(opened) - after, "months_after": after}
    level = records.parameters.confidence
    try:
        main = segmented(series, confidence=level, slope_change=slope_change)
    except NotFittedError as reason:
        strata = {"measure": measure, "model": EXACT, "term": "step", **months}
        exact = _two_periods(records, measure).noted(str(reason))
        return [({**strata, "harmonics": None, "dispersion": None}, exact)]
    others = sensitivities(series, confidence=level, slope_change=slope_change)
    rows = []
    for name, fit in {MAIN: main, **others}.items():
        for term in ("step", "slope")[: 1 + slope_change]:
            strata = {"measure": measure, "model": name, "term": term, **months}
            strata["harmonics"] = main.harmonics
            strata["dispersion"] = None if isinstance(fit, str) else fit.dispersion
            rows.append((strata, _modelled(records, measure, fit, term)))
    return rows


def _modelled(records: Records, measure: str, fit: Segmented | str, term: str) -> Estimate:
    before, after = _phase_counts(records, measure)
    event, what = records.study.event.name, words(records)[measure]
    estimand = {
        "step": f"{what}: rate from the {event} on / rate before, given the model",
        "slope": f"{what}: yearly trend from the {event} on / trend before",
    }[term]
    basis = records.basis()
    if isinstance(fit, str):
        return Estimate.without_value(estimand, after, before, "not_estimable", basis, fit)
    value, low, high = fit.ratio(STEP if term == "step" else SLOPE)
    made = Estimate(estimand, after, before, value, low, high, fit.method, "ok", basis, fit.note)
    return made.noted(BATCHES.get(measure, ""))


def _two_periods(records: Records, measure: str) -> Estimate:
    """Compare the counts before the event and from it on, whatever trend or season."""
    chosen = records.parameters
    event, day = pd.Timestamp(chosen.event_date), pd.Timedelta(days=1)
    before, after = _phase_counts(records, measure)
    estimate = rate_ratio(
        f"{words(records)[measure]}: rate from the {records.study.event.name} on / rate before",
        after,
        records.months_open(event, pd.Timestamp(chosen.period_end)),
        before,
        records.months_open(pd.Timestamp(chosen.period_start), event - day),
        chosen.confidence,
        records.basis(),
    )
    batches = BATCHES.get(measure, "")
    return estimate.noted(batches and f"{batches}, so that the limits are too narrow")


def _phase_counts(records: Records, measure: str) -> tuple[int, int]:
    events = activity_events(records)
    dates = events.loc[events["measure"] == measure, "date"]
    after = int((dates >= pd.Timestamp(records.parameters.event_date)).sum())
    return len(dates) - after, after


def _expected(series: pd.DataFrame, fit: Segmented) -> pd.DataFrame:
    """Give the expected counts with and without the terms of the event."""
    opened = series[series["months_open"] > 0]
    exposure = opened["months_open"].to_numpy(dtype="float64")
    terms = fit.design(opened)
    without = fit.design(opened.assign(after=0.0, since=0.0))
    eta = without @ fit.coefficients
    width = fit.quantile * np.sqrt(np.einsum("ij,jk,ik->i", without, fit.covariance, without))
    expected = pd.DataFrame(
        {
            "fitted": exposure * np.exp(terms @ fit.coefficients),
            "counterfactual": exposure * np.exp(eta),
            "low": exposure * np.exp(eta - width),
            "high": exposure * np.exp(eta + width),
        },
        index=opened.index,
    )
    opening = series["months_open"] > 0
    return series.assign(
        events=series["events"].where(opening).astype("Int64"),
        status=opening.map({True: "ok", False: "no_data"}),
    ).join(expected)


# --- the models ------------------------------------------------------------------------------


class NotFittedError(Exception):
    """A series that a model cannot be fitted to; the message is the reason."""


@dataclass(frozen=True)
class Segmented:
    """A fitted segmented regression.

    Attributes
    ----------
    method
        Model and distribution that the intervals are made with.
    coefficients, covariance
        Of the columns of `design`, on the log scale.
    quantile
        Of that distribution, for the confidence level.
    dispersion
        Pearson's chi-squared over its degrees of freedom, under this model.
    harmonics, slope_change
        What the design holds.
    """

    method: str
    coefficients: Numbers
    covariance: Numbers
    quantile: float
    dispersion: float
    harmonics: int
    slope_change: bool
    note: str = ""

    def ratio(self, column: int) -> tuple[float, float, float]:
        """Give the rate ratio of a column of the design, with its limits."""
        value = float(self.coefficients[column])
        width = self.quantile * sqrt(float(self.covariance[column, column]))
        return exp(value), exp(value - width), exp(value + width)

    def design(self, series: pd.DataFrame) -> Numbers:
        """Lay out the columns of this model for a series."""
        return design(series, self.harmonics, slope_change=self.slope_change)


def harmonics(months: int) -> int:
    """Choose how many pairs of annual harmonics a series of so many months can carry.

    None under two years, where season and step cannot be told apart; one under four years,
    so that there are about seven months to a coefficient; two from then on.
    """
    return (months >= 24) + (months >= 48)


def design(series: pd.DataFrame, pairs: int, *, slope_change: bool) -> Numbers:
    """Lay out the columns of the model: level, step, years, change of slope, season."""
    month = series["month"].dt.month.to_numpy(dtype="float64")
    index = series["month"].dt.year.to_numpy(dtype="float64") + month / 12
    columns = [np.ones(len(series)), series["after"].to_numpy(dtype="float64"), index - index[0]]
    if slope_change:
        columns.append(series["since"].to_numpy(dtype="float64") / 12)
    for k in range(1, pairs + 1):
        columns += [np.sin(2 * pi * k * month / 12), np.cos(2 * pi * k * month / 12)]
    return np.column_stack(columns)


def segmented(series: pd.DataFrame, *, confidence: float, slope_change: bool = False) -> Segmented:
    """Fit the quasi-Poisson model; intervals use the t distribution.

    Parameters
    ----------
    series
        As `monthly_series` gives it.

    Raises
    ------
    NotFittedError
        With the reason, before anything is fitted where that can be known.
    """
    if reason := obstacle(series, slope_change=slope_change):
        raise NotFittedError(reason)
    fitted = _poisson(series, slope_change=slope_change, scale="X2")
    if fitted.scale < LEAST_DISPERSION:
        raise NotFittedError("the counts hardly vary about the curve")
    return _described("quasi-Poisson, t limits", fitted, _t(fitted, confidence), slope_change)


def sensitivities(
    series: pd.DataFrame, *, confidence: float, slope_change: bool = False
) -> dict[str, Segmented | str]:
    """Fit the same curve with other assumptions about the scatter.

    Returns
    -------
    dict
        By name, the model or the reason why there is none: ``negative binomial`` (with the
        normal distribution), and ``Newey-West``, the Poisson curve with limits that allow
        for correlation from month to month.
    """
    found: dict[str, Segmented | str] = {}
    for name, fit in {"negative binomial": _negative_binomial, "Newey-West": _newey_west}.items():
        try:
            found[name] = fit(series, confidence, slope_change)
        except NotFittedError as reason:
            found[name] = str(reason)
    return found


def _negative_binomial(series: pd.DataFrame, confidence: float, slope_change: bool) -> Segmented:
    """Take the variance as mean + alpha * mean squared, alpha by maximum likelihood."""
    poisson = _poisson(series, slope_change=slope_change)
    y, terms, offset = poisson.model.endog, poisson.model.exog, poisson.model.offset
    quantile = float(stats.norm.ppf((1 + confidence) / 2))
    method = "negative binomial, normal limits"
    excess = float((poisson.resid_response**2 - y).sum())
    if excess <= 0:  # the likelihood falls from alpha = 0 on
        note = "the counts vary no more than Poisson ones: alpha is 0 and the model is Poisson"
        return _described(method, poisson, quantile, slope_change, note)
    start = [*poisson.params, excess / float((poisson.mu**2).sum())]
    joint = _quietly(
        sm.NegativeBinomial(y, terms, offset=offset).fit,
        start_params=start, method="newton", maxiter=200, tol=CONVERGED, disp=0,
    )  # fmt: skip
    alpha = float(joint.params[-1])
    if not joint.mle_retvals["converged"] or alpha <= 0:
        raise NotFittedError(NO_SOLUTION)
    family = sm.families.NegativeBinomial(alpha=alpha)
    fitted = _quietly(sm.GLM(y, terms, family=family, offset=offset).fit, **UNTIL_CONVERGED)
    return _described(method, fitted, quantile, slope_change, f"alpha {alpha:.3g}")


def _newey_west(series: pd.DataFrame, confidence: float, slope_change: bool) -> Segmented:
    """Bartlett kernel, lag 4 (n/100)^(2/9), small-sample factor n/(n-k), t distribution.

    Source: Newey and West (1994), Review of Economic Studies 61, 631-653.
    """
    lag = floor(4 * (int((series["months_open"] > 0).sum()) / 100) ** (2 / 9))
    options = {"maxlags": lag, "use_correction": True}
    fitted = _poisson(series, slope_change=slope_change, cov_type="HAC", cov_kwds=options)
    note = f"lag {lag}; in a short series such limits tend to be too narrow"
    method = "Poisson, Newey-West limits (t)"
    return _described(method, fitted, _t(fitted, confidence), slope_change, note)


def _poisson(series: pd.DataFrame, *, slope_change: bool, **options: Any) -> Any:
    opened = series[series["months_open"] > 0]
    terms = design(opened, harmonics(len(opened)), slope_change=slope_change)
    offset = np.log(opened["months_open"].to_numpy(dtype="float64"))
    counts = opened["events"].to_numpy(dtype="float64")
    model = sm.GLM(counts, terms, family=sm.families.Poisson(), offset=offset)
    return _quietly(model.fit, **UNTIL_CONVERGED, **options)


def _quietly(fit: Any, **options: Any) -> Any:
    """Fit; whatever statsmodels would only warn of is a reason to give no numbers."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            return fit(**options)
    except (Warning, np.linalg.LinAlgError):
        raise NotFittedError(NO_SOLUTION) from None


def _t(fitted: Any, confidence: float) -> float:
    return float(stats.t.ppf((1 + confidence) / 2, fitted.df_resid))


def _described(
    method: str, fitted: Any, quantile: float, slope_change: bool, note: str = ""
) -> Segmented:
    found = Segmented(
        method,
        np.asarray(fitted.params, dtype="float64"),
        np.asarray(fitted.cov_params(), dtype="float64"),
        quantile,
        float(fitted.pearson_chi2 / fitted.df_resid),
        harmonics(len(fitted.model.endog)),
        slope_change,
        note,
    )
    errors = np.sqrt(np.diag(found.covariance))
    largest = np.abs(found.coefficients).max()
    if not (errors.min() > 1e-6 and errors.max() < LARGEST_ERROR and largest < LARGEST_COEFFICIENT):
        raise NotFittedError(NO_SOLUTION)
    if not _left_of_score(fitted) < LARGEST_SCORE:
        raise NotFittedError(NO_SOLUTION)
    return found


def _left_of_score(fitted: Any) -> float:
    """Give the length of the score at the estimate, in standard errors of the coefficients."""
    score = fitted.model.score(fitted.params, scale=1)
    return sqrt(float(score @ fitted.normalized_cov_params @ score))
