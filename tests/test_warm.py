"""A forked kernel is as good as a fresh one, and nothing is left of it when it or others end."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import papermill
import psutil
import pytest
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import KernelManager, start_new_kernel
from jupyter_client.provisioning import KernelProvisionerFactory

from lmm.publish import provisioner, warm
from lmm.publish.warm import Forked, Parent

pytestmark = pytest.mark.skipif(not warm.can_fork(), reason="kernels are forked on Linux alone")

Ask = Callable[[str], str]

STATE = """
import gc, json, locale, os, signal, sys, threading, warnings
import matplotlib, numpy, pandas, statsmodels.stats.rates
import lmm.statistics.shares, lmm.showing.plots.style
from IPython import get_ipython
print(json.dumps({
    "names": sorted(name for name in dir() if not name.startswith("_")),
    "rcParams": {name: str(value) for name, value in matplotlib.rcParams.items()},
    "backend": matplotlib.get_backend(),
    "figures": len(matplotlib._pylab_helpers.Gcf.figs) if "matplotlib.pyplot" in sys.modules else 0,
    "numpy": [str(numpy.geterr()), str(numpy.get_printoptions())],
    "pandas": str(pandas._config.config._global_config),
    "warnings": sorted(str(each) for each in warnings.filters),
    "environ": {name: os.environ[name] for name in sorted(os.environ) if name != "JPY_PARENT_PID"},
    "folder": os.getcwd(),
    "path": sys.path,
    "flags": str(sys.flags),
    "argv": sys.argv[0].endswith(("ipykernel_launcher", "ipykernel_launcher.py")),
    "locale": locale.setlocale(locale.LC_ALL),
    "signals": {str(each): str(signal.getsignal(each)).split(" at ")[0]
                for each in (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD, signal.SIGHUP)},
    "mask": str(signal.pthread_sigmask(signal.SIG_BLOCK, [])),
    "umask": [before := os.umask(0), os.umask(before)][0],
    "threads": sorted(type(each).__name__ for each in threading.enumerate()),
    "leads its group": os.getpid() == os.getpgid(0) == os.getsid(0),
    "parent watched": int(os.environ["JPY_PARENT_PID"]) == os.getppid(),
    "recursion": sys.getrecursionlimit(),
    "collected": gc.isenabled(),
    "library": lmm.statistics.shares.wilson.__name__,
    "files": sorted(name for each in os.listdir("/proc/self/fd") if int(each) > 2
                    and os.path.isfile(name := os.path.realpath(f"/proc/self/fd/{each}"))
                    and "history.sqlite" not in name),
    "history": len(get_ipython().user_ns["In"]),
}))
"""
"""What a notebook could find of another one, as JSON."""

SPOIL = """
import locale, os, random, sys, threading, time, warnings
import matplotlib, matplotlib.pyplot, numpy, pandas
import lmm.statistics.shares, lmm.showing.plots.style
left_over = 1
lmm.statistics.shares.wilson = print
lmm.showing.plots.style.SETTINGS["font.size"] = 40
matplotlib.rcParams["font.size"] = 40
matplotlib.pyplot.plot([1, 2])
numpy.random.seed(1), random.seed(1), numpy.seterr(all="ignore")
pandas.set_option("display.max_rows", 3)
warnings.simplefilter("ignore")
os.environ["SPOILT"] = "yes"
os.chdir("/"), sys.path.insert(0, "/spoilt"), sys.setrecursionlimit(500), os.umask(0)
open_file = open(os.devnull)
threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
"""


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., tuple[KernelManager, Ask]]]:
    """Give what starts a kernel, and what asks it for what some code prints."""
    started = []

    def begin(name: str = "lmm", **given: Any) -> tuple[KernelManager, Ask]:
        manager, client = start_new_kernel(
            kernel_name=name, cwd=str(tmp_path), stderr=subprocess.DEVNULL, **given
        )
        started.append((manager, client))

        def ask(code: str) -> str:
            said: list[str] = []

            def hear(message: Any) -> None:
                if message["msg_type"] == "stream":
                    said.append(message["content"]["text"])

            reply = client.execute_interactive(code, output_hook=hear, timeout=60)
            assert reply["content"]["status"] == "ok", reply["content"]
            return "".join(said)

        return manager, ask

    yield begin
    for manager, client in started:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
        manager.context.destroy()


def forked(manager: KernelManager) -> Forked:
    assert manager.provisioner is not None
    process = manager.provisioner.process  # type: ignore[attr-defined]
    assert isinstance(process, Forked)
    return process


def until(holds: Callable[[], bool], seconds: float = 20) -> bool:
    end = time.monotonic() + seconds
    while not holds() and time.monotonic() < end:
        time.sleep(0.05)
    return holds()


def test_nothing_of_one_notebook_reaches_the_next(start: Any) -> None:
    _, spoilt = start()
    assert spoilt(SPOIL) == ""
    manager, ask = start()
    _, cold = start("python3")
    assert forked(manager).parent.status(forked(manager).pid) is None
    after, fresh = json.loads(ask(STATE)), json.loads(cold(STATE))
    for each in fresh:
        assert after[each] == fresh[each], each
    assert after == fresh
    assert json.loads(spoilt(STATE)) != fresh  # so it would be seen


def test_what_is_random_is_drawn_anew_in_each(start: Any) -> None:
    draw = "import random, numpy, uuid; print(random.random(), numpy.random.rand(), uuid.uuid4())"
    drawn = [start()[1](draw).split() for _ in range(3)]
    assert [len(set(column)) for column in zip(*drawn, strict=True)] == [3, 3, 3]


def test_kernels_come_from_one_process_that_has_imported(start: Any) -> None:
    names = ("statsmodels.stats.rates", "seaborn")
    modules = f"import sys; print(*(name in sys.modules for name in {names}))"
    (one, ask), (other, _) = start(), start()
    assert ask(modules) == "True True\n"
    assert forked(one).parent is forked(other).parent
    assert forked(one).pid != forked(other).pid
    _, cold = start("python3")
    assert cold(modules) == "False False\n"


@pytest.mark.slow
def test_other_variables_are_those_of_another_process(
    start: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, _ = start()
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    other, ask = start()
    assert forked(one).parent is not forked(other).parent
    assert ask("import os; print(os.environ['OMP_NUM_THREADS'])") == "1\n"
    monkeypatch.setenv("LMM_STAGE", "/stage")  # says nothing of what is imported
    third, ask = start()
    assert forked(third).parent is forked(other).parent
    assert ask("import os; print(os.environ['LMM_STAGE'])") == "/stage\n"


def test_a_file_that_has_changed_is_imported_anew(
    start: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "lib").mkdir()
    module = tmp_path / "lib" / "sitecustomize.py"  # which every Python imports as it starts
    module.write_text("SAID = 1\n", encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(module.parent))
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    say = "import sitecustomize; print(sitecustomize.SAID)"
    before, ask = start()
    assert ask(say) == "1\n"
    times = module.stat()
    module.write_text("SAID = 2\n", encoding="utf-8")
    os.utime(module, ns=(times.st_atime_ns, times.st_mtime_ns))  # as after a clock was set back
    after, ask_again = start()
    assert ask_again(say) == "2\n"
    assert forked(before).parent is not forked(after).parent
    assert ask(say) == "1\n"  # whose kernel is left in peace


def test_an_interrupt_reaches_a_kernel_and_what_it_has_started(start: Any) -> None:
    manager, ask = start()
    assert ask("import subprocess; child = subprocess.Popen(['sleep', '600'])") == ""
    manager.interrupt_kernel()
    assert ask("print(child.wait(20))") == f"{-signal.SIGINT}\n"


def test_what_a_kernel_has_started_ends_with_it(start: Any) -> None:
    manager, ask = start()
    child = int(ask("import subprocess; print(subprocess.Popen(['sleep', '600']).pid)"))
    assert psutil.pid_exists(child)
    manager.shutdown_kernel()
    assert until(lambda: not psutil.pid_exists(child))


def test_a_kernel_that_is_killed_is_told_dead(start: Any) -> None:
    manager, ask = start()
    os.kill(int(ask("import os; print(os.getpid())")), signal.SIGKILL)
    assert until(lambda: not manager.is_alive())
    assert forked(manager).wait(5) == -signal.SIGKILL
    with pytest.raises(subprocess.TimeoutExpired):
        forked(start()[0]).wait(0.1)


def test_kernels_go_with_the_process_that_they_were_forked_from(start: Any) -> None:
    manager, _ = start()
    kernel = psutil.Process(forked(manager).pid)
    (parent,) = [each for each in psutil.Process().children() if each.pid == kernel.ppid()]
    parent.kill()
    assert until(lambda: not kernel.is_running() or kernel.status() == psutil.STATUS_ZOMBIE)
    assert until(lambda: not manager.is_alive())
    again, ask = start()
    assert ask("print(1)") == "1\n"
    assert forked(again).parent is not forked(manager).parent


ORPHANS = """
import sys, time
from jupyter_client.manager import start_new_kernel
manager, client = start_new_kernel(kernel_name="lmm")
client.execute_interactive("import subprocess; child = subprocess.Popen(['sleep', '600'])")
print(manager.provisioner.process.pid, flush=True)
time.sleep(600)
"""


@pytest.mark.slow
def test_kernels_go_with_who_has_started_them_and_so_do_their_children(tmp_path: Path) -> None:
    started = subprocess.Popen(
        [sys.executable, "-c", ORPHANS], stdout=subprocess.PIPE, text=True, cwd=tmp_path
    )
    with started:
        assert started.stdout is not None
        kernel = psutil.Process(int(started.stdout.readline()))
        left = [kernel, *kernel.children(), *psutil.Process(started.pid).children()]
        assert len(left) == 3
        started.kill()
    assert until(lambda: not any(map(psutil.pid_exists, [each.pid for each in left])))


def test_where_nothing_can_be_forked_kernels_are_started_and_that_is_said_once(
    start: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(warm, "can_fork", lambda: False)
    monkeypatch.setattr(provisioner.WarmProvisioner, "_has_said", False)
    for _ in range(2):
        manager, ask = start()
        assert ask("print(1)") == "1\n"
        assert isinstance(manager.provisioner.process, subprocess.Popen)
    assert [each.message for each in caplog.records].count(provisioner.ONE_BY_ONE) == 1


@pytest.mark.parametrize("change", [
    {"cmd": ["R", "--slave"]}, {"stdout": subprocess.PIPE}, {"cwd": "/nowhere"},
    {"cmd": [sys.executable, "-m", "other_launcher", "-f", "x"]},
    {"env": {**os.environ, "PYTHONPATH": "near"}},
])  # fmt: skip
def test_what_forking_would_not_do_in_the_same_way_is_not_forked(change: dict[str, Any]) -> None:
    usual = {"cmd": [sys.executable, *warm.LAUNCHER, "-f", "x"], "env": dict(os.environ)}
    assert warm.forked(**{**usual, **change}) is None


@pytest.mark.slow
def test_a_process_that_cannot_import_gives_no_kernel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "seaborn.py").write_text("1 / 0\n", encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    command = [sys.executable, *warm.LAUNCHER, "-f", "x"]
    assert warm.forked(command, env=dict(os.environ)) is None  # so it is started, and says why


@pytest.mark.slow
def test_parents_can_be_ended_with_their_kernels(start: Any, tmp_path: Path) -> None:
    env = {**os.environ, "XDG_DATA_HOME": str(tmp_path / "data")}
    manager, _ = start(env=env)
    kernel = forked(manager).pid
    Parent.end_all(within=tmp_path / "elsewhere")
    assert psutil.pid_exists(kernel)
    Parent.end_all(within=tmp_path)
    assert forked(manager).poll() == -signal.SIGKILL
    assert until(lambda: not psutil.pid_exists(kernel))


@pytest.mark.slow
def test_processes_that_nobody_asks_any_more_are_not_kept(tmp_path: Path) -> None:
    kept = [Parent.of(warm.PYTHON, {**os.environ, "OF": str(n)}) for n in range(warm.MOST_IDLE)]
    assert not any(each.is_over for each in kept)
    Parent.of(warm.PYTHON, {**os.environ, "OF": "another"})
    assert until(lambda: kept[0].is_over)
    assert not kept[-1].is_over
    assert sum(each.has_no_kernel for each in Parent.started.values()) <= warm.MOST_IDLE


def test_jupyter_knows_the_kernel_and_what_starts_it() -> None:
    spec = KernelSpecManager().get_kernel_spec("lmm")
    assert spec.metadata["kernel_provisioner"]["provisioner_name"] == provisioner.WARM
    assert KernelProvisionerFactory.instance().is_provisioner_available(spec)


def outputs(notebook: Path, kernel: str, folder: Path) -> list[Any]:
    """Run a notebook by papermill; give what each cell gives."""
    made = folder / f"{kernel}-{notebook.name}"
    papermill.execute_notebook(
        notebook, made, kernel_name=kernel, cwd=notebook.parents[1], progress_bar=False
    )
    cells = nbformat.read(made, as_version=4).cells
    return [cell.outputs for cell in cells if cell.cell_type == "code"]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["1-descriptive", "2-satisfaction", "3-targets"])
def test_each_cell_of_a_notebook_gives_the_same(root: Path, name: str, tmp_path: Path) -> None:
    path = root / "notebooks" / f"{name}.ipynb"
    assert outputs(path, "lmm", tmp_path) == outputs(path, "python3", tmp_path)
