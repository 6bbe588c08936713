"""What a run was, kept beside its results: parameters, what they were made of, versions."""

from __future__ import annotations

import hashlib
import json
import platform
import re
import sys
from collections.abc import Iterable, Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

from lmm import __version__
from lmm.cleaning.save import keep_private
from lmm.publish.before import written
from lmm.publish.crate import CRATE
from lmm.publish.handouts.pdf import can_be_made
from lmm.publish.released import NEEDED
from lmm.showing.labels import kind_in_words
from lmm.study.declared import STUDY_FILE
from lmm.study.digests import library_digest, sha256_of
from lmm.study.parameters import Parameters
from lmm.study.study import Study

RECORD = "run.json"
OF_ONE_RUN = (RECORD, CRATE)
"""What tells of one run among the results, and so is not the same when they are made again."""


def input_hashes(study: Study) -> dict[str, str]:
    """SHA-256 of ``study.yaml`` and of every raw file, by path within the study."""
    return _hashes(study.folder, (study.folder / STUDY_FILE, *study.raw_files))


def _hashes(home: Path, paths: Iterable[Path]) -> dict[str, str]:
    return {path.relative_to(home).as_posix(): sha256_of(path) for path in paths if path.is_file()}


def code_hashes(study: Study) -> dict[str, str]:
    """SHA-256 of the library's code, and of what was written into each notebook, by name."""
    cells = {path.name: notebook_digest(path) for path in study.notebooks}
    return {"lmm": library_digest(), **cells}


def notebook_digest(path: Path) -> str:
    """SHA-256 of what was written into a notebook."""
    return hashlib.sha256(json.dumps(written(path)).encode("utf-8")).hexdigest()


def keep_inputs(study: Study, hashes: Mapping[str, str]) -> dict[str, Any]:
    """Give what a run was made of; where results are protected it stays with the records."""
    inputs = {"inputs_sha256": dict(hashes)}
    if not study.is_protected:
        return inputs
    text = json.dumps(inputs, indent=2) + "\n"  # a guess at a small file could be confirmed by it
    keep_private(study.processed / "inputs.json")
    (study.processed / "inputs.json").write_text(text, encoding="utf-8")
    return {}


def of_release(folder: Path) -> dict[str, Any]:
    """Say of which release a run was made, and with which versions that was."""
    found = {"release_sha256": _hashes(folder, (folder / name for name in NEEDED))}
    try:
        record = json.loads((folder / RECORD).read_text("utf-8"))
        made_with = {name: record[name] for name in ("lmm", "python", "packages")}
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return found
    return {**found, "release_made_with": made_with}


def write_record(
    study: Study, parameters: Parameters, made_of: Mapping[str, Any]
) -> dict[str, Any]:
    """Keep what this run was, and give it: records, parameters, what it was made of, versions."""
    needed = [each for each in metadata.requires("lmm") or [] if "extra ==" not in each]
    packages = [re.split(r"[^A-Za-z0-9._-]", each, maxsplit=1)[0] for each in needed]
    packages += ["typst"] * can_be_made()
    declared = "none" if study.is_internal else study.model_dump(mode="json")["disclosure"]
    record = {
        "records": kind_in_words(study),
        "parameters": parameters.as_text(),
        "disclosure": declared,
        **made_of,
        "code_sha256": code_hashes(study),
        "lmm": __version__,
        "python": sys.version.split()[0],
        **({} if study.is_protected else {"platform": platform.platform()}),
        "packages": {name: metadata.version(name) for name in sorted(packages)},
    }
    text = json.dumps(record, indent=2) + "\n"
    (study.outputs / RECORD).write_text(text, encoding="utf-8")
    return record
