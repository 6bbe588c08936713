"""What is looked at: a study, and the checkout of the code that makes its results."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from lmm.publish.report import Report, read_report
from lmm.review.evidence.measured import Measured
from lmm.study.study import Study


@dataclass(frozen=True)
class Subject:
    """A study and the code.

    Attributes
    ----------
    study
        The study that evidence is given of.
    code
        The checkout that the library runs from; None for an installed copy.
    measured
        What a run has taken and made; None if no run was measured.
    """

    study: Study
    code: Path | None
    measured: Measured | None

    @property
    def home(self) -> Path:
        """The study's folder."""
        return self.study.folder

    @property
    def is_compendium(self) -> bool:
        """Whether the study is the compendium's own, whose folder holds the code as well."""
        return self.code is not None and self.code == self.home.resolve()

    @cached_property
    def reports(self) -> tuple[Report, ...]:
        """The executed notebooks: of the compendium those that are committed, else of a run."""
        folder = self.home if self.is_compendium else self.study.outputs
        return tuple(read_report(path) for path in sorted(folder.glob("notebooks/[0-9]-*.ipynb")))
