"""Consultations with staff, and direct support of families."""

from __future__ import annotations

import datetime as dt

from lmm.study.problems import StudyError
from lmm.synthetic.days import DAY, Calendar, Year, months
from lmm.synthetic.draw import Draw
from lmm.synthetic.inputs import Inputs

Row = dict[str, str]


def make_consultations(inputs: Inputs, calendar: Calendar, draw: Draw) -> list[Row]:
    """Spread the sessions over the months open, at least one in each if there are enough."""
    days: list[dt.date] = []
    shares = calendar.by_year(
        inputs.consultations,
        inputs.consultations_by_year,
        lambda year: bool(calendar.days(year.start, year.end)),
    )
    for year, n in shares:
        able = {
            first: workdays
            for first, last in months(year.start, year.end)
            if (workdays := calendar.days(first, last))
        }
        weights = {month: _month_weight(month, inputs, calendar) for month in able}
        held = list(able)[:n]
        held += [draw.weighted(weights) for _ in range(n - len(held))]
        days += sorted(draw.pick(able[month]) for month in held)
    return [_consultation(n, day, inputs, calendar, draw) for n, day in enumerate(days, 1)]


def _month_weight(month: dt.date, inputs: Inputs, calendar: Calendar) -> float:
    if DAY <= month - calendar.event <= 31 * DAY:
        return inputs.first_month_after_event
    return inputs.consultation_months.get(month.month, 1)


def _consultation(number: int, day: dt.date, inputs: Inputs, calendar: Calendar, draw: Draw) -> Row:
    steps = (inputs.minutes[1] - inputs.minutes[0]) // 5
    # the sum of two draws makes middling lengths the commonest
    length = inputs.minutes[0] + 5 * (
        draw.below(steps // 2 + 1) + draw.below(steps - steps // 2 + 1)
    )
    return {
        "session_id": f"S{number:03d}",
        "date": day.isoformat(),
        "kind": draw.weighted(inputs.consultation_kinds),
        "profession": "" if draw.chance(inputs.profession_blank) else draw.weighted(inputs.roles),
        "mode": draw.weighted(calendar.mode_weights(inputs.consultation_modes, day)),
        "minutes": "" if draw.chance(inputs.minutes_blank) else str(length),
    }


def make_families(inputs: Inputs, calendar: Calendar, draw: Draw) -> tuple[list[Row], list[Row]]:
    """Make the families referred, and the contacts planned with them."""
    cases = _seen(inputs, calendar, draw) + _not_seen(inputs, calendar, draw)
    cases.sort(key=lambda case: case[0]["referred_on"])
    families, contacts = [], []
    for number, (family, planned) in enumerate(cases, 1):
        name = {"family_id": f"F{number:03d}"}
        families.append({**name, **family, **_about(inputs, draw)})
        contacts += [{**name, **contact} for contact in planned]
    contacts.sort(key=lambda contact: (contact["date"], contact["family_id"]))
    return families, [{"contact_id": f"K{n:04d}", **row} for n, row in enumerate(contacts, 1)]


Case = tuple[Row, list[Row]]
"""The dates of a family, and the contacts planned with it."""


def _seen(inputs: Inputs, calendar: Calendar, draw: Draw) -> list[Case]:
    """Work back from the day a family was first seen, so that all of it lies in the period."""
    longest = inputs.days_to_acceptance[1] + inputs.days_to_offer[1] + 14
    start, end = calendar.start + longest * DAY, calendar.last - inputs.contact_room * DAY

    def able(year: Year) -> list[dt.date]:
        return calendar.days(max(year.start, start), min(year.end, end))

    shares = calendar.by_year(
        inputs.families, inputs.families_by_year, lambda year: bool(able(year))
    )
    cases = [
        _case_seen(day, inputs, calendar, draw)
        for year, n in shares
        for day in draw.spread(able(year), n)
    ]
    return _discharge(cases, inputs, calendar, draw)


def _case_seen(day: dt.date, inputs: Inputs, calendar: Calendar, draw: Draw) -> Case:
    missed = draw.chance(inputs.first_appointment_missed)
    offered = calendar.next_day(day - draw.pick((7, 14)) * DAY) if missed else day
    accepted = calendar.next_day(offered - draw.between(inputs.days_to_offer) * DAY)
    referred = calendar.next_day(accepted - draw.between(inputs.days_to_acceptance) * DAY)
    planned = [(day, "attended")]
    if missed:
        planned.insert(0, (offered, draw.weighted(inputs.unseen_outcomes)))
    for i in range(1, draw.between(inputs.contacts) - missed):
        # the first gaps are never the longest, so that three contacts fit before the end
        gap = draw.weighted(inputs.contact_gaps) if i > 2 else draw.pick((7, 14))
        day = calendar.next_day(day + gap * DAY)
        planned.append((day, draw.weighted(inputs.contact_outcomes)))
    dates = _dates(referred, accepted, offered)
    return dates, _contacts(planned, inputs, calendar, draw)


def _dates(
    referred: dt.date, accepted: dt.date | None = None, offered: dt.date | None = None
) -> Row:
    return {
        "referred_on": referred.isoformat(),
        "accepted_on": accepted.isoformat() if accepted else "",
        "offered_on": offered.isoformat() if offered else "",
        "discharged_on": "",
    }


def _contacts(
    planned: list[tuple[dt.date, str]], inputs: Inputs, calendar: Calendar, draw: Draw
) -> list[Row]:
    return [
        {
            "date": day.isoformat(),
            "kind": _contact_kind(number, inputs),
            "mode": draw.weighted(calendar.mode_weights(inputs.contact_modes, day)),
            "outcome": outcome,
        }
        for number, (day, outcome) in enumerate(planned, 1)
        if day <= calendar.last
    ]


def _contact_kind(number: int, inputs: Inputs) -> str:
    if number == 1:
        return "assessment"
    return "review" if number % inputs.review_every == 0 else "therapeutic session"


def _discharge(cases: list[Case], inputs: Inputs, calendar: Calendar, draw: Draw) -> list[Case]:
    """Discharge the families whose last contact is longest ago."""
    cases = sorted(cases, key=lambda case: case[1][-1]["date"])
    for dates, contacts in cases[: inputs.families_discharged]:
        last = dt.date.fromisoformat(contacts[-1]["date"])
        day = calendar.next_day(last + draw.between(inputs.days_to_discharge) * DAY)
        if day > calendar.last:
            raise StudyError("inputs: families_discharged: too many for the end of the period")
        dates["discharged_on"] = day.isoformat()
    return cases


def _not_seen(inputs: Inputs, calendar: Calendar, draw: Draw) -> list[Case]:
    """Make the families who were referred and left before they were seen."""
    longest = inputs.days_to_acceptance[1] + inputs.days_to_offer[1] + 14
    able = calendar.days(calendar.start, calendar.last - longest * DAY)
    cases: list[Case] = []
    for i in range(inputs.families_referred - inputs.families):
        referred = draw.pick(able)
        accepted = calendar.next_day(referred + draw.between(inputs.days_to_acceptance) * DAY)
        offered = calendar.next_day(accepted + draw.between(inputs.days_to_offer) * DAY)
        if i < inputs.families_offered - inputs.families:
            planned = _planned_unseen(offered, inputs, calendar, draw)
            contacts = _contacts(planned, inputs, calendar, draw)
            last = max([offered, *(day for day, _ in planned)])
            dates = _dates(referred, accepted, offered)
            cases.append(({**dates, **_closed(last, inputs, calendar, draw)}, contacts))
        elif i < inputs.families_accepted - inputs.families:
            dates = _dates(referred, accepted)
            cases.append(({**dates, **_closed(accepted, inputs, calendar, draw)}, []))
        else:
            cases.append((_dates(referred), []))
    return cases


def _closed(last: dt.date, inputs: Inputs, calendar: Calendar, draw: Draw) -> Row:
    """Close the case of a family who was accepted and never came; some are still open."""
    day = calendar.next_day(last + draw.between(inputs.days_to_closing) * DAY)
    return {"discharged_on": day.isoformat() if day <= calendar.last else ""}


def _planned_unseen(
    offered: dt.date, inputs: Inputs, calendar: Calendar, draw: Draw
) -> list[tuple[dt.date, str]]:
    return [
        (calendar.next_day(offered + 14 * i * DAY), draw.weighted(inputs.unseen_outcomes))
        for i in range(draw.between(inputs.unseen_contacts))
    ]


def _about(inputs: Inputs, draw: Draw) -> Row:
    answers = {
        "referral_source": inputs.referral_sources,
        "ward": inputs.wards,
        "ethnic_group": inputs.ethnic_groups,
        "interpreter_needed": inputs.interpreter,
        "reason": inputs.reasons,
    }
    about = {column: draw.weighted(weights) for column, weights in answers.items()}
    return {
        column: "" if draw.chance(inputs.family_blank.get(column, 0)) else answer
        for column, answer in about.items()
    }
