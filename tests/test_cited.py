"""Numbers of a sentence know the cells that they are written from."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lmm.analysis.result import Result
from lmm.analysis.roles import count, share, stratum, words
from lmm.showing.answers.phrases import counted, listed, number, rows_of
from lmm.showing.cited import (
    Numeral,
    cited,
    declared_percent,
    fixed,
    in_percent,
    read,
    with_numerals,
)
from lmm.statistics import rounding

WARDS = Result.of(
    pd.DataFrame(
        {
            "ward": ["A1", "B2", "C3"],
            "families": pd.array([4, 12, None], dtype="Int64"),
            "share": [0.25, 0.75, float("nan")],
            "said": ["3 of 4", "all", ""],
        }
    ),
    ward=stratum(),
    families=count(),
    share=share(),
    said=words(),
)


def told(answer: Callable[[Result], Sequence[str]]) -> list[tuple[str, tuple[str, ...]]]:
    """Give each number of an answer as it is written, and its cells."""
    return [
        (sentence[each.begins : each.ends], each.named)
        for sentence, numerals in with_numerals(answer, WARDS)
        for each in numerals
    ]


@pytest.mark.parametrize(
    ("answer", "numbers"),
    [
        (lambda r: [fixed(rows_of(r)[0].count)], [("4", ("2:families",))]),
        (lambda r: [in_percent(rows_of(r)[1].share, 1)], [("75.0%", ("3:share",))]),
        (lambda r: [declared_percent(rows_of(r)[0].share)], [("25%", ("2:share",))]),
        (
            lambda r: [f"{in_percent(row.share, sign='')} to 100%" for row in rows_of(r)[:1]],
            [("25", ("2:share",)), ("100%", ())],
        ),
        (lambda r: [f"{rows_of(r)[0].words}, {rows_of(r)[1].words}"],
         [("3", ("2:said",)), ("4", ("2:said",))]),
        (lambda r: [counted(rows_of(r)[1].count, "family", "families")], [("12", ("3:families",))]),
        (lambda r: [number(rows_of(r)[2].count)], []),
        (lambda r: [f"{len(rows_of(r))} wards"], [("3", ())]),
        # what is calculated knows all cells that it is calculated from
        (lambda r: [fixed(sum(row.count for row in rows_of(r)[:2]))],
         [("16", ("2:families", "3:families"))]),
        (lambda r: [fixed(100 * (rows_of(r)[1].share - rows_of(r)[0].share), 1)],
         [("50.0", ("2:share", "3:share"))]),
        (lambda r: [fixed(rows_of(r)[1].count // 7), fixed(rows_of(r)[1].count % 7)],
         [("1", ("3:families",)), ("5", ("3:families",))]),
        (lambda r: [fixed(20 - rows_of(r)[0].count)], [("16", ("2:families",))]),
        (lambda r: [fixed(rows_of(r)[0].count * 2 + 1)], [("9", ("2:families",))]),
        (lambda r: [fixed(max(row.count for row in rows_of(r)[:2]))], [("12", ("3:families",))]),
        (lambda r: [listed(f"{row.stratum} {fixed(row.count)}" for row in rows_of(r)[:2])],
         [("4", ("2:families",)), ("12", ("3:families",))]),
    ],
)  # fmt: skip
def test_a_number_is_from_the_cells_that_it_is_written_from(
    answer: Callable[[Result], Sequence[str]], numbers: list[tuple[str, tuple[str, ...]]]
) -> None:
    assert told(answer) == numbers


@pytest.mark.parametrize(
    ("sentence", "numbers"),
    [
        ("12 of 15 (80%, 97.5% interval 70% to 90.5%)", ["12", "15", "80%", "70%", "90.5%"]),
        ("5 are at least 90% certain on 2020-03-23 in 2019/20", ["5"]),
        ("since March 2020, 95% intervals; 1,204", ["1,204"]),
        ("course C12 and X-3, in 2020/21.", ["3"]),
        ("Table 3.", ["3"]),
    ],
)
def test_a_date_a_level_and_a_name_are_no_result(sentence: str, numbers: list[str]) -> None:
    text, found = read(sentence)
    assert text == sentence
    assert [text[each.begins : each.ends] for each in found] == numbers
    assert all(each == Numeral(each.begins, each.ends, ()) for each in found)


def test_an_answer_that_writes_other_words_of_the_same_numbers_is_a_fault() -> None:
    def wrong(result: Result) -> list[str]:
        return ["one" if fixed(rows_of(result)[0].count) == "4" else "two"]

    with pytest.raises(ValueError, match="said otherwise"):
        with_numerals(wrong, WARDS)


def test_a_number_in_the_name_of_a_row_is_from_there() -> None:
    named = WARDS.table.assign(ward=["2 wards with fewer than 5 families", "B", "C"])
    found = with_numerals(lambda r: [f"In {rows_of(r)[0].stratum}."], WARDS.with_table(named))
    ((sentence, numerals),) = found
    assert [(sentence[each.begins : each.ends], each.named) for each in numerals] == [
        ("2", ("2:ward",)),
        ("5", ("2:ward",)),
    ]


def test_a_label_cannot_forge_a_mark() -> None:
    hostile = WARDS.table.assign(ward=["\ue0007.share\ue00199%\ue002", "B", "C"])
    result = WARDS.with_table(hostile)
    found = with_numerals(lambda r: [f"{rows_of(r)[0].stratum} is odd"], result)
    assert all(each.named != ("9:share",) for _, numerals in found for each in numerals)


def test_what_is_not_a_number_stays_as_it_is() -> None:
    table = cited(WARDS).table
    assert list(table["ward"]) == ["A1", "B2", "C3"]
    assert pd.isna(table["families"][2])
    assert pd.isna(table["share"][2])
    assert list(table["families"][:2]) == [4, 12]


@given(st.floats(0, 1), st.integers(0, 3))
def test_a_number_is_written_as_it_is_without_its_cells(value: float, decimals: int) -> None:
    assert in_percent(value, decimals) == rounding.in_percent(value, decimals)
    assert fixed(value, decimals) == rounding.fixed(value, decimals)
