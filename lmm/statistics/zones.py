"""Where a share or a count lies against two cut-offs: in red, amber or green, and how surely.

The rating of a point estimate does not say whether chance could have put it there. The four
zones split amber by a test against the red cut-off; the probabilities are those of red, amber
and green given what was counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite, sqrt
from typing import Any, Literal

from scipy import stats

from lmm.statistics.batches import Batches
from lmm.statistics.estimate import Status, check_counts

Zone = Literal["red", "amber-red", "amber-green", "green", "not rated"]

Direction = Literal["at least", "at most"]
"""On which side of a target it is good to be. Of "at most" red is above the red cut-off and green
up to the green one, as of waits or missed appointments."""

TOLERANCE = 1e-9
"""A figure this close to a cut-off is on it."""


@dataclass(frozen=True)
class FourZones:
    """The zone of a share."""

    zone: Zone
    status: Status
    note: str = ""


@dataclass(frozen=True)
class ZoneProbabilities:
    """Posterior probabilities of red, amber and green, which add up to 1.

    None, all of them, unless ``status`` is ``ok``.
    """

    red: float | None
    amber: float | None
    green: float | None
    method: str
    status: Status
    note: str = ""


def amber_split(trials: int, red_below: float) -> float:
    """Share from which a one-sided 5 % test rejects the red cut-off: Ac of Lewis et al.

    RUL + 1.645 * sqrt(RUL * (1 - RUL) / n), which with few trials may pass 1.
    """
    return red_below + 1.645 * sqrt(red_below * (1 - red_below) / trials)


def four_zones(
    successes: int,
    trials: int,
    red_below: float,
    green_from: float,
    direction: Direction = "at least",
) -> FourZones:
    """Put a share into one of the four zones of Lewis et al.

    Of what is to be at most it is the zone of all that is left of the share. Otherwise: red up to
    and with the red cut-off, green from and with the green one; between them
    amber-green from and with `amber_split`, and amber-red below it. So a share on the red
    cut-off is red, where a plain rating calls what is not below the cut-off amber: the note
    says so. If the cut-offs are the same, a share on them is green.
    Source: Lewis et al. (2021), Pilot and Feasibility Studies 7, 40, table 5,
    doi 10.1186/s40814-021-00770-x.

    Parameters
    ----------
    red_below, green_from
        The red upper limit (RUL) and the green lower limit (GLL), as shares.

    Returns
    -------
    FourZones
        ``not_estimable`` without trials or cut-offs. The note says where the trials are so
        few that a green share need not reject the red cut-off.

    Raises
    ------
    ValueError
        If the successes are not between none and all of the trials, or the cut-offs do not
        go up from 0 to 1.
    """
    if direction == "at most":
        return four_zones(trials - successes, trials, 1 - red_below, 1 - green_from)
    if why := _obstacle(successes, trials, red_below, green_from):
        return FourZones("not rated", "not_estimable", why)
    share, split = successes / trials, amber_split(trials, red_below)
    notes = []
    if split >= green_from - TOLERANCE:
        notes.append("too few trials for green to reject the red cut-off by itself")
    if abs(share - red_below) <= TOLERANCE:
        notes.append("on the red cut-off")
    if share >= green_from - TOLERANCE:
        zone: Zone = "green"
    elif share <= red_below + TOLERANCE:
        zone = "red"
    else:
        zone = "amber-green" if share >= split - TOLERANCE else "amber-red"
    return FourZones(zone, "ok", "; ".join(notes))


def share_probabilities(
    successes: float,
    trials: float,
    red_below: float,
    green_from: float,
    direction: Direction = "at least",
) -> ZoneProbabilities:
    """Give the probabilities that the share itself is red, amber or green.

    From the posterior Beta(x + 1/2, n - x + 1/2) under Jeffreys' prior, which takes the trials
    as independent: of clustered ones give the effective size, and the share of it.

    Parameters
    ----------
    red_below, green_from
        Cut-offs as shares.

    Returns
    -------
    ZoneProbabilities
        ``not_estimable`` without trials or cut-offs.

    Raises
    ------
    ValueError
        If the successes are not between none and all of the trials, or the cut-offs do not
        go up from 0 to 1.
    """
    if direction == "at most":
        return share_probabilities(trials - successes, trials, 1 - red_below, 1 - green_from)
    if why := _obstacle(successes, trials, red_below, green_from):
        return ZoneProbabilities(None, None, None, "", "not_estimable", why)
    posterior = stats.beta(successes + 0.5, trials - successes + 0.5)
    return _probabilities(posterior, red_below, green_from)


def count_probabilities(
    events: int,
    target: float | None,
    red_below: float,
    green_from: float,
    direction: Direction = "at least",
    batches: Batches | None = None,
) -> ZoneProbabilities:
    """Give the probabilities that the mean count / target is red, amber or green.

    From the posterior Gamma(x + 1/2) of a Poisson mean under Jeffreys' prior; the target is
    known without error. Of events that come in batches, x is their effective number, and the
    scale is what one event stands for.

    Parameters
    ----------
    red_below, green_from
        Cut-offs as ratios to the target.

    Returns
    -------
    ZoneProbabilities
        ``not_estimable`` without a target above 0 or cut-offs.

    Raises
    ------
    ValueError
        If the count is negative, or the cut-offs do not go up from 0 (at most: down to it).
    """
    check_counts(events, events)
    why = _unusable(red_below, green_from)
    if target is None or not isfinite(target):
        why = "no target is declared"
    elif target <= 0:
        why = "a target of 0 has no ratio"
    if why or target is None:
        return ZoneProbabilities(None, None, None, "", "not_estimable", why)
    low, high = (red_below, green_from)[:: 1 if direction == "at least" else -1]
    if not 0 <= low <= high:
        raise ValueError(f"cut-offs of {red_below} and {green_from}")
    posterior = stats.gamma(events + 0.5)
    if batches:
        posterior = stats.gamma(batches.events + 0.5, scale=batches.size)
    return _probabilities(posterior, low * target, high * target, direction)


def _probabilities(
    posterior: Any, low: float, high: float, direction: Direction = "at least"
) -> ZoneProbabilities:
    """Give the probabilities under, between and over two cut-offs, by which side is good."""
    ends = float(posterior.cdf(low)), float(posterior.sf(high))
    red, green = ends if direction == "at least" else ends[::-1]
    amber = max(0.0, 1 - red - green)
    return ZoneProbabilities(red, amber, green, "Jeffreys posterior", "ok")


def _unusable(red_below: float, green_from: float) -> str:
    return "" if isfinite(red_below) and isfinite(green_from) else "no cut-offs are declared"


def _obstacle(successes: float, trials: float, red_below: float, green_from: float) -> str:
    """Say why a share has no zone; raise where counts or cut-offs are impossible."""
    check_counts(successes, trials)
    if why := _unusable(red_below, green_from):
        return why
    if trials and not 0 <= red_below <= green_from <= 1:
        raise ValueError(f"cut-offs of {red_below} and {green_from}")
    return "" if trials else "0 of 0: there is nothing to take a share of"
