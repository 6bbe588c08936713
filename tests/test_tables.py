"""What a reader sees of a result of each form, byte for byte."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from lmm.analysis.result import Result
from lmm.analysis.roles import (
    Role,
    aside,
    count,
    date,
    dimension,
    estimated_share,
    measure,
    moment,
    month,
    number,
    on_scale,
    p_value,
    probability,
    scale,
    share,
    stratum,
    words,
)
from lmm.showing.tables import Readable, readable, suppressed_in_words
from lmm.statistics.estimate import Estimate
from lmm.statistics.shares import bounds, proportion

WILSON = Estimate("share", 3, 4, 0.75, 0.3, 0.954, "Wilson", "ok", "assumed", 'as "high"')
NONE = Estimate.without_value("share", 0, 0, "no_data", "assumed", "")
GARWOOD = Estimate("visits", 22, None, 22, 13.787283, 33.308264, "Garwood exact", "ok", "assumed")
BYAR = Estimate("visits a month", 22, 11.75, 1.872, 1.1733, 2.8346, "Byar", "ok", "published")

IN_PERCENT = Result.of_estimates(
    [
        ({"by": "course_id", "stratum": "<i>", "dont_know": 2.0}, WILSON),
        ({"by": "all", "stratum": "all", "dont_know": None}, NONE),
    ],
    by=dimension(),
    stratum=stratum("Group"),
    dont_know=count("Don't know"),
    estimate=estimated_share(),
)
COUNTED = Result.of_estimates(
    [({"measure": "visits", "agreed_by": "us"}, GARWOOD)],
    measure=measure("Activity"),
    agreed_by=words("Cut-offs agreed by", once=True),
)
BY_YEAR = Result.of_estimates(
    [
        ({"measure": "visits", "year": "2018/19"}, GARWOOD),
        ({"measure": "visits", "year": "in_all"}, BYAR),
        ({"measure": "courses", "year": "2018/19"}, NONE),
        ({"measure": "courses", "year": "in_all"}, GARWOOD),
    ],
    measure=measure("Activity"),
    year=stratum(across=True),
)
ANSWERS = Result.of(
    pd.DataFrame(
        {
            "item": ["a", "a", "b", "b"],
            "answer": ["no", "yes", "no", "yes"],
            "number": pd.array([1, 3, None, 2], dtype="Int64"),
            "share": [0.25, 0.75, None, None],
            "answered": pd.array([4, 4, None, None], dtype="Int64"),
            "basis": "assumed",
        }
    ),
    item=stratum(),
    answer=stratum(across=True),
    number=count(of="answers"),
    share=share(of="answers"),
    answered=count(of="forms"),
)
SUMMARIES = Result.of(
    pd.DataFrame(
        {
            "characteristic": ["Ward", "Ward", "Sessions", "Days"],
            "level": ["north", "south", "", ""],
            "number": [1, 2, 3, 0],
            "share": [1 / 3, 2 / 3, None, None],
            "mean": [None, None, 2.25, None],
            "sd": [None, None, 1.0, None],
            "median": [None, None, 2.0, None],
            "lower_quartile": [None, None, 1.5, None],
            "upper_quartile": [None, None, 3.0, None],
            "missing": [0, 0, 1, 4],
            "basis": "assumed",
        }
    ),
    characteristic=stratum(),
    level=stratum(),
    number=count(of="families"),
    share=share(of="families"),
    mean=moment(),
    sd=moment("SD"),
    median=moment(),
    lower_quartile=moment(),
    upper_quartile=moment(),
    missing=count(of="families without it"),
)
MONTHS = Result.of(
    pd.DataFrame(
        {
            "measure": "visits",
            "month": pd.to_datetime(["2020-03-01", "2020-04-01", "2020-05-01"]),
            "events": pd.array([7, None, None], dtype="Int64"),
            "months_open": [0.7097, 0.0, 1.0],
            "status": ["ok", "no_data", "suppressed"],
            "basis": "assumed",
            "note": None,
        }
    ),
    measure=measure("Activity"),
    month=month(),
    events=count(of="visits"),
    months_open=number(decimals=1),
)
HIDDEN = Result.of(
    pd.DataFrame(
        {
            "role": ["nurse", "midwife"],
            "people": pd.array([1234, None], dtype="Int64"),
            "people_share": [0.6667, None],
            "seen_on": pd.to_datetime(["2020-03-23", None]),
            "agreed_on": pd.to_datetime(["2020-01-31"] * 2),
            "p_red": [0.0295, None],
            "p": [0.83392, None],
            "hours": [66.4167, 12.0],
            "target": [0.83333, 31666.7],
            "courses": [2, 3],
            "basis": "assumed",
        }
    ),
    role=stratum(),
    people=count(of="people"),
    people_share=share(of="people"),
    seen_on=date(),
    agreed_on=date("Agreed", once=True),
    p_red=probability("P(red)"),
    p=p_value(),
    hours=number(decimals=1),
    target=number(),
    courses=number(),
)


def cells(shown: Readable) -> list[list[str]]:
    """Give the rows of a table below each other, and above each group its heading."""
    return [
        [cell.replace("\N{NO-BREAK SPACE}", " ") for cell in row]
        for group in shown.groups
        for row in ([[group.heading]] if group.heading else []) + list(group.rows)
    ]


def headings(shown: Readable) -> list[str]:
    return [column.heading for column in shown.columns]


def test_the_html_of_a_table() -> None:
    cell, head = '<td role="cell" data-label=', '<th role="columnheader" scope="col"'
    expected = (
        '<table role="table" class="result mathjax_ignore" id="t"><caption>A &lt;b&gt; '
        '<span class="common">Rests on: assumed.</span></caption>'
        f'<thead role="rowgroup"><tr role="row">{head}>By</th>{head}>Group</th>'
        f'{head} class="number">Don&#x27;t know</th>{head} class="number">n of N</th>'
        f'{head} class="number">Estimate and interval</th>{head}>Method</th>{head}>Note</th></tr>'
        '</thead><tbody role="rowgroup"><tr role="row"><th role="rowheader" scope="row">course</th>'
        f'{cell}"Group">&lt;i&gt;</td>{cell}"Don&#x27;t know" class="number">2</td>'
        f'{cell}"n of N" class="number">3 of 4</td>'
        f'{cell}"Estimate and interval" class="number">75% (30 to 95%)</td>'
        f'{cell}"Method">Wilson</td>{cell}"Note">1</td></tr>'
        f'<tr role="row"><th role="rowheader" scope="row">all</th>{cell}"Group">all</td>'
        f'{cell}"Don&#x27;t know" class="number"></td>{cell}"n of N" class="number">0 of 0</td>'
        f'{cell}"Estimate and interval" class="number">no data</td>{cell}"Method"></td>'
        f'{cell}"Note"></td></tr></tbody>'
        '<tfoot role="rowgroup"><tr role="row"><td role="cell" colspan="7"><ol>'
        "<li>as &quot;high&quot;</li></ol></td></tr></tfoot></table>"
    )
    shown = readable(IN_PERCENT).html("A <b>", name="t").strip()
    assert shown.replace("\N{NO-BREAK SPACE}", " ") == expected
    assert "75%\N{NO-BREAK SPACE}(30\N{NO-BREAK SPACE}to\N{NO-BREAK SPACE}95%)" in shown


def test_a_note_that_stands_on_many_rows_is_said_once_below() -> None:
    notes = ["few courses; not adjusted", "not adjusted; few courses", "", "alone"]
    rows = [
        ({"group": f"g{n}"}, proportion("x", n, 4, 0.95, "assumed").noted(note))
        for n, note in enumerate(notes)
    ]
    shown = readable(Result.of_estimates(rows, group=stratum()))
    assert [row[-1] for row in cells(shown)] == ["1, 2", "1, 2", "", "3"]
    assert shown.notes == ("few courses", "not adjusted", "alone")
    assert shown.plain("A.").split("\n")[-3:] == [
        "Note 1: few courses", "Note 2: not adjusted", "Note 3: alone"
    ]  # fmt: skip
    assert shown.html("A").count("not adjusted") == 1


def test_the_plain_text_of_a_table() -> None:
    assert readable(ANSWERS).plain("Answers.").split("\n") == [
        "Answers.",
        "Rests on: assumed.",
        "Item   Answered         No       Yes",
        "   a          4  1 (25.0%) 3 (75.0%)",
        "   b suppressed suppressed         2",
    ]


@pytest.mark.parametrize(
    ("result", "common", "head", "rows"),
    [
        (
            COUNTED,
            "Method: Garwood exact. Rests on: assumed. Cut-offs agreed by: us.",
            ["Activity", "Estimate and interval"],
            [["visits", "22 (13.8 to 33.3)"]],
        ),
        (
            BY_YEAR,
            "Rests on: assumed.",
            ["Activity", "2018/19", "In all", "Note"],
            [
                ["visits", "22 (13.8 to 33.3)", "1.87 (1.17 to 2.83)", "1"],
                ["courses", "no data", "22 (13.8 to 33.3)", ""],
            ],
        ),
        (
            SUMMARIES,
            "Rests on: assumed.",
            ["Characteristic", "Level", "Number", "Share, or summary", "Missing"],
            [
                ["Ward", "north", "1", "33.3%", "0"],
                ["Ward", "south", "2", "66.7%", "0"],
                ["Sessions", "", "3", "mean 2.3 (SD 1.0); median 2.0 (quartiles 1.5 and 3.0)", "1"],
                ["Days", "", "0", "", "4"],
            ],
        ),
        (
            MONTHS,
            "Rests on: assumed. Activity: visits.",
            ["Month", "Events", "Months open", "Status"],
            [
                ["Mar 2020", "7", "0.7", "ok"],
                ["Apr 2020", "", "0.0", "no data"],
                ["May 2020", "suppressed", "1.0", "suppressed"],
            ],
        ),
        (
            HIDDEN,
            "Rests on: assumed. Agreed: 2020-01-31.",
            ["Role", "People", "People share", "Seen on", "P(red)", "p", "Hours", "Target"],
            [
                ["nurse", "1234", "66.7%", "2020-03-23", "3.0%", "0.834", "66.4", "1"],
                ["midwife", "suppressed", "", "", "", "", "12.0", "31667"],
            ],
        ),
    ],
    ids=["estimates", "estimates across", "summaries", "months", "hidden counts"],
)
def test_what_a_reader_sees(
    result: Result, common: str, head: list[str], rows: list[list[str]]
) -> None:
    shown = readable(result)
    assert headings(shown)[: len(head)] == head
    assert [row[: len(head)] for row in cells(shown)] == rows
    assert shown.common == common


def test_a_hidden_count_is_suppressed_in_the_stored_table_too() -> None:
    said = suppressed_in_words(HIDDEN)
    assert said.table["people"].tolist() == [1234, "suppressed"]
    assert said.table["hours"].tolist() == [66.4167, 12.0]
    assert said.roles == HIDDEN.roles


def test_without_moments_there_is_no_summary() -> None:
    fewer = SUMMARIES.with_table(SUMMARIES.table[["level", "number", "missing", "basis"]])
    assert [row[1] for row in cells(readable(fewer))] == ["1", "2", "3", "0"]


def test_of_a_single_family_there_is_no_standard_deviation() -> None:
    one = SUMMARIES.table.assign(sd=None, number=1).iloc[[2]]
    shown = cells(readable(SUMMARIES.with_table(one)))
    assert "mean 2.3; median 2.0 (quartiles 1.5 and 3.0)" in shown[0]


def test_a_large_whole_number_of_people_is_written_in_full() -> None:
    many = Result.of(pd.DataFrame({"people": [123456.0], "basis": ["recorded"]}), people=count())
    assert cells(readable(many)) == [["123456"]]


def test_a_wide_table_keeps_the_notes_of_all_that_stands_in_a_row() -> None:
    notes = {"a": ("new", "few; new"), "b": ("alone", "")}
    rows = [
        ({"group": group, "year": year}, proportion("x", 1, 4, 0.95, "assumed").noted(note))
        for group, both in notes.items()
        for year, note in zip(("2018", "2019"), both, strict=True)
    ]
    shown = readable(Result.of_estimates(rows, group=stratum(), year=stratum(across=True)))
    assert shown.notes == ("new",)
    assert [row[-1] for row in cells(shown)] == ["1", ""]


def grouped(*strata: tuple[str, ...], **more: Role) -> Readable:
    """Show estimates of which each has these strata."""
    names = list(more)
    rows = [
        (dict(zip(names, each, strict=True)), proportion("x", n + 1, 40, 0.95, "assumed"))
        for n, each in enumerate(strata)
    ]
    return readable(Result.of_estimates(rows, **more))


def test_rows_stand_under_a_heading_in_place_of_repeating_it() -> None:
    pairs = [("all", "all"), ("role", "nurse"), ("role", "midwife"), ("mode", "online"),
             ("mode", "in person")]  # fmt: skip
    shown = grouped(*pairs, by=dimension(), stratum=stratum("Group"))
    labels = ["all", "Role", "nurse", "midwife", "Mode", "online", "in person"]
    assert [row[0] for row in cells(shown)] == labels
    assert headings(shown)[0] == "Group"
    markup = shown.html("A.")
    assert (
        '<tr role="row" class="group"><th role="rowheader" scope="rowgroup" colspan="3">Role'
        in (markup)
    )
    assert markup.count("<tbody") == 3


def test_rows_that_do_not_repeat_anything_have_no_headings() -> None:
    shown = grouped(("a", "1"), ("b", "1"), ("a", "2"), by=stratum(), other=stratum())
    assert [group.heading for group in shown.groups] == [""]


def test_a_group_begins_where_any_of_what_it_is_named_by_changes() -> None:
    rows = [("a", "1", x) for x in "pqr"] + [("a", "2", x) for x in "pqr"]
    rows += [("b", "2", x) for x in "pqr"]
    shown = grouped(*rows, by=stratum(), year=stratum(), what=stratum())
    assert len(shown.groups) == 3


def test_what_a_group_shares_is_said_in_its_heading() -> None:
    rows = [("a", "1", "us"), ("a", "2", "us"), ("b", "1", "them"), ("b", "2", "them")]
    shown = grouped(*rows, by=stratum(), year=stratum(), agreed=words("Agreed by", once=True))
    assert [group.heading for group in shown.groups] == ["A; agreed by us", "B; agreed by them"]
    assert "Agreed by" not in headings(shown)


def test_what_all_rows_share_is_said_under_the_caption_and_a_label_stays() -> None:
    rows = [("a", "same"), ("b", "same"), ("c", "same")]
    shown = grouped(*rows, by=stratum(), term=stratum())
    assert "Term: same." in shown.common
    alone = grouped(("x",), ("x",), ("x",), by=stratum())
    assert headings(alone)[0] == "By"


@pytest.mark.parametrize(
    ("value", "low", "high", "share", "written"),
    [
        (1.1, 0.549, 1.968, False, "1.10 (0.55 to 1.97)"),  # the width parts into 20 steps
        (0.77, 0.7251, 0.8109, True, "77.0% (72.5 to 81.1%)"),
        (0.5966, 0.4794, 0.7075, True, "60% (48 to 71%)"),
        (0.99, 0.98999, 0.99001, True, "99.0000% (98.9990 to 99.0010%)"),
        (29.0, 27.0, 36.0, False, "29 (27 to 36)"),  # days are whole
        (0.5, 0.5, 0.5, False, "0.5 (0.5 to 0.5)"),
    ],
)
def test_digits_follow_the_width_of_the_interval(
    value: float, low: float, high: float, share: bool, written: str
) -> None:
    found = Estimate("x", 3, 4, value, low, high, "m", "ok", "assumed")
    role = estimated_share() if share else Role("estimate")
    shown = readable(Result.of_estimates([({"by": "a"}, found)], by=stratum(), estimate=role))
    assert written in cells(shown)[0]


def test_a_row_is_in_percent_where_its_scale_says_so() -> None:
    row = {"scale": "share", "target": 0.95}, proportion("x", 3, 4, 0.95, "assumed")
    other = {"scale": "ratio", "target": 24.0}, replace(WILSON, estimate=1.1, low=0.5, high=2.0)
    finer = {**row[0], "target": 0.9275}, row[1]
    rows = [row, finer, other]
    shown = readable(Result.of_estimates(rows, scale=scale(), target=on_scale("Target")))
    assert headings(shown)[:3] == ["Target", "n of N", "Estimate and interval"]
    assert [line[0] for line in cells(shown)] == ["95%", "92.75%", "24"]
    share = "75% (30 to 95%)"
    assert [line[2] for line in cells(shown)] == [share, share, "1.10 (0.50 to 2.00)"]


def test_columns_kept_aside_and_statuses_of_what_is_well_are_not_shown() -> None:
    table = pd.DataFrame({"a": ["x", "y"], "b": [1, 2], "status": "ok", "basis": "assumed"})
    shown = readable(Result.of(table, a=stratum(), b=aside(number())))
    assert headings(shown) == ["A"]


def test_the_numerator_and_the_denominator_are_called_what_they_are() -> None:
    roles = {
        "numerator": Role("numerator", "Achieved"),
        "denominator": Role("denominator", "expected"),
    }
    rows = [({"by": name}, WILSON) for name in "ab"]
    assert "Achieved of expected" in headings(
        readable(Result.of_estimates(rows, by=stratum(), **roles))
    )
    roles["denominator"] = Role("denominator", "before", of="to")
    shown = readable(Result.of_estimates(rows, by=stratum(), **roles))
    assert "Achieved to before" in headings(shown)
    assert "3 to 4" in cells(shown)[0]


def test_a_long_table_says_so() -> None:
    rows = [(f"g{n}",) for n in range(25)]
    assert grouped(*rows, by=stratum()).is_long
    assert not grouped(*rows[:24], by=stratum()).is_long


def test_rows_without_a_value_for_the_same_reasons_stand_as_one() -> None:
    few = replace(NONE, status="not_estimable", note="too few")
    found = [few, few, few, WILSON, few]
    rows = [({"role": f"r{n}"}, each) for n, each in enumerate(found)]
    shown = readable(Result.of_estimates(rows, role=stratum(), estimate=estimated_share()))
    assert [row[0] for row in cells(shown)] == ["r0, r1, r2", "r3", "r4"]
    assert cells(shown)[0][1:3] == ["", "not estimable"]


def test_of_two_parts_of_a_whole_one_is_shown() -> None:
    pairs = [("a", "no"), ("a", "yes"), ("b", "no"), ("b", "maybe"), ("b", "yes"), ("c", "any")]
    shown = grouped(*pairs, by=stratum(), answer=stratum(whole=True))
    labels = ["A", "yes", "B", "no", "maybe", "yes", "C", "any"]
    assert [row[0] for row in cells(shown)] == labels


def test_bounds_are_shown_without_the_value_of_those_who_answered() -> None:
    found = bounds("share", 301, 304, 471, "assumed")
    shown = readable(
        Result.of_estimates([({"over": "all"}, found)], over=stratum(), estimate=estimated_share())
    )
    assert cells(shown)[0][1:3] == ["301 of 471", "64 to 99%"]
