"""What items without an answer could change: each item of the feedback forms, three ways.

- Available case: all who answered the item on the scale.
- Complete case: of these, only the forms with every item answered.
- Worst case over returned forms: whatever is not known taken as dissatisfied, and taken as
  satisfied. These are bounds and not a confidence interval.

Where the first two differ, or the bounds are far apart, the missing answers matter. None of
the three says anything of people who returned no form. Sources: Little and Rubin (2019),
Statistical Analysis with Missing Data, chapter 3; for the bounds Manski (2003), Partial
Identification of Probability Distributions, chapter 1.

A "don't know" is out of the denominator, counted beside, and over returned forms as unknown as
a blank.
"""

from __future__ import annotations

import pandas as pd

from lmm.cleaning.records import Records
from lmm.statistics.clusters import IGNORES_CLUSTERING
from lmm.statistics.estimate import Estimate, as_table
from lmm.statistics.shares import bounds, proportion

AVAILABLE, COMPLETE, WORST = "available case", "complete case", "worst case over returned forms"


def item_satisfaction(records: Records) -> pd.DataFrame:
    """Estimate the share with high satisfaction with each item, in three ways.

    Returns
    -------
    DataFrame
        Estimates with the strata ``item, approach`` and ``dont_know, blank``, which count
        such returned forms. Intervals are Wilson's and ignore clustering, apart from those
        of the third approach, which are bounds.

    Raises
    ------
    ValueError
        If an answer is not declared.
    """
    status = _status(records)
    counted = status == "answered"
    complete = counted.all(axis="columns")
    rows = []
    for item, wording in records.study.satisfaction.items.items():
        of_kind = status[item].value_counts()
        strata = {
            "item": wording,
            "dont_know": int(of_kind.get("don't know", 0)),
            "blank": int(of_kind.get("blank", 0)),
        }
        found = {
            AVAILABLE: _share(records, item, counted[item], _figure(records, item)),
            COMPLETE: _share(records, item, complete),
            WORST: _worst_case(records, item, counted[item]),
        }
        rows += [({**strata, "approach": name}, estimate) for name, estimate in found.items()]
    return as_table(rows)


def _figure(records: Records, item: str) -> str:
    """Name the published figure that the available case of an item is, if any."""
    return "satisfaction" if item == records.study.satisfaction.overall else ""


def _share(records: Records, item: str, of: pd.Series[bool], figure: str = "") -> Estimate:
    high = records.tables["feedback_forms"][item].isin(records.study.satisfaction.high)
    level, basis = records.parameters.confidence, records.basis(figure)
    estimand = "share with high satisfaction with the item"
    estimate = proportion(estimand, int((high & of).sum()), int(of.sum()), level, basis)
    return estimate.noted(IGNORES_CLUSTERING) if estimate.status == "ok" else estimate


def _worst_case(records: Records, item: str, counted: pd.Series[bool]) -> Estimate:
    high = records.tables["feedback_forms"][item].isin(records.study.satisfaction.high)
    numbers = (int(high.sum()), int(counted.sum()), len(counted))
    return bounds("share with high satisfaction with the item", *numbers, records.basis())


def _status(records: Records) -> pd.DataFrame:
    """Say of each item of each form whether it is answered, "don't know" or blank."""
    satisfaction = records.study.satisfaction
    cells = records.tables["feedback_forms"][list(satisfaction.items)]
    kinds = {
        **dict.fromkeys(satisfaction.scale, "answered"),
        **dict.fromkeys(satisfaction.dont_know, "don't know"),
    }
    for item in cells:
        if unknown := set(cells[item].dropna()) - set(kinds):
            raise ValueError(f"{item}: {', '.join(sorted(unknown))} is not declared")
    return pd.DataFrame(
        {item: cells[item].map(kinds).fillna("blank").astype("str") for item in cells}
    )
