"""The process from which warm kernels are forked: it has imported what they need, and waits.

`lmm.publish.warm` starts it as ``python -m lmm.publish.forking FD`` and asks it over the socket
FD; modules that are named behind it are imported as well. A request holds, as JSON, the kernel's
arguments, its variables and its folder, and comes with its two streams; one that names a module is
for the ``main`` of that in place of a kernel. It is answered with the number of the forked process,
or with none if a file has changed since it was imported; later it is told how the process has
ended. When the socket closes, whoever asked is gone, and its kernels go, too.

A forked kernel is as good as a fresh one: what is imported here has computed nothing, has started
no thread and opened no file, and what is random is drawn anew.
"""

from __future__ import annotations

import builtins
import gc
import importlib
import io
import json
import os
import pkgutil
import signal
import socket
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from lmm.study.digests import files_of

IMPORTED = ("ipykernel.ipkernel", "ipykernel.kernelapp", "matplotlib.pyplot",
            "statsmodels.discrete.discrete_model", "statsmodels.duration.survfunc",
            "statsmodels.genmod.generalized_estimating_equations", "statsmodels.stats.diagnostic",
            "statsmodels.stats.multitest", "statsmodels.stats.proportion",
            "statsmodels.stats.rates", "lmm.publish.counts", "lmm.showing.answers",
            "lmm.showing.plots", "lmm.showing.page")  # fmt: skip
"""What kernels need, beside every analysis."""

KERNEL = "ipykernel_launcher"
MAIN = {KERNEL: "ipykernel.kernelapp"}
"""What a kernel is started as, and the module whose ``main`` that calls."""

LONGEST = 1 << 20
"""Bytes of a request, with room to spare: the system lets through less."""

LIBRARY = Path(__file__).resolve().parents[1]

Stamp = dict[Path, tuple[int, int, int] | None]
"""What tells that a file is another one than before."""


def serve(control: socket.socket, also: Iterable[str] = ()) -> list[str] | None:
    """Fork a process for each request: give it its words, and None when there are no more.

    Parameters
    ----------
    also
        Modules that are imported beside those that kernels need, and whose ``prepare`` is called.

    Returns
    -------
    list of str
        In a forked process, the module that it is to be, and that one's arguments.
    """
    stamp = _stamp(files_of(LIBRARY))
    before = dict(os.environ)
    _import(also)
    imported = {name: now for name, now in os.environ.items() if before.get(name) != now}
    stamp |= _stamp(Path(file) for file in map(_file, list(sys.modules.values())) if file)
    forked: set[int] = set()

    def tell(**what: int | None) -> None:
        with suppress(OSError):  # nobody listens any more
            control.send(json.dumps(what).encode())

    def reap(*_: object) -> None:
        with suppress(ChildProcessError):
            while found := os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT):
                _end_group(found.si_pid)  # as long as its number is nobody else's
                pid, status = os.waitpid(found.si_pid, 0)
                forked.discard(pid)
                tell(ended=pid, status=os.waitstatus_to_exitcode(status))

    signal.signal(signal.SIGCHLD, reap)
    while (request := socket.recv_fds(control, LONGEST, 2))[0]:
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
        pid = os.fork() if _stamp(stamp) == stamp else None
        if pid == 0:
            return _as_fresh(request[1], imported, **json.loads(request[0]))
        for stream in request[1]:
            os.close(stream)
        forked |= {pid} if pid else set()
        tell(pid=pid)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
    for pid in forked:
        _end_group(pid)
    return None


def _end_group(leader: int) -> None:
    """End a kernel, and whatever it has started."""
    with suppress(OSError):
        os.killpg(leader, signal.SIGKILL)


def _import(also: Iterable[str]) -> None:
    """Import what kernels need, so that libraries find what they would find in a kernel."""
    os.environ.setdefault("MPLBACKEND", "module://matplotlib_inline.backend_inline")
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="UTF-8")
    vars(builtins)["get_ipython"] = lambda: SimpleNamespace(kernel=None)  # pandas asks for one
    importlib.import_module("pandas")
    del vars(builtins)["get_ipython"]
    for name in IMPORTED:
        importlib.import_module(name)
    analysis = importlib.import_module("lmm.analysis")
    for module in pkgutil.iter_modules(analysis.__path__, "lmm.analysis."):
        importlib.import_module(module.name)
    for name in also:
        importlib.import_module(name).prepare()
    gc.collect()
    gc.freeze()  # to collect in a forked process would copy what all of them share


def _file(module: Any) -> str | None:
    return getattr(module, "__file__", None)


def _stamp(files: Iterable[Path]) -> Stamp:
    """Note of each file what changes with it; None where there is none."""
    found: Stamp = {}
    for file in files:
        try:
            state = file.stat()
        except OSError:
            found[file] = None
        else:
            found[file] = (state.st_ino, state.st_size, state.st_ctime_ns)
    return found


def _as_fresh(
    streams: list[int],
    imported: dict[str, str],
    *,
    arguments: list[str],
    env: dict[str, str],
    folder: str,
    module: str = KERNEL,
) -> list[str]:
    """Make of a process that was just forked what one that was just started would be."""
    import numpy as np  # noqa: PLC0415

    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
    os.setsid()
    os.environ.clear()
    os.environ.update({**env, **imported, "JPY_PARENT_PID": str(os.getppid())})
    os.chdir(folder)
    for number, stream in enumerate(streams, start=1):
        os.dup2(stream, number)
        os.close(stream)
    np.random.seed()  # noqa: NPY002  # the generator that whoever names none draws from
    watched = [f"--IPKernelApp.parent_handle={os.getppid()}"] * (module == KERNEL)
    return [module, *arguments, *watched]


def main() -> None:
    """Wait for requests, and be the kernel in each process that is forked."""
    if not sys.flags.safe_path:
        del sys.path[0]  # the folder in which this was started; IPython puts the kernel's there
    with socket.socket(fileno=int(sys.argv[1])) as control:
        words = serve(control, sys.argv[2:])
    if words is not None:
        sys.argv = words
        importlib.import_module(MAIN.get(words[0], words[0])).main()


if __name__ == "__main__":
    main()
