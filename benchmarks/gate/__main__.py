"""Measure how long the gate takes by how many counts it decides on.

Usage: python -m benchmarks.gate [REPEATS]
"""

from __future__ import annotations

import csv
import gc
import statistics
import sys
import time
from pathlib import Path

import numpy as np

from benchmarks.gate.services import SIZES, service
from lmm.cleaning.records import Records
from lmm.disclosure.gate import release

RESULT = Path(__file__).with_name("RESULT.csv")
COLUMNS = ("areas", "months", "counts", "seconds", "least", "most")


def seconds(records: Records) -> tuple[int, float]:
    """Give how many counts the gate decides on, and its seconds of processor."""
    gc.collect()
    start = time.process_time()
    told = release(records).told
    return len(told), time.process_time() - start


def main() -> None:
    """Measure each size in turn, write the table, and print the exponent of its growth."""
    repeats = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    seconds(service(SIZES[0]))  # so that everything is imported
    rows = []
    for size in SIZES:
        records = service(size)
        every = [seconds(records) for _ in range(repeats)]
        counts, took = every[0][0], [each for _, each in every]
        times = (statistics.median(took), min(took), max(took))
        rows.append([size.areas, size.months, counts, *(round(each, 2) for each in times)])
        print(*rows[-1], flush=True)
    with RESULT.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([COLUMNS, *rows])
    counts, took = (np.log([row[n] for row in rows]) for n in (2, 3))
    print(f"seconds grow as counts to the power of {np.polyfit(counts, took, 1)[0]:.2f}")


if __name__ == "__main__":
    main()
