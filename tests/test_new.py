"""A study of one's own: from templates, and drafted from files as services keep them."""

from __future__ import annotations

import datetime as dt
import io
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result
from openpyxl import Workbook, load_workbook

from lmm.cleaning.clean import clean_all
from lmm.cleaning.contract import TABLES
from lmm.cleaning.load import read_raw
from lmm.cli import main
from lmm.publish.check import check
from lmm.start.cells import date_formats, entry_of, scale_of
from lmm.start.folder import KEPT, heading, template, title, workbook
from lmm.start.proposals import defaults
from lmm.study import read_study

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
    assert set(study.sources) == set(KEPT)
    assert (empty / "study.yaml").read_text("utf-8").startswith("# yaml-language-server: $schema=")
    assert (empty / "study.schema.json").is_file()
    assert "data/" in (empty / ".gitignore").read_text("utf-8")


def test_the_empty_study_can_be_checked(empty: Path) -> None:
    report = check(empty)
    assert report.can_run
    assert sum("headings and no rows" in f.why for f in report.of("worth a look")) == len(KEPT)


def test_a_draft_does_not_run(empty: Path) -> None:
    answer = CliRunner().invoke(main, ["run", "--study", str(empty)])
    assert answer.exit_code == 2
    assert "this is a draft" in answer.output


def test_the_workbook_has_a_sheet_a_table_lists_to_choose_from_and_notes() -> None:
    book = load_workbook(io.BytesIO(workbook(template("x"))))
    assert book.sheetnames == [*(title(name) for name in KEPT), "Lists", "Notes"]
    for name in KEPT:
        sheet = book[title(name)]
        headings = [cell.value for cell in sheet[1]]
        assert headings[: len(TABLES[name].columns)] == [heading(c) for c in TABLES[name].columns]
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
    for name in KEPT:
        if theirs[name] == "absent":
            assert mine[name] == "absent"
            continue
        assert mine[name]["columns"] == theirs[name]["columns"], name
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
    assert list(found["satisfaction"]["scale"]) == list("1234567")
    assert found["satisfaction"]["high"] == ["6", "7"]
    assert found["satisfaction"]["overall"] == "overall"
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
    (finding,) = check(tmp_path / "s").of("stops the run")
    assert finding.why == "the heading '?' (for referred_on) is missing"
    assert "'Case number'" in finding.fix


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
    (finding,) = check(tmp_path / "s").of("stops the run")
    assert "'?' is no strptime format of a day" in finding.why


@pytest.mark.parametrize(
    ("label", "vocabulary", "entry"),
    [
        ("DNA", "contact_outcome", "did not attend"),
        ("Cancelled - ill", "contact_outcome", "cancelled"),
        ("Health Visitr", "role", "health visitor"),
        ("Circus school", "role", "Circus school"),
        ("F2F", "mode", "in person"),
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
    found, remark = scale_of(answers)
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
