"""What a check found, as lines of text and as a page.

Both quote cells of the records. They are for the service's own eyes.
"""

from __future__ import annotations

import html
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from lmm.cleaning.save import keep_private
from lmm.publish.check import SEVERITIES, Finding, Report, Severity
from lmm.publish.site import style
from lmm.study.problems import Problem, counted, refuse, visible

PRIVATE = "This report quotes cells of the records: it is for the service alone, not for release."


def lines(report: Report, *, full: bool = False) -> Iterable[tuple[Severity, str]]:
    """Word the findings, one a line; repairs only if asked for."""
    for finding in report.findings:
        if finding.severity == "repaired" and not full:
            continue
        times = f" [{finding.rows} rows]" if finding.rows > 1 else ""
        yield finding.severity, str(_as_problem(finding)) + times


def summary(report: Report) -> Iterable[str]:
    """Word how complete and timely the records are, one table a line; then what is counted."""
    for row in report.timeliness.to_dict("records"):
        parts = [f"{row['rows_kept']} of {row['rows_read']} rows"]
        if pd.notna(row["first"]):
            parts.append(f"{row['first']:%Y-%m-%d} to {row['last']:%Y-%m-%d}")
        if pd.notna(row["months_without"]) and row["months_without"]:
            parts.append(f"{counted(row['months_without'], 'month')} without any")
        columns = report.quality[report.quality["table"] == row["table"]]
        gaps = columns[columns["share_recorded"] < 1].sort_values("share_recorded", kind="stable")
        if len(gaps):
            shares = (f"{c['column']} {c['share_recorded']:.0%}" for c in gaps.to_dict("records"))
            parts.append(f"recorded: {', '.join(shares)}")
        yield f"{row['table']}: {'; '.join(parts)}"
    if report.counted:
        yield f"counted: {'; '.join(report.counted)}"


def _as_problem(finding: Finding) -> Problem:
    return Problem(
        finding.why,
        fix=finding.fix,
        file=finding.file,
        sheet=finding.sheet,
        line=finding.line,
        column=finding.column,
    )


COLUMNS = {"file": "File", "sheet": "Sheet", "line": "Line", "column": "Column",
           "value": "Value", "why": "Why", "fix": "What to do", "rows": "Rows"}  # fmt: skip


HEAD = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8">
<meta name="generator" content="lmm check">"""
"""How a report begins, and by which it is recognised."""


def write(report: Report, path: Path) -> None:
    """Write the report as a page for its owner's eyes; over an earlier one, and nothing else.

    Raises
    ------
    StudyError
        If the file is something else, or cannot be written.
    """
    try:
        if path.exists() and not (path.is_file() and _is_report(path)):
            fix = "nothing is written over it; name another file"
            raise refuse("is there already and is no report of `lmm check`", path, fix=fix)
        keep_private(path)
        path.write_text(page(report), encoding="utf-8")
    except OSError as error:
        fix = "name a file that you may write"
        raise refuse(f"cannot be written: {error.strerror}", path, fix=fix) from None


def _is_report(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(HEAD)) == HEAD.encode()


def page(report: Report) -> str:
    """Write the report as one HTML page that needs nothing else."""
    parts = []
    for severity in SEVERITIES:
        found = report.of(severity)
        frame = pd.DataFrame([vars(finding) for finding in found], columns=list(COLUMNS))
        body = _table(frame.rename(columns=COLUMNS)) if found else "<p>nothing</p>"
        parts.append(f"<h2>{severity.capitalize()}</h2>{body}")
    parts.append(f"<h2>When and how many</h2>{_table(report.timeliness)}")
    parts.append(f"<h2>How complete, and from where to where</h2>{_table(report.quality)}")
    counted_things = "".join(f"<li>{html.escape(visible(what))}</li>" for what in report.counted)
    parts.append(f"<h2>What is counted</h2><ul>{counted_things or '<li>nothing</li>'}</ul>")
    above = " ".join(filter(None, (report.mark and f"{report.mark}.", PRIVATE)))
    title = html.escape(visible(f"Check of {report.study or 'a study'}"))
    return f"""{HEAD}
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title><style>{style()}</style></head>
<body><main><h1>{title}</h1><p><strong>{html.escape(report.verdict.capitalize())}.</strong></p>
<p>{html.escape(above)}</p>{"".join(parts)}</main></body></html>
"""


def _table(frame: pd.DataFrame) -> str:
    if frame.empty:
        return "<p>nothing</p>"
    head = "".join(f'<th scope="col">{_worded(name)}</th>' for name in frame)
    rows = "".join(
        "<tr>" + "".join(f"<td>{_cell(name, value)}</td>" for name, value in row.items()) + "</tr>"
        for row in frame.to_dict("records")
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _worded(name: object) -> str:
    text = html.escape(str(name).replace("_", " "))
    return text[:1].upper() + text[1:]


def _cell(name: object, value: object) -> str:
    if pd.isna(value) or (value in ("", 0) and str(name) in ("Line", "Sheet", "Value")):  # type: ignore[call-overload]
        return ""
    if isinstance(value, pd.Timestamp):
        return f"{value:%Y-%m-%d}"
    if isinstance(value, float):
        return f"{value:.0%}"
    return html.escape(visible(str(value)))
