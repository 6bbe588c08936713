"""Records as a population, its neighbours, and the other records that prove a release."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest
from family_counts import family
from family_counts import records_of as families_of
from gates import clean_tables, counts_of, having, quarter_of, records_of, released_of

from lmm.cleaning.contract import check_tables
from lmm.cleaning.records import Records
from lmm.counting.count import count
from lmm.counting.counts import key
from lmm.disclosure.beside import Beside, left_beside
from lmm.disclosure.earlier import counted_of_people
from lmm.disclosure.gate import release
from lmm.disclosure.habits import Habits, may_be
from lmm.disclosure.model import Model
from lmm.disclosure.neighbours import neighbours
from lmm.disclosure.plan import Plan, plan
from lmm.disclosure.population import Population, joined
from lmm.disclosure.profiles import PROFILES, Profile
from lmm.disclosure.search import Whole
from lmm.disclosure.witnessed import check_witnesses
from lmm.study.parameters import Parameters
from lmm.study.setting import bounds

PROTECTING = [name for name in PROFILES if name != "none"]


def few() -> Records:
    return records_of("opensafely", 0.15)


@cache
def planned(profile: str) -> tuple[Model, Plan, Profile]:
    records = records_of(profile, 0.15)
    model = Model(records, counts_of(profile, 0.15))
    return model, plan(model.cells, model.kinds(), PROFILES[profile]), PROFILES[profile]


def test_counts_are_sums_over_members() -> None:
    records = few()
    names, adds = Population.of(records).counted()
    found = dict(zip(names, adds.sum(axis=1).tolist(), strict=True))
    exact = count(records)
    people = {name: exact.numbers[name] for name in counted_of_people(exact)}
    assert len(people) > 500
    assert {name: found[name] for name in people} == people


def test_a_member_is_all_rows_that_belong_together() -> None:
    records = few()
    population = Population.of(records)
    contacts, families = (population.frames[t] for t in ("family_contacts", "families"))
    of_family = dict(zip(families["family_id"], population.member["families"], strict=True))
    assert population.member["family_contacts"].tolist() == [
        of_family[name] for name in contacts["family_id"]
    ]
    register = population.frames["course_attendance"].assign(
        member=population.member["course_attendance"]
    )
    assert register.groupby("staff_id")["member"].nunique().max() == 1
    assert register.groupby("member")["staff_id"].nunique().max() == 1
    assert "courses" not in population.member  # what the service did is known


def test_those_who_came_before_the_period_are_members_with_their_first_rows() -> None:
    """Contacts in the period of families that were referred before it; they can be released."""
    whole = records_of("nhs_digital", 0.15)
    parameters = Parameters.of(whole.study, {"period_start": "2019-07-01"})
    declared = {name: getattr(whole, name) for name in ("targets", "published_figures")}
    records = Records.within({**whole.tables, **declared}, whole.study, parameters)
    contacts, families = records.tables["family_contacts"], records.tables["families"]
    referred_before = families[~records.inside("families")]
    later = records.inside("family_contacts")
    later &= contacts["family_id"].isin(referred_before["family_id"])
    assert later.any()
    population = Population.of(records)
    of_family = dict(zip(families["family_id"], population.member["families"], strict=True))
    assert population.member["family_contacts"][later.to_numpy()].tolist() == [
        of_family[name] for name in contacts.loc[later, "family_id"]
    ]
    shown = release(records).counts
    assert any(n for name, n in shown.numbers.items() if not shown.is_exact(name[0]))


def test_members_that_are_taken_twice_count_twice() -> None:
    population = Population.of(few())
    twice, _ = population.taken(np.repeat(np.arange(population.size), 2))
    exact = count(few()).numbers
    again = count(twice.records).numbers
    for name in (key("staff"), key("attendances"), key("families"), key("consultations")):
        assert again[name] == 2 * (exact[name] or 0) > 0
    both = joined([population, population])
    assert count(both.records).numbers[key("staff")] == again[key("staff")]


@pytest.mark.parametrize("level", [0, 1])
def test_neighbours_keep_the_contract_and_the_habits(level: int) -> None:
    population = Population.of(few())
    made, source = neighbours(population, level)
    assert len(source) == made.size > 500
    check_tables(made.records.tables, made.records.study)
    assert Habits.of(population).kept(made).all()


def test_what_never_happens_is_not_believed() -> None:
    """Nobody is seen before they are accepted, here; and nobody is offered an appointment."""
    rows = [family(f"2019-0{n}-01", seen=f"2019-0{n}-20") for n in range(1, 6)]
    usual = Habits.of(Population.of(families_of(*rows)))
    early = [family("2019-03-01", seen="2019-03-02") | {"accepted_on": "2019-03-09"}]
    offered = [family("2019-03-01", offered_on="2019-03-02", seen="2019-03-09")]
    fine = [family("2019-03-01", seen="2019-03-01")]
    kept = [
        bool(usual.kept(Population.of(families_of(*each))).all()) for each in (early, offered, fine)
    ]
    assert kept == [False, False, True]


def test_nobody_changes_the_role_that_everybody_keeps() -> None:
    """They came to two courses each, as midwives; one who is two things is not believed."""
    records = few()
    register = records.tables["course_attendance"]
    twice = register.groupby("staff_id").head(1).assign(role="midwife").head(20)
    courses = records.tables["courses"]["course_id"].tolist()
    both = [twice.assign(course_id=courses[n]) for n in range(2)]
    usual = Population.of(having(records, course_attendance=pd.concat(both, ignore_index=True)))
    mixed = having(
        usual.records,
        course_attendance=pd.concat([both[0], both[1].assign(role="health visitor")]),
    )
    assert not Habits.of(usual).kept(Population.of(mixed)).all()
    made, _ = neighbours(usual, 0)
    roles = made.frames["course_attendance"].groupby("staff_id")["role"]
    assert set(made.frames["course_attendance"]["role"]) > {"midwife", "health visitor"}
    assert roles.nunique().max() == 1


def test_neighbours_came_once_more_or_once_less_or_had_no_contact() -> None:
    population = Population.of(few())
    made, source = neighbours(population, 0)
    for table, fewest in (("course_attendance", 1), ("family_contacts", 0)):
        before = np.bincount(population.member[table], minlength=population.size)[source]
        now = np.bincount(made.member[table], minlength=made.size)
        assert {-1, 1} <= set((now - before).tolist())
        assert now[before > fewest].min() == fewest


def test_neighbours_are_on_record_and_know_nothing_of_what_comes_after() -> None:
    whole = records_of("opensafely")
    chosen = {"period_start": "2019-11-15", "period_end": "2020-05-20"}
    parameters = Parameters.of(whole.study, chosen)
    population = Population.of(Records.within(clean_tables(), whole.study, parameters))
    first, last = bounds(Parameters.of(whole.study, {"period_end": "2020-05-20"}))
    made, _ = neighbours(population, 0)
    for table, dates in (
        ("families", ["referred_on"]),
        ("family_contacts", ["date"]),
        ("consultations", ["date"]),
    ):
        for date in dates:
            assert made.frames[table][date].between(first, last).all()
    for date in ("accepted_on", "offered_on", "discharged_on"):
        assert not (made.frames["families"][date] > last).any()
    assert made.frames["families"]["referred_on"].nunique() > 40


def test_what_the_contract_forbids_cannot_be() -> None:
    backwards = {"referred_on": "2019-03-01", "discharged_on": "2019-02-01"}
    records = families_of(backwards, {"referred_on": "2019-03-01"})
    assert may_be(Population.of(records)).tolist() == [False, True]


def test_what_is_left_of_one_count_beside_another_is_protected() -> None:
    model = Model(few(), counts_of("opensafely", 0.15))
    left = {cell.key[1:] for cell in model.cells if cell.key[0] == "left"}
    same = model.same
    high = key("satisfaction", inside="yes")
    for part, whole in (
        (high, key("satisfaction")),
        (key("accepted"), key("referred")),
        (key("staff_again"), key("staff")),
    ):
        assert (same[whole], same[part]) in left
    assert all(cell.protected for cell in model.cells if cell.key[0] == "left")
    no_form = [cell for cell in model.cells if cell.key[0] == "left beside"]
    assert len(no_form) > 5
    assert all(cell.protected for cell in no_form)


def test_what_is_the_same_stays_the_same_with_more_neighbours() -> None:
    model = Model(few(), counts_of("opensafely", 0.15))
    places = [model.place[model.same[name]] for name in model.names]
    for _ in model.kinds():
        adds = model.adds[: len(model.names)]
        assert (adds != adds[places]).nnz == 0


def test_where_a_course_has_more_forms_than_people_nothing_is_compared() -> None:
    records = few()
    forms = records.tables["feedback_forms"]
    register = records.tables["course_attendance"]
    one = forms["course_id"].iloc[0]
    odd = having(records, course_attendance=register[register["course_id"] != one])
    assert Beside.of(Population.of(odd)).groups == ()


def test_no_course_has_more_forms_than_people_who_came() -> None:
    population = Population.of(few())
    found = Beside.of(population)
    assert {group[:2] for group in found.groups} == {("course_attendance", "feedback_forms")}
    left = left_beside((*found.groups, *found.totals), population).sum(axis=1)
    assert (left >= 0).all()
    assert found.totals[0] == ("course_attendance", "feedback_forms", (), ())
    exact = count(few()).numbers
    came, answered = exact[key("attendances")] or 0, exact[key("feedback_forms")] or 0
    assert left[len(found.groups)] == came - answered > 0


@pytest.mark.parametrize(
    "profile",
    [PROTECTING[0], *(pytest.param(name, marks=pytest.mark.slow) for name in PROTECTING[1:])],
)
def test_for_every_value_of_every_small_count_there_are_other_records(profile: str) -> None:
    """Counted here by themselves, as the records of any study are."""
    model, found, rules = planned(profile)
    small = [
        cell.key for cell in model.cells if cell.known is None and rules.is_sensitive(cell.count)
    ]
    assert len(small) > 20
    assert found.unproved == []
    every = model.counted_again(found.witnesses)
    for name in small:
        values = {*every[model.place[name]].tolist(), model.counts.numbers[name]}
        assert values >= set(range(1, rules.most + 1)), name
    for witness in found.witnesses[:3]:
        records = model.records(witness)
        check_tables(records.tables, records.study)
        counts = count(records).numbers
        cells = [
            replace(cell, count=counts[cell.key] or 0) for cell in model.cells if not cell.known
        ]
        assert found.shows(cells, rules)


def test_a_witness_that_is_not_counted_as_planned_stops_the_release(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Also if it is a count that is not shown: its values would not be proved."""
    counted_again = Model.counted_again
    records = quarter_of("nhs_digital")
    hidden = next(name for name, n in release(records).counts.numbers.items()
                  if n is None and not dict(name[1]))  # fmt: skip

    def otherwise(self: Model, witnesses: list[Whole]) -> Whole:
        every = counted_again(self, witnesses)
        every[self.place[hidden]] += 1
        return every

    monkeypatch.setattr(Model, "counted_again", otherwise)
    with pytest.raises(RuntimeError, match="does not lead to the same release"):
        release(records)


@pytest.mark.parametrize(
    ("profile", "least"), [("opensafely", 360), ("nhs_digital", 360), ("midpoint6", 485)]
)
def test_no_more_is_hidden_than_needs_to_be(profile: str, least: int) -> None:
    """With fewer kinds of neighbours fewer witnesses are found, and more is suppressed."""
    released = released_of(profile).counts
    people = [n for name, n in released.numbers.items() if not released.is_exact(name[0])]
    assert len(people) == 562
    assert sum(n is not None for n in people) >= least


def test_a_witness_that_leads_to_another_release_is_not_taken_for_one() -> None:
    model, found, rules = planned("nhs_digital")
    check_witnesses(model, found, rules)
    shown = next(c.key for c in model.cells if not c.known and found.complete(c.key))
    number = found._numbers[shown]._replace(value=10_000)
    other = replace(found, _numbers={**found._numbers, shown: number})
    with pytest.raises(RuntimeError, match="does not lead to the same release"):
        check_witnesses(model, other, rules)
