"""The check: what it says, how it ends, and that it changes nothing."""

from __future__ import annotations

import hashlib
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from malformed import courses, make, swap, text

from lmm.cli import main
from lmm.publish.check import check
from lmm.publish.check_page import page
from lmm.publish.check_report import lines, summary
from lmm.publish.findings import Finding, Report, Severity


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
    for section in ("stops-the-run", "left-out", "worth-a-look", "repaired", "when", "complete"):
        assert f'<h2 id="{section}">' in content
        assert f'href="#{section}"' in content
    assert "for the service alone" in content
    assert "SYNTHETIC" in content


class Outline(HTMLParser):
    """What a reader who does not see a page goes by: headings, tables, ids and links within."""

    def __init__(self, content: str) -> None:
        super().__init__()
        self.opened: list[tuple[str, dict[str, str | None]]] = []
        self.feed(content)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.opened.append((tag, dict(attrs)))

    def of(self, *tags: str) -> list[tuple[str, dict[str, str | None]]]:
        return [(tag, given) for tag, given in self.opened if tag in tags]


def test_the_page_can_be_read_without_seeing_it(folder: Path) -> None:
    swap("study.yaml", "service: Small", "service: Small\ndraft: true")(folder)
    swap("study.yaml", "topic: Topic", 'topic: "?"')(folder)
    courses("C9,play,32/02/2020,online,5")(folder)
    swap("register.csv", "midwife", "MIDWIFE ")(folder)
    outline = Outline(page(check(folder)))
    assert outline.of("html") == [("html", {"lang": "en-GB"})]
    levels = [int(tag[1]) for tag, _ in outline.of("h1", "h2", "h3", "h4")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    tags = [tag for tag, _ in outline.opened]
    assert tags.count("caption") == tags.count("table") > 2
    assert all(given["scope"] for _, given in outline.of("th"))
    ids = [given["id"] for _, given in outline.opened if "id" in given]
    assert len(ids) == len(set(ids))
    assert {str(given["href"])[1:] for _, given in outline.of("a")} <= set(ids)


def found(n: int, fix: str, severity: Severity = "stops the run") -> list[Finding]:
    return [Finding(severity, f"{i}.csv", "", 0, "", "", "is odd", fix) for i in range(n)]


def test_what_has_one_remedy_stands_together_and_is_cut_only_where_it_can_be_seen() -> None:
    report = Report("x", Path(), [*found(25, "mend"), *found(1, ""), *found(1, "look")])
    told = [line for _, line in lines(report)]
    assert told[19:23] == [
        "19.csv: is odd; mend", "and 5 more with the same remedy: --report lists them",
        "0.csv: is odd", "0.csv: is odd; look",
    ]  # fmt: skip
    content = page(report)
    assert content.count(">Mend</th>") == 2  # once folded
    assert "<summary>10 more: mend</summary>" in content
    assert all(f">{n}.csv</td>" in content for n in range(25))
    account = Report("x", Path(), found(25, "mend", "left out"))
    assert len(list(lines(account))) == 25


def test_where_nothing_could_be_read_nothing_is_said_of_the_records(tmp_path: Path) -> None:
    content = page(check(tmp_path))
    assert "Nothing had to be repaired" not in content
    assert "The records were not looked at further" in content


def test_a_long_heading_is_cut_in_the_page(folder: Path) -> None:
    name = "Topic" * 40
    swap("study.yaml", "topic: Topic", f"topic: {name}")(folder)
    swap("courses.csv", "Topic", name)(folder)
    courses("C9,dance,03/02/2020,online,5")(folder)
    content = page(check(folder))
    assert f"column {name[:80]}…" in content
    assert name not in content


def test_repairs_are_folded(folder: Path) -> None:
    swap("register.csv", "midwife", "MIDWIFE ")(folder)
    before, _, after = page(check(folder)).partition("<details><summary>")
    assert "Spellings unified" not in before
    assert ">Labels: spellings unified</th>" in after
    assert "&#x27;midwife&#x27; (1)</td>" in after


def test_repairs_are_listed_if_asked_for(folder: Path) -> None:
    swap("register.csv", "midwife", "MIDWIFE ")(folder)
    assert "spellings unified" not in run(folder).output
    assert "spellings unified" in run(folder, "--repairs").output


def test_a_study_that_cannot_be_read_is_a_finding(tmp_path: Path) -> None:
    answer = run(tmp_path)
    assert answer.exit_code == 2
    assert "there is no such file" in answer.output
    assert "cannot run: 1 problem to mend first" in page(check(tmp_path)).lower()
