"""Which answers of an ordered scale a model tells apart: rare ones are merged with a neighbour."""

from __future__ import annotations

from collections.abc import Collection

Scale = list[tuple[str, ...]]
"""Answers that are told apart, worst first; each is one or more labels."""


def merge_rare(counts: dict[str, int], high: Collection[str], fewest: int) -> Scale:
    """Drop answers that nobody gave and merge rare ones with a neighbour, the rarest first.

    A neighbour on the same side of the line between high and not high is preferred, and
    then the rarer one.

    Parameters
    ----------
    counts
        How often each answer was given, worst answer first.
    high
        The answers above the line.
    fewest
        Answers given less often than this are merged.
    """
    scale: Scale = [(label,) for label, number in counts.items() if number]

    def number(place: int) -> int:
        return sum(counts[label] for label in scale[place])

    def sides(place: int) -> set[bool]:
        return {label in high for label in scale[place]}

    while len(scale) > 1:
        rarest = min(range(len(scale)), key=number)
        if number(rarest) >= fewest:
            break
        beside = [place for place in (rarest - 1, rarest + 1) if 0 <= place < len(scale)]
        other = min(beside, key=lambda at: (sides(at) != sides(rarest), number(at)))
        lower, upper = sorted((rarest, other))
        scale[lower : upper + 1] = [scale[lower] + scale[upper]]
    return scale


def what_was_merged(counts: dict[str, int], scale: Scale, fewest: int) -> list[str]:
    """Say which answers `merge_rare` dropped and merged."""
    unused = [label for label, number in counts.items() if number == 0]
    notes = [f"nobody answered {', '.join(unused)}"] if unused else []
    for merged in scale:
        if len(merged) > 1:
            parts = " and ".join(f"{label} ({counts[label]})" for label in merged)
            notes.append(f"{parts} are taken as one answer: fewer than {fewest} are too few")
    return notes
