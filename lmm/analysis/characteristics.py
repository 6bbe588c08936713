"""Who the families are: Table 1."""

from __future__ import annotations

from typing import Any

import pandas as pd

from lmm.analysis import roles
from lmm.analysis.analysis import analysis
from lmm.analysis.released import share_of, whole_of
from lmm.analysis.result import Result
from lmm.counting.counts import Counts
from lmm.counting.rows import NOT_RECORDED

CHARACTERISTICS = {
    "referral_source": "Referred by",
    "reason": "Reason for referral",
    "ward": "Ward",
    "ethnic_group": "Ethnic group of the mother",
    "interpreter_needed": "Interpreter needed",
}
"""What a family is described by, as a reader sees it, by column."""

QUANTITIES = {
    "wait": "Days from referral to first session attended",
    "sessions": "Sessions attended",
}
"""The same of numbers, which are described by their moments."""

MOMENTS = ["mean", "sd", "median", "lower_quartile", "upper_quartile"]


@analysis("families", "family_contacts", title="Families who attended")
def families_table(counts: Counts) -> Result:
    """Describe the families who attended: Table 1.

    Returns
    -------
    Result
        ``characteristic, level, number, share, mean, sd, median, lower_quartile,
        upper_quartile, missing, basis``: shares are of the families for whom the
        characteristic is recorded, and ``missing`` says for how many it is not. Where the
        counts are protected there are no moments, each of which is made of single families,
        and shares where every level is shown.
    """
    rows = [
        row
        for name, label in CHARACTERISTICS.items()
        if counts.has("seen", name)
        for row in _levels(counts, name, label)
    ]
    rows += [
        _distribution(counts, name, label)
        for name, label in QUANTITIES.items()
        if not counts.hides("seen", name)
    ]
    of_numbers = MOMENTS if counts.is_exact("seen") else []
    columns = ["characteristic", "level", "number", "share", *of_numbers, "missing"]
    types = {"number": "Int64", "missing": "Int64"}
    types |= dict.fromkeys(["share", *of_numbers], "float64")
    return Result.of(
        pd.DataFrame(rows, columns=columns).astype(types).assign(basis=counts.basis()),
        characteristic=roles.stratum(of="characteristic"),
        level=roles.stratum(of="level"),
        number=roles.count(of="families"),
        share=roles.share(of="families"),
        missing=roles.count(),
        sd=roles.moment("SD"),
        **{name: roles.moment() for name in MOMENTS if name != "sd"},
    )


def _levels(counts: Counts, name: str, label: str) -> list[dict[str, Any]]:
    levels = [level for level in counts.levels("seen", name) if level != NOT_RECORDED]
    numbers = [counts.n("seen", **{name: level}) for level in levels]
    known = whole_of(numbers)
    missing = counts.n("seen", **{name: NOT_RECORDED})
    return [
        {
            "characteristic": label,
            "level": level,
            "number": n,
            "share": share_of(counts, "seen", n, known),
            "missing": missing,
        }
        for level, n in zip(levels, numbers, strict=True)
    ]


def _distribution(counts: Counts, name: str, label: str) -> dict[str, Any]:
    found = counts.by("seen", name)
    row = {"characteristic": label, "level": "", "number": int(found["n"].sum()), "missing": 0}
    return {**row, **moments(found[name], found["n"])}


def moments(values: pd.Series[int], n: pd.Series[int]) -> dict[str, float | None]:
    """Give the `MOMENTS` of whole numbers, of which there are so many each; none of nothing."""
    each = values.repeat(n.tolist()).astype("float64")
    if each.empty:
        return {}
    lower, median, upper = each.quantile([0.25, 0.5, 0.75])
    spread = each.std() if len(each) > 1 else None
    found = (each.mean(), spread, median, lower, upper)
    return dict(zip(MOMENTS, found, strict=True))
