"""One run: raw records to outputs, moved into place only when all of it has succeeded."""

from __future__ import annotations

import hashlib
import json
import multiprocessing as mp
import os
import platform
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from queue import Empty
from typing import Any

import pandas as pd

from lmm.cleaning.clean import Cleaned, clean_all
from lmm.cleaning.load import read_raw
from lmm.cleaning.records import Records
from lmm.cleaning.save import save_table
from lmm.parameters import Parameters
from lmm.problems import StudyError
from lmm.publish.before import check_notebooks, check_places, check_refresh
from lmm.publish.execute import Job, NotebookFailure, execute
from lmm.publish.site import write_index
from lmm.release import claims
from lmm.release.gate import Gate
from lmm.release.labels import check_records_kind, mark
from lmm.release.tables import stored
from lmm.study import STAGE_VARIABLE, Study

Report = Callable[[str, int, int], None]
"""Called with the name of a piece of work, how far it is, and how far it goes."""


@dataclass(frozen=True)
class Outcome:
    """What a run has to tell."""

    account: pd.DataFrame
    claims: pd.DataFrame
    outputs: Path

    @property
    def succeeded(self) -> bool:
        """Whether no published figure differs."""
        return not (self.claims["status"] == "differs").any()


class RunFailedError(Exception):
    """One or more notebooks failed; the previous outputs are untouched."""

    def __init__(self, failures: list[NotebookFailure], kept: Path) -> None:
        self.failures = failures
        self.kept = kept
        super().__init__("\n".join(str(failure) for failure in failures))


def run(study: Study, parameters: Parameters, report: Report, *, refresh: bool = False) -> Outcome:
    """Clean, run the notebooks, compare with the published figures, and move into place.

    Parameters
    ----------
    refresh
        Rewrite the study's committed notebooks with the outputs of this run; the
        parameters are then the notebooks' own.

    Raises
    ------
    StudyError
        If the study, its files or a parameter is wrong.
    RunFailedError
        If a notebook fails; what it had done is kept in ``outputs.failed``.
    """
    if study.draft:
        raise StudyError(
            f"{study.folder / 'study.yaml'}: this is a draft. Look through it "
            "- `lmm check` helps - and remove its line `draft: true`"
        )
    check_records_kind(study)
    check_notebooks(study)
    check_places(study)
    if refresh:
        check_refresh(study)
    hashes = input_hashes(study)
    with _stage(study) as stage:
        report("reading and cleaning", 0, 1)
        cleaned = clean_study(study)
        report("reading and cleaning", 1, 1)
        given = None if refresh else parameters.as_text()
        _execute_all(study, stage, given, report)
        records = Records.within(cleaned.tables, study, parameters)
        compared = publish_claims(records)
        write_index(study, parameters, compared, study.outputs)
        _write_record(study, parameters, hashes)
        if input_hashes(study) != hashes:
            raise StudyError("data/raw or study.yaml changed during the run: run it again")
        _move_into_place(study, stage)
        if refresh:
            _refresh_notebooks(study)
    return Outcome(cleaned.account, compared, study.folder / "outputs")


def publish_claims(records: Records) -> pd.DataFrame:
    """Compare with the published figures, and keep the log of what was suppressed."""
    study, gate = records.study, Gate(records)
    compared = gate.release("published_figures", claims.compare(records)).table
    assert compared is not None
    if study.keeps("published_figures"):
        save_table(stored(compared), study.outputs / "tables" / "published_figures.csv", study)
    if not gate.is_open:
        save_table(gate.log(), study.processed / "disclosure_log.csv", study)
    return compared


@contextmanager
def _stage(study: Study) -> Iterator[Path]:
    """Point every path that is written to a folder beside the study's own."""
    stage = Path(tempfile.mkdtemp(prefix=".stage-", dir=study.folder))
    os.environ[STAGE_VARIABLE] = str(stage)
    try:
        yield stage
    finally:
        del os.environ[STAGE_VARIABLE]
        shutil.rmtree(stage, ignore_errors=True)


def clean_study(study: Study) -> Cleaned:
    """Clean the raw records, and keep the clean tables with the account of how they came about."""
    cleaned = clean_all(read_raw(study), study)
    for name, table in cleaned.tables.items():
        save_table(table, study.processed / f"{name}.csv", study)
    save_table(cleaned.log, study.processed / "cleaning_log.csv", study)
    save_table(cleaned.rejected, study.processed / "rejected_rows.csv", study)
    save_table(cleaned.account, study.processed / "row_accounting.csv", study)
    return cleaned


def _execute_all(
    study: Study, stage: Path, given: Mapping[str, Any] | None, report: Report
) -> None:
    """Run every notebook, each in a process of its own; raise for all that fail."""
    (study.outputs / "notebooks").mkdir(parents=True)
    context = mp.get_context("spawn")  # papermill's working directory is not thread-safe
    with context.Manager() as manager:
        ticks = manager.Queue()
        jobs = [
            Job(path, study.folder, stage, study.outputs, given, mark(study), study.is_protected)
            for path in study.notebooks
        ]
        workers = max(1, min(len(jobs), os.cpu_count() or 1))
        with ProcessPoolExecutor(workers, mp_context=context) as pool:
            pending = {pool.submit(execute, job, ticks) for job in jobs}
            finished = set()
            while pending:
                done, pending = wait(pending, timeout=0.1)
                finished |= done
                _pass_on(ticks, report)
    failures = [future.result() for future in finished]
    if failed := sorted((f for f in failures if f is not None), key=lambda f: f.notebook):
        raise RunFailedError(failed, _keep_partial(study))


def _pass_on(ticks: Any, report: Report) -> None:
    while True:
        try:
            report(*ticks.get_nowait())
        except Empty:
            return


def _keep_partial(study: Study) -> Path:
    shutil.rmtree(study.failed, ignore_errors=True)
    shutil.copytree(study.outputs / "notebooks", study.failed)
    return study.failed


def _move_into_place(study: Study, stage: Path) -> None:
    """Swap the new folders for the old ones; put the old ones back if that fails."""
    swapped = []
    try:
        for part in (Path("data/processed"), Path("outputs")):
            place, old = study.folder / part, stage / "old" / part
            old.parent.mkdir(parents=True, exist_ok=True)
            place.parent.mkdir(parents=True, exist_ok=True)
            if place.exists():
                place.rename(old)
            swapped.append((place, old))
            (stage / part).rename(place)
    except OSError as error:
        for place, old in swapped:
            if old.exists():
                shutil.rmtree(place, ignore_errors=True)
                old.rename(place)
        raise StudyError(f"the results could not be moved into place: {error}") from error


def _refresh_notebooks(study: Study) -> None:
    """Replace the committed notebooks by the executed ones."""
    for path in study.notebooks:
        shutil.copyfile(study.folder / "outputs" / "notebooks" / path.name, path)


def input_hashes(study: Study) -> dict[str, str]:
    """SHA-256 of ``study.yaml`` and of every raw file, by path within the study."""
    paths = [study.folder / "study.yaml"]
    paths += study.raw_files
    return {
        path.relative_to(study.folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in paths
        if path.is_file()
    }


def _write_record(study: Study, parameters: Parameters, hashes: Mapping[str, str]) -> None:
    """Keep what this run was: records, parameters, inputs and versions."""
    packages = [
        re.split(r"[^A-Za-z0-9._-]", requirement, maxsplit=1)[0]
        for requirement in metadata.requires("lmm") or []
        if "extra ==" not in requirement
    ]
    inputs = {"inputs_sha256": dict(hashes)}
    if study.is_protected:  # a guess at a small file could be confirmed by it
        text = json.dumps(inputs, indent=2) + "\n"
        (study.processed / "inputs.json").write_text(text, encoding="utf-8")
    record = {
        "records": mark(study) or "real",
        "parameters": parameters.as_text(),
        "disclosure": study.disclosure,
        **({} if study.is_protected else inputs),
        "python": sys.version.split()[0],
        **({} if study.is_protected else {"platform": platform.platform()}),
        "packages": {name: metadata.version(name) for name in sorted(packages)},
    }
    text = json.dumps(record, indent=2) + "\n"
    (study.outputs / "run.json").write_text(text, encoding="utf-8")
