"""Runs of the checks on an unspoilt copy: what they object to is a false alarm."""

from __future__ import annotations

import csv
import os
from pathlib import Path

from benchmarks.faults import checks
from benchmarks.faults.private_copy import PrivateCopy
from benchmarks.faults.table import rows_of

PLACE = Path(__file__).resolve().parent / "clean.csv"
KERNELS = ("", "Prescott", "Haswell")
"""Processors whose arithmetic OpenBLAS is told to use in turn; the first is the machine's own."""

FIELDS = ("run", "commit", "kernels", "check", "alarm", "by", "seconds")


def run(copy: PrivateCopy, times: int) -> None:
    """Run `make test` and `lmm verify` so many times, and add a row for each to the table."""
    number = len({row["run"] for row in rows_of(PLACE)})
    for n in range(number, number + times):
        kernels = KERNELS[n % len(KERNELS)]
        os.environ.pop("OPENBLAS_CORETYPE", None)
        if kernels:
            os.environ["OPENBLAS_CORETYPE"] = kernels
        answers = {"make test": checks.make_test(copy), "lmm verify": checks.verify(copy)}
        copy.restore()
        for check, answer in answers.items():
            alarm = "yes" if answer.caught else "no"
            _add(n + 1, copy.commit, kernels or "own", check, alarm, answer.by,
                 f"{answer.seconds:.0f}")  # fmt: skip


def _add(*row: object) -> None:
    new = not PLACE.exists()
    with PLACE.open("a", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        if new:
            writer.writerow(FIELDS)
        writer.writerow(row)
