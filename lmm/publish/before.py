"""What is refused before anything is run."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from lmm.cleaning.records import files_of_records
from lmm.cleaning.sources import ENDINGS
from lmm.publish.documents import links
from lmm.publish.execute import is_injected
from lmm.publish.formats import nbformat
from lmm.publish.prose import in_words
from lmm.study.declared import STUDY_FILE
from lmm.study.folder import shipped_notebooks
from lmm.study.problems import Problem, StudyError, refuse
from lmm.study.study import Study


def check_no_release(study: Study) -> None:
    """Refuse what a run has released in place of a study: there are no records to count.

    Raises
    ------
    StudyError
        Saying what may be meant.
    """
    if study.is_release:
        raise StudyError(
            f"{study.folder}: this is what a run has released, and holds no records; name the "
            "study's folder with --study, or make the release again with --from-release"
        )


def check_has_records(study: Study) -> None:
    """Refuse a study in which every table of records is absent: it would report nothing.

    Raises
    ------
    StudyError
        Listing the headings of each sheet that is there.
    """
    if files_of_records(study):
        return
    from lmm.start.draft import headings_told  # noqa: PLC0415
    from lmm.start.proposals import RECORDS  # noqa: PLC0415
    from lmm.start.reading import parts_of  # noqa: PLC0415

    why = "every table of records is absent, so that there is nothing to count"
    fix = f"map at least one under tables:, of {', '.join(RECORDS)}"
    problems: list[str] = [Problem(why, file=STUDY_FILE, fix=fix)]
    files = sorted(study.raw.iterdir()) if study.raw.is_dir() else []
    for file in (file for file in files if file.suffix.lower() in ENDINGS):
        try:
            parts, unread = parts_of(file)
        except StudyError as error:
            problems += error.problems
            continue
        problems += [*(Problem(f"used by no table; {headings_told(part)}", file=file.name,
                               sheet=", ".join(part.sheets), line=part.heading_lines[-1])
                       for part in parts), *unread]  # fmt: skip
    raise StudyError(*problems)


def check_notebooks(study: Study) -> None:
    """Refuse files that are no notebooks, those of real records if they hold outputs, and none.

    So are notebooks that cite what is no reference, which would otherwise end a run at its end.

    Raises
    ------
    StudyError
        Naming each notebook, and how its outputs are cleared, or the reference.
    """
    if not study.notebooks:
        raise StudyError(
            "there is no notebook to run: this copy of lmm came without its own; install it once "
            f"more, or put numbered ones, such as 1-name.ipynb, into {study.folder / 'notebooks'}"
        )
    home = study.folder
    found = [*home.glob("*.ipynb"), *(home / "notebooks").rglob("*.ipynb")]
    own = [path for path in sorted(found) if not is_hidden(path.relative_to(home))]
    held = [path for path in own if _shows_results(path)]
    if held and not study.is_synthetic:
        raise StudyError(
            *(
                f"{path.name}: holds outputs or pictures, and notebooks of real records are kept "
                f"without: `jupyter nbconvert --clear-output --inplace {path}`"
                for path in held
            )
        )
    if unknown := [problem for path in study.notebooks for problem in _unknown_references(path)]:
        raise StudyError(*unknown)


def _unknown_references(notebook: Path) -> Iterator[str]:
    for cell in read_notebook(notebook).cells:
        if cell.cell_type == "markdown":
            try:
                in_words(cell.source, links().references, notebook.name)
            except StudyError as error:
                yield from error.problems


def is_hidden(path: Path) -> bool:
    """Whether a path within a folder is of what programs keep there for themselves."""
    return any(part.startswith(".") for part in path.parts)


def strange_notebooks(study: Study) -> list[Path]:
    """List the study's own notebooks that are not, cell by cell, ones that came with this copy.

    They run as code, and whoever wrote them can have written anything.
    """
    shipped = [written(path) for path in shipped_notebooks()]
    return [path for path in study.own_notebooks if written(path) not in shipped]


def written(notebook: Path) -> list[tuple[str, str]]:
    """Give what somebody wrote into a notebook: its cells, without what came out of them."""
    return [(cell.cell_type, cell.source) for cell in read_notebook(notebook).cells]


def _shows_results(notebook: Path) -> bool:
    """Whether a notebook, of any version of the format, holds outputs or attached pictures."""
    return any(
        cell.get("outputs") or cell.get("attachments") for cell in read_notebook(notebook).cells
    )


def read_notebook(notebook: Path) -> nbformat.NotebookNode:
    """Read a notebook of any version of the format.

    Raises
    ------
    StudyError
        If it is none.
    """
    try:
        found: nbformat.NotebookNode = nbformat.read(notebook, as_version=4)
        _ = [(cell.cell_type, cell.source, cell.get("outputs")) for cell in found.cells]
        return found
    except Exception:  # what a file that is no notebook can raise has no end
        fix = "open it in Jupyter and save it, or remove it"
        raise refuse("is no notebook", notebook, fix=fix) from None


def were_told(notebooks: Iterable[Path]) -> bool:
    """Whether executed notebooks were told their parameters, and did not keep to their own."""
    return any(is_injected(cell) for path in notebooks for cell in read_notebook(path).cells)


def check_refresh(study: Study) -> None:
    """Refuse to write results into notebooks that are not a synthetic study's own.

    Raises
    ------
    StudyError
        If the records are real, the results exact and for the service alone, or the study has
        no notebooks of its own.
    """
    if study.is_internal:
        raise StudyError(
            "the results of an internal run are for the service alone, and are not written into "
            "notebooks, which are kept with the study: leave out one of the two"
        )
    if not study.is_synthetic:
        raise StudyError("the results of real records are not written into notebooks: `lmm run`")
    if not study.own_notebooks:
        raise StudyError("this study has no notebooks of its own to refresh: `lmm run`")


def check_places(study: Study) -> None:
    """Refuse places into which results cannot be moved, or not without harm.

    Raises
    ------
    StudyError
        If the study's folder, or results of before, cannot be written in, or a link or a file
        is where a folder of results belongs.
    """
    home = study.folder
    fix = "see whose it is, or copy the study to a folder of yours"
    why = "nothing can be written here"
    problems = [Problem(why, file=str(place), fix=fix) for place in _closed(study)]
    for place in (*(home / part for part in study.parts), study.failed):
        if place.is_symlink() or (place.exists() and not place.is_dir()):
            name, mend = str(place.relative_to(home)), "move the link or file away"
            problems.append(Problem("should be a folder of results", file=name, fix=mend))
    if problems:
        raise StudyError(*problems)


def _closed(study: Study) -> list[Path]:
    """List the folders that would have to be written in, and cannot be."""
    home, old = study.folder, [study.folder / part for part in study.parts]
    within = [path for place in old for path in (place, *place.rglob("*/")) if path.is_dir()]
    places = [place for place in (home, home / "data", *within) if place.is_dir()]
    return [place for place in places if not os.access(place, os.W_OK | os.X_OK)]
