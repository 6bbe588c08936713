"""A look at a study without running it: everything that is wrong, and how good the records are."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import pandas as pd

from lmm.cleaning.clean import ledgers
from lmm.cleaning.contract import check_tables, typed
from lmm.cleaning.layout import DECLARED, FOOTER, NOT_KEPT
from lmm.cleaning.ledger import Ledger, kind_of
from lmm.cleaning.load import read_all
from lmm.counting.check import check_measures
from lmm.counting.foreseen import counted_labels, not_kept, uncounted
from lmm.publish.advice import advice
from lmm.publish.before import (
    check_has_records,
    check_no_release,
    check_notebooks,
    check_places,
)
from lmm.publish.completeness import completeness, timeliness_of
from lmm.publish.not_held import not_held
from lmm.showing.labels import check_records_kind, mark
from lmm.study.problems import Problem, StudyError, counted
from lmm.study.study import Study, read_study

Severity = Literal["stops the run", "left out", "worth a look", "repaired"]
SEVERITIES: tuple[Severity, ...] = ("stops the run", "left out", "worth a look", "repaired")


@dataclass(frozen=True)
class Finding:
    """One thing found, and where; "" or 0 where that does not apply."""

    severity: Severity
    file: str
    sheet: str
    line: int
    column: str
    value: str
    why: str
    fix: str
    rows: int = 1


@dataclass(frozen=True)
class Report:
    """What a check has to tell.

    Attributes
    ----------
    study, folder
        Which study was looked at: its service ("" if its file cannot be read) and its folder.
    quality
        ``table, column, recorded, rows, share_recorded, from, to``: completeness and range
        of every column that is kept.
    timeliness
        ``table, rows_read, rows_kept, first, last, days_to_period_end, months_without``.
    counted
        What is counted, in the words of the reports.
    """

    study: str
    folder: Path
    findings: list[Finding]
    quality: pd.DataFrame = field(default_factory=pd.DataFrame)
    timeliness: pd.DataFrame = field(default_factory=pd.DataFrame)
    counted: tuple[str, ...] = ()
    mark: str = ""
    draft: bool = False

    @property
    def can_run(self) -> bool:
        """Whether nothing stops a run."""
        return not self.of("stops the run")

    def of(self, severity: Severity) -> list[Finding]:
        """List the findings of one severity."""
        return [finding for finding in self.findings if finding.severity == severity]

    @property
    def verdict(self) -> str:
        """Say in one sentence how it stands."""
        left = sum(finding.rows for finding in self.of("left out"))
        read = int(self.timeliness["rows_read"].sum()) if len(self.timeliness) else 0
        used = "every row used" if read else "there is no row to count yet"
        rest = f"{counted(left, 'row')} left out" if left else used
        if stopped := len(self.of("stops the run")):
            return f"cannot run: {counted(stopped, 'problem')} to mend first"
        can = "can run once `draft: true` is removed" if self.draft else "can run"
        return f"{can}: {rest}, {counted(len(self.of('worth a look')), 'thing')} worth a look"


def check(folder: Path | None) -> Report:
    """Check a study: everything at once, and nothing is written."""
    try:
        study = read_study(folder)
    except StudyError as error:
        home = (folder or Path()).resolve()
        return Report("", home, [_stopping(problem) for problem in error.problems])
    if released := _refused(study, check_no_release):
        return Report(study.service, study.folder, released)
    found = _refused(study, check_records_kind, check_notebooks, check_places, check_has_records)
    try:
        frames, problems = read_all(study)
    except StudyError as error:
        found += map(_stopping, error.problems)
        return Report(study.service, study.folder, found, draft=study.draft)
    found += map(_stopping, problems)
    books = ledgers(frames, study)
    found += [_stopping(problem) for book in books for problem in book.problems]
    measures = _refused(study, check_measures)
    counts = None if measures else uncounted(study)
    found += measures
    tables = {book.table: _typed(book) for book in books if not book.problems}
    if not found:
        found += _refused(study, lambda study: check_tables(tables, study))
    kept = {name: table for name, table in tables.items() if study.keeps(name)}
    found += [finding for book in books for finding in _left_out(book)]
    quality = completeness(kept, study)
    timeliness = timeliness_of(kept, books, study)
    told = (*advice(study, books, kept, quality, timeliness), *not_held(study, frames))
    told += tuple(not_kept(counts)) if counts else ()
    found += [_finding("worth a look", problem) for problem in told]
    found += [finding for book in books for finding in _repaired(book)]
    ranked = sorted(found, key=lambda finding: SEVERITIES.index(finding.severity))
    counted_things = counted_labels(counts) if counts else ()
    name, home = study.service, study.folder
    return Report(name, home, ranked, quality, timeliness, counted_things, mark(study), study.draft)


def _refused(study: Study, *looks: Callable[[Study], object]) -> list[Finding]:
    """Give what each of the looks refuses."""
    found: list[Finding] = []
    for look in looks:
        try:
            look(study)
        except StudyError as error:
            found += map(_stopping, error.problems)
    return found


def _typed(book: Ledger) -> pd.DataFrame:
    return typed(book.frame, book.declared.columns)


def _stopping(problem: str) -> Finding:
    if not isinstance(problem, Problem):
        return Finding("stops the run", "", "", 0, "", "", problem, "")
    return _finding("stops the run", problem)


def _finding(severity: Severity, problem: Problem) -> Finding:
    place = (problem.file, problem.sheet, problem.line, problem.column, problem.value)
    return Finding(severity, *place, problem.why, problem.fix)


def _left_out(book: Ledger) -> list[Finding]:
    """Group the rows that are left out by their reason, with what cells held blanked out."""
    groups: dict[tuple[str, str, str], list[tuple[int, str]]] = {}
    for _, file, sheet, line, reason in book.rejected:
        groups.setdefault((file, sheet, kind_of(reason)), []).append((line, reason))
    findings = []
    for (file, sheet, _), rows in groups.items():
        line, reason = rows[0]
        more = ", ".join(str(n) for n, _ in rows[1:6])
        also = f" (also line {more}{' …' if len(rows) > 6 else ''})" if more else ""
        value = found[0] if (found := re.findall(r"'(.*)'", reason)) else ""
        column = next((name for name in _headings(book) if reason.startswith(f"{name} ")), "")
        fix = "" if reason.startswith(NOTHING_TO_MEND) else "correct the cell, or leave it at that"
        if reason.endswith("in a declared format"):
            fix = "correct the cell, or add its format to date_formats in study.yaml"
        why = reason.removeprefix(f"{column} ") + also
        findings.append(Finding("left out", file, sheet, line, column, value, why, fix, len(rows)))
    return findings


NOTHING_TO_MEND = (
    "empty row", "total row", "repeats an earlier row", "same person twice",
    DECLARED, FOOTER, NOT_KEPT,
)  # fmt: skip


def _headings(book: Ledger) -> list[str]:
    """Headings as the file has them, the longest first: one may begin like another."""
    return sorted(book.study.sources[book.table].columns.values(), key=len, reverse=True)


def _repaired(book: Ledger) -> list[Finding]:
    return [
        Finding("repaired", book.file, "", 0, column, "", f"{table}: {step}: {done}", "", rows)
        for table, step, column, rows, done in book.log
        if not done.startswith("rejected")
    ]
