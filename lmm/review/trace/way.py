"""The way of a number back: sentence, cell, notebook, function, counts, records, commit."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from lmm.analysis.result import Source
from lmm.publish import git
from lmm.publish.ledger import NO_CELL, Entry, Ledger, in_words, spans_of
from lmm.review.verify import made_from
from lmm.study.digests import sha256_of
from lmm.study.problems import counted
from lmm.study.study import Study

MOST_COUNTS = 4
"""How many counts are told with their values."""


@dataclass(frozen=True)
class Step:
    """One step of the way: what it is, and the lines that say it."""

    name: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Trace:
    """The way of one number."""

    number: str
    steps: tuple[Step, ...]


def way_of(ledger: Ledger, entries: Sequence[Entry]) -> Trace:
    """Give the way of a number from all entries that tell it of the same cells."""
    first = entries[0]
    said = dict.fromkeys(
        f"{each.where}{f': {each.sentence}' if each.sentence else ''}" for each in entries
    )
    steps = [Step("told in", tuple(said)), Step("cell", tuple(_cell_lines(first)))]
    if first.result in ledger.origins:
        origin, source = ledger.origins[first.result], ledger.source(first)
        code = f", {origin.line}" if origin.line else ""
        shown = f"{ledger.place(origin)}, {origin.number}"
        steps += [
            Step("shown by", (shown,)),
            Step("made by", (f"{origin.call}{code}",)),
            Step("counts", tuple(_count_lines(ledger, source))),
            Step("records", tuple(_record_lines(ledger, source))),
        ]
    else:
        steps.append(Step("made by", ("a run, of the released counts: lmm/publish/run.py",)))
    return Trace(first.number, (*steps, Step("commit", (commit(ledger.counts.study.folder),))))


def _cell_lines(entry: Entry) -> Iterator[str]:
    file = f"outputs/tables/{entry.result}.csv"
    if not entry.cells:
        yield f"{file}: {NO_CELL}"
    for cell, value in zip(entry.cells, entry.values, strict=True):
        line, _, column = cell.partition(":")
        yield f"{file}, line {line}, column {column}: {value}"


def _count_lines(ledger: Ledger, source: Source) -> Iterator[str]:
    numbers = list(ledger.counts.numbers.values())
    for asked in source.counts:
        lines = ledger.lines_of(asked)
        if not lines:
            yield f"{in_words(asked)}: not released, or none"
            continue
        values = [numbers[line - 2] for line in lines]
        shown = ", ".join("suppressed" if n is None else str(n) for n in values)
        told = f": {shown}" if len(values) <= MOST_COUNTS else f", {counted(len(values), 'count')}"
        yield f"{in_words(asked)}: released_counts.csv, {spans_of(lines)}{told}"


def _record_lines(ledger: Ledger, source: Source) -> Iterator[str]:
    behind = chain.from_iterable(map(ledger.tables_behind, source.counts))
    for table in dict.fromkeys(behind):
        yield f"{table}: {', '.join(_files(ledger.counts.study, table))}"


def _files(study: Study, table: str) -> Iterator[str]:
    """Name the raw files of a table, with the hash of each unless the records are real."""
    if study.is_release or table not in study.sources:
        yield "of the service; not in a release"
        return
    for name in study.sources[table].files:
        path = study.raw / name
        place = path.relative_to(study.folder).as_posix()
        if study.is_protected:
            yield f"{place} (real records, of which no hash is told)"
        elif not path.is_file():
            yield f"{place} (not here)"
        else:
            digest = sha256_of(path)
            yield f"{place}, sha256 {digest}{_since_the_run(study, place, digest)}"


def _since_the_run(study: Study, place: str, digest: str) -> str:
    was = made_from.read(study.outputs)["data"].get(place, digest)
    return "" if was == digest else " (changed since the run: run again)"


def commit(folder: Path) -> str:
    """Name the commit of a folder, and say whether files differ from it."""
    found = git.asked(folder, "log", "-1", "--format=%H (%cs)")
    status = git.asked(folder, "status", "--porcelain", "--", ".")
    if found is None or status is None:
        return "not in a repository of git"
    changed = counted(len(status.splitlines()), "changed file")
    return f"{found}, and {changed}" if status else found


# --- telling -----------------------------------------------------------------------------------


def lines(found: Sequence[Trace]) -> Iterator[str]:
    """Lay traces out as lines of text; the hash of a file stands where it is first named."""
    told: set[str] = set()
    for n, each in enumerate(found):
        if n:
            yield ""
        yield each.number
        for step in each.steps:
            for k, line in enumerate(step.lines):
                shown = re.sub(", sha256 [0-9a-f]{64}", "", line) if line in told else line
                told.add(line)
                yield f"  {step.name if not k else '':<9} {shown}"


def as_json(found: Sequence[Trace]) -> str:
    """Write traces as JSON, a list of steps a number."""
    told = [
        {"number": each.number, **{step.name: list(step.lines) for step in each.steps}}
        for each in found
    ]
    return json.dumps(told, indent=2, ensure_ascii=False)
