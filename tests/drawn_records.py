"""Records of a service at work, drawn at random: what holds of all of them is no coincidence.

A draw is a handful of courses, sessions and families, described at random within the contract and
within what every service of this kind does: forms come from those who attended, and a family is
accepted, offered an appointment, seen and discharged in this order. Draws are small because
records add up: what holds of every handful holds of all that is made of them, and with a
handful two counts differ soon unless one is part of the other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from random import Random

import pandas as pd
from gates import clean_tables, having, study_of

from lmm.cleaning.contract import typed
from lmm.cleaning.records import Records
from lmm.counting.rows import Layout, Place
from lmm.study.parameters import Parameters
from lmm.study.setting import bounds

Row = dict[str, str]
PERIOD = {"period_start": "2019-11-15", "period_end": "2020-05-31"}
"""A change of the contract year, parts of months, and the event within a month."""

PROTECTED = study_of("opensafely")
FEW = {name: dict(islice(of.items(), 2)) for name, of in PROTECTED.vocabularies.items()}
FORM = PROTECTED.forms["feedback_forms"]
SHORT = FORM.model_copy(
    update={
        "asked": {name: FORM.asked[name] for name in ("pace", "overall")},
        "scale": {name: FORM.scale[name] for name in ("dissatisfied", "satisfied")},
        "high": ("satisfied",),
    }
)
STUDY = PROTECTED.model_copy(update={"vocabularies": FEW, "forms": {"feedback_forms": SHORT}})
"""The study with two labels of each kind and two items: counts of a level are as rare as few."""

WHOLE = Records.within(clean_tables(), STUDY, Parameters.of(STUDY, PERIOD))
LAYOUT = Layout(WHOLE)
FIRST, LAST = bounds(WHOLE.parameters)


def drawn(seed: int) -> Records:
    """Draw records; the same seed gives the same."""
    draw = _Draw(Random(seed))
    courses = [
        draw.row("courses", f"C{n}", date=draw.held(), places="9") for n in range(draw.few())
    ]
    register = list(draw.register(courses))
    families = [draw.family(f"F{n}") for n in range(draw.few())]
    drawn = {
        "courses": courses,
        "course_attendance": register,
        "feedback_forms": list(draw.forms(register)),
        "consultations": [
            draw.row("consultations", f"S{n}", date=draw.day(), minutes=draw.maybe("minutes", "60"))
            for n in range(draw.few())
        ],
        "families": families,
        "family_contacts": list(draw.contacts(families)),
    }
    tables = {}
    for name, rows in drawn.items():
        columns = LAYOUT.tables[name].columns
        kept = {c: columns[c] for c in WHOLE.tables[name].columns if c in columns}
        tables[name] = typed(pd.DataFrame(rows, columns=list(kept), dtype="str").fillna(""), kept)
    return having(WHOLE, **tables)


class _Draw:
    """Draws rows as cleaning leaves them, as text; "" for what is not recorded."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.usual: dict[tuple[str, str], str] = {}
        self.often: dict[str, float] = {}
        self.waits = rng.choice([(0,), (0, 20), (20, 90)])
        self.one_day = self.day() if rng.random() < 0.5 else ""

    def some(self, least: int, most: int) -> int:
        return self.rng.randint(least, most)

    def few(self) -> int:
        return self.rng.choice([0, 1, 3, 5])

    def held(self) -> str:
        """Draw the day of a course; in some draws all of them are on one day."""
        return self.one_day or self.day()

    def happens(self, what: str, often: Sequence[float] = (0.3, 0.8, 1.0)) -> bool:
        """Draw whether something is so; how often it is differs from draw to draw."""
        return self.rng.random() < self.often.setdefault(what, self.rng.choice(often))

    def maybe(self, what: str, text: str) -> str:
        """Draw whether something is recorded."""
        return text if self.happens(what, (0.2, 0.6, 1.0)) else ""

    def day(self, first: pd.Timestamp = FIRST, last: pd.Timestamp = LAST) -> str:
        return f"{first + pd.Timedelta(days=self.some(0, max(0, (last - first).days))):%Y-%m-%d}"

    def row(self, table: str, key: str, **given: str) -> Row:
        """Draw the labels of a row."""
        spec = LAYOUT.tables[table]
        drawn = dict.fromkeys(spec.key[-1:], key)
        for name, column in spec.columns.items():
            if name not in given and (labels := LAYOUT.labels(Place(table, name))[:-1]):
                label = self.label(table, name, labels)
                drawn[name] = label if column.required else self.maybe(f"{table}.{name}", label)
        return {**drawn, **given}

    def label(self, table: str, column: str, labels: Sequence[str]) -> str:
        """Draw a label; of some columns it is the same for all rows of a draw."""
        if (table, column) not in self.usual:
            self.usual[table, column] = self.rng.choice([self.rng.choice(labels), ""])
        return self.usual[table, column] or self.rng.choice(labels)

    def register(self, courses: list[Row]) -> Iterator[Row]:
        """Draw who is on the registers, from a few people who may come again."""
        people = [f"P{n}" for n in range(self.rng.choice([1, 1, 2, 4]))]
        for course in courses:
            for person in self.rng.sample(people, self.some(1, len(people))):
                yield self.row("course_attendance", person, course_id=course["course_id"])

    def forms(self, register: list[Row]) -> Iterator[Row]:
        """Draw the forms of those who came: one each, or none."""
        for n, row in enumerate(register):
            if row["attended"] == "yes" and self.happens("a form"):
                told = {"course_id": row["course_id"], "role": self.maybe("role told", row["role"])}
                yield self.row("feedback_forms", f"FB{n}", **told)

    def later(self, day: str, what: str) -> str:
        """Draw a later day in the period, or that day; "" where it does not come to it."""
        wait = self.some(0, self.rng.choice(self.waits))
        after = pd.Timestamp(day or LAST) + pd.Timedelta(days=wait)
        known = day and after <= LAST and self.happens(what)
        return f"{after:%Y-%m-%d}" if known else ""

    def family(self, key: str) -> Row:
        """Draw a family and how far it came; ``seen`` is the day of its first session."""
        referred = self.day(last=self.rng.choice([FIRST + pd.Timedelta(days=30), LAST]))
        accepted = self.later(referred, "accepted")
        offered = self.later(accepted, "offered")
        seen = self.later(offered, "seen")
        left = self.later(seen or accepted or referred, "left")
        return self.row("families", key, referred_on=referred, accepted_on=accepted,
                        offered_on=offered, seen=seen, discharged_on=left)  # fmt: skip

    def contacts(self, families: list[Row]) -> Iterator[Row]:
        """Draw contacts: the first session of those seen and what followed; others missed."""
        more = self.rng.choice([0, 2])
        for family in families:
            first, key = family["seen"], family["family_id"]
            last = pd.Timestamp(family["discharged_on"] or LAST)
            for n in range(self.some(0, more) + bool(first)):
                day = self.day(pd.Timestamp(first or family["referred_on"]), last)
                held = {} if first else {"outcome": "did not attend"}
                if first and n == 0:
                    day, held = first, {"outcome": "attended"}
                yield self.row("family_contacts", f"{key}-{n}", family_id=key, date=day, **held)
