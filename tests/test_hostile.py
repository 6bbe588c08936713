"""Text from the records that would do harm is shown as the text that it is."""

from __future__ import annotations

import os
import re
import stat
import warnings
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure

from lmm.analysis.result import Result
from lmm.analysis.roles import count, stratum
from lmm.cleaning.dictionary import data_dictionary
from lmm.cleaning.load import read_clean
from lmm.cleaning.records import Records
from lmm.cleaning.save import _guarded, save_table, unguarded
from lmm.counting.count import count as count_all
from lmm.showing.page import Page
from lmm.showing.plots.rows import intervals
from lmm.showing.plots.style import Picture, house_style
from lmm.showing.tables import readable, stored
from lmm.study.parameters import Parameters
from lmm.study.study import RecordsKind, read_study

STUDY = read_study(Path(__file__).resolve().parents[1])

SCRIPT = "<script>alert(1)</script>"
IMAGE = '<img src=x onerror="alert(1)">'
LATEX = r"$\frac{x$ and $$\input{secrets}$$ \(x\)"
MARKDOWN = "[click](javascript:alert(1)) **x** `y`"
TERMINAL = "\x1b[2J\x1b]0;title\x07red\r\n\u202eltr"
FORMULAS = [
    "=1+1",
    "+1+cmd|' /C calc'!A0",
    "-2+3+cmd",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "＝1+1",
    "＠SUM(A1)",
]


def shown(text: str) -> tuple[str, str]:
    found = pd.DataFrame({"what": [text], "n": [1], "basis": ["assumed"]})
    table = readable(Result.of(found, what=stratum(), n=count()))
    return table.html(text), table.plain(text)


@pytest.mark.parametrize("text", [SCRIPT, IMAGE])
def test_markup_is_no_markup_in_a_table(text: str) -> None:
    page, _ = shown(text)
    assert "<script" not in page
    assert "<img" not in page
    assert page.count("alert(1)") == 2


def test_latex_is_not_typeset() -> None:
    page, _ = shown(LATEX)
    assert re.match('<table [^>]*class="[^"]*mathjax_ignore', page)


def test_markdown_stays_text() -> None:
    page, _ = shown(MARKDOWN)
    assert "<a" not in page
    assert "[click](javascript:alert(1)) **x** `y`" in page


def test_terminal_sequences_do_nothing() -> None:
    for text in shown(TERMINAL):
        assert not set(text) & set("\x1b\x07\r\u202e")
        assert "red" in text


def test_words_of_a_stored_table_steer_nothing() -> None:
    table = stored(pd.DataFrame({"what": [TERMINAL, None], "n": [1, 2]}))
    assert not set(table["what"].iloc[0]) & set(TERMINAL) & set("\x1b\x07\r\n\u202e")
    assert table["n"].tolist() == [1, 2]


def test_a_letter_that_the_font_lacks_makes_no_warning() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with house_style():
            figure = Figure()
            figure.add_subplot().set_title("母 \U0001f476")
        assert "母" in Picture(figure, "", "").svg("", "")


def test_what_a_page_says_steers_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    study = STUDY.model_copy(update={"service": f"{SCRIPT}{TERMINAL}"})
    Page(count_all(Records.within(read_clean(STUDY), study, Parameters.of(study)))).open()
    said = capsys.readouterr().out
    assert "alert(1)" in said
    assert not set(said) & set("\x1b\x07\r\u202e")


@pytest.mark.parametrize("text", [LATEX, "$x^2$", "100 $ or 200 $", SCRIPT, "_a_^b"])
def test_a_label_of_a_figure_is_drawn_as_it_is(text: str) -> None:
    rows = pd.DataFrame({"status": ["ok"], "low": [0.1], "high": [0.3], "estimate": [0.2]})
    with house_style():
        figure = Figure()
        axes = figure.add_subplot()
        intervals(axes, [0.1], rows)
        axes.set_yticks([0.1], [text])
        axes.set_title(text)
    svg = Picture(figure, text).svg("", text)
    assert "<script" not in svg
    for plain in ("$x^2$", "100 $ or 200 $", "_a_^b"):
        if text == plain:
            assert svg.count(f">{plain}</text>") == 3


@pytest.mark.parametrize("text", FORMULAS)
def test_a_formula_is_written_as_text_and_read_back(text: str, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    frame = pd.DataFrame({"label": pd.Series([text], dtype="str"), "n": [-1]})
    save_table(frame, path, STUDY)
    with path.open(encoding="utf-8", newline="") as file:
        content = file.read()
    assert f"'{text}" in content
    assert "\n-1" not in content
    assert ",-1," in content  # a number stays one
    assert unguarded(f"'{text}") == text


def test_a_heading_is_no_formula_and_a_line_end_ends_no_row(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    save_table(pd.DataFrame({"=1+1": ["a\rb", "c"], "n": [1, 2]}), path, STUDY)
    assert path.read_bytes().startswith(b'"\'=1+1"')
    back = pd.read_csv(path)
    assert back.iloc[:, 0].tolist() == ["a\rb", "c"]
    assert back["n"].tolist() == [1, 2]


@pytest.mark.parametrize("mask", [0o000, 0o022, 0o077])
def test_what_is_processed_of_real_records_only_its_owner_reads(tmp_path: Path, mask: int) -> None:
    real = STUDY.model_copy(update={"records": RecordsKind.REAL})
    real._folder = tmp_path
    before = os.umask(mask)
    try:
        save_table(pd.DataFrame({"n": [1]}), real.processed / "x.csv", real)
        save_table(pd.DataFrame({"n": [1]}), real.outputs / "tables" / "x.csv", real)
    finally:
        os.umask(before)
    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.rglob("*")}
    assert modes[real.processed] == 0o700
    assert modes[real.processed / "x.csv"] == 0o600
    assert modes[real.outputs / "tables" / "x.csv"] == 0o666 & ~mask


@given(st.text(alphabet="'=+-@\t\rab1.", max_size=6))
def test_what_is_guarded_comes_back_and_never_begins_like_a_formula(text: str) -> None:
    kept = _guarded(text)
    assert isinstance(kept, str)
    assert unguarded(kept) == text
    assert kept[:1] not in ("=", "@", "\t", "\r")
    if kept[:1] in ("+", "-"):
        float(kept)


def test_the_contract_page_shows_labels_as_they_are() -> None:
    label = "a|b <script>x</script> [y](z) **w**"
    study = STUDY.model_copy(update={"vocabularies": {**STUDY.vocabularies, "topic": {label: ()}}})
    page = data_dictionary(study)
    assert "<script>" not in page
    assert r"a\|b &lt;script&gt;x&lt;/script&gt; \[y\](z) \*\*w\*\*" in page
