"""Reach: shares of the families who attended, beside a reference population."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from family_counts import ROOT, STUDY, counts_of, family, released_of, with_reference

from lmm.analysis import reach
from lmm.showing import plots
from lmm.study.declared import ReferencePopulation
from lmm.study.problems import StudyError
from lmm.study.study import read_study

WARDS = ("Bowling and Barkerend", "Bradford Moor", "Little Horton", "other")

PEOPLE = (
    *[family("2019-01-01", seen="2019-01-11", ward="Bradford Moor")] * 3,
    *[family("2019-01-01", seen="2019-01-11", ward="Little Horton")] * 1,
    *[family("2019-01-01", seen="2019-01-11", ward="other")] * 2,
    *[family("2019-01-01", seen="2019-01-11")] * 5,
    *[family("2019-01-01", missed="2019-01-11", ward="Little Horton")] * 7,
)
PUBLISHED = ReferencePopulation(
    basis="published",
    source="an office of statistics",
    licence="open",
    shares={"Bowling and Barkerend": 0.2, "Bradford Moor": 0.5, "Little Horton": 0.3},
)


def wards_of(table: pd.DataFrame) -> pd.DataFrame:
    return table[table["characteristic"] == "Ward"].set_index("level")


def test_shares_are_of_the_families_in_the_reference_population() -> None:
    counts = counts_of(*PEOPLE, study=with_reference(ward=PUBLISHED))
    wards = wards_of(reach.reach(counts).table)
    assert tuple(wards.index) == WARDS
    assert list(wards["numerator"]) == [0, 3, 1, 2]
    assert list(wards["denominator"].iloc[:3]) == [4, 4, 4]
    moor = wards.loc["Bradford Moor"]
    assert moor["estimate"] == 0.75
    assert (moor["low"], moor["high"]) == pytest.approx((0.3006, 0.9544), abs=1e-4)
    assert moor["share_less_reference"] == pytest.approx(0.25)
    assert moor["ratio_to_reference"] == pytest.approx(1.5)
    nobody = wards.loc["Bowling and Barkerend"]
    assert (nobody["estimate"], nobody["low"], nobody["ratio_to_reference"]) == (0, 0, 0)
    assert set(wards["missing"]) == {5}
    assert set(wards["reference"]) == {"published: an office of statistics"}


def test_other_is_counted_and_not_compared() -> None:
    counts = counts_of(*PEOPLE, study=with_reference(ward=PUBLISHED))
    other = wards_of(reach.reach(counts).table).loc["other"]
    assert (other["status"], other["numerator"]) == ("not_estimable", 2)
    assert "not compared" in other["note"]
    assert pd.isna(other["reference_share"])


def test_other_is_compared_where_the_reference_has_it() -> None:
    shares = {"Bradford Moor": 0.5, "other": 0.5, "Little Horton": 0.0}
    reference = PUBLISHED.model_copy(update={"shares": shares})
    wards = wards_of(reach.reach(counts_of(*PEOPLE, study=with_reference(ward=reference))).table)
    assert wards.loc["other", "estimate"] == pytest.approx(1 / 3)
    assert wards.loc["other", "ratio_to_reference"] == pytest.approx(2 / 3)
    none = wards.loc["Little Horton"]  # nobody to reach, so that there is no ratio
    assert none["share_less_reference"] == pytest.approx(1 / 6)
    assert pd.isna(none["ratio_to_reference"])


def test_without_a_reference_the_table_says_so() -> None:
    table = reach.reach(counts_of(*PEOPLE, study=with_reference())).table
    assert set(table["reference"]) == {"no reference population is declared"}
    assert table["reference_share"].isna().all()
    wards = wards_of(table)
    assert list(wards["estimate"]) == pytest.approx([0, 1 / 2, 1 / 6, 1 / 3])
    groups = table[table["characteristic"] == "Ethnic group of the mother"]
    assert set(groups["status"]) == {"not_estimable"}  # recorded for none of the 11
    assert set(groups["missing"]) == {11}


def test_nobody_is_reached() -> None:
    found = reach.reach(counts_of(study=with_reference(ward=PUBLISHED)))
    table = found.table
    assert set(table["status"]) == {"not_estimable"}
    assert table["share_less_reference"].isna().all()
    assert plots.reach(found).finding == "No group can be compared with a reference population."


def test_of_released_counts_the_shares_are_those_that_are_shown() -> None:
    study = with_reference(ward=PUBLISHED)
    wards = wards_of(reach.reach(released_of(*(PEOPLE * 10), study=study)).table)
    assert wards["numerator"].tolist() == [0, 30, 10, 20]
    moor = wards.loc["Bradford Moor"]
    assert (moor["estimate"], moor["ratio_to_reference"]) == (0.75, pytest.approx(1.5))
    assert moor["note"] == "made from the released counts"
    assert wards.loc["other", "note"] == (
        "outside the reference population: counted and not compared; made from the released counts"
    )


def test_a_level_of_few_suppresses_the_shares_of_all_that_are_compared() -> None:
    study = with_reference(ward=PUBLISHED)
    few = family("2019-01-01", seen="2019-01-11", ward="Bowling and Barkerend")
    wards = wards_of(reach.reach(released_of(*(PEOPLE * 10), few, few, study=study)).table)
    assert pd.isna(wards.loc["Bowling and Barkerend", "numerator"])
    assert wards.loc["Bradford Moor", "numerator"] == 30
    assert wards.loc[[*WARDS[:3]], "status"].tolist() == ["suppressed"] * 3
    assert wards.loc[[*WARDS[:3]], "ratio_to_reference"].isna().all()


# --- the reference population in the study file ----------------------------------------------


def test_the_shares_of_this_study_are_marked_as_assumed() -> None:
    reference = STUDY.reference_population["ward"]
    assert reference.basis == "assumed"
    assert "not census figures" in str(reference.reason)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("ward: {basis: assumed, shares: {Bradford Moor: 1}}", "need their reason"),
        ("ward: {basis: published, source: x, shares: {Bradford Moor: 1}}", "its licence"),
        ("ward: {basis: assumed, reason: x, shares: {Bradford Moor: 0.5}}", "add up to 0.5"),
        ("ward: {basis: assumed, reason: x, shares: {}}", "add up to 0"),
        ("ward: {basis: assumed, reason: x, shares: {Moor: 1}}", "'Moor' is not one of"),
        (
            "ward: {basis: assumed, reason: x, shares: {Bradford Moor: 1.5, other: -0.5}}",
            "Bradford Moor",
        ),
        ("ward: {basis: guessed, reason: x, shares: {Bradford Moor: 1}}", "basis"),
        ("town: {basis: assumed, reason: x, shares: {Bradford Moor: 1}}", "'ward'"),
    ],
)
def test_a_wrong_reference_is_refused(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(StudyError, match="reference_population") as raised:
        read_study(study_with(tmp_path, f"reference_population:\n  {text}\n"))
    assert problem in str(raised.value)


def test_the_reference_may_be_left_out_or_rounded(tmp_path: Path) -> None:
    assert read_study(study_with(tmp_path, "")).reference_population == {}
    shares = "{Bowling and Barkerend: 0.33, Bradford Moor: 0.33, Little Horton: 0.33}"
    text = f"reference_population:\n  ward: {{basis: assumed, reason: x, shares: {shares}}}\n"
    assert read_study(study_with(tmp_path, text)).reference_population["ward"].basis == "assumed"


def study_with(folder: Path, section: str) -> Path:
    """Write this study's file with another section on the reference population."""
    lines = (ROOT / "study.yaml").read_text("utf-8").splitlines(keepends=True)
    start = lines.index("reference_population:\n")
    end = next(n for n in range(start + 1, len(lines)) if lines[n].strip() == "")
    (folder / "study.yaml").write_text("".join([*lines[:start], section, *lines[end:]]), "utf-8")
    return folder


# --- the figure ---


def test_the_reach_figure_says_shares_and_reference() -> None:
    picture = plots.reach(reach.reach(counts_of(*PEOPLE, study=with_reference(ward=PUBLISHED))))
    assert picture.finding.startswith(
        "The share of families does not differ from that of the reference"
    )
    assert "the published reference population" in picture.caption
    svg = picture.svg("", picture.alt)
    assert ">reference population</text>" in svg
    assert "no reference population" in svg
    assert "outside the reference, not compared" in svg
