"""What a check found -> one HTML page that a browser opens without a network."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

import pandas as pd

from lmm.publish.filters import TEMPLATES, style
from lmm.publish.findings import PRIVATE, Finding, Report, Severity, by_remedy
from lmm.showing.html import templates
from lmm.study.problems import counted, cut, visible

SHOWN = 15
"""Findings with one remedy that a table shows; the others are folded away below it."""

Cell = str | int
Row = Sequence[Cell]


@dataclass(frozen=True)
class Table:
    """A table of a page: rows in groups, each under a heading of its own in the first column.

    Its kind is the class by which the style sheet knows it.
    """

    kind: str
    caption: str
    headings: tuple[str, ...]
    groups: Sequence[tuple[str, Sequence[Row]]]


@dataclass(frozen=True)
class Section:
    """A part of a page: how it is found and called, how much it holds, and its tables.

    Attributes
    ----------
    nothing
        What is said in place of tables.
    folded
        Tables that are shown on demand.
    """

    anchor: str
    title: str
    holds: str
    nothing: str = ""
    tables: Sequence[Table] = ()
    folded: Sequence[Table] = ()


def page(report: Report) -> str:
    """Write the report as one HTML page that needs nothing else."""
    return (
        templates(TEMPLATES)
        .get_template("check.html.j2")
        .render(
            title=visible(f"Check of {report.study or 'a study'}"),
            verdict=_sentence(report.verdict),
            above=list(filter(None, (report.mark and f"{report.mark}.", PRIVATE))),
            style=style("check"),
            questions=report.of("to answer"),
            asks=report.guesses or report.of("to answer"),
            guesses=_guesses(report),
            sections=list(_sections(report)),
            was_read=report.was_read,
            counted=report.counted,
            sentence=_sentence,
            visible=visible,
        )
        + "\n"
    )


def _sentence(text: str) -> str:
    """Begin with a capital, and leave the rest as it is."""
    return visible(text[:1].upper() + text[1:])


def _guesses(report: Report) -> Table:
    number = sum(len(g.lines) for g in report.guesses)
    caption = f"{number} guess{'' if number == 1 else 'es'} in study.yaml"
    rows = [(g.part, [[_ranges(g.lines)]]) for g in report.guesses]
    return Table("guesses", caption, ("Part", "Lines"), rows)


def _ranges(lines: Iterable[int]) -> str:
    """Word the numbers of lines: 4, 7 to 9."""
    runs = [
        [line for _, line in run]
        for _, run in groupby(enumerate(lines), key=lambda pair: pair[1] - pair[0])
    ]
    return ", ".join(f"{run[0]} to {run[-1]}" if run[1:] else str(run[0]) for run in runs)


# --- findings ----------------------------------------------------------------------------


NOTHING: dict[Severity, str] = {
    "stops the run": "Nothing stops the run.",
    "left out": "No row is left out.",
    "worth a look": "Nothing is worth a look.",
    "repaired": "Nothing had to be repaired.",
}
"""What is said where there is no finding of a kind."""

AS_IT_SAYS = {
    "stops the run": "as it says",
    "left out": "nothing has to be done",
    "worth a look": "see whether that is right",
}
"""What to do where a finding names no remedy."""


def _sections(report: Report) -> Iterable[Section]:
    yield _findings("stops the run", report, "What is wrong")
    if not report.was_read:
        return
    yield _findings("left out", report, "Why")
    yield _findings("worth a look", report, "What was found")
    yield _repairs(report.of("repaired"))
    yield _timeliness(report.timeliness)
    yield _completeness(report.quality)


def _findings(severity: Severity, report: Report, why: str) -> Section:
    """Show findings by remedy, last those without; where many have the same, the first of them."""
    found = report.of(severity)
    headings = ("What to do", "File", "Where", why, *(("Rows",) if severity == "left out" else ()))
    remedies = sorted(by_remedy(found), key=lambda group: not group[0])
    groups = [(fix or AS_IT_SAYS[severity], [_row(f) for f in of]) for fix, of in remedies]
    title = severity.capitalize()
    shown = [(_sentence(fix), rows[:SHOWN]) for fix, rows in groups]
    folded = [
        Table("findings", f"{len(rest)} more: {fix}", headings, [(_sentence(fix), rest)])
        for fix, rows in groups
        if (rest := rows[SHOWN:])
    ]
    tables = [Table("findings", f"{title}, by what to do", headings, shown)] if found else []
    anchor = severity.replace(" ", "-")
    is_asked = report.of("to answer") and severity == "stops the run"
    nothing = "Nothing else stops the run." if is_asked else NOTHING[severity]
    return Section(anchor, title, str(len(found)), nothing, tables, folded)


def _row(finding: Finding) -> Row:
    sheet = f", sheet {cut(finding.sheet)}" if finding.sheet else ""
    line = f"line {finding.line}" if finding.line else ""
    column = f"column {cut(finding.column)}" if finding.column else ""
    where = ", ".join(filter(None, (line, column)))
    rows = (finding.rows,) if finding.severity == "left out" else ()
    return (cut(finding.file) + sheet, where, finding.why, *rows)


def _repairs(found: Sequence[Finding]) -> Section:
    """Show what was done, to which column of which table, and to how many cells."""
    done: dict[str, list[Row]] = {}
    for finding in found:
        table, step, what, *changes = finding.why.split(": ", 3)
        row: Row = (table, cut(finding.column), *(changes or [""]), finding.rows)
        done.setdefault(_sentence(f"{step}: {what}"), []).append(row)
    caption = f"{counted(len(found), 'repair')}, by what was done"
    headings = ("What was done", "Table", "Column", "Changes", "Rows")
    tables = [Table("repairs", caption, headings, [*done.items()])]
    holds, nothing = str(len(found)), NOTHING["repaired"]
    return Section("repaired", "Repaired", holds, nothing, folded=tables if found else [])


# --- the records -------------------------------------------------------------------------


def _timeliness(times: pd.DataFrame) -> Section:
    headings = ("Table", "Rows read", "Rows kept", "First", "Last",
                "Days to the period's end", "Months without any")  # fmt: skip
    rows = times.to_dict("records")
    groups = [(str(r["table"]), [[_cell(v) for v in list(r.values())[1:]]]) for r in rows]
    tables = [Table("times", "Rows and dates of each table", headings, groups)]
    return Section("when", "When and how many", counted(len(groups), "table"), tables=tables)


def _completeness(quality: pd.DataFrame) -> Section:
    headings = ("Table", "Column", "Recorded", "Of rows", "Share", "From", "To")
    groups: dict[str, list[Row]] = {}
    for table, *cells in quality.itertuples(index=False):
        groups.setdefault(str(table), []).append([_cell(cell) for cell in cells])
    tables = [Table("columns", "How far each column is recorded", headings, list(groups.items()))]
    holds = counted(len(quality), "column")
    return Section("complete", "How complete, and from where to where", holds, tables=tables)


def _cell(value: object) -> Cell:
    if value is None or pd.isna(value):  # type: ignore[call-overload]
        return ""
    if isinstance(value, pd.Timestamp):
        return f"{value:%Y-%m-%d}"
    if isinstance(value, float):
        return f"{value:.0%}"
    return value if isinstance(value, int) else str(value)
