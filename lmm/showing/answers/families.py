"""Answers on the families: how far they came, how long they waited, and who they are."""

from __future__ import annotations

import datetime as dt
from itertools import groupby
from typing import Any

import pandas as pd

from lmm.analysis.result import Result
from lmm.showing.answers.phrases import (
    counted,
    if_hidden,
    in_weeks,
    interval,
    is_known,
    largest,
    listed,
    of_them,
    rows_of,
    sentence,
)
from lmm.showing.cited import fixed, in_percent
from lmm.showing.wording import dated, event


def flow(result: Result) -> tuple[str, ...]:
    """Say how many of the families referred came to each stage."""
    first, *others = rows_of(result)
    families = counted(first.count, *FAMILY)
    stages = [
        f"{of_them(row.count, row.share_of_those_referred)} {_did(row.stratum)}" for row in others
    ]
    if not stages:
        return (sentence(f"there were {families} {first.stratum}"),)
    return (sentence(f"of {families} {first.stratum}, {listed(stages)}"),)


FAMILY = ("family", "families")


def _did(stage: str) -> str:
    """Word a stage as what was done: "were accepted", "attended and were discharged"."""
    if stage.startswith("attended"):
        return stage.replace("and discharged", "and were discharged")
    return f"were {stage}"


def contacts(result: Result) -> tuple[str, ...]:
    """Say what most contacts were, by kind, mode and outcome."""
    parts = []
    for by, group in groupby(rows_of(result), key=lambda row: row.dimension):
        rows = list(group)
        if most := largest(rows, "count"):
            shown = if_hidden(row.count for row in rows)
            names = listed(row.stratum for row in most)
            n = of_them(most[0].count, most[0].share)
            parts.append(f"the commonest {by}{shown} was {names}, {n}{_each(most)}")
    return (sentence(listed(parts)) if parts else "No number of contacts can be shown.",)


def _each(rows: list[Any]) -> str:
    return " each" if len(rows) > 1 else ""


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
    booked_ = counted(known[0].denominator, "contact", "contacts")
    return (sentence(f"of {booked_} booked: {listed(parts)}"),)


def sessions(result: Result) -> tuple[str, ...]:
    """Say what number of sessions was the commonest."""
    rows = rows_of(result)
    known = [row for row in rows if is_known(row)]
    if not known:
        return ("How many sessions families attended is not known or suppressed.",)
    most = largest(known, "estimate")
    shown = "" if len(known) == len(rows) else " shown"
    numbers = listed((row.stratum_of_sessions for row in most), "or")
    noun = "session" if numbers == "1" else "sessions"
    group = f"the largest group{shown}" if len(most) == 1 else f"each of the largest groups{shown}"
    return (
        sentence(
            f"of {counted(known[0].denominator, *FAMILY)} who attended, {group}, "
            f"{interval(most[0], percent=True)}, came to {numbers} {noun}"
        ),
    )


def support(result: Result) -> tuple[str, ...]:
    """Say how long support lasted."""
    table, moments = result.table, result.columns("moment")
    row = table.iloc[0]
    if pd.isna(row[moments[0]]):
        return ("How long support lasted is not known: nobody who attended was discharged.",)
    _, _, median, lower, upper = (fixed(row[name], 1) for name in moments)
    n = row[result.column("count")]
    if n == 1:
        return (
            sentence(
                f"from the first to the last session of the one discharged passed {median} days"
            ),
        )
    return (
        sentence(
            f"from the first to the last session of {counted(n, *FAMILY)} who were discharged "
            f"passed a median of {median} days (quartiles {lower} and {upper})"
        ),
    )


def retention(result: Result) -> tuple[str, ...]:
    """Say how many families came again after the first session, and until when half did."""
    known = [row for row in rows_of(result) if is_known(row)]
    if not known:
        return ("How many families came again is not known or suppressed.",)
    first = known[0]
    said = [
        f"after session {fixed(first.number_of_session)}, {interval(first, percent=True)} of "
        f"{counted(first.denominator, *FAMILY)} came again within twelve weeks"
    ]
    shares = {
        int(row.number_of_session): row.share_of_all_who_came
        for row in known
        if pd.notna(row.share_of_all_who_came)
    }
    half = max((n for n, share in shares.items() if share >= 0.5), default=0)
    if half and half + 1 in shares:
        said.append(
            f"at least half of all who came, {in_percent(shares[half])}, came again after session "
            f"{half}, and fewer than half after the next"
        )
    return tuple(map(sentence, said))


YEAR = 12
"""Months before the event with which the last one is compared."""


def caseload(result: Result) -> tuple[str, ...]:
    """Say how many families were on the books at the end, before the event, and at the most."""
    every = rows_of(result)
    rows = [row for row in every if pd.notna(row.count_of_families)]
    if not rows:
        return ("How many families were on the books is suppressed.",)
    last, most = rows[-1], largest(rows, "count_of_families")
    unseen = getattr(last, "count_of_families_not_yet_seen", None)
    waiting = f", {fixed(unseen)} of them not yet seen" if pd.notna(unseen) else ""
    families = "family was" if last.count_of_families == 1 else "families were"
    text = f"{fixed(last.count_of_families)} {families} on the books {_at(last.date)}{waiting}"
    day, name = event()
    before = [row.count_of_families for row in every if _day(row.date) < day][-YEAR:]
    if _day(last.date) >= day and (range_ := _range(before)):
        months = "month" if len(before) == 1 else f"{len(before)} months"
        text += f"; at the end of the {months} before the {name}, {range_}"
    if not most:
        return (sentence(text),)
    hidden = if_hidden(row.count_of_families for row in every)
    when = _at(most[0].date) if len(most) == 1 else f"{_at(most[0].date)} and at other times"
    return sentence(text), sentence(
        f"the most{hidden} were {fixed(most[0].count_of_families)}, {when}"
    )


def _at(date: pd.Timestamp) -> str:
    """Say when a count is of, which is the end of a month unless the period ends within one."""
    return f"at the end of {date:%B %Y}" if date.is_month_end else f"on {dated(_day(date))}"


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
    """Say what share of families was seen soon, and what is taken of those who left unseen."""
    rows = rows_of(result)
    said: list[str] = []
    for leaving in dict.fromkeys(row.stratum_of_leaving for row in rows):
        chosen = [
            row
            for row in rows
            if row.stratum_of_population == rows[0].stratum_of_population
            and row.stratum_of_leaving == leaving
            and is_known(row)
        ]
        parts = [
            f"{interval(row, percent=True, named=not (n or said))} within "
            f"{in_weeks(row.number_of_days)}"
            for n, row in enumerate(chosen)
        ]
        if parts:
            said.append(
                f"of families {chosen[0].stratum_of_population}, {listed(parts)} were seen (those "
                f"who left unseen: {leaving})"
            )
    if not said:
        return ("What share of families was seen soon is not known or suppressed.",)
    return tuple(map(sentence, said))


def ends(result: Result) -> tuple[str, ...]:
    """Say what had become of a referral after the longest span of days that is known."""
    rows = rows_of(result)
    first = [row for row in rows if row.stratum_of_population == rows[0].stratum_of_population]
    for days in sorted({row.number_of_days for row in first}, reverse=True):
        chosen = [row for row in first if row.number_of_days == days]
        if all(map(is_known, chosen)):
            parts = [
                f"{interval(row, percent=True, named=not n)} {row.stratum_of_outcome}"
                for n, row in enumerate(chosen)
            ]
            return (
                sentence(
                    f"{in_weeks(days)} after referral, of families "
                    f"{chosen[0].stratum_of_population}: {listed(parts)}"
                ),
            )
    return ("What had become of referrals is not known or suppressed.",)


def characteristics(result: Result) -> tuple[str, ...]:
    """Name the largest group by each characteristic."""
    parts = []
    for name, group in groupby(rows_of(result), key=lambda row: row.stratum_of_characteristic):
        levels = [row for row in group if row.stratum_of_level]
        if most := largest(levels, "share_of_families"):
            shown = if_hidden(row.share_of_families for row in levels)
            names = listed(row.stratum_of_level for row in most)
            share = in_percent(most[0].share_of_families)
            parts.append(f"{name[:1].lower()}{name[1:]}{shown}: {names} ({share}{_each(most)})")
    if not parts:
        return (
            "Which groups of families are the largest cannot be said: their shares are hidden.",
        )
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
