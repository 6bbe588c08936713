"""Answers on the families: how far they came, how long they waited, and who they are."""

from __future__ import annotations

import datetime as dt
from itertools import groupby
from typing import Any

import pandas as pd

from lmm.analysis.result import Result
from lmm.showing.answers.phrases import (
    counted,
    in_weeks,
    interval,
    is_known,
    listed,
    number,
    of_them,
    rows_of,
    sentence,
)
from lmm.showing.wording import event
from lmm.statistics.rounding import fixed, in_percent


def flow(result: Result) -> tuple[str, ...]:
    """Say how many of the families referred came to each stage."""
    first, *others = rows_of(result)
    stages = [
        f"{of_them(row.count, row.share_of_those_referred)} {_did(row.stratum)}" for row in others
    ]
    if not stages:
        return (sentence(f"{number(first.count)} families were {first.stratum}"),)
    return (sentence(f"of {number(first.count)} families {first.stratum}, {listed(stages)}"),)


def _did(stage: str) -> str:
    return stage if stage.startswith("attended") else f"were {stage}"


def contacts(result: Result) -> tuple[str, ...]:
    """Say what most contacts were, by kind, mode and outcome."""
    parts = []
    for by, group in groupby(rows_of(result), key=lambda row: row.dimension):
        known = [row for row in group if pd.notna(row.count)]
        if known:
            most = max(known, key=lambda row: row.count)
            parts.append(
                f"the commonest {by} was {most.stratum}, {of_them(most.count, most.share)}"
            )
    return (sentence(listed(parts)) if parts else "How many contacts there were is suppressed.",)


def booked(result: Result) -> tuple[str, ...]:
    """Say what became of the contacts that were booked."""
    rows = [row for row in rows_of(result) if row.dimension == "all"]
    known = [row for row in rows if is_known(row)]
    if not known:
        return ("What became of booked contacts is not known or suppressed.",)
    parts = [
        f"{row.stratum_of_outcome} {interval(row, percent=True, named=not n)}"
        for n, row in enumerate(known)
    ]
    return (sentence(f"of {number(known[0].denominator)} contacts booked: {listed(parts)}"),)


def sessions(result: Result) -> tuple[str, ...]:
    """Say what number of sessions was the commonest."""
    known = [row for row in rows_of(result) if is_known(row)]
    if not known:
        return ("How many sessions families attended is not known or suppressed.",)
    most = max(known, key=lambda row: row.estimate)
    return (
        sentence(
            f"of {fixed(most.denominator)} families who attended, the largest group, "
            f"{interval(most, percent=True)}, came to {most.stratum_of_sessions} sessions"
        ),
    )


def support(result: Result) -> tuple[str, ...]:
    """Say how long support lasted."""
    table, moments = result.table, result.columns("moment")
    row = table.iloc[0]
    if pd.isna(row[moments[0]]):
        return ("How long support lasted is not known: nobody who attended was discharged.",)
    _, _, median, lower, upper = (fixed(row[name], 1) for name in moments)
    n = number(row[result.column("count")])
    return (
        sentence(
            f"from the first to the last session of the {n} families who were discharged passed a "
            f"median of {median} days (quartiles {lower} and {upper})"
        ),
    )


def retention(result: Result) -> tuple[str, ...]:
    """Say how many families came again after the first session, and until when half did."""
    known = [row for row in rows_of(result) if is_known(row)]
    if not known:
        return ("How many families came again is not known or suppressed.",)
    first = known[0]
    said = [
        sentence(
            f"after session {fixed(first.number_of_session)}, {interval(first, percent=True)} of "
            f"{fixed(first.denominator)} families came again within twelve weeks"
        )
    ]
    half = [row for row in known if row.share_of_all_who_came >= 0.5]
    if half and len(half) < len(known):
        last = half[-1]
        said.append(
            sentence(
                f"at least half of all who came, {in_percent(last.share_of_all_who_came)}, came "
                f"again after session {fixed(last.number_of_session)}, and fewer than half after "
                "the next"
            )
        )
    return tuple(said)


YEAR = 12
"""Months before the event with which the last one is compared."""


def caseload(result: Result) -> tuple[str, ...]:
    """Say how many families were on the books at the end, before the event, and at the most."""
    every = rows_of(result)
    rows = [row for row in every if pd.notna(row.count_of_families)]
    if not rows:
        return ("How many families were on the books is suppressed.",)
    last, most = rows[-1], max(rows, key=lambda row: row.count_of_families)
    unseen = getattr(last, "count_of_families_not_yet_seen", None)
    waiting = f", {fixed(unseen)} of them not yet seen" if pd.notna(unseen) else ""
    families = "family was" if last.count_of_families == 1 else "families were"
    day, name = event()
    before = [row.count_of_families for row in every if _day(row.date) < day][-YEAR:]
    after = _range(before) if _day(last.date) >= day else ""
    return (
        sentence(
            f"{fixed(last.count_of_families)} {families} on the books at the end of "
            f"{last.date:%B %Y}{waiting}"
            + (
                f"; at the end of each month in the year before the {name}, {after}"
                if after
                else ""
            )
        ),
        sentence(f"the most were {fixed(most.count_of_families)}, in {most.date:%B %Y}"),
    )


def _range(counts: list[Any]) -> str:
    """Give the least and the greatest of counts, as far as these are shown."""
    shown = [n for n in counts if pd.notna(n)]
    if not shown:
        return ""
    low, high = fixed(min(shown)), fixed(max(shown))
    text = low if low == high else f"{low} to {high}"
    return text if len(shown) == len(counts) else f"{text} where it is shown"


def _day(date: pd.Timestamp) -> dt.date:
    return date.date()


def median_wait(result: Result) -> tuple[str, ...]:
    """Say within how many days half of the families were seen."""
    return tuple(
        sentence(
            f"of families {row.stratum_of_population}, half were seen within {interval(row)} days "
            "of their referral"
            if pd.notna(row.estimate)
            else f"the median wait of families {row.stratum_of_population} is {interval(row)}"
        )
        for row in rows_of(result)
    )


def seen_within(result: Result) -> tuple[str, ...]:
    """Say what share of families was seen soon, in the first way of counting those who left."""
    rows = rows_of(result)
    first = [
        row
        for row in rows
        if (row.stratum_of_population, row.stratum_of_leaving)
        == (rows[0].stratum_of_population, rows[0].stratum_of_leaving)
    ]
    parts = [
        f"{interval(row, percent=True, named=not n)} within {in_weeks(int(row.number_of_days))}"
        for n, row in enumerate(first)
        if is_known(row)
    ]
    if not parts:
        return ("What share of families was seen soon is not known or suppressed.",)
    return (sentence(f"of families {first[0].stratum_of_population}, {listed(parts)} were seen"),)


def ends(result: Result) -> tuple[str, ...]:
    """Say what had become of a referral after the last span of days."""
    rows = rows_of(result)
    last = max(row.number_of_days for row in rows)
    chosen = [
        row
        for row in rows
        if row.number_of_days == last and row.stratum_of_population == rows[0].stratum_of_population
    ]
    if not all(map(is_known, chosen)):
        return ("What had become of referrals is not known or suppressed.",)
    parts = [
        f"{interval(row, percent=True, named=not n)} {row.stratum_of_outcome}"
        for n, row in enumerate(chosen)
    ]
    return (
        sentence(
            f"{in_weeks(int(last))} after referral, of families {chosen[0].stratum_of_population}: "
            f"{listed(parts)}"
        ),
    )


def characteristics(result: Result) -> tuple[str, ...]:
    """Name the largest group by each characteristic."""
    parts = []
    for name, group in groupby(rows_of(result), key=lambda row: row.stratum_of_characteristic):
        known = [row for row in group if pd.notna(row.share_of_families) and row.stratum_of_level]
        if known:
            most = max(known, key=lambda row: row.share_of_families)
            parts.append(
                f"{name[:1].lower()}{name[1:]}: {most.stratum_of_level} "
                f"({in_percent(most.share_of_families)})"
            )
    if not parts:
        return ("No characteristic of the families can be shown.",)
    return (sentence(f"the largest group by each characteristic was: {'; '.join(parts)}"),)


def reach(result: Result) -> tuple[str, ...]:
    """Say which groups differ from a reference population beyond chance, where one is declared."""
    compared = [
        row for row in rows_of(result) if is_known(row) and pd.notna(row.share_of_reference)
    ]
    if not compared:
        return ("No group can be compared with a reference population.",)
    apart = [row for row in compared if not row.low <= row.share_of_reference <= row.high]
    which = listed(dict.fromkeys(row.words for row in compared))
    if not apart:
        return (
            sentence(
                "the share of families does not differ from that of the reference by more than its "
                f"interval allows in any of {counted(len(compared), 'group', 'groups')}; the "
                f"reference is {which}"
            ),
        )
    parts = [
        f"{row.stratum_of_level} ({interval(row, percent=True)} against "
        f"{in_percent(row.share_of_reference)})"
        for row in apart
    ]
    return (
        sentence(
            "the share of families differs from that of the reference by more than its interval "
            f"allows for {listed(parts)}; the reference is {which}"
        ),
    )
