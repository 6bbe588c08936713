"""Compare `lmm run` with papermill and nbconvert by hand, and `lmm --help` with pandas.

Usage: python benchmarks/run.py [REPEATS]
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def quiet(*words: str | Path, cwd: Path) -> None:
    """Run a command, showing what it printed only if it fails."""
    done = subprocess.run(words, cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stdout + done.stderr)


def by_lmm(folder: Path) -> None:
    """Clean, run, render and compare."""
    quiet(BIN / "lmm", "run", cwd=folder)


def by_hand(folder: Path) -> None:
    """Run and render one after another, on tables that are already clean."""
    for path in NOTEBOOKS:
        target = folder / f"{path.stem}.out.ipynb"
        quiet(BIN / "papermill", path, target, "--cwd", folder, cwd=folder)
        quiet(BIN / "jupyter", "nbconvert", "--to", "html", target, cwd=folder)


def by_help(folder: Path) -> None:
    """Show the help text."""
    quiet(BIN / "lmm", "--help", cwd=folder)


def by_pandas(folder: Path) -> None:
    """Start an interpreter and import pandas."""
    quiet(sys.executable, "-c", "import pandas", cwd=folder)


def seconds(action: Callable[[Path], None], repeats: int) -> float:
    """Median wall time of an action in a fresh copy of the study."""
    times = []
    for _ in range(repeats):
        with tempfile.TemporaryDirectory() as home:
            folder = Path(home) / "study"
            shutil.copytree(ROOT / "data", folder / "data")
            shutil.copytree(ROOT / "notebooks", folder / "notebooks")
            shutil.copy(ROOT / "study.yaml", folder)
            start = time.perf_counter()
            action(folder)
            times.append(time.perf_counter() - start)
    return statistics.median(times)


def main() -> None:
    """Print both comparisons."""
    repeats = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    print(f"{os.cpu_count()} cores, median of {repeats}")
    for name, ours, theirs in (
        ("lmm run / papermill and nbconvert in turn", by_lmm, by_hand),
        ("lmm --help / python -c 'import pandas'", by_help, by_pandas),
    ):
        mine, peer = seconds(ours, repeats), seconds(theirs, repeats)
        print(f"{name}: {mine:.2f} s / {peer:.2f} s = {mine / peer:.2f}")


if __name__ == "__main__":
    main()
