"""Engagement: what became of booked contacts, how often and how long families came, who left."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from family_counts import STUDY, Family, counts_of, family, records_of, without
from gates import having

from lmm.analysis import engagement, leaving
from lmm.analysis.result import Result
from lmm.cleaning.records import Records
from lmm.counting.count import count
from lmm.counting.counts import Counts
from lmm.disclosure.gate import release
from lmm.showing import plots
from lmm.statistics.effective_size import effective_size_interval
from lmm.study.study import Study

Contact = tuple[str, str, str, str, str]
"""Family, day, kind, mode and outcome."""

COLUMNS = ["family_id", "date", "kind", "mode", "outcome"]


def with_contacts(*contacts: Contact, of: tuple[Family, ...] = (), study: Study = STUDY) -> Records:
    rows = pd.DataFrame(list(contacts), columns=COLUMNS)
    rows.insert(0, "contact_id", [f"C{n}" for n in range(len(rows))])
    rows["date"] = pd.to_datetime(rows["date"])
    return having(records_of(*of, study=study), family_contacts=rows)


def sessions(of: int, *days: str) -> list[Contact]:
    """Describe the sessions that a family attended."""
    return [(f"F{of}", day, "therapeutic session", "in person", "attended") for day in days]


def protected(records: Records) -> Counts:
    study = records.study.model_copy(update={"disclosure": "opensafely"})
    tables = records.tables
    return release(having(records_of(study=study), **tables)).counts


# --- what became of booked contacts ----------------------------------------------------------

LOG = without(STUDY, "families")

BOOKED: tuple[Contact, ...] = (
    ("F0", "2019-05-01", "assessment", "in person", "attended"),
    ("F0", "2019-05-08", "therapeutic session", "in person", "attended"),
    ("F0", "2020-05-15", "therapeutic session", "online", "did not attend"),
    ("F1", "2019-05-01", "assessment", "in person", "cancelled"),
    ("F1", "2019-05-08", "assessment", "in person", "attended"),
    ("F2", "2020-05-01", "assessment", "telephone", "did not attend"),
)


def rows_of(result: Result, **at: str) -> pd.DataFrame:
    table = result.table
    for name, level in at.items():
        table = table[table[name] == level]
    return table.reset_index(drop=True)


def test_each_outcome_is_a_share_of_the_contacts_booked() -> None:
    found = engagement.booked_contacts(count(with_contacts(*BOOKED, study=LOG)))
    everything = rows_of(found, by="all")
    assert everything["outcome"].tolist() == ["attended", "did not attend", "cancelled"]
    assert everything["numerator"].tolist() == [3, 2, 1]
    assert everything["booked"].tolist() == [6, 6, 6]
    assert list(dict.fromkeys(found.table["by"])) == [
        "all", "kind", "mode", "phase", "contract_year",
    ]  # fmt: skip
    assert rows_of(found, stratum="assessment")["numerator"].tolist() == [2, 1, 1]
    assert rows_of(found, stratum="online")["estimate"].tolist() == [0, 1, 0]
    assert rows_of(found, by="phase")["numerator"].tolist() == [3, 0, 1, 0, 2, 0]
    assert rows_of(found, stratum="2020/21")["booked"].tolist() == [2, 2, 2]


def test_families_are_the_clusters_of_their_contacts() -> None:
    found = engagement.booked_contacts(count(with_contacts(*BOOKED, study=LOG)))
    first = rows_of(found, by="all").iloc[0]
    expected = effective_size_interval("", [2, 1, 0], [3, 2, 1], 0.95, "assumed")
    assert (first["low"], first["high"]) == pytest.approx((expected.low, expected.high))
    assert first["note"] == expected.note
    of_one = rows_of(found, stratum="telephone").iloc[0]
    assert (of_one["method"], of_one["note"]) == ("Wilson", "ignores clustering")


def test_a_group_without_contacts_keeps_its_rows() -> None:
    found = engagement.booked_contacts(count(with_contacts(*BOOKED, study=LOG)))
    review = rows_of(found, stratum="review")
    assert review["booked"].tolist() == [0, 0, 0]
    assert review["status"].eq("no_data").all()
    drawn = [
        text.get_text()
        for text in plots.booked(found, by=("kind",)).figure.axes[0].get_yticklabels()
    ]
    assert drawn[0].startswith("all (")
    assert not any("review" in label for label in drawn)  # a bar of nothing


def test_nothing_was_booked() -> None:
    found = engagement.booked_contacts(counts_of())
    assert found.table["status"].eq("no_data").all()
    assert ">all (0)</text>" in plots.booked(found, by=("kind", "mode")).svg("", "")


def test_how_contacts_were_held_is_left_out_where_it_is_not_kept() -> None:
    records = with_contacts(*BOOKED, study=without(LOG, "family_contacts", "mode"))
    found = engagement.booked_contacts(count(records))
    assert "mode" not in set(found.table["by"])


def test_without_contacts_nothing_is_said() -> None:
    counts = counts_of(study=without(STUDY, "family_contacts"))
    why_not = "This service keeps no table of family contacts."
    for analyse in (
        engagement.booked_contacts,
        engagement.sessions_a_family,
        engagement.length_of_support,
        leaving.ways_of_leaving,
        leaving.left_by,
        leaving.retention,
    ):
        assert analyse(counts).why_not == why_not


def test_of_released_contacts_there_are_plain_shares() -> None:
    contacts = [
        (f"F{n}", f"2019-05-{n % 28 + 1:02}", "assessment", mode, outcome)
        for outcome, times in (("attended", 52), ("did not attend", 23))
        for mode in ("in person", "online")
        for n in range(times)
    ]
    found = engagement.booked_contacts(protected(with_contacts(*contacts, study=LOG)))
    first = rows_of(found, by="all").iloc[0]
    assert (first["numerator"], first["booked"]) == (105, 150)
    assert first["estimate"] == pytest.approx(0.7)
    assert first["note"] == "made from the released counts; ignores clustering"
    online = rows_of(found, stratum="online")
    assert online["numerator"].tolist() == [50, 25, 0]
    phase = rows_of(found, by="phase")
    assert phase["status"].eq("suppressed").all()
    assert phase["note"].str.contains("too fine to be released").all()
    assert phase["booked"].isna().all()


def test_what_is_suppressed_leaves_a_gap_in_its_bar() -> None:
    contacts = [
        (f"F{n}", "2019-05-02", "assessment", "in person", outcome)
        for outcome, times in (("attended", 50), ("did not attend", 3), ("cancelled", 27))
        for n in range(times)
    ]
    found = engagement.booked_contacts(protected(with_contacts(*contacts, study=LOG)))
    picture = plots.booked(found, by=())
    assert ">suppressed</text>" in picture.svg("", picture.alt)


# --- how often, and how long -----------------------------------------------------------------

CAME = (
    family("2020-01-01", discharged_on="2020-03-01"),
    family("2020-01-01", discharged_on="2020-06-01"),
    family("2020-01-01"),
    family("2020-01-01", discharged_on="2020-02-01"),
    family("2020-01-01"),
)
SESSIONS = (
    *sessions(0, "2020-01-10"),
    *sessions(1, "2020-01-10", "2020-01-17", "2020-02-10", "2020-05-10"),
    *sessions(2, "2020-01-10", "2020-01-24"),
    *sessions(4, *(f"2020-01-{day}" for day in range(10, 24))),
    ("F3", "2020-01-20", "assessment", "in person", "did not attend"),
)


def came(study: Study = STUDY) -> Counts:
    return count(with_contacts(*SESSIONS, of=CAME, study=study))


def test_families_are_distributed_by_sessions_attended() -> None:
    table = engagement.sessions_a_family(came()).table.set_index("sessions")
    assert table["numerator"].tolist() == [1, 1, 0, 1, 0, 0, 1]
    assert set(table["denominator"]) == {4}
    assert table["still_on_the_books"].tolist() == [0, 1, 0, 0, 0, 0, 1]
    assert list(table.index) == ["1", "2", "3", "4 to 6", "7 to 9", "10 to 12", "13 or more"]
    assert table.loc["1", "high"] == pytest.approx(0.6994, abs=1e-4)  # Wilson, 1 of 4


def test_without_discharges_nobody_is_known_to_be_at_the_end() -> None:
    found = engagement.sessions_a_family(came(without(STUDY, "families", "discharged_on")))
    assert "still_on_the_books" not in found.table
    assert (
        found.table["note"].eq("no discharges are kept: any of these families may come again").all()
    )


def test_nobody_came() -> None:
    table = engagement.sessions_a_family(counts_of()).table
    assert table["status"].eq("not_estimable").all()
    described = engagement.length_of_support(counts_of()).table
    assert described["number"].tolist() == [0, 0]
    assert described["median"].isna().all()


def test_the_length_of_support_is_that_of_the_families_discharged() -> None:
    table = engagement.length_of_support(came()).table
    assert table["number"].tolist() == [2, 1]
    assert table["median"].tolist() == [60.5, 121]  # 0 and 121 days
    assert table["note"].eq("2 who attended are still on the books, and left out").all()
    found = engagement.length_of_support(came(without(STUDY, "families", "discharged_on")))
    assert found.why_not == ("This service keeps no column discharged on in its table of families.")


# --- ways of leaving --------------------------------------------------------------------------

REFERRED = (
    *[family("2019-01-01", seen="2019-01-21")] * 6,
    *[family("2019-01-01", seen="2019-02-10")] * 3,
    *[family("2019-01-01", discharged_on="2019-01-08")] * 4,
    *[family("2019-01-01", discharged_on="2019-03-01")] * 2,
    *[{"referred_on": "2019-01-01"}] * 5,
)


def by_outcome(result: Result, population: str, within: int) -> dict[str, float]:
    table = result.table
    rows = table[(table["population"] == population) & (table["within_days"] == within)]
    return dict(zip(rows["outcome"], rows["estimate"], strict=True))


def test_what_has_become_of_referrals_by_some_days() -> None:
    found = leaving.left_by(counts_of(*REFERRED))
    accepted = by_outcome(found, "accepted", 28)
    assert accepted == pytest.approx(
        {"seen": 6 / 15, "discharged unseen": 4 / 15, "still waiting": 5 / 15}
    )
    assert by_outcome(found, "accepted", 56) == pytest.approx(
        {"seen": 9 / 15, "discharged unseen": 4 / 15, "still waiting": 2 / 15}
    )
    referred = by_outcome(found, "referred", 28)
    assert referred["still waiting"] == pytest.approx(10 / 20)
    notes = found.table.groupby("population")["note"].unique()
    assert notes["accepted"].tolist() == [""]
    assert notes["referred"].tolist() == [leaving.NOT_ACCEPTED]


def test_who_is_followed_to_the_end_of_the_period_is_no_leaver() -> None:
    """Of two who wait longest one is followed for 30 days only; the other is seen on day 40."""
    counts = counts_of(
        family("2021-01-01"),
        family("2019-01-01", seen="2019-02-10"),
        family("2019-01-01", discharged_on="2019-01-08"),
    )
    found = by_outcome(leaving.left_by(counts), "accepted", 56)
    assert found == pytest.approx({"seen": 2 / 3, "discharged unseen": 1 / 3, "still waiting": 0})


def test_the_curve_of_leaving_adds_up_and_is_drawn() -> None:
    found = leaving.ways_of_leaving(counts_of(*REFERRED))
    assert found.table.groupby("days")["share"].sum().tolist() == pytest.approx([1] * 5)
    picture = plots.leaving(found)
    assert picture.finding == (
        "8 weeks (56 days) after referral: 60% seen, 27% discharged unseen and 13% still waiting."
    )
    assert picture.caption.startswith("What had become of 15 families by days since referral")
    svg = picture.svg("MADE UP", picture.alt)
    assert svg == plots.leaving(found).svg("MADE UP", picture.alt)
    assert ">discharged unseen</text>" in svg
    assert ">40%</text>" in svg  # on the last day


@pytest.mark.parametrize(
    "rows",
    [
        (family("2021-01-20"),),
        (family("2019-01-01", seen="2019-01-01"),),
        (family("2019-01-01", discharged_on="2019-01-01"),),
        (family("2021-01-31"),),
    ],
)
def test_one_family_leaves_waits_or_is_seen(rows: tuple[Family, ...]) -> None:
    found = leaving.ways_of_leaving(counts_of(*rows))
    picture = plots.leaving(found)
    assert "1 families" in picture.caption
    assert picture.svg("", picture.alt)
    statuses = set(leaving.left_by(counts_of(*rows)).table["status"])
    assert statuses == ({"ok"} if "2019" in str(rows) else {"short_series"})


def test_nobody_leaves() -> None:
    counts = counts_of()
    assert leaving.ways_of_leaving(counts).table.empty
    assert set(leaving.left_by(counts).table["status"]) == {"no_data"}


def test_without_discharges_leaving_is_not_known() -> None:
    counts = counts_of(*REFERRED, study=without(STUDY, "families", "discharged_on"))
    why_not = "This service keeps no column discharged on in its table of families."
    assert leaving.ways_of_leaving(counts).why_not == why_not
    assert leaving.left_by(counts).why_not == why_not


# --- retention -------------------------------------------------------------------------------


def retained(counts: Counts, session: int) -> Any:
    table = leaving.retention(counts).table
    return next(table[table["session"] == session].itertuples(index=False))


def coming(*families: tuple[str, list[str]], study: Study = STUDY) -> Counts:
    """Count families by day of discharge, if any, and their sessions."""
    of = tuple(
        family("2019-01-01", **({"discharged_on": end} if end else {})) for end, _ in families
    )
    contacts = [c for n, (_, days) in enumerate(families) for c in sessions(n, *days)]
    return count(with_contacts(*contacts, of=of, study=study))


def test_who_came_again_is_retained_and_who_was_discharged_is_not() -> None:
    counts = coming(
        *[("2019-06-01", ["2019-01-10", "2019-01-24"])] * 6,
        *[("2019-02-01", ["2019-01-10"])] * 4,
    )
    first = retained(counts, 1)
    assert (first.numerator, first.denominator) == (6, 10)
    assert (first.estimate, first.kept_so_far) == pytest.approx((0.6, 0.6))
    second = retained(counts, 2)
    assert (second.numerator, second.denominator, second.estimate) == (0, 6, 0)
    assert second.kept_so_far == 0
    assert second.high == pytest.approx(0.3903, abs=1e-4)  # Wilson, 0 of 6


def test_who_may_come_again_is_not_lost() -> None:
    """The period ends on 31 January 2021: four were last seen ten days before, and are open."""
    counts = coming(
        *[("", ["2020-01-10", "2020-02-10"])] * 6,
        *[("", ["2021-01-21"])] * 4,
    )
    first = retained(counts, 1)
    assert (first.numerator, first.denominator, first.estimate) == (6, 10, 1)
    assert first.method == "Wilson, of the 6 whose outcome by then is known"


def test_a_case_that_nobody_closed_is_lost_after_so_many_days() -> None:
    counts = coming(
        *[("", ["2019-01-10", "2019-02-10"])] * 6,
        *[("", ["2019-01-10"])] * 4,
    )
    assert retained(counts, 1).estimate == pytest.approx(0.6)


def test_who_comes_after_a_long_pause_is_not_retained() -> None:
    counts = coming(
        *[("", ["2019-01-10", "2019-04-04"])] * 6,  # 84 days
        *[("", ["2019-01-10", "2019-04-05"])] * 4,
    )
    assert retained(counts, 1).estimate == pytest.approx(0.6)


def test_sessions_are_counted_in_the_order_of_their_days() -> None:
    counts = coming(*[("2019-09-01", ["2019-03-10", "2019-01-10", "2019-02-10"])] * 5)
    again = counts.by("came_again", "session", "to_next")
    assert again.to_numpy().tolist() == [[1, 31, 5], [2, 28, 5]]
    last = counts.by("came_no_more", "session", "to_discharge")
    assert last.to_numpy().tolist() == [[3, 175, 5]]


def test_a_session_after_the_day_of_discharge_ends_there() -> None:
    counts = coming(*[("2019-01-20", ["2019-01-10", "2019-02-10"])] * 5)
    assert (retained(counts, 1).estimate, retained(counts, 2).estimate) == (1, 0)


def test_sessions_that_few_reached_are_left_out() -> None:
    counts = coming(*[("2019-03-01", ["2019-01-10"])] * 5, ("", ["2019-01-10", "2019-01-17"]))
    assert leaving.retention(counts).table["session"].tolist() == [1]
    assert leaving.retention(counts_of()).table.empty


def test_without_discharges_who_came_no_more_is_followed_on() -> None:
    study = without(STUDY, "families", "discharged_on")
    counts = coming(
        *[("", ["2019-01-10", "2019-01-24"])] * 6, *[("", ["2019-01-10"])] * 4, study=study
    )
    found = retained(counts, 1)
    assert found.estimate == pytest.approx(0.6)
    assert "no discharges are kept" in found.note


def test_contacts_of_families_referred_before_the_period_do_not_count() -> None:
    records = with_contacts(*sessions(7, "2019-01-10", "2019-01-17"), of=(family("2019-01-01"),))
    assert count(records).n("came_again") == 0


def test_what_is_a_family_at_a_time_is_not_released() -> None:
    released = protected(with_contacts(*SESSIONS, of=CAME))
    for analyse in (
        engagement.sessions_a_family,
        engagement.length_of_support,
        leaving.ways_of_leaving,
        leaving.left_by,
        leaving.retention,
    ):
        found = analyse(released)
        assert found.why_not.startswith("Not released: ")
        assert found.table.empty


def test_figures_are_drawn_as_png(tmp_path: Path) -> None:
    counts = counts_of(*REFERRED)
    for n, picture in enumerate(
        (
            plots.booked(engagement.booked_contacts(counts), by=("kind", "mode")),
            plots.leaving(leaving.ways_of_leaving(counts)),
        )
    ):
        picture.save_png(tmp_path / f"{n}.png", "", picture.alt)
        assert (tmp_path / f"{n}.png").stat().st_size > 10_000
