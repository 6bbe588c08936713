"""Rows that are wrong as a whole: cleaning has to reject every one of them.

Each has an identifier of its own, or refers to something that is not there, so that no row of
the truth is affected. Only people written twice on a register repeat what is true.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from lmm.study.study import Study
from lmm.synthetic.draw import Draw

Row = dict[str, str]
Records = dict[str, list[Row]]


@dataclass(frozen=True)
class Mess:
    """What a kind of untidiness may look at."""

    table: str
    tidy: Records
    study: Study
    draw: Draw


BLANK_DATES = {"accepted_on": "", "offered_on": "", "discharged_on": ""}


def _rows(mess: Mess, cells: dict[str, list[Row]]) -> list[Row]:
    """Make the extra rows of a table: like its middle row, save for the cells given."""
    tidy = mess.tidy[mess.table]
    return [{**tidy[len(tidy) // 2], **row} for row in cells[mess.table]] if tidy else []


def outside_period(mess: Mess) -> list[Row]:
    """Give rows dated before the first day or after the last one, and a contact with one."""
    before = (mess.study.period.start - dt.timedelta(days=25)).isoformat()
    after = (mess.study.period.end + dt.timedelta(days=9)).isoformat()
    return _rows(
        mess,
        {
            "courses": [
                {"course_id": "C901", "date": before},
                {"course_id": "C902", "date": after},
            ],
            "consultations": [
                {"session_id": "S9001", "date": before},
                {"session_id": "S9002", "date": after},
            ],
            "families": [{"family_id": "F9001", "referred_on": before}],
            "family_contacts": [
                {"contact_id": "K9001", "date": after},
                {"contact_id": "K9002", "family_id": "F9001"},
            ],
        },
    )


def reused_identifiers(mess: Mess) -> list[Row]:
    """Give pairs of different rows with one identifier, and rows that refer to them."""
    return _rows(
        mess,
        {
            "courses": [
                {"course_id": "C903", "date": "2019-03-06"},
                {"course_id": "C903", "date": "2019-11-21"},
            ],
            "course_attendance": [
                {"course_id": "C903", "staff_id": "P9001"},
                {"course_id": "C903", "staff_id": "P9002"},
            ],
            "feedback_forms": [{"form_id": "FB9001", "course_id": "C903"}],
            "consultations": [
                {"session_id": "S9003", "date": "2018-10-17"},
                {"session_id": "S9003", "date": "2019-06-12"},
            ],
            "families": [
                {"family_id": "F9002", "referred_on": "2018-09-13", **BLANK_DATES},
                {"family_id": "F9002", "referred_on": "2019-05-22", **BLANK_DATES},
            ],
            "family_contacts": [
                {"contact_id": "K9003", "family_id": "F9002"},
                {"contact_id": "K9004", "family_id": "F9002"},
            ],
        },
    )


def orphans(mess: Mess) -> list[Row]:
    """Give rows that refer to a course or a family that is nowhere."""
    return _rows(
        mess,
        {
            "course_attendance": [
                {"course_id": "C998", "staff_id": "P9003"},
                {"course_id": "C998", "staff_id": "P9004"},
            ],
            "feedback_forms": [{"form_id": "FB9002", "course_id": "C999"}],
            "family_contacts": [
                {"contact_id": "K9005", "family_id": "F9998"},
                {"contact_id": "K9006", "family_id": "F9999"},
            ],
        },
    )


def before_referral(mess: Mess) -> list[Row]:
    """Give contacts with real families before these were referred."""
    start = mess.study.period.start.isoformat()
    late = [row["family_id"] for row in mess.tidy["families"] if row["referred_on"] > start]
    contacts: list[Row] = [
        {"contact_id": f"K{number}", "family_id": family, "date": start}
        for number, family in enumerate(late[-2:], 9007)
    ]
    return _rows(mess, {"family_contacts": contacts})


def discharged_before_referral(mess: Mess) -> list[Row]:
    """Give a family discharged before it was referred, and a contact with it."""
    dates = {**BLANK_DATES, "referred_on": "2019-09-18", "discharged_on": "2019-08-07"}
    return _rows(
        mess,
        {
            "families": [{"family_id": "F9003", **dates}],
            "family_contacts": [{"contact_id": "K9009", "family_id": "F9003"}],
        },
    )


def impossible_dates(mess: Mess) -> list[Row]:
    """Give rows dated on a day that no calendar has."""
    return _rows(
        mess,
        {
            "courses": [{"course_id": "C904", "date": "31/02/2019"}],
            "consultations": [{"session_id": "S9004", "date": "31/11/2018"}],
            "families": [{"family_id": "F9004", "referred_on": "30/02/2020", **BLANK_DATES}],
            "family_contacts": [{"contact_id": "K9010", "date": "31/06/2019"}],
        },
    )


def not_numbers(mess: Mess) -> list[Row]:
    """Give rows with words where a number belongs."""
    return _rows(
        mess,
        {
            "courses": [{"course_id": "C905", "places": "tbc"}],
            "consultations": [{"session_id": "S9005", "minutes": "45, then 30"}],
        },
    )


def out_of_range(mess: Mess) -> list[Row]:
    """Give rows with a number that cannot be."""
    return _rows(
        mess,
        {
            "courses": [{"course_id": "C906", "places": "0"}],
            "consultations": [{"session_id": "S9006", "minutes": "900"}],
        },
    )


def required_missing(mess: Mess) -> list[Row]:
    """Give rows without a cell that has to be there."""
    return _rows(
        mess,
        {
            "courses": [{"course_id": "C907", "topic": ""}],
            "course_attendance": [{"staff_id": ""}, {"staff_id": "P9005", "attended": ""}],
            "feedback_forms": [{"form_id": "FB9003", "course_id": ""}],
            "consultations": [{"session_id": "S9007", "date": ""}],
            "families": [{"family_id": "F9005", "referred_on": "", **BLANK_DATES}],
            "family_contacts": [{"contact_id": "K9011", "outcome": ""}],
        },
    )


def twice_on_register(mess: Mess) -> list[Row]:
    """Give people a second row on a register, marked absent or their employer respelled."""
    came = [row for row in mess.tidy["course_attendance"] if row["attended"] == "yes"]
    spellings = mess.study.vocabularies["organisation"]
    again = []
    for n, row in enumerate(mess.draw.sample([r for r in came if r["organisation"]], 6)):
        other = spellings[row["organisation"]]
        respelled = {"organisation": mess.draw.pick(other)} if other else {}
        again.append({**row, **({"attended": "no"} if n % 2 == 0 else respelled)})
    return again


def insert(rows: Sequence[Row], extras: Sequence[Row]) -> list[Row]:
    """Put each extra row where its date or course has its place, or else at the end."""
    placed = list(rows)
    for extra in extras:
        column = next((c for c in ("date", "referred_on", "course_id") if c in extra), "")
        later = (i for i, row in enumerate(placed) if column and row[column] > extra[column] > "")
        placed.insert(next(later, len(placed)), extra)
    return placed
