"""Two versions of an executed notebook, compared cell by cell, with all that came out of them."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from typing import Any

from nbdime import diff_notebooks

from lmm.publish.execute import is_injected
from lmm.publish.formats import NotebookNode
from lmm.review.verify.item import Difference
from lmm.study.problems import counted

Patches = Sequence[dict[str, Any]]
"""What nbdime says of two notebooks, or of a part of both."""


def difference(made: NotebookNode, held: NotebookNode) -> Difference | None:
    """Say how two notebooks differ in structure, sources and outputs; None if they do not.

    The cell by which a run tells a notebook its parameters is left out, with what it does to the
    numbers of the others: parameters are compared as such.
    """
    mine, theirs = _untold(made), _untold(held)
    if mine == theirs:
        return None
    places = tuple(_in_notebook(diff_notebooks(theirs, mine), theirs))
    return Difference(
        f"{counted(len(places), 'part')} not as a run makes it", len(places), "part", where=places
    )


def _untold(notebook: NotebookNode) -> NotebookNode:
    """Give a notebook as if it had kept to its own parameters."""
    kept = copy.deepcopy(notebook)
    kept.cells = [cell for cell in kept.cells if not is_injected(cell)]
    if len(kept.cells) < len(notebook.cells):
        number = 0
        for cell in kept.cells:
            if cell.cell_type == "code":
                number += 1
                cell.execution_count = number
    return kept


def place_of(notebook: NotebookNode, index: int) -> str:
    """Name a cell as a reader counts: code cell 7, or text cell 3."""
    kind = notebook.cells[index].cell_type
    number = sum(cell.cell_type == kind for cell in notebook.cells[: index + 1])
    return f"{'text' if kind == 'markdown' else kind} cell {number}"


def _in_notebook(patches: Patches, held: NotebookNode) -> Iterator[str]:
    for patch in patches:
        if patch["key"] != "cells":
            yield f"{patch['key']} of the notebook"
            continue
        for each in patch["diff"]:
            index = each["key"]
            if each["op"] == "addrange":
                before = place_of(held, index) if index < len(held.cells) else "the end"
                yield f"{counted(len(each['valuelist']), 'cell')} missing before {before}"
            elif each["op"] == "removerange":
                for n in range(index, index + each["length"]):
                    yield f"{place_of(held, n)}: no run makes it"
            else:
                for part in _in_cell(each["diff"], held.cells[index]):
                    yield f"{place_of(held, index)}: {part}"


def _in_cell(patches: Patches, held: NotebookNode) -> Iterator[str]:
    for patch in patches:
        if patch["key"] != "outputs":
            yield str(patch["key"]).replace("_", " ")
            continue
        missing = sum(len(x["valuelist"]) for x in patch["diff"] if x["op"] == "addrange")
        for each in patch["diff"]:
            if each["op"] == "removerange":  # one that is too different counts as two
                for n in range(each["key"], each["key"] + each["length"]):
                    yield f"{_output(held, n)}: no run makes it"
                missing -= each["length"]
            elif each["op"] == "patch":
                yield from (f"{_output(held, each['key'])}: {x}" for x in _in_output(each["diff"]))
        if missing > 0:
            yield f"{counted(missing, 'output')} missing"


def _output(cell: NotebookNode, index: int) -> str:
    """Name an output of a cell, also as a page does: output 1 (Figure 3)."""
    what = cell.outputs[index].get("metadata", {}).get("lmm", {})
    name = what.get("number") or what.get("is")
    return f"output {index + 1} ({name})" if name else f"output {index + 1}"


def _in_output(patches: Patches) -> Iterator[str]:
    for patch in patches:
        within = patch.get("diff") or [{"key": ""}]
        yield from (f"{patch['key']} {each['key']}".strip() for each in within)
