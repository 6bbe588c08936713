"""How long families waited for the first session that they attended."""

from __future__ import annotations

from typing import Literal, get_args

import pandas as pd

from lmm.analysis import roles
from lmm.analysis.analysis import analysis
from lmm.analysis.released import plain_share
from lmm.analysis.result import Result, Row
from lmm.counting.counts import Counts
from lmm.counting.declared import WITHIN
from lmm.counting.rows import RECORDED
from lmm.statistics.survival import kaplan_meier, median_days, share_seen

Population = Literal["accepted", "referred"]
POPULATIONS: tuple[Population, ...] = get_args(Population)
Leaving = Literal["censored", "followed"]

LEAVING: dict[Leaving, str] = {"censored": "censored at discharge", "followed": "never seen"}
"""Two ways to count families discharged unseen, in words.

The first takes their leaving to say nothing about how long they would have waited, which is
seldom so. The second counts leaving as a competing event: with every end of follow-up known,
the complement of the curve is then the cumulative incidence of being seen (Fine and Gray
1999, Journal of the American Statistical Association 94, 496-509).
"""

ASSUMED: dict[Leaving, str] = {
    "censored": "families who left unseen are taken to be like those who stayed",
    "followed": "families who left unseen count as waiting until the end of the period",
}
"""What each of the two assumes."""

NOT_KNOWN = "counted as still waiting"
"""How families who left unseen are counted where no discharges are kept."""

NOT_FOLLOWED = "counted as not seen"
"""How everyone who was not seen is counted where there is no curve."""


def populations(counts: Counts) -> tuple[Population, ...]:
    """Give the families whose wait can be looked at, the most usual first."""
    accepting = counts.keeps("families", "accepted_on")
    return POPULATIONS if accepting else ("referred",)


def waits(
    counts: Counts,
    population: Population = "accepted",
    leaving: Leaving = "censored",
) -> pd.DataFrame:
    """Count the families by the days they were followed, from referral to their first session.

    Returns
    -------
    DataFrame
        ``days, outcome, n``: the outcome is ``seen``, ``left`` (discharged unseen; the days end
        there, unless they are to be ``followed`` on) or ``waiting`` at the end of the period.
        Most counts are of one family: there are none where counts are protected.
    """
    ends = "left_after" if leaving == "censored" else "followed"
    found = [
        _by_days(counts, population, "seen", "wait").assign(outcome="seen"),
        _by_days(counts, population, "not_yet_seen", "followed").assign(outcome="waiting"),
    ]
    if "left_unseen" in counts.declared:
        left = _by_days(counts, population, "left_unseen", "left_after", "followed")
        found.append(left.assign(days=left[ends], outcome="left"))
    every = pd.concat(found, ignore_index=True)
    return every.groupby(["days", "outcome"])["n"].sum().astype("int64").reset_index()


def _by_days(counts: Counts, population: Population, measure: str, *names: str) -> pd.DataFrame:
    """Give the counts of a population by days; the first of several as ``days``."""
    if population == "referred":
        found = counts.by(measure, *names)
    else:
        found = counts.by(measure, "accepted_on?", *names)
        found = found[found["accepted_on?"] == RECORDED]
    return found.assign(days=found[names[0]])


def _meaning(counts: Counts, leaving: Leaving, *, someone_left: bool) -> str:
    """Say what is assumed of the families who left unseen, if there are any."""
    if not counts.keeps("families", "discharged_on"):
        return f"no discharges are kept: families who left unseen are {NOT_KNOWN}"
    return ASSUMED[leaving] if someone_left else ""


@analysis("families", "family_contacts")
def wait_curve(counts: Counts) -> Result:
    """Estimate the share of families not yet seen by days since referral (Kaplan-Meier).

    The families are those accepted, or all where acceptance is not kept.

    Returns
    -------
    Result
        As `kaplan_meier`, with ``basis``. The share not yet seen takes it that families who
        left unseen, and those still waiting, would have waited like the others.
    """
    if counts.hides("seen", "wait"):
        return Result.absent(
            "Not released: each step of the curve is a family. See the page on disclosure."
        )
    followed = waits(counts, populations(counts)[0])
    curve = kaplan_meier(followed, counts.parameters.confidence)
    return Result.of(
        curve.assign(basis=counts.basis()),
        days=roles.number(),
        at_risk=roles.count(of="families followed"),
        seen=roles.count(of="seen"),
        left=roles.count(of="left"),
        waiting=roles.count(of="waiting"),
        not_yet_seen=roles.share(),
    )


@analysis("families", "family_contacts", title="Median wait")
def median_wait(counts: Counts) -> Result:
    """Estimate the median days from referral to the first session attended.

    Returns
    -------
    Result
        Estimates as `median_days` gives them, with the stratum ``population``: families
        ``accepted``, where that is kept, and all ``referred``.
    """
    if counts.hides("seen", "wait"):
        return Result.absent(
            "Not released: a median is the wait of one family. See the page on disclosure."
        )
    rows: list[Row] = []
    for population in populations(counts):
        curve = kaplan_meier(waits(counts, population), counts.parameters.confidence)
        estimand = f"median days from referral to first session, families {population}"
        left = bool(curve["left"].any())
        note = _meaning(counts, "censored", someone_left=left)
        median = median_days(estimand, curve, counts.basis()).noted(note)
        rows.append(({"population": population}, median))
    return Result.of_estimates(rows, population=roles.stratum("Families", of="population"))


@analysis("families", "family_contacts", title="Families seen soon")
def seen_within(counts: Counts) -> Result:
    """Estimate the share of families seen within so many days of their referral.

    Returns
    -------
    Result
        Estimates as `share_seen` gives them, with the strata ``population`` (as in
        `median_wait`), ``within_days`` (those of `WITHIN`) and ``leaving``: how the families
        who left unseen are counted, see `LEAVING`; where no discharges are kept, as `NOT_KNOWN`
        says. Where no family was discharged unseen, there are no rows for the second way to
        count them. Where counts are protected it is the plain share of those seen by then.
    """
    of = _plain_shares if counts.hides("seen", "wait") else _shares_of_curves
    rows = [row for population in populations(counts) for row in of(counts, population)]
    return Result.of_estimates(
        rows,
        population=roles.stratum("Families", of="population"),
        within_days=roles.number(of="days"),
        leaving=roles.stratum("Those who left", of="leaving"),
        estimate=roles.estimated_share("families seen"),
    )


def _worded(within: int, population: Population) -> str:
    return f"share seen within {within} days of referral, families {population}"


def _plain_shares(counts: Counts, population: Population) -> list[Row]:
    rows = []
    for within in WITHIN:
        measure, estimand = f"{population}_seen_within_{within}", _worded(within, population)
        high, n = counts.high(measure), counts.n(measure)
        share = plain_share(counts, measure, estimand, high, n, counts.basis())
        if share.status == "ok":
            share = share.noted("who was not followed for so long counts as not seen")
        strata = {"population": population, "within_days": within, "leaving": NOT_FOLLOWED}
        rows.append((strata, share))
    return rows


def _shares_of_curves(counts: Counts, population: Population) -> list[Row]:
    rows: list[Row] = []
    level, basis = counts.parameters.confidence, counts.basis()
    leaving_kept = counts.keeps("families", "discharged_on")
    for leaving, said in LEAVING.items():
        curve = kaplan_meier(waits(counts, population, leaving), level)
        someone_left = bool(curve["left"].any())
        if leaving == "followed" and not someone_left:
            continue
        for within in WITHIN:
            way = said if leaving_kept else NOT_KNOWN
            strata = {"population": population, "within_days": within, "leaving": way}
            estimate = share_seen(_worded(within, population), curve, within, level, basis)
            meaning = _meaning(counts, leaving, someone_left=someone_left)
            rows.append((strata, estimate.noted(meaning)))
    return rows
