"""What did not take place is not counted, and a column that says so is never passed over."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from malformed import make, swap, text

from lmm.analysis.descriptive import consultations_by_kind, missing_values
from lmm.cleaning.clean import clean_all
from lmm.cleaning.load import read_raw
from lmm.cleaning.records import Records
from lmm.cleaning.save import save_table
from lmm.counting.count import count
from lmm.counting.counts import Counts
from lmm.disclosure.gate import release
from lmm.publish.check import check
from lmm.publish.handouts.summary import summary_of
from lmm.start.draft import draft_from
from lmm.start.missed import asks_of_missing, missed
from lmm.study.parameters import Parameters
from lmm.study.study import read_study

SESSIONS = "Session,Day,Kind,How,Minutes,Attendance status\n" + "".join(
    f"S{n},{n:02}/02/2020,advice,online,{45 if n < 3 else ''},{status}\n"
    for n, status in enumerate(("attended", "attended", "missed", "missed", "attended"), 1)
)
READ = "mode: How, minutes: Minutes, outcome: Attendance status}"


def records_of(folder: Path) -> Records:
    study = read_study(folder)
    tables = clean_all(read_raw(study), study).tables
    return Records.within(tables, study, Parameters.of(study, {}))


def counts_of(folder: Path) -> Counts:
    return count(records_of(folder))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a study of five sessions, of which three took place, that reads the column."""
    made = make(tmp_path / "study")
    text("sessions.csv", SESSIONS)(made)
    swap("study.yaml", "mode: How, minutes: Minutes}", READ)(made)
    return made


def test_only_what_took_place_is_counted(folder: Path) -> None:
    counts = counts_of(folder)
    assert counts.n("consultations") == 3
    assert counts.by("consultations", "month")["n"].sum() == 3
    table = consultations_by_kind(counts).table.set_index("profession")
    assert table.loc["all", ["advice", "all", "hours"]].tolist() == [3, 3, 1.5]
    gaps = missing_values(counts).table.set_index(["table", "column"])
    assert gaps.loc[("consultations", "minutes"), ["rows", "missing"]].tolist() == [3, 1]


def test_the_tables_say_that_others_are_left_out(folder: Path) -> None:
    counts = counts_of(folder)
    assert set(consultations_by_kind(counts).table["note"]) == {
        "sessions that did not take place are left out"
    }
    assert counts.label("consultations").endswith("sessions that took place")


def test_the_summary_says_it_of_a_target(folder: Path) -> None:
    counts = counts_of(folder)
    rated = pd.DataFrame(
        [("consultations", "2019/20", "green", "met", "", "")],
        columns=["indicator", "contract_year", "rag", "verdict", "agreed_by", "agreed_on"],
    )
    save_table(rated, counts.study.outputs / "tables/targets_achieved.csv", counts.study)
    targets = summary_of(counts, [], pd.DataFrame()).targets
    assert targets is not None
    assert targets.rows[0][0].endswith("sessions that took place")


def test_it_is_said_of_released_counts_as_well(folder: Path) -> None:
    swap("study.yaml", "disclosure: none", "disclosure: opensafely")(folder)
    found = consultations_by_kind(release(records_of(folder)).counts).table
    assert found["all"].isna().all()
    assert set(found["note"]) == {"sessions that did not take place are left out"}


def test_without_the_column_every_session_counts_and_nothing_is_said(tmp_path: Path) -> None:
    counts = counts_of(make(tmp_path / "study"))
    assert not counts.keeps("consultations", "outcome")
    assert "note" not in consultations_by_kind(counts).table
    assert not counts.label("consultations").endswith("took place")
    assert counts.n("consultations") == 2


def test_a_session_whose_outcome_is_blank_is_left_out_by_name(folder: Path) -> None:
    swap(
        "sessions.csv", "S1,01/02/2020,advice,online,45,attended", "S1,01/02/2020,advice,online,45,"
    )(folder)
    (found,) = [f for f in check(folder).of("left out") if f.file == "sessions.csv"]
    assert (found.column, found.why) == ("Attendance status", "is not recorded")


def worth_a_look(folder: Path) -> list[str]:
    return [f"{f.column}: {f.why}; {f.fix}" for f in check(folder).of("worth a look")]


@pytest.mark.parametrize(
    ("heading", "cells", "said"),
    [
        ("Attendance status", "Finished,Did Not Attend", "holds 'Did Not Attend': 1 row of 2"),
        ("Notes", "mum DNA again,", "holds 'mum DNA again': 1 row of 2"),
        ("Status", "Cancelled by service,late cancellation", "2 rows of 2"),
        ("Seen?", "y,n", "holds 'n': 1 row of 2"),
        ("DNA", ",x", "holds 'x': 1 row of 2"),
        ("Result", "was not brought,UTA", "2 rows of 2"),
    ],
)
def test_a_column_that_says_so_and_is_not_read_is_named(
    heading: str, cells: str, said: str, tmp_path: Path
) -> None:
    folder = make(tmp_path / "study")
    first, second = cells.split(",")
    rows = f"S1,07/02/2020,advice,online,45,{first}\nS2,08/02/2020,advice,online,30,{second}\n"
    text("sessions.csv", f"Session,Day,Kind,How,Minutes,{heading}\n{rows}")(folder)
    found = [line for line in worth_a_look(folder) if "did not take place" in line]
    assert len(found) == 1
    assert found[0].startswith(f"{heading}: is not used, and ")
    assert said in found[0]
    assert (
        f"count as if they had; map it under columns: in study.yaml: outcome: '{heading}'"
        in (found[0])
    )


def test_it_is_named_for_every_table_of_what_may_not_take_place(tmp_path: Path) -> None:
    folder = make(tmp_path / "study")
    for name, values in {
        "courses.csv": ("ran", "postponed"),
        "register.csv": ("", "said sorry - did not attend", ""),
        "contacts.csv": ("seen", "DNA"),
    }.items():
        path = folder / "data/raw" / name
        head, *rows = path.read_text("utf-8").splitlines()
        lines = [f"{row},{value}" for row, value in zip(rows, values, strict=True)]
        path.write_text("\n".join([f"{head},Remark", *lines]) + "\n", "utf-8")
    found = [line for line in worth_a_look(folder) if "did not take place" in line]
    assert len(found) == 3
    assert "take the rows out of the file" in found[0]
    assert "count by what 'Came' says of them" in found[1]
    assert "count by what 'Outcome' says of them" in found[2]


@pytest.mark.parametrize(
    ("heading", "cells"),
    [
        ("Topic", ["play", "sleep", "missed milestones"]),
        ("Interpreter", ["yes", "no"]),
        ("Consent", ["y", "n", ""]),
        ("Notes", ["talked about " + "being cancelled " * 9]),
        ("Kind", ["visit", "review"]),
        ("DNAs so far", ["0", "2", "3"]),
        ("Attended", ["yes", "yes"]),
        ("Venue", ["Victoria hall", "no 10"]),
    ],
)
def test_what_says_nothing_of_the_kind(heading: str, cells: list[str]) -> None:
    assert missed(heading, cells) == []


def test_a_column_of_the_missing_is_not_taken_for_one_of_those_who_came(tmp_path: Path) -> None:
    assert asks_of_missing("DNA?", ["y", "n"])
    assert not asks_of_missing("DNA?", ["DNA", "seen"])
    frame = pd.DataFrame({"Client ref": [f"A{n}" for n in range(8)],
                          "Contact date": [f"0{n + 1}/02/2020" for n in range(8)],
                          "Contact type": "visit", "How": "phone",
                          "DNA": ["y", "n"] * 4})  # fmt: skip
    frame.to_csv(tmp_path / "contacts.csv", index=False)
    (found,) = draft_from("Small", [tmp_path / "contacts.csv"]).tables.values()
    assert "DNA" in found.unused


@pytest.mark.parametrize("heading", ["Attendance status", "Zustand"])
def test_a_draft_uses_the_column_by_its_heading_or_its_cells(heading: str, tmp_path: Path) -> None:
    columns = {
        "Session ID": [f"S{n}" for n in range(8)],
        "Date": [f"{n + 20}/02/2020" for n in range(8)],
        "Type": "advice",
        "How": "online",
        "Minutes": "45",
        heading: ["Finished", "DNA", "Arrived", "Was not brought"] * 2,
    }
    frame = pd.DataFrame(columns)
    frame.to_csv(tmp_path / "consultations.csv", index=False)
    found = draft_from("Small", [tmp_path / "consultations.csv"])
    assert found.tables["consultations"].columns["outcome"].heading == heading
    assert found.vocabularies["contact_outcome"] == {
        "attended": ["Finished", "Arrived"], "did not attend": ["DNA", "Was not brought"]
    }  # fmt: skip
