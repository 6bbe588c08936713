"""The marks of what is synthetic or not for release, and the words for what a result rests on."""

from __future__ import annotations

import hashlib
import json
from importlib import resources

from lmm.showing.wording import dated
from lmm.study.folder import INTERNAL
from lmm.study.parameters import Parameters
from lmm.study.problems import Problem, StudyError
from lmm.study.setting import parts_of_years
from lmm.study.study import Study

SYNTHETIC = "SYNTHETIC records: they describe nobody"
"""Stands in the visible text and the metadata of everything made from synthetic records."""

BASIS = {
    "published": "it is a published figure, to which the synthetic records were calibrated",
    "assumed": "it follows from assumptions made to generate the synthetic records",
    "recorded": "it was counted from the service's own records",
}


def mark(study: Study) -> str:
    """Give the marks that results carry; empty for a release of real records."""
    marks = (SYNTHETIC if study.is_synthetic else "", INTERNAL if study.is_internal else "")
    return "; ".join(filter(None, marks))


def kind_in_words(study: Study) -> str:
    """Say what the records are, in metadata: the marks, or else that they are real."""
    return mark(study) if study.is_synthetic else study.kind


def parts_in_words(study: Study, parameters: Parameters) -> str:
    """Say of which contract years the period has only a part; empty if it has whole ones."""
    return " ".join(
        f"Contract year {year} is covered from {dated(first)} to {dated(last)} only."
        for year, (first, last) in parts_of_years(study, parameters).items()
    )


def check_records_kind(study: Study) -> None:
    """Refuse a study that declares real records and holds synthetic ones.

    Raises
    ------
    StudyError
        Naming each raw file that is known to be synthetic, by its SHA-256.
    """
    if study.is_synthetic:
        return
    known = {*synthetic_fingerprints().values(), *_fingerprints("example_").values()}
    problems = []
    for path in study.raw_files:
        if path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() in known:
            why = "these are this compendium's synthetic records, but study.yaml declares real ones"
            fix = "replace the file, or declare records: synthetic"
            problems.append(Problem(why, file=path.name, fix=fix))
    if problems:
        raise StudyError(*problems)


def synthetic_fingerprints() -> dict[str, str]:
    """SHA-256 of each raw file of synthetic records, by file name."""
    return _fingerprints()


def _fingerprints(of: str = "") -> dict[str, str]:
    name = f"{of}fingerprints.json"
    text = resources.files("lmm.synthetic").joinpath(name).read_text("utf-8")
    fingerprints: dict[str, str] = json.loads(text)
    return fingerprints
