"""Was there a step in the monthly counts at the event? A description, never an effect.

One service without a control: a step says that the counts before and after differ by more
or less than trend and season, and nothing about why. Where the counts do not allow the model of
`lmm.statistics.segmented`, those before and from the event on are compared by an exact rate
ratio, without trend or season.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from lmm.analysis.measures import activity_events, words
from lmm.cleaning.records import Records
from lmm.statistics.counterfactual import expected_counts
from lmm.statistics.estimate import Estimate, as_table
from lmm.statistics.rates import rate, rate_ratio
from lmm.statistics.segmented import segmented, sensitivities
from lmm.statistics.segmented_fit import NotFittedError, Segmented
from lmm.study.setting import open_days

MAIN, EXACT = "quasi-Poisson", "exact ratio of two periods"

BATCHES = {
    "attendances": "attendances come in whole courses, not one by one",
    "staff": "people come in whole courses, and each is counted on the first one only",
}


def step_change(records: Records) -> pd.DataFrame:
    """Estimate the step at the event as a rate ratio, for each measure and model.

    Returns
    -------
    DataFrame
        Estimates with the strata ``measure, model, term``, and ``months_before,
        months_after, harmonics, dispersion`` (the last two missing where no model is
        fitted). A measure that is too sparse for the model has one row, with the exact rate
        ratio and, in its note, the reason.
    """
    rows = [row for measure in records.measures for row in _steps(records, measure)]
    table = as_table(rows)
    return table.astype({"harmonics": "Int64", "dispersion": "float64"}) if rows else table


def counterfactual(records: Records) -> pd.DataFrame:
    """Set the fitted counts beside those that trend and season alone would give.

    Returns
    -------
    DataFrame
        For the measures that are modelled, as `expected_counts` gives them, ``measure, month,
        events, months_open, after, fitted, counterfactual, low, high, status, basis``.
    """
    tables = []
    for measure in records.measures:
        series = monthly_series(records, measure)
        try:
            fit = segmented(series, records.parameters.confidence)
        except NotFittedError:
            continue
        expected = expected_counts(series, fit)
        tables.append(expected.assign(measure=measure, basis=records.basis()))
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
            segmented(series, records.parameters.confidence)
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


def monthly_series(records: Records, measure: str) -> pd.DataFrame:
    """Count a measure by month and say how much of each month lies after the event.

    Returns
    -------
    DataFrame
        ``month, events, months_open, after``. ``after`` is the share of the month's open days
        from the event on: 0 or 1 but in the month of the event, which so belongs to both
        sides in the measure of its days, without a choice of side.
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
    )


# --- the rows of the table -------------------------------------------------------------------


def _steps(records: Records, measure: str) -> list[tuple[dict[str, Any], Estimate]]:
    series, level = monthly_series(records, measure), records.parameters.confidence
    opened = series[series["months_open"] > 0]
    after = int((opened["after"] >= 0.5).sum())
    months = {"months_before": len(opened) - after, "months_after": after}
    try:
        main = segmented(series, level)
    except NotFittedError as reason:
        strata = {"measure": measure, "model": EXACT, "term": "step", **months}
        exact = _two_periods(records, measure).noted(str(reason))
        return [({**strata, "harmonics": None, "dispersion": None}, exact)]
    rows = []
    for name, fit in {MAIN: main, **sensitivities(series, level)}.items():
        strata = {"measure": measure, "model": name, "term": "step", **months}
        strata["harmonics"] = main.harmonics
        strata["dispersion"] = None if isinstance(fit, str) else fit.dispersion
        rows.append((strata, _modelled(records, measure, fit)))
    return rows


def _modelled(records: Records, measure: str, fit: Segmented | str) -> Estimate:
    before, after = _phase_counts(records, measure)
    estimand, basis = f"{_ratio_of(records, measure)}, given the model", records.basis()
    if isinstance(fit, str):
        return Estimate.without_value(estimand, after, before, "not_estimable", basis, fit)
    value, low, high = fit.step()
    made = Estimate(estimand, after, before, value, low, high, fit.method, "ok", basis, fit.note)
    return made.noted(BATCHES.get(measure, ""))


def _two_periods(records: Records, measure: str) -> Estimate:
    """Compare the counts before the event and from it on, whatever trend or season."""
    chosen = records.parameters
    event, day = pd.Timestamp(chosen.event_date), pd.Timedelta(days=1)
    before, after = _phase_counts(records, measure)
    estimate = rate_ratio(
        _ratio_of(records, measure),
        after,
        records.months_open(event, pd.Timestamp(chosen.period_end)),
        before,
        records.months_open(pd.Timestamp(chosen.period_start), event - day),
        chosen.confidence,
        records.basis(),
    )
    batches = BATCHES.get(measure, "")
    return estimate.noted(batches and f"{batches}, so that the limits are too narrow")


def _ratio_of(records: Records, measure: str) -> str:
    """Say which ratio is estimated."""
    return f"{words(records)[measure]}: rate from the {records.study.event.name} on / rate before"


def _phase_counts(records: Records, measure: str) -> tuple[int, int]:
    events = activity_events(records)
    dates = events.loc[events["measure"] == measure, "date"]
    after = int((dates >= pd.Timestamp(records.parameters.event_date)).sum())
    return len(dates) - after, after
