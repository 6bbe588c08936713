"""What the service did, who took part, and what its records leave out."""

from __future__ import annotations

from typing import Literal

import pandas as pd

from lmm.analysis.measures import activity_events, tally, words
from lmm.cleaning.records import Records
from lmm.statistics.estimate import Estimate, as_table
from lmm.statistics.rates import count, rate
from lmm.study.setting import Basis
from lmm.study.tables import tables_of


def activity(records: Records, by: Literal["contract_year", "phase"]) -> pd.DataFrame:
    """Count each measure and give its rate per month open, by stratum and in all.

    Returns
    -------
    DataFrame
        Estimates with the strata ``measure``, ``quantity`` (count or rate) and ``stratum``;
        strata without activity keep their row.
    """
    events = activity_events(records)
    strata = getattr(records, by)(events["date"])
    months = _months_open(records, by)
    rows = []
    for measure in records.measures:
        label = words(records)[measure]
        found = events["measure"] == measure
        counts = strata[found].value_counts()
        for stratum, exposure in months.items():
            n = int(found.sum() if stratum == "whole period" else counts.get(stratum, 0))
            total = stratum == "whole period"
            basis = records.basis(_figure(records, measure) if total else "")
            level = records.parameters.confidence
            keys = {"measure": measure, "stratum": stratum}
            rows.append(({**keys, "quantity": "count"}, _count(label, n, exposure, level, basis)))
            rows.append(
                (
                    {**keys, "quantity": "rate a month"},
                    rate(f"{label} a month", n, exposure, level, basis),
                )
            )
    return as_table(rows)


def _count(label: str, n: int, exposure: float, level: float, basis: Basis) -> Estimate:
    if exposure <= 0 and n == 0:
        note = "the service was not open"
        return Estimate.without_value(label, 0, None, "no_data", basis, note)
    return count(label, n, level, basis)


def _figure(records: Records, measure: str) -> str:
    """Name the published figure that a measure is held against, if any."""
    published = {
        "staff": records.study.staff_trained_counts == "people",
        "attendances": records.study.staff_trained_counts == "attendances",
    }
    return (
        ("staff" if measure == "attendances" else measure) if published.get(measure, True) else ""
    )


def _months_open(records: Records, by: str) -> dict[str, float]:
    """Months open in each stratum, in order, and in the whole period."""
    calendar = records.calendar
    if by == "contract_year":
        months = calendar.groupby("contract_year", sort=False)["months_open"].sum().to_dict()
    else:
        event = pd.Timestamp(records.parameters.event_date)
        first = pd.Timestamp(records.parameters.period_start)
        last = pd.Timestamp(records.parameters.period_end)
        before, after = records.phases
        months = {
            before: records.months_open(first, min(event - pd.Timedelta(days=1), last)),
            after: records.months_open(max(event, first), last),
        }
    return {
        **{str(name): n for name, n in months.items()},
        "whole period": float(calendar["months_open"].sum()),
    }


def monthly_activity(records: Records) -> pd.DataFrame:
    """Count each measure in each month of the period.

    Returns
    -------
    DataFrame
        ``measure, month, events, months_open, status, basis``. A month in which the service was
        open and nothing happened is a true 0; one in which it was closed is ``no_data``.
    """
    events = activity_events(records)
    months = records.calendar[["month", "months_open"]]
    counts = (
        events.assign(month=events["date"].dt.to_period("M").dt.to_timestamp())
        .groupby(["measure", "month"])
        .size()
        .rename("events")
    )
    grid = months.merge(pd.DataFrame({"measure": list(records.measures)}, dtype="str"), how="cross")
    table = grid.merge(counts.reset_index(), on=["measure", "month"], how="left")
    opened = table["months_open"] > 0
    table["events"] = table["events"].fillna(0).where(opened).astype("Int64")
    table["status"] = opened.map({True: "ok", False: "no_data"})
    table["measure"] = pd.Categorical(table["measure"], list(records.measures))
    table = table.sort_values(["measure", "month"], ignore_index=True)
    columns = ["measure", "month", "events", "months_open", "status"]
    return table.astype({"measure": "str"})[columns].assign(basis=records.basis())


def training_reach(records: Records) -> pd.DataFrame:
    """Set attendances beside people: the two things that "staff trained" may mean."""
    register, attended = records.tables["course_attendance"], records.attended
    per_person = attended.groupby("staff_id").size()
    is_published = "staff" in set(records.published_figures["figure"])
    held = records.study.staff_trained_counts if is_published else ""
    keeps_places = records.keeps("courses", "places")
    rows = {
        **({"places offered": records.tables["courses"]["places"].sum()} if keeps_places else {}),
        "names on the registers": len(register),
        "attendances": len(attended),
        "people who attended at least one course": len(per_person),
        "of these, people who attended more than one": (per_person > 1).sum(),
    }
    against = {"people": "people who attended at least one course", "attendances": "attendances"}
    published, its = records.basis("staff"), against.get(held)
    return pd.DataFrame(
        {
            "what": list(rows),
            "number": [int(n) for n in rows.values()],
            "held_against_published": ["yes" if w == its else "no" for w in rows],
            "basis": [published if w == its else records.basis() for w in rows],
        }
    )


def staff_composition(records: Records, by: Literal["role", "organisation"]) -> pd.DataFrame:
    """Count attendances and people by role or organisation, with shares of each."""
    attended = records.attended
    people = attended.sort_values("course_id").drop_duplicates("staff_id")
    return pd.DataFrame(
        {
            by: _with_missing(records.study.labels(by)),
            "people": tally(people[by], records.study.labels(by)),
            "people_share": _share(tally(people[by], records.study.labels(by))),
            "attendances": tally(attended[by], records.study.labels(by)),
            "attendances_share": _share(tally(attended[by], records.study.labels(by))),
            "basis": records.basis(),
        }
    )


def _with_missing(labels: tuple[str, ...]) -> list[str]:
    return [*labels, "not recorded"]


def _share(counts: list[int]) -> list[float | None]:
    total = sum(counts)
    return [n / total if total else None for n in counts]


def consultations_by_kind(records: Records) -> pd.DataFrame:
    """Cross-tabulate sessions by profession (rows) and kind, with hours of known length.

    Where the service does not keep the profession there is the row of all sessions only;
    where it does not keep their length there are no hours. A note says where sessions that
    did not take place are left out.
    """
    sessions = records.consultations_held
    kinds = records.study.labels("consultation_kind")
    professions = _with_missing(records.study.labels("role"))
    profession = sessions["profession"].fillna("not recorded")
    table = pd.crosstab(profession, sessions["kind"]).reindex(
        index=professions, columns=list(kinds), fill_value=0
    )
    table["all"] = table.sum(axis=1)
    if records.keeps("consultations", "minutes"):
        minutes = sessions["minutes"].astype("float64").groupby(profession).sum()
        table["hours"] = minutes.reindex(professions, fill_value=0.0)
    table.loc["all"] = table.sum()
    if "hours" in table:
        table["hours"] /= 60  # added as whole minutes, rounded where they are stored
    if not records.keeps("consultations", "profession"):
        table = table.loc[["all"]].copy()
    whole = records.basis("consultations")
    table["basis"] = records.basis()
    if whole != records.basis():
        table.loc["all", "basis"] = f"{whole} (all sessions), otherwise {records.basis()}"
    counted = [*kinds, "all"]
    table[counted] = table[counted].astype("int64")
    if records.keeps("consultations", "outcome"):
        table["note"] = "sessions that did not take place are left out"
    return table.rename_axis(None, axis=1).rename_axis("profession").reset_index()


def missing_values(records: Records) -> pd.DataFrame:
    """Count the cells not recorded in each optional column of the clean tables.

    Returns
    -------
    DataFrame
        ``table, column, rows, missing, share, basis``, the tables in the contract's order.
        A date that may lie after the end of the period is no missing value and is left out,
        and so are sessions that did not take place.
    """
    frames = {"consultations": records.consultations_held}
    rows = [
        (table, column, len(frame), int(frame[column].isna().sum()))
        for table, spec in tables_of(records.study).items()
        if table not in ("targets", "published_figures")
        for frame in [frames.get(table, records.tables[table])]
        for column, cells in spec.columns.items()
        if not cells.required and cells.kind != "date" and records.keeps(table, column)
    ]
    found = pd.DataFrame(rows, columns=["table", "column", "rows", "missing"])
    found["share"] = (found["missing"] / found["rows"]).where(found["rows"] > 0)
    found["basis"] = records.basis()
    return found
