"""Whole populations are put together that fit a release: every small count may be anything."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pandas as pd
import pytest
from attack.attacker import Release, Target, attack, is_of_people
from attack.drawn import drawn
from attack.names import Name, Population
from attack.planted import PLANTED
from attack.program import Program
from attack.rebuilt import rows_of
from attack.shown import SMALL, rounded, span, totals
from attack.solver import Numbers, Solver, matrix
from attack.studies import Drawn, exact, records_of, released, released_text, study_of
from attack.trial import Trial, attacked, bare, tried, unknown
from attack.twins import runs_differ, twin

from lmm.cleaning.contract import check_tables

SEEDS = (3, 4)
PROFILES = list(SMALL)


@cache
def trial_of(seed: int, profile: str) -> Trial:
    return tried(drawn(seed, profile))


@cache
def planted_in(case: str, profile: str) -> Trial:
    tables, rows = PLANTED[case]
    return tried(Drawn(study_of(profile, tables), rows))


def counted(of: Population, names: list[Name], numbers: Numbers) -> dict[Name, int]:
    """Count a population as the attacker does."""
    return {name: sum(int(n * numbers[at]) for at, n in of.terms(name).items()) for name in names}


def people(trial: Trial) -> list[Name]:
    return [name for name in trial.true if is_of_people(name, trial.records.study)]


# --- the attack ---------------------------------------------------------------------------


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("case", PLANTED)
def test_what_once_gave_something_away_gives_nothing_away(case: str, profile: str) -> None:
    assert planted_in(case, profile).found.narrowed == []


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize(
    "seed", [*SEEDS, *(pytest.param(n, marks=pytest.mark.slow) for n in (1, 2, *range(5, 25)))]
)
def test_no_small_count_of_a_random_study_is_narrowed(seed: int, profile: str) -> None:
    assert trial_of(seed, profile).found.narrowed == []


# --- the attacker is right, and bites -----------------------------------------------------


@pytest.mark.parametrize(
    ("case", "profile", "left"),
    [
        ("six courses, seven fathers at each", "opensafely", {7}),
        ("six courses, seven fathers at each", "nhs_digital", {7}),
        ("eight courses, six fathers at each", "midpoint6", {6}),
        ("four courses, seven people at all and five at one", "nhs_digital", {7}),
        ("three courses, six of twelve at each", "opensafely", {3, 4, 5, 6, 7}),
        ("families discharged, and those on the books who were seen", "midpoint6", {3, 4, 5, 6}),
        ("families seen, and those on the books who were not", "midpoint6", {1, 2, 3, 4, 5}),
    ],
)
def test_the_attacker_sees_what_suppressing_and_rounding_alone_give_away(
    case: str, profile: str, left: set[int]
) -> None:
    found = bare(planted_in(case, profile)).found
    assert left in [found.possible[name] for name in found.narrowed]


@pytest.mark.parametrize("seed", SEEDS)
def test_the_true_counts_are_those_of_some_population(seed: int) -> None:
    trial = trial_of(seed, "nhs_digital")
    of = unknown(trial.records.study, [Release.of(trial.records, trial.shown)])
    for name in people(trial):
        of.program.rule(of.terms(name), trial.true[name], trial.true[name])
    solver = Solver.of(of.program)
    assert solver.near(matrix([], len(solver.most)), 0) is not None


@pytest.mark.parametrize("seed", SEEDS)
def test_a_population_that_the_attacker_finds_counts_as_the_attacker_says(seed: int) -> None:
    trial = trial_of(seed, "midpoint6")
    study, names = trial.records.study, people(trial)
    for numbers in trial.found.populations[:3]:
        records = records_of(study, rows_of(trial.population, numbers))
        check_tables({name: records.tables[name] for name in study.sources}, study)
        true = exact(records, trial.shown)
        assert {name: true.get(name) for name in names} == counted(trial.population, names, numbers)


@pytest.mark.parametrize("profile", PROFILES)
def test_the_attacker_reads_shown_numbers_as_they_are_meant(profile: str) -> None:
    for seed in SEEDS:
        trial = trial_of(seed, profile)
        names = people(trial)
        sums = totals(names, trial.population) if profile == "opensafely" else set()
        for name in names:
            value, count = trial.shown.numbers[name], trial.true[name]
            if value is not None:
                low, high = span(value, profile, is_sum=name in sums)
                assert low <= count <= high, name
                assert name in sums or value == rounded(count, profile), name


# --- nothing depends on what is hidden ----------------------------------------------------


@pytest.mark.parametrize(
    ("seed", "profile"), [(3, "opensafely"), (3, "nhs_digital"), (8, "midpoint6")]
)
def test_other_records_can_lead_to_the_same_file_of_counts(seed: int, profile: str) -> None:
    trial = trial_of(seed, profile)
    rows = twin(trial)
    assert rows is not None
    again = records_of(trial.records.study, rows)
    assert exact(again, trial.shown) != trial.true
    assert released_text(again) == released_text(trial.records)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("seed", "profile"), [(3, "opensafely"), (3, "nhs_digital"), (8, "midpoint6")]
)
def test_records_that_are_released_alike_lead_to_the_same_outputs(
    seed: int, profile: str, tmp_path: Path
) -> None:
    assert runs_differ(trial_of(seed, profile), drawn(seed, profile).rows, tmp_path) == []


# --- several releases ---------------------------------------------------------------------


@pytest.mark.parametrize("seed", SEEDS)
def test_the_true_counts_of_two_releases_are_those_of_some_population(seed: int) -> None:
    drew = drawn(seed, "nhs_digital")
    period = drew.study.period
    middle = period.start + (period.end - period.start) * 0.6
    several = [
        records_of(drew.study, drew.rows, period_end=f"{end}") for end in (middle, period.end)
    ]
    shown = [released(records) for records in several]
    true = [exact(records, each) for records, each in zip(several, shown, strict=True)]
    releases = [Release.of(records, each) for records, each in zip(several, shown, strict=True)]
    of = unknown(drew.study, releases)
    for n, counts in enumerate(true):
        for name in counts:
            if is_of_people(name, drew.study):
                of.program.rule(of.terms(name, n), counts[name], counts[name])
    solver = Solver.of(of.program)
    assert solver.near(matrix([], len(solver.most)), 0) is not None


def test_a_period_can_be_attacked_in_which_no_course_has_begun() -> None:
    """The forms that are kept are then nobody's."""
    of = drawn(28, "opensafely")
    assert of.study.keeps("feedback_forms")
    first = min(row["date"] for row in of.rows["courses"])
    end = str((pd.Timestamp(first) - pd.Timedelta(days=1)).date())
    records = records_of(of.study, of.rows, period_end=end)
    shown = released(records)
    trial = attacked(records, exact(records, shown), shown)
    assert trial.true["courses", ()] == 0
    assert trial.found.narrowed == []


def test_what_a_count_is_made_of_is_looked_for_together() -> None:
    """Nothing else links the two numbers; alone, each could be 1."""
    program = Program()
    one, other = program.new(), program.new()
    program.rule({one: 1}, 1)
    program.rule({other: 1}, 1)
    of = SimpleNamespace(program=program)
    found = attack(cast("Population", of), [Target("both", {one: 1, other: 1}, 3)], 3)
    assert found.possible == {"both": {2, 3}}
