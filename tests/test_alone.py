"""Forms without a register and visits without referrals: from files to numbers, no kernel run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from lmm.analysis.families import contacts, family_flow
from lmm.analysis.response import response_rate, satisfaction_bounds
from lmm.analysis.satisfaction import high_satisfaction
from lmm.cleaning.clean import clean_all
from lmm.cleaning.load import read_raw
from lmm.cleaning.records import Records
from lmm.counting.count import count
from lmm.counting.counts import Counts
from lmm.publish.check import check
from lmm.start.folder import new_study
from lmm.study.parameters import Parameters
from lmm.study.study import read_study

COURSES = """\
Course code,Course date,Topic,Delivery,Places
AT-01,03/05/2023,Attachment,In person,30
AT-02,13/09/2023,Attachment,In person,30
"""
ANSWERS = ["Dissatisfied", "Very satisfied", "Satisfied"]
FORMS = (
    "ID,Which course did you attend?,How satisfied are you with the course overall?\n"
    + "".join(f"{n},AT-0{1 + n % 2},{ANSWERS[n % 3]}\n" for n in range(1, 46))
)
SURVEY = "Timestamp,How satisfied are you with the course overall?\n" + "".join(
    f"{n % 28 + 1:02}/05/2023 10:00:00,{ANSWERS[n % 3]}\n" for n in range(1, 46)
)
MISSED = {1, 10, 19, 28, 37, 46, 55}
VISITS = "Visit ID,Family ref,Visit date,Visit type,Attended\n" + "".join(
    f"{n},F{(n - 1) // 3:03},{(n - 1) % 28 + 1:02}/0{4 + (n - 1) % 6}/2023,"
    f"{'Home visit' if n % 2 else 'Phone call'},{'DNA' if n in MISSED else 'Attended'}\n"
    for n in range(1, 61)
)


def drafted(folder: Path, **files: str) -> tuple[Path, dict[str, Any]]:
    """Draft a study from files, and give its folder and what its file says."""
    folder.mkdir()
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    study = folder / "study"
    new_study(study, "Small", [folder / f"{name}.csv" for name in files])
    return study, yaml.safe_load((study / "study.yaml").read_text("utf-8"))


def counted(folder: Path, *answers: tuple[str, str]) -> Counts:
    """Answer what the draft asks, and count; the small numbers of invented records are shown."""
    path = folder / "study.yaml"
    text = path.read_text("utf-8")
    shown = [
        ("records: real", "records: synthetic"),
        ("disclosure: opensafely", "disclosure: none"),
    ]
    for old, new in (*answers, ("draft: true\n", ""), *shown):
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")
    study = read_study(folder)
    tables = clean_all(read_raw(study), study).tables
    return count(Records.within(tables, study, Parameters.of(study)))


def said(folder: Path) -> str:
    """Give what a check finds worth a look."""
    report = check(folder)
    assert report.can_run, report.findings
    return "\n".join(finding.why for finding in report.of("worth a look"))


@pytest.mark.parametrize(
    ("files", "dated"),
    [
        ({"courses": COURSES, "forms": FORMS}, {"course_id": "Which course did you attend?"}),
        ({"feedback answers": SURVEY}, {"date": "Timestamp"}),
    ],
    ids=["of a course", "by their own day"],
)
def test_forms_are_reported_without_a_register(
    files: dict[str, str], dated: dict[str, str], tmp_path: Path
) -> None:
    folder, content = drafted(tmp_path / "x", **files)
    tables = content["tables"]
    assert tables["course_attendance"] == "absent"
    columns = tables["feedback_forms"]["columns"]
    assert {name: columns.get(name) for name in ("course_id", "date") if name in columns} == dated
    assert "the answers of feedback_forms are reported; the response rate and the" in said(folder)
    counts = counted(folder)
    assert (counts.high("satisfaction"), counts.n("satisfaction")) == (30, 45)
    overall = high_satisfaction(counts).table.iloc[0]
    assert (overall["numerator"], overall["denominator"], overall["status"]) == (30, 45, "ok")
    assert overall["estimate"] == pytest.approx(30 / 45)
    assert response_rate(counts).why_not
    assert satisfaction_bounds(counts).why_not
    assert not counts.has("attendances")


def test_visits_are_reported_without_a_list_of_referrals(tmp_path: Path) -> None:
    folder, content = drafted(tmp_path / "x", visits=VISITS)
    tables = content["tables"]
    assert tables["families"] == "absent"
    assert tables["family_contacts"]["columns"] == {
        "contact_id": "Visit ID", "family_id": "Family ref", "date": "Visit date",
        "kind": "Visit type", "outcome": "Attended",
    }  # fmt: skip
    counts = counted(folder)
    assert [counts.n(name) for name in ("contacts", "contacts_attended", "families")] == [
        60,
        53,
        20,
    ]
    assert counts.by("contacts", "kind")["n"].tolist() == [30, 30, 0]
    by_kind = contacts(counts).table.query("by == 'kind'")
    assert by_kind[["stratum", "contacts"]].to_numpy().tolist() == [
        ["Home visit", 30], ["Phone call", 30],
    ]  # fmt: skip
    assert family_flow(counts).why_not
    assert "families who attended are reported; referrals, waiting times" in said(folder)
