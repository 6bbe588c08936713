"""What a notebook shows: marked tables and figures, kept as files while a run collects them."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Sequence

from IPython.display import display

from lmm.analysis.result import Result
from lmm.cleaning.save import save_table
from lmm.counting.counts import Counts
from lmm.counting.declared import measures_of
from lmm.disclosure.profiles import in_words
from lmm.showing.html import TEMPLATES
from lmm.showing.labels import BASIS, mark
from lmm.showing.plots.style import Picture
from lmm.showing.plots.wording import worded
from lmm.showing.tables import readable, stored, suppressed_in_words
from lmm.study.counted import MEASURES
from lmm.study.problems import visible

RELEASED = {"lmm": "released"}
"""Marks what came through the page, in the notebook's metadata."""

NOTHING = "There is nothing to show."


class Page:
    """The face of one notebook: every result is shown and kept through it.

    Results are made from released counts, so that there is nothing left to protect. A result is
    rounded here, once. Figures are drawn from results that have been shown, by name, so that no
    figure can hold what its table does not, nor a digit more.
    """

    def __init__(self, counts: Counts) -> None:
        self.counts = counts
        self._results: dict[str, Result] = {}

    def open(self) -> None:
        """Show what the records are, the period, and what results can rest on."""
        study, chosen = self.counts.study, self.counts.parameters
        lines = [
            f"{study.service}, {chosen.period_start} to {chosen.period_end}. "
            f"Intervals are {100 * chosen.confidence:.4g}% ones. "
            f"The period is split at {chosen.event_date} ({study.event.name})."
        ]
        if mark(study):
            lines.insert(0, f"{mark(study)}.")
        if study.is_synthetic:
            lines.append(
                f"Each result says what it rests on. Published: {BASIS['published']}. "
                f"Assumed: {BASIS['assumed']}. To find a published figure again confirms "
                "this pipeline and says nothing about the service."
            )
        if study.is_protected:
            lines.append(
                f"{in_words(study)} Counts of courses are exact. Rounded counts need not add up, "
                "and shares, rates and ratings are made from them."
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
            declared = paragraph == self.counts.study.nearly_met.definition
            if self.counts.study.is_protected and re.search(r"\d", paragraph) and not declared:
                raise ValueError("numbers are released in tables only, where they are protected")
        self._say(*paragraphs)

    def _say(self, *words: str) -> None:
        paragraphs = [visible(paragraph) for paragraph in words]
        shown = TEMPLATES.get_template("note.html.j2").render(paragraphs=paragraphs)
        self._display({"text/html": shown, "text/plain": "\n".join(paragraphs)})

    def _display(self, shown: dict[str, str], **metadata: dict[str, str]) -> None:
        display(shown, raw=True, metadata={**RELEASED, **metadata})

    def keep(self, result: Result, name: str) -> None:
        """Keep a result that is only drawn."""
        self._results[_checked(name)] = result.with_table(stored(result.table))

    def table(
        self,
        result: Result,
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
        if not (result.why_not or result.columns("basis")):
            raise ValueError(f"{name}: the result does not say what it rests on")
        self.keep(result, name)
        kept, study = self._results[name], self.counts.study
        if kept.table.empty:
            self._say(f"{title}. {kept.why_not or NOTHING}")
            return
        if study.is_staged:
            whole = kept if kept.columns("status") else suppressed_in_words(kept)
            save_table(whole.table, study.outputs / "tables" / f"{name}.csv", study)
        chosen = kept.table
        if columns:
            chosen = chosen[[*columns, kept.column("basis")]]
        if first and len(chosen) > first:
            title = f"{title} (the first {first} rows of {len(chosen)})"
            chosen = chosen.head(first)
        shown = readable(self._worded(kept.with_table(chosen)), percent=percent, spread=spread)
        caption = ". ".join(filter(None, (title, mark(study)))) + "."
        self._display({"text/html": shown.html(caption), "text/plain": shown.plain(caption)})

    def _worded(self, result: Result) -> Result:
        """Call what is counted as the study calls it."""
        study, table = self.counts.study, result.table
        words = {
            name: one.label for name, one in measures_of(study).items() if name not in MEASURES
        }
        words |= study.wording
        named = {name: table[name].replace(words) for name in result.columns("measure")}
        return result.with_table(table.assign(**named)) if words else result

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
        study = self.counts.study
        for word, value in words.items():
            if not isinstance(value, str | dt.date | tuple):
                raise TypeError(f"{word}: a figure takes results by name, and words besides")
        drawn = [self._results[each] for each in results or (_checked(name),)]
        why_not = next((each.why_not for each in drawn if each.why_not), "")
        if why_not or all(each.table.empty for each in drawn):
            self._say(f"No figure of {name.replace('_', ' ')}. {why_not or NOTHING}")
            return
        with worded({name: self.counts.label(name) for name in measures_of(study)}):
            picture = draw(*drawn, **words)
        alt = " ".join(filter(None, (picture.alt, mark(study) and f"{mark(study)}.")))
        svg = picture.svg(mark(study), alt)
        if study.is_staged:
            folder = study.outputs / "figures"
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"{name}.svg").write_text(svg, encoding="utf-8", newline="\n")
            picture.save_png(folder / f"{name}.png", mark(study), alt)
        self._display({"image/svg+xml": svg, "text/plain": alt}, **{"image/svg+xml": {"alt": alt}})


def _checked(name: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        raise ValueError(f"{name!r}: a result's name is lower-case words joined by _")
    return name
