"""The page of a sweep: small multiples, a funnel over services, and a link to each report."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from lmm.publish.site import write_first
from lmm.showing import plots
from lmm.showing.labels import SYNTHETIC
from lmm.showing.plots import Picture
from lmm.showing.wording import worded
from lmm.study.problems import counted, visible
from lmm.study.study import Study
from lmm.sweep.index import report_of
from lmm.sweep.items import Item
from lmm.sweep.plan import Indicator
from lmm.sweep.shown import MOST_PANELS, Chosen, chosen, funnel, over_periods

TITLE = "All results"


@dataclass(frozen=True)
class Drawn:
    """A figure of the page under its heading, and what is to be said of it."""

    place: str
    heading: str
    remark: str
    svg: str = ""
    alt: str = ""
    caption: str = ""


@dataclass(frozen=True)
class Row:
    """A row of a table, and where its first cell leads to, if anywhere."""

    cells: tuple[str, ...]
    href: str = ""


@dataclass(frozen=True)
class Listed:
    """A table of the page."""

    place: str
    heading: str
    caption: str
    columns: tuple[str, ...]
    rows: Sequence[Row]


@dataclass(frozen=True)
class Shown:
    """What the page shows."""

    said: str
    pictures: Sequence[Drawn]
    tables: Sequence[Listed]


def write_page(
    index: pa.Table,
    indicator: Indicator | None,
    items: Sequence[Item],
    failed: Mapping[str, str],
    studies: Mapping[str, Study],
    to: Path,
) -> None:
    """Write the first page of a sweep, and the documents that its reports refer to.

    Parameters
    ----------
    failed
        Why there is no result, by the name of the item.
    studies
        By their folder as seen from the plan.
    """
    mark = _mark(studies.values())
    made = len(items) - len(failed)
    said = f"{len(studies)} {'study' if len(studies) == 1 else 'studies'}, "
    said += f"{counted(len(items), 'item')}: {made} made, {len(failed)} failed."
    tables = [_items(items, failed), *[_failures(items, failed)] * bool(failed)]
    shown = Shown(said, list(_pictures(chosen(index, indicator), mark)), tables)
    write_first(TITLE, mark, "sweep.html.j2", to, sweep=shown)


def _mark(studies: Iterable[Study]) -> str:
    """Mark what is synthetic; where it is some of it, each report has its own mark."""
    synthetic = [study.is_synthetic for study in studies]
    if not any(synthetic):
        return ""
    return SYNTHETIC if all(synthetic) else f"Some of it is from {SYNTHETIC}"


# --- figures ---------------------------------------------------------------------------------


def _pictures(of: Chosen | None, mark: str) -> Iterator[Drawn]:
    if of is None:
        yield Drawn("services", "By service and period", "No item has a share that can be shown.")
        return
    strata = ", ".join(f"{name.replace('_', ' ')} {word}" for name, word in of.strata.items())
    of_what = f"Table {of.table.replace('_', ' ')}{': ' * bool(strata)}{strata}."
    with worded({}, of.confidence):
        more = of.rows["study"].nunique() - MOST_PANELS
        left_out = f" {counted(more, 'service')} more are in the index." if more > 0 else ""
        picture = plots.services(over_periods(of))
        yield _drawn("services", "By service and period", picture, mark, of_what + left_out)
        if (compared := funnel(of)) is None:
            yield Drawn("funnel", "Services compared", "There are not two services to compare.")
            return
        span, (points, limits) = compared
        picture = plots.funnel(points, limits)
        yield _drawn("funnel", "Services compared", picture, mark, f"{of_what} Period: {span}.")


def _drawn(place: str, heading: str, picture: Picture, mark: str, remark: str) -> Drawn:
    alt = " ".join(filter(None, (picture.alt, mark and f"{mark}.")))
    return Drawn(place, heading, remark, picture.svg(mark, alt), alt, picture.caption)


# --- tables ----------------------------------------------------------------------------------

COLUMNS = ("Notebook", "Service", "Study", "Period", "Second phase from", "Confidence", "State")


def _items(items: Sequence[Item], failed: Mapping[str, str]) -> Listed:
    rows = []
    for item in items:
        state = "failed" if item.id in failed else "made"
        rows.append(Row((*_words(item), state), "" if item.id in failed else report_of(item)))
    return Listed("items", "Items", "Each item, and its report", COLUMNS, rows)


def _failures(items: Sequence[Item], failed: Mapping[str, str]) -> Listed:
    rows = [Row((*_words(item), visible(failed[item.id]))) for item in items if item.id in failed]
    columns = (*COLUMNS[:-1], "Why")
    return Listed("failed", "What failed", "Each item that failed, and why", columns, rows)


def _words(item: Item) -> tuple[str, ...]:
    of = item.parameters
    span = f"{of['period_start']} to {of['period_end']}"
    known = (item.notebook, item.service, item.study, span, of["event_date"], of["confidence"])
    return tuple(visible(str(word)) for word in known)
