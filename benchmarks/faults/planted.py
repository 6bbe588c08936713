"""Faults that are no mutation of the library: the kinds, and so many of each drawn by a seed."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from benchmarks.faults import of_files, of_notebooks
from benchmarks.faults.fault import Fault
from benchmarks.faults.mutations import SEED
from benchmarks.faults.of_notebooks import Planted

RUN = ("tests/test_pipeline.py",)
"""A run compared with what is committed."""

ALL = "notebooks"
NOTEBOOKS = ("tests/test_notebooks.py", ALL)
NUMERALS = ("tests/test_numerals.py", "tests/test_notebooks.py", ALL)
_OF_PAGES = "numerals docs project simulation schema disclosure_page guide indicators commands"
PAGES = tuple(f"tests/test_{name}.py" for name in _OF_PAGES.split())
SETTINGS = ("tests/test_configuration.py", "tests/test_sound.py", "tests/test_project.py")


@dataclass(frozen=True)
class Kind:
    """A kind of fault: what it is called, what draws it, and tests that are asked first."""

    name: str
    drawn: Callable[[Path, random.Random], Iterator[Planted]]
    likely: tuple[str, ...]
    number: int = 5


KINDS = (
    Kind("digit in a stored table of a notebook", of_notebooks.digit_in_a_table, NOTEBOOKS),
    Kind("digit in a stored answer", of_notebooks.digit_in_an_answer, NOTEBOOKS),
    Kind("point moved in a notebook", of_notebooks.point_moved, NOTEBOOKS),
    Kind("figure swapped", of_notebooks.figure_swapped, NOTEBOOKS),
    Kind("notebook stripped", of_notebooks.stripped, NOTEBOOKS, 4),
    Kind("notebook partly run", of_notebooks.partly_run, NOTEBOOKS),
    Kind("notebook reordered", of_notebooks.reordered, NOTEBOOKS),
    Kind("parameter default changed", of_notebooks.parameter_default, NOTEBOOKS),
    Kind("number typed into a notebook", of_notebooks.number_typed, NUMERALS),
    Kind("alternative text removed", of_notebooks.alternative_text, NOTEBOOKS),
    Kind("raw row removed", of_files.row_removed, RUN),
    Kind("raw row twice", of_files.row_twice, RUN),
    Kind("raw row changed", of_files.row_changed, RUN),
    Kind("clean row changed", of_files.cleaned_row, RUN),
    Kind("declaration changed", of_files.declared, (*RUN, "tests/test_study.py")),
    Kind("cut-off changed", of_files.cut_off, RUN),
    Kind("scale changed", of_files.scale, RUN),
    Kind(
        "measure changed", of_files.measure, (*RUN, "tests/test_counting.py", "tests/test_gate.py")
    ),
    Kind("digit in a committed table", of_files.stored_table, RUN),
    Kind("committed count changed", of_files.released_count, RUN),
    Kind("point moved in a committed figure", of_files.stored_figure, RUN),
    Kind("mark removed", of_files.mark_removed, RUN),
    Kind("stray file", of_files.stray_file, (*RUN, *SETTINGS)),
    Kind("page edited", of_files.edited_page, PAGES),
    Kind("number typed into a page", of_files.number_typed, PAGES),
    Kind("fingerprint changed", of_files.forged_hash, SETTINGS),
    Kind("lock forged", of_files.forged_version, SETTINGS),
    Kind("library of another version", of_files.other_version, SETTINGS),
    Kind("option of the checks removed", of_files.option_removed, SETTINGS, 12),
)


def planted(root: Path, *, seed: int = SEED) -> list[Fault]:
    """Draw the faults of every kind from the files of a copy."""
    return [fault for kind in KINDS for fault in drawn(root, kind, seed=seed)]


def drawn(root: Path, kind: Kind, *, seed: int = SEED) -> list[Fault]:
    """Draw the faults of one kind."""
    draw = random.Random(f"{seed} {kind.name}")
    seen: set[str] = set()
    fresh = (each for each in kind.drawn(root, draw) if _is_new(each, root, seen))
    return [
        Fault(
            id=f"{kind.name}:{n}",
            kind=kind.name,
            place=place,
            what=what,
            plant=lambda _, changes=changes: changes,  # type: ignore[misc]
            likely=tuple(place if test == ALL and ALL in place else test for test in kind.likely),
        )
        for n, (place, what, changes) in enumerate(islice(fresh, kind.number), 1)
    ]


def _is_new(each: Planted, root: Path, seen: set[str]) -> bool:
    """Whether something changes that was not changed in this way before."""
    place, what, changes = each
    new = f"{place} {what}" not in seen
    seen.add(f"{place} {what}")
    return new and any(
        not (root / name).exists() or (root / name).read_bytes() != content
        for name, content in changes.items()
    )
