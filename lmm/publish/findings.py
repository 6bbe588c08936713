"""What a check finds: findings by how much they matter, and the report that holds them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import pandas as pd

from lmm.publish.answers import Answer
from lmm.publish.questions import Guesses
from lmm.study.problems import Problem, counted

Severity = Literal["to answer", "stops the run", "left out", "worth a look", "repaired"]
SEVERITIES: tuple[Severity, ...] = (
    "to answer", "stops the run", "left out", "worth a look", "repaired",
)  # fmt: skip


PRIVATE = "This report quotes cells of the records: it is for the service alone, not for release."


@dataclass(frozen=True)
class Finding:
    """One thing found, and where; "" or 0 where that does not apply.

    Attributes
    ----------
    answers
        What may be written into ``study.yaml``, of a question that a draft asks.
    """

    severity: Severity
    file: str
    sheet: str
    line: int
    column: str
    value: str
    why: str
    fix: str
    rows: int = 1
    answers: tuple[Answer, ...] = ()

    @property
    def told(self) -> Problem:
        """The finding as one line."""
        return Problem(
            self.why,
            fix=self.fix,
            file=self.file,
            sheet=self.sheet,
            line=self.line,
            column=self.column,
        )


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
    guesses
        Where in the study file a draft asks for something to be confirmed.
    """

    study: str
    folder: Path
    findings: list[Finding]
    quality: pd.DataFrame = field(default_factory=pd.DataFrame)
    timeliness: pd.DataFrame = field(default_factory=pd.DataFrame)
    counted: tuple[str, ...] = ()
    mark: str = ""
    draft: bool = False
    guesses: tuple[Guesses, ...] = ()

    @property
    def can_run(self) -> bool:
        """Whether nothing stops a run."""
        return not self.of("to answer") and not self.of("stops the run")

    @property
    def was_read(self) -> bool:
        """Whether any table of records could be looked at."""
        return len(self.timeliness) > 0

    def of(self, severity: Severity) -> list[Finding]:
        """List the findings of one severity."""
        return [finding for finding in self.findings if finding.severity == severity]

    @property
    def verdict(self) -> str:
        """Say in one sentence how it stands."""
        asked, stopped = len(self.of("to answer")), len(self.of("stops the run"))
        first = [f"{counted(asked, 'question')} to answer"] if asked else []
        first += [f"{counted(stopped, 'problem')} to mend"] if stopped else []
        if first:
            return f"cannot run: {' and '.join(first)} first"
        left = sum(finding.rows for finding in self.of("left out"))
        read = int(self.timeliness["rows_read"].sum()) if self.was_read else 0
        used = "every row used" if read else "there is no row to count yet"
        rest = f"{counted(left, 'row')} left out" if left else used
        can = "can run once `draft: true` is removed" if self.draft else "can run"
        return f"{can}: {rest}, {counted(len(self.of('worth a look')), 'thing')} worth a look"


def by_remedy(findings: Iterable[Finding]) -> list[tuple[str, list[Finding]]]:
    """Group findings by what mends them, in the order in which each remedy is first named."""
    groups: dict[str, list[Finding]] = {}
    for finding in findings:
        groups.setdefault(finding.fix, []).append(finding)
    return list(groups.items())
