"""Numbers and tables of the page on coverage, in Markdown."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd


def markdown(heads: Sequence[str], rows: Sequence[Sequence[str]], numbers: range) -> str:
    """Lay out a table; the columns in ``numbers`` are aligned to the right."""
    rule = ["---:" if place in numbers else "---" for place in range(len(heads))]
    return "\n".join(f"| {' | '.join(row)} |" for row in (heads, rule, *rows))


def percent(share: float | None) -> str:
    """Write a share to a tenth of a per cent; nothing where there is none."""
    return "" if share is None or pd.isna(share) else f"{100 * share:.1f} %"


def figure(value: float | None) -> str:
    """Write a number to three figures; nothing where there is none."""
    return "" if value is None or pd.isna(value) else f"{value:.3g}"


def span(values: pd.Series[float]) -> str:
    """Write from the least to the largest share."""
    low, high = percent(values.min()), percent(values.max())
    return low if low == high else f"{low} to {high}"
