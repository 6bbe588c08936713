"""The points of a control chart: each with its limits, its rules and what it is judged to be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from lmm.statistics.control_limits import RULES, Floats, Lines, special_causes
from lmm.statistics.control_verdicts import FEWEST, Better, judge


@dataclass(frozen=True)
class Series:
    """What is charted, one entry a period; missing where there are no data or no target."""

    numbers: Floats
    exposure: Floats
    target: Floats
    periods: pd.DatetimeIndex
    better: Better


def series_of(
    values: pd.Series[float],
    exposure: pd.Series[float] | None,
    target: float | pd.Series[float] | None,
    better: Better,
    *,
    once: bool,
) -> Series:
    """Check what is to be charted, and lay the exposure and the target along it.

    Parameters
    ----------
    exposure, target
        By period, or one for all; without them the exposure is 1 and there is no target.
    once
        Whether a period may stand once only.

    Raises
    ------
    ValueError
        If periods are not in order or stand twice, a value is infinite or an exposure missing.
    """
    periods = pd.DatetimeIndex(values.index)
    if not periods.is_monotonic_increasing:
        raise ValueError("the periods are not in order")
    if once and periods.has_duplicates:
        raise ValueError("a period stands twice")
    numbers: Floats = np.asarray(values.to_numpy("float64", na_value=np.nan), np.float64)
    if np.isinf(numbers).any():
        raise ValueError("a value is infinite")

    def along(given: float | pd.Series[float] | None, default: float) -> Floats:
        if isinstance(given, pd.Series):
            found = given.reindex(values.index).to_numpy("float64", na_value=np.nan)
            return np.asarray(found, np.float64)
        return np.full(numbers.size, default if given is None else given, dtype="float64")

    series = Series(numbers, along(exposure, 1.0), along(target, np.nan), periods, better)
    if np.isnan(series.exposure).any():
        raise ValueError("an exposure is missing")
    return series


def points_of(
    series: Series,
    lines: Callable[[Floats, Floats], Lines],
    segments: npt.NDArray[np.int64],
    *,
    near: bool,
) -> tuple[pd.DataFrame, str]:
    """Lay out the points of all segments, and the note on the limits of the last one."""
    parts, note = [], ""
    for segment in np.unique(segments) if segments.size else (1,):
        within = segments == segment
        drawn = lines(series.numbers[within], series.exposure[within])
        causes = special_causes(series.numbers[within], drawn, near=near)
        rows = _segment(series, within, drawn, causes)
        rows.insert(0, "segment", int(segment))
        parts.append(rows)
        note = drawn.note
    return pd.concat(parts, ignore_index=True), note


def _segment(
    series: Series, within: npt.NDArray[np.bool_], lines: Lines, causes: dict[str, Floats]
) -> pd.DataFrame:
    values = series.numbers[within]
    known = ~np.isnan(values)
    limited = known & ~np.isnan(lines.lower)
    enough = "ok" if known.sum() >= FEWEST else "short_series"
    flagged = [
        {RULES[rule]: found for rule, found in zip(RULES, flags, strict=True) if found}
        for flags in zip(*(causes[rule] for rule in RULES), strict=True)
    ]
    signs = [next(iter(flags.values()), 0.0) for flags in flagged]
    judged = [
        judge(sign, series.better) if has else "not judged"
        for sign, has in zip(signs, limited, strict=True)
    ]
    return pd.DataFrame(
        {
            "period": series.periods[within],
            "exposure": series.exposure[within],
            "value": values,
            "target": series.target[within],
            "centre": lines.centre,
            "lower": lines.lower,
            "upper": lines.upper,
            "rules": pd.Series(["; ".join(flags) for flags in flagged], dtype="str"),
            "direction": pd.Series([_DIRECTION[sign] for sign in signs], dtype="str"),
            "judgement": pd.Series(judged, dtype="str"),
            "status": pd.Series(
                np.where(limited, enough, np.where(known, "not_estimable", "no_data")), dtype="str"
            ),
        }
    )


_DIRECTION = {1.0: "high", -1.0: "low", 0.0: ""}
