"""A draft -> the text of study.yaml, with every proposal marked for a person to confirm."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence

import yaml

from lmm.start.proposals import CONFIRM, RECORDS, Draft, Found, TableDraft
from lmm.study.tables import TABLES

HEAD = """\
# yaml-language-server: $schema=study.schema.json
schema: 1
# Everything about this service that the reports need to know. Lines that begin with # are
# comments. `lmm check` says what is wrong with this file or the records, `lmm run` makes the
# reports. Every key is explained on the page "Every key of study.yaml".

# This file is a draft. Look through all of it, then remove the next line.
draft: true
"""

PLAIN = re.compile(r"\(?[^\W\d_]([\w'/().-]| (?=[\w(/]))*")
"""What needs no quotation marks, neither in a list nor as a key."""


def study_text(draft: Draft) -> str:
    """Write study.yaml."""
    middle = max(draft.start, (draft.start + (draft.end - draft.start) / 2).replace(day=1))
    parts = [
        HEAD,
        f"service: {quoted(draft.service)}   # as the reports should call it",
        "",
        "# real: records of people. synthetic: invented records; every result is marked so.",
        "records: real",
        "# How counts are protected before they are released: opensafely (1 to 7 suppressed, the",
        "# others rounded to 5), midpoint6 or nhs_digital. Real records need one.",
        "disclosure: opensafely",
        "",
        *_noted(draft.remarks.get("period", "")),
        f"period: {{start: {draft.start}, end: {draft.end}}}",
        "# The date that splits the period in two, such as a lockdown or a move. Here: its middle.",
        f"event: {{date: {middle}, name: middle of the period}}",
        "contract_year_starts: 4   # month in which the financial year begins",
        "closures: []              # - {start: 2020-12-24, end: 2021-01-03, reason: holidays}",
        "confidence: 0.95",
        "staff_trained_counts: people",
        "",
        "# How dates are written (%d day, %m month, %Y year); dates of a workbook need no format.",
        *_noted(*draft.remarks.get("date_formats", "").split("; ")),
        f"date_formats: {_list(draft.date_formats)}",
        f"missing: {_list(draft.missing)}   # cells that mean: not recorded",
        f"total_row: {_list(draft.total_row)}   # first words of rows that are sums",
        "",
        *WORDING,
        "",
        *_form(draft),
        "",
        "nearly_met:",
        "  rule: green or amber",
        "  definition: A target is met when it is green, and nearly met when it is amber.",
        "",
        *REFERENCE,
        "",
        "# The labels of each list in the order of the reports, each with its other spellings.",
        "vocabularies:",
        *_vocabularies(draft),
        "",
        "# Where each table is, and what its columns are called there: our name: your heading.",
        '# A "?" has to be answered: the study does not run before.',
        *(_comment(f"Not read: {why}", before="# ") for why in draft.unread),
        "tables:",
        *(line for name in RECORDS for line in _table(name, draft)),
        *TARGETS,
    ]
    parts += [_comment(f"Found and not used: {said}.", before="# ") for said in draft.unused]
    return "\n".join(parts) + "\n"


# --- values and comments -----------------------------------------------------------------


def quoted(text: str) -> str:
    """Write a text so that YAML reads back the same one: plain words bare, others in quotes."""
    if PLAIN.fullmatch(text) and len(text) < 100 and _is_text(text):
        return text
    return _printable(json.dumps(text, ensure_ascii=False))


def _is_text(word: str) -> bool:
    """Whether YAML takes a bare word for text, and not for a truth, a number, or nothing."""
    return word.lower() not in ("y", "n") and isinstance(yaml.safe_load(word), str)


def _printable(text: str) -> str:
    """Write characters that do not show, or that steer others, as their codes."""
    return "".join(
        letter if letter.isprintable() else rf"\u{ord(letter):04x}"
        if ord(letter) < 0x10000 else rf"\U{ord(letter):08x}"
        for letter in text
    )  # fmt: skip


def _comment(text: str, *, before: str = "   # ") -> str:
    """Write a comment, on one line whatever is quoted in it; none for an empty text."""
    return before + _printable(" ".join(text.split())) if text else ""


def _confirm(text: str, *, before: str = "   # ") -> str:
    return _comment(f"{text} - {CONFIRM}" if text else "", before=before)


def _noted(*remarks: str) -> list[str]:
    return [_confirm(remark, before="# ") for remark in remarks if remark]


def _list(words: Iterable[str]) -> str:
    return f"[{', '.join(map(quoted, words))}]"


def _one_or_list(names: Sequence[str]) -> str:
    return quoted(names[0]) if len(names) == 1 else _list(names)


# --- parts -------------------------------------------------------------------------------


WORDING = """\
# What is counted may have your own names in the reports: take out the # of those that you change.
# wording:
#   courses: courses
#   attendances: attendances
#   staff: parents who came
#   consultations: consultations
#   families: families""".splitlines()

REFERENCE = """\
# The people that the families are compared with, by ward or ethnic_group, if you know them.
# reference_population:
#   ward: {basis: assumed, reason: where the shares come from, shares: {North: 0.6, South: 0.4}}\
""".splitlines()


def _form(draft: Draft) -> list[str]:
    return [
        "# The feedback forms: the answers from worst to best, and those that count as high.",
        "forms:",
        "  feedback_forms:",
        f"    scale:{_confirm(draft.remarks.get('scale', ''))}",
        *(f"      {quoted(answer)}: []" for answer in draft.scale),
        f"    high: {_list(draft.high)}   # the best answers - {CONFIRM}",
        f"    overall: {quoted(draft.overall)}   # the item that the reports are about - {CONFIRM}",
        "    items:",
        *(f"      {quoted(name)}: {quoted(wording)}" for name, wording in draft.items.items()),
    ]


def _vocabularies(draft: Draft) -> Iterable[str]:
    for name, labels in draft.vocabularies.items():
        yield f"  {quoted(name)}:"
        for label, spellings in labels.items():
            note = f"   # {CONFIRM}" if spellings and draft.remarks else ""
            yield f"    {quoted(label)}: {_list(map(str, spellings))}{note}"


def _table(name: str, draft: Draft) -> Iterable[str]:
    table = draft.tables.get(name)
    if table is None:
        why = draft.lacking.get(name, f"{TABLES[name].row}: none was found")
        yield f"  {name}: absent{_comment(why)}"
        return
    note = _confirm(f"; {table.note}") if table.note else ""
    yield f"  {name}:   # {TABLES[name].row}{note.removeprefix('   # ')}"
    yield f"    file: {_one_or_list(table.files)}"
    if table.sheets:
        yield f"    sheet: {_one_or_list(table.sheets)}"
    yield from _lines(table)
    if table.encoding != "utf-8":
        yield f"    encoding: {table.encoding}   # {CONFIRM}"
    if table.delimiter != ",":
        mark = "\\t" if table.delimiter == "\t" else table.delimiter
        yield f'    delimiter: "{mark}"'
    yield "    columns:"
    for column, found in table.columns.items():
        yield f"      {column}: {quoted(found.heading)}{_confirm(_why(found))}"
    yield from _below(table)


def _lines(table: TableDraft) -> Iterable[str]:
    """Say on which lines the headings stand, and which below them are no records."""
    line = table.heading_lines[0] if len(table.heading_lines) == 1 else list(table.heading_lines)
    if line != 1:
        yield f"    heading_line: {line}   # {CONFIRM}"
    if table.skip_lines:
        yield f"    skip_lines: {list(table.skip_lines)}   # no records - {CONFIRM}"
    heading, cell = table.finished
    if heading:
        yield "    # where only finished answers count:"
        yield f"    # keep: {{{quoted(heading)}: {json.dumps(cell)}}}"


def _why(found: Found) -> str:
    """Say why a heading was taken, and which others it could be."""
    others = " or ".join(map(quoted, found.rivals))
    if not others:
        return found.note
    return f"{found.note}; {others}?" if found.is_open else f"{found.note}; or {others}?"


def _below(table: TableDraft) -> Iterable[str]:
    if table.alike:
        values = ", ".join(f"{column}: {quoted(label)}" for column, label in table.alike.items())
        yield "    # where all rows are alike, in place of the line with ?:"
        yield f"    # fixed: {{{values}}}"
    if table.drop:
        yield f"    drop: {_list(table.drop)}   # look like names, addresses or numbers of people"
    if table.pseudonymise:
        why = "read as codes, and never kept; see the guide"
        yield f"    pseudonymise: {_list(table.pseudonymise)}{_confirm(why)}"
    if table.unheaded:
        what = ", ".join(map(quoted, table.unheaded))
        why = "hold cells under no heading: write it in the file, or put under drop:"
        yield _comment(f"{why} {what}", before="    # ")
    if table.unused:
        yield _comment(f"not used: {', '.join(map(quoted, table.unused))}", before="    # ")
    if table.free_text:
        what = ", ".join(map(quoted, table.free_text))
        yield _comment(f"free text, whose cells are not listed: {what}", before="    # ")


TARGETS = """\
  # What was agreed: one row an indicator and contract year. Put your own in place of the example
  # and change absent to rows; indicators are courses, attendances, staff, consultations,
  # families and satisfaction.
  targets: absent
  #  rows:
  #    - {criterion: recruitment, indicator: families, contract_year: 2023/24, target: 60,
  #       red_below: 0.6, green_from: 1, direction: at least, agreed_on: 2023-03-01,
  #       agreed_by: the commissioner, basis: published}
  published_figures: absent   # figures published before, to be found again""".splitlines()
