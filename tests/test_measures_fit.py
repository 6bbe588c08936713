"""Measures of a study's own: what is refused of them, and what a check tells of the others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from cleaning_helpers import study_with
from test_own_tables import DROP_INS, VENUE, VISITS, absent

from lmm.counting.check import check_measures
from lmm.publish.check import check
from lmm.publish.check_page import page
from lmm.publish.check_report import summary
from lmm.study.problems import StudyError
from lmm.study.study import Study

VISITORS = {"label": "visitors to the drop-in", "rows": "drop_ins", "kind": "sum", "of": "heads"}
IN_HALL = {"label": "visits in the hall", "rows": "drop_ins", "where": {"venue": "hall"}}


def counting(folder: Path, **measures: dict[str, Any]) -> Study:
    """Give a study that keeps drop-ins and families, and declares these measures."""
    return study_with(
        folder, **absent("families", "courses"), tables__drop_ins=DROP_INS,
        vocabularies__venue=VENUE, measures=measures,
    )  # fmt: skip


def refused(study: Study) -> tuple[str, ...]:
    with pytest.raises(StudyError) as caught:
        check_measures(study)
    return caught.value.problems


@pytest.mark.parametrize(
    ("name", "measure", "problem"),
    [
        ("x", {"rows": "drop_in"},
         "rows: there is no table 'drop_in'; name one of courses, course_attendance"),
        ("x", {"where": {"venu": "hall"}},
         "where: 'venu' is no column of drop_ins; name one of visit_id, date, venue, heads"),
        ("x", {"where_kept": {"venue": "pub"}},
         "where_kept: venue: 'pub' is none of its labels; write one of 'hall', 'library', or "
         "'recorded'"),
        ("x", {"where": {"heads": "3"}},
         "where: 'heads' is no label but of kind 'whole number'; name one of venue"),
        ("x", {"where": {"venue": {"at_most": 3}}},
         "where: 'venue' is no whole number but of kind 'label'; name one of heads"),
        ("x", {"kind": "share", "where": {"venue": "hall"}, "among": {"place": "recorded"}},
         "among: 'place' is no column of drop_ins; name one of visit_id, date, venue, heads"),
        ("x", {"kind": "sum", "of": "venue"},
         "of: 'venue' is no whole number but of kind 'label'; name one of heads"),
        ("x", {"once_for": "venue"},
         "once_for: 'venue' is no identifier but of kind 'label'; name one of visit_id"),
        ("x", {"date": "heads"},
         "date: 'heads' is no date but of kind 'whole number'; name one of date"),
        ("x", {"by": [["month", "weather"]]},
         "by: 'weather' is no column of drop_ins; name one of visit_id, date, venue, heads"),
        ("x", {"by": [["time", "venue"]]},
         "by: time stands for several spans, and is not crossed; cross one of month, quarter"),
        ("x", {"rows": "family_contacts", "where": {"colour": "red"}},
         "where: 'colour' is no column of family_contacts, nor of families, to which it refers; "
         "name one of contact_id"),
        ("x", {"rows": "targets", "by": ["month"]},
         "by: nothing says when a row of targets was; declare the date of targets, or the"),
        ("courses", {}, "is a measure already: training courses delivered; name yours otherwise"),
        ("Drop-ins", {}, "is no name of a measure; use small letters, digits and _"),
    ],
)  # fmt: skip
def test_a_measure_that_names_what_there_is_not(
    name: str, measure: dict[str, Any], problem: str, tmp_path: Path
) -> None:
    study = counting(tmp_path, **{name: {"label": "x", "rows": "drop_ins", **measure}})
    (found,) = refused(study)
    assert found.startswith(f"study.yaml: measures: {name}: {problem}")


def test_measures_may_use_what_follows_and_what_is_referred_to(tmp_path: Path) -> None:
    check_measures(
        counting(
            tmp_path, visitors=VISITORS, in_hall=IN_HALL,
            soon={"label": "x", "rows": "families", "where": {"wait": {"at_most": 7}}},
            wards={"label": "x", "rows": "family_contacts", "by": ["ward", "families.ward?"],
                   "date": "families.referred_on", "once_for": "family_id"},
            happy={"label": "x", "rows": "feedback_forms", "kind": "share",
                   "where": {"overall": "high"}, "among": {"overall": "answered"}},
        )
    )  # fmt: skip


def test_a_check_stops_at_a_wrong_measure(tmp_path: Path) -> None:
    study = counting(tmp_path, x={**IN_HALL, "where": {"venue": "pub"}})
    assert not check(study.folder).can_run
    assert any("'pub' is none" in f.why for f in check(study.folder).of("stops the run"))


def test_a_check_says_what_is_counted_and_what_is_not(tmp_path: Path) -> None:
    outcome = {"label": "x", "rows": "family_contacts", "where": {"outcome": "attended"}}
    study = study_with(
        tmp_path, **absent(), tables__drop_ins=DROP_INS, vocabularies__venue=VENUE,
        measures={"visitors": VISITORS, "in_hall": {**IN_HALL, "by": ["venue", "time"]},
                  "came": outcome},
    )  # fmt: skip
    study.raw.mkdir(parents=True)
    (study.raw / "drop_ins.csv").write_text(VISITS, encoding="utf-8")
    report = check(study.folder)
    assert report.can_run, report.findings
    assert report.counted == ("visitors to the drop-in", "visits in the hall")
    assert list(summary(report))[-1] == "counted: visitors to the drop-in; visits in the hall"
    assert "<li>visits in the hall</li>" in page(report)
    (told,) = [f for f in report.of("worth a look") if "measures" in f.why]
    assert told.why == "measures: came: is not counted, because family_contacts is absent"


def test_a_column_that_is_not_kept_is_named(tmp_path: Path) -> None:
    families = {"family_id": "No", "referred_on": "Day"}
    study = study_with(
        tmp_path, **absent("families"), tables__families__columns=families,
        measures={"north": {"label": "x", "rows": "families", "by": ["reason", "month"]},
                  "helped": {"label": "x", "rows": "families", "where": {"ward": "recorded"}}},
    )  # fmt: skip
    study.raw.mkdir(parents=True)
    (study.raw / study.sources["families"].files[0]).write_text("No,Day\n1,05/04/2018\n")
    told = [f.why for f in check(study.folder).of("worth a look") if "measures" in f.why]
    assert told == [
        "measures: north: is not counted by reason, which is not kept",
        "measures: helped: is not counted, because families keeps no ward",
    ]
