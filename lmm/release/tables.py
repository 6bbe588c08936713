"""Result table -> what a reader sees: rounded, worded, and harmless to display."""

from __future__ import annotations

import html
from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import pandas as pd

from lmm.analysis.estimates import RECORD_FIELDS

DECIMALS = 6
"""Stored results are rounded to this; what is shown is rounded further."""

HEADINGS = {
    "measure": "Activity",
    "stratum": "Group",
    "by": "By",
    "what": "What",
    "over": "Share of",
    "quantity": "Quantity",
    "numerator": "n",
    "denominator": "of",
    "interval": "Interval",
    "basis": "Rests on",
    "held_against_published": "Held against the published figure",
    "share_of_referred": "Of those referred",
    "share_of_previous": "Of the stage before",
    "lower_quartile": "Lower quartile",
    "upper_quartile": "Upper quartile",
    "sd": "SD",
    "dont_know": "Don't know",
    "not_high": "Not high",
    "respondents_from": "Respondents, from",
    "respondents_to": "Respondents, to",
    "rag": "Rating",
    "full_year_target": "Target for a full year",
    "months_open": "Months open",
}

WORDS = {"not_estimable": "not estimable", "no_data": "no data", "short_series": "too short"}


def stored(table: pd.DataFrame) -> pd.DataFrame:
    """Round a result as it is kept in ``outputs/tables``."""
    floats = table.select_dtypes("float").columns
    return table.assign(**{name: table[name].round(DECIMALS) for name in floats})


def readable(table: pd.DataFrame, *, percent: bool = False, spread: str = "") -> pd.DataFrame:
    """Turn a result into text cells under worded headings.

    Parameters
    ----------
    table
        Any result; the fields of the estimate record, where present, become one value and
        its interval.
    percent
        Whether the estimates are shares, to be shown in percent.
    spread
        A column whose values become the columns of a wide table of estimates.
    """
    if "estimate" in table:
        table = _estimates(table, percent=percent, spread=spread)
    return pd.DataFrame(
        {_heading(name): [_cell(name, value) for value in table[name]] for name in table}
    )


def _estimates(table: pd.DataFrame, *, percent: bool, spread: str) -> pd.DataFrame:
    shown = [_value(row, percent=percent) for row in table.to_dict("records")]
    strata = [name for name in table if name not in RECORD_FIELDS]
    if spread:
        wide = table[strata].assign(shown=shown)
        rows = [name for name in strata if name != spread]
        order = list(dict.fromkeys(table[spread]))
        index = pd.MultiIndex.from_frame(wide[rows].drop_duplicates())
        pivot = wide.pivot(index=rows, columns=spread, values="shown")
        return pivot.reindex(index if len(rows) > 1 else index.get_level_values(0))[
            order
        ].reset_index()
    fields = ["numerator", "denominator"]
    laid = table[[*strata, *fields]].assign(estimate_and_interval=shown)
    for name in ("method", "basis", "note"):
        if (table[name] != "").any():
            laid[name] = table[name]
    return laid


def _value(row: Mapping[Hashable, Any], *, percent: bool) -> str:
    if row["status"] != "ok":
        status = str(row["status"])
        return WORDS.get(status, status)
    value, low, high = (row[name] for name in ("estimate", "low", "high"))
    if percent:
        return f"{value:.1%} ({low:.1%} to {high:.1%})"
    if row["method"] == "Garwood exact" and pd.isna(row["denominator"]):
        return f"{value:.0f} ({low:.1f} to {high:.1f})"
    return f"{value:.2f} ({low:.2f} to {high:.2f})"


def _heading(name: Hashable) -> str:
    text = str(name)
    return HEADINGS.get(text) or (text[:1].upper() + text[1:]).replace("_", " ")


def _cell(name: Hashable, value: object) -> str:
    if value is None or value is pd.NaT or value is pd.NA or value != value:  # noqa: PLR0124
        return ""
    if isinstance(value, pd.Timestamp):
        return value.strftime("%b %Y") if name == "month" else value.strftime("%Y-%m-%d")
    if isinstance(value, float):
        if "share" in str(name):
            return f"{value:.1%}"
        return f"{value:.0f}" if value.is_integer() and name != "mean" else f"{value:.3g}"
    return str(value)


def as_html(table: pd.DataFrame, caption: str) -> str:
    """Write a readable table as HTML with a caption and scoped headings, all text escaped."""
    head = "".join(f'<th scope="col">{html.escape(str(name))}</th>' for name in table)
    body = "".join(_row(list(row)) for row in table.itertuples(index=False, name=None))
    return (
        f"<table><caption>{html.escape(caption)}</caption>"
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    )


def _row(cells: Sequence[object]) -> str:
    first, *rest = (html.escape(str(cell)) for cell in cells)
    return f'<tr><th scope="row">{first}</th>' + "".join(f"<td>{x}</td>" for x in rest) + "</tr>"
