"""Run one notebook through papermill, in a kernel of its own."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lmm.showing.labels import kind_in_words
from lmm.study.study import Study

INJECTED = "injected-parameters"
"""Tags the cell by which a notebook is told its parameters."""

METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
"""What a run writes of the kernel; beside it there is what the records are."""

Report = Callable[[str, int, int], None]
"""Called with the name of a piece of work, how far it is, and how far it goes."""


@dataclass(frozen=True)
class Limits:
    """How many seconds a cell and a notebook may take; one that takes longer fails."""

    cell: float = 600
    notebook: float = 3600


USUAL = Limits()


@dataclass(frozen=True)
class Job:
    """One notebook to run.

    Attributes
    ----------
    study
        Where it is run, and where it and its page go.
    home
        The private folder of the run's kernels; see `lmm.publish.home.private_home`.
    """

    notebook: Path
    study: Study
    home: Path
    parameters: Mapping[str, Any] | None
    limits: Limits = USUAL


@dataclass(frozen=True)
class NotebookFailure:
    """Where and why a notebook failed."""

    notebook: str
    cell: int
    error: str
    line: str

    def __str__(self) -> str:
        """Name notebook, cell, error and line."""
        place = f"{self.notebook}, code cell {self.cell}"
        return f"{place}: {self.error}" + (f"\n    {self.line}" if self.line else "")


def execute(job: Job, report: Report) -> NotebookFailure | None:
    """Run a notebook; give None, or how it failed."""
    from jupyter_core.utils import ensure_event_loop  # noqa: PLC0415

    if missing := undeclared(job):
        return NotebookFailure(job.notebook.name, 0, missing, "")
    outputs = job.study.outputs
    target = outputs / "notebooks" / job.notebook.name
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        failure = _run(job, target, report)
    finally:
        ensure_event_loop().close()  # the one of this thread
    keep_released(target, job)
    return failure


def _run(job: Job, target: Path, report: Report) -> NotebookFailure | None:
    import papermill  # noqa: PLC0415
    from nbclient.exceptions import CellTimeoutError, DeadKernelError  # noqa: PLC0415
    from papermill.exceptions import PapermillExecutionError  # noqa: PLC0415

    from lmm.publish.engine import ONCE  # noqa: PLC0415
    from lmm.publish.kernel import Kernel, kernel_config  # noqa: PLC0415

    logging.getLogger("papermill").addHandler(logging.NullHandler())  # a failure is told once
    name, total, done = job.notebook.stem, _code_cells(job.notebook), 0

    def tick(**_: Any) -> None:
        nonlocal done
        done += 1
        report(name, min(done, total), total)

    report(name, 0, total)
    end = time.monotonic() + job.limits.notebook
    try:
        papermill.execute_notebook(
            job.notebook,
            target,
            dict(job.parameters) if job.parameters else None,
            engine_name=ONCE,
            kernel_name="python3",
            kernel_manager_class=Kernel,
            config=kernel_config(job.home),
            resources={"metadata": {"path": str(job.study.folder)}},
            progress_bar=False,
            timeout_func=lambda _: max(min(job.limits.cell, end - time.monotonic()), 0.01),
            on_cell_executed=tick,
        )
    except PapermillExecutionError as error:
        what = f"{error.ename}: {LEFT_OUT if job.study.is_protected else error.evalue}"
        return NotebookFailure(job.notebook.name, _cell(error.exec_count, job), what, _line(error))
    except (RuntimeError, TimeoutError, ValueError) as error:  # no kernel, or a dead one
        why = DIED if isinstance(error, DeadKernelError) else str(error)
        why = _too_long(job, end) if isinstance(error, CellTimeoutError) else why
        return NotebookFailure(job.notebook.name, _cell(done + 1, job), why, "")
    report(name, total, total)
    return None


DIED = "its kernel died: it was killed, as happens where memory runs out, or ended itself"


def _too_long(job: Job, end: float) -> str:
    which = "notebook" if time.monotonic() >= end else "cell"
    limit = job.limits.notebook if which == "notebook" else job.limits.cell
    return f"the {which} takes longer than {limit:.12g} s; --{which}-timeout allows more"


LEFT_OUT = "left out, because it could quote a record; run the cell in JupyterLab to see it"


def is_injected(cell: Any) -> bool:
    """Whether a cell is the one by which a notebook is told its parameters."""
    return INJECTED in cell.get("metadata", {}).get("tags", [])


def keep_released(target: Path, job: Job) -> None:
    """Mark a notebook, without what it knows of the machine and the time.

    Of a protected one, whatever did not come through the page is left out.
    """
    from lmm.publish.formats import nbformat  # noqa: PLC0415

    if not target.is_file():
        return
    notebook = nbformat.read(target, as_version=4)
    notebook.metadata = {"lmm": {"records": kind_in_words(job.study)}, **METADATA}
    for cell in notebook.cells:
        if is_injected(cell):
            cell.id = INJECTED  # papermill's is drawn anew each time
        cell.metadata = {key: cell.metadata[key] for key in ("tags",) if cell.metadata.get(key)}
        if job.study.is_protected and cell.cell_type == "code":
            cell.outputs = _released(cell.outputs)
    text: str = nbformat.writes(notebook)
    target.write_text(text.rstrip("\n") + "\n", encoding="utf-8", newline="\n")


def _released(outputs: list[Any]) -> list[Any]:
    from lmm.publish.formats import nbformat  # noqa: PLC0415

    kept = [out for out in outputs if "lmm" in out.get("metadata", {})]
    if len(kept) < len(outputs):
        kept.append(nbformat.v4.new_output("stream", text=f"Output {LEFT_OUT}.\n"))
    return kept


def undeclared(job: Job) -> str:
    """Name parameters that the notebook does not declare: papermill would inject them anyway."""
    import papermill  # noqa: PLC0415

    try:
        declared = papermill.inspect_notebook(job.notebook)
    except ValueError:
        return "it does not say that it is in Python; open it in Jupyter and save it"
    missing = sorted(set(job.parameters or ()) - set(declared))
    return f"its parameters cell does not declare {', '.join(missing)}" if missing else ""


def _code_cells(path: Path) -> int:
    from lmm.publish.formats import nbformat  # noqa: PLC0415

    return sum(c.cell_type == "code" for c in nbformat.read(path, as_version=4).cells)


def _cell(executed: int, job: Job) -> int:
    """Count code cells as the reader does, without the one that papermill injects."""
    return executed - 1 if job.parameters and executed > 1 else executed


def _line(error: Any) -> str:
    """Find the line of the cell that an error came from in its traceback."""
    text = re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(error.traceback))
    arrow = re.search(r"^-+>\s*(\d+)\s?(.*)$", text, flags=re.MULTILINE)
    return f"line {arrow[1]}: {arrow[2].strip()}" if arrow else ""
