"""What silence could change: answers weighted as those who came, and where the headline tips.

The bounds of `lmm.analysis.response` assume nothing. Here two other things are asked: what the
share would be if those of a kind who said nothing were like those of it who answered; and how
different they would have to be for the share over everyone to fall below a cut-off.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil
from typing import Any

import numpy as np
import pandas as pd

from lmm.analysis.analysis import analysis, lacking
from lmm.analysis.answers import high_answer
from lmm.analysis.released import NOT_RELEASED, ROUNDED, clustered_share, hidden
from lmm.analysis.response import CAME, EVERYONE
from lmm.analysis.result import Result, Row
from lmm.analysis.roles import Role, aside, count, estimated_share, number, share, stratum, words
from lmm.analysis.satisfaction import overall
from lmm.analysis.strata import COURSE
from lmm.counting.counts import Counts
from lmm.counting.rows import NOT_RECORDED
from lmm.statistics.estimate import Estimate
from lmm.statistics.raking import Numbers, Weighted, raked, weighted_share
from lmm.statistics.rounding import in_percent
from lmm.statistics.zones import TOLERANCE
from lmm.study.forms import MAIN_FORM

UNWEIGHTED = "nothing: those who answered"


# --- as those who came -----------------------------------------------------------------------


@analysis(title="Weighted as attendances")
def reweighted(counts: Counts, *, form: str = MAIN_FORM) -> Result:
    """Estimate the share over everyone who came, if silence went by course, mode and role only.

    Returns
    -------
    Result
        Estimates with the stratum ``weighted_by``: not weighted; so that courses, and the modes
        they were held in, have the weight of their attendances; and roles, too. Attendances of
        a course without answers count with the others of its mode.
    """
    if reason := _why_not(counts, form):
        return Result.absent(reason)
    measure, estimand = overall(counts, form)
    headline = clustered_share(counts, measure, estimand, counts.basis(measure))
    rows: list[Row] = [({"weighted_by": UNWEIGHTED}, headline)]
    over = f"{estimand}, weighted as all attendances"
    for with_roles in (False, True):
        if with_roles and not (counts.has(measure, "role", COURSE) and counts.has(CAME, "role")):
            continue
        known = "course" + (" and mode" if counts.has(measure, "mode", COURSE) else "")
        name = f"{known.replace(' and', ',')} and role" if with_roles else known
        rows.append(({"weighted_by": name}, _weighted(counts, measure, over, with_roles)))
    return Result.of_estimates(
        rows,
        weighted_by=stratum("Weighted by", of="weighting"),
        estimate=estimated_share(high_answer(form)),
    )


def _why_not(counts: Counts, form: str) -> str:
    """Say why it is not known who could have answered; nothing if it is."""
    return lacking(counts, form, f"{form}.{COURSE}", "course_attendance")


def _weighted(counts: Counts, measure: str, estimand: str, with_roles: bool) -> Estimate:
    basis = counts.basis()
    if counts.hides(measure, COURSE) or counts.hides(CAME, COURSE):
        numbers = counts.high(measure), counts.n(measure)
        return hidden(estimand, *numbers, basis, NOT_RELEASED)
    high, answers = _cells(counts, measure, with_roles)
    if not answers.to_numpy().sum():
        return Estimate.without_value(estimand, 0, 0, "no_data", basis, "no answers")
    courses, said = _courses(counts, measure, answers.sum(axis=1))
    roles, unheard = _roles(counts, answers, courses.sum())
    weights = raked(answers.to_numpy("float64"), courses, roles)
    n = int(answers.to_numpy().sum())
    if weights is None:
        why = "no weights give courses and roles what they have of all attendances"
        inside = int(high.to_numpy().sum())
        return Estimate.without_value(estimand, inside, n, "not_estimable", basis, why)
    of = Weighted(high.to_numpy("int64"), answers.to_numpy("int64"), weights)
    made = weighted_share(estimand, of, counts.parameters.confidence, basis)
    return made.noted(said).noted(unheard)


def _cells(counts: Counts, measure: str, with_roles: bool) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Give high answers and all answers: a row a course, a column a role, none of them empty."""
    found = counts.by(measure, "role", COURSE) if with_roles else counts.by(measure, COURSE)
    found = found.assign(role=found["role"].astype("str") if with_roles else "any")
    found = found[found["n"] > 0].astype({"n": "int64", "inside": "int64"})
    high, answers = (
        found.pivot_table(index=COURSE, columns="role", values=name, aggfunc="sum", fill_value=0)
        for name in ("inside", "n")
    )
    return high, answers


def _courses(counts: Counts, measure: str, answers: pd.Series[int]) -> tuple[Numbers, str]:
    """Give the weight that each course with answers is to have, in attendances.

    Those of a course without answers are shared by the others of its mode.
    """
    by_course = counts.by(CAME, COURSE).set_index(COURSE)["n"].astype("int64")
    came = by_course.reindex(answers.index, fill_value=0).clip(lower=answers)
    if not counts.has(measure, "mode", COURSE):
        return np.asarray(came * (by_course.sum() / came.sum()), "float64"), ""
    held = counts.by(measure, "mode", COURSE)
    mode = held[held["n"] > 0].drop_duplicates(COURSE).set_index(COURSE)["mode"].astype("str")
    mode = mode.reindex(answers.index)
    everyone = counts.by(CAME, "mode").astype({"mode": "str"}).set_index("mode")["n"]
    silent = everyone[(everyone > 0) & ~everyone.index.isin(mode)]
    factor = mode.map(everyone).astype("float64") / came.groupby(mode).transform("sum")
    said = [f"{n} {CAME} {name} brought no answer" for name, n in silent.items()]
    return np.asarray(came * factor, "float64"), "; ".join(said)


def _roles(counts: Counts, answers: pd.DataFrame, total: float) -> tuple[Numbers, str]:
    """Give the weight that each role with answers is to have; one that is not known keeps its."""
    if list(answers) == ["any"]:
        return np.full(1, total), ""
    own = answers.sum(axis=0)
    came = counts.by(CAME, "role").astype({"role": "str"}).set_index("role")["n"].astype("int64")
    unknown = own.index == NOT_RECORDED
    known = came.reindex(own.index, fill_value=0).clip(lower=own).where(~unknown, 0)
    kept = total * own.where(unknown, 0) / own.sum()
    wanted = kept + (total - kept.sum()) * known / max(known.sum(), 1)
    silent = came[(came > 0) & ~came.index.isin([*own.index, NOT_RECORDED])]
    said = [f"{n} {CAME} of {name} brought no answer" for name, n in silent.items()]
    return np.asarray(wanted, "float64"), "; ".join(said)


# --- where it tips ---------------------------------------------------------------------------

TIPPING: dict[str, Role] = {
    "over": stratum("Share of"),
    "rating": words("Cut-off", of="rating"),
    "cut_off": share("At", of="cut off"),
    "everyone": aside(count(of="everyone")),
    "silent": count("Did not answer", of="silent"),
    "high": aside(number("Highly satisfied", of="high")),
    "answered": aside(count("Answered", of="answered")),
    "needed": number("Of these needed", of="needed"),
    "share_needed": share("Their share", of="silent needed"),
    "said": aside(words("In words", of="tipping point")),
}


@analysis("targets", title="Where silence tips a rating")
def tipping_points(counts: Counts, *, form: str = MAIN_FORM) -> Result:
    """Say how many of the silent would have to be high for the share over all to reach a cut-off.

    Returns
    -------
    Result
        ``over, rating, cut_off, everyone, silent, high, answered, needed, share_needed, said,
        basis, note``: one row for each of those who could have answered and each cut-off that a
        target of this share declares. It is arithmetic, and leaves chance aside.
    """
    if reason := _why_not(counts, form):
        return Result.absent(reason)
    measure, _ = overall(counts, form)
    high, answered = counts.high(measure), counts.n(measure)
    if high is None or answered is None or not answered:
        return Result.absent("There are no answers that could be shown.")
    rows = [
        _tipping(counts, over, rating, cut_off, (high, answered, n))
        for over in filter(counts.has, EVERYONE)
        if (n := counts.n(over)) is not None and n >= answered >= high
        for rating, cut_off in _cut_offs(counts, measure)
    ]
    if not rows:
        return Result.absent("No target of this share declares a cut-off.")
    return Result.of(pd.DataFrame(rows), **TIPPING)


def _cut_offs(counts: Counts, measure: str) -> Iterator[tuple[str, float]]:
    """Give the cut-offs that targets of a share declare, each once, from the highest down."""
    own = counts.targets[counts.targets["indicator"] == measure]
    pairs = {
        (rating, float(cut_off))
        for rating, column in (("green", "green_from"), ("red", "red_below"))
        for cut_off in own[column].dropna()
    }
    yield from sorted(pairs, key=lambda pair: (-pair[1], pair[0]))


def _tipping(
    counts: Counts, over: str, rating: str, cut_off: float, numbers: tuple[int, int, int]
) -> dict[str, Any]:
    high, answered, everyone = numbers
    silent = everyone - answered
    needed = max(ceil(cut_off * everyone - high - TOLERANCE), 0)
    return {
        "over": EVERYONE[over],
        "rating": rating,
        "cut_off": cut_off,
        "everyone": everyone,
        "silent": silent,
        "high": high,
        "answered": answered,
        "needed": needed,
        "share_needed": needed / silent if silent and needed <= silent else None,
        "said": _in_words(needed, silent, high / answered),
        "basis": counts.basis(),
        "note": "" if counts.is_exact(over) else ROUNDED,
    }


def _in_words(needed: int, silent: int, answered: float) -> str:
    if not needed:
        return "never below it, whatever the silent would have said"
    if needed > silent:
        return "below it, whatever the silent would have said"
    return (
        f"below it if fewer than {needed} of the {silent} silent are high "
        f"({in_percent(needed / silent)}; of those who answered {in_percent(answered, 1)} are)"
    )
