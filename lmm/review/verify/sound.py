"""What makes an executed notebook no witness: stripped, out of order, or written by hand."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import zip_longest
from pathlib import Path
from typing import Any

from lmm.publish.before import read_notebook
from lmm.publish.execute import METADATA
from lmm.publish.formats import NotebookNode
from lmm.review.verify.shown import unfounded
from lmm.study.problems import Problem, cut

MEND = "`lmm refresh` runs it and writes it again"

OFF = re.compile(
    r"(?:pytest[-_ ]?validate[-_ ]?|nbval[-_ ]?)?(?:ignore[-_ ]?output|skip|raises[-_ ]?exception)"
    r"|skip[-_ ]?execution|remove[-_ ]?output",
    re.IGNORECASE,
)
"""Tags, and lines of comment, that keep a cell from being run or compared."""


def problems(path: Path, outputs: Path | None = None) -> list[str]:
    """Name all by which an executed notebook shows that no run has left it so.

    Parameters
    ----------
    outputs
        The results that the same run has written, if they are at hand.

    Returns
    -------
    list of Problem
        Each with its cell, and the mend.
    """
    notebook = read_notebook(path)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    found = [*_unexecuted(code), *_metadata(notebook), *_numbers(code)]
    for number, cell in enumerate(code, 1):
        place = f"code cell {number}"
        found += [(place, why) for why in _switched_off(cell)]
        found += [(place, why) for why in _outputs(cell, outputs)]
    return [
        Problem(f"{place}: {why}" if place else why, file=path.name, fix=MEND)
        for place, why in found
    ]


Found = Iterator[tuple[str, str]]


def _unexecuted(code: list[NotebookNode]) -> Found:
    counts = [cell.get("execution_count") for cell in code]
    if not any(cell.outputs for cell in code):
        yield "", "the outputs were stripped, so that nothing can be compared"
        return
    for number, count in enumerate(counts, 1):
        if count is None:
            yield f"code cell {number}", "was not executed, so that nothing would be compared"
    if None not in counts and counts != list(range(1, len(code) + 1)):
        numbers = ", ".join(map(str, counts[:12])) + ("…" if len(counts) > 12 else "")
        yield "", f"the cells were not executed once and in order, but as {numbers}"


def _metadata(notebook: NotebookNode) -> Found:
    kept = dict(notebook.metadata)
    records = kept.pop("lmm", {})
    if kept != METADATA or set(records) != {"records"}:
        yield "", f"has metadata that no run writes: {', '.join(sorted(notebook.metadata))}"
    for number, cell in enumerate(notebook.cells, 1):
        if others := sorted(set(cell.metadata) - {"tags"}):
            yield f"cell {number}", f"has metadata that no run writes: {', '.join(others)}"


def _numbers(code: list[NotebookNode]) -> Found:
    """Tables, and figures, are numbered from 1 on."""
    seen = {"table": 0, "figure": 0}
    for number, cell in enumerate(code, 1):
        for output in cell.outputs:
            what = output.get("metadata", {}).get("lmm", {})
            if what.get("is") in seen:
                kind = str(what["is"])
                seen[kind] += 1
                if what.get("number") != f"{kind.capitalize()} {seen[kind]}":
                    yield (
                        f"code cell {number}",
                        f"{what.get('number')} stands where {kind} {seen[kind]} should",
                    )


def _switched_off(cell: NotebookNode) -> Iterator[str]:
    tags = cell.metadata.get("tags", [])
    comments = re.findall(r"^[ \t]*#+[ \t]*(.*?)[ \t]*$", cell.source, flags=re.MULTILINE)
    for words in [*map(str, tags), *comments]:
        if OFF.fullmatch(words.strip()):
            yield f"{words.strip()!r} keeps it from being compared; remove it"


def _outputs(cell: NotebookNode, outputs: Path | None) -> Iterator[str]:
    for output, after in zip_longest(cell.outputs, cell.outputs[1:]):
        if output.output_type == "error":
            yield f"holds an error: {cut(str(output.get('ename')))}"
            continue
        metadata = output.get("metadata", {})
        data: Mapping[str, str] = output.get("data", {})
        if "lmm" in metadata:
            yield from _extra(metadata, data)
            try:
                yield from unfounded(metadata, data, after, outputs)
            except (KeyError, TypeError, AttributeError, ValueError) as error:
                yield f"an output of the page lacks {error}"


def _extra(metadata: Mapping[str, Any], data: Mapping[str, str]) -> Iterator[str]:
    if others := sorted(set(metadata) - {"lmm", "image/svg+xml"}):
        yield f"an output has metadata that no run writes: {', '.join(others)}"
    known = {"text/html", "text/plain", "image/svg+xml"}
    if others := sorted(set(data) - known):
        yield f"an output of the page holds {', '.join(others)}, which no page shows"
