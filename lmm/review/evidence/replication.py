"""What the replication README says of a study: its data, its programs, what it takes, its list."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from lmm.publish.documents import links
from lmm.publish.report import Code, Figure, Table
from lmm.publish.sources import LIBRARY
from lmm.review.evidence.checks import CHECKS, NotMetError
from lmm.review.evidence.subject import Subject
from lmm.review.verify import lock
from lmm.study.tables import tables_of

TIMES = (
    ("<10 minutes", 10 * 60),
    ("10-60 minutes", 60 * 60),
    ("1-8 hours", 8 * 3600),
    ("8-24 hours", 24 * 3600),
    ("1-3 days", 3 * 86400),
    ("3-14 days", 14 * 86400),
    ("> 14 days", 10**12),
)
"""The spans of time that the template offers, each with the seconds below which it ends."""


@dataclass(frozen=True)
class Shown:
    """A table or figure of a report, and what makes it."""

    number: str
    title: str
    program: str
    cell: str
    file: str


def shown(subject: Subject) -> Iterator[Shown]:
    """Go through the reports in order, and give each table and figure with its cell."""
    for report in subject.reports:
        cell = ""
        for block in (block for part in report.parts for block in part.blocks):
            if isinstance(block, Code):
                cell = str(block.cells[-1])
            if isinstance(block, Table | Figure):
                path = subject.study.outputs / block.file
                file = path.relative_to(subject.home).as_posix() if path.is_file() else ""
                yield Shown(block.number, block.title, f"notebooks/{report.name}.ipynb", cell, file)


def spans(seconds: int) -> list[tuple[str, bool]]:
    """Give the spans that the template offers, and which one a time lies in."""
    within = next(name for name, below in TIMES if seconds < below)
    return [(name, name == within) for name, _ in TIMES]


def datasets(subject: Subject) -> Iterator[tuple[str, str, bool]]:
    """Give each file of records: where it is, what a row of it is, and whether it is here.

    Of records that are not synthetic the names are the service's own, and are not told.
    """
    study, declared = subject.study, tables_of(subject.study)
    for name, source in study.sources.items():
        for file in source.files:
            path = study.raw / file
            where = path.relative_to(subject.home).as_posix() if study.is_synthetic else name
            yield where, declared[name].row, study.is_synthetic and path.is_file()


def stages() -> list[tuple[str, str]]:
    """Give the stages of the library, each with the first line of what it says of itself."""
    found = []
    for path in sorted(LIBRARY.glob("*/__init__.py")):
        said = ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""
        found.append((f"lmm/{path.parent.name}", said.split("\n", 1)[0]))
    return found


def packages(subject: Subject) -> list[tuple[str, str]]:
    """Give what is depended upon, with the version that the lock pins."""
    if subject.code is None:
        return []
    return list(lock.depended_upon(subject.code).items())


def verified(name: str, subject: Subject) -> tuple[bool, str]:
    """Give whether a check has found what it looks for, and what it says."""
    try:
        return True, CHECKS[name].look(subject)
    except NotMetError as refused:
        return False, str(refused)


def reference(key: str) -> str:
    """Give a reference in full."""
    return links().references[key].text
