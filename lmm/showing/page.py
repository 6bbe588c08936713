"""What a notebook shows: marked tables and figures, kept as files while a run collects them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from IPython.display import display

from lmm.analysis.result import Result
from lmm.cleaning.save import save_table
from lmm.counting.counts import Counts
from lmm.counting.declared import measures_of
from lmm.disclosure.profiles import protection
from lmm.showing.cited import Numeral, with_numerals
from lmm.showing.html import TEMPLATES
from lmm.showing.labels import BASIS, mark, parts_in_words
from lmm.showing.planned import Plan
from lmm.showing.plots.style import Picture
from lmm.showing.tables import TOLERANCES, readable, stored, suppressed_in_words
from lmm.showing.wording import called, ended, rests_on, titled, worded
from lmm.statistics.rounding import level_in_percent
from lmm.study.problems import visible

Answer = Callable[[Result], Sequence[str]]
"""Gives the sentences that answer the question of a section."""

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
        self._numbers: dict[str, int] = {}
        self._said_absent: set[str] = set()
        self._plan = Plan.of(counts)

    @property
    def results(self) -> Mapping[str, Result]:
        """What was shown and kept so far, by name, rounded as it is kept."""
        return dict(self._results)

    def open(self) -> None:
        """Show what the records are, the period, and what results can rest on."""
        study, chosen = self.counts.study, self.counts.parameters
        lines = [
            f"{study.service}, {chosen.period_start} to {chosen.period_end}. "
            f"Intervals are {level_in_percent(chosen.confidence)} ones. "
            f"The period is split at {chosen.event_date} ({study.event.name}). "
            f"{parts_in_words(study, chosen)}".strip()
        ]
        if mark(study):
            lines.insert(0, f"{mark(study)}.")
        if study.is_synthetic:
            lines.append(
                f"Each result says what it rests on. Published: {BASIS['published']}. "
                f"Assumed: {BASIS['assumed']}. To find a published figure again confirms "
                "this pipeline and says nothing about the service."
                if study.keeps("published_figures")
                else f"Each result says what it rests on. Assumed: {BASIS['assumed']}."
            )
        lines.append(protection(study))
        if study.is_protected:
            lines.append(
                "Counts of courses are exact. Shares, rates and ratings are made from the counts "
                "that are shown."
            )
        lines.extend(self._plan.said)
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

    def _say(self, *words: str, **what: Any) -> None:
        paragraphs = [visible(paragraph) for paragraph in words]
        shown = TEMPLATES.get_template("note.html.j2").render(paragraphs=paragraphs)
        text = {"text/html": shown, "text/plain": "\n".join(paragraphs)}
        self._display(text, {"is": "note", **what})

    def _display(
        self, shown: dict[str, str], what: Mapping[str, Any], **metadata: dict[str, str]
    ) -> None:
        """Display something; that it came through the page, and what it is, is kept beside it."""
        display(shown, raw=True, metadata={"lmm": what, **metadata})

    @contextmanager
    def _worded(self) -> Iterator[None]:
        labels = {n: visible(self.counts.label(n)) for n in measures_of(self.counts.study)}
        chosen = self.counts.parameters
        event = (chosen.event_date, visible(self.counts.study.event.name))
        starts = self.counts.study.contract_year_starts
        with worded(labels, chosen.confidence, event, starts):
            yield

    def keep(self, result: Result, name: str) -> None:
        """Keep a result that is only drawn, as ``outputs/tables/<name>.csv`` as well."""
        kept = result.with_table(stored(result.table))
        self._results[_checked(name)] = kept
        if self.counts.study.is_staged and not kept.table.empty:
            whole = kept if kept.columns("status") else suppressed_in_words(kept)
            folder = self.counts.study.outputs / "tables"
            save_table(whole.table, folder / f"{name}.csv", self.counts.study)
            if allowed := {
                each: role.tolerance for each, role in kept.roles.items() if role.tolerance
            }:
                text = json.dumps(allowed, indent=2) + "\n"
                (folder / f"{name}{TOLERANCES}").write_text(text, encoding="utf-8")

    def table(
        self,
        result: Result,
        name: str,
        answer: Answer | None = None,
        *,
        title: str = "",
        first_page: bool = False,
    ) -> None:
        """Show a result as a numbered table below the answer that it gives, and keep it whole.

        Parameters
        ----------
        name
            What the result is called here and in ``outputs/tables/<name>.csv``.
        answer
            Gives the sentences that the result amounts to; see `lmm.showing.answers`.
        title
            By default that of its analysis, or its name in words.
        first_page
            Whether the first of these sentences is a finding of the first page.

        Raises
        ------
        ValueError
            If the result does not say what it rests on.
        """
        if not (result.why_not or result.columns("basis")):
            raise ValueError(f"{name}: the result does not say what it rests on")
        self.keep(result, name)
        kept = self._results[name]
        title = title or kept.title or titled(name)
        planned = self._plan.label("table", name, title=title, first_page=first_page)
        if kept.table.empty:
            words = " ".join((ended(title), kept.why_not or NOTHING, planned.words)).strip()
            self._say(words, **planned.kept)
            self._said_absent.add(name)
            return
        number, place = self._next("Table"), f"table-{name.replace('_', '-')}"
        if answer is not None:
            with self._worded():
                said = with_numerals(answer, kept)
            what = {"of": name, "rests_on": planned.after(rests_on(kept)), "first_page": first_page}
            what["numbers"] = [[_named(each) for each in numerals] for _, numerals in said]
            self._answer([sentence for sentence, _ in said], number, place, what)
        caption = f"{number}. {ended(title)}"
        if mark(self.counts.study):
            caption += f" {mark(self.counts.study)}."
        with self._worded():
            measures = {each: kept.table[each].map(called) for each in kept.columns("measure")}
            shown = readable(kept.with_table(kept.table.assign(**measures)))
        shown = replace(shown, common=" ".join(filter(None, (shown.common, planned.words))))
        self._display(
            {"text/html": shown.html(caption, name=place), "text/plain": shown.plain(caption)},
            {
                "is": "table",
                "name": name,
                "number": number,
                "title": title,
                "long": shown.is_long,
                "from": _made_from(kept),
                **planned.kept,
            },
        )

    def _answer(
        self, sentences: list[str], number: str, place: str, what: Mapping[str, Any]
    ) -> None:
        shown = TEMPLATES.get_template("answer.html.j2").render(
            sentences=sentences, number=number, place=place, rests_on=what["rests_on"]
        )
        text = {"text/html": shown, "text/plain": "\n".join(sentences)}
        self._display(text, {"is": "answer", **what})

    def _next(self, kind: str) -> str:
        """Give the next number of a table or figure of this page."""
        self._numbers[kind] = self._numbers.get(kind, 0) + 1
        return f"{kind} {self._numbers[kind]}"

    def figure(
        self,
        draw: Callable[..., Picture],
        name: str,
        *results: str,
        first_page: bool = False,
        folded: bool = False,
        **words: str | Sequence[str],
    ) -> None:
        """Draw released results as a numbered figure; keep it in ``outputs/figures``.

        Parameters
        ----------
        name
            What the figure is called there; it is kept as SVG and PNG.
        results
            Results that have been shown or kept; by default the one of the figure's name.
        first_page
            Whether it is one of the figures of the first page.
        folded
            Whether a reader has to ask for it, because another says what matters.
        words
            Passed on to ``draw``: labels, which are words and no results.
        """
        study = self.counts.study
        for word, value in words.items():
            if not isinstance(value, str | tuple):
                raise TypeError(f"{word}: a figure takes results by name, and words besides")
        of = results or (_checked(name),)
        planned = self._plan.label("figure", name, of, first_page=first_page)
        drawn = [self._results[each] for each in of]
        why_not = next((each.why_not for each in drawn if each.why_not), "")
        if why_not or all(each.table.empty for each in drawn):
            if not self._said_absent.issuperset(of):  # its table has said it
                said = f"No figure of {name.replace('_', ' ')}. {why_not or NOTHING}"
                self._say(f"{said} {planned.words}".strip(), **planned.kept)
            return
        with self._worded():
            picture = draw(*drawn, **words)
        alt = " ".join(filter(None, (picture.alt, mark(study) and f"{mark(study)}.")))
        svg = picture.svg(mark(study), alt)
        if study.is_staged:
            folder = study.outputs / "figures"
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"{name}.svg").write_text(svg, encoding="utf-8", newline="\n")
            if first_page:  # the summary, as a Word file, takes no SVG
                picture.save_png(folder / f"{name}.png", mark(study), alt)
        what = {
            "is": "figure",
            "name": name,
            "number": self._next("Figure"),
            "of": list(of),
            "from": {each: _made_from(result) for each, result in zip(of, drawn, strict=True)},
            "drawn_by": f"{draw.__module__}.{draw.__qualname__}",
            "caption": f"{picture.caption} {planned.words}".strip(),
            "first_page": first_page,
            "folded": folded,
            **planned.kept,
        }
        shown = {"image/svg+xml": svg, "text/plain": alt}
        self._display(shown, what, **{"image/svg+xml": {"alt": alt}})


def _named(numeral: Numeral) -> dict[str, Any]:
    """Say where a number stands in its sentence, and which cells of the kept table it is from."""
    return {"at": [numeral.begins, numeral.ends], "cells": list(numeral.named)}


def _made_from(result: Result) -> dict[str, Any]:
    """Say which function made a result, with what, from which counts, and where it names them."""
    if result.source is None:
        return {}
    return {
        "function": result.source.function,
        "given": result.source.given,
        "counts": [[measure, *names] for measure, names in result.source.counts],
        "measure": next(iter(result.columns("measure")), ""),
    }


def _checked(name: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        raise ValueError(f"{name!r}: a result's name is lower-case words joined by _")
    return name
