"""Small studies drawn at random, and their records: few people, odd periods, tables missing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from random import Random
from typing import Any

from attack.studies import VOCABULARIES, Drawn, Row, Rows, study_of

DAY = dt.timedelta(days=1)
PERIODS = [
    ("2019-11-15", "2020-05-31", "2020-03-23", 4),
    ("2020-01-01", "2020-03-31", "2020-02-10", 1),
    ("2020-02-01", "2020-04-20", "2020-03-01", 4),
    ("2017-04-01", "2020-03-31", "2019-01-20", 4),
    ("2019-03-05", "2019-09-30", "2019-06-17", 9),
]
"""First and last day, the event, and the month in which a contract year begins."""

DROP_INS: dict[str, Any] = {
    "row": "one visit", "key": "visit_id", "date": "date",
    "columns": {
        "visit_id": {"heading": "visit_id", "kind": "identifier"},
        "date": {"heading": "date", "kind": "date"},
        "venue": {"heading": "venue", "kind": "label", "vocabulary": "venue"},
        "heads": {"heading": "heads", "kind": "whole number", "least": 1, "most": 30},
    },
}  # fmt: skip
OF_DROP_INS: dict[str, Any] = {
    "visits": {"label": "visits", "rows": "drop_ins", "by": ["time", "venue"]},
    "heads": {"label": "people at the drop-in", "kind": "sum", "rows": "drop_ins", "of": "heads",
              "by": ["time", "venue"]},
}  # fmt: skip


def drawn(seed: int, disclosure: str) -> Drawn:
    """Draw a study; the same seed gives the same under every profile, but for its line there."""
    rng = Random(seed)
    start, end, event, begins = rng.choice(PERIODS)
    short = dt.date.fromisoformat(end) - dt.date.fromisoformat(start) < 250 * DAY
    kinds = ["training", "training", "training", "families", "families", "sessions", "own"]
    chosen = rng.choice([*kinds, *(["all"] if short else [])])
    draw = _Draw(rng, dt.date.fromisoformat(start), dt.date.fromisoformat(end))
    tables, rows = draw.tables(chosen)
    labels = {
        **VOCABULARIES,
        "topic": {name: [] for name in draw.topics},
        "venue": {"hall": [], "park": []},
    }
    study = study_of(
        disclosure, tables, vocabularies=labels, contract_year_starts=begins,
        period={"start": start, "end": end}, event={"date": event, "name": "lockdown"},
        measures=OF_DROP_INS if "drop_ins" in tables else {},
    )  # fmt: skip
    return Drawn(study, rows)


class _Draw:
    """Draws tables and their rows as text; "" for what is not recorded."""

    def __init__(self, rng: Random, first: dt.date, last: dt.date) -> None:
        self.rng, self.first, self.last = rng, first, last
        self.topics = rng.choice([["bonding"], ["bonding"], ["bonding", "play"]])
        self.often: dict[str, float] = {}

    def tables(self, chosen: str) -> tuple[dict[str, Any], Rows]:
        """Draw which tables there are, which columns they have, and their rows."""
        tables: dict[str, Any] = {}
        rows: dict[str, list[Row]] = {}
        parts = {"training": self.training, "families": self.families, "sessions": self.sessions,
                 "own": self.own}  # fmt: skip
        for name, part in parts.items():
            if chosen in (name, "all"):
                for table, (kept, found) in part().items():
                    tables[table], rows[table] = kept, found
        return tables, rows

    def happens(self, what: str, *often: float) -> bool:
        """Draw whether something is so; how often it is differs from draw to draw."""
        return self.rng.random() < self.often.setdefault(what, self.rng.choice(often))

    def day(self, first: dt.date | None = None, last: dt.date | None = None) -> dt.date:
        first, last = first or self.first, last or self.last
        return first + self.rng.randint(0, max(0, (last - first).days)) * DAY

    def size(self) -> int:
        """Draw how many there are of something: mostly few."""
        return self.rng.choice([4, 7, 9, 12, 16, 25])

    def columns(self, always: Sequence[str], *sometimes: str) -> list[str]:
        """Draw which columns a table has."""
        return [*always, *(name for name in sometimes if self.rng.random() < 0.6)]

    def filled(self, row: Row, column: str, labels: Sequence[str]) -> None:
        """Fill in a label, which of some columns is not always recorded."""
        row[column] = self.rng.choice(labels) if self.happens(column, 0.7, 0.95, 1) else ""

    def training(self) -> dict[str, tuple[Any, list[Row]]]:
        """Draw courses, who was on their registers, and forms."""
        few = self.rng.choice([1, 1, 2, 3, 4, 6])
        near = self.happens("one month", 0.2, 0.5)
        month = self.day(last=self.last - 20 * DAY)
        days = [self.day(month, month + 15 * DAY) if near else self.day() for _ in range(few)]
        kept = ["course_id", "date", "topic", "mode"]
        held = [{"course_id": f"C{n}", "date": f"{day}", "topic": self.rng.choice(self.topics),
                 "mode": "in person"} for n, day in enumerate(days)]  # fmt: skip
        found: dict[str, tuple[Any, list[Row]]] = {"courses": (kept, held)}
        of_register = self.columns(["course_id", "staff_id", "role", "attended"], "organisation")
        register = self.register(held, "organisation" in of_register)
        if self.rng.random() < 0.9:
            found["course_attendance"] = of_register, register
        if self.rng.random() < 0.6:
            kept = self.columns(["form_id", "course_id", "overall", "pace"], "role")
            found["feedback_forms"] = kept, [*self.forms(register, kept)]
        return found

    def register(self, held: list[Row], by_organisation: bool) -> list[Row]:
        """Draw who was on the registers, from people who may come again."""
        roles = self.rng.choice(
            [["midwife"], ["midwife", "father"], ["midwife", "midwife", "father"]]
        )
        people: list[Row] = []
        for n in range(self.size()):
            people.append({"staff_id": f"P{n}", "role": self.rng.choice(roles)})
            if by_organisation:
                self.filled(people[-1], "organisation", ["trust", "nursery"])
        share = {row["course_id"]: self.rng.choice([0.3, 0.6, 1.0]) for row in held}
        return [
            {**person, "course_id": row["course_id"],
             "attended": "yes" if self.happens("attended", 0.8, 1) else "no"}
            for row in held
            for person in people
            if self.rng.random() < share[row["course_id"]]
        ]  # fmt: skip

    def forms(self, register: list[Row], kept: Sequence[str]) -> Iterator[Row]:
        """Draw the forms of those who came: one each, or none."""
        for n, row in enumerate(register):
            if row["attended"] == "yes" and self.happens("a form", 0.5, 0.9, 1):
                form = {"form_id": f"FB{n}", "course_id": row["course_id"]}
                for item in ("overall", "pace"):
                    answer = "satisfied" if self.happens(item, 0.5, 0.8) else "dissatisfied"
                    form[item] = answer if item in kept and self.happens("answered", 0.9, 1) else ""
                told = "role" in kept and self.happens("role told", 0.6, 1)
                yield {**form, **({"role": row["role"]} if told else {})}

    def sessions(self) -> dict[str, tuple[Any, list[Row]]]:
        """Draw sessions of consultation."""
        kept = self.columns(["session_id", "date", "kind", "mode"], "profession", "minutes")
        rows: list[Row] = []
        for n in range(self.size() * self.rng.choice([1, 3])):
            rows.append({"session_id": f"S{n}", "date": f"{self.day()}", "mode": "in person",
                         "kind": self.rng.choice(["support", "support", "guidance"])})  # fmt: skip
            if "profession" in kept:
                self.filled(rows[-1], "profession", ["midwife", "midwife", "father"])
            if "minutes" in kept:
                self.filled(rows[-1], "minutes", ["60"])
        return {"consultations": (kept, rows)}

    def own(self) -> dict[str, tuple[Any, list[Row]]]:
        """Draw visits to a drop-in of the study's own."""
        rows = [
            {
                "visit_id": f"V{n}",
                "date": f"{self.day()}",
                "venue": self.rng.choice(["hall", "park"]),
                "heads": f"{self.rng.choice([1, 1, 2, 5, 9])}",
            }
            for n in range(self.size())
        ]
        return {"drop_ins": (DROP_INS, rows)}

    def families(self) -> dict[str, tuple[Any, list[Row]]]:
        """Draw families and how far each came, and the contacts with them."""
        always = ["family_id", "referred_on", "accepted_on"]
        kept = self.columns(
            [*always, "discharged_on"], "offered_on", "ward", "reason", "interpreter_needed"
        )
        first = self.day(last=self.rng.choice([self.first + 40 * DAY, self.last]))
        span = first, min(self.last, first + self.rng.choice([20, 90, 900]) * DAY)
        families: list[Row] = []
        contacts: list[Row] = []
        for n in range(self.size() * self.rng.choice([1, 2])):
            family = self.family(f"F{n}", span, contacts)
            for name, labels in (("ward", ["north", "south"]), ("reason", ["bonding", "mood"]),
                                 ("interpreter_needed", ["yes", "no"])):  # fmt: skip
                if name in kept:
                    self.filled(family, name, labels)
            families.append({name: family.get(name, "") for name in kept})
        found: dict[str, tuple[Any, list[Row]]] = {"families": (kept, families)}
        if self.rng.random() < 0.9:
            columns = self.columns(["contact_id", "family_id", "date", "kind", "outcome"], "mode")
            found["family_contacts"] = columns, contacts
        return found

    def later(self, day: dt.date | None, what: str, *waits: int) -> dt.date | None:
        """Draw a later day, or that day; None where it does not come to it in the period."""
        if day is None or not self.happens(what, 0.7, 0.9, 1):
            return None
        after = day + self.rng.randint(0, self.rng.choice(waits)) * DAY
        return after if after <= self.last else None

    def family(self, key: str, span: tuple[dt.date, dt.date], contacts: list[Row]) -> Row:
        """Draw the way of a family, and add its contacts."""
        referred = self.day(*span)
        accepted = self.later(referred, "accepted", 0, 20)
        offered = self.later(accepted, "offered", 0, 20)
        seen = self.later(offered, "seen", 0, 20, 80)
        left = self.later(seen or accepted or referred, "left", 30, 100)
        days = [f"{each or ''}" for each in (referred, accepted, offered, left)]
        for n in range(bool(seen) + self.rng.choice([0, 0, 1])):
            day = seen if n == 0 and seen else self.day(seen or referred, left or self.last)
            came = bool(seen) and (n == 0 or self.happens("came", 0.5, 1))
            contacts.append({"contact_id": f"{key}-{n}", "family_id": key, "date": f"{day}",
                             "kind": "session", "mode": "in person",
                             "outcome": "attended" if came else "cancelled"})  # fmt: skip
        names = ("referred_on", "accepted_on", "offered_on", "discharged_on")
        return {"family_id": key, **dict(zip(names, days, strict=True))}
