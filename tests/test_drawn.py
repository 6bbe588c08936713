"""What a figure says is what it draws: cut-offs, the event, whole words for what has no value."""

from __future__ import annotations

from gates import counts_of

from lmm.analysis import silence, targets
from lmm.showing import plots
from lmm.showing.plots import Picture

OWN = counts_of("none")


def texts(picture: Picture) -> list[str]:
    """List what is written in the panels of a figure, beside its axes and at their ticks."""
    return [
        text.get_text()
        for axes in picture.figure.axes
        for text in (*axes.texts, *axes.get_xticklabels(), *axes.get_yticklabels())
    ]


# --- cut-offs --------------------------------------------------------------------------------


def test_cut_offs_of_shares_are_written_as_they_are_declared() -> None:
    found = targets.achievement(OWN)
    own = found.where(found.table["indicator"] == "satisfaction")
    own = own.with_table(own.table.assign(red_below=0.875, green_from=0.925))
    for draw in (plots.achieved, plots.rating_matrix):
        said = " ".join(texts(draw(own))).replace("\n", " ")
        assert "red below 87.5%, green from 92.5%" in said
    whole = own.with_table(own.table.assign(red_below=0.85, green_from=0.9))
    assert "red below 85%, green from 90%" in " ".join(texts(plots.achieved(whole)))


def test_the_cut_offs_that_silence_tips_are_written_as_they_are_declared() -> None:
    found = silence.tipping_points(OWN)
    moved = found.with_table(found.table.replace({"cut_off": {0.85: 0.875, 0.95: 0.9275}}))
    assert {"red below\n87.5%", "green from\n92.75%"} <= set(texts(plots.tipping(moved)))
