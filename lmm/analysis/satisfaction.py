"""What those who came to a course said of it, and what those who said nothing could change.

The estimand is the share of respondents whose overall answer is among the answers that
``study.yaml`` declares as high. Satisfaction is not effectiveness.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Mapping
from typing import Any, Literal

import pandas as pd

from lmm.analysis.measures import answers, by_course, high_share, with_course
from lmm.cleaning.records import Records
from lmm.statistics.bootstrap import cluster_bootstrap
from lmm.statistics.clusters import IGNORES_CLUSTERING
from lmm.statistics.estimate import Estimate, as_table
from lmm.statistics.gee import gee_share
from lmm.statistics.korn_graubard import korn_graubard
from lmm.statistics.shares import bounds, counts_printing_as, proportion

By = Literal["course_id", "topic", "mode", "role", "phase", "contract_year"]


def item_distribution(records: Records) -> pd.DataFrame:
    """Count every answer to every item.

    Returns
    -------
    DataFrame
        ``item, answer, number, share, answered, dont_know, missing, basis``: one row an
        item and answer of the scale, shares of those who answered on it.
    """
    forms, satisfaction = records.tables["feedback_forms"], records.study.satisfaction
    rows = []
    for item, wording in satisfaction.items.items():
        given = forms[item].value_counts()
        answered = int(forms[item].isin(list(satisfaction.scale)).sum())
        unsure = int(forms[item].isin(list(satisfaction.dont_know)).sum())
        for answer in satisfaction.scale:
            number = int(given.get(answer, 0))
            share = number / answered if answered else None
            missing = len(forms) - answered - unsure
            rows.append((wording, answer, number, share, answered, unsure, missing))
    columns = ["item", "answer", "number", "share", "answered", "dont_know", "missing"]
    return pd.DataFrame(rows, columns=columns).assign(basis=records.basis())


SEED = 20180401
"""Seed of the bootstrap; any other would serve as well."""

SMALL = 5
"""Courses with fewer answers than this are shown together."""


def high_satisfaction(records: Records, by: tuple[By, ...] = ()) -> pd.DataFrame:
    """Estimate the share with high satisfaction, in all and by each stratum asked for.

    Returns
    -------
    DataFrame
        Estimates with the strata ``by`` and ``stratum``, with the clustered interval of
        `lmm.analysis.measures.high_share`.
    """
    return _stratified(records, by, _high_share)


def _high_share(records: Records, forms: pd.DataFrame, eligible: int, figure: str) -> Estimate:
    return high_share(forms, records.parameters.confidence, records.basis(figure))


def satisfaction_intervals(records: Records) -> pd.DataFrame:
    """Give the share with high satisfaction with every interval, the primary one first.

    Returns
    -------
    DataFrame
        Estimates with the strata ``interval`` and ``role``: primary; naive, which takes
        answers as independent; or sensitivity.
    """
    forms = answers(records)
    high, answered = by_course(forms)
    estimand = "share of respondents with high satisfaction"
    level, basis = records.parameters.confidence, records.basis("satisfaction")
    one = (estimand, sum(high), sum(answered), level, basis)
    many = (estimand, high, answered, level, basis)
    rows = [
        ("clustered, Korn-Graubard", "primary", korn_graubard(*many)),
        ("Wilson", "naive", proportion(*one).noted(IGNORES_CLUSTERING)),
        (
            "Clopper-Pearson",
            "naive",
            proportion(*one, method="clopper-pearson").noted(IGNORES_CLUSTERING),
        ),
        ("cluster bootstrap", "sensitivity", cluster_bootstrap(*many, seed=SEED)),
        ("GEE, exchangeable", "sensitivity", gee_share(*many)),
    ]
    return as_table(({"interval": name, "role": role}, estimate) for name, role, estimate in rows)


def response_rate(records: Records, by: tuple[By, ...] = ()) -> pd.DataFrame:
    """Estimate the share of attendances with an overall answer on the scale."""
    return _stratified(records, by, _response)


def _response(records: Records, forms: pd.DataFrame, eligible: int, figure: str) -> Estimate:
    answered = int(forms["answered"].sum())
    level, basis = records.parameters.confidence, records.basis()
    estimand = "response rate: answers of attendances"
    if answered > eligible:
        note = f"{answered} answers from {eligible} attendances"
        return Estimate.without_value(estimand, answered, eligible, "not_estimable", basis, note)
    return proportion(estimand, answered, eligible, level, basis)


def satisfaction_bounds(records: Records) -> pd.DataFrame:
    """Bound the share with high satisfaction over everyone who came.

    Nobody knows whether a published figure counts people or attendances, so both are given;
    over people, as if each answer came from a different person.
    """
    forms, attended = answers(records), records.attended
    high, answered = int(forms["high"].sum()), int(forms["answered"].sum())
    everyone = {
        "all attendances": len(attended),
        "all people who attended": attended["staff_id"].nunique(),
    }
    respondents = high_satisfaction(records).assign(over="those who answered")
    bounded = as_table(
        ({}, bounds("share with high satisfaction", high, answered, n, records.basis()))
        for n in everyone.values()
    ).assign(over=list(everyone))
    table = pd.concat([respondents, bounded], ignore_index=True)
    return table[["over", *[c for c in table if c not in ("over", "by", "stratum")]]]


def counts_behind_published(records: Records) -> pd.DataFrame:
    """List every count of every number of respondents that prints as the published share.

    Returns
    -------
    DataFrame
        ``not_high, respondents_from, respondents_to, basis``, for up to as many respondents
        as there were attendances. Empty where no share is published as a number.
    """
    published = records.published_figures.set_index("figure").to_dict("index")
    columns = ["not_high", "respondents_from", "respondents_to"]
    if "satisfaction" not in published or pd.isna(published["satisfaction"]["value"]):
        return pd.DataFrame(columns=[*columns, "basis"])
    figure = published["satisfaction"]
    table = counts_printing_as(figure["value"], decimals(figure), len(records.attended))
    return table.set_axis(columns, axis=1).assign(basis=records.basis("satisfaction"))


def decimals(figure: Mapping[Hashable, Any]) -> int:
    """Count the decimals of a published figure: those declared, or else those printed."""
    if not pd.isna(figure["decimals"]):
        return int(figure["decimals"])
    printed = re.search(r"\.(\d{1,6})", str(figure["printed"]))
    return len(printed[1]) if printed else 0


def _stratified(
    records: Records,
    by: tuple[By, ...],
    estimate: Callable[[Records, pd.DataFrame, int, str], Estimate],
) -> pd.DataFrame:
    forms = answers(records)
    attended = with_course(records, records.attended)
    if "course_id" in by:
        forms, attended = _pool_small_courses(forms, attended)
    rows = [
        ({"by": "all", "stratum": "all"}, estimate(records, forms, len(attended), "satisfaction"))
    ]
    for name in by:
        if name == "role" and not records.keeps("feedback_forms", "role"):
            continue
        strata = list(attended[name].unique()) if name == "course_id" else _strata(records, name)
        for stratum in strata:
            within = forms[forms[name] == stratum]
            eligible = int((attended[name] == stratum).sum())
            rows.append(({"by": name, "stratum": stratum}, estimate(records, within, eligible, "")))
    return as_table(rows)


def _pool_small_courses(
    forms: pd.DataFrame, attended: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Give the courses with few answers one name, and order all by their dates."""
    answered = forms[forms["answered"]].groupby("course_id").size()
    courses = attended.sort_values(["date", "course_id"])["course_id"].unique()
    small = [course for course in courses if answered.get(course, 0) < SMALL]
    if len(small) < 2:  # one course on its own would be no less visible
        return forms, attended.sort_values(["date", "course_id"])
    pooled = f"{len(small)} courses with fewer than {SMALL} answers"
    names = dict.fromkeys(small, pooled)
    forms = forms.assign(course_id=forms["course_id"].replace(names))
    attended = attended.assign(course_id=attended["course_id"].replace(names), late=0)
    attended["late"] = (attended["course_id"] == pooled).astype(int)
    return forms, attended.sort_values(["late", "date", "course_id"]).drop(columns="late")


def _strata(records: Records, by: By) -> list[str]:
    """Every stratum in its declared order, with or without answers."""
    match by:
        case "phase":
            return records.phases
        case "contract_year":
            return records.contract_years
        case _:
            return list(records.study.labels(by))
