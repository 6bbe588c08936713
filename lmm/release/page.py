"""What a notebook shows: marked tables and figures, kept as files while a run collects them."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
from IPython.display import display

from lmm.cleaning.records import Records
from lmm.cleaning.save import save_table
from lmm.release.labels import BASIS, mark
from lmm.release.plots.style import Picture
from lmm.release.tables import readable, stored


@dataclass(frozen=True)
class Page:
    """The face of one notebook: every result is shown, and kept, through it."""

    records: Records

    def open(self) -> None:
        """Show what the records are, the period, and what results can rest on."""
        study, chosen = self.records.study, self.records.parameters
        lines = [
            f"{study.service}, {chosen.period_start} to {chosen.period_end}. "
            f"Intervals are {chosen.confidence:.0%} ones. "
            f"The period is split at {chosen.event_date} ({study.event.name})."
        ]
        if study.is_synthetic:
            lines.insert(0, f"{mark(study)}.")
            lines.append(
                f"Each result says what it rests on. Published: {BASIS['published']}. "
                f"Assumed: {BASIS['assumed']}. To find a published figure again confirms "
                "this pipeline and says nothing about the service."
            )
        self.text(*lines)

    def text(self, *paragraphs: str) -> None:
        """Show words that come from the study."""
        shown = "".join(f"<p>{html.escape(paragraph)}</p>" for paragraph in paragraphs)
        plain = "\n".join(paragraphs)
        display({"text/html": f'<div role="note">{shown}</div>', "text/plain": plain}, raw=True)

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
            How estimates are shown; see `lmm.release.tables.readable`.
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
        study = self.records.study
        if study.is_staged:
            save_table(stored(result), study.outputs / "tables" / f"{_checked(name)}.csv", study)
        chosen = result[[*columns, "basis"]] if columns else result
        shown = readable(chosen.head(first) if first else chosen, percent=percent, spread=spread)
        if first and len(result) > first:
            title = f"{title} (the first {first} rows of {len(result)})"
        caption = ". ".join(filter(None, (title, mark(study)))) + "."
        display({"text/html": shown.html(caption), "text/plain": shown.plain(caption)}, raw=True)

    def figure(self, picture: Picture, name: str) -> None:
        """Show a figure with its alt text, and keep it as SVG and PNG in ``outputs/figures``."""
        study = self.records.study
        alt = " ".join(filter(None, (picture.alt, mark(study) and f"{mark(study)}.")))
        svg = picture.svg(mark(study), alt)
        if study.is_staged:
            folder = study.outputs / "figures"
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"{_checked(name)}.svg").write_text(svg, encoding="utf-8", newline="\n")
            picture.save_png(folder / f"{name}.png", mark(study), alt)
        display(
            {"image/svg+xml": svg, "text/plain": alt},
            raw=True,
            metadata={"image/svg+xml": {"alt": alt}},
        )


def _checked(name: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        raise ValueError(f"{name!r}: a result's name is lower-case words joined by _")
    return name
