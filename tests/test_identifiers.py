"""Columns that name people are refused by heading and by cell, and no cell is ever quoted."""

from __future__ import annotations

import time
from pathlib import Path

import pandas as pd
import pytest
from malformed import make, swap, text

from lmm.cleaning.clean import clean_all
from lmm.cleaning.identifiers import identifying, is_nhs_number, named
from lmm.cleaning.load import read_raw
from lmm.publish.check import check
from lmm.publish.check_page import page
from lmm.study.problems import Problem, StudyError
from lmm.study.study import Study, read_study

NHS = ["943 476 5919", "401 023 2137", "4505577104"]
"""Numbers with a right check digit that belong to nobody: those of published examples."""


def identified(cells: list[str]) -> list[Problem]:
    return identifying([("Notes", pd.Series(cells, dtype="str"))], file="x.csv")


@pytest.mark.parametrize(
    "heading",
    ["Name", "First name", "Surname", "Client's name", "Name of child", "Mother's name", "E-mail",
     "Email address", "email_address", "Phone", "Tel. no", "Mobile number", "Address line 1",
     "Home address", "Postcode", "Post code", "DOB", "D.O.B.", "Date of birth",
     "Child's date of birth",
     "NHS number", "NHS No.", "NI number", "Staff name", "Child’s name", "Initials",
     "Mum's name", "Parent/carer name", "Names of those present", "Name of course leader's child",
     "Course leader's name", "Username", "Known as", "Baby DOB", "Mum D.O.B", "Baby NHS no",
     "Mum's mobile", "Next of kin: phone no.", "Parent / carer e-mail", "Family address",
     "Postcode of mother", "Contact number", "FirstName", "LastName", "ClientName", "ChildName",
     "FullName", "DateOfBirth", "EmailAddress", "MobileNo", "PhoneNumber", "HomePhone",
     "HomeAddress", "NHSNumber", "PostCode", "E mail", "Postal code", "Zip", "First", "Last",
     "Signature", "Passport no", "N\u200bame", "Ｎame", "Best no.", "Best number", "Birth day",
     "NHS #", "Nat Ins No", "firstname", "lname", "Name1", "name_2", "Referred by (name)",
     "Next of kin", "Emergency contact", "Keyworker", "Key worker", "Contact no", "PCODE", "MRN",
     "Hospital number", "clientname"],
)  # fmt: skip
def test_a_heading_that_names_people(heading: str) -> None:
    assert named(heading)


@pytest.mark.parametrize(
    "heading",
    ["Name of course", "Course name", "Organisation name", "Ward", "Ward name", "Client ID",
     "Family ref", "Contact date", "Mother", "Date of session", "Job role", "Telephone or online",
     "Number attended", "How", "Q5 Overall", "Address given?", "Group name", "Name of the setting",
     "Postcode district", "Born in Bradford", "E-mail sent", "Number", "Year of birth", "Renamed",
     "Parent", "Who", "Mum", "YearOfBirth", "CourseName", "First contact", "Last session",
     "FamilyID", "Postcode area", "Client no.", "Best", "Course (name)", "Ward (from postcode)",
     "Length (mins)", "coursename", "Contact ID", "Contact type", "Hospital",
     "Kinship care", "Worker type", "Code", "Unit cost"],
)  # fmt: skip
def test_a_heading_that_does_not(heading: str) -> None:
    assert not named(heading)


@pytest.mark.parametrize("text", ["a" * 130_000, "a" * 65_000 + "@" + "b" * 65_000, "1 " * 65_000,
                                  "0" * 130_000, "01274-" * 20_000, "AB1 " * 32_000])  # fmt: skip
def test_a_long_cell_takes_no_long_time(text: str) -> None:
    start = time.process_time()
    identified([text])
    assert time.process_time() - start < 2


@pytest.mark.parametrize("heading", ["(" * 100_000, "name of " * 100, "mother " * 140 + "x"])
def test_a_long_heading_takes_no_long_time(heading: str) -> None:
    start = time.process_time()
    named(heading)
    assert time.process_time() - start < 1


def test_numbers_of_which_few_pass_the_check_are_no_nhs_numbers() -> None:
    """One ten-digit number in eleven does so by chance."""
    ours = [str(n) for n in range(1_000_000_000, 1_000_000_044)]
    assert sum(map(is_nhs_number, ours)) >= 3
    assert identified(ours) == []
    assert len(identified([*ours[:2], *NHS])) == 1


@pytest.mark.parametrize("number", NHS)
def test_the_check_digit_of_an_nhs_number(number: str) -> None:
    assert is_nhs_number(number)
    last = int(number[-1])
    assert not any(is_nhs_number(f"{number[:-1]}{d}") for d in range(10) if d != last)


def test_a_check_digit_of_ten_is_never_given_out() -> None:
    nine = (f"{n:09}" for n in range(10**8, 10**8 + 200))
    weights = range(10, 1, -1)
    ten = next(
        digits
        for digits in nine
        if 11 - sum(w * int(d) for w, d in zip(weights, digits, strict=True)) % 11 == 10
    )
    assert not any(is_nhs_number(f"{ten}{d}") for d in range(10))


@pytest.mark.parametrize(
    ("cells", "what"),
    [
        (["", "call ann@example.org please"], "e-mail addresses"),
        (["BD3 9XX"], "postcodes"),
        (["sw1a1aa, London"], "postcodes"),
        (["07700 900123"], "telephone numbers"),
        (["+44 7700 900123"], "telephone numbers"),
        (["(01274) 496 012"], "telephone numbers"),
        (["+353 1 234 5678"], "telephone numbers"),
        (["ring 0207 946 0958"], "telephone numbers"),
        (["AB 12 34 56 C"], "National Insurance numbers"),
        (NHS, "NHS numbers"),
        ([*NHS, "1234567890"], "NHS numbers"),
        (["9434765919.0"], "NHS numbers"),
        (["943\u00a0476\u00a05919", "943.476.5919", "943  476 5919"], "NHS numbers"),
        (["NHS 943 476 5919"], "NHS numbers"),
        (["'9434765919"], "NHS numbers"),
        (["BD3\u00a09XX"], "postcodes"),
        (["BD3  9XX"], "postcodes"),
        (["BD3-9XX"], "postcodes"),
        (["BD3 \u20139XX"], "postcodes"),
        (["BD3\u200b 9XX"], "postcodes"),
        (["0044 7700 900123"], "telephone numbers"),
        (["+44-7700-900123"], "telephone numbers"),
        (["+44 (0)7700 900123"], "telephone numbers"),
        (["07700.900.123"], "telephone numbers"),
        (["07700\u00a0900\u00a0123"], "telephone numbers"),
        (["01274 43 21 00"], "telephone numbers"),
        (["mum, 07700900123 after six"], "telephone numbers"),
        (["07700900123.0"], "telephone numbers"),
        (["０７７００９００１２３"], "telephone numbers"),
        (["7700900123", "7700900124.0", "1234567890"], "mobile numbers"),
        (["AB\u00a012\u00a034\u00a056\u00a0C"], "National Insurance numbers"),
        (["07700_900123"], "telephone numbers"),
        (["07700 900123 07700 900456"], "telephone numbers"),
        (["01274 496 0123 / 07700 900123"], "telephone numbers"),
        (["94312 34505"], "NHS numbers"),
        (["943 476 5919 401 023 2137"], "NHS numbers"),
        (["9434765919; 4010232137"], "NHS numbers"),
        (["BD5/9AA"], "postcodes"),
        (["a.b(at)c.org"], "e-mail addresses"),
        (["a.b [AT] c.org"], "e-mail addresses"),
        (["AB-12-34-56-C"], "National Insurance numbers"),
    ],
)
def test_cells_that_name_people(cells: list[str], what: str) -> None:
    (problem,) = identified(cells)
    assert what in problem
    assert problem.column == "Notes"
    assert not any(cell in problem for cell in cells if cell)
    assert problem.value == ""


@pytest.mark.parametrize(
    "cells",
    [["BD3", "BD10"], ["2020-01-02", "01/02/2020", "02.01.2020"], ["C01", "F0123", "P045"],
     ["45", "1000000", "12345678"], ["12/13", "2018/19"], ["the ward's own 0-3 group"],
     ["1234567890", "1234567891", "1234567892"], ["0123456789", "0123456780"],
     ["7000000001", "8000000001", "9000000001", "1000000001"], ["7700900", "770090012"],
     ["2020-01-02T10:30:00", "2020-01-02 10:30", "01/02/2020 - 03/02/2020"],
     ["01/02/2020 10:30", "01-02-2020 9.30", "01.02.2020 10.30", "02/03/20 09:30"],
     ["01-2020-0001", "BRI-01-2020-0001", "2020/0123456"], ["01 02 03 04 05 06"],
     ["0.1234567891", "0.7234567891", "-0.123456789"], ["00000000123", "20200102", "9.30"],
     ["12 @ £5", "@", "a@b"], ["parent (at home)", "look (at) this"], ["2020_01_02", "C_01_02"],
     ["A1/2020", "B12/13", "AB1/C"], ["12345 67890", "1 2 3 4 5 6 7 8 9 1"],
     ["01-02-2020 9.30", "1-02-2020 09:30:15"], ["0800 028 8000"],
     ["01/02/2020; 08/02/2020", "0-3, 4-5, 6-7, 8-9, 10"], ["1.0", "45.0", "480"]],
)  # fmt: skip
def test_cells_that_do_not(cells: list[str]) -> None:
    assert identified(cells) == []


SECRET = "Zebedee"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a study whose families have a column of names."""
    made = make(tmp_path / "study")
    text("families.csv", f"Family,Name,Referred,Accepted\nA1,{SECRET},01/02/2020,03/02/2020\n"
         f"A2,{SECRET},x{SECRET},\n")(made)  # fmt: skip
    return made


def test_a_column_of_names_stops_the_run_and_no_cell_is_quoted(folder: Path) -> None:
    with pytest.raises(StudyError) as caught:
        read_raw(read_study(folder))
    (problem,) = caught.value.problems
    assert problem.startswith("families.csv: column 'Name': looks like a name, which must not be")
    assert "put 'Name' under drop:" in problem
    report = check(folder)
    assert not report.can_run
    assert SECRET not in page(report)


def test_dropped_it_is_never_read(folder: Path) -> None:
    swap("study.yaml", "file: families.csv", "file: families.csv\n    drop: [Name]")(folder)
    frames = read_raw(read_study(folder))
    assert "Name" not in frames["families"]
    assert f"A1,{SECRET}" not in frames["families"].to_csv()


def test_declared_harmless_its_cells_are_looked_at_all_the_same(folder: Path) -> None:
    spoil = swap(
        "study.yaml", "file: families.csv", "file: families.csv\n    not_identifying: [Name]"
    )
    spoil(folder)
    read_raw(read_study(folder))
    swap("families.csv", SECRET, "ann@example.org")(folder)
    with pytest.raises(StudyError, match="look like e-mail addresses"):
        read_raw(read_study(folder))


def test_free_text_passes_into_no_clean_table(folder: Path) -> None:
    swap("study.yaml", "file: families.csv", "file: families.csv\n    drop: [Name]")(folder)
    swap("families.csv", "Accepted\n", "Accepted,Story\n")(folder)
    swap("families.csv", "03/02/2020\n", "03/02/2020,a long story\n")(folder)
    swap("families.csv", f"x{SECRET},\n", "05/02/2020,,another\n")(folder)
    study: Study = read_study(folder)
    tables = clean_all(read_raw(study), study).tables
    assert "story" not in "".join(table.to_csv() for table in tables.values()).lower()


def test_the_contract_keeps_free_text_of_no_person() -> None:
    from lmm.study.tables import TABLES

    free = {t for t, table in TABLES.items() for c in table.columns.values() if c.kind == "text"}
    assert free == {"targets", "published_figures"}
