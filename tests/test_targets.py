"""Targets: pro-rata, ratings on the boundary, the definition, adjusted exposure."""

from __future__ import annotations

import dataclasses
import datetime as dt
from pathlib import Path

import pandas as pd
import pytest
from gates import counts_of, released_of
from hypothesis import assume, given
from hypothesis import strategies as st
from matplotlib.colors import to_rgba
from scipy import stats

from lmm.analysis import rating, targets, verdicts
from lmm.cleaning.load import read_clean
from lmm.cleaning.records import Records
from lmm.counting.count import count
from lmm.counting.counts import Counts
from lmm.showing import plots
from lmm.showing.colours import RATING
from lmm.showing.wording import worded
from lmm.statistics.clusters import Clusters
from lmm.statistics.effective_size import effective_size
from lmm.statistics.estimate import Estimate
from lmm.statistics.rates import ratio_to_target
from lmm.statistics.shares import proportion
from lmm.statistics.zones import share_probabilities
from lmm.study.declared import NEARLY_MET_RULES, RatedFrom, ReducedCapacity
from lmm.study.measures import Measure
from lmm.study.parameters import Parameters
from lmm.study.study import Study, read_study
from lmm.study.tables import indicators

STUDY = read_study(Path(__file__).resolve().parents[1])
TABLES = read_clean(STUDY)
OWN = counts_of("none")
INDICATORS = indicators(STUDY)
INCLUDES = "green or amber whose interval includes the target"


def counted(study: Study = STUDY, targets: pd.DataFrame | None = None, **chosen: str) -> Counts:
    tables = TABLES if targets is None else {**TABLES, "targets": targets}
    return count(Records.within(tables, study, Parameters.of(study, chosen)))


def with_target(indicator: str, year: str = "2019/20", **cells: object) -> pd.DataFrame:
    """Give one target, of an indicator that is not among the study's own."""
    row = TABLES["targets"].query("indicator == 'families' and contract_year == @year")
    return row.assign(indicator=indicator, **cells)


def test_whatever_the_contract_accepts_as_an_indicator_is_counted_by_contract_year() -> None:
    assert {*INDICATORS} == {"courses", "attendances", "staff", "consultations", "families",
                             "satisfaction"}  # fmt: skip
    assert all(OWN.has(name, "contract_year") for name in INDICATORS)


def test_a_part_year_has_a_part_of_the_target() -> None:
    table = targets.achievement(OWN).table.set_index(["indicator", "contract_year"])
    row = table.loc[("families", "2020/21")]
    assert row["months_open"] == 10
    assert row["denominator"] == pytest.approx(24 * 10 / 12)
    # R 4: poisson.test(15, 20)$conf.int
    assert row[["low", "high"]].tolist() == pytest.approx([0.4197697, 1.2370106], abs=1e-6)
    assert (row["rag"], row["verdict"]) == ("amber", "nearly met")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0.5999, "red"),
        (0.6, "amber"),
        (0.9999, "amber"),
        (1.0, "green"),
        (0.1 + 0.2 + 0.3, "amber"),
    ],
)
def test_a_figure_on_a_cut_off_is_on_its_better_side(value: float, expected: str) -> None:
    assert rating.rate_value(value, 0.6, 1.0) == expected


def test_what_has_no_value_is_not_rated() -> None:
    nothing = ratio_to_target("x", 3, None, 0.95, "assumed")
    assert rating.rate_value(nothing.estimate, 0.6, 1.0) == "not rated"
    assert rating.rate_value(0.9, float("nan"), 1.0) == "not rated"


@pytest.mark.parametrize(
    ("rag", "high", "rule", "expected"),
    [
        ("green", 1.4, "green", "met"),
        ("amber", 1.4, "green", "not met"),
        ("amber", 0.9, "green or amber", "nearly met"),
        ("amber", 1.0, INCLUDES, "nearly met"),
        ("amber", 0.999, INCLUDES, "not met"),
        ("red", 1.4, INCLUDES, "not met"),
        ("red", 1.4, "green or amber", "not met"),
    ],
)
def test_the_definition_of_nearly_met(rag: str, high: float, rule: str, expected: str) -> None:
    assert rule in NEARLY_MET_RULES
    assert rating.verdict_of((0.1, high), rag, 1.0, rule) == expected  # type: ignore[arg-type]


def test_nearly_met_needs_a_target_to_be_near_to() -> None:
    assert rating.verdict_of((0.9, 1.4), "amber", float("nan"), INCLUDES) == "not rated"


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        (["met", "nearly met"], "yes"),
        (["met", "not met", "not rated"], "no"),
        (["met", "not rated"], "not rated"),
        ([], "not rated"),
    ],
)
def test_all_are_met_only_if_every_one_could_be_rated(verdicts: list[str], expected: str) -> None:
    assert rating.all_met(verdicts) == expected


def test_adjusted_exposure_stands_beside_the_unadjusted_and_never_alone() -> None:
    table = targets.exposure_comparison(OWN).table
    pairs = table.groupby(["indicator", "contract_year"])["exposure"].agg(list)
    assert set(pairs.index.get_level_values(1)) == {"2019/20", "2020/21"}
    assert pairs.map(lambda pair: pair == ["unadjusted", "adjusted"]).all()
    # half of 9 of 31 days of March; half of April, May, June and of 4 of 31 days of July
    year = table.query("indicator == 'families' and contract_year == '2020/21'")
    assert year["months_open"].tolist() == pytest.approx([10, 10 - 1.5 - 0.5 * 4 / 31])
    assert set(targets.achievement(OWN).table["months_open"]) == {12.0, 10.0}


def test_without_reduced_capacity_there_is_nothing_to_compare() -> None:
    plain = STUDY.model_copy(update={"reduced_capacity": ()})
    assert targets.exposure_comparison(counted(plain)).table.empty


def test_certainty_gives_chances_that_add_up_and_names_its_test() -> None:
    table = verdicts.certainty(OWN).table
    chances = table[["p_red", "p_amber", "p_green"]].sum(axis=1)
    assert chances.tolist() == pytest.approx([1.0] * len(table))
    counts = table[table["indicator"] != "satisfaction"].set_index("indicator")
    assert set(counts.loc["staff", "test"]) == {"compound Poisson test (central)"}
    assert set(counts.drop("staff")["test"]) == {"exact Poisson test (central)"}
    row = table.set_index(["indicator", "contract_year"]).loc[("families", "2020/21")]
    # R 4: pgamma(12, 15.5); pgamma(20, 15.5, lower = FALSE); 2 * ppois(15, 20)
    assert row["p_red"] == pytest.approx(0.1894554, abs=1e-6)
    assert row["p_green"] == pytest.approx(0.1290401, abs=1e-6)
    assert row["p_value"] == pytest.approx(0.3130262, abs=1e-6)


def test_the_chances_of_a_share_allow_for_its_clusters() -> None:
    """Ten courses of ten, five at 100 % and five at 80 %: 90 of 100 tell less than they seem."""
    clusters = Clusters.of([10] * 5 + [8] * 5, [10] * 10)
    size = effective_size(clusters, 0.95)[1]
    assert size < 100
    forms = TABLES["feedback_forms"].head(1)
    each = [
        forms.assign(form_id=f"X{c}{n}", course_id=f"Q{c}", overall=answer)
        for c in range(10)
        for n, answer in enumerate(
            ["satisfied"] * (10 if c < 5 else 8) + ["neither"] * (0 if c < 5 else 2)
        )
    ]
    held = TABLES["courses"].head(1)
    day = pd.Timestamp("2019-06-03")
    tables = {
        **TABLES,
        "feedback_forms": pd.concat(each, ignore_index=True),
        "courses": pd.concat(
            [held.assign(course_id=f"Q{c}", date=day) for c in range(10)], ignore_index=True
        ),
        "course_attendance": TABLES["course_attendance"].head(0),
    }
    counts = count(Records.within(tables, STUDY, Parameters.of(STUDY)))
    sure = verdicts.certainty(counts).table.set_index(["indicator", "contract_year"])
    row = sure.loc[("satisfaction", "2019/20")]
    posterior = stats.beta(0.9 * size + 0.5, 0.1 * size + 0.5)
    assert row["p_red"] == pytest.approx(posterior.cdf(0.85))
    assert row["p_green"] == pytest.approx(posterior.sf(0.95))


def test_sensitivity_holds_the_declared_verdict_and_red_can_be_reached() -> None:
    table = verdicts.sensitivity(OWN).table
    declared = table[table["declared"] == "yes"]
    assert len(declared) == 1
    assert declared["all_met"].tolist() == ["yes"]
    assert (table[["met", "nearly_met", "not_met", "not_rated"]].sum(axis=1) == 15).all()
    strict = table.query("rule == 'green or amber' and red_factor == 1.4 and green_factor == 1")
    assert strict["not_met"].tolist() == [3]  # the ratios of 0.72, 0.75 and 0.83, under 0.84


def test_cut_offs_agreed_after_the_period_are_flagged() -> None:
    assert targets.achievement(OWN).table["note"].str.contains("post hoc").all()
    early = OWN.targets.assign(agreed_on=pd.Timestamp("2018-03-01"))
    table = targets.achievement(counted(targets=early)).table
    assert not table["note"].str.contains("post hoc").any()


def test_a_period_without_a_year_has_no_row_for_it() -> None:
    table = targets.achievement(counted(period_end="2019-03-31")).table
    assert set(table["contract_year"]) == {"2018/19"}


def test_the_record_refuses_a_value_without_limits() -> None:
    with pytest.raises(ValueError, match="status ok"):
        Estimate("x", 1, 2, 0.5, None, 1.0, "", "ok", "assumed")
    assert proportion("x", 0, 0, 0.95, "assumed").status == "not_estimable"


# --- at most ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "expected"),
    [(0.0999, "green"), (0.1, "green"), (0.1001, "amber"), (0.2, "amber"), (0.2001, "red")],
)
def test_what_is_to_be_at_most_is_green_up_to_its_cut_off(value: float, expected: str) -> None:
    assert rating.rate_value(value, 0.2, 0.1, "at most") == expected


@pytest.mark.parametrize(
    ("rag", "low", "rule", "expected"),
    [
        ("green", 0.0, "green", "met"),
        ("amber", 0.1, INCLUDES, "nearly met"),
        ("amber", 0.101, INCLUDES, "not met"),
        ("amber", 0.3, "green or amber", "nearly met"),
        ("red", 0.05, "green or amber", "not met"),
    ],
)
def test_what_is_to_be_at_most_is_nearly_met_by_its_lower_limit(
    rag: str, low: float, rule: str, expected: str
) -> None:
    found = rating.verdict_of((low, 0.9), rag, 0.1, rule, "at most")  # type: ignore[arg-type]
    assert found == expected


def missed(**cells: object) -> Counts:
    """Count a share that is to be at most, and a count."""
    measures = {
        "missed": Measure(
            label="contacts not attended", rows="family_contacts", kind="share", shown=False,
            where={"outcome": ("did not attend",)}, among={"outcome": ("recorded",)},
            by=(("contract_year",),),
        ),
        "lost": Measure(
            label="contacts lost", rows="family_contacts", where={"outcome": ("did not attend",)},
        ),
    }  # fmt: skip
    study = STUDY.model_copy(update={"measures": measures})
    share = with_target("missed", target=0.1, red_below=0.2, green_from=0.1)
    number = with_target("lost", target=20.0, red_below=1.2, green_from=1.0)
    both = pd.concat([share, number]).assign(direction="at most", **cells)
    return counted(study, both)


def test_a_target_at_most_goes_through_rating_zone_chances_and_verdict() -> None:
    counts = missed()
    rated = targets.achievement(counts).table.set_index("indicator")
    sure = verdicts.certainty(counts).table.set_index("indicator")
    year = TABLES["family_contacts"].query("'2019-04-01' <= date <= '2020-03-31'")
    n, of = int((year["outcome"] == "did not attend").sum()), len(year)
    assert (rated.loc["missed", "numerator"], rated.loc["missed", "denominator"]) == (n, of)
    assert 0.1 < n / of < 0.2
    assert rated["rag"].to_dict() == {"missed": "amber", "lost": "red"}
    assert n / 20 > 1.2
    # the share behind n of m is above .2, or below .1; the mean of n events above 24, or below 20
    of_share, of_count = stats.beta(n + 0.5, of - n + 0.5), stats.gamma(n + 0.5)
    chances = sure[["p_red", "p_green"]].astype(float)
    assert chances.loc["missed"].tolist() == pytest.approx([of_share.sf(0.2), of_share.cdf(0.1)])
    assert chances.loc["lost"].tolist() == pytest.approx([of_count.sf(24), of_count.cdf(20)])
    assert sure.loc["missed", "zone"] == "amber-green"
    varied = verdicts.sensitivity(counts).table.query("rule == 'green or amber'")
    easier = varied.query("red_factor == 0.8 and green_factor == 0.8")
    usual = varied.query("red_factor == 1 and green_factor == 1")
    harder = varied.query("red_factor == 1.4 and green_factor == 1")
    assert (usual["nearly_met"].item(), usual["not_met"].item()) == (1, 1)
    assert harder["nearly_met"].item() <= 1 <= easier["met"].item() + easier["nearly_met"].item()


def test_a_target_at_most_is_drawn_from_green_to_red() -> None:
    with worded({"missed": "contacts not attended", "lost": "contacts lost"}):
        picture = plots.achieved(targets.achievement(missed()))
    axes = picture.figure.axes[0]
    first = [bar.get_facecolor() for bar in sorted(axes.patches[:3], key=lambda bar: bar.get_x())]
    assert first == [to_rgba(RATING[zone]) for zone in ("green", "amber", "red")]
    headings = [text.get_text() for text in axes.texts if ":" in text.get_text()]
    assert headings
    assert all("green up to" in text and "red above" in text for text in headings)


# --- too little to rate ----------------------------------------------------------------------


def test_nothing_is_rated_on_nothing() -> None:
    """0 of 0.07 courses expected says nothing, and neither does 1 of 0.03."""
    for days in ("2019-04-01", "2019-04-03"):
        chosen = {"period_start": days, "period_end": days, "event_date": days}
        table = targets.achievement(counted(**chosen)).table.set_index("indicator")
        for name in ("courses", "families"):
            row = table.loc[name]
            assert (row["status"], row["rag"], row["verdict"]) == (
                "short_series", "not rated", "not rated",
            )  # fmt: skip
            assert "not rated: too little was expected yet: 0.0" in row["note"]
            assert ", and 5 are needed" in row["note"]
        sure = verdicts.certainty(counted(**chosen)).table
        assert set(sure["zone"]) == {"not rated"}
        assert sure["p_green"].isna().all()


@pytest.mark.parametrize(("target", "status"), [(4.99, "short_series"), (5.0, "ok")])
def test_a_target_is_rated_from_five_expected_on(target: float, status: str) -> None:
    rows = targets.achievement(counted(targets=with_target("families", target=target))).table
    assert rows["status"].tolist() == [status]
    study = STUDY.model_copy(update={"rated_from": RatedFrom(count=target)})
    rows = targets.achievement(counted(study, with_target("families", target=target))).table
    assert rows["status"].tolist() == ["ok"]


@pytest.mark.parametrize(("answers", "status"), [(9, "short_series"), (10, "ok")])
def test_a_share_is_rated_from_ten_answers_on(answers: int, status: str) -> None:
    form = TABLES["feedback_forms"]
    year = TABLES["courses"].query("'2019-04-01' <= date <= '2020-03-31'")["course_id"]
    few = form[form["overall"].notna() & form["course_id"].isin(year)]
    few = few[few["overall"] != "don't know"].head(answers)
    tables = {**TABLES, "feedback_forms": few}
    counts = count(Records.within(tables, STUDY, Parameters.of(STUDY)))
    rated = targets.achievement(counts).table.query("indicator == 'satisfaction'")
    row = rated.set_index("contract_year").loc["2019/20"]
    assert (row["denominator"], row["status"]) == (answers, status)
    assert ("too few answers yet: 9, and 10 are needed" in row["note"]) == (status != "ok")


@given(
    st.integers(0, 30), st.integers(10, 30), st.sampled_from(["at least", "at most"]),
    st.floats(0, 1), st.floats(0, 1),
)  # fmt: skip
def test_what_is_rated_green_can_be_green(
    high: int, n: int, direction: str, red: float, green: float
) -> None:
    """Cut-offs that the contract accepts: a rating never has a probability of nothing."""
    high = min(high, n)
    if direction == "at least":
        red, green = sorted((red, green))
        assume(green <= 0.99)
    else:
        green, red = sorted((red, green))
        assume(green >= 0.01)
    rag = rating.rate_value(high / n, red, green, direction)  # type: ignore[arg-type]
    chances = share_probabilities(high, n, red, green, direction)  # type: ignore[arg-type]
    of = {"red": chances.red, "amber": chances.amber, "green": chances.green}[rag]
    assert of is not None
    assert of > 0 or (rag == "amber" and red == green)


# --- indicators of a study's own -------------------------------------------------------------

OWN_MEASURES = {
    "guidance": Measure(
        label="guidance given", rows="consultations", where={"kind": ("guidance",)}
    ),
    "hours": Measure(label="minutes", rows="consultations", kind="sum", of="minutes"),
    "at_home": Measure(
        label="sessions not from afar", rows="consultations", kind="share", shown=False,
        where={"mode": ("in person",)}, among={"mode": ("recorded",)}, by=(("contract_year",),),
    ),
    "undated": Measure(label="support given", rows="consultations", by=(("kind",),)),
    "left_out": Measure(label="x", rows="consultations", where={"outcome": ("attended",)}),
}  # fmt: skip


def own_target(indicator: str, **cells: object) -> pd.Series:
    study = STUDY.model_copy(update={"measures": OWN_MEASURES})
    found = targets.achievement(counted(study, with_target(indicator, **cells))).table
    assert len(found) == 1
    return found.iloc[0]


def test_a_count_of_a_studys_own_can_have_a_target() -> None:
    year = TABLES["consultations"].query("'2019-04-01' <= date <= '2020-03-31'")
    row = own_target("guidance", target=20.0)
    n = int((year["kind"] == "guidance").sum())
    assert (row["numerator"], row["denominator"], row["estimate"]) == (n, 20, n / 20)
    assert row["estimand"] == "guidance given: achieved / pro-rata target"


def test_capacity_halved_for_a_measure_of_a_studys_own_halves_what_is_expected_then() -> None:
    year = {"start": dt.date(2019, 4, 1), "end": dt.date(2020, 3, 31)}
    half = ReducedCapacity(
        **year, capacity=0.5, indicators=("guidance",), reason="x", basis="assumed"
    )
    update = {"measures": OWN_MEASURES, "reduced_capacity": (half,)}
    counts = counted(STUDY.model_copy(update=update), with_target("guidance", target=20.0))
    found = targets.exposure_comparison(counts).table.set_index("exposure")
    assert found["months_open"].to_dict() == {"unadjusted": 12, "adjusted": 6}
    assert found["denominator"].to_dict() == {"unadjusted": 20, "adjusted": 10}
    others = counted(STUDY.model_copy(update=update), with_target("hours", target=20.0))
    assert targets.exposure_comparison(others).table.empty


def test_a_sum_of_a_studys_own_is_rated_and_says_that_it_is_one() -> None:
    row = own_target("hours", target=4000.0)
    year = TABLES["consultations"].query("'2019-04-01' <= date <= '2020-03-31'")
    assert row["numerator"] == year["minutes"].sum()
    assert "so that these limits are too narrow" in row["note"]


def test_a_share_of_a_studys_own_is_rated_by_the_share_itself() -> None:
    year = TABLES["consultations"].query("'2019-04-01' <= date <= '2020-03-31'")
    n = int((year["mode"] == "in person").sum())
    row = own_target("at_home", target=0.5, red_below=0.2, green_from=0.5)
    assert (row["numerator"], row["denominator"]) == (n, len(year))
    assert row["estimate"] == pytest.approx(n / len(year))
    assert row["rag"] == "green"


def test_a_target_that_cannot_be_counted_says_why() -> None:
    row = own_target("undated")
    assert (row["status"], row["verdict"]) == ("no_data", "not rated")
    assert "add contract_year to `by` of the measure" in row["note"]
    assert own_target("left_out")["note"].startswith("the service keeps no records of this")


def test_shares_of_a_studys_own_are_varied_as_shares() -> None:
    study = STUDY.model_copy(update={"measures": OWN_MEASURES})
    target = with_target("at_home", target=1.0, red_below=0.9, green_from=1.0)
    varied = verdicts.sensitivity(counted(study, target)).table
    wide = varied.query("rule == 'green' and green_factor == 1.1 and red_factor == 1")
    usual = varied.query("rule == 'green' and green_factor == 1 and red_factor == 1")
    assert wide["met"].tolist() == usual["met"].tolist()  # no share has to be above 1
    sure = verdicts.certainty(counted(study, target)).table.iloc[0]
    assert sure["zone"] in ("red", "amber-red", "amber-green", "green")
    assert pd.isna(sure["p_value"])


def test_without_targets_there_is_no_result() -> None:
    without = STUDY.model_copy(update={"tables": {**STUDY.tables, "targets": "absent"}})
    for result in (targets.achievement, targets.cumulative, verdicts.overall_verdict):
        assert result(counted(without)).why_not == "This service keeps no table of targets."


# --- released counts -------------------------------------------------------------------------


@pytest.mark.parametrize("disclosure", ["opensafely", "midpoint6", "nhs_digital"])
def test_targets_are_rated_by_the_counts_that_are_released(disclosure: str) -> None:
    counts = released_of(disclosure).counts
    table = targets.achievement(counts).table
    assert len(table) == 15
    exact = targets.achievement(counts_of("none")).table
    of_staff = table["indicator"] == "staff"
    assert table.loc[of_staff, "numerator"].tolist() != exact.loc[of_staff, "numerator"].tolist()
    for row in table.to_dict("records"):
        if row["indicator"] == "courses":
            assert "released" not in row["note"]
        elif row["status"] == "ok":
            assert "made from the released counts" in row["note"]
        else:
            assert (row["status"], row["rag"], row["verdict"]) == (
                "suppressed", "not rated", "not rated",
            )  # fmt: skip
            assert "too small" in row["note"]
    assert "suppressed" in set(table["status"])


def test_a_share_of_rounded_counts_has_the_interval_that_ignores_clusters() -> None:
    table = targets.achievement(released_of("opensafely").counts).table
    row = table.query("indicator == 'satisfaction' and status == 'ok'").iloc[0]
    assert row["method"] == "Wilson"
    assert "ignores clustering" in row["note"]


def test_months_that_are_rounded_are_not_added_up() -> None:
    counts = released_of("opensafely").counts
    assert set(targets.cumulative(counts).table["indicator"]) == {"courses"}
    of_people = counts.targets[counts.targets["indicator"] == "families"]
    only = dataclasses.replace(counts, targets=of_people)
    assert targets.cumulative(only).why_not.startswith("Not released: rounded months")


def test_what_is_released_is_all_that_verdicts_are_made_of() -> None:
    counts = released_of("nhs_digital").counts
    achieved = targets.achievement(counts).table
    overall = verdicts.overall_verdict(counts).table.set_index("verdict")["targets"]
    assert overall["not rated"] == str((achieved["verdict"] == "not rated").sum())
    assert list(overall.index) == [*rating.VERDICTS, "all met or nearly met"]
    sure = verdicts.certainty(counts).table
    assert sure["status"].tolist() == achieved["status"].tolist()
    assert sure.loc[sure["status"] == "suppressed", "p_green"].isna().all()
    staff = sure.query("indicator == 'staff' and status == 'ok'")
    assert staff["note"].tolist() == ["made from the released counts"] * len(staff)
