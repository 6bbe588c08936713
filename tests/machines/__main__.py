"""Whether results depend on the machine: ``python tests/machines`` runs the chain on each.

Every file and every stored output must be the committed one, and no number may be so near to
the boundary at which its last digit changes that a hundred times what the machines differ by
could carry it across.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from margin import Margin, margins
from result import Difference, Result, committed, differences
from rich.console import Console
from rich.table import Table
from settings import SETTINGS, Setting, features


def on(setting: Setting, folder: Path) -> Result:
    """Run the chain on one machine."""
    target = folder / f"{SETTINGS.index(setting)}.pickle"
    command = [sys.executable, "-W", "error", str(Path(__file__).with_name("chain.py")), target]
    done = subprocess.run(command, env=setting.environment(), text=True, capture_output=True)  # noqa: PLW1510
    if done.returncode:
        raise SystemExit(f"{setting.name}: the chain failed\n{done.stdout}{done.stderr}")
    result: Result = pickle.loads(target.read_bytes())
    return result


def _told(setting: Setting, result: Result, first: Result, found: Difference) -> list[str]:
    parts = ("linear algebra", "arrays", "C library")
    pairs = zip(parts, result.arithmetic, first.arithmetic, strict=True)
    other = ", ".join(part for part, mine, own in pairs if mine != own)
    compared, differ, largest, _ = found
    return [setting.name, other or "nothing", str(compared), str(differ), f"{largest:.3g}"]


def main() -> int:
    """Run the chain on every machine that can be had here, and print what differs."""
    has, console = features(), Console(width=110)
    able = [setting for setting in SETTINGS if not setting.lacking(has)]
    for setting in SETTINGS:
        if lacking := setting.lacking(has):
            console.print(f"{setting.name}: not run, this processor lacks {sorted(lacking)}")
    with (
        tempfile.TemporaryDirectory(prefix="lmm-machines-") as folder,
        ThreadPoolExecutor(os.cpu_count()) as pool,
    ):
        results = list(pool.map(lambda setting: on(setting, Path(folder)), able))
    kept = committed()
    found = [differences(result, kept) for result in results]
    title = "Results by machine, against the committed ones"
    headings = ("setting", "other arithmetic than here in", "compared", "differ", "at most by")
    table = Table(*headings, title=title)
    for setting, result, each in zip(able, results, found, strict=True):
        table.add_row(*_told(setting, result, results[0], each))
    console.print(table)
    failed = [f"{s.name}: {name}" for s, each in zip(able, found, strict=True) for name in each[3]]
    failed += _near(console, "numbers of tables", margins([r.numbers for r in results], 6))
    failed += _near(console, "coordinates, px", margins([r.coordinates for r in results], 2))
    for line in failed:
        console.print(f"differs: {line}", markup=False, soft_wrap=True)
    return 1 if failed else 0


def _near(console: Console, what: str, found: Margin) -> list[str]:
    console.print(f"{what}: {found}", soft_wrap=True)
    return found.failures


if __name__ == "__main__":
    sys.exit(main())
