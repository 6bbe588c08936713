"""What a planted fault is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

Changes = dict[str, bytes | None]
"""New content of files, by their path in the copy; None removes one."""


@dataclass(frozen=True)
class Fault:
    """One fault, which can be planted in any copy of the project.

    Attributes
    ----------
    id
        The same from run to run, and whatever else is edited: the key of the table.
    kind
        What sort of fault it is: a mutation of a stage of the library, or one by hand.
    place
        The file, and the line where there is one.
    what
        What is changed, in words.
    lines
        First and last line that have to be reached for it to matter; 0 for a whole file.
    plant
        Gives the changes, from the folder of the copy.
    generated
        Whether it is a mutation of the library.
    likely
        Tests that are asked before all others; any that `make test` has may catch it.
    """

    id: str
    kind: str
    place: str
    what: str
    plant: Callable[[Path], Changes]
    lines: tuple[int, int] = (0, 0)
    generated: bool = False
    likely: tuple[str, ...] = ()
