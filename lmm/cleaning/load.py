"""The only reader of tables: raw files as text, clean tables as typed frames."""

from __future__ import annotations

import csv
import io
from collections import Counter

import pandas as pd

from lmm.cleaning.contract import check_study, tables_of, typed
from lmm.cleaning.records import Records
from lmm.cleaning.save import RECORDS_COLUMN, unguarded
from lmm.parameters import Parameters
from lmm.study import Study, StudyError, TableSource, read_study


def read_raw(study: Study) -> dict[str, pd.DataFrame]:
    """Read every raw table as text.

    Returns
    -------
    dict
        By table name, a frame of strings whose columns are the contract's and whose index,
        ``line``, is the number of the line in the file on which the row starts.

    Raises
    ------
    StudyError
        With one line for each file that cannot be read and each heading that is missing.
    """
    check_study(study)
    frames: dict[str, pd.DataFrame] = {}
    problems: list[str] = []
    for name in tables_of(study):
        if not study.keeps(name):
            frames[name] = pd.DataFrame(columns=list(tables_of(study)[name].columns), dtype="str")
            continue
        source = study.sources[name]
        try:
            frames[name] = _read_csv(study, source)
        except StudyError as error:
            problems += error.problems
    if problems:
        raise StudyError(*problems)
    return frames


def _read_csv(study: Study, source: TableSource) -> pd.DataFrame:
    heading, rows = _split(_decode(study, source), source.files[0])
    counts = Counter(heading)
    problems = [
        f"{source.files[0]}: line 1: the heading {title!r} stands {counts[title]} times"
        if counts[title]
        else f"{source.files[0]}: line 1: the heading {title!r} (for {column}) is missing; "
        f"there are {', '.join(repr(found) for found in heading)}"
        for column, title in source.columns.items()
        if counts[title] != 1
    ]
    problems += [
        f"{source.files[0]}: line {line}: {len(cells)} cells where the heading has {len(heading)}; "
        "look for a missing quotation mark or a cut-off line"
        for line, cells in rows.items()
        if cells and len(cells) != len(heading)
    ]
    if problems:
        raise StudyError(*problems)
    frame = pd.DataFrame(
        [cells or [""] * len(heading) for cells in rows.values()],
        columns=heading,
        index=pd.Index(rows, name="line", dtype="int64"),
        dtype="str",
    )
    return frame[list(source.columns.values())].set_axis(list(source.columns), axis=1)


def _decode(study: Study, source: TableSource) -> str:
    path = study.raw / source.files[0]
    encoding = "utf-8-sig" if source.encoding == "utf-8" else source.encoding
    try:
        return path.read_bytes().decode(encoding)
    except FileNotFoundError:
        raise StudyError(f"{source.files[0]}: there is no such file in {path.parent}") from None
    except OSError as error:
        raise StudyError(f"{source.files[0]}: cannot be opened: {error.strerror}") from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise StudyError(
            f"{source.files[0]}: line {line}: byte {error.object[error.start]:#04x} is not "
            f"{source.encoding} text; name the file's encoding in study.yaml (utf-8 or cp1252)"
        ) from None


def _split(text: str, file: str) -> tuple[list[str], dict[int, list[str]]]:
    """Split CSV text into its heading and its rows by line number."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: dict[int, list[str]] = {}
    start = 1
    try:
        for cells in reader:
            rows[start] = cells
            start = reader.line_num + 1
    except csv.Error as error:
        raise StudyError(f"{file}: line {reader.line_num}: not readable as CSV: {error}") from None
    if not rows:
        raise StudyError(f"{file}: the file is empty; its first line should be the headings")
    return [title.strip() for title in rows.pop(1)], rows


def load_records(period_start: str, period_end: str, event_date: str, confidence: float) -> Records:
    """Load the clean tables of the enclosing study, cut to the period of the parameters.

    The parameters are those of the notebooks' parameters cell; see `Parameters`.

    Raises
    ------
    StudyError
        If a parameter is wrong, a clean table is missing, or records that are declared
        synthetic and records that are declared real are mixed.
    """
    study = read_study()
    given = {
        "period_start": period_start,
        "period_end": period_end,
        "event_date": event_date,
        "confidence": confidence,
    }
    return Records.within(read_clean(study), study, Parameters.of(study, given))


def read_clean(study: Study) -> dict[str, pd.DataFrame]:
    """Read the tables that the cleaning step wrote, with the contract's types."""
    return {name: _read_clean(study, name) for name in tables_of(study)}


def _read_clean(study: Study, name: str) -> pd.DataFrame:
    path = study.processed / f"{name}.csv"
    if not path.is_file():
        raise StudyError(f"{path.name}: there is no clean table yet; `lmm run` makes it")
    text = pd.read_csv(path, dtype="str", keep_default_na=False).map(unguarded)
    if RECORDS_COLUMN not in text:
        raise StudyError(f"{path.name}: the column {RECORDS_COLUMN!r} is gone; `lmm run` writes it")
    kinds = set(text.pop(RECORDS_COLUMN))
    if not kinds <= {study.records.value}:
        raise StudyError(
            f"{path.name}: holds {' and '.join(sorted(kinds))} records, "
            f"but study.yaml declares {study.records.value} ones"
        )
    return typed(text, tables_of(study)[name].columns)
