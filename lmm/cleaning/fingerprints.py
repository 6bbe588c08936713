"""Files that are known to hold synthetic records, by their SHA-256."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from pathlib import Path

from lmm.study.digests import sha256_of
from lmm.study.problems import Problem, StudyError
from lmm.study.study import Study


def check_records_kind(study: Study) -> None:
    """Refuse a study that declares real records and holds synthetic ones.

    Raises
    ------
    StudyError
        Naming each raw file that is known to be synthetic.
    """
    if study.is_synthetic:
        return
    why = "these are this compendium's synthetic records, but study.yaml declares real ones"
    fix = "replace the file, or declare records: synthetic"
    known = [path for path in study.raw_files if is_synthetic(path)]
    if known:
        raise StudyError(*(Problem(why, file=path.name, fix=fix) for path in known))


def is_synthetic(path: Path) -> bool:
    """Whether a file holds synthetic records of this compendium or of its examples."""
    known = {*synthetic_fingerprints().values(), *_fingerprints("example_").values()}
    return path.is_file() and sha256_of(path) in known


def synthetic_fingerprints() -> dict[str, str]:
    """SHA-256 of each raw file of synthetic records, by file name."""
    return _fingerprints()


@cache
def _fingerprints(of: str = "") -> dict[str, str]:
    name = f"{of}fingerprints.json"
    text = resources.files("lmm.synthetic").joinpath(name).read_text("utf-8")
    fingerprints: dict[str, str] = json.loads(text)
    return fingerprints
