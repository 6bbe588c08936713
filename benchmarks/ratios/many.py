"""Run the notebooks for many levels of confidence, as one would without `lmm sweep`.

Usage: python -m benchmarks.ratios.many WAY ITEMS STUDY

WAY is ``papermill``, each item in a kernel of its own, or ``plain``, the code of its notebook as a
function of Python that has imported everything. Each process works in a copy of the study, since
what an item makes outside of a run goes there.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from itertools import product
from pathlib import Path
from typing import Any

import papermill
from papermill.iorw import load_notebook_node
from papermill.parameterize import parameterize_notebook

CORES = 2


def levels(items: int) -> list[float]:
    """Give a level of confidence for every three items, from 80 % on."""
    return [0.8 + n / 1000 for n in range(items // 3)]


def move(study: Path, copies: Path) -> None:
    """Give a process a copy of the study, and go there."""
    own = Path(tempfile.mkdtemp(dir=copies))
    shutil.copytree(study, own, dirs_exist_ok=True)
    os.chdir(own)
    os.environ["MPLBACKEND"] = "agg"


def by_papermill(notebook: str, confidence: float) -> None:
    """Run an item in a kernel."""
    made = Path(f"{Path(notebook).stem}-{confidence}.ipynb")
    given = {"confidence": confidence}
    papermill.execute_notebook(
        Path("notebooks", notebook), made, given, cwd=Path.cwd(), progress_bar=False
    )


def plain(notebook: str, confidence: float) -> None:
    """Run the code of an item."""
    read = load_notebook_node(str(Path("notebooks", notebook)))
    names: dict[str, Any] = {}
    for cell in parameterize_notebook(read, {"confidence": confidence}).cells:
        if cell.cell_type == "code":
            exec(cell.source, names)


def main() -> None:
    """Run every item in a pool of processes."""
    way = {"papermill": by_papermill, "plain": plain}[sys.argv[1]]
    study = Path(sys.argv[3])
    notebooks = sorted(path.name for path in study.glob("notebooks/*.ipynb"))
    items = list(product(notebooks, levels(int(sys.argv[2]))))
    with (
        tempfile.TemporaryDirectory() as copies,
        ProcessPoolExecutor(CORES, initializer=move, initargs=(study, Path(copies))) as pool,
    ):
        list(pool.map(way, *zip(*items, strict=True)))


if __name__ == "__main__":
    main()
