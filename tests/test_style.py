"""Figures are the same bytes for the same data, and say what they are."""

from __future__ import annotations

import re

import pandas as pd

from lmm.showing.plots import Picture
from lmm.showing.plots.style import (
    _stable_ids,
    house_style,
    in_hundredths,
    new_figure,
    number_bars,
)


def bars(*values: float) -> Picture:
    with house_style():
        figure, axes = new_figure()
        axes.barh(["a", "b"], pd.Series(values))
        number_bars(axes, [str(value) for value in values])
    return Picture(figure, "Two bars.")


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
    assert _stable_ids(one) == _stable_ids(other)
    assert _stable_ids(one) != _stable_ids(one.replace("M 1", "M 2"))
    names = re.findall(r"i[0-9a-f]{8}-1", _stable_ids(one))
    assert len(names) == 2
    assert not re.search(r'id="[pm][0-9a-f]{10}"', bars(1, 2).svg("", "alt"))


def test_coordinates_are_written_in_hundredths_and_words_as_they_are() -> None:
    svg = (
        '<g transform="translate(1.005 -0.0001) rotate(-90)"><path d="M 0.125 7\nL 3.14159 2.5"/>'
        '<text style="font-size: 1.2345" x="12.3449995" y="-1.5">a x="1.23456" b</text></g>'
        '<title>3.14159</title><!-- d="0.98765" -->'
    )
    assert in_hundredths(svg) == (
        '<g transform="translate(1.01 0) rotate(-90)"><path d="M 0.13 7\nL 3.14 2.5"/>'
        '<text style="font-size: 1.2345" x="12.34" y="-1.5">a x="1.23456" b</text></g>'
        '<title>3.14159</title><!-- d="0.98765" -->'
    )
    drawn = bars(1 / 3, 2 / 7).svg("MARK", "alt")
    assert not re.search(r' (?:[dxy]|transform|width|height)="[^"]*\d\.\d{3}', drawn)
