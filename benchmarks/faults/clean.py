"""Runs of the checks on an unspoilt copy: what they object to is a false alarm."""

from __future__ import annotations

import csv
import os
from pathlib import Path

from benchmarks.faults import checks
from benchmarks.faults.private_copy import PrivateCopy

PLACE = Path(__file__).resolve().parent / "clean.csv"
KERNELS = ("", "Prescott", "Haswell")
"""Processors whose arithmetic OpenBLAS is told to use in turn; the first is the machine's own."""

FIELDS = ("run", "commit", "kernels", "check", "alarm", "by", "seconds")


def run(copy: PrivateCopy, times: int) -> None:
    """Run `make test` and `lmm verify` so many times, and add a row for each to the table."""
    number = len({row["run"] for row in _read()})
    for n in range(number, number + times):
        kernels = KERNELS[n % len(KERNELS)]
        os.environ.pop("OPENBLAS_CORETYPE", None)
        if kernels:
            os.environ["OPENBLAS_CORETYPE"] = kernels
        answers = {"make test": checks.make_test(copy), "lmm verify": checks.verify(copy)}
        copy.restore()
        for check, answer in answers.items():
            if answer:
                _add(
                    {
                        "run": str(n + 1),
                        "commit": copy.commit,
                        "kernels": kernels or "own",
                        "check": check,
                        "alarm": "yes" if answer.caught else "no",
                        "by": answer.by,
                        "seconds": f"{answer.seconds:.0f}",
                    }
                )


def _read() -> list[dict[str, str]]:
    if not PLACE.exists():
        return []
    with PLACE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _add(row: dict[str, str]) -> None:
    new = not PLACE.exists()
    with PLACE.open("a", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, FIELDS, lineterminator="\n")
        if new:
            writer.writeheader()
        writer.writerow(row)
