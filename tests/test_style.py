"""Figures are the same bytes for the same data, and say what they are."""

from __future__ import annotations

import re

import pandas as pd

from lmm.showing.plots import Picture
from lmm.showing.plots.letters import together, width_of, wrapped
from lmm.showing.plots.panels import new_figure
from lmm.showing.plots.style import house_style, shortened
from lmm.showing.plots.svg import in_hundredths, stable_ids


def bars(*values: float) -> Picture:
    with house_style():
        figure, axes = new_figure()
        axes.barh(["a", "b"], pd.Series(values))
    return Picture(figure, "Two bars.", "Their lengths.")


def test_the_same_data_give_the_same_bytes_and_other_data_others() -> None:
    assert bars(1, 2).svg("MARK", "alt") == bars(1, 2).svg("MARK", "alt")
    assert bars(1, 2).svg("MARK", "alt") != bars(1, 3).svg("MARK", "alt")


def test_the_mark_is_in_the_picture_and_in_its_metadata() -> None:
    svg = bars(1, 2).svg("MARK", "alt")
    assert ">MARK</text>" in svg
    assert "<dc:description>MARK</dc:description>" in svg
    assert "MARK" not in bars(1, 2).svg("", "alt")


def test_the_alt_text_is_escaped() -> None:
    assert 'aria-label="a &quot;b&quot; &lt;c&gt;"' in bars(1, 2).svg("", 'a "b" <c>')


def test_identifiers_do_not_depend_on_the_last_digits_of_coordinates() -> None:
    one = '<clipPath id="p0123456789"/><path clip-path="url(#p0123456789)" d="M 1"/>'
    other = one.replace("p0123456789", "pabcdefabcd")
    assert stable_ids(one) == stable_ids(other)
    assert stable_ids(one) != stable_ids(one.replace("M 1", "M 2"))
    names = re.findall(r"i[0-9a-f]{8}-1", stable_ids(one))
    assert len(names) == 2
    assert not re.search(r'id="[pm][0-9a-f]{10}"', bars(1, 2).svg("", "alt"))


def test_coordinates_are_written_in_hundredths_and_words_as_they_are() -> None:
    svg = (
        '<g transform="translate(1.005 -0.0001) rotate(-90)">'
        '<path d="M 0.125 7\nL 3.14159 2.5\nL 99.9999 1200.0001"/>'
        '<text style="font-size: 1.2345" x="12.3449995" y="-1.5">a x="1.23456" b</text></g>'
        '<title>3.14159</title><!-- d="0.98765" -->'
    )
    assert in_hundredths(svg) == (
        '<g transform="translate(1.01 0) rotate(-90)">'
        '<path d="M 0.13 7\nL 3.14 2.5\nL 100 1200"/>'
        '<text style="font-size: 1.2345" x="12.34" y="-1.5">a x="1.23456" b</text></g>'
        '<title>3.14159</title><!-- d="0.98765" -->'
    )
    drawn = bars(1 / 3, 2 / 7).svg("MARK", "alt")
    assert not re.search(r' (?:[dxy]|transform|width|height)="[^"]*\d\.\d{3}', drawn)


# --- words -------------------------------------------------------------------------------------


def test_the_finding_is_drawn_and_the_caption_is_not() -> None:
    picture = bars(1, 2)
    drawn = [text.get_text() for text in picture.figure.texts]
    assert drawn == ["Two bars."]
    assert picture.alt == "Two bars. Their lengths."


def test_a_long_finding_makes_the_figure_taller_and_is_broken_into_lines() -> None:
    with house_style():
        figure, _ = new_figure(height=2)
    Picture(figure, "what was found " * 30, "")
    (title,) = figure.texts
    assert title.get_text().split() == ("what was found " * 30).split()
    assert title.get_text().count("\n") >= 5
    assert title.get_window_extent().width < figure.bbox.width
    assert figure.get_figheight() > 2 + 6 * 0.17


def test_an_alternative_text_ends_between_its_parts() -> None:
    assert shortened("A short one.") == "A short one."
    parts = shortened("; ".join(["some part of it"] * 30))
    assert parts.endswith("some part of it; …")
    assert 200 < len(parts) <= 250
    sentences = shortened(f"First. {'word ' * 100}")
    assert sentences == "First. …"
    assert shortened("word " * 100).endswith("word …")


def test_lines_are_broken_where_they_fit_and_words_are_not_lost() -> None:
    for room in (20.0, 60.0, 170.0):
        text = wrapped("consultation, support and guidance (n = 12)", room)
        assert text.replace("\n", " ").replace(" ", "") == "consultation,supportandguidance(n=12)"
        assert all(width_of(line) <= room for line in text.split("\n"))
    assert wrapped(f"a name {together('(n = 12)')}", 60.0) == "a name\n(n = 12)"
