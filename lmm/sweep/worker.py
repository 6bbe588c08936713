"""What a worker is asked for: it has each piece of work done by a process forked for it.

Whatever a notebook does ends with that process. The worker has imported nothing but what it needs
to fork, and can be a process of a local pool or one of Dask, with any number of threads.
"""

from __future__ import annotations

import atexit
import json
import os
import signal
import subprocess
import threading
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

from lmm.publish.home import kernel_environment, private_home
from lmm.publish.warm import PYTHON, Parent, can_fork
from lmm.study.digests import library_digest

CHILD = "lmm.sweep.child"


@dataclass(frozen=True)
class Task:
    """A piece of work.

    Attributes
    ----------
    kind, to, what
        As `lmm.sweep.child.done` takes them.
    code
        The digest of the code by which it is to be done.
    """

    kind: str
    to: str
    code: str
    what: dict[str, Any]


@dataclass(frozen=True)
class Done:
    """What came of it: why not, of each count or item that could not be made, or of all of it."""

    failed: dict[str, str]
    trouble: str = ""


def do(task: Task) -> Done:
    """Have a piece of work done; whatever goes wrong in it is told and not raised."""
    home = _home()
    if _code() != task.code:
        return Done({}, "this worker has another copy of lmm than the one that planned the sweep")
    asked, answer = home / f"{uuid4()}.json", home / f"{uuid4()}.json"
    given = {"kind": task.kind, "to": task.to, "what": task.what}
    asked.write_text(json.dumps(given), encoding="utf-8")
    status = _run([str(asked), str(answer)], Path(task.to))
    asked.unlink()
    if not answer.is_file():
        return Done({}, _ended(status))
    failed = json.loads(answer.read_text("utf-8"))
    answer.unlink()
    return Done(failed)


def _run(arguments: list[str], folder: Path) -> int:
    """Do it in a process of its own, forked where that can be."""
    env = kernel_environment()
    if can_fork():
        nowhere = os.open(os.devnull, os.O_WRONLY)
        try:
            for _attempt in range(2):  # of one whose files have changed there is none any more
                parent = Parent.of(PYTHON, env, [CHILD])
                made = parent.fork([nowhere, nowhere], arguments=arguments, env=env,
                                   folder=str(folder), module=CHILD)  # fmt: skip
                if made:
                    return made.wait()
        finally:
            os.close(nowhere)
    command = [*PYTHON, "-m", CHILD, *arguments]
    return subprocess.run(command, env=env, cwd=folder, check=False, capture_output=True).returncode


def _ended(status: int) -> str:
    if status >= 0:
        return f"its process ended with status {status}, and said nothing"
    return f"its process was ended by {signal.Signals(-status).name}"


_once = threading.Lock()


def _home() -> Path:
    with _once:
        return _new_home()


@cache
def _new_home() -> Path:
    """Give the private folder of this worker, which goes when the worker ends."""
    atexit.register(end)
    return _left.enter_context(private_home())


_left = ExitStack()


def end() -> None:
    """Remove what this worker keeps, and end what it has forked."""
    _left.close()


@cache
def _code() -> str:
    return library_digest()
