"""The published figures against the computed ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

import pandas as pd

from lmm.analysis import descriptive, satisfaction, targets
from lmm.analysis.measures import TABLES, activity_events
from lmm.cleaning.records import Records
from lmm.statistics.rounding import fixed, in_percent
from lmm.study.tables import INDICATORS as TABLE_OF

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


COUNTED_FROM: dict[str, tuple[str, ...]] = {
    **{indicator: (table,) for indicator, table in TABLE_OF.items()},
    "targets": ("targets",),
    "period": TABLES,
    "continuity": ("consultations", "family_contacts"),
}
"""The tables of which one is needed to compute a published figure."""


def _is_kept(records: Records, figure: str) -> bool:
    """Whether the service keeps records of what a published figure says."""
    tables = COUNTED_FROM.get(figure, ("published_figures",))
    return any(records.study.keeps(table) for table in tables)


ROUNDED = "the released count is rounded"


def protected(
    records: Records, compared: pd.DataFrame, released: Callable[[str], pd.DataFrame]
) -> pd.DataFrame:
    """Compare published figures with the released tables alone.

    Parameters
    ----------
    compared
        As `compare` gives it; of it, only the names of the figures and their words are used.
    released
        Gives a released table by name.
    """
    rows = []
    for row in compared.to_dict("records"):
        figure = row["figure"]
        if figure in EXACT or not _is_kept(records, figure):
            rows.append(row)
            continue
        found = _from_released(figure, released)
        note = "; ".join(filter(None, (ROUNDED, row["note"])))
        rows.append({**row, "computed": found, "status": "not comparable", "note": note})
    return pd.DataFrame(rows, columns=compared.columns)


EXACT = ("courses", "period")
"""Figures that count no people: courses and months."""


def _from_released(figure: str, released: Callable[[str], pd.DataFrame]) -> str:
    if figure not in FROM_RELEASED:
        return "not released"
    result, read = FROM_RELEASED[figure]
    table = released(result)
    return "not released" if table.empty else read(table)


def _whole(measure: str) -> Callable[[pd.DataFrame], str]:
    def found(table: pd.DataFrame) -> str:
        rows = table[(table["measure"] == measure) & (table["stratum"] == "whole period")]
        return _shown(rows["numerator"])

    return found


def _shown(numbers: pd.Series[float]) -> str:
    return "suppressed" if numbers.empty or pd.isna(numbers.iloc[0]) else fixed(numbers.iloc[0])


def _released_staff(table: pd.DataFrame) -> str:
    return _shown(table.loc[table["held_against_published"] == "yes", "number"])


def _released_share(table: pd.DataFrame) -> str:
    first = table.iloc[0]
    return in_percent(first["estimate"]) if first["status"] == "ok" else str(first["status"])


def _released_targets(table: pd.DataFrame) -> str:
    return f"all met or nearly met: {table['targets'].iloc[-1]}"


FROM_RELEASED: dict[str, tuple[str, Callable[[pd.DataFrame], str]]] = {
    "staff": ("people_and_attendances", _released_staff),
    "satisfaction": ("satisfaction_by_group", _released_share),
    "consultations": ("activity_by_year", _whole("consultations")),
    "families": ("activity_by_year", _whole("families")),
    "targets": ("target_verdicts", _released_targets),
}
"""The released table that shows a figure, and how it is read from there."""


def _compared(records: Records, row: pd.Series[str]) -> dict[str, str]:
    figure = str(row["figure"])
    kept = _is_kept(records, figure)
    if not kept:
        computed = "no records are kept"
    else:
        known = figure in COMPUTED
        computed = COMPUTED[figure](records, row) if known else "no computation is known"
    same = " ".join(computed.split()) == " ".join(str(row["printed"]).split())
    status: Status = "reproduced" if same else "differs"
    note = "" if pd.isna(row["note"]) else str(row["note"])
    if not kept:
        status = "not comparable"
    elif obstacle := _obstacle(records, figure):
        status, note = "not comparable", obstacle
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
    places = satisfaction.decimals(row.to_dict())
    return in_percent(int(share["numerator"]) / int(share["denominator"]), places)


def _targets(records: Records, row: pd.Series[str]) -> str:
    met = targets.all_met(targets.achievement(records)["verdict"].tolist())
    return "met or nearly met" if met == "yes" else f"all met or nearly met: {met}"


def _period(records: Records, row: pd.Series[str]) -> str:
    dates = activity_events(records)["date"]
    if dates.empty:
        return "no activity"
    return f"{dates.min():%B %Y} - {dates.max():%B %Y}"


MEANS = {"online": "online", "telephone": "to the telephone"}
"""Labels of mode that mean from afar, and how the published figure words them."""


def _obstacle(records: Records, figure: str) -> str:
    """Say why a computed figure means something else than the published one."""
    lacking = [repr(label) for label in MEANS if label not in records.study.labels("mode")]
    if figure == "continuity" and lacking:
        return f"the labels of mode in study.yaml have no {' and no '.join(lacking)}"
    return "" if records.covers(figure) else "the period analysed is not the published window"


def _continuity(records: Records, row: pd.Series[str]) -> str:
    """Say whether sessions went on in every month from the event, and by which means."""
    sessions = pd.concat([records.consultations_held, records.sessions_attended])[["date", "mode"]]
    after = sessions[sessions["date"] >= pd.Timestamp(records.parameters.event_date)]
    months = records.calendar["month"]
    expected = months[months > pd.Timestamp(records.parameters.event_date)]
    found = after["date"].dt.to_period("M").dt.to_timestamp()
    opened = len(expected) > 0 and expected.isin(found).all()
    moved = [words for mode, words in MEANS.items() if (after["mode"] == mode).any()]
    remote = after["mode"].isin(list(MEANS)).mean() > 0.5 if len(after) else False
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
