"""Whether the overall answer differs between groups of respondents.

One predictor at a time: the phase, the topic, the mode or the respondent's role. The model, and
when there is none, is in `lmm.statistics.ordinal`; answers are clustered on course.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Literal

import pandas as pd

from lmm.analysis.measures import answers
from lmm.cleaning.records import Records
from lmm.statistics.estimate import RECORD_FIELDS, Estimate, as_table
from lmm.statistics.group_odds import check_proportional_odds, odds_ratio, probability
from lmm.statistics.grouped_answers import GroupedAnswers
from lmm.statistics.ordinal import Comparison, compare

Predictor = Literal["phase", "topic", "mode", "role"]
Outcome = Literal["a higher answer", "high satisfaction"]

PREDICTORS: tuple[Predictor, ...] = ("phase", "topic", "mode", "role")
OUTCOMES: tuple[Outcome, ...] = ("a higher answer", "high satisfaction")
"""The whole scale, rare answers merged; and the top boxes against the rest."""


def odds_ratios(records: Records) -> pd.DataFrame:
    """Compare each group with the first: the odds of a higher answer, and of a high one.

    Returns
    -------
    DataFrame
        Estimates with the strata ``by, outcome, stratum, against``; the numerator is the
        answers of the group and the denominator all answers of the model. Over 1: more
        satisfied than the group that it is held against.
    """
    rows = []
    for name in PREDICTORS:
        for outcome in OUTCOMES:
            found = comparison(records, name, outcome)
            for group in found.others:
                strata = {"by": name, "outcome": outcome, "stratum": group, "against": found.first}
                rows.append((strata, odds_ratio(f"odds ratio of {outcome}", found, group)))
    return _laid(rows, ["by", "outcome", "stratum", "against"])


def answer_probabilities(records: Records) -> pd.DataFrame:
    """Predict from the model with which probability each group gives each answer.

    Returns
    -------
    DataFrame
        Estimates with the strata ``by, stratum, answer``; the numerator is how many of the
        group gave the answer, the denominator how many answered. Where there is no model, one
        row a group with the reason.
    """
    rows = []
    for name in PREDICTORS:
        found = comparison(records, name)
        for group in found.groups:
            for place, label in enumerate(found.labels if found.modelled(group) else ["any"]):
                strata = {"by": name, "stratum": group, "answer": label}
                estimate = probability("probability of the answer", found, group, place)
                rows.append((strata, estimate))
    return _laid(rows, ["by", "stratum", "answer"])


def proportional_odds_check(records: Records) -> pd.DataFrame:
    """Test whether a group's odds ratio is the same at every cut of the scale.

    Returns
    -------
    DataFrame
        ``by, f, df, df_courses, p_value, method, status, basis, note``: one row a predictor.
    """
    rows = [
        {"by": name, **asdict(check_proportional_odds(comparison(records, name)))}
        for name in PREDICTORS
    ]
    numbers = ["f", "df", "df_courses", "p_value"]
    table = pd.DataFrame(rows).rename(columns={"df_clusters": "df_courses"})
    return table.astype(dict.fromkeys(numbers, "float64"))


def _laid(rows: list[tuple[dict[str, str], Estimate]], strata: list[str]) -> pd.DataFrame:
    """Lay out estimates, with their columns where a study has nothing to compare."""
    return as_table(rows).reindex(columns=[*strata, *RECORD_FIELDS])


# --- what is compared ------------------------------------------------------------------


def comparison(records: Records, by: Predictor, outcome: Outcome = "a higher answer") -> Comparison:
    """Compare the groups of one predictor.

    Raises
    ------
    ValueError
        If a form belongs to a group that is not declared.
    """
    return compare(
        grouped_answers(records, by),
        records.parameters.confidence,
        records.basis(),
        high_or_not=outcome == "high satisfaction",
    )


def grouped_answers(records: Records, by: Predictor) -> GroupedAnswers:
    """Count the overall answers by the groups of a predictor, and by course."""
    forms, satisfaction = answers(records), records.study.satisfaction
    forms = forms[forms["answered"]]
    columns = [satisfaction.overall, by, "course_id"]
    counts = forms.groupby(columns, dropna=False).size().reset_index(name="n")
    return GroupedAnswers(
        counts=counts.set_axis(["answer", "group", "cluster", "n"], axis="columns"),
        scale=tuple(satisfaction.scale),
        high=tuple(satisfaction.high),
        groups=tuple(records.phases if by == "phase" else records.study.labels(by)),
        by=by,
        cluster="course",
        same_groups=_same_groups(forms, by),
    )


def _same_groups(forms: pd.DataFrame, by: Predictor) -> tuple[Predictor, ...]:
    """Name the predictors before this one that part the forms into the same groups."""
    return tuple(
        other
        for other in PREDICTORS[: PREDICTORS.index(by)]
        if len(forms[[by, other]].drop_duplicates())
        == forms[by].nunique()
        == forms[other].nunique()
    )
