"""The step at the event: against R, against simulations with a known step, and at the edges."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from gates import counts_of as exact_of
from gates import released_of

from lmm.analysis import interrupted
from lmm.analysis.monthly import monthly_series
from lmm.cleaning.contract import typed
from lmm.cleaning.records import Records
from lmm.counting.count import count
from lmm.counting.counts import Counts
from lmm.showing.plots import interrupted as plots
from lmm.showing.wording import worded
from lmm.study.declared import Closure
from lmm.study.measures import Measure
from lmm.study.parameters import Parameters
from lmm.study.study import Study, read_study
from lmm.study.table import Column
from lmm.study.tables import tables_of

ROOT = Path(__file__).resolve().parents[1]
STUDY = read_study(ROOT)
EVENT = (dt.date(2020, 3, 23), "first UK lockdown")


def counts_of(
    consultations: Iterable[str | pd.Timestamp] = (),
    families: Iterable[str] = (),
    study: Study = STUDY,
    **parameters: str,
) -> Counts:
    """Count sessions to staff on some days, families first seen on others, and one course."""
    days, seen = pd.to_datetime(list(consultations)), pd.to_datetime(list(families))
    names = [f"F{n}" for n in range(len(seen))]
    chosen = Parameters.of(study, parameters)
    rows = {
        "courses": {"course_id": ["C1"], "date": [pd.Timestamp(chosen.period_start)]},
        "consultations": {"date": days, "kind": "support", "mode": "online"},
        "families": {"family_id": names, "referred_on": seen},
        "family_contacts": {"family_id": names, "date": seen, "outcome": "attended"},
    }
    tables = {
        name: _with_columns(pd.DataFrame(rows.get(name, {})), spec.columns)
        for name, spec in tables_of(study).items()
    }
    return count(Records.within(tables, study, chosen))


def _with_columns(frame: pd.DataFrame, columns: Mapping[str, Column]) -> pd.DataFrame:
    """Complete a table by the columns of the contract, in which nothing is recorded."""
    unknown = pd.DataFrame("", index=frame.index, columns=list(columns), dtype="str")
    return typed(unknown, columns).assign(**{str(name): frame[name] for name in frame})


def monthly(counts: Sequence[int], first: str = "2018-04-01") -> list[pd.Timestamp]:
    """Put so many events on the first days of each month; the first day is before any event."""
    starts = pd.date_range(first, periods=len(counts), freq="MS")
    return [
        month + pd.Timedelta(days=k % 20)
        for month, n in zip(starts, counts, strict=True)
        for k in range(n)
    ]


def step_of(table: pd.DataFrame, measure: str = "consultations") -> Any:
    rows = table[(table["measure"] == measure) & (table["term"] == "step")]
    return next(rows.itertuples(index=False))


VARIED = [5, 9, 7, 6, 11, 4, 8, 7, 10, 6, 5, 9]


def varied(months: int) -> list[int]:
    return [VARIED[n % 12] + n % 5 for n in range(months)]


# --- the series ------------------------------------------------------------------------------


def test_months_are_split_by_their_open_days() -> None:
    closed = [
        Closure(start="2018-06-01", end="2018-06-30", reason="no premises"),
        Closure(start="2020-03-27", end="2020-03-31", reason="moving online"),
    ]
    study = STUDY.model_copy(update={"closures": tuple(closed)})
    counts = counts_of(["2018-04-01", "2018-04-30", "2020-03-23", "2021-01-31"], study=study)
    series = monthly_series(counts, "consultations").set_index("month")
    assert series["events"].sum() == 4
    assert list(series.loc[["2018-04-01", "2020-03-01", "2021-01-01"], "events"]) == [2, 1, 1]
    assert series.loc["2018-06-01", "months_open"] == 0
    assert np.isnan(series.loc["2018-06-01", "after"])
    assert series.loc["2020-03-01", "months_open"] == pytest.approx(26 / 31)
    assert series.loc["2020-03-01", "after"] == pytest.approx(4 / 26)
    others = series.drop(pd.to_datetime(["2018-06-01", "2020-03-01"]))["after"]
    assert set(others) == {0.0, 1.0}


def test_a_step_within_a_month_is_recovered_from_days() -> None:
    """Half as many a day from 23 March on; the month of the event counts by its days."""
    days = pd.date_range("2018-04-01", "2021-01-31")
    each = [20 if day < pd.Timestamp(EVENT[0]) else 10 for day in days]
    each = [n + (-1) ** day.day for n, day in zip(each, days, strict=True)]
    counts = counts_of(itertools.chain(*([day] * n for day, n in zip(days, each, strict=True))))
    found = step_of(interrupted.step_change(counts).table)
    assert found.estimate == pytest.approx(0.5, rel=0.03)


# --- the tables ------------------------------------------------------------------------------


def test_each_measure_has_its_rows_in_order() -> None:
    counts = counts_of(monthly(varied(34)), ["2019-05-01", "2020-05-01"])
    table = interrupted.step_change(counts).table
    assert list(dict.fromkeys(table["measure"])) == list(counts.shown)
    models = table[table["measure"] == "consultations"]
    assert list(models["model"]) == ["quasi-Poisson", "negative binomial", "autoregressive"]
    assert (models["status"] == "ok").all()
    narrow = models["note"].str.contains("this interval is too narrow: see the coverage page")
    assert list(narrow) == [True, True, False]
    first = step_of(table)
    assert (first.months_before, first.months_after, first.harmonics) == (24, 10, 1)
    assert first.denominator + first.numerator == counts.n("consultations")
    assert set(table["term"]) == {"step"}


def test_a_sparse_measure_gets_the_exact_ratio_and_the_reason() -> None:
    """21 events in the base period and 11 in the other; limits as R's poisson.test."""
    days = [f"2018-{m:02}-11" for m in (4, 5, 6)] * 7 + ["2020-03-23", "2020-03-22"] * 5
    counts = counts_of(families=[*days, "2020-03-24"])
    found = step_of(interrupted.step_change(counts).table, "families")
    assert found.model == interrupted.TWO_PERIODS
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
    table = interrupted.step_change(counts_of(days, **parameters)).table
    found = step_of(table)
    assert found.model == interrupted.TWO_PERIODS
    assert found.status == status
    assert note in found.note
    if status == "ok":
        assert (found.estimate, found.low) == (0, 0)
        assert 0 < found.high < 1


def test_a_service_closed_from_the_event_on_has_no_data() -> None:
    closed = Closure(start="2020-03-23", end="2021-01-31", reason="closed")
    study = STUDY.model_copy(update={"closures": (closed,)})
    counts = counts_of(monthly(varied(24)), study=study)
    assert step_of(interrupted.step_change(counts).table).status == "no_data"
    assert interrupted.counterfactual(counts).table.empty
    quarters = interrupted.quarters(counts).table
    assert (
        list(quarters.loc[quarters["measure"] == "courses", "status"])
        == ["ok"] * 8 + ["no_data"] * 4
    )


def test_the_counterfactual_leaves_out_the_step_and_nothing_else() -> None:
    counts = counts_of(monthly(varied(34)))
    table = interrupted.counterfactual(counts).table
    assert set(table["measure"]) == {"consultations"}
    assert (table["status"] == "ok").all()
    step = step_of(interrupted.step_change(counts).table).estimate
    ratio = table["fitted"] / table["counterfactual"]
    assert list(ratio) == pytest.approx(list(step ** table["after"]))
    assert (table["low"] < table["counterfactual"]).all()
    assert (table["counterfactual"] < table["high"]).all()
    assert table["fitted"].sum() == pytest.approx(table["events"].sum())  # Poisson's score
    wide = table["high"] / table["low"]
    assert wide.iloc[-1] > wide.iloc[12]


def test_quarters_are_those_of_the_contract_year() -> None:
    study = STUDY.model_copy(update={"contract_year_starts": 2})
    counts = counts_of(families=["2018-04-02", "2018-05-02", "2018-05-03", "2019-02-01"])
    rows = interrupted.quarters(counts).table
    rows = rows[rows["measure"] == "families"]
    assert list(rows["quarter"].dt.strftime("%Y-%m").head(3)) == ["2018-04", "2018-07", "2018-10"]
    assert list(rows["numerator"].head(5)) == [3, 0, 0, 1, 0]
    assert rows["estimate"].iloc[0] == pytest.approx(1)
    assert rows["denominator"].sum() == pytest.approx(34)
    shifted = interrupted.quarters(counts_of(families=["2018-04-02"], study=study)).table
    first = shifted[shifted["measure"] == "families"].iloc[0]
    assert (first["quarter"], first["denominator"]) == (pd.Timestamp("2018-02-01"), 1)


def test_a_measure_is_either_modelled_or_shown_by_quarter() -> None:
    counts = counts_of(monthly(varied(34)), ["2019-05-01"])
    modelled = set(interrupted.counterfactual(counts).table["measure"])
    assert modelled == {"consultations"}
    assert set(interrupted.quarters(counts).table["measure"]) == set(counts.shown) - modelled


def test_batches_are_said() -> None:
    table = interrupted.step_change(counts_of()).table
    assert "5 courses a month" in step_of(table, "attendances").note
    assert "courses" not in step_of(table, "families").note


def test_words_claim_no_cause() -> None:
    counts = counts_of(monthly(varied(34)), ["2019-05-01", "2020-05-01"])
    table = interrupted.step_change(counts).table
    picture = plots.counterfactual(interrupted.counterfactual(counts))
    text = " ".join(
        [*table["estimand"], *table["note"], *table["method"], picture.finding, picture.caption]
    ).lower()
    assert not any(word in text for word in ("effect", "impact", "caus", "due to", "because"))


def test_the_scatter_of_modelled_measures_is_described() -> None:
    found = interrupted.month_to_month(counts_of(monthly(varied(34)), ["2019-05-01"]))
    assert list(found.table["measure"]) == ["consultations"]
    row = next(found.table.itertuples())
    assert -1 < row.lag_1 < 1
    assert 0 < row.ljung_box < 1
    assert row.what_it_finds.startswith("with 34 months such a test finds")
    assert interrupted.month_to_month(counts_of()).why_not == interrupted.NOT_MODELLED


# --- the figures -----------------------------------------------------------------------------


def test_the_figure_says_what_it_shows() -> None:
    closed = Closure(start="2020-08-01", end="2020-08-31", reason="closed")
    study = STUDY.model_copy(update={"closures": (closed,)})
    numbers = [0 if n == 28 else number for n, number in enumerate(varied(34))]
    found = interrupted.counterfactual(counts_of(monthly(numbers), study=study))
    table, picture = found.table, plots.counterfactual(found)
    after = table[(table["after"] == 1) & (table["status"] == "ok")]
    assert picture.finding.startswith(f"{after['events'].sum()} consultation")
    assert f"{after['counterfactual'].sum():.0f} are expected without a step" in picture.finding
    svg = picture.svg("MADE UP", picture.alt)
    assert svg == plots.counterfactual(found).svg("MADE UP", picture.alt)
    assert "fitted, with the step" in svg
    with worded({}, event=EVENT):
        assert ">first UK lockdown</text>" in plots.counterfactual(found).svg("MADE UP", "")


def test_a_band_that_would_flatten_the_counts_is_cut_and_said() -> None:
    found = interrupted.counterfactual(counts_of(monthly(varied(34))))
    found.table.loc[found.table.index[-1], "high"] = 5000.0
    svg = plots.counterfactual(found).svg("", "")
    assert "interval up to 5000" in svg


def test_quarters_without_exposure_are_shaded() -> None:
    closed = Closure(start="2020-03-23", end="2021-01-31", reason="closed")
    study = STUDY.model_copy(update={"closures": (closed,)})
    found = interrupted.quarters(counts_of(families=["2018-05-01"], study=study))
    picture = plots.quarters(found)
    assert len(picture.figure.axes) == 5
    assert len(picture.figure.axes[0].patches) == 4
    assert "0.0 to 0.3 families who attended direct support" in picture.finding


def test_an_event_outside_the_period_is_not_marked() -> None:
    found = interrupted.counterfactual(counts_of(monthly(varied(34))))
    with worded({}, event=(dt.date(2030, 1, 1), "some day")):
        svg = plots.counterfactual(found).svg("", "x")
    assert ">some day</text>" not in svg


# --- released counts -------------------------------------------------------------------------


@pytest.mark.parametrize("disclosure", ["opensafely", "midpoint6", "nhs_digital"])
def test_no_model_is_fitted_to_rounded_counts(disclosure: str) -> None:
    """Exact counts would be modelled."""
    counts = released_of(disclosure).counts
    exact = interrupted.step_change(exact_of("none")).table
    assert set(exact["model"]) != {interrupted.TWO_PERIODS}
    table = interrupted.step_change(counts).table
    assert table["measure"].tolist() == list(counts.shown)
    assert set(table["model"]) == {interrupted.TWO_PERIODS}
    assert not table["estimand"].str.contains("model").any()
    people = table[table["measure"] != "courses"]
    for row in people.to_dict("records"):
        why = "too small" if row["status"] == "suppressed" else "made from the released counts"
        assert why in row["note"]
        assert "a model needs" not in row["note"]  # which would tell of the exact counts
    for analysis in (interrupted.counterfactual, interrupted.month_to_month):
        assert analysis(counts).why_not.startswith("Not released: a fitted model")


def test_the_ratio_of_rounded_counts_is_of_those_that_are_shown() -> None:
    counts = released_of("opensafely").counts
    table = interrupted.step_change(counts).table.set_index("measure")
    before, after = counts.phases
    for name in ("attendances", "staff", "consultations", "families"):
        assert table.loc[name, "numerator"] == counts.n(name, phase=after)
        assert table.loc[name, "denominator"] == counts.n(name, phase=before)
    assert table.loc["attendances", "note"].startswith("attendances come in whole courses")


@pytest.mark.parametrize("disclosure", ["opensafely", "midpoint6", "nhs_digital"])
def test_every_measure_is_shown_by_quarter_whatever_its_exact_counts(disclosure: str) -> None:
    counts = released_of(disclosure).counts
    table = interrupted.quarters(counts).table
    assert table["measure"].value_counts().to_dict() == dict.fromkeys(counts.shown, 12)
    staff = table[table["measure"] == "staff"]
    released = counts.by("staff", "quarter")["n"]
    assert (staff["numerator"].isna().to_numpy() == released.isna().to_numpy()).all()
    assert (staff["status"].eq("suppressed").to_numpy() == released.isna().to_numpy()).all()


# --- a study's own measures ------------------------------------------------------------------


def test_a_measure_of_a_studys_own_is_shown_with_the_others() -> None:
    own = {
        "hours": Measure(label="minutes", rows="consultations", kind="sum", of="minutes"),
        "undated": Measure(label="x", rows="consultations", by=(("kind",),)),
    }
    counts = counts_of(monthly(varied(34)), study=STUDY.model_copy(update={"measures": own}))
    table = interrupted.step_change(counts).table
    assert "undated" not in set(table["measure"])
    found = step_of(table, "hours")
    assert found.estimand.startswith("minutes: rate from")
    assert "hours come in whole consultations" in found.note


def test_a_service_without_activity_says_what_it_lacks() -> None:
    kept = {name: "absent" for name in tables_of(STUDY) if name != "feedback_forms"}
    study = STUDY.model_copy(update={"tables": {**STUDY.tables, **kept}})
    analyses = (interrupted.step_change, interrupted.counterfactual, interrupted.quarters)
    for analysis in (*analyses, interrupted.month_to_month):
        why_not = analysis(counts_of(study=study)).why_not
        assert why_not.startswith("This service keeps no table of courses, course attendance")
