"""Exports of a service -> a draft of what study.yaml should say of them.

Everything found is a proposal, with the reason for it; `lmm.start.wording` writes it down for
a person to confirm. Cells of columns that look like direct identifiers are never kept.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, cast

import numpy as np
import yaml
from scipy.optimize import linear_sum_assignment

from lmm.cleaning.contract import COUNTED_LABELS, TABLES, Column
from lmm.cleaning.identifiers import identifying
from lmm.cleaning.sources import TEXT, Sheet, check_file, read_sheet, sheet_names
from lmm.study import ROW_NUMBER, Encoding, StudyError, fold

Delimiter = str
ALIKE = 0.62
"""A heading less like a column than this is not taken for it."""

FEWEST_COLUMNS = 0.5
"""A sheet is taken for a table if this share of the required columns is found."""

RECORDS = ("courses", "course_attendance", "feedback_forms", "consultations", "families",
           "family_contacts")  # fmt: skip


@cache
def defaults() -> dict[str, Any]:
    """Give what new studies begin with, and the words by which things are recognised."""
    text = resources.files("lmm.start").joinpath("defaults.yaml").read_text("utf-8")
    return cast("dict[str, Any]", yaml.safe_load(text))


@dataclass(frozen=True)
class Found:
    """A heading, and why it was taken for the column."""

    heading: str
    note: str = ""


@dataclass(frozen=True)
class TableDraft:
    """What study.yaml is to say of one table."""

    files: tuple[str, ...]
    sheet: str = ""
    heading_line: int = 1
    encoding: str = "utf-8"
    delimiter: str = ","
    columns: Mapping[str, Found] = field(default_factory=dict)
    fixed: Mapping[str, Found] = field(default_factory=dict)
    drop: tuple[str, ...] = ()
    unused: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True)
class Draft:
    """What study.yaml is to say; ``remarks`` by key are written beside it."""

    service: str
    start: dt.date
    end: dt.date
    vocabularies: Mapping[str, Mapping[str, Sequence[str]]]
    scale: Sequence[str]
    items: Mapping[str, str]
    tables: Mapping[str, TableDraft]
    date_formats: tuple[str, ...] = ("%d/%m/%Y",)
    missing: tuple[str, ...] = ("", "-", "n/a")
    total_row: tuple[str, ...] = ("total",)
    remarks: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Part:
    """One sheet of one file, read as text."""

    file: str
    sheet: str
    heading_line: int
    encoding: str
    delimiter: str
    headings: tuple[str, ...]
    cells: Mapping[str, list[str]]
    """Of columns that do not look identifying; the others are only named in ``drop``."""
    drop: tuple[str, ...]


def draft_from(service: str, files: Sequence[Path]) -> Draft:
    """Draft a study from existing exports.

    Raises
    ------
    StudyError
        Naming each file that cannot be read.
    """
    parts: list[Part] = []
    problems: list[str] = []
    for file in files:
        try:
            parts += _parts(file)
        except StudyError as error:
            problems += error.problems
    if problems:
        raise StudyError(*problems)
    tables, matched = _tables(parts)
    items, scale, remark = _satisfaction(tables, matched)
    dates = [cells for name, cells in _of_kind("date", tables, matched)]
    formats, about_dates = _date_formats([c for cells in dates for c in cells])
    start, end = _period(dates, formats)
    return Draft(
        service=service,
        start=start,
        end=end,
        vocabularies=_vocabularies(tables, matched),
        scale=scale,
        items={name: found for name, (_, found) in items.items()},
        tables=_with_items(tables, items),
        date_formats=formats,
        missing=("", *_seen(parts, defaults()["missing"])),
        total_row=tuple(_seen(parts, defaults()["totals"])) or ("total",),
        remarks={
            "date_formats": about_dates,
            "scale": remark,
            "period": "from the dates found",
            "unused": ", ".join(_unused(parts, matched)),
        },
    )


def _unused(parts: Sequence[Part], matched: Mapping[str, list[Part]]) -> Iterable[str]:
    used = [id(part) for group in matched.values() for part in group]
    for part in parts:
        if id(part) not in used:
            yield f"{part.file}, sheet {part.sheet}" if part.sheet else part.file


# --- reading -----------------------------------------------------------------------------


def _parts(file: Path) -> list[Part]:
    check_file(file, file.resolve().parent)
    found = []
    for sheet in sheet_names(file) or ("",):
        encoding, delimiter = _text_form(file)
        whole = read_sheet(file, sheet=sheet or None, encoding=encoding, delimiter=delimiter)
        lines = {1: whole.headings, **whole.rows}
        line = _heading_line(lines)
        table = read_sheet(
            file, sheet=sheet or None, heading_line=line, encoding=encoding, delimiter=delimiter
        )
        if table.rows and sum(map(bool, table.headings)) > 1:
            found.append(_part(file.name, sheet, line, encoding, delimiter, table))
    return found


def _part(file: str, sheet: str, line: int, encoding: str, delimiter: str, table: Sheet) -> Part:
    width = len(table.headings)
    rows = [row for row in table.rows.values() if len(row) == width]
    by_column = list(zip(*rows, strict=True)) if rows else [()] * width
    columns = {h: list(cells) for h, cells in zip(table.headings, by_column, strict=True) if h}
    risky = {p.column for p in identifying(columns.items(), file=file)}
    kept = {h: [" ".join(c.split()) for c in cells] for h, cells in columns.items()
            if h not in risky}  # fmt: skip
    drop = tuple(h for h in columns if h in risky)
    return Part(file, sheet, line, encoding, delimiter, tuple(columns), kept, drop)


def _text_form(file: Path) -> tuple[Encoding, Delimiter]:
    """Try the encodings, and take the mark that separates most cells."""
    if file.suffix.lower() not in TEXT:
        return "utf-8", ","
    content = file.read_bytes()
    encoding: Encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        encoding, text = "cp1252", content.decode("cp1252", errors="replace")
    head = "\n".join(text.splitlines()[:20])
    return encoding, max(",;\t|", key=head.count) if head else ","


def _heading_line(lines: Mapping[int, Sequence[str]]) -> int:
    """Find the line most like headings among the first ones: many words, known ones best."""
    best, line = -1.0, 1
    for number, cells in list(lines.items())[:12]:
        words = [cell.strip() for cell in cells if cell.strip()]
        if len(set(words)) < max(2, len(words)) or any(re.search(r"\d{3}", w) for w in words):
            continue
        known = sum(max(_likeness(word, c) for c in _all_columns()) > ALIKE for word in words)
        score = known + len(words) / 100
        if score > best:
            best, line = score, number
    return line


@cache
def _all_columns() -> tuple[str, ...]:
    return tuple(dict.fromkeys(c for name in RECORDS for c in TABLES[name].columns))


# --- which is which ----------------------------------------------------------------------


def _plain(text: str) -> str:
    return " ".join(re.findall(r"[a-z0-9]+", fold(text)))


@cache
def _likeness(heading: str, column: str) -> float:
    """Say from 0 to 1 how much a heading is like a column's name or one of its synonyms."""
    mine = _plain(heading)
    names = [column.replace("_", " "), *defaults()["columns"].get(column, [])]
    best = 0.0
    for place, name in enumerate(names):
        other = _plain(str(name))
        ratio = SequenceMatcher(None, mine, other).ratio()
        shared = set(mine.split()) & set(other.split())
        if shared and set(other.split()) <= set(mine.split()):
            ratio = max(ratio, 0.75)
        best = max(best, ratio - 0.002 * place)
    return best


def _fits(cells: Sequence[str], spec: Column) -> float:
    """Weigh what stands in a column: dates where dates are expected, numbers where numbers."""
    known = [cell for cell in cells if cell][:200]
    if not known:
        return 1.0
    if spec.kind == "date":
        return 1.0 if sum(map(_looks_dated, known)) > 0.5 * len(known) else 0.3
    if spec.kind == "whole number":
        return 1.0 if sum(c.replace(".", "").isdigit() for c in known) > 0.5 * len(known) else 0.4
    dated = sum(map(_looks_dated, known)) > 0.5 * len(known)
    distinct = len(set(known))
    if spec.kind == "label":
        return 0.3 if dated or distinct > 40 else 1.0
    return 0.3 if dated else 1.0


def _looks_dated(cell: str) -> bool:
    return bool(re.fullmatch(r"\d{1,4}[-/. ]\w{1,9}[-/. ]\d{2,4}( \d\d:\d\d)?", cell))


def _matches(part: Part, table: str) -> dict[str, tuple[str, float]]:
    """Assign headings to the columns of a table, one to one, the best on the whole."""
    columns, headings = list(TABLES[table].columns), list(part.cells)
    weight = np.array(
        [
            [_likeness(h, c) * _fits(part.cells[h], TABLES[table].columns[c]) for h in headings]
            for c in columns
        ]
    ).reshape(len(columns), len(headings))
    rows, places = linear_sum_assignment(weight, maximize=True)
    return {
        columns[r]: (headings[p], float(weight[r, p]))
        for r, p in zip(rows, places, strict=True)
        if weight[r, p] >= ALIKE
    }


def _score(part: Part, table: str) -> float:
    """Weigh how well a sheet fits a table: by its columns, and by its name."""
    required = [c for c, spec in TABLES[table].columns.items() if spec.required]
    found = _matches(part, table)
    share = sum(found[c][1] for c in required if c in found) / len(required)
    name = _plain(part.sheet or Path(part.file).stem)
    words = [_plain(word) for word in defaults()["tables"][table]]
    named = max(SequenceMatcher(None, name, word).ratio() for word in words)
    named = max(named, 0.9 * any(re.search(rf"\b{word}\b", name) for word in words))
    return share + 0.5 * named


def _tables(parts: Sequence[Part]) -> tuple[dict[str, TableDraft], dict[str, list[Part]]]:
    """Assign sheets to tables; sheets with the same headings are parts of one table."""
    groups: dict[tuple[str, ...], list[Part]] = defaultdict(list)
    for part in parts:
        alike = (part.sheet, *part.headings) if part.sheet else part.headings
        groups[alike].append(part)
    listed = list(groups.values())
    if not listed:
        raise StudyError("no table was found in the files: headings and rows are needed")
    weight = np.array([[_score(group[0], table) for table in RECORDS] for group in listed])
    rows, columns = linear_sum_assignment(weight, maximize=True)
    tables: dict[str, TableDraft] = {}
    matched: dict[str, list[Part]] = {}
    for row, column in sorted(zip(rows, columns, strict=True), key=lambda pair: pair[1]):
        table, group = RECORDS[column], listed[row]
        required = [c for c, spec in TABLES[table].columns.items() if spec.required]
        found = _matches(group[0], table)
        if sum(c in found for c in required) < FEWEST_COLUMNS * len(required):
            continue
        tables[table] = _table(group, table, found, float(weight[row, column]))
        matched[table] = group
    return tables, matched


def _table(
    group: Sequence[Part], table: str, found: Mapping[str, tuple[str, float]], score: float
) -> TableDraft:
    first, spec = group[0], TABLES[table]
    columns, fixed = {}, {}
    for name, column in spec.columns.items():
        if name in found:
            heading, how = found[name]
            same = _plain(heading) == _plain(name.replace("_", " "))
            columns[name] = Found(heading, "same name" if same else f"similar ({how:.2f})")
        elif name in spec.key and table not in ("courses", "families", "course_attendance"):
            columns[name] = Found(ROW_NUMBER, "no identifier found: the rows are numbered")
        elif column.required and column.kind == "label":
            label = next(iter(defaults()["vocabularies"][column.vocabulary]))
            fixed[name] = Found(label, "not found: taken to be this in every row")
        elif column.required and not column.may_lack:
            columns[name] = Found("?", "not found: name the heading")
    used = {found_.heading for found_ in columns.values()}
    return TableDraft(
        files=tuple(part.file for part in group),
        sheet=first.sheet,
        heading_line=first.heading_line,
        encoding=first.encoding,
        delimiter=first.delimiter,
        columns=columns,
        fixed=fixed,
        drop=tuple(dict.fromkeys(h for part in group for h in part.drop)),
        unused=tuple(h for h in first.cells if h not in used),
        note=f"taken for this table ({score:.2f})",
    )


def _of_kind(
    kind: str, tables: Mapping[str, TableDraft], matched: Mapping[str, list[Part]]
) -> Iterable[tuple[tuple[str, str], list[str]]]:
    """Give the cells of the columns of one kind, by table and column."""
    for table, draft in tables.items():
        for name, spec in TABLES[table].columns.items():
            if spec.kind == kind and name in draft.columns:
                heading = draft.columns[name].heading
                yield (table, name), [c for p in matched[table] for c in p.cells.get(heading, [])]


# --- what stands in the cells ------------------------------------------------------------


def _seen(parts: Sequence[Part], words: Sequence[str]) -> list[str]:
    cells = {fold(c) for part in parts for column in part.cells.values() for c in column}
    return [str(word) for word in words if fold(str(word)) in cells]


def _is_missing(cell: str) -> bool:
    known = {fold(str(w)) for w in (*defaults()["missing"], *defaults()["totals"])}
    return not cell or fold(cell) in known


def _vocabularies(
    tables: Mapping[str, TableDraft], matched: Mapping[str, list[Part]]
) -> dict[str, dict[str, list[str]]]:
    """List the labels found under the entry that each is most like, others on their own."""
    found: dict[str, dict[str, list[str]]] = {}
    for (table, name), cells in _of_kind("label", tables, matched):
        vocabulary = TABLES[table].columns[name].vocabulary
        entries = found.setdefault(vocabulary, {})
        for label in dict.fromkeys(c for c in cells if not _is_missing(c)):
            entry = _entry(label, vocabulary)
            same = next((e for e in entries if fold(e) == fold(entry)), None)
            spellings = entries.setdefault(same or entry, [])
            if fold(label) != fold(same or entry) and fold(label) not in map(fold, spellings):
                spellings.append(label)
    for table, draft in tables.items():
        for name, given in draft.fixed.items():
            entries = found.setdefault(TABLES[table].columns[name].vocabulary, {})
            entries.setdefault(given.heading, [])
    for vocabulary, label in COUNTED_LABELS.items():
        found.setdefault(vocabulary, {}).setdefault(label, [])
    return found


def _entry(label: str, vocabulary: str) -> str:
    """Give the known entry that a label is a spelling of, or the label itself."""
    known = defaults()["vocabularies"].get(vocabulary, {})
    mine = fold(label)
    for entry, spellings in known.items():
        if _bare(mine) in {_bare(str(s)) for s in (entry, *spellings)}:
            return str(entry)
    begins = next((str(e) for e in known if re.match(rf"{re.escape(fold(e))}\b", mine)), "")
    if begins:
        return begins
    near = {entry: SequenceMatcher(None, mine, fold(entry)).ratio() for entry in known}
    best = max(near, key=lambda entry: near[entry], default="")
    return best if near.get(best, 0) >= 0.84 else label


def _bare(text: str) -> str:
    """Leave out what stands between letters: G.P. is GP."""
    return re.sub(r"[\W_]+", "", fold(text))


def _satisfaction(
    tables: Mapping[str, TableDraft], matched: Mapping[str, list[Part]]
) -> tuple[dict[str, tuple[str, str]], list[str], str]:
    """Find the items of the forms and their scale: column name -> heading and wording."""
    scale, remark = list(map(str, defaults()["scales"][0])), "no forms: the usual scale"
    if "feedback_forms" not in tables:
        return {"overall": ("", "The course overall")}, scale, remark
    parts = matched["feedback_forms"]
    answers: dict[str, list[str]] = {}
    for heading in tables["feedback_forms"].unused:
        cells = [c for part in parts for c in part.cells.get(heading, []) if not _is_missing(c)]
        if cells and len(set(map(fold, cells))) <= 11:
            answers[heading] = list(dict.fromkeys(cells))
    found = {fold(a): a for cells in answers.values() for a in cells}
    scale, remark = _scale(list(found.values())) if found else (scale, remark)
    on_scale = set(map(fold, scale))
    answers = {h: c for h, c in answers.items() if set(map(fold, c)) & on_scale}
    items = {_slug(h, n): (h, h) for n, h in enumerate(answers, 1)}
    return items or {"overall": ("?", "?")}, scale, remark


def _scale(answers: Sequence[str]) -> tuple[list[str], str]:
    """Put answers in order, worst first, and say how sure that is."""
    if all(re.fullmatch(r"\d+", a) for a in answers):
        top = max(map(int, answers))
        low = min(map(int, answers))
        whole = [str(n) for n in range(min(low, 1), top + 1)]
        return whole, "numbers found: is the highest the best?"
    for known in defaults()["scales"]:
        words = [str(w) for w in known]
        if set(map(fold, answers)) <= set(map(fold, words)):
            return words, "a known scale: are these all answers of the form, worst first?"
    return list(answers), "unknown answers, in the order found: put the worst first"


def _slug(heading: str, number: int) -> str:
    words = _plain(heading).replace(" ", "_")[:30].strip("_")
    taken = {"form_id", "course_id", "role", ""}
    return f"item_{number}" if words in taken or words[0].isdigit() else words


def _with_items(
    tables: Mapping[str, TableDraft], items: Mapping[str, tuple[str, str]]
) -> dict[str, TableDraft]:
    found = dict(tables)
    if forms := found.get("feedback_forms"):
        given = {name: Found(heading, "an item") for name, (heading, _) in items.items()}
        unused = tuple(h for h in forms.unused if h not in {f.heading for f in given.values()})
        columns = {**forms.columns, **given}
        found["feedback_forms"] = TableDraft(
            **{**vars(forms), "columns": columns, "unused": unused}
        )
    return found


# --- dates -------------------------------------------------------------------------------


def _date_formats(cells: Sequence[str]) -> tuple[tuple[str, ...], str]:
    """Find the formats that dates are written in; leave open what the cells do not prove."""
    written = [c for c in dict.fromkeys(cells) if c and not re.match(r"\d{4}-\d\d-\d\d", c)]
    formats = [str(f) for f in defaults()["date_formats"]]
    reads = {f: {c for c in written if _reads(c, f)} for f in formats}
    chosen: list[str] = []
    remarks = []
    left = set(written)
    for pair in (("%d/%m/%Y", "%m/%d/%Y"), ("%d/%m/%y", "%m/%d/%y")):
        day_first, month_first = (reads[f] for f in pair)
        if not (day_first | month_first):
            continue
        only_day, only_month = day_first - month_first, month_first - day_first
        if only_day and not only_month:
            chosen.append(pair[0])
            remarks.append(f"day first: {sorted(only_day)[0]} can be read in no other way")
        elif only_month and not only_day:
            chosen.append(pair[1])
            remarks.append(f"month first: {sorted(only_month)[0]} can be read in no other way")
        else:
            chosen.append("?")
            what = "both orders occur" if only_day else "no date proves the order"
            remarks.append(f"{what}: put {pair[0]} (day first) or {pair[1]} in place of ?")
        left -= day_first | month_first
    for form in formats:
        if reads[form] & left:
            chosen.append(form)
            left -= reads[form]
    if any(re.fullmatch(r"[1-9]\d{4}(\.0)?", cell) for cell in left):
        chosen.append("excel")
    return tuple(chosen) or ("%d/%m/%Y",), "; ".join(remarks)


def _reads(cell: str, form: str) -> bool:
    try:
        return 1990 <= dt.datetime.strptime(cell, form).year <= 2100
    except ValueError:
        return False


def _period(dates: Sequence[Sequence[str]], formats: Sequence[str]) -> tuple[dt.date, dt.date]:
    """Take the months from the first to the last date."""
    found = []
    for cells in dates:
        for cell in set(cells):
            if re.match(r"\d{4}-\d\d-\d\d", cell):
                found.append(cell[:10])
            for form in formats:
                if form not in ("?", "excel") and _reads(cell, form):
                    found.append(dt.datetime.strptime(cell, form).date().isoformat())
                    break
    if not found:
        this = dt.date.today().year
        return dt.date(this - 1, 4, 1), dt.date(this, 3, 31)
    first, last = (dt.date.fromisoformat(day) for day in (min(found), max(found)))
    following = (last.replace(day=28) + dt.timedelta(days=4)).replace(day=1)
    return first.replace(day=1), following - dt.timedelta(days=1)
