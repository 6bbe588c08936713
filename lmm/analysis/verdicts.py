"""Whether all targets were met or nearly met, how surely, and what that depends on."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Mapping
from itertools import product
from typing import Any

import pandas as pd

from lmm.analysis.analysis import analysis
from lmm.analysis.in_batches import batches_of
from lmm.analysis.rating import SIDE, VERDICTS, Verdict, all_met, rate_value, verdict_of
from lmm.analysis.released import ROUNDED, by_cluster
from lmm.analysis.result import Result
from lmm.analysis.roles import measure, number, p_value, probability, stratum, words
from lmm.analysis.targets import achievement, is_share
from lmm.counting.counts import Counts
from lmm.statistics.clusters import Clusters
from lmm.statistics.effective_size import effective_size
from lmm.statistics.rates import poisson_test
from lmm.statistics.zones import (
    Direction,
    count_probabilities,
    four_zones,
    share_probabilities,
)
from lmm.study.declared import NEARLY_MET_RULES

Achieved = Mapping[Hashable, Any]
"""A row of `achievement`."""


@analysis("targets", title="Certainty of each rating")
def certainty(counts: Counts) -> Result:
    """Say how sure each rating of `achievement` is.

    Returns
    -------
    Result
        ``indicator, contract_year, rag``; ``zone``, one of the four of Lewis et al. (2021),
        for shares; ``p_red, p_amber, p_green``, under the Jeffreys posterior (of a share, for
        the effective number of answers); ``p_value`` of
        the Poisson test of a count against its target (by batch where people come in batches);
        ``test, status, note, basis``.
    """
    rows = [_certainty(counts, row) for row in achievement(counts).table.to_dict("records")]
    columns = [*CERTAINTY, "status", "note", "basis"]
    return Result.of(pd.DataFrame(rows, columns=columns), **CERTAINTY)


CERTAINTY = {
    "indicator": measure(),
    "contract_year": stratum(of="year"),
    "rag": words("Rating", of="rating"),
    "zone": words(),
    "p_red": probability("P(red)", of="red"),
    "p_amber": probability("P(amber)", of="amber"),
    "p_green": probability("P(green)", of="green"),
    "p_value": p_value(),
    "test": words(),
}


def _certainty(counts: Counts, row: Achieved) -> dict[str, Any]:
    kept = {name: row[name] for name in ("indicator", "contract_year", "rag", "basis")}
    cut_offs = (float(row["red_below"]), float(row["green_from"]), row["direction"])
    if row["status"] != "ok":
        return {**kept, "zone": "not rated", "status": row["status"], "note": row["note"]}
    events = int(row["numerator"])
    if is_share(counts, row["indicator"]):
        trials = int(row["denominator"])
        zones = four_zones(events, trials, *cut_offs)
        size = _effective(counts, row["indicator"], row["contract_year"]) or trials
        found = share_probabilities(events * size / trials, size, *cut_offs)
        tested: dict[str, Any] = {"zone": zones.zone, "note": zones.note}
    else:
        target = float(row["denominator"])
        batches, _ = batches_of(counts, row["indicator"], contract_year=row["contract_year"])
        found = count_probabilities(events, target, *cut_offs, batches)
        test = poisson_test(events, target, batches)
        tested = {"zone": "", "p_value": test.p_value, "test": test.method, "note": test.note}
    if not counts.is_exact(row["indicator"]):
        tested["note"] = "; ".join(filter(None, (tested["note"], ROUNDED)))
    chances = {"p_red": found.red, "p_amber": found.amber, "p_green": found.green}
    return {**kept, **tested, **chances, "status": found.status}


def _effective(counts: Counts, indicator: str, year: str) -> float | None:
    """Give how many independent answers tell as much as those of a year; None if not known."""
    found = by_cluster(counts, indicator, contract_year=year)
    if found is None:
        return None
    clusters = Clusters.of(found["inside"].tolist(), found["n"].tolist())
    if clusters.no_spread("", counts.basis()) is not None:
        return None
    return effective_size(clusters, counts.parameters.confidence)[1]


@analysis("targets")
def overall_verdict(counts: Counts) -> Result:
    """Count the verdicts of `achievement` and say whether all were met or nearly met.

    Returns
    -------
    Result
        ``verdict, targets, basis``; the last row is the statement about all of them.
    """
    achieved = achievement(counts).table
    verdicts = achieved["verdict"].tolist()
    rows: list[tuple[str, str]] = [(kind, str(verdicts.count(kind))) for kind in VERDICTS]
    rows.append(("all met or nearly met", all_met(verdicts)))
    basis = achieved["basis"].iloc[0] if len(achieved) else "assumed"
    table = pd.DataFrame(rows, columns=["verdict", "targets"]).assign(basis=basis)
    return Result.of(table, verdict=stratum(of="verdict"), targets=words(of="targets"))


@analysis("targets", title="Verdicts under other rules")
def sensitivity(counts: Counts) -> Result:
    """Vary the cut-offs and the definition of "nearly met", and count the verdicts.

    Both cut-offs of every target are multiplied, or divided where it is to be at most; a share's
    stay at or under 1, and red on its side of green.

    Returns
    -------
    Result
        ``rule, red_factor, green_factor, declared`` (whether this is what the study file
        says), ``met, nearly_met, not_met, not_rated, all_met, basis``.
    """
    achieved = achievement(counts).table.to_dict("records")
    rows = [
        _varied(counts, achieved, rule, red, green)
        for rule in NEARLY_MET_RULES
        for red, green in product(RED_FACTORS, GREEN_FACTORS)
    ]
    return Result.of(
        pd.DataFrame(rows),
        rule=words(of="rule"),
        red_factor=number("Red cut-off multiplied by", of="red factor"),
        green_factor=number("Green cut-off multiplied by", of="green factor"),
        declared=words(of="declared"),
        **{name.replace(" ", "_"): number(of=name) for name in VERDICTS},
        all_met=words(of="all met"),
    )


RED_FACTORS = (0.8, 1.0, 1.2, 1.4)
GREEN_FACTORS = (0.8, 0.9, 1.0, 1.1)
"""What the cut-offs are multiplied by."""


def _varied(
    counts: Counts, achieved: list[dict[Hashable, Any]], rule: str, red: float, green: float
) -> dict[str, Any]:
    verdicts = [_reverdict(counts, row, red, green, rule) for row in achieved]
    numbers = Counter(verdicts)
    declared = rule == counts.study.nearly_met.rule and red == green == 1
    return {
        "rule": rule,
        "red_factor": red,
        "green_factor": green,
        "declared": "yes" if declared else "no",
        **{name.replace(" ", "_"): numbers[name] for name in VERDICTS},
        "all_met": all_met(verdicts),
        "basis": counts.basis(),
    }


def _reverdict(counts: Counts, row: Achieved, red: float, green: float, rule: str) -> Verdict:
    share = is_share(counts, row["indicator"])
    direction: Direction = row["direction"]
    harder = SIDE[direction]
    most = 1.0 if share else math.inf
    green_from = min(row["green_from"] * green**harder, most)
    red_below = min(row["red_below"] * red**harder, most)
    red_below = {"at least": min, "at most": max}[direction](red_below, green_from)
    known = row["status"] == "ok"
    cut_offs = red_below, green_from, direction
    rag = rate_value(row["estimate"] if known else None, *cut_offs)
    limits = (float(row["low"]), float(row["high"])) if known else None
    return verdict_of(limits, rag, row["full_year_target"] if share else 1.0, rule, direction)
