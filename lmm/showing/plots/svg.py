"""A drawn figure as SVG: the same bytes for the same data, on every processor."""

from __future__ import annotations

import hashlib
import re
from decimal import Decimal

from lmm.statistics.rounding import half_up

COORDINATES = ("d", "height", "transform", "width", "x", "y")
"""Attributes of matplotlib's SVG that hold coordinates."""

TAG = re.compile(r"<[a-z][^<>]*>")
HELD = re.compile(rf'(?<= )(?:{"|".join(COORDINATES)})="[^"]*"')
_LONG = re.compile(r"-?\d+\.\d{3,}")


def in_hundredths(svg: str) -> str:
    """Round the coordinates of an SVG to 0.01 px, finer than can be seen."""

    def shorter(number: re.Match[str]) -> str:
        return f"{half_up(Decimal(number[0]), 2).normalize():f}"

    def in_tag(tag: re.Match[str]) -> str:
        return HELD.sub(lambda held: _LONG.sub(shorter, held[0]), tag[0])

    return TAG.sub(in_tag, svg)


def stable_ids(svg: str) -> str:
    """Name clip paths and markers by what is drawn and by their order.

    matplotlib names them by a hash of coordinates at full precision, whose last digits differ
    between processors. Names differ between figures, because a page may hold several.
    """
    found = dict.fromkeys(re.findall(r'id="([pm][0-9a-f]{10})"', svg))
    numbers = {name: str(n) for n, name in enumerate(found, 1)}
    names = re.compile("|".join(numbers) or "(?!)")
    drawn = names.sub(lambda match: numbers[match[0]], svg)
    figure = hashlib.sha256(drawn.encode("utf-8")).hexdigest()[:8]
    return names.sub(lambda match: f"i{figure}-{numbers[match[0]]}", svg)
