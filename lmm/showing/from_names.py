"""What columns are, guessed from their names: goes when every analysis says it by itself."""

from __future__ import annotations

from collections.abc import Collection

import pandas as pd

from lmm.analysis.result import (
    RECORD,
    Result,
    Role,
    count,
    date,
    dimension,
    measure,
    moment,
    month,
    number,
    p_value,
    probability,
    share,
    words,
)

HEADINGS = {
    "measure": "Activity",
    "stratum": "Group",
    "over": "Share of",
    "lower_95": "Lower 95 % limit",
    "upper_95": "Upper 95 % limit",
    "course_id": "Course",
    "p_red": "P(red)",
    "p_amber": "P(amber)",
    "p_green": "P(green)",
    "red_factor": "Red cut-off times",
    "green_factor": "Green cut-off times",
    "agreed_on": "Cut-offs agreed on",
    "agreed_by": "Cut-offs agreed by",
    "held_against_published": "Held against the published figure",
    "share_of_referred": "Of those referred",
    "share_of_previous": "Of the stage before",
    "dont_know": "Don't know",
    "respondents_from": "Respondents, from",
    "respondents_to": "Respondents, to",
    "rag": "Rating",
    "full_year_target": "Full-year target",
}

ROLES = {
    "by": dimension(),
    "measure": measure(HEADINGS["measure"]),
    "indicator": measure(),
    "agreed_on": date(HEADINGS["agreed_on"], once=True),
    "agreed_by": words(HEADINGS["agreed_by"], once=True),
    "criterion": words(once=True),
    "p_value": p_value(),
    **dict.fromkeys(("mean", "sd", "median", "lower_quartile", "upper_quartile"), moment()),
    **dict.fromkeys(("hours", "expected", "months_open"), number(decimals=1)),
    "share": share(of="number"),
}
PROBABILITIES = ("p_red", "p_amber", "p_green", "lower_95", "upper_95", "lower_998", "upper_998")


def result_of(frame: pd.DataFrame, counts: Collection[str] = ()) -> Result:
    """Guess what the columns of a table are from their names and types.

    Parameters
    ----------
    counts
        Columns of protected counts.
    """
    roles = {
        str(name): _role(str(name), frame[name], counted=name in counts)
        for name in frame
        if name not in RECORD
    }
    return Result.of(frame, **roles)


def _role(name: str, column: pd.Series[str], *, counted: bool) -> Role:
    heading = HEADINGS.get(name, "")
    if counted:
        return count(heading, of=name)
    if name in ROLES:
        return ROLES[name]
    if pd.api.types.is_datetime64_any_dtype(column):
        return month(heading) if name == "month" else date(heading)
    if any(isinstance(value, float) for value in column):
        if "share" in name:
            return share(heading)
        if name in PROBABILITIES:
            return probability(heading)
    return words(heading) if pd.api.types.is_string_dtype(column) else number(heading, of=name)
