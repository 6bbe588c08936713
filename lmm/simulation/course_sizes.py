"""A share of answers in courses of unequal size: the primary interval beside its candidates."""

from __future__ import annotations

from functools import partial

import numpy as np

from lmm.simulation.candidates import CANDIDATES
from lmm.simulation.coverage import Found, Results, Setting, found_share
from lmm.simulation.settings import BASIS, CLUSTERED, high_answers
from lmm.statistics.clusters import Clusters
from lmm.statistics.effective_size import effective_size_interval

SIZES = {
    "20 courses of 11": (11,) * 20,
    "60 + 9 x 10": (60, *(10,) * 9),
    "100 + 8 x 10": (100, *(10,) * 8),
    "200 + 8 x 10": (200, *(10,) * 8),
    "1,000 + 20": (1000, 20),
    "28 courses of the records": (
        *(3, 5, 5, 6, 6, 6, 7, 8, 9, 9, 9, 10, 10, 11, 11, 12, 12),
        *(13, 13, 13, 13, 13, 15, 15, 16, 16, 17, 21),
    ),
}
"""Answers of each course."""

SHARES, LIKENESS = (0.99, 0.95, 0.9, 0.7, 0.5), (0.0, 0.05, 0.1, 0.2)

GROUP = "share, courses of given sizes"


def settings(level: float) -> list[Setting]:
    """List the settings: every size, share and correlation."""
    return [
        Setting(
            GROUP,
            f"{name}: true share {share:.12g}, correlation {likeness:.12g}",
            share,
            partial(sized_study, sizes, share, likeness, level),
            (CLUSTERED,),
        )
        for name, sizes in SIZES.items()
        for share in SHARES
        for likeness in LIKENESS
    ]


def sized_study(
    sizes: tuple[int, ...], share: float, likeness: float, level: float, rng: np.random.Generator
) -> Results:
    """Ask people who came in courses of these sizes, and give every candidate's interval."""
    high = high_answers(np.array(sizes), share, likeness, rng).tolist()
    clusters = Clusters.of(high, sizes)
    chosen = effective_size_interval("share", high, sizes, level, BASIS)
    failures = float(clusters.total - clusters.events)
    return {
        CLUSTERED: found_share(chosen),
        **{
            name: Found((clusters.share, *limits(clusters, level)), failures)
            for name, limits in CANDIDATES.items()
        },
    }
