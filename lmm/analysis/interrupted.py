"""Was there a step in the monthly counts at the event? A description, never an effect.

One service without a control: a step says that the counts before and after differ by more
or less than trend and season, and nothing about why. Where the counts do not allow the model of
`lmm.statistics.segmented`, those before and from the event on are compared by a rate ratio
with conditional limits, without trend or season. So are all counts that are released rounded.
"""

from __future__ import annotations

import pandas as pd

from lmm.analysis.analysis import analysis
from lmm.analysis.by_time import shown_by, why_none
from lmm.analysis.in_batches import batches_of
from lmm.analysis.monthly import NO_MODEL, modelled, monthly_series, months
from lmm.analysis.released import estimated, hidden
from lmm.analysis.result import Result, Row
from lmm.analysis.roles import (
    Role,
    aside,
    count,
    estimate_of,
    measure,
    month,
    number,
    p_value,
    stratum,
    words,
)
from lmm.analysis.roles import date as day
from lmm.counting.counts import Counts
from lmm.counting.spans import span_of
from lmm.statistics.autocorrelation import autocorrelation
from lmm.statistics.batches import Batches
from lmm.statistics.counterfactual import expected_counts
from lmm.statistics.estimate import Estimate
from lmm.statistics.rates import rate, rate_ratio
from lmm.statistics.segmented import Fit, sensitivities
from lmm.statistics.segmented_fit import Segmented

MAIN, TWO_PERIODS = "quasi-Poisson", "ratio of two periods"

ALIKE = (
    "where each month resembles the one before this interval is too narrow: see the coverage page"
)
"""Said of models that take months as independent."""

NOT_MODELLED = "No measure has enough events a month for a model of the step."


@analysis()
def step_change(counts: Counts) -> Result:
    """Estimate the step at the event as a rate ratio, for each measure and model.

    Returns
    -------
    Result
        Estimates with the strata ``measure, model, term``, and ``months_before,
        months_after, harmonics, dispersion`` (the last two missing where no model is
        fitted). A measure that is too sparse for the model has one row, with the exact rate
        ratio and, in its note, the reason; so has one whose counts are rounded.
    """
    measures = shown_by(counts, "month", "phase")
    if not measures:
        return Result.absent(why_none(counts))
    found = Result.of_estimates(
        [row for name in measures for row in _steps(counts, name)],
        measure=measure("Activity"),
        model=stratum(of="model"),
        term=aside(stratum()),
        months_before=number(),
        months_after=number(),
        harmonics=aside(number()),
        dispersion=aside(number()),
        numerator=Role("numerator", "Events after"),
        denominator=Role("denominator", "before", of="to"),
        estimate=estimate_of("ratio of after to before"),
    )
    return found.with_table(found.table.astype({"harmonics": "Int64", "dispersion": "float64"}))


@analysis(title="Do months resemble each other?")
def month_to_month(counts: Counts) -> Result:
    """Say for each modelled measure whether the months resemble those before.

    Returns
    -------
    Result
        ``measure, months, lag_1`` (correlation of the Pearson residuals of a month and the
        open month before), ``ljung_box`` (p-value at lag 1), ``what_it_finds`` (the power of
        that test at this length, in words) and ``basis``.
    """
    measures = shown_by(counts, "month")
    if not measures:
        return Result.absent(why_none(counts))
    rows = [
        _resemblance(counts, name)
        for name in measures
        if isinstance(modelled(counts, name), Segmented)
    ]
    if not rows:
        exact = all(counts.is_exact(name) for name in measures)
        return Result.absent(NOT_MODELLED if exact else NO_MODEL)
    return Result.of(
        pd.DataFrame(rows),
        measure=measure("Activity"),
        months=number(),
        lag_1=number("Correlation with the month before", 2, of="lag 1"),
        ljung_box=p_value("p (Ljung-Box, lag 1)"),
        what_it_finds=words("What the test finds", once=True),
    )


@analysis()
def counterfactual(counts: Counts) -> Result:
    """Set the fitted counts beside those that trend and season alone would give.

    Returns
    -------
    Result
        For the measures that are modelled, as `expected_counts` gives them, ``measure, month,
        events, months_open, after, fitted, counterfactual, low, high, status, basis``.
    """
    measures = shown_by(counts, "month")
    if not measures:
        return Result.absent(why_none(counts))
    fits = {name: modelled(counts, name) for name in measures}
    tables = [
        expected_counts(monthly_series(counts, name), fit).assign(
            measure=name, basis=counts.basis()
        )
        for name, fit in fits.items()
        if isinstance(fit, Segmented)
    ]
    if not tables and not all(counts.is_exact(name) for name in measures):
        return Result.absent(NO_MODEL)
    columns = [
        *("measure", "month", "events", "months_open", "after"),
        *("fitted", "counterfactual", "low", "high", "status", "basis"),
    ]
    joined = pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=columns)
    return Result.of(
        joined[columns],
        measure=measure("Activity"),
        month=month(),
        events=count(),
        months_open=number(decimals=1, of="months open"),
        after=number(of="part after"),
        fitted=number(of="fitted"),
        counterfactual=number(of="counterfactual"),
    )


@analysis()
def quarters(counts: Counts) -> Result:
    """Give the rate a month in each quarter, for the measures that are not modelled.

    Returns
    -------
    Result
        Estimates with the strata ``measure`` and ``quarter`` (its first day); the quarters
        are those of the contract year.
    """
    measures = shown_by(counts, "month", "quarter")
    if not measures:
        return Result.absent(why_none(counts))
    rows = [
        row
        for name in measures
        if isinstance(modelled(counts, name), str)
        for row in _by_quarter(counts, name)
    ]
    return Result.of_estimates(rows, measure=measure("Activity"), quarter=day())


# --- the rows of the tables ------------------------------------------------------------------


def _steps(counts: Counts, name: str) -> list[Row]:
    calendar = months(counts)
    opened = calendar[calendar["months_open"] > 0]
    after = int((opened["after"] >= 0.5).sum())
    both = {"months_before": len(opened) - after, "months_after": after}
    main = modelled(counts, name)
    if isinstance(main, str):
        strata = {"measure": name, "model": TWO_PERIODS, "term": "step", **both}
        exact = _two_periods(counts, name).noted(main)
        return [({**strata, "harmonics": None, "dispersion": None}, exact)]
    others = sensitivities(monthly_series(counts, name), counts.parameters.confidence)
    rows = []
    for model, fit in {MAIN: main, **others}.items():
        strata = {"measure": name, "model": model, "term": "step", **both}
        strata["harmonics"] = main.harmonics
        strata["dispersion"] = None if isinstance(fit, str) else fit.dispersion
        rows.append((strata, _estimated(counts, name, fit)))
    return rows


def _resemblance(counts: Counts, name: str) -> dict[str, object]:
    found = autocorrelation(monthly_series(counts, name))
    return {
        "measure": name,
        "months": found.months,
        "lag_1": found.lag_1,
        "ljung_box": found.p_value,
        "what_it_finds": found.in_words(),
        "basis": counts.basis(),
    }


def _estimated(counts: Counts, name: str, fit: Fit | str) -> Estimate:
    before, after = (counts.n(name, phase=phase) for phase in counts.phases)
    estimand, basis = f"{_ratio_of(counts, name)}, given the model", counts.basis()
    if isinstance(fit, str):
        return Estimate.without_value(estimand, after, before, "not_estimable", basis, fit)
    value, low, high = fit.step()
    made = Estimate(estimand, after, before, value, low, high, fit.method, "ok", basis, fit.note)
    return made.noted(ALIKE if isinstance(fit, Segmented) else "")


def _two_periods(counts: Counts, name: str) -> Estimate:
    """Compare the counts before the event and from it on, whatever trend or season."""
    chosen, estimand, basis = counts.parameters, _ratio_of(counts, name), counts.basis()
    event, one = pd.Timestamp(chosen.event_date), pd.Timedelta(days=1)
    before, after = (counts.n(name, phase=phase) for phase in counts.phases)
    exposure = counts.months_open(event, pd.Timestamp(chosen.period_end))
    base_exposure = counts.months_open(pd.Timestamp(chosen.period_start), event - one)

    first, last = counts.phases
    (old, note), (new, _) = (batches_of(counts, name, phase=each) for each in (first, last))
    both = None if old is None or new is None else (new, old)

    def make(events: int, base: int) -> Estimate:
        level = chosen.confidence
        made = rate_ratio(estimand, events, exposure, base, base_exposure, level, basis, both)
        return made.noted(note)

    return estimated(counts, name, hidden(estimand, after, before, basis), make, after, before)


def _by_quarter(counts: Counts, name: str) -> list[Row]:
    estimand, basis = f"{counts.label(name)} a month", counts.basis()
    starts = span_of(counts.calendar["month"], "quarter", counts)
    rows = []
    for start, part in counts.calendar.groupby(starts):
        exposure, n = float(part["months_open"].sum()), counts.n(name, quarter=start)

        batches, note = batches_of(counts, name, quarter=start)

        def make(
            events: int,
            exposure: float = exposure,
            batches: Batches | None = batches,
            note: str = note,
        ) -> Estimate:
            level = counts.parameters.confidence
            found = rate(estimand, events, exposure, level, basis, batches)
            return found.noted(note if found.status == "ok" else "")

        made = estimated(counts, name, hidden(estimand, n, exposure, basis), make, n)
        rows.append(({"measure": name, "quarter": pd.Timestamp(str(start))}, made))
    return rows


def _ratio_of(counts: Counts, name: str) -> str:
    """Say which ratio is estimated."""
    return f"{counts.label(name)}: rate from the {counts.study.event.name} on / rate before"
