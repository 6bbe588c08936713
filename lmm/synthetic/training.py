"""Courses, who came to them, and what they wrote on the feedback form."""

from __future__ import annotations

import datetime as dt

from lmm.study.problems import StudyError
from lmm.study.study import Study
from lmm.synthetic.days import Calendar, Year
from lmm.synthetic.draw import Draw
from lmm.synthetic.inputs import Inputs

Row = dict[str, str]


def make_courses(inputs: Inputs, calendar: Calendar, draw: Draw, study: Study) -> list[Row]:
    """Spread the courses over the days on which training was given."""
    days = _course_days(inputs, calendar, draw)
    topics = study.labels("topic")
    order = draw.shuffled([topics[i % len(topics)] for i in range(len(days))])
    return [
        {
            "course_id": f"C{number:02d}",
            "topic": topic,
            "date": day.isoformat(),
            "mode": draw.weighted(calendar.mode_weights(inputs.course_modes, day)),
            "places": str(draw.between(inputs.places)),
        }
        for number, (day, topic) in enumerate(zip(days, order, strict=True), 1)
    ]


def _course_days(inputs: Inputs, calendar: Calendar, draw: Draw) -> list[dt.date]:
    def training_days(year: Year) -> list[dt.date]:
        return [
            day
            for day in calendar.days(year.start, year.end)
            if not calendar.event <= day < inputs.courses_resume
        ]

    shares = calendar.by_year(
        inputs.courses, inputs.courses_by_year, lambda year: bool(training_days(year))
    )
    return [day for year, n in shares for day in draw.spread(training_days(year), n)]


class Register:
    """Who is booked on which course; never more than there are places."""

    def __init__(self, courses: list[Row], draw: Draw) -> None:
        self.courses = {course["course_id"]: course for course in courses}
        self.free = {course["course_id"]: int(course["places"]) for course in courses}
        self.appeal = {course: draw.near_one(0.5) for course in self.courses}
        self.rows: list[Row] = []
        self._draw = draw

    def book(self, person: Row, among: list[str], attended: str) -> None:
        """Put a person on one of some courses, the likelier the more places it has left."""
        room = {c: self.appeal[c] * self.free[c] for c in among if self.free[c]}
        if not room:
            raise StudyError("inputs: no course has a place left for somebody who should have one")
        course = self._draw.weighted(room)
        self.free[course] -= 1
        self.rows.append({"course_id": course, **person, "attended": attended})

    def courses_of(self, person: Row) -> list[str]:
        """List the courses on which a person is booked."""
        return [row["course_id"] for row in self.rows if row["staff_id"] == person["staff_id"]]

    def second_courses(self, first: str) -> list[str]:
        """List the later courses on another topic that have a place left."""
        topic, date = self.courses[first]["topic"], self.courses[first]["date"]
        return [
            course
            for course, row in self.courses.items()
            if row["topic"] != topic and row["date"] > date and self.free[course]
        ]


def make_register(inputs: Inputs, calendar: Calendar, draw: Draw, courses: list[Row]) -> list[Row]:
    """Fill the registers: first courses, second courses, then bookings that were missed."""
    people = _make_people(inputs, draw)
    staff, absent = people[: inputs.staff], people[inputs.staff :]
    register = Register(courses, draw)
    _book_first(register, staff, inputs, calendar)
    _book_second(register, draw.shuffled(staff), inputs.second_attendances)
    for person in absent:
        register.book(person, list(register.courses), "no")
    for person in draw.sample(staff, inputs.booked_came_elsewhere):
        been = register.courses_of(person)
        register.book(person, [c for c in register.courses if c not in been], "no")
    return sorted(register.rows, key=lambda row: (row["course_id"], row["staff_id"]))


def _make_people(inputs: Inputs, draw: Draw) -> list[Row]:
    total = inputs.staff + inputs.booked_never_came
    people = []
    for number in draw.shuffled(range(1, total + 1)):
        role = draw.weighted(inputs.roles)
        organisation = draw.weighted(inputs.organisations[role])
        people.append(
            {
                "staff_id": f"P{number:03d}",
                "role": role,
                "organisation": "" if draw.chance(inputs.organisation_blank) else organisation,
            }
        )
    return people


def _book_first(register: Register, staff: list[Row], inputs: Inputs, calendar: Calendar) -> None:
    def held_in(year: Year) -> list[str]:
        return [
            course
            for course, row in register.courses.items()
            if year.start.isoformat() <= row["date"] <= year.end.isoformat()
        ]

    waiting = iter(staff)
    shares = calendar.by_year(len(staff), inputs.staff_by_year, lambda year: bool(held_in(year)))
    for year, n in shares:
        for _ in range(n):
            register.book(next(waiting), held_in(year), "yes")


def _book_second(register: Register, staff: list[Row], wanted: int) -> None:
    for person in staff:
        if not wanted:
            return
        if later := register.second_courses(register.courses_of(person)[0]):
            register.book(person, later, "yes")
            wanted -= 1
    if wanted:
        raise StudyError(f"inputs: second_attendances: {wanted} people found no second course")
