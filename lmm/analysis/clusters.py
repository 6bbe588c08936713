"""How a share varies between clusters such as courses, and which of them stand out."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from lmm.analysis.analysis import analysis, lacking
from lmm.analysis.result import Result
from lmm.analysis.roles import Role, aside, named, probability, share, stratum, words
from lmm.counting.counts import Counts
from lmm.counting.declared import MAIN, measures_of
from lmm.counting.rows import NOT_RECORDED
from lmm.statistics.funnel import funnel_position, funnel_table


class Funnel(NamedTuple):
    """A funnel plot as two tables.

    Attributes
    ----------
    points
        One row a cluster, in order of date: its identifier, ``answered, high, share, overall``,
        ``lower_95, upper_95, lower_998, upper_998`` at its number of answers, ``position,
        status, note, basis``.
    limits
        ``answered`` from 1 to the most, and the same four limits; empty without a funnel.
    """

    points: Result
    limits: Result


LIMITS: dict[str, Role] = {
    "lower_95": probability("Lower 95% limit", of="lower limit 95"),
    "upper_95": probability("Upper 95% limit", of="upper limit 95"),
    "lower_998": aside(probability("Lower 99.8% limit", of="lower limit 99.8")),
    "upper_998": aside(probability("Upper 99.8% limit", of="upper limit 99.8")),
}


@analysis()
def funnel(counts: Counts, measure: str = MAIN) -> Funnel:
    """Compare the share of each cluster with that of all of them, such as that of each course.

    A course beyond the limits differs from the others by more than chance makes plausible;
    one within them has not been shown to be the same. The limits are the exact ones of
    `lmm.statistics.funnel.funnel_lines`; with few answers they span nearly everything. Each
    course is part of the overall share with which it is compared.

    Parameters
    ----------
    measure
        A share that is declared as clustered.
    """
    declared = measures_of(counts.study)[measure]
    cluster = declared.clustered_by or ""
    if why := _no_clusters(counts, measure, declared.rows, cluster):
        return Funnel(Result.absent(why), Result.absent(why))
    found = counts.by(measure, cluster).set_index(cluster)[["n", "inside"]]
    found = found.reindex(_in_order(counts, measure, cluster), fill_value=0).astype("int64")
    points = found.set_axis(["answered", "high"], axis=1).rename_axis(cluster).reset_index()
    of = "answers" if declared.rows in counts.study.forms else declared.rows.replace("_", " ")
    return beside(points.assign(basis=counts.basis()), of, counts.label(measure))


def beside(points: pd.DataFrame, of: str, label: str) -> Funnel:
    """Compare the share of each cluster with that of all, from the counts that it is made of.

    Parameters
    ----------
    points
        One row a cluster: its name, how many ``answered``, ``high`` of them, and ``basis``.
    of, label
        What was counted, and what the share is of.
    """
    cluster = str(points.columns[0])
    answered, high = int(points["answered"].sum()), int(points["high"].sum())
    points = points.assign(
        share=(points["high"] / points["answered"]).where(points["answered"] > 0),
        overall=high / answered if answered else np.nan,
    )
    note = _no_funnel(points, answered, high, named(cluster))
    limits = funnel_table(high / max(answered, 1), 0 if note else int(points["answered"].max()))
    basis = " and ".join(dict.fromkeys(points.pop("basis")))
    points = points.merge(limits, on="answered", how="left", validate="many_to_one")
    points["position"] = [funnel_position(row) for row in points.to_dict("records")]
    points["status"] = "not_estimable" if note else "ok"
    points.loc[points["answered"] == 0, "status"] = "no_data"
    points = points.assign(note=note, basis=basis)
    roles: dict[str, Role] = {
        cluster: stratum(named(cluster).capitalize()),
        "answered": Role("denominator", of=of),
        "high": Role("numerator"),  # in this table it is no limit of an interval
        "share": share(of=label),
        "overall": aside(probability("Share of all", of="all")),
        "position": words(),
        **LIMITS,
    }
    return Funnel(Result.of(points, **roles), Result.of(limits.assign(basis=basis), **roles))


def _no_clusters(counts: Counts, measure: str, rows: str, cluster: str) -> str:
    """Say why a share is not known by cluster, if so."""
    if not cluster:
        return f"The measure {measure} is not declared as clustered_by anything."
    if not counts.has(measure, cluster):
        return lacking(counts, rows, f"{rows}.{cluster}") or f"{measure} is not counted."
    if counts.hides(measure, cluster):
        few = f"the people on one {named(cluster)} are too few"
        return f"Not released: {few}. See the page on disclosure."
    return ""


def _in_order(counts: Counts, measure: str, cluster: str) -> list[str]:
    """Give the clusters in the order of their dates, where these are counted."""
    for name in counts.declared:
        if counts.has(name, "day", cluster) and not counts.hides(name, "day", cluster):
            return counts.by(name, "day", cluster)[cluster].tolist()
    known = counts.by(measure, cluster)[cluster]
    return known[known != NOT_RECORDED].tolist()


def _no_funnel(points: pd.DataFrame, answered: int, high: int, cluster: str) -> str:
    """Say why there can be no funnel, if so."""
    if answered == 0:
        return "no answers"
    if (points["answered"] > 0).sum() == 1:
        return f"only one {cluster} has answers: there is nothing to compare it with"
    if high in (0, answered):
        return f"{'all' if high else 'no'} answers are high: no {cluster} can stand out"
    return ""
