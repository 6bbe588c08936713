"""The index of a sweep as results: one share of all services over periods, and as a funnel."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from typing import Any

import pandas as pd
import pyarrow as pa

from lmm.analysis.clusters import Funnel, beside
from lmm.analysis.result import Result
from lmm.analysis.roles import Role, estimated_share, stratum
from lmm.study.problems import Problem, StudyError
from lmm.sweep.plan import Indicator

OF = ["study", "period_start", "period_end"]
"""What a value of an indicator is for, within one level of confidence."""

WHICH = ["table", "strata", "estimand"]
"""What tells one indicator from another."""

MOST_PANELS = 60
"""Services that small multiples show; the index holds the others, too."""


@dataclass(frozen=True)
class Chosen:
    """One share, of each study in each period.

    Attributes
    ----------
    rows
        Of the index, one a study and period.
    confidence
        That for which they are.
    """

    rows: pd.DataFrame
    table: str
    strata: dict[str, str]
    confidence: float

    @property
    def estimand(self) -> str:
        """What is estimated."""
        return str(self.rows["estimand"].iloc[0])


def chosen(index: pa.Table, indicator: Indicator | None) -> Chosen | None:
    """Take the share out of the index that the plan names, or else the one that most studies have.

    Raises
    ------
    StudyError
        If the plan names one, and no result is it.
    """
    shares = _shares(index)
    if indicator:
        shares = shares[(shares["table"] == indicator.table) & _match(shares, indicator)]
        if shares.empty and index.num_rows:
            where = ", ".join(f"{name}: {word}" for name, word in indicator.where.items())
            why = f"indicator: no result is a share in the table {indicator.table} with {{{where}}}"
            raise StudyError(Problem(why, fix="look for one in index.parquet, column table"))
    if shares.empty:
        return None
    ((confidence, _),) = Counter(shares["confidence"].tolist()).most_common(1)
    shares = shares[shares["confidence"] == confidence].drop_duplicates([*OF, *WHICH])
    known = shares.assign(study=shares["study"].where(shares["status"] == "ok"))
    of = known.groupby(WHICH, sort=False)["study"].agg(["nunique", "count"])
    best = of.sort_values(["nunique", "count"], ascending=False, kind="stable").index[0]
    is_it = (shares[WHICH] == list(best)).all(axis=1)
    table, strata, _ = best
    return Chosen(
        shares[is_it].reset_index(drop=True), str(table), json.loads(strata), confidence
    )  # fmt: skip


def _shares(index: pa.Table) -> pd.DataFrame:
    """Give the rows that are shares of something counted, known or not."""
    every: pd.DataFrame = index.to_pandas()
    rows = every[every["column"] == "estimate"]
    is_share: pd.Series[bool] = rows["scale"] == "share"
    is_ratio = rows["status"].ne("ok") | (rows["numerator"].notna() & rows["denominator"].gt(0))
    return rows[is_share & is_ratio]


def _match(rows: pd.DataFrame, indicator: Indicator) -> pd.Series[bool]:
    def fits(strata: str, estimand: str) -> bool:
        told: dict[str, Any] = {**json.loads(strata), "estimand": estimand}
        return all(told.get(name) == word for name, word in indicator.where.items())

    found = [fits(*each) for each in zip(rows["strata"], rows["estimand"], strict=True)]
    return pd.Series(found, index=rows.index, dtype="bool")


def named(rows: pd.DataFrame) -> pd.Series[str]:
    """Name each service, and its folder where two are called the same."""
    folders = rows.groupby("service")["study"].transform("nunique")
    return rows["service"].where(folders == 1, rows["service"] + " (" + rows["study"] + ")")


def over_periods(of: Chosen) -> Result:
    """Give the share of each service in each period."""
    columns = ["estimand", "numerator", "denominator", "estimate", "low", "high", "status", "basis"]
    table = of.rows[columns].assign(
        service=named(of.rows),
        start=pd.to_datetime(of.rows["period_start"]),
        end=pd.to_datetime(of.rows["period_end"]),
    )
    shown = list(dict.fromkeys(table["service"]))[:MOST_PANELS]
    return Result.of(
        table[table["service"].isin(shown)].reset_index(drop=True),
        service=stratum("Service"),
        start=Role("date", of="start"),
        end=Role("date", of="end"),
        estimate=estimated_share(of.estimand),
    )


EACH = "each in its own period, the longest"


def funnel(of: Chosen) -> tuple[str, Funnel] | None:
    """Compare the services in the period that most of them have, or else each in its longest.

    Returns
    -------
    tuple
        The period in words, and the funnel; None where there are not two services to compare.
    """
    known = of.rows[(of.rows["status"] == "ok") & (of.rows["denominator"] > 0)]
    if known["study"].nunique() < 2:
        return None
    spans = known["period_start"] + " to " + known["period_end"]
    sizes = spans.value_counts(sort=False)
    words = str(sizes.idxmax())
    here = known[spans == words]
    if sizes.max() == 1:
        days = pd.to_datetime(known["period_end"]) - pd.to_datetime(known["period_start"])
        here, words = known.loc[days.groupby(known["study"], sort=False).idxmax()], EACH
    points = pd.DataFrame(
        {
            "service": named(here).to_numpy(),
            "answered": here["denominator"].astype("int64").to_numpy(),
            "high": here["numerator"].astype("int64").to_numpy(),
            "basis": here["basis"].to_numpy(),
        }
    )
    return words, beside(points, "cases", of.estimand)
