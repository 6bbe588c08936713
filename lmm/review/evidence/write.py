"""Evidence written into a folder: the pages, what was measured, and the manifest."""

from __future__ import annotations

from pathlib import Path

from lmm.publish.before import check_no_release
from lmm.publish.sources import checkout
from lmm.review.evidence import codecheck
from lmm.review.evidence.measured import FILE, Measured, digest_of, keep, kept, of_crate
from lmm.review.evidence.pages import WRITTEN, names, pages
from lmm.review.evidence.subject import Subject
from lmm.study.problems import Problem, StudyError
from lmm.study.study import Study


def write_evidence(study: Study, to: Path | None) -> list[Path]:
    """Write the pages of evidence of a study.

    Parameters
    ----------
    to
        The folder; by default ``docs/evidence`` of the compendium, and ``evidence`` of any other
        study.

    Returns
    -------
    list of Path
        What was written.

    Raises
    ------
    StudyError
        If it is a release, or something else is in the way.
    """
    check_no_release(study)
    code = checkout()
    to = to or usual(study)
    subject = Subject(study, code, _measured(study, to))
    within = to.resolve().is_relative_to(study.folder.resolve())
    manifest = (study.folder if within else to) / codecheck.FILE
    paths = [*(to / name for name in names()), manifest]
    _check_free(paths)
    text = codecheck.manifest(subject, manifest)
    to.mkdir(parents=True, exist_ok=True)
    manifest.write_text(text, encoding="utf-8")  # first, since a page holds it to its rules
    for name, page in pages(subject, to, manifest).items():
        (to / name).write_text(page, encoding="utf-8")
    if subject.measured:
        keep(subject.measured, to)
        return [*paths, to / FILE]
    return paths


def usual(study: Study) -> Path:
    """Give the folder that evidence of a study is in if nobody names another."""
    own = checkout() == study.folder.resolve()
    return study.folder / ("docs/evidence" if own else "evidence")


def _measured(study: Study, to: Path) -> Measured | None:
    """Give what was measured of a run that made what is here; of the last one, if there is none.

    What was kept stays while it holds, so that pages change when results do. Pages that are
    written elsewhere say the same of the run as those in the usual folder.
    """
    here, last = digest_of(study.outputs), of_crate(study.outputs)
    before = kept(to) or kept(usual(study))
    if before and before.made == here:
        return before
    return last or before


def _check_free(paths: list[Path]) -> None:
    """Refuse to write over a file that was not written by this program."""
    marks = (WRITTEN, "Written by `lmm evidence`")
    problems = []
    for path in paths:
        if path.exists() and not (
            path.is_file() and any(mark in path.read_text("utf-8", "replace") for mark in marks)
        ):
            why = "was not written by lmm evidence, and nothing else is written over"
            problems.append(Problem(why, file=str(path), fix="name another folder with --to"))
    if problems:
        raise StudyError(*problems)
