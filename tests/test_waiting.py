"""The wait for a first session: who is followed for how long, and what is made of it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from family_counts import STUDY, counts_of, family, released_of, without

from lmm.analysis import waiting
from lmm.counting.counts import Counts
from lmm.showing import plots


def test_days_are_counted_to_the_session_the_discharge_or_the_end() -> None:
    counts = counts_of(
        family("2020-12-02", missed="2020-12-03", seen="2020-12-12"),
        family("2020-12-02", discharged_on="2020-12-22"),
        family("2020-12-02"),
        family("2020-12-02", seen="2020-12-02"),
        family("2020-12-02", seen="2020-12-12", discharged_on="2020-12-30"),
        {"referred_on": "2020-12-22"},
        family("2020-12-02", seen="2021-02-03"),  # after the end of the period
    )
    accepted = waiting.waits(counts)
    assert list(accepted.columns) == ["days", "outcome", "n"]
    assert accepted.to_numpy().tolist() == [
        [0, "seen", 1], [10, "seen", 2], [20, "left", 1], [60, "waiting", 2],
    ]  # fmt: skip
    referred = waiting.waits(counts, "referred")
    assert referred.loc[referred["days"] == 40].to_numpy().tolist() == [[40, "waiting", 1]]
    assert referred["n"].sum() == 7
    never = waiting.waits(counts, "accepted", "followed")
    assert never.to_numpy().tolist() == [
        [0, "seen", 1], [10, "seen", 2], [60, "left", 1], [60, "waiting", 2],
    ]  # fmt: skip


def test_the_curve_starts_at_one_and_has_a_row_for_each_day() -> None:
    counts = counts_of(
        family("2020-01-01", seen="2020-01-11"),
        family("2020-01-01", seen="2020-01-11"),
        family("2020-01-01", discharged_on="2020-01-06"),
        family("2020-01-01", seen="2020-01-31"),
    )
    curve = waiting.wait_curve(counts).table
    assert list(curve["days"]) == [0, 5, 10, 30]
    assert list(curve["at_risk"]) == [4, 4, 3, 1]
    assert list(curve["left"]) == [0, 1, 0, 0]
    assert list(curve["not_yet_seen"]) == pytest.approx([1, 1, 1 / 3, 0])
    assert list(curve["status"]) == ["not_estimable", "not_estimable", "ok", "not_estimable"]
    assert set(curve["basis"]) == {"assumed"}


def median_of(counts: Counts, population: str = "accepted") -> Any:
    table = waiting.median_wait(counts).table
    return next(table[table["population"] == population].itertuples(index=False))


def share_of(counts: Counts, within: int, leaving: str = "censored at discharge") -> Any:
    table = waiting.seen_within(counts).table
    rows = table[
        (table["population"] == "accepted")
        & (table["within_days"] == within)
        & (table["leaving"] == leaving)
    ]
    return next(rows.itertuples(index=False))


def test_nobody_waits() -> None:
    counts = counts_of()
    assert list(waiting.median_wait(counts).table["status"]) == ["no_data"] * 2
    assert list(waiting.seen_within(counts).table["status"]) == ["no_data"] * 4
    assert waiting.wait_curve(counts).table.empty


def test_referred_and_never_accepted() -> None:
    counts = counts_of({"referred_on": "2020-01-01"})
    assert median_of(counts).status == "no_data"
    found = median_of(counts, "referred")
    assert (found.status, found.denominator) == ("short_series", 1)
    assert "fewer than half" in found.note


def test_one_family_seen() -> None:
    counts = counts_of(family("2020-01-01", seen="2020-01-11"))
    found = median_of(counts)
    assert (found.status, found.estimate) == ("short_series", 10)
    assert np.isnan(found.high)
    assert found.note == "half were seen by day 10; an upper limit is not reached"
    share = share_of(counts, 28)
    assert (share.status, share.estimate, share.high) == ("ok", 1, 1)
    assert share.low == pytest.approx(0.2065, abs=1e-4)  # Wilson, 1 of 1
    assert "of the 1 whose" in share.method


def test_one_family_still_waiting() -> None:
    counts = counts_of(family("2021-01-01"))  # followed for 30 days
    assert median_of(counts).status == "short_series"
    within = share_of(counts, 28)
    assert (within.status, within.estimate, within.low) == ("ok", 0, 0)
    assert within.high == pytest.approx(1 - 0.2065, abs=1e-4)
    beyond = share_of(counts, 56)
    assert beyond.status == "short_series"
    assert beyond.note == "nobody was followed for 56 days"


def test_nobody_is_ever_seen() -> None:
    counts = counts_of(*[family("2019-01-01")] * 20)
    assert "fewer than half" in median_of(counts).note
    found = share_of(counts, 56)
    assert (found.estimate, found.low) == (0, 0)
    assert found.high == pytest.approx(0.1611, abs=1e-4)  # Wilson, 0 of 20
    assert plots.waiting(waiting.wait_curve(counts)).finding == (
        "If those who left unseen had waited like the others, 100% after 4 weeks (28 days) and "
        "100% after 8 weeks (56 days) would not yet have been seen."
    )


def test_only_those_followed_so_long_tell_that_nobody_was_seen() -> None:
    """The period ends 28 days after 3 January 2021."""
    counts = counts_of(family("2021-01-04"), family("2021-01-03"), family("2021-01-02"))
    found = share_of(counts, 28)
    assert (found.estimate, found.denominator) == (0, 3)
    assert found.high == pytest.approx(0.6576, abs=1e-4)  # Wilson, 0 of 2
    assert "of the 2 whose" in found.method
    assert share_of(counts_of(family("2021-01-03")), 28).status == "ok"
    assert share_of(counts_of(family("2021-01-04")), 28).status == "short_series"


def test_everybody_else_is_seen() -> None:
    seen = [family("2019-01-01", seen="2019-01-21")] * 4
    found = share_of(counts_of(*seen, family("2019-01-01", discharged_on="2019-01-06")), 28)
    assert (found.estimate, found.denominator) == (1, 5)
    assert found.low == pytest.approx(0.5101, abs=1e-4)  # Wilson, 4 of 4


def test_everybody_is_seen_on_one_day() -> None:
    counts = counts_of(*[family("2019-01-01", seen="2019-01-15")] * 20)
    found = median_of(counts)
    assert (found.status, found.note.split(";")[0]) == ("short_series", "half were seen by day 14")
    share = share_of(counts, 28)
    assert (share.estimate, share.high) == (1, 1)
    assert share.low == pytest.approx(1 - 0.1611, abs=1e-4)


def test_half_seen_exactly_is_half() -> None:
    """Products of shares miss a half by a rounding error."""
    days = [f"2019-01-{day:02}" for day in range(2, 30)]
    counts = counts_of(*[family("2019-01-01", seen=day) for day in days])
    assert median_of(counts).estimate == 14


def test_leaving_is_counted_in_two_ways_and_said() -> None:
    counts = counts_of(
        *[family("2019-01-01", seen="2019-01-21")] * 6,
        *[family("2019-01-01", discharged_on="2019-01-08")] * 4,
    )
    censored, never = share_of(counts, 28), share_of(counts, 28, "never seen")
    assert censored.estimate == pytest.approx(1)
    assert never.estimate == pytest.approx(0.6)
    assert "like those who stayed" in censored.note
    assert "until the end of the period" in never.note
    assert "like those who stayed" in median_of(counts).note
    nobody_left = waiting.seen_within(counts_of(family("2019-01-01", seen="2019-01-21"))).table
    assert set(nobody_left["leaving"]) == {"censored at discharge"}


def test_without_discharges_those_who_left_are_counted_as_still_waiting() -> None:
    counts = counts_of(
        *[family("2019-01-01", seen="2019-01-21")] * 6,
        *[family("2019-01-01", discharged_on="2019-01-08")] * 4,
        study=without(STUDY, "families", "discharged_on"),
    )
    assert waiting.waits(counts)["outcome"].tolist() == ["seen", "waiting"]
    table = waiting.seen_within(counts).table
    assert set(table["leaving"]) == {waiting.NOT_KNOWN}
    assert table["estimate"].iloc[0] == pytest.approx(0.6)


def test_without_contacts_nothing_is_said_of_waits() -> None:
    counts = counts_of(study=without(STUDY, "family_contacts"))
    why_not = "This service keeps no table of family contacts."
    assert waiting.wait_curve(counts).why_not == why_not
    assert waiting.median_wait(counts).why_not == why_not
    assert waiting.seen_within(counts).why_not == why_not


MANY = (
    *[family("2019-01-01", seen="2019-01-21")] * 22,
    *[family("2019-01-01", seen="2019-03-21")] * 9,
    *[family("2019-01-01", discharged_on="2019-01-08")] * 9,
)


def test_curve_and_median_are_not_released() -> None:
    released = released_of(*MANY)
    assert waiting.wait_curve(released).why_not == (
        "Not released: each step of the curve is a family. See the page on disclosure."
    )
    assert waiting.median_wait(released).why_not.startswith("Not released: a median is the wait")
    assert waiting.waits(released).empty


def test_of_released_counts_the_plain_share_is_given() -> None:
    table = waiting.seen_within(released_of(*MANY)).table
    assert set(table["leaving"]) == {"counted as not seen"}
    assert table[["population", "within_days"]].to_numpy().tolist() == [
        ["accepted", 28], ["accepted", 56], ["referred", 28], ["referred", 56],
    ]  # fmt: skip
    first = table.iloc[0]
    assert (first["numerator"], first["denominator"], first["estimate"]) == (20, 40, 0.5)
    assert (first["low"], first["high"]) == pytest.approx((0.3520, 0.6480), abs=1e-4)  # Wilson
    assert first["note"] == (
        "made from the released counts; who was not followed for so long counts as not seen"
    )


def test_a_share_of_few_is_suppressed() -> None:
    table = waiting.seen_within(
        released_of(*MANY[:2], *[family("2019-01-01", discharged_on="2019-01-08")] * 20)
    ).table
    assert set(table["status"]) == {"suppressed"}
    assert table["estimate"].isna().all()
    assert table["numerator"].isna().all()


def test_the_confidence_level_is_the_chosen_one() -> None:
    rows = [family("2019-01-01", seen=f"2019-02-{day:02}") for day in range(1, 28)]
    wide = waiting.wait_curve(counts_of(*rows, confidence="0.99")).table
    narrow = waiting.wait_curve(counts_of(*rows, confidence="0.8")).table
    assert (wide["low"] < narrow["low"]).iloc[1:-1].all()


# --- the figure ---


def test_the_waiting_figure_marks_the_censored() -> None:
    counts = counts_of(
        family("2019-01-01", seen="2019-01-21"),
        family("2019-01-01", seen="2019-02-21"),
        family("2019-01-01", discharged_on="2019-01-11"),
        family("2021-01-01"),
        family("2019-01-01"),
    )
    picture = plots.waiting(waiting.wait_curve(counts))
    svg = picture.svg("", picture.alt)
    assert "still waiting at the end of the period" in svg
    assert "discharged unseen" in svg
    assert "Not seen and followed for longer than the axis goes: 1." in picture.caption
    assert "Share of 5 families not yet seen" in picture.caption
    share = waiting.wait_curve(counts).table.set_index("days").loc[20, "not_yet_seen"]
    assert f"{share:.0%} after 4 weeks (28 days)" in picture.finding
    assert f">28 days: {share:.0%}</text>" in svg


def test_the_waiting_figure_of_a_short_period_promises_nothing() -> None:
    picture = plots.waiting(waiting.wait_curve(counts_of(family("2021-01-20"))))
    assert picture.finding == "No family was followed for 28 days after its referral."
