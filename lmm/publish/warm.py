"""Warm kernels: forked from a process that has imported what they need already.

To import takes seconds, and to fork milliseconds. That a forked kernel is as good as a fresh one
is seen to in `lmm.publish.forking`; this is the side of whoever asks for kernels.
"""

from __future__ import annotations

import atexit
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

PYTHON = [sys.executable]
LAUNCHER = ["-m", "ipykernel_launcher"]
"""How a kernel is started: the interpreter, with its options if it has any, and the module."""

OF_ONE = ("JPY_", "LMM_", "PYTEST_")
"""How the names of variables begin that say nothing of what is imported, and how."""


def can_fork() -> bool:
    """Whether a process that has imported what kernels need can be forked safely.

    Windows cannot fork, and on macOS the system's own libraries do not bear it.
    """
    return sys.platform == "linux"


MOST_IDLE = 3
"""How many processes that have imported everything wait, each for kernels with its variables."""


class Parent:
    """The process from which kernels are forked, as seen by the one that has started it."""

    started: ClassVar[dict[tuple[str, ...], Parent]] = {}
    """By the process that asks, the interpreter with its options, and its variables."""

    _starting: ClassVar[threading.Lock] = threading.Lock()

    @classmethod
    def of(cls, python: Sequence[str], env: Mapping[str, str], also: Sequence[str] = ()) -> Parent:
        """Give the parent of kernels with these variables; start it if there is none.

        Variables decide what is imported and how. So each set of them has a parent of its own,
        but for those that tell one kernel from another.

        Parameters
        ----------
        python
            The interpreter and its options.
        also
            Modules that it imports beside those that kernels need, and has `prepare` themselves.
        """
        kept = {name: each for name, each in env.items() if not name.startswith(OF_ONE)}
        variables = (f"{name}={kept[name]}" for name in sorted(kept))
        key = (str(os.getpid()), *python, *variables, *also)
        with cls._starting:
            found = cls.started.get(key)
            if found is None or found.is_over:
                cls._end_idle()
                found = cls.started[key] = cls(python, kept, also)
            return found

    @classmethod
    def _end_idle(cls) -> None:
        """End those that nobody has asked for a kernel lately, and that have none."""
        idle = [key for key, each in cls.started.items() if each.has_no_kernel]
        for key in idle[: -(MOST_IDLE - 1)]:
            cls.started.pop(key).end()

    @classmethod
    def end_all(cls, within: Path | None = None) -> None:
        """End the parents, or those alone whose variables name places within a folder."""
        begin = f"{within}{os.sep}" if within else ""
        with cls._starting:
            for key in [key for key in cls.started if any(begin in each for each in key)]:
                cls.started.pop(key).end()

    def __init__(self, python: Sequence[str], env: Mapping[str, str], also: Sequence[str]) -> None:
        self._control, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with its:
            self._process = subprocess.Popen(
                [*python, "-m", "lmm.publish.forking", str(its.fileno()), *also],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd=os.sep,
                env=dict(env),
                pass_fds=[its.fileno()],
                start_new_session=True,  # Ctrl-C is for whoever started it
            )
        self._told = threading.Condition()
        self._asking = threading.Lock()
        self._answers: list[int | None] = []
        self._statuses: dict[int, int | None] = {}
        self.is_over = False
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def fork(self, streams: Sequence[int], **request: Any) -> Forked | None:
        """Fork a kernel; give None if that cannot be, or not any more.

        Parameters
        ----------
        streams, **request
            As `lmm.publish.forking` takes them.
        """
        with self._asking, self._told:
            try:
                socket.send_fds(self._control, [json.dumps(request).encode()], streams)
            except OSError:
                return None
            self._told.wait_for(lambda: self._answers or self.is_over)
            pid = self._answers.pop() if self._answers else None
            return None if pid is None else Forked(self, pid)

    def status(self, pid: int, timeout: float | None = 0) -> int | None:
        """Give how a kernel has ended, as `subprocess.Popen` does; None if it has not in time."""
        with self._told:
            self._told.wait_for(lambda: self._statuses[pid] is not None, timeout)
            return self._statuses[pid]

    @property
    def has_no_kernel(self) -> bool:
        """Whether none of its kernels is running."""
        return None not in self._statuses.values()

    def end(self) -> None:
        """End the process, and its kernels."""
        with suppress(OSError):
            self._control.shutdown(socket.SHUT_RDWR)
        self._listener.join()

    def _listen(self) -> None:
        """Keep what is told; when nothing more can be, end the kernels that are left."""
        with self._control, suppress(OSError):
            while told := self._control.recv(1000):
                self._keep(**json.loads(told))
        with self._told:
            self.is_over = True
            for pid in [pid for pid, status in self._statuses.items() if status is None]:
                with suppress(OSError):
                    os.killpg(pid, signal.SIGKILL)
                self._statuses[pid] = -signal.SIGKILL
            self._told.notify_all()
        self._process.wait()

    def _keep(self, pid: int | None = None, ended: int | None = None, status: int = 0) -> None:
        with self._told:
            if ended is not None:
                self._statuses[ended] = status
            else:
                self._answers.append(pid)
                self.is_over |= pid is None
                if pid is not None:
                    self._statuses.setdefault(pid, None)
            if self.is_over and self.has_no_kernel:
                self._control.shutdown(socket.SHUT_RDWR)
            self._told.notify_all()


atexit.register(Parent.end_all)


@dataclass(frozen=True)
class Forked:
    """A forked kernel, in the words of `subprocess.Popen`."""

    parent: Parent
    pid: int
    stdin: None = None
    stdout: None = None
    stderr: None = None

    def poll(self) -> int | None:
        """Give how it has ended, None if it has not."""
        return self.parent.status(self.pid)

    def wait(self, timeout: float | None = None) -> int:
        """Wait until it has ended, and give how."""
        status = self.parent.status(self.pid, timeout)
        if status is None:
            raise subprocess.TimeoutExpired(str(self.pid), timeout or 0)
        return status

    def send_signal(self, number: int) -> None:
        """Send it a signal."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        self.send_signal(signal.SIGKILL)


def begin(env: Mapping[str, str]) -> None:
    """Begin to import what kernels with these variables need, where they can be forked."""
    if can_fork():
        Parent.of(PYTHON, env)


def forked(
    cmd: list[str],
    *,
    env: dict[str, str],
    cwd: str | Path | None = None,
    stdin: object = None,
    stdout: object = None,
    stderr: object = None,
    **_: Any,
) -> Forked | None:
    """Fork a kernel, if that gives what starting it would."""
    launcher = cmd.index("-m") if "-m" in cmd else 0
    paths = env["PYTHONPATH"].split(os.pathsep) if env.get("PYTHONPATH") else ()
    folder = Path(cwd or Path.cwd()).absolute()
    if not (
        can_fork()
        and launcher
        and cmd[launcher : launcher + len(LAUNCHER)] == LAUNCHER
        and all(map(os.path.isabs, paths))  # others would be sought from another folder
        and folder.is_dir()
    ):
        return None
    python, arguments = cmd[:launcher], cmd[launcher + len(LAUNCHER) :]
    with ExitStack() as stack:
        streams = [
            stack.enter_context(_number(each, usual)) for each, usual in ((stdout, 1), (stderr, 2))
        ]
        for _attempt in range(2):  # of one whose files have changed there is none any more
            parent = Parent.of(python, env)
            made = parent.fork(streams, arguments=arguments, env=env, folder=str(folder))
            if made:
                return made
    return None


@contextmanager
def _number(stream: Any, usual: int) -> Iterator[int]:
    """Give the file that a stream for `subprocess.Popen` is; -1, which is none, for a pipe."""
    if stream == subprocess.DEVNULL:
        with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
            yield nowhere.fileno()
    elif stream is None:
        yield usual
    else:
        yield stream if isinstance(stream, int) else stream.fileno()
