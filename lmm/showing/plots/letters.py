"""How wide words are drawn, so that lines break where they fit and nothing is cut."""

from __future__ import annotations

import re
from functools import lru_cache

from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextToPath

FONT = "DejaVu Sans"
SIZE, SMALL, TITLE = 9.0, 8.5, 10.5
"""Of letters, in points; the smallest are 11.3 px on a page."""

_SAFE = 1.08
"""Renderers space letters differently, by up to so much."""

_PATHS = TextToPath()


@lru_cache(maxsize=4096)
def width_of(text: str, size: float = SIZE, weight: str = "normal") -> float:
    """Measure a line of text, in points."""
    font = FontProperties(family=FONT, size=size, weight=weight)
    width, _, _ = _PATHS.get_text_width_height_descent(text, font, ismath=False)
    return _SAFE * float(width)


def wrapped(text: str, room: float, size: float = SIZE, weight: str = "normal") -> str:
    """Break text into lines that fit into so many points; a longer word is broken too.

    Words that are `together` are not parted if they can stay so.
    """
    lines = [""]
    for word in re.split(r"[ \t\r\n]+", text):
        for piece in _pieces(word, room, size, weight):
            longer = f"{lines[-1]} {piece}".strip()
            if width_of(longer, size, weight) <= room:
                lines[-1] = longer
            else:
                lines.append(piece)
    return "\n".join(filter(None, lines)).replace(_GLUE, " ")


_GLUE = "\u00a0"


def together(text: str) -> str:
    """Keep words on one line where they fit on one."""
    return text.replace(" ", _GLUE)


def _pieces(word: str, room: float, size: float, weight: str) -> list[str]:
    """Cut a word that is wider than the room."""
    if width_of(word, size, weight) <= room:
        return [word]
    pieces = [""]
    for letter in word:
        if pieces[-1] and width_of(pieces[-1] + letter, size, weight) > room:
            pieces.append("")
        pieces[-1] += letter
    return pieces


def lines_in(text: str) -> int:
    """Count the lines of a text."""
    return text.count("\n") + 1
