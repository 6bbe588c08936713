"""Write the synthetic raw files, their description and their fingerprints."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from pathlib import Path

from lmm.study.problems import StudyError
from lmm.study.study import Study
from lmm.synthetic.inputs import Inputs, read_entries, read_inputs
from lmm.synthetic.readme import RawFile, describe
from lmm.synthetic.records import Records, make_published, make_records, make_targets
from lmm.synthetic.untidy import BYTE_ORDER_MARK, RECORD_TABLES, WINDOWS_LINES, make_untidy

FINGERPRINTS_FILE = Path(__file__).with_name("fingerprints.json")


def make_raw(study: Study, inputs: Inputs | None = None) -> dict[str, RawFile]:
    """Make every raw file in memory.

    Parameters
    ----------
    study
        Names of files and headings, encodings, vocabularies.
    inputs
        What to make; by default the calibrated inputs.

    Returns
    -------
    dict of str to RawFile
        By table name.
    """
    inputs = inputs or read_inputs()
    rows = make_untidy(make_records(inputs, study), study, inputs.seed)
    rows["targets"] = make_targets(inputs, study)
    rows["published_figures"] = make_published(inputs, read_entries())
    return {table: _raw_file(table, rows, study) for table in rows}


def _raw_file(table: str, rows: Records, study: Study) -> RawFile:
    source = study.sources[table]
    lines = "CR LF" if table in WINDOWS_LINES else "LF"
    marked = source.encoding == "utf-8" and table in BYTE_ORDER_MARK
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n" if lines == "CR LF" else "\n")
    writer.writerow(source.columns.values())
    writer.writerows([row[column] for column in source.columns] for row in rows[table])
    return RawFile(
        name=source.files[0],
        content=text.getvalue().encode("utf-8-sig" if marked else source.encoding),
        rows=len(rows[table]),
        encoding=f"{source.encoding} with byte-order mark" if marked else source.encoding,
        lines=lines,
    )


def write_raw(study: Study, folder: Path, inputs: Inputs | None = None) -> list[Path]:
    """Write the raw files and a README that describes them, and say which files these are.

    Parameters
    ----------
    study, folder
        What to write for and where; the folder is made if need be.
    inputs
        What to make; by default the calibrated inputs.

    Raises
    ------
    StudyError
        If the study declares real records, which must not be overwritten.
    """
    if not study.is_synthetic:
        raise StudyError("study.yaml declares real records: no synthetic ones are written to it")
    files = make_raw(study, inputs)
    readme = describe(study, list(files.values()))
    folder.mkdir(parents=True, exist_ok=True)
    contents = {file.name: file.content for file in files.values()}
    contents["README.md"] = readme.encode("utf-8")
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    return [folder / name for name in contents]


def fingerprints(study: Study) -> dict[str, str]:
    """Give the SHA-256 of each calibrated raw file that holds records, by file name."""
    files = make_raw(study)
    return {
        files[table].name: hashlib.sha256(files[table].content).hexdigest()
        for table in RECORD_TABLES
    }


def write_fingerprints(study: Study) -> None:
    """Write the fingerprints by which synthetic records are known wherever they turn up."""
    text = json.dumps(fingerprints(study), indent=2) + "\n"
    FINGERPRINTS_FILE.write_bytes(text.encode("utf-8"))
