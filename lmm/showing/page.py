"""What a notebook shows: marked tables and figures, kept as files while a run collects them."""

from __future__ import annotations

import datetime as dt
import html
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property

import pandas as pd
from IPython.display import display

from lmm.analysis import measures
from lmm.cleaning.records import Records
from lmm.cleaning.save import save_table
from lmm.release.gate import SUPPRESSED, WORDS, Gate, Released
from lmm.showing.labels import BASIS, mark
from lmm.showing.plots.style import Picture, worded
from lmm.showing.tables import readable, stored
from lmm.study.problems import visible

RELEASED = {"lmm": "released"}
"""Marks what came through the page, in the notebook's metadata."""


class Page:
    """The face of one notebook: every result is protected, shown and kept through it.

    A result is rounded here, once, after it has been protected. Figures are drawn from results
    that have been shown, by name, so that no figure can hold what its table does not, nor a
    digit more.
    """

    def __init__(self, records: Records) -> None:
        self.records = records
        self._released: dict[str, Released] = {}

    @cached_property
    def gate(self) -> Gate:
        """What decides on the release of each result."""
        return Gate(self.records)

    def open(self) -> None:
        """Show what the records are, the period, and what results can rest on."""
        study, chosen = self.records.study, self.records.parameters
        lines = [
            f"{study.service}, {chosen.period_start} to {chosen.period_end}. "
            f"Intervals are {100 * chosen.confidence:.4g}% ones. "
            f"The period is split at {chosen.event_date} ({study.event.name})."
        ]
        if study.is_synthetic:
            lines.insert(0, f"{mark(study)}.")
            lines.append(
                f"Each result says what it rests on. Published: {BASIS['published']}. "
                f"Assumed: {BASIS['assumed']}. To find a published figure again confirms "
                "this pipeline and says nothing about the service."
            )
        if not self.gate.is_open:
            lines.append(
                f"{WORDS[study.disclosure]} Counts of courses are exact. Rounded counts need not "
                "add up, and shares, rates and ratings are made from them."
            )
        self._say(*lines)

    def text(self, *paragraphs: str) -> None:
        """Show words that come from the study.

        Raises
        ------
        ValueError
            If results are protected and a paragraph holds a number that may not be the study's.
        """
        for paragraph in paragraphs:
            declared = paragraph == self.records.study.nearly_met.definition
            if not self.gate.is_open and re.search(r"\d", paragraph) and not declared:
                raise ValueError("numbers are released in tables only, where they are protected")
        self._say(*paragraphs)

    def _say(self, *words: str) -> None:
        paragraphs = [visible(paragraph) for paragraph in words]
        shown = "".join(f"<p>{html.escape(paragraph)}</p>" for paragraph in paragraphs)
        plain = "\n".join(paragraphs)
        self._display(
            {
                "text/html": f'<div role="note" class="mathjax_ignore">{shown}</div>',
                "text/plain": plain,
            }
        )

    def _display(self, shown: dict[str, str], **metadata: dict[str, str]) -> None:
        display(shown, raw=True, metadata={**RELEASED, **metadata})

    def keep(self, result: pd.DataFrame, name: str) -> None:
        """Protect a result that is only drawn."""
        released = self.gate.release(name, result)
        table = None if released.table is None else stored(released.table)
        self._released[_checked(name)] = replace(released, table=table)

    def table(
        self,
        result: pd.DataFrame,
        name: str,
        title: str,
        *,
        percent: bool = False,
        spread: str = "",
        first: int | None = None,
        columns: Sequence[str] = (),
    ) -> None:
        """Show a result as a table, and keep it whole as ``outputs/tables/<name>.csv``.

        Parameters
        ----------
        percent, spread
            How estimates are shown; see `lmm.showing.tables.readable`.
        first
            Show no more than this many rows, and say so.
        columns
            Show only these columns, and what the result rests on.

        Raises
        ------
        ValueError
            If the result does not say what it rests on.
        """
        if "basis" not in result:
            raise ValueError(f"{name}: the result does not say what it rests on")
        self.keep(result, name)
        released, study = self._released[name], self.records.study
        if released.table is None:
            self._say(f"{title}. {released.why_not}")
            return
        table = released.table
        if table.empty:
            self._say(f"{title}. There is nothing to show.")
            return
        if study.is_staged:
            path = study.outputs / "tables" / f"{name}.csv"
            save_table(_worded(table, released.counts), path, study)
        chosen = table[[*columns, "basis"]] if columns else table
        shown = readable(
            self._worded(chosen.head(first) if first else chosen),
            percent=percent,
            spread=spread,
            counts=released.counts,
        )
        if first and len(table) > first:
            title = f"{title} (the first {first} rows of {len(table)})"
        caption = ". ".join(filter(None, (title, mark(study)))) + "."
        self._display({"text/html": shown.html(caption), "text/plain": shown.plain(caption)})

    def _worded(self, table: pd.DataFrame) -> pd.DataFrame:
        """Call what is counted as the study calls it."""
        own = dict(self.records.study.wording)
        named = [name for name in ("measure", "indicator") if name in table]
        return table.assign(**{name: table[name].replace(own) for name in named}) if own else table

    def figure(
        self,
        draw: Callable[..., Picture],
        name: str,
        *results: str,
        **words: str | dt.date | Sequence[str],
    ) -> None:
        """Draw released results as a figure, and keep it as SVG and PNG in ``outputs/figures``.

        Parameters
        ----------
        name
            What the figure is called.
        results
            Results that have been shown or kept; by default the one of the figure's name.
        words
            Passed on to ``draw``: labels, which are words and dates and no results.
        """
        study = self.records.study
        for word, value in words.items():
            if not isinstance(value, str | dt.date | tuple):
                raise TypeError(f"{word}: a figure takes results by name, and words besides")
        released = [self._released[each] for each in results or (_checked(name),)]
        tables = [each.table for each in released if each.table is not None]
        bare = all(table.empty for table in tables)
        if bare or len(tables) < len(released):
            why = next(
                (each.why_not for each in released if each.why_not), "There is nothing to show."
            )
            self._say(f"No figure of {name.replace('_', ' ')}. {why}")
            return
        with worded(measures.words(self.records)):
            picture = draw(*tables, **words)
        alt = " ".join(filter(None, (picture.alt, mark(study) and f"{mark(study)}.")))
        svg = picture.svg(mark(study), alt)
        if study.is_staged:
            folder = study.outputs / "figures"
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"{name}.svg").write_text(svg, encoding="utf-8", newline="\n")
            picture.save_png(folder / f"{name}.png", mark(study), alt)
        self._display({"image/svg+xml": svg, "text/plain": alt}, **{"image/svg+xml": {"alt": alt}})


def _worded(table: pd.DataFrame, counts: Sequence[str]) -> pd.DataFrame:
    """Say in the cells of counts that they are suppressed; an estimate has a status for it."""
    if "status" in table:
        return table
    words = {
        name: table[name].astype("str").mask(table[name].isna(), SUPPRESSED) for name in counts
    }
    return table.assign(**words)


def _checked(name: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        raise ValueError(f"{name!r}: a result's name is lower-case words joined by _")
    return name
