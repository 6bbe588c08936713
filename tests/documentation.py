"""The documentation, built from a copy, as several tests look at it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def build(folder: Path) -> tuple[Path, str]:
    """Build the site in a folder, and give where it is and whatever Sphinx complained of."""
    built_before = shutil.ignore_patterns("_build", "library", "__pycache__")
    shutil.copytree(ROOT / "docs", folder / "docs", ignore=built_before)
    without = shutil.ignore_patterns(".ipynb_checkpoints", "__pycache__", "site", "reports")
    for part in ("benchmarks", "notebooks", "outputs"):
        shutil.copytree(ROOT / part, folder / part, ignore=without)
    shutil.copy(ROOT / "study.yaml", folder)
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q",
               "-d", folder / "doctrees", "docs", "html"]  # fmt: skip
    answer = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr
    return folder / "html", answer.stderr
