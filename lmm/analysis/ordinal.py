"""Whether the overall answer to a form differs between groups of respondents.

One predictor at a time: the phase, the topic, the mode or the respondent's role. The model, and
when there is none, is in `lmm.statistics.ordinal`; answers are clustered on course, so that there
is none of a form that does not say which course it is of, nor of counts that are protected.
"""

from __future__ import annotations

from dataclasses import asdict
from functools import partial
from itertools import takewhile
from typing import Literal

import pandas as pd

from lmm.analysis.answers import high_answer
from lmm.analysis.needs import lacking
from lmm.analysis.result import Result, Row
from lmm.analysis.roles import dimension, number, p_value, stratum
from lmm.analysis.strata import COURSE
from lmm.counting.counts import Counts
from lmm.counting.declared import of_item
from lmm.counting.rows import NOT_RECORDED
from lmm.statistics.group_odds import check_proportional_odds, odds_ratio, probability
from lmm.statistics.grouped_answers import GroupedAnswers
from lmm.statistics.ordinal import Comparison, compare
from lmm.study.forms import MAIN_FORM

Predictor = Literal["phase", "topic", "mode", "role"]
Outcome = Literal["higher", "high"]

PREDICTORS: tuple[Predictor, ...] = ("phase", "topic", "mode", "role")
HIGHER = "a higher answer"
"""What the odds are of on the whole scale, rare answers merged."""

NO_MODEL = (
    "Not released: a fitted model can give single records away, and no rounding is known to "
    "prevent it. See the page on disclosure."
)


def odds_ratios(counts: Counts, *, form: str = MAIN_FORM) -> Result:
    """Compare each group with the first: the odds of a higher answer, and of a high one.

    Returns
    -------
    Result
        Estimates with the strata ``by, outcome, stratum, against``; the numerator is the
        answers of the group and the denominator all answers of the model. Over 1: more
        satisfied than the group that it is held against.
    """
    if why_not := _why_not(counts, form):
        return Result.absent(why_not)
    outcomes: dict[Outcome, str] = {"higher": HIGHER, "high": high_answer(form)}
    rows: list[Row] = []
    for name in _predictors(counts, form):
        for outcome, said in outcomes.items():
            found = comparison(counts, name, outcome, form=form)
            for group in found.others:
                strata = {"by": name, "outcome": said, "stratum": group, "against": found.first}
                rows.append((strata, odds_ratio(f"odds ratio of {said}", found, group)))
    return Result.of_estimates(
        rows,
        by=dimension(),
        outcome=stratum(of="outcome"),
        stratum=stratum("Group", of="group"),
        against=stratum(of="reference"),
    )


def answer_probabilities(counts: Counts, *, form: str = MAIN_FORM) -> Result:
    """Predict from the model with which probability each group gives each answer.

    Returns
    -------
    Result
        Estimates with the strata ``by, stratum, answer``; the numerator is how many of the
        group gave the answer, the denominator how many answered. Where there is no model, one
        row a group with the reason.
    """
    if why_not := _why_not(counts, form):
        return Result.absent(why_not)
    rows: list[Row] = []
    for name in _predictors(counts, form):
        found = comparison(counts, name, form=form)
        for group in found.groups:
            for place, label in enumerate(found.labels if found.modelled(group) else ["any"]):
                strata = {"by": name, "stratum": group, "answer": label}
                estimate = probability("probability of the answer", found, group, place)
                rows.append((strata, estimate))
    return Result.of_estimates(
        rows,
        by=dimension(),
        stratum=stratum("Group", of="group"),
        answer=stratum(of="answer"),
    )


def proportional_odds_check(counts: Counts, *, form: str = MAIN_FORM) -> Result:
    """Test whether a group's odds ratio is the same at every cut of the scale.

    Returns
    -------
    Result
        ``by, f, df, df_courses, p_value, method, status, basis, note``: one row a predictor.
    """
    if why_not := _why_not(counts, form):
        return Result.absent(why_not)
    rows = [
        {"by": name, **asdict(check_proportional_odds(comparison(counts, name, form=form)))}
        for name in _predictors(counts, form)
    ]
    numbers = {"f": number("F"), "df": number(), "df_courses": number(), "p_value": p_value()}
    table = pd.DataFrame(rows).rename(columns={"df_clusters": "df_courses"})
    table = table.astype(dict.fromkeys(numbers, "float64"))
    return Result.of(table, by=stratum(), **numbers)


def _why_not(counts: Counts, form: str) -> str:
    """Say why answers are not compared; nothing if they are."""
    if without := lacking(counts, form, f"{form}.{COURSE}"):
        return without
    return "" if counts.is_exact(form) else NO_MODEL


# --- what is compared ------------------------------------------------------------------


def _predictors(counts: Counts, form: str) -> list[Predictor]:
    """Give the predictors that the answers to a form are counted by."""
    item = counts.study.forms[form].overall
    return [name for name in PREDICTORS if counts.has(form, item, name, COURSE)]


def comparison(
    counts: Counts,
    by: Predictor,
    outcome: Outcome = "higher",
    *,
    form: str = MAIN_FORM,
) -> Comparison:
    """Compare the groups of one predictor."""
    return compare(
        grouped_answers(counts, by, form=form),
        counts.parameters.confidence,
        counts.basis(),
        high_or_not=outcome == "high",
    )


def grouped_answers(counts: Counts, by: Predictor, *, form: str = MAIN_FORM) -> GroupedAnswers:
    """Count the overall answers to a form by the groups of a predictor, and by course."""
    declared = counts.study.forms[form]
    groups = counts.levels(of_item(form, declared.overall, counts.study), by)
    return GroupedAnswers(
        counts=_answers(counts, by, form),
        scale=tuple(declared.scale_of(declared.overall)),
        high=declared.high_of(declared.overall),
        groups=tuple(group for group in groups if group != NOT_RECORDED),
        by=by,
        cluster="course",
        same_groups=_same_groups(counts, by, form),
    )


def _answers(counts: Counts, by: Predictor, form: str) -> pd.DataFrame:
    """Give ``answer, group, cluster, n`` of the answers on the scale."""
    declared = counts.study.forms[form]
    found = counts.by(form, declared.overall, by, COURSE)
    found = found.set_axis(["answer", "group", "cluster", "n"], axis="columns")
    found["group"] = found["group"].mask(found["group"] == NOT_RECORDED)
    return found[found["answer"].isin(list(declared.scale_of(declared.overall))) & (found["n"] > 0)]


def _same_groups(counts: Counts, by: Predictor, form: str) -> tuple[Predictor, ...]:
    """Name the predictors before this one that part the answers into the same groups."""
    before = takewhile(lambda other: other != by, _predictors(counts, form))
    return tuple(filter(partial(_are_same, counts, form, by), before))


def _are_same(counts: Counts, form: str, by: Predictor, other: Predictor) -> bool:
    """Whether two predictors part the answers into the same groups, judged by course."""
    of, against = (
        _answers(counts, name, form)[["cluster", "group"]].drop_duplicates() for name in (by, other)
    )
    pairs = of.merge(against, on="cluster")[["group_x", "group_y"]].drop_duplicates()
    return len(pairs) == of["group"].nunique() == against["group"].nunique()
