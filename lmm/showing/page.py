"""What a notebook shows: marked tables and figures, kept as files while a run collects them."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Sequence
from functools import cached_property

import pandas as pd
from IPython.display import display

from lmm.analysis import measures
from lmm.analysis.result import Result
from lmm.cleaning.records import Records
from lmm.cleaning.save import save_table
from lmm.release.gate import WORDS, Gate
from lmm.showing.from_names import result_of
from lmm.showing.html import TEMPLATES
from lmm.showing.labels import BASIS, mark
from lmm.showing.plots.style import Picture, worded
from lmm.showing.tables import readable, stored, suppressed_in_words
from lmm.study.problems import visible

RELEASED = {"lmm": "released"}
"""Marks what came through the page, in the notebook's metadata."""

NOTHING = "There is nothing to show."


class Page:
    """The face of one notebook: every result is protected, shown and kept through it.

    A result is rounded here, once, after it has been protected. Figures are drawn from results
    that have been shown, by name, so that no figure can hold what its table does not, nor a
    digit more.
    """

    def __init__(self, records: Records) -> None:
        self.records = records
        self._released: dict[str, Result] = {}

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
                f"{WORDS[str(study.disclosure)]} Counts of courses are exact. Rounded counts need "
                "not add up, and shares, rates and ratings are made from them."
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
        shown = TEMPLATES.get_template("note.html.j2").render(paragraphs=paragraphs)
        self._display({"text/html": shown, "text/plain": "\n".join(paragraphs)})

    def _display(self, shown: dict[str, str], **metadata: dict[str, str]) -> None:
        display(shown, raw=True, metadata={**RELEASED, **metadata})

    def keep(self, result: Result | pd.DataFrame, name: str) -> None:
        """Protect a result that is only drawn."""
        self._released[_checked(name)] = self._protected(result, name)

    def _protected(self, result: Result | pd.DataFrame, name: str) -> Result:
        if isinstance(result, Result) and result.why_not:
            return result
        computed = result.table if isinstance(result, Result) else result
        released = self.gate.release(name, computed)
        if released.table is None:
            return Result.absent(released.why_not)
        table = stored(released.table)
        if isinstance(result, Result):
            return result.with_table(table)
        return result_of(table, released.counts)

    def table(
        self,
        result: Result | pd.DataFrame,
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
        if not _says_its_basis(result):
            raise ValueError(f"{name}: the result does not say what it rests on")
        self.keep(result, name)
        released, study = self._released[name], self.records.study
        if released.table.empty:
            self._say(f"{title}. {released.why_not or NOTHING}")
            return
        if study.is_staged:
            whole = released if released.columns("status") else suppressed_in_words(released)
            save_table(whole.table, study.outputs / "tables" / f"{name}.csv", study)
        chosen = released.table
        if columns:
            chosen = chosen[[*columns, released.column("basis")]]
        if first and len(chosen) > first:
            title = f"{title} (the first {first} rows of {len(chosen)})"
            chosen = chosen.head(first)
        shown = readable(self._worded(released.with_table(chosen)), percent=percent, spread=spread)
        caption = ". ".join(filter(None, (title, mark(study)))) + "."
        self._display({"text/html": shown.html(caption), "text/plain": shown.plain(caption)})

    def _worded(self, result: Result) -> Result:
        """Call what is counted as the study calls it."""
        table, own = result.table, dict(self.records.study.wording)
        named = {name: table[name].replace(own) for name in result.columns("measure")}
        return result.with_table(table.assign(**named)) if own else result

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
        why_not = next((each.why_not for each in released if each.why_not), "")
        if why_not or all(each.table.empty for each in released):
            self._say(f"No figure of {name.replace('_', ' ')}. {why_not or NOTHING}")
            return
        with worded(measures.words(self.records)):
            picture = draw(*(each.table for each in released), **words)
        alt = " ".join(filter(None, (picture.alt, mark(study) and f"{mark(study)}.")))
        svg = picture.svg(mark(study), alt)
        if study.is_staged:
            folder = study.outputs / "figures"
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"{name}.svg").write_text(svg, encoding="utf-8", newline="\n")
            picture.save_png(folder / f"{name}.png", mark(study), alt)
        self._display({"image/svg+xml": svg, "text/plain": alt}, **{"image/svg+xml": {"alt": alt}})


def _says_its_basis(result: Result | pd.DataFrame) -> bool:
    if isinstance(result, Result):
        return bool(result.why_not or result.columns("basis"))
    return "basis" in result


def _checked(name: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        raise ValueError(f"{name!r}: a result's name is lower-case words joined by _")
    return name
