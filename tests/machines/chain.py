"""The whole chain in one process, and all that it gives: run as ``chain.py RESULT``.

Raw records are cleaned, the code of each notebook is run, and the published figures compared, as
`lmm run` does. What comes of it is pickled as a `Result`, with every number as it was before it
was rounded.
"""

from __future__ import annotations

import hashlib
import math
import os
import pickle
import re
import sys
import tempfile
from pathlib import Path
from typing import Any

from result import ROOT, Cells, Result


def run() -> Result:
    """Run the chain."""
    result = Result(arithmetic=arithmetic())
    os.chdir(ROOT)
    with tempfile.TemporaryDirectory(prefix="lmm-machine-") as stage:
        from lmm.study.folder import STAGE_VARIABLE

        os.environ[STAGE_VARIABLE] = stage
        watch(result)
        make(result)
        for path in sorted(Path(stage).rglob("*")):
            if path.suffix in (".csv", ".svg"):
                with path.open(encoding="utf-8", newline="") as file:
                    result.files[path.relative_to(stage).as_posix()] = file.read()
    return result


def arithmetic() -> tuple[str, str, str]:
    """Compute much with little, so that another way of adding and multiplying shows."""
    import numpy as np

    rng = np.random.default_rng(1)
    matrix, values = rng.normal(size=(200, 200)), rng.uniform(-30, 30, size=20_000)
    algebra = matrix @ matrix, np.linalg.inv(matrix)
    arrays = np.exp(values), np.log(values + 31), np.sin(values), values.sum()
    library = [f(x + 31) for x in values.tolist() for f in (math.exp, math.sin, math.log)]
    parts = (b"".join(a.tobytes() for a in algebra), b"".join(a.tobytes() for a in arrays),
             repr(library).encode())  # fmt: skip
    a, b, c = (hashlib.sha256(part).hexdigest()[:8] for part in parts)
    return a, b, c


def watch(result: Result) -> None:
    """Have every number noted as it is before it is rounded."""
    from lmm.publish import run as running
    from lmm.showing import page
    from lmm.showing.plots import style, svg

    store, shorten = page.stored, svg.in_hundredths
    seen = {"tables": 0, "figures": 0}

    def stored(table: Any) -> Any:
        seen["tables"] += 1
        for name in table.select_dtypes("float"):
            for row, value in enumerate(table[name]):
                if math.isfinite(value):
                    result.numbers[f"table {seen['tables']}, {name}, row {row}"] = float(value)
        return store(table)

    def in_hundredths(text: str) -> str:
        seen["figures"] += 1
        held = (at[0] for tag in svg.TAG.findall(text) for at in svg.HELD.finditer(tag))
        found = (number for each in held for number in re.findall(r"-?\d+\.\d{3,}", each))
        place = f"figure {seen['figures']}, coordinate"
        result.coordinates |= {f"{place} {n}": float(x) for n, x in enumerate(found)}
        return shorten(text)

    page.stored = running.stored = stored
    svg.in_hundredths = in_hundredths
    style.Picture.save_png = lambda *_: None  # type: ignore[method-assign]  # never compared


def make(result: Result) -> None:
    """Clean, run the notebooks' code, and compare with the published figures."""
    import nbformat
    from IPython.core.interactiveshell import InteractiveShell
    from IPython.utils.capture import capture_output

    from lmm.cleaning.records import Records
    from lmm.disclosure.gate import release
    from lmm.publish.run import clean_study, publish_claims, publish_counts
    from lmm.study.parameters import Parameters
    from lmm.study.study import read_study

    study = read_study(ROOT)
    cleaned = clean_study(study)
    released = release(Records.within(cleaned.tables, study, Parameters.of(study)))
    publish_counts(released)
    counts = released.counts
    shell = InteractiveShell.instance()
    for path in study.notebooks:
        shell.reset()
        cells: Cells = []
        for cell in nbformat.read(path, as_version=4).cells:
            if cell.cell_type != "code":
                continue
            with capture_output() as captured:
                shell.run_cell(cell.source).raise_error()
            cells.append([(out.data, out.metadata) for out in captured.outputs])
        result.shown[path.name] = cells
    publish_claims(counts)


if __name__ == "__main__":
    Path(sys.argv[1]).write_bytes(pickle.dumps(run()))
