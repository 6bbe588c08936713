"""The step at the event: against R, against simulations with a known step, and at the edges."""

from __future__ import annotations

import datetime as dt
import itertools
import warnings
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from lmm.analysis import interrupted
from lmm.analysis.interrupted import NotFittedError, Segmented
from lmm.analysis.measures import MEASURES
from lmm.cleaning.contract import tables_of, typed
from lmm.cleaning.records import Records
from lmm.showing.plots import interrupted as plots
from lmm.study.declared import Closure
from lmm.study.parameters import Parameters
from lmm.study.study import Study, read_study

ROOT = Path(__file__).resolve().parents[1]
REFERENCE = Path(__file__).parent / "reference"
STUDY = read_study(ROOT)
EVENT = (dt.date(2020, 3, 23), "first UK lockdown")


def records_of(
    consultations: Iterable[str | pd.Timestamp] = (),
    families: Iterable[str] = (),
    study: Study = STUDY,
    **parameters: str,
) -> Records:
    """Make records with sessions to staff on some days, families first seen on others, a course."""
    tables = {
        name: typed(pd.DataFrame(columns=list(spec.columns), dtype="str"), spec.columns)
        for name, spec in tables_of(study).items()
    }
    days, seen = pd.to_datetime(list(consultations)), pd.to_datetime(list(families))
    names = [f"F{n}" for n in range(len(seen))]
    chosen = Parameters.of(study, parameters)
    course = {"course_id": "C1", "topic": "attachment", "date": pd.Timestamp(chosen.period_start)}
    tables["courses"] = pd.DataFrame([course])
    tables["consultations"] = pd.DataFrame({"date": days, "kind": "support"})
    tables["families"] = pd.DataFrame(
        {
            "family_id": names,
            "referred_on": seen,
            **dict.fromkeys(("accepted_on", "offered_on", "discharged_on"), pd.NaT),
        }
    )
    tables["family_contacts"] = pd.DataFrame(
        {"family_id": names, "date": seen, "outcome": "attended"}
    )
    return Records.within(tables, study, chosen)


def monthly(counts: Sequence[int], first: str = "2018-04-01") -> list[pd.Timestamp]:
    """Put so many events on the first days of each month; the first day is before any event."""
    starts = pd.date_range(first, periods=len(counts), freq="MS")
    return [
        month + pd.Timedelta(days=k % 20)
        for month, n in zip(starts, counts, strict=True)
        for k in range(n)
    ]


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
            "since": interrupted.since(months, event),
        }
    )


def step_of(table: pd.DataFrame, measure: str = "consultations") -> Any:
    rows = table[(table["measure"] == measure) & (table["term"] == "step")]
    return next(rows.itertuples(index=False))


# --- against R -------------------------------------------------------------------------------

R_SERIES = pd.read_csv(REFERENCE / "interrupted_series.csv", parse_dates=["month", "event"])
R_EXPECTED = pd.read_csv(REFERENCE / "interrupted_expected.csv")
R_CURVE = pd.read_csv(REFERENCE / "interrupted_curve.csv", parse_dates=["month"])
CASES = list(itertools.product(("drivers", "vans", "made"), (False, True)))


def r_series(name: str) -> pd.DataFrame:
    rows = R_SERIES[R_SERIES["series"] == name].reset_index(drop=True)
    return rows.assign(since=interrupted.since(rows["month"], rows["event"].iloc[0]))


def fits(series: pd.DataFrame, *, slope_change: bool) -> dict[str, Segmented | str]:
    main = interrupted.segmented(series, confidence=0.95, slope_change=slope_change)
    others = interrupted.sensitivities(series, confidence=0.95, slope_change=slope_change)
    return {"quasi-Poisson": main, **others}


@pytest.mark.parametrize(("name", "slope_change"), CASES)
def test_ratios_agree_with_r(name: str, slope_change: bool) -> None:
    """R's glm(quasipoisson), MASS glm.nb and sandwich NeweyWest on the same counts."""
    found = fits(r_series(name), slope_change=slope_change)
    expected = R_EXPECTED[
        (R_EXPECTED["series"] == name) & (R_EXPECTED["slope_change"] == slope_change)
    ]
    assert len(expected) == 3 * (1 + slope_change)
    for row in expected.itertuples():
        fit = found[row.model]
        assert isinstance(fit, Segmented)
        column = interrupted.STEP if row.term == "step" else interrupted.SLOPE
        tolerance = 1e-5 if row.model == "negative binomial" else 1e-8
        values = (*fit.ratio(column), fit.dispersion)
        assert values == pytest.approx(
            (row.estimate, row.low, row.high, row.dispersion), rel=tolerance
        )


@pytest.mark.parametrize(("name", "slope_change"), CASES)
def test_the_curve_agrees_with_r(name: str, slope_change: bool) -> None:
    series = r_series(name)
    fit = interrupted.segmented(series, confidence=0.95, slope_change=slope_change)
    found = interrupted._expected(series, fit).set_index("month")
    expected = R_CURVE[(R_CURVE["series"] == name) & (R_CURVE["slope_change"] == slope_change)]
    assert len(expected) == 14
    for row in expected.itertuples():
        for column in ("fitted", "counterfactual", "low", "high"):
            assert found.loc[row.month, column] == pytest.approx(getattr(row, column), rel=1e-8)


def test_a_published_analysis() -> None:
    """Harvey and Durbin (1986): 23 % fewer car drivers killed or seriously injured."""
    fit = interrupted.segmented(r_series("drivers"), confidence=0.95, slope_change=True)
    ratio, low, high = fit.ratio(interrupted.STEP)
    assert ratio == pytest.approx(0.77, abs=0.02)
    assert low < 0.77 < high


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
    for fit in fits(series, slope_change=False).values():
        assert isinstance(fit, Segmented)
        assert fit.ratio(interrupted.STEP)[0] == pytest.approx(0.6, rel=0.01)
    main = interrupted.segmented(series, confidence=0.95)
    assert main.harmonics == 2
    assert main.dispersion == pytest.approx(2, rel=0.5)


def test_intervals_cover_as_often_as_they_say() -> None:
    rng = np.random.default_rng(2)
    ratios = []
    for _ in range(400):
        series = simulated(rng, months=34, before=24, step=0.7, level=10, spread=2)
        ratios.append(interrupted.segmented(series, confidence=0.9).ratio(interrupted.STEP))
    values, low, high = np.array(ratios).T
    assert np.mean((low <= 0.7) & (high >= 0.7)) == pytest.approx(0.9, abs=0.035)
    assert np.median(values) == pytest.approx(0.7, rel=0.05)


def test_a_step_within_a_month_is_recovered_from_days() -> None:
    """Half as many a day from 23 March on; the month of the event counts by its days."""
    days = pd.date_range("2018-04-01", "2021-01-31")
    each = [20 if day < pd.Timestamp(EVENT[0]) else 10 for day in days]
    each = [n + (-1) ** day.day for n, day in zip(each, days, strict=True)]
    records = records_of(itertools.chain(*([day] * n for day, n in zip(days, each, strict=True))))
    found = step_of(interrupted.step_change(records))
    assert found.estimate == pytest.approx(0.5, rel=0.03)


def test_a_known_change_of_slope_is_recovered() -> None:
    rng = np.random.default_rng(3)
    series = simulated(rng, months=60, before=36, step=0.8, level=5000, spread=2)
    thinned = rng.binomial(series["events"].to_numpy(), np.exp(-0.5 * series["since"] / 12))
    series = series.assign(events=thinned)
    fit = interrupted.segmented(series, confidence=0.95, slope_change=True)
    assert fit.ratio(interrupted.STEP)[0] == pytest.approx(0.8, rel=0.02)
    assert fit.ratio(interrupted.SLOPE)[0] == pytest.approx(np.exp(-0.5), rel=0.02)
    plain = interrupted.segmented(series, confidence=0.95)
    assert plain.ratio(interrupted.STEP)[0] < 0.75  # takes the change of slope for a step


# --- the series ------------------------------------------------------------------------------


def test_months_are_split_by_their_open_days() -> None:
    closed = [
        Closure(start="2018-06-01", end="2018-06-30", reason="no premises"),
        Closure(start="2020-03-27", end="2020-03-31", reason="moving online"),
    ]
    study = STUDY.model_copy(update={"closures": tuple(closed)})
    records = records_of(["2018-04-01", "2018-04-30", "2020-03-23", "2021-01-31"], study=study)
    series = interrupted.monthly_series(records, "consultations").set_index("month")
    assert series["events"].sum() == 4
    assert list(series.loc[["2018-04-01", "2020-03-01", "2021-01-01"], "events"]) == [2, 1, 1]
    assert series.loc["2018-06-01", "months_open"] == 0
    assert np.isnan(series.loc["2018-06-01", "after"])
    assert series.loc["2020-03-01", "months_open"] == pytest.approx(26 / 31)
    assert series.loc["2020-03-01", "after"] == pytest.approx(4 / 26)
    others = series.drop(pd.to_datetime(["2018-06-01", "2020-03-01"]))["after"]
    assert set(others) == {0.0, 1.0}


def test_time_since_the_event_is_its_mean_over_the_month() -> None:
    months = pd.Series(pd.to_datetime(["2020-02-01", "2020-03-01", "2020-04-01", "2021-03-01"]))
    found = interrupted.since(months, pd.Timestamp("2020-03-23"))
    day_by_day = [max(0.0, (day + 0.5 - 22) / 31) for day in range(31)]
    assert list(found) == pytest.approx(
        [0, np.mean(day_by_day), 1.5 - 22 / 31, 12.5 - 22 / 31], abs=1e-12
    )


@pytest.mark.parametrize(("months", "pairs"), [(18, 0), (23, 0), (24, 1), (47, 1), (48, 2)])
def test_the_number_of_harmonics_follows_from_the_length(months: int, pairs: int) -> None:
    assert interrupted.harmonics(months) == pairs


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
    found = interrupted.obstacle(series_of(counts, before))
    assert reason in found if reason else found == ""


def test_the_mean_is_by_month_open() -> None:
    half = [0.5] * 30
    assert interrupted.obstacle(series_of(varied(30), 20, half)) == ""
    few = [3, 2] * 15
    assert "there are 2.5" in interrupted.obstacle(series_of(few, 20))
    assert interrupted.obstacle(series_of(few, 20, half)) == ""


def test_closed_months_are_left_out() -> None:
    counts = varied(34)
    opened = [0.0 if n in (5, 6, 30) else 1.0 for n in range(34)]
    series = series_of([n if w else 0 for n, w in zip(counts, opened, strict=True)], 24, opened)
    fit = interrupted.segmented(series, confidence=0.95)
    without = interrupted.segmented(series[series["months_open"] > 0], confidence=0.95)
    assert fit.ratio(1) == pytest.approx(without.ratio(1))
    closed = interrupted._expected(series, fit).iloc[5]
    assert closed["status"] == "no_data"
    assert pd.isna(closed["events"])
    assert pd.isna(closed["fitted"])


def test_a_service_that_opens_in_one_month_of_the_year_has_no_season() -> None:
    opened = [1.0 if n % 12 in (0, 1) else 0.0 for n in range(12 * 14)]
    counts = [15 + n % 7 if w else 0 for n, w in enumerate(opened)]
    assert "cannot be told apart" in interrupted.obstacle(series_of(counts, 12 * 8, opened))


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
        interrupted.segmented(series_of(counts, 20), confidence=0.95)


def test_counts_that_no_curve_fits_are_not_modelled() -> None:
    """Everything in one month of the year: the season has no finite amplitude."""
    counts = [90 + n if n % 12 == 3 else 0 for n in range(36)]
    with pytest.raises(NotFittedError, match="no solution"):
        interrupted.segmented(series_of(counts, 20), confidence=0.95)


def test_a_fit_that_fails_is_a_reason_and_no_exception(monkeypatch: pytest.MonkeyPatch) -> None:
    class Failing:
        def __init__(self, *_: object, **__: object) -> None: ...
        def fit(self, **_: object) -> None:
            raise np.linalg.LinAlgError("Singular matrix")

    monkeypatch.setattr(interrupted.sm, "NegativeBinomial", Failing)
    records = records_of(monthly([3, 20, 8, 14] * 8 + [6, 12]))
    table = interrupted.step_change(records).set_index(["measure", "model"])
    row = table.loc[("consultations", "negative binomial")]
    assert row["status"] == "not_estimable"
    assert "no solution" in row["note"]
    assert pd.isna(row["estimate"])
    assert table.loc[("consultations", "quasi-Poisson"), "status"] == "ok"


def test_what_would_only_be_warned_of_gives_no_numbers() -> None:
    def warned() -> str:
        warnings.warn("the Hessian is singular", RuntimeWarning, stacklevel=1)
        return "numbers"

    with pytest.raises(NotFittedError, match="no solution"):
        interrupted._quietly(warned)


def test_counts_without_extra_scatter_make_the_negative_binomial_poisson() -> None:
    series = series_of([9, 10, 11] * 10, 20)
    main = interrupted.segmented(series, confidence=0.95)
    negative = interrupted.sensitivities(series, confidence=0.95)["negative binomial"]
    assert isinstance(negative, Segmented)
    assert "is Poisson" in negative.note
    assert negative.ratio(1)[0] == pytest.approx(main.ratio(1)[0])
    assert negative.ratio(1)[1] < main.ratio(1)[1]  # which takes less scatter than Poisson's


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
        for slope_change in (False, True):
            try:
                found = fits(series, slope_change=slope_change)
            except NotFittedError:
                continue
            for fit in found.values():
                if isinstance(fit, Segmented):
                    ratio, low, high = fit.ratio(interrupted.STEP)
                    assert 0 < low < ratio < high < 1e12
                    assert np.isfinite(interrupted._expected(series, fit)["high"].dropna()).all()


# --- the tables ------------------------------------------------------------------------------


def test_each_measure_has_its_rows_in_order() -> None:
    records = records_of(monthly(varied(34)), ["2019-05-01", "2020-05-01"])
    table = interrupted.step_change(records)
    assert list(dict.fromkeys(table["measure"])) == list(MEASURES)
    models = table[table["measure"] == "consultations"]
    assert list(models["model"]) == ["quasi-Poisson", "negative binomial", "Newey-West"]
    assert (models["status"] == "ok").all()
    first = step_of(table)
    assert (first.months_before, first.months_after, first.harmonics) == (24, 10, 1)
    assert first.denominator + first.numerator == len(records.tables["consultations"])
    both = interrupted.step_change(records, slope_change=True)
    terms = both.loc[both["measure"] == "consultations", "term"]
    assert list(terms) == ["step", "slope"] * 3


def test_a_sparse_measure_gets_the_exact_ratio_and_the_reason() -> None:
    """21 events in the base period and 11 in the other; limits as R's poisson.test."""
    days = [f"2018-{m:02}-11" for m in (4, 5, 6)] * 7 + ["2020-03-23", "2020-03-22"] * 5
    records = records_of(families=[*days, "2020-03-24"])
    found = step_of(interrupted.step_change(records), "families")
    assert found.model == interrupted.EXACT
    assert found.method == "conditional exact (Clopper-Pearson)"
    assert (found.numerator, found.denominator) == (6, 26)
    before, after = 23 + 22 / 31, 9 / 31 + 10
    assert found.estimate == pytest.approx(6 / 26 * before / after)
    assert "at least 5 events a month" in found.note
    assert pd.isna(found.dispersion)
    assert pd.isna(found.harmonics)


@pytest.mark.parametrize(
    ("days", "parameters", "status", "note"),
    [
        (monthly([8] * 12), {}, "ok", "one-sided"),
        (monthly([8] * 6, "2020-05-01"), {}, "not_estimable", "the ratio is at least"),
        ([], {}, "not_estimable", "no events in either period"),
        (monthly(varied(34)), {"event_date": "2018-04-01"}, "no_data", "not open before"),
        (monthly(varied(34)), {"event_date": "2021-02-01"}, "no_data", "not open from the event"),
        (["2020-03-23"], {"period_start": "2020-03-23", "period_end": "2020-03-23"}, "no_data", ""),
    ],
)
def test_an_empty_side_has_a_status(
    days: list[Any], parameters: dict[str, str], status: str, note: str
) -> None:
    table = interrupted.step_change(records_of(days, **parameters))
    found = step_of(table)
    assert found.model == interrupted.EXACT
    assert found.status == status
    assert note in found.note
    if status == "ok":
        assert (found.estimate, found.low) == (0, 0)
        assert 0 < found.high < 1


def test_a_service_closed_from_the_event_on_has_no_data() -> None:
    closed = Closure(start="2020-03-23", end="2021-01-31", reason="closed")
    study = STUDY.model_copy(update={"closures": (closed,)})
    records = records_of(monthly(varied(24)), study=study)
    assert step_of(interrupted.step_change(records)).status == "no_data"
    assert interrupted.counterfactual(records).empty
    quarters = interrupted.quarters(records)
    assert (
        list(quarters.loc[quarters["measure"] == "courses", "status"])
        == ["ok"] * 8 + ["no_data"] * 4
    )


def test_the_counterfactual_leaves_out_the_step_and_nothing_else() -> None:
    records = records_of(monthly(varied(34)))
    table = interrupted.counterfactual(records)
    assert set(table["measure"]) == {"consultations"}
    assert (table["status"] == "ok").all()
    step = step_of(interrupted.step_change(records)).estimate
    ratio = table["fitted"] / table["counterfactual"]
    assert list(ratio) == pytest.approx(list(step ** table["after"]))
    assert (table["low"] < table["counterfactual"]).all()
    assert (table["counterfactual"] < table["high"]).all()
    assert table["fitted"].sum() == pytest.approx(table["events"].sum())  # Poisson's score
    wide = table["high"] / table["low"]
    assert wide.iloc[-1] > wide.iloc[12]


def test_quarters_are_those_of_the_contract_year() -> None:
    study = STUDY.model_copy(update={"contract_year_starts": 2})
    records = records_of(families=["2018-04-02", "2018-05-02", "2018-05-03", "2019-02-01"])
    rows = interrupted.quarters(records)
    rows = rows[rows["measure"] == "families"]
    assert list(rows["quarter"].dt.strftime("%Y-%m").head(3)) == ["2018-04", "2018-07", "2018-10"]
    assert list(rows["numerator"].head(5)) == [3, 0, 0, 1, 0]
    assert rows["estimate"].iloc[0] == pytest.approx(1)
    assert rows["denominator"].sum() == pytest.approx(34)
    shifted = interrupted.quarters(records_of(families=["2018-04-02"], study=study))
    first = shifted[shifted["measure"] == "families"].iloc[0]
    assert (first["quarter"], first["denominator"]) == (pd.Timestamp("2018-02-01"), 1)


def test_a_measure_is_either_modelled_or_shown_by_quarter() -> None:
    records = records_of(monthly(varied(34)), ["2019-05-01"])
    modelled = set(interrupted.counterfactual(records)["measure"])
    assert modelled == {"consultations"}
    assert set(interrupted.quarters(records)["measure"]) == set(MEASURES) - modelled


def test_batches_are_said() -> None:
    table = interrupted.step_change(records_of())
    assert "too narrow" in step_of(table, "attendances").note
    assert "too narrow" not in step_of(table, "families").note


def test_words_claim_no_cause() -> None:
    records = records_of(monthly(varied(34)), ["2019-05-01", "2020-05-01"])
    table = interrupted.step_change(records, slope_change=True)
    picture = plots.counterfactual(interrupted.counterfactual(records), *EVENT)
    text = " ".join([*table["estimand"], *table["note"], *table["method"], picture.alt]).lower()
    assert not any(word in text for word in ("effect", "impact", "caus", "due to", "because"))


# --- the figures -----------------------------------------------------------------------------


def test_the_figure_says_what_it_shows() -> None:
    closed = Closure(start="2020-08-01", end="2020-08-31", reason="closed")
    study = STUDY.model_copy(update={"closures": (closed,)})
    counts = [0 if n == 28 else count for n, count in enumerate(varied(34))]
    table = interrupted.counterfactual(records_of(monthly(counts), study=study))
    picture = plots.counterfactual(table, *EVENT)
    after = table[(table["after"] == 1) & (table["status"] == "ok")]
    assert f"{after['events'].sum()} counted" in picture.alt
    assert f"{after['counterfactual'].sum():.0f} expected without a step" in picture.alt
    svg = picture.svg("MADE UP", picture.alt)
    assert svg == plots.counterfactual(table, *EVENT).svg("MADE UP", picture.alt)
    assert "fitted, with the step" in svg
    assert "first UK lockdown" in svg


def test_a_band_that_would_flatten_the_counts_is_cut_and_said() -> None:
    table = interrupted.counterfactual(records_of(monthly(varied(34))))
    table.loc[table.index[-1], "high"] = 5000.0
    svg = plots.counterfactual(table, *EVENT).svg("", "")
    assert "interval up to 5000" in svg


def test_quarters_without_exposure_are_shaded() -> None:
    closed = Closure(start="2020-03-23", end="2021-01-31", reason="closed")
    study = STUDY.model_copy(update={"closures": (closed,)})
    table = interrupted.quarters(records_of(families=["2018-05-01"], study=study))
    picture = plots.quarters(table, *EVENT)
    assert len(picture.figure.axes) == len(MEASURES)
    assert len(picture.figure.axes[0].patches) == 4
    assert "families who attended direct support between 0.0 and 0.3" in picture.alt


@pytest.mark.parametrize("draw", [plots.counterfactual, plots.quarters])
def test_nothing_to_draw_is_said(draw: Any) -> None:
    table = interrupted.counterfactual(records_of())
    assert table.empty
    picture = draw(table, *EVENT)
    assert picture.alt.startswith("No ")
    assert picture.alt in picture.svg("", "x")


def test_an_event_outside_the_period_is_not_marked() -> None:
    table = interrupted.counterfactual(records_of(monthly(varied(34))))
    svg = plots.counterfactual(table, dt.date(2030, 1, 1), "some day").svg("", "x")
    assert "some day" not in svg
