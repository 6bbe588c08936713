"""The account: a step can change, reject or object, and each leaves its trace."""

from __future__ import annotations

import dataclasses

import pandas as pd
import pytest
from cleaning_helpers import STUDY, text_table
from pandas.testing import assert_frame_equal

from lmm.cleaning.ledger import ACCOUNT_COLUMNS, Ledger

RAW = text_table("courses", {}, {"course_id": "C02"}, {"course_id": "C03"}, lines=[2, 5, 6])


@pytest.fixture
def ledger() -> Ledger:
    return Ledger.open("courses", RAW, STUDY)


def test_an_account_opens_with_every_row_and_no_entry(ledger: Ledger) -> None:
    assert_frame_equal(ledger.frame, RAW)
    assert ledger.file == "courses.csv"
    assert (ledger.log, ledger.rejected, ledger.problems) == ((), (), ())
    assert ledger.account() == ("courses", "courses.csv", 3, 0, 3, 0)


def test_a_change_is_counted_by_comparison(ledger: Ledger) -> None:
    new = RAW["mode"].where(RAW.index != 5, "online")
    after = ledger.change("labels", "mode", new, "spellings unified")
    expected = text_table(
        "courses", {}, {"course_id": "C02", "mode": "online"}, {"course_id": "C03"}, lines=[2, 5, 6]
    )
    assert_frame_equal(after.frame, expected)
    done = "spellings unified: 'in person' to 'online' (1)"
    assert after.log == (("courses", "labels", "mode", 1, done),)
    assert after.account() == ("courses", "courses.csv", 3, 0, 3, 1)


def test_a_change_of_nothing_leaves_no_entry(ledger: Ledger) -> None:
    after = ledger.change("labels", "mode", RAW["mode"].copy(), "spellings unified")
    assert (after.frame is ledger.frame, after.log) == (True, ())


def test_the_log_shows_the_four_commonest_changes() -> None:
    old = ["a", "b", "b", "c", "d", "e", "f", "f"]
    raw = text_table("courses", *({"topic": cell} for cell in old))
    after = Ledger.open("courses", raw, STUDY).change(
        "labels", "topic", raw["topic"].str.upper(), "done"
    )
    shown = "'b' to 'B' (2); 'f' to 'F' (2); 'a' to 'A' (1); 'c' to 'C' (1)"
    assert after.log == (("courses", "labels", "topic", 8, f"done: {shown}; and 2 more"),)


def test_a_rejected_row_leaves_the_frame_with_its_reason(ledger: Ledger) -> None:
    reasons = pd.Series(["too late", "too early"], index=[6, 2], dtype="str")
    after = ledger.reject("period", reasons, "dates outside")
    assert_frame_equal(after.frame, RAW.loc[[5]])
    assert after.rejected == (
        ("courses", "courses.csv", "", 6, "too late"),
        ("courses", "courses.csv", "", 2, "too early"),
    )
    assert after.log == (("courses", "period", "", 2, "rejected: dates outside"),)
    assert after.account() == ("courses", "courses.csv", 3, 2, 1, 0)


def test_rejections_add_up(ledger: Ledger) -> None:
    after = ledger.reject("one", pd.Series(["first"], index=[6], dtype="str"), "rows")
    after = after.reject("two", pd.Series(["second"], index=[2], dtype="str"), "rows")
    assert [row[3:] for row in after.rejected] == [(6, "first"), (2, "second")]
    assert after.account() == ("courses", "courses.csv", 3, 2, 1, 0)


def test_a_row_cannot_be_rejected_twice(ledger: Ledger) -> None:
    reason = pd.Series(["why"], index=[2], dtype="str")
    after = ledger.reject("period", reason, "rows")
    with pytest.raises(KeyError):
        after.reject("rules", reason, "rows")


def test_rejecting_nothing_leaves_no_entry(ledger: Ledger) -> None:
    after = ledger.reject("period", pd.Series([], dtype="str"), "dates outside")
    assert (after.frame is ledger.frame, after.log, after.rejected) == (True, (), ())


def test_rows_fixed_counts_kept_rows_once(ledger: Ledger) -> None:
    after = (
        ledger.change("one", "mode", RAW["mode"].str.upper(), "raised")
        .change("two", "topic", RAW["topic"].str.upper(), "raised")
        .reject("three", pd.Series(["why"], index=[2], dtype="str"), "rows")
        .change("four", "mode", RAW["mode"].loc[[5, 6]], "lowered again")
    )
    assert dict(zip(ACCOUNT_COLUMNS, after.account(), strict=True)) == {
        "table": "courses",
        "file": "courses.csv",
        "rows_read": 3,
        "rows_rejected": 1,
        "rows_kept": 2,
        "rows_fixed": 2,
    }
    assert [entry[:4] for entry in after.log] == [
        ("courses", "one", "mode", 3),
        ("courses", "two", "topic", 3),
        ("courses", "three", "", 1),
        ("courses", "four", "mode", 2),
    ]


def test_objections_add_up(ledger: Ledger) -> None:
    after = ledger.object(["first"]).object([]).object(["second", "third"])
    assert after.problems == ("first", "second", "third")
    assert_frame_equal(after.frame, RAW)


def test_a_step_is_applied_with_its_arguments(ledger: Ledger) -> None:
    def step(before: Ledger, word: str, *, times: int) -> Ledger:
        return before.object([word] * times)

    assert ledger.then(step, "no", times=2).problems == ("no", "no")


def test_every_step_gives_a_new_account(ledger: Ledger) -> None:
    before = RAW.copy(deep=True)
    ledger.change("one", "mode", RAW["mode"].str.upper(), "raised")
    ledger.reject("two", pd.Series(["why"], index=[2], dtype="str"), "rows")
    ledger.object(["no"])
    assert (ledger.log, ledger.rejected, ledger.problems) == ((), (), ())
    assert_frame_equal(ledger.frame, before)
    assert_frame_equal(RAW, before)
    with pytest.raises(dataclasses.FrozenInstanceError):
        ledger.table = "families"  # type: ignore[misc]
