"""Delimited text: the quick reader makes what the strict one does, or leaves it to that one."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from lmm.cleaning import limits
from lmm.cleaning import text as delimited
from lmm.cleaning.cells import WITH_DIGITS, _evened, _unspaced
from lmm.cleaning.distinct import LETTERS, TIDY, among, each, folded, unlike
from lmm.cleaning.identifiers import HARMLESS, people_in
from lmm.cleaning.keys import PLAIN, WHOLE, damaged, plain_key, unlikely
from lmm.cleaning.lines import Lines, TooManyCellsError
from lmm.cleaning.sources import Sheet, read_sheet
from lmm.study.labels import fold
from lmm.study.problems import StudyError

PIECES = st.sampled_from(
    ["a", "b", "1", ",", ",", ";", "\t", "\n", "\n", "\r\n", "\r", '"', '""', " ", "é", "’",
     "\ufeff", "\x0b", "\x1c", "\x85", "\u2028", "\\", "'", "NULL", "nan", "true", "#"]
)  # fmt: skip
TEXTS = st.one_of(
    st.lists(PIECES, max_size=40).map("".join),
    st.lists(st.tuples(*[st.text("ab1 é'\\\t;", max_size=4)] * 3), max_size=8).map(
        lambda rows: "".join(",".join(row) + "\n" for row in rows)
    ),
)


def told(path: Path, **how: object) -> tuple[object, ...]:
    """Give all that a file is read as, or why it is not."""
    try:
        sheet = read_sheet(path, **how)  # type: ignore[arg-type]
    except StudyError as error:
        return error.problems
    return sheet.headings, dict(sheet.rows), dict(sheet.lines_above), sheet.rows.frame.to_dict()


@settings(deadline=None, max_examples=300, suppress_health_check=list(HealthCheck))
@given(
    text=TEXTS,
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]),
    heading_lines=st.sampled_from([(1,), (2,), (1, 2)]),
    delimiter=st.sampled_from([",", ";", "\t"]),
)
@example(text="a,b\n\ufeff1,2\n", encoding="utf-8", heading_lines=(1,), delimiter=",")
@example(text="a,b\n1,2\n\n", encoding="utf-8", heading_lines=(1,), delimiter=",")
@example(text="a,b\n\n\n", encoding="utf-8", heading_lines=(1,), delimiter=",")
@example(text="\n1,2\n", encoding="utf-8", heading_lines=(1,), delimiter=",")
@example(text="a\n1\n\n", encoding="utf-8", heading_lines=(1,), delimiter=",")
def test_the_quick_reader_makes_what_the_strict_one_does(
    text: str, encoding: str, heading_lines: tuple[int, ...], delimiter: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:  # fmt: skip
    path = tmp_path_factory.mktemp("text") / "file.csv"
    path.write_bytes(text.encode(encoding, "replace"))
    how = {"encoding": encoding.removesuffix("-sig"), "heading_lines": heading_lines,
           "delimiter": delimiter}  # fmt: skip
    quick = told(path, **how)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(delimited, "_columns", lambda *_: None)
        assert told(path, **how) == quick


@pytest.mark.parametrize("rows", ["1,2\n3,4\n", "1,2\r\n3,4", "NULL,\nnan, x \n", "1,#2\n'3,\\4\n"])
def test_plain_text_is_read_by_the_quick_reader(
    rows: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delimited, "_rows", None)
    (tmp_path / "file.csv").write_text(f"a,b\n{rows}", "utf-8", newline="")
    cells = [line.split(",") for line in rows.splitlines()]
    assert list(read_sheet(tmp_path / "file.csv").rows.values()) == cells


@given(st.lists(st.lists(st.text('ab\r\n"', max_size=4), min_size=1, max_size=3), max_size=6))
def test_a_row_is_numbered_by_the_line_it_starts_on(rows: list[list[str]]) -> None:
    text = io.StringIO(newline="")
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows(rows)
    text.seek(0)
    reader = csv.reader(text, strict=True)
    ends = [reader.line_num for _ in reader]
    assert list(delimited._numbered(rows, 1, max(ends, default=0))) == [
        end + 1 for end in [0, *ends[:-1]][: len(rows)]
    ]


def test_a_cell_longer_than_the_strict_reader_takes_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file.csv").write_text(f"a,b\n{'x' * 140_000},1\n", "utf-8")
    with pytest.raises(StudyError, match="line 2: not readable as CSV: field larger"):
        read_sheet(tmp_path / "file.csv")


# --- rows by column ----------------------------------------------------------------------


@given(st.lists(st.lists(st.text("ab", max_size=2), max_size=4), max_size=9), st.integers(0, 3))
def test_rows_come_back_as_they_stood(rows: list[list[str]], width: int) -> None:
    numbers = range(5, 5 + len(rows))
    lines = Lines.of([(numbers[:4], rows[:4]), (numbers[4:], rows[4:])], width)
    assert lines == dict(zip(numbers, rows, strict=True))
    assert list(lines) == list(numbers)
    for n in range(1, width + 1):
        assert lines.column(n).tolist() == [row[n - 1] for row in rows if len(row) >= n]
    assert lines.without([6]) == {n: row for n, row in lines.items() if n != 6}


@pytest.mark.parametrize("width", [1, 2])
def test_of_too_many_cells_no_more_are_kept(width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_CELLS", 3)
    blocks = [([n], [["a", "b"]]) for n in (2, 3, 4)]
    with pytest.raises(TooManyCellsError) as error:
        Lines.of(blocks, width)
    assert error.value.line == 3


# --- what is done to each distinct cell --------------------------------------------------

CELLS = st.one_of(
    st.text(max_size=12),
    st.text(" \t\n\x1c\xa0abAB019-_/+.,'@E\u200b", max_size=12),
    st.sampled_from(["07700 900123", "AB1 2CD", "N / A", "1.50E+10", "a  b", "12.0"]),
)
FORMS = {
    "white space": (TIDY, lambda cell: _evened(cell) == cell),
    "identifiers": (PLAIN, lambda cell: plain_key(cell) == cell and not unlikely(cell)),
    "damage": (WHOLE, lambda cell: damaged(cell) == ("", "")),
    "people": (HARMLESS, lambda cell: not people_in(Counter([cell]))),
    "words for missing": (WITH_DIGITS, lambda cell: re.search(r"\d", _unspaced(cell))),
}


@pytest.mark.parametrize("form", FORMS)
@settings(deadline=None, max_examples=200)
@given(data=st.data())
def test_cells_of_a_form_need_not_be_asked(form: str, data: st.DataObject) -> None:
    pattern, holds = FORMS[form]
    cell = data.draw(st.one_of(CELLS, st.from_regex(re.compile(pattern), fullmatch=True)))
    if not unlike(pd.Series([cell], dtype="str"), pattern)[0]:
        assert holds(cell)


@pytest.mark.parametrize("form", LETTERS)
@settings(deadline=None)
@given(st.lists(st.one_of(CELLS, st.sampled_from(["A" * 60, "A" * 61, "B" * 99]))), st.lists(CELLS))
@example(["A" * 60, "A" * 61, "é"], ["K 1", ""])
def test_the_bytes_of_a_column_tell_which_cells_are_of_a_form(
    form: str, cells: list[str], more: list[str]
) -> None:
    column = pd.concat([pd.Series(cells, dtype="str"), pd.Series(more, dtype="str")])
    column.index = range(7, 7 + len(column))
    expected = pd.Series([not re.fullmatch(form, cell) for cell in column], column.index, "bool")
    pd.testing.assert_series_equal(unlike(column, form), expected)
    pd.testing.assert_series_equal(unlike(column[2:], form), expected[2:])


@settings(deadline=None)
@given(st.lists(CELLS, max_size=8), st.lists(CELLS, max_size=4))
def test_each_cell_is_made_as_by_itself(cells: list[str], others: list[str]) -> None:
    column = pd.Series(cells, index=range(3, 3 + len(cells)), dtype="str")
    assert each(column, fold).tolist() == list(map(fold, cells))
    assert each(column, _evened, unless=TIDY).tolist() == list(map(_evened, cells))
    assert folded(each(column, _evened)).tolist() == list(map(fold, cells))
    assert among(column, pd.Series(others, dtype="str")).tolist() == [c in others for c in cells]


def test_of_many_different_cells_those_of_the_form_are_not_asked() -> None:
    column = pd.Series([*(f"K{n}" for n in range(5_000)), "k 1 "], dtype="str")
    asked: list[str] = []
    made = each(column, lambda cell: asked.append(cell) or plain_key(cell), unless=PLAIN)
    assert asked == ["k 1 "]
    assert made.tolist() == [*column[:-1], "K1"]


def test_a_sheet_says_what_it_holds(tmp_path: Path) -> None:
    (tmp_path / "file.csv").write_text("Title\na,b\n1,2\n\n3\n", "utf-8")
    sheet = read_sheet(tmp_path / "file.csv", heading_lines=(2,))
    assert isinstance(sheet, Sheet)
    assert sheet.rows == {3: ["1", "2"], 4: [], 5: ["3"]}
    assert sheet.rows.frame.to_dict("split")["data"] == [["1", "2"], ["", ""], ["3", ""]]
    assert sheet.rows.odd == {4: [], 5: ["3"]}
    assert sheet.lines_above == {1: ["Title"]}
