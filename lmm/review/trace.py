"""The way of a number back: sentence, cell, notebook, function, counts, records, commit."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from itertools import chain
from pathlib import Path

from lmm.analysis.result import Source
from lmm.publish import git
from lmm.publish.ledger import NO_CELL, PUBLISHED, Entry, Ledger, in_words, spans_of
from lmm.publish.released import read_counts, read_parameters
from lmm.publish.report import read_report
from lmm.review.numbers.check import declared_numbers
from lmm.review.numbers.declarations import DECLARATIONS
from lmm.review.numbers.reading import Declared
from lmm.review.verify import made_from
from lmm.statistics.rounding import fixed, in_percent, level_in_percent
from lmm.study.declared import STUDY_FILE
from lmm.study.digests import sha256_of
from lmm.study.problems import StudyError, counted
from lmm.study.study import Study

MOST_CELLS, MOST_COUNTS = 10, 4
"""How many cells that hold a number are told, and how many counts with their values."""

NOWHERE = "in no sentence of the results"


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


def ledger_of(study: Study) -> Ledger:
    """Read where the numbers of the last run are from; without one, those of the notebooks.

    Raises
    ------
    StudyError
        If there are no results yet.
    """
    made = sorted((study.outputs / "notebooks").glob("*.ipynb"))
    reports = [read_report(path) for path in made or study.own_notebooks]
    folder = "outputs/notebooks" if made else "notebooks"
    if not any(report.of_kind("table") for report in reports):
        raise StudyError(f"{study.folder}: there are no results yet; `lmm run` makes them")
    return Ledger(read_counts(study, read_parameters(study)), reports, folder)


def trace(sought: str, ledger: Ledger) -> list[Trace]:
    """Find a number, or a cell of a table, and give the way of each that is so written.

    Parameters
    ----------
    sought
        A number as it is printed, such as "99%", or a cell, as "reach:2:estimate".

    Raises
    ------
    StudyError
        If it is found nowhere, saying which numbers are near.
    """
    if not sought.strip():
        raise StudyError("name a number as it is printed, such as 99%, or a cell of a table")
    if cell := re.fullmatch(r"(?:.*/)?(\w+)(?:\.csv)?:(\d+):(\w+)", sought.strip()):
        return [_of_cell(ledger, cell[1], f"{cell[2]}:{cell[3]}")]
    prose = [each for each in _in_prose(ledger) if _same(each.numeral.written, sought)]
    told = [each for each in ledger.entries if _same(each.number, sought)]
    told += [entry for each in prose if (entry := _of_result(each))]
    told.sort(key=lambda each: (each.number.split() != sought.split(),
                                not each.where.startswith(PUBLISHED)))  # fmt: skip
    found = [_way(ledger, group) for group in _grouped(told)]
    found += [*_of_parameters(ledger, sought), *_of_prose(ledger, prose)]
    if not found:
        cells = list(_cells_with(ledger, sought))
        found = [_of_cell(ledger, *cell) for cell in cells[:MOST_CELLS]]
        if len(cells) > MOST_CELLS:
            rest = counted(len(cells) - MOST_CELLS, "more cell")
            note = Step("and", (f"{rest}; name one, as TABLE:LINE:COLUMN",))
            found[-1] = Trace(found[-1].number, (*found[-1].steps, note))
    if not found:
        raise StudyError(
            f"{sought}: stands in no answer, first page, published figure or table of results; "
            f"{_near(ledger, sought)}name a number as it is printed, or a cell as TABLE:LINE:COLUMN"
        )
    return found


def _of_cell(ledger: Ledger, table: str, cell: str) -> Trace:
    """Give the way of a cell of a table of results."""
    line, _, column = cell.partition(":")
    tables = ledger.counts.study.outputs / "tables"
    if not (tables / f"{table}.csv").is_file():
        raise StudyError(f"{table}: there is no such table in {tables}")
    held = ledger.table(table)
    if column not in held:
        raise StudyError(f"{table}.csv: has no column {column!r}, but {', '.join(map(str, held))}")
    if not 2 <= int(line) <= len(held) + 1:
        raise StudyError(
            f"{table}.csv: has the lines 2 to {len(held) + 1} below its headings, and no {line}"
        )
    value = ledger.value(table, cell)
    told = [each for each in ledger.entries if each.result == table and cell in each.cells]
    if told:
        return _way(ledger, told)
    return _way(ledger, [Entry(value, NOWHERE, "", 0, table, (cell,), (value,))])


def _grouped(entries: Iterable[Entry]) -> list[list[Entry]]:
    """Take together what is written of the same cells, wherever it is told."""
    groups: dict[tuple[object, ...], list[Entry]] = {}
    for each in entries:
        alone = () if each.cells else (each.where, each.sentence, each.begins)
        groups.setdefault((each.result, each.cells, *alone), []).append(each)
    return list(groups.values())


def _way(ledger: Ledger, entries: Sequence[Entry]) -> Trace:
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


# --- finding -----------------------------------------------------------------------------------


def _value(text: str) -> tuple[Decimal, bool] | None:
    """Read a number as it is printed, and whether it is in percent."""
    plain = re.sub(r"[\s\u00a0\u202f,]", "", text).replace("\u2212", "-")
    try:
        return Decimal(plain.removesuffix("%")), plain.endswith("%")
    except InvalidOperation:
        return None


def _same(number: str, sought: str) -> bool:
    """Whether both are the same number: "99 %" is 99.0%, and "1,234" is 1234."""
    value = _value(sought)
    return number.split() == sought.split() or (value is not None and _value(number) == value)


def _in_prose(ledger: Ledger) -> list[Declared]:
    """Give the numbers of README and documentation, where the study has any that are declared."""
    folder = ledger.counts.study.folder
    return declared_numbers(folder) if (folder / DECLARATIONS).is_file() else []


def _of_result(told: Declared) -> Entry | None:
    """Give the entry of a number in prose that is from a table of results."""
    value = told.value
    if value is None or not value.file.startswith("outputs/tables/"):
        return None
    text, cell = told.passage.text, f"{value.line}:{value.column}"
    where = f"{told.document}, line {told.passage.line}"
    result = Path(value.file).stem
    return Entry(told.numeral.written, where, text, told.numeral.begins, result, (cell,),
                 (str(value.number),))  # fmt: skip


def _of_prose(ledger: Ledger, prose: Iterable[Declared]) -> Iterator[Trace]:
    """Give the way of numbers in prose that are from elsewhere than a table of results."""
    here = commit(ledger.counts.study.folder)
    for each in prose:
        if _of_result(each) is None:
            where = f"{each.document}, line {each.passage.line}: {each.passage.text}"
            said = each.value.place if each.value else each.entry.reason
            steps = (Step("told in", (where,)), Step("from", (said,)), Step("commit", (here,)))
            yield Trace(each.numeral.written, steps)


def _of_parameters(ledger: Ledger, sought: str) -> Iterator[Trace]:
    parameters = ledger.counts.parameters
    told = parameters.as_text() | {"confidence": level_in_percent(parameters.confidence)}
    for name, text in told.items():
        if _same(str(text), sought):
            steps = (
                Step("told in", (f"the parameter {name}",)),
                Step("from", (f"{STUDY_FILE}, or `lmm run --set {name}=...`",)),
                Step("commit", (commit(ledger.counts.study.folder),)),
            )
            yield Trace(str(text), steps)


def _cells_with(ledger: Ledger, sought: str) -> Iterator[tuple[str, str]]:
    """Find cells that hold a number, also if it was written with fewer digits."""
    for path in sorted((ledger.counts.study.outputs / "tables").glob("*.csv")):
        held = ledger.table(path.stem)
        for column in held:
            distinct = {cell for cell in held[column].unique() if _is_written(str(cell), sought)}
            for line, cell in enumerate(held[column] if distinct else (), start=2):
                if cell in distinct:
                    yield path.stem, f"{line}:{column}"


def _is_written(cell: str, sought: str) -> bool:
    if _same(cell, sought):
        return True
    value, known = _value(sought), _value(cell)
    if value is None or known is None or not known[0].is_finite() or not value[0].is_finite():
        return False
    decimals = max(0, -int(value[0].as_tuple().exponent))
    written = in_percent if value[1] else fixed
    return "." in cell and _value(written(float(known[0]), decimals)) == value


def _near(ledger: Ledger, sought: str) -> str:
    """Name numbers that are near, as a help against slips."""
    value = _value(sought)
    if value is None:
        return ""
    known = {each.number: v for each in ledger.entries if (v := _value(each.number))}
    alike = [(abs(v[0] - value[0]), text) for text, v in known.items() if v[1] == value[1]]
    near = [text for _, text in sorted(alike)[:3]]
    return f"near it are {', '.join(near)}. Else " if near else ""


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
