"""What passes the gate: counts as the profile gives them, and nothing beside them."""

from __future__ import annotations

import pandas as pd
import pytest
from gates import clean_tables, counts_of, records_of, released_of, study_of

from lmm.cleaning.records import Records
from lmm.counting.count import count
from lmm.counting.counts import Counts, Key, key
from lmm.disclosure.gate import release
from lmm.disclosure.profiles import PROFILES, profile_of
from lmm.disclosure.relations import linked
from lmm.study.disclosure import Thresholds
from lmm.study.parameters import Parameters

PROTECTING = [name for name in PROFILES if name != "none"]
WHOLE = ("opensafely", 1.0)
PLANNED = [WHOLE, *((name, 0.15) for name in PROTECTING)]


def of_people(counts: Counts) -> dict[Key, int | None]:
    return {k: n for k, n in counts.numbers.items() if counts.declared[k[0]].about_people}


@pytest.mark.parametrize("planned", PLANNED, ids=str)
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


@pytest.mark.parametrize("share", [0.1, 0.3, 0.6, 1.0])
@pytest.mark.parametrize("seed", [1, 2])
def test_the_relations_hold_for_the_true_counts(share: float, seed: int) -> None:
    hold(counts_of("opensafely", share, seed))


@pytest.mark.parametrize(
    "chosen",
    [
        {"period_start": "2019-04-01"},
        {"period_end": "2020-03-22", "event_date": "2019-10-01"},
        {"period_start": "2018-11-17", "period_end": "2019-02-03", "event_date": "2018-12-24"},
        {"event_date": "2019-04-01"},
    ],
    ids=str,
)
def test_the_relations_hold_in_any_period(chosen: dict[str, str]) -> None:
    """Also where families were referred before the period, and seen in it."""
    study = study_of("opensafely")
    hold(count(Records.within(clean_tables(), study, Parameters.of(study, chosen))))


def hold(counts: Counts) -> None:
    cells, relations, same = linked(counts)
    true = {cell.key: cell.count for cell in cells}
    assert len(relations) > 50
    assert min(true.values()) >= 0
    assert all(counts.numbers[name] == counts.numbers[other] for name, other in same.items())
    for relation in relations:
        total = sum(n * true[name] for name, n in relation.terms)
        assert total == 0 if relation.sense == "=" else total <= 0


def test_years_months_items_and_stages_are_linked() -> None:
    _, relations, same = linked(counts_of(*WHOLE))
    wholes: dict[Key, list[int]] = {}
    for relation in relations:
        if relation.sense == "=":
            whole = next(name for name, n in relation.terms if n == -1)
            wholes.setdefault(whole, []).append(len(relation.terms) - 1)
    everyone = wholes[key("attendances")]
    assert {3, 2, 34} <= set(everyone)  # years, phases, months
    assert {12, 4} <= set(wholes[key("families", contract_year="2018/19")])  # months, quarters
    assert key("referred") in wholes
    assert 2 in wholes[key("satisfaction", inside="yes")]  # the two high answers
    assert same[key("contacts_attended")] == key("contacts", outcome="attended")


def test_the_last_caseload_and_repeat_attendance_are_linked() -> None:
    relations = linked(counts_of(*WHOLE))[1]
    found = {(frozenset(r.terms), r.sense) for r in relations}
    last = "2021-01-01"
    held = {(key("caseload", month_end=last), 1), (key("caseload_not_seen", month_end=last), -1)}
    assert (frozenset({*held, (key("seen"), -1), (key("discharged"), 1)}), "=") in found
    people = {(key("staff"), 1), (key("staff_again"), 1), (key("attendances"), -1)}
    assert (frozenset(people), "<=") in found


@pytest.mark.parametrize("profile", PROTECTING)
def test_the_log_says_what_is_not_shown_and_holds_no_count(profile: str) -> None:
    found, true = released_of(profile, 0.15), counts_of(profile, 0.15)
    log = found.log
    assert set(log["decision"]) <= {"primary", "secondary", "incomplete", "withheld"}
    named = set(log["what"] + " " + log["where"])
    for (measure, within), n in of_people(found.counts).items():
        where = ", ".join(f"{at}: {level}" for at, level in within)
        if n is None:
            assert f"{measure} {where}" in named or _alike(true, (measure, within), named)
    numbers = {str(n) for n in true.numbers.values()} - {"1", "7"}
    assert not numbers & set(" ".join(log["why"]).split())
    assert not any(column.startswith("n") for column in log)


def _alike(true: Counts, name: Key, named: set[str]) -> bool:
    """Whether the log names a count of the same meaning."""
    measure, within = linked(true)[2][name]
    return f"{measure} {', '.join(f'{at}: {level}' for at, level in within)}" in named


def test_everything_passes_where_nothing_is_protected() -> None:
    true = counts_of("none")
    assert release(true).counts is true
    assert release(true).log.empty


def test_thresholds_of_its_own_protect_like_the_profile_with_the_same_numbers() -> None:
    own = Thresholds(hide_up_to=7, round_to=5, totals="sum")
    records = records_of("opensafely", 0.15)
    study = records.study.model_copy(update={"disclosure": own})
    study._folder = records.study.folder
    counts = count(Records(**{**vars_of(records), "study": study}))
    assert release(counts).counts.numbers == released_of("opensafely", 0.15).counts.numbers
    assert profile_of(study).most == 7


def vars_of(records: Records) -> dict[str, object]:
    names = ("study", "parameters", "targets", "published_figures", "tables")
    return {name: getattr(records, name) for name in names}


def test_a_released_table_of_counts_is_all_that_there_is() -> None:
    """Read again from its file, it gives the same counts: nothing else was carried along."""
    released = released_of(*WHOLE).counts
    again = Counts.of_tidy(released.tidy(), released)
    assert again.numbers == released.numbers
    tidy = released.tidy()
    assert tidy["n"].isna().sum() == sum(n is None for n in released.numbers.values())
    assert not pd.isna(tidy["measure"]).any()
