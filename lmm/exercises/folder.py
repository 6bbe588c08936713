"""The folder of an exercise: set up without harm to what is there, and how far a student is."""

from __future__ import annotations

import json
import shutil
import tempfile
from dataclasses import asdict, dataclass, field
from pathlib import Path

from lmm.exercises.exercise import HINTS, Exercise
from lmm.study.problems import StudyError

PLACE = "exercises"
"""The folder that holds those of the exercises; made in the folder one is in."""

STATE = ".state.json"


@dataclass(frozen=True)
class State:
    """How far a student is with an exercise.

    Attributes
    ----------
    right
        Whether the answer was right when it was last checked.
    hints
        How many of the hints on each file were given.
    """

    right: bool = False
    hints: dict[str, int] = field(default_factory=dict)


def home(start: Path | None = None) -> Path:
    """Give the folder of the exercises: one begun in or above where one is, or a new one here."""
    start = (start or Path.cwd()).resolve()
    for folder in (start, *start.parents):
        if any((folder / PLACE).glob(f"*/{STATE}")):
            return folder / PLACE
    return start / PLACE


def set_up(one: Exercise, place: Path) -> list[Path]:
    """Write what is not there yet of an exercise's folder; what is there stays as it is.

    Returns
    -------
    list of Path
        What was written.

    Raises
    ------
    StudyError
        If nothing can be written there, or the folder holds something else.
    """
    folder = place / one.folder
    begun = (folder / STATE).is_file()
    if not begun and folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise StudyError(
            f"{folder}: there is something already that is no exercise; move it away, or begin "
            "in another folder"
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        written = _bring(one, folder)
        if not begun:
            keep(folder, State())
    except OSError as error:
        why = f"cannot be set up: {error.strerror}"
        raise StudyError(f"{folder}: {why}; begin in a folder that you may write in") from None
    return written


def _bring(one: Exercise, folder: Path) -> list[Path]:
    """Make the folder anew beside itself, and copy from there what it lacks."""
    with tempfile.TemporaryDirectory(prefix="lmm-") as made:
        new = Path(made)
        shutil.copytree(
            one.templates, new, ignore=shutil.ignore_patterns(HINTS), dirs_exist_ok=True
        )
        for path in new.rglob("*.py.txt"):
            path.rename(path.with_suffix(""))
        one.bring(new)
        files = sorted(path.relative_to(new) for path in new.rglob("*") if path.is_file())
        missing = [name for name in files if not (folder / name).exists()]
        for name in missing:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(new / name, folder / name)
    return [folder / name for name in missing]


def state(one: Exercise, place: Path) -> State | None:
    """Give how far a student is with an exercise; None if it is not begun."""
    path = place / one.folder / STATE
    if not path.is_file():
        return None
    try:
        kept = json.loads(path.read_text("utf-8"))
        return State(kept["right"] is True, {str(f): int(n) for f, n in kept["hints"].items()})
    except (
        OSError,
        ValueError,
        TypeError,
        KeyError,
        AttributeError,
    ):  # spoilt: the hints begin again
        return State()


def keep(folder: Path, now: State) -> None:
    """Keep how far a student is with the exercise of a folder."""
    (folder / STATE).write_text(json.dumps(asdict(now)) + "\n", encoding="utf-8")
