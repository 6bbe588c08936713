"""What items without an answer could change: each item of the feedback forms, three ways.

- Available case: all who answered the item on the scale.
- Complete case: of these, only the forms with every item answered.
- Worst case over returned forms: whatever is not known taken as dissatisfied, and taken as
  satisfied. These are bounds and not a confidence interval.

Where the first two differ, or the bounds are far apart, the missing answers matter. None of
the three says anything of people who returned no form. Sources: Little and Rubin (2019),
Statistical Analysis with Missing Data, chapter 3; for the bounds Manski (2003), Partial
Identification of Probability Distributions, chapter 1.

Whether "don't know" belongs in the denominator is a decision, and it is named: by default it
is out of it, counted beside, and over returned forms as unknown as a blank. In the
denominator, it is not high.
"""

from __future__ import annotations

from typing import Literal, get_args

import pandas as pd

from lmm.cleaning.records import Records
from lmm.statistics.estimates import Estimate, as_table, bounds, proportion

DontKnow = Literal["out of the denominator", "in the denominator"]
"""Where the answer "don't know" is put."""

AVAILABLE, COMPLETE, WORST = "available case", "complete case", "worst case over returned forms"


def item_satisfaction(
    records: Records, dont_know: DontKnow = "out of the denominator"
) -> pd.DataFrame:
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
        If ``dont_know`` is no such place, or an answer is not declared.
    """
    if dont_know not in get_args(DontKnow):
        raise ValueError(f"dont_know: {dont_know!r} is none of {get_args(DontKnow)}")
    status = _status(records)
    counted = status == "answered"
    if dont_know == "in the denominator":
        counted |= status == "don't know"
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
            AVAILABLE: _share(records, item, counted[item], _figure(records, item, dont_know)),
            COMPLETE: _share(records, item, complete),
            WORST: _worst_case(records, item, counted[item]),
        }
        rows += [({**strata, "approach": name}, estimate) for name, estimate in found.items()]
    return as_table(rows)


def _figure(records: Records, item: str, dont_know: DontKnow) -> str:
    """Name the published figure that the available case of an item is, if any."""
    overall = item == records.study.satisfaction.overall
    return "satisfaction" if overall and dont_know == "out of the denominator" else ""


def _share(records: Records, item: str, of: pd.Series[bool], figure: str = "") -> Estimate:
    high = records.tables["feedback_forms"][item].isin(records.study.satisfaction.high)
    level, basis = records.parameters.confidence, records.basis(figure)
    estimand = "share with high satisfaction with the item"
    estimate = proportion(estimand, int((high & of).sum()), int(of.sum()), level, basis)
    return estimate.noted("ignores clustering") if estimate.status == "ok" else estimate


def _worst_case(records: Records, item: str, counted: pd.Series[bool]) -> Estimate:
    high = records.tables["feedback_forms"][item].isin(records.study.satisfaction.high)
    numbers = (int(high.sum()), int(counted.sum()), len(counted))
    return bounds("share with high satisfaction with the item", *numbers, records.basis())


def items_missed(records: Records) -> pd.DataFrame:
    """Count the returned forms by how many of their items have no answer.

    Returns
    -------
    DataFrame
        ``items_missed, blank_forms, blank_share, off_scale_forms, off_scale_share, basis``: one row
        for each number of items from none to all. Blank items only, and those that are blank
        or answered "don't know". Shares are missing where no form was returned.
    """
    status = _status(records)
    numbers = range(status.shape[1] + 1)
    table = pd.DataFrame({"items_missed": list(numbers)})
    for name, counted in {"blank": ["blank"], "off_scale": ["blank", "don't know"]}.items():
        missed = status.isin(counted).sum(axis="columns").value_counts()
        forms = [int(missed.get(number, 0)) for number in numbers]
        table[f"{name}_forms"] = forms
        table[f"{name}_share"] = [n / len(status) if len(status) else None for n in forms]
    shares = ["blank_share", "off_scale_share"]
    return table.astype(dict.fromkeys(shares, "float64")).assign(basis=records.basis())


def missing_patterns(records: Records) -> pd.DataFrame:
    """Count the returned forms by which of their items have no answer.

    Returns
    -------
    DataFrame
        ``blank, dont_know, forms, share, basis``: one row for each pattern that occurs, in
        words, the most frequent first.
    """
    status = _status(records).rename(columns=records.study.satisfaction.items)
    patterns = pd.DataFrame(
        {
            name: [", ".join(status.columns[row == kind]) or "none" for row in status.to_numpy()]
            for name, kind in {"blank": "blank", "dont_know": "don't know"}.items()
        },
        dtype="str",
    )
    counts = patterns.groupby(["blank", "dont_know"]).size().rename("forms").reset_index()
    counts = counts.sort_values(["forms", "blank", "dont_know"], ascending=[False, True, True])
    share = counts["forms"] / max(len(status), 1)
    return counts.assign(share=share, basis=records.basis()).reset_index(drop=True)


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
