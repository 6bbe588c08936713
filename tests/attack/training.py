"""Who was registered at courses, who came, how often, and who returned which form.

A member of staff has come to none of the courses so far, to one, or to more. At each course
some come for the first time, some of those who came once come again, and some of those who came
more often: whatever these three numbers are, within what is possible, there are people behind
them. So nobody needs to be followed through the courses one by one.
"""

from __future__ import annotations

from attack.bags import Bag, Kind, crossed, one
from attack.program import MANY, Program, Terms, add, times
from attack.scene import NOT_RECORDED, Scene

FIRST, SECOND, LATER = "first", "second", "later"
AT_ONE_COURSE = 400
"""More people than come to any course."""


def descriptions(scene: Scene) -> list[Kind]:
    """List what a course may be like, as far as no count says it of each course."""
    return crossed({name: scene.labels("courses", name) for name in ("topic", "mode")})


def courses(scene: Scene) -> list[Kind]:
    """List the courses, each with everything that it may be like."""
    return [
        {**scene.on(day), "course": course, **like}
        for course, day in scene.courses
        for like in descriptions(scene)
    ]


def training(program: Program, scene: Scene) -> dict[str, Bag]:
    """Give the people registered, the attendances and the forms."""
    bags: dict[str, Bag] = {}
    if scene.keeps("courses", "date") and scene.keeps("course_attendance", "course_id"):
        bags = _attended(program, scene)
    if scene.study.forms and scene.keeps("feedback_forms", "course_id"):
        bags["forms"] = _forms(program, scene)
        if "attendances" in bags:
            _from_those_who_came(program, scene, bags)
    _each_course_is_one(program, scene, bags)
    return bags


def _attended(program: Program, scene: Scene) -> dict[str, Bag]:
    people = crossed({
        "role": scene.labels("course_attendance", "role"),
        "organisation": scene.labels("course_attendance", "organisation", told=False),
        "step": [FIRST, SECOND, LATER],
    })  # fmt: skip
    attendances = Bag.of(program, [[{**c, **p} for c in courses(scene) for p in people]])
    _people_return(program, scene, attendances)
    org = crossed({"organisation": scene.labels("course_attendance", "organisation", told=False)})
    absent = Bag.of(program, [[{**scene.on(day), **o} for _, day in scene.courses for o in org]])
    here = [({**kind, "registered": "yes"}, n) for kind, n in attendances.factors[0]]
    registered = [*here, *absent.factors[0]]
    shared = {"organisation", *(scene.times[0] if scene.times else {})}
    narrow = [({name: kind[name] for name in shared}, n) for kind, n in registered]
    return {"attendances": attendances, "registered": Bag([narrow])}


def _people_return(program: Program, scene: Scene, attendances: Bag) -> None:
    """Say that who comes for a second or later time has been to an earlier course."""
    alike = ("role", "organisation") if scene.one_role else ()
    kinds = [{name: kind[name] for name in alike} for kind, _ in attendances.factors[0]]
    for person in [dict(each) for each in {tuple(kind.items()) for kind in kinds}]:
        once: Terms = {}
        more: Terms = {}
        for course, _ in scene.courses:
            came = {
                step: attendances.count(one(course=course, step=step, **person))
                for step in (FIRST, SECOND, LATER)
            }
            program.rule(add(once, times(-1, came[SECOND])))
            program.rule(add(more, times(-1, came[LATER])))
            once = add(once, came[FIRST], times(-1, came[SECOND]))
            more = add(more, came[SECOND])


def _forms(program: Program, scene: Scene) -> Bag:
    form = scene.study.forms["feedback_forms"]
    every = courses(scene)
    answers = {
        item: [*form.answers_of(item), NOT_RECORDED]
        for item in form.items
        if scene.keeps("feedback_forms", item)
    }
    overall = answers.pop(form.overall)
    told = scene.labels("feedback_forms", "role", told=False)
    by_role = crossed({"role": told, form.overall: overall})
    main = [{**course, **kind} for course in every for kind in by_role]
    others = [
        [{"era": era, item: answer} for era in scene.eras for answer in of_item]
        for item, of_item in answers.items()
    ]
    return Bag.of(program, [main, *others] if main else [[]])


def _from_those_who_came(program: Program, scene: Scene, bags: dict[str, Bag]) -> None:
    """Say that each form is from somebody who came, and of the role that it tells."""
    forms, came = bags["forms"], bags["attendances"]
    for course, _ in scene.courses:
        for like in descriptions(scene):
            at = one(course=course, **like)
            program.rule(add(came.count(at), times(-1, forms.count(at))))
            for role in forms.values("role") - {NOT_RECORDED}:
                of = {**at, "role": frozenset({role})}
                program.rule(add(came.count(of), times(-1, forms.count(of))))


def _each_course_is_one(program: Program, scene: Scene, bags: dict[str, Bag]) -> None:
    """Say that a course has one topic and mode, whichever it is."""
    like = descriptions(scene)
    counted = [bag for name, bag in bags.items() if name in ("attendances", "forms")]
    if len(like) == 1:
        return
    for course, _ in scene.courses:
        is_so = [program.new(1) for _ in like]
        program.rule(dict.fromkeys(is_so, 1), 1, 1)
        for so, description in zip(is_so, like, strict=True):
            for bag in counted:
                here = bag.count(one(course=course, **description))
                program.rule(add({so: AT_ONE_COURSE}, times(-1, here)), 0, MANY)
