"""What is refused before anything is run."""

from __future__ import annotations

import os
import re
from pathlib import Path

import nbformat

from lmm.problems import StudyError, refuse
from lmm.study import Study


def check_notebooks(study: Study) -> None:
    """Refuse files that are no notebooks, and those of real records if they hold outputs.

    Raises
    ------
    StudyError
        Naming each notebook, and how its outputs are cleared.
    """
    home = study.folder
    found = [*home.glob("*.ipynb"), *(home / "notebooks").rglob("*.ipynb")]
    own = [path for path in found if not re.search(r"(^|/)\.", path.relative_to(home).as_posix())]
    held = [path for path in sorted(own) if _shows_results(path)]
    if held and not study.is_synthetic:
        raise StudyError(
            *(
                f"{path.name}: holds outputs or pictures, and notebooks of real records are kept "
                f"without: `jupyter nbconvert --clear-output --inplace {path}`"
                for path in held
            )
        )


def _shows_results(notebook: Path) -> bool:
    """Whether a notebook, of any version of the format, holds outputs or attached pictures."""
    try:
        cells = nbformat.read(notebook, as_version=4).cells
        return any(cell.get("outputs") or cell.get("attachments") for cell in cells)
    except Exception:  # what a file that is no notebook can raise has no end
        fix = "open it in Jupyter and save it, or remove it"
        raise refuse("is no notebook", notebook, fix=fix) from None


def check_refresh(study: Study) -> None:
    """Refuse to write results into notebooks that are not a synthetic study's own.

    Raises
    ------
    StudyError
        If the records are real, or the study has no notebooks of its own.
    """
    if not study.is_synthetic:
        raise StudyError("the results of real records are not written into notebooks: `lmm run`")
    if not study.own_notebooks:
        raise StudyError("this study has no notebooks of its own to refresh: `lmm run`")


def check_places(study: Study) -> None:
    """Refuse places into which results cannot be moved, or not without harm.

    Raises
    ------
    StudyError
        If the study's folder cannot be written in, or a link or a file is where a folder of
        results belongs.
    """
    home = study.folder
    problems = [] if os.access(home, os.W_OK) else [f"{home}: nothing can be written here"]
    for place in (home / "data" / "processed", home / "outputs", study.failed):
        if place.is_symlink() or (place.exists() and not place.is_dir()):
            name = place.relative_to(home)
            problems.append(f"{name}: should be a folder of results; move the link or file away")
    if problems:
        raise StudyError(*problems)
