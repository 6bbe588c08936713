"""One run holds a study; whatever moment it is killed at, the next one finds results whole."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from malformed import make

from lmm.publish.signals import STOPPING, Stopped, stoppable, undisturbed
from lmm.publish.stage import LOCK, move_into_place, stage
from lmm.study.folder import PARTS
from lmm.study.problems import StudyError
from lmm.study.study import Study, read_study

FILES = [part / "result.txt" for part in PARTS["release"]]
EXACT = PARTS["internal"][0] / "result.txt"


@pytest.fixture
def small(tmp_path: Path) -> Study:
    """Give a study with results from before."""
    folder = make(tmp_path / "study")
    write(folder, "before")
    return read_study(folder)


def write(folder: Path, what: str) -> None:
    for file in FILES:
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_text(what, encoding="utf-8")


def results(study: Study) -> list[str]:
    found = [study.folder / file for file in FILES]
    return [file.read_text("utf-8") if file.exists() else "none" for file in found]


def left(study: Study) -> list[str]:
    return [path.name for path in study.folder.glob(".stage-*")]


def test_a_run_that_succeeds_takes_the_place_of_the_old_results(small: Study) -> None:
    with stage(small) as made:
        assert small.outputs.parent == made
        write(made, "after")
        move_into_place(small, made)
        assert results(small) == ["after", "after"]
    assert results(small) == ["after", "after"]
    assert left(small) == []


def test_a_run_that_fails_leaves_everything_as_it_was(small: Study) -> None:
    with pytest.raises(ZeroDivisionError), stage(small) as made:
        write(made, "after")
        raise ZeroDivisionError
    assert results(small) == ["before", "before"]
    assert left(small) == []


def test_a_second_run_is_refused_and_says_who_is_at_work(small: Study) -> None:
    with stage(small):
        with (
            pytest.raises(StudyError, match=rf"\(process {os.getpid()}\) is at work"),
            stage(small),
        ):
            pass
        assert LOCK in left(small)
    with stage(small):
        pass
    assert left(small) == []


def test_a_disk_that_is_full_at_once_leaves_no_lock(
    small: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full() -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.getpid", full)
    with pytest.raises(OSError, match="No space left"), stage(small):
        pass
    monkeypatch.undo()
    assert left(small) == []


class Killed(BaseException):
    """Stands for the end of the process: what comes after is not done."""


def killed_after(steps: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Kill at the renaming after so many; clearing up is not reached either."""
    rename = Path.rename
    done = 0

    def renaming(self: Path, target: Path) -> Path:
        nonlocal done
        done += 1
        if done > steps:
            raise Killed
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", renaming)
    monkeypatch.setattr("lmm.publish.stage.shutil.rmtree", lambda *_, **__: None)


@pytest.mark.parametrize("before", [["before", "before"], ["none", "none"], ["before", "none"]])
@pytest.mark.parametrize("steps", range(6))
def test_killed_at_any_step_of_the_move_the_old_results_come_back(
    small: Study, steps: int, before: list[str]
) -> None:
    for file, what in zip(FILES, before, strict=True):
        if what == "none":
            (small.folder / file).unlink()
            (small.folder / file).parent.rmdir()
    moves = 3 + sum(what == "before" for what in before)  # the last one says that all is done
    with pytest.MonkeyPatch.context() as patch:
        killed_after(steps, patch)
        try:
            with stage(small) as made:
                write(made, "after")
                move_into_place(small, made)
        except Killed:
            assert steps < moves
    with stage(small):
        assert results(small) == (before if steps < moves else ["after", "after"])
    assert left(small) == []


@pytest.mark.parametrize("before", ["before", "none"])
@pytest.mark.parametrize("steps", range(4))
def test_an_internal_run_killed_at_any_step_touches_nothing_else(
    small: Study, steps: int, before: str
) -> None:
    internal, place = read_study(small.folder, "internal"), small.folder / EXACT
    if before != "none":
        place.parent.mkdir(parents=True)
        place.write_text(before, encoding="utf-8")
    moves = 2 + (before != "none")
    with pytest.MonkeyPatch.context() as patch:
        killed_after(steps, patch)
        try:
            with stage(internal) as made:
                (made / EXACT).write_text("after", encoding="utf-8")
                move_into_place(internal, made)
        except Killed:
            assert steps < moves
    with stage(small):  # whichever run comes next puts it in order
        assert results(small) == ["before", "before"]
        found = place.read_text("utf-8") if place.exists() else "none"
        assert found == (before if steps < moves else "after")
    assert left(small) == []


def test_an_internal_run_and_another_hold_one_study(small: Study) -> None:
    with (
        stage(read_study(small.folder, "internal")) as made,
        pytest.raises(StudyError, match="is at work"),
        stage(small),
    ):
        pass
    assert not made.exists()


def test_what_an_internal_run_writes_only_its_owner_reads(small: Study) -> None:
    internal = read_study(small.folder, "internal")
    with stage(internal) as made:
        assert read_study(small.folder).audience == "internal"  # as a kernel would
        assert internal.outputs == made / "data/internal"
        for folder in (made, internal.outputs):
            assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert (internal.outputs / ".gitignore").read_text("utf-8") == "*\n"
    assert read_study(small.folder).audience == "release"


def test_killed_again_while_putting_back_nothing_is_lost(small: Study) -> None:
    for steps in (4, 1, 0, 2):
        with pytest.MonkeyPatch.context() as patch, pytest.raises(Killed):
            killed_after(steps, patch)
            with stage(small) as made:
                write(made, "after")
                move_into_place(small, made)
    with stage(small):
        assert results(small) == ["before", "before"]
    assert left(small) == []


def test_a_place_that_cannot_be_moved_is_named_and_the_others_put_back(
    small: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    rename = Path.rename

    def renaming(self: Path, target: Path) -> Path:
        if self == small.folder / "outputs":
            raise PermissionError(13, "The file is open")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", renaming)
    with (
        pytest.raises(StudyError, match=r"outputs: the results .*The file is open; close"),
        stage(small) as made,
    ):
        write(made, "after")
        move_into_place(small, made)
    assert results(small) == ["before", "before"]


def test_the_lock_of_a_process_that_died_holds_nobody_up(small: Study) -> None:
    code = (
        "import os, sys\nfrom pathlib import Path\nfrom lmm.study.study import read_study\n"
        "from lmm.publish.stage import stage\n"
        "with stage(read_study(Path(sys.argv[1]))): os.kill(os.getpid(), 9)"
    )
    died = subprocess.run([sys.executable, "-c", code, small.folder], check=False)
    assert died.returncode == -signal.SIGKILL
    assert len(left(small)) == 2
    with stage(small):
        pass
    assert left(small) == []
    assert results(small) == ["before", "before"]


@pytest.fixture
def handlers(signals_heard: None) -> Iterator[list[object]]:
    """Give the handlers as they are, and see that they are so again in the end."""
    before = [signal.getsignal(number) for number in STOPPING]
    yield before
    assert [signal.getsignal(number) for number in STOPPING] == before


@pytest.mark.usefixtures("handlers")
@pytest.mark.parametrize("number", STOPPING)
def test_a_signal_stops_once_and_the_next_does_not_disturb(number: signal.Signals) -> None:
    cleared = False
    with pytest.raises(Stopped) as stopped, stoppable():
        try:
            signal.raise_signal(number)
        finally:
            signal.raise_signal(number)
            cleared = True
    assert cleared
    assert stopped.value.number == number
    assert str(stopped.value) == number.name


@pytest.mark.usefixtures("handlers")
def test_no_signal_stops_the_move() -> None:
    with stoppable(), undisturbed():
        signal.raise_signal(signal.SIGINT)


@pytest.mark.usefixtures("handlers")
def test_what_is_ignored_as_nohup_has_it_stays_so() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with stoppable():
            signal.raise_signal(signal.SIGHUP)
    finally:
        signal.signal(signal.SIGHUP, before)
