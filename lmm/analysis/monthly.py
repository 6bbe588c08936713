"""The monthly series of a measure, and the model of a step that it carries."""

from __future__ import annotations

import pandas as pd

from lmm.analysis.in_batches import batches_of, brought_by
from lmm.counting.counts import Counts
from lmm.statistics.rounding import fixed
from lmm.statistics.segmented import EVENTS_A_MONTH, segmented
from lmm.statistics.segmented_fit import NotFittedError, Segmented
from lmm.study.setting import Setting, open_days

NO_MODEL = (
    "Not released: a fitted model can give single records away, and no rounding is known to "
    "prevent it. See the page on disclosure."
)


def monthly_series(counts: Counts, measure: str) -> pd.DataFrame:
    """Lay out exact counts by month, and say how much of each month lies after the event.

    Returns
    -------
    DataFrame
        ``month, months_open, after, events``; see `months`.
    """
    events = counts.by(measure, "month")["n"].astype("int64")
    return months(counts).assign(events=events.to_numpy())


def months(setting: Setting) -> pd.DataFrame:
    """Say how much of each month was open, and lies after the event.

    Returns
    -------
    DataFrame
        ``month, months_open, after``. ``after`` is the share of the month's open days from
        the event on: 0 or 1 but in the month of the event, which so belongs to both sides in
        the measure of its days, without a choice of side.
    """
    table = setting.calendar[["month", "months_open"]].copy()
    event = pd.Timestamp(setting.parameters.event_date)
    days = pd.Series(open_days(setting.study, setting.parameters))
    after = (days >= event).groupby(days.dt.to_period("M")).mean()
    known = after.reindex(pd.PeriodIndex(table["month"], freq="M"))
    return table.assign(after=known.to_numpy(dtype="float64"))


def modelled(counts: Counts, name: str) -> Segmented | str:
    """Fit the main model to a measure, or say why it is not."""
    if not counts.is_exact(name):
        return ""  # as its estimate says that it is made from released counts
    if few := _few_batches(counts, name):
        return few
    try:
        return segmented(monthly_series(counts, name), counts.parameters.confidence)
    except NotFittedError as reason:
        return str(reason)


def _few_batches(counts: Counts, name: str) -> str:
    """Say that too few batches bring what is counted; the people of one are no events apart."""
    batches, _ = batches_of(counts, name)
    opened = float(counts.calendar["months_open"].sum())
    if batches is None or not opened or batches.number / opened >= EVENTS_A_MONTH:
        return ""
    brought = brought_by(counts, name).replace("_", " ")
    rate = fixed(batches.number / opened, 1)
    return f"a model needs at least {EVENTS_A_MONTH} {brought} a month, and there are {rate}"
