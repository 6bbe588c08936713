"""Items without an answer: each approach against numbers worked out by hand, and every edge."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.proportion import proportion_confint

from lmm.analysis.item_missing import AVAILABLE, COMPLETE, WORST, item_satisfaction
from lmm.cleaning.load import read_clean
from lmm.cleaning.records import Records
from lmm.showing.plots.ordinal import item_missing
from lmm.study.parameters import Parameters
from lmm.study.study import read_study

STUDY = read_study(Path(__file__).resolve().parents[1])
OWN = Records.within(read_clean(STUDY), STUDY, Parameters.of(STUDY))
ITEMS = list(STUDY.satisfaction.items)
PACE = STUDY.satisfaction.items["pace"]

LETTERS = {
    "v": "very satisfied",
    "s": "satisfied",
    "n": "neither",
    "d": "dissatisfied",
    "?": "don't know",
    " ": None,
}


def records_of(*forms: str) -> Records:
    """Make records of forms, each a letter an item: content, trainer, relevance, pace, overall."""
    frame = pd.DataFrame(
        [[LETTERS[letter] for letter in form] for form in forms], columns=ITEMS, dtype="str"
    )
    return OWN.having(feedback_forms=frame)


#                 content, trainer, relevance, pace, overall
SEVEN = records_of("vvvvv", "sssss", "nnnnn", "vvv v", "vvv?v", "v vdv", "vvvs ")


def rows(table: pd.DataFrame, item: str) -> dict[str, dict[str, Any]]:
    return {row["approach"]: row for row in table[table["item"] == item].to_dict("records")}


def counts(row: dict[str, Any]) -> tuple[float, float]:
    return row["numerator"], row["denominator"]


def test_each_approach_counts_who_it_says() -> None:
    pace = rows(item_satisfaction(SEVEN), PACE)
    # v s n - ? d s: of five who rate it three are high; three forms are complete, two of them high
    assert counts(pace[AVAILABLE]) == (3, 5)
    assert counts(pace[COMPLETE]) == (2, 3)
    assert counts(pace[WORST]) == (3, 7)
    assert (pace[WORST]["low"], pace[WORST]["high"]) == (3 / 7, 5 / 7)
    assert {(row["dont_know"], row["blank"]) for row in pace.values()} == {(1, 1)}
    assert pace[WORST]["method"] == "worst-case bounds"


def test_intervals_are_wilsons_at_the_level_asked_for() -> None:
    parameters = Parameters.of(STUDY, {"confidence": 0.9})
    for records, level in ((SEVEN, 0.95), (dataclasses.replace(SEVEN, parameters=parameters), 0.9)):
        row = rows(item_satisfaction(records), PACE)[AVAILABLE]
        limits = proportion_confint(3, 5, 1 - level, method="wilson")
        assert (row["low"], row["high"]) == pytest.approx(limits)
        assert row["note"] == "ignores clustering"


def test_own_records_add_up_and_hold_the_published_share() -> None:
    forms = len(OWN.tables["feedback_forms"])
    table = item_satisfaction(OWN)
    overall = rows(table, STUDY.satisfaction.items["overall"])
    assert counts(overall[AVAILABLE]) == (301, 304)
    assert table["basis"].tolist().count("published") == 1
    assert overall[AVAILABLE]["basis"] == "published"
    available = table.loc[table["approach"] == AVAILABLE]
    sums = available["denominator"] + available["blank"] + available["dont_know"]
    assert set(sums) == {forms}
    # every complete form is complete for all items
    assert len(set(table.loc[table["approach"] == COMPLETE, "denominator"])) == 1


def test_bounds_hold_the_share_that_any_filling_in_would_give() -> None:
    rng = np.random.default_rng(7)
    whole = ["".join(rng.choice(list("vsnd"), 5)) for _ in range(40)]
    holed = ["".join(" " if rng.uniform() < 0.2 else letter for letter in form) for form in whole]
    table = item_satisfaction(records_of(*holed))
    for place, wording in enumerate(STUDY.satisfaction.items.values()):
        truth = sum(form[place] in "vs" for form in whole) / 40
        row = rows(table, wording)[WORST]
        assert row["low"] <= truth <= row["high"]


def test_no_forms_have_a_status_and_can_be_drawn() -> None:
    none = records_of()
    table = item_satisfaction(none)
    assert table["status"].tolist() == ["not_estimable", "not_estimable", "no_data"] * len(ITEMS)
    assert table[["estimate", "low", "high"]].isna().all(axis=None)
    picture = item_missing(table)
    svg = picture.svg("", picture.alt)
    assert "nan" not in svg
    assert f"{COMPLETE}: not estimable" in svg
    assert "no value" in picture.alt


def test_an_item_that_nobody_answered_leaves_no_form_complete() -> None:
    table = item_satisfaction(records_of("vvv v", "vvv?v"))
    pace, overall = rows(table, PACE), rows(table, STUDY.satisfaction.items["overall"])
    assert [pace[name]["status"] for name in (AVAILABLE, COMPLETE, WORST)] == [
        "not_estimable",
        "not_estimable",
        "no_data",
    ]
    assert overall[AVAILABLE]["estimate"] == 1
    assert overall[COMPLETE]["status"] == "not_estimable"


def test_one_form_and_the_same_answer_everywhere_stay_within_0_and_1() -> None:
    for forms in (["vvvvv"], ["ddddd"], ["vvvvv"] * 30):
        table = item_satisfaction(records_of(*forms))
        assert set(table["status"]) == {"ok"}
        assert table[["low", "high"]].min(axis=None) >= 0
        assert table[["low", "high"]].max(axis=None) <= 1


def test_a_study_without_dont_know_has_none() -> None:
    satisfaction = STUDY.satisfaction.model_copy(update={"dont_know": {}})
    study = STUDY.model_copy(update={"forms": {"feedback_forms": satisfaction}})
    records = dataclasses.replace(records_of("vvvvv", "vv vv"), study=study)
    table = item_satisfaction(records)
    assert not table["dont_know"].any()
    assert counts(rows(table, PACE)[COMPLETE]) == (1, 1)
    with pytest.raises(ValueError, match="pace: don't know is not declared"):
        item_satisfaction(dataclasses.replace(SEVEN, study=study))


def test_the_figure_shows_three_ways_and_the_counts_beside() -> None:
    picture = item_missing(item_satisfaction(OWN))
    svg = picture.svg("", picture.alt)
    for words in (AVAILABLE, COMPLETE, f"{WORST} (bounds)", "5 blank,", "3 don't know"):
        assert words in svg
    assert "The course overall, available case 99%" in picture.alt
    assert "The course overall, worst case over returned forms 96% to 99%" in picture.alt
    again = item_missing(item_satisfaction(OWN))
    assert again.svg("", again.alt) == svg
