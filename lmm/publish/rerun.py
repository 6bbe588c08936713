"""A release made again, without the records: from its counts come the same results."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from lmm.cleaning.sources import check_file
from lmm.counting.check import check_measures
from lmm.publish.before import check_notebooks, read_notebook, were_told
from lmm.publish.crate import begin, write_crate
from lmm.publish.execute import Report, is_injected
from lmm.publish.formats import nbformat
from lmm.publish.notebooks import RunFailedError
from lmm.publish.record import RECORD, of_release, write_record
from lmm.publish.released import NEEDED, read_counts, read_parameters, write_counts
from lmm.publish.released_tables import MEND
from lmm.publish.run import agree, show
from lmm.publish.signals import undisturbed
from lmm.publish.stage import stage
from lmm.publish.unpack import folder_of
from lmm.study.folder import COUNTS, PARTS
from lmm.study.mapping import check_study
from lmm.study.parameters import Parameters
from lmm.study.problems import Problem, StudyError
from lmm.study.registration import FOLDER
from lmm.study.study import Study, read_study


@dataclass(frozen=True)
class Release:
    """What a run has released, opened to be made again.

    Attributes
    ----------
    study
        What is needed of it, in a private folder.
    held
        The folder of all its files.
    to
        The new folder for what is made.
    """

    study: Study
    held: Path
    to: Path

    @property
    def was_told(self) -> bool:
        """Whether its notebooks were told their parameters, and did not keep to their own."""
        return were_told(self.held.glob("notebooks/*.ipynb"))


@dataclass(frozen=True)
class Again:
    """What a release that was made again has to tell.

    Attributes
    ----------
    as_released
        Whether its parameters are those of the release, so that it should be the same.
    """

    claims: pd.DataFrame
    outputs: Path
    as_released: bool

    @property
    def succeeded(self) -> bool:
        """Whether no published figure differs."""
        return agree(self.claims)


@contextmanager
def opened(release: Path, to: Path) -> Iterator[Release]:
    """Open a release, a folder or an archive of one, to be made again into a new folder.

    Raises
    ------
    StudyError
        If it is none, something of it is missing, or the new folder is there already.
    """
    if to.exists() or to.is_symlink():
        raise StudyError(f"{to}: is there already, and nothing is written over it: add --to NEW")
    if to.resolve().is_relative_to(release.resolve()):
        raise StudyError(f"{to}: lies within the release; name a folder beside it with --to")
    try:
        above = next(folder for folder in to.resolve().parents if folder.exists())
        with tempfile.TemporaryDirectory(prefix=".lmm-release-", dir=above) as name:
            held, place = folder_of(release, Path(name, "release")), Path(name, "study")
            _check_whole(held, release)
            for needed in NEEDED:
                (place / needed).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(held / needed, place / needed)
            if (held / FOLDER).is_dir():
                shutil.copytree(held / FOLDER, place / FOLDER)
            copy_notebooks(sorted(held.glob("notebooks/*.ipynb")), place)
            yield Release(read_study(place, "release"), held, to.resolve())
    except OSError as error:
        raise StudyError(f"{error.filename or to}: {error.strerror or error}") from error


def _check_whole(held: Path, release: Path) -> None:
    """Refuse what is no release, or lacks what everything is made from, or has it elsewhere."""
    if (held / COUNTS["internal"]).is_file():
        raise StudyError(f"{release}: these are exact results, for the service alone: no release")
    if (within := held / PARTS["release"][-1] / COUNTS["release"]).is_file():
        raise StudyError(f"{release}: is a study; name its release, {within.parents[1]}")
    missing = [name for name in NEEDED if not (held / name).is_file()]
    if len(missing) == len(NEEDED):
        raise StudyError(f"{release}: is no release, which is the folder outputs/ of a run")
    if missing:
        raise StudyError(*(Problem("is missing", file=name, fix=MEND) for name in missing))
    record = [held / RECORD] if (held / RECORD).exists() else []
    for path in (*(held / name for name in NEEDED), *record, *held.glob("notebooks/*.ipynb"),
                 *held.glob(f"{FOLDER}/*")):  # fmt: skip
        check_file(path, held)


def copy_notebooks(notebooks: Iterable[Path], place: Path) -> None:
    """Copy notebooks without what came out of them, and what they were told."""
    (place / "notebooks").mkdir()
    for path in notebooks:
        copy_notebook(path, place / "notebooks" / path.name)


def copy_notebook(path: Path, to: Path) -> None:
    """Copy a notebook without what came out of it, and what it was told."""
    notebook = read_notebook(path)
    notebook.cells = [cell for cell in notebook.cells if not is_injected(cell)]
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    nbformat.write(notebook, to)


def rerun(release: Release, settings: Mapping[str, str], report: Report) -> Again:
    """Make the results of a release again from its counts, and move them into the new folder.

    Parameters
    ----------
    settings
        Parameters that are to be others: the level of confidence.

    Raises
    ------
    StudyError
        If what was released is not as it was written, or a parameter asks for other counts.
    RunFailedError
        If a notebook fails.
    """
    study, started = release.study, begin(release.held, "lmm run --from-release")
    check_study(study)
    check_measures(study)
    was = read_parameters(study)
    parameters = Parameters.of(study, {**was.as_text(), **settings})
    counts = read_counts(study, parameters, was)
    check_notebooks(study)
    told = release.was_told or parameters != was
    with _nothing_kept(), stage(study):
        write_counts(counts)
        compared = show(counts, parameters.as_text() if told else None, report)
        write_crate(study, write_record(study, parameters, of_release(release.held)), started)
        with undisturbed():
            release.to.parent.mkdir(parents=True, exist_ok=True)
            study.outputs.rename(release.to)
    return Again(compared.table, release.to, parameters == was)


@contextmanager
def _nothing_kept() -> Iterator[None]:
    """Let go of the partial notebooks of a failed run: those of the release can be opened."""
    try:
        yield
    except RunFailedError as failure:
        raise RunFailedError(failure.failures, None) from None
