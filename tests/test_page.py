"""What a notebook may show, and what it writes."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from lmm.analysis.analysis import analysis
from lmm.analysis.result import Result
from lmm.analysis.roles import aside, number, stratum, within, words
from lmm.cleaning.load import read_clean
from lmm.cleaning.records import Records
from lmm.counting.count import count
from lmm.counting.counts import Counts
from lmm.review.verify.tables import tolerances
from lmm.showing.labels import SYNTHETIC
from lmm.showing.page import Page
from lmm.study.folder import STAGE_VARIABLE
from lmm.study.parameters import Parameters
from lmm.study.study import read_study

STUDY = read_study(Path(__file__).resolve().parents[1])
PAGE = Page(count(Records.within(read_clean(STUDY), STUDY, Parameters.of(STUDY))))
TABLE = pd.DataFrame({"what": ["<b>", "c"], "number": [1, 2], "basis": ["assumed", "assumed"]})
RESULT = Result.of(TABLE, what=stratum("Thing"), number=words("How many"))


def test_a_page_opens_with_the_records_the_period_and_what_results_rest_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    said: list[str] = []
    monkeypatch.setattr(Page, "_say", lambda _, *lines: said.extend(lines))
    PAGE.open()
    assert said == [
        "SYNTHETIC records: they describe nobody.",
        "Little Minds Matter, 2018-04-01 to 2021-01-31. Intervals are 95% ones. The period is "
        "split at 2020-03-23 (first UK lockdown). Contract year 2020/21 is covered from 1 April "
        "2020 to 31 January 2021 only.",
        "Each result says what it rests on. Published: it is a published figure, to which the "
        "synthetic records were calibrated. Assumed: it follows from assumptions made to generate "
        "the synthetic records. To find a published figure again confirms this pipeline and says "
        "nothing about the service.",
        "Counts are shown exactly, which only synthetic records allow.",
    ]


def test_a_result_that_does_not_say_what_it_rests_on_is_refused() -> None:
    with pytest.raises(ValueError, match="numbers: the result does not say what it rests on"):
        PAGE.table(RESULT.with_table(TABLE[["what"]]), "numbers")


def test_a_result_with_roles_is_shown_by_them(capsys: pytest.CaptureFixture[str]) -> None:
    PAGE.table(RESULT, "numbers")
    assert "Thing How many" in capsys.readouterr().out


def test_an_absent_result_says_why_once_in_place_of_table_and_figure(
    capsys: pytest.CaptureFixture[str],
) -> None:
    absent = Result.absent("This service keeps no table of cats.")
    PAGE.table(absent, "cats", title="All cats")
    PAGE.figure(lambda _: pytest.fail("drawn"), "cats")
    shown = capsys.readouterr().out
    assert "All cats. This service keeps no table of cats." in shown
    assert "No figure" not in shown
    PAGE.keep(absent, "dogs")  # of which there is no table
    PAGE.figure(lambda _: pytest.fail("drawn"), "dogs", "cats", "dogs")
    assert "No figure of dogs. This service keeps no table of cats." in capsys.readouterr().out


def test_a_column_kept_aside_is_in_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(STAGE_VARIABLE, str(tmp_path))
    hidden = Result.of(TABLE, what=stratum("Thing"), number=aside(words("How many")))
    PAGE.table(hidden, "numbers")
    shown = capsys.readouterr().out
    assert "Rests on: assumed." in shown
    assert "How many" not in shown
    kept = pd.read_csv(tmp_path / "outputs/tables/numbers.csv")
    assert kept.columns.tolist() == ["what", "number", "basis", "records"]


def test_a_tolerance_is_kept_beside_the_table_that_declares_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(STAGE_VARIABLE, str(tmp_path))
    about = Result.of(TABLE, what=stratum("Thing"), number=within(number("How many"), 0.5))
    PAGE.keep(about, "numbers")
    PAGE.keep(RESULT, "others")
    assert tolerances(tmp_path / "outputs/tables/numbers.csv") == {"number": 0.5}
    assert tolerances(tmp_path / "outputs/tables/others.csv") == {}


def test_a_result_without_rows_is_said_and_not_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(STAGE_VARIABLE, str(tmp_path))
    PAGE.table(RESULT.with_table(TABLE.head(0)), "numbers")
    PAGE.figure(lambda _: pytest.fail("drawn"), "numbers")
    shown = capsys.readouterr().out
    assert "Numbers. There is nothing to show." in shown
    assert not (tmp_path / "outputs").exists()


def test_outside_of_a_run_nothing_is_written(
    copy_of_study: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    study = read_study(copy_of_study)
    before = sorted(copy_of_study.rglob("*"))
    page = Page(count(Records.within(read_clean(study), study, Parameters.of(study))))
    page.table(RESULT, "numbers")
    page.keep(RESULT, "again")
    shown = capsys.readouterr().out
    assert "Table 1. Numbers." in shown
    assert SYNTHETIC in shown
    assert sorted(copy_of_study.rglob("*")) == before


def test_a_table_has_the_title_of_its_analysis_unless_it_is_given_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    @analysis(title="Of an analysis")
    def titled(_: Counts) -> Result:
        return RESULT

    @analysis("families.shoe_size", title="Of one that is not done")
    def lacking(_: Counts) -> Result:
        return RESULT

    shown = displayed(monkeypatch)
    PAGE.table(titled(PAGE.counts), "numbers")
    PAGE.table(titled(PAGE.counts), "numbers", title="Its own")
    PAGE.table(RESULT, "more_numbers")
    PAGE.table(lacking(PAGE.counts), "numbers")
    assert [what.get("title") for _, what in shown[:3]] == [
        "Of an analysis", "Its own", "More numbers"
    ]  # fmt: skip
    said = shown[3][0]["text/plain"]
    assert said.startswith("Of one that is not done. This service keeps no column shoe size")


@pytest.mark.parametrize("name", ["../numbers", "Numbers", "numbers.csv", ""])
def test_a_name_that_could_lead_elsewhere_is_refused(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(STAGE_VARIABLE, str(tmp_path))
    with pytest.raises(ValueError, match="lower-case words"):
        PAGE.table(RESULT, name)


def displayed(monkeypatch: pytest.MonkeyPatch) -> list[tuple[dict[str, str], dict[str, object]]]:
    """Collect what a page displays, with what it says that it is."""
    shown: list[tuple[dict[str, str], dict[str, object]]] = []
    monkeypatch.setattr(
        "lmm.showing.page.display",
        lambda data, *, raw, metadata: shown.append((data, metadata["lmm"])),
    )
    return shown


def test_an_answer_stands_before_its_table_and_both_say_what_they_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shown = displayed(monkeypatch)
    page = Page(PAGE.counts)
    page.table(RESULT, "all_numbers", lambda _: ("It is <b>.", "Yes."), first_page=True)
    page.table(RESULT, "others", title="The rest")
    (said, answer), (_, table), (_, other) = shown
    assert said["text/plain"] == "It is <b>.\nYes."
    assert "It is &lt;b&gt;. Yes. " in said["text/html"]
    assert '<a href="#table-all-numbers">Table 1</a>' in said["text/html"]
    assert "</a>; rests on: assumed)" in said["text/html"]
    known = {"of": "all_numbers", "rests_on": "assumed", "first_page": True}
    assert answer == {"is": "answer", **known, "numbers": [[], []]}
    said_of_it = {"name": "all_numbers", "number": "Table 1", "title": "All numbers", "long": False}
    assert table == {"is": "table", **said_of_it, "from": {}}
    assert other["number"] == "Table 2"


def test_where_there_is_no_result_there_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = displayed(monkeypatch)
    PAGE.table(Result.absent("No cats."), "cats", lambda _: pytest.fail("asked"))
    assert [what for _, what in shown] == [{"is": "note"}]
