"""The checks find what they are for: one digit, one point, one row."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from nbformat import NotebookNode


def nbval(folder: Path, name: str) -> subprocess.CompletedProcess[str]:
    """Run nbval on one notebook of a copied study."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--nbval",
               "--nbval-current-env", "--rootdir", str(folder), "-c", "/dev/null",
               f"notebooks/{name}.ipynb"]  # fmt: skip
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def outputs(notebook: NotebookNode, kind: str) -> list[NotebookNode]:
    return [
        output
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if kind in output.get("data", {})
    ]


def _one_digit_of_a_table(notebook: NotebookNode) -> None:
    table = next(o for o in outputs(notebook, "text/html") if "<table" in o.data["text/html"])
    changed = re.sub(r">1(\d)</td>", r">2\1</td>", table.data["text/html"], count=1)
    assert changed != table.data["text/html"]
    table.data["text/html"] = changed


def _one_point_of_a_figure(notebook: NotebookNode) -> None:
    point = re.compile(r'<use [^>]*x="(\d+)\.')
    drawn = outputs(notebook, "image/svg+xml")
    figure = next(each for each in drawn if point.search(each.data["image/svg+xml"]))
    svg = figure.data["image/svg+xml"]
    x = point.search(svg)
    assert x
    figure.data["image/svg+xml"] = svg[: x.start(1)] + f"{int(x[1]) + 1}" + svg[x.end(1) :]


@pytest.mark.slow
def test_nbval_fails_on_a_changed_digit_and_on_a_changed_point(copy_of_study: Path) -> None:
    path = copy_of_study / "notebooks" / "3-targets.ipynb"
    notebook = nbformat.read(path, as_version=4)
    _one_digit_of_a_table(notebook)
    _one_point_of_a_figure(notebook)
    nbformat.write(notebook, path)
    answer = nbval(copy_of_study, "3-targets")
    assert answer.returncode == 1, answer.stdout
    assert re.search(r"\b2 failed, \d+ passed", answer.stdout)  # the two cells, and no other


@pytest.mark.slow
def test_nbval_passes_on_the_untouched_copy(copy_of_study: Path) -> None:
    answer = nbval(copy_of_study, "3-targets")
    assert answer.returncode == 0, answer.stdout
    assert re.search(r"\b\d\d passed", answer.stdout)


def _lose_a_session(folder: Path) -> None:
    raw = folder / "data/raw/consultations.csv"
    kept = pd.read_csv(folder / "data/processed/consultations.csv", dtype=str)
    lost = kept["session_id"].iloc[40]
    lines = raw.read_bytes().splitlines(keepends=True)
    fewer = [line for line in lines if lost not in line.decode("utf-8").upper().replace(" ", "")]
    assert len(lines) - len(fewer) in (1, 2)  # a session may be repeated in the export
    raw.write_bytes(b"".join(fewer))


def _run(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "lmm", "run", "--study", str(folder)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.slow
def test_the_published_figures_object_to_a_lost_row(copy_of_study: Path) -> None:
    _lose_a_session(copy_of_study)
    for path in (copy_of_study / "notebooks").glob("*.ipynb"):
        path.unlink()  # the comparison is made after the notebooks, without them
    answer = _run(copy_of_study)
    assert answer.returncode == 1
    assert re.search(r"consultations\s+│ 251\s+│ 250\s+│ differs", answer.stdout), answer.stdout


@pytest.mark.slow
def test_nbval_objects_to_a_lost_row(copy_of_study: Path) -> None:
    _lose_a_session(copy_of_study)
    assert _run(copy_of_study).returncode == 1
    assert nbval(copy_of_study, "3-targets").returncode == 1
