"""The only writer of tables."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from lmm.cleaning.load import RECORDS_COLUMN
from lmm.study import Study


def save_table(frame: pd.DataFrame, path: Path, study: Study) -> None:
    """Write a table as CSV (UTF-8, LF), marked as synthetic or real in its last column."""
    path.parent.mkdir(parents=True, exist_ok=True)
    frame.assign(**{RECORDS_COLUMN: study.records.value}).to_csv(
        path, index=False, lineterminator="\n", date_format="%Y-%m-%d", encoding="utf-8"
    )
