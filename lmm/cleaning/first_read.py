"""The note of when the records of a study were first read, beside which a registration is held."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Collection, Mapping
from contextlib import suppress
from itertools import chain
from pathlib import Path

import pandas as pd

from lmm.cleaning.fingerprints import is_synthetic
from lmm.cleaning.records import files_of_records
from lmm.cleaning.save import keep_private
from lmm.study.digests import sha256_of
from lmm.study.registration import FIRST_READ
from lmm.study.study import Study

SAYS = (
    "When lmm first read records of real people here, and the SHA-256 of the files. A registration "
    "has to be older. Keep it with the records."
)


def note_first_read(study: Study, frames: Mapping[str, pd.DataFrame]) -> None:
    """Note that records were read, unless that was noted, they are synthetic or there are none."""
    records = files_of_records(study)
    if study.is_synthetic or not any(len(frames[name]) for name in records if name in frames):
        return
    note(study.folder / "data", sorted({*chain(*records.values())}))


def note(data: Path, files: Collection[Path]) -> None:
    """Write the note into the data folder of a study, if there is none and files were read.

    Where nothing can be written nothing can be run either, and the records are only looked at.
    Files that are known to be synthetic are no records of people, whatever a study declares.
    """
    path = data / FIRST_READ
    files = [file for file in files if not is_synthetic(file)]
    if path.exists() or not files:
        return
    said = {
        "says": SAYS,
        "when": f"{dt.datetime.now(dt.UTC):%Y-%m-%dT%H:%M:%SZ}",
        "files_sha256": {file.name: sha256_of(file) for file in files if file.is_file()},
    }
    with suppress(OSError):
        keep_private(path)
        path.write_text(json.dumps(said, indent=2) + "\n", encoding="utf-8")
