"""Findings of the figures that draw more than any one table of a section."""

from __future__ import annotations

from itertools import groupby

from lmm.analysis.result import Result
from lmm.counting.declared import WITHIN
from lmm.showing.answers.phrases import counted, in_weeks, is_known, listed, rows_of, sentence
from lmm.showing.cited import fixed, in_percent
from lmm.showing.wording import called, event


def counterfactual(result: Result) -> tuple[str, ...]:
    """Say how much was counted from the event on, and how much without a step was expected."""
    parts = []
    for name, group in groupby(rows_of(result), key=lambda row: row.measure):
        after = [row for row in group if is_known(row) and row.number_of_part_after == 1]
        if after:
            counts = sum(row.count for row in after)
            expected = sum(row.number_of_counterfactual for row in after)
            months = counted(len(after), "whole month", "whole months")
            parts.append(
                f"{fixed(counts)} {called(name)} were counted in {months} from the {event()[1]} "
                f"on, and {fixed(expected)} are expected without a step"
            )
    if not parts:
        return (f"No whole month from the {event()[1]} on can be compared.",)
    return (sentence(listed(parts)),)


def services(result: Result) -> tuple[str, ...]:
    """Say between what the shares of services lie, each in each of its periods."""
    known = [row for row in rows_of(result) if is_known(row)]
    if not known:
        return ("No service has a share that can be shown.",)
    names = len({row.stratum for row in known})
    where = f"in {counted(names, 'service', 'services')}"
    least, most = (of(known, key=lambda row: row.estimate) for of in (min, max))
    low, high = in_percent(least.estimate), in_percent(most.estimate)
    if low == high:
        return (sentence(f"the share is {low} {where}"),)
    said = f"from {low} ({least.stratum}) to {high} ({most.stratum})"
    return (sentence(f"the share goes {said}, {where}"),)


def quarters(result: Result) -> tuple[str, ...]:
    """Say between what the rates of quarters lie."""
    parts = []
    for name, group in groupby(rows_of(result), key=lambda row: row.measure):
        rates = [row.estimate for row in group if is_known(row)]
        if rates:
            parts.append(f"{fixed(min(rates), 1)} to {fixed(max(rates), 1)} {called(name)}")
    if not parts:
        return ("No quarter can be shown: the counts are suppressed or the service was closed.",)
    return (sentence(f"quarters had from {listed(parts)} a month open"),)


def waiting(result: Result) -> tuple[str, ...]:
    """Say what share was not yet seen after some days, as far as somebody was followed."""
    rows = rows_of(result)
    parts = []
    for day in WITHIN:
        until = [row for row in rows if row.number <= day]
        if until and (rows[-1].number >= day or until[-1].share == 0):
            parts.append(f"{in_percent(until[-1].share)} after {in_weeks(day)}")
    if not parts:
        return (f"No family was followed for {WITHIN[0]} days after its referral.",)
    return (
        sentence(
            f"if those who left unseen had waited like the others, {listed(parts)} would not yet "
            "have been seen"
        ),
    )


def leaving(result: Result) -> tuple[str, ...]:
    """Say what had become of families on the last day that results are given for."""
    rows = rows_of(result)
    last_day = max(row.number for row in rows)
    waiting_ = [row.share for row in rows if row.number == last_day][-1]
    days = [day for day in WITHIN if day <= last_day or waiting_ == 0]
    if not days:
        return (f"No family was followed for {WITHIN[0]} days after its referral.",)
    last = {row.stratum_of_outcome: row for row in rows if row.number <= days[-1]}
    parts = [f"{in_percent(row.share)} {name}" for name, row in last.items()]
    return (sentence(f"{in_weeks(days[-1])} after referral: {listed(parts)}"),)


def flagged(result: Result) -> tuple[str, ...]:
    """Name the points of control charts that vary by more than chance brings."""
    rows = [row for row in rows_of(result) if row.words_of_rules]
    charts = len({(row.measure, row.words_of_base) for row in rows_of(result)})
    which = "this chart" if charts == 1 else f"these {charts} charts"
    if not rows:
        return (f"No point of {which} stands out beyond chance.",)
    parts = []
    for (name, base), group in groupby(rows, key=lambda row: (row.measure, row.words_of_base)):
        found = list(group)
        first = f"{found[0].date:%B %Y} ({found[0].words_of_rules})"
        more = f" and {len(found) - 1} more" if len(found) > 1 else ""
        parts.append(f"{called(name)}, {base}: {first}{more}")
    points = counted(len(rows), "point", "points")
    stand = "stands" if len(rows) == 1 else "stand"
    return (sentence(f"{points} of {which} {stand} out: {'; '.join(parts)}"),)
