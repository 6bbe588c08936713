"""A sweep on a real Dask scheduler, with workers in processes of their own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

import psutil
import pytest
from click.testing import CliRunner
from real_service import service
from sweeping import behave, make, noted, prepare

from lmm.cli import main
from lmm.study.problems import StudyError
from lmm.sweep.engine import dask
from lmm.sweep.plan import read_plan
from lmm.sweep.run import sweep

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start a scheduler and two workers on the loopback of this machine."""
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
    env = {**os.environ, "PYTHONPATH": str(HERE), "PYTHONWARNINGS": "ignore"}
    folder = tmp_path_factory.mktemp("dask")
    said = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "env": env, "cwd": folder}
    begin, join = ([sys.executable, "-m", f"distributed.cli.dask_{what}", "--no-dashboard"]
                   for what in ("scheduler", "worker"))  # fmt: skip
    begin += ["--host", "127.0.0.1", "--port", address.rpartition(":")[2]]
    join += [address, "--nworkers", "2", "--nthreads", "1", "--local-directory", str(folder)]
    with subprocess.Popen(begin, **said) as begun, subprocess.Popen(join, **said) as workers:
        yield address
        for process in (workers, begun):
            for each in [*psutil.Process(process.pid).children(recursive=True), process]:
                each.kill()


@pytest.mark.slow
def test_a_killed_worker_loses_nothing_and_nothing_is_made_twice(
    scheduler: str, tmp_path: Path, root: Path
) -> None:
    plan = prepare(tmp_path, root, items=10, seconds=0.3)
    to = tmp_path / "sweep-results"

    def kill() -> None:
        until = time.monotonic() + 60
        while len(begun := noted(to, "begun")) < 3 and time.monotonic() < until:
            time.sleep(0.02)
        os.kill(int(str(begun[-1]["pid"])), signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    outcome = sweep(read_plan(plan), partial(dask, scheduler), lambda *_: None, do=make)
    killer.join()
    assert (outcome.failed, outcome.made) == ({}, 10)
    made = sorted(str(each["name"]) for each in noted(to, "made"))
    assert made == sorted(path.name for path in (to / "items").iterdir())
    assert len(noted(to, "begun")) > 10
    behave(tmp_path)
    assert sweep(read_plan(plan), partial(dask, scheduler), lambda *_: None, do=make).made == 0


@pytest.mark.slow
def test_a_real_sweep_on_dask_is_that_of_a_pool(scheduler: str, tmp_path: Path) -> None:
    service(tmp_path / "north")
    found = []
    for how, words in (("dask", ["--scheduler", scheduler]), ("pool", ["--workers", "1"])):
        text = f"to: {how}\nstudies: north\ngrid: {{confidence: [0.9, 0.95], notebooks: 1-own}}\n"
        (tmp_path / "plan.yaml").write_text(text, encoding="utf-8")
        ran = CliRunner().invoke(main, ["sweep", str(tmp_path / "plan.yaml"), "--trust", *words])
        assert ran.exit_code == 0, ran.output
        to = tmp_path / how
        paths = [path for path in to.rglob("*") if path.is_file()]
        found.append({path.relative_to(to): path.read_bytes() for path in paths})
    assert found[0] == found[1]


def test_nobody_at_the_address_is_told() -> None:
    import dask as configured

    with (
        configured.config.set({"distributed.comm.timeouts.connect": "0.2s"}),
        pytest.raises(StudyError, match=r"tcp://127\.0\.0\.1:9: no Dask scheduler answers there"),
        dask("tcp://127.0.0.1:9"),
    ):
        pass
