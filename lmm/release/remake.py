"""Released counts -> the rest of each table: shares, rates, intervals and ratings.

Nothing here sees a count that is not released. A row is left as it is where it counts
courses; where a count of it is suppressed, its status says so and it has no value.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Mapping
from dataclasses import asdict
from typing import Any

import pandas as pd

from lmm.analysis import item_missing
from lmm.analysis.interrupted import EXACT
from lmm.analysis.targets import rate_value, verdict_of
from lmm.cleaning.records import Records
from lmm.statistics.estimate import Estimate
from lmm.statistics.rates import count, rate, rate_ratio, ratio_to_target
from lmm.statistics.shares import ShareInterval, proportion
from lmm.statistics.shares import bounds as worst_case

Row = Mapping[Hashable, Any]

ROUNDED = "made from the released counts"
ALIKE = "all or none: it says this of each of them; decide whether it may be released"
UNCLUSTERED = f"{ROUNDED}; ignores clustering"


def unchanged(frame: pd.DataFrame, records: Records) -> pd.DataFrame:
    """Leave the released counts as they are."""
    return frame


def sessions(frame: pd.DataFrame, records: Records) -> pd.DataFrame:
    """Leave out the hours, which are no counts."""
    return frame.drop(columns="hours", errors="ignore")  # which not every service keeps


def _estimated(
    frame: pd.DataFrame, make: Callable[[Row], Estimate | None], note: str = ROUNDED
) -> pd.DataFrame:
    """Make the estimate of each row again; None and counts that are not known suppress it."""
    rows: list[dict[Any, Any]] = []
    for row in frame.to_dict("records"):
        if row["open"]:
            rows.append(row)
            continue
        try:
            made = make(row)
        except ValueError:  # rounded apart: more of something than there are of all
            made = None
        estimate = _suppressed(row) if made is None else made.noted(note)
        rows.append({**row, **asdict(estimate)})
    return pd.DataFrame(rows, columns=frame.columns)


def _suppressed(row: Row) -> Estimate:
    none = {
        name: None if pd.isna(row[name]) else row[name] for name in ("numerator", "denominator")
    }
    why = "suppressed: a count behind it is too small, or would give one away"
    return Estimate.without_value(
        row["estimand"], none["numerator"], none["denominator"], "suppressed", row["basis"], why
    )


def _known(*numbers: object) -> bool:
    return not any(pd.isna(number) for number in numbers)  # type: ignore[call-overload]


def activity(frame: pd.DataFrame, records: Records) -> pd.DataFrame:
    """Make counts and rates a month."""

    def make(row: Row) -> Estimate | None:
        if not _known(row["numerator"]):
            return None
        n, level, basis = int(row["numerator"]), records.parameters.confidence, row["basis"]
        if row["status"] == "no_data" and n == 0:
            why = "the service was not open"
            return Estimate.without_value(row["estimand"], 0, None, "no_data", basis, why)
        if row.get("quantity") == "count":
            return count(row["estimand"], n, level, basis)
        return rate(row["estimand"], n, row["denominator"], level, basis)

    return _estimated(frame, make)


def months(frame: pd.DataFrame, records: Records) -> pd.DataFrame:
    """Mark the months whose count is suppressed."""
    hidden = frame["events"].isna() & (frame["status"] == "ok")
    return frame.assign(status=frame["status"].mask(hidden, "suppressed"))


def steps(frame: pd.DataFrame, records: Records) -> pd.DataFrame:
    """Give each measure the exact ratio of the two periods, and no model."""
    chosen = records.parameters
    event, day = pd.Timestamp(chosen.event_date), pd.Timedelta(days=1)
    after = records.months_open(event, pd.Timestamp(chosen.period_end))
    before = records.months_open(pd.Timestamp(chosen.period_start), event - day)

    def make(row: Row) -> Estimate | None:
        if not _known(row["numerator"], row["denominator"]):
            return None
        counts = int(row["numerator"]), after, int(row["denominator"]), before
        return rate_ratio(row["estimand"], *counts, chosen.confidence, row["basis"])

    first = frame[frame["open"] | ~frame.duplicated("measure")].copy()
    people = ~first["open"].astype(bool)
    estimand = first["estimand"].str.removesuffix(", given the model")
    exact = {"estimand": estimand, "model": EXACT, "term": "step"}
    words = {name: first[name].astype("object").mask(people, new) for name, new in exact.items()}
    return _estimated(first.assign(**words), make)


def people(frame: pd.DataFrame, records: Records) -> pd.DataFrame:
    """Give the places offered, which count no people."""
    places = frame["what"] == "places offered"
    if not places.any():
        return frame
    offered = int(records.tables["courses"]["places"].sum())
    return frame.assign(number=frame["number"].mask(places, offered))


def _share_of(part: pd.Series[Any], whole: pd.Series[Any] | float) -> pd.Series[float]:
    share = part.astype("float64") / whole
    return share.where(share <= 1)


def _whole(parts: pd.Series[Any]) -> float:
    """Add up parts; there is no whole where one of them is suppressed, or all are 0."""
    return float(parts.sum()) or math.nan if parts.notna().all() else math.nan


def composition(frame: pd.DataFrame, records: Records) -> pd.DataFrame:
    """Give the shares, where every part is shown."""
    shares = {
        f"{name}_share": _share_of(frame[name], _whole(frame[name]))
        for name in ("people", "attendances")
    }
    return frame.assign(**shares)


def flow(frame: pd.DataFrame, records: Records) -> pd.DataFrame:
    """Give each stage as a share of the families referred and of the stage before."""
    number = frame["families"].astype("float64").replace(0, math.nan)
    return frame.assign(
        share_of_referred=_share_of(frame["families"], number.iloc[0]),
        share_of_previous=_share_of(frame["families"], number.shift().fillna(number.iloc[0])),
    )


SEEN = "the share of the released counts: who was not followed for so long counts as not seen"


def seen_within(frame: pd.DataFrame, records: Records) -> pd.DataFrame:
    """Give the plain share of those seen by then: there is no curve of rounded counts."""
    first = frame.drop_duplicates(["population", "within_days"])
    return _estimated(first.assign(leaving="counted as not seen"), _share(records), SEEN)


def _share(records: Records, method: ShareInterval = "wilson") -> Callable[[Row], Estimate | None]:
    def make(row: Row) -> Estimate | None:
        if not _known(row["numerator"], row["denominator"]):
            return None
        counts = int(row["numerator"]), int(row["denominator"])
        level = records.parameters.confidence
        made = proportion(row["estimand"], *counts, level, row["basis"], method)
        return made.noted(ALIKE) if made.estimate in (0.0, 1.0) else made

    return make


def shares(frame: pd.DataFrame, records: Records) -> pd.DataFrame:
    """Give shares with Wilson's interval: the clustered one needs each course's counts."""
    return _estimated(frame, _share(records), UNCLUSTERED)


def table_1(frame: pd.DataFrame, records: Records) -> pd.DataFrame:
    """Give the shares where every level is shown, and leave out moments and quartiles."""
    moments = ["mean", "sd", "median", "lower_quartile", "upper_quartile"]
    levels = frame[frame["level"] != ""].drop(columns=moments)
    known = levels.groupby("characteristic", sort=False)["number"].transform(_whole)
    return levels.assign(share=_share_of(levels["number"], known.astype("float64")))


def reach(frame: pd.DataFrame, records: Records) -> pd.DataFrame:
    """Give the shares of the levels compared, and what they are compared with."""
    compared = frame["status"] != "not_estimable"
    counts = frame["numerator"].where(compared)
    whole = counts[compared].groupby(frame["characteristic"]).transform(_whole)
    made = _estimated(frame.assign(denominator=whole.reindex(frame.index)), _compared(records))
    return made.assign(
        share_less_reference=made["estimate"] - made["reference_share"],
        ratio_to_reference=made["estimate"] / made["reference_share"].replace(0, math.nan),
    )


def _compared(records: Records) -> Callable[[Row], Estimate | None]:
    share = _share(records)

    def make(row: Row) -> Estimate | None:
        if row["status"] == "not_estimable" and _known(row["numerator"]):
            why = "outside the reference population: counted and not compared"
            n = row["numerator"]
            basis = row["basis"]
            return Estimate.without_value(row["estimand"], n, None, "not_estimable", basis, why)
        return share(row)

    return make


def gaps(frame: pd.DataFrame, records: Records) -> pd.DataFrame:
    """Give the share of the rows in which a cell is not recorded."""
    whole = frame["rows"].astype("float64").replace(0, math.nan)
    return frame.assign(share=_share_of(frame["missing"], whole))


def items(frame: pd.DataFrame, records: Records) -> pd.DataFrame:
    """Give each answer as a share of those who answered."""
    whole = frame["answered"].astype("float64").replace(0, math.nan)
    return frame.assign(share=_share_of(frame["number"], whole))


def item_gaps(frame: pd.DataFrame, records: Records) -> pd.DataFrame:
    """Give the available case and the bounds; the complete case is no sum of released counts."""
    available = frame[frame["approach"] == item_missing.AVAILABLE]
    answered = dict(zip(available["item"], available["denominator"], strict=True))

    def make(row: Row) -> Estimate | None:
        if row["approach"] == item_missing.AVAILABLE:
            return _share(records)(row)
        counts = row["numerator"], answered[row["item"]], row["denominator"]
        if row["approach"] != item_missing.WORST or not _known(*counts):
            return None
        return _bounded(row, *(int(n) for n in counts))

    return _estimated(frame, make, UNCLUSTERED)


def _bounded(row: Row, high: int, answered: int, everyone: int) -> Estimate | None:
    if not high <= answered <= everyone:
        return None
    return worst_case(row["estimand"], high, answered, everyone, row["basis"])


def intervals(frame: pd.DataFrame, records: Records) -> pd.DataFrame:
    """Give the intervals that follow from two counts."""
    methods: dict[str, ShareInterval] = {
        "Wilson": "wilson",
        "Clopper-Pearson": "clopper-pearson",
    }

    def make(row: Row) -> Estimate | None:
        method = methods.get(row["interval"])
        return _share(records, method)(row) if method else None

    return _estimated(frame, make, UNCLUSTERED)


def bounds(frame: pd.DataFrame, records: Records) -> pd.DataFrame:
    """Give the share of those who answered, and its bounds over everyone who came."""
    answered = frame.loc[frame["over"] == "those who answered", "denominator"].iloc[0]

    def make(row: Row) -> Estimate | None:
        if row["over"] == "those who answered":
            return _share(records)(row)
        counts = row["numerator"], answered, row["denominator"]
        return _bounded(row, *(int(n) for n in counts)) if _known(*counts) else None

    return _estimated(frame, make, UNCLUSTERED)


def achieved(frame: pd.DataFrame, records: Records) -> pd.DataFrame:
    """Rate each target by the released counts."""
    return _rated(frame, records, frame)


def exposure(frame: pd.DataFrame, records: Records) -> pd.DataFrame:
    """Rate each target by the released counts, unadjusted and adjusted."""
    keys = ["indicator", "contract_year"]
    wanted = records.targets.rename(columns={"target": "full_year_target"})
    columns = [*keys, "full_year_target", "red_below", "green_from"]
    return _rated(frame, records, frame[keys].merge(wanted[columns], on=keys, how="left"))


def _rated(frame: pd.DataFrame, records: Records, targets: pd.DataFrame) -> pd.DataFrame:
    level = records.parameters.confidence

    def make(row: Row) -> Estimate | None:
        if row["indicator"] == "satisfaction":
            return _share(records)(row)
        if row["status"] == "no_data":
            why = "the service was not open, or keeps no records of this"
            return Estimate.without_value(row["estimand"], None, None, "no_data", row["basis"], why)
        if not _known(row["numerator"]):
            return None
        full = row["full_year_target"]
        target: float | None = None if pd.isna(full) else float(full) * row["months_open"] / 12
        n = int(row["numerator"])
        return ratio_to_target(row["estimand"], n, target, level, row["basis"])

    rules = targets[["full_year_target", "red_below", "green_from"]].set_index(frame.index)
    full = frame.assign(**{str(name): rules[name] for name in rules})
    made = _estimated(full, make)
    rated = []
    for row in made.to_dict("records"):
        value, high = (None if pd.isna(row[name]) else row[name] for name in ("estimate", "high"))
        rag = rate_value(value, row["red_below"], row["green_from"])
        reached = row["full_year_target"] if row["indicator"] == "satisfaction" else 1.0
        rated.append((rag, verdict_of(high, rag, reached, records.study.nearly_met.rule)))
    found = pd.DataFrame(rated, columns=["rag", "verdict"], index=made.index)
    return made.assign(rag=found["rag"], verdict=found["verdict"])[list(frame.columns)]
