"""The full attack: ``make attack`` releases and attacks random studies, and writes the tables."""

from __future__ import annotations

import argparse
import csv
import tempfile
import time
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from attack.drawn import drawn
from attack.sequences import COLUMNS as OF_SEQUENCES
from attack.sequences import tried_in_turn
from attack.shown import SMALL
from attack.studies import Drawn
from attack.trial import COLUMNS, Tally, Trial, bare, tried
from attack.twins import runs_differ

RESULT = Path(__file__).with_name("RESULT.csv")
IN_TURN = "SEQUENCES.csv"
ATTACKED = ("as released", "primary suppression and rounding only")
SOME = 10
"""Of so many releases one is attacked without what protects it besides, too."""

WHOLE = 30
"""Of so many releases one is a whole run, and compared with that of other records."""

Row = dict[str, int]
Job = tuple[str, int]


def run_twice(trial: Trial, drawn: Drawn) -> tuple[int, list[str]]:
    """Compare whole runs; give how many were, and what differs."""
    with tempfile.TemporaryDirectory(prefix="lmm-attack-") as folder:
        found = runs_differ(trial, drawn.rows, Path(folder))
    return int(found is not None), found or []


def one(job: Job) -> tuple[Row, Row, list[str], float]:
    """Put one release on trial."""
    profile, seed = job
    began = time.process_time()
    study = drawn(seed, profile)
    trial = tried(study)
    tallies = Tally(), Tally()
    tallies[0].add(trial)
    if seed % SOME == 1:
        tallies[1].add(bare(trial))
    told = [
        f"{name}: {sorted(trial.found.possible[name])} are left" for name in trial.found.narrowed
    ]
    if seed % WHOLE == 0:
        compared, differ = run_twice(trial, study)
        tallies[0].numbers.update({"run twice": compared, "differ": bool(differ)})
        told += [f"{name} differs between two records that are released alike" for name in differ]
    return dict(tallies[0].numbers), dict(tallies[1].numbers), told, time.process_time() - began


def in_turn(job: Job) -> tuple[Row, list[str], float]:
    """Put a sequence of releases on trial."""
    profile, seed = job
    began = time.process_time()
    numbers, told = tried_in_turn(seed, profile)
    return dict(numbers), told, time.process_time() - began


def main() -> int:
    """Attack as many releases of each profile as are asked for; 0 if nothing gives way."""
    given = argparse.ArgumentParser(prog="python -m attack", description=__doc__)
    given.add_argument("--releases", type=int, default=300, help="of each profile")
    given.add_argument("--first", type=int, default=1, help="the seed of the first")
    given.add_argument("--processes", type=int, default=2)
    given.add_argument(
        "--result",
        type=Path,
        default=RESULT,
        help="the table to write, and SEQUENCES.csv beside it",
    )
    given.add_argument("--sequences", type=int, default=67, help="of releases, of each profile")
    chosen = given.parse_args()
    tallies = {(profile, how): Tally() for profile in SMALL for how in ATTACKED}
    turns = {(profile,): Tally() for profile in SMALL}
    with ProcessPoolExecutor(chosen.processes) as pool:
        jobs = _jobs(chosen.first, chosen.releases)
        for job, (released, unprotected, told, seconds) in zip(
            jobs, pool.map(one, jobs), strict=True
        ):
            for how, row in zip(ATTACKED, (released, unprotected), strict=True):
                tallies[job[0], how].numbers.update(row)
            _tell(job, seconds, released, told)
        write(chosen.result, ("profile", "attacked"), COLUMNS, tallies)
        jobs = _jobs(chosen.first, chosen.sequences)
        for job, (row, told, seconds) in zip(jobs, pool.map(in_turn, jobs), strict=True):
            turns[job[:1]].numbers.update(row)
            _tell(job, seconds, row, told)
    write(chosen.result.with_name(IN_TURN), ("profile",), OF_SEQUENCES, turns)
    found = [tallies[profile, ATTACKED[0]].numbers for profile in SMALL]
    found += [tally.numbers for tally in turns.values()]
    return int(any(each["narrowed"] or each["differ"] for each in found))


def _jobs(first: int, number: int) -> list[Job]:
    return [(profile, seed) for seed in range(first, first + number) for profile in SMALL]


def _tell(job: Job, seconds: float, row: Row, told: list[str]) -> None:
    print(f"{job[0]} {job[1]}: {seconds:.1f} s, {row['small']} small counts", flush=True)
    for line in told:
        print(f"    {line}", flush=True)


def write(
    path: Path,
    names: tuple[str, ...],
    columns: tuple[str, ...],
    tallies: Mapping[tuple[str, ...], Tally],
) -> None:
    """Write a table, and show it."""
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow([*names, *columns])
        for key, tally in tallies.items():
            table.writerow([*key, *(tally.numbers[name] for name in columns)])
    print(path.read_text("utf-8"))


if __name__ == "__main__":
    raise SystemExit(main())
