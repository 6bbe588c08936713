"""The anonymous feedback forms."""

from __future__ import annotations

from lmm.study.study import Study
from lmm.synthetic.draw import Draw
from lmm.synthetic.inputs import Inputs

Row = dict[str, str]


def make_forms(
    inputs: Inputs, study: Study, draw: Draw, courses: list[Row], register: list[Row]
) -> list[Row]:
    """Return forms from some of those who came, never more of a job than came with that job."""
    respondents = _respondents(inputs, draw, courses, register)
    overall = _overall_answers(inputs, study, draw, [row["course_id"] for row in respondents])
    return [
        {
            "form_id": f"FB{number:03d}",
            "course_id": row["course_id"],
            "role": "" if draw.chance(inputs.form_role_blank) else row["role"],
            **_item_answers(inputs, study, draw, answer),
        }
        for number, (row, answer) in enumerate(zip(respondents, overall, strict=True), 1)
    ]


def _respondents(inputs: Inputs, draw: Draw, courses: list[Row], register: list[Row]) -> list[Row]:
    silent = {
        course["course_id"]: draw.shuffled(
            [
                row
                for row in register
                if row["course_id"] == course["course_id"] and row["attended"] == "yes"
            ]
        )
        for course in courses
    }
    silent = {course: rows for course, rows in silent.items() if rows}
    weight = {
        course["course_id"]: inputs.response_weights[course["mode"]]
        * draw.near_one(inputs.response_spread)
        for course in courses
    }
    # every course has a form if there are enough; the rest come as each course's weight has it
    answered = {course: [rows.pop()] for course, rows in list(silent.items())[: inputs.forms]}
    for _ in range(inputs.forms - len(answered)):
        course = draw.weighted({c: weight[c] * len(rows) for c, rows in silent.items()})
        answered.setdefault(course, []).append(silent[course].pop())
    return [row for course in silent for row in answered.get(course, [])]


def _overall_answers(inputs: Inputs, study: Study, draw: Draw, courses: list[str]) -> list[str]:
    """Give the overall answer of each form, from the course of each form."""
    order = draw.shuffled(range(len(courses)))
    unsure, empty = inputs.forms_dont_know, inputs.forms_blank
    answers = dict.fromkeys(order[:unsure], dont_know(study))
    answers |= dict.fromkeys(order[unsure : unsure + empty], "")
    on_scale = order[unsure + empty :]
    low = _not_high(on_scale, courses, inputs.forms_on_scale - inputs.forms_high, inputs)
    for form in on_scale:
        answers[form] = draw.weighted(
            inputs.not_high_answers if form in low else inputs.high_answers
        )
    return [answers[form] for form in range(len(courses))]


def _not_high(on_scale: list[int], courses: list[str], wanted: int, inputs: Inputs) -> list[int]:
    """Choose the forms that are not satisfied, a few of one course at a time."""
    by_course: dict[str, list[int]] = {}
    for form in on_scale:
        by_course.setdefault(courses[form], []).append(form)
    low: list[int] = []
    while len(low) < wanted:
        for forms in by_course.values():
            take = min(inputs.not_high_together, wanted - len(low))
            low += forms[:take]
            del forms[:take]
    return low


def _item_answers(inputs: Inputs, study: Study, draw: Draw, overall: str) -> Row:
    answers = {}
    for item in study.satisfaction.items:
        if item == study.satisfaction.overall:
            answers[item] = overall
        elif draw.chance(inputs.item_blank):
            answers[item] = ""
        elif draw.chance(inputs.item_dont_know):
            answers[item] = dont_know(study)
        elif overall in study.satisfaction.scale and draw.chance(inputs.item_follows_overall):
            answers[item] = overall
        else:
            answers[item] = draw.weighted(inputs.item_answers)
    return answers


def dont_know(study: Study) -> str:
    """Give the study's answer off the scale, or an empty one if it has none."""
    return next(iter(study.satisfaction.dont_know), "")
