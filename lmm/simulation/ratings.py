"""How services are rated that truly are red, amber or green.

The cut-offs are those of the illustrative targets. Ratings rest on the point estimate and so
differ from the truth by chance; the zones of Lewis et al. take answers as independent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from lmm.analysis.rating import Rag, rate_value, verdict_of
from lmm.simulation.settings import BASIS, TARGETS, course_answers
from lmm.statistics.clusters import Clusters
from lmm.statistics.effective_size import effective_size, effective_size_interval
from lmm.statistics.estimate import Estimate
from lmm.statistics.rates import ratio_to_target
from lmm.statistics.zones import (
    ZoneProbabilities,
    count_probabilities,
    four_zones,
    share_probabilities,
)

COUNT_CUT_OFFS, SHARE_CUT_OFFS = (0.6, 1.0), (0.85, 0.95)
"""The illustrative cut-offs, red below and green from: of counts / target, and of the share."""

TRUE_RATIOS, TRUE_SHARES = (0.45, 0.8, 1.2), (0.8, 0.9, 0.98)
"""One truth in red, one in amber, one in green."""

COURSES_A_YEAR, LIKENESS = 10, (0.0, 0.2)

RATINGS = ("red", "amber", "green", "not rated")
ZONES = ("red", "amber-red", "amber-green", "green", "not rated")


class Rated(NamedTuple):
    """How one study was rated, and the probability that it gives to the true rating."""

    rag: str
    verdict: str
    zone: str | None
    probability: float | None


@dataclass(frozen=True)
class Rating:
    """A true figure, and how a study of it is drawn and rated."""

    name: str
    truth: float
    true_rag: Rag
    study: Callable[[np.random.Generator], Rated]

    @property
    def key(self) -> str:
        """A name unlike that of any other setting."""
        return f"rating: {self.name}"


def ratings(level: float, rule: str) -> list[Rating]:
    """List the settings.

    Parameters
    ----------
    level
        Confidence level of the intervals.
    rule
        The study's definition of "nearly met".
    """
    counts = [
        _rating(
            f"{name}, target {TARGETS[name]} a year",
            ratio,
            COUNT_CUT_OFFS,
            partial(count_study, TARGETS[name], ratio, level, rule),
        )
        for name in ("families", "consultations")
        for ratio in TRUE_RATIOS
    ]
    shares = [
        _rating(
            f"satisfaction of a year, correlation {likeness:.12g}",
            share,
            SHARE_CUT_OFFS,
            partial(share_study, share, likeness, level, rule),
        )
        for likeness in LIKENESS
        for share in TRUE_SHARES
    ]
    return [*counts, *shares]


def _rating(
    name: str,
    truth: float,
    cut_offs: tuple[float, float],
    study: Callable[[np.random.Generator], Rated],
) -> Rating:
    return Rating(f"{name}, truth {truth:.12g}", truth, rate_value(truth, *cut_offs), study)


def count_study(
    target: int, ratio: float, level: float, rule: str, rng: np.random.Generator
) -> Rated:
    """Count for a contract year and rate against the target."""
    events = int(rng.poisson(ratio * target))
    estimate = ratio_to_target("ratio", events, target, level, BASIS)
    chances = count_probabilities(events, target, *COUNT_CUT_OFFS)
    return _rated(estimate, 1.0, rule, COUNT_CUT_OFFS, ratio, chances, None)


def share_study(
    share: float, likeness: float, level: float, rule: str, rng: np.random.Generator
) -> Rated:
    """Ask those who came to the courses of a contract year and rate the share."""
    high, answers = course_answers(share, likeness, rng, COURSES_A_YEAR)
    estimate = effective_size_interval("share", high.tolist(), answers.tolist(), level, BASIS)
    total = (int(high.sum()), int(answers.sum()))
    zone = four_zones(*total, *SHARE_CUT_OFFS).zone
    clusters = Clusters.of(high.tolist(), answers.tolist())
    size = effective_size(clusters, level)[1]
    chances = share_probabilities(size * clusters.share, size, *SHARE_CUT_OFFS)
    return _rated(estimate, SHARE_CUT_OFFS[1], rule, SHARE_CUT_OFFS, share, chances, zone)


def _rated(
    estimate: Estimate,
    reached: float,
    rule: str,
    cut_offs: tuple[float, float],
    truth: float,
    chances: ZoneProbabilities,
    zone: str | None,
) -> Rated:
    rag = rate_value(estimate.estimate, *cut_offs)
    of = {"red": chances.red, "amber": chances.amber, "green": chances.green, "not rated": None}
    found = verdict_of(estimate.limits, rag, reached, rule)
    return Rated(rag, found, zone, of[rate_value(truth, *cut_offs)])


def tally(rating: Rating, studies: Sequence[Rated]) -> dict[str, Any]:
    """Give the share of studies with each rating, zone and verdict.

    Returns
    -------
    dict
        ``setting, truth, true_rag, studies``, a share for each of `RATINGS`, for each of
        `ZONES` as ``zone <name>`` (None where the zones do not apply),
        ``met_or_nearly_met``, and ``probability``, the mean posterior probability of the
        true rating.
    """
    number = len(studies)
    chances = [study.probability for study in studies if study.probability is not None]
    zoned = [study.zone for study in studies if study.zone is not None]
    shares = {name: _share(study.rag == name for study in studies) for name in RATINGS}
    zones = {
        f"zone {name}": _share(zone == name for zone in zoned) if zoned else None for name in ZONES
    }
    return {
        "setting": rating.name,
        "truth": rating.truth,
        "true_rag": rating.true_rag,
        "studies": number,
        **shares,
        **zones,
        "met_or_nearly_met": _share(study.verdict in ("met", "nearly met") for study in studies),
        "probability": round(float(np.mean(chances)), 3) if chances else None,
    }


def _share(found: Iterable[bool]) -> float:
    values = list(found)
    return round(sum(values) / len(values), 4)
