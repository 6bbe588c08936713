"""What a draft leaves open: each question once, with the lines that answer it."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from malformed import make, swap, text

from lmm.publish.answers import Answer
from lmm.publish.check import check
from lmm.publish.check_page import page
from lmm.publish.findings import Finding
from lmm.publish.questions import Guesses, guesses
from lmm.study.strict_yaml import parse_yaml


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make(tmp_path / "study")


def asked(folder: Path) -> list[Finding]:
    report = check(folder)
    assert not report.can_run
    return report.of("to answer")


def test_a_heading_is_asked_for_with_those_that_are_left(folder: Path) -> None:
    swap("study.yaml", "mode: How, places", 'mode: "?", places')(folder)
    swap("courses.csv", "How", "Held: in")(folder)
    (finding,) = asked(folder)
    assert (
        finding.why == "which heading of courses.csv holds mode of courses (how it was delivered)"
    )
    assert finding.line == 1 + (folder / "study.yaml").read_text("utf-8").split("\n").index(
        '    columns: {course_id: Course, topic: Topic, date: Day, mode: "?", places: Places}'
    )
    assert finding.answers == (
        Answer("if one of its headings does", "write in its place",
               ("tables", "courses", "columns"), ('mode: "Held: in"',)),
        Answer("if all rows are alike", "take the question out, and write beside columns",
               ("tables", "courses"), ("fixed: {mode: in person}", "fixed: {mode: online}")),
    )  # fmt: skip
    assert check(folder).verdict == "cannot run: 1 question to answer first"


@pytest.mark.parametrize("n", [0, 1])
def test_each_answer_to_a_heading_is_one_that_the_study_takes(folder: Path, n: int) -> None:
    swap("study.yaml", "mode: How, places", 'mode: "?", places')(folder)
    answer = asked(folder)[0].answers[n]
    content = parse_yaml(folder / "study.yaml").content
    del content["tables"]["courses"]["columns"]["mode"]
    within = content
    for key in answer.under:
        within = within[key]
    within |= yaml.safe_load(answer.lines[0])
    (folder / "study.yaml").write_text(yaml.dump(content, sort_keys=False), encoding="utf-8")
    assert check(folder).can_run, check(folder).findings


def test_a_column_that_is_fixed_already_stays_so(folder: Path) -> None:
    swap("study.yaml", "date: Day, mode: How, places: Places", 'date: Day, mode: "?"')(folder)
    swap("study.yaml", "file: courses.csv", "file: courses.csv\n    fixed: {places: '20'}")(folder)
    (finding,) = asked(folder)
    assert finding.answers[1].lines[0] == 'fixed: {places: "20", mode: in person}'


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("file: courses.csv", "file: 5"),
        ("file: courses.csv", "file: [[x], {y: z}]"),
        ("file: courses.csv", "file: courses.csv\n    fixed: [x]"),
        ("file: courses.csv", "file: courses.csv\n    fixed: {x: [y]}"),
        ("mode: {in person: [], online: []}", "mode: 3"),
        ("high: [good]", "high: '?'"),
        ("scale: {poor: [], fair: [], good: []}\n  high: [good]", "scale: 7\n  high: '?'"),
        ('date_formats: ["%d/%m/%Y"]', "date_formats: '?'"),
        ("Topic, date", "{heading: '?', kind: [], accepts: 4, meaning: {a: b}}, date"),
        ("tables:\n", "# \u2028# \u2029# \x85tables:\n" + "# \u2028" * 60 + "\n"),
        ("tables:\n", "tables:\n  mine: {columns: {x: '?'}}\n"),
    ],
)
def test_a_file_that_fits_nothing_is_asked_about_all_the_same(
    folder: Path, old: str, new: str
) -> None:
    swap("study.yaml", "mode: How, places", 'mode: "?", places')(folder)
    swap("study.yaml", old, new)(folder)
    report = check(folder)
    assert not report.can_run
    assert "mode of courses (how it was delivered)" in page(report)


def test_what_took_place_is_never_offered_for_all_rows(folder: Path) -> None:
    swap("study.yaml", "attended: Came", 'attended: "?"')(folder)
    (finding,) = asked(folder)
    assert [answer.lines for answer in finding.answers] == [("attended: Came",)]


def test_a_heading_that_the_draft_names_comes_first(folder: Path) -> None:
    swap("register.csv", "Came\n", "Seats,Came\n")(folder)
    swap("register.csv", "yes\n", "1,yes\n")(folder)
    swap("register.csv", "no\n", "1,no\n")(folder)
    swap(
        "study.yaml",
        "columns: {course_id: Course, staff_id: Person, role: Job, attended: Came}",
        "columns:\n      course_id: Course\n      staff_id: Person\n      role: Job\n"
        '      attended: "?"   # not found: name its heading; Came? - please confirm',
    )(folder)
    (finding,) = asked(folder)
    assert finding.answers[0].lines == ("attended: Came", "attended: Seats")


def test_of_several_files_it_is_asked_once_for_a_heading_of_all(folder: Path) -> None:
    swap("study.yaml", "file: courses.csv", "file: [courses.csv, more.csv]")(folder)
    swap("study.yaml", "mode: How, places", 'mode: "?", places')(folder)
    text("more.csv", "Course,Topic,Day,Mode,How,Places\nC3,play,05/02/2020,x,online,2\n")(folder)
    (finding,) = asked(folder)
    assert "courses.csv, more.csv" in finding.why
    assert finding.answers[0].lines == ("mode: How",)


def test_a_heading_that_stands_twice_is_no_answer(folder: Path) -> None:
    swap("study.yaml", "mode: How, places", 'mode: "?", places')(folder)
    text("courses.csv", "Course,Topic,Day,How,Places,X,X\nC1,play,05/02/2020,x,2,,\n")(folder)
    (finding,) = asked(folder)
    assert finding.answers[0].lines == ("mode: How",)


def test_of_a_long_heading_no_more_is_quoted_than_elsewhere(folder: Path) -> None:
    swap("study.yaml", "mode: How, places", 'mode: "?", places')(folder)
    swap("courses.csv", "How", f"How{'w' * 80}")(folder)
    (finding,) = asked(folder)
    assert finding.answers[0].lines == (f'mode: "How{"w" * 77}…"',)


def test_what_may_be_a_record_is_not_offered(folder: Path) -> None:
    swap("study.yaml", "mode: How, places", 'mode: "?", places')(folder)
    text("courses.csv", "Course,Topic,Day,07700 900123,Places\nC1,play,05/02/2020,x,2\n")(folder)
    assert "07700" not in page(check(folder))
    text("courses.csv", "Course,Topic,Day,Mary Shelley,Places\nC1,play,05/02/2020,x,2\n")(folder)
    swap("study.yaml", "file: courses.csv", "file: courses.csv\n    drop: [Mary Shelley]")(folder)
    (finding,) = asked(folder)
    assert finding.why.startswith("no heading of courses.csv is left for mode of courses")
    assert "Shelley" not in page(check(folder))


def test_a_heading_that_is_a_question_mark_is_none(folder: Path) -> None:
    swap("study.yaml", "mode: How, places", 'mode: "?", places')(folder)
    swap("courses.csv", "How", "?")(folder)
    assert check(folder).can_run


def test_a_cell_that_is_a_question_mark_asks_nothing(folder: Path) -> None:
    swap("study.yaml", 'missing: ["", "-"]', 'missing: ["", "?"]')(folder)
    assert check(folder).can_run


def test_everything_is_asked_at_once(folder: Path) -> None:
    swap("study.yaml", '["%d/%m/%Y"]', '["?", "%Y-%m-%d"]')(folder)
    swap("study.yaml", "high: [good]", 'high: ["?"]')(folder)
    swap("study.yaml", "mode: How, places", 'mode: "?", places')(folder)
    days, best, mode = asked(folder)
    assert [answer.lines for answer in days.answers] == [
        ('date_formats: ["%d/%m/%Y", "%Y-%m-%d"]',), ('date_formats: ["%m/%d/%Y", "%Y-%m-%d"]',),
    ]  # fmt: skip
    assert days.fix.startswith(
        'if the day comes first, write in place of the whole of date_formats: date_formats: ["%d'
    )
    assert best.answers[0].lines == ("high: [good]", "high: [fair, good]")
    assert mode.answers[0].lines == ("mode: its heading",)  # the file was not read
    assert check(folder).of("stops the run") == []
    assert "Nothing else stops the run." in page(check(folder))


def test_the_order_of_dates_is_asked_with_the_formats_of_the_remark(folder: Path) -> None:
    remark = "# both orders occur: put %d/%m/%y (day first) or %m/%d/%y in place of ?"
    swap("study.yaml", 'date_formats: ["%d/%m/%Y"]', f'{remark}\ndate_formats: ["?"]')(folder)
    (finding,) = asked(folder)
    assert finding.answers[1].lines == ('date_formats: ["%m/%d/%y"]',)


def test_questions_stand_first_in_the_page_with_their_lines(folder: Path) -> None:
    swap("study.yaml", "mode: How, places", 'mode: "?", places')(folder)
    swap("courses.csv", "How", "<How>")(folder)
    swap("sessions.csv", "S1,07/02/2020,advice", "S1,07/02/2020,odd")(folder)
    content = page(check(folder))
    assert content.index("Which heading of courses.csv") < content.index("is not known")
    assert "    columns:\n</span>      mode: &quot;&lt;How&gt;&quot;\n</code>" in content
    assert "Cannot run: 1 question to answer and 1 problem to mend first." in content


DRAFT = """\
draft: true
# the dates go from here to there - please confirm
period: {start: 2020-01-01, end: 2020-12-31}
vocabularies:
  mode:
    Ms Secret: [Office]   # please confirm
    online: []
  "odd name":
    x: [y]   # please confirm
tables:
  courses:   # taken for this table - please confirm
    columns:
      course_id: Ref   # similar - please confirm
      date: Day
"""


def test_guesses_are_told_by_their_lines_and_not_quoted(folder: Path) -> None:
    (folder / "study.yaml").write_text(DRAFT, encoding="utf-8")
    assert guesses(folder) == (
        Guesses("period", (2,)),
        Guesses("vocabularies: mode", (6,)),
        Guesses('vocabularies: "odd name"', (9,)),
        Guesses("tables: courses", (11, 13)),
    )
    content = page(check(folder))
    assert "5 guesses in study.yaml" in content
    assert "Secret" not in content


def test_what_is_no_draft_guesses_nothing(folder: Path) -> None:
    (folder / "study.yaml").write_text(DRAFT.replace("draft: true", ""), encoding="utf-8")
    assert guesses(folder) == ()
    (folder / "study.yaml").write_text("draft: true\n\t- x", encoding="utf-8")
    assert guesses(folder) == ()
