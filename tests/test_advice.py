"""What is worth a look: an example of each, and none of them in good records."""

from __future__ import annotations

from pathlib import Path

import pytest
from malformed import FILES, Spoil, both, make, swap, target, text

from lmm.publish.check import check
from lmm.publish.findings import Report


def told(folder: Path, spoil: Spoil) -> tuple[Report, list[str]]:
    """Give what is worth a look after something is spoilt, but for how late the records end."""
    folder = make(folder / "study")
    spoil(folder)
    report = check(folder)
    assert report.can_run, [finding.why for finding in report.of("stops the run")]
    found = report.of("worth a look")
    return report, [f"{f.file}: {f.why}; {f.fix}" for f in found if "the last record" not in f.why]


REGISTER = FILES["register.csv"]
CONTACTS = FILES["contacts.csv"]
NUMBERED = swap("study.yaml", "contact_id: Contact", "contact_id: (row number)")
CLOSED = "closures: [{start: 2019-01-01, end: 2020-05-31, reason: x}, "
CLOSED += "{start: 2020-06-01, end: 2021-12-31, reason: x}]\ndisclosure: none"


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (
            swap("study.yaml", "service: Small", "service: Small\ndraft: true"),
            "study.yaml: draft: true still stands: `lmm run` refuses; look through the file",
        ),
        (
            swap("study.yaml", "start: 2020-01-01", "start: 1985-01-01"),
            "study.yaml: the period, 1985-01-01 to 2020-12-31, is longer than 30 years; correct",
        ),
        (
            swap("study.yaml", "disclosure: none", CLOSED),
            "study.yaml: the closures cover the whole period: nothing could have happened; correct",
        ),
        (
            text("register.csv", REGISTER.replace("C1,P1", "C1,P07").replace("C2,P1", "C2,P7")),
            "register.csv: 'P07' and 'P7' differ by leading zeros: they count as two; if they are",
        ),
        (
            text("register.csv", REGISTER.replace("C2,P1", "C2,\u0420\u0031")),
            "register.csv: '\u0420\u0031' has letters of another alphabet that may look",
        ),
        (
            both(NUMBERED, text("contacts.csv", CONTACTS + CONTACTS.splitlines()[1] + "\n")),
            "contacts.csv: 1 row the same as an earlier one, and counted",
        ),
        (
            text("families.csv", FILES["families.csv"] + "A2,03/02/2020,\nA3,03/02/2020,\n"),
            "",
        ),
        (
            both(
                text("families.csv", FILES["families.csv"] + "A2,03/02/2020,\n"),
                text("contacts.csv", CONTACTS + "K3,A2,11/02/2020,visit,online,missed\n"),
            ),
            "families.csv: 1 identifier given to different records, such as 'A2': 1 row of "
            "family_contacts that refer to them are left out as well; give each record its own",
        ),
        (
            text("register.csv", REGISTER + "C1,P1,nurse,yes\nC1,P1,midwife,yes\n"),
            "register.csv: 2 of 5 rows name a person again: an attendance is counted once for a "
            "person and course; if each row is one session, give each session its own row",
        ),
        (
            both(
                swap("courses.csv", "in person,20", "in person,1"),
                swap("register.csv", ",no", ",yes"),
            ),
            "register.csv: 1 course had more people than places, such as C1: 2 attended, 1 places",
        ),
        (
            target("2020/21", "2031/32"),
            "study.yaml: the targets for 2031/32 lie outside the period, and are not looked at",
        ),
        (target("2020/21", "2019/20"), ""),
    ],
)
def test_what_is_worth_a_look(tmp_path: Path, spoil: Spoil, message: str) -> None:
    _, found = told(tmp_path, spoil)
    if message:
        assert any(line.startswith(message) for line in found), found
    else:
        assert all("left out" in line and "refer" not in line for line in found)


def test_good_records_give_no_advice(tmp_path: Path) -> None:
    assert told(tmp_path, lambda folder: None)[1] == []


def test_what_stands_alone_is_said_to_be_reported_in_part(tmp_path: Path) -> None:
    content = (make(tmp_path / "x") / "study.yaml").read_text("utf-8")
    start, end = content.index("  course_attendance:"), content.index("  feedback_forms:")
    without = swap("study.yaml", content[start:end], "  course_attendance: absent\n")
    (line,) = told(tmp_path, without)[1]
    assert line.startswith(
        "study.yaml: the answers of feedback_forms are reported; the response rate and the bounds "
        "over everybody who came are not, because course_attendance is absent"
    )
    start, end = content.index("  families:"), content.index("  family_contacts:")
    without = swap("study.yaml", content[start:end], "  families: absent\n")
    (line,) = told(tmp_path / "y", without)[1]
    assert line.startswith(
        "study.yaml: the contacts and the families who attended are reported; referrals, waiting "
        "times and the caseload are not, because families is absent"
    )


def test_forms_without_a_number_may_be_the_same(tmp_path: Path) -> None:
    spoil = both(
        swap("study.yaml", "form_id: Form", "form_id: (row number)"),
        text("forms.csv", FILES["forms.csv"] + "F3,C1,good\n"),
    )
    report, found = told(tmp_path, spoil)
    assert found == []
    assert report.timeliness.set_index("table").loc["feedback_forms", "rows_kept"] == 3


def test_a_draft_can_run_only_once_it_is_none(tmp_path: Path) -> None:
    report, _ = told(tmp_path, swap("study.yaml", "service: Small", "service: Small\ndraft: true"))
    assert report.verdict.startswith("can run once `draft: true` is removed: every row used")
    assert (report.study, report.folder) == ("Small", (tmp_path / "study").resolve())
