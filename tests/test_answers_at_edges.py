"""What is said of ties, of hidden values, of one of a kind and of what is not known."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pandas as pd
import pytest
from test_answers import WHOLE, said, share_of, without

from lmm.analysis.items import WORST
from lmm.analysis.response import ONE_EACH
from lmm.analysis.result import Result
from lmm.analysis.roles import (
    count,
    dimension,
    estimated_share,
    measure,
    month,
    number,
    share,
    stratum,
    words,
)
from lmm.counting.rows import NOT_RECORDED
from lmm.showing import answers
from lmm.showing.answers.phrases import counted, in_weeks, p_value
from lmm.statistics.estimate import Estimate
from lmm.statistics.shares import WORST_CASE

Answer = Callable[[Result], Sequence[str]]
Said = Sequence[str]


def whole(*numbers: int | None) -> pd.arrays.IntegerArray:
    return pd.array(list(numbers), dtype="Int64")


def ratio(value: float, low: float, high: float) -> Estimate:
    return Estimate("ratio", 3, 4, value, low, high, "m", "ok", "assumed")


def test_words_for_numbers() -> None:
    numbers = (0, 1, 2, pd.NA)
    assert [counted(n, "family", "families") for n in numbers] == [
        "no family", "1 family", "2 families", "a suppressed number of families",
    ]  # fmt: skip
    assert [in_weeks(days) for days in (7, 45, 56)] == ["7 days", "45 days", "8 weeks (56 days)"]
    assert [p_value(p) for p in (0.0001, 0.0123, 1.0)] == [
        "p under 0.001", "p = 0.012", "p = 1.000",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("numbers", "text"),
    [
        ((5, 3), "The commonest kind was a, 5 (63%)."),
        ((4, 4), "The commonest kind was a and b, 4 (50%) each."),
        ((5, None), "The commonest kind shown was a, 5."),
        ((0, 0), "No number of contacts can be shown."),
        ((None, None), "No number of contacts can be shown."),
    ],
)
def test_the_commonest_contacts(numbers: tuple[int | None, ...], text: str) -> None:
    known = whole(*numbers)
    parts = known / known.sum() if all(numbers) else [None, None]
    table = pd.DataFrame(
        {"by": "kind", "stratum": ["a", "b"], "n": known, "part": parts, "basis": "assumed"}
    ).astype({"part": "float64"})
    roles = {"by": dimension(), "stratum": stratum(), "n": count(), "part": share()}
    assert said(answers.contacts, Result.of(table, **roles)) == [text]


def test_who_came_and_of_how_many_it_is_not_recorded() -> None:
    table = pd.DataFrame(
        {
            "role": ["a", "b", NOT_RECORDED],
            "people": whole(2, 5, 30),
            "part": [0.05, 0.14, 0.81],
            "basis": "assumed",
        }
    )
    roles = {"role": stratum(), "people": count(of="people"), "part": share(of="people")}
    assert said(answers.composition, Result.of(table, **roles)) == [
        "The largest groups of those who attended: b, 5 (14%); and a, 2 (5%).",
        "Of 30 people it is not recorded.",
    ]
    hidden = Result.of(table.assign(people=whole(None, 5, None)), **roles)
    assert said(answers.composition, hidden) == [
        "The largest group shown of those who attended: b, 5 (14%).",
        "Of a suppressed number of people it is not recorded.",
    ]


def sessions_of(*numbers: int | None) -> Result:
    labels = ["a", "b", NOT_RECORDED, "all"]
    table = pd.DataFrame({"who": labels, "n": whole(*numbers), "basis": "assumed"})
    return Result.of(table, who=stratum(), n=count(of="all"))


def test_who_had_most_sessions() -> None:
    assert said(answers.consultations, sessions_of(4, 4, 9, 17)) == [
        "Staff were given 17 sessions.",
        "The largest number went to a and b (4 each).",
    ]
    assert said(answers.consultations, sessions_of(1, 0, 0, 1)) == [
        "Staff were given 1 session.",
        "The largest number went to a (1).",
    ]
    assert said(answers.consultations, sessions_of(None, 4, 9, None)) == [
        "Staff were given a suppressed number of sessions.",
        "The largest number shown went to b (4).",
    ]


def test_what_is_missing_is_added_up_if_all_of_it_is_shown() -> None:
    table = pd.DataFrame(
        {
            "table": "forms",
            "column": ["role", "topic"],
            "cells": whole(1, 0),
            "rows": whole(10, 10),
            "part": [0.1, 0.0],
            "basis": "assumed",
        }
    )
    roles = {
        "table": stratum(of="table"),
        "column": stratum(of="column"),
        "cells": count(of="cells"),
        "rows": count(of="rows"),
        "part": share(of="cells"),
    }
    assert said(answers.missing, Result.of(table, **roles)) == [
        "Most often missing is role of forms, in 10.0% of rows; in all, 1 value of optional "
        "fields.",
        "5% or more is missing in 1 of 2 fields shown.",
    ]
    tied = table.assign(cells=whole(None, 1), part=0.1)
    assert said(answers.missing, Result.of(tied, **roles))[0] == (
        "Most often missing is role of forms and topic of forms, in 10.0% of rows."
    )


def test_a_span_outside_of_the_period_has_no_counts() -> None:
    rows = [
        ({"measure": "visits", "span": span, "quantity": "count"}, estimate)
        for span, estimate in (
            ("before", share_of(3, 4, 0.1, 0.9)),
            ("after", without("no_data")),
            (WHOLE, share_of(3, 4, 0.1, 0.9)),
        )
    ]
    roles = {"measure": measure(), "span": stratum(of="group"), "quantity": stratum(of="quantity")}
    assert said(answers.phases, Result.of_estimates(rows, **roles)) == ["Before: 3 visits made."]


def test_coming_again_is_not_said_over_a_session_that_is_not_known() -> None:
    rows = [
        ({"session": n, "all": part}, share_of(9, 10, 0.5, 0.99))
        for n, part in ((1, 0.9), (2, None), (3, 0.2))
    ]
    roles = {"session": number(of="session"), "all": share(of="all who came")}
    assert len(said(answers.retention, Result.of_estimates(rows, **roles))) == 1
    rows[1] = ({"session": 2, "all": 0.4}, share_of(4, 10, 0.1, 0.7))
    assert said(answers.retention, Result.of_estimates(rows, **roles))[1] == (
        "At least half of all who came, 90%, came again after session 1, and fewer than half "
        "after the next."
    )


def test_what_became_of_referrals_is_said_of_the_last_days_that_are_known() -> None:
    rows = [
        ({"population": "accepted", "outcome": outcome, "days": days}, estimate)
        for days, estimate in ((28, share_of(1, 2, 0.3, 0.7)), (56, without("short_series")))
        for outcome in ("seen", "still waiting")
    ]
    roles = {
        "population": stratum(of="population"),
        "outcome": stratum(of="outcome"),
        "days": number(of="days"),
    }
    assert said(answers.ends, Result.of_estimates(rows, **roles)) == [
        "4 weeks (28 days) after referral, of families accepted: 50% (90% interval 30 to 70%) "
        "seen and 50% (30 to 70%) still waiting."
    ]
    half = [*rows[:3], (rows[3][0], share_of(1, 2, 0.3, 0.7))]  # one outcome is not known
    assert said(answers.ends, Result.of_estimates(half, **roles))[0].startswith("4 weeks")
    assert said(answers.ends, Result.of_estimates(rows[2:], **roles)) == [
        "What had become of referrals is not known or suppressed."
    ]


def line_of(*rows: tuple[str, str, int | None, float]) -> Result:
    columns = ["measure", "year", "achieved", "expected"]
    table = pd.DataFrame(rows, columns=columns).astype({"achieved": "Int64"})
    return Result.of(
        table.assign(month=pd.Timestamp("2020-04-01"), basis="assumed"),
        measure=measure(),
        year=stratum(),
        month=month(),
        achieved=count(),
        expected=number(),
    )


def test_only_the_last_year_with_a_target_stands_against_its_line() -> None:
    found = line_of(("visits", "2018/19", 9, 5.0), ("staff", "2019/20", 3, 4.0))
    assert said(answers.cumulative, found) == [
        "At the end of 2019/20, as far as it is covered, none of 1 count had come to the line of "
        "its target.",
        "There were 3 staff trained (people) of 4.0 expected.",
    ]
    assert said(answers.cumulative, line_of(("staff", "2019/20", None, 4.0))) == [
        "Where the counts of 2019/20 stood cannot be said: they are suppressed."
    ]


def with_less(*pairs: tuple[str, str, Estimate, Estimate]) -> Result:
    rows = [
        ({"measure": name, "year": "2020/21", "rag": rating}, estimate)
        for name, after, *both in pairs
        for rating, estimate in zip(("amber", after), both, strict=True)
    ]
    return Result.of_estimates(
        rows, measure=measure(), year=stratum(of="year"), rag=words(of="rating")
    )


def test_with_less_expected_only_what_is_rated_is_compared() -> None:
    hidden = ("staff", "not rated", without("suppressed"), without("suppressed"))
    known = ("visits", "green", ratio(0.8, 0.5, 1), ratio(1.1, 0.7, 1.5))
    assert said(answers.exposure, with_less(hidden, known)) == [
        "With less expected, 1 of 1 rating changes: visits made 2020/21 from amber to green.",
        "The largest difference is that of visits made 2020/21: 1.10 of expected, not 0.80.",
    ]
    assert said(answers.exposure, with_less(hidden)) == [
        "What would change if less had been expected cannot be said: nothing is rated."
    ]


def test_pairs_of_cut_offs_under_which_nothing_can_be_said_are_told_apart() -> None:
    table = pd.DataFrame(
        {
            "rule": ["green", "green", "any", "any"],
            "declared": ["no", "yes", "no", "no"],
            "all_met": ["yes", "not rated", "no", "no"],
            "basis": "assumed",
        }
    )
    roles = {"rule": words(of="rule"), "declared": words(of="declared")}
    result = Result.of(table, **roles, all_met=words(of="all met"))
    assert said(answers.sensitivity, result) == [
        "All targets are met or nearly met under 1 of 2 pairs of cut-offs (1 cannot be said) where "
        "“green” counts as nearly met.",
        "They are under 0 of 2 pairs of cut-offs where “any” counts as nearly met.",
    ]
    assert said(answers.sensitivity, result.with_table(table.assign(all_met="not rated"))) == [
        "Whether all targets are met or nearly met cannot be said under any cut-offs."
    ]


def test_items_with_scales_of_their_own_are_compared_by_their_highest_answer() -> None:
    table = pd.DataFrame(
        {
            "item": ["again", "again", "course", "course"],
            "answer": ["no", "yes", "poor", "good"],
            "part": [0.1, 0.9, 0.6, 0.4],
            "basis": "assumed",
        }
    )
    roles = {"item": stratum(of="item"), "answer": stratum(of="answer"), "part": share()}
    assert said(answers.items, Result.of(table, **roles)) == [
        "The highest answer was the answer of 90% on “again” (“yes”), the most, and of 40% on "
        "“course” (“good”), the least."
    ]
    hidden = Result.of(table.assign(part=[None, None, 0.6, 0.4]), **roles)
    assert said(answers.items, hidden) == [
        "“good” was the answer of 40% on “course”, of 1 item shown."
    ]


def test_how_much_blanks_change_is_from_the_highest_share_to_the_lowest() -> None:
    rows = [
        ({"item": "course", "approach": "a"}, share_of(75, 100, 0.6, 0.8)),
        ({"item": "course", "approach": "b"}, share_of(90, 100, 0.8, 1.0)),
        (
            {"item": "course", "approach": WORST},
            Estimate("x", 75, 100, 0.75, 0.7, 0.95, WORST_CASE, "ok", "assumed"),
        ),
    ]
    roles = {"item": stratum(of="item"), "approach": stratum(of="approach")}
    assert (
        "by at most 20.0 percentage points"
        in said(answers.blanks, Result.of_estimates(rows, **roles))[0]
    )


def test_how_much_blanks_change_is_not_known_of_an_item_that_is_hidden_in_part() -> None:
    rows = [
        ({"item": "course", "approach": "a"}, share_of(75, 75, 0.9, 1.0)),
        ({"item": "course", "approach": "b"}, without("suppressed")),
        (
            {"item": "course", "approach": WORST},
            Estimate("x", 75, 75, 1.0, 1.0, 1.0, WORST_CASE, "ok", "assumed"),
        ),
    ]
    roles = {"item": stratum(of="item"), "approach": stratum(of="approach")}
    assert said(answers.blanks, Result.of_estimates(rows, **roles))[0].startswith("No item can be")


def test_bounds_whose_share_is_hidden_and_what_bounds_over_people_assume() -> None:
    bound = Estimate("x", 3, 9, 0.5, 0.3, 0.9, WORST_CASE, "ok", "assumed", ONE_EACH)
    rows = [
        ({"over": "those who answered"}, without("suppressed")),
        ({"over": "all attendances"}, bound.noted("")),
        ({"over": "all people"}, bound),
    ]
    result = Result.of_estimates(
        rows, over=stratum(), estimate=estimated_share("high satisfaction")
    )
    first, second = said(answers.bounds, result)
    assert first.startswith(
        "What share of those who answered gave high satisfaction is suppressed, so that nobody can "
        "be identified; of all attendances it would be 30.0% if none of the silent had"
    )
    assert second == (
        "Of all people it would be 30.0% if none of the silent had, and 90.0% if all had, if no "
        "two answers are of one person."
    )


def odds_of(*rows: tuple[str, float, float, float]) -> Result:
    return Result.of_estimates(
        [
            ({"outcome": outcome, "group": "midwife", "against": "doctor"}, ratio(*values))
            for outcome, *values in rows
        ],
        outcome=stratum(of="outcome"),
        group=stratum(of="group"),
        against=stratum(of="reference"),
    )


def test_odds_ratios_of_several_outcomes_say_of_which_each_is() -> None:
    assert said(answers.odds, odds_of(("high", 4, 2, 8))) == [
        "1 of 1 odds ratio differs from 1 by more than its interval allows: midwife against "
        "doctor, 4 (90% interval 2 to 8)."
    ]
    both = said(answers.odds, odds_of(("high", 4, 2, 8), ("higher", 3, 2, 5)))
    assert both[0].endswith(
        "midwife against doctor, 4 (90% interval 2 to 8) for high; and midwife against doctor, 3 "
        "(90% interval 2 to 5) for higher."
    )
    assert both[1].startswith("One of many comparisons may stand out by chance")


def test_a_pool_of_small_courses_is_no_course() -> None:
    rows = [
        ({"by": "course_id", "stratum": name}, share_of(part, 10, 0.3, 1.0))
        for name, part in (("A", 10), ("B", 9), ("7 courses with fewer than 5 answers", 8))
    ]
    found = Result.of_estimates(rows, by=dimension(), stratum=stratum())
    assert said(answers.courses, found)[0] == (
        "In 1 of 2 courses shown everyone who answered gave a high answer."
    )


def test_one_share_of_several_that_is_shown() -> None:
    rows = [
        ({"measure": name, "by": "all", "stratum": "all"}, estimate)
        for name, estimate in (("visits", share_of(1, 2, 0.3, 0.7)), ("staff", without("no_data")))
    ]
    roles = {"measure": measure(), "by": dimension(), "stratum": stratum()}
    assert said(answers.shares, Result.of_estimates(rows, **roles)) == [
        "The only share shown of 2 is visits made, 50% (90% interval 30 to 70%)."
    ]
