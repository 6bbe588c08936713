"""Answers on what was achieved against what was expected, and how sure that is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from itertools import groupby
from typing import Any

import pandas as pd

from lmm.analysis.rating import VERDICTS
from lmm.analysis.result import Result
from lmm.showing.answers.phrases import (
    WHY,
    counted,
    is_known,
    listed,
    number,
    rows_of,
    sentence,
)
from lmm.showing.cited import fixed, in_percent
from lmm.showing.wording import called, several


def achieved(result: Result) -> tuple[str, ...]:
    """Count the ratings, and name the targets that are not green."""
    rows = rows_of(result)
    found = [row.words_of_rating for row in rows]
    ratings = _by_kind({kind: found.count(kind) for kind in RATINGS if kind in found}, "is", "are")
    first = sentence(f"of {counted(len(rows), 'target', 'targets')}, {ratings}")
    others = [
        f"{called(row.measure)} {row.stratum_of_year} ({_value(row)}, {row.words_of_rating})"
        for row in rows
        if is_known(row) and row.words_of_rating in ("amber", "red")
    ]
    if not others:
        return (first,)
    return first, sentence(f"not green: {listed(others)}")


def _by_kind(numbers: Mapping[str, Any], one: str, several: str) -> str:
    """List how many are of each kind, with a verb behind the first: "10 are green and 5 amber"."""
    first, *others = numbers.items()
    begun = f"{first[1]} {one if int(first[1]) == 1 else several} {first[0]}"
    return listed([begun, *(f"{n} {kind}" for kind, n in others)])


RATINGS = ("green", "amber", "red", "not rated")


def _value(row: Any) -> str:
    value = row.estimate
    if row.scale == "share":
        return in_percent(value, 1)
    return f"{fixed(value, 2)} of what was expected"


def certainty(result: Result) -> tuple[str, ...]:
    """Say how sure the ratings are, from the surest to the least sure."""
    chances = [
        (getattr(row, f"probability_of_{row.words_of_rating}"), row)
        for row in rows_of(result)
        if row.words_of_rating in ("green", "amber", "red")
    ]
    known = [(chance, row) for chance, row in chances if pd.notna(chance)]
    if not known:
        return ("How sure the ratings are cannot be said: none is rated.",)
    chance, row = min(known, key=lambda pair: pair[0])
    sure = sum(each >= 0.9 for each, _ in known)
    text = (
        f"{sure} of {counted(len(known), 'rating', 'ratings')} "
        f"{'is' if sure == 1 else 'are'} at least 90% certain"
    )
    if sure < len(known):
        text += "; by chance alone each of the others could be of another colour"
    return (
        sentence(text),
        sentence(
            f"the least sure is {called(row.measure)} {row.stratum_of_year}, "
            f"{row.words_of_rating} with a probability of {in_percent(chance)}"
        ),
    )


def exposure(result: Result) -> tuple[str, ...]:
    """Say how many ratings change if less is expected while capacity was reduced."""
    pairs: dict[tuple[str, str], list[Any]] = {}
    for row in rows_of(result):
        pairs.setdefault((row.measure, row.stratum_of_year), []).append(row)
    known = {
        f"{called(name)} {year}": pair
        for (name, year), pair in pairs.items()
        if all(map(is_known, pair))
    }
    if not known:
        return ("What would change if less had been expected cannot be said: nothing is rated.",)
    changed = [
        f"{name} from {before.words_of_rating} to {after.words_of_rating}"
        for name, (before, after) in known.items()
        if before.words_of_rating != after.words_of_rating
    ]
    ratings = counted(len(known), "rating", "ratings")
    text = f"none of {ratings} compared changes"
    if changed:
        verb = "changes" if len(changed) == 1 else "change"
        text = f"{len(changed)} of {ratings} {verb}: {listed(changed)}"
    name = max(known, key=lambda each: known[each][1].estimate - known[each][0].estimate)
    before, after = (fixed(row.estimate, 2) for row in known[name])
    return (
        sentence(f"with less expected, {text}"),
        sentence(f"the largest difference is that of {name}: {after} of expected, not {before}"),
    )


def verdicts(result: Result) -> tuple[str, ...]:
    """Say how many targets were met, nearly met and not met, and whether all were."""
    found = {row.stratum_of_verdict: row.words_of_targets for row in rows_of(result)}
    whole = sum(int(found[kind]) for kind in VERDICTS)
    if not whole:
        return ("No target falls within the period.",)
    parts = _by_kind({k: found[k] for k in VERDICTS if found[k] != "0"}, "was", "were")
    last = {
        "yes": "So all were met or nearly met.",
        "no": "So not all were met or nearly met.",
    }.get(found.get("all met or nearly met", ""), "Whether all were met cannot be said.")
    return sentence(f"of {counted(whole, 'target', 'targets')}, {parts}"), last


def sensitivity(result: Result) -> tuple[str, ...]:
    """Say under how many cut-offs and definitions the statement still holds."""
    rows = rows_of(result)
    rules = list(dict.fromkeys(row.words_of_rule for row in rows))
    declared = next((row.words_of_rule for row in rows if row.words_of_declared == "yes"), rules[0])
    held = {
        rule: Counter(row.words_of_all_met for row in rows if row.words_of_rule == rule)
        for rule in [declared, *(rule for rule in rules if rule != declared)]
    }
    if not any(each["yes"] + each["no"] for each in held.values()):
        return ("Whether all targets are met or nearly met cannot be said under any cut-offs.",)
    first, *others = (
        f"{_of_pairs(found)} where “{rule}” counts as nearly met" for rule, found in held.items()
    )
    said = [f"all targets are met or nearly met under {first}"]
    if others:
        said.append(f"they are under {listed(others)}")
    return tuple(map(sentence, said))


def _of_pairs(found: Counter[str]) -> str:
    """Say under how many pairs of cut-offs a statement holds, and of how many it is not known."""
    unknown = found.total() - found["yes"] - found["no"]
    more = f" ({unknown} cannot be said)" if unknown else ""
    return f"{found['yes']} of {counted(found.total(), 'pair', 'pairs')} of cut-offs{more}"


def cumulative(result: Result) -> tuple[str, ...]:
    """Say where each count stood against its line at the end of the last year with a target."""
    every = rows_of(result)
    year = max(row.stratum for row in every)
    rows = [row for row in every if row.stratum == year]
    last = [list(group)[-1] for _, group in groupby(rows, key=lambda row: row.measure)]
    known = [row for row in last if pd.notna(row.count)]
    if not known:
        return (f"Where the counts of {year} stood cannot be said: they are suppressed.",)
    reached = sum(row.count >= row.number for row in known)
    parts = [
        f"{number(row.count)} {called(row.measure)} of {fixed(row.number, 1)} expected"
        for row in last
    ]
    return (
        sentence(
            f"at the end of {year}, as far as it is covered, {reached or 'none'} of "
            f"{counted(len(known), 'count', 'counts')} had come to the line of its target"
        ),
        sentence(f"there were {listed(parts)}"),
    )


def charts(result: Result) -> tuple[str, ...]:
    """Say of which processes the latest point is unusual, and of how many charts an earlier one."""
    rows = rows_of(result)
    known = [row for row in rows if row.words_of_variation not in WHY]
    if not known:
        return ("No measure can be charted: counts are rounded, or there are too few points.",)
    special = [
        f"{called(row.measure)} ({row.words_of_base}: {row.words_of_variation})"
        for row in known
        if row.words_of_variation != "common cause"
    ]
    charted = len({row.measure for row in known})
    which = "the one measure" if charted == 1 else f"each of the {charted} measures"
    latest = f"at its latest point {which} charted shows its usual variation and no more"
    if special:
        latest = f"at the latest point more than the usual variation is shown by {listed(special)}"
    flagged = [
        f"{counted(int(row.number_of_flagged), 'point', 'points')} of {called(row.measure)} "
        f"({row.words_of_base})"
        for row in known
        if row.number_of_flagged > 0
    ]
    if not flagged:
        return (sentence(latest),)
    return sentence(latest), sentence(f"beyond chance in all: {listed(flagged)}")


def funnel(result: Result) -> tuple[str, ...]:
    """Name the courses outside of their limits."""
    rows = [row for row in rows_of(result) if is_known(row)]
    noun = result.heading(result.column("stratum")).lower()
    if not rows:
        return (f"No {noun} can be compared with the others.",)
    out = [row for row in rows if row.words != "within the limits"]
    nouns = several(noun)
    if not out:
        return (f"All {len(rows)} {nouns} are within their limits: none stands out beyond chance.",)
    parts = [
        f"{row.stratum} ({fixed(row.numerator)} of {fixed(row.denominator)}, {row.words})"
        for row in out
    ]
    return (
        sentence(f"outside of the limits, of {len(rows)} {nouns}: {listed(parts)}"),
        f"Of many {nouns}, one may be outside by chance alone.",
    )
