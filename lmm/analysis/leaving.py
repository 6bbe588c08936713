"""How families leave: unseen, or after some session; what comes first counts."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from lmm.analysis import roles
from lmm.analysis.analysis import analysis
from lmm.analysis.result import Result, Row
from lmm.analysis.waiting import Population, populations, waits
from lmm.counting.counts import Counts
from lmm.counting.declared import WITHIN
from lmm.statistics.competing import cumulative_incidence, share_by

ENDS = {"seen": "seen", "left": "discharged unseen", "waiting": "still waiting"}
"""What becomes of a referral, by outcome, in words; the last is that nothing has yet."""

AGAIN_WITHIN = 84
"""Days after a session within which a family who comes again is retained: twelve weeks."""

FEWEST = 5
"""A session that fewer families have reached is left out of the table of retention."""


NOT_ACCEPTED = "who was not accepted, and has no day of discharge, counts as waiting"


def _ends(counts: Counts, population: Population) -> pd.DataFrame:
    """Estimate what has become of families by days since referral."""
    found = waits(counts, population)
    found = found.assign(outcome=found["outcome"].map(ENDS).astype("str"))
    *causes, neither = ENDS.values()
    return cumulative_incidence(found, causes, neither, counts.parameters.confidence)


NOT_RELEASED = "Not released: each step is a family. See the page on disclosure."


@analysis("families", "family_contacts", "families.discharged_on")
def ways_of_leaving(counts: Counts) -> Result:
    """Estimate what had become of families by days since referral (Aalen-Johansen).

    The families are those accepted, or all where acceptance is not kept.

    Returns
    -------
    Result
        As `cumulative_incidence`, with ``basis``: seen and discharged unseen compete, and the
        families still waiting are followed to the end of the period.
    """
    if counts.hides("seen", "wait"):
        return Result.absent(NOT_RELEASED)
    curve = _ends(counts, populations(counts)[0])
    return Result.of(
        curve.assign(basis=counts.basis()),
        days=roles.number(),
        outcome=roles.stratum(of="outcome"),
        at_risk=roles.count(of="families followed"),
        n=roles.count(of="families"),
        share=roles.share(),
    )


@analysis("families", "family_contacts", "families.discharged_on", title="What became of referrals")
def left_by(counts: Counts) -> Result:
    """Estimate the shares seen, discharged unseen and still waiting by some days.

    Returns
    -------
    Result
        Estimates as `share_by` gives them, with the strata ``population`` (accepted, where
        that is kept, and all referred), ``within_days`` (those of `WITHIN`) and ``outcome``.
    """
    if counts.hides("seen", "wait"):
        return Result.absent(NOT_RELEASED)
    level, basis = counts.parameters.confidence, counts.basis()
    rows: list[Row] = []
    for population in populations(counts):
        curve = _ends(counts, population)
        note = NOT_ACCEPTED if population == "referred" != populations(counts)[0] else ""
        for within in WITHIN:
            for outcome in ENDS.values():
                named = f"share {outcome} {within} days after referral, families {population}"
                estimate = share_by(named, curve, outcome, within, level, basis).noted(note)
                strata = {"population": population, "within_days": within, "outcome": outcome}
                rows.append((strata, estimate))
    return Result.of_estimates(
        rows,
        population=roles.stratum("Families", of="population"),
        within_days=roles.number("Days since referral", of="days"),
        outcome=roles.stratum(of="outcome", across=True),
        estimate=roles.estimated_share(),
    )


# --- retention -------------------------------------------------------------------------------

AGAIN, NO_MORE, OPEN = "came again", "discharged", "may come again"

NO_DISCHARGES = "no discharges are kept: who came no more is followed to the end of the period"


@analysis("families", "family_contacts", title="Families who came again")
def retention(counts: Counts) -> Result:
    """Estimate the share of families who came again after each session (Aalen-Johansen).

    Of the families who attended a session, the share who attended another one within
    `AGAIN_WITHIN` days. The days are counted from that session; to be discharged competes with
    coming again, and who may come again is followed to the end of the period. A case that
    nobody closed therefore counts as not retained once it was followed for so long, and as
    unknown before. Families who come rarely are followed for fewer sessions: that gaps between
    later sessions are unrelated to those before is assumed.

    Returns
    -------
    Result
        Estimates as `share_by` gives them, with the strata ``session`` and ``kept_so_far``: the
        product of the shares up to here, which is the share of those who came at all who came
        to one session more, never pausing for longer. Sessions that fewer than `FEWEST`
        families reached are left out.
    """
    if counts.hides("came_again", "session", "to_next"):
        return Result.absent(NOT_RELEASED)
    level, basis = counts.parameters.confidence, counts.basis()
    note = "" if "came_no_more" in counts.declared else NO_DISCHARGES
    rows: list[Row] = []
    so_far: float | None = 1.0
    for session, followed in _after_each(counts):
        curve = cumulative_incidence(followed, (AGAIN, NO_MORE), OPEN, level)
        named = f"share who came again within {AGAIN_WITHIN} days of session {session}"
        share = share_by(named, curve, AGAIN, AGAIN_WITHIN, level, basis).noted(note)
        so_far = None if so_far is None or share.estimate is None else so_far * share.estimate
        rows.append(({"session": session, "kept_so_far": so_far}, share))
    found = Result.of_estimates(
        rows,
        session=roles.number("After session", of="session"),
        kept_so_far=roles.share("Of all who came", of="all who came"),
        estimate=roles.estimated_share("families who came to the session"),
    )
    return found.with_table(found.table.astype({"kept_so_far": "float64"}))


def _after_each(counts: Counts) -> Iterator[tuple[int, pd.DataFrame]]:
    """Give for each session, from the first, how long families were followed and what ended it."""
    ends = {
        "came_again": ("to_next", AGAIN),
        "came_no_more": ("to_discharge", NO_MORE),
        "may_come_again": ("to_end", OPEN),
    }
    every = pd.concat(
        [
            counts.by(measure, "session", days)
            .rename(columns={days: "days"})
            .assign(outcome=outcome)
            for measure, (days, outcome) in ends.items()
            if measure in counts.declared
        ]
    )
    every["days"] = every["days"].clip(lower=0)  # a session after the day of discharge
    added = every.groupby(["session", "days", "outcome"])["n"].sum().astype("int64").reset_index()
    for session, rows in added.groupby("session"):
        if rows["n"].sum() >= FEWEST:
            yield int(str(session)), rows
