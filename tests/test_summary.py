"""The summary says what the reports mark for it, and what a study's declarations make of it."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from handed import report

from lmm.cleaning.save import save_table
from lmm.counting.counts import Counts
from lmm.publish.handouts.summary import Rated, Summary, summary_of
from lmm.publish.report import Report
from lmm.study.parameters import Parameters
from lmm.study.setting import Setting
from lmm.study.study import Study, read_study

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Study:
    """Give the study of this folder, with outputs elsewhere."""
    monkeypatch.setenv("LMM_STAGE", str(tmp_path / ".stage-x"))
    return read_study(ROOT, "release")


COMPARED = pd.DataFrame(
    [("courses", "courses held", "28", "27", "differs", "", "A paper, 2021")],
    columns=["figure", "meaning", "printed", "computed", "status", "note", "source"],
)
NOTHING = pd.DataFrame()


def summary(study: Study, *reports: Report, compared: pd.DataFrame = COMPARED) -> Summary:
    return summary_of(counts(study), reports, compared)


def sure(made: Summary) -> dict[str, str]:
    return {each.heading: each.text for each in made.sure}


def counts(study: Study, **given: str) -> Counts:
    """Give the counts of a study in which nothing was counted."""
    return Counts.of(Setting(study, Parameters.of(study, given), NOTHING, NOTHING), {})


def rated(*rows: tuple[str, str, str, str]) -> pd.DataFrame:
    names = ["indicator", "contract_year", "rag", "verdict"]
    return pd.DataFrame(rows, columns=names).assign(agreed_on="2026-11-22", agreed_by="the = board")


def test_a_finding_is_the_first_sentence_of_its_answer_and_names_its_table(study: Study) -> None:
    (found,) = summary(study, report()).findings
    assert found.sentence == "Finding 0."
    assert (found.report, found.place, found.source) == (
        "1-own",
        "table-a",
        "Own, Table 1; rests on: assumed",
    )


def test_figures_and_published_figures_are_those_of_the_run(study: Study) -> None:
    made = summary(study, report())
    (picture,), (published,) = made.pictures, made.published
    assert (picture.name, picture.caption, picture.alt) == ("a", "A drawn", "A line.")
    assert (published.meaning, published.printed, published.computed) == (
        "courses held",
        "28",
        "27",
    )
    assert (published.status, made.sources) == ("differs", ("A paper, 2021",))


def test_targets_stand_by_year_in_the_words_of_the_study(study: Study) -> None:
    table = rated(
        ("staff", "2019/20", "green", "met"),
        ("staff", "2018/19", "red", "not met"),
        ("consultations", "2019/20", "not rated", "not rated"),
    )
    save_table(table, study.outputs / "tables/targets_achieved.csv", study)
    made = summary(study, report())
    assert made.targets is not None
    assert made.targets.years == ("2018/19", "2019/20")
    assert made.targets.rows == (
        ("Staff trained (people)", (Rated("red", "not met"), Rated("green", "met"))),
        ("Consultation, support and guidance sessions", (None, Rated("not rated", "not rated"))),
    )
    assert any("in the study's words: “the = board”" in limit for limit in made.limits)
    assert any("set after the period" in limit for limit in made.limits)


def test_what_there_is_none_of_is_said(study: Study) -> None:
    made = summary(study, report(0, 0), compared=NOTHING)
    assert (made.findings, made.pictures, made.published, made.targets) == ((), (), (), None)
    for missing in ("no answer", "no figure", "no rated target", "no published figure"):
        assert any(missing in remark for remark in made.remarks), missing


def test_what_two_pages_do_not_hold_is_said(study: Study) -> None:
    made = summary(study, report(9, 6))
    assert (len(made.findings), len(made.pictures)) == (8, 4)
    assert "1 finding more is in the reports." in made.remarks
    assert "2 figures more are in the reports." in made.remarks


def test_how_sure_it_is_comes_from_what_the_study_declares(study: Study) -> None:
    said = sure(summary(study, report()))
    assert list(said) == ["Records", "Intervals", "Assumptions", "Causes"]
    assert "synthetic" in said["Records"]
    assert "95%" in said["Intervals"]
    assert "first UK lockdown (2020-03-23)" in said["Causes"]
    row = {"by": "all", "status": "ok", "estimate": 0.5, "low": 0.25, "high": 0.75}
    save_table(pd.DataFrame([row]), study.outputs / "tables/response_rate.csv", study)
    assert "50.0% (25.0% to 75.0%)" in sure(summary(study, report()))["Answers"]
    row = {**row, "status": "suppressed", "estimate": None}
    save_table(pd.DataFrame([row]), study.outputs / "tables/response_rate.csv", study)
    assert "not known" in sure(summary(study, report()))["Answers"]


def test_a_period_without_the_event_is_not_said_to_have_two_sides(study: Study) -> None:
    made = summary_of(counts(study, period_end="2020-03-22"), [report()], COMPARED)
    assert sure(made)["Causes"] == (
        "One service is looked at, with nothing to compare it with, so that a difference is no "
        "evidence of a cause."
    )


@pytest.mark.parametrize(("share", "level"), [("0.975", "97.5%"), ("0.9", "90%")])
def test_the_level_is_written_as_it_was_declared(study: Study, share: str, level: str) -> None:
    made = summary_of(counts(study, confidence=share), [report()], COMPARED)
    assert f"These are {level} intervals" in sure(made)["Intervals"]


def test_a_protected_release_says_what_was_done_to_its_counts(study: Study) -> None:
    held = study.model_copy(update={"records": "real", "disclosure": "opensafely"})
    held._folder, held._audience = study.folder, "release"
    made = summary(held, report())
    assert made.mark == ""
    assert "rounded" in sure(made)["Records"]
    assert "synthetic" not in sure(made)["Records"]
    held._audience = "internal"
    made = summary(held, report())
    assert "not for release" in made.mark
    assert "for the service alone" in sure(made)["Records"]
