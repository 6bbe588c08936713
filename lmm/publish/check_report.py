"""What a check found, as lines of text and as a file.

Both quote cells of the records. They are for the service's own eyes.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from lmm.cleaning.save import keep_private
from lmm.publish.check_page import page
from lmm.publish.findings import SEVERITIES, Report, Severity, by_remedy
from lmm.study.problems import counted, refuse

ALIKE = 20
"""Problems with one remedy that are told one by one; the page has all of them."""


def lines(report: Report, *, full: bool = False) -> Iterable[tuple[Severity, str]]:
    """Word the findings by remedy, one a line; of many problems alike the first.

    Rows that are left out are an account, of which nothing is cut. Repairs are told only if they
    are asked for.
    """
    for severity in SEVERITIES[: None if full else -1]:
        for remedy, found in by_remedy(report.of(severity)):
            is_account = severity in ("left out", "repaired")
            told = found if is_account or not remedy else found[:ALIKE]
            for finding in told:
                times = f" [{finding.rows} rows]" if finding.rows > 1 else ""
                yield severity, f"{finding.told}{times}"
            if more := len(found) - len(told):
                yield severity, f"and {more} more with the same remedy: --report lists them"


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


KIND = b'<meta name="generator" content="lmm check">'
"""By what a report is recognised; it stands at the beginning."""


def write(report: Report, path: Path) -> None:
    """Write the report as a page for its owner's eyes; over an earlier one, and nothing else.

    Raises
    ------
    StudyError
        If the file is something else, or cannot be written.
    """
    content = page(report)
    try:
        if path.exists() and not (path.is_file() and _is_report(path)):
            fix = "nothing is written over it; name another file"
            raise refuse("is there already and is no report of `lmm check`", path, fix=fix)
        keep_private(path)
        path.write_text(content, encoding="utf-8")
    except OSError as error:
        fix = "name a file that you may write"
        raise refuse(f"cannot be written: {error.strerror}", path, fix=fix) from None


def _is_report(path: Path) -> bool:
    with path.open("rb") as file:
        start = file.read(200)
    return start.startswith(b"<!DOCTYPE html>") and KIND in start
