"""What comes first of several things that exclude each other: Aalen and Johansen's estimator.

A family that is waiting is seen or leaves unseen, whichever comes first; a family that was seen
comes again or does not. To take those who left as people who are waiting still would make
either look more frequent than it is.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from lmm.statistics.estimate import Estimate, check_confidence
from lmm.statistics.shares import wilson
from lmm.statistics.survival import log_log
from lmm.study.setting import Basis

METHOD = "Aalen-Johansen, log-log limits"

Floats = npt.NDArray[np.float64]


def cumulative_incidence(
    followed: pd.DataFrame, causes: Sequence[str], neither: str, confidence: float
) -> pd.DataFrame:
    """Estimate the share to whom each of several things has happened first, by days.

    Source: Aalen and Johansen (1978), Scandinavian Journal of Statistics 5, 141-150. Variances
    are those of the delta method (Dinse and Larson 1986, Biometrika 73, 379-386), which for
    counts are R's infinitesimal jackknife; limits are on the scale log(-log F), as R's ``survfit``
    gives them with ``conf.type = "log-log"``. Ours, because statsmodels' ``CumIncidenceRight``
    has no variance for the day on which the last one followed has an event, and takes no counts.

    Parameters
    ----------
    followed
        ``days, outcome, n``: how many were followed for so many days, and what ended it. An
        outcome that is none of ``causes`` only ends what is known of them.
    neither
        What those are called to whom none of it has happened.

    Returns
    -------
    DataFrame
        One row for each day on which something ended, after day 0, and each outcome, in the
        order of ``causes`` and ``neither`` last: ``days, outcome, at_risk, n, share, low, high,
        status``. The shares of a day add up to 1. Where a share is 0 or 1 it has no limits.

    Raises
    ------
    ValueError
        If the confidence level is not between 0 and 1.
    """
    check_confidence(confidence)
    days = sorted({0, *followed.loc[followed["n"] > 0, "days"]}) if followed["n"].sum() else []
    ended = followed.pivot_table(
        index="days", columns="outcome", values="n", aggfunc="sum", fill_value=0
    ).reindex(index=days, fill_value=0)
    events = ended.reindex(columns=list(causes), fill_value=0).to_numpy("float64").T
    at_risk = ended.sum(axis=1).to_numpy("float64")[::-1].cumsum()[::-1]
    others = ended.drop(columns=[c for c in causes if c in ended]).sum(axis=1).to_numpy("float64")
    share, variance = _incidence(events, at_risk)
    table = pd.concat(
        pd.DataFrame(
            {"days": days, "outcome": name, "at_risk": at_risk, "n": n, "share": p, "error": s}
        )
        for name, n, p, s in zip(
            [*causes, neither], [*events, others], share, np.sqrt(variance), strict=True
        )
    ).sort_values("days", kind="stable", ignore_index=True)
    limits = [
        log_log(p, s, confidence) for p, s in zip(table["share"], table["error"], strict=True)
    ]
    return (
        table.drop(columns="error")
        .assign(
            low=pd.Series([low for low, _ in limits], dtype="float64"),
            high=pd.Series([high for _, high in limits], dtype="float64"),
            status=["not_estimable" if low is None else "ok" for low, _ in limits],
        )
        .astype({"days": "int64", "at_risk": "int64", "n": "int64", "outcome": "str"})
    )


def _incidence(events: Floats, at_risk: Floats) -> tuple[Floats, Floats]:
    """Give the shares, and their variances, by outcome (none of them last) and day."""
    any_event = events.sum(axis=0)
    stays = np.cumprod(1 - any_event / at_risk)
    before = np.r_[1.0, stays[:-1]][: len(stays)]
    share = np.cumsum(before * events / at_risk, axis=1)
    # After a day on which everyone left has an event nothing changes any more.
    left = at_risk - any_event
    lost = np.divide(any_event, at_risk * left, out=np.zeros_like(left), where=left > 0)
    so_far = np.tri(len(at_risk))
    found = []
    for f, d in zip(share, events, strict=True):
        since = f[:, None] - f[None, :]
        own = before**2 * d * (at_risk - d) / at_risk**3
        both = before * d / at_risk**2
        found.append((so_far * (since**2 * lost + own - 2 * since * both)).sum(axis=1))
    variance = np.array([*found, stays**2 * np.cumsum(lost)])  # Greenwood's
    return np.array([*share, stays]), np.maximum(variance, 0)


def share_by(
    estimand: str, curve: pd.DataFrame, outcome: str, within: int, confidence: float, basis: Basis
) -> Estimate:
    """Estimate the share to whom something has happened first within so many days.

    Parameters
    ----------
    curve
        As `cumulative_incidence` gives it, with the same confidence.
    outcome
        One of its outcomes.

    Returns
    -------
    Estimate
        The numerator is how many it has happened to by then, or of those to whom nothing has,
        how many were followed for so long; the denominator all who were followed, some of them
        not for so long: the estimate is not their ratio. ``short_series`` where nobody was
        followed for so long and nothing has happened to some.
    """
    if curve.empty:
        note = "there is nobody to follow"
        return Estimate.without_value(estimand, 0, 0, "no_data", basis, note)
    everyone, so_far = int(curve["at_risk"].iloc[0]), curve[curve["days"] <= within]
    last = so_far.drop_duplicates("outcome", keep="last").set_index("outcome").to_dict("index")
    neither = curve["outcome"].iloc[-1]
    followed = int(max(curve.loc[curve["days"] >= within, "at_risk"], default=0))
    happened = so_far[so_far["outcome"] != neither].groupby("outcome")["n"].sum()
    n = followed if outcome == neither else int(happened[outcome])
    if last[neither]["share"] > 1e-12 and not followed:
        why = f"nobody was followed for {within} days"
        return Estimate.without_value(estimand, n, everyone, "short_series", basis, why)
    share, low, high = (last[outcome][name] for name in ("share", "low", "high"))
    method = METHOD
    if last[outcome]["status"] != "ok":  # nobody or everybody
        known = int(happened.sum()) + (followed if last[neither]["share"] > 1e-12 else 0)
        share = float(round(share))
        low, high = wilson(known if share else 0, known, confidence)
        method = f"Wilson, of the {known} whose outcome by then is known"
    return Estimate(estimand, n, everyone, share, low, high, method, "ok", basis)
