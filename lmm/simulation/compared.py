"""The tables of the candidates for the interval of a share of answers in courses."""

from __future__ import annotations

import pandas as pd

from lmm.simulation.course_sizes import LIKENESS, SHARES, SIZES
from lmm.simulation.layout import figure, markdown, percent
from lmm.statistics.clusters import Clusters
from lmm.statistics.rounding import fixed

RECORDS = list(SIZES)[-1]


def compared(part: pd.DataFrame) -> str:
    """Write where each candidate is worst, and the chosen one by share and correlation."""
    named = part.assign(
        sizes=part["setting"].str.split(": ").str[0],
        likeness=part["setting"].str.split("correlation ").str[1].astype(float),
    )
    chosen = named[named["role"] == "primary"]
    return f"{_by_sizes(named)}\n\n{_by_truth(chosen)}\n\n{_refused(chosen)}"


def _by_sizes(named: pd.DataFrame) -> str:
    """Lay out the least coverage of each interval over shares and correlations."""
    effective = [
        fixed(Clusters.of(sizes, sizes).effective_number, 1 if len(sizes) > 2 else 2)
        for sizes in SIZES.values()
    ]
    rows = [["effective number of courses", *effective, ""]]
    for interval, own in named.groupby("interval", sort=False):
        name = f"**{interval}**" if (own["role"] == "primary").any() else str(interval)
        width = float(own.loc[own["sizes"] == RECORDS, "mean_width"].mean())
        rows.append([name, *(_least(own[own["sizes"] == size]) for size in SIZES), figure(width)])
    heads = ["Least coverage with", *SIZES, f"Mean width, {RECORDS}"]
    return markdown(heads, rows, numbers=range(1, len(heads)))


def _least(cells: pd.DataFrame) -> str:
    """Write the least coverage, and at which share and correlation it is found."""
    given = cells.dropna(subset="coverage")
    if given.empty:
        return "no interval"
    worst = given.sort_values("coverage", kind="stable").to_dict("records")[0]
    return f"{percent(worst['coverage'])} (at {worst['truth']:.12g}, {worst['likeness']:.12g})"


def _by_truth(chosen: pd.DataFrame) -> str:
    """Lay out the least coverage of the chosen interval over all sizes."""
    rows = []
    for share in SHARES:
        here = chosen[chosen["truth"] == share]
        least = (here.loc[here["likeness"] == at, "coverage"].min() for at in LIKENESS)
        rows.append([f"{share:.12g}", *(percent(value) for value in least)])
    heads = ["True share", *(f"correlation {at:.12g}" for at in LIKENESS)]
    return markdown(heads, rows, numbers=range(1, len(heads)))


def _refused(chosen: pd.DataFrame) -> str:
    """Say for which sizes the chosen interval is not given."""
    without = chosen.groupby("sizes", sort=False)["no_interval"].max()
    named = [f"{size} ({percent(share)} of studies)" for size, share in without.items() if share]
    return f"No interval is given for: {'; '.join(named) or 'none of them'}."
