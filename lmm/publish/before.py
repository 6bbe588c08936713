"""What is refused before anything is run."""

from __future__ import annotations

import json
import os
from pathlib import Path

from lmm.problems import StudyError, refuse
from lmm.study import Study


def check_notebooks(study: Study) -> None:
    """Refuse files that are no notebooks, and those of real records if they hold outputs.

    Raises
    ------
    StudyError
        Naming each notebook, and how its outputs are cleared.
    """
    held = [path for path in study.own_notebooks if _has_outputs(path)]
    if held and not study.is_synthetic:
        raise StudyError(
            *(
                f"{path.name}: holds outputs, and notebooks of real records are kept without: "
                f"`jupyter nbconvert --clear-output --inplace {path}`"
                for path in held
            )
        )


def _has_outputs(notebook: Path) -> bool:
    try:
        cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
        return any(cell.get("outputs") for cell in cells)
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
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
