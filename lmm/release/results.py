"""Every result: the tables it needs, and how it is protected before it is released.

Counts about people are named by what they count (`Key`), so that the same count is the same
cell in every table. Whatever hangs on them is made again from the released counts
(`lmm.release.remake`); columns that are neither are left out. A result that is not listed
here is withheld from any release that has to be protected.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from lmm.analysis import (
    claims,
    descriptive,
    families,
    interrupted,
    item_missing,
    measures,
    satisfaction,
    targets,
)
from lmm.cleaning.records import Records
from lmm.release import remake

Row = Mapping[Hashable, Any]
Key = tuple[str, tuple[tuple[str, str], ...]]
"""What is counted, and the levels that it is counted within, sorted by dimension."""

Need = str | tuple[str, ...]
"""A table, or a column as ``table.column``; of several in a tuple, one is enough."""

Remake = Callable[[pd.DataFrame, Records], pd.DataFrame]
Release = Callable[[str], pd.DataFrame]
"""Gives a released table by name; an empty one where none is released."""


def key(counted: str, /, **within: object) -> Key:
    """Name a count."""
    return counted, tuple(sorted((name, str(level)) for name, level in within.items()))


def not_about_people(row: Row) -> bool:
    """Whether a row counts courses: the service's own work, which identifies nobody."""
    return str(row.get("measure", row.get("indicator"))) == "courses"


@dataclass(frozen=True)
class Counted:
    """A table of counts.

    Attributes
    ----------
    needs
        What the service has to keep for there to be such a result.
    compute
        The result with its usual arguments, for the plan of what to suppress.
    cells
        For a row, the count that each of its columns shows.
    keep
        Columns that hold neither counts nor anything made of them.
    remake
        Makes the rest again from the released counts.
    """

    needs: tuple[Need, ...]
    compute: Callable[[Records], pd.DataFrame]
    cells: Callable[[Row, Records], dict[str, Key]]
    keep: tuple[str, ...]
    remake: Remake


@dataclass(frozen=True)
class Derived:
    """A result made again from released tables; the second argument is the result as it was."""

    needs: tuple[Need, ...]
    make: Callable[[Records, pd.DataFrame, Release], pd.DataFrame]


@dataclass(frozen=True)
class CoursesOnly:
    """A result of which only the rows about courses are released."""

    needs: tuple[Need, ...]


@dataclass(frozen=True)
class Withheld:
    """A result that is not released, and why."""

    needs: tuple[Need, ...]
    why: str


Result = Counted | Derived | CoursesOnly | Withheld

ACTIVITY: tuple[Need, ...] = (measures.TABLES,)
TRAINING = ("courses", "course_attendance")
FORMS = (*TRAINING, "feedback_forms")
FAMILIES = ("families", "family_contacts")
CASELOAD = (*FAMILIES, "families.accepted_on", "families.discharged_on")
REACH: tuple[Need, ...] = (*FAMILIES, tuple(f"families.{name}" for name in families.REACH))
ESTIMATE = ("estimand", "status", "basis")
"""Fields of an estimate that hold no number."""

GROUPS: tuple[satisfaction.By, ...] = ("topic", "mode", "role", "phase")
MODEL = "a fitted model can give single records away, and no rounding is known to prevent it"
COURSE = "the people on one course are too few"


# --- which count is where ----------------------------------------------------------------


def _by_stratum(dimension: str) -> Callable[[Row, Records], dict[str, Key]]:
    def cells(row: Row, _: Records) -> dict[str, Key]:
        whole = row["stratum"] == "whole period"
        within = {} if whole else {dimension: row["stratum"]}
        return {"numerator": key(row["measure"], **within)}

    return cells


def _by_month(row: Row, _: Records) -> dict[str, Key]:
    return {"events": key(row["measure"], month=f"{row['month']:%Y-%m-%d}")}


def _by_quarter(row: Row, _: Records) -> dict[str, Key]:
    return {"numerator": key(row["measure"], quarter=f"{row['quarter']:%Y-%m-%d}")}


def _step(row: Row, records: Records) -> dict[str, Key]:
    before, after = records.phases
    return {
        "numerator": key(row["measure"], phase=after),
        "denominator": key(row["measure"], phase=before),
    }


PEOPLE = {
    "names on the registers": key("registers"),
    "attendances": key("attendances"),
    "people who attended at least one course": key("staff"),
    "of these, people who attended more than one": key("staff", courses="more than one"),
}


def _people(row: Row, _: Records) -> dict[str, Key]:
    return {"number": PEOPLE[row["what"]]} if row["what"] in PEOPLE else {}


def _composition(dimension: str) -> Callable[[Row, Records], dict[str, Key]]:
    def cells(row: Row, _: Records) -> dict[str, Key]:
        within = {dimension: row[dimension]}
        return {"people": key("staff", **within), "attendances": key("attendances", **within)}

    return cells


def _sessions(row: Row, records: Records) -> dict[str, Key]:
    profession = {} if row["profession"] == "all" else {"profession": row["profession"]}
    kinds = records.study.labels("consultation_kind")
    found = {kind: key("consultations", kind=kind, **profession) for kind in kinds}
    return {**found, "all": key("consultations", **profession)}


STAGES = dict(
    zip(families.FLOW, ("referred", "accepted", "offered", "seen", "discharged"), strict=True)
)


def _flow(row: Row, _: Records) -> dict[str, Key]:
    return {"families": key(STAGES[row["stage"]])}


def _caseload(row: Row, _: Records) -> dict[str, Key]:
    month = f"{row['month']:%Y-%m-%d}"
    return {
        "families": key("caseload", month_end=month),
        "not_yet_seen": key("caseload not seen", month_end=month),
    }


def _seen_within(row: Row, _: Records) -> dict[str, Key]:
    seen = key(f"seen of {row['population']}", within=row["within_days"])
    return {"numerator": seen, "denominator": key(row["population"])}


def _characteristic(count: str) -> Callable[[Row, Records], dict[str, Key]]:
    def cells(row: Row, _: Records) -> dict[str, Key]:
        name, level = row["characteristic"], row["level"]
        if not level:  # moments and quartiles of a quantity
            return {}
        return {
            count: key("seen", **{name: level}),
            "missing": key("seen", **{name: "not recorded"}),
        }

    return cells


ROWS_OF = {
    "course_attendance": "registers",
    "feedback_forms": "forms",
    "consultations": "consultations",
    "families": "referred",
    "family_contacts": "contacts",
}


def _gaps(row: Row, records: Records) -> dict[str, Key]:
    counted = ROWS_OF[row["table"]]
    column = str(row["column"])
    label = {**records.study.satisfaction.items, **families.CHARACTERISTICS}.get(column, column)
    return {"rows": key(counted), "missing": key(counted, **{label: "not recorded"})}


def item_answers(wording: str, records: Records) -> str:
    """Name what is counted of an item: its answers on the scale."""
    chosen = records.study.satisfaction
    return "answers" if wording == chosen.items[chosen.overall] else f"answers to “{wording}”"


def _items(row: Row, records: Records) -> dict[str, Key]:
    item = row["item"]
    given = item_answers(item, records)
    return {
        "number": key(given, answer=row["answer"]),
        "answered": key(given),
        "dont_know": key("forms", **{item: "don't know"}),
        "missing": key("forms", **{item: "not recorded"}),
    }


def _item_gaps(row: Row, records: Records) -> dict[str, Key]:
    item = row["item"]
    given = item_answers(item, records)
    cells = {
        "dont_know": key("forms", **{item: "don't know"}),
        "blank": key("forms", **{item: "not recorded"}),
    }
    if row["approach"] == item_missing.COMPLETE:
        return cells
    worst = row["approach"] == item_missing.WORST
    return {
        **cells,
        "numerator": key(given, high="yes"),
        "denominator": key("forms") if worst else key(given),
    }


def _high(row: Row, _: Records) -> dict[str, Key]:
    by = row.get("by", "all")
    within = {} if by == "all" else {by: row["stratum"]}
    return {
        "numerator": key("answers", high="yes", **within),
        "denominator": key("answers", **within),
    }


EVERYONE = {
    "those who answered": key("answers"),
    "all attendances": key("attendances"),
    "all people who attended": key("staff"),
}


def _bounds(row: Row, _: Records) -> dict[str, Key]:
    return {"numerator": key("answers", high="yes"), "denominator": EVERYONE[row["over"]]}


def _response(row: Row, _: Records) -> dict[str, Key]:
    within = {} if row["by"] == "all" else {row["by"]: row["stratum"]}
    return {"numerator": key("answers", **within), "denominator": key("attendances", **within)}


def _target(row: Row, _: Records) -> dict[str, Key]:
    within = {"contract_year": row["contract_year"]}
    if row["indicator"] != "satisfaction":
        return {"numerator": key(row["indicator"], **within)}
    return {
        "numerator": key("answers", high="yes", **within),
        "denominator": key("answers", **within),
    }


# --- the results, in the order of the notebooks ------------------------------------------

TARGET = ("indicator", "contract_year", "months_open")

RESULTS: dict[str, Result] = {
    "activity_by_year": Counted(
        ACTIVITY,
        lambda records: descriptive.activity(records, by="contract_year"),
        _by_stratum("contract_year"),
        ("measure", "stratum", "quantity", "denominator", *ESTIMATE),
        remake.activity,
    ),
    "activity_by_phase": Counted(
        ACTIVITY,
        lambda records: descriptive.activity(records, by="phase"),
        _by_stratum("phase"),
        ("measure", "stratum", "quantity", "denominator", *ESTIMATE),
        remake.activity,
    ),
    "monthly_activity": Counted(
        ACTIVITY,
        descriptive.monthly_activity,
        _by_month,
        ("measure", "month", "months_open", "status", "basis"),
        remake.months,
    ),
    "step_at_event": Counted(
        ACTIVITY,
        interrupted.step_change,
        _step,
        ("measure", "months_before", "months_after", *ESTIMATE),
        remake.steps,
    ),
    "counterfactual": CoursesOnly(ACTIVITY),
    "quarterly_activity": Counted(
        ACTIVITY,
        interrupted.quarters,
        _by_quarter,
        ("measure", "quarter", "denominator", *ESTIMATE),
        remake.activity,
    ),
    "people_and_attendances": Counted(
        TRAINING,
        descriptive.training_reach,
        _people,
        ("what", "held_against_published", "basis"),
        remake.people,
    ),
    "staff_by_role": Counted(
        TRAINING,
        lambda records: descriptive.staff_composition(records, by="role"),
        _composition("role"),
        ("role", "basis"),
        remake.composition,
    ),
    "staff_by_organisation": Counted(
        (*TRAINING, "course_attendance.organisation"),
        lambda records: descriptive.staff_composition(records, by="organisation"),
        _composition("organisation"),
        ("organisation", "basis"),
        remake.composition,
    ),
    "consultations_by_kind": Counted(
        ("consultations",),
        descriptive.consultations_by_kind,
        _sessions,
        ("profession", "basis", "note"),
        remake.sessions,
    ),
    "family_flow": Counted(
        ("families",), families.family_flow, _flow, ("stage", "basis"), remake.flow
    ),
    "caseload": Counted(
        CASELOAD, families.caseload, _caseload, ("month", "month_end", "basis"), remake.unchanged
    ),
    "waiting_median": Withheld(FAMILIES, "a median is the wait of one family"),
    "waiting_seen_within": Counted(
        FAMILIES,
        families.seen_within,
        _seen_within,
        ("population", "within_days", "leaving", *ESTIMATE),
        remake.seen_within,
    ),
    "waiting": Withheld(FAMILIES, "each step of the curve is a family"),
    "families_table_1": Counted(
        FAMILIES,
        families.families_table,
        _characteristic("number"),
        ("characteristic", "level", "basis"),
        remake.table_1,
    ),
    "reach": Counted(
        REACH,
        families.reach,
        _characteristic("numerator"),
        ("characteristic", "level", "reference_share", "reference", *ESTIMATE),
        remake.reach,
    ),
    "missing_values": Counted(
        (), descriptive.missing_values, _gaps, ("table", "column", "basis"), remake.gaps
    ),
    "published_activity": Derived(("published_figures",), claims.protected),
    "satisfaction_items": Counted(
        FORMS, satisfaction.item_distribution, _items, ("item", "answer", "basis"), remake.items
    ),
    "items_missing": Counted(
        FORMS,
        item_missing.item_satisfaction,
        _item_gaps,
        ("item", "approach", *ESTIMATE),
        remake.item_gaps,
    ),
    "satisfaction_intervals": Counted(
        FORMS,
        satisfaction.satisfaction_intervals,
        _high,
        ("interval", "role", *ESTIMATE),
        remake.intervals,
    ),
    "satisfaction_bounds": Counted(
        FORMS, satisfaction.satisfaction_bounds, _bounds, ("over", *ESTIMATE), remake.bounds
    ),
    "response_rate": Counted(
        FORMS,
        lambda records: satisfaction.response_rate(records, by=GROUPS),
        _response,
        ("by", "stratum", *ESTIMATE),
        remake.shares,
    ),
    "satisfaction_by_group": Counted(
        FORMS,
        lambda records: satisfaction.high_satisfaction(records, by=GROUPS),
        _high,
        ("by", "stratum", *ESTIMATE),
        remake.shares,
    ),
    "satisfaction_odds_ratios": Withheld(FORMS, MODEL),
    "satisfaction_probabilities": Withheld(FORMS, MODEL),
    "satisfaction_odds_check": Withheld(FORMS, MODEL),
    "satisfaction_by_course": Withheld(FORMS, COURSE),
    "response_by_course": Withheld(FORMS, COURSE),
    "counts_behind_published": Withheld(
        (*FORMS, "published_figures", "published_figures.value"),
        "it goes up to the exact number of attendances",
    ),
    "published_satisfaction": Derived(("published_figures",), claims.protected),
    "targets_achieved": Counted(
        ("targets",),
        targets.achievement,
        _target,
        (
            *TARGET,
            "criterion",
            "full_year_target",
            "red_below",
            "green_from",
            "agreed_on",
            "agreed_by",
            *ESTIMATE,
        ),
        remake.achieved,
    ),
    "targets_certainty": Derived(
        ("targets",), lambda _, __, released: targets.certainty(released("targets_achieved"))
    ),
    "targets_exposure": Counted(
        ("targets",),
        targets.exposure_comparison,
        _target,
        (*TARGET, "exposure", *ESTIMATE),
        remake.exposure,
    ),
    "target_verdicts": Derived(
        ("targets",), lambda _, __, released: targets.overall_verdict(released("targets_achieved"))
    ),
    "targets_sensitivity": Derived(
        ("targets",),
        lambda records, _, released: targets.sensitivity(records, released("targets_achieved")),
    ),
    "targets_cumulative": CoursesOnly(("targets",)),
    "control_verdicts": CoursesOnly(ACTIVITY),
    "control_points": CoursesOnly(ACTIVITY),
    "satisfaction_funnel": Withheld(FORMS, COURSE),
    "satisfaction_funnel_limits": Withheld(FORMS, COURSE),
    "published_targets": Derived(("published_figures",), claims.protected),
    "published_figures": Derived((), claims.protected),
}
