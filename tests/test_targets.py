"""Targets: pro-rata, ratings on the boundary, the definition, adjusted exposure."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from lmm.analysis import measures, targets
from lmm.cleaning.load import read_clean
from lmm.cleaning.records import Records
from lmm.statistics.estimate import Estimate
from lmm.statistics.rates import ratio_to_target
from lmm.statistics.shares import proportion
from lmm.study.declared import NEARLY_MET_RULES
from lmm.study.parameters import Parameters
from lmm.study.study import read_study
from lmm.study.tables import INDICATORS as CONTRACT_INDICATORS

STUDY = read_study(Path(__file__).resolve().parents[1])
TABLES = read_clean(STUDY)
OWN = Records.within(TABLES, STUDY, Parameters.of(STUDY))
INCLUDES = "green or amber whose interval includes the target"


def test_the_contract_accepts_exactly_the_indicators_that_can_be_computed() -> None:
    assert set(CONTRACT_INDICATORS) == set(measures.INDICATORS)


def test_a_part_year_has_a_part_of_the_target() -> None:
    table = targets.achievement(OWN).set_index(["indicator", "contract_year"])
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
    assert targets.rate_value(value, 0.6, 1.0) == expected


def test_what_has_no_value_is_not_rated() -> None:
    nothing = ratio_to_target("x", 3, None, 0.95, "assumed")
    assert targets.rate_against(nothing, 0.6, 1.0) == "not rated"
    assert targets.rate_value(0.9, float("nan"), 1.0) == "not rated"


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
    assert targets.verdict_of(high, rag, 1.0, rule) == expected  # type: ignore[arg-type]


def test_nearly_met_needs_a_target_to_be_near_to() -> None:
    assert targets.verdict_of(1.4, "amber", float("nan"), INCLUDES) == "not rated"


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
    assert targets.all_met(verdicts) == expected


def test_adjusted_exposure_stands_beside_the_unadjusted_and_never_alone() -> None:
    table = targets.exposure_comparison(OWN)
    pairs = table.groupby(["indicator", "contract_year"])["exposure"].agg(list)
    assert set(pairs.index.get_level_values(1)) == {"2019/20", "2020/21"}
    assert pairs.map(lambda pair: pair == ["unadjusted", "adjusted"]).all()
    # half of 9 of 31 days of March; half of April, May, June and of 4 of 31 days of July
    year = table.query("indicator == 'families' and contract_year == '2020/21'")
    assert year["months_open"].tolist() == pytest.approx([10, 10 - 1.5 - 0.5 * 4 / 31])
    assert set(targets.achievement(OWN)["months_open"]) == {12.0, 10.0}


def test_without_reduced_capacity_there_is_nothing_to_compare() -> None:
    plain = STUDY.model_copy(update={"reduced_capacity": ()})
    records = Records.within(TABLES, plain, Parameters.of(plain))
    assert targets.exposure_comparison(records).empty


def test_certainty_gives_chances_that_add_up_and_names_its_test() -> None:
    table = targets.certainty(targets.achievement(OWN))
    chances = table[["p_red", "p_amber", "p_green"]].sum(axis=1)
    assert chances.tolist() == pytest.approx([1.0] * len(table))
    counts = table[table["indicator"] != "satisfaction"]
    assert set(counts["test"]) == {"exact Poisson test (central)"}
    row = table.set_index(["indicator", "contract_year"]).loc[("families", "2020/21")]
    # R 4: pgamma(12, 15.5); pgamma(20, 15.5, lower = FALSE); 2 * ppois(15, 20)
    assert row["p_red"] == pytest.approx(0.1894554, abs=1e-6)
    assert row["p_green"] == pytest.approx(0.1290401, abs=1e-6)
    assert row["p_value"] == pytest.approx(0.3130262, abs=1e-6)


def test_sensitivity_holds_the_declared_verdict_and_red_can_be_reached() -> None:
    table = targets.sensitivity(OWN)
    declared = table[table["declared"] == "yes"]
    assert len(declared) == 1
    assert declared["all_met"].tolist() == ["yes"]
    assert (table[["met", "nearly_met", "not_met", "not_rated"]].sum(axis=1) == 15).all()
    strict = table.query("rule == 'green or amber' and red_factor == 1.4 and green_factor == 1")
    assert strict["not_met"].tolist() == [3]  # the ratios of 0.72, 0.75 and 0.83, under 0.84


def test_cut_offs_agreed_after_the_period_are_flagged() -> None:
    assert targets.achievement(OWN)["note"].str.contains("post hoc").all()
    early = OWN.targets.assign(agreed_on=pd.Timestamp("2018-03-01"))
    tables = {**TABLES, "targets": early}
    records = Records.within(tables, STUDY, Parameters.of(STUDY))
    assert not targets.achievement(records)["note"].str.contains("post hoc").any()


def test_a_period_without_a_year_has_no_row_for_it() -> None:
    parameters = Parameters.of(STUDY, {"period_end": "2019-03-31"})
    table = targets.achievement(Records.within(TABLES, STUDY, parameters))
    assert set(table["contract_year"]) == {"2018/19"}


def test_the_record_refuses_a_value_without_limits() -> None:
    with pytest.raises(ValueError, match="status ok"):
        Estimate("x", 1, 2, 0.5, None, 1.0, "", "ok", "assumed")
    assert proportion("x", 0, 0, 0.95, "assumed").status == "not_estimable"
