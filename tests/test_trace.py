"""Where numbers are from: the ledger of the committed study, held to its files, and `lmm trace`."""

from __future__ import annotations

import csv
import hashlib
import json
import re
import subprocess
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from malformed import make, swap

from lmm.analysis.analysis import analysis
from lmm.analysis.result import Source
from lmm.cli import main
from lmm.counting.counts import Counts
from lmm.publish.ledger import FIRST_PAGE, PUBLISHED, Ledger, spans_of
from lmm.review.trace.sought import ledger_of, trace
from lmm.review.trace.way import _files, as_json, commit, lines
from lmm.study.problems import StudyError
from lmm.study.study import read_study

ROOT = Path(__file__).resolve().parents[1]


def rows_of(name: str) -> list[dict[str, str]]:
    """Read a CSV file of the repository, without the library."""
    return list(csv.DictReader((ROOT / name).read_text("utf-8").splitlines()))


COUNTS = rows_of("outputs/counts/released_counts.csv")


@pytest.fixture(scope="module")
def ledger() -> Ledger:
    """Give the ledger of the committed study."""
    return ledger_of(read_study(ROOT))


def held(result: str, cell: str) -> str:
    """Read a cell of a table of results, without the library."""
    line, _, column = cell.partition(":")
    return rows_of(f"outputs/tables/{result}.csv")[int(line) - 2][column]


def unit(text: str) -> Decimal:
    """Give what the last digit of a number stands for."""
    return Decimal(1).scaleb(Decimal(text.replace(",", "").removesuffix("%")).as_tuple().exponent)


def is_written_from(number: str, value: str) -> bool:
    """Whether a number is what stands in a cell, rounded, in percent or as it is, or in weeks."""
    printed, step = Decimal(number.replace(",", "").removesuffix("%")), unit(number)
    if not re.fullmatch(r"-?[\d.]+", value):
        return number in value
    scales = (100,) if number.endswith("%") else (1, 100, Decimal(1) / 7)
    return any(abs(printed - Decimal(value) * scale) <= step / 2 for scale in scales)


def test_each_number_of_an_answer_is_what_stands_in_its_cell(ledger: Ledger) -> None:
    of_answers = [each for each in ledger.entries if not each.where.startswith(PUBLISHED)]
    one = [each for each in of_answers if len(each.cells) == 1]
    assert len(one) > 200
    for each in one:
        assert each.sentence[each.begins :].startswith(each.number)
        assert each.values == (held(each.result, each.cells[0]),)
        assert is_written_from(each.number, each.values[0]), each


def test_most_numbers_are_from_cells_and_the_others_are_counts_of_rows(ledger: Ledger) -> None:
    none = [each for each in ledger.entries if not each.cells]
    assert len(none) < len(ledger.entries) / 5
    assert [each for each in none if "%" in each.number and each.number != "5%"] == []


def test_every_published_figure_has_its_own_counts(ledger: Ledger) -> None:
    figures = rows_of("data/raw/published_figures.csv")
    assert set(ledger.published) == {row["figure"] for row in figures}
    courses, families = (ledger.source(ledger.published[n]) for n in ("courses", "families"))
    assert courses.counts == (("courses", ()),)
    assert families.counts == (("families", ()),)
    for name, entry in ledger.published.items():
        assert entry.number == held(entry.result, entry.cells[0]), name


def test_a_first_page_tells_no_number_that_the_ledger_lacks(ledger: Ledger) -> None:
    told = [each for each in ledger.entries if each.where.startswith(FIRST_PAGE)]
    findings = {each.sentence for each in told}
    assert len(findings) >= 8
    assert any("response rate was" in sentence for sentence in findings)


def test_lines_of_counts_are_those_of_the_file(ledger: Ledger) -> None:
    asked = [each for origin in ledger.origins.values() for each in origin.source.counts]
    assert len(asked) > 100
    for measure, names in asked:
        for line in ledger.lines_of((measure, names)):
            row = COUNTS[line - 2]
            within = {row[by] for by in ("by", "by_2", "by_3") if row[by]}
            assert (row["measure"], within) == (measure, set(names))


def test_a_row_that_names_a_measure_is_from_its_counts_alone(ledger: Ledger) -> None:
    (entry,) = (
        each for each in ledger.entries
        if each.number == "471" and each.result == "activity_by_year"
    )  # fmt: skip
    assert {measure for measure, _ in ledger.source(entry).counts} == {"attendances"}


def test_every_result_that_is_shown_says_what_made_it(ledger: Ledger) -> None:
    shown = {block.name for report in ledger.reports for block in report.of_kind("table")}
    assert shown <= set(ledger.origins)
    drawn = {name for r in ledger.reports for each in r.of_kind("figure") for name in each.of}
    assert drawn <= set(ledger.origins)
    for origin in ledger.origins.values():
        file, _, line = origin.line.partition(":")
        text = (ROOT / file).read_text("utf-8").splitlines()
        assert text[int(line) - 1].startswith(f"def {origin.source.function.rpartition('.')[2]}(")
        assert origin.source.counts


def test_an_analysis_notes_what_it_asks_for_and_what_is_asked_within_it() -> None:
    counts = ledger_of(read_study(ROOT)).counts

    @analysis()
    def inner(counts: Counts) -> int | None:
        return counts.n("families")

    @analysis()
    def outer(counts: Counts, *, by: str) -> tuple[int | None, int]:
        return inner(counts), len(counts.by("courses", by))

    counts.n("staff")
    outer(counts, by="month")
    assert {*counts.asked} == {("staff", ()), ("families", ()), ("courses", ("month",))}


@pytest.mark.parametrize(
    ("numbers", "text"),
    [
        ([3], "line 3"),
        ([3, 4], "lines 3 to 4"),
        ([3, 5], "lines 3 and 5"),
        ([9, 3, 4, 5], "lines 3 to 5 and 9"),
        (range(2, 20, 2), "lines 2, 4, 6, 8, 10, 12 and 3 more spans"),
    ],
)
def test_lines_are_named_in_spans(numbers: list[int], text: str) -> None:
    assert spans_of(numbers) == text


# --- the command -------------------------------------------------------------------------------


def asked_for(*words: str) -> Result:
    return CliRunner().invoke(main, ["trace", "--study", str(ROOT), *words])


@pytest.mark.parametrize(
    ("number", "told"),
    [
        ("99%", ["published figure: satisfaction", "published_satisfaction.csv, line 2"]),
        ("99 %", ["first page and summary", "bounds.csv, line 2, column estimate: 0.9"]),
        ("63.9%", ["attendances, in all: released_counts.csv", "course_attendance.csv, sha256"]),
        ("1.60", ["step_at_event.csv, line 2, column high", "analysis.interrupted.step_change"]),
        ("reach:3:estimate", ["in no sentence", "reach.csv, line 3, column estimate"]),
        ("outputs/tables/reach.csv:3:estimate", ["reach.csv, line 3, column estimate"]),
        ("301", ["README.md, line", "satisfaction_intervals.csv, line 2, column numerator: 301.0"]),
        ("64 %", ["README.md, line", "satisfaction_bounds.csv, line 3, column low: 0.639066"]),
        ("3.12", ["README.md, line", "Makefile"]),
        ("2018-04-01", ["the parameter period_start"]),
        ("95%", ["the parameter confidence"]),
        ("0.951581", ["column low: 0.951581"]),
    ],
)  # fmt: skip
def test_the_way_of_a_number_is_told(ledger: Ledger, number: str, told: list[str]) -> None:
    found = "\n".join(lines(trace(number, ledger)))
    assert [each for each in told if each not in found] == []
    assert "commit" in found


@pytest.mark.parametrize(
    ("number", "why"),
    [
        ("98.9%", "near it are 99%, 99.0%"),
        ("xx", "stands in no answer"),
        (" ", "name a number as it is printed"),
        ("reach:99:low", "has the lines 2 to 10 below its headings, and no 99"),
        ("reach:2:lowest", "has no column 'lowest', but characteristic"),
        ("nothing:2:low", "there is no such table"),
    ],
)
def test_what_is_told_nowhere_is_refused_with_what_is_near(
    ledger: Ledger, number: str, why: str
) -> None:
    with pytest.raises(StudyError, match=re.escape(why)):
        trace(number, ledger)


def test_the_command_tells_or_refuses() -> None:
    found = asked_for("99%")
    assert found.exit_code == 0
    assert found.output.startswith("99")
    assert "published figure: satisfaction" in found.output
    refused = asked_for("98.9%")
    assert (refused.exit_code, refused.output[:13]) == (2, "error: 98.9%:")


def test_what_is_so_printed_comes_before_the_same_number_with_more_digits(ledger: Ledger) -> None:
    found = trace("99%", ledger)
    numbers = ["".join(each.number.split()) for each in found]
    assert numbers[0] == "99%"
    assert numbers.index("99.0%") > 0
    assert "published figure: satisfaction" in found[0].steps[0].lines[0]
    text = "\n".join(lines(found))
    assert len(re.findall("sha256 7a836eeef313", text)) == 1


@pytest.mark.slow
def test_the_way_as_json_is_the_same(ledger: Ledger) -> None:
    told = json.loads(asked_for("--json", "63.9%").output)
    assert told == json.loads(as_json(trace("63.9%", ledger)))
    assert [*told[0]] == [
        "number", "told in", "cell", "shown by", "made by", "counts", "records", "commit",
    ]  # fmt: skip


def test_a_study_without_results_is_told_to_run(tmp_path: Path) -> None:
    (tmp_path / "study.yaml").write_text((ROOT / "study.yaml").read_text("utf-8"), "utf-8")
    with pytest.raises(StudyError, match="no results yet; `lmm run`"):
        ledger_of(read_study(tmp_path))


def test_counts_of_a_table_say_what_was_not_released(ledger: Ledger) -> None:
    from lmm.review.trace.way import _count_lines

    source = Source("f", "", (("families", ("ward",)), ("families", ())))
    assert list(_count_lines(ledger, source)) == [
        "families by ward: not released, or none",
        f"families, in all: released_counts.csv, {told(ledger, 'families')}: 62",
    ]


def test_of_real_records_and_of_a_release_no_hash_is_told(tmp_path: Path) -> None:
    folder = make(tmp_path / "study")
    courses = "data/raw/courses.csv"
    digest = hashlib.sha256((folder / courses).read_bytes()).hexdigest()
    assert list(_files(read_study(folder), "courses")) == [f"{courses}, sha256 {digest}"]
    swap("study.yaml", "records: synthetic", "records: real")(folder)
    swap("study.yaml", "disclosure: none", "disclosure: opensafely")(folder)
    hidden = [f"{courses} (real records, of which no hash is told)"]
    assert list(_files(read_study(folder), "courses")) == hidden
    (folder / "counts").mkdir()
    (folder / "counts/released_counts.csv").write_text("n\n", "utf-8")
    assert list(_files(read_study(folder), "courses")) == ["of the service; not in a release"]


def test_records_that_changed_since_the_run_are_told(tmp_path: Path) -> None:
    study = read_study(make(tmp_path / "study"))
    (line,) = _files(study, "courses")
    digest = line.rpartition(" ")[2]
    study.outputs.mkdir()
    for was, told_so in ((digest, ""), ("0" * 64, " (changed since the run: run again)")):
        record = {"inputs_sha256": {"data/raw/courses.csv": was}}
        (study.outputs / "run.json").write_text(json.dumps(record), "utf-8")
        assert list(_files(study, "courses")) == [line + told_so]


def test_a_commit_is_told_with_what_differs_from_it(tmp_path: Path) -> None:
    assert commit(tmp_path) == "not in a repository of git"
    for words in (["init", "-q"], ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q",
                                   "--allow-empty", "-m", "a"]):  # fmt: skip
        subprocess.run(["git", *words], cwd=tmp_path, check=True)
    assert re.fullmatch(r"[0-9a-f]{40} \(\d{4}-\d\d-\d\d\)", commit(tmp_path))
    (tmp_path / "a.txt").write_text("a", "utf-8")
    assert commit(tmp_path).endswith("), and 1 changed file")


def told(ledger: Ledger, measure: str) -> str:
    (line,) = ledger.lines_of((measure, ()))
    return f"line {line}"


def test_git_is_asked_so_that_no_setting_of_a_folder_runs_a_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commands = []

    def run(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        commands.append(command)
        return subprocess.CompletedProcess(command, 0, " M a\n?? b\n", "")

    monkeypatch.setattr(subprocess, "run", run)
    assert commit(tmp_path).endswith(", and 2 changed files")
    assert len(commands) == 2
    for each in commands:
        settings = [word for before, word in pairwise(each) if before == "-c"]
        assert settings == [
            "core.fsmonitor=false", "core.hooksPath=/dev/null", "log.showSignature=false"
        ]  # fmt: skip
