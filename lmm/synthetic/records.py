"""The tidy records: the truth that cleaning the untidy ones has to give back."""

from __future__ import annotations

from lmm.study.study import Study
from lmm.synthetic.days import Calendar, contract_years
from lmm.synthetic.draw import Draw
from lmm.synthetic.feedback import make_forms
from lmm.synthetic.inputs import Entry, Inputs
from lmm.synthetic.support import make_consultations, make_families
from lmm.synthetic.training import make_courses, make_register

Row = dict[str, str]
Records = dict[str, list[Row]]


def make_records(inputs: Inputs, study: Study) -> Records:
    """Make the records of people, families and sessions.

    Returns
    -------
    dict of str to list of dict
        Rows by table name; cells by column name, with ISO dates and accepted labels.

    Raises
    ------
    StudyError
        If the inputs ask for more than the period or the courses have room for.
    """
    calendar = Calendar.of(study, inputs)
    # a stream for each table, so that a change to one leaves the others as they are
    streams = [Draw(inputs.seed + table) for table in range(5)]
    courses = make_courses(inputs, calendar, streams[0], study)
    register = make_register(inputs, calendar, streams[1], courses)
    families, contacts = make_families(inputs, calendar, streams[4])
    return {
        "courses": courses,
        "course_attendance": register,
        "feedback_forms": make_forms(inputs, study, streams[2], courses, register),
        "consultations": make_consultations(inputs, calendar, streams[3]),
        "families": families,
        "family_contacts": contacts,
    }


def make_targets(inputs: Inputs, study: Study) -> list[Row]:
    """Make the table of targets: each indicator in each contract year."""
    return [
        {
            "criterion": target.criterion,
            "indicator": indicator,
            "contract_year": year.label,
            "target": f"{target.target:.12g}",
            "red_below": f"{target.red_below:.12g}",
            "green_from": f"{target.green_from:.12g}",
            "direction": "at least",
            "agreed_on": inputs.targets_agreed_on.isoformat(),
            "agreed_by": inputs.targets_agreed_by,
            "basis": "assumed",
        }
        for indicator, target in inputs.targets.items()
        for year in contract_years(study)
    ]


def make_published(inputs: Inputs, entries: dict[str, Entry]) -> list[Row]:
    """Make the table of the published figures."""
    rows = []
    for name, entry in entries.items():
        if figure := entry.figure:
            is_number = isinstance(entry.value, int) and not isinstance(entry.value, bool)
            rows.append(
                {
                    "figure": figure.name or name,
                    "meaning": figure.meaning,
                    "value": str(entry.value) if is_number else "",
                    "printed": figure.printed,
                    "decimals": "0" if is_number else "",
                    "unit": figure.unit,
                    "window_start": inputs.period.start.isoformat(),
                    "window_end": inputs.period.end.isoformat(),
                    "source": entry.source,
                    "note": figure.note,
                }
            )
    return rows
