"""The house style: one look, safe for colour-blind readers and for print, and repeatable."""

from __future__ import annotations

import datetime as dt
import hashlib
import html
import io
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import matplotlib as mpl
import matplotlib.dates as mdates
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lmm.statistics.rounding import fixed, half_up
from lmm.study.problems import visible

INK, GREY, PALE = "#222222", "#6b6b6b", "#d9d9d9"
BLUE, ORANGE, GREEN, RED = "#0072B2", "#D55E00", "#009E73", "#B2182B"
"""From the palette of Okabe and Ito, which readers with colour blindness tell apart."""

RATING = {"green": "#A6DBC9", "amber": "#F6C667", "red": "#E58A8A", "not rated": "#EDEDED"}
"""Backgrounds on which dark words stay legible; the word always stands beside the colour."""

WIDTH = 7.2
"""Of every figure, in inches: that of the text."""

SETTINGS = {
    **sns.axes_style("ticks"),
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "axes.titlesize": 10,
    "axes.titlelocation": "left",
    "axes.titleweight": "bold",
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "text.color": INK,
    "legend.frameon": False,
    "svg.fonttype": "none",
    "text.parse_math": False,  # a label from the records is text, whatever it looks like
    "svg.hashsalt": "lmm",
    "figure.dpi": 72,
    "figure.constrained_layout.use": True,
}


@contextmanager
def house_style() -> Iterator[None]:
    """Draw within the house style, whatever the reader's own matplotlib settings.

    A letter that the font lacks is drawn as a box, and no warning lands in a notebook.
    """
    with mpl.rc_context(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing from font")
        mpl.rcdefaults()
        mpl.rcParams.update(SETTINGS)
        yield


@dataclass(frozen=True)
class Picture:
    """A drawn figure and the words that stand for it."""

    figure: Figure
    alt: str
    caption: str = ""

    def svg(self, mark: str, alt: str) -> str:
        """Write the figure as SVG: the same bytes for the same data, with its alt text."""
        buffer = io.BytesIO()
        with house_style():
            _stamp(self.figure, mark)
            metadata = {"Date": None, "Creator": None, "Title": alt, "Description": mark or None}
            self.figure.savefig(buffer, format="svg", metadata=metadata)
        drawn = in_hundredths(buffer.getvalue().decode("utf-8"))
        lines = _stable_ids(drawn).split("\n")
        text = "\n".join(visible(line) for line in lines)  # a label may hold what XML may not
        start = text.index("<svg ")
        label = html.escape(visible(alt), quote=True)
        return f'<svg role="img" aria-label="{label}" {text[start + 5 :]}'

    def save_png(self, path: Path, mark: str, alt: str) -> None:
        """Write the figure as PNG, for places that take no SVG."""
        with house_style():
            _stamp(self.figure, mark)
            metadata = {"Title": alt, "Description": mark, "Software": "matplotlib"}
            self.figure.savefig(path, format="png", dpi=160, metadata=metadata)


COORDINATES = ("d", "height", "transform", "width", "x", "y")
"""Attributes of matplotlib's SVG that hold coordinates."""

TAG = re.compile(r"<[a-z][^<>]*>")
HELD = re.compile(rf'(?<= )(?:{"|".join(COORDINATES)})="[^"]*"')
_LONG = re.compile(r"-?\d+\.\d{3,}")


def in_hundredths(svg: str) -> str:
    """Round the coordinates of an SVG to 0.01 px, finer than can be seen."""

    def shorter(number: re.Match[str]) -> str:
        return f"{half_up(Decimal(number[0]), 2).normalize():f}"

    def in_tag(tag: re.Match[str]) -> str:
        return HELD.sub(lambda held: _LONG.sub(shorter, held[0]), tag[0])

    return TAG.sub(in_tag, svg)


def _stable_ids(svg: str) -> str:
    """Name clip paths and markers by what is drawn and by their order.

    matplotlib names them by a hash of coordinates at full precision, whose last digits differ
    between processors. Names differ between figures, because a page may hold several.
    """
    found = dict.fromkeys(re.findall(r'id="([pm][0-9a-f]{10})"', svg))
    numbers = {name: str(n) for n, name in enumerate(found, 1)}
    names = re.compile("|".join(numbers) or "(?!)")
    drawn = names.sub(lambda match: numbers[match[0]], svg)
    figure = hashlib.sha256(drawn.encode("utf-8")).hexdigest()[:8]
    return names.sub(lambda match: f"i{figure}-{numbers[match[0]]}", svg)


def _stamp(figure: Figure, mark: str) -> None:
    """Write the synthetic mark at the foot of the figure."""
    if mark:
        figure.supxlabel(mark, x=0.01, ha="left", fontsize=7.5, color=GREY)


def new_figure(height: float = 3.6) -> tuple[Figure, Axes]:
    """Start a figure with one panel, as wide as the text; its height in inches."""
    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    return figure, figure.add_subplot()


def rows_of(table: pd.DataFrame) -> list[Any]:
    """List rows as named tuples: those of a result by the roles of its columns."""
    return list(table.itertuples(index=False))


def in_hundred(rows: pd.DataFrame) -> pd.DataFrame:
    """Give estimates that are shares, and their limits, in percent."""
    return rows.assign(**{name: rows[name] * 100 for name in ("estimate", "low", "high")})


def intervals(axes: Axes, labels: list[str], rows: pd.DataFrame, colour: str) -> None:
    """Draw one point and interval a row, first row on top; rows without a value say so."""
    for y, row in enumerate(rows_of(rows)):
        if row.status == "ok":
            axes.plot([row.low, row.high], [y, y], color=colour, lw=1.8, solid_capstyle="butt")
            axes.plot(row.estimate, y, "o", color=colour, ms=5)
        else:
            where = axes.get_yaxis_transform()
            text = str(row.status).replace("_", " ")
            axes.text(0.01, y, text, transform=where, va="center", fontsize=8, color=GREY)
    axes.set_yticks(range(len(labels)), labels)
    axes.set_ylim(len(labels) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)


def shade(axes: Axes, start: pd.Timestamp, end: pd.Timestamp, status: str) -> None:
    """Shade a span without a value: hatched where it is suppressed, full where there was none."""
    first, last = mdates.date2num(start), mdates.date2num(end)
    if status == "suppressed":
        axes.axvspan(first, last, facecolor="none", edgecolor=PALE, hatch="////", lw=0)
        axes.set_title("hatched: suppressed", loc="right", fontsize=8, color=GREY, weight="normal")
    else:
        axes.axvspan(first, last, color=PALE)


def number(count: Any) -> str:
    """Write a count, or say that it is suppressed."""
    return "suppressed" if pd.isna(count) else fixed(count)


def number_bars(axes: Axes, labels: list[str]) -> None:
    """Write a label at the end of each horizontal bar and make room for it."""
    for bar, label in zip(axes.patches, labels, strict=True):
        axes.annotate(
            label,
            (bar.get_width(), bar.get_y() + bar.get_height() / 2),  # type: ignore[attr-defined]
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
            fontsize=8,
        )
    axes.margins(x=0.18)


def mark_event(axes: Axes, event: dt.date, name: str) -> None:
    """Draw the line of the event and its name, if it is within the axis."""
    low, high = axes.get_xlim()
    day = mdates.date2num(event)
    if not low <= day <= high:
        return
    axes.axvline(day, color=GREY, ls="--", lw=1.4)
    axes.annotate(
        name, (day, 1), xycoords=("data", "axes fraction"), xytext=(-4, -1),
        textcoords="offset points", ha="right", va="top", fontsize=8, color=INK,
        bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.85, "pad": 1},
    )  # fmt: skip


def dates_below(axes: Axes) -> None:
    """Label an axis of dates."""
    locator = mdates.AutoDateLocator()
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(mdates.ConciseDateFormatter(locator))


def nothing_to_draw(why: str) -> Picture:
    """Say in place of a figure why there is none."""
    with house_style():
        figure, axes = new_figure(height=1.2)
        axes.axis("off")
        axes.text(0, 0.5, why, transform=axes.transAxes, color=GREY)
    return Picture(figure, why)
