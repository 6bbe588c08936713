"""A sweep whose items are made by a stand-in: it waits, fails and is killed as a test asks.

``python sweeping.py PLAN`` runs one in a process of its own, to be interrupted.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

from lmm.sweep.worker import Done, Task

LOG = "log.jsonl"
"""What was begun and made, in the folder of the results: a line each, with the process."""

BEHAVIOUR = "behaviour.json"
"""Beside the plan: how long an item takes, and which confidence fails."""


def make(task: Task) -> Done:
    """Stand in for `lmm.sweep.worker.do`: results are folders with an empty part of the index."""
    to = Path(task.to)
    asked = json.loads((to.parent / BEHAVIOUR).read_text("utf-8"))
    if task.kind == "counting":
        for name in task.what["periods"]:
            (to / "counts" / name).mkdir(parents=True, exist_ok=True)
        return Done({})
    name, place = task.what["id"], to / "items" / task.what["id"]
    note(to, "begun", name)
    time.sleep(asked["seconds"])
    if task.what["parameters"]["confidence"] in asked["fail"]:
        return Done({name: "as it was asked to"})
    made = to / ".work" / uuid4().hex
    made.mkdir()
    (made / "cells.parquet").write_bytes((to.parent / "empty.parquet").read_bytes())
    place.parent.mkdir(exist_ok=True)
    with suppress(OSError):
        made.rename(place)
        note(to, "made", name)
    return Done({})


def end_worker(_: str) -> str:
    """Stand in for work that ends whoever does it."""
    os.kill(os.getpid(), signal.SIGKILL)
    return ""


def note(to: Path, what: str, name: str) -> None:
    """Add a line to the log, as a whole."""
    line = json.dumps({"what": what, "name": name, "pid": os.getpid()}) + "\n"
    place = os.open(to / LOG, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(place, line.encode())
    os.close(place)


def noted(to: Path, what: str) -> list[dict[str, object]]:
    """Read what was noted of one kind, in order."""
    if not (to / LOG).is_file():
        return []
    lines = (to / LOG).read_text("utf-8").splitlines()
    return [line for line in map(json.loads, lines) if line["what"] == what]


def prepare(folder: Path, study: Path, *, items: int, seconds: float = 0.0) -> Path:
    """Write a plan of so many items, all of one study and one notebook."""
    import pyarrow.parquet as pq

    from lmm.sweep.index import SCHEMA

    levels = ", ".join(f"{0.6 + n / 1000:.3f}" for n in range(items))
    text = f"studies: {study}\ngrid: {{confidence: [{levels}], notebooks: 1-descriptive}}\n"
    (folder / "plan.yaml").write_text(text, encoding="utf-8")
    pq.write_table(SCHEMA.empty_table(), folder / "empty.parquet")
    behave(folder, seconds=seconds)
    return folder / "plan.yaml"


def behave(folder: Path, *, seconds: float = 0.0, fail: tuple[float, ...] = ()) -> None:
    """Say how items are to behave from now on."""
    text = json.dumps({"seconds": seconds, "fail": fail})
    (folder / BEHAVIOUR).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    from functools import partial

    from sweeping import make as imported  # workers know it by this name

    from lmm.publish.signals import Stopped, stoppable
    from lmm.sweep.engine import local
    from lmm.sweep.plan import read_plan
    from lmm.sweep.run import sweep

    try:
        with stoppable():
            sweep(read_plan(Path(sys.argv[1])), partial(local, 2), lambda *_: None, do=imported)
    except Stopped as stopped:
        sys.exit(128 + stopped.number)
