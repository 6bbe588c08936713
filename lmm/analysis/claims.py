"""The published figures against the computed ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from lmm.analysis import targets
from lmm.analysis.activity import HELD
from lmm.analysis.analysis import analysis
from lmm.analysis.by_time import shown_by
from lmm.analysis.rating import all_met
from lmm.analysis.released import NOT_RELEASED, clustered_share
from lmm.analysis.result import Result
from lmm.analysis.roles import stratum, words
from lmm.analysis.satisfaction import decimals
from lmm.counting.counts import Counts
from lmm.counting.declared import measures_of
from lmm.statistics.rounding import in_percent

Status = Literal["reproduced", "differs", "not comparable"]

ROUNDED = "the released count is rounded"


@analysis("published_figures", title="Published and computed")
def compare(counts: Counts, figures: Sequence[str] = ()) -> Result:
    """Compare published figures with what the counts give.

    Parameters
    ----------
    figures
        Which ones; by default all that are published.

    Returns
    -------
    Result
        ``figure, meaning, printed, computed, status, basis, note, source``. A figure is ``not
        comparable`` if its window is not the period analysed, if the service keeps no records
        of it, and if the counts behind it are rounded.
    """
    published = counts.published_figures
    chosen = published[published["figure"].isin(figures)] if figures else published
    rows = [_compared(counts, row) for _, row in chosen.iterrows()]
    columns = ["figure", "meaning", "printed", "computed", "status", "basis", "note", "source"]
    return Result.of(
        pd.DataFrame(rows, columns=columns),
        figure=stratum(),
        meaning=words(),
        printed=words(of="printed"),
        computed=words(of="computed"),
        status=words(of="status"),
        source=words("Source", once=True),
    )


@dataclass(frozen=True)
class Computed:
    """What the counts give for a figure, as text in the form in which it was printed.

    Attributes
    ----------
    obstacle
        Why it means something else than the published one, if it does.
    """

    text: str
    is_kept: bool = True
    is_exact: bool = True
    obstacle: str = ""


NOT_KEPT = Computed("no records are kept", is_kept=False)


def _compared(counts: Counts, row: pd.Series[str]) -> dict[str, str]:
    figure = str(row["figure"])
    found = _computed(counts, row)
    same = " ".join(found.text.split()) == " ".join(str(row["printed"]).split())
    status: Status = "reproduced" if same else "differs"
    note = "" if pd.isna(row["note"]) else str(row["note"])
    obstacle = found.obstacle
    if not counts.covers(figure):
        obstacle = obstacle or "the period analysed is not the published window"
    if found.is_kept and obstacle:
        note = obstacle
    if found.is_kept and not found.is_exact:
        note = "; ".join(filter(None, (ROUNDED, note)))
    if obstacle or not (found.is_kept and found.is_exact):
        status = "not comparable"
    return {
        "figure": figure,
        "meaning": str(row["meaning"]),
        "printed": str(row["printed"]),
        "computed": found.text,
        "status": status,
        "basis": counts.basis(figure),
        "note": note,
        "source": "" if pd.isna(row["source"]) else str(row["source"]),
    }


def _computed(counts: Counts, row: pd.Series[str]) -> Computed:
    figure = str(row["figure"])
    if figure in IN_WORDS:
        return IN_WORDS[figure](counts)
    measure = HELD[counts.study.staff_trained_counts] if figure == "staff" else figure
    if measure not in measures_of(counts.study):
        return Computed("no computation is known")
    if measure not in counts.declared:
        return NOT_KEPT
    if not counts.has(measure):
        return Computed("no computation is known")
    is_share = counts.declared[measure].kind == "share"
    text = _percent(counts, measure, row) if is_share else _number(counts, measure)
    return Computed(text, is_exact=counts.is_exact(measure))


# --- figures that are numbers ----------------------------------------------------------------


def _number(counts: Counts, measure: str) -> str:
    n = counts.n(measure)
    return "suppressed" if n is None else str(n)


def _percent(counts: Counts, measure: str, row: pd.Series[str]) -> str:
    share = clustered_share(counts, measure, counts.label(measure), counts.basis())
    if share.status != "ok" or share.numerator is None or not share.denominator:
        return share.status.replace("_", " ")
    return in_percent(share.numerator / share.denominator, decimals(row.to_dict()))


# --- figures that are words ------------------------------------------------------------------


def _targets(counts: Counts) -> Computed:
    if not counts.study.keeps("targets"):
        return NOT_KEPT
    achieved = targets.achievement(counts).table
    met = all_met(achieved["verdict"].tolist())
    counted = [name for name in achieved["indicator"] if name in counts.declared]
    text = "met or nearly met" if met == "yes" else f"all met or nearly met: {met}"
    return Computed(text, is_exact=all(counts.is_exact(name) for name in counted))


def _period(counts: Counts) -> Computed:
    """Give the first and the last month with activity, if what is shown tells which they are."""
    measures = shown_by(counts, "month")
    if not measures:
        return NOT_KEPT
    months = pd.concat([counts.by(name, "month") for name in measures])
    active = months.loc[(months["n"] > 0).fillna(value=False), "month"]
    perhaps = months.loc[(months["n"] > 0).fillna(value=True), "month"]
    if perhaps.empty:
        return Computed("no activity")
    if active.empty or (active.min(), active.max()) != (perhaps.min(), perhaps.max()):
        return Computed("suppressed", is_exact=False)
    return Computed(f"{active.min():%B %Y} - {active.max():%B %Y}")


MEANS = {"online": "online", "telephone": "to the telephone"}
"""Labels of mode that mean from afar, and how the published figure words them."""

SESSIONS = ("consultations", "contacts_attended")


def _continuity(counts: Counts) -> Computed:
    """Say whether sessions went on in every month from the event, and by which means."""
    kept = [name for name in SESSIONS if counts.has(name, "day", "mode")]
    if not kept:
        return NOT_KEPT
    lacking = [repr(label) for label in MEANS if label not in counts.study.labels("mode")]
    none = f"the labels of mode in study.yaml have no {' and no '.join(lacking)}"
    obstacle = none if lacking else ""
    if any(counts.hides(name, "day", "mode") for name in kept):
        return Computed("not released", obstacle=obstacle or NOT_RELEASED)
    sessions = pd.concat([counts.by(name, "day", "mode") for name in kept])
    event = pd.Timestamp(counts.parameters.event_date)
    after = sessions[sessions["day"] >= event]
    months = counts.calendar["month"]
    expected = months[months > event]
    found = after["day"].dt.to_period("M").dt.to_timestamp()
    opened = len(expected) > 0 and expected.isin(found).all()
    text = f"{'stayed open' if opened else 'did not stay open'}, {_moved(after)}"
    return Computed(text, obstacle=obstacle)


def _moved(sessions: pd.DataFrame) -> str:
    """Say by which means from afar most sessions were held, if most were."""
    remote = sessions.loc[sessions["mode"].isin(list(MEANS)), "n"].sum()
    if 2 * remote <= sessions["n"].sum():
        return "did not move"
    moved = [words for mode, words in MEANS.items() if (sessions["mode"] == mode).any()]
    return "moved " + " and ".join(moved)


IN_WORDS: dict[str, Callable[[Counts], Computed]] = {
    "targets": _targets,
    "period": _period,
    "continuity": _continuity,
}
"""How each published figure in words is computed; another is the number or share of a measure."""
