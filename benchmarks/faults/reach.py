"""Which tests reach which line: measured once, so that a mutation meets only those."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import coverage

from benchmarks.faults.checks import LIMIT, run_pytest
from benchmarks.faults.fault import Fault
from benchmarks.faults.private_copy import PrivateCopy


@dataclass(frozen=True)
class Reach:
    """The tests that pass on an unspoilt copy, cheapest first, and the lines of each.

    Attributes
    ----------
    seconds
        By test; of a cell of a notebook, too, which is a test of nbval.
    lines
        The tests by file and line.
    failed
        Those that fail on the unspoilt copy, and can therefore catch nothing.
    """

    seconds: dict[str, float]
    lines: dict[str, dict[int, set[str]]]
    failed: tuple[str, ...] = ()

    def of(self, fault: Fault) -> list[str]:
        """Give the tests that a mutation may matter to, cheapest first.

        What stands outside of functions runs when it is imported, which is before any test: it
        matters to all tests that reach something of its file.
        """
        file = self.lines.get(fault.place.split(":")[0], {})
        first, last = fault.lines
        found = set().union(*(file.get(n, set()) for n in range(first, last + 1)))
        if not found or ":module:" in fault.id:
            found = set().union(*file.values())
        return sorted(found & set(self.seconds), key=lambda test: (self.seconds[test], test))


def measured(copy: PrivateCopy, home: Path, more: Sequence[str] = ()) -> Reach:
    """Run `make test` once while watching which lines each test reaches, and read it after.

    Parameters
    ----------
    more
        Files of tests that are new, or were changed since.
    """
    words = ["-p", "benchmarks.faults.reached", "-n", "2", "-m", "not slow"]
    watched = {"FAULTS_REACHED": str(home)}
    if not (home / "done").exists():
        run_pytest(copy, words, limit=8 * LIMIT, variables=watched)
        (home / "done").touch()
    elif more:
        run_pytest(copy, [*words, *more], limit=8 * LIMIT, variables=watched)
    return read(copy.folder, home)


def read(root: Path, home: Path) -> Reach:
    """Read what the plugin wrote into a folder."""
    seconds: dict[str, float] = {}
    failed: list[str] = []
    for path in sorted(home.glob("tests-*.json")):
        for test, noted in json.loads(path.read_text("utf-8")).items():
            if noted["passed"] and "\n" not in test:
                seconds[test] = noted["seconds"]
            elif not noted["passed"]:
                failed.append(test)
    lines: dict[str, dict[int, set[str]]] = defaultdict(lambda: defaultdict(set))
    for path in sorted(home.glob("lines.*")):
        _add(lines, path, f"{root}/")
    return Reach(seconds, lines, tuple(sorted(set(failed))))


def _add(lines: dict[str, dict[int, set[str]]], path: Path, root: str) -> None:
    data = coverage.CoverageData(basename=str(path))
    data.read()
    for file in data.measured_files():
        name = file.removeprefix(root)
        for number, contexts in data.contexts_by_lineno(file).items():
            lines[name][number] |= set(_tests(contexts))


def _tests(contexts: Iterable[str]) -> Iterable[str]:
    """Give the tests of contexts: what a test started has its name before a bar."""
    return (context.strip("|") for context in contexts if context.strip("|"))
