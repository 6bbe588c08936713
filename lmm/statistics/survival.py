"""The time to an event, of which some have not yet had it: Kaplan and Meier's curve.

Here the event is to be seen: those followed are ``seen`` on some day, or ``left`` or are still
``waiting`` on the last day on which anything is known of them.
"""

from __future__ import annotations

from math import log

import numpy as np
import pandas as pd
from scipy import stats

from lmm.statistics.estimate import Estimate, check_confidence
from lmm.statistics.shares import wilson
from lmm.study.setting import Basis

METHOD = "Kaplan-Meier, log-log limits"
OUTCOMES = ("seen", "left", "waiting")


def kaplan_meier(followed: pd.DataFrame, confidence: float) -> pd.DataFrame:
    """Estimate the curve from days and outcomes, with pointwise log-log limits.

    Parameters
    ----------
    followed
        ``days, outcome, n``: how many were followed for so many days, with one of `OUTCOMES`.

    Returns
    -------
    DataFrame
        One row for each day on which something happened, after a row for day 0: ``days,
        at_risk, seen, left, waiting, not_yet_seen, low, high, status``. Limits are Greenwood's
        on the scale log(-log S), as R's ``conf.type = "log-log"``; where the share is 1 or 0
        there are none.

    Raises
    ------
    ValueError
        If the confidence level is not between 0 and 1.
    """
    from statsmodels.duration.survfunc import SurvfuncRight  # noqa: PLC0415

    check_confidence(confidence)
    # One by one, because statsmodels has Greenwood's error only without weights.
    each = followed.loc[followed.index.repeat(followed["n"])]
    days = each["days"].to_numpy(dtype="float64")
    times = np.unique(np.r_[0.0, days]) if len(days) else days
    estimate = SurvfuncRight(days, (each["outcome"] == "seen").to_numpy(dtype="float64"))
    steps = np.searchsorted(estimate.surv_times, times, side="right")
    share = np.r_[1.0, estimate.surv_prob][steps]
    error = np.r_[0.0, estimate.surv_prob_se][steps]
    limits = [log_log(s, e, confidence) for s, e in zip(share, error, strict=True)]
    curve = pd.DataFrame(
        {
            "days": times.astype("int64"),
            "at_risk": len(days) - np.searchsorted(np.sort(days), times),
            "not_yet_seen": share,
            "low": [low for low, _ in limits],
            "high": [high for _, high in limits],
            "status": ["not_estimable" if low is None else "ok" for low, _ in limits],
        }
    )
    for place, outcome in enumerate(OUTCOMES, start=2):
        number = each.loc[each["outcome"] == outcome, "days"].value_counts()
        curve.insert(place, outcome, number.reindex(times, fill_value=0).to_numpy())
    return curve.astype({"low": "float64", "high": "float64"})


def log_log(share: float, error: float, confidence: float) -> tuple[float | None, float | None]:
    """Give the limits of a share on the scale log(-log); none where it is 0 or 1."""
    if not 1e-12 < share < 1 - 1e-12:
        return None, None
    z = float(stats.norm.ppf((1 + confidence) / 2))
    width = z * error / (share * -log(share))
    return share ** np.exp(width), share ** np.exp(-width)


def median_days(estimand: str, curve: pd.DataFrame, basis: Basis) -> Estimate:
    """Give the first day on which no more than half are not yet seen.

    Its limits are the same for the limits of the curve. Source: Brookmeyer and Crowley (1982),
    Biometrics 38, 29-41.

    Parameters
    ----------
    curve
        As `kaplan_meier` gives it.

    Returns
    -------
    Estimate
        How many were seen of all who were followed; ``short_series`` where the curve, or its
        upper limit, does not come down to a half. The note says so; a median that was reached
        is given all the same, with its lower limit.
    """
    if curve.empty:
        return _nobody(estimand, basis)
    seen, followed = int(curve["seen"].sum()), int(curve["at_risk"].iloc[0])
    value, low, high = (_half(curve, name) for name in ("not_yet_seen", "low", "high"))
    if value is not None and low is not None and high is not None:
        return Estimate(estimand, seen, followed, value, low, high, METHOD, "ok", basis)
    if value is not None:
        why = f"half were seen by day {value}; an upper limit is not reached"
        return Estimate(
            estimand, seen, followed, value, low, None, METHOD, "short_series", basis, why
        )
    why = "fewer than half were seen within the days that they were followed"
    return Estimate.without_value(estimand, seen, followed, "short_series", basis, why)


def _half(curve: pd.DataFrame, column: str) -> int | None:
    """First day on which a column of the curve is down to a half."""
    reached = curve.loc[curve[column] <= 0.5 + 1e-9, "days"]
    return None if reached.empty else int(reached.iloc[0])


def share_seen(
    estimand: str, curve: pd.DataFrame, within: int, confidence: float, basis: Basis
) -> Estimate:
    """Estimate the share seen within so many days.

    Parameters
    ----------
    curve
        As `kaplan_meier` gives it, with the same confidence.
    within
        Days.

    Returns
    -------
    Estimate
        The numerator is the number seen by then and the denominator all who were followed,
        some of them not for so long: the estimate is Kaplan and Meier's, not their ratio.
        ``short_series`` where nobody was followed for so long and some were not seen.
    """
    if curve.empty:
        return _nobody(estimand, basis)
    so_far = curve[curve["days"] <= within]
    last, all_of_them = so_far.iloc[-1], int(curve["at_risk"].iloc[0])
    seen = int(so_far["seen"].sum())
    followed = int(max(curve.loc[curve["days"] >= within, "at_risk"], default=0))
    if last["not_yet_seen"] > 1e-12 and not followed:
        why = f"nobody was followed for {within} days"
        return Estimate.without_value(estimand, seen, all_of_them, "short_series", basis, why)
    share = 1 - float(last["not_yet_seen"])
    if last["status"] == "ok":
        low, high, method = 1 - last["high"], 1 - last["low"], METHOD
    else:  # nobody or everybody: Greenwood's error is 0 or unknown
        share, known = float(round(share)), followed if seen == 0 else seen
        low, high = wilson(seen, known, confidence)
        method = f"Wilson, of the {known} whose outcome by then is known"
    return Estimate(estimand, seen, all_of_them, share, low, high, method, "ok", basis)


def _nobody(estimand: str, basis: Basis) -> Estimate:
    return Estimate.without_value(estimand, 0, 0, "no_data", basis, "there is nobody to follow")
