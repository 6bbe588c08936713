"""Families on their way: referred, accepted, offered an appointment, seen, discharged.

A family waits on the books from the step in which it was accepted until it is seen or leaves;
who was seen stays until discharged. Steps end on the days on which families on the books are
counted. From one step to the next families move, and the numbers of those who move are the
unknowns: whatever they are, within what is possible, there are families behind them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import product

from attack.bags import Bag, Kind, crossed, one
from attack.calendar import DAY, Stretch, month_after
from attack.program import MANY, Program, Terms, add, times, total
from attack.scene import Scene

WAITS = {"28": (0, 28), "56": (29, 56), "long": (57, 10**6)}
"""Days from the referral to the first session: within 28, within 56, longer."""

OLD = 99
"""Stands for every step so long ago that who was accepted in it has waited for 57 days."""


STAYS = -1
"""Stands for the families that were seen and have not left."""


@dataclass(frozen=True)
class Move:
    """Some families go from one group to another in a step.

    Attributes
    ----------
    era
        In which they were referred.
    step, source, goal
        Numbers of steps: when it is, and when those of the group were accepted; `OLD` and
        `STAYS` are groups, too. None before they are accepted, and after they have left.
    number
        The unknown number of them; None if it is the whole group.
    seen, wait
        When those who are seen are seen, and how long they have waited.
    """

    era: int
    step: int
    source: int | None
    goal: int | None
    number: int | None
    seen: Stretch | None = None
    wait: str = ""


@dataclass
class Ways:
    """The numbers of families that move, each with when and how."""

    moves: list[Move] = field(default_factory=list)
    never: dict[int, int] = field(default_factory=dict)

    accepted: list[tuple[Kind, int]] = field(default_factory=list)
    seen: list[tuple[Kind, int]] = field(default_factory=list)
    left_seen: list[tuple[Kind, int]] = field(default_factory=list)
    referred: dict[int, Terms] = field(default_factory=dict)
    on_books: dict[dt.date, Terms] = field(default_factory=dict)
    unseen: dict[dt.date, Terms] = field(default_factory=dict)


@dataclass(frozen=True)
class Step:
    """The days up to a count of families on the books."""

    first: dt.date
    last: dt.date
    stretches: tuple[Stretch, ...]


def steps(scene: Scene) -> list[Step]:
    """Cut the period where families on the books are counted."""
    found: list[Step] = []
    within: list[Stretch] = []
    for each in scene.stretches:
        within.append(each)
        if each.last + DAY == month_after(each.last) or each.last in scene.ends:
            found.append(Step(within[0].first, each.last, tuple(within)))
            within = []
    return found


def eras(scene: Scene) -> dict[int, tuple[dt.date, dt.date]]:
    """Give the first and the last day of each era, in one of which a family is referred."""
    found: dict[int, tuple[dt.date, dt.date]] = {}
    for each in scene.stretches:
        found[each.era] = (found.get(each.era, (each.first,))[0], each.last)
    return found


def waits(referred: tuple[dt.date, dt.date], accepted: dt.date, seen: Stretch) -> Iterator[str]:
    """List how long a family can have waited that was accepted up to a day and seen in a stretch.

    It was referred within some days, and no later than it was accepted.
    """
    least = max(0, (seen.first - min(referred[1], accepted)).days)
    most = (seen.last - referred[0]).days
    for name, (shortest, longest) in WAITS.items():
        if least <= longest and most >= shortest:
            yield name


class Flow:
    """Families referred in one era, moved through the steps."""

    def __init__(self, program: Program, scene: Scene, era: int, ways: Ways) -> None:
        self.program, self.scene, self.era, self.ways = program, scene, era, ways
        self.days = eras(scene)[era]
        self.leaves = scene.keeps("families", "discharged_on")
        self.is_seen = scene.keeps("family_contacts", "family_id")
        self.waiting: dict[int, Terms] = {}
        self.stays: Terms = {}
        self.every = steps(scene)

    def run(self) -> None:
        """Move the families through all steps."""
        never = self.program.new()
        self.ways.referred[self.era] = {never: 1}
        self.ways.never[self.era] = never
        for n, step in enumerate(self.every):
            if step.last >= self.days[0]:
                self._move(n, step)
            for held, groups in (
                (self.ways.on_books, [*self.waiting.values(), self.stays]),
                (self.ways.unseen, [*self.waiting.values()]),
            ):
                held[step.last] = add(held.get(step.last, {}), *groups)

    def _move(self, n: int, step: Step) -> None:
        """Move families on in a step: some are accepted, some are seen, some leave."""
        for accepted in [at for at in self.waiting if at != OLD]:
            if (step.first - self.every[accepted].last).days > WAITS["56"][1]:
                long = self.waiting.pop(accepted)
                self.waiting[OLD] = add(self.waiting.get(OLD, {}), long)
                self._moved(n, accepted, OLD, None)
        newly = self.program.new()
        self.ways.accepted.append((self._kind(step.stretches[-1]), newly))
        self.ways.referred[self.era] = add(self.ways.referred[self.era], {newly: 1})
        self.waiting[n] = {newly: 1}
        self._moved(n, None, n, newly)
        for accepted, group in [*self.waiting.items()]:
            seen = self._seen(n, accepted, step) if self.is_seen else {}
            gone = self._gone(n, accepted) if self.leaves else {}
            self.waiting[accepted] = self._rest(group, add(gone, seen))
            self.stays = add(self.stays, seen)
        if self.leaves and self.is_seen:
            left = self._gone(n, STAYS)
            self.ways.left_seen += [(self._kind(step.stretches[-1]), unknown) for unknown in left]
            self.stays = self._rest(self.stays, left)

    def _moved(
        self,
        n: int,
        source: int | None,
        goal: int | None,
        number: int | None,
        seen: Stretch | None = None,
        wait: str = "",
    ) -> None:
        self.ways.moves.append(Move(self.era, n, source, goal, number, seen, wait))

    def _gone(self, n: int, group: int) -> Terms:
        """Let families of a group leave."""
        number = self.program.new()
        self._moved(n, group, None, number)
        return {number: 1}

    def _seen(self, n: int, accepted: int, step: Step) -> Terms:
        """Let families be seen that were accepted in some step."""
        found = []
        for stretch in step.stretches:
            if accepted == OLD:
                possible = ["long"]
            else:
                possible = [*waits(self.days, self.every[accepted].last, stretch)]
            for wait in possible:
                found.append(self.program.new())
                self.ways.seen.append(({**self._kind(stretch), "wait": wait}, found[-1]))
                self._moved(n, accepted, STAYS, found[-1], stretch, wait)
        return total(found)

    def _kind(self, stretch: Stretch) -> Kind:
        return {**self.scene.when(stretch), "referred": str(self.era)}

    def _rest(self, whole: Terms, part: Terms) -> Terms:
        """Give what is left of a group, which is not less than nobody."""
        left = add(whole, times(-1, part))
        self.program.rule(left)
        return left


LABELS = ("referral_source", "ward", "ethnic_group", "interpreter_needed", "reason")
UNSEEN = "unseen"


def families(program: Program, scene: Scene) -> tuple[dict[str, Bag], Ways]:
    """Give the families at each stage, and those on the books."""
    ways = Ways()
    if not scene.keeps("families"):
        return _seen_alone(program, scene), ways
    for era in eras(scene):
        Flow(program, scene, era, ways).run()
    everyone = []
    for era, terms in ways.referred.items():
        everyone.append(({"era": str(era)}, program.new()))
        program.same(terms, {everyone[-1][1]: 1})
    bags = {
        "referred": Bag([everyone]),
        "accepted": Bag([ways.accepted]),
        "offered": Bag.of(program, [[{"era": era} for era in scene.eras]]),
        "seen": Bag([ways.seen]),
        "left seen": Bag([ways.left_seen]),
    }
    _offered_between(program, scene, bags)
    for name in LABELS:
        if scene.keeps("families", name):
            _described(program, scene, bags, name)
    return bags, ways


def _seen_alone(program: Program, scene: Scene) -> dict[str, Bag]:
    """Give the families seen where nothing else is kept of them."""
    return {"seen": Bag.of(program, [scene.times])} if scene.keeps("family_contacts") else {}


def until(scene: Scene, era: str) -> dict[str, frozenset[str]]:
    """Describe what happened up to the end of an era."""
    return {"era": frozenset(each for each in scene.eras if int(each) <= int(era))}


def _offered_between(program: Program, scene: Scene, bags: dict[str, Bag]) -> None:
    """Say that who is seen was offered an appointment, and who was offered one was accepted."""
    for era in scene.eras:
        accepted, offered, seen = (
            bags[name].count(until(scene, era)) for name in ("accepted", "offered", "seen")
        )
        program.rule(add(accepted, times(-1, offered)))
        program.rule(add(offered, times(-1, seen)))


def _described(program: Program, scene: Scene, bags: dict[str, Bag], name: str) -> None:
    """Give each family a label, whenever it was referred and, if it was, seen."""
    of_all: list[tuple[Kind, int]] = []
    of_seen: list[tuple[Kind, int]] = []
    vocabulary = "yes_no" if name == "interpreter_needed" else name
    for referred, met in product(scene.eras, [*scene.eras, UNSEEN]):
        kinds = [
            ({"era": referred, "met": met, name: label}, program.new())
            for label in scene.labels("families", name, vocabulary, told=False)
        ]
        of_all += kinds
        if met != UNSEEN:
            of_seen += [({**kind, "era": met, "referred": referred}, n) for kind, n in kinds]
            there = bags["seen"].count({**one(era=met), **one(referred=referred)})
            program.same(total(n for _, n in kinds), there)
    for referred in scene.eras:
        here = [n for kind, n in of_all if kind["era"] == referred]
        program.same(total(here), bags["referred"].count(one(era=referred)))
    bags["referred"].factors.append(of_all)
    bags["seen"].factors.append(of_seen)


def _year(stretch: Stretch) -> tuple[tuple[str, str], ...]:
    """Say in which era and contract year a stretch is."""
    return ("era", str(stretch.era)), ("contract_year", stretch.levels["contract_year"])


def contacts(program: Program, scene: Scene, bags: dict[str, Bag]) -> None:
    """Give the contacts: one at least that was attended for who was seen, none of nobody."""
    if not scene.keeps("family_contacts"):
        return
    table, given = "family_contacts", {"kind": "contact_kind", "outcome": "contact_outcome"}
    main = {name: scene.labels(table, name, of) for name, of in given.items()}
    described = crossed({**main, "mode": scene.labels(table, "mode")})
    when = [dict(each) for each in dict.fromkeys(map(_year, scene.stretches))]
    bag = bags["contacts"] = Bag.of(
        program, [[{**at, **kind} for at in when for kind in described]]
    )
    for n, at in enumerate(when):
        attended = bag.count(one(**at, outcome="attended"))
        program.rule(add(attended, times(-1, bags["seen"].count(one(**at)))))
        some = add(*(bags["seen"].count(one(**before)) for before in when[: n + 1]))
        program.rule(add(times(MANY, some), times(-1, attended)), 0, MANY**2)
    for era in scene.eras:
        if "referred" in bags:
            anyone = bags["referred"].count(until(scene, era))
            every = bag.count(one(era=era))
            program.rule(add(times(MANY, anyone), times(-1, every)), 0, MANY**2)
