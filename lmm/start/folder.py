"""The folder of a new study: study.yaml, templates, and a README."""

from __future__ import annotations

import csv
import datetime as dt
import html
import io
import json
import shutil
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from lmm.cleaning.first_read import note
from lmm.start.draft import draft_from
from lmm.start.like import study_like
from lmm.start.proposals import RECORDS, Draft, Found, TableDraft, defaults
from lmm.start.reading import check_names
from lmm.start.scales import usual
from lmm.start.schema import study_schema
from lmm.start.wording import study_text
from lmm.start.workbook import columns_of, heading, title, workbook
from lmm.study.declared import STUDY_FILE
from lmm.study.problems import StudyError, visible
from lmm.study.tables import TABLES

BOOK = "records.xlsx"


@dataclass(frozen=True)
class NewStudy:
    """What was written, and what is to be said of the files that it was drafted from."""

    paths: tuple[Path, ...]
    said: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Begun:
    """What a new study begins with: its file, its records, and its templates.

    Files are given by their names: what they hold, or which file they are a copy of.
    """

    text: str
    records: Mapping[str, bytes | Path]
    templates: Mapping[str, bytes | Path]
    said: tuple[str, ...] = ()


def new_study(
    folder: Path, service: str, files: Sequence[Path] = (), like: Path | None = None
) -> NewStudy:
    """Write the folder of a new study, all of it or nothing.

    Parameters
    ----------
    files
        Exports to draft the mapping from; they are copied. Without any, the study maps the
        empty workbook that is written.
    like
        The folder of another study, whose tables, forms, measures and vocabularies are taken
        over; the files are matched to them by their headings.

    Returns
    -------
    NewStudy
        The paths written, and a line for each sheet: which table it is, or that it is none.

    Raises
    ------
    StudyError
        If the folder holds anything already or cannot be made, or a file cannot be read.
    """
    check_names(files)
    name = visible(service.encode("utf-8", "replace").decode("utf-8")).strip() or "our service"
    try:
        if folder.exists() and not _is_empty(folder):
            raise StudyError(f"{folder}: there is something already; name a new folder")
        begun = _like(like, name, files) if like else _drafted(name, files)
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".lmm-new-", dir=folder.parent) as stage:
            _write(Path(stage), name, begun)
            folder.mkdir(exist_ok=True)
            for path in Path(stage).iterdir():
                shutil.move(path, folder / path.name)
    except OSError as error:
        why = f"cannot be made: {error.strerror}"
        raise StudyError(f"{folder}: {why}; name a folder that you may write") from None
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return NewStudy(tuple(paths), begun.said)


def _drafted(service: str, files: Sequence[Path]) -> _Begun:
    draft = draft_from(service, files) if files else template(service)
    book = {BOOK: workbook(draft)}
    rows = {f"{name}.csv": _heading_row(map(heading, columns_of(name))) for name in TABLES}
    if not files:
        return _Begun(study_text(draft), book, rows)
    return _Begun(study_text(draft), _by_name(files), {**rows, **book}, tuple(_said(draft)))


def _like(other: Path, service: str, files: Sequence[Path]) -> _Begun:
    found = study_like(other, service, files)
    rows = {f"{name}.csv": _heading_row(headings) for name, headings in found.headings.items()}
    return _Begun(found.text, _by_name(files), rows, found.said)


def _by_name(files: Sequence[Path]) -> dict[str, bytes | Path]:
    return {file.name: file for file in files}


def _said(draft: Draft) -> Iterable[str]:
    """Say which sheet was taken for which table, what is still asked, and what is not used."""
    for name, table in draft.tables.items():
        place = ", ".join((*table.files, *(f"sheet {sheet}" for sheet in table.sheets)))
        asked = [column for column, found in table.columns.items() if found.is_open]
        yield f"{place}: {name}{'; asks for ' + ' and '.join(asked) if asked else ''}"
    yield from (f"not used: {said}" for said in draft.unused)
    yield from (f"not read: {said}" for said in draft.unread)


def _is_empty(folder: Path) -> bool:
    return folder.is_dir() and not any(folder.iterdir())


def _write(folder: Path, name: str, begun: _Begun) -> None:
    for place, contents in (("data/raw", begun.records), ("templates", begun.templates)):
        (folder / place).mkdir(parents=True)
        for file, content in contents.items():
            if isinstance(content, Path):
                shutil.copyfile(content, folder / place / file)
            else:
                (folder / place / file).write_bytes(content)
    note(folder / "data", [each for each in begun.records.values() if isinstance(each, Path)])
    (folder / STUDY_FILE).write_text(begun.text, encoding="utf-8")
    schema = json.dumps(study_schema(), indent=2, ensure_ascii=False) + "\n"
    (folder / "study.schema.json").write_text(schema, encoding="utf-8")
    service = html.escape(name, quote=False)
    (folder / "README.md").write_text(README.format(service=service), encoding="utf-8")
    (folder / ".gitignore").write_text(IGNORED, encoding="utf-8")


def template(service: str) -> Draft:
    """Describe the empty workbook."""
    today = dt.date.today()
    start = dt.date(today.year - 1 - (today.month < 4), 4, 1)
    tables = {
        name: TableDraft(
            files=(BOOK,),
            sheets=(title(name),),
            columns={c: Found(heading(c)) for c in columns_of(name)},
        )
        for name in RECORDS
    }
    scale = usual()
    return Draft(
        service=service,
        start=start,
        end=dt.date(start.year + 1, 3, 31),
        vocabularies={name: dict(labels) for name, labels in defaults()["vocabularies"].items()},
        scale=scale.answers,
        high=scale.high,
        items=scale.items,
        overall=scale.overall,
        tables=tables,
    )


def _heading_row(headings: Iterable[str]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(headings)
    return text.getvalue().encode()


IGNORED = """\
# What holds records, or quotes their cells, never leaves the service.
data/
lab/
.ipynb_checkpoints/
# Reports of `lmm check` and pages like them, here; those of a run are in outputs/.
/*.html
*.log
# What is left of a run that failed or was stopped.
outputs.failed/
.stage-*
"""

README = """\
# {service}: an evaluation

- `study.yaml` describes the service: its period, its files, its words, its targets. Editors that
  know YAML offer what may stand there, from `study.schema.json`.
- `data/raw/` holds the records as they are kept. Nothing is ever written there.
- `templates/` has empty tables, if you want to keep records in that form.
- `data/processed/` and `outputs/` are made by `lmm run`. What may leave the service is
  `outputs/`, after a person has looked through it; what is in `data/` never leaves. That goes
  for the exact reports of `lmm run --internal`, which are in `data/internal/`.
- `data/released/` keeps what each run has released, so that the next release and this one give
  nothing away together. Keep it as long as the records.
- `registration/` is made by `lmm register`: what was planned before the records were seen. Commit
  it, and never edit it.

1. Look through `study.yaml`, and remove its line `draft: true` when it is right.
2. `lmm check` names everything that is wrong with the file or the records.
3. `lmm run` makes the three reports; open `outputs/site/index.html`.
"""
