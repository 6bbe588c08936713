"""Each rule of cleaning on a literal example, and the account of rows and cells on any."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest
from cleaning_helpers import GOOD, HOME, STUDY, all_text, study_with, text_table
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from lmm.cleaning import clean
from lmm.cleaning.cells import _read_number
from lmm.cleaning.contract import schema, typed
from lmm.cleaning.dates import DAY_ZERO
from lmm.cleaning.keys import unlikely
from lmm.cleaning.ledger import ACCOUNT_COLUMNS, LOG_COLUMNS, REJECTED_COLUMNS, Ledger
from lmm.cleaning.load import read_raw
from lmm.cleaning.save import save_table
from lmm.study.problems import StudyError
from lmm.study.study import Study
from lmm.study.table import Column
from lmm.study.tables import tables_of
from lmm.synthetic.inputs import read_inputs
from lmm.synthetic.records import make_records

COURSES = text_table("courses", {}, {"course_id": "C02"})
FAMILIES = text_table("families", {}, {"family_id": "F002", "referred_on": "2019-01-01"})
REQUIRED = [
    (table, name)
    for table, contract in tables_of(STUDY).items()
    for name, column in contract.columns.items()
    if column.required
]


def cleaned(table: str, raw: pd.DataFrame, study: Study = STUDY) -> Ledger:
    """Clean one table beside two clean courses and two clean families."""
    return clean.clean_table(table, raw, study, {"courses": COURSES, "families": FAMILIES})


# --- cells -------------------------------------------------------------------------------

STRAY = "stray spaces removed"
MISSING = "read as not recorded"
IDENTIFIERS = "case, spaces, dashes and digits unified"
LABELS = "spellings unified"
DATES = "written as year-month-day"
NUMBERS = "written plainly"


@pytest.mark.parametrize(
    ("table", "column", "raw", "result", "step", "done"),
    [
        ("courses", "topic", "  attachment ", "attachment", "spaces", STRAY),
        ("families", "ward", "Little  Horton", "Little Horton", "spaces", STRAY),
        ("families", "ward", "Little\xa0Horton\xa0", "Little Horton", "spaces", STRAY),
        ("families", "ward", "Little\r\nHorton", "Little Horton", "spaces", STRAY),
        ("published_figures", "note", "as\t printed", "as printed", "spaces", STRAY),
        ("families", "ward", "-", "", "missing values", MISSING),
        ("families", "accepted_on", "N/A", "", "missing values", MISSING),
        ("consultations", "minutes", "Not Known", "", "missing values", MISSING),
        ("courses", "course_id", "c 01", "C01", "identifiers", IDENTIFIERS),
        ("course_attendance", "staff_id", "p001", "P001", "identifiers", IDENTIFIERS),
        ("courses", "course_id", "C\u200b0\u00ad1", "C01", "identifiers", IDENTIFIERS),
        ("courses", "course_id", "Ｃ０１", "C01", "identifiers", IDENTIFIERS),
        ("course_attendance", "staff_id", "P٠٠١", "P001", "identifiers", IDENTIFIERS),
        ("course_attendance", "staff_id", "P–1", "P-1", "identifiers", IDENTIFIERS),
        ("course_attendance", "staff_id", "P−1", "P-1", "identifiers", IDENTIFIERS),
        ("course_attendance", "staff_id", "7.0", "7", "identifiers", IDENTIFIERS),
        ("courses", "mode", "F2F", "in person", "labels", LABELS),
        ("courses", "mode", "In Person", "in person", "labels", LABELS),
        ("course_attendance", "attended", "1", "yes", "labels", LABELS),
        (
            "course_attendance",
            "organisation",
            "children’s centre",
            "children's centre",
            "labels",
            LABELS,
        ),
        ("feedback_forms", "overall", "5", "very satisfied", "labels", LABELS),
        ("feedback_forms", "pace", "DK", "don't know", "labels", LABELS),
        ("targets", "criterion", "REACH", "reach", "labels", LABELS),
        ("courses", "date", "01/05/2018", "2018-05-01", "dates", DATES),
        ("courses", "date", "1/5/2018", "2018-05-01", "dates", DATES),
        ("courses", "date", "01-May-18", "2018-05-01", "dates", DATES),
        ("courses", "date", "1 may 2018", "2018-05-01", "dates", DATES),
        ("courses", "date", "43221", "2018-05-01", "dates", DATES),
        ("courses", "date", "43221.0", "2018-05-01", "dates", DATES),
        ("courses", "date", "43890", "2020-02-29", "dates", DATES),
        ("courses", "places", "20.0", "20", "numbers", NUMBERS),
        ("courses", "places", "20.", "20", "numbers", NUMBERS),
        ("courses", "places", "020", "20", "numbers", NUMBERS),
        ("targets", "red_below", "0.60", "0.6", "numbers", NUMBERS),
        ("targets", "green_from", "1.0", "1", "numbers", NUMBERS),
    ],
)
def test_a_cell_is_brought_into_canonical_form(
    table: str, column: str, raw: str, result: str, step: str, done: str
) -> None:
    ledger = cleaned(table, text_table(table, {column: raw}))
    assert_frame_equal(ledger.frame, text_table(table, {column: result}))
    assert ledger.log == ((table, step, column, 1, f"{done}: {raw!r} to {result!r} (1)"),)
    assert (ledger.rejected, ledger.problems) == ((), ())


@pytest.mark.parametrize("table", GOOD)
def test_a_clean_row_stays_as_it_is(table: str) -> None:
    ledger = cleaned(table, text_table(table, {}))
    assert_frame_equal(ledger.frame, text_table(table, {}))
    assert (ledger.log, ledger.rejected, ledger.problems) == ((), (), ())


@pytest.mark.parametrize("table", GOOD)
def test_a_table_without_rows_is_clean(table: str) -> None:
    ledger = cleaned(table, text_table(table))
    assert_frame_equal(ledger.frame, text_table(table))
    assert (ledger.log, ledger.rejected, ledger.problems) == ((), (), ())


def test_one_cell_may_pass_through_several_steps() -> None:
    raw = text_table("families", {"family_id": " f 001\xa0", "ward": " bradford-moor"})
    ledger = cleaned("families", raw)
    assert_frame_equal(ledger.frame, text_table("families", {"ward": "Bradford Moor"}))
    assert ledger.log == (
        ("families", "spaces", "family_id", 1, f"{STRAY}: ' f 001\\xa0' to 'f 001' (1)"),
        ("families", "spaces", "ward", 1, f"{STRAY}: ' bradford-moor' to 'bradford-moor' (1)"),
        ("families", "identifiers", "family_id", 1, f"{IDENTIFIERS}: 'f 001' to 'F001' (1)"),
        ("families", "labels", "ward", 1, f"{LABELS}: 'bradford-moor' to 'Bradford Moor' (1)"),
    )


@pytest.mark.parametrize(
    ("table", "column"), [("courses", "course_id"), ("families", "accepted_on")]
)
def test_a_word_for_missing_is_read_however_it_is_spaced(table: str, column: str) -> None:
    ledger = cleaned(table, text_table(table, {column: "N / A"}))
    done = "read as not recorded: 'N / A' to '' (1)"
    assert ledger.log[0] == (table, "missing values", column, 1, done)


# --- rows --------------------------------------------------------------------------------

SECOND = {
    "courses": {"course_id": "C02"},
    "course_attendance": {"staff_id": "P002"},
    "feedback_forms": {"form_id": "FB002"},
    "consultations": {"session_id": "S002"},
    "families": {"family_id": "F002"},
    "family_contacts": {"contact_id": "K0002"},
    "targets": {"contract_year": "2019/20"},
    "published_figures": {"figure": "staff"},
}
"""What makes a second good row of each table another record."""


def check_rejection(table: str, row: dict[str, str], reason: str, step: str, done: str) -> None:
    """Check that the first of two rows is rejected for this reason and the second kept."""
    ledger = cleaned(table, text_table(table, row, SECOND[table]))
    assert ledger.rejected == ((table, STUDY.sources[table].files[0], "", 2, reason),)
    assert_frame_equal(ledger.frame, text_table(table, SECOND[table], lines=[3]))
    assert ledger.log[-1] == (table, step, "", 1, f"rejected: {done}")
    assert ledger.problems == ()


@pytest.mark.parametrize(
    ("table", "column", "cell", "step", "reason"),
    [
        ("courses", "date", "31/02/2019", "dates", "is not a date in a declared format"),
        ("courses", "date", "05/13/2019", "dates", "is not a date in a declared format"),
        ("courses", "date", "1/5/18", "dates", "is not a date in a declared format"),
        ("courses", "date", "01/05/2018 25:30", "dates", "is not a date in a declared format"),
        ("courses", "date", "09:30", "dates", "is not a date in a declared format"),
        ("courses", "date", "4322", "dates", "is not a date in a declared format"),
        ("families", "discharged_on", "2019", "dates", "is not a date in a declared format"),
        ("targets", "agreed_on", "spring", "dates", "is not a date in a declared format"),
        ("courses", "places", "tbc", "numbers", "is not a whole number"),
        ("courses", "places", "20.5", "numbers", "is not a whole number"),
        ("courses", "places", "1,026", "numbers", "is not a whole number"),
        ("courses", "places", "1e2", "numbers", "is not a whole number"),
        ("targets", "target", "95%", "numbers", "is not a number"),
        ("targets", "target", "nan", "numbers", "is not a number"),
        ("targets", "target", "0.33333333333", "numbers", "has more than 6 decimals"),
        ("published_figures", "decimals", "7", "numbers", "is above 6"),
        ("courses", "date", "2018-05-01 99:99", "dates", "is not a date in a declared format"),
        ("courses", "date", "2018-05-01 24:00", "dates", "is not a date in a declared format"),
        ("courses", "places", "0", "numbers", "is below 1"),
        ("courses", "places", "501", "numbers", "is above 500"),
        ("consultations", "minutes", "4", "numbers", "is below 5"),
        ("consultations", "minutes", "481.0", "numbers", "is above 480"),
        ("targets", "target", "-0.5", "numbers", "is below 0"),
    ],
)
def test_a_cell_that_cannot_be_read_rejects_its_row(
    table: str, column: str, cell: str, step: str, reason: str
) -> None:
    heading = STUDY.tables[table].columns[column]
    done = f"{heading} that cannot be read or accepted"
    check_rejection(table, {column: cell}, f"{heading} {cell!r} {reason}", step, done)


@pytest.mark.parametrize(
    ("cell", "why"),
    [
        ("C1,C2", "'C1,C2' is no identifier: it holds ,"),
        ("C1;C2", "'C1;C2' is no identifier: it holds ;"),
        ('C"1', "'C\"1' is no identifier: it holds \""),
        ("C1" * 31, "is no identifier: it has 62 letters"),
    ],
)
def test_what_can_be_no_identifier_rejects_its_row(cell: str, why: str) -> None:
    done = "Course ID that can be no identifier"
    check_rejection("courses", {"course_id": cell}, f"Course ID {why}", "identifiers", done)


def test_a_long_cell_is_not_quoted_whole() -> None:
    (row,) = cleaned("courses", text_table("courses", {"date": "x" * 60_000})).rejected
    assert len(row[-1]) < 150


EMPTY = dict.fromkeys(GOOD["courses"], "")


@pytest.mark.parametrize("row", [EMPTY, dict.fromkeys(EMPTY, " \xa0")])
def test_an_empty_row_is_rejected(row: dict[str, str]) -> None:
    check_rejection("courses", row, "empty row", "empty rows", "empty rows")


def test_a_total_row_is_rejected() -> None:
    row = {**EMPTY, "course_id": " TOTAL ", "places": "1,026"}
    check_rejection("courses", row, "total row, not a record", "total rows", "total rows")


def test_a_total_row_is_known_by_its_whole_first_cell() -> None:
    raw = text_table("courses", {"course_id": "TOTAL1"}, {"course_id": "SUBTOTAL"})
    assert cleaned("courses", raw).rejected == ()


@pytest.mark.parametrize(
    ("table", "column", "heading"),
    [
        ("courses", "date", "Course date"),
        ("consultations", "date", "Date of session"),
        ("families", "referred_on", "Referral received"),
        ("family_contacts", "date", "Contact date"),
    ],
)
@pytest.mark.parametrize("day", ["2018-03-31", "2021-02-01"])
def test_a_row_outside_the_period_is_rejected(
    table: str, column: str, heading: str, day: str
) -> None:
    reason = f"{heading} {day} is outside 2018-04-01 to 2021-01-31"
    check_rejection(table, {column: day}, reason, "period", f"{heading} outside the study's period")


@pytest.mark.parametrize(
    ("table", "row", "rule", "held"),
    [
        (
            "families",
            {"accepted_on": "2018-04-30"},
            "accepted_on is not before referred_on",
            "Accepted 2018-04-30, Referral received 2018-05-01",
        ),
        (
            "families",
            {"offered_on": "2018-05-07"},
            "offered_on is not before accepted_on",
            "First appointment offered 2018-05-07, Accepted 2018-05-08",
        ),
        (
            "families",
            {"discharged_on": "2018-04-30"},
            "discharged_on is not before referred_on",
            "Discharged 2018-04-30, Referral received 2018-05-01",
        ),
        (
            "targets",
            {"red_below": "1.1"},
            "red_below is not above green_from, where direction is at least",
            "red_below 1.1, green_from 1",
        ),
    ],
)
def test_a_row_that_breaks_a_rule_is_rejected(
    table: str, row: dict[str, str], rule: str, held: str
) -> None:
    reason = f"does not hold: {rule} ({held})"
    check_rejection(table, row, reason, "rules", f"rows that break: {rule}")


@pytest.mark.parametrize("year", ["2018-19", "2018", "2018/20", "2018/2019"])
def test_a_target_for_a_year_that_there_cannot_be_is_rejected(year: str) -> None:
    reason = f"contract_year {year!r} is no contract year, such as 2018/19"
    done = "contract years that there cannot be"
    check_rejection("targets", {"contract_year": year}, reason, "contract years", done)


def test_a_contract_year_from_january_has_no_second_half(tmp_path: Path) -> None:
    study = study_with(tmp_path, contract_year_starts=1)
    raw = text_table("targets", {"contract_year": "2018/19"}, {"contract_year": "2019"})
    assert cleaned("targets", raw, study).frame["contract_year"].tolist() == ["2019"]


@pytest.mark.parametrize(
    ("table", "column", "key", "reason", "parent"),
    [
        ("course_attendance", "course_id", "C99", "Course ID C99 is not among the", "courses"),
        ("feedback_forms", "course_id", "C99", "Course ID C99 is not among the", "courses"),
        ("family_contacts", "family_id", "F99", "Family ref F99 is not among the", "families"),
    ],
)
def test_a_row_that_refers_to_nothing_is_rejected(
    table: str, column: str, key: str, reason: str, parent: str
) -> None:
    done = f"rows that refer to no clean row of {parent}"
    check_rejection(table, {column: key}, f"{reason} clean {parent}", "references", done)


def test_a_contact_before_the_referral_is_rejected() -> None:
    reason = "contact on 2018-04-30 is before the referral on 2018-05-01"
    done = "contacts before the family's referral"
    check_rejection("family_contacts", {"date": "2018-04-30"}, reason, "referral", done)


@pytest.mark.parametrize(("table", "name"), REQUIRED)
def test_a_row_without_a_required_cell_is_rejected(table: str, name: str) -> None:
    ledger = cleaned(table, text_table(table, {name: "n/a"}))
    heading = STUDY.tables[table].columns[name]
    reason = f"{heading} is not recorded"
    assert ledger.rejected == ((table, STUDY.sources[table].files[0], "", 2, reason),)
    assert ledger.log == (
        (table, "missing values", name, 1, "read as not recorded: 'n/a' to '' (1)"),
        (table, "required cells", "", 1, f"rejected: {heading} is not recorded"),
    )
    assert_frame_equal(ledger.frame, text_table(table))


def test_other_cells_may_be_missing() -> None:
    for table, contract in tables_of(STUDY).items():
        row = {name: "" for name, column in contract.columns.items() if not column.required}
        ledger = cleaned(table, text_table(table, row))
        assert_frame_equal(ledger.frame, text_table(table, row))
        assert (ledger.log, ledger.rejected, ledger.problems) == ((), (), ())


def test_the_first_and_the_last_day_of_the_period_are_in_it() -> None:
    raw = text_table(
        "courses",
        {"course_id": "C01", "date": "2018-04-01"},
        {"course_id": "C02", "date": "2021-01-31"},
    )
    assert_frame_equal(cleaned("courses", raw).frame, raw)


def test_records_from_before_the_period_are_kept_where_it_is_said_how_far_they_go(
    tmp_path: Path,
) -> None:
    study = study_with(tmp_path, period__records_from="2017-01-01")
    days = ("2016-12-31", "2017-01-01", "2018-03-31")
    raw = text_table(
        "courses", *({"course_id": f"C{n}", "date": day} for n, day in enumerate(days))
    )
    ledger = cleaned("courses", raw, study)
    assert ledger.frame["course_id"].tolist() == ["C1", "C2"]
    assert "2016-12-31 is outside 2017-01-01 to 2021-01-31" in ledger.rejected[0][-1]


def test_a_number_may_be_the_least_and_the_most_that_is_accepted() -> None:
    courses = text_table("courses", {"places": "1"}, {"course_id": "C02", "places": "500"})
    assert_frame_equal(cleaned("courses", courses).frame, courses)
    targets = text_table("targets", {"target": "0"})
    assert_frame_equal(cleaned("targets", targets).frame, targets)


def test_events_on_one_day_break_no_rule() -> None:
    day = "2018-05-01"
    raw = text_table(
        "families",
        {"accepted_on": day, "offered_on": day, "discharged_on": day},
        {"family_id": "F002", "accepted_on": "", "offered_on": "2018-05-01"},
    )
    assert_frame_equal(cleaned("families", raw).frame, raw)
    contacts = text_table("family_contacts", {"date": day})
    assert_frame_equal(cleaned("family_contacts", contacts).frame, contacts)


def test_a_contact_is_held_against_its_own_family() -> None:
    contacts = text_table(
        "family_contacts",
        {"contact_id": "K0001", "family_id": "F002", "date": "2018-12-31"},
        {"contact_id": "K0002", "family_id": "F001", "date": "2018-12-31"},
    )
    ledger = cleaned("family_contacts", contacts)
    reason = "contact on 2018-12-31 is before the referral on 2019-01-01"
    assert ledger.rejected == (("family_contacts", "family_contacts.csv", "", 2, reason),)


# --- repeats -----------------------------------------------------------------------------


@pytest.mark.parametrize("table", GOOD)
def test_of_rows_that_say_the_same_the_first_is_kept(table: str) -> None:
    first = next(iter(GOOD[table]))
    again = {first: f" {GOOD[table][first]}  "}  # written otherwise, it is the same all the same
    ledger = cleaned(table, text_table(table, {}, again, {}))
    repeats = "repeats an earlier row in every column that is read"
    file = STUDY.sources[table].files[0]
    assert ledger.rejected == ((table, file, "", 3, repeats), (table, file, "", 4, repeats))
    assert_frame_equal(ledger.frame, text_table(table, {}))
    done = "rejected: rows that repeat an earlier row in every column that is read"
    assert ledger.log[-1] == (table, "repeats", "", 2, done)


@pytest.mark.parametrize(
    ("table", "row", "shared"),
    [
        ("courses", {"places": "21"}, "C01"),
        ("feedback_forms", {"overall": "neither"}, "FB001"),
        ("consultations", {"minutes": "45"}, "S001"),
        ("families", {"ward": "other"}, "F001"),
        ("family_contacts", {"mode": "online"}, "K0001"),
        ("targets", {"target": "150"}, "staff 2018/19"),
        ("published_figures", {"value": "29"}, "courses"),
    ],
)
def test_of_different_records_with_one_id_none_is_kept(
    table: str, row: dict[str, str], shared: str
) -> None:
    ledger = cleaned(table, text_table(table, {}, row))
    reason = f"different records share {shared}"
    file = STUDY.sources[table].files[0]
    assert ledger.rejected == ((table, file, "", 2, reason), (table, file, "", 3, reason))
    assert ledger.log == ((table, "re-used ids", "", 2, "rejected: different records with one id"),)
    assert_frame_equal(ledger.frame, text_table(table))


@pytest.mark.parametrize(
    ("rows", "kept"),
    [
        ([{"attended": "no"}, {}, {"attended": "no"}], 3),
        ([{}, {"attended": "no"}, {"role": "midwife"}], 2),
        ([{"attended": "no"}, {"attended": "no", "role": "midwife"}], 2),
    ],
)
def test_a_person_is_on_a_register_once_attended_if_so_anywhere(
    rows: list[dict[str, str]], kept: int
) -> None:
    raw = text_table(
        "course_attendance", *rows, {"staff_id": "P002"}, {"course_id": "C02", "staff_id": "P001"}
    )
    ledger = cleaned("course_attendance", raw)
    last = len(rows) + 2
    assert_frame_equal(ledger.frame, raw.loc[[kept, last, last + 1]])
    twice = "same person twice on one register; the row that says attended is kept"
    reasons = {line: reason for *_, line, reason in ledger.rejected}
    repeats = set(reasons.values()) - {twice}
    assert set(reasons) == set(range(2, last)) - {kept}
    assert repeats <= {"repeats an earlier row in every column that is read"}
    assert twice in reasons.values()
    assert "the same person twice on one register" in ledger.log[-1][4]


# --- dates that can be read in two ways --------------------------------------------------


def test_a_date_with_two_readings_is_rejected_and_with_one_is_read(tmp_path: Path) -> None:
    study = study_with(tmp_path, date_formats=["%d/%m/%Y", "%m/%d/%Y", "%Y-%m-%d"])
    raw = text_table(
        "courses",
        {"course_id": "C01", "date": "03/04/2019"},
        {"course_id": "C02", "date": "13/04/2019"},
        {"course_id": "C03", "date": "04/13/2019"},
        {"course_id": "C04", "date": "04/04/2019"},
    )
    ledger = cleaned("courses", raw, study)
    reason = "Course date '03/04/2019' can be read as 2019-03-04 or 2019-04-03"
    assert ledger.rejected == (("courses", "courses.csv", "", 2, reason),)
    assert ledger.frame["date"].to_dict() == {3: "2019-04-13", 4: "2019-04-13", 5: "2019-04-04"}


def test_day_numbers_are_read_where_they_are_declared_only(tmp_path: Path) -> None:
    study = study_with(tmp_path, date_formats=["%d/%m/%Y"])
    ledger = cleaned("courses", text_table("courses", {"date": "43221"}), study)
    reason = "Course date '43221' is not a date in a declared format"
    assert ledger.rejected == (("courses", "courses.csv", "", 2, reason),)


# --- what stops the run ------------------------------------------------------------------


def test_unknown_labels_stop_the_run_and_are_all_named_at_once() -> None:
    raw = all_text(
        courses=text_table(
            "courses",
            {"topic": "atachment"},
            {"course_id": "C02", "topic": "Atachment"},
            {"course_id": "C03", "topic": "atachment"},
            {"course_id": "C04", "mode": "by owl"},
        ),
        feedback_forms=text_table("feedback_forms", {"overall": "6"}),
        families=text_table("families", {"interpreter_needed": "maybe"}),
        targets=text_table("targets", {"criterion": "outreach"}),
    )
    with pytest.raises(StudyError) as caught:
        clean.clean_all(raw, STUDY)
    answers = "very dissatisfied, dissatisfied, neither, satisfied, very satisfied, don't know"
    criteria = "recruitment, reach, implementation, satisfaction, completion, fidelity"
    fix = "correct the cell, or add the spelling to"
    assert caught.value.problems == (
        "courses.csv: line 2: column 'Topic': 'atachment' is not known (did you mean "
        "'attachment'?), 2 row(s); accepted: attachment, mind-mindedness; "
        f"{fix} vocabularies: topic in study.yaml",
        "courses.csv: line 3: column 'Topic': 'Atachment' is not known (did you mean "
        "'attachment'?), 1 row(s); accepted: attachment, mind-mindedness; "
        f"{fix} vocabularies: topic in study.yaml",
        "courses.csv: line 5: column 'Delivery': 'by owl' is not known, 1 row(s); "
        f"accepted: in person, online, telephone; {fix} vocabularies: mode in study.yaml",
        "feedback_forms.csv: line 2: column 'Q5 Overall': '6' is not known, 1 row(s); "
        f"accepted: {answers}; {fix} forms: feedback_forms: scale in study.yaml",
        "families.csv: line 2: column 'Interpreter?': 'maybe' is not known, 1 row(s); "
        f"accepted: yes, no; {fix} vocabularies: yes_no in study.yaml",
        "targets.csv: line 2: column 'criterion': 'outreach' is not known (did you mean "
        f"'reach'?), 1 row(s); accepted: {criteria}, data quality; correct the cell",
    )


def test_a_suggestion_names_the_label_and_not_the_misspelt_spelling() -> None:
    ledger = cleaned("courses", text_table("courses", {"mode": "telefon"}))
    assert "'telefon' is not known (did you mean 'telephone'?)" in ledger.problems[0]
    ledger = cleaned("courses", text_table("courses", {"mode": "face too face"}))
    assert "'face too face' is not known (did you mean 'in person'?)" in ledger.problems[0]


# --- all tables --------------------------------------------------------------------------


def test_all_tables_are_cleaned_and_accounted_for() -> None:
    raw = all_text(
        courses=text_table("courses", {}, {"course_id": "C02", "places": "0"}),
        course_attendance=text_table("course_attendance", {}, {"course_id": "C02"}),
        families=text_table("families", {"ward": "other"}, dict.fromkeys(GOOD["families"], "")),
    )
    result = clean.clean_all(raw, STUDY)
    assert set(result.tables) == set(GOOD)
    expected = typed(
        text_table("families", {"ward": "other"}), tables_of(STUDY)["families"].columns
    )
    assert_frame_equal(result.tables["families"], expected)
    assert_frame_equal(
        result.rejected,
        pd.DataFrame(
            [
                (
                    "course_attendance",
                    "course_attendance.csv",
                    "",
                    3,
                    "Course ID C02 is not among the clean courses",
                ),
                ("courses", "courses.csv", "", 3, "Places '0' is below 1"),
                ("families", "families.csv", "", 3, "empty row"),
            ],
            columns=REJECTED_COLUMNS,
        ),
    )
    references = "rejected: rows that refer to no clean row of courses"
    assert_frame_equal(
        result.log,
        pd.DataFrame(
            [
                ("courses", "numbers", "", 1, "rejected: Places that cannot be read or accepted"),
                ("course_attendance", "references", "", 1, references),
                ("families", "empty rows", "", 1, "rejected: empty rows"),
            ],
            columns=LOG_COLUMNS,
        ),
    )
    assert result.account.columns.tolist() == list(ACCOUNT_COLUMNS)
    assert list(result.account.iloc[0]) == ["courses", "courses.csv", 2, 1, 1, 0]
    assert result.account["rows_read"].tolist() == [2, 2, 1, 1, 2, 1, 1, 1]


def test_cleaning_leaves_the_raw_frames_alone() -> None:
    raw = all_text(courses=text_table("courses", {"topic": " Attachment"}, {"course_id": ""}))
    before = {name: frame.copy(deep=True) for name, frame in raw.items()}
    clean.clean_all(raw, STUDY)
    for name, frame in raw.items():
        assert_frame_equal(frame, before[name])


@pytest.fixture(scope="module")
def committed() -> clean.Cleaned:
    return clean.clean_all(read_raw(STUDY), STUDY)


def test_the_committed_records_come_to_the_truth_they_were_made_from(
    committed: clean.Cleaned,
) -> None:
    truth = make_records(read_inputs(), STUDY)
    account = committed.account.set_index("table")
    kept = account["rows_kept"].to_dict()
    rejected = account["rows_rejected"].to_dict()
    assert {table: kept[table] for table in truth} == {t: len(rows) for t, rows in truth.items()}
    assert (kept["courses"], kept["consultations"]) == (28, 251)
    assert [table for table in GOOD if not rejected[table]] == ["targets", "published_figures"]
    lines = {
        table: len((HOME / "data/raw" / STUDY.sources[table].files[0]).read_bytes().splitlines())
        - 1
        for table in GOOD
    }
    assert account["rows_read"].to_dict() == lines
    assert (account["rows_read"] == account["rows_rejected"] + account["rows_kept"]).all()
    assert len(committed.rejected) == account["rows_rejected"].sum()


def test_every_reason_for_rejection_occurs_in_the_committed_records(
    committed: clean.Cleaned,
) -> None:
    steps = committed.log.loc[committed.log["column"] == "", "step"]
    assert set(steps) == {
        "dates",
        "empty rows",
        "numbers",
        "period",
        "re-used ids",
        "references",
        "referral",
        "repeats",
        "required cells",
        "rules",
        "same person twice",
        "total rows",
    }


# --- the account, whatever the cells -----------------------------------------------------

FORMS = ("%Y-%m-%d", "%d/%m/%Y", "%d-%b-%y", "%d %B %Y", "excel")
DAYS = st.dates(dt.date(2018, 3, 25), dt.date(2018, 6, 1)) | st.dates(
    dt.date(2018, 4, 1), dt.date(2021, 2, 10)
)
WRONG = {
    "identifier": ("C99", "F003", "", "-"),
    "date": ("31/02/2019", "2019", "05/13/2019", "99999", "0218-05-01", "", "n/a"),
    "label": ("", "-", "Not known"),
    "whole number": ("tbc", "0", "9999", "7.5", "1,026", ""),
}


def written(day: dt.date, form: str) -> str:
    return str((day - DAY_ZERO[1900]).days) if form == "excel" else day.strftime(form)


def untidy(table: str, name: str, cell: str) -> st.SearchStrategy[str]:
    """Write what a good cell says in some other way."""
    column = tables_of(STUDY)[table].columns[name]
    forms = [cell]
    if column.kind == "identifier":
        forms += [cell.lower(), f"{cell[0]} {cell[1:]}"]
    elif column.kind == "label":
        spellings = STUDY.spellings[column.vocabulary]
        forms += [s for s, label in spellings.items() if label == cell]
        forms += [cell.upper(), cell.title()]
    elif column.kind == "date":
        forms += [written(dt.date.fromisoformat(cell), form) for form in FORMS]
    else:
        forms += [f"{cell}.0", f"0{cell}"]
    spaced = st.sampled_from(["{}", "{}", " {}", "{}\xa0", "  {} "])
    return st.builds(str.format, spaced, st.sampled_from(forms))


def other(table: str, name: str) -> st.SearchStrategy[str]:
    """Give cells that say something else, or nothing that can be accepted."""
    column = tables_of(STUDY)[table].columns[name]
    wrong = st.sampled_from(WRONG[column.kind])
    if column.kind == "date":
        return wrong | st.builds(written, DAYS, st.sampled_from(FORMS))
    if column.kind == "label":
        return wrong | st.sampled_from(sorted(STUDY.spellings[column.vocabulary]))
    return wrong


@st.composite
def raw_tables(draw: st.DrawFn, table: str) -> pd.DataFrame:
    """Draw up to nine rows: most are good and untidy, some wrong, repeated, empty or totals."""
    key = tables_of(STUDY)[table].key[-1]
    rows: list[dict[str, str]] = []
    for number in range(draw(st.integers(1, 8))):
        good = {**GOOD[table], key: f"{GOOD[table][key][0]}{draw(st.integers(1, 8))}"}
        row = {name: draw(untidy(table, name, cell)) for name, cell in good.items()}
        kind = draw(st.sampled_from(["good", "good", "good", "wrong", "wrong", "again", "empty"]))
        if kind == "wrong":
            for name in draw(st.sets(st.sampled_from(sorted(row)), min_size=1, max_size=2)):
                row[name] = draw(other(table, name))
        elif kind == "again" and rows:
            row = {**rows[draw(st.integers(0, number - 1))]}
        elif kind == "empty":
            row = dict.fromkeys(row, "")
        rows.append(row)
    if draw(st.booleans()):
        rows.append({**dict.fromkeys(GOOD[table], ""), next(iter(GOOD[table])): "Total"})
    return text_table(table, *rows)


@pytest.mark.parametrize("table", sorted({*GOOD} - {"targets", "published_figures"}))
@settings(max_examples=15, deadline=None, derandomize=True, database=None)
@given(data=st.data())
def test_every_row_and_every_changed_cell_is_accounted_for(table: str, data: st.DataObject) -> None:
    raw = data.draw(raw_tables(table))
    ledger = cleaned(table, raw)
    assert ledger.problems == ()

    lines = [line for *_, line, _ in ledger.rejected]
    assert len(lines) == len(set(lines))
    assert sorted([*lines, *ledger.frame.index]) == raw.index.tolist()
    assert ledger.frame.index.is_monotonic_increasing
    assert all(reason.strip() for *_, reason in ledger.rejected)
    assert sum(n for _, _, column, n, _ in ledger.log if not column) == len(lines)

    logged: Counter[str] = Counter()
    for of, _, column, affected, done in ledger.log:
        assert of == table
        assert affected > 0
        assert done
        logged[column] += affected
    kept = raw.loc[ledger.frame.index]
    for column in raw.columns:
        assert (ledger.frame[column] != kept[column]).sum() <= logged[column]
    fixed = int((ledger.frame != kept).any(axis=1).sum())
    assert ledger.account() == (
        table,
        STUDY.sources[table].files[0],
        len(raw),
        len(lines),
        len(kept),
        fixed,
    )

    again = cleaned(table, ledger.frame)
    assert_frame_equal(again.frame, ledger.frame)
    assert (again.log, again.rejected, again.problems) == ((), (), ())

    contract = tables_of(STUDY)[table]
    schema(contract, STUDY).validate(typed(ledger.frame, contract.columns), lazy=True)


def test_cleaning_the_clean_files_changes_and_rejects_nothing(
    committed: clean.Cleaned, tmp_path: Path
) -> None:
    plain = {
        f"tables__{table}": {"file": f"{table}.csv", "columns": {name: name for name in columns}}
        for table, columns in GOOD.items()
    }
    study = study_with(tmp_path, **plain)
    for table, frame in committed.tables.items():
        save_table(frame, study.raw / f"{table}.csv", study)
    again = clean.clean_all(read_raw(study), study)
    assert again.rejected.empty
    # what pandas writes for a number with decimals is the only difference
    assert set(again.log["step"]) <= {"numbers"}
    assert set(again.log["table"]) <= {"targets", "published_figures"}
    for table, frame in committed.tables.items():
        assert_frame_equal(again.tables[table].reset_index(drop=True), frame.reset_index(drop=True))


def test_an_identifier_may_have_sixty_letters() -> None:
    assert unlikely("C1" * 30) == ""
    assert unlikely("C1" * 30 + "0") == "is no identifier: it has 61 letters"


def test_a_large_limit_is_written_in_full() -> None:
    column = Column(meaning="people", kind="whole number", least=1_000_000, most=2_500_000)
    assert _read_number("7", column, STUDY)[1] == "'7' is below 1000000"
    assert _read_number("3000000", column, STUDY)[1] == "'3000000' is above 2500000"


@pytest.mark.parametrize(
    ("cell", "kept"),
    [
        ("0.00001", "0.00001"),
        ("0.500000", "0.5"),
        ("12.0", "12"),
        ("123456789012.5", "123456789012.5"),
    ],
)
def test_a_number_is_kept_without_powers_of_ten(cell: str, kept: str) -> None:
    assert _read_number(cell, Column(meaning="a ratio", kind="number"), STUDY) == (kept, "")
