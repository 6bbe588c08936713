"""A look at a study without running it: everything that is wrong, and how good the records are."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from itertools import chain
from pathlib import Path

import pandas as pd

from lmm.cleaning.clean import ledgers
from lmm.cleaning.contract import check_tables, typed
from lmm.cleaning.fingerprints import check_records_kind
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
from lmm.publish.findings import Finding, Report, Severity
from lmm.publish.not_held import not_held
from lmm.publish.questions import guesses, questions
from lmm.showing.labels import mark
from lmm.study.declared import STUDY_FILE
from lmm.study.folder import find_study
from lmm.study.problems import OpenQuestion, Problem, StudyError
from lmm.study.registration import read_registration
from lmm.study.study import Study, read_study


def check(folder: Path | None) -> Report:
    """Check a study: everything at once; nothing is written but that real records were read."""
    try:
        study = read_study(folder)
    except StudyError as error:
        home = _home(folder)
        return Report("", home, list(_stopping(error.problems, home)), guesses=guesses(home))
    name, home = study.service, study.folder
    if released := _refused(study, check_no_release):
        return Report(name, home, list(_stopping(released, home)))
    problems = _refused(study, check_records_kind, check_notebooks, check_places,
                        check_has_records, read_registration)  # fmt: skip
    try:
        frames, unread = read_all(study)
    except StudyError as error:
        found = list(_stopping([*problems, *error.problems], home))
        return Report(name, home, found, draft=study.draft, guesses=guesses(home))
    return _of_records(study, frames, [*problems, *unread])


def _home(folder: Path | None) -> Path:
    """Give the folder of a study whose file cannot be read, or where one was looked for."""
    try:
        return folder.resolve() if folder else find_study()
    except StudyError:
        return Path.cwd()


def _of_records(study: Study, frames: dict[str, pd.DataFrame], problems: list[str]) -> Report:
    """Check the tables that could be read; ``problems`` are those found before."""
    books = ledgers(frames, study)
    problems += [problem for book in books for problem in book.problems]
    measures = _refused(study, check_measures)
    counts = None if measures else uncounted(study)
    problems += measures
    tables = {book.table: _typed(book) for book in books if not book.problems}
    if not problems:
        problems += _refused(study, lambda study: check_tables(tables, study))
    kept = {name: table for name, table in tables.items() if study.keeps(name)}
    quality = completeness(kept, study)
    timeliness = timeliness_of(kept, books, study)
    told = [*advice(study, books, kept, quality, timeliness), *not_held(study, frames)]
    told += not_kept(counts) if counts else ()
    found = [
        *_stopping(problems, study.folder, frames),
        *chain.from_iterable(map(_left_out, books)),
        *(_finding("worth a look", problem) for problem in told),
        *chain.from_iterable(map(_repaired, books)),
    ]
    return Report(
        study.service,
        study.folder,
        found,
        quality,
        timeliness,
        counted_labels(counts) if counts else (),
        mark(study),
        study.draft,
        guesses(study.folder),
    )


def _refused(study: Study, *looks: Callable[[Study], object]) -> list[str]:
    """Give what each of the looks refuses."""
    found: list[str] = []
    for look in looks:
        try:
            look(study)
        except StudyError as error:
            found += error.problems
    return found


def _typed(book: Ledger) -> pd.DataFrame:
    return typed(book.frame, book.declared.columns)


def _stopping(
    problems: Sequence[str], folder: Path, known: Collection[str] = ()
) -> Iterator[Finding]:
    """Give the questions of a draft, each once, then the problems; ``known`` tables were read."""
    asked = [problem for problem in problems if isinstance(problem, OpenQuestion)]
    for q in questions(folder, asked, known):
        place = (STUDY_FILE, "", q.line, "", "")
        yield Finding("to answer", *place, q.asks, q.fix, answers=q.answers)
    for problem in problems:
        if isinstance(problem, OpenQuestion):
            continue
        if isinstance(problem, Problem):
            yield _finding("stops the run", problem)
        else:
            yield Finding("stops the run", "", "", 0, "", "", problem, "")


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
