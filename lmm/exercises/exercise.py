"""What an exercise is, and how a check says why an answer is not right yet."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

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


def nothing_more(folder: Path) -> None:
    """Bring nothing beside the templates."""


@dataclass(frozen=True)
class Exercise:
    """One exercise.

    Attributes
    ----------
    name
        Of its folder, and of its templates.
    edited
        The files that the student works on.
    check
        Takes the student's folder and chance; raises `WrongError` at the first thing that is
        not right.
    bring
        Writes the records to try things out with into a new folder.
    """

    number: int
    name: str
    teaches: str
    edited: tuple[str, ...]
    check: Callable[[Path, Generator], None]
    bring: Callable[[Path], None] = nothing_more

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
