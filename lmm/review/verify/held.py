"""Results that are verified, wherever they are: in a study, or released by one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from lmm.publish.before import were_told
from lmm.study.declared import STUDY_FILE
from lmm.study.folder import COUNTS
from lmm.study.problems import StudyError
from lmm.study.study import Study, read_study


@dataclass(frozen=True)
class Held:
    """Results that are verified, and what stands beside them.

    Attributes
    ----------
    outputs
        The folder of the results.
    processed
        The clean tables, if they are at hand.
    committed
        Notebooks that are kept with their outputs, by name.
    """

    outputs: Path
    processed: Path | None = None
    committed: Mapping[str, Path] = field(default_factory=dict)

    @classmethod
    def of(cls, folder: Path) -> Held:
        """Find the results in a folder: a study's, or what a run has released.

        Raises
        ------
        StudyError
            If there are none.
        """
        if not folder.is_dir():
            raise StudyError(f"{folder}: there is no such folder")
        if (folder / COUNTS["release"]).is_file():
            return cls(folder)
        if not (folder / STUDY_FILE).is_file():
            raise StudyError(f"{folder}: holds no results; name a study, or its folder outputs")
        return cls.of_study(read_study(folder, "release"))

    @classmethod
    def of_study(cls, study: Study) -> Held:
        """Find the results of a study.

        Raises
        ------
        StudyError
            If it has none yet.
        """
        if not study.counts_file.is_file():
            raise StudyError(f"{study.outputs}: holds no results to verify; `lmm run` makes them")
        own = study.own_notebooks if study.is_synthetic else ()
        return cls(study.outputs, study.processed, {path.name: path for path in own})

    @property
    def notebooks(self) -> dict[str, Path]:
        """The executed notebooks that the run has left among the results."""
        return {path.name: path for path in sorted(self.outputs.glob("notebooks/*.ipynb"))}

    @property
    def was_told(self) -> bool:
        """Whether these were told their parameters, and did not keep to their own."""
        return were_told(self.notebooks.values())
