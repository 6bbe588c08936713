"""Reading and cleaning at four sizes, beside merely reading and beside polars.

Usage: nice python -m benchmarks.bigdata [--rows N ...] [--repeats N]

Each way runs in a process of its own, the ways in turn; what is written is the median of each,
as `measured.csv` beside this file. Figures of one run on one machine: only ratios say anything.
"""

from __future__ import annotations

import argparse
import json
import math
import subprocess
import sys
import tempfile
from pathlib import Path

import pandas as pd

from benchmarks.bigdata.scaled import make_study
from benchmarks.bigdata.ways import ROOT, WAYS

SIZES = (10_000, 100_000, 1_000_000, 10_000_000)
PLACE = Path(__file__).with_name("measured.csv")


def main() -> None:
    """Measure what is asked for, write it and say how it grows."""
    asked = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    asked.add_argument("--rows", type=int, nargs="+", default=SIZES)
    asked.add_argument("--repeats", type=int, default=3)
    given = asked.parse_args()
    table = pd.concat([measured(rows, given.repeats) for rows in given.rows], ignore_index=True)
    table.to_csv(PLACE, index=False, lineterminator="\n")
    print(table.to_string(index=False))
    for way in WAYS:
        print(f"{way}: time grows with rows to the power of {growth(table, way):.2f}")


def measured(rows: int, repeats: int) -> pd.DataFrame:
    """Give a row for each way: seconds of processor, megabytes at most, and ratios to pandas."""
    with tempfile.TemporaryDirectory() as home:
        folder = Path(home) / "study"
        make_study(rows, folder)
        took = pd.DataFrame(
            [{"way": way, **_taken(way, folder)} for _ in range(repeats) for way in WAYS]
        )
    table = took.groupby("way", sort=False).median().reset_index()
    least = table["seconds"].iloc[0]
    return table.assign(rows=rows, times_pandas=(table["seconds"] / least).round(1))[
        ["rows", "way", "seconds", "times_pandas", "megabytes"]
    ]


def _taken(way: str, folder: Path) -> dict[str, float]:
    words = [sys.executable, "-m", "benchmarks.bigdata.ways", way, str(folder)]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stderr)
    taken: dict[str, float] = json.loads(done.stdout)
    return taken


def growth(table: pd.DataFrame, way: str) -> float:
    """Give the exponent by which time grows from the second size, or the first, to the last."""
    of_way = table[table["way"] == way]
    first, last = of_way.iloc[min(1, len(of_way) - 2)], of_way.iloc[-1]
    return math.log(last["seconds"] / first["seconds"]) / math.log(last["rows"] / first["rows"])


if __name__ == "__main__":
    main()
