"""What a reader sees of a result of each form, byte for byte."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from lmm.analysis.result import Result
from lmm.analysis.roles import (
    count,
    date,
    dimension,
    measure,
    moment,
    month,
    number,
    p_value,
    probability,
    share,
    stratum,
    words,
)
from lmm.showing.tables import readable, suppressed_in_words
from lmm.statistics.estimate import Estimate
from lmm.statistics.shares import proportion

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
    year=stratum(),
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
    answer=stratum(),
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


def test_the_html_of_a_table() -> None:
    expected = (
        '<table class="mathjax_ignore"><caption>A &lt;b&gt;<br>Rests on: assumed.</caption>'
        '<thead><tr><th scope="col">By</th><th scope="col">Group</th>'
        '<th scope="col">Don&#x27;t know</th><th scope="col">n</th><th scope="col">of</th>'
        '<th scope="col">Estimate and interval</th><th scope="col">Method</th>'
        '<th scope="col">Note</th></tr></thead>'
        '<tbody><tr><th scope="row">course</th><td>&lt;i&gt;</td><td>2</td><td>3</td><td>4</td>'
        "<td>75.0% (30.0% to 95.4%)</td><td>Wilson</td><td>1</td></tr>"
        '<tr><th scope="row">all</th><td>all</td><td></td><td>0</td><td>0</td><td>no data</td>'
        "<td></td><td></td></tr></tbody>"
        '<tfoot><tr><td colspan="8"><ol><li>as &quot;high&quot;</li></ol></td></tr></tfoot></table>'
    )
    shown = readable(IN_PERCENT, percent=True).html("A <b>")
    assert shown.replace("\N{NO-BREAK SPACE}", " ") == expected
    assert "75.0%\N{NO-BREAK SPACE}(30.0%\N{NO-BREAK SPACE}to\N{NO-BREAK SPACE}95.4%)" in shown


def test_a_note_that_stands_on_many_rows_is_said_once_below() -> None:
    notes = ["few courses; not adjusted", "not adjusted; few courses", "", "alone"]
    rows = [
        ({"group": f"g{n}"}, proportion("x", n, 4, 0.95, "assumed").noted(note))
        for n, note in enumerate(notes)
    ]
    shown = readable(Result.of_estimates(rows, group=stratum()))
    assert shown.cells["Note"].tolist() == ["1, 2", "1, 2", "", "3"]
    assert shown.notes == ("few courses", "not adjusted", "alone")
    assert shown.plain("A.").split("\n")[-3:] == [
        "Note 1: few courses", "Note 2: not adjusted", "Note 3: alone"
    ]  # fmt: skip
    assert shown.html("A").count("not adjusted") == 1


def test_the_plain_text_of_a_table() -> None:
    assert readable(ANSWERS, spread="answer").plain("Answers.").split("\n") == [
        "Answers.",
        "Rests on: assumed.",
        "Item   Answered         No       Yes",
        "   a          4  1 (25.0%) 3 (75.0%)",
        "   b suppressed suppressed         2",
    ]


@pytest.mark.parametrize(
    ("result", "how", "common", "lines"),
    [
        (
            COUNTED,
            {},
            "Method: Garwood exact. Rests on: assumed. Cut-offs agreed by: us.",
            ["Activity|n|Estimate and interval", "visits|22|22 (13.8 to 33.3)"],
        ),
        (
            BY_YEAR,
            {"spread": "year"},
            "",
            [
                "Activity|2018/19|In all|Rests on",
                "visits|22 (13.8 to 33.3)|1.87 (1.17 to 2.83)|"
                "published (in_all), otherwise assumed",
                "courses|no data|22 (13.8 to 33.3)|assumed",
            ],
        ),
        (
            SUMMARIES,
            {},
            "Rests on: assumed.",
            [
                "Characteristic|Level|Number|Share, or summary|Missing",
                "Ward|north|1|33.3%|0",
                "Ward|south|2|66.7%|0",
                "Sessions||3|mean 2.3 (SD 1.0); median 2.0 (quartiles 1.5 and 3.0)|1",
                "Days||0||4",
            ],
        ),
        (
            MONTHS,
            {},
            "Rests on: assumed.",
            [
                "Activity|Month|Events|Months open|Status",
                "visits|Mar 2020|7|0.7|ok",
                "visits|Apr 2020||0|no_data",
                "visits|May 2020|suppressed|1|suppressed",
            ],
        ),
        (
            HIDDEN,
            {},
            "Rests on: assumed. Agreed: 2020-01-31.",
            [
                "Role|People|People share|Seen on|P(red)|p|Hours|Target|Courses",
                "nurse|1234|66.7%|2020-03-23|3.0%|0.834|66.4|0.8333|2",
                "midwife|suppressed|||||12|3.167e+04|3",
            ],
        ),
    ],
    ids=["estimates", "estimates spread", "summaries", "months", "hidden counts"],
)
def test_what_a_reader_sees(
    result: Result, how: dict[str, Any], common: str, lines: list[str]
) -> None:
    shown = readable(result, **how)
    head, *rows = (line.split("|") for line in lines)
    cells = shown.cells.map(lambda text: text.replace("\N{NO-BREAK SPACE}", " "))
    assert cells.columns.tolist() == head
    assert cells.to_numpy().tolist() == rows
    assert shown.common == common


def test_a_hidden_count_is_suppressed_in_the_stored_table_too() -> None:
    said = suppressed_in_words(HIDDEN)
    assert said.table["people"].tolist() == [1234, "suppressed"]
    assert said.table["hours"].tolist() == [66.4167, 12.0]
    assert said.roles == HIDDEN.roles


def test_without_moments_there_is_no_summary() -> None:
    fewer = SUMMARIES.with_table(SUMMARIES.table[["level", "number", "missing", "basis"]])
    assert readable(fewer).cells["Number"].tolist() == ["1", "2", "3", "0"]


def test_a_large_whole_number_of_people_is_written_in_full() -> None:
    many = Result.of(pd.DataFrame({"people": [123456.0], "basis": ["recorded"]}), people=count())
    assert readable(many).cells["People"].tolist() == ["123456"]


def test_a_wide_table_keeps_the_notes_of_all_that_stands_in_a_row() -> None:
    notes = {"a": ("new", "few; new"), "b": ("alone", "")}
    rows = [
        ({"group": group, "year": year}, proportion("x", 1, 4, 0.95, "assumed").noted(note))
        for group, both in notes.items()
        for year, note in zip(("2018", "2019"), both, strict=True)
    ]
    result = Result.of_estimates(rows, group=stratum(), year=stratum())
    shown = readable(result, spread="year")
    assert shown.notes == ("new",)
    assert shown.cells["Note"].tolist() == ["1", ""]
