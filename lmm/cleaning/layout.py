"""What stands where in a sheet: headings of several lines, records, and what is neither."""

from __future__ import annotations

import re
from collections.abc import Sequence

from lmm.cleaning.lines import Lines
from lmm.study.source import unheaded

BETWEEN = " / "
"""Stands between an upper heading and the one below it."""

DECLARED = "declared to be no record (skip_lines)"
FOOTER = "footer of the report, not a record"
NOT_KEPT = "not kept: "
"""Begins the reason for which `keep:` leaves a row out."""


def joined_headings(lines: Sequence[Sequence[str]]) -> list[str]:
    """Join the headings of several lines, the upper ones first, into one for each column.

    An upper heading holds for the blanks to its right as long as something stands below it;
    a column in which nothing stands on any of the lines has no heading.
    """
    width = max(map(len, lines))
    levels = [[*(cell.strip() for cell in line), *[""] * (width - len(line))] for line in lines]
    carried = [""] * (len(levels) - 1)
    headings = []
    for own in zip(*levels, strict=True):
        for level, cell in enumerate(own[:-1]):
            if cell:
                has_below = any(own[level + 1 :])
                carried[level:] = [cell if has_below else "", *[""] * (len(carried) - level - 1)]
        parts = [upper or cell for upper, cell in zip([*carried, ""], own, strict=True)]
        headings.append(BETWEEN.join(dict.fromkeys(filter(None, parts))) if any(own) else "")
    return headings


def named_columns(headings: Sequence[str], rows: Lines) -> list[str]:
    """Call columns that hold cells and have no heading by their number."""
    return [
        heading or (unheaded(n) if (rows.column(n) != "").any() else "")
        for n, heading in enumerate(headings, 1)
    ]


LONGEST_FOOTER = 20
"""Lines that a footer has at most, blank ones among them."""


def footer(rows: Lines, width: int) -> list[int]:
    """Find the lines of a report's footer: at the end, below a blank line, and unlike records.

    A line is unlike a record if it is not filled to the width, and its first words are formed
    as no record's are in their column: ``Total rows:`` below ``P011``.
    """
    ends = rows.only(slice(-LONGEST_FOOTER, None))
    lines = list(ends)
    first_blank = next((n for n, line in enumerate(lines) if _is_blank(ends[line])), len(lines))
    found: list[int] = []
    for line in reversed(lines[first_blank:]):
        if not _is_blank(ends[line]) and not _is_unlike(rows, line, ends[line], width):
            break
        found.append(line)
    below_blank = found[
        : max((n for n, line in enumerate(found) if _is_blank(ends[line])), default=0)
    ]
    return sorted(line for line in below_blank if not _is_blank(ends[line]))


def _is_blank(cells: Sequence[str]) -> bool:
    return not any(map(str.strip, cells))


def _is_unlike(rows: Lines, line: int, cells: Sequence[str], width: int) -> bool:
    """Whether a line is formed as no record above it; blank ones are none."""
    filled = [n for n, cell in enumerate(cells) if cell.strip()]
    if len(filled) >= width or len(cells) > width:
        return False
    form = _form(cells[filled[0]])
    above = rows.only(rows.frame.index < line)
    has_records = any((cells.str.strip() != "").any() for _, cells in above.frame.items())
    alike = (_form(cell) == form for cell in above.column(filled[0] + 1).unique())
    return has_records and not any(alike)


def _form(cell: str) -> str:
    """Leave how a cell is formed: words become a, numbers 0."""
    return re.sub(r"[^\W\d_]+", "a", re.sub(r"\d+", "0", cell.strip()))
