"""Exercise 2, a denominator: of whom a share is, and who said nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
from numpy.random import Generator, default_rng

from lmm.exercises.asked import Case, ask
from lmm.exercises.exercise import ANSWER, wrong

HIGH = ("satisfied", "very satisfied")
SILENT = ("", "don't know")
ANSWERS = ("dissatisfied", "neither", *HIGH, *SILENT)
WEIGHTS = (0.08, 0.1, 0.3, 0.32, 0.1, 0.1)
KEYS = ("answers", "attendances", "people", "share", "lowest", "highest")

NEAR = 1e-9


def records(
    chance: Generator, courses: int = 6, *, silent: bool = False
) -> dict[str, pd.DataFrame]:
    """Draw a register and the forms that were handed in; forms are anonymous.

    Somebody is booked on the first course, and comes to none.
    """
    people = [f"P{n:02}" for n in range(1, 19)]
    never = people.pop(int(chance.integers(len(people))))
    register, forms = [("C1", never, "no")], []
    for course in (f"C{n}" for n in range(1, courses + 1)):
        booked = chance.choice(people, 11, replace=False)
        came = [*("yes" if x < 0.75 else "no" for x in chance.random(9)), "yes", "no"]
        register += [(course, str(who), each) for who, each in zip(booked, came, strict=True)]
        handed_in = max(came.count("yes") - int(chance.integers(1, 4)), 1)
        given = [str(a) for a in chance.choice(ANSWERS, handed_in, p=WEIGHTS)]
        forms += [(course, "" if silent else answer) for answer in given]
    named = [(f"F{n:03}", *form) for n, form in enumerate(forms, 1)]
    if not silent:  # at least one that is blank, one that does not know, and one of two minds
        named[:3] = [(*form[:2], a) for form, a in zip(named, (*SILENT, "neither"), strict=False)]
        named[3] = (*named[3][:2], "satisfied")
    return {
        "register": pd.DataFrame(register, columns=["course_id", "person", "attended"]),
        "forms": pd.DataFrame(named, columns=["form_id", "course_id", "overall"]),
    }


def bring(folder: Path) -> None:
    """Write a register and forms to try things out with."""
    for name, table in records(default_rng(2)).items():
        table.to_csv(folder / f"{name}.csv", index=False)


def put(function: Callable[..., Any], case: Case) -> Any:
    """Ask what is known of satisfaction, from copies of the two tables."""
    return function(**{name: pd.DataFrame(rows, dtype="str") for name, rows in case.items()})


def check(folder: Path, chance: Generator) -> None:
    """Ask about several registers, in the last of which nobody answered the question."""
    drawn = [records(chance, int(chance.integers(4, 9))) for _ in range(4)]
    drawn.append(records(chance, silent=True))
    cases = [{name: t.to_dict("list") for name, t in tables.items()} for tables in drawn]
    answers = ask(folder / ANSWER, "satisfaction", put, cases)
    for tables, answer in zip(drawn, answers, strict=True):
        if not isinstance(answer, dict):
            raise wrong(f"gives {type(answer).__name__}", "give a dict with " + ", ".join(KEYS))
        if missing := [name for name in KEYS if name not in answer]:
            raise wrong(f"the answer lacks {', '.join(missing)}", "give all of " + ", ".join(KEYS))
        _compare(right(**tables), answer, **tables)


def right(register: pd.DataFrame, forms: pd.DataFrame) -> dict[str, float | None]:
    """Give what is known of satisfaction, and between which limits the rest must lie."""
    said, came = forms["overall"], register[register["attended"] == "yes"]
    high, answers = int(said.isin(HIGH).sum()), int((~said.isin(SILENT)).sum())
    return {
        "answers": answers,
        "attendances": len(came),
        "people": came["person"].nunique(),
        "share": high / answers if answers else None,
        "lowest": high / len(came),
        "highest": (high + len(came) - answers) / len(came),
    }


def _compare(
    expected: dict[str, float | None], given: dict[str, Any], **tables: pd.DataFrame
) -> None:
    for name, number in expected.items():
        found = given[name]
        if number is None and found is not None:
            raise wrong(f"nobody answered, and {name} is {found!r}", "give None: no share is known")
        if number is None:
            continue
        if not isinstance(found, int | float):
            raise wrong(f"{name} is {found!r}", "give a number")
        if not abs(found - number) <= NEAR:  # NaN is not near
            told = _mistake(name, found, **tables)
            raise wrong(f"{name} is {found:.6g} and should be {number:.6g}{told}")


def _mistake(name: str, found: float, register: pd.DataFrame, forms: pd.DataFrame) -> str:
    """Say what was counted in place of what was asked, where it can be told."""
    came = register[register["attended"] == "yes"]
    high, handed_in = int(forms["overall"].isin(HIGH).sum()), len(forms)
    known: dict[str, dict[float, str]] = {
        "answers": {handed_in: "every form counts, also where nothing was answered",
                    int((forms["overall"] != "").sum()): "'don't know' counts as an answer"},
        "attendances": {len(register): "those count who booked and did not come"},
        "people": {len(came): "who came to two courses counts as two people",
                   register["person"].nunique(): "those count who never came"},
        "share": {high / handed_in: "it is a share of the forms, also of the blank ones"},
        "highest": {1: "but some are known to have been dissatisfied",
                    high / handed_in: "it is a share of the forms"},
        "lowest": {high / handed_in: "it is a share of the forms"},
    }  # fmt: skip
    near = [why for number, why in known.get(name, {}).items() if abs(found - number) <= NEAR]
    return f": {near[0]}" if near else ""
