"""Published figures that the records cannot answer are not held against them."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pandas as pd
import pytest
from gates import clean_tables, counts_of, released_of
from malformed import both, make, swap

from lmm.analysis.claims import compare
from lmm.cleaning.clean import clean_all
from lmm.cleaning.load import read_raw
from lmm.cleaning.records import Records
from lmm.counting.count import count
from lmm.counting.counts import Counts, key
from lmm.study.parameters import Parameters
from lmm.study.study import read_study

FIGURE = (
    "  published_figures:\n    rows:\n      - {figure: FIGURE, meaning: x, printed: PRINTED, "
    "decimals: DECIMALS, window_start: 2020-01-01, window_end: 2020-12-31, source: y}"
)


def compared(folder: Path, figure: str, printed: str, decimals: str = "0") -> pd.Series[str]:
    content = FIGURE.replace("FIGURE", figure).replace("PRINTED", printed)
    content = content.replace("DECIMALS", decimals)
    both(swap("study.yaml", "  published_figures: absent", content))(folder)
    study = read_study(folder)
    tables = clean_all(read_raw(study), study).tables
    return compare(count(Records.within(tables, study, Parameters.of(study)))).table.iloc[0]


@pytest.mark.parametrize(
    ("printed", "decimals", "status"),
    [("50%", "0", "reproduced"), ("50.00%", "~", "reproduced"), ("50%", "~", "reproduced"),
     ("50.0%", "1", "reproduced"), ("50%", "2", "differs")],
)  # fmt: skip
def test_decimals_that_are_not_given_are_those_printed(
    tmp_path: Path, printed: str, decimals: str, status: str
) -> None:
    row = compared(make(tmp_path / "study"), "satisfaction", printed, decimals)
    assert (row["status"], row["source"]) == (status, "y")


def test_continuity_needs_the_labels_that_it_is_about(tmp_path: Path) -> None:
    row = compared(make(tmp_path / "study"), "continuity", "did not stay open")
    assert row["status"] == "not comparable"
    assert row["note"] == "the labels of mode in study.yaml have no 'telephone'"


def test_continuity_is_compared_where_there_are_such_labels(tmp_path: Path) -> None:
    folder = make(tmp_path / "study")
    swap("study.yaml", "online: []}", "online: [], telephone: []}")(folder)
    row = compared(folder, "continuity", '"did not stay open, did not move"')
    assert row["status"] == "reproduced"


OWN = counts_of("none")


def publishing(counts: Counts, **cells: str) -> pd.Series[str]:
    """Give what is computed for one published figure, otherwise like that of the families."""
    published = counts.published_figures.query("figure == 'families'").assign(**cells)
    return compare(dataclasses.replace(counts, published_figures=published)).table.iloc[0]


def test_a_figure_by_the_name_of_a_measure_is_its_number() -> None:
    row = publishing(OWN, figure="attendances", printed="471")
    assert (row["computed"], row["status"]) == ("471", "reproduced")


def test_a_figure_by_the_name_of_a_share_is_its_percentage() -> None:
    high, n = OWN.high("feedback_forms.pace"), OWN.n("feedback_forms.pace")
    assert high is not None
    assert n is not None
    row = publishing(OWN, figure="feedback_forms.pace", printed="x", decimals=1)
    assert row["computed"] == f"{100 * high / n:.1f}%"


def test_what_nobody_can_compute_differs() -> None:
    row = publishing(OWN, figure="happiness", printed="much")
    assert (row["computed"], row["status"]) == ("no computation is known", "differs")


def test_which_count_is_held_against_staff_trained_is_the_studys_to_say() -> None:
    study = OWN.study.model_copy(update={"staff_trained_counts": "attendances"})
    rows = compare(dataclasses.replace(OWN, study=study), ("staff",)).table
    assert rows[["computed", "status"]].to_numpy().tolist() == [["471", "differs"]]


def test_another_period_is_not_comparable() -> None:
    chosen = Parameters.of(OWN.study, {"period_end": "2019-03-31"})
    rows = compare(count(Records.within(clean_tables(), OWN.study, chosen))).table
    assert set(rows["status"]) == {"not comparable"}
    assert set(rows["note"]) == {"the period analysed is not the published window"}


def test_figures_that_are_not_published_are_not_compared() -> None:
    without = {**OWN.study.tables, "published_figures": "absent"}
    study = OWN.study.model_copy(update={"tables": without})
    found = compare(dataclasses.replace(OWN, study=study))
    assert found.why_not == "This service keeps no table of published figures."


# --- released counts -------------------------------------------------------------------------


@pytest.mark.parametrize("disclosure", ["opensafely", "midpoint6", "nhs_digital"])
def test_rounded_counts_are_shown_and_not_held_against_exact_ones(disclosure: str) -> None:
    counts = released_of(disclosure).counts
    rows = compare(counts).table.set_index("figure")
    assert rows.loc["courses", "status"] == "reproduced"
    assert rows.loc["continuity", "computed"] == "not released"
    people = rows.loc[["staff", "consultations", "families", "satisfaction", "targets"]]
    assert set(people["status"]) == {"not comparable"}
    assert people["note"].str.startswith("the released count is rounded").all()
    assert rows.loc["staff", "computed"] == str(counts.n("staff"))
    assert rows.loc["staff", "computed"] != "434"


def test_the_period_is_told_only_by_what_is_shown() -> None:
    """A suppressed month may have had none: here only those can tell where the period begins."""
    whole = released_of("opensafely").counts
    assert compare(whole, ("period",)).table["status"].tolist() == ["reproduced"]
    first = whole.calendar["month"].min()
    numbers = {
        (of, within): None if ("month", f"{first:%Y-%m-%d}") in within else n
        for (of, within), n in whole.numbers.items()
    }
    row = compare(whole.showing(numbers), ("period",)).table.iloc[0]
    assert (row["computed"], row["status"]) == ("suppressed", "not comparable")


def test_a_suppressed_number_is_called_so() -> None:
    whole = released_of("opensafely").counts
    numbers = {name: None if name[0] == "families" else n for name, n in whole.numbers.items()}
    row = compare(whole.showing(numbers), ("families",)).table.iloc[0]
    assert (row["computed"], row["status"]) == ("suppressed", "not comparable")


# --- rounding, and what continuity means -----------------------------------------------------


@pytest.mark.parametrize(
    ("high", "of", "decimals", "printed"),
    [
        (5, 8, 0, "63%"),  # 62.5: a half goes up, and not to the even neighbour
        (1, 8, 0, "13%"),  # 12.5
        (1, 16, 1, "6.3%"),  # 6.25
        (62, 100, 0, "62%"),
        (199, 200, 0, "100%"),  # 99.5
    ],
)
def test_a_published_share_is_rounded_half_up(
    high: int, of: int, decimals: int, printed: str
) -> None:
    others = {name: n for name, n in OWN.numbers.items() if name[0] != "satisfaction"}
    found = {key("satisfaction"): of, key("satisfaction", inside="yes"): high}
    for n in range(of):  # courses of one answer each
        found[key("satisfaction", course_id=f"C{n}")] = 1
        found[key("satisfaction", course_id=f"C{n}", inside="yes")] = int(n < high)
    row = publishing(
        OWN.showing(others | found), figure="satisfaction", printed=printed, decimals=decimals
    )
    assert (row["computed"], row["status"]) == (printed, "reproduced")


SESSIONS = ("consultations", "contacts_attended")


def continuity(sessions: dict[tuple[str, str], int]) -> str:
    """Say what became of a service with only these sessions, by day and mode."""
    others = {name: n for name, n in OWN.numbers.items() if name[0] not in SESSIONS}
    held = {key("consultations", day=day, mode=mode): n for (day, mode), n in sessions.items()}
    return publishing(OWN.showing(others | held), figure="continuity")["computed"]


AFTER = [f"{month:%Y-%m}-15" for month in pd.date_range("2020-04-01", "2021-01-01", freq="MS")]
"""A day of every month after that of the event, which was on 23 March 2020."""


def test_a_service_stayed_open_if_no_month_after_the_event_is_without_a_session() -> None:
    every = {(day, "online"): 1 for day in AFTER}
    assert continuity(every) == "stayed open, moved online"
    for day in AFTER:
        but_one = {name: n for name, n in every.items() if name[0] != day}
        assert continuity(but_one) == "did not stay open, moved online", day
    before = {("2020-03-22", "online"): 1, ("2020-03-23", "in person"): 1}
    assert continuity(before) == "did not stay open, did not move"


@pytest.mark.parametrize(
    ("online", "telephone", "in_person", "said"),
    [
        (6, 0, 4, "moved online"),
        (5, 0, 5, "did not move"),  # a half is not most
        (3, 3, 5, "moved online and to the telephone"),
        (0, 9, 1, "moved to the telephone"),
        (4, 0, 6, "did not move"),
    ],
)
def test_a_service_moved_if_more_than_half_of_its_sessions_were_from_afar(
    online: int, telephone: int, in_person: int, said: str
) -> None:
    held = {"online": online, "telephone": telephone, "in person": in_person}
    sessions = {("2020-03-23", mode): n for mode, n in held.items() if n}  # the day of the event
    sessions |= {("2020-03-22", "in person"): 90}  # the day before
    assert continuity(sessions) == f"did not stay open, {said}"
