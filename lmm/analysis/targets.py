"""What was achieved against what was expected, by contract year.

A target is for a whole contract year; where the period covers a part of one, the target of
a count is taken in proportion to the months open.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from itertools import product
from typing import Any, Literal, get_args

import pandas as pd

from lmm.analysis.measures import activity_events, answers, high_share, words
from lmm.cleaning.records import Records
from lmm.statistics.estimate import RECORD_FIELDS, Estimate, as_table
from lmm.statistics.rates import poisson_test, ratio_to_target
from lmm.statistics.zones import TOLERANCE, count_probabilities, four_zones, share_probabilities
from lmm.study.declared import NEARLY_MET_RULES
from lmm.study.tables import INDICATORS as TABLE_OF

Rag = Literal["green", "amber", "red", "not rated"]
Verdict = Literal["met", "nearly met", "not met", "not rated"]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)


def achievement(records: Records, *, adjusted: bool = False) -> pd.DataFrame:
    """Compare every target with what was achieved.

    Parameters
    ----------
    adjusted
        Whether months of reduced capacity, where the study file declares any, count in part.

    Returns
    -------
    DataFrame
        One row a target that the period touches, in the order of the targets table:
        ``criterion, indicator, contract_year, months_open, full_year_target`` and the
        estimate (achieved / pro-rata target for a count, the share itself for a share),
        then ``red_below, green_from, rag, verdict, agreed_on, agreed_by``.
    """
    touched = records.targets[records.targets["contract_year"].isin(records.contract_years)]
    achieved = _counts(records)
    rows = []
    for target in touched.to_dict("records"):
        indicator, year = target["indicator"], target["contract_year"]
        exposure = records.months_of_year(year, indicator if adjusted else "")
        if not records.study.keeps(TABLE_OF[indicator]):
            estimate, reached = _not_kept(records, indicator), math.nan
        elif indicator == "satisfaction":
            estimate, reached = _share(records, year), target["target"]
        else:
            events = int(achieved.get((indicator, year), 0))
            estimate, reached = _ratio(records, target, events, exposure), 1.0
        estimate = estimate.noted(_caveats(records, target))
        rag = rate_against(estimate, target["red_below"], target["green_from"])
        strata = {
            "criterion": target["criterion"],
            "indicator": indicator,
            "contract_year": year,
            "months_open": exposure,
            "full_year_target": target["target"],
            "red_below": target["red_below"],
            "green_from": target["green_from"],
            "rag": rag,
            "verdict": verdict(estimate, rag, reached, records.study.nearly_met.rule),
            "agreed_on": target["agreed_on"],
            "agreed_by": target["agreed_by"],
        }
        rows.append((strata, estimate))
    return as_table(rows) if rows else pd.DataFrame(columns=[*ACHIEVEMENT, *RECORD_FIELDS])


ACHIEVEMENT = ["criterion", "indicator", "contract_year", "months_open", "full_year_target",
               "red_below", "green_from", "rag", "verdict", "agreed_on", "agreed_by"]  # fmt: skip


def exposure_comparison(records: Records) -> pd.DataFrame:
    """Set unadjusted and adjusted exposure side by side, where capacity was reduced.

    Returns
    -------
    DataFrame
        Rows of `achievement`, with ``exposure`` (unadjusted or adjusted); only targets of
        counts whose months of that year differ. Empty where no reduced capacity is declared.
    """
    plain, adjusted = achievement(records), achievement(records, adjusted=True)
    differs = (plain["months_open"] != adjusted["months_open"]) & (
        plain["indicator"] != "satisfaction"
    )
    both = pd.concat(
        [
            plain[differs].assign(exposure="unadjusted"),
            adjusted[differs].assign(exposure="adjusted"),
        ]
    ).sort_index(kind="stable")
    strata = ["indicator", "contract_year", "exposure", "months_open", "rag", "verdict"]
    return both[[*strata, *RECORD_FIELDS]].reset_index(drop=True)


def certainty(achieved: pd.DataFrame) -> pd.DataFrame:
    """Say how sure each rating of `achievement` is.

    Returns
    -------
    DataFrame
        ``indicator, contract_year, rag``; ``zone``, one of the four of Lewis et al. (2021),
        for shares; ``p_red, p_amber, p_green``, under the Jeffreys posterior; ``p_value`` of
        the exact Poisson test of a count against its target; ``test, status, note, basis``.
    """
    return pd.DataFrame([_certainty(row) for row in achieved.to_dict("records")], columns=CERTAINTY)


CERTAINTY = ["indicator", "contract_year", "rag", "zone", "p_red", "p_amber", "p_green",
             "p_value", "test", "status", "note", "basis"]  # fmt: skip


def _certainty(row: Mapping[Hashable, Any]) -> dict[str, Any]:
    kept = {name: row[name] for name in ("indicator", "contract_year", "rag", "basis")}
    cut_offs = (float(row["red_below"]), float(row["green_from"]))
    if row["status"] != "ok":
        return {**kept, "zone": "not rated", "status": row["status"], "note": row["note"]}
    events = int(row["numerator"])
    if row["indicator"] == "satisfaction":
        trials = int(row["denominator"])
        zones = four_zones(events, trials, *cut_offs)
        found = share_probabilities(events, trials, *cut_offs)
        tested: dict[str, Any] = {"zone": zones.zone, "note": zones.note}
    else:
        target = float(row["denominator"])
        found = count_probabilities(events, target, *cut_offs)
        test = poisson_test(events, target)
        tested = {"zone": "", "p_value": test.p_value, "test": test.method, "note": test.note}
    chances = {"p_red": found.red, "p_amber": found.amber, "p_green": found.green}
    return {**kept, **tested, **chances, "status": found.status}


def sensitivity(records: Records, achieved: pd.DataFrame | None = None) -> pd.DataFrame:
    """Vary the cut-offs and the definition of "nearly met", and count the verdicts.

    Both cut-offs of every target are multiplied; a share's stay at or under 1, and red at or
    under green.

    Parameters
    ----------
    achieved
        The result of `achievement` to start from; by default it is computed.

    Returns
    -------
    DataFrame
        ``rule, red_factor, green_factor, declared`` (whether this is what the study file
        says), ``met, nearly_met, not_met, not_rated, all_met, basis``.
    """
    achieved = achievement(records) if achieved is None else achieved
    rows = []
    for rule in NEARLY_MET_RULES:
        for red, green in product(RED_FACTORS, GREEN_FACTORS):
            verdicts = [_reverdict(row, red, green, rule) for row in achieved.to_dict("records")]
            counts = Counter(verdicts)
            declared = rule == records.study.nearly_met.rule and red == green == 1
            rows.append(
                {
                    "rule": rule,
                    "red_factor": red,
                    "green_factor": green,
                    "declared": "yes" if declared else "no",
                    **{name.replace(" ", "_"): counts[name] for name in VERDICTS},
                    "all_met": all_met(verdicts),
                    "basis": records.basis(),
                }
            )
    return pd.DataFrame(rows)


RED_FACTORS = (0.8, 1.0, 1.2, 1.4)
GREEN_FACTORS = (0.8, 0.9, 1.0, 1.1)
"""What the cut-offs are multiplied by."""


def _reverdict(row: Mapping[Hashable, Any], red: float, green: float, rule: str) -> Verdict:
    share = row["indicator"] == "satisfaction"
    green_from = min(row["green_from"] * green, 1.0 if share else math.inf)
    red_below = min(row["red_below"] * red, green_from)
    rag = rate_value(row["estimate"] if row["status"] == "ok" else None, red_below, green_from)
    high = None if pd.isna(row["high"]) else float(row["high"])
    return verdict_of(high, rag, row["full_year_target"] if share else 1.0, rule)


def _counts(records: Records) -> pd.Series[int]:
    events = activity_events(records)
    years = records.contract_year(events["date"])
    return events.groupby(["measure", years]).size()


def _ratio(records: Records, target: Mapping[Hashable, Any], n: int, exposure: float) -> Estimate:
    estimand = f"{words(records)[target['indicator']]}: achieved / pro-rata target"
    basis = records.basis()
    if exposure <= 0:
        note = "the service was not open"
        return Estimate.without_value(estimand, n, 0, "no_data", basis, note)
    full = target["target"]
    prorata = None if pd.isna(full) else float(full) * exposure / 12
    return ratio_to_target(estimand, n, prorata, records.parameters.confidence, basis)


def _share(records: Records, contract_year: str) -> Estimate:
    forms = answers(records)
    within = forms[forms["contract_year"] == contract_year]
    return high_share(within, records.parameters.confidence, records.basis())


def _not_kept(records: Records, indicator: str) -> Estimate:
    estimand = f"{words(records)[indicator]}: achieved / pro-rata target"
    why = "the service keeps no records of this"
    return Estimate.without_value(estimand, None, None, "no_data", records.basis(), why)


def _caveats(records: Records, target: Mapping[Hashable, Any]) -> str:
    if target["agreed_on"] > pd.Timestamp(records.study.period.end):
        return "post hoc: the cut-offs were agreed after the data period"
    return ""


def rate_against(estimate: Estimate, red_below: float, green_from: float) -> Rag:
    """Rate a point estimate; see `rate_value`."""
    return rate_value(estimate.estimate, red_below, green_from)


def rate_value(value: float | None, red_below: float, green_from: float) -> Rag:
    """Rate a figure red, amber or green; one on a cut-off is on its good side."""
    if value is None or not (math.isfinite(red_below) and math.isfinite(green_from)):
        return "not rated"
    if value >= green_from - TOLERANCE:
        return "green"
    return "red" if value < red_below - TOLERANCE else "amber"


def verdict(estimate: Estimate, rag: Rag, reached: float, rule: str) -> Verdict:
    """Apply the study's definition of "met or nearly met"; ``reached`` is the value to reach."""
    return verdict_of(estimate.high, rag, reached, rule)


def verdict_of(high: float | None, rag: Rag, reached: float, rule: str) -> Verdict:
    """Apply a definition of "met or nearly met" to a rating and the upper limit behind it."""
    if rag == "not rated" or high is None:
        return "not rated"
    if rag == "green":
        return "met"
    if math.isnan(reached):
        return "not rated"
    nearly = {
        "green": False,
        "green or amber": True,
        "green or amber whose interval includes the target": high >= reached - TOLERANCE,
    }[rule]
    return "nearly met" if rag == "amber" and nearly else "not met"


def overall_verdict(achieved: pd.DataFrame) -> pd.DataFrame:
    """Count the verdicts of `achievement` and say whether all were met or nearly met.

    Returns
    -------
    DataFrame
        ``verdict, targets, basis``; the last row is the statement about all of them.
    """
    verdicts = achieved["verdict"].tolist()
    rows: list[tuple[str, str]] = [(kind, str(verdicts.count(kind))) for kind in VERDICTS]
    rows.append(("all met or nearly met", all_met(verdicts)))
    basis = achieved["basis"].iloc[0] if len(achieved) else "assumed"
    return pd.DataFrame(rows, columns=["verdict", "targets"]).assign(basis=basis)


def all_met(verdicts: Sequence[str]) -> Literal["yes", "no", "not rated"]:
    """Whether every target was met or nearly met, if every one could be rated."""
    if "not met" in verdicts:
        return "no"
    return "yes" if verdicts and "not rated" not in verdicts else "not rated"


def cumulative(records: Records) -> pd.DataFrame:
    """Add up achieved and expected counts month by month within each contract year.

    Returns
    -------
    DataFrame
        ``indicator, contract_year, month, achieved, expected, basis``; expected is the
        pro-rata line. Indicators that are shares, or have no target, are left out.
    """
    events = activity_events(records)
    month = events["date"].dt.to_period("M").dt.to_timestamp()
    counts = events.groupby(["measure", month]).size()
    targets = records.targets[records.targets["indicator"].isin(records.measures)]
    grid = targets[["indicator", "contract_year", "target"]].dropna().merge(records.calendar)
    found = [int(counts.get(key, 0)) for key in zip(grid["indicator"], grid["month"], strict=True)]
    grid["achieved"] = found
    grid["expected"] = grid["target"] * grid["months_open"] / 12
    order = pd.Categorical(grid["indicator"], list(records.measures))
    grid = grid.assign(order=order).sort_values(["order", "month"], ignore_index=True)
    strata = ["indicator", "contract_year"]
    grid[["achieved", "expected"]] = grid.groupby(strata)[["achieved", "expected"]].cumsum()
    return grid[[*strata, "month", "achieved", "expected"]].assign(basis=records.basis())
