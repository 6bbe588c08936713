"""The rules that keep the committed notebooks readable, and what nbval needs of them.

That no number is typed into their prose is held by ``tests/test_numerals.py``.
"""

from __future__ import annotations

import ast
import copy
import re
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode

from lmm.showing.labels import SYNTHETIC
from lmm.study.parameters import Parameters
from lmm.study.study import read_study

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))

FORBIDDEN = {
    r"^\s*(def|class)\s": "defines something: that belongs in lmm",
    r"\bgroupby\b|\bmerge\b": "computes: that belongs in lmm",
    r"import \*": "imports everything",
    r"\bwidgets?\b|\binteract\b": "uses a widget",
    r"\.summary\(": "prints a model summary, which holds the time",
    r"""["'][^"']*[/\\][^"']*["']""": "holds a path",
    r"^\s*[%!]": "uses a magic or a shell command",
}


def code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def problems(notebook: NotebookNode) -> list[str]:
    """Everything about a notebook that breaks the rules; `test_sound` holds it to a run."""
    return [
        *_execution_problems(notebook),
        *_code_problems(notebook),
        *_prose_problems(notebook),
        *_output_problems(notebook),
    ]


def _execution_problems(notebook: NotebookNode) -> list[str]:
    """Name what a run may leave, and a committed notebook should not hold."""
    cells = code_cells(notebook)
    found = [
        f"no output is stored for: {cell.source}"
        for cell in cells
        if "page." in cell.source and not cell.outputs
    ]
    outputs = [output for cell in cells for output in cell.outputs]
    return found + ["a warning is stored" for each in outputs if each.get("name") == "stderr"]


def _code_problems(notebook: NotebookNode) -> list[str]:
    cells = code_cells(notebook)
    found = [
        f"a cell {why}: {cell.source}"
        for cell in cells
        for pattern, why in FORBIDDEN.items()
        if re.search(pattern, cell.source, flags=re.MULTILINE)
    ]
    lines = [len(cell.source.splitlines()) for cell in cells]
    if sum(lines) > 60:
        found.append(f"{sum(lines)} lines of code")
    found += [f"a cell of {n} lines" for n in lines if n > 10]
    found += [
        f"more than one figure or table in: {cell.source}"
        for cell in cells
        if len(re.findall(r"page\.(?!keep)", cell.source)) > 1
    ]
    return found


def _prose_problems(notebook: NotebookNode) -> list[str]:
    prose = " ".join(c.source for c in notebook.cells if c.cell_type == "markdown")
    lines = sum(len(cell.source.splitlines()) for cell in code_cells(notebook))
    found = []
    if len(prose.split()) < 5 * lines:
        found.append(f"{len(prose.split())} words of prose for {lines} lines of code")
    return found


def _output_problems(notebook: NotebookNode) -> list[str]:
    found = []
    for cell in code_cells(notebook):
        for output in cell.outputs:
            data = output.get("data", {})
            text = str(data) + str(output.get("text", ""))
            if re.search(r"\b0x[0-9a-fA-F]{6,}\b", text):
                found.append("an output holds a memory address")
            if re.search(r"/(home|root|Users|tmp|work)/", text):
                found.append("an output holds a path of a machine")
            if "<table" in text and SYNTHETIC not in text:
                found.append("a table without its mark")
            if "image/svg+xml" in data:
                alt = output.metadata.get("image/svg+xml", {}).get("alt", "")
                if len(alt.split()) < 5 or SYNTHETIC not in alt:
                    found.append("a figure without alt text or mark")
                if data["image/svg+xml"].count(SYNTHETIC) < 2:
                    found.append("a figure without its mark in text and metadata")
            if "image/png" in data or "image/jpeg" in data:
                found.append("a bitmap, which nbval never compares")
    return found


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_a_committed_notebook_keeps_the_rules(path: Path) -> None:
    assert problems(nbformat.read(path, as_version=4)) == []


def test_there_are_the_three_notebooks() -> None:
    assert [path.stem for path in NOTEBOOKS] == ["1-descriptive", "2-satisfaction", "3-targets"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_the_parameters_are_typed_and_hold_the_values_of_the_study(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    tagged = [c for c in code_cells(notebook) if "parameters" in c.metadata.get("tags", [])]
    assert len(tagged) == 1
    statements = ast.parse(tagged[0].source).body
    assert all(isinstance(s, ast.AnnAssign) and s.value is not None for s in statements)
    values = {s.target.id: ast.literal_eval(s.value) for s in statements}
    kinds = {s.target.id: ast.unparse(s.annotation) for s in statements}
    assert values == Parameters.of(read_study(ROOT)).as_text()
    assert kinds == {name: type(value).__name__ for name, value in values.items()}


def _one_output_lost(notebook: NotebookNode) -> None:
    code_cells(notebook)[-1].outputs = []


def _carry_a_warning(notebook: NotebookNode) -> None:
    warning = nbformat.v4.new_output("stream", name="stderr", text="FutureWarning")
    code_cells(notebook)[-1].outputs.append(warning)


def _define_a_function(notebook: NotebookNode) -> None:
    code_cells(notebook)[2].source += "\ndef helper():\n    pass"


def _hold_a_path(notebook: NotebookNode) -> None:
    code_cells(notebook)[2].source += "\nopen('data/raw/courses.csv')"


def _lose_a_mark(notebook: NotebookNode) -> None:
    for cell in code_cells(notebook):
        for output in cell.outputs:
            html = output.get("data", {}).get("text/html", "")
            if "<table" in html:
                output.data["text/html"] = html.replace(SYNTHETIC, "")
                output.data["text/plain"] = output.data["text/plain"].replace(SYNTHETIC, "")


@pytest.mark.parametrize(
    ("spoil", "complaint"),
    [
        (_one_output_lost, "no output is stored"),
        (_carry_a_warning, "a warning is stored"),
        (_define_a_function, "defines something"),
        (_hold_a_path, "holds a path"),
        (_lose_a_mark, "a table without its mark"),
    ],
)
def test_a_spoilt_notebook_is_rejected(
    spoil: Callable[[NotebookNode], None], complaint: str
) -> None:
    notebook = copy.deepcopy(nbformat.read(NOTEBOOKS[0], as_version=4))
    spoil(notebook)
    assert any(complaint in problem for problem in problems(notebook))
