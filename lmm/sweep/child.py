"""What a process does that was forked for one piece of work: count a study, or make an item.

Everything is made in a folder of its own, which is moved to its place as a whole: a process that is
killed leaves nothing half done, and what is made twice is there once, with the same bytes.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat

from lmm.cleaning.clean import clean_files
from lmm.cleaning.contract import Frames
from lmm.publish.documents import links
from lmm.publish.execute import Job
from lmm.publish.filters import environment
from lmm.publish.ledger import Ledger, write_ledger
from lmm.publish.released import read_counts, write_counts
from lmm.publish.remembered import earlier_releases, release_beside, remember
from lmm.publish.report import read_report
from lmm.publish.run import check_can_run
from lmm.publish.site import write_alone
from lmm.publish.stage import held
from lmm.showing.html import TEMPLATES
from lmm.showing.page import Page
from lmm.study.folder import COUNTS, STAGE_VARIABLE
from lmm.study.parameters import Parameters
from lmm.study.problems import StudyError
from lmm.study.registration import FOLDER
from lmm.study.study import Study, read_study
from lmm.sweep import cells
from lmm.sweep import items as of
from lmm.sweep.index import write_cells

PATIENCE = 60.0
"""Seconds that are waited for whoever else is at work on a study."""


def prepare() -> None:
    """Read and compile, before anything is forked, what every item would by itself."""
    cells.prepare()
    nbformat.validate(nbformat.v4.new_notebook())
    links()
    for name in ("report.html.j2", "origins.html.j2"):
        environment().get_template(name)
    for name in ("table.html.j2", "note.html.j2", "answer.html.j2"):
        TEMPLATES.get_template(name)


def main() -> None:
    """Do what the file says that is named first; write what came of it to the second."""
    asked, answer = map(Path, sys.argv[1:])
    what = json.loads(asked.read_text("utf-8"))
    try:
        told = done(**what)
    except Exception as error:  # told as any other failure, without what could quote a record
        place = traceback.extract_tb(error.__traceback__)[-1]
        why = f"{type(error).__name__} in {Path(place.filename).name}, line {place.lineno}"
        told = dict.fromkeys(what["what"].get("periods", [what["what"].get("id")]), why)
    answer.write_text(json.dumps(told), encoding="utf-8")
    os._exit(0)  # to take everything down in order would copy what a fork shares


def done(*, kind: str, to: str, what: dict[str, Any]) -> dict[str, str]:
    """Do a piece of work; say why not of each count or item that could not be made.

    Parameters
    ----------
    kind
        "counting", of a `lmm.sweep.items.Counting`; or else "item".
    """
    if kind == "counting":
        return _count(of.Counting(**what), Path(to))
    item = of.Item(**what)
    return {item.id: why} if (why := _make(item, Path(to))) else {}


@contextmanager
def _collected(to: Path) -> Iterator[Path]:
    """Give a folder in which results are collected, as within a run."""
    (to / of.WORK).mkdir(exist_ok=True)
    made = Path(tempfile.mkdtemp(dir=to / of.WORK))
    os.environ[STAGE_VARIABLE] = str(made)
    try:
        yield made
    finally:
        del os.environ[STAGE_VARIABLE]
        shutil.rmtree(made, ignore_errors=True)


def _move(made: Path, place: Path) -> None:
    """Move a folder to its place, unless another process was there before."""
    place.parent.mkdir(exist_ok=True)
    try:
        made.rename(place)
    except OSError:
        if not place.is_dir():
            raise


# --- counts ----------------------------------------------------------------------------------


def _count(counting: of.Counting, to: Path) -> dict[str, str]:
    """Count a study for each period, and keep what may be released."""
    try:
        study = read_study(Path(counting.folder), "release")
        check_can_run(study)
        with _to_itself(study):
            tables = clean_files(study).tables
            told = {name: _release(study, tables, p, to / of.COUNTS / name)
                    for name, p in counting.periods.items()}  # fmt: skip
    except (StudyError, OSError) as error:
        told = dict.fromkeys(counting.periods, str(error))
    return {name: why for name, why in told.items() if why}


@contextmanager
def _to_itself(study: Study) -> Iterator[None]:
    """Hold a study whose releases are remembered, so that each knows of all before it."""
    if not study.is_protected:
        yield
        return
    until = time.monotonic() + PATIENCE
    while True:
        try:
            holding = held(study.folder)
            holding.__enter__()
            break
        except StudyError:
            if time.monotonic() > until:
                raise
            time.sleep(0.2)
    try:
        yield
    finally:
        holding.__exit__(None, None, None)


def _release(study: Study, tables: Frames, given: of.Text, place: Path) -> str:
    """Make one release beside all before it; give why not, if so."""
    if place.is_dir():
        return ""
    try:
        earlier = earlier_releases(study)
        released = release_beside(tables, study, Parameters.of(study, given), earlier)
        with _collected(place.parents[1]) as made:
            write_counts(released.counts)
            if (study.folder / FOLDER).is_dir():
                shutil.copytree(study.folder / FOLDER, study.outputs / FOLDER)
            outputs = study.outputs
            remember(released, earlier)  # before anybody can see it
            _move(made / outputs.relative_to(made), place)
    except StudyError as error:
        return str(error)
    return ""


# --- items -----------------------------------------------------------------------------------


def _make(item: of.Item, to: Path) -> str:
    """Run a notebook on counts that were released; give why it failed, if it did."""
    place = to / of.ITEMS / item.id
    if place.is_dir():
        return ""
    home = to / of.COUNTS / item.counts
    try:
        study = read_study(home, "release")
        with _collected(to):
            outputs = study.outputs
            outputs.mkdir(parents=True)
            linked = outputs / COUNTS["release"].parent
            linked.symlink_to(home / linked.name, target_is_directory=True)
            os.chdir(home)  # a notebook finds its study by where it is
            notebook = to / of.NOTEBOOKS / item.digest / f"{item.notebook}.ipynb"
            failure, names = cells.run_cells(Job(notebook, study, outputs, item.parameters))
            if failure:
                return str(failure)
            pages = {id(each): each for each in names.values() if isinstance(each, Page)}
            results = [each for page in pages.values() for each in page.results.items()]
            write_cells(results, item, study, outputs)
            counts = next((page.counts for page in pages.values()), None) or read_counts(
                study, Parameters.of(study, item.parameters)
            )
            report = read_report(outputs / "notebooks" / notebook.name)
            ledger = Ledger(counts, [report])
            write_ledger(ledger, outputs)
            write_alone(study, report, ledger, outputs / "site", "../../../")
            linked.unlink()
            _move(outputs, place)
    except StudyError as error:
        return str(error)
    return ""


if __name__ == "__main__":
    main()
