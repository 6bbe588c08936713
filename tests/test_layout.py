"""What stands where in a sheet: headings of several lines, rows that are no records, pseudonyms."""

from __future__ import annotations

import errno
import re
import stat
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from malformed import make, swap, text
from openpyxl import Workbook

from lmm.cleaning.clean import clean_all
from lmm.cleaning.layout import footer, joined_headings
from lmm.cleaning.lines import Lines
from lmm.cleaning.load import read_raw
from lmm.cleaning.pseudonyms import keep_key, pseudonyms
from lmm.publish.check import check
from lmm.study.problems import StudyError
from lmm.study.study import read_study

HEADS = "Course,Topic,Day,How,Places\n"
ROWS = "C1,play,05/02/2020,in person,20\nC2,sleep,06/03/2020,online,20\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make(tmp_path / "study")


def declare(folder: Path, file: str, *lines: str) -> None:
    """Add keys to the table of a file in study.yaml."""
    swap("study.yaml", f"file: {file}", "\n    ".join((f"file: {file}", *lines)))(folder)


def cleaned(folder: Path, table: str = "courses") -> tuple[pd.DataFrame, list[tuple[int, str]]]:
    """Give a clean table, and the lines that were left out with their reasons."""
    study = read_study(folder)
    found = clean_all(read_raw(study), study)
    left = found.rejected[found.rejected["table"] == table]
    return found.tables[table], list(zip(left["line"], left["reason"], strict=True))


def stopped(folder: Path) -> str:
    (finding,) = check(folder).of("stops the run")
    return f"{finding.why}; {finding.fix}"


# --- headings of several lines -----------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "joined"),
    [
        ([["Id", "How was", "", ""], ["", "Content", "Pace", "All"]],
         ["Id", "How was / Content", "How was / Pace", "How was / All"]),
        ([["", "", "Ratings", ""], ["Id", "Course", "Content", "All"]],
         ["Id", "Course", "Ratings / Content", "Ratings / All"]),
        ([["Id", ""], ["", "Day"]], ["Id", "Day"]),
        ([["Overall", "x"], ["Overall", ""]], ["Overall", "x"]),
        ([["A", ""], ["B", "C"], ["1", "2"]], ["A / B / 1", "A / C / 2"]),
        ([["A"], ["x", "y"]], ["A / x", "A / y"]),
    ],
)  # fmt: skip
def test_an_upper_heading_holds_for_the_blanks_to_its_right(
    lines: list[list[str]], joined: list[str]
) -> None:
    assert joined_headings(lines) == joined


@given(st.lists(st.text("ab ", max_size=3), min_size=1, max_size=6))
def test_one_line_of_headings_stays_as_it_is(cells: list[str]) -> None:
    assert joined_headings([cells]) == [cell.strip() for cell in cells]


def test_headings_on_two_lines_are_read(folder: Path) -> None:
    text("courses.csv", "Course,About,,How,Places\n,Topic,Day,,\n" + ROWS)(folder)
    swap("study.yaml", "topic: Topic, date: Day", "topic: About / Topic, date: About / Day")(folder)
    declare(folder, "courses.csv", "heading_line: [1, 2]")
    frame, left = cleaned(folder)
    assert frame["topic"].tolist() == ["play", "sleep"]
    assert left == []


def test_cells_under_no_heading_stop(folder: Path) -> None:
    rows = ROWS.replace("20\n", "20,x,y\n")
    text("courses.csv", HEADS.replace("\n", ",,\n") + rows)(folder)
    assert stopped(folder) == (
        "columns 6 and 7 hold cells under no heading; "
        "write their headings, or put '(column 6)', '(column 7)' under drop:"
    )
    declare(folder, "courses.csv", 'drop: ["(column 6)", "(column 7)"]')
    assert len(cleaned(folder)[0]) == 2


def test_a_second_line_of_headings_is_recognised(folder: Path) -> None:
    heads = "Course,Topic,Day,How,Places,Other,\n,,,,,Room,Tutor\n"
    text("courses.csv", heads + ROWS.replace("20\n", "20,x,y\n"))(folder)
    assert "line 2 seems to hold more of the headings: set heading_line: [1, 2]" in stopped(folder)


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("heading_line: [2, 1]", "name the lines in their order"),
        ("heading_line: []", "at least 1 item"),
        ("skip_lines: [1]", "name lines below the headings"),
        ("keep: {Topic: play}\n    drop: [Topic]", "'Topic' is both read and dropped"),
        ("pseudonymise: [Topic]", "has to be the heading of an identifier"),
        ("pseudonymise: [Email]", "has to be the heading of an identifier"),
    ],
)
def test_what_cannot_be_meant_is_refused(folder: Path, key: str, message: str) -> None:
    declare(folder, "courses.csv", key)
    with pytest.raises(StudyError, match=message):
        read_study(folder)


# --- rows that are no records ------------------------------------------------------------


def test_skipped_lines_and_rows_not_kept_are_counted(folder: Path) -> None:
    lines = "What?,What?,When?,How?,Many?\n" + ROWS + "C3,play,07/02/2020,online,20\n"
    text("courses.csv", HEADS + lines)(folder)
    declare(folder, "courses.csv", "skip_lines: 2", "keep: {How: ONLINE}")
    frame, left = cleaned(folder)
    assert frame["course_id"].tolist() == ["C2", "C3"]
    assert left == [
        (2, "declared to be no record (skip_lines)"),
        (3, "not kept: How is 'in person'"),
    ]


def test_a_condition_that_no_row_meets_stops(folder: Path) -> None:
    declare(folder, "courses.csv", "keep: {How: by post}")
    found = [finding.why for finding in check(folder).of("stops the run")]
    assert any(
        "none of its 2 rows can be used" in why and "not kept: How is" in why for why in found
    )


def test_a_condition_on_a_heading_that_is_not_there_stops(folder: Path) -> None:
    declare(folder, "courses.csv", "keep: {Finished: 'True'}")
    assert "the heading 'Finished' (for keep: Finished) is missing" in stopped(folder)


FOOT = "\nTotal rows:,2\nPrinted by the system\n"


@pytest.mark.parametrize(
    "end", [FOOT, "\n*** End ***\n", "\n\nRun on:,05/02/2020\n\nEnd of list\n"]
)
def test_the_footer_of_a_report_is_left_out_and_listed(folder: Path, end: str) -> None:
    text("courses.csv", HEADS + ROWS + end)(folder)
    frame, left = cleaned(folder)
    assert len(frame) == 2
    lines = [n for n, line in enumerate((HEADS + ROWS + end).splitlines(), 1) if n > 3 and line]
    assert [line for line, why in left if why == "footer of the report, not a record"] == lines


def test_the_footer_of_a_workbook_is_left_out(folder: Path) -> None:
    book = Workbook()
    for line in (HEADS + ROWS + "\nTotal rows:,2\n").splitlines():
        book.active.append([cell or None for cell in line.split(",")])
    book.save(folder / "data/raw/courses.xlsx")
    swap("study.yaml", "file: courses.csv", "file: courses.xlsx")(folder)
    frame, left = cleaned(folder)
    assert len(frame) == 2
    assert left[-1] == (5, "footer of the report, not a record")


@pytest.mark.parametrize(
    "rows",
    [
        "C1,play\n" + ROWS,  # in the middle
        ROWS + "C3,play\n",  # with no blank line above
        ROWS + "\nC3,play\n",  # begins as a record does
        ROWS.replace("\n", "\nTotal rows:,2\n", 1),
    ],
)
def test_a_short_row_that_is_no_footer_stops(folder: Path, rows: str) -> None:
    text("courses.csv", HEADS + rows)(folder)
    assert "2 cells where the heading has 5" in stopped(folder)


def test_a_sheet_of_nothing_but_short_rows_has_no_footer() -> None:
    rows = Lines.of([((2, 3, 4), (["", ""], ["a", ""], ["b", ""]))], width=2)
    assert footer(rows, 2) == []


def test_a_blank_line_of_numbered_rows_is_empty(folder: Path) -> None:
    swap("study.yaml", "session_id: Session", "session_id: (row number)")(folder)
    swap("sessions.csv", "\nS2", "\n\nS2")(folder)
    assert cleaned(folder, "consultations")[1] == [(3, "empty row")]


# --- pseudonyms --------------------------------------------------------------------------

REGISTER = "Course,E-mail,Job,Came\nC1,ann@a.org,nurse,yes\nC2,Ann@A.org ,nurse,yes\nC2,,nurse,no\n"


def coded(folder: Path) -> None:
    text("register.csv", REGISTER)(folder)
    swap("study.yaml", "staff_id: Person", "staff_id: E-mail")(folder)
    declare(folder, "register.csv", "pseudonymise: [E-mail]")


def test_one_address_is_one_person_and_is_nowhere_kept(folder: Path) -> None:
    coded(folder)
    study = read_study(folder)
    keep_key(study)
    found = clean_all(read_raw(study), study)
    people = found.tables["course_attendance"]["staff_id"]
    assert len(set(people)) == 1
    assert people.str.fullmatch("P[0-9A-F]{16}").all()
    assert found.rejected["line"].tolist() == [4]  # nobody is named there
    told = [*found.tables.values(), found.log, found.rejected]
    assert not any("a.org" in frame.to_csv().casefold() for frame in told)
    report = check(folder)
    assert "a.org" not in "".join(map(str, report.findings)).casefold()


def test_the_key_is_the_owners_and_gives_the_same_codes_again(folder: Path) -> None:
    coded(folder)
    study = read_study(folder)
    check(folder)
    assert not study.key.exists()  # a check writes nothing
    keep_key(study)
    assert stat.S_IMODE(study.key.stat().st_mode) == 0o600
    before, key = read_raw(study)["course_attendance"], study.key.read_bytes()
    keep_key(study)
    assert study.key.read_bytes() == key
    assert read_raw(study)["course_attendance"].equals(before)
    study.key.unlink()
    keep_key(study)
    assert not read_raw(study)["course_attendance"].equals(before)


def test_a_key_that_cannot_be_kept_stops_before_anybody_is_read(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> int:
        raise PermissionError(errno.EACCES, "Permission denied")

    coded(folder)
    study = read_study(folder)
    monkeypatch.setattr("lmm.cleaning.pseudonyms.os.open", refused)
    with pytest.raises(StudyError, match="cannot be written: Permission denied"):
        keep_key(study)


def test_a_key_that_is_none_is_refused(folder: Path) -> None:
    coded(folder)
    read_study(folder).key.write_text("secret", encoding="utf-8")
    assert "holds no key of 64 hexadecimal digits" in stopped(folder)


@given(st.text(min_size=1, max_size=20), st.binary(min_size=32, max_size=32))
def test_pseudonyms_hide_case_and_space_and_depend_on_the_key(cell: str, key: bytes) -> None:
    def coded(text: str, key: bytes) -> str:
        return pseudonyms(pd.Series([text], dtype="str"), key)[0]

    one = coded(cell, key)
    if cell.strip():
        assert coded(f" {cell}  ", key) == one
        assert coded(cell, key + b"x") != one


# --- what is worth a look, and what is nothing -------------------------------------------


def test_an_identifier_that_never_repeats_is_worth_a_look(folder: Path) -> None:
    rows = "".join(f"C{1 + n % 2},P{n},nurse,yes\n" for n in range(12))
    text("register.csv", "Course,Person,Job,Came\n" + rows)(folder)
    assert any("no identifier stands twice in 12 rows" in f.why for f in check(folder).findings)
    text("register.csv", "Course,Person,Job,Came\n" + rows.replace("P11", "P0"))(folder)
    assert not any("stands twice" in f.why for f in check(folder).findings)


@pytest.mark.parametrize(
    "tables", [" {}", "\n  courses: absent\n  families: absent"], ids=["none is named", "absent"]
)
def test_a_study_without_any_table_of_records_cannot_run(folder: Path, tables: str) -> None:
    path = folder / "study.yaml"
    head = re.sub(r"(?ms)^forms:.*?(?=^\w)", "", path.read_text("utf-8")).split("\ntables:")[0]
    path.write_text(f"{head}\ntables:{tables}\n", encoding="utf-8")
    report = check(folder)
    assert not report.can_run
    told = [f"{f.file}: {f.why}" for f in report.of("stops the run")]
    assert told[0].startswith("study.yaml: every table of records is absent")
    assert (
        "families.csv: used by no table; its headings are 'Family', 'Referred', 'Accepted'" in told
    )
    assert not any("01/02/2020" in line for line in told)
