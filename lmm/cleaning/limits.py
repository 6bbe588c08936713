"""How much of a table is read: records of a service are far less, and memory is bounded so."""

from __future__ import annotations

from pathlib import Path

from lmm.study.problems import StudyError, refuse

MOST_CELLS = 5_000_000
"""Rows times columns that a sheet or a Parquet file may have: few bytes can unpack to many."""

MOST_TEXT_CELLS = 100_000_000
"""Rows times columns that delimited text may have, each of which takes a byte of the file."""

MOST_LETTERS = 100_000_000
"""Letters that the cells of a table may have together, each text counted as often as it stands.

Of delimited text there is no such limit but the size of its file.
"""

LARGEST = 200_000_000
"""Bytes that a file may have; records of a service are far smaller."""

LARGEST_TEXT = 1_000_000_000
"""Bytes that a file of delimited text may have: it is read line by line, and never unpacked."""


def too_many_letters(path: Path, sheet: str = "") -> StudyError:
    """Word that reading the cells of a table would take all memory."""
    why = f"its cells hold more than {MOST_LETTERS / 1e6:.0f} million letters together"
    fix = "look for a long text that stands in many cells, and take it out"
    return refuse(why, path, sheet=sheet, fix=fix)
