"""What a figure says is what it draws: cut-offs, the event, whole words for what has no value."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from gates import counts_of
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.patches import Rectangle
from test_legible import faults

from lmm.analysis import (
    clusters,
    descriptive,
    families,
    interrupted,
    items,
    leaving,
    process,
    reach,
    roles,
    satisfaction,
    silence,
    targets,
    verdicts,
    waiting,
)
from lmm.analysis.result import Result
from lmm.counting.counts import Counts
from lmm.counting.declared import WITHIN
from lmm.showing import plots
from lmm.showing.plots import Picture
from lmm.showing.plots.items import unanswered
from lmm.showing.plots.panels import stacked
from lmm.showing.plots.style import GREY
from lmm.showing.plots.wait_curves import days_below, days_marked
from lmm.showing.wording import worded

OWN = counts_of("none")


def texts(picture: Picture) -> list[str]:
    """List what is written in the panels of a figure, beside its axes and at their ticks."""
    return [
        text.get_text()
        for axes in picture.figure.axes
        for text in (*axes.texts, *axes.get_xticklabels(), *axes.get_yticklabels())
    ]


# --- cut-offs --------------------------------------------------------------------------------


def test_cut_offs_of_shares_are_written_as_they_are_declared() -> None:
    found = targets.achievement(OWN)
    own = found.where(found.table["indicator"] == "satisfaction")
    own = own.with_table(own.table.assign(red_below=0.875, green_from=0.925))
    for draw in (plots.achieved, plots.rating_matrix):
        said = " ".join(texts(draw(own))).replace("\n", " ")
        assert "red below 87.5%, green from 92.5%" in said
    whole = own.with_table(own.table.assign(red_below=0.85, green_from=0.9))
    assert "red below 85%, green from 90%" in " ".join(texts(plots.achieved(whole)))


def test_the_cut_offs_that_silence_tips_are_written_as_they_are_declared() -> None:
    found = silence.tipping_points(OWN)
    moved = found.with_table(found.table.replace({"cut_off": {0.85: 0.875, 0.95: 0.9275}}))
    assert {"red below\n87.5%", "green from\n92.75%"} <= set(texts(plots.tipping(moved)))


# --- the event and the last day --------------------------------------------------------------

OVER_TIME: dict[Callable[[Result], Picture], Callable[[Counts], Result]] = {
    plots.monthly: descriptive.monthly_activity,
    plots.caseload: families.caseload,
    plots.counterfactual: interrupted.counterfactual,
    plots.quarters: interrupted.quarters,
}


@pytest.mark.parametrize("draw", OVER_TIME)
def test_the_line_of_the_event_is_said_where_it_is_drawn(draw: Callable[[Result], Picture]) -> None:
    found = OVER_TIME[draw](OWN)
    for day, drawn in ((dt.date(2020, 3, 23), True), (dt.date(2030, 1, 1), False)):
        with worded({}, event=(day, "first lockdown")):
            picture = draw(found)
        said = f" The dashed line is the first lockdown, 23 March {day.year}."
        assert (said in picture.caption) == drawn
        assert ("dashed" in picture.caption) == drawn
        assert ("first lockdown" in texts(picture)) == drawn


def test_a_caseload_says_the_last_day_where_it_is_no_end_of_a_month() -> None:
    found = families.caseload(OWN)
    whole = "Families at the end of each month, from 0"
    assert plots.caseload(found).caption.startswith(whole)
    days = found.table["month_end"].replace(
        found.table["month_end"].max(), pd.Timestamp("2021-01-22")
    )
    assert plots.caseload(found.with_table(found.table.assign(month_end=days))).caption.startswith(
        "Families at the end of each month (the last on 22 January 2021), from 0"
    )


# --- titles and captions ---------------------------------------------------------------------


def test_rates_that_are_not_compared_have_a_title_of_what_is_drawn() -> None:
    found = descriptive.activity(OWN, by="phase")
    assert "rates a month open" in plots.activity_rates(found).finding
    whole = found.where(found.table["stratum"] == "whole period")
    assert plots.activity_rates(whole).finding == "Rates a month open of each measure."


def test_courses_stand_under_what_is_said_of_courses() -> None:
    found = satisfaction.high_satisfaction(OWN, ("course_id",))
    assert plots.forest(found, ("course_id",)).finding.startswith("In ")
    assert "in all:" in plots.forest(found, ("topic",)).finding


def test_a_row_of_panels_is_as_tall_as_its_tallest() -> None:
    figure, panels = stacked([1, 2, 3], columns=2)
    assert (figure.get_figheight(), len(panels), len(figure.axes)) == (5, 3, 3)


def test_the_line_at_the_share_of_all_is_said_where_it_is_drawn() -> None:
    found = satisfaction.high_satisfaction(OWN, ("topic",))
    shown = plots.forest(found, ("topic",))
    assert " The grey line is the share of all." in shown.caption
    hidden = found.table["status"].where(found.table["by"] != "all", "suppressed")
    picture = plots.forest(found.with_table(found.table.assign(status=hidden)), ("topic",))
    assert "grey line" not in picture.caption
    lines = [len(each.figure.axes[0].lines) for each in (shown, picture)]
    assert lines[0] - lines[1] == 3  # the grey line, and the dot and interval of all


def test_the_flow_has_one_share_of_each_stage_in_its_title_and_its_bars() -> None:
    picture = plots.flow(families.family_flow(OWN))
    assert "62 (53%) attended at least one session" in picture.finding
    assert "62 (53%)" in texts(picture)
    assert "in brackets, its share of those referred." in picture.caption


def test_where_an_axis_begins_is_kept_on_one_line() -> None:
    found = clusters.funnel(OWN)
    axes = plots.funnel(found.points, found.limits).figure.axes[0]
    assert axes.get_ylabel().split("\n")[-1] == "(from 50%)"


# --- items of several scales -----------------------------------------------------------------

SCALES = {"Was it clear?": {"no": 0.1, "yes": 0.9}, "The room": {"poor": 0.25, "fair": 0.5,
          "good": 0.25}, "Would you come again?": {"no": 0.2, "yes": 0.8}}  # fmt: skip


def of_items(*items: str) -> Result:
    rows = [
        (item, answer, round(20 * share), share)
        for item in items
        for answer, share in SCALES[item].items()
    ]
    table = pd.DataFrame(rows, columns=["item", "answer", "number", "share"])
    return Result.of(
        table.assign(answered=20, dont_know=1, missing=2, basis="assumed"),
        item=roles.stratum(of="item"),
        answer=roles.stratum(of="answer", across=True),
        number=roles.count(of="answers"),
        share=roles.share(of="answers"),
        answered=roles.count(of="forms with an answer"),
        dont_know=roles.count(of="unsure forms"),
        missing=roles.count(of="blank forms"),
    )


def bars(axes: Axes) -> list[tuple[str, int, int]]:
    """Give the colour of each bar of a panel, and from where to where it goes."""
    return [
        (to_hex(bar.get_facecolor()), round(bar.get_x()), round(bar.get_x() + bar.get_width()))
        for bar in axes.patches
        if isinstance(bar, Rectangle)
    ]


def test_each_item_diverges_from_the_middle_of_its_own_scale() -> None:
    picture = plots.likert(of_items(*SCALES))
    two, three = picture.figure.axes
    low, grey, high = "#d55e00", "#cfcfcf", "#0072b2"
    assert bars(two) == [(low, -10, 0), (low, -20, 0), (high, 0, 90), (high, 0, 80)]
    assert bars(three) == [(low, -50, -25), (grey, -25, 25), (high, 25, 50)]
    keys = [[text.get_text() for text in axes.get_legend().get_texts()] for axes in (two, three)]
    assert keys == [["no", "yes"], ["poor", "fair", "good"]]
    assert two.get_xlim() == three.get_xlim()
    assert "Bars are centred on the middle of their own scale." in picture.caption
    assert faults(picture) == []


def test_items_of_one_scale_have_one_panel_and_one_key_above_it() -> None:
    picture = plots.likert(of_items("Was it clear?", "Would you come again?"))
    (axes,) = picture.figure.axes
    assert axes.get_legend() is None
    assert [text.get_text() for text in picture.figure.legends[0].get_texts()] == ["no", "yes"]
    assert "Bars are centred on the middle of the scale." in picture.caption


# --- what is not rated, and what has no value ------------------------------------------------


def test_where_not_every_target_is_rated_no_number_is_given() -> None:
    table = pd.DataFrame(
        {
            "rule": "green or amber",
            "red_factor": [0.8, 1.0, 1.2],
            "green_factor": 1.0,
            "declared": ["no", "yes", "no"],
            "not_met": [0, 0, 1],
            "all_met": ["yes", "not rated", "no"],
            "basis": "assumed",
        }
    )
    found = Result.of(
        table,
        rule=roles.words(of="rule"),
        red_factor=roles.number(of="red factor"),
        green_factor=roles.number(of="green factor"),
        declared=roles.words(of="declared"),
        not_met=roles.number(of="not met"),
        all_met=roles.words(of="all met"),
    )
    picture = plots.sensitivity(found)
    assert [text.get_text() for text in picture.figure.axes[0].texts] == ["all", "?", "1 not"]
    said = " “?” where it cannot be said, because not every target is rated."
    assert said in picture.caption
    rated = plots.sensitivity(found.where(table["all_met"] != "not rated"))
    assert "?" not in rated.caption


@pytest.mark.parametrize(
    ("statuses", "said"),
    [
        (["ok", "ok"], []),
        (["ok", "short_series"], ["adjusted: too short"]),
        (["no_data", "ok"], ["unadjusted: no data"]),
        (["no_data", "no_data"], ["no data"]),
        (["suppressed", "no_data"], ["unadjusted: suppressed\nadjusted: no data"]),
    ],
)
def test_an_exposure_without_a_value_says_which_and_why(
    statuses: list[str], said: list[str]
) -> None:
    found = targets.exposure_comparison(OWN)
    table = found.table.head(2).assign(status=statuses, rag="green")
    lacking = table["status"] != "ok"
    for name in ("estimate", "low", "high"):
        table[name] = table[name].mask(lacking)
    picture = plots.exposure(found.with_table(table))
    axes = picture.figure.axes[0]
    assert [text.get_text() for text in axes.texts[:-1]] == said
    assert sum(line.get_marker() in "os" for line in axes.lines) == 2 - lacking.sum()
    assert faults(picture) == []


# --- what is drawn, and where ----------------------------------------------------------------


def test_the_share_of_each_answer_stands_in_its_bar_and_the_forms_beside_them() -> None:
    _, three = plots.likert(of_items(*SCALES)).figure.axes
    written = [text.get_text() for text in three.texts]
    assert written == ["25%", "50%", "25%", "n = 20\n2 blank,\n1 don't know"]


@pytest.mark.parametrize(
    ("blank", "unsure", "said"),
    [
        (2, 1, "2 blank,\n1 don't know"),
        (None, 1, "suppressed blank,\n1 don't know"),
        (2, None, "2 blank,\nsuppressed don't know"),
        (None, None, "others suppressed"),
    ],
)
def test_forms_without_an_answer_are_told_as_far_as_they_are_shown(
    blank: int | None, unsure: int | None, said: str
) -> None:
    row = SimpleNamespace(count_of_blank_forms=blank, count_of_unsure_forms=unsure)
    assert unanswered(row) == said


def test_sessions_of_no_known_profession_are_drawn_in_all() -> None:
    found = descriptive.consultations_by_kind(OWN)
    alone = found.with_table(found.table[found.table["profession"] == "all"])
    axes = plots.consultations(alone).figure.axes[0]
    drawn = sum(bar.get_width() for bar in axes.patches if isinstance(bar, Rectangle))
    assert drawn == alone.table["all"].iloc[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["all"]


def test_families_are_whole_on_the_axis() -> None:
    found = families.caseload(OWN)
    few = {name: found.table[name].clip(upper=1) for name in found.columns("count")}
    axes = plots.caseload(found.with_table(found.table.assign(**few))).figure.axes[0]
    assert all(tick == round(tick) for tick in axes.get_yticks())


def test_the_groups_of_reach_stand_in_the_order_of_the_table() -> None:
    found = reach.reach(OWN)
    back = found.with_table(found.table.iloc[::-1].reset_index(drop=True))
    one, other = (
        [axes.get_title(loc="left") for axes in plots.reach(each).figure.axes]
        for each in (found, back)
    )
    assert len(one) > 1
    assert one == other[::-1]


def test_each_panel_of_what_was_achieved_names_its_unit() -> None:
    picture = plots.achieved(targets.achievement(OWN))
    units = [axes.get_xlabel() for axes in picture.figure.axes]
    assert len(units) == 2
    assert units[1] == "%"
    assert "target" in units[0]


def test_a_cut_off_is_met_at_a_whole_number_of_those_who_did_not_answer() -> None:
    found = silence.tipping_points(OWN)
    axes = plots.tipping(found).figure.axes[0]
    drawn = [line.get_xydata().tolist() for line in axes.lines]
    for _, row in found.table.iterrows():
        ends = [row["high"] / row["everyone"], (row["high"] + row["silent"]) / row["everyone"]]
        for wanted in (
            [[0, 100 * ends[0]], [100, 100 * ends[1]]],
            [[100 * row["share_needed"], 100 * row["cut_off"]]],
        ):
            assert any(np.shape(line) == np.shape(wanted) and np.allclose(line, wanted)
                       for line in drawn)  # fmt: skip


def test_the_share_of_a_day_is_told_up_to_the_last_day_of_the_curve() -> None:
    axes = stacked([1.0])[1][0]
    axes.set_xlim(0, 140)
    curve = pd.DataFrame({"number": [0, 10, WITHIN[0]], "share": [1.0, 0.75, 0.5]})
    days_marked(axes, curve)
    told = [text.get_text() for text in axes.texts]
    assert told == [f"{WITHIN[0]} days: 50%", *(f"{day} days" for day in WITHIN[1:])]


@pytest.mark.parametrize(("end", "step"), [(56, 14), (140, 14), (154, 28), (280, 56)])
def test_an_axis_of_days_is_labelled_where_there_is_room(end: int, step: int) -> None:
    axes = stacked([1.0])[1][0]
    days_below(axes, end)
    assert list(axes.get_xticks()) == list(range(0, end + 1, step))


@pytest.mark.parametrize(
    ("draw", "found"),
    [
        (plots.achieved, targets.achievement),
        (plots.certainty, verdicts.certainty),
        (plots.consultations, descriptive.consultations_by_kind),
        (plots.counterfactual, interrupted.counterfactual),
        (plots.likert, items.item_distribution),
        (plots.leaving, leaving.ways_of_leaving),
        (plots.waiting, waiting.wait_curve),
    ],
)
def test_parts_that_touch_and_bands_have_no_line_about_them(
    draw: Callable[[Result], Picture], found: Callable[[Counts], Result]
) -> None:
    areas = [
        area for axes in draw(found(OWN)).figure.axes for area in (*axes.patches, *axes.collections)
    ]
    assert areas
    assert all(np.all(np.asarray(area.get_linewidth()) == 0) for area in areas)


def test_the_line_from_point_to_point_is_the_thinnest_of_a_control_chart() -> None:
    axes = plots.control_chart(*process.activity_charts(OWN)).figure.axes[0]
    drawn = [line for line in axes.lines if line.get_linestyle() != "None"]
    joined = [line for line in drawn if line.get_color() == GREY and line.get_linestyle() == "-"]
    limits = [line.get_linewidth() for line in drawn if line not in joined]
    assert joined
    assert max(line.get_linewidth() for line in joined) < min(limits)


def test_bars_of_two_rows_do_not_touch() -> None:
    axes = plots.missing(descriptive.missing_values(OWN)).figure.axes[0]
    spans = sorted(
        (bar.get_y(), bar.get_y() + bar.get_height())
        for bar in axes.patches
        if isinstance(bar, Rectangle)
    )
    assert len(spans) > 1
    assert all(below[1] < above[0] for below, above in pairwise(spans))
