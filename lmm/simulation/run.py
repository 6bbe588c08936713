"""Simulate every setting and write what came of it under ``docs``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from lmm.showing.plots.coverage import coverage as draw
from lmm.simulation import (
    course_sizes,
    people,
    ratings,
    recovery,
    report,
    settings,
    silent,
)
from lmm.simulation.coverage import COLUMNS, MONTE_CARLO_LEVEL, Setting, score
from lmm.simulation.engine import Report, Simulation, simulate
from lmm.simulation.ratings import Rating
from lmm.study.problems import StudyError
from lmm.study.study import Study


@dataclass(frozen=True)
class Outcome:
    """What came of a simulation.

    Attributes
    ----------
    coverage
        One row a setting and interval, as `lmm.simulation.coverage.score` gives it.
    ratings
        One row a setting, as `lmm.simulation.ratings.tally` gives it.
    """

    coverage: pd.DataFrame
    ratings: pd.DataFrame


def every_setting(study: Study) -> list[Setting]:
    """List the settings of all intervals, for a study's calendar, level and scale."""
    counts = recovery.bare_counts(study)
    series = recovery.series(counts)
    after = float((series["months_open"] * series["after"]).sum())
    months = float(series["months_open"].sum()) - after, after
    level = study.confidence
    return [
        *settings.settings(level, months),
        *course_sizes.settings(level),
        *silent.settings(level),
        *people.settings(level, months),
        *recovery.settings(counts),
    ]


def every_rating(study: Study) -> list[Rating]:
    """List the settings of all ratings."""
    return ratings.ratings(study.confidence, study.nearly_met.rule)


def simulate_all(
    study: Study, *, studies: int, seed: int, workers: int | None, progress: Report
) -> Outcome:
    """Simulate every setting and rating of a study; progress is told by group."""
    return run(
        every_setting(study), every_rating(study), study.confidence,
        studies=studies, seed=seed, workers=workers, progress=progress,
    )  # fmt: skip


def run(
    chosen: Sequence[Setting],
    rated: Sequence[Rating],
    level: float,
    *,
    studies: int,
    seed: int,
    workers: int | None = None,
    progress: Report,
) -> Outcome:
    """Simulate settings and ratings.

    Parameters
    ----------
    level
        Confidence level that the intervals state.
    studies
        How many of each setting, or fewer where a setting says so.
    workers
        Processes; by default one a processor. The result does not depend on it.
    """
    planned = [
        *(Simulation(each.key, each.study, min(studies, each.most or studies)) for each in chosen),
        *(Simulation(each.key, each.study, studies) for each in rated),
    ]
    # The slowest come last in the tables and first here, so that no process waits in the end.
    found = simulate(planned[::-1], seed, workers, _by_group(planned, progress))
    rows = [row for each in chosen for row in score(each, found[each.key], level, seed)]
    return Outcome(
        pd.DataFrame(rows, columns=list(COLUMNS)),
        pd.DataFrame([ratings.tally(each, found[each.key]) for each in rated]),
    )


def _by_group(planned: Sequence[Simulation], progress: Report) -> Report:
    """Add up the progress of the settings of a group."""
    total = Counter[str]()
    for each in planned:
        total[_group(each.name)] += each.studies
    done: dict[str, int] = {}

    def report(name: str, studies: int, _: int) -> None:
        done[name] = studies
        group = _group(name)
        progress(group, sum(n for key, n in done.items() if _group(key) == group), total[group])

    return report


def _group(key: str) -> str:
    return key.split(":", maxsplit=1)[0]


def check_place(folder: Path) -> Path:
    """Give the folder if the page to write into is there.

    Raises
    ------
    StudyError
        If it is not.
    """
    if not (folder / "coverage.md").is_file():
        raise StudyError(f"{folder / 'coverage.md'}: there is no such page to write into")
    return folder


def written(outcome: Outcome, page: str) -> dict[str, str]:
    """Give what is written of an outcome, by file: tables, figure, and the page with its parts.

    Raises
    ------
    StudyError
        If the page has no place for one of the parts.
    """
    picture = draw(report.one_by_one(outcome.coverage), MONTE_CARLO_LEVEL)
    parts = report.blocks(outcome.coverage, outcome.ratings, picture.alt)
    return {
        "coverage.csv": outcome.coverage.to_csv(index=False, lineterminator="\n"),
        "coverage-ratings.csv": outcome.ratings.to_csv(index=False, lineterminator="\n"),
        "coverage.svg": picture.svg("", picture.alt),
        "coverage.md": report.filled(page, parts),
    }


def write(outcome: Outcome, folder: Path) -> list[Path]:
    """Write the tables, the figure and the generated parts of the page.

    Raises
    ------
    StudyError
        If the page is missing, or has no place for one of the parts.
    """
    contents = written(outcome, (check_place(folder) / "coverage.md").read_text("utf-8"))
    for name, content in contents.items():
        (folder / name).write_bytes(content.encode("utf-8"))
    return [folder / name for name in contents]
