"""Answers on what was said of the courses, and by how many."""

from __future__ import annotations

from collections import Counter
from itertools import groupby
from typing import Any

import pandas as pd

from lmm.analysis.response import ONE_EACH
from lmm.analysis.result import Result
from lmm.analysis.roles import named
from lmm.analysis.strata import POOLED
from lmm.showing.answers.phrases import (
    OVERLAP,
    WHY,
    counted,
    interval,
    is_known,
    listed,
    p_value,
    rows_of,
    sentence,
    share_common_point,
)
from lmm.showing.cited import declared_percent, fixed, in_percent
from lmm.showing.wording import about, called, several
from lmm.statistics.shares import WORST_CASE


def items(result: Result) -> tuple[str, ...]:
    """Say what the commonest highest answer was, item by item."""
    tops = [
        list(group)[-1] for _, group in groupby(rows_of(result), key=lambda r: r.stratum_of_item)
    ]
    known = [row for row in tops if pd.notna(row.share)]
    if not known:
        return ("The answers are suppressed, or nobody answered.",)
    known.sort(key=lambda row: -row.share)
    first, last = known[0], known[-1]
    alike = len({row.stratum_of_answer for row in known}) == 1
    names = [
        f"“{row.stratum_of_item}”" + ("" if alike else f" (“{row.stratum_of_answer}”)")
        for row in (first, last)
    ]
    what = f"“{first.stratum_of_answer}”" if alike else "the highest answer"
    text = f"{what} was the answer of {in_percent(first.share)} on {names[0]}"
    if last.share < first.share:
        text += f", the most, and of {in_percent(last.share)} on {names[1]}, the least"
    if len(known) < len(tops):
        text += f", of {counted(len(known), 'item', 'items')} shown"
    return (sentence(text),)


def blanks(result: Result) -> tuple[str, ...]:
    """Say how much the treatment of blank answers moves a share."""
    moved = {}
    for item, group in groupby(rows_of(result), key=lambda row: row.stratum_of_item):
        known = list(group)
        if all(map(is_known, known)) and len(known) > 1:  # there is something to compare
            ends = [row.low for row in known if row.method == WORST_CASE]
            values = [row.estimate for row in known if row.method != WORST_CASE]
            moved[item] = max(values, default=0) - min([*ends, *values])
    if not moved:
        return (
            "No item can be shown in several ways: answers are suppressed, or nobody answered.",
        )
    most = max(moved, key=lambda item: moved[item])
    return (
        sentence(
            f"counting blank answers in another way lowers a share by at most "
            f"{fixed(100 * moved[most], 1)} percentage points, on “{most}”"
        ),
    )


def intervals(result: Result) -> tuple[str, ...]:
    """Say what share was high, with the primary interval, or else with the first that is known."""
    primary, *others = rows_of(result)
    first = next((row for row in (primary, *others) if is_known(row)), None)
    if first is None:
        return (sentence(f"the share with {about(result)} is {interval(primary)}"),)
    said = sentence(
        f"{interval(first, percent=True)} of those who answered gave {about(result)}: "
        f"{fixed(first.numerator)} of {fixed(first.denominator)} who answered"
    )
    if first is primary:
        return (said,)
    names = f"{primary.stratum_of_interval} is {interval(primary)}"
    return said, sentence(
        f"this interval is by {first.stratum_of_interval}; the one that is {names}"
    )


def bounds(result: Result) -> tuple[str, ...]:
    """Say what the share could be over everyone who came, whatever the silent would have said."""
    first, *others = rows_of(result)
    known = [row for row in others if is_known(row)]
    if not known:
        return ("What the share could be over everyone who came is not known or suppressed.",)
    parts = [
        f"of {row.stratum} it would be {in_percent(row.low, 1)} if none of the silent had, and "
        f"{in_percent(row.high, 1)} if all had{f', {ONE_EACH}' if ONE_EACH in row.note else ''}"
        for row in known
    ]
    if is_known(first):
        gave = f"of {first.stratum}, {interval(first, percent=True)} gave {about(result)}"
    else:
        gave = f"what share of {first.stratum} gave {about(result)} is {WHY[first.status]}"
    return tuple(map(sentence, [f"{gave}; {parts[0]}", *parts[1:]]))


def groups(result: Result) -> tuple[str, ...]:
    """Say how large a share was in all, and in which groups it was lowest and highest."""
    rows = rows_of(result)
    what = about(result)
    whole = next((row for row in rows if row.dimension == "all"), None)
    said = []
    if whole is not None:
        text = f"{fixed(whole.numerator)} of {fixed(whole.denominator)}" if is_known(whole) else ""
        value = interval(whole, percent=True)
        said.append(f"{what} in all: {value}" + (f", {text}" if text else ""))
    parts = [row for row in rows if row.dimension != "all"]
    apart = _apart(parts)
    if apart:
        first, *others = (_lowest_and_highest(names, known) for names, known in apart)
        said = ["; ".join([*said, first])]
        also = f"; nor do those {listed(others)}" if others else ""
        said.append(f"the intervals of these groups do not overlap{also}")
        said += [
            f"groups by {listed(names)} have the same numbers, and cannot be told apart"
            for names, _ in apart
            if len(names) > 1
        ]
    elif _can_be_compared(parts):
        said.append(f"the intervals of the groups {OVERLAP}")
    return tuple(map(sentence, said))


def _can_be_compared(rows: list[Any]) -> bool:
    """Whether two groups of one kind have a value."""
    known = Counter(row.dimension for row in rows if is_known(row))
    return any(n > 1 for n in known.values())


def _apart(rows: list[Any]) -> list[tuple[list[str], list[Any]]]:
    """Give the groupings whose intervals have no point in common; those of the same numbers once.

    Each is its names and its rows with a value, the lowest first.
    """
    found: dict[tuple[Any, ...], tuple[list[str], list[Any]]] = {}
    for by, group in groupby(rows, key=lambda row: row.dimension):
        known = sorted(filter(is_known, group), key=lambda row: row.estimate)
        if len(known) > 1 and not share_common_point(known):
            numbers = tuple((row.numerator, row.denominator) for row in known)
            found.setdefault(numbers, ([], known))[0].append(named(by))
    return list(found.values())


def _lowest_and_highest(names: list[str], rows: list[Any]) -> str:
    low, high = (
        f"{row.stratum} {interval(row, percent=True, named=False)}" for row in (rows[0], rows[-1])
    )
    return f"by {names[0]}, lowest {low} and highest {high}"


def weighted(result: Result) -> tuple[str, ...]:
    """Say how far weights for the silent move the share."""
    first, *others = rows_of(result)
    others = [row for row in others if is_known(row)]
    if not is_known(first) or not others:
        return ("The answers cannot be weighted: counts are suppressed or too few.",)
    parts = [
        f"{interval(row, percent=True)} weighted by {row.stratum_of_weighting}" for row in others
    ]
    return (
        sentence(
            f"if the silent were like those who answered beside them, the share would be "
            f"{listed(parts)}, against {in_percent(first.estimate, 1)} unweighted"
        ),
    )


def tipping(result: Result) -> tuple[str, ...]:
    """Say how many of the silent would have to be dissatisfied for a rating to change."""
    rows = rows_of(result)
    first = rows[0]
    cut_off = f"{first.words_of_rating} cut-off of {declared_percent(first.share_of_cut_off)}"
    return (
        sentence(
            f"over {first.stratum} the share is {first.words_of_tipping_point}".replace(
                "below it", f"below the {cut_off}"
            )
        ),
    )


def odds(result: Result) -> tuple[str, ...]:
    """Say which groups had other odds of an answer than the first, by more than chance."""
    known = [row for row in rows_of(result) if is_known(row)]
    if not known:
        return ("No group can be compared by a model: the reasons stand in the table.",)
    apart = [row for row in known if not row.low <= 1 <= row.high]
    if not apart:
        return (
            f"Not one of the {len(known)} odds ratios that can be estimated differs from 1 by more "
            "than its interval allows.",
        )
    outcomes = dict.fromkeys(row.stratum_of_outcome for row in known)
    parts = [
        f"{row.stratum_of_group} against {row.stratum_of_reference}, {interval(row)}"
        + (f" for {row.stratum_of_outcome}" if len(outcomes) > 1 else "")
        for row in apart
    ]
    ratios = counted(len(known), "odds ratio", "odds ratios")
    verb, its = (
        ("differs", "its interval allows")
        if len(apart) == 1
        else ("differ", "their intervals allow")
    )
    said = [sentence(f"{len(apart)} of {ratios} {verb} from 1 by more than {its}: {listed(parts)}")]
    if len(known) > 1:
        said.append(
            "One of many comparisons may stand out by chance: the next table tests each grouping "
            "as a whole."
        )
    return tuple(said)


def tests(result: Result) -> tuple[str, ...]:
    """Say whether any grouping tells the answers apart, after Holm's correction."""
    known = [row for row in rows_of(result) if pd.notna(row.p_value_of_Holm)]
    if not known:
        return ("No grouping can be tested as a whole.",)
    low = min(known, key=lambda row: row.p_value_of_Holm)
    p = f"smallest adjusted {p_value(low.p_value_of_Holm)}, by {named(low.dimension)}"
    if low.p_value_of_Holm >= 0.05:
        return (sentence(f"no grouping tells the answers apart beyond chance ({p})"),)
    return (sentence(f"the answers differ beyond chance ({p})"),)


def probabilities(result: Result) -> tuple[str, ...]:
    """Say how likely the highest answer is in the groups, from the least to the most."""
    rows = rows_of(result)
    known = [row for row in rows if is_known(row)]
    if not known:
        return ("No probability can be estimated: the reasons stand in the table.",)
    top = rows[-1].stratum_of_answer
    ends = sorted((r for r in known if r.stratum_of_answer == top), key=lambda r: r.estimate)
    if not ends:
        return (f"The probability of “{top}” cannot be estimated.",)
    low, high = (
        f"{interval(row, percent=True, named=not n)} for {row.stratum_of_group}"
        for n, row in enumerate((ends[0], ends[-1]))
    )
    if len(ends) == 1:
        return (sentence(f"the probability of “{top}” is {low}"),)
    return (sentence(f"the probability of “{top}” goes from {low} to {high}"),)


def check(result: Result) -> tuple[str, ...]:
    """Say whether the assumption of proportional odds could be tested, and held."""
    rows = rows_of(result)
    known = [row for row in rows if is_known(row)]
    if not known:
        return (
            "Whether the odds are proportional cannot be tested: the reasons stand in the table.",
        )
    low = [named(row.dimension) for row in known if row.p_value < 0.05]
    if low:
        return (sentence(f"the odds do not look proportional by {listed(low)} (p under 0.05)"),)
    return (
        sentence(
            f"nothing speaks against proportional odds by "
            f"{listed(named(row.dimension) for row in known)} (p at least 0.05)"
        ),
    )


def courses(result: Result) -> tuple[str, ...]:
    """Say how many courses had only high answers, and which had the lowest share."""
    rows = [row for row in rows_of(result) if row.dimension != "all" and is_known(row)]
    if not rows:
        return ("No course can be shown on its own: the counts are suppressed or too few.",)
    single = [row for row in rows if not row.stratum.endswith(POOLED)]
    full = sum(row.estimate == 1 for row in single)
    low = min(rows, key=lambda row: row.estimate)
    nouns = several(named(rows[0].dimension))
    first = f"in {full} of {len(single)} {nouns} shown everyone who answered gave a high answer"
    if low.estimate == 1:
        return (sentence(first),)
    return (
        sentence(first),
        sentence(
            f"the lowest share is that of {low.stratum}: {fixed(low.numerator)} of "
            f"{fixed(low.denominator)}, {interval(low, percent=True)}"
        ),
    )


def shares(result: Result) -> tuple[str, ...]:
    """Say which declared shares are the highest and the lowest."""
    every = [row for row in rows_of(result) if row.dimension == "all"]
    known = [row for row in every if is_known(row)]
    if not known:
        return ("No declared share can be shown.",)
    hidden = "" if len(known) == len(every) else f" shown of {len(every)}"
    known.sort(key=lambda row: row.estimate)
    low, high = known[0], known[-1]
    highest, lowest = (
        f"{called(row.measure)}, {interval(row, percent=True)}" for row in (high, low)
    )
    if low is high:
        return (sentence(f"the only share{hidden} is {highest}"),)
    shares_ = f"{len(known)} shares{hidden}"
    if low.estimate == high.estimate:
        return (sentence(f"all {shares_} are alike: {highest}"),)
    return (sentence(f"the highest of {shares_} is {highest}, and the lowest {lowest}"),)


def behind_published(result: Result) -> tuple[str, ...]:
    """Say how little a rounded percentage says of its counts."""
    rows = rows_of(result)
    if not rows:
        return ("No number of answers that there can have been prints as the published one.",)
    least = min(row.number_of_respondents_at_least for row in rows)
    most = max(row.number_of_respondents_at_most for row in rows)
    low = max(row.number_of_not_highly_satisfied for row in rows)
    return (
        sentence(
            f"the published percentage could be printed of as few as {fixed(least)} and as many as "
            f"{fixed(most)} answers, with up to {fixed(low)} of them not high"
        ),
    )
