"""A study like another: what is taken over, and how files are matched to its headings."""

from __future__ import annotations

from pathlib import Path

import pytest
from cleaning_helpers import write_study
from click.testing import CliRunner, Result
from test_measures_fit import IN_HALL, VISITORS
from test_own_tables import DROP_INS, PARENT_FORMS, PARENTS, VENUE, absent

from lmm.cleaning.clean import clean_all
from lmm.cleaning.load import read_raw
from lmm.cleaning.records import Records
from lmm.cli import main
from lmm.counting.count import count
from lmm.publish.check import check
from lmm.study.parameters import Parameters
from lmm.study.study import Study, read_study

VISITS = "DATE,Venue,People,Phone\n" + "".join(
    f"{day:02}/09/2023,{'the hall' if day % 2 else 'barn'},{day},07700 9001{day:02}\n"
    for day in range(11, 21)
)
FORMS = "No,Day,Again?,Rating\n1,13/09/2023,yes,3\n2,14/09/2023,no,great\n"
FAMILIES = "Case,Date referred,Why\nF1,13/09/2023,bonding\nF2,14/09/2023,bonding\n"


def other(folder: Path) -> Path:
    """Write the study that is the pattern: drop-ins, forms of parents and families."""
    return write_study(
        folder, **absent("families"), tables__drop_ins={**DROP_INS, "drop": ["Remark"]},
        tables__parents=PARENT_FORMS, forms__parents=PARENTS, vocabularies__venue=VENUE,
        tables__families__columns={"family_id": "Case", "referred_on": "Received",
                                   "ward": "Home ward", "reason": "Why"},
        measures={"visitors": VISITORS, "in_hall": IN_HALL},
    )  # fmt: skip


def new(folder: Path, **files: str) -> Result:
    given = []
    for name, text in files.items():
        path = folder / f"{name}.csv"
        path.write_text(text, encoding="utf-8")
        given.append(str(path))
    like = ["--like", str(other(folder / "other"))]
    return CliRunner().invoke(main, ["new", str(folder / "mine"), *like, "--from", *given])


@pytest.fixture
def mine(tmp_path: Path) -> Study:
    answer = new(tmp_path, visits=VISITS, answers=FORMS, cases=FAMILIES)
    assert answer.exit_code == 0, answer.output
    assert "visits.csv: drop_ins\n" in answer.output
    assert "answers.csv: parents\n" in answer.output
    return read_study(tmp_path / "mine")


def test_tables_forms_measures_and_vocabularies_are_taken_over(mine: Study, tmp_path: Path) -> None:
    theirs = read_study(tmp_path / "other")
    assert mine.measures == theirs.measures
    assert mine.forms == theirs.forms
    assert mine.vocabularies == {**theirs.vocabularies, "venue": {**VENUE_FOUND}}
    drop_ins = mine.sources["drop_ins"]
    assert drop_ins.row == "one visit to the drop-in"
    assert (drop_ins.files, drop_ins.drop) == (("visits.csv",), ("Phone",))
    assert drop_ins.columns == {
        "visit_id": "(row number)", "date": "DATE", "venue": "Venue", "heads": "People",
    }  # fmt: skip
    assert mine.sources["families"].columns == {
        "family_id": "Case", "referred_on": "Date referred", "reason": "Why",
    }  # fmt: skip
    assert set(mine.sources) == {"drop_ins", "parents", "families"}


VENUE_FOUND = {"hall": ("the hall",), "library": (), "barn": ()}


def test_what_is_the_others_alone_is_not_taken_over(mine: Study) -> None:
    assert (str(mine.period.start), str(mine.period.end)) == ("2023-09-01", "2023-09-30")
    assert mine.draft
    assert not mine.is_synthetic
    assert mine.is_protected
    assert (mine.service, mine.closures, mine.reference_population) == ("mine", (), {})
    text = (mine.folder / "study.yaml").read_text("utf-8")
    assert "# referred_on: 'Date referred' instead of 'Received'; ward: 'Home ward' is not" in text
    assert "  # new: barn - please confirm\n  venue:" in text
    assert (mine.folder / "templates/drop_ins.csv").read_text("utf-8") == "Date,Venue,People\n"


def test_what_did_not_take_place_is_looked_for_in_tables_of_its_own(mine: Study) -> None:
    rows = "13/09/2023,hall,3,,held\n14/09/2023,hall,4,,called off\n"
    text = f"DATE,Venue,People,Phone,Status\n{rows}"
    (mine.raw / "visits.csv").write_text(text, encoding="utf-8")
    (found,) = [f for f in check(mine.folder).of("worth a look") if "not take place" in f.why]
    assert (found.column, found.fix) == (
        "Status", "take the rows out of the file, or correct the column",
    )  # fmt: skip


def test_what_was_drafted_is_counted(mine: Study) -> None:
    report = check(mine.folder)
    assert report.can_run, report.findings
    assert report.counted[-3:] == ("visitors to the drop-in", "visits in the hall", AGAIN)
    tables = clean_all(read_raw(mine), mine).tables
    counts = count(Records.within(tables, mine, Parameters.of(mine)))
    assert [counts.numbers[name, ()] for name in ("visitors", "in_hall")] == [155, 5]
    assert counts.numbers["parents.again", ()] == 2


AGAIN = "high answers to “Would you come again?”"


def test_a_column_that_is_not_found_is_asked_for(tmp_path: Path) -> None:
    visits = VISITS.replace("People", "Zzz")
    answer = new(tmp_path, visits=visits)
    assert "visits.csv: drop_ins; asks for heads\n" in answer.output
    assert "parents: no file has its headings: absent\n" in answer.output
    (finding,) = check(tmp_path / "mine").of("to answer")
    assert finding.why == "which heading of visits.csv holds heads of drop_ins"
    assert "heading: Zzz" in finding.fix


def test_an_own_table_that_is_not_found_is_left_out_with_its_measures(tmp_path: Path) -> None:
    answer = new(tmp_path, answers=FORMS)
    assert "drop_ins: no file has its headings: left out\n" in answer.output
    study = read_study(tmp_path / "mine")
    assert (study.measures, set(study.sources)) == ({}, {"parents"})
    assert check(tmp_path / "mine").can_run


def test_files_that_have_none_of_the_headings_are_refused(tmp_path: Path) -> None:
    answer = new(tmp_path, ledger="Item,Cost\nrent,3\ntea,4\n")
    assert answer.exit_code == 2
    assert "no file has the headings of a table of" in answer.output
    assert not (tmp_path / "mine").exists()


def test_a_pattern_needs_files(tmp_path: Path) -> None:
    like = str(other(tmp_path / "other"))
    answer = CliRunner().invoke(main, ["new", str(tmp_path / "mine"), "--like", like])
    assert answer.exit_code == 2
    assert "--like needs your files" in answer.output
