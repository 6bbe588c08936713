"""Limits of control charts, and the rules by which a point is out of line with them.

The rules are those of NHS England's "Making Data Count" as the R package NHSRplotthedots
0.2 applies them. A missing value is a gap: no moving range, run or trend goes across it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view
from scipy import stats

Floats = npt.NDArray[np.float64]

RULES = {
    "outside": "outside the limits",
    "trend": "7 in one direction",
    "two_of_three": "2 of 3 near a limit",
    "run": "7 on one side of the centre line",
}
"""What flags a point, in words. Where several do, the first one says in which direction."""

TAIL = float(stats.norm.sf(3))
"""Share of points beyond each exact limit: what three standard deviations leave of a normal."""

TOLERANCE = 1e-9
"""Values that differ by less than this share of the largest one are equal."""


@dataclass(frozen=True)
class Lines:
    """Centre line and limits at each point of a segment.

    Attributes
    ----------
    centre, lower, upper
        Missing where they cannot be estimated.
    note
        What a reader of the limits should know.
    flags
        Whether the rules apply; they do not to a series without variation.
    """

    centre: Floats
    lower: Floats
    upper: Floats
    note: str = ""
    flags: bool = True


def moving_range_lines(values: Floats) -> Lines:
    """Take the mean, and limits 2.66 mean moving ranges either side of it.

    Moving ranges of 3.267 times their mean or more are left out of the mean, once: what
    NHSRplotthedots does unless told otherwise, after Nelson (1982), Journal of Quality
    Technology 14, 172-173. The "Making Data Count" spreadsheets do not. Where it would leave
    no variation, as in a series that is mostly 0, nothing is left out. The lower limit of
    counts is not raised to 0: NHSRplotthedots does not raise it either.
    """
    known = values[~np.isnan(values)]
    ranges = np.abs(np.diff(values))
    ranges = ranges[~np.isnan(ranges)]
    if not ranges.size:
        centre = float(known.mean()) if known.size else np.nan
        note = "no two neighbouring points: the limits cannot be estimated" if known.size else ""
        return _level(values, centre, np.nan, note, flags=False)
    slack = TOLERANCE * np.abs(known).max()
    if np.ptp(known) <= slack:
        note = "the series is constant: its limits are its mean, and nothing is flagged"
        return _level(values, float(known[0]), 0.0, note, flags=False)
    if ranges.max() <= slack:
        note = "neighbouring points are all equal: the limits cannot be estimated"
        return _level(values, float(known.mean()), np.nan, note, flags=False)
    centre, kept = float(known.mean()), _screened(ranges)
    reach = 2.66 * float(kept.mean())
    left_out = ranges.size - kept.size
    plural = "ranges are" if left_out > 1 else "range is"
    notes = [f"{left_out} outlying moving {plural} left out of the limits"] if left_out else []
    if known.min() >= 0 > centre - reach:
        notes.append("the lower limit is below 0, where no point can be")
    return _level(values, centre, reach, "; ".join(notes))


def _screened(ranges: Floats) -> Floats:
    kept = ranges[ranges < 3.267 * ranges.mean()]
    return kept if kept.max() > 0 else ranges


def poisson_lines(events: Floats, exposure: Floats) -> Lines:
    """Expect events in proportion to the exposure, with exact Poisson limits.

    The limits are the quantiles that leave at most `TAIL` beyond each of them, because three
    standard deviations mislead where counts are small: Ryan and Schwertman (1997), Journal of
    Quality Technology 29, 86-98.
    """
    known = ~np.isnan(events) & (exposure > 0)
    if not known.any():
        return _level(events, np.nan, np.nan, "", flags=False)
    rate = events[known].sum() / exposure[known].sum()
    if rate == 0:
        return _level(events, 0.0, 0.0, "no events: nothing is flagged", flags=False)
    centre = np.where(known, rate * exposure, np.nan)
    lower, upper = (np.asarray(stats.poisson.ppf(share, centre)) for share in (TAIL, 1 - TAIL))
    note = "" if np.nanmax(lower) > 0 else "the lower limit is 0: no count can be below it"
    return Lines(centre, lower, upper, note)


def geometric_lines(gaps: Floats) -> Lines:
    """Take the median and exact limits of a geometric distribution of 0, 1, 2, ... days.

    Its mean is that of the gaps. Source: Benneyan (2001), Health Care Management Science 4,
    305-318; median and quantiles as in the RAREEVENTS procedure of SAS/QC.
    """
    known = gaps[~np.isnan(gaps)]
    if not known.size:
        return _level(gaps, np.nan, np.nan, "", flags=False)
    if not known.any():
        return _level(gaps, 0.0, 0.0, "all events on one day: nothing is flagged", flags=False)
    chance = 1 / (1 + known.mean())
    lower, centre, upper = (
        np.full(gaps.size, stats.geom.ppf(share, chance) - 1) for share in (TAIL, 0.5, 1 - TAIL)
    )
    note = "" if lower[0] > 0 else "the lower limit is 0: no gap can be too short"
    return Lines(centre, lower, upper, note)


def _level(values: Floats, centre: float, reach: float, note: str, *, flags: bool = True) -> Lines:
    line = np.full(values.size, centre)
    return Lines(line, line - reach, line + reach, note, flags)


def special_causes(values: Floats, lines: Lines, *, near: bool) -> dict[str, Floats]:
    """Apply the rules to the points of one segment.

    Parameters
    ----------
    near
        Whether two of three points in a row in the outer third between the centre line and
        the same limit, all three on that side, flag those in that third. The rule is for
        symmetric limits.

    Returns
    -------
    dict
        By rule, 0 for a point that it does not flag and otherwise 1 or -1: the side of the
        centre line, or for a trend its direction. A point at which one trend ends and
        another begins belongs to the later one.
    """
    if not lines.flags:
        return {rule: np.zeros(values.size) for rule in RULES}
    slack = TOLERANCE * float(np.abs(values[~np.isnan(values)]).max())
    side = _sign(values - lines.centre, slack)
    beyond = _sign(values - lines.upper, slack) + _sign(values - lines.lower, slack)
    outside = np.abs(beyond) == 2
    reach = np.where(side > 0, lines.upper - lines.centre, lines.centre - lines.lower)
    close = ~outside & (_sign(np.abs(values - lines.centre) - 2 * reach / 3, slack) > 0)
    return {
        "outside": np.where(outside, side, 0.0),
        "trend": _members(_one_way(_sign(np.diff(values), slack), 6), 7, values.size),
        "two_of_three": _two_of_three(side, close) if near else np.zeros(values.size),
        "run": _members(_one_way(side, 7), 7, values.size),
    }


def _two_of_three(side: Floats, close: npt.NDArray[np.bool_]) -> Floats:
    starts = _one_way(side, 3)
    if starts.size:
        starts = np.where(sliding_window_view(close, 3).sum(axis=1) >= 2, starts, 0.0)
    return np.where(close, _members(starts, 3, side.size), 0.0)


def _sign(difference: Floats, slack: float) -> Floats:
    return np.where(np.abs(difference) <= slack, 0.0, np.sign(difference))


def _one_way(signs: Floats, width: int) -> Floats:
    """Find the windows, by where they start, whose signs are all 1 or all -1."""
    if signs.size < width:
        return np.zeros(0)
    sums = sliding_window_view(signs, width).sum(axis=1)
    return np.where(np.abs(sums) == width, np.sign(sums), 0.0)


def _members(starts: Floats, width: int, size: int) -> Floats:
    """Mark every point of the windows that were found; a later window has the last word."""
    marked = np.zeros(size)
    for start in np.flatnonzero(starts):
        marked[start : start + width] = starts[start]
    return marked
