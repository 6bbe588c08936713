"""How the monthly counts scatter about the curve of the step: alone, or like the month before."""

from __future__ import annotations

import pandas as pd

from lmm.analysis.by_time import shown_by, why_none
from lmm.analysis.interrupted import NO_MODEL, modelled, monthly_series
from lmm.analysis.result import Result
from lmm.analysis.roles import measure, number, p_value, words
from lmm.counting.counts import Counts
from lmm.statistics.autocorrelation import autocorrelation
from lmm.statistics.segmented_fit import Segmented

NOT_MODELLED = "No measure has enough events a month for a model of the step."


def month_to_month(counts: Counts) -> Result:
    """Say for each modelled measure whether the months resemble those before.

    Returns
    -------
    Result
        ``measure, months, lag_1`` (correlation of the Pearson residuals of a month and the
        open month before), ``ljung_box`` (p-value at lag 1), ``what_it_finds`` (the power of
        that test at this length, in words) and ``basis``.
    """
    measures = shown_by(counts, "month")
    if not measures:
        return Result.absent(why_none(counts))
    rows = [
        _row(counts, name) for name in measures if isinstance(modelled(counts, name), Segmented)
    ]
    if not rows:
        exact = all(counts.is_exact(name) for name in measures)
        return Result.absent(NOT_MODELLED if exact else NO_MODEL)
    return Result.of(
        pd.DataFrame(rows),
        measure=measure("Activity"),
        months=number(),
        lag_1=number("Correlation with the month before", 2),
        ljung_box=p_value("p (Ljung-Box, lag 1)"),
        what_it_finds=words("What the test finds", once=True),
    )


def _row(counts: Counts, name: str) -> dict[str, object]:
    found = autocorrelation(monthly_series(counts, name))
    return {
        "measure": name,
        "months": found.months,
        "lag_1": found.lag_1,
        "ljung_box": found.p_value,
        "what_it_finds": found.in_words(),
        "basis": counts.basis(),
    }
