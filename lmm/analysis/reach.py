"""Whom the service reached: the families who attended, beside a reference population."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from lmm.analysis import roles
from lmm.analysis.analysis import analysis
from lmm.analysis.characteristics import CHARACTERISTICS
from lmm.analysis.released import estimated, hidden, plain_share, whole_of
from lmm.analysis.result import Result, Row
from lmm.counting.counts import Counts
from lmm.counting.rows import NOT_RECORDED
from lmm.statistics.estimate import Estimate
from lmm.study.declared import ReferencePopulation

Compared = Literal["ward", "ethnic_group"]

REACH: tuple[Compared, ...] = ("ward", "ethnic_group")


@analysis(
    "families",
    "family_contacts",
    tuple(f"families.{name}" for name in REACH),
    title="Families and a reference",
)
def reach(counts: Counts) -> Result:
    """Set the families who attended beside a reference population, by ward and ethnic group.

    Returns
    -------
    Result
        Estimates with the strata ``characteristic, level``, and ``reference_share,
        share_less_reference, ratio_to_reference, missing, reference``. Shares are of the
        families in the levels that the reference population has; families in other levels
        keep their row, are counted and not compared, and ``missing`` says for how many the
        level is not recorded. Without a reference population in the study file the shares
        are of all families whose level is recorded, and ``reference`` says so.
    """
    rows = [row for name in REACH if counts.has("seen", name) for row in _reach(counts, name)]
    found = Result.of_estimates(
        rows,
        characteristic=roles.stratum(of="characteristic"),
        level=roles.stratum(of="level"),
        reference_share=roles.share(of="reference"),
        share_less_reference=roles.share(of="difference"),
        ratio_to_reference=roles.number(),
        missing=roles.count(),
        reference=roles.words(once=True),
        estimate=roles.estimated_share(),
    )
    compared = ["reference_share", "share_less_reference", "ratio_to_reference"]
    types = {**dict.fromkeys(compared, "float64"), "missing": "Int64"}
    return found.with_table(found.table.astype(types))


def _reach(counts: Counts, name: Compared) -> Iterator[Row]:
    reference = counts.study.reference_population.get(name)
    shares = reference.shares if reference else {}
    levels = [level for level in counts.levels("seen", name) if level != NOT_RECORDED]
    compared = [level for level in levels if level in shares or not reference]
    whole = whole_of(counts.n("seen", **{name: level}) for level in compared)
    strata = {"missing": counts.n("seen", **{name: NOT_RECORDED}), "reference": _worded(reference)}
    for level in levels:
        label = CHARACTERISTICS[name]
        estimand = f"share of families who attended: {label.lower()} {level}"
        n = counts.n("seen", **{name: level})
        if level in compared:
            estimate = plain_share(counts, "seen", estimand, n, whole, counts.basis())
        else:
            estimate = _not_compared(counts, estimand, n)
        against = _against(estimate, shares.get(level))
        yield {"characteristic": label, "level": level, **against, **strata}, estimate


def _not_compared(counts: Counts, estimand: str, n: int | None) -> Estimate:
    why = "outside the reference population: counted and not compared"
    basis = counts.basis()

    def counted(n: int) -> Estimate:
        return Estimate.without_value(estimand, n, None, "not_estimable", basis, why)

    return estimated(counts, "seen", hidden(estimand, n, None, basis), counted, n)


def _against(estimate: Estimate, reference: float | None) -> dict[str, float | None]:
    difference = ratio = None
    if estimate.estimate is not None and reference is not None:
        difference = estimate.estimate - reference
        ratio = estimate.estimate / reference if reference else None
    return {
        "reference_share": reference,
        "share_less_reference": difference,
        "ratio_to_reference": ratio,
    }


def _worded(reference: ReferencePopulation | None) -> str:
    if reference is None:
        return "no reference population is declared"
    return f"{reference.basis}: {reference.reason or reference.source}"
