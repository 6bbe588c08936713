"""The check: what it says, how it ends, and that it changes nothing."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from malformed import courses, make, swap, text

from lmm.cli import main
from lmm.publish.check import SEVERITIES, check
from lmm.publish.check_report import page, summary


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make(tmp_path / "study")


def run(folder: Path, *options: str) -> Result:
    return CliRunner().invoke(main, ["check", "--study", str(folder), *options])


def digest(folder: Path) -> dict[str, str]:
    return {
        str(path): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_it_changes_nothing(folder: Path) -> None:
    before = digest(folder)
    assert run(folder).exit_code == 0
    assert digest(folder) == before


@pytest.mark.parametrize(
    ("row", "options", "status"),
    [
        ("", (), 0),
        ("C9,play,31/02/2020,online,5", (), 0),
        ("C9,play,31/02/2020,online,5", ("--strict",), 1),
        ("C9,dance,03/02/2020,online,5", (), 2),
        ("C9,dance,03/02/2020,online,5", ("--strict",), 2),
    ],
)
def test_the_exit_status(folder: Path, row: str, options: tuple[str, ...], status: int) -> None:
    if row:
        courses(row)(folder)
    assert run(folder, *options).exit_code == status


def test_it_says_where_what_why_and_how_to_mend_it(folder: Path) -> None:
    courses("C9,dance,03/02/2020,online,5")(folder)
    (finding,) = check(folder).of("stops the run")
    assert (finding.file, finding.line, finding.column, finding.value) == (
        "courses.csv", 2, "Topic", "dance",
    )  # fmt: skip
    assert finding.why.startswith("'dance' is not known")
    assert "add the spelling to vocabularies: topic" in finding.fix


def test_rows_left_out_are_grouped_by_reason(folder: Path) -> None:
    for n in range(8):
        courses(f"D{n},play,3{n + 2}/02/2020,online,5")(folder)
    found = check(folder).of("left out")
    assert [(f.rows, f.line, f.column) for f in found] == [(8, 2, "Day")]
    assert "also line 3, 4, 5, 6, 7 …" in found[0].why
    assert "date_formats" in found[0].fix


def test_quality_and_timeliness(folder: Path) -> None:
    report = check(folder)
    families = report.quality.set_index(["table", "column"]).loc[("families", "accepted_on")]
    assert (families["recorded"], families["rows"], families["share_recorded"]) == (1, 2, 0.5)
    assert (families["from"], families["to"]) == ("2020-02-03", "2020-02-03")
    minutes = report.quality.set_index(["table", "column"]).loc[("consultations", "minutes")]
    assert (minutes["from"], minutes["to"]) == ("30", "45")
    times = report.timeliness.set_index("table").loc["courses"]
    assert times["days_to_period_end"] == 300  # 6 March to 31 December 2020
    assert times["months_without"] == 10
    told = dict(line.split(": ", 1) for line in summary(report))
    assert told["courses"] == "2 of 2 rows; 2020-02-05 to 2020-03-06; 10 months without any"
    assert told["families"].endswith("; recorded: accepted_on 50%")
    said = [finding.why for finding in report.of("worth a look")]
    assert any(why.startswith("courses: the last record is 300 days before") for why in said)


def test_a_column_seldom_recorded_is_worth_a_look(folder: Path) -> None:
    text("forms.csv", "Form,Course,Overall\nF1,C1,good\nF2,C2,\nF3,C1,-\n")(folder)
    (finding,) = [f for f in check(folder).of("worth a look") if f.file == "forms.csv"]
    assert (finding.column, finding.why) == ("Overall", "is recorded in 33% of the rows")


def test_the_page_is_whole_and_harmless(folder: Path, tmp_path: Path) -> None:
    courses("C9,<script>alert(1)</script>,03/02/2020,online,5")(folder)
    courses("C8,play,\x1b[31m32/02/2020,online,5")(folder)
    target = tmp_path / "check.html"
    answer = run(folder, "--report", str(target), "--repairs")
    assert f"wrote {target}" in answer.output
    content = target.read_text("utf-8")
    assert "<script>" not in content
    assert "&lt;script&gt;alert(1)" in content
    assert "\x1b" not in content + answer.output
    assert "http" not in content.replace("http-equiv", "")
    assert 'scope="col"' in content
    for severity in SEVERITIES:
        assert f"<h2>{severity.capitalize()}</h2>" in content
    assert "for the service alone" in content
    assert "SYNTHETIC" in content


def test_repairs_are_listed_if_asked_for(folder: Path) -> None:
    swap("register.csv", "midwife", "MIDWIFE ")(folder)
    assert "spellings unified" not in run(folder).output
    assert "spellings unified" in run(folder, "--repairs").output


def test_a_study_that_cannot_be_read_is_a_finding(tmp_path: Path) -> None:
    answer = run(tmp_path)
    assert answer.exit_code == 2
    assert "there is no such file" in answer.output
    assert "cannot run: 1 problem to mend first" in page(check(tmp_path)).lower()
