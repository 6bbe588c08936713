"""A draft -> the text of study.yaml, with every proposal marked for a person to confirm."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import yaml

from lmm.cleaning.contract import TABLES
from lmm.start.cells import UNKNOWN_ORDER
from lmm.start.proposals import RECORDS, Draft, TableDraft

HEAD = """\
# yaml-language-server: $schema=study.schema.json
# Everything about this service that the reports need to know. Lines that begin with # are
# comments. `lmm check` says what is wrong with this file or the records, `lmm run` makes the
# reports. Every key is explained on the page "Every key of study.yaml".

# This file is a draft. Look through all of it, then remove the next line.
draft: true
"""


def study_text(draft: Draft) -> str:
    """Write study.yaml."""
    middle = max(draft.start, (draft.start + (draft.end - draft.start) / 2).replace(day=1))
    parts = [
        HEAD,
        f"service: {_q(draft.service)}   # as the reports should call it",
        "",
        "# real: records of people. synthetic: invented records; every result is marked so.",
        "records: real",
        "# How counts are protected before they are released: opensafely (1 to 7 suppressed, the",
        "# others rounded to 5), midpoint6 or nhs_digital. Real records need one.",
        "disclosure: opensafely",
        "",
        f"period: {{start: {draft.start}, end: {draft.end}}}{_remark(draft, 'period')}",
        "# The date that splits the period in two, such as a lockdown or a move. Here: its middle.",
        f"event: {{date: {middle}, name: middle of the period}}",
        "contract_year_starts: 4   # month in which the financial year begins",
        "closures: []              # - {start: 2020-12-24, end: 2021-01-03, reason: holidays}",
        "confidence: 0.95",
        "staff_trained_counts: people",
        "",
        "# How dates are written (%d day, %m month, %Y year); dates of a workbook need no format.",
        *_lines(_dates(draft)),
        f"missing: {_list(draft.missing)}   # cells that mean: not recorded",
        f"total_row: {_list(draft.total_row)}   # first words of rows that are sums",
        "",
        *_satisfaction(draft),
        "",
        "nearly_met:",
        "  rule: green or amber",
        "  definition: A target is met when it is green, and nearly met when it is amber.",
        "",
        "# The labels of each list in the order of the reports, each with its other spellings.",
        "vocabularies:",
        *_vocabularies(draft),
        "",
        "# Where each table is, and what its columns are called there: our name: your heading.",
        "tables:",
        *(line for name in RECORDS for line in _table(name, draft.tables.get(name))),
        *TARGETS,
    ]
    if unused := draft.remarks.get("unused"):
        parts.append(f"# Found and not used: {unused}.")
    return "\n".join(parts) + "\n"


def _q(text: object) -> str:
    """Write a value as YAML does, in quotation marks where it needs them."""
    written = yaml.safe_dump(str(text), default_flow_style=True, width=10_000, allow_unicode=True)
    plain = written.removesuffix("\n").removesuffix("\n...")
    flow = any(mark in plain for mark in ",[]{}?#") and plain[:1] not in "'\""
    return f'"{plain}"' if flow and '"' not in plain and "\\" not in plain else plain


def _list(words: Iterable[str]) -> str:
    return f"[{', '.join(map(_q, words))}]"


def _remark(draft: Draft, key: str) -> str:
    text = draft.remarks.get(key, "")
    return f"   # {text} - please confirm" if text else ""


def _lines(found: Iterable[str]) -> list[str]:
    return list(found)


def _dates(draft: Draft) -> Iterable[str]:
    for remark in filter(None, draft.remarks.get("date_formats", "").split("; ")):
        yield f"# {remark} - please confirm"
    yield f"date_formats: {_list(draft.date_formats)}"


def _satisfaction(draft: Draft) -> list[str]:
    scale = list(draft.scale)
    high = scale[-2:] if len(scale) >= 5 else scale[-1:]
    if draft.remarks.get("scale", "").startswith(UNKNOWN_ORDER):
        high = ["?"]
    overall = "overall" if "overall" in draft.items else next(reversed(dict(draft.items)))
    return [
        "# The feedback forms: the answers from worst to best, and those that count as high.",
        "satisfaction:",
        f"  scale:{_remark(draft, 'scale')}",
        *(f"    {_key(answer)}: []" for answer in scale),
        f"  high: {_list(high)}   # the best answers - please confirm",
        f"  overall: {overall}   # the item that the reports are about - please confirm",
        "  items:",
        *(f"    {_key(name)}: {_q(wording)}" for name, wording in draft.items.items()),
    ]


def _key(text: str) -> str:
    return _q(text)


def _vocabularies(draft: Draft) -> Iterable[str]:
    for name, labels in draft.vocabularies.items():
        yield f"  {_key(name)}:"
        for label, spellings in labels.items():
            note = "   # please confirm" if spellings and draft.remarks else ""
            yield f"    {_key(label)}: {_list(map(str, spellings))}{note}"


def _table(name: str, table: TableDraft | None) -> Iterable[str]:
    if table is None:
        yield f"  {name}: absent   # {TABLES[name].row}: none was found"
        return
    yield f"  {name}:   # {TABLES[name].row}" + (
        f"; {table.note} - please confirm" if table.note else ""
    )
    yield f"    file: {_one_or_list(table.files)}"
    if table.sheets:
        yield f"    sheet: {_one_or_list(table.sheets)}"
    if table.heading_line != 1:
        yield f"    heading_line: {table.heading_line}   # please confirm"
    if table.encoding != "utf-8":
        yield f"    encoding: {table.encoding}   # please confirm"
    if table.delimiter != ",":
        mark = "\\t" if table.delimiter == "\t" else table.delimiter
        yield f'    delimiter: "{mark}"'
    yield "    columns:"
    for column, found in table.columns.items():
        note = f"   # {found.note} - please confirm" if found.note else ""
        yield f"      {column}: {_q(found.heading)}{note}"
    if table.fixed:
        yield "    fixed:"
        for column, found in table.fixed.items():
            yield f"      {column}: {_q(found.heading)}   # {found.note} - please confirm"
    if table.drop:
        yield f"    drop: {_list(table.drop)}   # look like names, addresses or numbers of people"
    if table.unused:
        yield f"    # not used: {', '.join(map(_q, table.unused))}"


def _one_or_list(names: Sequence[str]) -> str:
    return _q(names[0]) if len(names) == 1 else _list(names)


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
