"""The ways of doing a thing that are compared: this project's, and its peers'.

Each takes a folder with a study of its own, does one thing there once, and leaves it.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import yaml

from benchmarks.ratios.many import CORES, levels

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
SNAKEMAKE = ROOT / ".venv-peers" / "bin" / "snakemake"
ITEMS = 30
"""Of a sweep: so many notebooks are run in all."""

Way = Callable[[Path], None]


def study(folder: Path) -> None:
    """Make a copy of the study, with the clean tables and without results."""
    ignored = shutil.ignore_patterns("made.json", ".ipynb_checkpoints")
    for part in ("data", "notebooks"):
        shutil.copytree(ROOT / part, folder / part, ignore=ignored)
    shutil.copy(ROOT / "study.yaml", folder)
    shutil.copy(Path(__file__).with_name("Snakefile"), folder)


def quiet(*words: str | Path, cwd: Path) -> None:
    """Run a command, showing what it printed only if it fails."""
    done = subprocess.run(words, cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, words))}\n{done.stdout}{done.stderr}")


def lmm_run(folder: Path) -> None:
    """From raw records to tables, figures, pages and hand-outs, or what of it is missing."""
    quiet(BIN / "lmm", "run", cwd=folder)


def in_turn(folder: Path) -> None:
    """Run and render the notebooks one after another, on tables that are clean already."""
    for path in sorted((folder / "notebooks").glob("*.ipynb")):
        made = folder / f"{path.stem}.out.ipynb"
        quiet(BIN / "papermill", path, made, "--cwd", folder, cwd=folder)
        quiet(BIN / "jupyter", "nbconvert", "--to", "html", made, cwd=folder)


def snakemake(folder: Path) -> None:
    """Clean the records, and run and render the notebooks, or what of it is missing."""
    quiet(SNAKEMAKE, "--cores", str(CORES), "--quiet", "all", "--config", f"bin={BIN}", cwd=folder)


def nbval(kernel: str) -> Way:
    """Compare the outputs of the notebooks with those of a new run in a kernel."""

    def compare(folder: Path) -> None:
        quiet(sys.executable, "-m", "pytest", "-q", "-c", "/dev/null", "--rootdir", ".",
              "-p", "no:cacheprovider", "--nbval", "--nbval-kernel-name", kernel, "notebooks",
              cwd=folder)  # fmt: skip

    return compare


def swept(folder: Path) -> None:
    """Run the notebooks for several levels of confidence."""
    grid = {"to": "made", "studies": [folder.name], "grid": {"confidence": levels(ITEMS)}}
    plan = folder.parent / "plan.yaml"
    plan.write_text(yaml.safe_dump(grid), encoding="utf-8")
    quiet(BIN / "lmm", "sweep", plan, "--workers", str(CORES), cwd=folder)


def many(way: str) -> Way:
    """Run the same without a sweep, as `benchmarks.ratios.many` does."""

    def run(folder: Path) -> None:
        module = "benchmarks.ratios.many"
        quiet(sys.executable, "-m", module, way, str(ITEMS), folder, cwd=ROOT)

    return run


def lmm_help(folder: Path) -> None:
    """Show the help text."""
    quiet(BIN / "lmm", "--help", cwd=folder)


def bare_help(folder: Path) -> None:
    """Import what any command with options and colours needs."""
    quiet(sys.executable, "-c", "import click, rich.console", cwd=folder)
