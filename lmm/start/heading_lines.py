"""On which lines of a sheet its headings stand, and which lines below them are no records."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from lmm.cleaning.headings import is_lower_heading
from lmm.cleaning.layout import joined_headings, named_columns
from lmm.cleaning.lines import Lines
from lmm.start.headings import is_known_heading

Table = Mapping[int, Sequence[str]]


def heading_lines_of(lines: Table, first: Table) -> tuple[int, ...]:
    """Find the line of the headings, or the two on which they stand together.

    Parameters
    ----------
    lines, first
        All lines of the sheet, and the first ones, among which the headings are.
    """
    line = _most_like_headings(first)
    if _is_complete(lines, (line,)):
        return (line,)
    above = max((n for n in first if n < line), default=0)
    below = min((n for n in first if n > line), default=0)
    if below and _goes_on(lines, line):
        return (line, below)
    if above and _is_complete(lines, (above, line)):
        return (above, line)
    return (line,)


def _is_complete(lines: Table, headings: tuple[int, ...]) -> bool:
    """Whether every column that holds cells has a heading of its own."""
    joined = joined_headings([lines[n] for n in headings])
    given = [heading for heading in named_columns(joined, _below(lines, headings[-1])) if heading]
    return len(set(given)) == len(given) and set(given) <= set(joined)


def _goes_on(lines: Table, line: int) -> bool:
    """Whether the line below the headings goes on with them, where they have none."""
    rows = _below(lines, line)
    headings = joined_headings([lines[line]])
    named = named_columns(headings, rows)
    lacking = [n for n, (old, new) in enumerate(zip(headings, named, strict=True), 1) if old != new]
    return bool(lacking) and is_lower_heading(rows, lacking)


def _below(lines: Table, line: int) -> Lines:
    rows = {n: cells for n, cells in lines.items() if n > line}
    return Lines.of([([*rows], [*rows.values()])], max(map(len, rows.values()), default=0))


def _most_like_headings(lines: Table) -> int:
    """Find the line most like headings: many words, known ones best, none of them twice."""
    best, line = -1.0, 1
    for number, cells in lines.items():
        words = [cell.strip() for cell in cells if cell.strip()]
        once = set(words)
        if len(once) < 2 or any(re.search(r"\d{3}", word) for word in words):
            continue
        score = sum(map(is_known_heading, once)) - (len(words) - len(once)) + len(words) / 100
        if score > best:
            best, line = score, number
    return line


_IMPORT = re.compile(r'\{\s*"?ImportId')


def import_lines(rows: Table) -> tuple[int, ...]:
    """Find the lines that Qualtrics puts below the headings: wording, and identifiers of columns.

    The identifiers are what they are known by; everything down to them is no record.
    """
    first = list(rows)[:3]
    last = [n for n in first if (filled := [c for c in rows[n] if c.strip()])
            and all(map(_IMPORT.match, filled))]  # fmt: skip
    return tuple(n for n in first if last and n <= last[-1])
