"""A study's folder: the only place that knows paths.

A study is a folder that holds ``study.yaml``, ``data/raw``, ``data/processed`` and
``outputs``.
"""

from __future__ import annotations

import os
from importlib import resources
from pathlib import Path

from pydantic import PrivateAttr

from lmm.study.declared import STUDY_FILE, Part
from lmm.study.problems import StudyError

STAGE_VARIABLE = "LMM_STAGE"
"""Names the folder into which a running ``lmm run`` writes until all of it has succeeded."""


class Folder(Part):
    """Where the files of a study are."""

    _folder: Path = PrivateAttr(default=Path())

    @property
    def folder(self) -> Path:
        """The folder that holds ``study.yaml``."""
        return self._folder

    @property
    def raw(self) -> Path:
        """Inputs, never written by code other than the generator."""
        return self.folder / "data" / "raw"

    @property
    def key(self) -> Path:
        """The secret key of the pseudonyms, for the service alone; made by the first run."""
        return self.folder / "data" / "pseudonyms.key"

    @property
    def _written(self) -> Path:
        return Path(os.environ.get(STAGE_VARIABLE) or self.folder)

    @property
    def processed(self) -> Path:
        """Clean tables, cleaning log and rejected rows."""
        return self._written / "data" / "processed"

    @property
    def outputs(self) -> Path:
        """What may be released."""
        return self._written / "outputs"

    @property
    def is_staged(self) -> bool:
        """Whether a run is collecting results; outside of one, notebooks write nothing."""
        return STAGE_VARIABLE in os.environ

    @property
    def failed(self) -> Path:
        """Where the partial notebooks of a failed run are kept for inspection."""
        return self.folder / "outputs.failed"

    @property
    def own_notebooks(self) -> tuple[Path, ...]:
        """The study's own numbered notebooks, if it has any."""
        return _numbered(self.folder / "notebooks")

    @property
    def notebooks(self) -> tuple[Path, ...]:
        """The compendium's numbered notebooks and the study's own, which stand in for namesakes."""
        every = {path.name: path for path in (*shipped_notebooks(), *self.own_notebooks)}
        return tuple(every[name] for name in sorted(every))


def shipped_notebooks() -> tuple[Path, ...]:
    """Give the compendium's notebooks: of an installed copy, or else of the checkout."""
    library = Path(str(resources.files("lmm")))
    return _numbered(library / "notebooks") or _numbered(library.parent / "notebooks")


def _numbered(folder: Path) -> tuple[Path, ...]:
    return tuple(sorted(folder.glob("[0-9]-*.ipynb")))


def find_study(start: Path | None = None) -> Path:
    """Find the study folder that holds ``start`` (default: the working directory)."""
    start = (start or Path.cwd()).resolve()
    for folder in (start, *start.parents):
        if (folder / STUDY_FILE).is_file():
            return folder
    raise StudyError(
        f"no {STUDY_FILE} in {start} or any folder above it: "
        "change to a study's folder or name one with --study"
    )
