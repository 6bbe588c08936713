"""Studies that once gave something away, each built to do so."""

from __future__ import annotations

from typing import Any

from attack.studies import Row, Rows

Tables = dict[str, Any]

COURSES = ["course_id", "date", "topic", "mode"]
REGISTER = ["course_id", "staff_id", "role", "attended"]
FAMILIES = ["family_id", "referred_on", "accepted_on", "discharged_on"]
CONTACTS = ["contact_id", "family_id", "date", "kind", "outcome"]


def courses(number: int) -> list[Row]:
    """Give courses on days of one month."""
    like = {"topic": "bonding", "mode": "in person"}
    return [{"course_id": f"C{n}", "date": f"2020-01-{n + 10}", **like} for n in range(number)]


def came(people: dict[str, list[int]], role: str) -> list[Row]:
    """Put people of a role on the registers of courses."""
    return [
        {"course_id": f"C{n}", "staff_id": f"{role}{who}", "role": role, "attended": "yes"}
        for who, at in people.items()
        for n in at
    ]


def always_there(number: int, fathers: int) -> tuple[Tables, Rows]:
    """Give fathers who came to every course, beside midwives who each came to one."""
    everywhere = {f"{n}": [*range(number)] for n in range(fathers)}
    once = {f"{n}": [n % number] for n in range(40)}
    register = came(everywhere, "father") + came(once, "midwife")
    return {"courses": COURSES, "course_attendance": REGISTER}, {
        "courses": courses(number), "course_attendance": register,
    }  # fmt: skip


def all_or_one(number: int, often: int, once: int) -> tuple[Tables, Rows]:
    """Give people who came to all courses and others who came to one."""
    people = {f"{n}": [*range(number)] for n in range(often)}
    people |= {f"x{n}": [n % number] for n in range(once)}
    return {"courses": COURSES, "course_attendance": REGISTER}, {
        "courses": courses(number), "course_attendance": came(people, "midwife"),
    }  # fmt: skip


def half_at_each(number: int, people: int) -> tuple[Tables, Rows]:
    """Give people of whom every other one comes to each course."""
    half = people // 2
    at = {n: [(n + k) % people for k in range(half)] for n in range(number)}
    who = {f"{p}": [n for n in range(number) if p in at[n]] for p in range(people)}
    return {"courses": COURSES, "course_attendance": REGISTER}, {
        "courses": courses(number), "course_attendance": came(who, "midwife"),
    }  # fmt: skip


def on_the_books(ways: list[tuple[str, str, str, int]]) -> tuple[Tables, Rows]:
    """Give families by the days on which they were accepted, first seen and discharged."""
    families: list[Row] = []
    contacts: list[Row] = []
    for accepted, seen, left, number in ways:
        for _ in range(number):
            name = f"F{len(families)}"
            families.append({"family_id": name, "referred_on": accepted, "accepted_on": accepted,
                             "discharged_on": left})  # fmt: skip
            if seen:
                contacts.append({"contact_id": f"K{name}", "family_id": name, "date": seen,
                                 "kind": "session", "outcome": "attended"})  # fmt: skip
    return {"families": FAMILIES, "family_contacts": CONTACTS}, {
        "families": families, "family_contacts": contacts,
    }  # fmt: skip


FIRST_SEEN = [
    ("2019-12-23", "2020-01-12", "", 12),
    ("2020-04-09", "2020-04-09", "", 2),
    ("2019-12-17", "", "2020-02-15", 6),
    ("2020-01-05", "", "2020-03-25", 13),
]
STILL_THERE = [
    ("2019-11-26", "2020-01-05", "", 13),
    ("2020-02-13", "2020-02-13", "2020-03-04", 6),
    ("2019-12-24", "2020-02-02", "", 7),
    ("2019-12-02", "2019-12-02", "", 7),
]
NOT_SEEN = [("2020-01-15", "", "", 7), ("2020-04-08", "2020-05-18", "", 2)]
PLANTED = {
    "six courses, seven fathers at each": always_there(6, 7),
    "eight courses, six fathers at each": always_there(8, 6),
    "four courses, seven people at all and five at one": all_or_one(4, 7, 5),
    "three courses, six of twelve at each": half_at_each(3, 12),
    "families first seen in a month, and those on the books who were seen": on_the_books(
        FIRST_SEEN
    ),
    "families discharged, and those on the books who were seen": on_the_books(STILL_THERE),
    "families seen, and those on the books who were not": on_the_books(NOT_SEEN),
}
