"""A study of one's own: from templates, and drafted from files as services keep them."""

from __future__ import annotations

import datetime as dt
import io
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from lmm.cleaning.clean import clean_all
from lmm.cleaning.load import read_raw
from lmm.cli import main
from lmm.publish.check import check
from lmm.start.days import date_formats, period
from lmm.start.folder import template
from lmm.start.labels import entry_of
from lmm.start.proposals import RECORDS, Found, TableDraft, defaults
from lmm.start.reading import check_names
from lmm.start.scales import scale_of
from lmm.start.wording import quoted, study_text
from lmm.start.workbook import columns_of, heading, title, workbook
from lmm.study.problems import StudyError
from lmm.study.study import read_study
from lmm.study.tables import TABLES

ROOT = Path(__file__).resolve().parents[1]
PEERS = ROOT / "examples/peer-support/data/raw"


def new(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["new", *map(str, arguments)])


def mapping(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((folder / "study.yaml").read_text("utf-8"))
    return found


# --- from templates ----------------------------------------------------------------------


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("new") / "tiny-steps"
    answer = new(folder, "--service", "Tiny: Steps, #1")
    assert answer.exit_code == 0, answer.output
    return folder


def test_the_empty_study_is_valid_real_protected_and_a_draft(empty: Path) -> None:
    study = read_study(empty)
    assert study.service == "Tiny: Steps, #1"
    assert not study.is_synthetic
    assert study.is_protected
    assert study.draft
    assert set(study.sources) == set(RECORDS)
    assert (empty / "study.yaml").read_text("utf-8").startswith("# yaml-language-server: $schema=")
    assert (empty / "study.schema.json").is_file()
    assert "data/" in (empty / ".gitignore").read_text("utf-8")


def test_the_empty_study_can_be_checked(empty: Path) -> None:
    report = check(empty)
    assert report.can_run
    assert sum("headings and no rows" in f.why for f in report.of("worth a look")) == len(RECORDS)


def test_a_draft_does_not_run(empty: Path) -> None:
    answer = CliRunner().invoke(main, ["run", "--study", str(empty)])
    assert answer.exit_code == 2
    assert "this is a draft" in answer.output


def test_the_workbook_has_a_sheet_a_table_lists_to_choose_from_and_notes() -> None:
    book = load_workbook(io.BytesIO(workbook(template("x"))))
    assert book.sheetnames == [*(title(name) for name in RECORDS), "Lists", "Notes"]
    for name in RECORDS:
        sheet = book[title(name)]
        headings = [cell.value for cell in sheet[1]]
        columns = [heading(c) for c in columns_of(name)]
        assert headings == columns
        assert sheet.freeze_panes == "A2"
        assert sheet["A1"].font.bold
        labels = [c for c in TABLES[name].columns.values() if c.kind == "label"]
        lists = [v for v in sheet.data_validations.dataValidation if v.type == "list"]
        assert len(lists) == len(labels) + (name == "feedback_forms")
    lists_sheet = book["Lists"]
    for rule in book["Courses"].data_validations.dataValidation:
        if rule.type == "list":
            cells = lists_sheet[rule.formula1.removeprefix("Lists!").replace("$", "")]
            assert all(row[0].value for row in cells)
    noted = {
        (row[0].value, row[1].value): row[2].value for row in book["Notes"].iter_rows(min_row=3)
    }
    assert noted["Families", "Referred on"] == TABLES["families"].columns["referred_on"].meaning


def test_the_workbook_comes_out_the_same_every_time() -> None:
    assert workbook(template("x")) == workbook(template("x"))


def test_the_filled_workbook_is_read(tmp_path: Path) -> None:
    folder = tmp_path / "filled"
    assert new(folder).exit_code == 0
    path = folder / "data/raw/records.xlsx"
    book = load_workbook(path)
    start = read_study(folder).period.start
    book["Courses"].append(["C1", "first topic", start, "in person", 12])
    book["Course attendance"].append(["C1", "P1", "midwife", "NHS", "yes"])
    book["Families"].append(["F1", start, None, None, None, "GP", "first ward", None, "no", None])
    book.save(path)
    study = read_study(folder)
    tables = clean_all(read_raw(study), study).tables
    assert tables["courses"]["date"].tolist() == [str(start)] or len(tables["courses"]) == 1
    assert tables["course_attendance"]["organisation"].tolist() == ["NHS"]
    assert tables["families"]["referral_source"].tolist() == ["GP"]


def test_the_words_are_those_of_declared_tables_and_columns() -> None:
    """What there is stands in one list; beside it are the words by which it is recognised."""
    assert list(defaults()["tables"]) == list(RECORDS)
    columns = {column for name in RECORDS for column in TABLES[name].columns}
    assert columns >= set(defaults()["columns"])
    lists = {spec.vocabulary for name in RECORDS for spec in TABLES[name].columns.values()}
    assert lists - {""} == set(defaults()["vocabularies"])


def test_nothing_is_written_over(empty: Path, tmp_path: Path) -> None:
    before = (empty / "study.yaml").read_bytes()
    answer = new(empty)
    assert answer.exit_code == 2
    assert "there is something already" in answer.output
    assert (empty / "study.yaml").read_bytes() == before
    assert "there is something already" in new(empty / "study.yaml").output


# --- from files --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def drafted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("drafted") / "peers"
    names = ("records.xlsx", "forms.csv", "contacts-2022.csv", "contacts-2023.csv")
    answer = new(folder, "--from", *(PEERS / name for name in names))
    assert answer.exit_code == 0, answer.output
    return folder


def test_the_draft_finds_what_a_person_wrote_for_the_same_files(drafted: Path) -> None:
    """The mapping of the example was written by hand; its headings are not those of a column."""
    mine = mapping(drafted)["tables"]
    theirs = mapping(ROOT / "examples/peer-support")["tables"]
    for name in RECORDS:
        if theirs[name] == "absent":
            assert mine[name] == "absent"
            continue
        asked = dict.fromkeys(theirs[name].get("fixed", ()), "?")
        assert mine[name]["columns"] == {**theirs[name]["columns"], **asked}, name
        assert "fixed" not in mine[name]
        assert mine[name]["file"] == theirs[name]["file"]
        assert mine[name].get("sheet") == theirs[name].get("sheet")
        assert mine[name].get("delimiter") == theirs[name].get("delimiter")


def test_the_draft_finds_labels_dates_scale_and_period(drafted: Path) -> None:
    found = mapping(drafted)
    assert found["vocabularies"]["contact_outcome"] == {
        "attended": ["Kept"], "did not attend": ["Missed"],
    }  # fmt: skip
    assert found["vocabularies"]["mode"]["telephone"] == ["Phone"]
    assert found["vocabularies"]["ward"]["other"] == ["Elsewhere"]
    assert "Old Town" in found["vocabularies"]["ward"]
    assert found["date_formats"] == ["%d.%m.%Y"]
    assert list(found["forms"]["feedback_forms"]["scale"]) == list("1234567")
    assert found["forms"]["feedback_forms"]["high"] == ["6", "7"]
    assert found["forms"]["feedback_forms"]["overall"] == "overall"
    assert found["period"] == {"start": dt.date(2022, 1, 1), "end": dt.date(2023, 12, 31)}


def test_every_guess_asks_to_be_confirmed(drafted: Path) -> None:
    text = (drafted / "study.yaml").read_text("utf-8")
    lines = text[text.index("\ntables:") : text.index("  targets:")].splitlines()
    guesses = [line for line in lines if line.startswith("      ")]
    assert len(guesses) > 25
    assert [line for line in guesses if "please confirm" not in line] == []
    assert "draft: true" in text


def test_the_files_are_copied_and_left_as_they_are(drafted: Path) -> None:
    for path in PEERS.iterdir():
        assert (drafted / "data/raw" / path.name).read_bytes() == path.read_bytes()
    assert {p.name for p in (drafted / "templates").iterdir()} == {
        "records.xlsx", *(f"{name}.csv" for name in TABLES),
    }  # fmt: skip


def _book(sheets: dict[str, list[list[Any]]], path: Path) -> Path:
    book = Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


REFERRALS = [
    ["Case number", "Client name", "Date referred", "Referrer", "Area", "Notes"],
    ["R1", "Zebedee", "13/02/2023", "HV", "North", ""],
    ["R2", "Zebedee", "02/03/2023", "G.P.", "North", "ring 07700 900123"],
    ["R3", "Zebedee", "05/03/2023", "Self", "n/a", ""],
]


def test_titles_above_and_columns_that_name_people(tmp_path: Path) -> None:
    rows = [["Sunny Days 2023"], [], *REFERRALS]
    book = _book({"Referrals": rows, "Read me": [["How to fill this in"]]}, tmp_path / "x.xlsx")
    answer = new(tmp_path / "s", "--from", book)
    assert answer.exit_code == 0, answer.output
    families = mapping(tmp_path / "s")["tables"]["families"]
    assert families["heading_line"] == 3
    assert families["drop"] == ["Client name", "Notes"]
    assert families["columns"]["family_id"] == "Case number"
    assert families["columns"]["referred_on"] == "Date referred"
    text = (tmp_path / "s/study.yaml").read_text("utf-8")
    assert "Zebedee" not in text
    assert "07700" not in text
    assert mapping(tmp_path / "s")["vocabularies"]["referral_source"]["GP"] == ["G.P."]
    assert mapping(tmp_path / "s")["missing"] == ["", "n/a"]
    assert check(tmp_path / "s").can_run


LATER = [
    REFERRALS[0],
    ["R4", "Zebedee", "13/02/2024", "HV", "North", ""],
    ["R5", "Zebedee", "14/02/2024", "HV", "North", ""],
    ["R6", "Zebedee", "30.02.2024", "HV", "North", ""],
]


def test_sheets_with_the_same_headings_are_one_table(tmp_path: Path) -> None:
    years = {"Referrals 2023": REFERRALS, "Referrals 2024": LATER}
    book = _book({**years, "Budget": [["Item", "Cost"], ["rent", 3]]}, tmp_path / "x.xlsx")
    assert new(tmp_path / "s", "--from", book).exit_code == 0
    families = mapping(tmp_path / "s")["tables"]["families"]
    assert (families["file"], families["sheet"]) == ("x.xlsx", list(years))
    report = check(tmp_path / "s")
    (left,) = report.of("left out")
    assert (left.file, left.sheet, left.line) == ("x.xlsx", "Referrals 2024", 4)
    kept = report.timeliness.set_index("table").loc["families"]
    assert (kept["rows_read"], kept["rows_kept"]) == (6, 5)


def test_sheets_that_only_one_of_the_files_has_are_named(tmp_path: Path) -> None:
    """A table has the same sheets in each of its files."""
    one = _book({"Referrals": REFERRALS, "Closed referrals": LATER}, tmp_path / "one.xlsx")
    two = _book({"Referrals": [REFERRALS[0], ["R9", "Zebedee", "13/03/2023", "HV", "North", ""]]},
                tmp_path / "two.xlsx")  # fmt: skip
    assert new(tmp_path / "s", "--from", one, two).exit_code == 0
    families = mapping(tmp_path / "s")["tables"]["families"]
    assert (families["file"], families["sheet"]) == (["one.xlsx", "two.xlsx"], "Referrals")
    text = (tmp_path / "s/study.yaml").read_text("utf-8")
    assert "# Found and not used: one.xlsx, sheet Closed referrals." in text


def test_sheets_that_fit_nothing_are_named(tmp_path: Path) -> None:
    money = [["Item", "Cost"], ["rent", 3], ["tea", 4]]
    book = _book({"Referrals": REFERRALS, "Budget": money}, tmp_path / "x.xlsx")
    assert new(tmp_path / "s", "--from", book).exit_code == 0
    text = (tmp_path / "s/study.yaml").read_text("utf-8")
    assert "# Found and not used: x.xlsx, sheet Budget." in text


def test_a_required_column_that_is_not_found_is_asked_for(tmp_path: Path) -> None:
    rows = [[row[0], *row[3:5]] for row in REFERRALS]
    path = tmp_path / "referrals.csv"
    path.write_text("\n".join(",".join(row) for row in rows), encoding="utf-8")
    assert new(tmp_path / "s", "--from", path).exit_code == 0
    assert mapping(tmp_path / "s")["tables"]["families"]["columns"]["referred_on"] == "?"
    report = check(tmp_path / "s")
    (finding,) = report.of("to answer")
    assert finding.why.startswith("no heading of referrals.csv is left for referred_on of families")
    assert not report.can_run


# --- what is not guessed -----------------------------------------------------------------


def _csv(path: Path, *rows: str) -> Path:
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path


def _drafted(path: Path) -> tuple[dict[str, Any], str]:
    """Draft a study from one file, and give what it says and its text."""
    folder = path.parent / "s"
    answer = new(folder, "--from", path)
    assert answer.exit_code == 0, answer.output
    return mapping(folder), (folder / "study.yaml").read_text("utf-8")


VISITS = "Case ID,Visit date,{},Method"


@pytest.mark.parametrize("heading", ["Seen?", "Here?", "Attended?", "Came?", "Zzz"])
def test_who_came_is_found_by_its_heading_or_by_its_cells(heading: str, tmp_path: Path) -> None:
    rows = ["C1,2024-01-01,Y,F2F", "C2,2024-01-03,N,Phone", "C3,2024-01-04,DNA,F2F"]
    path = _csv(tmp_path / "visits.csv", VISITS.format(heading), *rows)
    found, _ = _drafted(path)
    assert found["tables"]["family_contacts"]["columns"]["outcome"] == heading
    assert found["vocabularies"]["contact_outcome"]["did not attend"] == ["N", "DNA"]


def test_who_came_is_never_taken_to_be_so(tmp_path: Path) -> None:
    rows = ["C1,2024-01-01,Y,F2F", "C2,2024-01-03,N,Phone", "C3,2024-01-04,N,F2F"]
    path = _csv(tmp_path / "visits.csv", VISITS.format("Consent?"), *rows)
    found, text = _drafted(path)
    contacts = found["tables"]["family_contacts"]
    assert contacts["columns"]["kind"] == "?"
    assert contacts["columns"]["outcome"] == "??"
    assert 'outcome: "??"   # not found: name its heading; "Consent?"? - please' in text
    assert "# fixed: {kind: assessment}" in text
    assert "none was found, and family_contacts is counted without it" in text


def test_the_day_of_the_event_comes_before_that_of_the_booking(tmp_path: Path) -> None:
    row = "C1,2024-01-01,2024-01-08,Yes"
    found, _ = _drafted(_csv(tmp_path / "v.csv", "Case ID,Date booked,Date of visit,Seen?", row))
    assert found["tables"]["family_contacts"]["columns"]["date"] == "Date of visit"
    (tmp_path / "alone").mkdir()
    row = "C1,2024-01-01,Phone,Yes"
    path = _csv(tmp_path / "alone/visits.csv", "Case ID,Date booked,Method,Seen?", row)
    found, text = _drafted(path)
    assert found["tables"]["family_contacts"]["columns"]["date"] == "?"
    assert "name its heading; Date booked?" in text
    assert "# a placeholder, as no dates were found" in text


def test_a_heading_that_is_as_likely_is_named(tmp_path: Path) -> None:
    row = "C1,2024-01-01,2024-01-01,Yes,Phone"
    heads = "Case ID,Visit date,Session date,Seen?,Method"
    _, text = _drafted(_csv(tmp_path / "v.csv", heads, row))
    assert "date: Session date   # similar (0.99); or Visit date? - please confirm" in text


def test_places_are_no_ways_of_delivery(tmp_path: Path) -> None:
    rows = [f"T{n},2024-01-0{n},Play,{place}" for n, place in enumerate(["Library", "Library"], 1)]
    found, _ = _drafted(_csv(tmp_path / "courses.csv", "Course,Date,Topic,Venue", *rows))
    assert found["tables"]["courses"]["columns"]["mode"] == "?"
    (tmp_path / "b").mkdir()
    rows = [row.replace("Library", "Zoom") for row in rows]
    found, _ = _drafted(_csv(tmp_path / "b/courses.csv", "Course,Date,Topic,Venue", *rows))
    assert found["tables"]["courses"]["columns"]["mode"] == "Venue"


def test_a_list_of_cases_is_a_list_of_families(tmp_path: Path) -> None:
    cases = [["Case ID", "Opened", "Closed", "Source", "Area", "Consent?"]]
    cases += [[f"C{n}", dt.date(2024, 1, n), None, "GP", "North", "YN"[n % 2]] for n in range(1, 9)]
    lists = [["Ward", "Referrer", "Visit type", "Outcome"], ["North", "GP", "Home visit", "DNA"]]
    found, text = _drafted(_book({"Cases": cases, "Lookups": lists}, tmp_path / "x.xlsx"))
    kept = {name for name, table in found["tables"].items() if table != "absent"}
    assert kept == {"families"}
    assert found["tables"]["families"]["columns"] == {
        "family_id": "Case ID", "referred_on": "Opened", "discharged_on": "Closed",
        "referral_source": "Source", "ward": "Area",
    }  # fmt: skip
    assert "# Found and not used: x.xlsx, sheet Lookups." in text


def test_a_register_of_parents_is_a_register(tmp_path: Path) -> None:
    heads = "Course,Session date,Venue,Parent ref,Parent is,Here?"
    rows = [f"T1,2024-01-0{n},Library,P{n},Mum,{c}" for n, c in enumerate(["✓", "N", "absent"], 1)]
    found, _ = _drafted(_csv(tmp_path / "Baby massage register.csv", heads, *rows))
    assert found["tables"]["course_attendance"]["columns"]["attended"] == "Here?"
    assert found["tables"]["family_contacts"] == "absent"
    assert found["vocabularies"]["yes_no"] == {"yes": ["✓"], "no": ["N", "absent"]}


FORMS = "Course,{},{}"


def test_the_item_about_the_whole_is_the_main_one(tmp_path: Path) -> None:
    rows = ["T1,9,8", "T1,10,10", "T2,7,9"]
    heads = FORMS.format("How happy were you with today?", "How confident do you feel? (1 – 10)")
    found, _ = _drafted(_csv(tmp_path / "feedback.csv", heads, *rows))
    assert found["forms"]["feedback_forms"]["overall"] == "how_happy_were_you_with_today"
    assert list(found["forms"]["feedback_forms"]["scale"]) == [str(n) for n in range(1, 11)]


def test_items_that_begin_alike_are_all_kept(tmp_path: Path) -> None:
    begins = "How satisfied were you with the v"
    heads = FORMS.format(f"{begins}enue?", f"{begins}endor?")
    found, _ = _drafted(_csv(tmp_path / "feedback.csv", heads, "T1,1,5", "T1,2,4"))
    items = found["forms"]["feedback_forms"]["items"]
    assert list(items.values()) == [f"{begins}enue?", f"{begins}endor?"]
    assert items.keys() <= found["tables"]["feedback_forms"]["columns"].keys()


@pytest.mark.parametrize("score", ["44444444444", "4" * 5000, "12"])
def test_a_score_beyond_any_scale_is_asked_about(score: str) -> None:
    scale, is_ordered, remark = scale_of(["4", score])
    assert scale == ["4", score]
    assert not is_ordered
    assert "put the worst first" in remark


def test_forms_without_a_course_and_a_day_say_what_they_need(tmp_path: Path) -> None:
    heads = "Form,How helpful was it?"
    rows = ["1,Very helpful", "2,Quite helpful"]
    book = _book({"Referrals": REFERRALS}, tmp_path / "x.xlsx")
    path = _csv(tmp_path / "answers.csv", heads, *rows)
    assert new(tmp_path / "s", "--from", book, path).exit_code == 0
    text = (tmp_path / "s/study.yaml").read_text("utf-8")
    assert "absent   # answers.csv looks like forms, and forms need a day or a course" in text


@pytest.mark.parametrize(
    ("cells", "start", "said"),
    [
        (["2023-04-07", "2025-03-30"], dt.date(2023, 4, 1), "go from 2023-04-07 to 2025-03-30"),
        (["05/02/2020"], dt.date(2020, 2, 1), "if they are written day first, and from 2020-05-02"),
        (["43874"], dt.date(2020, 2, 1), "go from 2020-02-13"),
    ],
)
def test_the_period_says_what_it_rests_on(cells: list[str], start: dt.date, said: str) -> None:
    found, _, remark = period({"Day (courses)": cells}, date_formats(cells)[0])
    assert found == start
    assert said in remark
    assert "Day (courses)" in remark


@pytest.mark.parametrize("day", ["0000-00-00", "2020-13-45", "9999-12-31", "05/31/9999", ""])
def test_impossible_days_make_no_period(day: str) -> None:
    assert "placeholder" in period({"Day": [day]}, date_formats([day])[0])[2]


def test_free_text_is_not_copied(tmp_path: Path) -> None:
    rows = [f"R{n},2024-01-02,GP,Zebedee {n} of 4 High St is depressed" for n in range(1, 9)]
    heads = "Case number,Date referred,Referrer,Reason"
    found, text = _drafted(_csv(tmp_path / "referrals.csv", heads, *rows))
    assert "reason" not in found["tables"]["families"]["columns"]
    assert "# free text, whose cells are not listed: Reason" in text
    assert "Zebedee" not in text


# --- files that cannot be named or told apart --------------------------------------------


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (".hidden.csv", "its name begins with a dot"),
        ("a\\b.csv", "holds a backslash"),
        (" a.csv", "blanks at its ends"),
        ("a\nrecords: synthetic.csv", "characters that cannot be shown; rename it"),
        (os.fsdecode(b"\xff.csv"), "characters that cannot be shown; rename it"),
        ("~$x.xlsx", "is a lock that Excel keeps while a workbook is open; close Excel"),
    ],
)
def test_files_that_study_yaml_could_not_name_are_refused(name: str, message: str) -> None:
    with pytest.raises(StudyError, match=message):
        check_names([Path(name)])


@pytest.mark.parametrize(
    ("heads", "message"),
    [
        ("Case number,Date referred,Ward,Ward", "the heading 'Ward' stands more than once"),
        ("Case number,Date referred,Wa\x1brd,x", "holds control characters; write it anew"),
        (",".join(map(str, range(600))), "has 600 columns, more than the 500"),
    ],
)
def test_headings_that_cannot_be_told_apart_are_refused(
    heads: str, message: str, tmp_path: Path
) -> None:
    path = _csv(tmp_path / "referrals.csv", heads, "R1,2024-01-02,North,South")
    answer = new(tmp_path / "s", "--from", path)
    assert answer.exit_code == 2
    assert message in answer.output
    assert not (tmp_path / "s").exists()


def test_a_sheet_beside_the_tables_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    path = _book({"Referrals": REFERRALS, "Dashboard": [["a", "b", "c"]]}, tmp_path / "x.xlsx")
    book = load_workbook(path)
    book["Dashboard"].merge_cells("A1:B1")
    book.save(path)
    _, text = _drafted(path)
    assert "# Not read: x.xlsx: sheet 'Dashboard': line 1" in text


@pytest.mark.parametrize("name", ["file/x", "x" * 300, "link"])
def test_a_folder_that_cannot_be_made_is_named(name: str, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    before = set(tmp_path.iterdir())
    answer = new(tmp_path / name)
    assert answer.exit_code == 2
    assert "name a " in answer.output
    assert set(tmp_path.iterdir()) == before


def test_a_failure_half_way_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("lmm.start.folder.workbook", full)
    assert "No space left on device" in new(tmp_path / "s").output
    assert list(tmp_path.iterdir()) == []


# --- what is quoted stays a quotation ----------------------------------------------------

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60).map(str.strip)
ODD = ["no", "y", "1e3", "~", "null", "2020-01-01", "a: b", "a #b", "[x, \"y\"]", "\u202eabc",
       "a\nrecords: synthetic", "\u200b", "{", "-", "=HYPERLINK()", "\x85", "\uffff"]  # fmt: skip


@given(text=TEXTS.filter(bool) | st.sampled_from(ODD))
def test_any_text_survives_the_draft(text: str) -> None:
    found = Found(text, text, (text,))
    table = TableDraft(
        files=(text,), sheets=(text, "x"), columns={"family_id": found}, alike={"ward": text},
        drop=(text,), unused=(text,), free_text=(text,), note=text,
    )  # fmt: skip
    draft = replace(
        template(text), scale=[text], high=(text,), items={text: text}, overall=text,
        vocabularies={text: {text: [text]}}, tables={"families": table}, lacking={"courses": text},
        unused=(text,), unread=(text,), remarks=dict.fromkeys(("period", "scale"), text),
    )  # fmt: skip
    read = yaml.safe_load(study_text(draft))
    assert read.keys() == TOP_LEVEL
    assert read["service"] == text
    assert read["vocabularies"] == {text: {text: [text]}}
    assert read["forms"]["feedback_forms"] == {
        "scale": {text: []}, "high": [text], "overall": text, "items": {text: text},
    }  # fmt: skip
    families = {"file": text, "sheet": [text, "x"], "columns": {"family_id": text}, "drop": [text]}
    assert read["tables"]["families"] == families
    assert set(read["tables"]) == set(TABLES)


TOP_LEVEL = {
    "schema", "draft", "service", "records", "disclosure", "period", "event",
    "contract_year_starts", "closures", "confidence", "staff_trained_counts", "date_formats",
    "missing", "total_row", "forms", "nearly_met", "vocabularies", "tables",
}  # fmt: skip


@pytest.mark.parametrize("word", ["Date referred", "n/a", "GP", "(row number)", "x.csv"])
def test_plain_words_stay_plain(word: str) -> None:
    assert quoted(word) == word
    assert [quoted(answer) for answer in ("y", "No")] == ['"y"', '"No"']


def test_the_blocks_to_take_the_marks_out_of_are_valid(empty: Path) -> None:
    text = (empty / "study.yaml").read_text("utf-8")
    block = text[text.index("# wording:") : text.index("# The feedback forms")]
    path = empty / "study.yaml"
    path.write_text(text.replace(block, block.replace("# ", "")), encoding="utf-8")
    try:
        assert read_study(empty).wording["staff"] == "parents who came"
    finally:
        path.write_text(text, encoding="utf-8")


def test_a_service_of_any_name_is_harmless(tmp_path: Path) -> None:
    assert new(tmp_path / "s", "--service", "<script>x</script>\x1b[31m").exit_code == 0
    readme = (tmp_path / "s/README.md").read_text("utf-8")
    assert readme.startswith("# &lt;script&gt;x&lt;/script&gt;\\u001b[31m: an evaluation\n")


def test_a_label_is_never_a_formula() -> None:
    draft = replace(template("x"), vocabularies={"topic": {"=HYPERLINK(1)": []}})
    (cell,) = load_workbook(io.BytesIO(workbook(draft)))["Lists"]["A"][1:2]
    assert (cell.value, cell.data_type) == ("=HYPERLINK(1)", "s")


# --- what is found in cells --------------------------------------------------------------


@pytest.mark.parametrize(
    ("cells", "formats", "remark"),
    [
        (["13/02/2020", "01/02/2020"], ("%d/%m/%Y",), "day first: 13/02/2020"),
        (["02/13/2020", "01/02/2020"], ("%m/%d/%Y",), "month first: 02/13/2020"),
        (["01/02/2020", "03/04/2020"], ("?",), "no date proves the order"),
        (["13/02/2020", "02/13/2020"], ("?",), "both orders occur"),
        (["2020-02-13"], ("%d/%m/%Y",), ""),
        (["13.02.2020", "1 March 2020"], ("%d.%m.%Y", "%d %B %Y"), ""),
        (["43874", "13/02/2020"], ("%d/%m/%Y", "excel"), "day first"),
        (["nonsense", ""], ("%d/%m/%Y",), ""),
    ],
)
def test_the_order_of_day_and_month_is_never_guessed(
    cells: list[str], formats: tuple[str, ...], remark: str
) -> None:
    found, said = date_formats(cells)
    assert found == formats
    assert remark in said


def test_an_open_question_about_dates_stops_the_study(tmp_path: Path) -> None:
    path = tmp_path / "referrals.csv"
    path.write_text("Case number,Date referred\nR1,01/02/2020\n", encoding="utf-8")
    assert new(tmp_path / "s", "--from", path).exit_code == 0
    report = check(tmp_path / "s")
    (finding,) = report.of("to answer")
    assert finding.why.startswith("whether the day or the month comes first")
    assert not report.can_run


@pytest.mark.parametrize(
    ("label", "vocabulary", "entry"),
    [
        ("DNA", "contact_outcome", "did not attend"),
        ("Cancelled - ill", "contact_outcome", "cancelled"),
        ("Health Visitr", "role", "health visitor"),
        ("Circus school", "role", "Circus school"),
        ("F2F", "mode", "in person"),
        ("Video (Teams)", "mode", "online"),
        ("✓", "yes_no", "yes"),
        ("✗", "yes_no", "no"),
        ("Unattended", "contact_outcome", "Unattended"),
        ("Came to the door", "contact_outcome", "Came to the door"),
    ],
)
def test_a_label_goes_under_the_entry_it_is_a_spelling_of(
    label: str, vocabulary: str, entry: str
) -> None:
    assert entry_of(label, vocabulary) == entry


@pytest.mark.parametrize(
    ("answers", "scale"),
    [
        (["3", "5", "4"], ["1", "2", "3", "4", "5"]),
        (["0", "10"], [str(n) for n in range(11)]),
        (["Agree", "Strongly agree"], defaults()["scales"][3]),
        (["lovely", "meh"], ["lovely", "meh"]),
    ],
)
def test_the_scale_is_known_or_asked_for(answers: list[str], scale: list[str]) -> None:
    found, _, remark = scale_of(answers)
    if answers == ["Agree", "Strongly agree"]:
        assert found[-2:] == scale[-2:]
    else:
        assert found == scale
    assert remark


@pytest.mark.parametrize(
    ("content", "ending", "message"),
    [
        (b"x", ".docx", "is of no kind that is read"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", ".xlsx", "protected by a password"),
        (b"", ".csv", "the file is empty"),
        (b"only one cell", ".csv", "no table was found in the files"),
    ],
)
def test_a_file_that_cannot_be_read_leaves_nothing_behind(
    content: bytes, ending: str, message: str, tmp_path: Path
) -> None:
    path = tmp_path / f"file{ending}"
    path.write_bytes(content)
    answer = new(tmp_path / "s", "--from", path)
    assert answer.exit_code == 2
    assert message in answer.output
    assert "Traceback" not in answer.output
    assert not (tmp_path / "s").exists()


# --- what is no table, and what looks like another ---------------------------------------

STRANGERS = {
    "patients": ("patient_id,gender_code,registration_date,practice_code,ethnicity",
                 "10{n},{n},2023-02-0{n},B81,White British"),
    "staff list": ("Employee ID,Job title,Department,Start date,End date,Band",
                   "E{n},Health visitor,Community,2020-02-0{n},,6"),
    "ledger": ("Date,Supplier,Description,Amount,Category,Invoice No",
               "2023-02-0{n},Firm,paper,{n}0,office,INV{n}"),
    "stock": ("Item,Code,Quantity,Location,Last ordered", "toy,C{n},{n},Hall,2023-02-0{n}"),
    "calendar": ("Subject,Start Date,Start Time,End Date,Location",
                 "Meeting,2023-02-0{n},09:00,2023-02-0{n},Teams"),
    "survey": ("respondent_id,form_started_dttm,form_ended_dttm,q01_role_cat,q02_supportive",
               "19{n},2022-07-1{n},2022-07-1{n},Nurse,Very supportive"),
    "familien": ("Familie,Verwiesen am,Bezirk,Grund", "F{n},2023-02-0{n},Nord,Stillen"),
    "complaints": ("Case ID,Date received,Category,Outcome", "C{n},2023-02-0{n},Waiting,Upheld"),
}  # fmt: skip


@pytest.mark.parametrize("name", STRANGERS)
def test_a_file_that_is_none_of_the_tables_is_refused(name: str, tmp_path: Path) -> None:
    heads, row = STRANGERS[name]
    path = _csv(tmp_path / f"{name}.csv", heads, *(row.format(n=n) for n in range(1, 9)))
    answer = new(tmp_path / "s", "--from", path)
    assert answer.exit_code == 2
    assert "none of the tables is recognised" in answer.output
    assert repr(heads.split(",")[0]) in answer.output
    assert row.format(n=1).rsplit(",", 1)[-1] not in answer.output.replace(heads, "")
    assert "nearest: " in answer.output
    assert not (tmp_path / "s").exists()


KNOWN_EXPORTS = {
    "families": ("Pseudo NHS Number,Referral date,Referral source,Referral reason,Ward",
                 "PS{n},2023-02-0{n},GP,Bonding,North"),
    "family_contacts": ("Client ID,Appointment date,Appointment type,Location type,Outcome",
                        "C1,2023-02-0{n},Review,Clinic,DNA"),
    "consultations": ("Date,Practitioner role,Type of support,Format,Minutes",
                      "2023-02-0{n},Health visitor,Advice,Teams,45"),
    "feedback_forms": ("Timestamp,Which training did you attend?,How satisfied were you overall?",
                       "2023-02-0{n},T1,Very satisfied"),
    "course_attendance": ("Order no.,Email,Quantity,Attendee no.,Event ID,Attendee Status",
                          "70{n},a@example.org,1,80{n},E{n},Checked In"),
}  # fmt: skip


@pytest.mark.parametrize("table", KNOWN_EXPORTS)
def test_an_export_of_a_known_system_is_taken_for_its_table(table: str, tmp_path: Path) -> None:
    heads, row = KNOWN_EXPORTS[table]
    path = _csv(tmp_path / "export.csv", heads, *(row.format(n=n) for n in range(1, 9)))
    found, _ = _drafted(path)
    assert [name for name in RECORDS if found["tables"][name] != "absent"] == [table]


TICKETS = [
    "Order #,Email,Event ref,Ticket Quantity,Attendee #,Attendee Status,Job role",
    *(
        f"63{n:02},{who}@Example.org,E{1 + n % 2},1,91{n:02},{status},Midwife"
        for n, (who, status) in enumerate(
            [("a", "Checked In"), ("A ", "Attending"), ("b", "Checked In"), ("b", "Checked In")]
        )
    ),
]


def test_tickets_are_no_people_and_their_number_says_nothing_of_who_came(tmp_path: Path) -> None:
    found, text = _drafted(_csv(tmp_path / "attendees.csv", *TICKETS))
    register = found["tables"]["course_attendance"]
    assert register["columns"]["staff_id"] == "Email"
    assert register["pseudonymise"] == ["Email"]
    assert "drop" not in register
    assert register["columns"]["attended"] == "?"
    asked = "name its heading ('Checked In' would count as yes); Attendee Status? - please"
    assert asked in text
    assert "xample.org" not in text


def test_headings_on_two_lines_give_every_item(tmp_path: Path) -> None:
    rows = [f"118{n},AT-01,Satisfied,Very satisfied,Dissatisfied" for n in range(4)]
    heads = ["Respondent ID,Which session did you come to?,How satisfied were you?,,",
             ",Response,Content,Trainer,Overall"]  # fmt: skip
    found, _ = _drafted(_csv(tmp_path / "export.csv", *heads, *rows))
    forms = found["tables"]["feedback_forms"]
    assert forms["heading_line"] == [1, 2]
    assert forms["columns"]["trainer"] == "How satisfied were you? / Trainer"
    assert list(found["forms"]["feedback_forms"]["items"]) == ["content", "trainer", "overall"]
    assert "Content" not in found["forms"]["feedback_forms"]["scale"]


def test_the_lines_below_the_headings_of_qualtrics_are_skipped(tmp_path: Path) -> None:
    lines = [
        "ResponseId,Finished,Q1,Q2",
        "Response ID,Finished,Which course did you attend?,How satisfied were you overall?",
        '"{""ImportId"":""_recordId""}","{""ImportId"":""finished""}",'
        '"{""ImportId"":""QID1""}","{""ImportId"":""QID2""}"',
        *(f"R_{n},{n % 2 == 0},T1,Very satisfied" for n in range(4)),
    ]
    found, text = _drafted(_csv(tmp_path / "export.csv", *lines))
    forms = found["tables"]["feedback_forms"]
    assert (forms["heading_line"], forms["skip_lines"]) == (2, [3])
    assert '# keep: {Finished: "True"}' in text


def test_what_was_found_is_said_on_the_terminal(tmp_path: Path) -> None:
    money = [["Item", "Cost"], ["rent", 3], ["tea", 4]]
    book = _book({"Referrals": REFERRALS, "Budget": money}, tmp_path / "x.xlsx")
    said = new(tmp_path / "s", "--from", book).output
    assert "x.xlsx, sheet Referrals: families\n" in said
    assert "not used: x.xlsx, sheet Budget. Nearest: " in said
