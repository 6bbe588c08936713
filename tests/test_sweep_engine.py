"""A sweep loses nothing and makes nothing twice, whatever is killed, stopped or fails."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import psutil
import pytest
from sweeping import behave, end_worker, make, noted, prepare

from lmm.publish.stage import held
from lmm.study.problems import StudyError
from lmm.sweep.engine import MOST_LOST, Job, drain, local
from lmm.sweep.plan import read_plan
from lmm.sweep.run import Swept, sweep

HERE = Path(__file__).parent


@pytest.fixture
def plan(tmp_path: Path, root: Path) -> Path:
    return prepare(tmp_path, root, items=12)


def swept(plan: Path, *, retry_failed: bool = False) -> Swept:
    planned, pool = read_plan(plan), partial(local, 2)
    return sweep(planned, pool, lambda *_: None, retry_failed=retry_failed, do=make)


def started(plan: Path) -> subprocess.Popen[bytes]:
    env = {**os.environ, "PYTHONPATH": str(HERE)}
    return subprocess.Popen([sys.executable, HERE / "sweeping.py", plan], env=env)


def wait_until(holds: Callable[[], object]) -> None:
    until = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.02)


def results(plan: Path) -> list[str]:
    return sorted(path.name for path in (plan.parent / "sweep-results" / "items").iterdir())


def made(plan: Path) -> list[str]:
    """Name what was made, as often as it was."""
    return sorted(str(each["name"]) for each in noted(plan.parent / "sweep-results", "made"))


def test_every_item_is_made_once_and_then_no_more(plan: Path) -> None:
    first, second = swept(plan), swept(plan)
    assert (first.made, second.made, len(first.items)) == (12, 0, 12)
    assert made(plan) == results(plan) == sorted(item.id for item in first.items)


def test_a_failed_item_stops_no_other_and_is_tried_again_when_asked(plan: Path) -> None:
    behave(plan.parent, fail=(0.603, 0.605))
    first = swept(plan)
    assert (first.made, set(first.failed.values())) == (10, {"as it was asked to"})
    behave(plan.parent)
    assert (again := swept(plan)).failed == first.failed
    assert again.made == 0
    assert (last := swept(plan, retry_failed=True)).failed == {}
    assert (last.made, len(made(plan)), len(results(plan))) == (2, 12, 12)
    assert not any((plan.parent / "sweep-results" / "failed").iterdir())


def test_a_worker_that_is_killed_in_mid_item_loses_nothing(plan: Path) -> None:
    behave(plan.parent, seconds=0.1)
    to = plan.parent / "sweep-results"

    def kill() -> None:
        wait_until(lambda: len(noted(to, "begun")) > 3)
        os.kill(int(str(noted(to, "begun")[-1]["pid"])), signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    outcome = swept(plan)
    killer.join()
    assert (outcome.failed, outcome.made) == ({}, 12)
    assert made(plan) == results(plan)
    assert len(noted(to, "begun")) > 12
    assert not (to / ".work").exists()


@pytest.mark.usefixtures("signals_heard")
@pytest.mark.parametrize(
    "number", [signal.SIGKILL, pytest.param(signal.SIGINT, marks=pytest.mark.slow)]
)
def test_a_sweep_that_is_stopped_goes_on_with_what_is_missing(plan: Path, number: int) -> None:
    behave(plan.parent, seconds=0.3)
    to = plan.parent / "sweep-results"
    process = started(plan)
    wait_until(lambda: len(noted(to, "made")) > 1)
    workers = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(number)
    assert process.wait(60) == (130 if number == signal.SIGINT else -number)
    assert psutil.wait_procs(workers, timeout=20)[1] == []
    before = results(plan)
    assert 0 < len(before) < 12
    behave(plan.parent)
    assert swept(plan).made == 12 - len(before)
    assert made(plan) == results(plan)


def test_two_sweeps_do_not_meet_in_one_folder(plan: Path) -> None:
    (to := plan.parent / "sweep-results").mkdir()
    with held(to), pytest.raises(StudyError, match="another run"):
        swept(plan)


def test_what_ends_every_worker_is_given_up_at_last() -> None:
    told: list[str] = []

    def lost(piece: str, why: str) -> list[str]:
        told.append(f"{piece}: {why}")
        return []

    drain(partial(local, 1), ["x"], Job(end_worker, lambda *_: [], lost))
    assert len(told) == 1
    assert told[0].startswith("x: its worker was lost")
    assert MOST_LOST > 1
