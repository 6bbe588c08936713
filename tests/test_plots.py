"""Figures draw what the columns of a result are, whatever these are called and are of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
from gates import counts_of

from lmm.analysis import (
    clusters,
    descriptive,
    engagement,
    families,
    interrupted,
    items,
    leaving,
    ordinal,
    process,
    reach,
    response,
    satisfaction,
    silence,
    targets,
    verdicts,
    waiting,
)
from lmm.analysis.result import Result
from lmm.analysis.roles import (
    Role,
    dimension,
    estimate_of,
    estimated_share,
    measure,
    share,
    stratum,
)
from lmm.counting.counts import Counts
from lmm.showing import plots
from lmm.showing.plots import Picture
from lmm.showing.wording import several, worded
from lmm.statistics.estimate import Estimate

FIGURES = [name for name in plots.__all__ if name != "Picture"]
GROUPS, COURSES = {"by": ("topic", "role")}, ("course_id",)

Drawn = tuple[Result, ...]
MADE: dict[str, tuple[Callable[[Counts], Drawn], dict[str, Any]]] = {
    "achieved": (lambda c: (targets.achievement(c),), {}),
    "activity_rates": (lambda c: (descriptive.activity(c, by="phase"),), {}),
    "answer_probabilities": (lambda c: (ordinal.answer_probabilities(c),), {}),
    "tipping": (lambda c: (silence.tipping_points(c),), {}),
    "booked": (lambda c: (engagement.booked_contacts(c),), {"by": ("kind", "mode")}),
    "bounds": (lambda c: (response.satisfaction_bounds(c),), {}),
    "caseload": (lambda c: (families.caseload(c),), {}),
    "certainty": (lambda c: (verdicts.certainty(c),), {}),
    "composition": (lambda c: (descriptive.staff_composition(c, by="role"),), {}),
    "consultations": (lambda c: (descriptive.consultations_by_kind(c),), {}),
    "control_chart": (lambda c: _both(process.activity_charts(c)), {}),
    "control_summary": (lambda c: (process.activity_charts(c).verdicts,), {}),
    "counterfactual": (lambda c: (interrupted.counterfactual(c),), {}),
    "counts_behind": (
        lambda c: (satisfaction.counts_behind_published(c), response.satisfaction_bounds(c)),
        {},
    ),
    "cumulative": (lambda c: (targets.cumulative(c),), {}),
    "exposure": (lambda c: (targets.exposure_comparison(c),), {}),
    "flow": (lambda c: (families.family_flow(c),), {}),
    "forest": (lambda c: (satisfaction.high_satisfaction(c, ("topic", "role")),), GROUPS),
    "funnel": (lambda c: _funnel(clusters.funnel(c)), {}),
    "item_missing": (lambda c: (items.item_satisfaction(c),), {}),
    "leaving": (lambda c: (leaving.ways_of_leaving(c),), {}),
    "likert": (lambda c: (items.item_distribution(c),), {}),
    "methods": (lambda c: (satisfaction.satisfaction_intervals(c),), {}),
    "missing": (lambda c: (descriptive.missing_values(c),), {}),
    "monthly": (lambda c: (descriptive.monthly_activity(c),), {}),
    "odds_ratios": (lambda c: (ordinal.odds_ratios(c),), {}),
    "quarters": (lambda c: (interrupted.quarters(c),), {}),
    "rating_matrix": (lambda c: (targets.achievement(c),), {}),
    "reach": (lambda c: (reach.reach(c),), {}),
    "sensitivity": (lambda c: (verdicts.sensitivity(c),), {}),
    "services": (lambda _: (_services(),), {}),
    "waiting": (lambda c: (waiting.wait_curve(c),), {}),
}
"""The results that each figure draws, as the notebooks make them, and the words besides."""


def _services() -> Result:
    """Give a share of two services, of which one has it in two periods, and once suppressed."""
    known = Estimate("share seen", 5, 10, 0.5, 0.2, 0.8, "Wilson", "ok", "assumed")
    hidden = Estimate("share seen", None, None, None, None, None, "", "suppressed", "assumed")
    rows = [("north", "2020", known), ("north", "2021", hidden), ("south", "2020", known)]
    days = [(pd.Timestamp(f"{year}-01-01"), pd.Timestamp(f"{year}-12-31")) for _, year, _ in rows]
    return Result.of_estimates(
        [({"service": name, "start": start, "end": end}, estimate)
         for (name, _, estimate), (start, end) in zip(rows, days, strict=True)],
        service=stratum("Service"),
        start=Role("date", of="start"),
        end=Role("date", of="end"),
        estimate=estimated_share("share seen"),
    )  # fmt: skip


def _both(charts: process.Charts) -> Drawn:
    return charts.points, charts.verdicts


def _funnel(found: clusters.Funnel) -> Drawn:
    return found.points, found.limits


def renamed(result: Result) -> Result:
    """Call every column something else; it keeps its role and its heading."""
    names = {name: f"c{n}" for n, name in enumerate(result.roles)}
    roles = {
        new: replace(result.roles[name], heading=result.heading(name))
        for name, new in names.items()
    }
    return Result(result.table.rename(columns=names), roles)


def seen(picture: Picture) -> str:
    """Give all that there is to see and to hear of a figure."""
    return picture.svg("", picture.alt)


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_knows_no_names_of_columns(name: str) -> None:
    make, words = MADE[name]
    enough = 1.0 if name == "counterfactual" else 0.5  # for a model of the step
    results, draw = make(counts_of("none", enough)), getattr(plots, name)
    assert all(len(result.table) for result in results)
    assert seen(draw(*map(renamed, results), **words)) == seen(draw(*results, **words))


# --- any form, any share, any cluster ------------------------------------------------------


def one(estimand: str, inside: int, of: int) -> Estimate:
    return Estimate(estimand, inside, of, inside / of, 0.1, 0.95, "Wilson", "ok", "assumed")


def by_family(estimand: str, of: str, **inside: int) -> Result:
    """Estimate a share of ten of each family, and of all of them."""
    rows = [
        ({"by": "all", "stratum": "all"}, one(estimand, sum(inside.values()), 10 * len(inside)))
    ]
    rows += [
        ({"by": "family_id", "stratum": name}, one(estimand, n, 10)) for name, n in inside.items()
    ]
    return Result.of_estimates(
        rows, by=dimension(of="family_id"), stratum=stratum(), estimate=estimate_of(of)
    )


def test_an_axis_is_worded_by_the_estimand() -> None:
    of_form = by_family("share of respondents with a high answer", "a high answer", A=4, B=5)
    picture = plots.forest(of_form, ("family_id",))
    assert "% of respondents with a high answer" in seen(picture)
    assert picture.finding == "A high answer in all: 45% (95% interval 10 to 95%), 9 of 20."
    assert "A high answer in all and by family, with n of N" in picture.caption
    rate = by_family("response rate: answers of visits", "response rate", A=4)
    assert "response rate, % (answers of visits)" in seen(plots.forest(rate, ("family_id",)))


def test_shares_of_several_measures_have_a_panel_each() -> None:
    rows = [
        ({"measure": name, "by": "all", "stratum": "all"}, one(label, 4, 10))
        for name, label in (("kept", "visits kept"), ("heard", "felt heard"))
    ]
    shares = Result.of_estimates(rows, measure=measure(), by=dimension(), stratum=stratum())
    with worded({"kept": "visits kept", "heard": "felt heard"}):
        picture = plots.forest(shares, ())
    assert [axes.get_title(loc="left") for axes in picture.figure.axes] == [
        "Visits kept",
        "Felt heard",
    ]
    assert picture.figure.axes[-1].get_xlabel() == "%"


def test_a_funnel_is_of_any_share_and_any_cluster() -> None:
    table = pd.DataFrame(
        {"team_id": ["A", "B"], "n": [8, 9], "in": [4, 9], "share": [0.5, 1.0]}
    ).assign(
        position="not judged", all=13 / 17, status="not_estimable", note="why", basis="assumed"
    )
    limits = {
        f"{side}_{level}": Role("probability", of=f"{side} limit {level}")
        for side in ("lower", "upper")
        for level in ("95", "99.8")
    }
    points = Result.of(
        table,
        team_id=stratum("Team"),
        n=Role("denominator", of="visits"),
        **{"in": Role("numerator"), "share": share(of="visits kept")},
        position=Role("words"),
        all=Role("probability", of="all"),
    )
    nowhere = Result.of(
        pd.DataFrame(columns=["n", *limits], dtype="float64"), n=Role("denominator"), **limits
    )
    picture = plots.funnel(points, nowhere)
    assert picture.finding == "No team can be compared with the others."
    assert picture.caption == (
        "Visits kept, the share of each team against its number of visits; a number beside a mark "
        "is how many teams lie there. No limits: why. Rests on: assumed."
    )
    axes = picture.figure.axes[0]
    assert axes.get_xlabel() == "visits of each team"
    assert axes.get_ylabel() == "visits kept (from 20%)"


@pytest.mark.parametrize(
    ("noun", "plural"),
    [("course", "courses"), ("family", "families"), ("day", "days"), ("class", "classes")],
)
def test_plurals(noun: str, plural: str) -> None:
    assert several(noun) == plural
