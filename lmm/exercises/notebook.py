"""The notebook of exercise 5: run on other records, and compared with itself by nbval."""

from __future__ import annotations

import calendar
import html
import io
import os
import re
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pandas as pd

from lmm.cleaning.records import Records
from lmm.disclosure.gate import release
from lmm.exercises import helpline
from lmm.exercises.asked import Case, NoAnswerError, ask
from lmm.exercises.exercise import WrongError, wrong
from lmm.publish.before import read_notebook
from lmm.publish.execute import Job, execute
from lmm.publish.home import environment, private_home
from lmm.publish.run import clean_study, publish_counts
from lmm.publish.stage import stage
from lmm.study.parameters import Parameters
from lmm.study.problems import StudyError
from lmm.study.study import read_study

NOTEBOOK = Path("notebooks/4-sleep.ipynb")
SHOWN = "sleep_callers"
"""The name of the table and of the figure."""

A_TIME = re.compile(rf"(?i)\b(?:20\d\d|Q[1-4]|{'|'.join(calendar.month_abbr[1:])})")
"""What a label of a time has: its year, its month or its quarter."""

SECONDS = 240
"""How long the notebook may take."""


def check_notebook(folder: Path, other: Path, right: list[int]) -> None:
    """Hold a student's notebook to what one of the compendium is held to.

    Parameters
    ----------
    other
        A copy of the study with other records.
    right
        What its table should hold of these.
    """
    stored = _read(folder)
    made = next(ask(folder / NOTEBOOK, "", put, [{"study": str(other)}], SECONDS))
    _check_table(made["table"], right)
    if not made["figure"]:
        raise _wrong(f"shows no figure called {SHOWN}", "draw the table by page.figure")
    check_groups(made["figure"])
    _check_stored(stored)
    if _drawn(made["figure"]) in [_drawn(svg) for svg in _figures(stored)]:
        raise _wrong(
            f"the figure {SHOWN} looks the same for other records", "draw what the result holds"
        )
    compare(folder)


def _wrong(why: str, fix: str = "") -> WrongError:
    return wrong(why, fix, file=NOTEBOOK.name)


def _read(folder: Path) -> Any:
    if not (folder / NOTEBOOK).is_file():
        raise _wrong("is not there", "set the exercise up again: that brings it back")
    try:
        return read_notebook(folder / NOTEBOOK)
    except StudyError as error:
        raise WrongError(error.problems[0], NOTEBOOK.name) from None


def put(notebook: Path, case: Case) -> Any:
    """Run the notebook on the records of a study as a run would; give its table and figure."""
    study = read_study(Path(case["study"]))
    with stage(study), private_home() as home:
        records = Records.within(clean_study(study).tables, study, Parameters.of(study))
        publish_counts(release(records))
        if failure := execute(Job(notebook, study, home, None), lambda *_: None):
            where = f"code cell {failure.cell}, " if failure.cell else ""
            raise NoAnswerError(f"does not run on other records: {where}{failure.error}")
        made = (f"tables/{SHOWN}.csv", f"figures/{SHOWN}.svg")
        files = [study.outputs / name for name in made]
        texts = [file.read_text("utf-8") if file.is_file() else "" for file in files]
    return dict(zip(("table", "figure"), texts, strict=True))


def _check_table(text: str, right: list[int]) -> None:
    if not text:
        raise _wrong(f"shows no table called {SHOWN}", "show your measure by page.table")
    numbers = pd.read_csv(io.StringIO(text)).select_dtypes("number")
    if right not in [numbers[name].tolist() for name in numbers]:
        raise _wrong(
            f"of other records no column of the table {SHOWN} holds {right}, which are the "
            "callers of each quarter"
        )


def check_groups(svg: str) -> None:
    """See that a figure has quarters for its groups, by what stands in it.

    How they are drawn is the student's choice: only what is written is looked at.
    """
    words = [html.unescape(text).strip() for text in re.findall(r"<text[^>]*>([^<]*)</text>", svg)]
    others = [text for text in words if text.lower() in {*helpline.TOPICS} - {"sleep"}]
    if others:
        raise _wrong(f"the figure {SHOWN} has {others[0]!r} among its groups, and quarters were "
                     "asked for", f"draw the table {SHOWN}")  # fmt: skip
    dated = {text for text in words if A_TIME.search(text)}
    if len(dated) < 2 and not any("quarter" in text.lower() for text in words):
        raise _wrong(f"the figure {SHOWN} does not say which quarter is which",
                     "write at its axis, or in its words, what the groups are")  # fmt: skip


def _check_stored(notebook: Any) -> None:
    """See that there is something for nbval to compare, and that all of it may be shown."""
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    cells = [cell for cell in code if cell.source.strip()]
    if any(cell.execution_count is None for cell in cells) or not _figures(notebook):
        raise _wrong("was not run, so that nbval would compare nothing", "lmm refresh --trust")
    for n, cell in enumerate(cells, 1):
        if any("lmm" not in output.get("metadata", {}) for output in cell.outputs):
            raise _wrong(f"code cell {n} shows something that did not come through the page",
                         "show tables, figures and words by page")  # fmt: skip


def _figures(notebook: Any) -> list[str]:
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    found = [output.get("data", {}).get("image/svg+xml", "") for output in outputs]
    return [svg for svg in found if svg]


def _drawn(svg: str) -> list[str]:
    """Give the lines and areas of a figure, without its words."""
    return re.findall(r' d="([^"]*)"', svg)


def compare(folder: Path) -> None:
    """Run the notebook once more on the student's own records, and compare every output."""
    if find_spec("nbval") is None:
        raise _wrong("everything else is right, but nbval, which compares its outputs with a new "
                     "run, is not installed", "python -m pip install nbval")  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="lmm-") as place, private_home() as home:
        settings = Path(place) / "pytest.ini"
        settings.write_text("[pytest]\n", encoding="utf-8")  # and nothing of a folder above
        command = [
            sys.executable, "-m", "pytest", "--nbval", "--nbval-current-env", "--noconftest", "-q",
            "--nbval-cell-timeout", str(SECONDS), "-c", str(settings), "--rootdir", place,
            "-p", "no:cacheprovider", str(NOTEBOOK),
        ]  # fmt: skip
        compared = subprocess.run(
            command, cwd=folder, env=environment(os.environ, home), capture_output=True,
            encoding="utf-8", check=False,
        )  # fmt: skip
    if compared.returncode:
        cells = re.findall(r"^FAILED .*::Cell (\d+)", compared.stdout, flags=re.MULTILINE)
        at = f" in code cell {int(cells[0]) + 1}" if cells else ""
        raise _wrong(f"nbval finds other outputs than are stored{at}",
                     "lmm refresh --trust, and leave out what differs each time")  # fmt: skip
