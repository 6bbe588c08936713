"""One run: raw records to outputs, moved into place only when all of it has succeeded."""

from __future__ import annotations

import hashlib
import json
import platform
import re
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import pandas as pd

from lmm.analysis import claims
from lmm.analysis.result import Result
from lmm.cleaning.clean import Cleaned, clean_all
from lmm.cleaning.load import read_raw
from lmm.cleaning.pseudonyms import keep_key
from lmm.cleaning.records import Records
from lmm.cleaning.save import keep_private, save_table
from lmm.counting.check import check_measures
from lmm.counting.count import count
from lmm.counting.counts import Counts
from lmm.disclosure.gate import release
from lmm.publish.before import check_has_records, check_notebooks, check_places, check_refresh
from lmm.publish.counts import write_counts
from lmm.publish.execute import Report
from lmm.publish.notebooks import execute_all
from lmm.publish.signals import undisturbed
from lmm.publish.site import write_index
from lmm.publish.stage import move_into_place, stage
from lmm.showing.labels import check_records_kind, mark
from lmm.showing.tables import stored
from lmm.study.parameters import Parameters
from lmm.study.problems import StudyError
from lmm.study.study import Study


@dataclass(frozen=True)
class Outcome:
    """What a run has to tell."""

    account: pd.DataFrame
    claims: pd.DataFrame
    outputs: Path

    @property
    def succeeded(self) -> bool:
        """Whether no published figure differs."""
        return self.claims.empty or not (self.claims["status"] == "differs").any()


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
    check_has_records(study)
    check_measures(study)
    if refresh:
        check_refresh(study)
    try:
        return _run(study, parameters, report, refresh=refresh)
    except OSError as error:
        where, why = error.filename or study.folder, error.strerror or error
        raise StudyError(f"{where}: {why}; the previous outputs are untouched") from error


def _run(study: Study, parameters: Parameters, report: Report, *, refresh: bool) -> Outcome:
    with stage(study) as made:
        hashes = input_hashes(study)
        report("reading and cleaning", 0, 1)
        cleaned = clean_study(study)
        report("reading and cleaning", 1, 1)
        report("counting", 0, 1)
        counts = publish_counts(Records.within(cleaned.tables, study, parameters))
        report("counting", 1, 1)
        execute_all(study, None if refresh else parameters.as_text(), report)
        compared = publish_claims(counts)
        write_index(study, parameters, compared, study.outputs)
        _write_record(study, parameters, hashes)
        if input_hashes(study) != hashes:
            raise StudyError("data/raw or study.yaml changed during the run: run it again")
        with undisturbed():
            move_into_place(study, made)
            if refresh:
                _refresh_notebooks(study, made)
    return Outcome(cleaned.account, compared.table, study.folder / "outputs")


def publish_counts(records: Records) -> Counts:
    """Count, protect once for the whole run, and keep what may be released and the log of it."""
    study, released = records.study, release(count(records))
    write_counts(released.counts)
    if study.is_protected:
        save_table(released.log, study.processed / "disclosure_log.csv", study)
    return released.counts


def publish_claims(counts: Counts) -> Result:
    """Compare with the published figures."""
    study, found = counts.study, claims.compare(counts)
    compared = found.with_table(stored(found.table))
    if study.keeps("published_figures"):
        save_table(compared.table, study.outputs / "tables" / "published_figures.csv", study)
    return compared


def clean_study(study: Study) -> Cleaned:
    """Clean the raw records, and keep the clean tables with the account of how they came about."""
    keep_key(study)
    cleaned = clean_all(read_raw(study), study)
    for name, table in cleaned.tables.items():
        save_table(table, study.processed / f"{name}.csv", study)
    save_table(cleaned.log, study.processed / "cleaning_log.csv", study)
    save_table(cleaned.rejected, study.processed / "rejected_rows.csv", study)
    save_table(cleaned.account, study.processed / "row_accounting.csv", study)
    return cleaned


def _refresh_notebooks(study: Study, made: Path) -> None:
    """Replace the committed notebooks by the executed ones, each as a whole."""
    for path in study.notebooks:
        new = made / path.name
        shutil.copyfile(study.folder / "outputs" / "notebooks" / path.name, new)
        shutil.copymode(path, new)
        new.replace(path)


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
        keep_private(study.processed / "inputs.json")
        (study.processed / "inputs.json").write_text(text, encoding="utf-8")
    record = {
        "records": mark(study) or "real",
        "parameters": parameters.as_text(),
        "disclosure": study.model_dump(mode="json")["disclosure"],
        **({} if study.is_protected else inputs),
        "python": sys.version.split()[0],
        **({} if study.is_protected else {"platform": platform.platform()}),
        "packages": {name: metadata.version(name) for name in sorted(packages)},
    }
    text = json.dumps(record, indent=2) + "\n"
    (study.outputs / "run.json").write_text(text, encoding="utf-8")
