"""How families took part: what became of booked contacts, how often and how long they came."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from lmm.analysis import roles
from lmm.analysis.analysis import analysis
from lmm.analysis.characteristics import MOMENTS, moments
from lmm.analysis.released import NOT_RELEASED, hidden, interval_of_clusters, plain_share
from lmm.analysis.result import Result, Row
from lmm.analysis.strata import Stratum
from lmm.counting.counts import Counts
from lmm.counting.rows import NOT_RECORDED
from lmm.statistics.clusters import IGNORES_CLUSTERING
from lmm.statistics.estimate import Estimate
from lmm.statistics.shares import proportion

BY = ("kind", "mode", "phase", "contract_year")
"""What the outcomes of booked contacts are compared by."""

FAMILY = "family_id"

BANDS: tuple[tuple[int, int | None], ...] = (
    (1, 1), (2, 2), (3, 3), (4, 6), (7, 9), (10, 12), (13, None),
)  # fmt: skip
"""First and last number of sessions of each row of the distribution."""

TOO_FINE = "Not released: how often {} came can tell of a single one. See the page on disclosure."


# --- what became of booked contacts ----------------------------------------------------------


@analysis("family_contacts")
def booked_contacts(counts: Counts) -> Result:
    """Estimate the share of booked contacts with each outcome, in all and by `BY`.

    Returns
    -------
    Result
        Estimates with the strata ``by, stratum, booked, outcome``. Contacts of one family
        resemble each other: the interval is Korn and Graubard's, with families as clusters.
        Where counts by family are not released it is Wilson's, its note says that it ignores
        clustering, and what is counted by family only, such as phases, is suppressed.
    """
    rows: list[Row] = []
    outcomes = [o for o in counts.levels("contacts", "outcome") if o != NOT_RECORDED]
    hides = counts.hides("contacts", "outcome", FAMILY)
    for at, within in _strata(counts):
        of = _suppressed_or_plain if hides else _clustered
        estimates = {outcome: of(counts, outcome, within) for outcome in outcomes}
        for outcome, estimate in estimates.items():
            rows.append(({**at, "booked": estimate.denominator, "outcome": outcome}, estimate))
    found = Result.of_estimates(
        rows,
        by=roles.dimension(),
        stratum=roles.stratum("Group", of="group"),
        booked=roles.count(of="contacts booked"),
        outcome=roles.stratum(of="outcome", across=True),
        estimate=roles.estimated_share("booked contacts"),
    )
    return found.with_table(found.table.astype({"booked": "Int64"}))


def _strata(counts: Counts) -> Iterator[tuple[Stratum, dict[str, str]]]:
    """Give all, then every known level of each of `BY` that the service keeps."""
    yield {"by": "all", "stratum": "all"}, {}
    for name in BY:
        if counts.has("contacts", name, "outcome", FAMILY):
            dimension, *_ = counts.dimensions("contacts", name, "outcome", FAMILY)
            for level in dimension.levels or ():
                if level != NOT_RECORDED:
                    yield {"by": name, "stratum": level}, {name: level}


def _worded_share(outcome: str) -> str:
    return f"share of booked contacts: {outcome}"


def _suppressed_or_plain(counts: Counts, outcome: str, within: dict[str, str]) -> Estimate:
    """Estimate a share of released counts."""
    estimand, basis = _worded_share(outcome), counts.basis()
    if not counts.has("contacts", *within, "outcome"):
        return hidden(estimand, None, None, basis, NOT_RELEASED)
    n, booked = counts.n("contacts", **within, outcome=outcome), counts.n("contacts", **within)
    share = plain_share(counts, "contacts", estimand, n, booked, basis)
    return share.noted(IGNORES_CLUSTERING) if share.status == "ok" else share


def _clustered(counts: Counts, outcome: str, within: dict[str, str]) -> Estimate:
    """Estimate a share of exact counts by family."""
    found = counts.by("contacts", *within, "outcome", FAMILY)
    for name, level in within.items():
        found = found[found[name] == level]
    found = found.assign(inside=found["n"].where(found["outcome"] == outcome, 0))
    each = found.groupby(FAMILY)[["inside", "n"]].sum()
    return interval_of_clusters(
        _worded_share(outcome), each["inside"].tolist(), each["n"].tolist(),
        counts.parameters.confidence, counts.basis(),
    )  # fmt: skip


# --- how often, and how long -----------------------------------------------------------------


@analysis("families", "family_contacts")
def sessions_a_family(counts: Counts) -> Result:
    """Distribute the families who attended by how many sessions they attended so far.

    Returns
    -------
    Result
        Estimates of shares with Wilson's interval and the strata ``sessions`` (those of
        `BANDS`) and, where discharges are kept, ``still_on_the_books``: how many of these
        families may yet come again, so that their number is a lower limit.
    """
    if counts.hides("seen", "sessions"):
        return Result.absent(TOO_FINE.format("families"))
    everyone = counts.n("seen") or 0
    ended = "discharged" in counts.declared
    note = "" if ended else "no discharges are kept: any of these families may come again"
    rows: list[Row] = []
    for band in BANDS:
        n = _within(counts, "seen", band)
        share = proportion(
            f"share of families who attended {_worded(band)}", n, everyone,
            counts.parameters.confidence, counts.basis(),
        ).noted(note)  # fmt: skip
        still = {"still_on_the_books": n - _within(counts, "discharged", band)} if ended else {}
        rows.append(({"sessions": _worded(band).rpartition(" ")[0], **still}, share))
    return Result.of_estimates(
        rows,
        sessions=roles.stratum("Sessions attended", of="sessions"),
        still_on_the_books=roles.count(of="families still on the books"),
        estimate=roles.estimated_share("families who attended"),
    )


def _within(counts: Counts, measure: str, band: tuple[int, int | None]) -> int:
    first, last = band
    found = counts.by(measure, "sessions")
    inside = found["sessions"].between(first, float("inf") if last is None else last)
    return int(found.loc[inside, "n"].sum())


def _worded(band: tuple[int, int | None]) -> str:
    first, last = band
    many = f"{first} or more" if last is None else f"{first} to {last}"
    return "1 session" if last == 1 else f"{first if last == first else many} sessions"


@analysis("families", "families.discharged_on", "family_contacts")
def length_of_support(counts: Counts) -> Result:
    """Describe the days from the first to the last session of the families discharged.

    Returns
    -------
    Result
        ``families, number``, then mean, SD, median and quartiles of the days, and ``basis,
        note``: of all who attended and were discharged, and of those of them with at least two
        sessions. Families still on the books are left out, and with them the longest courses
        of support that have begun.
    """
    if counts.hides("discharged", "sessions", "first_to_last"):
        return Result.absent(TOO_FINE.format("families"))
    found = counts.by("discharged", "sessions", "first_to_last")
    groups = {
        "attended and discharged": found,
        "of these, with two sessions or more": found[found["sessions"] > 1],
    }
    rows = [
        {"families": name, "number": rows["n"].sum(), **moments(rows["first_to_last"], rows["n"])}
        for name, rows in groups.items()
    ]
    table = pd.DataFrame(rows, columns=["families", "number", "share", *MOMENTS])
    types = {"number": "int64"} | dict.fromkeys(["share", *MOMENTS], "float64")
    return Result.of(
        table.astype(types).assign(basis=counts.basis(), note=_still_there(counts)),
        families=roles.stratum(),
        number=roles.count(of="families"),
        share=roles.share("Days from first to last session"),
        sd=roles.moment("SD"),
        **{name: roles.moment() for name in MOMENTS if name != "sd"},
    )


def _still_there(counts: Counts) -> str:
    still = (counts.n("seen") or 0) - (counts.n("discharged") or 0)
    return f"{still} who attended are still on the books, and left out"
