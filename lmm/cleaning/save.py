"""The only writer of tables."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pandas as pd

from lmm.study.study import Study

RECORDS_COLUMN = "records"
"""Last column of every file made from the records: what they are; see `Study.kind`."""

_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")
_FORMULA = re.compile(r"'*[=+\-@\t\r＝＋－＠]")


def save_table(frame: pd.DataFrame, path: Path, study: Study) -> None:
    """Write a table as CSV (UTF-8, LF), marked with the kind of records in its last column.

    Text that a spreadsheet would take for a formula is written behind an apostrophe, which
    `unguarded` takes off again. What is processed of real records only its owner can read.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    if not study.is_synthetic and path.parent == study.processed:
        path.parent.chmod(0o700)
        keep_private(path)
    text = frame.select_dtypes(["object", "str"]).columns
    safe = frame.assign(**{name: frame[name].map(_guarded) for name in text})
    broken = any(frame[name].astype("str").str.contains("\r").any() for name in text)
    safe.rename(columns=_guarded).assign(**{RECORDS_COLUMN: study.kind}).to_csv(
        path,
        index=False,
        lineterminator="\n",
        date_format="%Y-%m-%d",
        encoding="utf-8",
        quoting=csv.QUOTE_NONNUMERIC if broken else csv.QUOTE_MINIMAL,  # a lone \r ends a line
    )


def keep_private(path: Path) -> None:
    """Let nobody but its owner read a file, which need not be there yet."""
    path.touch(mode=0o600)
    path.chmod(0o600)


def _guarded(cell: object) -> object:
    risky = isinstance(cell, str) and _FORMULA.match(cell) and not _NUMBER.fullmatch(cell)
    return f"'{cell}" if risky else cell


def unguarded(cell: str) -> str:
    """Give a cell as it was before `save_table` kept it from being a formula."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell
