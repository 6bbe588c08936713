"""Who answered, and what those who said nothing could change."""

from __future__ import annotations

from lmm.analysis.analysis import analysis, lacking
from lmm.analysis.answers import high_answer
from lmm.analysis.released import bounded_share, clustered_share, plain_share
from lmm.analysis.result import Result, Row
from lmm.analysis.roles import dimension, estimated_share, stratum
from lmm.analysis.satisfaction import By, overall, why_not
from lmm.analysis.strata import COURSE, courses, strata
from lmm.counting.counts import Counts
from lmm.counting.rows import NOT_RECORDED
from lmm.statistics.estimate import Estimate
from lmm.study.forms import MAIN_FORM

CAME = "attendances"

EVERYONE = {CAME: "all attendances", "staff": "all people who attended"}
"""Who could have answered, by what is counted of them."""

ONE_EACH = "if no two answers are of one person"
"""What bounds over people assume; forms are anonymous."""


@analysis()
def response_rate(counts: Counts, by: tuple[By, ...] = (), *, form: str = MAIN_FORM) -> Result:
    """Estimate the share of attendances with an overall answer on the scale.

    Returns
    -------
    Result
        Estimates with the strata ``by`` and ``stratum``. What the answers or the attendances
        are not counted by is left out.
    """
    if reason := why_not(counts, by, form) or _no_everyone(counts, form):
        return Result.absent(reason)
    measure, _ = overall(counts, form)
    rows: list[Row] = [
        (
            at,
            _response(counts, counts.n(measure, **within), counts.n(CAME, **within)).noted(
                _without_level(counts, measure, at["by"])
            ),
        )
        for at, within in strata(counts, by, measure, CAME)
    ]
    if COURSE in by:
        answers, came = (counts.by(name, COURSE).set_index(COURSE)["n"] for name in (measure, CAME))
        for at, here in courses(counts, measure):
            numbers = (int(n[n.index.isin(here)].sum()) for n in (answers, came))
            rows.append((at, _response(counts, *numbers)))
    return Result.of_estimates(
        rows,
        by=dimension(of=COURSE),
        stratum=stratum("Group"),
        estimate=estimated_share("response rate"),
    )


def _without_level(counts: Counts, measure: str, by: str) -> str:
    """Say that some answers are in no group, so that the groups look lower than all of them."""
    if not counts.has(measure, by) or NOT_RECORDED not in counts.levels(measure, by):
        return ""
    without = counts.n(measure, **{by: NOT_RECORDED})
    return f"answers without a {by} count in no group" if without else ""


def _response(counts: Counts, answered: int | None, eligible: int | None) -> Estimate:
    estimand, basis = "response rate: answers of attendances", counts.basis()
    more = answered is not None and eligible is not None and answered > eligible
    if more and counts.is_exact(CAME):
        note = f"{answered} answers from {eligible} attendances"
        return Estimate.without_value(estimand, answered, eligible, "not_estimable", basis, note)
    return plain_share(counts, CAME, estimand, answered, eligible, basis)


@analysis(title="Bounds of high satisfaction")
def satisfaction_bounds(counts: Counts, *, form: str = MAIN_FORM) -> Result:
    """Bound the share with a high overall answer over everyone who came.

    Nobody knows whether a published figure counts people or attendances, so both are given;
    over people, as if each answer came from a different person.

    Returns
    -------
    Result
        Estimates with the stratum ``over``, first those who answered.
    """
    if reason := _no_everyone(counts, form):
        return Result.absent(reason)
    measure, estimand = overall(counts, form)
    high, answered = counts.high(measure), counts.n(measure)
    respondents = clustered_share(counts, measure, estimand, counts.basis(measure))
    rows: list[Row] = [({"over": "those who answered"}, respondents)]
    for name in filter(counts.has, EVERYONE):
        bounded = bounded_share(
            counts, measure, f"share with {high_answer(form)}",
            high, answered, counts.n(name), counts.basis(),
        ).noted(ONE_EACH if name == "staff" else "")  # fmt: skip
        rows.append(({"over": EVERYONE[name]}, bounded))
    return Result.of_estimates(
        rows, over=stratum("Share of"), estimate=estimated_share(high_answer(form))
    )


def _no_everyone(counts: Counts, form: str) -> str:
    """Say why it is not known who could have answered; nothing if it is."""
    return lacking(counts, form, f"{form}.{COURSE}", "course_attendance")
