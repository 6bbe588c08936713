"""What the names of the counts say: which things, of which kinds, in which time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from attack.bags import Bag, Where
from attack.calendar import month_after
from attack.families import Ways, contacts, families
from attack.program import Program, Terms, add, times
from attack.scene import NOT_RECORDED, Scene
from attack.sessions import own, sessions
from attack.training import FIRST, SECOND, training

Name = tuple[str, tuple[tuple[str, str], ...]]
"""A measure, and the levels that it is counted within."""

INSIDE = ("inside", "yes")
SOON = {"28": ("28",), "56": ("28", "56")}


@dataclass(frozen=True)
class Meant:
    """What a name says: things of which sort, and how they are described."""

    sort: str
    where: Where

    @property
    def described(self) -> frozenset[tuple[str, frozenset[str]]]:
        """The description, to compare."""
        return frozenset(self.where.items())


@dataclass(frozen=True)
class Population:
    """Everybody and everything that there may be, as unknown numbers."""

    scene: Scene
    program: Program
    bags: Mapping[str, Bag]
    ways: Ways

    @classmethod
    def of(cls, scene: Scene) -> Population:
        """Set up the unknown numbers, and what always holds of them."""
        program = Program()
        of_families, ways = families(program, scene)
        bags = {**training(program, scene), **sessions(program, scene), **of_families}
        contacts(program, scene, bags)
        bags |= own(program, scene)
        bags |= {name: bags[of] for name, of in (("families", "seen"),) if of in bags}
        return cls(scene, program, bags, ways)

    def terms(self, name: Name, release: int = 0) -> Terms:
        """Give a count of a release as a sum of unknown numbers."""
        measure, within = name
        if measure in ("caseload", "caseload_not_seen"):
            return self._stock(measure, dict(within)["month_end"], release)
        meant = self.meant(name)
        return self.bags[meant.sort].count({**meant.where, "era": self.scene.eras_of(release)})

    def _stock(self, measure: str, month: str, release: int) -> Terms:
        last = self.scene.periods[release][1]
        day = min(month_after(dt.date.fromisoformat(month)) - dt.timedelta(1), last)
        return (self.ways.on_books if measure == "caseload" else self.ways.unseen)[day]

    def meant(self, name: Name) -> Meant:
        """Read a name."""
        measure, within = name
        sort, where = self._things(measure, INSIDE in within)
        for level, value in within:
            if (level, value) == INSIDE:
                continue
            attribute = level.removesuffix("?")
            values = frozenset({value})
            if level.endswith("?") and value == "recorded":
                values = self.bags[sort].values(attribute) - {NOT_RECORDED}
            where[attribute] = where.get(attribute, values) & values
        every = self.bags[sort]
        return Meant(sort, {name: v for name, v in where.items() if v != every.values(name)})

    def _things(self, measure: str, inside: bool) -> tuple[str, dict[str, frozenset[str]]]:
        plain = {
            "attendances": "attendances", "registered": "registered", "feedback_forms": "forms",
            "consultations": "sessions", "contacts": "contacts", "families": "families",
            "referred": "referred", "accepted": "accepted", "offered": "offered", "seen": "seen",
            "discharged": "left seen",
        }  # fmt: skip
        if measure in plain:
            return plain[measure], {}
        if measure in ("staff", "staff_again"):
            step = FIRST if measure == "staff" else SECOND
            return "attendances", {"step": frozenset({step})}
        if measure == "contacts_attended":
            return "contacts", {"outcome": frozenset({"attended"})}
        if "_seen_within_" in measure:
            of, _, days = measure.partition("_seen_within_")
            return ("seen", {"wait": frozenset(SOON[days])}) if inside else (of, {})
        if measure == "satisfaction" or measure.startswith("feedback_forms."):
            return "forms", self._answer(measure.removeprefix("feedback_forms."), inside)
        return self._of_own(measure)

    def _answer(self, item: str, inside: bool) -> dict[str, frozenset[str]]:
        form = self.scene.study.forms["feedback_forms"]
        item = form.overall if item == "satisfaction" else item
        return {item: frozenset(form.high_of(item) if inside else form.scale_of(item))}

    def _of_own(self, measure: str) -> tuple[str, dict[str, frozenset[str]]]:
        if measure.endswith(".rows"):
            return measure.removesuffix(".rows"), {}
        declared = self.scene.study.measures[measure]
        return f"{declared.rows}.{declared.of}" if declared.of else declared.rows, {}


def no_form(population: Population, release: int) -> Terms:
    """Give those who came and returned no form."""
    eras = {"era": population.scene.eras_of(release)}
    came, forms = (population.bags[name].count(eras) for name in ("attendances", "forms"))
    return add(came, times(-1, forms))
