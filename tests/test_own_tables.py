"""Tables and forms that a study adds, and tables that stand alone: read, cleaned and cut."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from cleaning_helpers import STUDY, study_with, text_table

from lmm.cleaning.clean import Cleaned, clean_all
from lmm.cleaning.contract import DTYPES
from lmm.cleaning.load import read_raw
from lmm.cleaning.records import Records
from lmm.publish.check import check
from lmm.study.forms import MAIN_FORM
from lmm.study.mapping import check_study
from lmm.study.parameters import Parameters
from lmm.study.problems import StudyError
from lmm.study.study import Study
from lmm.study.tables import TABLES, in_order, tables_of

DROP_INS: dict[str, Any] = {
    "row": "one visit to the drop-in",
    "file": "drop_ins.csv",
    "key": "visit_id",
    "date": "date",
    "columns": {
        "visit_id": {"heading": "(row number)", "kind": "identifier"},
        "date": {"heading": "Date", "kind": "date"},
        "venue": {"heading": "Venue", "kind": "label", "vocabulary": "venue"},
        "heads": {"heading": "People", "kind": "whole number", "least": 1},
    },
}
VENUE = {"hall": ["the hall"], "library": []}
PARENTS: dict[str, Any] = {
    "scale": {"no": [], "yes": []},
    "high": ["yes"],
    "dont_know": {"not sure": ["?"]},
    "overall": "again",
    "items": {
        "again": "Would you come again?",
        "rating": {
            "wording": "How was it?",
            "scale": {"1": [], "2": [], "3": ["great"]},
            "high": ["3"],
        },
    },
}
PARENT_FORMS: dict[str, Any] = {
    "file": "parent_forms.csv",
    "columns": {"form_id": "No", "date": "Day", "again": "Again?", "rating": "Rating"},
}


def absent(*but: str) -> dict[str, Any]:
    """Give changes of the study by which it keeps these tables only."""
    return {f"tables__{name}": "absent" for name in TABLES if name not in but}


def with_drop_ins(folder: Path, **changes: Any) -> Study:
    """Give a study that keeps drop-ins alone; a change to None leaves the key out."""
    table = {key: value for key, value in {**DROP_INS, **changes}.items() if value is not None}
    return study_with(folder, **absent(), tables__drop_ins=table, vocabularies__venue=VENUE)


def cleaned(study: Study, **files: str) -> Cleaned:
    study.raw.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (study.raw / f"{name}.csv").write_text(text, encoding="utf-8")
    return clean_all(read_raw(study), study)


def refused(study: Study) -> tuple[str, ...]:
    with pytest.raises(StudyError) as caught:
        check_study(study)
    return caught.value.problems


# --- a table of the study's own ----------------------------------------------------------

VISITS = """\
Date,Venue,People,Remark
05/04/2018,The Hall,12,cold
05/04/2018,library,0,
06/04/2018,,3,
01/03/2017,hall,4,
07/05/2018,hall,5,
"""


def test_a_table_of_its_own_is_read_and_cleaned_as_others_are(tmp_path: Path) -> None:
    found = cleaned(with_drop_ins(tmp_path), drop_ins=VISITS)
    visits = found.tables["drop_ins"]
    assert visits.to_dict("list") == {
        "visit_id": ["2", "6"],
        "date": [pd.Timestamp("2018-04-05"), pd.Timestamp("2018-05-07")],
        "venue": ["hall", "hall"],
        "heads": [12, 5],
    }
    kinds = [
        column.kind for column in tables_of(with_drop_ins(tmp_path))["drop_ins"].columns.values()
    ]
    assert visits.dtypes.astype(str).tolist() == [DTYPES[kind] for kind in kinds]
    assert found.rejected[["table", "line", "reason"]].to_numpy().tolist() == [
        ["drop_ins", 3, "People '0' is below 1"],
        ["drop_ins", 4, "Venue is not recorded"],
        ["drop_ins", 5, "Date 2017-03-01 is outside 2018-04-01 to 2021-01-31"],
    ]
    labels = found.log[found.log["step"] == "labels"]
    assert labels["what_was_done"].tolist() == ["spellings unified: 'The Hall' to 'hall' (1)"]


def test_a_table_of_its_own_is_cut_by_its_date(tmp_path: Path) -> None:
    study = with_drop_ins(tmp_path)
    tables = cleaned(study, drop_ins=VISITS).tables
    given = {"period_start": "2018-05-01", "event_date": "2018-06-01"}
    records = Records.within(tables, study, Parameters.of(study, given))
    cut = records.tables["drop_ins"]
    assert cut.loc[records.inside("drop_ins"), "visit_id"].tolist() == ["6"]
    assert list(records.tables) == [*list(TABLES)[:6], "drop_ins"]


def test_a_check_tells_of_a_table_of_its_own(tmp_path: Path) -> None:
    study = with_drop_ins(tmp_path)
    cleaned(study, drop_ins=VISITS)
    report = check(tmp_path)
    assert report.can_run
    row = report.timeliness.set_index("table").loc["drop_ins"]
    assert (row["rows_read"], row["rows_kept"]) == (5, 2)
    assert row["last"] == pd.Timestamp("2018-05-07")
    assert sum(finding.rows for finding in report.of("left out")) == 3


def test_columns_may_be_fixed_and_rows_kept(tmp_path: Path) -> None:
    columns = {**DROP_INS["columns"], "venue": {"kind": "label", "vocabulary": "venue"}}
    study = with_drop_ins(
        tmp_path, columns=columns, fixed={"venue": "library"}, keep={"Remark": "kept"}
    )
    found = cleaned(study, drop_ins="Date,People,Remark\n05/04/2018,2,kept\n06/04/2018,2,no\n")
    assert found.tables["drop_ins"]["venue"].tolist() == ["library"]


def test_a_table_of_its_own_may_refer_to_others_and_have_rules(tmp_path: Path) -> None:
    plans = {
        "row": "one plan of a family",
        "key": ["family_id", "number"],
        "date": "families.referred_on",
        "unknown_after_end": ["ended"],
        "not_before": [["ended", "begun"]],
        "rows": [
            {"family_id": "F1", "number": 1, "begun": "2018-05-02", "ended": "2018-07-01"},
            {"family_id": "F1", "number": 2, "begun": "2018-05-02", "ended": "2018-05-01"},
            {"family_id": "F2", "number": 1, "begun": "2018-06-02", "ended": None},
            {"family_id": "F9", "number": 1, "begun": "2018-05-02", "ended": None},
        ],
        "columns": {
            "family_id": {"kind": "identifier", "refers_to": "families"},
            "number": {"kind": "whole number"},
            "begun": {"kind": "date"},
            "ended": {"kind": "date", "required": False},
        },
    }
    families = {
        "file": "families.csv", "columns": {"family_id": "Family", "referred_on": "Referred"},
    }  # fmt: skip
    changes = absent() | {"tables__families": families, "tables__plans": plans}
    study = study_with(tmp_path, **changes)
    found = cleaned(study, families="Family,Referred\nF1,2018-05-01\nF2,2018-06-01\n")
    assert found.rejected["reason"].tolist() == [
        "does not hold: ended is not before begun (ended 2018-05-01, begun 2018-05-02)",
        "family_id F9 is not among the clean families",
    ]
    given = {"period_end": "2018-05-31", "event_date": "2018-05-20"}
    cut = Records.within(found.tables, study, Parameters.of(study, given)).tables["plans"]
    assert cut[["family_id", "number"]].to_numpy().tolist() == [["F1", 1]]
    assert cut["ended"].isna().all()


OWN = DROP_INS["columns"]


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        (
            {"columns": {**OWN, "heads": {"heading": "People", "kind": "count"}}},
            "columns: heads: kind: Input should be 'identifier', 'date', 'label', 'whole number' "
            "or 'number' (given: 'count')",
        ),
        (
            {"columns": {**OWN, "note": {"heading": "Note", "kind": "text"}}},
            "columns: note: kind: Input should be 'identifier', 'date', 'label', 'whole number' "
            "or 'number' (given: 'text')",
        ),
        (
            {"columns": {**OWN, "venue": {"heading": "Venue", "kind": "label"}}},
            "columns: venue: a label, and nothing else, has a vocabulary",
        ),
        (
            {"columns": {**OWN, "heads": {"kind": "whole number"}}},
            "columns: heads: give its heading, or its value under fixed:",
        ),
        ({"key": None}, "key is missing: the column that tells the rows apart"),
        (
            {"key": ["date", "visit"]},
            "key: 'visit' is none of its columns ['visit_id', 'date', 'venue', 'heads']",
        ),
        ({"date": "venue"}, "date: 'venue' is no date but of kind 'label'"),
        ({"date": "families.referred_on"}, "date: no column refers to 'families'"),
        ({"row": None}, "row is missing: what a row of your own table is"),
    ],
)
def test_a_declaration_that_does_not_hold_together_is_refused(
    changes: dict[str, Any], problem: str, tmp_path: Path
) -> None:
    with pytest.raises(StudyError) as caught:
        with_drop_ins(tmp_path, **changes)
    (found,) = caught.value.problems
    assert found.partition(": tables: drop_ins: ")[2] == problem


def referring(name: str, to: str) -> dict[str, Any]:
    columns = {**OWN, name: {"heading": "Ref", "kind": "identifier", "refers_to": to}}
    return {"columns": columns}


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        (
            {"columns": {**OWN, "venue": {**OWN["venue"], "vocabulary": "place"}}},
            "vocabularies: place is missing",
        ),
        (
            referring("family_id", "famlies"),
            "tables: drop_ins: columns: family_id: refers_to: there is no table 'famlies'; "
            f"there are {', '.join([*TABLES, 'drop_ins'])}",
        ),
        (
            referring("family", "families"),
            "tables: drop_ins: columns: family: refers_to: the key of families is family_id, "
            "and has to be called so here",
        ),
        (
            referring("family_id", "families"),
            "tables: drop_ins: columns: family_id: refers_to: families is absent; "
            "leave refers_to out",
        ),
        (
            {"columns": {**OWN, "heads": "People"}},
            "tables: drop_ins: columns: heads: give its kind as well as its heading, as of the "
            "other columns",
        ),
    ],
)
def test_a_declaration_that_does_not_fit_the_study_is_refused(
    changes: dict[str, Any], problem: str, tmp_path: Path
) -> None:
    assert refused(with_drop_ins(tmp_path, **changes)) == (f"study.yaml: {problem}",)


def test_the_compendiums_tables_are_not_declared_again(tmp_path: Path) -> None:
    named = study_with(tmp_path, **absent("courses"), tables__courses__row="one course")
    assert refused(named) == (
        "study.yaml: tables: courses is a table that the compendium knows; leave row out, or name "
        "your own table otherwise",
    )
    again = {**DROP_INS, "file": "courses.csv"}
    found = refused(study_with(tmp_path, **absent() | {"tables__courses": again}))
    assert "study.yaml: tables: courses is a table that the compendium knows; leave row out, or " \
        "name your own table otherwise" in found  # fmt: skip


def test_tables_come_after_those_that_they_refer_to() -> None:
    tables = dict(reversed(TABLES.items()))
    order = list(in_order(tables))
    assert order.index("courses") < order.index("course_attendance")
    assert order.index("families") < order.index("family_contacts")
    assert list(in_order(TABLES)) == list(TABLES)


def test_references_in_a_circle_are_named(tmp_path: Path) -> None:
    def table(mine: str, other: str) -> dict[str, Any]:
        return {
            "row": "one", "file": f"{mine}.csv", "key": f"{mine}_id",
            "columns": {
                f"{mine}_id": {"heading": "A", "kind": "identifier"},
                f"{other}_id": {"heading": "B", "kind": "identifier", "refers_to": other},
            },
        }  # fmt: skip

    changes = {"tables__one": table("one", "two"), "tables__two": table("two", "one")}
    assert refused(study_with(tmp_path, **absent(), **changes)) == (
        "study.yaml: tables: one and two refer to each other in a circle",
    )


# --- forms -------------------------------------------------------------------------------


def with_parent_forms(folder: Path, **changes: Any) -> Study:
    given = {"forms__parent_forms": PARENTS, "tables__parent_forms": PARENT_FORMS}
    return study_with(folder, **absent(), **given | changes)


def test_an_item_may_have_answers_of_its_own(tmp_path: Path) -> None:
    study = with_parent_forms(tmp_path)
    form = study.forms["parent_forms"]
    assert form.items == {"again": "Would you come again?", "rating": "How was it?"}
    assert [list(form.scale_of(item)) for item in form.items] == [["no", "yes"], ["1", "2", "3"]]
    assert [form.high_of(item) for item in form.items] == [("yes",), ("3",)]
    assert [form.dont_know_of(item) for item in form.items] == [{"not sure": ("?",)}, {}]
    assert form.answers_of("again") == {"no": (), "yes": (), "not sure": ("?",)}
    assert study.labels("parent_forms.rating") == ("1", "2", "3")
    assert study.spellings["parent_forms.rating"]["great"] == "3"
    assert study.satisfaction == study.forms[MAIN_FORM] == STUDY.satisfaction


def test_another_form_is_a_table_of_its_own(tmp_path: Path) -> None:
    study = with_parent_forms(tmp_path)
    table = tables_of(study)["parent_forms"]
    assert (table.row, table.key, table.date) == ("one returned form", ("form_id",), ("date",))
    assert list(table.columns) == ["form_id", "date", "role", "again", "rating"]
    text = "No,Day,Again?,Rating\n1,05/04/2018,Yes,great\n2,06/04/2018,?,2\n3,01/01/2017,no,1\n"
    forms = cleaned(study, parent_forms=text).tables["parent_forms"]
    assert forms[["form_id", "again", "rating"]].to_numpy().tolist() == [
        ["1", "yes", "3"], ["2", "not sure", "2"],
    ]  # fmt: skip


def test_an_answer_that_is_not_known_names_the_scale_that_lacks_it(tmp_path: Path) -> None:
    with pytest.raises(StudyError) as caught:
        cleaned(
            with_parent_forms(tmp_path), parent_forms="No,Day,Again?,Rating\n1,05/04/2018,x,9\n"
        )
    again, rating = caught.value.problems
    assert "add the spelling to forms: parent_forms: scale in study.yaml" in again
    assert "add the spelling to forms: parent_forms: items: rating: scale in study.yaml" in rating


@pytest.mark.parametrize(
    ("item", "problem"),
    [
        ({"wording": "x", "high": ["yes"]}, "high and dont_know need the item's own scale"),
        (
            {"wording": "x", "scale": {"a": [], "b": []}, "high": ["a"]},
            "high: ['a'] is not the upper end of the scale ['a', 'b']",
        ),
        (
            {"wording": "x", "scale": {"a": [], "b": ["A"]}, "high": ["b"]},
            "scale: 'A' stands for both 'a' and 'b'",
        ),
    ],
)
def test_answers_of_an_item_hold_together(
    item: dict[str, Any], problem: str, tmp_path: Path
) -> None:
    form = {**PARENTS, "items": {**PARENTS["items"], "rating": item}}
    with pytest.raises(StudyError) as caught:
        with_parent_forms(tmp_path, forms__parent_forms=form)
    (found,) = caught.value.problems
    assert found.partition("forms: parent_forms: items: rating: ")[2] == problem


def test_forms_and_their_tables_go_together(tmp_path: Path) -> None:
    assert refused(with_parent_forms(tmp_path, forms__courses=copy.deepcopy(PARENTS))) == (
        "study.yaml: forms: courses is a table of another kind; name the form otherwise",
    )
    alone = study_with(tmp_path, **absent(), forms__parent_forms=PARENTS)
    assert refused(alone) == (
        "study.yaml: forms: parent_forms has no table; say under tables: where it is, or that it "
        "is absent",
    )
    unread = study_with(tmp_path, **absent("courses", MAIN_FORM), forms={})
    missing = f"forms: {MAIN_FORM} is missing: its scale and items; or declare the table absent"
    assert f"study.yaml: {missing}" in refused(unread)


def test_a_study_may_have_no_form(tmp_path: Path) -> None:
    study = study_with(tmp_path, **absent(), forms={})
    check_study(study)
    with pytest.raises(StudyError, match="there is no feedback_forms, by which satisfaction"):
        _ = study.satisfaction


# --- tables that stand alone -------------------------------------------------------------


def alone(folder: Path, table: str, **columns: str | None) -> Study:
    """Give a study that keeps one table, with some columns mapped or left out."""
    changes = {f"tables__{table}__columns__{name}": value for name, value in columns.items()}
    return study_with(folder, **absent(table), **changes)


def test_forms_need_no_course_if_they_have_a_date(tmp_path: Path) -> None:
    study = alone(tmp_path, MAIN_FORM, course_id=None, date="Filled in")
    check_study(study)
    heading = "Form no,Filled in,My job is,Q1 Content,Q2 Trainer,Q3 Relevance,Q4 Pace,Q5 Overall"
    text = f"{heading}\n1,05/04/2018,,5,5,5,5,5\n2,05/05/2018,,4,4,4,4,4\n"
    tables = cleaned(study, feedback_forms=text).tables
    assert "course_id" not in tables[MAIN_FORM]
    given = {"period_start": "2018-05-01", "event_date": "2018-06-01"}
    records = Records.within(tables, study, Parameters.of(study, given))
    cut = records.tables[MAIN_FORM]
    assert cut.loc[records.inside(MAIN_FORM), "form_id"].tolist() == ["2"]


def test_forms_without_a_list_of_courses_keep_the_name_of_theirs(tmp_path: Path) -> None:
    study = alone(tmp_path, MAIN_FORM, date="Filled in")
    check_study(study)
    table = tables_of(study)[MAIN_FORM]
    assert (table.parents, table.date) == ({}, ("date",))
    assert table.columns["course_id"].required


def test_forms_need_something_that_says_when_they_were(tmp_path: Path) -> None:
    problem = (
        "study.yaml: tables: feedback_forms: columns: date is missing: it says when a row was, "
        "because there is no courses.date",
    )
    assert refused(alone(tmp_path, MAIN_FORM)) == problem
    unnamed = {"tables__feedback_forms__columns__course_id": None}
    assert refused(study_with(tmp_path, **unnamed)) == problem


def test_a_date_of_their_own_comes_before_that_of_the_course(tmp_path: Path) -> None:
    study = study_with(tmp_path, tables__feedback_forms__columns__date="Filled in")
    assert tables_of(study)[MAIN_FORM].date == ("date",)
    assert tables_of(STUDY)[MAIN_FORM].date == ("courses.date",)


def test_contacts_need_no_list_of_families(tmp_path: Path) -> None:
    study = alone(tmp_path, "family_contacts")
    check_study(study)
    raw = text_table("family_contacts", {}, {"contact_id": "K2", "family_id": "F9"})
    rows = cleaned(
        study,
        family_contacts=raw.set_axis(study.sources["family_contacts"].columns.values(), axis=1)
        .to_csv(index=False),
    )  # fmt: skip
    assert rows.tables["family_contacts"]["family_id"].tolist() == ["F001", "F9"]
    assert rows.rejected.empty


def test_a_register_needs_its_courses(tmp_path: Path) -> None:
    (problem,) = refused(alone(tmp_path, "course_attendance"))
    assert problem.startswith(
        "study.yaml: tables: courses cannot be absent while course_attendance is there"
    )
