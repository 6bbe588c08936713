"""What an exercise is, and how a check says why an answer is not right yet."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module, resources
from pathlib import Path
from typing import Any

from numpy.random import Generator

from lmm.study.problems import Problem

ANSWER = "answer.py"
"""The file that holds the student's function."""

HINTS = "hints"
"""Among the templates of an exercise: the hints on each file; they are not copied."""


class WrongError(Exception):
    """An answer is not right yet.

    Attributes
    ----------
    problem
        Where and why; and what would be right, without saying how to get there.
    file
        The name of the file to go on with.
    """

    def __init__(self, problem: str, file: str) -> None:
        self.problem = problem
        self.file = file
        super().__init__(problem)


def wrong(why: str, fix: str = "", *, file: str = ANSWER, line: int = 0) -> WrongError:
    """Word why an answer is not right yet."""
    return WrongError(Problem(why, file=file, line=line, fix=fix), file)


@dataclass(frozen=True)
class Exercise:
    """One exercise.

    Attributes
    ----------
    name
        Of its folder, of its templates, and of the module that checks it.
    teaches
        What it shows, in a sentence.
    edited
        The files that the student works on.
    """

    number: int
    name: str
    teaches: str
    edited: tuple[str, ...] = (ANSWER,)

    def check(self, folder: Path, chance: Generator) -> None:
        """Try an answer on what is drawn; raise `WrongError` at the first thing not right."""
        self._module.check(folder, chance)

    def bring(self, folder: Path) -> None:
        """Write the records to try things out with into a new folder, if there are any."""
        if hasattr(self._module, "bring"):
            self._module.bring(folder)

    @property
    def _module(self) -> Any:
        return import_module(f"lmm.exercises.{self.name}")  # now: what it needs takes seconds

    @property
    def folder(self) -> str:
        """Name of its folder."""
        return f"{self.number}-{self.name}"

    @property
    def title(self) -> str:
        """Number and name."""
        return f"{self.number} {self.name}"

    @property
    def templates(self) -> Path:
        """What its folder begins with."""
        return Path(str(resources.files("lmm.exercises"))) / "templates" / self.folder

    @property
    def task(self) -> str:
        """What is asked, as Markdown."""
        return (self.templates / "task.md").read_text("utf-8")

    def hints(self, file: str) -> list[str]:
        """Give the hints on one of the files, from the gentlest to the plainest."""
        text = (self.templates / HINTS / f"{file}.txt").read_text("utf-8")
        return [" ".join(hint.split()) for hint in text.split("\n\n")]
