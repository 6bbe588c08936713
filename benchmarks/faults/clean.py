"""Runs of the checks on an unspoilt copy: what they object to is a false alarm."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

from benchmarks.faults import checks
from benchmarks.faults.private_copy import PrivateCopy
from benchmarks.faults.table import Row, rows_of

PLACE = Path(__file__).resolve().parent / "clean.csv"
KERNELS = ("", "Prescott", "Haswell")
"""Processors whose arithmetic OpenBLAS is told to use in turn; the first is the machine's own."""

VARIABLE = "OPENBLAS_CORETYPE"
"""Where OpenBLAS is told."""

FIELDS = ("run", "commit", "kernels", "check", "alarm", "by", "seconds")


def run(copy: PrivateCopy, rows: Iterable[Row], times: int, *, whole: bool) -> None:
    """Run checks so many times where no fault is planted, and add a row for each to the table.

    Parameters
    ----------
    rows
        Of the planted faults: the tests that caught one are run.
    whole
        Whether to run all of `make test` instead.
    """
    caught = {_asked(row.tests_by) for row in rows if row.tests == "yes"}
    credited = sorted(test for test in caught if (copy.folder / test.split("::")[0]).is_file())
    number = len({row["run"] for row in rows_of(PLACE)})
    for n in range(number, number + times):
        kernels = KERNELS[n % len(KERNELS)]
        of = {VARIABLE: kernels} if kernels else {}
        if whole:
            answers = {"make test": checks.make_test(copy, of)}
        else:
            tests = checks.run_pytest(copy, ["-n", "2", *credited], variables=of)
            answers = {"tests that caught a fault": tests, "lmm verify": checks.verify(copy, of)}
        copy.restore()
        for check, answer in answers.items():
            alarm = "yes" if answer.caught else "no"
            _add(n + 1, copy.commit, kernels or "own", check, alarm, answer.by,
                 f"{answer.seconds:.0f}")  # fmt: skip


def _asked(test: str) -> str:
    """Give what is to be run for a test: of a cell of a notebook, the notebook."""
    return test.split("::", maxsplit=1)[0] if test.startswith("notebooks/") else test


def _add(*row: object) -> None:
    new = not PLACE.exists()
    with PLACE.open("a", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        if new:
            writer.writerow(FIELDS)
        writer.writerow(row)
