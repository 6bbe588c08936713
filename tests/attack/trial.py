"""One release put on trial: made, attacked, and attacked again without what protects it besides."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from attack.attacker import Found, Release, attack, is_of_people, population, targets, told
from attack.names import Name, Population
from attack.shown import SMALL, Shown, rounded
from attack.studies import Drawn, exact, records_of, released
from lmm.cleaning.records import Records
from lmm.study.study import Study

Numbers = Mapping[Name, int]


@dataclass(frozen=True)
class Trial:
    """A release, what it is of, and what an attack on it has found."""

    records: Records
    true: Numbers
    shown: Shown
    population: Population
    found: Found


@dataclass
class Tally:
    """What is reported of many trials: a row of the table."""

    numbers: Counter[str] = field(default_factory=Counter)

    def add(self, trial: Trial) -> None:
        """Count one more."""
        study = trial.records.study
        people = [n for name, n in trial.shown.numbers.items() if is_of_people(name, study)]
        hidden = sum(n is None for n in people)
        self.numbers.update({
            "releases": 1, "shown": len(people) - hidden, "hidden": hidden,
            "small": len(trial.found.targets), "recovered": len(trial.found.recovered),
            "narrowed": len(trial.found.narrowed),
        })  # fmt: skip


COLUMNS = ("releases", "shown", "hidden", "small", "recovered", "narrowed", "run twice", "differ")


def tried(drawn: Drawn) -> Trial:
    """Release the records of a study, and attack that."""
    records = records_of(drawn.study, drawn.rows)
    shown = released(records)
    return attacked(records, exact(records, shown), shown)


def attacked(records: Records, true: Numbers, shown: Shown) -> Trial:
    """Attack a release of records."""
    releases = [Release.of(records, shown)]
    of = unknown(records.study, releases)
    told(of.program, of, releases)
    most = SMALL[shown.profile]
    return Trial(records, true, shown, of, attack(of, targets(of, true, most), most))


def unknown(study: Study, releases: list[Release]) -> Population:
    """Set up the population of a study before anything but the exact counts is read."""
    return population(study, releases, study.event.date)


def bare(trial: Trial) -> Trial:
    """Attack the same counts where small ones are hidden, others rounded, and no more is done."""
    shown = trial.shown
    return attacked(trial.records, trial.true, unprotected(trial.true, shown, trial.records.study))


def unprotected(true: Numbers, shown: Shown, study: Study) -> Shown:
    """Hide small counts and round the others, each by itself.

    Under the profile that hides small counts and shows totals as sums of parts, a total that is
    not small tells that it is not: its number tells nothing else, and is not made here.
    """
    numbers: dict[Name, int | None] = dict(true)
    decisions = {}
    for name, n in true.items():
        if is_of_people(name, study):
            numbers[name] = rounded(n, shown.profile)
            if shown.profile != "midpoint6" and 1 <= n <= SMALL[shown.profile]:
                numbers[name], decisions[name] = None, "primary"
    return Shown(shown.profile, numbers, decisions)
