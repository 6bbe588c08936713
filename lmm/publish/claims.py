"""The published figures against the computed ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

import pandas as pd

from lmm.analysis import descriptive, satisfaction, targets
from lmm.analysis.measures import activity_events
from lmm.cleaning.records import Records

Status = Literal["reproduced", "differs", "not comparable"]


def compare(records: Records, figures: Sequence[str] = ()) -> pd.DataFrame:
    """Compare published figures with what the records give.

    Parameters
    ----------
    figures
        Which ones; by default all that are published.

    Returns
    -------
    DataFrame
        ``figure, meaning, printed, computed, status, basis, note``. A figure whose window
        is not the period analysed is ``not comparable``.
    """
    published = records.published_figures
    chosen = published[published["figure"].isin(figures)] if figures else published
    rows = [_compared(records, row) for _, row in chosen.iterrows()]
    columns = ["figure", "meaning", "printed", "computed", "status", "basis", "note"]
    return pd.DataFrame(rows, columns=columns)


def _compared(records: Records, row: pd.Series[str]) -> dict[str, str]:
    figure = str(row["figure"])
    computed = COMPUTED[figure](records, row) if figure in COMPUTED else "no computation is known"
    same = " ".join(computed.split()) == " ".join(str(row["printed"]).split())
    status: Status = "reproduced" if same else "differs"
    note = "" if pd.isna(row["note"]) else str(row["note"])
    if not records.covers(figure):
        status = "not comparable"
        note = "the period analysed is not the published window"
    return {
        "figure": figure,
        "meaning": str(row["meaning"]),
        "printed": str(row["printed"]),
        "computed": computed,
        "status": status,
        "basis": records.basis(figure),
        "note": note,
    }


def _number(measure: str) -> Callable[[Records, pd.Series[str]], str]:
    def computed(records: Records, row: pd.Series[str]) -> str:
        return str(int((activity_events(records)["measure"] == measure).sum()))

    return computed


def _staff(records: Records, row: pd.Series[str]) -> str:
    reach = descriptive.training_reach(records)
    return str(reach.loc[reach["held_against_published"] == "yes", "number"].iloc[0])


def _satisfaction(records: Records, row: pd.Series[str]) -> str:
    share = satisfaction.high_satisfaction(records).iloc[0]
    if share["status"] != "ok":
        return str(share["status"]).replace("_", " ")
    percent = Decimal(100 * int(share["numerator"])) / Decimal(int(share["denominator"]))
    places = Decimal(1).scaleb(-int(row["decimals"]))
    return f"{percent.quantize(places, ROUND_HALF_UP)}%"


def _targets(records: Records, row: pd.Series[str]) -> str:
    met = targets.all_met(targets.achievement(records)["verdict"].tolist())
    return "met or nearly met" if met == "yes" else f"all met or nearly met: {met}"


def _period(records: Records, row: pd.Series[str]) -> str:
    dates = activity_events(records)["date"]
    if dates.empty:
        return "no activity"
    return f"{dates.min():%B %Y} - {dates.max():%B %Y}"


def _continuity(records: Records, row: pd.Series[str]) -> str:
    """Say whether sessions went on in every month from the event, and by which means."""
    sessions = pd.concat([records.consultations, records.sessions_attended])[["date", "mode"]]
    after = sessions[sessions["date"] >= pd.Timestamp(records.parameters.event_date)]
    months = records.calendar["month"]
    expected = months[months > pd.Timestamp(records.parameters.event_date)]
    found = after["date"].dt.to_period("M").dt.to_timestamp()
    opened = len(expected) > 0 and expected.isin(found).all()
    means = {"online": "online", "telephone": "to the telephone"}
    moved = [words for mode, words in means.items() if (after["mode"] == mode).any()]
    remote = after["mode"].isin(list(means)).mean() > 0.5 if len(after) else False
    went = "moved " + " and ".join(moved) if moved and remote else "did not move"
    return f"{'stayed open' if opened else 'did not stay open'}, {went}"


COMPUTED: dict[str, Callable[[Records, pd.Series[str]], str]] = {
    "courses": _number("courses"),
    "staff": _staff,
    "satisfaction": _satisfaction,
    "consultations": _number("consultations"),
    "families": _number("families"),
    "targets": _targets,
    "period": _period,
    "continuity": _continuity,
}
"""How each published figure is computed, as text in the form in which it was printed."""
