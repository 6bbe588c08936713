"""Months that are suppressed, and months when the service was closed, in each figure of months."""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import Any

import matplotlib.dates as mdates
import pandas as pd
import pytest
from family_counts import family
from family_counts import records_of as families_of
from gates import STUDY, clean_tables
from matplotlib.axes import Axes
from matplotlib.colors import to_hex

from lmm.analysis import descriptive, families, interrupted, process, targets
from lmm.analysis.result import Result
from lmm.cleaning.records import Records
from lmm.counting.count import count
from lmm.counting.counts import Counts
from lmm.disclosure.gate import release
from lmm.showing import plots
from lmm.showing.wording import worded
from lmm.study.declared import Closure
from lmm.study.parameters import Parameters

BLUE, PALE, GREY = "#0072b2", "#d9d9d9", "#6b6b6b"
CLOSED = STUDY.model_copy(
    update={
        "closures": (
            Closure(start=dt.date(2019, 8, 1), end=dt.date(2019, 9, 30), reason="moved house"),
        )
    }
)
CLOSED._folder = STUDY.folder


@cache
def protected() -> Counts:
    """Give released counts: ten families in June, too few in July, then closed for two months."""
    rows = [family("2019-05-06", seen="2019-06-03")] * 12
    rows += [family("2019-06-03", seen="2019-07-01")] * 3
    study = CLOSED.model_copy(update={"disclosure": "opensafely"})
    period = {"period_start": "2019-05-01", "period_end": "2019-12-31", "event_date": "2019-07-01"}
    return release(families_of(*rows, study=study, **period)).counts


@cache
def exact() -> Counts:
    """Give the compendium's own counts, as if it had been closed for two months."""
    return count(Records.within(clean_tables(), CLOSED, Parameters.of(CLOSED)))


def of(result: Result, measure: str) -> Result:
    return result.where(result.table[result.column("measure")] == measure)


def day(x: Any) -> str:
    number = x if isinstance(x, float | int) else mdates.date2num(x)
    return f"{mdates.num2date(number):%Y-%m-%d}"


def bars(axes: Axes) -> list[tuple[str, int, float]]:
    """Give the first day of each bar, how many days it is wide, and its height."""
    drawn = [each for each in axes.patches if to_hex(each.get_facecolor()) == BLUE]
    return [(day(bar.get_x()), int(bar.get_width()), float(bar.get_height())) for bar in drawn]


def spans(axes: Axes) -> list[tuple[str, str, str]]:
    """Give the first day of each shaded span, the day after it, and how it is shaded."""
    return [
        (
            day(span.get_x()),
            day(span.get_x() + span.get_width()),
            f"{span.get_hatch()} {to_hex(span.get_edgecolor())}"
            if span.get_hatch()
            else to_hex(span.get_facecolor()),
        )
        for span in axes.patches
        if to_hex(span.get_facecolor()) != BLUE
    ]


def line(axes: Axes, marker: str, at: int = 0) -> list[tuple[str, float | None]]:
    """Give the points of a line, by its marker and by its place among such lines."""
    found = [each for each in axes.lines if each.get_marker() == marker][at]
    return [
        (day(x), None if pd.isna(y) else round(float(y), 2))
        for x, y in zip(found.get_xdata(), found.get_ydata(), strict=True)
    ]


def ticks(axes: Axes) -> list[str]:
    return [text.get_text() for text in axes.get_xticklabels()]


# --- a protected study -----------------------------------------------------------------------


def test_months_that_are_suppressed_or_closed_have_no_bar_but_a_shade_of_their_own() -> None:
    picture = plots.monthly(of(descriptive.monthly_activity(protected()), "families"))
    (axes,) = picture.figure.axes
    assert bars(axes) == [
        ("2019-05-01", 26, 0),
        ("2019-06-01", 26, 10),
        ("2019-10-01", 26, 0),
        ("2019-11-01", 26, 0),
        ("2019-12-01", 26, 0),
    ]
    assert spans(axes) == [
        ("2019-07-01", "2019-08-01", f"//// {GREY}"),
        ("2019-08-01", "2019-09-01", PALE),
        ("2019-09-01", "2019-10-01", PALE),
    ]
    assert [day(x) for x in axes.get_xlim()] == ["2019-05-01", "2020-01-01"]
    assert axes.get_ylim() == (0, 10.8)
    assert picture.finding == "Of 6 months open, 4 had no families who attended direct support."
    assert picture.caption == "Counts of each month, as bars. Hatched: suppressed. Grey: no value."
    assert picture.alt == f"{picture.finding} {picture.caption}"
    seen = picture.svg("", picture.alt)
    assert seen.count("<pattern") == 1
    assert f'aria-label="{picture.alt}"' in seen


def test_only_the_shading_that_is_there_is_explained() -> None:
    found = of(descriptive.monthly_activity(protected()), "families")
    said = {
        status: plots.monthly(found.where(found.table["status"].isin(["ok", status]))).caption
        for status in ("ok", "no_data", "suppressed")
    }
    assert said == {
        "ok": "Counts of each month, as bars.",
        "no_data": "Counts of each month, as bars. Grey: no value.",
        "suppressed": "Counts of each month, as bars. Hatched: suppressed.",
    }


def test_quarters_have_a_dot_in_their_middle_or_a_shade_from_end_to_end() -> None:
    picture = plots.quarters(of(interrupted.quarters(protected()), "families"))
    (axes,) = picture.figure.axes
    assert spans(axes) == [("2019-07-01", "2019-10-01", f"//// {GREY}")]
    assert line(axes, "o", 0) == [("2019-05-16", 5.0)]
    assert line(axes, "o", 1) == [("2019-11-15", 0.0)]
    assert line(axes, "None", 0) == [("2019-05-16", 2.39), ("2019-05-16", 9.2)]
    assert line(axes, "None", 1) == [("2019-11-15", 0.0), ("2019-11-15", 1.23)]
    assert [day(x) for x in axes.get_xlim()] == ["2019-04-01", "2020-01-01"]
    assert axes.get_ylim()[0] == 0
    assert axes.get_ylim()[1] > 9.2
    assert picture.caption == (
        "Rate a month open in each quarter, from 0: a dot, and its 95% interval as a line. "
        "Hatched: suppressed. Rests on: assumed."
    )


def test_a_caseload_that_is_suppressed_leaves_a_gap_and_the_caption_says_so() -> None:
    picture = plots.caseload(families.caseload(protected()))
    (axes,) = picture.figure.axes
    ends = ["2019-05-31", "2019-06-30", "2019-07-31", "2019-08-31", "2019-09-30", "2019-10-31",
            "2019-11-30", "2019-12-31"]  # fmt: skip
    on_the_books = [10, 15, 15, 15, 15, 15, 15, 15]
    unseen = [10, None, 0, 0, 0, 0, 0, 0]
    assert line(axes, "o", 0) == list(zip(ends, on_the_books, strict=True))
    assert line(axes, "o", 1) == list(zip(ends, unseen, strict=True))
    assert [text.get_text() for text in axes.texts] == [
        "accepted, not discharged:\n15",
        "not yet seen:\n0",
    ]
    assert [day(x) for x in axes.get_xlim()] == ["2019-05-01", "2019-12-31"]
    assert axes.get_ylim() == pytest.approx((0, 1.12 * 15))
    assert picture.caption == (
        "Families at the end of each month, from 0: those accepted and not discharged, and those "
        "of them who had not been seen. A month without a mark is suppressed. Rests on: assumed."
    )
    whole = families.caseload(exact())
    assert "without a mark" not in plots.caseload(whole).caption


@pytest.mark.parametrize(
    ("on", "drawn"),
    [
        (dt.date(2019, 4, 30), False),
        (dt.date(2019, 5, 1), True),  # the first day of the axis
        (dt.date(2020, 1, 1), True),  # where it ends
        (dt.date(2020, 1, 2), False),
    ],
)
def test_an_event_is_drawn_from_the_first_day_of_the_axis_to_its_end(
    on: dt.date, drawn: bool
) -> None:
    found = of(descriptive.monthly_activity(protected()), "families")
    with worded({}, event=(on, "opening")):
        picture = plots.monthly(found)
    (axes,) = picture.figure.axes
    assert [day(each.get_xdata()[0]) for each in axes.lines] == [str(on)] * drawn
    assert ("The dashed line is the opening" in picture.caption) == drawn


# --- a study that was closed -----------------------------------------------------------------


def test_closed_months_break_the_fitted_lines_and_are_shaded() -> None:
    picture = plots.counterfactual(of(interrupted.counterfactual(exact()), "consultations"))
    (axes,) = picture.figure.axes
    assert spans(axes) == [("2019-08-01", "2019-09-01", PALE), ("2019-09-01", "2019-10-01", PALE)]
    counted = dict(line(axes, "o"))
    assert [counted[f"2019-{month:02}-15"] for month in (6, 7, 8, 9, 10)] == [9, 5, None, None, 10]
    expected, fitted = line(axes, "None", 0), dict(line(axes, "None", 1))
    assert expected[0] == ("2020-02-15", 8.31)  # joined to the last month before the event
    assert expected[1] == ("2020-03-15", 8.56)
    assert expected[-1][0] == "2021-01-15"
    assert fitted["2019-07-15"] == 7.48
    assert fitted["2019-08-15"] is fitted["2019-09-15"] is None
    assert [day(x) for x in axes.get_xlim()] == ["2018-04-01", "2021-02-01"]
    assert picture.caption == (
        "Counts a month, from 0. Blue is the model with a step at the event; orange is what trend "
        "and season alone would give, with its 95% interval. Grey: no value. Rests on: assumed."
    )


def test_a_control_chart_has_no_point_of_a_closed_month_and_a_pale_line_instead() -> None:
    charts = process.activity_charts(exact())
    points, verdicts = of(charts.points, "consultations"), of(charts.verdicts, "consultations")
    picture = plots.control_chart(points, verdicts)
    (axes,) = picture.figure.axes
    pale = [each for each in axes.lines if each.get_color() == PALE]
    assert [day(each.get_xdata()[0]) for each in pale] == ["2019-08-01", "2019-09-01"]
    joined = dict(line(axes, "None"))  # the grey line, which is drawn first
    assert [joined[f"2019-{month:02}-01"] for month in (7, 8, 9, 10)] == [5, None, None, 10]
    dots = line(axes, "o")
    assert len(dots) == 32  # of 34 months
    assert {"2019-08-01", "2019-09-01"}.isdisjoint(dict(dots))
    key = [text.get_text() for text in picture.figure.legends[0].get_texts()]
    assert key == ["common cause", "no data"]
    assert [text.get_text() for text in axes.texts] == ["limit 18.0", "target 7.1", "mean 7.3"]


def test_what_was_achieved_so_far_stays_level_while_the_service_is_closed() -> None:
    picture = plots.cumulative(of(targets.cumulative(exact()), "courses"))
    (axes,) = picture.figure.axes
    expected, achieved = (line(axes, "None", n) for n in (3, 4))  # of the second year
    assert expected[:7] == [
        ("2019-04-01", 0.0), ("2019-05-01", 0.83), ("2019-06-01", 1.67), ("2019-07-01", 2.5),
        ("2019-08-01", 3.33), ("2019-09-01", 3.33), ("2019-10-01", 3.33),
    ]  # fmt: skip
    assert achieved[3:8] == [
        ("2019-07-01", 3), ("2019-08-01", 3), ("2019-09-01", 5), ("2019-10-01", 5),
        ("2019-11-01", 7),
    ]  # fmt: skip
    starts = [each.get_xdata()[0] for each in axes.lines if each.get_color() == PALE]
    assert [day(start) for start in starts] == ["2018-04-01", "2019-04-01", "2020-04-01"]
    assert [text.get_text() for text in axes.texts] == ["11 of 10.0", "11 of 8.3", "6 of 8.3"]
