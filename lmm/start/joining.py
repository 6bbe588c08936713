"""Exports -> the parts that can be tables: sheets with the same headings are one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from lmm.start.proposals import Part
from lmm.start.reading import parts_of
from lmm.study.problems import StudyError


def read_files(files: Sequence[Path]) -> tuple[list[Part], list[str]]:
    """Read the sheets of files, those with the same headings as one; and why others were not.

    Raises
    ------
    StudyError
        Naming each file that cannot be read.
    """
    parts: list[Part] = []
    unread: list[str] = []
    problems: list[str] = []
    for file in files:
        try:
            found, others = parts_of(file)
        except StudyError as error:
            problems += error.problems
        else:
            parts += found
            unread += others
    if problems:
        raise StudyError(*problems)
    return joined(parts), unread


def joined(parts: Sequence[Part]) -> list[Part]:
    """Put together what has the same headings: files, sheets, or the same sheets of each file."""
    groups: dict[object, list[Part]] = defaultdict(list)
    for part in parts:
        groups[part.headings, part.heading_lines, part.skip_lines, part.delimiter].append(part)
    return [whole for group in groups.values() for whole in _whole(group)]


def _whole(group: Sequence[Part]) -> list[Part]:
    files = tuple(dict.fromkeys(part.files[0] for part in group))
    sheets = tuple(dict.fromkeys(sheet for part in group for sheet in part.sheets))
    if len(group) < len(files) * max(1, len(sheets)):  # study.yaml names sheets of every file
        return [
            whole
            for sheet in (*((name,) for name in sheets), ())
            if (alike := [part for part in group if part.sheets == sheet])
            for whole in _whole(alike)
        ]
    first = group[0]
    drop = tuple(dict.fromkeys(heading for part in group for heading in part.drop))
    return [
        replace(
            first,
            files=files,
            sheets=sheets,
            encoding=next((p.encoding for p in group if p.encoding != "utf-8"), "utf-8"),
            cells={
                heading: [cell for part in group for cell in part.cells[heading]]
                for heading in first.cells
                if heading not in drop and all(heading in part.cells for part in group)
            },
            drop=drop,
            doubled=tuple(dict.fromkeys(h for part in group for h in part.doubled)),
            people=tuple(h for h in first.people if all(h in part.people for part in group)),
        )
    ]
