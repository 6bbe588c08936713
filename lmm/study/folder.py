"""A study's folder: the only place that knows paths.

A study is a folder that holds ``study.yaml``, ``data/raw``, ``data/processed`` and
``outputs``. What a run is for decides where its results are: a release is in ``outputs``, and
the exact reports for the service alone are in ``data/internal``.
"""

from __future__ import annotations

import os
from importlib import resources
from pathlib import Path
from typing import Literal

from pydantic import PrivateAttr

from lmm.study.declared import STUDY_FILE, Part
from lmm.study.problems import StudyError

STAGE_VARIABLE = "LMM_STAGE"
"""Names the folder into which a running ``lmm run`` writes until all of it has succeeded."""

Audience = Literal["release", "internal"]
"""Whom results are for: whoever is given the release, or the service alone."""

INTERNAL = "internal: not for release"
"""Stands in the visible text and the metadata of everything that is for the service alone."""

STAGES: dict[Audience, str] = {"release": ".stage-", "internal": ".stage-internal-"}
"""How the folder is called into which a run writes; its kernels are told by it whom it is for."""

PARTS: dict[Audience, tuple[Path, ...]] = {
    "release": (Path("data/processed"), Path("outputs")),
    "internal": (Path("data/internal"),),
}
"""What a run makes, by its place in the study; the results come last."""

COUNTS: dict[Audience, Path] = {
    "release": Path("counts/released_counts.csv"),
    "internal": Path("counts/exact_counts.csv"),
}
"""Where the counts are among the results that are made from them."""


class Folder(Part):
    """Where the files of a study are."""

    _folder: Path = PrivateAttr(default=Path())
    _audience: Audience = PrivateAttr(default="release")

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
    def audience(self) -> Audience:
        """Whom results are for."""
        return self._audience

    @property
    def is_internal(self) -> bool:
        """Whether results are exact, and for the service alone."""
        return self.audience == "internal"

    @property
    def is_release(self) -> bool:
        """Whether this is no study with records, but what a run of one has released."""
        return (self.folder / COUNTS["release"]).is_file()

    @property
    def parts(self) -> tuple[Path, ...]:
        """What a run makes, by its place in the folder."""
        return PARTS[self.audience]

    @property
    def processed(self) -> Path:
        """Clean tables, cleaning log and rejected rows."""
        place = self.parts[0] / "processed" if self.is_internal else self.parts[0]
        return self._written / place

    @property
    def outputs(self) -> Path:
        """The results; what may be released, unless they are for the service alone."""
        if self.is_release and not self.is_staged:
            return self.folder
        return self._written / self.parts[-1]

    @property
    def counts_file(self) -> Path:
        """The counts that the results are made from."""
        return self.outputs / COUNTS[self.audience]

    @property
    def released(self) -> Path:
        """What earlier runs have released of counts, beside which a new release is planned."""
        return self.folder / "data" / "released"

    @property
    def is_staged(self) -> bool:
        """Whether a run is collecting results; outside of one, notebooks write nothing."""
        return STAGE_VARIABLE in os.environ

    @property
    def failed(self) -> Path:
        """Where the partial notebooks of a failed run are kept for inspection."""
        return self.folder / f"{self.parts[-1]}.failed"

    @property
    def own_notebooks(self) -> tuple[Path, ...]:
        """The study's own numbered notebooks, if it has any."""
        return _numbered(self.folder / "notebooks")

    @property
    def notebooks(self) -> tuple[Path, ...]:
        """The compendium's numbered notebooks and the study's own, which stand in for namesakes.

        Of a release they are those that it holds, if it holds any.
        """
        if self.is_release and self.own_notebooks:
            return self.own_notebooks
        every = {path.name: path for path in (*shipped_notebooks(), *self.own_notebooks)}
        return tuple(every[name] for name in sorted(every))


def shipped_notebooks() -> tuple[Path, ...]:
    """Give the compendium's notebooks: of an installed copy, or else of the checkout."""
    library = Path(str(resources.files("lmm")))
    return _numbered(library / "notebooks") or _numbered(library.parent / "notebooks")


def _numbered(folder: Path) -> tuple[Path, ...]:
    return tuple(sorted(folder.glob("[0-9]-*.ipynb")))


def audience_of(stage: Path) -> Audience:
    """Say whom the results are for that a run writes into a folder."""
    return "internal" if stage.name.startswith(STAGES["internal"]) else "release"


def audience_of_run() -> Audience:
    """Say whom the results are for of the run within which this is; of none, a release."""
    return audience_of(Path(os.environ.get(STAGE_VARIABLE, "")))


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
