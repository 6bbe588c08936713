"""Plant faults in a private copy of the project, and see which checks catch them.

Usage: nice python -m benchmarks.faults [--only CHECK] [--kind KIND] [--whole]
       nice python -m benchmarks.faults --every OPERATOR
       nice python -m benchmarks.faults --clean N [--whole]
"""

from __future__ import annotations

import argparse
import re
import tempfile
from functools import cache
from itertools import accumulate
from pathlib import Path

from benchmarks.faults import checks, clean, report, table
from benchmarks.faults.fault import Changes, Fault
from benchmarks.faults.mutations import all_of, sampled
from benchmarks.faults.planted import planted
from benchmarks.faults.private_copy import PrivateCopy
from benchmarks.faults.reach import Reach, measured
from benchmarks.faults.table import Row


def main() -> None:
    """Run what is asked for; without a word, every check of every fault that has no answer yet."""
    given = _given()
    copy = PrivateCopy.made(given.work / "copy")
    if given.clean:
        clean.run(copy, table.read().values(), given.clean, whole=given.whole)
        return report.write(table.read())
    if given.every:
        place, faults = given.work / f"{given.every}.csv", all_of(copy.folder, given.every)
    else:
        place, faults = table.PLACE, [*sampled(copy.folder), *planted(copy.folder)]
    rows = table.rows_for(faults, table.read(place), copy.commit)
    reach = measured(copy, given.work / "reached", given.reach)

    def keep(row: Row) -> None:
        row.commit = copy.commit
        table.write(rows, place)
        if not given.every:
            report.write(rows)
        print(f"{row.place} {row.tests or row.cheap} {row.tests_by}", flush=True)

    known = report.equivalent()
    chosen = [
        fault
        for fault in faults
        if (given.kind or "") in f"{fault.kind} {fault.id}" and fault.id not in known
    ]
    for name in given.only or ASK:
        for fault in chosen:
            row = rows[fault.id]
            needless = name == "verify" and row.tests == "yes"
            if not getattr(row, name) and not needless:
                ASK[name](copy, fault, row, reach)
                keep(row)
    for fault in chosen if given.whole else ():
        row = rows[fault.id]
        if row.tests == "no" and not fault.generated:
            with copy.spoilt(fault.plant(copy.folder)):
                row.note("tests", checks.make_test(copy))
            keep(row)


def _given() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", action="append", choices=["cheap", "tests", "nbval", "verify"],
                        help="ask this check alone; may be given more than once")  # fmt: skip
    parser.add_argument("--kind", help="plant only faults of kinds, or in places, named so")
    parser.add_argument("--whole", action="store_true",
                        help="run all of make test for what is left, or with --clean")  # fmt: skip
    parser.add_argument("--reach", nargs="+", default=[], metavar="FILE",
                        help="measure what these new files of tests reach")  # fmt: skip
    parser.add_argument("--every", metavar="OPERATOR",
                        help="plant every mutation of one kind, such as boundary; the table is "
                        "in the work folder")  # fmt: skip
    parser.add_argument("--clean", type=int, metavar="N",
                        help="run what caught a fault N times on an unspoilt copy")  # fmt: skip
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "lmm-faults",
                        help="where the copy is, and what was measured")  # fmt: skip
    return parser.parse_args()


READ_THE_CODE = ("tests/test_architecture.py::test_records_cannot_be_changed_once_they_are_made",)
"""Tests that look at the text of the library, and reach no line of it."""

CHEAP = 25.0
"""Seconds, as measured, of the tests that a mutation meets first: those that take least."""


def ask_cheap(copy: PrivateCopy, fault: Fault, row: Row, reach: Reach) -> None:
    """Ask the cheap ones of those tests that no refresh of what is committed can silence."""
    cheap, _, _ = _parted(fault, reach)
    with copy.spoilt(fault.plant(copy.folder)):
        answer = checks.some_tests(copy, cheap)
    row.note("cheap", answer)
    if answer.caught:
        row.note("lasting", answer)
        row.note("tests", answer)
    row.seconds = f"{answer.seconds:.0f}"


def ask_tests(copy: PrivateCopy, fault: Fault, row: Row, reach: Reach) -> None:
    """Ask the other tests that it may matter to: at last, those that compare what is committed."""
    _, dear, committed = _parted(fault, reach)
    if not fault.generated:
        _pass_unspoilt(copy, fault.likely)
    with copy.spoilt(fault.plant(copy.folder)):
        answer = checks.some_tests(copy, dear)
        row.note("lasting", answer)
        if not answer.caught:
            answer = checks.some_tests(copy, _whole_notebooks(committed))
    row.note("tests", answer)
    row.seconds = f"{float(row.seconds or 0) + answer.seconds:.0f}"


@cache
def _pass_unspoilt(copy: PrivateCopy, tests: tuple[str, ...]) -> None:
    """Stop if tests object to a copy without a fault: they would catch everything."""
    if (answer := checks.some_tests(copy, tests)).caught:
        raise SystemExit(f"{answer.by} objects to a copy without a fault")
    copy.restore()


def _parted(fault: Fault, reach: Reach) -> tuple[list[str], list[str], list[str]]:
    """Give the tests that a fault may matter to: cheap ones, others, those of what is committed."""
    every = [*READ_THE_CODE, *reach.of(fault)] if fault.generated else list(fault.likely)
    lasting = [test for test in every if not checks.COMMITTED.match(test)]
    so_far = list(accumulate(reach.seconds.get(test, 0.0) for test in lasting))
    cheap = sum(seconds <= CHEAP for seconds in so_far) if fault.generated else 0
    return lasting[:cheap], lasting[cheap:], [t for t in every if checks.COMMITTED.match(t)]


def ask_nbval(copy: PrivateCopy, fault: Fault, row: Row, reach: Reach) -> None:
    """Ask nbval of the notebooks that a fault may matter to."""
    changes = fault.plant(copy.folder)
    names = _seen_by_notebooks(copy, fault, changes, reach)
    with copy.spoilt(changes):
        row.note("nbval", checks.nbval(copy, names))


def _seen_by_notebooks(
    copy: PrivateCopy, fault: Fault, changes: Changes, reach: Reach
) -> list[str]:
    """Name the notebooks, if they open a file that is changed, or a run reaches its line."""
    names = sorted(path.as_posix() for path in Path("notebooks").glob("*.ipynb"))
    if fault.place in names:
        return [fault.place]
    if fault.generated:
        return names if any(map(A_RUN.match, reach.of(fault))) else []
    return names if changes.keys() & _opened(copy) else []


A_RUN = re.compile(r"tests/test_pipeline\.py::test_what_is_committed_comes_out")
"""The test of a whole run, in which the notebooks run."""


@cache
def _opened(copy: PrivateCopy) -> frozenset[str]:
    return checks.opened_by_notebooks(copy)


def ask_verify(copy: PrivateCopy, fault: Fault, row: Row, _: Reach) -> None:
    """Ask `lmm verify`, which is done of what `make test` did not catch."""
    with copy.spoilt(fault.plant(copy.folder)):
        row.note("verify", checks.verify(copy))


def _whole_notebooks(tests: list[str]) -> list[str]:
    """Give whole notebooks instead of cells of theirs, which need the cells before."""
    names = (test.split("::")[0] if test.startswith("notebooks/") else test for test in tests)
    return list(dict.fromkeys(names))


ASK = {"cheap": ask_cheap, "tests": ask_tests, "nbval": ask_nbval, "verify": ask_verify}

if __name__ == "__main__":
    main()
