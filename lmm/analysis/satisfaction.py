"""High satisfaction: the share of respondents, with every interval, in all and by group.

The estimand is the share of respondents whose overall answer is among the answers that
``study.yaml`` declares as high. Satisfaction is not effectiveness. Each function reports any form
of a study.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterator, Mapping
from functools import partial
from typing import Any, Literal

import pandas as pd

from lmm.analysis.analysis import analysis, lacking
from lmm.analysis.answers import high_answer, share_with_high
from lmm.analysis.released import (
    NOT_RELEASED,
    clustered_share,
    hidden,
    plain_share,
    share_of_clusters,
)
from lmm.analysis.result import Result, Row
from lmm.analysis.roles import dimension, estimated_share, number, stratum
from lmm.analysis.strata import COURSE, courses, strata
from lmm.counting.counts import Counts
from lmm.counting.declared import MAIN, of_item
from lmm.statistics.bootstrap import cluster_bootstrap
from lmm.statistics.clusters import IGNORES_CLUSTERING
from lmm.statistics.effective_size import effective_size_interval
from lmm.statistics.estimate import Estimate
from lmm.statistics.gee import gee_share
from lmm.statistics.shares import ShareInterval, counts_printing_as
from lmm.study.forms import MAIN_FORM

By = Literal["course_id", "topic", "mode", "role", "phase", "contract_year"]

SEED = 20180401
"""Seed of the bootstrap; any other would serve as well."""

NO_COURSES = "Not released: the people on one course are too few. See the page on disclosure."
NO_ATTENDANCES = (
    "Not released: it goes up to the exact number of attendances. See the page on disclosure."
)


def overall(counts: Counts, form: str) -> tuple[str, str]:
    """Give the share with a high overall answer to a form: its measure, and the estimand."""
    measure = of_item(form, counts.study.forms[form].overall, counts.study)
    return measure, share_with_high(form)


def why_not(counts: Counts, by: tuple[By, ...], form: str) -> str:
    """Say why there is no share by strata of a form; nothing if there is."""
    if COURSE not in by:
        return lacking(counts, form)
    without = lacking(counts, form, f"{form}.{COURSE}")
    return without or (NO_COURSES if counts.hides(overall(counts, form)[0], COURSE) else "")


@analysis()
def high_satisfaction(counts: Counts, by: tuple[By, ...] = (), *, form: str = MAIN_FORM) -> Result:
    """Estimate the share with a high overall answer, in all and by each stratum asked for.

    Returns
    -------
    Result
        Estimates with the strata ``by`` and ``stratum``, with the interval of
        `lmm.analysis.released.clustered_share`. What the answers are not counted by is left
        out.
    """
    if reason := why_not(counts, by, form):
        return Result.absent(reason)
    measure, estimand = overall(counts, form)
    rows: list[Row] = []
    for at, within in strata(counts, by, measure):
        basis = counts.basis("" if within else measure)
        rows.append((at, clustered_share(counts, measure, estimand, basis, **within)))
    if COURSE in by:
        rows += _by_course(counts, measure, estimand)
    return Result.of_estimates(
        rows,
        by=dimension(of=COURSE),
        stratum=stratum("Group"),
        estimate=estimated_share(high_answer(form)),
    )


def _by_course(counts: Counts, measure: str, estimand: str) -> Iterator[Row]:
    """Estimate the share of each course, within which answers have no clusters."""
    answers = counts.by(measure, COURSE).set_index(COURSE)[["inside", "n"]]
    for at, here in courses(counts, measure):
        inside, n = answers[answers.index.isin(here)].sum().tolist()
        one = ([inside], [n]) if n else ([], [])
        yield at, share_of_clusters(estimand, *one, counts.parameters.confidence, counts.basis())


@analysis(title="High satisfaction")
def satisfaction_intervals(counts: Counts, *, form: str = MAIN_FORM) -> Result:
    """Give the share with a high overall answer with every interval, the primary one first.

    Returns
    -------
    Result
        Estimates with the strata ``interval`` and ``role``: primary; naive, which takes
        answers as independent; or sensitivity. Where it is not known which course an answer
        is from, Wilson's is the primary one.
    """
    if reason := lacking(counts, form):
        return Result.absent(reason)
    has_courses = counts.has(overall(counts, form)[0], COURSE)
    found = [
        ("Wilson", "naive" if has_courses else "primary", _plain(counts, form, "wilson")),
        ("Clopper-Pearson", "naive", _plain(counts, form, "clopper-pearson")),
    ]
    if has_courses:
        bootstrap = partial(cluster_bootstrap, seed=SEED)
        found = [
            (
                "clustered, Korn-Graubard with CR2",
                "primary",
                _clustered(counts, form, effective_size_interval),
            ),
            *found,
            ("cluster bootstrap", "sensitivity", _clustered(counts, form, bootstrap)),
            ("GEE, exchangeable", "sensitivity", _clustered(counts, form, gee_share)),
        ]
    rows = [({"interval": name, "role": role}, estimate) for name, role, estimate in found]
    return Result.of_estimates(
        rows,
        interval=stratum(of="interval"),
        role=stratum(of="part"),
        estimate=estimated_share(high_answer(form)),
    )


def _plain(counts: Counts, form: str, method: ShareInterval) -> Estimate:
    measure, estimand = overall(counts, form)
    numbers = counts.high(measure), counts.n(measure)
    found = plain_share(counts, measure, estimand, *numbers, counts.basis(measure), method)
    return found.noted(IGNORES_CLUSTERING) if found.status == "ok" else found


def _clustered(counts: Counts, form: str, method: Callable[..., Estimate]) -> Estimate:
    measure, estimand = overall(counts, form)
    basis = counts.basis(measure)
    if counts.hides(measure, COURSE):
        numbers = counts.high(measure), counts.n(measure)
        return hidden(estimand, *numbers, basis, NOT_RELEASED)
    found = counts.by(measure, COURSE)
    inside, of = found["inside"].tolist(), found["n"].tolist()
    return method(estimand, inside, of, counts.parameters.confidence, basis)


# --- what was published ------------------------------------------------------------------


@analysis(
    "course_attendance", "published_figures", "published_figures.value", title="Counts behind it"
)
def counts_behind_published(counts: Counts) -> Result:
    """List every count of every number of respondents that prints as the published share.

    Returns
    -------
    Result
        ``not_high, respondents_from, respondents_to, basis``, for up to as many respondents
        as there were attendances. Empty where no share is published as a number.
    """
    came = counts.n("attendances")
    if came is None or not counts.is_exact("attendances"):
        return Result.absent(NO_ATTENDANCES)
    columns = ["not_high", "respondents_from", "respondents_to"]
    published = counts.published_figures.set_index("figure").to_dict("index")
    table = pd.DataFrame(columns=columns)
    if MAIN in published and not pd.isna(published[MAIN]["value"]):
        figure = published[MAIN]
        table = counts_printing_as(figure["value"], decimals(figure), came)
    return Result.of(
        table.set_axis(columns, axis=1).assign(basis=counts.basis(MAIN)),
        not_high=number(of="not highly satisfied"),
        respondents_from=number("Respondents, from", of="respondents at least"),
        respondents_to=number("Respondents, to", of="respondents at most"),
    )


def decimals(figure: Mapping[Hashable, Any]) -> int:
    """Count the decimals of a published figure: those declared, or else those printed."""
    if not pd.isna(figure["decimals"]):
        return int(figure["decimals"])
    printed = re.search(r"\.(\d{1,6})", str(figure["printed"]))
    return len(printed[1]) if printed else 0
