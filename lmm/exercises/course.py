"""The five exercises: listed, begun and checked."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from pathlib import Path
from textwrap import fill

from numpy.random import default_rng

from lmm.exercises.exercise import Exercise, WrongError
from lmm.exercises.folder import STATE, State, keep, set_up, state
from lmm.study.problems import StudyError, visible

EXERCISES = (
    Exercise(1, "interval", "an interval holds what it promises, also at 301 of 304 and 0 of 20"),
    Exercise(2, "denominator", "a share is of somebody: of answers, of attendances, or of people"),
    Exercise(3, "cutoff", "a cut-off has two sides, and it is agreed on which of them the edge is"),
    Exercise(4, "cleaning", "a rule of cleaning accounts for every row, and guesses nothing"),
    Exercise(
        5,
        "measure",
        "a measure is declared, counted, shown and compared: a method from end to end",
        ("study.yaml", "notebooks/4-sleep.ipynb"),
    ),
)


@dataclass(frozen=True)
class Checked:
    """What a check has found.

    Attributes
    ----------
    problem
        Why the answer is not right yet; None if it is.
    hint
        The next hint.
    """

    exercise: Exercise
    problem: str | None = None
    hint: str = ""

    @property
    def is_right(self) -> bool:
        """Whether the answer is right."""
        return self.problem is None

    @property
    def verdict(self) -> str:
        """Say in a few words whether the answer is right."""
        return f"{self.exercise.title}: {'right' if self.is_right else 'not right yet'}"

    @property
    def said(self) -> list[str]:
        """What else is to be said, line by line."""
        if self.problem is None:
            following = self.exercise.number
            more = f"next: lmm exercise {following + 1}" if following < len(EXERCISES) else ""
            return [*filter(None, (f"What it shows: {self.exercise.teaches}.", more))]
        return [_wrapped(visible(self.problem)), "", _wrapped(self.hint)]


def exercise(number: str) -> Exercise:
    """Give an exercise by its number or its name.

    Raises
    ------
    StudyError
        If there is none.
    """
    for each in EXERCISES:
        if number in (str(each.number), each.name, each.folder):
            return each
    known = ", ".join(f"{each.number} ({each.name})" for each in EXERCISES)
    raise StudyError(f"there is no exercise {number!r}; name one of {known}")


def _wrapped(text: str) -> str:
    """Break lines between words, so that they can be read in any window."""
    return "\n".join(
        fill(line, 92, subsequent_indent="  " if line.startswith("- ") else "",
             break_long_words=False, break_on_hyphens=False)
        for line in text.splitlines()
    )  # fmt: skip


def listed(place: Path) -> list[str]:
    """List the exercises and how far a student is with each."""
    lines = []
    for one in EXERCISES:
        now = state(one, place)
        words = "not begun" if now is None else "right" if now.right else "begun"
        lines.append(f"{one.title:<16}{words:<11}{one.teaches}")
    return [*lines, "", "lmm exercise 1 begins the first, and lmm exercise 1 --check checks it"]


def begun(one: Exercise, place: Path) -> list[str]:
    """Set an exercise up, and say what was written, what is asked, and what comes next."""
    was_there = (place / one.folder / STATE).is_file()
    written = [f"wrote {path}" for path in set_up(one, place)]
    kept = [f"{place / one.folder}: what is there stays as it is"] if was_there else []
    edited = " and ".join(str(place / one.folder / name) for name in one.edited)
    return [
        *(visible(line) for line in (*kept, *written)), "", _wrapped(one.task),
        "", visible(f"next: change {edited}"),
        f"then: lmm exercise {one.number} --check",
    ]  # fmt: skip


def check(one: Exercise, place: Path, seed: int | None = None) -> Checked:
    """Try an answer on data that are drawn for this check, and keep whether it was right.

    Parameters
    ----------
    seed
        Where chance begins; by default nobody knows.

    Raises
    ------
    StudyError
        If the exercise is not begun.
    """
    now = state(one, place)
    if now is None:
        raise StudyError(
            f"exercise {one.number} is not begun in {place}: `lmm exercise {one.number}` sets it up"
        )
    folder = place / one.folder
    try:
        one.check(folder, default_rng(secrets.randbits(64) if seed is None else seed))
    except WrongError as error:
        hint, number = _next_hint(one, error.file, now)
        keep(folder, State(right=False, hints={**now.hints, error.file: number}))
        return Checked(one, error.problem, hint)
    keep(folder, replace(now, right=True))
    return Checked(one)


def _next_hint(one: Exercise, file: str, now: State) -> tuple[str, int]:
    """Give the next hint on a file and which it is; the last one is given again and again."""
    hints = one.hints(file)
    number = min(max(now.hints.get(file, 0), 0) + 1, len(hints))
    return f"hint {number} of {len(hints)}: {hints[number - 1]}", number
