"""Every numeral in prose is rendered, or declared in ``docs/numbers.yaml`` with where it is from.

    python -m lmm.review.numbers

reads the documents of the compendium, and fails on a numeral that nothing declares, on one that
says another number than the place it comes from, and on a declaration of what stands nowhere.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from lmm.review.numbers.declarations import Declarations
from lmm.review.numbers.documents import documents
from lmm.review.numbers.reading import Declared, Known, Reading, reading_of, stale
from lmm.study.problems import Problem, StudyError


def declared_numbers(root: Path) -> list[Declared]:
    """Give every numeral of the documents that is declared, first to last in each document."""
    return [each for reading in readings(root) for _, each in sorted(reading.declared.items())]


def problems(root: Path) -> list[Problem]:
    """Say what is wrong with the numerals of the documents; nothing, if all is well.

    Raises
    ------
    StudyError
        If ``docs/numbers.yaml`` cannot be read.
    """
    read = readings(root)
    told = [problem for reading in read for problem in reading.told()]
    return told + _of_no_document(Known.of(root).declared, read)


def readings(root: Path) -> list[Reading]:
    """Read every document that no program writes."""
    known = Known.of(root)
    names = (path.relative_to(root).as_posix() for path in documents(root))
    return [reading_of(known, name) for name in names if name not in known.declared.generated]


def _of_no_document(declared: Declarations, read: Iterable[Reading]) -> list[Problem]:
    """Tell of entries for documents, and of names, that there are not."""
    names = {reading.document for reading in read} | set(declared.generated)
    spoken = {each.phrase for reading in read for each in reading.declared.values()}
    named = {*declared.documents, *declared.generated_parts}
    phrases = [phrase for entry in declared.anywhere for phrase in entry.says]
    return [
        *(stale(f"{name} is no document that is read") for name in sorted(named - names)),
        *(stale(f"{phrase!r} stands nowhere") for phrase in phrases if phrase not in spoken),
    ]


def main(root: Path) -> int:
    """Print what is wrong; give the exit status."""
    try:
        found: Iterable[str] = problems(root)
    except StudyError as error:
        found = error.problems
    for problem in (lines := list(found)):
        print(problem, file=sys.stderr)
    return 1 if lines else 0
