"""Two versions of a figure, compared by the data drawn, by its words, and then by picture."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path
from xml.etree import ElementTree

import numpy as np

from lmm.review.verify.item import Difference
from lmm.study.problems import counted, cut

GEOMETRY = ("d", "x", "y", "width", "height", "transform", "points", "viewBox")
"""Attributes that say where something is drawn."""

NAMES = ("id", "href", "clip-path")
"""Attributes that name parts by a hash of all that is drawn."""

NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e-?\d+)?")
NAME = re.compile(r"i[0-9a-f]{8}-")


@dataclass(frozen=True)
class Mark:
    """Something that is drawn: in which part, of which form, at which coordinates, in what style.

    Attributes
    ----------
    words
        Of a text; "" of everything else.
    """

    place: str
    form: str
    at: tuple[float, ...]
    style: str
    words: str = ""

    def moved(self, other: Mark) -> float:
        """Give by how many px the two lie apart at most; infinity if they are of other forms."""
        if self.form != other.form or len(self.at) != len(other.at):
            return math.inf
        return max((abs(a - b) for a, b in zip(self.at, other.at, strict=True)), default=0.0)


def drawn(svg: str) -> tuple[str, list[Mark]]:
    """Take a figure apart: what is read in place of it, and its marks in order.

    Raises
    ------
    ValueError
        If it is no SVG.
    """
    if "<!ENTITY" in svg:
        raise ValueError("it declares entities, as no figure of a run does")
    try:
        root = ElementTree.fromstring(svg)
    except ElementTree.ParseError as error:
        raise ValueError(f"it is no SVG: {error}") from None
    try:
        return root.get("aria-label", ""), list(_marks(root, ()))
    except RecursionError:
        raise ValueError("its parts lie within each other without end") from None


def _marks(element: ElementTree.Element, within: tuple[str, ...]) -> Iterator[Mark]:
    tag = element.tag.rpartition("}")[2]
    if tag in ("metadata", "title", "style"):
        return
    if tag == "g" and (name := element.get("id")):
        within = (*within[-1:], NAME.sub("", name))
    held = {key.rpartition("}")[2]: value for key, value in element.attrib.items()}
    if at := " ".join(f"{name}={held[name]}" for name in GEOMETRY if name in held):
        others = sorted(f"{k}={v}" for k, v in held.items() if k not in (*GEOMETRY, *NAMES))
        yield Mark(
            " of ".join(reversed(within)),
            f"{tag} {NUMBER.sub('#', at)}",
            tuple(map(float, NUMBER.findall(at))),
            " ".join(others),
            "".join(element.itertext()).strip() if tag == "text" else "",
        )
    for child in element:
        yield from _marks(child, within)


def difference(made: str, held: str) -> Difference | None:
    """Say how two figures differ in what they draw and say; None if they do not.

    Raises
    ------
    ValueError
        If one is no SVG.
    """
    (label, mine), (alt, theirs) = drawn(made), drawn(held)
    shapes = [[mark for mark in side if not mark.words] for side in (mine, theirs)]
    texts = [[mark for mark in side if mark.words] for side in (mine, theirs)]
    lost, added = _words(*([mark.words for mark in side] for side in texts))
    apart = list(_apart(*shapes))
    if not lost and not added:  # otherwise what is left of them may well have moved
        apart += _apart(*texts)
    said = [f"the alternative text is other: {cut(alt)}"] * (label != alt)
    said += [f"label missing: {cut(words)}" for words in lost]
    said += [f"label that no run draws: {cut(words)}" for words in added]
    moved = [by for _, by in apart if math.isfinite(by) and by > 0]
    numbers = {
        "moved": len(moved),
        "more, less or of another form": sum(math.isinf(by) for _, by in apart),
        "in another colour or style": sum(by == 0 for _, by in apart),
    }
    why = [*said[:3], *(f"{counted(n, 'mark')} {how}" for how, n in numbers.items() if n)]
    if not why:
        return None
    places = (*said, *(f"{place}: {_far(by)}" for place, by in apart))
    return Difference(
        "; ".join(why), len(places), "mark", max(moved, default=None), where=tuple(places)
    )


def _far(by: float) -> str:
    if math.isinf(by):
        return "drawn otherwise"
    return f"{by:.6g} px away" if by else "in another style"


def _words(made: Sequence[str], held: Sequence[str]) -> tuple[list[str], list[str]]:
    """Give the texts that are missing, and those that were not drawn."""
    lost: list[str] = []
    added: list[str] = []
    for what, a, b, c, d in SequenceMatcher(None, made, held, autojunk=False).get_opcodes():
        if what != "equal":
            lost += made[a:b]
            added += held[c:d]
    return lost, added


def _apart(made: Iterable[Mark], held: Iterable[Mark]) -> Iterator[tuple[str, float]]:
    """Give where marks differ, part by part, and by how many px: 0 if only their style does."""
    parts: dict[str, tuple[list[Mark], list[Mark]]] = defaultdict(lambda: ([], []))
    for side, marks in enumerate((made, held)):
        for mark in marks:
            parts[mark.place][side].append(mark)
    for place, (mine, theirs) in parts.items():
        if len(mine) != len(theirs):
            yield from [(place, math.inf)] * abs(len(mine) - len(theirs))
            continue
        for one, other in zip(mine, theirs, strict=True):
            by = one.moved(other)
            if by or one.style != other.style:
                yield place, by


def picture_difference(made: Path, held: Path) -> Difference | None:
    """Say how two bitmaps differ, pixel by pixel; None if they do not.

    Raises
    ------
    ValueError
        If one is no picture.
    """
    from matplotlib.image import imread  # noqa: PLC0415

    try:
        mine, theirs = imread(made), imread(held)
    except Exception as error:  # a damaged one, or one that would unpack to something absurd
        raise ValueError(f"it is no picture: {error}") from None
    if mine.shape != theirs.shape:
        wide, other = ("×".join(map(str, each.shape[1::-1])) for each in (theirs, mine))
        return Difference(f"it is {wide} pixels large, and {other} were drawn", unit="picture")
    apart = np.abs(mine - theirs)
    other_pixels = apart.max(axis=-1) if apart.ndim == 3 else apart
    rows, columns = np.nonzero(other_pixels)
    if not len(rows):
        return None
    box = f"from pixel {columns.min()}, {rows.min()} to {columns.max()}, {rows.max()}"
    return Difference(
        f"{counted(len(rows), 'pixel')} of another colour",
        len(rows),
        "pixel",
        float(apart.max()),
        where=(f"{box}, counted from the upper left corner",),
    )
