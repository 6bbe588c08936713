"""Reading and writing tables: every way a file can be unreadable is named with its line."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from cleaning_helpers import GOOD, STUDY, all_typed, study_with, text_table, typed_table
from pandas.testing import assert_frame_equal

from lmm.cleaning.load import read_clean, read_raw
from lmm.cleaning.save import RECORDS_COLUMN, save_table
from lmm.study.folder import INTERNAL, STAGE_VARIABLE
from lmm.study.problems import StudyError
from lmm.study.study import RecordsKind, Study, read_study

HEADING = "Course ID,Topic,Course date,Delivery,Places\n"
ROW = "C01,attachment,2018-05-01,in person,20\n"
SECOND = "C02,attachment,2018-05-01,in person,20\n"
TWO = text_table("courses", {}, {"course_id": "C02"})


@pytest.fixture
def study(tmp_path: Path) -> Study:
    """Give a study whose raw files hold nothing but their headings."""
    study = study_with(tmp_path / "study")
    study.raw.mkdir(parents=True)
    for source in study.tables.values():
        heading = ",".join(source.columns.values()) + "\n"
        (study.raw / source.files[0]).write_text(heading, encoding="utf-8")
    return study


def read(study: Study, content: str | bytes, table: str = "courses") -> pd.DataFrame:
    """Read one table from these contents, beside empty others."""
    data = content if isinstance(content, bytes) else content.encode("utf-8")
    (study.raw / study.sources[table].files[0]).write_bytes(data)
    return read_raw(study)[table]


def problems(study: Study, content: str | bytes, table: str = "courses") -> tuple[str, ...]:
    """Read them in vain and give the lines of the message."""
    with pytest.raises(StudyError) as caught:
        read(study, content, table)
    return caught.value.problems


# --- raw files that can be read ----------------------------------------------------------


def test_every_table_is_text_under_the_contracts_names(study: Study) -> None:
    frames = read_raw(study)
    assert list(frames) == list(GOOD)
    for table, frame in frames.items():
        assert_frame_equal(frame, text_table(table))
        assert frame.index.name == "line"


@pytest.mark.parametrize(
    "content",
    [
        (HEADING + ROW + SECOND).encode("utf-8"),
        (HEADING + ROW + SECOND).encode("utf-8-sig"),
        (HEADING + ROW + SECOND).replace("\n", "\r\n").encode("utf-8"),
        (HEADING + ROW + SECOND).replace("\n", "\r\n").encode("utf-8-sig"),
        (HEADING + ROW + SECOND).replace("\n", "\r").encode("utf-8"),
        (HEADING + ROW + SECOND).rstrip("\n").encode("utf-8"),
        (HEADING + ROW + SECOND).replace("C01", '"C01"').encode("utf-8"),
        (HEADING + ROW + SECOND).replace(",", " ,", 2).encode("utf-8"),
    ],
    ids=["plain", "mark", "CR LF", "mark and CR LF", "CR", "no last end", "quoted", "wide heading"],
)
def test_the_same_rows_are_read_however_the_file_is_written(study: Study, content: bytes) -> None:
    assert_frame_equal(read(study, content), TWO)


def test_cells_are_left_as_they_are(study: Study) -> None:
    row = '" c 01 ",NA,01/05/2018,null,020\n'
    expected = {
        "course_id": " c 01 ",
        "topic": "NA",
        "date": "01/05/2018",
        "mode": "null",
        "places": "020",
    }
    assert_frame_equal(read(study, HEADING + row), text_table("courses", expected))


@pytest.mark.parametrize(
    ("table", "encoding"), [("feedback_forms", "cp1252"), ("course_attendance", "utf-8")]
)
def test_letters_beyond_ascii_are_read_in_the_declared_encoding(
    study: Study, table: str, encoding: str
) -> None:
    heading = ",".join(study.sources[table].columns.values())
    cells = ["don’t know", "children’s", "café", *[""] * (len(GOOD[table]) - 3)]
    frame = read(study, f"{heading}\n{','.join(cells)}\n".encode(encoding), table)
    assert list(frame.loc[2]) == cells


def test_columns_may_stand_in_any_order_and_beside_others(study: Study) -> None:
    content = (
        "Notes,Places,Delivery,Course date,Topic,Course ID,Notes\n"
        "a,20,in person,2018-05-01,attachment,C01,b\n"
    )
    assert_frame_equal(read(study, content), text_table("courses", {}))


def test_lines_are_those_of_the_file(study: Study) -> None:
    content = (
        HEADING
        + ROW
        + 'C02,"attach\r\nment\n",2018-05-01,in person,20\n'
        + "\n"
        + "C03,attachment,2018-05-01,in person,20\n"
    )
    expected = text_table(
        "courses",
        {},
        {"course_id": "C02", "topic": "attach\r\nment\n"},
        dict.fromkeys(GOOD["courses"], ""),
        {"course_id": "C03"},
        lines=[2, 3, 6, 7],
    )
    assert_frame_equal(read(study, content), expected)


def test_the_committed_files_are_all_read() -> None:
    for table, frame in read_raw(STUDY).items():
        content = (STUDY.raw / STUDY.sources[table].files[0]).read_bytes()
        assert frame.index.tolist() == list(range(2, content.count(b"\n") + 1))
        assert list(frame) == list(GOOD[table])


# --- raw files that cannot ---------------------------------------------------------------


def test_a_file_that_is_not_there(study: Study) -> None:
    (study.raw / "courses.csv").unlink()
    with pytest.raises(StudyError) as caught:
        read_raw(study)
    assert str(caught.value) == (
        f"courses.csv: there is no such file in {study.raw}; "
        "put it there, or correct its name in study.yaml"
    )


def test_a_folder_in_place_of_a_file(study: Study) -> None:
    (study.raw / "courses.csv").unlink()
    (study.raw / "courses.csv").mkdir()
    with pytest.raises(StudyError, match=r"^courses\.csv: cannot be opened: \w+"):
        read_raw(study)


def test_a_file_that_may_not_be_read(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    def closed(path: Path, mode: str = "r") -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "open", closed)
    with pytest.raises(StudyError) as caught:
        read_raw(study)
    assert caught.value.problems[0] == (
        "courses.csv: cannot be opened: Permission denied; see who may read it, and where it lies"
    )


@pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbf"])
def test_an_empty_file(study: Study, content: bytes) -> None:
    message = "courses.csv: the file is empty; its first line should be the headings"
    assert problems(study, content) == (message,)


@pytest.mark.parametrize(
    ("table", "content", "line", "byte", "encoding"),
    [
        ("courses", HEADING.encode() + b"C01\nchildren\x92s\n", 3, "0x92", "utf-8"),
        ("families", b"Family ref\r\nF\x81\r\n", 2, "0x81", "cp1252"),
    ],
)
def test_a_file_in_another_encoding(
    study: Study, table: str, content: bytes, line: int, byte: str, encoding: str
) -> None:
    assert problems(study, content, table) == (
        f"{table}.csv: line {line}: byte {byte} is not {encoding} text; "
        "name the file's encoding in study.yaml (utf-8 or cp1252)",
    )


def test_utf_16_is_told_from_its_first_bytes(study: Study) -> None:
    assert problems(study, "Course ID\n".encode("utf-16")) == (
        "courses.csv: is not utf-8 but UTF-16 text; set encoding: utf-16",
    )


def test_a_heading_that_is_missing(study: Study) -> None:
    assert problems(study, HEADING.replace("Delivery", "Mode") + ROW) == (
        "courses.csv: line 1: the heading 'Delivery' (for mode) is missing; "
        "there are 'Course ID', 'Topic', 'Course date', 'Mode', 'Places'",
    )


def test_a_missing_heading_is_sought_among_the_others(study: Study) -> None:
    (problem,) = problems(study, HEADING.replace("Course date", "Course day") + ROW)
    assert problem.endswith("(for date) is missing; did you mean 'Course day'?")


def test_the_other_headings_are_told_once(study: Study) -> None:
    content = HEADING.replace("Delivery", "Mode").replace("Places", "Seats")
    first, second = problems(study, content + ROW)
    assert first.endswith(
        "is missing; there are 'Course ID', 'Topic', 'Course date', 'Mode', 'Seats'"
    )
    assert second.endswith("is missing; name the heading that the file has in study.yaml")


@pytest.mark.parametrize(
    "heading",
    ["TOPIC", " topic", "To\u200bpic", "\ufeffTopic", "Ｔopic", '"Topic\n"'],
)
def test_a_heading_may_differ_in_what_nobody_sees(study: Study, heading: str) -> None:
    frame = read(study, HEADING.replace("Topic", heading) + ROW)
    assert frame["topic"].tolist() == ["attachment"]
    wide = HEADING.replace("Course date", "course\u00a0 DATE")
    assert read(study, wide + ROW)["date"].tolist() == ["2018-05-01"]


def test_a_heading_that_could_be_either_of_two_is_neither(study: Study) -> None:
    content = HEADING.replace("Topic", "TOPIC").replace("\n", ",topic\n")
    (problem,) = problems(study, content + ROW.replace("\n", ",x\n"))
    assert "the heading 'Topic' (for topic) is missing; did you mean " in problem


def test_the_heading_as_declared_comes_before_one_like_it(study: Study) -> None:
    frame = read(study, HEADING.replace("\n", ",TOPIC\n") + ROW.replace("\n", ",x\n"))
    assert frame["topic"].tolist() == ["attachment"]


@pytest.mark.parametrize(
    "first", ["Zoe Roe,zoe@example.org,BD3 9XX", "Zoe Roe,01/02/2020,03/02/2020", "Zoe Roe,x,12"]
)
def test_a_record_in_place_of_headings_is_not_quoted(study: Study, first: str) -> None:
    (problem,) = problems(study, f"{first}\nAda Roe,x,y\n")
    assert problem == (
        "courses.csv: line 1: the line looks like a record, not like headings; "
        "write the headings above the records, or set heading_line: in study.yaml"
    )


def test_names_in_place_of_headings_are_not_quoted(study: Study) -> None:
    assert not any("Roe" in problem for problem in problems(study, "Zoe Roe,x,y\nAda Roe,x,y\n"))


def test_a_heading_that_stands_twice(study: Study) -> None:
    assert problems(study, HEADING.replace("Delivery", "Topic") + ROW) == (
        "courses.csv: line 1: the heading 'Topic' stands 2 times",
        "courses.csv: line 1: the heading 'Delivery' (for mode) is missing; "
        "there are 'Course ID', 'Topic', 'Course date', 'Topic', 'Places'",
    )


def test_rows_with_too_few_and_too_many_cells(study: Study) -> None:
    look = "look for a missing quotation mark or a cut-off line"
    content = HEADING + "C01,attachment\n" + ROW + ROW.replace("in person", "in person, late")
    assert problems(study, content) == (
        f"courses.csv: line 2: 2 cells where the heading has 5; {look}",
        f"courses.csv: line 4: 6 cells where the heading has 5; {look}",
    )


def test_a_quotation_mark_that_is_never_closed(study: Study) -> None:
    (problem,) = problems(study, HEADING + ROW + 'C02,"attachment,2018-05-01\n')
    assert problem == "courses.csv: line 3: not readable as CSV: unexpected end of data"


def test_a_quotation_mark_within_a_quoted_cell(study: Study) -> None:
    (problem,) = problems(study, HEADING + 'C02,"attach"ment",2018-05-01,online,2\n')
    assert problem.startswith("courses.csv: line 2: not readable as CSV: ")


def test_the_problems_of_all_files_are_named_at_once(study: Study) -> None:
    (study.raw / "families.csv").unlink()
    (study.raw / "targets.csv").write_bytes(b"")
    found = [problem.split(":")[0] for problem in problems(study, HEADING + "C01\n")]
    assert found == ["courses.csv", "families.csv", "targets.csv"]


def test_the_study_is_checked_before_its_files_are_read(tmp_path: Path) -> None:
    study = study_with(tmp_path, vocabularies__mode=None)
    with pytest.raises(StudyError, match=r"^study\.yaml: vocabularies: mode is missing$"):
        read_raw(study)


# --- clean tables ------------------------------------------------------------------------


def save_all(study: Study, tables: dict[str, pd.DataFrame]) -> None:
    for table, frame in tables.items():
        save_table(frame, study.processed / f"{table}.csv", study)


def test_a_saved_table_is_marked_and_has_one_form(study: Study) -> None:
    frame = typed_table("consultations", {}, {"session_id": "S002", "minutes": ""})
    save_table(frame, study.processed / "consultations.csv", study)
    assert (study.processed / "consultations.csv").read_bytes() == (
        b"session_id,date,kind,profession,mode,minutes,records\n"
        b"S001,2018-05-01,support,midwife,online,60,synthetic\n"
        b"S002,2018-05-01,support,midwife,online,,synthetic\n"
    )


def test_what_is_saved_is_what_is_read(study: Study) -> None:
    tables = all_typed(
        families=typed_table(
            "families", {"accepted_on": "", "ward": ""}, {"family_id": "NA", "reason": ""}
        ),
        courses=typed_table("courses"),
        targets=typed_table("targets", {"target": "", "agreed_by": 'the "board", née group'}),
    )
    save_all(study, tables)
    for table, frame in read_clean(study).items():
        assert_frame_equal(frame, tables[table].reset_index(drop=True))


def test_a_clean_table_that_is_not_there_yet(study: Study) -> None:
    save_all(study, {table: typed_table(table) for table in [*GOOD][:3]})
    message = r"^consultations\.csv: is missing; `lmm run` makes it$"
    with pytest.raises(StudyError, match=message):
        read_clean(study)


@pytest.mark.parametrize(
    ("kinds", "line", "kind"),
    [
        (["synthetic", "real"], 3, "real"),
        (["real", "real"], 2, "real"),
        (["synthetic", ""], 3, ""),
    ],
)
def test_synthetic_and_real_records_are_never_mixed(
    study: Study, kinds: list[str], line: int, kind: str
) -> None:
    save_all(study, all_typed())
    frame = text_table("courses", {}, {"course_id": "C02"})
    frame.assign(**{RECORDS_COLUMN: kinds}).to_csv(study.processed / "courses.csv", index=False)
    with pytest.raises(StudyError) as caught:
        read_clean(study)
    declared = "records, but study.yaml declares synthetic ones; `lmm run` makes it"
    place = f"courses.csv: line {line}: column 'records'"
    assert str(caught.value) == f"{place}: {kind!r} {declared}"


def test_a_study_of_real_records_refuses_synthetic_tables(study: Study) -> None:
    save_all(study, all_typed())
    real = study.model_copy(update={"records": RecordsKind.REAL})
    with pytest.raises(
        StudyError, match=r"^courses\.csv: line 2: .*'synthetic' records, but study"
    ):
        read_clean(real)
    save_all(real, all_typed())
    assert set(read_clean(real)) == set(GOOD)


def test_clean_tables_of_an_internal_run_are_read_as_they_are_marked(study: Study) -> None:
    internal = read_study(study.folder, "internal")
    save_all(internal, all_typed())
    assert f"synthetic; {INTERNAL}" in (internal.processed / "courses.csv").read_text("utf-8")
    assert set(read_clean(internal)) == set(GOOD)


def test_clean_tables_are_written_into_the_stage_of_a_running_run_and_not_read_there(
    study: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(STAGE_VARIABLE, str(tmp_path / "stage"))
    save_all(study, all_typed(courses=typed_table("courses")))
    assert (tmp_path / "stage/data/processed/courses.csv").is_file()
    with pytest.raises(StudyError, match="not read within a run: its notebooks are handed counts"):
        read_clean(study)
