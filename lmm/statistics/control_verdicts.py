"""What the points of a control chart are judged to be, and its verdict in words.

Taken from NHSRplotthedots 0.2 (MIT licence; its source was read, none of it is here).
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd

Better = Literal["increase", "decrease", "neutral"]
"""Which direction is good; by ``neutral`` neither is, and no target is judged."""

FEWEST = 13
"""With fewer points the limits are trial limits."""


def judge(sign: float, better: Better) -> str:
    """Say what a point flagged as high (1), as low (-1) or not at all (0) is."""
    if sign == 0:
        return "common cause"
    if better == "neutral":
        return "special cause"
    return "improvement" if (sign > 0) == (better == "increase") else "concern"


def verdict(points: pd.DataFrame, better: Better, note: str) -> dict[str, object]:
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
