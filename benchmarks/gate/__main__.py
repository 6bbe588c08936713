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
from lmm.counting.count import count
from lmm.disclosure.gate import release
from lmm.disclosure.profiles import profile_of

RESULT = Path(__file__).with_name("RESULT.csv")
COLUMNS = ("areas", "months", "counts", "small", "seconds", "least", "most")


def seconds(records: Records) -> tuple[int, int, float]:
    """Give how many counts the gate decides on, how many are small, and seconds of processor."""
    gc.collect()
    start = time.process_time()
    told = release(records).told
    took = time.process_time() - start
    is_small, true = profile_of(records.study).is_sensitive, count(records).numbers
    return len(told), sum(is_small(true[name] or 0) for name in told), took


def main() -> None:
    """Measure each size in turn, write the table, and print the exponent of its growth."""
    repeats = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    seconds(service(SIZES[0]))  # so that everything is imported
    rows = []
    for size in SIZES:
        records = service(size)
        every = [seconds(records) for _ in range(repeats)]
        counts, small, _ = every[0]
        took = [each for *_, each in every]
        times = (round(each, 2) for each in (statistics.median(took), min(took), max(took)))
        rows.append([size.areas, size.months, counts, small, *times])
        print(*rows[-1], flush=True)
    with RESULT.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([COLUMNS, *rows])
    counts, smalls, medians = (np.log([row[n] for row in rows]) for n in (2, 3, 4))
    for what, sizes in (("counts", counts), ("small counts", smalls)):
        print(f"seconds grow as {what} to the power of {np.polyfit(sizes, medians, 1)[0]:.2f}")


if __name__ == "__main__":
    main()
