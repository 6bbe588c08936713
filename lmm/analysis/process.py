"""How activity varies over time, and what stands out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple

import pandas as pd

from lmm.analysis.analysis import analysis
from lmm.analysis.by_time import shown_by, why_none
from lmm.analysis.charted import C, G, chart_of
from lmm.analysis.in_batches import brought_by
from lmm.analysis.result import Result
from lmm.analysis.roles import Role, aside, date, measure, number, words
from lmm.counting.counts import Counts
from lmm.statistics.control_charts import WHOLE, Chart, xmr

VERDICT: dict[str, Role] = {
    "measure": measure("Activity"),
    "chart": words(of="chart"),
    "reason": words(of="reason"),
    "base": words(of="base"),
    "period": aside(date()),
    **{name: number(of=name) for name in ("centre", "target")},
    **{name: aside(number(of=name)) for name in ("value", "lower", "upper", "points", "flagged")},
    **{name: words(of=name) for name in ("variation", "assurance")},
    **{f"{name}_icon": aside(words(of=f"icon of {name}")) for name in ("variation", "assurance")},
}
POINT: dict[str, Role] = {
    **{name: number(of=name) for name in ("segment", "exposure")},
    **{name: words(of=name) for name in ("rules", "direction", "judgement")},
    **VERDICT,
}


class Charts(NamedTuple):
    """Control charts of all measures, as the tables of `lmm.statistics.control_charts.Chart`."""

    points: Result
    verdicts: Result


@analysis()
def activity_charts(counts: Counts, rebase: Sequence[dt.date] = ()) -> Charts:
    """Draw up a control chart of each measure, of the kind that its counts allow.

    From `lmm.analysis.charted.LEAST_A_MONTH` events a month open on: an XmR chart by month.
    What comes in batches, such as the people of a course, is charted batch by batch where there
    are fewer of them. Otherwise, from `LEAST_A_QUARTER` a quarter on: a chart of counts by
    quarter of the contract year. Otherwise: the days open between events. An increase is good
    where a target says "at least"; where there is no target, neither direction is. Rounded
    counts are not charted.

    Parameters
    ----------
    rebase
        Dates from which new limits hold. The charts of the whole series are given as well.

    Returns
    -------
    Charts
        The tables of all measures, in order, with ``measure, chart, basis``, and in the
        verdicts the ``reason`` for the kind of chart.

    Notes
    -----
    The exposure is in months open. A closed month or quarter has no data. A part month is
    charted as its rate in a full month, but not from under `LEAST_OPEN` of one; a part
    quarter has the limits and the target of the months that it was open.
    """
    measures = shown_by(counts, "month", "day")
    if not measures:
        none = Result.absent(why_none(counts))
        return Charts(none, none)
    points, verdicts = [], []
    for name in measures:
        exact = counts.is_exact(name)
        kind, reason, chart = chart_of(counts, name, rebase) if exact else NOT_CHARTED
        keys = {"measure": name, "chart": kind}
        caveats = _caveats(counts, name, kind, chart, rebase) if exact else []
        notes = ["; ".join(filter(None, (note, *caveats))) for note in chart.verdicts["note"]]
        verdict = chart.verdicts.assign(note=notes)
        points.append(pd.DataFrame({**keys, **chart.points, "basis": counts.basis()}))
        verdicts.append(
            pd.DataFrame({**keys, "reason": reason, **verdict, "basis": counts.basis()})
        )
    return Charts(
        Result.of(pd.concat(points, ignore_index=True), **POINT),
        Result.of(pd.concat(verdicts, ignore_index=True), **VERDICT),
    )


def _not_charted() -> tuple[str, str, Chart]:
    """Give a chart without points, for counts that are released rounded."""
    empty = xmr(pd.Series(index=pd.DatetimeIndex([]), dtype="float64"))
    said = dict.fromkeys(("variation", "assurance", "status"), "suppressed")
    note = "suppressed: a chart needs exact counts, and those released are rounded"
    verdicts = empty.verdicts.assign(**said, note=note)
    return "none", "rounded counts are not charted", Chart(empty.points, verdicts)


NOT_CHARTED = _not_charted()


def _caveats(
    counts: Counts, name: str, kind: str, chart: Chart, rebase: Sequence[dt.date]
) -> list[str]:
    """Say what this measure's chart leaves to be desired."""
    notes = []
    whole = chart.points[chart.points["base"] == WHOLE]
    if whole.empty:
        notes.append("fewer than two events: there is no time between events")
    if short := int(((whole["status"] == "no_data") & (whole["exposure"] > 0)).sum()):
        notes.append(f"months open for under half of their days are left out: {short}")
    if brought_by(counts, name) and kind in (C, G):
        notes.append("people come in groups, so that these limits are too narrow")
    if len(set(rebase)) >= (1 if whole.empty else chart.points["segment"].max()):
        notes.append("not every rebasing date has points on either side")
    return notes
