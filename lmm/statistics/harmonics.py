"""The columns of a segmented regression of monthly counts: level, step, trend and season."""

from __future__ import annotations

from math import pi

import numpy as np
import numpy.typing as npt
import pandas as pd

Numbers = npt.NDArray[np.float64]

STEP = 1
"""The column of `design` that holds the step."""


def harmonics(months: int) -> int:
    """Choose how many pairs of annual harmonics a series of so many months can carry.

    None under two years, where season and step cannot be told apart; one under four years,
    so that there are about seven months to a coefficient; two from then on.
    """
    return (months >= 24) + (months >= 48)


def design(series: pd.DataFrame, pairs: int) -> Numbers:
    """Lay out the columns of the model: level, step, years, season.

    Parameters
    ----------
    series
        ``month`` (its first day) and ``after``, the share of it that lies after the event.
    pairs
        How many pairs of annual harmonics.
    """
    month = series["month"].dt.month.to_numpy(dtype="float64")
    index = series["month"].dt.year.to_numpy(dtype="float64") + month / 12
    columns = [np.ones(len(series)), series["after"].to_numpy(dtype="float64"), index - index[0]]
    for k in range(1, pairs + 1):
        columns += [np.sin(2 * pi * k * month / 12), np.cos(2 * pi * k * month / 12)]
    return np.column_stack(columns)
