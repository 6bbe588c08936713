"""The findings of figures that draw more than a table says: in literal results."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from lmm.analysis import roles
from lmm.analysis.result import Result
from lmm.showing import answers
from lmm.showing.answers import figures
from lmm.showing.wording import worded

EVENT = (dt.date(2020, 3, 23), "first lockdown")


def of_months(status: str = "ok") -> Result:
    """Give a month before an event and two whole ones from it on."""
    table = pd.DataFrame(
        {
            "measure": "visits",
            "month": pd.to_datetime(["2020-02-01", "2020-04-01", "2020-05-01"]),
            "events": [9, 4, 5],
            "after": [0.0, 1.0, 1.0],
            "counterfactual": [9.0, 8.2, 8.4],
            "status": status,
        }
    )
    return Result.of(
        table,
        measure=roles.measure(),
        month=roles.month(),
        events=roles.count(),
        after=roles.number(of="part after"),
        counterfactual=roles.number(of="counterfactual"),
    )


def test_what_was_counted_stands_beside_what_was_expected() -> None:
    with worded({"visits": "visits made"}, event=EVENT):
        assert figures.counterfactual(of_months()) == (
            "9 visits made were counted in 2 whole months from the first lockdown on, and 17 are "
            "expected without a step.",
        )
        assert figures.counterfactual(of_months("no_data")) == (
            "No whole month from the first lockdown on can be compared.",
        )


def test_quarters_are_said_from_the_least_to_the_most() -> None:
    table = pd.DataFrame(
        {"measure": "visits", "estimate": [1.0, 2.25, None], "status": ["ok", "ok", "suppressed"]}
    )
    found = Result.of(table, measure=roles.measure())
    with worded({"visits": "visits made"}):
        assert figures.quarters(found) == (
            "Quarters had from 1.0 to 2.3 visits made a month open.",
        )
        hidden = found.with_table(table.assign(status="suppressed"))
        assert figures.quarters(hidden) == (
            "No quarter can be shown: the counts are suppressed or the service was closed.",
        )


def days(*followed: int) -> Result:
    """Give a curve that loses a tenth at each of the days, and ends on the last of them."""
    table = pd.DataFrame({"day": followed, "left": [1 - n / 10 for n in range(len(followed))]})
    return Result.of(table, day=roles.number(), left=roles.share())


def test_who_waits_is_said_as_long_as_somebody_was_followed() -> None:
    assert figures.waiting(days(0, 20, 40, 60)) == (
        "If those who left unseen had waited like the others, 90% after 4 weeks (28 days) and 80% "
        "after 8 weeks (56 days) would not yet have been seen.",
    )
    assert figures.waiting(days(0, 20, 40)) == (
        "If those who left unseen had waited like the others, 90% after 4 weeks (28 days) would "
        "not yet have been seen.",
    )
    assert "0% after 4 weeks (28 days) and 0% after 8" in figures.waiting(days(*range(11)))[0]
    assert figures.waiting(days(0, 20)) == (
        "No family was followed for 28 days after its referral.",
    )


def test_what_became_of_families_is_said_of_the_last_day_with_results() -> None:
    table = pd.DataFrame(
        {
            "day": [0, 0, 30, 30, 70, 70],
            "outcome": ["seen", "waiting"] * 3,
            "share": [0, 1, 0.25, 0.75, 0.5, 0.5],
        }
    )
    found = Result.of(
        table,
        day=roles.number(),
        outcome=roles.stratum(of="outcome"),
        share=roles.share(),
    )
    assert figures.leaving(found) == (
        "8 weeks (56 days) after referral: 25% seen and 75% waiting.",
    )
    early = found.where(table["day"] == 0)
    assert figures.leaving(early)[0].startswith("No family was followed for 28 days")


def test_points_that_stand_out_are_named() -> None:
    table = pd.DataFrame(
        {
            "measure": ["visits", "visits", "calls"],
            "base": "whole series",
            "period": pd.to_datetime(["2020-01-01", "2020-04-01", "2020-04-01"]),
            "rules": ["", "outside the limits", ""],
        }
    )
    found = Result.of(
        table,
        measure=roles.measure(),
        base=roles.words(of="base"),
        period=roles.date(),
        rules=roles.words(of="rules"),
    )
    with worded({"visits": "visits made", "calls": "calls"}):
        assert figures.flagged(found) == (
            "1 point of these 2 charts stands out: visits made, whole series: April 2020 (outside "
            "the limits).",
        )
        assert figures.flagged(found.where(table["rules"] == "")) == (
            "No point of these 2 charts stands out beyond chance.",
        )


# --- where some is hidden ----------------------------------------------------------------------


def test_a_field_that_is_suppressed_is_not_said_to_be_complete() -> None:
    table = pd.DataFrame(
        {"table": "forms", "column": ["age", "role"], "missing": [0, 0], "share": [0.0, 0.0]}
    )
    fields = {
        "table": roles.stratum(of="table"),
        "column": roles.stratum(of="column"),
        "missing": roles.count(of="cells"),
        "share": roles.share(of="cells"),
    }
    assert answers.missing(Result.of(table, **fields)) == (
        "No optional field has a value missing.",
    )
    some = table.assign(share=[0.0, None])
    assert answers.missing(Result.of(some, **fields)) == (
        "No value is missing in 1 field shown; of the others it is not known.",
    )
