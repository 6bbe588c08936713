"""Whether the overall answer to a form differs between groups of respondents.

One predictor at a time: the phase, the topic, the mode or the respondent's role. The model, and
when there is none, is in `lmm.statistics.ordinal`; answers are clustered on course, so that there
is none of a form that does not say which course it is of, nor of counts that are protected.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Literal

import pandas as pd

from lmm.analysis.analysis import analysis, lacking, shared
from lmm.analysis.answers import high_answer
from lmm.analysis.predictors import (
    Predictor,
    answers_by,
    cramers_v,
    like_groups,
    predictors_of,
    same_groups,
)
from lmm.analysis.result import Result, Row
from lmm.analysis.roles import dimension, estimated_share, number, p_value, stratum, words
from lmm.analysis.strata import COURSE
from lmm.counting.counts import Counts
from lmm.counting.declared import of_item
from lmm.counting.rows import NOT_RECORDED
from lmm.statistics.group_odds import (
    check_proportional_odds,
    compare_all,
    odds_ratio,
    probability,
)
from lmm.statistics.grouped_answers import GroupedAnswers
from lmm.statistics.ordinal import Comparison, compare
from lmm.statistics.rounding import fixed
from lmm.study.forms import MAIN_FORM

Outcome = Literal["higher", "high"]

HIGHER = "a higher answer"
"""What the odds are of on the whole scale, rare answers merged."""

NO_MODEL = (
    "Not released: a fitted model can give single records away, and no rounding is known to "
    "prevent it. See the page on disclosure."
)


@analysis(title="Odds ratios")
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
    for name in predictors_of(counts, form):
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


@analysis(title="Does any group differ?")
def global_tests(counts: Counts, *, form: str = MAIN_FORM) -> Result:
    """Test for each predictor whether a higher answer is as likely in all its groups.

    Returns
    -------
    Result
        ``by, f, df, df_courses, p_value, p_holm, like, method, status, basis, note``: one row a
        predictor. ``p_holm`` is adjusted for the number of predictors (Holm 1979, Scandinavian
        Journal of Statistics 6, 65-70); ``like`` names the predictor from which this one can
        least be told apart, with Cramer's V.
    """
    from statsmodels.stats.multitest import multipletests  # noqa: PLC0415

    if why_not := _why_not(counts, form):
        return Result.absent(why_not)
    names = predictors_of(counts, form)
    rows = [
        {
            "by": name,
            **asdict(compare_all(comparison(counts, name, form=form))),
            "like": _nearest(counts, name, form),
        }
        for name in names
    ]
    numbers = {"f": number("F"), "df": number(), "df_courses": number(), "p_value": p_value()}
    table = pd.DataFrame(rows).rename(columns={"df_clusters": "df_courses"})
    table = table.astype(dict.fromkeys(numbers, "float64"))
    known = table["p_value"].notna()
    adjusted = multipletests(table.loc[known, "p_value"], method="holm")[1] if known.any() else []
    table.insert(5, "p_holm", pd.Series(adjusted, table.index[known]).reindex(table.index))
    roles = {
        **numbers,
        "p_holm": p_value("p (Holm)", of="Holm"),
        "like": words("Most like", of="likeness"),
    }
    return Result.of(table, by=dimension(), **roles)


def _nearest(counts: Counts, by: Predictor, form: str) -> str:
    """Name the predictor that is most like another one, with Cramer's V."""
    found = cramers_v(counts, by, form)
    if not found:
        return ""
    name = max(found, key=lambda other: found[other])
    return f"{name} (Cramer's V {fixed(found[name], 2)})"


@analysis(title="Probabilities")
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
    for name in predictors_of(counts, form):
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
        answer=stratum(of="answer", whole=True),
        estimate=estimated_share("probability"),
    )


@analysis(title="Check of proportional odds")
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
        for name in predictors_of(counts, form)
    ]
    numbers = {"f": number("F"), "df": number(), "df_courses": number(), "p_value": p_value()}
    table = pd.DataFrame(rows).rename(columns={"df_clusters": "df_courses"})
    table = table.astype(dict.fromkeys(numbers, "float64"))
    return Result.of(table, by=dimension(), **numbers)


def _why_not(counts: Counts, form: str) -> str:
    """Say why answers are not compared; nothing if they are."""
    if without := lacking(counts, form, f"{form}.{COURSE}"):
        return without
    return "" if counts.is_exact(form) else NO_MODEL


# --- what is compared ------------------------------------------------------------------


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


@shared
def grouped_answers(counts: Counts, by: Predictor, *, form: str = MAIN_FORM) -> GroupedAnswers:
    """Count the overall answers to a form by the groups of a predictor, and by course."""
    declared = counts.study.forms[form]
    groups = counts.levels(of_item(form, declared.overall, counts.study), by)
    return GroupedAnswers(
        counts=answers_by(counts, by, form),
        scale=tuple(declared.scale_of(declared.overall)),
        high=declared.high_of(declared.overall),
        groups=tuple(group for group in groups if group != NOT_RECORDED),
        by=by,
        cluster="course",
        same_groups=same_groups(counts, by, form),
        like_groups=like_groups(counts, by, form),
    )
