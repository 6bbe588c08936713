"""What was achieved against what was expected, by contract year.

A target is of any measure of the study: a count or a share. It is for a whole contract year;
where the period covers a part of one, the target of a count is taken in proportion to the months
open.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from lmm.analysis.analysis import analysis
from lmm.analysis.answers import share_with_high
from lmm.analysis.in_batches import batches_of
from lmm.analysis.rating import rate_value, verdict_of
from lmm.analysis.released import clustered_share, estimated, hidden
from lmm.analysis.result import Result, Row
from lmm.analysis.roles import (
    Role,
    count,
    date,
    measure,
    month,
    number,
    on_scale,
    scale,
    stratum,
    words,
)
from lmm.counting.counts import Counts
from lmm.counting.declared import MAIN, measures_of
from lmm.statistics.estimate import RECORD_FIELDS, Estimate
from lmm.statistics.rates import ratio_to_target
from lmm.statistics.rounding import fixed
from lmm.study.forms import MAIN_FORM
from lmm.study.setting import Basis

Target = Mapping[Hashable, Any]
"""A row of the table of targets."""

RATIO = "achieved / pro-rata target"
"""What is estimated of a count; of a share it is the share itself."""

ROLES: dict[str, Role] = {
    "criterion": words(once=True),
    "indicator": measure(),
    "contract_year": stratum(of="year"),
    "exposure": words(of="exposure"),
    "scale": scale(),
    "months_open": number(decimals=1),
    "full_year_target": on_scale("Full-year target"),
    "direction": words("Direction", of="direction", once=True),
    "red_below": on_scale("Red cut-off", of="red"),
    "green_from": on_scale("Green cut-off", of="green"),
    "rag": words("Rating", of="rating"),
    "verdict": words(of="verdict"),
    "numerator": Role("numerator", "Achieved", 1),
    "denominator": Role("denominator", "expected", 1),
    "agreed_on": date("Cut-offs agreed on", once=True),
    "agreed_by": words("Cut-offs agreed by", once=True),
}
"""What the columns are that say what a target is, and how it is rated."""


@analysis("targets", title="Achieved and expected")
def achievement(counts: Counts, *, adjusted: bool = False) -> Result:
    """Compare every target with what was achieved.

    Parameters
    ----------
    adjusted
        Whether months of reduced capacity, where the study file declares any, count in part.

    Returns
    -------
    Result
        One row a target that the period touches, in the order of the targets table:
        ``criterion, indicator, contract_year, scale, months_open, full_year_target`` and the
        estimate (achieved / pro-rata target for a count, the share itself for a share),
        then ``direction, red_below, green_from, rag, verdict, agreed_on, agreed_by``. Where less
        was expected, or fewer answered, than the study file asks for a rating
        (``rated_from``), the status is ``short_series``.
    """
    touched = counts.targets[counts.targets["contract_year"].isin(counts.contract_years)]
    rows = [_achieved(counts, target, adjusted=adjusted) for target in touched.to_dict("records")]
    strata = {name: role for name, role in ROLES.items() if name != "exposure"}
    return Result.of_estimates(rows, **strata)


def _achieved(counts: Counts, target: Target, *, adjusted: bool) -> Row:
    indicator, year = target["indicator"], target["contract_year"]
    exposure = counts.months_of_year(year, indicator if adjusted else "")
    estimate = _estimate(counts, target, exposure).noted(_caveats(counts, target))
    cut_offs = target["red_below"], target["green_from"], target["direction"]
    rag = rate_value(estimate.estimate, *cut_offs)
    reached = target["target"] if is_share(counts, indicator) else 1.0
    strata = {
        "criterion": target["criterion"],
        "indicator": indicator,
        "contract_year": year,
        "scale": "share" if is_share(counts, indicator) else "ratio",
        "months_open": exposure,
        "full_year_target": target["target"],
        "direction": target["direction"],
        "red_below": target["red_below"],
        "green_from": target["green_from"],
        "rag": rag,
        "verdict": verdict_of(
            estimate.limits, rag, reached, counts.study.nearly_met.rule, target["direction"]
        ),
        "agreed_on": target["agreed_on"],
        "agreed_by": target["agreed_by"],
    }
    return strata, estimate


@analysis("targets", title="Unadjusted and adjusted")
def exposure_comparison(counts: Counts) -> Result:
    """Set unadjusted and adjusted exposure side by side, where capacity was reduced.

    Returns
    -------
    Result
        Rows of `achievement`, with ``exposure`` (unadjusted or adjusted); only targets of
        counts whose months of that year differ. Empty where no reduced capacity is declared.
    """
    plain, adjusted = achievement(counts).table, achievement(counts, adjusted=True).table
    differs = (plain["months_open"] != adjusted["months_open"]) & ~plain["indicator"].map(
        lambda name: is_share(counts, name)
    ).astype("bool")
    both = pd.concat(
        [
            plain[differs].assign(exposure="unadjusted"),
            adjusted[differs].assign(exposure="adjusted"),
        ]
    ).sort_index(kind="stable")
    strata = ["indicator", "contract_year", "exposure", "months_open", "rag", "verdict"]
    return Result.of(both[[*strata, *RECORD_FIELDS]].reset_index(drop=True), **ROLES)


def is_share(counts: Counts, indicator: str) -> bool:
    """Whether an indicator is a share, so that its target is one, too."""
    return measures_of(counts.study)[indicator].kind == "share"


# --- what was achieved -----------------------------------------------------------------------


def _estimate(counts: Counts, target: Target, exposure: float) -> Estimate:
    indicator, year = str(target["indicator"]), str(target["contract_year"])
    if why := _not_counted(counts, indicator):
        estimand, basis = _ratio_of(counts, indicator), counts.basis()
        return Estimate.without_value(estimand, None, None, "no_data", basis, why)
    if not is_share(counts, indicator):
        return _ratio(counts, target, exposure)
    estimand = share_with_high(MAIN_FORM) if indicator == MAIN else counts.label(indicator)
    share = clustered_share(counts, indicator, estimand, counts.basis(), contract_year=year)
    least = counts.study.rated_from.share
    if share.status != "ok" or (share.denominator or 0) >= least:
        return share
    why = f"too few answers yet: {share.denominator:.12g}, and {least} are"
    return _too_little(share.estimand, share.numerator, share.denominator, share.basis, why)


def _too_little(
    estimand: str, numerator: float | None, denominator: float | None, basis: Basis, why: str
) -> Estimate:
    """Record that a rating would rest on too little."""
    why = f"not rated: {why} needed (rated_from in the study file)"
    return Estimate.without_value(estimand, numerator, denominator, "short_series", basis, why)


def _not_counted(counts: Counts, indicator: str) -> str:
    """Say why an indicator is not counted by contract year, if so."""
    if indicator not in counts.declared:
        return "the service keeps no records of this"
    if not counts.has(indicator, "contract_year"):
        return (
            f"{indicator} is not counted by contract year: "
            "add contract_year to `by` of the measure in study.yaml"
        )
    return ""


def _ratio(counts: Counts, target: Target, exposure: float) -> Estimate:
    indicator, basis = str(target["indicator"]), counts.basis()
    estimand = _ratio_of(counts, indicator)
    n = counts.n(indicator, contract_year=target["contract_year"])
    if exposure <= 0:
        note = "the service was not open"
        return Estimate.without_value(estimand, n, 0, "no_data", basis, note)
    full = target["target"]
    prorata: float | None = None if pd.isna(full) else float(full) * exposure / 12
    least = counts.study.rated_from.count
    if prorata is not None and 0 < prorata < least:
        why = f"too little was expected yet: {fixed(prorata, 2)}, and {least:.12g} are"
        return _too_little(estimand, n, prorata, basis, why)

    batches, note = batches_of(counts, indicator, contract_year=target["contract_year"])
    level = counts.parameters.confidence

    def make(events: int) -> Estimate:
        made = ratio_to_target(estimand, events, prorata, level, basis, batches)
        return made.noted(note if made.status == "ok" else "")

    return estimated(counts, indicator, hidden(estimand, n, prorata, basis), make, n)


def _ratio_of(counts: Counts, indicator: str) -> str:
    return f"{counts.label(indicator)}: {RATIO}"


def _caveats(counts: Counts, target: Target) -> str:
    if target["agreed_on"] > pd.Timestamp(counts.study.period.end):
        return "post hoc: the cut-offs were agreed after the data period"
    return ""


# --- month by month --------------------------------------------------------------------------

ROUNDED_MONTHS = "Not released: rounded months do not add up to a year. See the page on disclosure."


@analysis("targets", title="Cumulated by month")
def cumulative(counts: Counts) -> Result:
    """Add up achieved and expected counts month by month within each contract year.

    Returns
    -------
    Result
        ``indicator, contract_year, month, achieved, expected, basis``; expected is the
        pro-rata line. Indicators that are shares, or have no target, are left out, and so
        are those whose months are rounded.
    """
    has_target = counts.targets["indicator"].isin(list(counts.shown))
    targets = counts.targets[has_target][["indicator", "contract_year", "target"]].dropna()
    rounded = [name for name in counts.shown if not counts.is_exact(name)]
    shown = targets[~targets["indicator"].isin(rounded)]
    if shown.empty and len(targets):
        return Result.absent(ROUNDED_MONTHS)
    found = _by_month(counts, shown)
    return Result.of(found, **ROLES, month=month(), achieved=count(), expected=number(decimals=1))


def _by_month(counts: Counts, targets: pd.DataFrame) -> pd.DataFrame:
    grid = targets.merge(counts.calendar)
    events = {
        name: counts.by(name, "month").set_index("month")["n"].to_dict()
        for name in grid["indicator"].unique()
        if counts.has(name, "month")
    }
    grid = grid[grid["indicator"].isin(list(events))]
    at = zip(grid["indicator"], grid["month"], strict=True)
    grid["achieved"] = [int(events[name][start]) for name, start in at]
    grid["expected"] = grid["target"] * grid["months_open"] / 12
    order = pd.Categorical(grid["indicator"], list(counts.shown))
    grid = grid.assign(order=order).sort_values(["order", "month"], ignore_index=True)
    strata = ["indicator", "contract_year"]
    grid[["achieved", "expected"]] = grid.groupby(strata)[["achieved", "expected"]].cumsum()
    return grid[[*strata, "month", "achieved", "expected"]].assign(basis=counts.basis())
