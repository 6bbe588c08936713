"""Control charts as tables: every point with its limits and rules, and a verdict in words.

What a flagged point is judged to be, and what the limits say about a target, is taken from
NHSRplotthedots 0.2 (MIT licence; its source was read, none of it is here).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from lmm.statistics.control_limits import (
    RULES,
    Floats,
    Lines,
    geometric_lines,
    moving_range_lines,
    poisson_lines,
    special_causes,
)

Better = Literal["increase", "decrease", "neutral"]
"""Which direction is good; by ``neutral`` neither is, and no target is judged."""

FEWEST = 13
"""With fewer points the limits are trial limits."""

WHOLE, REBASED = "whole series", "rebased"


@dataclass(frozen=True)
class Chart:
    """A control chart as two tables.

    Attributes
    ----------
    points
        One row a point: ``base`` (the whole series under one set of limits, always; then
        the rebased one, where dates are given), ``segment, period, exposure, value, target,
        centre, lower, upper, rules, direction, judgement, status``. Status is ``no_data``
        for a gap, ``not_estimable`` without limits and ``short_series`` for trial limits.
    verdicts
        One row a base: ``period, value, target, centre, lower, upper`` of the latest point
        with data, ``variation`` and ``assurance`` in words, the name of the icon of each,
        ``points, flagged, status, note``.
    """

    points: pd.DataFrame
    verdicts: pd.DataFrame


@dataclass(frozen=True)
class _Series:
    numbers: Floats
    exposure: Floats
    target: Floats
    periods: pd.DatetimeIndex
    better: Better


def xmr(
    values: pd.Series[float],
    *,
    better: Better = "increase",
    target: float | pd.Series[float] | None = None,
    rebase: Sequence[dt.date] = (),
    exposure: pd.Series[float] | None = None,
    screen: bool = True,
) -> Chart:
    """Draw up an XmR chart; the limits are those of `moving_range_lines`.

    Parameters
    ----------
    values
        One value a period, by the period's date, in order; missing where there are no data.
    rebase
        Dates: new limits hold from the first period that starts on one or after it. No run,
        trend or moving range goes across.
    exposure
        Months open, or the like, of each period; passed through to the table.

    Raises
    ------
    ValueError
        If periods are not in order, stand twice or lack points on a side of a rebasing date.
    """
    return _chart(
        _series(values, exposure, target, better, once=True),
        lambda found, _: moving_range_lines(found, screen=screen),
        rebase,
        near=True,
    )


def c_chart(
    events: pd.Series[float],
    exposure: pd.Series[float],
    *,
    better: Better = "increase",
    target: float | pd.Series[float] | None = None,
    rebase: Sequence[dt.date] = (),
) -> Chart:
    """Draw up a chart of counts; the limits are those of `poisson_lines`."""
    series = _series(events, exposure, target, better, once=True)
    return _chart(series, poisson_lines, rebase, near=False)


def g_chart(
    gaps: pd.Series[float], *, better: Better = "neutral", rebase: Sequence[dt.date] = ()
) -> Chart:
    """Draw up a chart of the days between events; the limits are those of `geometric_lines`.

    Parameters
    ----------
    gaps
        Days since the event before, by the date of each event but the first, in order.
    better
        Which direction of the gaps is good: where more events are good, it is ``decrease``.
    """
    series = _series(gaps, None, None, better, once=False)
    return _chart(series, lambda found, _: geometric_lines(found), rebase, near=False)


def _series(
    values: pd.Series[float],
    exposure: pd.Series[float] | None,
    target: float | pd.Series[float] | None,
    better: Better,
    *,
    once: bool,
) -> _Series:
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

    series = _Series(numbers, along(exposure, 1.0), along(target, np.nan), periods, better)
    if np.isnan(series.exposure).any():
        raise ValueError("an exposure is missing")
    return series


def _chart(
    series: _Series,
    lines: Callable[[Floats, Floats], Lines],
    rebase: Sequence[dt.date],
    *,
    near: bool,
) -> Chart:
    dates = pd.DatetimeIndex(sorted(set(rebase)))
    for date in dates:
        if not len(series.periods) or not series.periods[0] < date <= series.periods[-1]:
            raise ValueError(f"rebasing on {date:%Y-%m-%d} leaves one side without points")
    points, verdicts = [], []
    for base, starts in [(WHOLE, dates[:0]), *([(REBASED, dates)] if len(dates) else [])]:
        segments = np.searchsorted(starts, series.periods, side="right") + 1
        rows, note = _points(series, lines, segments, near=near)
        rows.insert(0, "base", base)
        points.append(rows)
        verdicts.append({"base": base, **_verdict(rows, series.better, note)})
    return Chart(pd.concat(points, ignore_index=True), pd.DataFrame(verdicts))


def _points(
    series: _Series,
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
    series: _Series, within: npt.NDArray[np.bool_], lines: Lines, causes: dict[str, Floats]
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
        _judge(sign, series.better) if has else "not judged"
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


def _judge(sign: float, better: Better) -> str:
    if sign == 0:
        return "common cause"
    if better == "neutral":
        return "special cause"
    return "improvement" if (sign > 0) == (better == "increase") else "concern"


def _verdict(points: pd.DataFrame, better: Better, note: str) -> dict[str, object]:
    """Say in words what the latest point with data shows, and what the limits promise."""
    known = points[points["status"] != "no_data"]
    counts = {"points": len(known), "flagged": int((known["rules"] != "").sum())}
    numbers = ["value", "target", "centre", "lower", "upper"]
    if known.empty:
        status = "not_estimable" if points.empty else "no_data"
        nothing = {"period": pd.NaT, **dict.fromkeys(numbers, np.nan)}
        words = dict.fromkeys(["variation", "assurance"], status.replace("_", " "))
        icons = {"variation_icon": "none", "assurance_icon": "none"}
        return {**nothing, **words, **icons, **counts, "status": status, "note": ""}
    latest = known.iloc[-1].to_dict()
    variation, variation_icon = _variation(latest["judgement"], latest["direction"])
    assurance, assurance_icon = _assurance(known, better)
    notes = [
        f"trial limits: fewer than {FEWEST} points" if latest["status"] == "short_series" else "",
        note,
        "" if latest["period"] == points["period"].iloc[-1] else "the latest period has no data",
        _UNSTABLE if assurance_icon != "none" and _unstable(known) else "",
    ]
    return {
        **{name: latest[name] for name in ("period", *numbers)},
        "variation": variation,
        "assurance": assurance,
        "variation_icon": variation_icon,
        "assurance_icon": assurance_icon,
        **counts,
        "status": latest["status"],
        "note": "; ".join(filter(None, notes)),
    }


_UNSTABLE = "the series is not stable: its limits do not foretell whether it meets the target"


def _unstable(known: pd.DataFrame) -> bool:
    latest = known["segment"] == known["segment"].iloc[-1]
    return bool((known.loc[latest, "rules"] != "").any())


def _variation(judgement: str, direction: str) -> tuple[str, str]:
    """Word the variation; the icon is named for the judgement and the direction."""
    if judgement == "not judged":
        return "not estimable", "none"
    if judgement == "common cause":
        return "common cause", "common_cause"
    if judgement == "special cause":
        return f"special cause, {direction}", f"neutral_{direction}"
    return f"special cause {judgement}, {direction}", f"{judgement}_{direction}"


def _assurance(known: pd.DataFrame, better: Better) -> tuple[str, str]:
    """Compare the latest target with the limits; a target on a limit is hit and missed.

    Where the exposure varies, the latest period with the longest one is taken: the wide
    limits of a part period promise nothing either way.
    """
    segment = known[known["segment"] == known["segment"].iloc[-1]]
    last = segment[segment["exposure"] >= segment["exposure"].max()].iloc[-1].to_dict()
    if pd.isna(last["target"]):
        return "no target", "none"
    if better == "neutral":
        return "not judged: neither direction is better", "none"
    if pd.isna(last["lower"]):
        return "not estimable", "none"
    if last["lower"] <= last["target"] <= last["upper"]:
        return "hit and miss", "hit_and_miss"
    passing = (last["target"] < last["lower"]) == (better == "increase")
    return ("consistently passing", "pass") if passing else ("consistently failing", "fail")
