"""What the answers to a form are compared by, and how nearly two such predictors are the same."""

from __future__ import annotations

from itertools import takewhile
from typing import Literal

import pandas as pd
from scipy.stats.contingency import association

from lmm.analysis.analysis import shared
from lmm.analysis.strata import COURSE
from lmm.counting.counts import Counts
from lmm.counting.rows import NOT_RECORDED

Predictor = Literal["phase", "topic", "mode", "role"]

PREDICTORS: tuple[Predictor, ...] = ("phase", "topic", "mode", "role")

NEARLY = 0.8
"""From this value of Cramer's V on, two predictors can hardly be told apart."""


def predictors_of(counts: Counts, form: str) -> list[Predictor]:
    """Give the predictors that the answers to a form are counted by."""
    item = counts.study.forms[form].overall
    return [name for name in PREDICTORS if counts.has(form, item, name, COURSE)]


def answers_by(counts: Counts, by: Predictor, form: str) -> pd.DataFrame:
    """Give ``answer, group, cluster, n`` of the answers on the scale."""
    declared = counts.study.forms[form]
    found = counts.by(form, declared.overall, by, COURSE)
    found = found.set_axis(["answer", "group", "cluster", "n"], axis="columns")
    found["group"] = found["group"].mask(found["group"] == NOT_RECORDED)
    return found[found["answer"].isin(list(declared.scale_of(declared.overall))) & (found["n"] > 0)]


def same_groups(counts: Counts, by: Predictor, form: str) -> tuple[Predictor, ...]:
    """Name the predictors before this one that part the answers into the same groups."""
    before = takewhile(lambda other: other != by, predictors_of(counts, form))
    return tuple(other for other in before if _are_same(counts, form, by, other))


def like_groups(counts: Counts, by: Predictor, form: str) -> tuple[tuple[Predictor, float], ...]:
    """Name the other predictors that part the answers into nearly the same groups, with V."""
    return tuple(
        (name, v)
        for name, v in cramers_v(counts, by, form).items()
        if v >= NEARLY and not _are_same(counts, form, by, name)
    )


@shared
def cramers_v(counts: Counts, by: Predictor, form: str) -> dict[Predictor, float]:
    """Say how far each other predictor is known from this one: Cramer's V, from 0 to 1.

    Of two predictors one has to be the same for everybody on a course, as all but the role are,
    so that the answers can be counted by both. Those that have one group are left out.
    Source: Cramer (1946), Mathematical Methods of Statistics, section 21.9.
    """
    found: dict[Predictor, float] = {}
    for other in predictors_of(counts, form):
        table = None if other == by else _crossed(counts, form, by, other)
        if table is not None and min(table.shape) > 1:
            found[other] = float(association(table.to_numpy("int64"), method="cramer"))
    return found


def _crossed(counts: Counts, form: str, by: Predictor, other: Predictor) -> pd.DataFrame | None:
    """Count the answers by two predictors; None where both differ within courses."""
    of, against = (
        answers_by(counts, name, form)[["cluster", "group", "n"]].dropna() for name in (by, other)
    )
    for known, counted in ((of, against), (against, of)):
        each = known[["cluster", "group"]].drop_duplicates()
        if each["cluster"].is_unique:
            both = counted.merge(each, on="cluster", suffixes=("", "_other")).astype(
                {"group": "str", "group_other": "str", "n": "int64"}
            )
            return both.pivot_table(
                index="group", columns="group_other", values="n", aggfunc="sum", fill_value=0
            )
    return None


def _are_same(counts: Counts, form: str, by: Predictor, other: Predictor) -> bool:
    """Whether two predictors part the answers into the same groups, judged by course."""
    of, against = (
        answers_by(counts, name, form)[["cluster", "group"]].drop_duplicates()
        for name in (by, other)
    )
    pairs = of.merge(against, on="cluster")[["group_x", "group_y"]].drop_duplicates()
    return len(pairs) == of["group"].nunique() == against["group"].nunique()
