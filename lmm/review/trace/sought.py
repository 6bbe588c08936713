"""Seeking a number: in answers, first page, published figures, prose, parameters and tables."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal, InvalidOperation
from pathlib import Path

from lmm.publish.ledger import PUBLISHED, Entry, Ledger
from lmm.publish.released import read_counts, read_parameters
from lmm.publish.report import read_report
from lmm.review.numbers.check import declared_numbers
from lmm.review.numbers.declarations import DECLARATIONS
from lmm.review.numbers.reading import Declared
from lmm.review.trace.way import Step, Trace, commit, way_of
from lmm.statistics.rounding import fixed, in_percent, level_in_percent
from lmm.study.declared import STUDY_FILE
from lmm.study.problems import StudyError, counted
from lmm.study.study import Study

MOST_CELLS = 10
"""How many cells that hold a number are told."""

NOWHERE = "in no sentence of the results"


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
    found = [way_of(ledger, group) for group in _grouped(told)]
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
        return way_of(ledger, told)
    return way_of(ledger, [Entry(value, NOWHERE, "", 0, table, (cell,), (value,))])


def _grouped(entries: Iterable[Entry]) -> list[list[Entry]]:
    """Take together what is written of the same cells, wherever it is told."""
    groups: dict[tuple[object, ...], list[Entry]] = {}
    for each in entries:
        alone = () if each.cells else (each.where, each.sentence, each.begins)
        groups.setdefault((each.result, each.cells, *alone), []).append(each)
    return list(groups.values())


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
