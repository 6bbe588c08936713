"""A plan tried out before there are records: every notebook run on rows that nobody made."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lmm.analysis.terms import Terms, reading_of, terms_of
from lmm.cleaning.clean import clean_all
from lmm.cleaning.load import read_raw
from lmm.cleaning.records import DESCRIBE_NOBODY, Records
from lmm.disclosure.gate import release
from lmm.publish.execute import Report
from lmm.publish.notebooks import RunFailedError
from lmm.publish.registered import labelled
from lmm.publish.released import write_counts
from lmm.publish.rerun import copy_notebooks
from lmm.publish.run import show
from lmm.publish.stage import stage
from lmm.review.registering.drawn import SEED, drawn
from lmm.study.declared import STUDY_FILE
from lmm.study.digests import sha256_of
from lmm.study.handed_on import handed_on
from lmm.study.parameters import Parameters
from lmm.study.registration import FIRST, FOLDER
from lmm.study.study import RecordsKind, Study, read_study


@dataclass(frozen=True)
class Rehearsed:
    """What came of it.

    Attributes
    ----------
    results
        The tables and figures that were made, by kind and name, as a registration keeps them.
    terms
        What they rest on.
    run
        What the run was: the seed, the rows drawn by table, and the SHA-256 of each table made.
    """

    results: dict[str, dict[str, Any]]
    terms: Terms
    run: dict[str, Any]


def rehearse(study: Study, report: Report, empty: str) -> Rehearsed:
    """Run the notebooks of a study on drawn rows, in a folder that is removed afterwards.

    Of the study's own files only the targets and the published figures are read, which describe
    nobody.

    Parameters
    ----------
    empty
        A registration without results, so that the pages say how each result was made.

    Raises
    ------
    StudyError
        If the study does not fit together, or its targets cannot be read.
    RunFailedError
        If a notebook fails.
    """
    told = read_raw(study, only=DESCRIBE_NOBODY)
    synthetic = study.model_copy(update={"records": RecordsKind.SYNTHETIC})
    rows = {name: each for name, each in drawn(synthetic).items() if name not in DESCRIBE_NOBODY}
    tables = clean_all({**told, **rows}, synthetic).tables
    with tempfile.TemporaryDirectory(prefix="lmm-rehearsal-") as name:
        place = _study_in(Path(name), synthetic, empty)
        parameters = Parameters.of(place)
        try:
            with stage(place):
                counts = release(Records.within(tables, place, parameters)).counts
                write_counts(counts)
                show(counts, parameters.as_text(), report)
                results = _results(place.outputs / "notebooks")
                made = _tables(place.outputs / "tables")
        except RunFailedError as failure:
            raise RunFailedError(failure.failures, None) from None
    terms = terms_of(counts, reading_of(study))
    run = {"seed": SEED, "rows": {n: len(each) for n, each in rows.items()}, "tables_sha256": made}
    return Rehearsed(results, terms, run)


def _study_in(folder: Path, study: Study, empty: str) -> Study:
    (folder / STUDY_FILE).write_text(handed_on(study), encoding="utf-8")
    (folder / FOLDER).mkdir()
    (folder / FOLDER / FIRST).write_text(empty, encoding="utf-8")
    copy_notebooks(study.notebooks, folder)
    return read_study(folder, "release")


def _results(notebooks: Path) -> dict[str, dict[str, Any]]:
    return {
        each.key: {
            "notebook": each.report,
            "title": each.said["title"],
            "code": each.said["code"],
            "measures": each.said["measures"],
            "first_page": each.said["first_page"],
        }
        for each in labelled(notebooks)
    }


def _tables(folder: Path) -> dict[str, str]:
    return {
        path.name: sha256_of(path)
        for path in sorted(folder.glob("*.csv"))
        if path.stem != "planned_results"
    }
