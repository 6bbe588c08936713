"""Which heading of a file is which column, and what to say of those that are not found."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any

from lmm.cleaning.identifiers import evened, people_in
from lmm.cleaning.lines import Lines
from lmm.cleaning.sources import Sheet
from lmm.study.labels import fold
from lmm.study.problems import OpenQuestion, Problem, nearest
from lmm.study.source import TableSource, unheaded

MOST = 40
"""Headings of a file that are named."""


def _same(heading: str) -> str:
    """Fold what never distinguishes headings: case, white space, letters without width."""
    return fold(evened(heading))


def as_declared(headings: list[str], declared: Iterable[str]) -> list[str]:
    """Spell headings as they are declared, where it is certain which one is meant."""
    missing = set(declared) - set(headings)
    meant: dict[str, list[str]] = {}
    for title in missing:
        meant.setdefault(_same(title), []).append(title)
    counts = Counter(map(_same, headings))
    return [
        titles[0]
        if len(titles := meant.get(_same(heading), [])) == counts[_same(heading)] == 1
        else heading
        for heading in headings
    ]


def heading_problems(
    sheet: Sheet, source: TableSource, place: tuple[str, str], wanted: dict[str, str]
) -> list[str]:
    """Say of each heading that is wanted why it is not found, and what may be meant.

    What stands in the line is quoted only where it is certain that it is no record.
    """
    counts = Counter(sheet.headings)
    where: dict[str, Any] = {"file": place[0], "sheet": place[1], "line": source.heading_lines[-1]}
    missing = [title for title in wanted.values() if not counts[title]]
    if missing and (hint := _elsewhere(sheet, source, wanted)):
        return [Problem(hint[0], fix=hint[1], **where)]
    is_heading_line = len(missing) < len(wanted) and not any(map(is_value, sheet.headings))
    listed = _listed(sheet.headings) if is_heading_line else ""
    spare = _unclaimed(counts, source) if is_heading_line else ()
    problems: list[str] = []
    for column, title in wanted.items():
        if counts[title] > 1:
            problems.append(Problem(f"the heading {title!r} stands {counts[title]} times", **where))
        elif not counts[title]:
            is_open = not title.strip("?")
            why = f"the heading {title!r} (for {column}) is missing"
            if is_open:
                why = f"{column} is still {title!r} in study.yaml: say which heading holds it"
            if not (fix := _near(title, sheet.headings, wanted)):
                fix, listed = listed or "name the heading that the file has in study.yaml", ""
            problem = (OpenQuestion if is_open else Problem)(why, fix=fix, **where)
            if isinstance(problem, OpenQuestion):
                problem.about, problem.headings = column, spare
            problems.append(problem)
    return problems


def _unclaimed(headings: Counter[str], source: TableSource) -> tuple[str, ...]:
    """Give the headings that may still be a column: stand once, not taken, may be read."""
    claimed = {"", *source.columns.values(), *source.drop, *source.keep}
    left = (title for title, n in headings.items() if n == 1 and title not in claimed)
    return tuple(islice(left, MOST))


def _numbers(source: TableSource) -> str:
    return " and ".join(map(str, source.heading_lines))


def without_heading(sheet: Sheet, source: TableSource, place: tuple[str, str]) -> list[str]:
    """Name the columns that hold cells under no heading: something would be lost with them."""
    named = {*source.drop, *source.columns.values(), *source.keep}
    columns = range(1, len(sheet.headings) + 1)
    found = [n for n in columns if sheet.headings[n - 1] == unheaded(n) not in named]
    if not found:
        return []
    first = int(sheet.rows.frame.index[0])
    fix = f"write their headings, or put {', '.join(map(repr, map(unheaded, found)))} under drop:"
    if is_lower_heading(sheet.rows, found):
        lines = [*source.heading_lines, first]
        fix = f"line {first} seems to hold more of the headings: set heading_line: {lines}"
    which = (
        f"columns {' and '.join(map(str, found))} hold" if found[1:] else f"column {found[0]} holds"
    )
    why = f"{which} cells under no heading"
    return [Problem(why, file=place[0], sheet=place[1], line=source.heading_lines[-1], fix=fix)]


def is_lower_heading(rows: Lines, columns: Sequence[int]) -> bool:
    """Whether the first line below the headings goes on with them, in these columns at least.

    Its cells are words that stand nowhere else in their column.
    """
    first, others = _first(rows, 1), rows.only(slice(1, None))
    (cells,) = first.values()
    words = {n: cell.strip() for n, cell in enumerate(cells, 1) if cell.strip()}
    return (
        bool(others)
        and words.keys() >= set(columns)
        and not any(map(is_value, words.values()))
        and not any(_same(word) in map(_same, others.column(n).unique())
                    for n, word in words.items())
    )  # fmt: skip


def _first(rows: Lines, number: int) -> Lines:
    return rows.only(slice(number))


def _near(title: str, headings: list[str], wanted: dict[str, str]) -> str:
    """Ask for the heading most like a missing one, if there is any; never for a cell."""
    spare = [h for h in headings if h not in wanted.values() and not is_value(h)]
    known = {_same(heading): heading for heading in spare}
    near = nearest(_same(title), known)
    return f"did you mean {known[near]!r}?" if near else ""


def _listed(headings: list[str]) -> str:
    return f"there are {', '.join(repr(title) for title in headings[:MOST] if title)}"


_VALUE = re.compile(r"\d+([.,]\d+)?|\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}(?!\d).*", re.DOTALL)


def is_value(cell: str) -> bool:
    """Whether a cell holds a number, a date, or what identifies people, as no heading does."""
    text = cell.strip()
    return bool(_VALUE.fullmatch(text) or people_in(Counter([text])))


def _elsewhere(sheet: Sheet, source: TableSource, wanted: dict[str, str]) -> tuple[str, str] | None:
    """Say where the headings seem to be instead, if anywhere."""
    if len(sheet.headings) == 1 and len(wanted) > 1:
        mark = next((m for m in ";\t|," if m != source.delimiter and m in sheet.headings[0]), "")
        if mark:
            shown = "\\t (a tab)" if mark == "\t" else mark
            return (
                f"the headings are one cell, and seem to be separated by {shown}",
                f"set delimiter: {mark!r} in study.yaml".replace("'", '"'),
            )
    titles = set(map(_same, wanted.values()))
    first = _first(sheet.rows, 20)
    for line, cells in {**sheet.lines_above, **first}.items():
        if len(titles & set(map(_same, cells))) > len(titles) / 2:
            return (
                f"the headings seem to stand on line {line}, not on line {_numbers(source)}",
                f"set heading_line: {line} in study.yaml",
            )
    if not any(sheet.headings):
        fix = "write the headings there, or set heading_line: in study.yaml"
        return "the line is empty, and should hold the headings", fix
    if not titles & set(map(_same, sheet.headings)) and any(map(is_value, sheet.headings)):
        fix = "write the headings above the records, or set heading_line: in study.yaml"
        return "the line looks like a record, not like headings", fix
    return None
