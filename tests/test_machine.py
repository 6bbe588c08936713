"""Whole runs on awkward machines come out as on a plain one; a run that is stopped ends well."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import nbformat
import psutil
import pytest
from malformed import make
from nbformat.v4 import new_code_cell, new_notebook

from lmm.publish.execute import DIED
from lmm.publish.stage import stage
from lmm.publish.warm import can_fork
from lmm.study.study import read_study

pytestmark = pytest.mark.slow  # each runs a study

PARAMETERS = (
    'period_start: str = "2020-01-01"\nperiod_end: str = "2020-12-31"\n'
    'event_date: str = "2020-06-01"\nconfidence: float = 0.95'
)
LOOK = """\
import sys
import matplotlib.pyplot as plt
print(sys.flags, sys.warnoptions, "intruder" in globals(), plt.get_backend())
print(sorted(name for name in sys.modules if name.startswith("strange")))
plt.plot([0, 1]);"""
"""Shows what a machine could change, with a figure, for which libraries look around."""

COMMAND = [sys.executable, "-m", "lmm", "run", "--fresh", "--trust", "--study"]


def small_study(folder: Path, *cells: str) -> Path:
    """Write a study with a notebook of its own."""
    make(folder)
    (folder / "notebooks").mkdir()
    parameters = new_code_cell(PARAMETERS, metadata={"tags": ["parameters"]}, id="parameters")
    code = [new_code_cell(cell, id=f"cell-{n}") for n, cell in enumerate(cells)]
    kernel = {"kernelspec": {"name": "python3", "display_name": "x", "language": "python"}}
    nbformat.write(
        new_notebook(cells=[parameters, *code], metadata=kernel),
        folder / "notebooks" / "1-own.ipynb",
    )
    return folder


def shown(folder: Path, **variables: str) -> bytes:
    """Run, and give the executed notebook."""
    answer = subprocess.run(
        [*COMMAND, str(folder)], cwd=folder, env={**os.environ, **variables}, text=True,
        stdin=subprocess.DEVNULL, capture_output=True, check=False,
    )  # fmt: skip
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert answer.stderr == ""
    return (folder / "outputs" / "notebooks" / "1-own.ipynb").read_bytes()


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Give the notebook as a plain machine executes it."""
    return shown(small_study(tmp_path_factory.mktemp("plain") / "study", LOOK))


def python_files(place: Path) -> dict[str, str]:
    code = place / "start.py"
    code.write_text("intruder = 1\nprint('intruder')", encoding="utf-8")
    return {
        "PYTHONSTARTUP": str(code), "PYTHONOPTIMIZE": "1",
        "PYTHONWARNINGS": "always::DeprecationWarning", "MPLBACKEND": "svg",
    }  # fmt: skip


def strange_kernel(place: Path) -> dict[str, str]:
    folder = place / "kernels" / "python3"
    folder.mkdir(parents=True)
    spec = {"argv": [sys.executable, "-c", "raise SystemExit(3)"], "display_name": "Python 3",
            "language": "python"}  # fmt: skip
    (folder / "kernel.json").write_text(json.dumps(spec), encoding="utf-8")
    return {"JUPYTER_PATH": str(place)}


def closed_home(place: Path) -> dict[str, str]:
    (place / "file").touch()
    return {"HOME": str(place / "file"), "MPLCONFIGDIR": str(place / "file" / "x")}


def long_temporary_folder(place: Path) -> dict[str, str]:
    folder = place / ("long" * 25)
    folder.mkdir()
    return {"TMPDIR": str(folder)}


def small_terminal(_: Path) -> dict[str, str]:
    return {"TERM": "dumb", "COLUMNS": "40", "LC_ALL": "C", "TZ": "Asia/Kathmandu"}


@pytest.mark.parametrize(
    "machine",
    [python_files, strange_kernel, closed_home, long_temporary_folder, small_terminal],
)
def test_a_machine_changes_nothing(
    machine: Callable[[Path], dict[str, str]], plain: bytes, tmp_path: Path
) -> None:
    folder = small_study(tmp_path / "study", LOOK)
    assert shown(folder, **machine(tmp_path)) == plain


@pytest.mark.parametrize("name", ["a b #1 100% 'x' \u00fc\u6bcd", "l" * 200])
def test_a_folder_may_be_called_anything(name: str, plain: bytes, tmp_path: Path) -> None:
    assert shown(small_study(tmp_path / name, LOOK)) == plain


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such shell")
def test_standard_streams_may_be_closed(plain: bytes, tmp_path: Path) -> None:
    folder = small_study(tmp_path / "study", LOOK)
    closed = ["sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh", *COMMAND, str(folder)]
    assert subprocess.run(closed, check=False).returncode == 0
    assert (folder / "outputs" / "notebooks" / "1-own.ipynb").read_bytes() == plain


def test_a_file_of_the_study_is_no_library(plain: bytes, tmp_path: Path) -> None:
    folder = small_study(tmp_path / "study", LOOK)
    for name in ("matplotlib", "ipykernel_launcher", "colorsys", "usercustomize"):
        (folder / f"{name}.py").write_text("raise SystemExit(4)", encoding="utf-8")
    variables = {"PYTHONSAFEPATH": "1"}  # as the installed command, which `python -m` is not
    assert shown(folder, **variables) == plain


STARTED = "import os\nopen('started', 'w').write(str(os.getpid()))\nimport time\ntime.sleep(600)"
GREEDY = """\
import os, time
open('started', 'w').write(str(os.getpid()))
while not os.path.exists('go'):
    time.sleep(0.1)
held = [b'x' * 10**8 for _ in range(200)]"""
"""Waits, and then holds 20 GB."""


@pytest.mark.usefixtures("signals_heard")
@pytest.mark.parametrize(
    ("number", "whom", "status"),
    [
        (signal.SIGINT, os.killpg, 130),
        (signal.SIGTERM, os.kill, 143),
        (signal.SIGKILL, os.kill, -signal.SIGKILL),
    ],
    ids=["Ctrl-C", "SIGTERM", "SIGKILL"],
)
def test_stopped_in_a_notebook_it_leaves_good_outputs_and_no_process(
    number: int, whom: Callable[[int, int], None], status: int, tmp_path: Path
) -> None:
    folder = small_study(tmp_path / "study", STARTED)
    (folder / "outputs").mkdir()
    (folder / "outputs" / "good.txt").write_text("from before", encoding="utf-8")
    with subprocess.Popen(
        [*COMMAND, str(folder)], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True, start_new_session=True,
    ) as process:  # fmt: skip
        started = folder / "started"
        wait_for(lambda: started.exists() and started.read_text("utf-8") != "", process)
        running = psutil.Process(process.pid).children(recursive=True)
        assert int(started.read_text("utf-8")) in {child.pid for child in running}
        whom(process.pid, number)
        _, said = process.communicate(timeout=60)
    assert process.returncode == status
    _, alive = psutil.wait_procs(running, timeout=20)
    assert alive == []
    if number != signal.SIGKILL:
        assert (
            said
            == f"Stopped by {signal.Signals(number).name}. The previous outputs are untouched.\n"
        )
        assert list(folder.glob(".stage-*")) == []
    with stage(read_study(folder)):
        pass
    assert list(folder.glob(".stage-*")) == []
    assert [path.name for path in (folder / "outputs").iterdir()] == ["good.txt"]


@pytest.mark.skipif(not can_fork(), reason="kernels are forked on Linux alone")
@pytest.mark.parametrize("what", ["kernel", "what it was forked from", "kernel without memory"])
def test_killed_by_the_system_a_run_says_so_and_the_next_one_succeeds(
    what: str, tmp_path: Path
) -> None:
    folder = small_study(tmp_path / "study", GREEDY)
    (folder / "outputs").mkdir()
    (folder / "outputs" / "good.txt").write_text("from before", encoding="utf-8")
    with ExitStack() as stack:
        out_of_memory = what == "kernel without memory"
        little = stack.enter_context(little_memory()) if out_of_memory else None
        process = stack.enter_context(
            subprocess.Popen(
                [*COMMAND, str(folder)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
            )
        )
        started = folder / "started"
        wait_for(lambda: started.exists() and started.read_text("utf-8") != "", process)
        kernel = psutil.Process(int(started.read_text("utf-8")))
        running = psutil.Process(process.pid).children(recursive=True)
        forked_from = kernel.parent()
        assert forked_from is not None
        assert forked_from.pid != process.pid
        if little:
            little.write_text(str(kernel.pid), "ascii")
            (folder / "go").touch()
        else:
            (kernel if what == "kernel" else forked_from).kill()
        _, said = process.communicate(timeout=60)
    assert process.returncode == 1
    assert f"failed: 1-own.ipynb, code cell 2: {DIED}\n" in said
    assert said.endswith("The previous outputs are untouched.\n")
    _, alive = psutil.wait_procs(running, timeout=20)
    assert alive == []
    assert list(folder.glob(".stage-*")) == []
    assert [path.name for path in (folder / "outputs").iterdir()] == ["good.txt"]
    (folder / "go").touch()
    notebook = folder / "notebooks" / "1-own.ipynb"
    notebook.write_text(notebook.read_text("utf-8").replace("200", "2"), encoding="utf-8")
    shown(folder)
    assert not (folder / "outputs" / "good.txt").exists()


@contextmanager
def little_memory() -> Iterator[Path]:
    """Make a control group of 1 GB, and give the file that takes in whoever is to keep to it.

    The system kills those in it that take more.
    """
    first = Path("/sys/fs/cgroup/memory")  # of control groups, version 1
    home, limit = (first, "limit_in_bytes") if first.is_dir() else (first.parent, "max")
    group = home / f"lmm-{os.getpid()}"
    try:
        (home / "cgroup.procs").stat()
        group.mkdir()
        (group / f"memory.{limit}").write_text("1000000000", "ascii")
    except OSError:
        if group.is_dir():
            group.rmdir()
        pytest.skip("needs a control group of memory that may be written, as root has")
    try:
        yield group / "cgroup.procs"
    finally:
        group.rmdir()


def wait_for(happened: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    end = time.monotonic() + 120
    while not happened():
        assert time.monotonic() < end
        assert process.poll() is None
        time.sleep(0.1)
