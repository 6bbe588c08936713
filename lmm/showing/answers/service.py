"""Answers on what the service did, and for whom."""

from __future__ import annotations

from itertools import groupby
from typing import Any

import pandas as pd

from lmm.analysis.activity import COUNT, RATE, WHOLE
from lmm.analysis.descriptive import REACHED
from lmm.analysis.interrupted import TWO_PERIODS
from lmm.analysis.result import Result
from lmm.counting.rows import NOT_RECORDED
from lmm.showing.answers.phrases import (
    OVERLAP,
    counted,
    if_hidden,
    interval,
    is_known,
    largest,
    listed,
    number,
    of_them,
    p_value,
    rows_of,
    sentence,
    share_common_point,
)
from lmm.showing.cited import fixed, in_percent
from lmm.showing.wording import called, event


def activity(result: Result) -> tuple[str, ...]:
    """Say how much there was of each measure, and whether spans of time differ beyond chance."""
    rows = rows_of(result)
    whole = [r for r in rows if r.stratum_of_group == WHOLE and r.stratum_of_quantity == COUNT]
    totals = [f"{number(row.numerator)} {called(row.measure)}" for row in whole]
    said = [sentence(f"in the whole period there were {listed(totals)}")]
    rates = [
        (name, [r for r in group if r.stratum_of_quantity == RATE and r.stratum_of_group != WHOLE])
        for name, group in groupby(rows, key=lambda row: row.measure)
    ]
    compared = {name: group for name, group in rates if sum(map(is_known, group)) > 1}
    if compared:
        said.append(_differences(compared))
    return tuple(said)


def phases(result: Result) -> tuple[str, ...]:
    """Say how much there was before the event and from it on, and whether rates differ."""
    every = [row for row in rows_of(result) if row.stratum_of_quantity == COUNT]
    rows = [row for row in every if row.status != "no_data"]
    spans = [name for name in dict.fromkeys(r.stratum_of_group for r in rows) if name != WHOLE]
    parts = [
        f"{span}: {listed(f'{number(r.numerator)} {called(r.measure)}' for r in counts)}"
        for span in spans
        if (counts := [row for row in rows if row.stratum_of_group == span])
    ]
    if not parts:
        return activity(result)
    return *map(sentence, parts), *activity(result)[1:]


def _differences(compared: dict[str, list[Any]]) -> str:
    """Say of which measures the rates of spans differ by more than their intervals allow."""
    apart = {
        name: [row for row in group if is_known(row)]
        for name, group in compared.items()
        if not share_common_point([row for row in group if is_known(row)])
    }
    if not apart:
        return sentence(f"{_lowest(compared)}the intervals of these spans {OVERLAP}")
    texts = [
        f"{called(name)} ({listed(f'{row.stratum_of_group} {interval(row)}' for row in group)})"
        for name, group in apart.items()
    ]
    return sentence(
        f"rates a month open differ by more than their intervals allow for {listed(texts)}"
    )


def _lowest(compared: dict[str, list[Any]]) -> str:
    """Begin a sentence with the span that has the lowest rate of most measures, if one has."""
    lowest = []
    for group in compared.values():
        known = sorted(filter(is_known, group), key=lambda row: row.estimate)
        if known[0].estimate < known[1].estimate:
            lowest.append(known[0].stratum_of_group)
    span = max(dict.fromkeys(lowest), key=lowest.count, default="")
    if 2 * lowest.count(span) <= len(compared):
        return ""
    when = f"in {span}" if span[:1].isdigit() else span
    if len(compared) == 1:
        return f"the rate a month open was lowest {when}; "
    return (
        f"the rates a month open of {lowest.count(span)} of {len(compared)} measures were lowest "
        f"{when}; "
    )


def monthly(result: Result) -> tuple[str, ...]:
    """Say in how many months open nothing happened, and when there was most."""
    rows = [row for row in rows_of(result) if row.status != "no_data"]
    busiest: list[str] = []
    empty: dict[int, list[str]] = {}
    for name, group in groupby(rows, key=lambda row: row.measure):
        each = list(group)
        none = sum(row.count == 0 for row in each if is_known(row))
        empty.setdefault(none, []).append(called(name))
        if most := largest(filter(is_known, each), "count"):
            busiest.append(f"{fixed(most[0].count)} {called(name)} ({_when(most)})")
    if not any(map(is_known, rows)):
        return ("No month can be shown: the counts are suppressed or the service was closed.",)
    months = counted(len({row.month for row in rows}), "month", "months")
    said = [f"{n} had no {listed(names, 'or')}" for n, names in empty.items() if n]
    first = f"of {months} open, " + (
        listed(said) if said else "none was without activity of any kind that is shown"
    )
    if not busiest:
        return (sentence(first),)
    shown = "" if all(map(is_known, rows)) else " shown"
    return sentence(first), sentence(f"the most{shown} in one month were {listed(busiest)}")


def _when(rows: list[Any]) -> str:
    """Name the month, if it is one."""
    return f"{rows[0].month:%B %Y}" if len(rows) == 1 else f"in each of {len(rows)} months"


def step(result: Result) -> tuple[str, ...]:
    """Say for which measures the counts from the event on differ from those before."""
    rows = [next(group) for _, group in groupby(rows_of(result), key=lambda row: row.measure)]
    known = [row for row in rows if is_known(row)]
    if not known:
        return (f"Whether there is a step at the {event()[1]} cannot be told from these counts.",)
    apart = [row for row in known if not row.low <= 1 <= row.high]
    ratios = listed(f"{called(row.measure)} {interval(row)}" for row in apart or known)
    measures = counted(len(known), "measure", "measures")
    if apart:
        first = f"the ratio of after to before the {event()[1]} differs from 1 by more than its "
        first += f"interval allows for {len(apart)} of {measures} that can be compared: {ratios}"
        cause = "what brought it about cannot be told from the records"
        return sentence(first), sentence(f"{_what_a_ratio_is(apart)}; {cause}")
    first = f"the ratio of after to before the {event()[1]} differs from 1 by no more than its "
    first += f"interval allows for any of {measures} that can be compared"
    return tuple(map(sentence, (first, f"the ratios are {ratios}", _what_a_ratio_is(known))))


def _what_a_ratio_is(rows: list[Any]) -> str:
    """Say of ratios whether trend and season are allowed for."""
    plain = [called(row.measure) for row in rows if row.stratum_of_model == TWO_PERIODS]
    if not plain:
        return "trend and season are allowed for"
    which = "" if len(plain) == len(rows) else f" in that of {listed(plain)}"
    return f"trend and season are left aside{which}"


def month_to_month(result: Result) -> tuple[str, ...]:
    """Say whether months resemble those before, and how little such a test can find."""
    texts = [
        f"{called(row.measure)}: a correlation of {fixed(row.number_of_lag_1, 2)} with the month "
        f"before ({p_value(row.p_value)})"
        for row in rows_of(result)
    ]
    return (sentence(listed(texts)),)


def reach_of_training(result: Result) -> tuple[str, ...]:
    """Say how many people stand behind the attendances."""
    known = {row.stratum: row.count for row in rows_of(result)}
    people = counted(known.get(REACHED["staff"]), "person", "people")
    came = counted(known.get(REACHED["attendances"]), "attendance", "attendances")
    first = f"{people} attended at least one course, in {came}"
    again = known.get(REACHED["staff_again"])
    if again is None or pd.isna(again):
        return (sentence(first),)
    return (sentence(f"{first}; {fixed(again)} of them came to more than one"),)


def composition(result: Result) -> tuple[str, ...]:
    """Name the largest groups of those who attended."""
    rows = rows_of(result)
    named = [row for row in rows if row.stratum != NOT_RECORDED]
    known = [row for row in named if pd.notna(row.count_of_people) and row.count_of_people]
    known.sort(key=lambda row: -row.count_of_people)
    if not known:
        return ("No group of those who attended is large enough to be shown.",)
    texts = [f"{row.stratum}, {of_them(row.count_of_people, row.share_of_people)}" for row in known]
    groups = "largest groups" if len(texts) > 1 else "largest group"
    shown = if_hidden(row.count_of_people for row in named)
    said = [sentence(f"the {groups}{shown} of those who attended: {listed(texts[:3])}")]
    unknown = [row.count_of_people for row in rows if row.stratum == NOT_RECORDED]
    if unknown and (pd.isna(unknown[0]) or unknown[0]):
        said.append(sentence(f"of {counted(unknown[0], 'person', 'people')} it is not recorded"))
    return tuple(said)


def consultations(result: Result) -> tuple[str, ...]:
    """Say how many sessions there were of each kind, and who had most of them."""
    table, label, every = result.table, result.column("stratum"), result.column("count", "all")
    kinds = {name: result.roles[name].of for name in result.columns("count") if name != every}
    whole = table[table[label] == "all"].iloc[0]
    by_kind = (
        f": {listed(f'{number(whole[n])} {kind}' for n, kind in kinds.items())}" if kinds else ""
    )
    sessions = counted(whole[every], "session", "sessions")
    said = [sentence(f"staff were given {sessions}{by_kind}")]
    others = table[~table[label].isin(["all", NOT_RECORDED])]
    most = others[(others[every] == others[every].max()).fillna(value=False) & (others[every] > 0)]
    if len(most):
        n = f"{fixed(most[every].iloc[0])}{' each' if len(most) > 1 else ''}"
        shown = if_hidden(others[every])
        said.append(sentence(f"the largest number{shown} went to {listed(most[label])} ({n})"))
    return tuple(said)


def missing(result: Result) -> tuple[str, ...]:
    """Say where most cells are missing, and how many fields are complete."""
    known = [row for row in rows_of(result) if pd.notna(row.share_of_cells)]
    if not known:
        return ("How many values are missing is suppressed, or nothing was recorded.",)
    most = max(known, key=lambda row: row.share_of_cells)
    hidden = len(rows_of(result)) - len(known)
    if not most.share_of_cells:
        if hidden:
            fields = counted(len(known), "field", "fields")
            return (f"No value is missing in {fields} shown; of the others it is not known.",)
        return ("No optional field has a value missing.",)
    where = listed(
        f"{row.stratum_of_column} of {row.stratum_of_table}".replace("_", " ")
        for row in largest(known, "share_of_cells")
    )
    most_often = f"most often missing is {where}, in {in_percent(most.share_of_cells, 1)} of rows"
    cells = [row.count_of_cells for row in rows_of(result)]
    if not any(map(pd.isna, cells)):
        most_often += f"; in all, {counted(sum(cells), 'value', 'values')} of optional fields"
    over = sum(row.share_of_cells >= 0.05 for row in known)
    return (
        sentence(most_often),
        sentence(
            f"5% or more is missing in {over} of {counted(len(known), 'field', 'fields')} shown"
        ),
    )


def published(result: Result) -> tuple[str, ...]:
    """Say how many published figures the records give again."""
    rows = rows_of(result)
    by_status = {
        status: [row.stratum for row in rows if row.words_of_status == status]
        for status in dict.fromkeys(row.words_of_status for row in rows)
    }
    same = by_status.pop("reproduced", [])
    if len(rows) == 1:
        how = {"differs": "not reproduced"}.get(rows[0].words_of_status, rows[0].words_of_status)
        return (sentence(f"the published figure is {how}"),)
    first = f"{len(same)} of {len(rows)} published figures are reproduced"
    if len(same) == len(rows):
        first = f"all {len(rows)} published figures are reproduced"
    rest = [f"{status}: {listed(names)}" for status, names in by_status.items()]
    return (sentence("; ".join([first, *rest])),)
