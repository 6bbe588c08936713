"""What was achieved against what was expected, by contract year.

A target is for a whole contract year; where the period covers a part of one, the target of
a count is taken in proportion to the months open.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any, Literal

import pandas as pd

from lmm.analysis.estimates import Estimate, as_table, proportion, ratio_to_target
from lmm.analysis.measures import INDICATORS, MEASURES, activity_events, answers
from lmm.cleaning.records import Records

Rag = Literal["green", "amber", "red", "not rated"]
Verdict = Literal["met", "nearly met", "not met", "not rated"]

TOLERANCE = 1e-9
"""A figure this close to a cut-off is on it; cut-offs are inclusive."""


def achievement(records: Records) -> pd.DataFrame:
    """Compare every target with what was achieved.

    Returns
    -------
    DataFrame
        One row a target that the period touches, in the order of the targets table:
        ``criterion, indicator, contract_year, months_open, full_year_target`` and the
        estimate (achieved / pro-rata target for a count, the share itself for a share),
        then ``red_below, green_from, rag, verdict, agreed_on, agreed_by``.
    """
    months = records.calendar.groupby("contract_year")["months_open"].sum()
    touched = records.targets[records.targets["contract_year"].isin(months.index)]
    achieved = _counts(records)
    rows = []
    for target in touched.to_dict("records"):
        exposure = float(months[target["contract_year"]])
        if target["indicator"] == "satisfaction":
            estimate = _share(records, target["contract_year"])
            reached = target["target"]
        else:
            key = (target["indicator"], target["contract_year"])
            estimate = _ratio(records, target, int(achieved.get(key, 0)), exposure)
            reached = 1.0
        estimate = estimate.noted(_caveats(records, target))
        rag = rate_against(estimate, target["red_below"], target["green_from"])
        strata = {
            "criterion": target["criterion"],
            "indicator": target["indicator"],
            "contract_year": target["contract_year"],
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
    return as_table(rows)


def _counts(records: Records) -> pd.Series[int]:
    events = activity_events(records)
    years = records.contract_year(events["date"])
    return events.groupby(["measure", years]).size()


def _ratio(records: Records, target: Mapping[Hashable, Any], n: int, exposure: float) -> Estimate:
    estimand = f"{INDICATORS[target['indicator']]}: achieved / pro-rata target"
    basis = records.basis()
    if exposure <= 0:
        note = "the service was not open"
        return Estimate.without_value(estimand, n, 0, "no_data", basis, note)
    full = target["target"]
    prorata = None if pd.isna(full) else float(full) * exposure / 12
    return ratio_to_target(estimand, n, prorata, records.parameters.confidence, basis)


def _share(records: Records, contract_year: str) -> Estimate:
    forms = answers(records)
    forms = forms[(forms["contract_year"] == contract_year) & forms["answered"]]
    return proportion(
        "share of respondents with high satisfaction",
        int(forms["high"].sum()),
        len(forms),
        records.parameters.confidence,
        records.basis(),
    )


def _caveats(records: Records, target: Mapping[Hashable, Any]) -> str:
    if target["agreed_on"] > pd.Timestamp(records.study.period.end):
        return "post hoc: the cut-offs were agreed after the data period"
    return ""


def rate_against(estimate: Estimate, red_below: float, green_from: float) -> Rag:
    """Rate the point estimate red, amber or green; a figure on a cut-off is on its good side."""
    if estimate.status != "ok" or estimate.estimate is None:
        return "not rated"
    if estimate.estimate >= green_from - TOLERANCE:
        return "green"
    return "red" if estimate.estimate < red_below - TOLERANCE else "amber"


def verdict(estimate: Estimate, rag: Rag, reached: float, rule: str) -> Verdict:
    """Apply the study's definition of "met or nearly met"; ``reached`` is the value to reach."""
    if rag == "not rated" or estimate.high is None:
        return "not rated"
    if rag == "green":
        return "met"
    nearly = {
        "green": False,
        "green or amber": True,
        "green or amber whose interval includes the target": estimate.high >= reached - TOLERANCE,
    }[rule]
    return "nearly met" if rag == "amber" and nearly else "not met"


def overall_verdict(achieved: pd.DataFrame) -> pd.DataFrame:
    """Count the verdicts of `achievement` and say whether all were met or nearly met.

    Returns
    -------
    DataFrame
        ``verdict, targets, basis``; the last row is the statement about all of them.
    """
    counts = achieved["verdict"].value_counts()
    kinds: tuple[Verdict, ...] = ("met", "nearly met", "not met", "not rated")
    rows: list[tuple[str, str]] = [(kind, str(counts.get(kind, 0))) for kind in kinds]
    rows.append(("all met or nearly met", all_met(achieved)))
    basis = achieved["basis"].iloc[0] if len(achieved) else "assumed"
    return pd.DataFrame(rows, columns=["verdict", "targets"]).assign(basis=basis)


def all_met(achieved: pd.DataFrame) -> Literal["yes", "no", "not rated"]:
    """Whether every target was met or nearly met, if every one could be rated."""
    if achieved.empty or (achieved["verdict"] == "not rated").any():
        return "no" if (achieved["verdict"] == "not met").any() else "not rated"
    return "yes" if achieved["verdict"].isin(["met", "nearly met"]).all() else "no"


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
    targets = records.targets[records.targets["indicator"].isin(MEASURES)]
    grid = targets[["indicator", "contract_year", "target"]].dropna().merge(records.calendar)
    found = [int(counts.get(key, 0)) for key in zip(grid["indicator"], grid["month"], strict=True)]
    grid["achieved"] = found
    grid["expected"] = grid["target"] * grid["months_open"] / 12
    order = pd.Categorical(grid["indicator"], list(MEASURES))
    grid = grid.assign(order=order).sort_values(["order", "month"], ignore_index=True)
    strata = ["indicator", "contract_year"]
    grid[["achieved", "expected"]] = grid.groupby(strata)[["achieved", "expected"]].cumsum()
    return grid[[*strata, "month", "achieved", "expected"]].assign(basis=records.basis())
