"""Run a notebook's cells in this process, which is there for nothing else.

A run hands each notebook to a kernel, over sockets. In a sweep of thousands these would take as
long as the notebooks do; so here one process is the kernel and whoever asks it.
"""

from __future__ import annotations

import io
import traceback
from contextlib import redirect_stderr, redirect_stdout
from typing import TYPE_CHECKING, Any, cast

import nbformat
import papermill
from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import CapturingDisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from IPython.core.pylabtools import activate_matplotlib
from matplotlib_inline.backend_inline import configure_inline_support
from nbformat.v4 import new_output
from papermill.parameterize import parameterize_notebook
from traitlets.config import Config

from lmm.publish.execute import LEFT_OUT, Job, NotebookFailure, keep_released, undeclared

if TYPE_CHECKING:
    from nbformat import NotebookNode

INLINE = "module://matplotlib_inline.backend_inline"
CELL = "<ipython-input-"
"""How the name begins under which Python knows a cell."""


class _Hook(DisplayHook):
    """Keeps what the last line of a cell amounts to, beside what was displayed."""

    def write_output_prompt(self) -> None:
        """Say nothing before it."""

    def write_format_data(self, format_dict: Any, md_dict: Any = None) -> None:
        """Keep it."""
        of = {"data": format_dict, "metadata": md_dict or {}}
        taken = {**of, "execution_count": self.prompt_count}
        cast("_Shell", self.shell).display_pub.outputs.append(taken)


class _Shell(InteractiveShell):
    """IPython that shows nothing, and keeps what there would be to see."""

    displayhook_class = _Hook
    display_pub: CapturingDisplayPublisher

    def init_display_pub(self) -> None:
        """Keep what is displayed."""
        self.display_pub = CapturingDisplayPublisher(parent=self)

    def showtraceback(self, *_: Any, **__: Any) -> None:
        """Leave a failure to whoever asked: it is told once."""

    def showsyntaxerror(self, *_: Any, **__: Any) -> None:
        """As `showtraceback`."""

    def taken(self) -> list[dict[str, Any]]:
        """Take out what was displayed so far."""
        shown = list(self.display_pub.outputs)
        self.display_pub.outputs.clear()
        return shown


def _new_shell() -> _Shell:
    made: _Shell = _Shell.instance(config=Config({"HistoryManager": {"enabled": False}}))
    return made


def prepare() -> None:
    """Have IPython import what it only imports when it begins, and let go of it."""
    _new_shell().run_cell("x = 1", store_history=True)
    _Shell.clear_instance()


def run_cells(job: Job) -> tuple[NotebookFailure | None, dict[str, Any]]:
    """Run a notebook; give how it failed, if it did, and the names that its cells have left.

    What is kept of it is what `lmm.publish.execute.execute` keeps.
    """
    if missing := undeclared(job):
        return NotebookFailure(job.notebook.name, 0, missing, ""), {}
    read = papermill.iorw.load_notebook_node(str(job.notebook))
    notebook = parameterize_notebook(
        read, dict(job.parameters or {}), kernel_name="python3", language="python"
    )
    shell = _new_shell()
    activate_matplotlib(INLINE)  # as a kernel does: what is drawn in a cell is shown below it
    configure_inline_support(shell, INLINE)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for number, cell in enumerate(code):
        if failure := _run(cell, number, shell, job):
            return failure, {}
    target = job.study.outputs / "notebooks" / job.notebook.name
    target.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, target)
    keep_released(target, job)
    return None, dict(shell.user_ns)


def _run(cell: NotebookNode, number: int, shell: _Shell, job: Job) -> NotebookFailure | None:
    """Run a cell, and keep what it shows; its number is without the one of its parameters."""
    cell.outputs, cell.execution_count = [], None
    if not cell.source.strip():
        return None
    streams = {"stdout": io.StringIO(), "stderr": io.StringIO()}
    with redirect_stdout(streams["stdout"]), redirect_stderr(streams["stderr"]):
        result = shell.run_cell(cell.source, store_history=True)
    cell.execution_count = shell.execution_count - 1
    said = {name: text for name, of in streams.items() if (text := of.getvalue())}
    cell.outputs = [new_output("stream", name=name, text=text) for name, text in said.items()]
    cell.outputs += map(_shown, shell.taken())
    error = result.error_before_exec or result.error_in_exec
    if error is None:
        return None
    what = LEFT_OUT if job.study.is_protected else str(error)
    line = _line(error, cell.source)
    return NotebookFailure(job.notebook.name, number, f"{type(error).__name__}: {what}", line)


def _shown(what: dict[str, Any]) -> NotebookNode:
    kind = "execute_result" if "execution_count" in what else "display_data"
    known = {name: what[name] for name in ("data", "metadata", "execution_count") if name in what}
    made: NotebookNode = new_output(kind, **known)
    return made


def _line(error: BaseException, source: str) -> str:
    """Find the line of the cell that an error came from."""
    lines = source.splitlines()
    if isinstance(error, SyntaxError):
        number = error.lineno or 0
    else:
        frames = traceback.extract_tb(error.__traceback__)
        own = [each.lineno or 0 for each in frames if each.filename.startswith(CELL)]
        number = own[-1] if own else 0
    return f"line {number}: {lines[number - 1].strip()}" if 0 < number <= len(lines) else ""
