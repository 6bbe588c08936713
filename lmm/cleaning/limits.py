"""How much of a table is read: records of a service are far less, and memory is bounded so."""

from __future__ import annotations

from pathlib import Path

from lmm.study.problems import StudyError, refuse

MOST_CELLS = 5_000_000
"""Rows times columns that a table may have."""

MOST_LETTERS = 100_000_000
"""Letters that the cells of a table may have together, each text counted as often as it stands."""


def too_many_letters(path: Path, sheet: str = "") -> StudyError:
    """Word that reading the cells of a table would take all memory."""
    why = f"its cells hold more than {MOST_LETTERS / 1e6:.0f} million letters together"
    fix = "look for a long text that stands in many cells, and take it out"
    return refuse(why, path, sheet=sheet, fix=fix)
