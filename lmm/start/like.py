"""A study like another: what it declares is taken over, and files are matched to its headings.

Its tables, own ones included, its forms, measures and vocabularies are those of the other. What
is the other's alone - its period, closures, targets, published figures and the people it is
compared with - is not.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml.comments import CommentedMap

from lmm.start.days import date_formats, period
from lmm.start.joining import read_files
from lmm.start.labels import is_free_text, known
from lmm.start.pattern import Found, found_in
from lmm.start.proposals import CONFIRM, OPEN, Part
from lmm.study.declared import STUDY_FILE
from lmm.study.labels import fold
from lmm.study.mapping import check_study
from lmm.study.migration import bring_up_to_date, keeping_comments
from lmm.study.problems import Problem, StudyError, visible
from lmm.study.source import ROW_NUMBER
from lmm.study.study import Study, read_study
from lmm.study.tables import declared_tables, tables_of, whose

SCHEMA_LINE = "# yaml-language-server: $schema=study.schema.json"
"""Where editors find the schema, which stands beside the file."""

OF_THE_OTHER = ("reduced_capacity", "reference_population")
"""What may be left out, and is true of the other service alone."""


@dataclass(frozen=True)
class Alike:
    """The text of study.yaml, the headings of each table, and what is to be said of the files."""

    text: str
    headings: Mapping[str, tuple[str, ...]]
    said: tuple[str, ...]


def study_like(other: Path, service: str, files: Sequence[Path]) -> Alike:
    """Draft a study from files by the pattern of another.

    Raises
    ------
    StudyError
        If the other study or a file cannot be read, or no file has the headings of a table.
    """
    study = read_study(other)
    check_study(study)
    parts, unread = read_files(files)
    found = found_in(parts, study)
    if not found:
        fix = "name files with the same headings, or begin without --like"
        raise StudyError(Problem(f"no file has the headings of a table of {other}", fix=fix))
    yaml = keeping_comments()
    content = yaml.load((other / STUDY_FILE).read_text(encoding="utf-8-sig"))
    bring_up_to_date(content)
    _begin(content, service, study, found)
    _tables(content, study, found)
    text = io.StringIO()
    yaml.dump(content, text)
    used = [part for each in found.values() for part in [each.part]]
    left = [part for part in parts if not any(part is other for other in used)]
    said = re.sub(r"(?m)^# yaml-language-server:.*$", SCHEMA_LINE, text.getvalue())
    return Alike(said, _headings(study), tuple(_said(study, found, left, unread)))


# --- what the file says ----------------------------------------------------------------------


def _begin(content: CommentedMap, service: str, study: Study, found: Mapping[str, Found]) -> None:
    """Write what is this study's own: its name and period, how dates are written, its labels."""
    content.insert(1, "draft", True, comment="look through all of it, then remove this line")
    content["service"] = service
    content["records"] = "real"
    if study.disclosure == "none":
        content["disclosure"] = "opensafely"
    for key in OF_THE_OTHER:
        content.pop(key, None)
    content["closures"] = []
    cells = {name: _cells(each, "date", name, study) for name, each in found.items()}
    dates = [cell for columns in cells.values() for each in columns.values() for cell in each]
    formats, _ = date_formats(dates)
    content["date_formats"] = list(formats)
    happened = {n: c.get(tables_of(study)[n].own_date, []) for n, c in cells.items()}
    start, end, _ = period({name: column for name, column in happened.items() if column}, formats)
    content["period"] = {"start": start, "end": end}
    middle = max(start, (start + (end - start) / 2).replace(day=1))
    content["event"] = {"date": middle, "name": "middle of the period"}
    for name, each in found.items():
        for column, labels in _cells(each, "label", name, study).items():
            _enter(content, declared_tables(study)[name].columns[column].vocabulary, labels, study)


def _cells(found: Found, kind: str, name: str, study: Study) -> dict[str, list[str]]:
    """Give the cells of the columns of a kind."""
    columns = declared_tables(study)[name].columns
    named = {c: h for c, h in found.headings.items() if columns[c].kind == kind}
    return {column: found.part.cells.get(heading, []) for column, heading in named.items()}


def _enter(content: CommentedMap, vocabulary: str, cells: Sequence[str], study: Study) -> None:
    """Add labels that the other study does not have, unless they look written freely."""
    spelled = study.spellings.get(vocabulary, {})
    new = [cell for cell in known(cells) if fold(cell) not in (*spelled, *map(fold, study.missing))]
    if new and vocabulary in study.vocabularies and not is_free_text(new):
        vocabularies = content["vocabularies"]
        vocabularies[vocabulary].update({label: [] for label in new})
        _note(vocabularies, vocabulary, f"new: {', '.join(dict.fromkeys(new))}")


def _note(part: CommentedMap, key: str, note: str) -> None:
    """Write what is to be confirmed above a key, on one line whatever is quoted in it."""
    part.fa.set_block_style()
    said = visible(" ".join(note.split()))
    part.yaml_set_comment_before_after_key(key, f"{said} - {CONFIRM}", indent=2)


def _tables(content: CommentedMap, study: Study, found: Mapping[str, Found]) -> None:
    """Write where each table is; one of the other's own that is not found is left out."""
    tables = content["tables"]
    lost = [name for name in study.tables if name not in found and whose(name, study) == "own"]
    for name in study.tables:
        if name in found:
            tables[name] = _table(tables[name], found[name])
            note = "; ".join(found[name].notes) or "its headings are all there"
            _note(tables, name, note)
        else:
            tables[name] = "absent"
    for name in lost:
        del tables[name]
    for name, measure in study.measures.items():
        if measure.rows in lost:
            del content["measures"][name]


def _table(given: CommentedMap, found: Found) -> CommentedMap:
    """Write one table: what it declares stays, its place and headings are those of the file."""
    part, there = found.part, set(found.part.headings)
    kept = {key: value for key, value in given.items() if key not in PLACE}
    kept["columns"] = {
        column: {**value, "heading": found.headings[column]}
        if isinstance(value, dict) and column in found.headings
        else found.headings.get(column, value)
        for column, value in given["columns"].items()
        if column in found.headings or (isinstance(value, dict) and "heading" not in value)
    }
    for key in ("drop", "pseudonymise", "not_identifying"):
        kept[key] = [heading for heading in given.get(key, []) if heading in there]
    read = (*found.headings.values(), *kept["not_identifying"])
    kept["drop"] = list(dict.fromkeys([*kept["drop"], *(h for h in part.drop if h not in read)]))
    kept["keep"] = {h: cell for h, cell in given.get("keep", {}).items() if h in there}
    return CommentedMap({**_place(part), **{key: value for key, value in kept.items() if value}})


def _one_or_list(given: Sequence[object]) -> object:
    return given[0] if len(given) == 1 else list(given)


PLACE = ("file", "sheet", "heading_line", "skip_lines", "encoding", "delimiter")
"""Where the other study has a table."""


def _place(part: Part) -> dict[str, Any]:
    """Write where a table is; what is as usual is left out."""
    place = {
        "file": _one_or_list(part.files), "sheet": _one_or_list(part.sheets),
        "heading_line": _one_or_list(part.heading_lines), "skip_lines": list(part.skip_lines),
        "encoding": part.encoding, "delimiter": part.delimiter,
    }  # fmt: skip
    usual: tuple[object, ...] = ([], 1, "utf-8", ",")
    return {key: value for key, value in place.items() if value not in usual}


# --- what is told ----------------------------------------------------------------------------


def _headings(study: Study) -> dict[str, tuple[str, ...]]:
    """Give the headings of each table, as the other study has them."""
    return {
        name: tuple(heading for heading in source.columns.values() if heading != ROW_NUMBER)
        for name, source in study.sources.items()
        if source.files
    }


def _said(
    study: Study, found: Mapping[str, Found], left: Sequence[Part], unread: Sequence[str]
) -> Iterator[str]:
    for name, each in found.items():
        asked = [column for column, heading in each.headings.items() if not heading.strip(OPEN)]
        yield f"{each.part.place}: {name}{'; asks for ' + ' and '.join(asked) if asked else ''}"
    for name in (n for n, s in study.sources.items() if s.files and n not in found):
        own = whose(name, study) == "own"
        yield f"{name}: no file has its headings: {'left out' if own else 'absent'}"
    yield from (f"not used: {part.place}" for part in left)
    yield from (f"not read: {why}" for why in unread)
