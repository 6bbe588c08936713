"""What one machine makes of the study, and how it differs from what is committed."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat

ROOT = Path(__file__).resolve().parents[2]

Difference = tuple[int, int, float, list[str]]
"""Files and outputs compared; how many differ; the largest difference of a number; which."""

Cells = list[list[tuple[dict[str, Any], dict[str, Any]]]]
"""What each code cell shows: data by their kind, and metadata."""


@dataclass
class Result:
    """What one machine makes of the study.

    Attributes
    ----------
    arithmetic
        Fingerprints of what linear algebra, numpy and the C library compute.
    files
        Text by path within the study: clean tables, counts, result tables and figures.
    shown
        What the cells of each notebook show.
    numbers, coordinates
        Every number of a result table and every coordinate of a figure before it was rounded,
        by its place.
    """

    arithmetic: tuple[str, str, str] = ("", "", "")
    files: dict[str, str] = field(default_factory=dict)
    shown: dict[str, Cells] = field(default_factory=dict)
    numbers: dict[str, float] = field(default_factory=dict)
    coordinates: dict[str, float] = field(default_factory=dict)


def committed() -> Result:
    """Read what is committed, in the form of a result."""
    found = Result()
    kinds = "counts/*.csv", "tables/*.csv", "figures/*.svg"
    for pattern in ("data/processed/*.csv", *(f"outputs/{kind}" for kind in kinds)):
        for path in sorted(ROOT.glob(pattern)):
            with path.open(encoding="utf-8", newline="") as file:
                found.files[path.relative_to(ROOT).as_posix()] = file.read()
    for path in sorted((ROOT / "notebooks").glob("[0-9]-*.ipynb")):
        cells = [c for c in nbformat.read(path, as_version=4).cells if c.cell_type == "code"]
        found.shown[path.name] = [[(o.data, o.metadata) for o in c.outputs] for c in cells]
    return found


def differences(result: Result, kept: Result) -> Difference:
    """Compare a result with what is committed, file by file and cell by cell."""
    mine, theirs = _flat(result), _flat(kept)
    names = sorted(mine.keys() | theirs.keys())
    which = [name for name in names if mine.get(name) != theirs.get(name)]
    largest = max((_apart(mine.get(x, ""), theirs.get(x, "")) for x in which), default=0.0)
    return len(names), len(which), largest, which


def _flat(result: Result) -> dict[str, str]:
    shown = {
        f"{name}, code cell {number}": json.dumps(outputs, sort_keys=True)
        for name, cells in result.shown.items()
        for number, outputs in enumerate(cells, 1)
    }
    return result.files | shown


def _apart(mine: str, theirs: str) -> float:
    """Give the largest difference of two numbers in the same place; infinite if words differ."""
    number = re.compile(r"-?\d+(?:\.\d+)?")
    if number.sub("", mine) != number.sub("", theirs):
        return float("inf")
    pairs = zip(number.findall(mine), number.findall(theirs), strict=True)
    return max(abs(float(a) - float(b)) for a, b in pairs)
