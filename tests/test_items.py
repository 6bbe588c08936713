"""Items of a form: every answer counted, and what those without one could change, by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from gates import released_of
from statsmodels.stats.proportion import proportion_confint

from lmm.analysis.items import (
    AVAILABLE,
    COMPLETE,
    WORST,
    item_distribution,
    item_satisfaction,
)
from lmm.cleaning.load import read_clean
from lmm.cleaning.records import Records
from lmm.counting.count import count
from lmm.counting.counts import Counts
from lmm.showing.plots import item_missing
from lmm.study.parameters import Parameters
from lmm.study.study import Study, read_study

STUDY = read_study(Path(__file__).resolve().parents[1])
TABLES = read_clean(STUDY)
OWN = count(Records.within(TABLES, STUDY, Parameters.of(STUDY)))
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


COURSE = TABLES["courses"]["course_id"].iloc[0]


def forms_of(*forms: str, study: Study = STUDY, confidence: float = 0.95) -> Counts:
    """Count forms, each a letter an item: content, trainer, relevance, pace, overall."""
    frame = pd.DataFrame(
        [[LETTERS[letter] for letter in form] for form in forms], columns=ITEMS, dtype="str"
    )
    frame = frame.assign(form_id=[f"F{n}" for n in range(len(forms))], course_id=COURSE, role=None)
    parameters = Parameters.of(study, {"confidence": confidence})
    kept = {n: t for n, t in {**TABLES, "feedback_forms": frame}.items() if study.keeps(n)}
    return count(Records.within(kept, study, parameters))


#                content, trainer, relevance, pace, overall
SEVEN_FORMS = ("vvvvv", "sssss", "nnnnn", "vvv v", "vvv?v", "v vdv", "vvvs ")
SEVEN = forms_of(*SEVEN_FORMS)


def protected(disclosure: str) -> Counts:
    return released_of(disclosure).counts


def rows(table: pd.DataFrame, item: str) -> dict[str, dict[str, Any]]:
    return {row["approach"]: row for row in table[table["item"] == item].to_dict("records")}


def fraction(row: dict[str, Any]) -> tuple[float, float]:
    return row["numerator"], row["denominator"]


def test_each_approach_counts_who_it_says() -> None:
    pace = rows(item_satisfaction(SEVEN).table, PACE)
    # v s n - ? d s: of five who rate it three are high; three forms are complete, two of them high
    assert fraction(pace[AVAILABLE]) == (3, 5)
    assert fraction(pace[COMPLETE]) == (2, 3)
    assert fraction(pace[WORST]) == (3, 7)
    assert (pace[WORST]["low"], pace[WORST]["high"]) == (3 / 7, 5 / 7)
    assert {(row["dont_know"], row["blank"]) for row in pace.values()} == {(1, 1)}
    assert pace[WORST]["method"] == "worst-case bounds"


def test_intervals_are_wilsons_at_the_level_asked_for() -> None:
    for level in (0.95, 0.9):
        found = forms_of(*SEVEN_FORMS, confidence=level)
        row = rows(item_satisfaction(found).table, PACE)[AVAILABLE]
        limits = proportion_confint(3, 5, 1 - level, method="wilson")
        assert (row["low"], row["high"]) == pytest.approx(limits)
        assert row["note"] == "ignores clustering"


def test_own_records_add_up_and_hold_the_published_share() -> None:
    forms = OWN.n("feedback_forms")
    table = item_satisfaction(OWN).table
    overall = rows(table, STUDY.satisfaction.items["overall"])
    assert fraction(overall[AVAILABLE]) == (301, 304)
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
    table = item_satisfaction(forms_of(*holed)).table
    for place, wording in enumerate(STUDY.satisfaction.items.values()):
        truth = sum(form[place] in "vs" for form in whole) / 40
        row = rows(table, wording)[WORST]
        assert row["low"] <= truth <= row["high"]


def test_no_forms_have_a_status_and_can_be_drawn() -> None:
    none = forms_of()
    found = item_satisfaction(none)
    table = found.table
    assert table["status"].tolist() == ["not_estimable", "not_estimable", "no_data"] * len(ITEMS)
    assert table[["estimate", "low", "high"]].isna().all(axis=None)
    picture = item_missing(found)
    svg = picture.svg("", picture.alt)
    assert "nan" not in svg
    assert f"{COMPLETE}: not estimable" in svg
    assert picture.finding.startswith("No item can be shown in several ways")


def test_an_item_that_nobody_answered_leaves_no_form_complete() -> None:
    table = item_satisfaction(forms_of("vvv v", "vvv?v")).table
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
        table = item_satisfaction(forms_of(*forms)).table
        assert set(table["status"]) == {"ok"}
        assert table[["low", "high"]].min(axis=None) >= 0
        assert table[["low", "high"]].max(axis=None) <= 1


def test_a_study_without_dont_know_has_none() -> None:
    satisfaction = STUDY.satisfaction.model_copy(update={"dont_know": {}})
    study = STUDY.model_copy(update={"forms": {"feedback_forms": satisfaction}})
    table = item_satisfaction(forms_of("vvvvv", "vv vv", study=study)).table
    assert not table["dont_know"].any()
    assert fraction(rows(table, PACE)[COMPLETE]) == (1, 1)


def test_the_figure_shows_three_ways_and_the_counts_beside() -> None:
    picture = item_missing(item_satisfaction(OWN))
    svg = picture.svg("", picture.alt)
    for words in (AVAILABLE, COMPLETE, f"{WORST} (bounds)", "5 blank,", "3 don't know"):
        assert words in svg
    assert picture.finding.startswith("Counting blank answers in another way lowers a share by")
    again = item_missing(item_satisfaction(OWN))
    assert again.svg("", again.alt) == svg


# --- every answer ------------------------------------------------------------------------


def test_the_item_distribution_accounts_for_every_form() -> None:
    table = item_distribution(OWN).table
    assert len(table) == 5 * len(STUDY.satisfaction.scale)
    for _, of_item in table.groupby("item"):
        assert of_item["number"].sum() == of_item["answered"].iloc[0]
        assert of_item[["answered", "dont_know", "missing"]].iloc[0].sum() == 312
        assert of_item["share"].sum() == pytest.approx(1)


def test_the_distribution_of_an_item_is_counted_by_hand() -> None:
    result = item_distribution(SEVEN)
    pace = result.table[result.table["item"] == PACE]
    assert pace["answer"].tolist() == list(STUDY.satisfaction.scale)
    assert pace["number"].tolist() == [0, 1, 1, 2, 1]
    assert pace["share"].tolist() == [0, 0.2, 0.2, 0.4, 0.2]
    assert pace[["answered", "dont_know", "missing"]].iloc[0].tolist() == [5, 1, 1]
    assert result.roles["number"].of == result.roles["share"].of
    nobody = item_distribution(forms_of()).table
    assert nobody["share"].isna().all()
    assert not nobody["number"].any()


# --- released counts ---------------------------------------------------------------------


def test_without_forms_there_are_no_items() -> None:
    study = STUDY.model_copy(update={"tables": {**STUDY.tables, "feedback_forms": "absent"}})
    counts = forms_of(study=study)
    for result in (item_distribution(counts), item_satisfaction(counts)):
        assert result.why_not == "This service keeps no table of feedback forms."


@pytest.mark.parametrize("disclosure", ["opensafely", "midpoint6", "nhs_digital"])
def test_released_items_keep_their_rows_and_the_complete_case_is_suppressed(
    disclosure: str,
) -> None:
    counts = protected(disclosure)
    found, exact = item_satisfaction(counts).table, item_satisfaction(OWN).table
    pd.testing.assert_frame_equal(found[["item", "approach"]], exact[["item", "approach"]])
    complete = found[found["approach"] == COMPLETE]
    assert set(complete["status"]) == {"suppressed"}
    assert complete[["numerator", "denominator"]].isna().all(axis=None)
    assert set(complete["note"]) == {"suppressed: it needs counts that are too fine to be released"}
    answers = item_distribution(counts).table
    assert answers["answer"].tolist() == item_distribution(OWN).table["answer"].tolist()
    assert (answers.loc[answers["answered"].isna(), "share"].isna()).all()


def test_a_released_item_has_its_share_and_its_bounds() -> None:
    overall = rows(item_satisfaction(protected("opensafely")).table, "The course overall")
    assert fraction(overall[AVAILABLE]) == (300, 305)
    assert overall[AVAILABLE]["note"] == "made from the released counts; ignores clustering"
    assert fraction(overall[WORST]) == (300, 310)
    assert (overall[WORST]["low"], overall[WORST]["high"]) == (300 / 310, 305 / 310)
    assert overall[WORST]["note"] == "made from the released counts"


def test_rounded_apart_an_answer_has_no_share() -> None:
    counts = protected("opensafely")
    more = counts.showing({**counts.numbers, ("satisfaction", ()): 100})
    table = item_distribution(more).table
    overall = table[table["item"] == "The course overall"].set_index("answer")
    assert overall["number"].loc["very satisfied"] == 180
    assert overall["share"].isna().loc[["satisfied", "very satisfied"]].all()
    worst = rows(item_satisfaction(more).table, "The course overall")[WORST]
    assert worst["status"] == "suppressed"
