"""Result table -> what a reader sees: rounded, worded, and harmless to display."""

from __future__ import annotations

import html
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from lmm.statistics.estimate import RECORD_FIELDS
from lmm.statistics.rounding import fixed, in_percent, rounded
from lmm.study.problems import visible

DECIMALS = 6
"""Stored results are rounded to this; what is shown is rounded further."""

HEADINGS = {
    "measure": "Activity",
    "stratum": "Group",
    "by": "By",
    "what": "What",
    "over": "Share of",
    "share_or_summary": "Share, or summary",
    "lower_95": "Lower 95 % limit",
    "upper_95": "Upper 95 % limit",
    "course_id": "Course",
    "p_red": "P(red)",
    "p_amber": "P(amber)",
    "p_green": "P(green)",
    "p_value": "p",
    "red_factor": "Red cut-off times",
    "green_factor": "Green cut-off times",
    "agreed_on": "Cut-offs agreed on",
    "agreed_by": "Cut-offs agreed by",
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
    "full_year_target": "Full-year target",
    "months_open": "Months open",
}

ONE_DECIMAL = ("hours", "expected", "numerator", "denominator", "months_open")
PROBABILITIES = ("p_red", "p_amber", "p_green", "lower_95", "upper_95", "lower_998", "upper_998")

MOMENTS = ("mean", "sd", "median", "lower_quartile", "upper_quartile")

WORDS = {"not_estimable": "not estimable", "no_data": "no data", "short_series": "too short",
         "suppressed": "suppressed"}  # fmt: skip


def stored(table: pd.DataFrame) -> pd.DataFrame:
    """Round a result, and make its words harmless: what is kept, shown and drawn."""
    floats = table.select_dtypes("float").columns
    words = table.select_dtypes(["object", "str"]).columns
    return table.assign(
        **{name: table[name].map(lambda x: rounded(x, DECIMALS)) for name in floats},
        **{name: table[name].map(_harmless) for name in words},
    )


def _harmless(cell: object) -> object:
    return visible(cell) if isinstance(cell, str) else cell


COMMON = ("method", "basis", "note", "agreed_on", "agreed_by", "criterion")
"""Columns that are said once, under the caption, where all rows share their value."""


@dataclass(frozen=True)
class Readable:
    """Text cells under worded headings, and what holds for all rows."""

    cells: pd.DataFrame
    common: str

    def html(self, caption: str) -> str:
        """Write the table as HTML: scoped headings, all text escaped."""
        head = "".join(f'<th scope="col">{html.escape(str(name))}</th>' for name in self.cells)
        rows = self.cells.itertuples(index=False, name=None)
        body = "".join(_html_row(list(row)) for row in rows)
        title = html.escape(visible(caption)) + (
            f"<br>{html.escape(self.common)}" if self.common else ""
        )
        return (
            f'<table class="mathjax_ignore"><caption>{title}</caption>'
            f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        )

    def plain(self, caption: str) -> str:
        """Write the table as plain text."""
        lines = [visible(caption), self.common, self.cells.to_string(index=False)]
        return "\n".join(filter(None, lines))


def _html_row(cells: Sequence[object]) -> str:
    first, *rest = (html.escape(str(cell)) for cell in cells)
    return f'<tr><th scope="row">{first}</th>' + "".join(f"<td>{x}</td>" for x in rest) + "</tr>"


def readable(
    table: pd.DataFrame, *, percent: bool = False, spread: str = "", counts: Sequence[str] = ()
) -> Readable:
    """Word and round a result for reading.

    Parameters
    ----------
    table
        Any result. The fields of the estimate record, where present, become one value and
        its interval; a number and its share, or the moments and quartiles of a quantity,
        are joined in the same way.
    percent
        Whether the estimates are shares, to be shown in percent.
    spread
        A column whose values become the columns of a wide table.
    counts
        Columns of protected counts: without a number, they are suppressed.
    """
    if "estimate" in table:
        laid = _estimates(table, percent=percent)
    elif {"mean", "median"} <= set(table):
        laid = _summaries(table)
    else:
        laid = table
    if "status" not in table or "estimate" not in table:
        hidden = {name: laid[name].isna() for name in counts if name in laid}
        laid = laid.assign(
            **{n: laid[n].astype("object").mask(h, "suppressed") for n, h in hidden.items()}
        )
    if spread:
        laid = _wide(laid, spread)
    laid = laid.dropna(axis="columns", how="all")
    common = [name for name in COMMON if name in laid and len(set(laid[name])) == 1]
    sentences = [
        f"{_heading(name)}: {text}." for name in common if (text := _cell(name, laid[name].iloc[0]))
    ]
    laid = laid.drop(columns=common)
    cells = {_heading(name): [_cell(name, value) for value in laid[name]] for name in laid}
    return Readable(pd.DataFrame(cells), " ".join(sentences))


def _estimates(table: pd.DataFrame, *, percent: bool) -> pd.DataFrame:
    """Join the fields of the estimate record into one column of values."""
    strata = [name for name in table if name not in RECORD_FIELDS]
    fields = ["numerator", "denominator", "method", "basis", "note"]
    shown = [_value(row, percent=percent) for row in table.to_dict("records")]
    laid = table[[*strata, *fields]]
    laid.insert(len(strata) + 2, "estimate_and_interval", shown)
    return laid


def _summaries(table: pd.DataFrame) -> pd.DataFrame:
    """Join shares of levels, and moments and quartiles of quantities, into one column."""
    shown = [
        in_percent(row["share"], 1)
        if pd.notna(row["share"])
        else ""
        if pd.isna(row["mean"])
        else "mean {} (SD {}); median {} (quartiles {} and {})".format(
            *(fixed(row[name], 1) for name in MOMENTS)
        )
        for row in table.to_dict("records")
    ]
    return table[["characteristic", "level", "number"]].assign(
        share_or_summary=shown, missing=table["missing"], basis=table["basis"]
    )


def _wide(table: pd.DataFrame, spread: str) -> pd.DataFrame:
    """Give each value of a column a column of its own; say for each row what it rests on."""
    if "estimate_and_interval" in table:
        joined = ["numerator", "denominator", "estimate_and_interval", "method", "note"]
        shown = table["estimate_and_interval"]
    else:
        joined = ["number", "share"]
        shown = pd.Series(
            [
                f"{row['number']}"
                + (f" ({in_percent(row['share'], 1)})" if pd.notna(row["share"]) else "")
                for row in table.to_dict("records")
            ],
            index=table.index,
        )
    rows = [name for name in table if name not in (*joined, spread, "basis")]
    wide = [
        {
            **dict(zip(rows, keys, strict=True)),
            **dict(zip(group[spread], shown[group.index], strict=True)),
            "basis": _bases(group, spread),
        }
        for keys, group in table.groupby(rows, sort=False, dropna=False)
    ]
    return pd.DataFrame(wide)


def _bases(group: pd.DataFrame, spread: str) -> str:
    """Word what the cells of one row rest on, where they differ."""
    if len(set(group["basis"])) == 1:
        return str(group["basis"].iloc[0])
    published = ", ".join(group.loc[group["basis"] == "published", spread])
    return f"published ({published}), otherwise assumed"


def _value(row: Mapping[Hashable, Any], *, percent: bool) -> str:
    if row["status"] != "ok":
        status = str(row["status"])
        return WORDS.get(status, status)
    value, low, high = (row[name] for name in ("estimate", "low", "high"))
    if percent:
        return _unbroken(f"{in_percent(value, 1)} ({in_percent(low, 1)} to {in_percent(high, 1)})")
    if pd.isna(row["denominator"]):  # a count
        return _unbroken(f"{fixed(value)} ({fixed(low, 1)} to {fixed(high, 1)})")
    return _unbroken(f"{fixed(value, 2)} ({fixed(low, 2)} to {fixed(high, 2)})")


def _unbroken(text: str) -> str:
    return text.replace(" ", "\N{NO-BREAK SPACE}")


def _heading(name: Hashable) -> str:
    text = visible(str(name))
    return HEADINGS.get(text) or (text[:1].upper() + text[1:]).replace("_", " ")


def _cell(name: Hashable, value: object) -> str:
    if value is None or value is pd.NaT or value is pd.NA or value != value:  # noqa: PLR0124
        return ""
    if isinstance(value, pd.Timestamp):
        return value.strftime("%b %Y") if name == "month" else value.strftime("%Y-%m-%d")
    if isinstance(value, float):
        if "share" in str(name) or name in PROBABILITIES:
            return in_percent(value, 1)
        if name in ONE_DECIMAL and not value.is_integer():
            return fixed(value, 1)
        return fixed(value, 3) if name == "p_value" else f"{value:.4g}"
    text = str(value).removesuffix("_id").replace("_", " ") if name == "by" else str(value)
    return visible(text)
