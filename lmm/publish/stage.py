"""Where a run writes until all of it has succeeded, and how that takes the old results' place.

One run at a time holds a study. What a run that was killed has left behind is put in order
by the next one.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from lmm.publish.signals import undisturbed
from lmm.study.folder import PARTS, STAGE_VARIABLE, STAGES, audience_of
from lmm.study.problems import StudyError
from lmm.study.study import Study

LOCK = ".stage-lock"


@contextmanager
def stage(study: Study) -> Iterator[Path]:
    """Hold the study for one run, and point every path that is written to a folder beside it.

    Raises
    ------
    StudyError
        If another run holds the study.
    """
    with held(study.folder):
        for left in sorted(study.folder.glob(".stage-*/")):
            _put_in_order(study.folder, left)
        made = Path(tempfile.mkdtemp(prefix=STAGES[study.audience], dir=study.folder))
        os.environ[STAGE_VARIABLE] = str(made)
        try:
            if study.is_internal:
                keep_in_service(study.outputs)
            yield made
        except BaseException:
            shutil.rmtree(made, ignore_errors=True)  # the next run tells if something is left
            raise
        finally:
            del os.environ[STAGE_VARIABLE]
        with undisturbed():
            _remove(made)


def keep_in_service(folder: Path) -> None:
    """Make a folder that only its owner can look into, and that git passes over."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    (folder / ".gitignore").write_text("*\n", encoding="utf-8")


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Hold a folder by a lock that the system takes back when the process ends, however it ends.

    Raises
    ------
    StudyError
        If another process holds it.
    """
    path = folder / LOCK
    while True:
        with path.open("a+", encoding="utf-8") as file:
            _lock(file, folder)
            if not _is(file, path):
                continue  # whoever held it has removed it meanwhile
            try:
                file.truncate(0)
                file.write(f"{os.getpid()}")
                file.flush()
                yield
            finally:
                with suppress(OSError):  # Windows removes no file that is open
                    path.unlink()
            return


def _lock(file: IO[str], folder: Path) -> None:
    try:
        if os.name == "posix":
            import fcntl  # noqa: PLC0415

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        else:
            import msvcrt  # noqa: PLC0415

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
    except (BlockingIOError, PermissionError):
        with suppress(OSError):
            file.seek(0)
        who = f" (process {pid})" if (pid := _read(file)) else ""
        raise StudyError(
            f"{folder}: another run{who} is at work on this study; wait until it has ended"
        ) from None
    except OSError as error:
        raise StudyError(
            f"{folder}: nothing can be locked here ({error.strerror}), so that two runs could "
            "meet; move the study to a disk of this machine"
        ) from None


def _read(file: IO[str]) -> str:
    try:
        return file.read(20).strip()
    except OSError:  # Windows keeps it from being read as well
        return ""


def _is(file: IO[str], path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except FileNotFoundError:
        return False


def move_into_place(study: Study, made: Path) -> None:
    """Swap the new folders for the old ones; put the old ones back if that fails.

    The folder ``old`` is there while, and only while, places may hold neither.
    """
    (made / "old").mkdir()
    try:
        for part in study.parts:
            place, old = study.folder / part, made / "old" / part
            old.parent.mkdir(parents=True, exist_ok=True)
            place.parent.mkdir(parents=True, exist_ok=True)
            if place.exists():
                place.rename(old)
            (made / part).rename(place)
    except OSError as error:
        _put_back(study.folder, made)
        raise StudyError(
            f"{place}: the results could not be moved here: {error.strerror}; close whatever "
            "has files of it open, and run again"
        ) from error
    (made / "old").rename(made / "replaced")


def _put_in_order(home: Path, left: Path) -> None:
    """Put back what a run that was killed had moved, and remove the rest of it."""
    if (left / "old").is_dir():
        _put_back(home, left)
    _remove(left)


def _put_back(home: Path, made: Path) -> None:
    """Undo a swap, from whatever step it has reached; to be interrupted does no harm."""
    for part in PARTS[audience_of(made)]:
        place, old = home / part, made / "old" / part
        if not (made / part).exists() and place.exists():
            place.rename(made / part)
        if old.exists():
            old.rename(place)


def _remove(folder: Path) -> None:
    try:
        shutil.rmtree(folder)
    except OSError as error:
        raise StudyError(
            f"{folder}: what is left of a run cannot be removed: {error.strerror}; remove it"
        ) from error
