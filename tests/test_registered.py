"""What was planned before it was seen: deviations planted one by one, and each is labelled."""
# ruff: noqa: E501 -- a deviation reads best on one line

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pandas as pd
import pytest
from planned import (
    ACTIVITY,
    ALL,
    CELLS,
    SHOWN,
    TARGETS,
    Changed,
    World,
    code,
    declared,
    given,
    labels,
    library,
    registered,
    target,
    world,
)

from lmm.analysis.deviations import As, Deviation, Label
from lmm.showing.planned import Said
from lmm.study.study import Study

HIGH = frozenset({"table high"})
OF_SATISFACTION = HIGH | TARGETS
CLAIMS = frozenset({"table published"})
OF_TARGETS = TARGETS | CLAIMS  # what is claimed of targets is made by the same code
COURSES = ACTIVITY | OF_SATISFACTION | CLAIMS
REACHED, WAITS = frozenset({"table reached"}), frozenset({"figure waits"})
FAMILIES = ACTIVITY | TARGETS | REACHED | WAITS


def rows(change: pd.DataFrame) -> Changed:
    return lambda old: replace(old, targets=change)


def first_rows(table: pd.DataFrame) -> pd.DataFrame:
    return table.iloc[1:].reset_index(drop=True)


def dropped_target(old: World) -> World:
    return replace(old, targets=first_rows(old.targets))


def another_target(old: World) -> World:
    more = old.targets.iloc[[0]].assign(indicator="by_phone")
    return replace(old, targets=pd.concat([old.targets, more], ignore_index=True))


def other_published(old: World) -> World:
    return replace(old, published=old.published.assign(value=old.published["value"] + 1))


TOPIC = ("vocabularies", "topic", "attachment")
CONFIDENCE = "confidence: was 0.95, is 0.9"
FEEDBACK = ("forms", "feedback_forms")

PLANTED: dict[str, tuple[Changed, Iterable[str], str]] = {
    # what a run is told
    "period_start": (given(period_start="2018-05-01"), ALL, "period_start: was “2018-04-01”, is"),
    "period_end": (given(period_end="2020-12-31"), ALL, "period_end: was “2021-01-31”, is"),
    "event_date": (given(event_date="2020-03-16"), ALL, "event_date: was “2020-03-23”, is"),
    "confidence": (given(confidence=0.9), ALL, CONFIDENCE),
    "confidence declared": (declared("confidence", to=0.9), ALL, CONFIDENCE),
    "event": (declared("event", "name", to="lockdown"), ALL, "event: was “first UK lockdown”"),
    "end declared": (declared("period", "end", to="2020-12-31"), ALL, "period_end: was"),
    "records_from": (declared("period", "records_from", to="2018-01-01"), ALL, "records_from: was"),
    # protection and calendar
    "disclosure": (declared("disclosure", to="opensafely"), ALL, "disclosure: was “none”, is"),
    "thresholds": (
        declared("disclosure", to={"hide_up_to": 7, "round_to": 5, "totals": "sum"}),
        ALL, "disclosure: hide_up_to: was nothing, is 7",
    ),
    "contract year": (declared("contract_year_starts", to=1), ALL, "contract_year_starts: was 4"),
    "closure": (
        declared("closures", to=[{"start": "2019-08-01", "end": "2019-08-14", "reason": "move"}]),
        ALL, "closures: was nothing, is",
    ),
    # targets, cut-offs and rules
    "target": (target("target", 12.0), OF_TARGETS, "target of courses in 2018/19: target: was 10, is 12"),
    "green_from": (target("green_from", 0.9), OF_TARGETS, "2018/19: green_from: was 1, is 0.9"),
    "red_below": (target("red_below", 0.5), OF_TARGETS, "2018/19: red_below: was 0.6, is 0.5"),
    "direction": (target("direction", "at most"), OF_TARGETS, "direction: was “at least”, is"),
    "agreed_on": (target("agreed_on", pd.Timestamp("2026-11-30")), OF_TARGETS, "agreed_on: was"),
    "criterion": (target("criterion", "reach"), OF_TARGETS, "criterion: was “implementation”"),
    "no target": (dropped_target, OF_TARGETS, "target of courses in 2018/19: target: was 10, is nothing"),
    "one target more": (another_target, OF_TARGETS, "target of by_phone in 2018/19: target: was nothing"),
    "nearly met": (
        declared("nearly_met", "rule", to="green or amber"), OF_TARGETS, "nearly_met: was “green or amber",
    ),
    "only met": (declared("nearly_met", "rule", to="green"), OF_TARGETS, "nearly_met: was"),
    "rated_from count": (declared("rated_from", to={"count": 3}), OF_TARGETS, "rated_from: count: was 5, is 3"),
    "rated_from share": (declared("rated_from", to={"share": 20}), OF_TARGETS, "share: was 10, is 20"),
    "capacity": (declared("reduced_capacity", to=[]), OF_TARGETS, "reduced_capacity: was"),
    "reference": (
        declared("reference_population", "ward", "reason", to="of a census"), REACHED, "ward: reason",
    ),
    "no reference": (declared("reference_population", to={}), REACHED, "reference_population: "),
    "published": (other_published, CLAIMS, "published_figures: courses: value: was 28, is 29"),
    "staff trained": (
        declared("staff_trained_counts", to="attendances"), ACTIVITY | CLAIMS, "staff_trained_counts: was",
    ),
    # measures
    "label": (declared("measures", "by_phone", "label", to="calls"), ACTIVITY, "measure by_phone: label"),
    "condition": (
        declared("measures", "by_phone", "where", to={"mode": "online"}), ACTIVITY,
        'measure by_phone: where: mode: was ["telephone"], is ["online"]',
    ),
    "kind": (
        declared("measures", "by_phone", to={"label": "minutes", "rows": "consultations",
                                             "kind": "sum", "of": "minutes"}),
        ACTIVITY, "measure by_phone: kind: was nothing, is “sum”",
    ),
    "other rows": (declared("measures", "by_phone", "rows", to="family_contacts"), ACTIVITY, "rows: was"),
    "by": (declared("measures", "by_phone", "by", to=["time"]), ACTIVITY, "measure by_phone: by: was"),
    "about people": (declared("measures", "by_phone", "about_people", to=False), ACTIVITY, "about_people"),
    "no measure": (declared("measures", to={}), ACTIVITY, "measure by_phone: label: was"),
    "wording": (declared("wording", to={"staff": "people"}), ACTIVITY | TARGETS, "measure staff: label: was"),
    # forms, vocabularies, tables
    "high": (declared(*FEEDBACK, "high", to=["very satisfied"]), OF_SATISFACTION, "table feedback_forms: high"),
    "overall": (declared(*FEEDBACK, "overall", to="content"), OF_SATISFACTION, "overall: was “overall”"),
    "scale of an item": (
        declared(*FEEDBACK, "items", "overall", to={"wording": "Over all", "high": ["good"],
                                                     "scale": {"bad": [], "good": []}}),
        OF_SATISFACTION, "column feedback_forms.overall: accepts: was",
    ),
    "don't know": (declared(*FEEDBACK, "dont_know", to={}), OF_SATISFACTION, "accepts: was"),
    "label of a list": (declared("vocabularies", "topic", "sleep", to=[]), COURSES, "column courses.topic"),
    "spelling": (declared(*TOPIC, to=["attach"]), COURSES, "how the table courses is read"),
    "missing": (declared("missing", to=["", "none"]), ALL, "how the table"),
    "formats of dates": (declared("date_formats", to=["%Y-%m-%d"]), ALL, "how the table"),
    "rows kept": (
        declared("tables", "families", "keep", to={"Ward": "other"}), FAMILIES, "table families is read",
    ),
    "heading": (
        declared("tables", "families", "columns", "ward", to="Area"), FAMILIES, "table families is read",
    ),
    "column not kept": (
        declared("tables", "courses", "columns", "places", drop=True), COURSES, "column courses.places",
    ),
    # code of the notebook
    "argument": (
        code('by="contract_year"', 'by="phase"'), ACTIVITY,
        "was `…ctivity(counts, by='contract_year')`, is `…ctivity(counts, by='phase')`",
    ),
    "function": (code("targets.achievement", "targets.cumulative"), TARGETS, "targets.cumulative(counts)"),
    "name of the argument": (code('groups = ("topic", "mode")', 'groups = ("role",)'), HIGH, "groups"),
    "answer": (code("answers.groups", "answers.courses"), HIGH, "answers.courses"),
    "title": (code('"High satisfaction"', '"Satisfied"'), HIGH, "Satisfied"),
    "first page": (code(", first_page=True", ""), ACTIVITY, "first_page=True"),
    "figure": (code("plots.waiting", "plots.forest"), WAITS, "plots.forest"),
    "what is drawn": (code("waiting.wait_curve(counts)", "waiting.seen_within(counts)"), WAITS, "seen_within"),
    "rows taken out": (
        code("page.table(by_group", "by_group = by_group.where(by_group.table.index < 2)\npage.table(by_group"),
        HIGH, "index < 2",
    ),
    "altered in place": (
        code("page.table(by_group", 'by_group.table.pop("note")\npage.table(by_group'), HIGH, "pop('note')",
    ),
    "altered by a key": (
        code("page.table(by_group", 'by_group.table["note"] = ""\npage.table(by_group'), HIGH, "['note'] = ''",
    ),
    "other import": (
        code("descriptive import activity", "descriptive import monthly_activity as activity"),
        ACTIVITY, "monthly_activity",
    ),
    "own function": (
        code('compared = claims.compare(counts, ("courses",))',
             'def mine(counts):\n    return claims.compare(counts, ("courses",))\ncompared = mine(counts)'),
        CLAIMS, "def mine(counts)",
    ),
    # code of the library
    "its function": (
        library("lmm.analysis.reach", '    "family_contacts",\n    tuple', '    tuple'),
        REACHED, "the library's code: lmm.analysis.reach.reach",
    ),
    "a helper": (
        library("lmm.analysis.targets", "least = counts.study.rated_from.share", "least = 0"),
        OF_TARGETS, "the library's code: lmm.analysis.targets.",
    ),
    "a constant": (
        library("lmm.analysis.reach", '= ("ward", "ethnic_group")', '= ("ward",)'), REACHED,
        "the library's code: lmm.analysis.reach.REACH",
    ),
    "what a module does by itself": (
        library("lmm.analysis.reach", '= ("ward", "ethnic_group")', '= ("ward", "ethnic_group")\nprint()'),
        REACHED, "the library's code: lmm.analysis.reach",
    ),
    "an estimator": (
        library("lmm.statistics.survival", "def log_log(", "def log_log_(") , WAITS,
        "the library's code: lmm.statistics.survival.log_log",
    ),
    "an import": (
        library("lmm.analysis.reach", "estimated, hidden, plain_share", "hidden as estimated, plain_share, hidden"),
        REACHED, "lmm.analysis.reach.estimated",
    ),
    "a sentence": (
        library("lmm.showing.answers.satisfaction", "def _apart(", "def _apart_("), HIGH,
        "lmm.showing.answers.satisfaction._apart",
    ),
    "a figure's code": (
        library("lmm.showing.plots.families", "def caseload(", "def caseload_("), (), "",
    ),
    "how is counted": (
        library("lmm.counting.count", "def _stock(", "def _stock_("), ALL, "lmm.counting.count._stock",
    ),
    "how is cleaned": (
        library("lmm.cleaning.dates", "def zone_of(", "def zone_("), ALL, "lmm.cleaning.dates.zone_",
    ),
    "how is protected": (
        library("lmm.disclosure.habits", "def _labels(", "def _labels_("), ALL,
        "lmm.disclosure.habits._labels",
    ),
}  # fmt: skip
"""By what is changed: how, which results it concerns, and what is said of it."""


@pytest.mark.parametrize("what", PLANTED)
def test_a_planted_deviation_is_told_of_the_results_that_it_concerns(what: str) -> None:
    change, concerned, said = PLANTED[what]
    _, found = labels(change(world()))
    assert {name for name, label in found.items() if label.kind == "changed"} == set(concerned)
    for name in concerned:
        assert any(said in each.what for each in found[name].deviations), found[name]
        assert "(no reason was registered)" in found[name].words
    assert {label.kind for label in found.values()} <= {"changed", "as planned"}


def test_sixty_deviations_and_more_are_planted() -> None:
    assert len(PLANTED) >= 60


HARMLESS: dict[str, Changed] = {
    "nothing": lambda old: old,
    "comments": code("page = Page(counts)", "# the page\npage = Page(counts)  # begins"),
    "white space": code('by_year = activity(counts, by="contract_year")',
                        'by_year = activity(\n    counts,\n    by="contract_year",\n)'),
    "quotation marks": code('"High satisfaction"', "'High satisfaction'"),
    "an import more": code("import activity\n", "import activity, monthly_activity\nimport math\n"),
    "parameters in the cell": code("2018-04-01", "2018-05-01"),  # they are compared by themselves
    "a cell between": lambda old: replace(
        old, cells=(*old.cells[:3], "counts.targets.head()", "again = 1", *old.cells[3:])
    ),
    "a result of the same variable before": code(
        'groups = ("topic", "mode")',
        'groups = ("role",)\npage.table(satisfaction.high_satisfaction(counts, by=groups), "x")\n'
        'groups = ("topic", "mode")',
    ),
    "name of the service": declared("service", to="Another name"),
    "words of the rule": declared("nearly_met", "definition", to="In other words."),
    "another file": declared("tables", "families", "file", to="families-2027.csv"),
    "its encoding": declared("tables", "families", "encoding", to="utf-8"),
    "a comment in the library": library("lmm.counting.count", "def _stock(", "# why\ndef _stock("),
    "a docstring in the library": library(
        "lmm.analysis.reach", '"""Set the families', '"""Sets the families'
    ),
    "code of no result": library("lmm.publish.site", "def _headings(", "def _heads("),
    "code of another result": library("lmm.analysis.leaving", "def retention(", "def stayed("),
    "Windows' ends of lines": lambda old: replace(
        old, cells=tuple(cell.replace("\n", "\r\n") for cell in old.cells)
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", HARMLESS)
def test_what_changes_no_result_is_no_deviation(what: str) -> None:
    _, found = labels(HARMLESS[what](world()))
    assert {name: label.words for name, label in found.items()} == dict.fromkeys(ALL, "As planned.")


def test_a_result_that_was_not_planned_is_exploratory_and_one_left_out_is_named() -> None:
    renamed = code('"reached", answers', '"wards", answers')(world())
    shown = {name: of for name, of in SHOWN.items() if name != "table reached"}
    compared, found = labels(replace(renamed, shown={**shown, "table wards": [("table", "wards")]}))
    assert found.pop("table wards").words == "Exploratory: not planned."
    assert {label.kind for label in found.values()} == {"as planned"}
    left = compared.not_made({*found, "table wards"})
    assert {name: each.words for name, each in left.items()} == {
        "table reached": "planned and not reported (no reason was registered)"
    }


def test_every_key_of_a_study_is_registered_or_changes_no_result() -> None:
    by_itself = {"contract_year_starts", "closures", "disclosure", "nearly_met", "rated_from",
                 "reduced_capacity", "reference_population", "staff_trained_counts"}  # fmt: skip
    within = {"period", "event", "confidence", "measures", "wording", "forms", "vocabularies",
              "tables", "date_formats", "missing", "total_row"}  # fmt: skip
    changes_nothing = {"version", "draft", "service", "records"}
    assert set(Study.model_fields) == by_itself | within | changes_nothing
    assert by_itself <= set(world().terms)


def test_a_measure_rests_on_the_tables_that_its_rows_are_derived_from() -> None:
    measures = world().terms["measures"]
    assert measures["families"]["tables"] == ["families", "family_contacts"]
    assert measures["attendances"]["tables"] == ["course_attendance", "courses"]
    assert measures["by_phone"]["tables"] == ["consultations"]


# --- amendments --------------------------------------------------------------------------------

LATE = {"when": "2026-03-01T10:00:00Z", "read": "2026-02-01T08:00:00Z"}


def test_an_amendment_says_when_and_why_of_what_it_changed_and_of_nothing_else() -> None:
    agreed = target("green_from", 0.9)(world())
    amended = agreed.entry(because="the board agreed it", **LATE)
    now = declared("confidence", to=0.9)(agreed)
    _, found = labels(now, registered(), amended)
    assert found["table achieved"].words == (
        "Changed since it was planned: confidence: was 0.95, is 0.9 (no reason was registered); "
        "target of courses in 2018/19: green_from: was 1, is 0.9 (2026-03-01: the board agreed it)."
    )


def test_what_is_not_as_the_last_amendment_has_it_has_no_reason() -> None:
    one = target("green_from", 0.9)(world()).entry(because="first", **LATE)
    two = target("green_from", 0.8)(world()).entry(because="second", **LATE)
    _, found = labels(target("green_from", 0.9)(world()), registered(), one, two)
    assert "(no reason was registered)" in found["table achieved"].words
    _, found = labels(target("green_from", 0.8)(world()), registered(), one, two)
    assert "(2026-03-01: second)" in found["table achieved"].words


def test_a_plan_amended_before_the_records_were_read_is_the_plan() -> None:
    now = target("green_from", 0.9)(world())
    _, found = labels(now, registered(), now.entry(because="agreed in time"))
    assert {label.kind for label in found.values()} == {"as planned"}


def test_code_and_library_are_amended_too() -> None:
    now = library("lmm.analysis.targets", "rated_from.share", "rated_from.share + 1")(
        code('by="contract_year"', 'by="phase"')(world())
    )
    _, found = labels(now, registered(), now.entry(because="lmm 0.7", **LATE))
    assert {
        name for name, label in found.items() if label.kind == "changed"
    } == ACTIVITY | OF_TARGETS
    assert all(label.words.count("(2026-03-01: lmm 0.7)") == len(label.deviations)
               for label in found.values())  # fmt: skip


def test_a_result_that_an_amendment_adds_stays_exploratory_and_says_why() -> None:
    cell = 'page.table(activity(counts, by="month"), "months")'
    more = replace(world(), cells=(*CELLS, cell),
                   shown={**SHOWN, "table months": [("table", "months")]})  # fmt: skip
    _, found = labels(more, registered(), more.entry(because="asked for", **LATE))
    said = "Exploratory: not planned, and added later (2026-03-01: asked for)."
    assert found["table months"].words == said


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("as planned", "recorded; as planned"),
        ("changed", "recorded; changed since it was planned"),
        ("exploratory", "recorded; exploratory, not planned"),
    ],
)
def test_beside_what_a_result_rests_on_it_is_said_in_words_that_need_no_other(
    kind: As, told: str
) -> None:
    assert Said(short=Label(kind).short).after("recorded") == told
    assert Said().after("recorded") == "recorded"


def test_code_that_is_not_as_the_last_amendment_has_it_has_no_reason() -> None:
    was = 'by="contract_year"'
    amended = code(was, 'by="phase"')(world()).entry(because="agreed", **LATE)
    _, found = labels(code(was, 'by="month"')(world()), registered(), amended)
    (deviation,) = found["table activity"].deviations
    assert (deviation.when, deviation.why) == ("", "")


def test_of_many_deviations_three_are_told_beside_a_result_and_the_others_counted() -> None:
    many = tuple(Deviation(f"thing {n}") for n in range(5))
    assert Label("changed", many).words == (
        "Changed since it was planned: thing 0 (no reason was registered); thing 1 (no reason was "
        "registered); thing 2 (no reason was registered); and 2 more, in planned_results.csv."
    )
    assert "more" not in Label("changed", many[:3]).words
