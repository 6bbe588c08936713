"""The house style: one look, safe for colour-blind readers and for print, and repeatable."""

from __future__ import annotations

import html
import io
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import matplotlib as mpl
import seaborn as sns
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from lmm.showing.plots import svg
from lmm.showing.plots.letters import FONT, SIZE, SMALL, TITLE, lines_in, wrapped
from lmm.study.problems import visible

INK, GREY, PALE = "#222222", "#6b6b6b", "#d9d9d9"
BLUE, ORANGE, GREEN, RED = "#0072B2", "#D55E00", "#009E73", "#B2182B"
"""From the palette of Okabe and Ito, which readers with colour blindness tell apart."""

PALE_BLUE, PALE_ORANGE = "#D3E6F1", "#F8DFCC"
"""Of bands about a line."""

DASHES = (0, (4, 2))

RUST = "#A64B00"
"""Orange in which words are legible on white."""

WIDTH = 7.2
"""Of every figure, in inches: that of the text."""

POINTS = 72 * WIDTH - 10
"""The room for a line across the figure, in points."""

SETTINGS = {
    **sns.axes_style("ticks"),
    "font.family": FONT,
    "font.size": SIZE,
    "axes.titlesize": SIZE,
    "axes.titlelocation": "left",
    "axes.titleweight": "bold",
    "axes.labelcolor": INK,
    "axes.labelsize": SMALL,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "legend.fontsize": SMALL,
    "legend.frameon": False,
    "text.color": INK,
    "xtick.labelsize": SMALL,
    "ytick.labelsize": SMALL,
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


LONGEST = 250
"""Letters of an alternative text, which is heard and cannot be skimmed."""


@dataclass(frozen=True)
class Picture:
    """A drawn figure and the words that go with it.

    Attributes
    ----------
    finding
        What the figure shows, in a sentence; it is drawn at the top.
    caption
        What is drawn: axis, unit, number, basis and what marks mean. A page shows it below.
    """

    figure: Figure
    finding: str
    caption: str = ""

    def __post_init__(self) -> None:
        with house_style():
            _head(self.figure, visible(self.finding))

    @property
    def alt(self) -> str:
        """What stands for the figure where it cannot be seen; the rest is in its table."""
        return shortened(f"{self.finding} {self.caption}".strip())

    def svg(self, mark: str, alt: str) -> str:
        """Write the figure as SVG: the same bytes for the same data, with its alt text."""
        buffer = io.BytesIO()
        with house_style():
            _stamp(self.figure, mark)
            metadata = {"Date": None, "Creator": None, "Title": alt, "Description": mark or None}
            FigureCanvasSVG(self.figure).print_svg(buffer, metadata=metadata)  # in one pass
        drawn = svg.in_hundredths(buffer.getvalue().decode("utf-8"))
        lines = svg.stable_ids(drawn).split("\n")
        text = "\n".join(visible(line) for line in lines)  # a label may hold what XML may not
        start = text.index("<svg ")
        label = html.escape(visible(alt), quote=True)
        return f'<svg role="img" aria-label="{label}" {text[start + 5 :]}'

    def save_png(self, path: Path, mark: str, alt: str) -> None:
        """Write the figure as PNG, for places that take no SVG."""
        with house_style():
            _stamp(self.figure, mark)
            metadata = {"Title": alt, "Description": mark, "Software": "matplotlib"}
            self.figure.dpi = 160
            FigureCanvasAgg(self.figure).print_png(path, metadata=metadata)


def shortened(text: str) -> str:
    """Cut a text at the end of a sentence or of a part of a list, and say so."""
    if len(text) <= LONGEST:
        return text
    start = text[: LONGEST - 2]
    ends = [found.end() for found in re.finditer(r"[.;](?= )", start)]
    return f"{start[: ends[-1]] if ends else start[: start.rfind(' ')]} …"


# --- what stands above and below the panels ----------------------------------------------------


def _head(figure: Figure, finding: str) -> None:
    """Write the finding at the top, the key below it, and make room for both."""
    title = wrapped(finding, POINTS, TITLE, "bold")
    key = figure.legends[0].get_window_extent().height / figure.dpi if figure.legends else 0.0
    above = 0.12 + lines_in(title) * 1.25 * TITLE / 72
    body = figure.get_figheight()
    height = body + above + key
    figure.set_figheight(height)
    edge = 0.06 / WIDTH
    figure.text(
        edge, 1 - 0.06 / height, title,
        va="top", fontsize=TITLE, weight="bold", linespacing=1.25,
    )  # fmt: skip
    for legend in figure.legends:
        legend.set_loc("upper left")
        legend.set_bbox_to_anchor((edge, 1 - above / height), figure.transFigure)
    engine = figure.get_layout_engine()
    if isinstance(engine, ConstrainedLayoutEngine):
        engine.set(rect=(0, 0, 1, body / height))
        return
    for axes in figure.axes:  # placed by hand
        left, bottom, width, tall = axes.get_position().bounds
        axes.set_position((left, bottom * body / height, width, tall * body / height))


def _stamp(figure: Figure, mark: str) -> None:
    """Write the synthetic mark at the foot of the figure."""
    if mark:
        figure.supxlabel(mark, x=0.06 / WIDTH, ha="left", fontsize=SMALL, color=GREY)
