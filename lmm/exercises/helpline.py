"""An invented helpline, whose calls exercises 4 and 5 are about."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from numpy.random import Generator

from lmm.cleaning.ledger import Ledger
from lmm.study.study import Study, read_study

TOPICS = ("sleep", "feeding", "mood", "other")
QUARTERS = pd.date_range("2023-04-01", "2024-03-31", freq="QS").strftime("%Y-%m-%d").tolist()


def study() -> Study:
    """Give the study that exercise 5 begins with."""
    return read_study(Path(__file__).parent / "templates" / "5-measure")


def calls(chance: Generator, number: int = 240) -> pd.DataFrame:
    """Draw calls, in the order of their days, as the helpline writes them down.

    Many people call more than once, about one thing or another, and one call in four does not
    get through; so people, calls, and calls that got through are different numbers.
    """
    days = pd.Timestamp("2023-04-01") + pd.to_timedelta(
        sorted(chance.integers(0, 366, number)), unit="D"
    )
    return pd.DataFrame(
        {
            "Call": [f"C{n:03}" for n in range(1, number + 1)],
            "Day": days.strftime("%Y-%m-%d"),
            "Caller": [f"K{n:03}" for n in chance.integers(1, number // 2, number)],
            "About": chance.choice(TOPICS, number, p=(0.4, 0.2, 0.25, 0.15)),
            "Got through": chance.choice(("yes", "no"), number, p=(0.75, 0.25)),
            "Minutes": chance.integers(2, 60, number).astype(str),
        },
        dtype="str",
    )


def opened(table: pd.DataFrame | Path) -> Ledger:
    """Open the account of calls, as cleaning does before its first step.

    Parameters
    ----------
    table
        The calls as they are written down, or the file that holds them.
    """
    if isinstance(table, Path):
        table = pd.read_csv(table, dtype="str", keep_default_na=False)
    described = study()
    columns = {heading: name for name, heading in described.sources["helpline"].columns.items()}
    raw = table.rename(columns=columns)
    raw.index = pd.RangeIndex(2, len(raw) + 2, name="line")
    return Ledger.open("helpline", raw, described)
