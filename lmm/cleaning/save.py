"""The only writer of tables, and the reader of what it wrote."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pandas as pd

from lmm.study.problems import Problem, StudyError, refuse
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


def read_saved(path: Path, study: Study, fix: str) -> pd.DataFrame:
    """Read a table that `save_table` wrote, as text and without its mark, indexed by its lines.

    Parameters
    ----------
    fix
        What mends a table that is not as it was written.

    Raises
    ------
    StudyError
        If it is missing, is no table, or is of other records than the study declares.
    """
    try:
        text = pd.read_csv(path, dtype="str", keep_default_na=False)
    except FileNotFoundError:
        raise refuse("is missing", path, fix=fix) from None
    except (OSError, ValueError):  # no text, no table, nothing
        raise refuse("cannot be read as a table", path, fix=fix) from None
    if not isinstance(text.index, pd.RangeIndex):
        raise refuse("has rows that are longer than its headings", path, fix=fix)
    if text.columns[-1] != RECORDS_COLUMN:
        raise refuse(f"has no {RECORDS_COLUMN!r} for its last column", path, line=1, fix=fix)
    text = text.map(unguarded).set_axis(range(2, len(text) + 2), axis=0)
    _check_kind(text.pop(RECORDS_COLUMN), path, study, fix)
    return text


def _check_kind(kinds: pd.Series[str], path: Path, study: Study, fix: str) -> None:
    others = kinds[kinds != study.kind]
    if others.empty:
        return
    line, column = int(others.index[0]), RECORDS_COLUMN
    why = f"{others.iloc[0]!r} records, but study.yaml declares {study.kind} ones"
    raise StudyError(Problem(why, file=path.name, line=line, column=column, fix=fix))


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
