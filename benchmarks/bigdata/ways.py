"""Read, or read and clean, a study in one of several ways, and tell what it took.

Usage: python -m benchmarks.bigdata.ways WAY FOLDER

The committed study is done first, so that what is loaded and compiled once is there; the time is
that of the processor after it, the memory the most that the process ever held.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PEERS = ROOT / ".venv-peers"
"""Where polars is; `make bench` installs it."""


def by_lmm(folder: Path) -> None:
    """Read and clean, with the account of every row and change, held to the contract."""
    from lmm.cleaning.clean import clean_files  # noqa: PLC0415
    from lmm.study.study import read_study  # noqa: PLC0415

    clean_files(read_study(folder))


def by_pandas(folder: Path) -> None:
    """Merely read the same files."""
    import pandas as pd  # noqa: PLC0415

    for path in sorted((folder / "data/raw").glob("*.csv")):
        encoding = "cp1252" if path.name in ("families.csv", "feedback_forms.csv") else "utf-8"
        pd.read_csv(path, encoding=encoding)


def by_polars(folder: Path) -> None:
    """Read and clean by hand, without an account."""
    sys.path += map(str, PEERS.glob("lib/*/site-packages"))
    from benchmarks.bigdata.in_polars import cleaned  # noqa: PLC0415

    cleaned(folder)


WAYS: dict[str, Callable[[Path], None]] = {
    "pandas.read_csv": by_pandas,
    "lmm": by_lmm,
    "polars by hand": by_polars,
}


def main() -> None:
    """Tell the seconds of processor and the megabytes at most."""
    way = WAYS[sys.argv[1]]
    way(ROOT)
    start = time.process_time()
    way(Path(sys.argv[2]))
    seconds = time.process_time() - start
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1_000
    print(json.dumps({"seconds": round(seconds, 3), "megabytes": round(most)}))


if __name__ == "__main__":
    main()
