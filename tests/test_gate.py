"""What passes the gate: counts as the profile gives them, and nothing beside them."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest
from gates import counts_of, quarter_of, records_of, released_of

from lmm.counting.counts import Counts, Key
from lmm.disclosure.gate import release
from lmm.disclosure.profiles import PROFILES, profile_of
from lmm.study.disclosure import Thresholds

PROTECTING = [name for name in PROFILES if name != "none"]
WHOLE = ("opensafely", 1.0)
PLANNED = [WHOLE, *((name, 0.15) for name in PROTECTING)]
ONE_QUICKLY = [WHOLE, *(pytest.param(each, marks=pytest.mark.slow) for each in PLANNED[1:])]


def of_people(counts: Counts) -> dict[Key, int | None]:
    return {k: n for k, n in counts.numbers.items() if counts.declared[k[0]].about_people}


def test_what_is_counted_for_other_results_alone_is_never_released() -> None:
    kept = {name for name, each in counts_of("none").declared.items() if not each.released}
    complete = {name for name in kept if name.endswith(" complete")}
    assert kept - complete == {
        "came_again", "came_no_more", "left_unseen", "may_come_again", "minutes", "not_yet_seen",
    }  # fmt: skip
    items = {"content", "overall", "pace", "relevance", "trainer"}
    assert complete == {f"feedback_forms.{item} complete" for item in items}


@pytest.mark.parametrize("planned", ONE_QUICKLY, ids=str)
def test_every_count_of_people_has_the_form_that_the_profile_gives_it(
    planned: tuple[str, float],
) -> None:
    released = of_people(released_of(*planned).counts)
    step, rest = (6, 3) if planned[0] == "midpoint6" else (5, 0)
    shown = [n for n in released.values() if n]
    assert len(shown) > 50
    assert all(n % step == rest for n in shown)
    if step == 5:
        assert not any(1 <= n <= 7 for n in shown)
    assert None in released.values()


@pytest.mark.parametrize("planned", PLANNED, ids=str)
def test_a_small_count_is_shown_as_itself_nowhere(planned: tuple[str, float]) -> None:
    profile, true = PROFILES[planned[0]], counts_of(*planned)
    shown = of_people(released_of(*planned).counts)
    small = [k for k in shown if profile.is_sensitive(true.numbers[k] or 0)]
    assert len(small) > 20
    hidden = {None, 3} if planned[0] == "midpoint6" else {None}
    assert {shown[k] for k in small} <= hidden


def test_what_a_person_a_course_or_a_day_could_be_is_not_there() -> None:
    released = released_of(*WHOLE).counts
    fine = {"day", "course_id", "wait", "sessions", "followed", "left_after"}
    assert not [k for k in of_people(released) if fine & set(dict(k[1]))]
    assert not [k for k in released.numbers if k[0] == "minutes"]
    assert released.by("satisfaction", "course_id").empty
    assert released.n("satisfaction", course_id="C01") is None
    with_days = [k for k in released.numbers if "day" in dict(k[1])]
    assert {k[0] for k in with_days} == {"courses"}


def test_what_the_service_did_itself_is_exact() -> None:
    released, true = released_of(*WHOLE).counts, counts_of(*WHOLE)
    assert released.by("courses", "contract_year")["n"].tolist() == [11, 11, 6]
    assert released.n("places") == true.n("places")


def test_a_total_is_no_sum_that_leaves_out_suppressed_parts() -> None:
    """Of 41 sessions of support a part remains where suppressed professions are left out."""
    found = released_of(*WHOLE)
    assert counts_of(*WHOLE).n("consultations", kind="support") == 41
    assert found.counts.n("consultations", kind="support") is None
    log = found.log.set_index(["what", "where"])["decision"]
    assert log["consultations", "kind: support"] == "incomplete"
    assert found.counts.n("consultations") == 250


def test_only_the_whole_period_is_made_of_its_parts() -> None:
    """A year made of rounded months would leave out those that are suppressed."""
    true, released = counts_of(*WHOLE), released_of(*WHOLE).counts
    profile = PROFILES[WHOLE[0]]
    spans = [
        name for name in of_people(released)
        if {at for at, _ in name[1]} in ({"quarter"}, {"contract_year"}, {"phase"})
        and released.numbers[name] is not None
    ]  # fmt: skip
    assert len(spans) > 20
    for name in spans:
        assert released.numbers[name] == profile.rounded(true.numbers[name] or 0), name


@pytest.mark.parametrize("profile", PROTECTING)
def test_the_log_says_what_is_not_shown_and_holds_no_count(profile: str) -> None:
    found, true = released_of(profile, 0.15), counts_of(profile, 0.15)
    log = found.log
    assert set(log["decision"]) <= {"primary", "secondary", "incomplete", "withheld"}
    named = set(log["what"] + " " + log["where"])
    for (measure, within), n in of_people(found.counts).items():
        if n is None:
            assert f"{measure} {', '.join(f'{at}: {level}' for at, level in within)}" in named
    numbers = {str(n) for n in true.numbers.values()} - {"1", "7"}
    assert not numbers & set(" ".join(log["why"]).split())
    assert not any(column.startswith("n") for column in log)


def test_everything_passes_where_nothing_is_protected() -> None:
    found = release(records_of("none"))
    assert found.counts.numbers == counts_of("none").numbers
    assert found.log.empty


@pytest.mark.slow
def test_thresholds_of_its_own_protect_like_the_profile_with_the_same_numbers() -> None:
    own = Thresholds(hide_up_to=7, round_to=5, totals="sum")
    records = quarter_of("opensafely")
    study = records.study.model_copy(update={"disclosure": own})
    study._folder = records.study.folder
    released = release(replace(records, study=study)).counts
    assert None in released.numbers.values()
    assert released.numbers == release(records).counts.numbers
    assert profile_of(study).most == 7


def test_a_released_table_of_counts_is_all_that_there_is() -> None:
    """Read again from its file, it gives the same counts: nothing else was carried along."""
    released = released_of(*WHOLE).counts
    again = Counts.of_tidy(released.tidy(), released)
    assert again.numbers == released.numbers
    tidy = released.tidy()
    assert tidy["n"].isna().sum() == sum(n is None for n in released.numbers.values())
    assert not pd.isna(tidy["measure"]).any()
