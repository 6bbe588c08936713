"""The contract: one failing example a rule, and what a study has to map."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from cleaning_helpers import (
    GOOD,
    STUDY,
    all_typed,
    study_with,
    text_table,
    typed_table,
)
from pandas.testing import assert_frame_equal

from lmm.cleaning.contract import DTYPES, accepted, check_tables, schema, typed
from lmm.cleaning.dictionary import data_dictionary
from lmm.cleaning.rules import rules_of
from lmm.study.mapping import check_study
from lmm.study.problems import StudyError
from lmm.study.tables import TABLES, tables_of

CONTRACT = tables_of(STUDY)
OTHER_DTYPE = {
    "date": "object",
    "whole number": "float64",
    "number": "str",
    "identifier": "Int64",
    "label": "category",
    "text": "float64",
}
KEYS = {
    "courses": ["course_id"],
    "course_attendance": ["staff_id"],
    "feedback_forms": ["form_id"],
    "consultations": ["session_id"],
    "families": ["family_id"],
    "family_contacts": ["contact_id"],
    "targets": ["contract_year"],
    "published_figures": ["figure"],
}
"""Cells in which two rows of a table may not agree, all others being the same."""


def breaches(**tables: pd.DataFrame) -> tuple[str, ...]:
    """Give the lines of the message about these tables; none if all is well."""
    try:
        check_tables(tables, STUDY)
    except StudyError as error:
        return error.problems
    return ()


# --- one table ---------------------------------------------------------------------------


def test_good_tables_hold() -> None:
    assert breaches(**all_typed()) == ()


def test_tables_without_rows_hold() -> None:
    assert breaches(**{table: typed_table(table) for table in GOOD}) == ()


@pytest.mark.parametrize("table", GOOD)
def test_a_column_of_another_type_is_a_breach(table: str) -> None:
    columns = CONTRACT[table].columns
    frame = pd.DataFrame(
        {
            name: pd.Series([None], [2], dtype=OTHER_DTYPE[column.kind])
            for name, column in columns.items()
        }
    )
    found = [p.split(": ")[1] for p in breaches(**{table: frame}) if ": dtype('" in p]
    assert sorted(found) == sorted(columns)


def test_the_message_about_a_type_names_the_one_that_is_wanted() -> None:
    frame = typed_table("courses", {}).astype({"places": "float64"})
    assert breaches(courses=frame) == (
        "courses: places: dtype('Int64') does not hold for 'float64'",
    )


@pytest.mark.parametrize("table", GOOD)
def test_only_required_cells_have_to_be_there(table: str) -> None:
    columns = CONTRACT[table].columns
    rows = [{**dict.fromkeys(KEYS[table], f"X{n}"), name: ""} for n, name in enumerate(columns)]
    found = [p for p in breaches(**{table: typed_table(table, *rows)}) if "not_nullable" in p]
    assert {line.partition(" does not hold for ")[0] for line in found} == {
        f"{table}: line {line}: {name}: not_nullable"
        for line, name in enumerate(columns, start=2)
        if columns[name].required
    }


@pytest.mark.parametrize("table", GOOD)
def test_a_key_stands_once(table: str) -> None:
    key = " and ".join(CONTRACT[table].key)
    assert breaches(**{table: typed_table(table, {}, {})}) == (
        f"{table}: line 2: another row has the same {key}",
        f"{table}: line 3: another row has the same {key}",
    )


def test_part_of_a_key_may_stand_again() -> None:
    courses = typed_table("courses", {}, {"course_id": "C02"})
    register = typed_table(
        "course_attendance", {}, {"staff_id": "P002"}, {"course_id": "C02", "staff_id": "P001"}
    )
    assert breaches(**all_typed(courses=courses, course_attendance=register)) == ()


@pytest.mark.parametrize("table", [*GOOD][:7])
def test_a_label_is_an_accepted_one(table: str) -> None:
    columns = CONTRACT[table].columns
    known = {name: accepted(column, STUDY) for name, column in columns.items()}
    labels = [name for name, column in columns.items() if column.kind == "label"]
    assert labels == [name for name in known if known[name]] != []
    assert breaches(**{table: typed_table(table, dict.fromkeys(labels, "Aye"))}) == tuple(
        f"{table}: line 2: {name}: isin({known[name]!r}) does not hold for 'Aye'" for name in labels
    )


@pytest.mark.parametrize(
    ("table", "name", "cell", "problem"),
    [
        ("courses", "places", "0", "greater_than_or_equal_to(1) does not hold for 0"),
        ("courses", "places", "501", "less_than_or_equal_to(500) does not hold for 501"),
        ("consultations", "minutes", "4", "greater_than_or_equal_to(5) does not hold for 4"),
        ("consultations", "minutes", "481", "less_than_or_equal_to(480) does not hold for 481"),
        ("targets", "target", "-1", "greater_than_or_equal_to(0) does not hold for -1.0"),
        (
            "published_figures",
            "decimals",
            "-1",
            "greater_than_or_equal_to(0) does not hold for -1",
        ),
    ],
)
def test_a_number_is_within_its_bounds(table: str, name: str, cell: str, problem: str) -> None:
    found = breaches(**{table: typed_table(table, {name: cell})})
    assert found == (f"{table}: line 2: {name}: {problem}",)


def test_a_bound_is_within_bounds() -> None:
    courses = typed_table("courses", {"places": "1"}, {"course_id": "C02", "places": "500"})
    sessions = typed_table(
        "consultations", {"minutes": "5"}, {"session_id": "S002", "minutes": "480"}
    )
    targets = typed_table("targets", {"target": "0", "red_below": "1"})
    same_day = dict.fromkeys(("accepted_on", "offered_on", "discharged_on"), "2018-05-01")
    families = typed_table("families", same_day)
    tables = all_typed(courses=courses, consultations=sessions, targets=targets, families=families)
    assert breaches(**tables) == ()


BROKEN_RULES = [
    ("families", {"accepted_on": "2018-04-30"}, "accepted_on is not before referred_on"),
    ("families", {"offered_on": "2018-05-07"}, "offered_on is not before accepted_on"),
    ("families", {"discharged_on": "2018-04-30"}, "discharged_on is not before referred_on"),
    (
        "targets",
        {"red_below": "1.1"},
        "red_below is not above green_from, where direction is at least",
    ),
    (
        "targets",
        {"red_below": "0.9", "direction": "at most"},
        "green_from is not above red_below, where direction is at most",
    ),
    (
        "targets",
        {"red_below": "0.9", "green_from": "0", "direction": "at most"},
        "what is to be at most can be green above 0, since nothing makes sure of none",
    ),
    (
        "targets",
        {"indicator": "satisfaction"},
        "satisfaction can be green below 1, since no number of answers makes sure of all",
    ),
    (
        "targets",
        {"indicator": "satisfaction", "red_below": "95", "direction": "at most"},
        "cut-offs of satisfaction are shares from 0 to 1",
    ),
]
"""An example that breaks each rule of the contract."""


@pytest.mark.parametrize(("table", "row", "rule"), BROKEN_RULES)
def test_a_broken_rule_is_one_line_for_its_row(table: str, row: dict[str, str], rule: str) -> None:
    frame = typed_table(table, row)
    assert breaches(**{table: frame}) == (f"{table}: line 2: does not hold: {rule}",)


def test_every_rule_of_the_contract_has_its_example() -> None:
    rules = {rule.text for contract in CONTRACT.values() for rule in rules_of(contract)}
    assert rules == {rule for _, _, rule in BROKEN_RULES}


def test_columns_are_exactly_the_contracts() -> None:
    frame = typed_table("courses", {})
    assert breaches(courses=frame.assign(fee=1)) == (
        "courses: column_in_schema does not hold for 'fee'",
    )
    assert breaches(courses=frame.drop(columns="mode")) == (
        "courses: column_in_dataframe does not hold for 'mode'",
    )


# --- between tables ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("table", "name", "parent"),
    [
        ("course_attendance", "course_id", "courses"),
        ("feedback_forms", "course_id", "courses"),
        ("family_contacts", "family_id", "families"),
    ],
)
def test_a_reference_leads_somewhere(table: str, name: str, parent: str) -> None:
    assert CONTRACT[table].columns[name].refers_to == parent
    key = next(iter(CONTRACT[table].key))
    other = {key: "X2"} if key != name else {"staff_id": "P002"}
    tables = all_typed(**{table: typed_table(table, {}, {**other, name: "X9"})})
    assert breaches(**tables) == (f"{table}: line 3: {name} 'X9' is not in {parent}",)


def test_a_contact_is_not_before_the_referral() -> None:
    contacts = typed_table(
        "family_contacts",
        {"date": "2018-05-01"},
        {"contact_id": "K0002", "date": "2018-04-30"},
    )
    problem = "family_contacts: line 3: the contact is before the referral"
    assert breaches(**all_typed(family_contacts=contacts)) == (problem,)


def test_all_breaches_are_named_at_once() -> None:
    found = breaches(
        courses=typed_table("courses", {"topic": "knitting", "places": "0"}),
        families=typed_table("families", {}, {"accepted_on": "2018-04-30"}),
    )
    assert len(found) == 5
    assert set(found) == {
        "courses: line 2: topic: isin(('attachment', 'mind-mindedness')) "
        "does not hold for 'knitting'",
        "courses: line 2: places: greater_than_or_equal_to(1) does not hold for 0",
        "families: line 2: another row has the same family_id",
        "families: line 3: another row has the same family_id",
        "families: line 3: does not hold: accepted_on is not before referred_on",
    }


# --- types -------------------------------------------------------------------------------


@pytest.mark.parametrize("table", GOOD)
def test_typed_cells_say_what_the_text_said(table: str) -> None:
    columns = CONTRACT[table].columns
    optional = {name: "" for name, column in columns.items() if not column.required}
    text = text_table(table, {}, optional)
    frame = typed(text, columns)
    assert {name: str(dtype) for name, dtype in frame.dtypes.items()} == {
        name: DTYPES[column.kind] for name, column in columns.items()
    }
    assert frame.index.equals(text.index)
    again = pd.DataFrame(
        {
            name: frame[name].map("{:g}".format).astype("str")
            if column.kind == "number"
            else frame[name].astype("str")
            for name, column in columns.items()
        }
    )
    assert_frame_equal(again.where(frame.notna(), ""), text)
    assert (frame.isna() == (text == "")).all(axis=None)


def test_typed_takes_the_contracts_columns_in_its_order() -> None:
    text = text_table("courses", {}).assign(fee="1")
    assert list(typed(text[text.columns[::-1]], CONTRACT["courses"].columns)) == [*GOOD["courses"]]


@pytest.mark.parametrize(
    ("name", "cell"), [("date", "01/05/2018"), ("date", "43221"), ("places", "many")]
)
def test_text_that_is_not_canonical_is_never_guessed(name: str, cell: str) -> None:
    with pytest.raises(ValueError, match=cell):
        typed_table("courses", {name: cell})


def test_the_schema_follows_the_study(tmp_path: Path) -> None:
    study = study_with(tmp_path, vocabularies__topic={"bonding": ["attachment"]})
    labels = schema(CONTRACT["courses"], study).columns["topic"].checks[0].statistics
    assert labels == {"allowed_values": ("bonding",)}


# --- the study's mapping -----------------------------------------------------------------


def test_the_items_of_the_study_are_columns_of_the_forms(tmp_path: Path) -> None:
    assert list(CONTRACT) == list(TABLES) == list(GOOD)
    assert list(CONTRACT["feedback_forms"].columns) == list(GOOD["feedback_forms"])
    study = study_with(
        tmp_path, forms__feedback_forms__items={"venue": "The venue", "overall": "All in all"}
    )
    columns = tables_of(study)["feedback_forms"].columns
    assert list(columns) == ["form_id", "course_id", "role", "venue", "overall"]
    venue = columns["venue"]
    assert (venue.kind, venue.meaning, venue.required) == ("label", "“The venue”", False)
    assert accepted(venue, study) == study.labels("feedback_forms.venue")
    assert "overall" not in TABLES["feedback_forms"].columns


def test_this_study_maps_the_contract() -> None:
    check_study(STUDY)


def test_a_table_that_is_not_named_is_one_that_the_service_does_not_keep(tmp_path: Path) -> None:
    study = study_with(tmp_path, tables__families=None, tables__targets=None)
    check_study(study)
    assert not study.keeps("families") and study.columns_kept("families") == []
    assert study.keeps("family_contacts")
    assert tables_of(study)["family_contacts"].parents == {}


@pytest.mark.parametrize(
    ("changes", "problems"),
    [
        (
            {"tables__courses": None},
            (
                "study.yaml: tables: courses cannot be absent while course_attendance is there, "
                "which refers to it; if course_attendance is another table, correct its mapping, "
                "or declare it absent as well",
                "study.yaml: tables: feedback_forms: columns: date is missing: it says when a row "
                "was, because there is no courses.date",
            ),
        ),
        (
            {"tables__published_figures": None, "tables__publishd_figures": "absent"},
            (
                "study.yaml: tables: publishd_figures is unknown; did you mean published_figures? "
                f"there are {', '.join(TABLES)}; one of your own says what a row is, and the kind "
                "of each column",
            ),
        ),
        (
            {"tables__staff": {"file": "staff.csv", "columns": {"staff_id": "Ref"}}},
            (
                f"study.yaml: tables: staff is unknown; there are {', '.join(TABLES)}; one of "
                "your own says what a row is, and the kind of each column",
            ),
        ),
        (
            {"tables__courses__columns__mode": None},
            ("study.yaml: tables: courses: columns: mode is missing",),
        ),
        (
            {"tables__courses__columns__fee": "Fee"},
            (
                "study.yaml: tables: courses: columns: fee is unknown; "
                "there are course_id, topic, date, mode, places",
            ),
        ),
        (
            {"forms__feedback_forms__items__venue": "The venue"},
            ("study.yaml: tables: feedback_forms: columns: venue is missing",),
        ),
        ({"vocabularies__mode": None}, ("study.yaml: vocabularies: mode is missing",)),
        (
            {"vocabularies__yes_no": {"Yes": ["y"], "No": ["n"]}},
            (
                "study.yaml: vocabularies: yes_no: there is no label 'yes', "
                "which is counted; call the label that means it so, with your word as its "
                "spelling: 'yes': [your word]",
            ),
        ),
        (
            {"vocabularies__contact_outcome": {"seen": ["attended"], "not seen": []}},
            (
                "study.yaml: vocabularies: contact_outcome: there is no label 'attended', "
                "which is counted; call the label that means it so, with your word as its "
                "spelling: 'attended': [your word]",
            ),
        ),
        (
            {
                "tables__families__columns__referred_on": None,
                "tables__feedback_forms": None,
                "vocabularies__role": None,
            },
            (
                "study.yaml: forms: feedback_forms has no table; say under tables: where it is, or "
                "that it is absent",
                "study.yaml: tables: families: columns: referred_on is missing",
                "study.yaml: vocabularies: role is missing",
            ),
        ),
    ],
)
def test_a_study_that_does_not_map_the_contract_is_refused(
    changes: dict[str, object], problems: tuple[str, ...], tmp_path: Path
) -> None:
    with pytest.raises(StudyError) as caught:
        check_study(study_with(tmp_path, **changes))
    assert caught.value.problems == problems


GUIDANCE = {"label": "guidance given", "rows": "consultations", "where": {"kind": "guidance"}}
INDICATORS = "courses, attendances, staff, consultations, families, satisfaction"


def test_capacity_may_be_reduced_for_every_measure_that_can_have_a_target(tmp_path: Path) -> None:
    half = {
        "start": "2020-04-01", "end": "2020-06-30", "capacity": 0.5, "reason": "x",
        "basis": "assumed", "indicators": ["guidance", "satisfaction"],
    }  # fmt: skip
    check_study(study_with(tmp_path, measures={"guidance": GUIDANCE}, reduced_capacity=[half]))
    with pytest.raises(StudyError) as caught:
        check_study(study_with(tmp_path, reduced_capacity=[half]))
    assert caught.value.problems == (
        f"study.yaml: reduced_capacity: 'guidance' is no measure; there are {INDICATORS}",
    )


def test_only_the_compendiums_measures_are_worded(tmp_path: Path) -> None:
    check_study(study_with(tmp_path, wording={"staff": "parents who came"}))
    with pytest.raises(StudyError) as caught:
        check_study(
            study_with(
                tmp_path, measures={"guidance": GUIDANCE},
                wording={"famlies": "parents", "guidance": "advice"},
            )
        )  # fmt: skip
    assert caught.value.problems == (
        f"study.yaml: wording: 'famlies' is no measure of the compendium; there are {INDICATORS}",
        "study.yaml: wording: guidance is a measure of your own; change its label under measures:",
    )


# --- the page that describes it --------------------------------------------------------------


def test_the_dictionary_says_of_each_table_what_it_holds_or_that_it_is_not_kept() -> None:
    absent = STUDY.model_copy(update={"tables": {**STUDY.tables, "consultations": "absent"}})
    page = data_dictionary(absent)
    sections = dict(part.split("\n", 1) for part in page.removeprefix("### ").split("\n### "))
    assert list(sections) == list(CONTRACT)
    kept = CONTRACT["consultations"].row
    assert sections["consultations"].strip() == f"Not kept by this service: {kept}."
    assert [name for name, text in sections.items() if "Not kept" in text] == ["consultations"]
    assert "| column | heading in the file | meaning | cells | required |" in sections["courses"]
