"""Identifiers of records: one form for those that mean the same, and those that only seem to."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

LONGEST = 60
"""Letters that an identifier may have; a longer one has swallowed other cells."""

PLAIN = r"[A-Z0-9/_-]{0,60}"
"""Identifiers that are written as `plain_key` writes them, and are not `unlikely`."""

WHOLE = r"[ -*,-~]*"
"""Cells of plain letters, digits and signs but +: none of them is `damaged`."""

_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−﹘﹣－"), "-")
_LINE_BREAK = re.compile(r"[\n\r\v\f\x85\u2028\u2029]")
_SCIENTIFIC = re.compile(r"\d(\.\d+)?E\+\d+", re.IGNORECASE)
_OTHER_SCRIPT = ("CYRILLIC", "GREEK")


def plain_key(cell: str) -> str:
    """Write an identifier in capitals, without spaces, and with the letters that it shows.

    Letters of full width become ordinary ones, those without width vanish, every dash is a
    hyphen and every digit one of 0 to 9.
    """
    if not cell.isascii():
        text = unicodedata.normalize("NFKC", cell.translate(_DASHES))
        cell = "".join(_digit(letter) for letter in text if unicodedata.category(letter) != "Cf")
    key = "".join(cell.split()).upper()
    return re.sub(r"^(\d+)\.0+$", r"\1", key)  # a number in Excel


def _digit(letter: str) -> str:
    return str(unicodedata.decimal(letter)) if letter.isdecimal() else letter


def damaged(cell: str) -> tuple[str, str]:
    """Say why a cell can be no identifier any more, and what mends it; "" if it can."""
    if _LINE_BREAK.search(cell.strip()):
        why = "holds a line break: rows may have run together"
        return why, "look for a missing quotation mark there, or correct the identifier"
    if _SCIENTIFIC.fullmatch(cell.strip()):
        why = f"{cell.strip()!r} is a number that Excel has cut short: different ones look the same"
        return why, "format the column as text in Excel before saving the file"
    return "", ""


def unlikely(key: str) -> str:
    """Say why something is no identifier; "" if it may be one."""
    if len(key) > LONGEST:
        return f"is no identifier: it has {len(key)} letters"
    found = re.search(r"[,;\"“”„«»]", key)
    return f"{key!r} is no identifier: it holds {found[0]}" if found else ""


def alike(keys: Iterable[str]) -> str:
    """Say which two identifiers are probably one; "" if none are."""
    seen: dict[str, str] = {}
    for key in keys:
        shown = re.sub(r"^(\D*)0+(?=\d)", r"\1", key)
        if (other := seen.setdefault(shown, key)) != key:
            return f"{other!r} and {key!r} differ by leading zeros"
    odd = [key for key in seen.values() if any(map(_is_other, key))]
    if odd and len(odd) < len(seen):
        return f"{odd[0]!r} has letters of another alphabet that may look Latin"
    return ""


def _is_other(letter: str) -> bool:
    return unicodedata.name(letter, "").startswith(_OTHER_SCRIPT)
