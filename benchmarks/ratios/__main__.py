"""Measure ratios against named peers, in one run, in pairs.

Usage: python -m benchmarks.ratios [--pairs N] [NAME ...]

Each pair does both things once, the one that goes first in turn, each in a copy of the study of
its own. What is kept is the median of the pairs' ratios, with the least and the most.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import platform
import statistics
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

from benchmarks.ratios import ways
from benchmarks.ratios.drawn import draw
from benchmarks.ratios.ways import Way

PLACE = Path(__file__).parent
COLUMNS = ("what", "peer", "ratio", "least", "most", "goal", "seconds", "peer_seconds", "pairs")


@dataclass(frozen=True)
class Comparison:
    """What is compared with what, and how large the ratio of their times should be at most.

    Attributes
    ----------
    before
        Whether each is done once before it is measured, so that nothing is left to do.
    """

    what: str
    peer: str
    ours: Way
    theirs: Way
    goal: float
    before: bool = False


COMPARISONS = {
    "run": Comparison("lmm run", "papermill and nbconvert in turn",
                      ways.lmm_run, ways.in_turn, 0.25),
    "workflow": Comparison("lmm run", "Snakemake", ways.lmm_run, ways.snakemake, 0.5),
    "nothing": Comparison("lmm run, nothing to do", "Snakemake, nothing to do",
                          ways.lmm_run, ways.snakemake, 0.5, before=True),
    "nbval": Comparison("nbval with warm kernels", "nbval with cold ones",
                        ways.nbval("lmm"), ways.nbval("python3"), 1),
    "pool": Comparison(f"lmm sweep of {ways.ITEMS}", "papermill in a pool of processes",
                       ways.swept, ways.many("papermill"), 1 / 6),
    "plain": Comparison(f"lmm sweep of {ways.ITEMS}", "their code in a pool of warm processes",
                        ways.swept, ways.many("plain"), 2),
    "help": Comparison("lmm --help", "python -c 'import click, rich.console'",
                       ways.lmm_help, ways.bare_help, 1.5),
}  # fmt: skip


def seconds(way: Way, *, before: bool) -> float:
    """Give the wall time of doing a thing once in a fresh copy of the study."""
    with tempfile.TemporaryDirectory(prefix="lmm-bench-") as name:
        folder = Path(name, "study")
        folder.mkdir()
        ways.study(folder)
        if before:
            way(folder)
        start = time.perf_counter()
        way(folder)
        return time.perf_counter() - start


def measure(compared: Comparison, pairs: int) -> list[tuple[float, float]]:
    """Give the seconds of each pair: ours, and theirs."""
    found = []
    for number in range(pairs):
        both = (compared.ours, compared.theirs)
        first, second = both if number % 2 == 0 else both[::-1]
        times = seconds(first, before=compared.before), seconds(second, before=compared.before)
        found.append(times if number % 2 == 0 else times[::-1])
    return found


def row(compared: Comparison, found: Sequence[tuple[float, float]]) -> dict[str, str]:
    """Give the line of the table that pairs amount to."""
    ratios = [ours / theirs for ours, theirs in found]
    ours, theirs = (statistics.median(times) for times in zip(*found, strict=True))
    numbers = (statistics.median(ratios), min(ratios), max(ratios), compared.goal)
    said = [f"{each:.2f}" for each in (*numbers, ours, theirs)]
    values = (compared.what, compared.peer, *said, str(len(found)))
    return dict(zip(COLUMNS, values, strict=True))


def machine() -> dict[str, object]:
    """Say on what was measured, and with which versions."""
    cpu = Path("/proc/cpuinfo")
    lines = cpu.read_text("utf-8").splitlines() if cpu.is_file() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    peer = subprocess.run([ways.SNAKEMAKE, "--version"], capture_output=True, text=True, check=True)
    packages = ("lmm", "papermill", "nbconvert", "nbval", "pandas", "matplotlib", "statsmodels")
    return {
        "on": datetime.now(UTC).date().isoformat(),
        "processor": next(iter(names), platform.processor()),
        "cores": os.cpu_count(),
        "system": platform.system(),
        "python": platform.python_version(),
        **{name: metadata.version(name) for name in packages},
        "snakemake": peer.stdout.strip(),
    }


def main() -> None:
    """Measure what is asked for, keep the other lines, and draw all of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(COMPARISONS))
    parser.add_argument("--pairs", type=int, default=5)
    asked = parser.parse_args()
    if unknown := set(asked.names) - COMPARISONS.keys():
        parser.error(f"no comparison is called {', '.join(sorted(unknown))}")
    table = PLACE / "measured.csv"
    rows: dict[tuple[str, str], dict[str, str]] = {}
    if table.is_file():
        with table.open(encoding="utf-8", newline="") as file:
            rows = {(each["what"], each["peer"]): each for each in csv.DictReader(file)}
    for name in asked.names or COMPARISONS:
        compared = COMPARISONS[name]
        made = row(compared, measure(compared, asked.pairs))
        rows[compared.what, compared.peer] = made
        print(*made.values(), sep="  ", flush=True)
    order = [(each.what, each.peer) for each in COMPARISONS.values()]
    kept = [rows[each] for each in order if each in rows]
    with table.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(kept)
    text = json.dumps(machine(), indent=2) + "\n"
    (PLACE / "machine.json").write_text(text, encoding="utf-8")
    draw(kept, PLACE / "measured.svg")


if __name__ == "__main__":
    main()
