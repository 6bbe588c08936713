"""What the service did, who took part, and what its records leave out."""

from __future__ import annotations

from typing import Any, Literal

import pandas as pd

from lmm.analysis import roles
from lmm.analysis.activity import HELD, WHOLE, months_open, nothing_shown, quantities
from lmm.analysis.analysis import analysis, lacking
from lmm.analysis.by_time import shown_by, why_none
from lmm.analysis.released import share_of, whole_of
from lmm.analysis.result import Result
from lmm.counting.counts import Counts
from lmm.counting.rows import NOT_RECORDED
from lmm.study.tables import tables_of


@analysis()
def activity(counts: Counts, by: Literal["contract_year", "phase"]) -> Result:
    """Give each measure of activity and its rate per month open, by stratum and in all.

    Returns
    -------
    Result
        Estimates with the strata ``measure``, ``quantity`` (count or rate) and ``stratum``;
        strata without activity keep their row. A measure that is not counted by time has the
        row of the whole period only.
    """
    if why_not := nothing_shown(counts):
        return Result.absent(why_not)
    months = months_open(counts, by)
    rows = [
        ({"measure": measure, "stratum": stratum, "quantity": quantity}, estimate)
        for measure in counts.shown
        for stratum, exposure in months.items()
        if stratum == WHOLE or counts.has(measure, by)
        for quantity, estimate in quantities(
            counts, measure, {} if stratum == WHOLE else {by: stratum}, exposure
        )
    ]
    return Result.of_estimates(
        rows,
        measure=roles.measure("Activity"),
        stratum=roles.stratum("Group", of="group", across=True),
        quantity=roles.stratum(of="quantity"),
    )


@analysis()
def monthly_activity(counts: Counts) -> Result:
    """Give each measure of activity in each month of the period.

    Returns
    -------
    Result
        ``measure, month, events, months_open, status, basis``. A month in which the service was
        open and nothing happened is a true 0; one in which it was closed is ``no_data``.
    """
    measures = shown_by(counts, "month")
    if not measures:
        return Result.absent(why_none(counts))
    table = pd.DataFrame(
        [
            {"measure": measure, "month": month, "months_open": exposure,
             **_in_month(counts, measure, month, is_open=exposure > 0)}
            for measure in measures
            for month, exposure in counts.calendar[["month", "months_open"]].to_numpy().tolist()
        ],
        columns=["measure", "month", "events", "months_open", "status"],
    )  # fmt: skip
    return Result.of(
        table.astype({"events": "Int64"}).assign(basis=counts.basis()),
        measure=roles.measure("Activity", across=True),
        month=roles.month(),
        events=roles.count(),
        months_open=roles.number(decimals=1),
    )


def _in_month(
    counts: Counts, measure: str, month: pd.Timestamp, *, is_open: bool
) -> dict[str, Any]:
    if not is_open:
        return {"events": None, "status": "no_data"}
    events = counts.n(measure, month=f"{month:%Y-%m-%d}")
    return {"events": events, "status": "suppressed" if events is None else "ok"}


REACHED = {
    "places": "places offered",
    "registered": "names on the registers",
    "attendances": "attendances",
    "staff": "people who attended at least one course",
    "staff_again": "of these, people who attended more than one",
}
"""What is set side by side of the courses' participants, by measure."""


@analysis("course_attendance")
def training_reach(counts: Counts) -> Result:
    """Set attendances beside people: the two things that "staff trained" may mean."""
    is_published = "staff" in set(counts.published_figures["figure"])
    held = HELD[counts.study.staff_trained_counts] if is_published else ""
    measures = [measure for measure in REACHED if measure in counts.declared]
    table = pd.DataFrame(
        {
            "what": [REACHED[measure] for measure in measures],
            "number": pd.Series([counts.n(measure) for measure in measures], dtype="Int64"),
            "held_against_published": ["yes" if m == held else "no" for m in measures],
            "basis": [counts.basis("staff" if m == held else "") for m in measures],
        }
    )
    return Result.of(
        table,
        what=roles.stratum(),
        number=roles.count(),
        held_against_published=roles.words("Held against the published figure"),
    )


@analysis()
def staff_composition(counts: Counts, by: Literal["role", "organisation"]) -> Result:
    """Give people and attendances by role or organisation, with shares of each.

    Shares are given where every part is shown.
    """
    if why_not := lacking(counts, "course_attendance", f"course_attendance.{by}"):
        return Result.absent(why_not)
    columns: dict[str, Any] = {by: list(counts.levels("attendances", by))}
    for name, measure in {"people": "staff", "attendances": "attendances"}.items():
        parts = [counts.n(measure, **{by: level}) for level in columns[by]]
        whole = whole_of(parts)
        columns[name] = pd.Series(parts, dtype="Int64")
        columns[f"{name}_share"] = [share_of(counts, measure, n, whole) for n in parts]
    table = pd.DataFrame(columns).astype(
        dict.fromkeys(["people_share", "attendances_share"], float)
    )
    return Result.of(
        table.assign(basis=counts.basis()),
        people=roles.count(of="people"),
        people_share=roles.share(of="people"),
        attendances=roles.count(of="attendances"),
        attendances_share=roles.share(of="attendances"),
        **{by: roles.stratum()},
    )


@analysis("consultations")
def consultations_by_kind(counts: Counts) -> Result:
    """Cross-tabulate sessions by profession (rows) and kind, with hours of known length.

    Where the service does not keep the profession there is the row of all sessions only;
    where it does not keep their length, or minutes are not released, there are no hours. A
    note says where sessions that did not take place are left out.
    """
    known = counts.has("consultations", "profession")
    professions = counts.levels("consultations", "profession") if known else ()
    strata = [*({"profession": each} for each in professions), {}]
    kinds = [kind for kind in counts.levels("consultations", "kind") if kind != NOT_RECORDED]
    table = pd.DataFrame([_sessions(counts, kinds, **within) for within in strata])
    whole, basis = counts.basis("consultations"), counts.basis()
    of_all = whole if whole == basis else f"{whole} (all sessions), otherwise {basis}"
    table["basis"] = [*[basis] * len(professions), of_all]
    if counts.keeps("consultations", "outcome"):
        table["note"] = "sessions that did not take place are left out"
    numbers = [*kinds, "all"]
    return Result.of(
        table.astype(dict.fromkeys(numbers, "Int64")),
        profession=roles.stratum(),
        hours=roles.number(decimals=1),
        **{name: roles.count(of=name) for name in numbers},
    )


def _sessions(counts: Counts, kinds: list[str], **within: str) -> dict[str, Any]:
    """Give a row: the sessions of each kind and in all, and their hours."""
    row: dict[str, Any] = {"profession": within.get("profession", "all")}
    row |= {kind: counts.n("consultations", kind=kind, **within) for kind in kinds}
    row["all"] = counts.n("consultations", **within)
    if "minutes" in counts.declared and not counts.hides("minutes"):
        row["hours"] = (counts.n("minutes", **within) or 0) / 60  # rounded where it is stored
    return row


@analysis()
def missing_values(counts: Counts) -> Result:
    """Give the cells not recorded in each optional column of the clean tables.

    Returns
    -------
    Result
        ``table, column, rows, missing, share, basis``, the tables in the contract's order.
        A date that may lie after the end of the period is no missing value and is left out,
        and so are sessions that did not take place.
    """
    rows = [
        {"table": table, "column": column, "rows": n, "missing": missing,
         "share": share_of(counts, measure, missing, n)}
        for table, spec in tables_of(counts.study).items()
        for column, cells in spec.columns.items()
        if not cells.required and cells.kind != "date" and counts.keeps(table, column)
        for measure, dimension in _rows_by(counts, table, column)
        for n, missing in [(counts.n(measure), counts.n(measure, **{dimension: NOT_RECORDED}))]
    ]  # fmt: skip
    table = pd.DataFrame(rows, columns=["table", "column", "rows", "missing", "share"])
    numbers = {"rows": "Int64", "missing": "Int64", "share": "float64"}
    return Result.of(
        table.astype(numbers).assign(basis=counts.basis()),
        table=roles.stratum(of="table"),
        column=roles.stratum(of="column"),
        rows=roles.count(of="rows"),
        missing=roles.count(of="cells"),
        share=roles.share(of="cells"),
    )


def _rows_by(counts: Counts, table: str, column: str) -> list[tuple[str, str]]:
    """Find the measure that counts every row of a table by whether a column is recorded."""
    found = [
        (name, dimension)
        for name, measure in counts.declared.items()
        if measure.rows == table and measure.kind == "count"
        if not measure.where and not measure.once_for
        for dimension in (f"{column}?", column)
        if counts.has(name, dimension)
    ]
    return found[:1]
