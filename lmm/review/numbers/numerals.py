"""Numerals in a text: digits, and words that count."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

_UNITS = """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen
fifteen sixteen seventeen eighteen nineteen"""
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_ORDINALS = """third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth
fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth"""

COUNTS = {word: number for number, word in enumerate(_UNITS.split())} | {
    word: 10 * number for number, word in enumerate(_TENS.split(), 2)
}
SCALES = {"dozen": 12, "hundred": 100, "thousand": 1000, "million": 10**6, "billion": 10**9}
PARTS = {"half": 2, "halves": 2, "quarter": 4, "quarters": 4} | {
    word + ending: number
    for number, word in enumerate(_ORDINALS.split(), 3)
    for ending in ("", "s")
}
TIMES = {"twice": 2, "thrice": 3, "double": 2, "triple": 3, "treble": 3, "quadruple": 4}

_WORD = "|".join([*COUNTS, *SCALES])
_PART = "|".join(
    [
        *(part for part in PARTS if "quarter" not in part),
        "(?:hundred|thousand|million)ths?",
        "[a-z]+tieths?",
    ]
)
_LINK = r"(?:[\s\-‐‑–]+(?:and\s+)?)"

_PATTERN = re.compile(
    rf"""
    (?P<name>[^\W\d_]+\d\w*)                                   # CR2: a name, or glued to a word
  | (?P<day>\d{{4}}-\d\d-\d\d)
  | (?P<number>(?:(?<![\w)\]])[-−+±])?
      \d+(?:[.,\u00a0\u2009\u202f]\d+)*(?:[eE][-+]?\d+(?!\w))?
      (?:\s?%|\s(?:per\s?cent)\b|[^\W\d_]+)?)                       # 64 %, 5th, 11px
  | (?P<quarter>\b(?:an?|one|two|three)\s+quarters?\b|(?<!the\s)\bquarters?(?=\s+of\b))
  | (?P<word>\b(?:{_WORD})(?:e?s|fold|ish|some(?:thing)?)?
      (?:{_LINK}(?:{_WORD})s?\b)*(?:{_LINK}(?:{_PART})\b)?\b)
  | (?P<part>\b(?:{_PART})\b)
  | (?P<times>\b(?:twice|thrice|(?:doubl|tripl|trebl|quadrupl)(?:e|es|ed|ing))\b)
  | (?P<roman>(?-i:\b(?=[MDCLXVI]{{2,}}\b)M{{0,3}}(?:CM|CD|D?C{{0,3}})
      (?:XC|XL|L?X{{0,3}})(?:IX|IV|V?I{{0,3}})\b))
    """,
    re.VERBOSE | re.IGNORECASE,
)


@dataclass(frozen=True)
class Numeral:
    """A numeral as it is written, and where it stands in its text."""

    begins: int
    ends: int
    written: str


def numerals(text: str) -> Iterator[Numeral]:
    """Find the numerals of a text, first to last.

    "one" by itself is a pronoun more often than a number, and "first" and "second" put things
    in order; none of them is taken for a numeral.
    """
    plain = "".join(_plain(letter) for letter in text)
    for found in _PATTERN.finditer(plain):
        if found["word"] and found["word"].lower() in ("one", "ones"):
            continue
        yield Numeral(found.start(), found.end(), text[found.start() : found.end()])


@cache
def _plain(letter: str) -> str:
    """Write digits of any script, and signs such as ½ and ², as digits; each stays one letter."""
    if letter.isascii():
        return letter
    number = unicodedata.numeric(letter, None)
    return letter if number is None else str(int(number) % 10)


def agrees(written: str, value: object) -> bool:
    """Ask whether a numeral says a value, rounded to the digits that are written.

    A share may be written as a percentage. What is no number, such as a day, has to be the same.
    """
    if isinstance(value, str):
        said, meant = _amount(written), _amount(value)
        return written == value or (said and said[0]) == (meant and meant[0]) is not None
    said = _amount(written)
    if said is None or not isinstance(value, int | float | Fraction):
        return False
    amount, step = said
    exactly = Fraction(repr(value) if isinstance(value, float) else value)
    return abs(amount - exactly) <= step / 2 if step else amount == exactly


def _amount(written: str) -> tuple[Fraction, Fraction] | None:
    """Give what a numeral amounts to, and what its last digit counts; of words, nothing."""
    if len(written) == 1 and not written.isascii() and not written.isdecimal():
        return Fraction(unicodedata.numeric(written)).limit_denominator(100), Fraction(0)
    if re.fullmatch(r"\d+[eE][-+]?\d+", written):
        return Fraction(written), Fraction(0)
    found = re.fullmatch(r"([-−+±]?)(\d+(?:,\d{3})*)(?:\.(\d+))?(\s?%|\sper\s?cent)?", written)
    if not found:
        return _worded(written)
    sign, whole, decimals, percent = found.groups()
    scale = Fraction(1, 100 if percent else 1)
    number = Fraction(f"{whole.replace(',', '')}.{decimals or 0}") * scale
    return (-number if sign in ("-", "−") else number), scale / 10 ** len(decimals or "")


def _worded(written: str) -> tuple[Fraction, Fraction] | None:
    """Give what number words amount to."""
    total = current = Fraction(0)
    for word in re.findall(r"[a-z]+", written.lower().replace("fold", "")):
        if word in COUNTS:
            current += COUNTS[word]
        elif word in TIMES:
            current += TIMES[word]
        elif word in PARTS:
            current = (current or Fraction(1)) / PARTS[word]
        elif (scale := SCALES.get(word.removesuffix("s"))) is not None:
            current = (current or Fraction(1)) * scale
            total, current = (total + current, Fraction(0)) if scale >= 1000 else (total, current)
        elif word not in ("and", "a", "an"):
            return None
    return total + current, Fraction(0)
