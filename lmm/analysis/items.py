"""The answers to each item of a form, and what items without an answer could change.

An item is summed up in three ways:

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

from lmm.analysis.analysis import analysis, lacking
from lmm.analysis.answers import high_answer
from lmm.analysis.released import (
    NOT_RELEASED,
    bounded_share,
    hidden,
    plain_share,
    share_of,
    whole_of,
)
from lmm.analysis.result import Result, Row
from lmm.analysis.roles import count, estimated_share, share, stratum
from lmm.counting.counts import Counts
from lmm.counting.declared import complete, of_item
from lmm.counting.rows import NOT_RECORDED
from lmm.statistics.clusters import IGNORES_CLUSTERING
from lmm.statistics.estimate import Estimate, as_table
from lmm.study.forms import MAIN_FORM
from lmm.study.setting import Basis

AVAILABLE, COMPLETE, WORST = "available case", "complete case", "worst case over returned forms"


@analysis(title="Answers to each item")
def item_distribution(counts: Counts, *, form: str = MAIN_FORM) -> Result:
    """Count every answer to every item of a form.

    Returns
    -------
    Result
        ``item, answer, number, share, answered, dont_know, missing, basis``: one row an
        item and answer of its scale, shares of those who answered on it.
    """
    if why_not := lacking(counts, form):
        return Result.absent(why_not)
    tables = [_answers(counts, form, item) for item in counts.study.forms[form].items]
    return Result.of(
        pd.concat(tables, ignore_index=True),
        item=stratum(of="item"),
        answer=stratum(of="answer", across=True),
        number=count(of="answers"),
        share=share(of="answers"),
        answered=count(of="forms with an answer"),
        dont_know=count("Don't know", of="unsure forms"),
        missing=count(of="blank forms"),
    )


def _answers(counts: Counts, form: str, item: str) -> pd.DataFrame:
    declared = counts.study.forms[form]
    answered = counts.n(of_item(form, item, counts.study))
    unsure, blank = _off_scale(counts, form, item)
    scale = list(declared.scale_of(item))
    given = [counts.n(form, **{item: answer}) for answer in scale]
    table = pd.DataFrame(
        {
            "item": declared.items[item],
            "answer": scale,
            "number": given,
            "share": [share_of(counts, form, n, answered) for n in given],
            "answered": answered,
            "dont_know": unsure,
            "missing": blank,
            "basis": counts.basis(),
        }
    )
    numbers = ("number", "answered", "dont_know", "missing")
    return table.astype({**dict.fromkeys(numbers, "Int64"), "share": "float64"})


def _off_scale(counts: Counts, form: str, item: str) -> tuple[int | None, int | None]:
    """Count the forms that say "don't know" to an item, and those that leave it blank."""
    unsure = (counts.n(form, **{item: x}) for x in counts.study.forms[form].dont_know_of(item))
    return whole_of(unsure), counts.n(form, **{item: NOT_RECORDED})


# --- three ways --------------------------------------------------------------------------


@analysis(title="Items left blank, three ways")
def item_satisfaction(counts: Counts, *, form: str = MAIN_FORM) -> Result:
    """Estimate the share with a high answer to each item of a form, in three ways.

    Returns
    -------
    Result
        Estimates with the strata ``item, approach`` and ``dont_know, blank``, which count
        such returned forms. Intervals are Wilson's and ignore clustering, apart from those
        of the third approach, which are bounds.
    """
    if why_not := lacking(counts, form):
        return Result.absent(why_not)
    rows: list[Row] = []
    for item, wording in counts.study.forms[form].items.items():
        unsure, blank = _off_scale(counts, form, item)
        strata = {"item": wording, "dont_know": unsure, "blank": blank}
        for approach, estimate in _three_ways(counts, form, item).items():
            rows.append(({**strata, "approach": approach}, estimate))
    return Result.of(
        as_table(rows).astype({"dont_know": "Int64", "blank": "Int64"}),
        item=stratum(of="item"),
        dont_know=count("Don't know", of="unsure forms"),
        blank=count(of="blank forms"),
        approach=stratum(of="approach"),
        estimate=estimated_share(high_answer(form)),
    )


def _three_ways(counts: Counts, form: str, item: str) -> dict[str, Estimate]:
    measure = of_item(form, item, counts.study)
    estimand = f"share with {high_answer(form)} {'with' if form == MAIN_FORM else 'to'} the item"
    high, answered, basis = counts.high(measure), counts.n(measure), counts.basis()
    return {
        AVAILABLE: _share(counts, measure, estimand, counts.basis(measure)),
        COMPLETE: _share(counts, complete(form, item), estimand, basis),
        WORST: bounded_share(counts, form, estimand, high, answered, counts.n(form), basis),
    }


def _share(counts: Counts, measure: str, estimand: str, basis: Basis) -> Estimate:
    if counts.hides(measure):
        return hidden(estimand, None, None, basis, NOT_RELEASED)
    high, n = counts.high(measure), counts.n(measure)
    estimate = plain_share(counts, measure, estimand, high, n, basis)
    return estimate.noted(IGNORES_CLUSTERING) if estimate.status == "ok" else estimate
