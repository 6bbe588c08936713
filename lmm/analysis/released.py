"""Estimates from released counts: made where the counts are shown, and of what is shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import pandas as pd

from lmm.counting.counts import Counts
from lmm.statistics.clusters import IGNORES_CLUSTERING
from lmm.statistics.effective_size import effective_size_interval
from lmm.statistics.estimate import Estimate, check_counts
from lmm.statistics.shares import ShareInterval, bounds, proportion
from lmm.study.setting import Basis

ROUNDED = "made from the released counts"
ALIKE = "all or none: it says this of each of them; decide whether it may be released"
HIDDEN = "suppressed: a count behind it is too small, or would give one away"
NOT_RELEASED = "suppressed: it needs counts that are too fine to be released"


def estimated(
    counts: Counts,
    measure: str,
    without: Estimate,
    make: Callable[..., Estimate],
    *numbers: int | None,
) -> Estimate:
    """Make an estimate of counts, unless one of them is not shown.

    Parameters
    ----------
    measure
        What is counted; where its counts are rounded, a note says so.
    without
        As `hidden` gives it: what stands there if a count is not shown.
    make
        Gives the estimate for the counts.
    numbers
        The counts. Rounded ones can contradict each other, such as more highly satisfied than
        answers; what cannot be estimated then is suppressed.
    """
    if any(number is None for number in numbers):
        return without
    if counts.is_exact(measure):
        return make(*numbers).noted(since_when(counts, measure))
    try:
        made = make(*numbers)
    except ValueError:
        return without
    return made.noted(ROUNDED).noted(since_when(counts, measure))


def since_when(counts: Counts, measure: str) -> str:
    """Say from when on it is known who came, where those are counted who had not come before."""
    if not counts.declared[measure].once_for:
        return ""
    begins = counts.study.period.on_record_from
    return f"new since {begins}, when the records begin: who came earlier cannot be told"


def hidden(
    estimand: str,
    numerator: float | None,
    denominator: float | None,
    basis: Basis,
    why: str = HIDDEN,
) -> Estimate:
    """Record that there is no value because counts behind it are not shown."""
    return Estimate.without_value(estimand, numerator, denominator, "suppressed", basis, why)


def whole_of(parts: Iterable[int | None]) -> int | None:
    """Add up parts; None where one of them is not shown, so that it cannot be worked out."""
    known = list(parts)
    return None if None in known else sum(n for n in known if n is not None)


def share_of(counts: Counts, measure: str, part: int | None, whole: int | None) -> float | None:
    """Give a part as a share, without an interval.

    None where one of the two is not shown, there is nothing to take a share of, or rounding has
    made the part the larger one.
    """
    if part is None or not whole or (part > whole and not counts.is_exact(measure)):
        return None
    return part / whole


def plain_share(
    counts: Counts,
    measure: str,
    estimand: str,
    high: int | None,
    n: int | None,
    basis: Basis,
    method: ShareInterval = "wilson",
) -> Estimate:
    """Estimate a share with an interval that ignores clustering, Wilson's if no other is named."""

    def make(inside: int, of: int) -> Estimate:
        share = proportion(estimand, inside, of, counts.parameters.confidence, basis, method)
        alike = share.estimate in (0.0, 1.0) and not counts.is_exact(measure)
        return share.noted(ALIKE) if alike else share

    return estimated(counts, measure, hidden(estimand, high, n, basis), make, high, n)


def bounded_share(
    counts: Counts,
    measure: str,
    estimand: str,
    high: int | None,
    answered: int | None,
    everyone: int | None,
    basis: Basis,
) -> Estimate:
    """Bound a share over everyone, whatever those who did not answer would have said."""

    def make(inside: int, known: int, eligible: int) -> Estimate:
        if not counts.is_exact(measure):  # rounded apart, they say nothing of the records
            check_counts(inside, known)
            check_counts(known, eligible)
        return bounds(estimand, inside, known, eligible, basis)

    without = hidden(estimand, high, everyone, basis)
    return estimated(counts, measure, without, make, high, answered, everyone)


def clustered_share(
    counts: Counts, measure: str, estimand: str, basis: Basis, **within: str
) -> Estimate:
    """Estimate a share with the interval that takes its rows as clustered, as it is declared.

    With rows from one cluster only, of a measure without clusters, or where counts by cluster
    are not released, the interval is Wilson's and its note says that it ignores clustering.
    Where everyone gave the same answer the note warns that this gives away what each of them
    answered.
    """
    found = by_cluster(counts, measure, **within)
    if found is None:
        n, high = counts.n(measure, **within), counts.high(measure, **within)
        share = plain_share(counts, measure, estimand, high, n, basis)
        share = share.noted(IGNORES_CLUSTERING) if share.status == "ok" else share
        return _alike(share) if counts.is_exact(measure) else share
    level = counts.parameters.confidence
    return share_of_clusters(estimand, found["inside"].tolist(), found["n"].tolist(), level, basis)


def by_cluster(counts: Counts, measure: str, **within: str) -> pd.DataFrame | None:
    """Give a share by cluster; None of one that is not clustered, or not released so finely."""
    cluster = counts.declared[measure].clustered_by
    names = (*within, cluster) if cluster and counts.has(measure, *within, cluster) else ()
    if not names or counts.hides(measure, *names):
        return None
    found = counts.by(measure, *names)
    for name, at in within.items():
        found = found[found[name] == at]
    return found


def share_of_clusters(
    estimand: str, inside: Sequence[int], of: Sequence[int], level: float, basis: Basis
) -> Estimate:
    """Estimate a share of exact counts by cluster; see `clustered_share`."""
    return _alike(interval_of_clusters(estimand, inside, of, level, basis))


def interval_of_clusters(
    estimand: str, inside: Sequence[int], of: Sequence[int], level: float, basis: Basis
) -> Estimate:
    """Estimate the same of things that are no answers, so that being alike tells of nobody."""
    if len(of) == 1:
        one = proportion(estimand, inside[0], of[0], level, basis)
        return one.noted(IGNORES_CLUSTERING)
    return effective_size_interval(estimand, inside, of, level, basis)


def _alike(share: Estimate) -> Estimate:
    if share.estimate in (0.0, 1.0):
        return share.noted("disclosive: everyone gave the same answer")
    return share
