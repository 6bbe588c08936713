"""Columns that would identify people: refused unless they are dropped before anything is read.

A heading can say it, or the cells can. Names of people cannot be told from other words by
their cells; only their heading gives them away.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from lmm.problems import Problem

HEADINGS: dict[str, str] = {
    "a name": r"(first|fore|given|middle|last|family|full|sur|maiden|preferred|known as|child'?s?|"
    r"parents?'?s?|mother'?s?|father'?s?|carer'?s?|baby'?s?|client'?s?|patient'?s?|staff|"
    r"person'?s?|participant'?s?|contact|attendee'?s?|delegate'?s?)[ _-]*names?"
    r"|surname|forename|names?|name in full|initials",
    "an e-mail address": r"e-?mail( ?address)?|mail address",
    "a telephone number": r"(tele)?phone( ?(no|number))?|tel( ?(no|number))?|mobile( ?(no|number))?"
    r"|contact number",
    "an address": r"(home |postal |street )?address( ?line)?( ?\d)?|street|house (no|number)",
    "a postcode": r"(home |full )?post ?code|zip( ?code)?",
    "a date of birth": r"d\.? ?o\.? ?b\.?|(date of birth|birth ?date|birthday|born( on)?)",
    "an NHS number": r"nhs( ?(no|number|id))?",
    "a National Insurance number": r"ni(no| ?no| ?number)|national insurance( ?(no|number))?",
}
"""What a heading says a column holds, as a pattern of all of it."""

_WHOLE = {what: re.compile(pattern, re.IGNORECASE) for what, pattern in HEADINGS.items()}

_OWNERS = r"(of |for )?(the )?(mother|father|child|baby|parent|carer|client|patient|staff|person)s?"
_OWNED = re.compile(
    rf"^(?:(?P<before>{_OWNERS})('s)? )?(?P<what>.+?)(?: {_OWNERS})?$", re.IGNORECASE
)

_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)+")
_POSTCODE = re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]? ?\d[ABD-HJLNP-UW-Z]{2}\b", re.IGNORECASE)
_PHONE = re.compile(
    r"(?<![\w.])(\+44 ?\(?0?\)? ?|\(?0)[127]\d{1,4}\)?[ -]?\d{3,4}[ -]?\d{3,4}(?![\w.])"
)
_NINO = re.compile(
    r"\b(?!BG|GB|NK|KN|TN|NT|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d\d ?\d\d ?\d\d ?[A-D]\b",
    re.IGNORECASE,
)
_NHS = re.compile(r"\d{3}[ -]?\d{3}[ -]?\d{4}")

HALF = 0.5


def is_nhs_number(text: str) -> bool:
    """Whether ten digits end in the check digit of an NHS number (modulus 11).

    Source: NHS Data Dictionary, NHS NUMBER: weights 10 to 2 on the first nine digits; 11 less
    the remainder is the tenth, 11 counting as 0, and 10 is never given out.
    """
    digits = [int(letter) for letter in text if letter.isdigit()]
    if len(digits) != 10 or not _NHS.fullmatch(text.strip()):
        return False
    total = sum(weight * digit for weight, digit in zip(range(10, 1, -1), digits, strict=False))
    return (11 - total % 11) % 11 == digits[9]


def _any(pattern: re.Pattern[str]) -> Callable[[list[str]], int]:
    return lambda cells: sum(pattern.search(cell) is not None for cell in cells)


def _most_nhs(cells: list[str]) -> int:
    """Count NHS numbers, if more than chance would give: one number in eleven passes the check."""
    ten = [cell for cell in cells if _NHS.fullmatch(cell.strip())]
    valid = sum(map(is_nhs_number, ten))
    return valid if valid > HALF * len(ten) else 0


CELLS: dict[str, Callable[[list[str]], int]] = {
    "e-mail addresses": _any(_EMAIL),
    "postcodes": _any(_POSTCODE),
    "telephone numbers": _any(_PHONE),
    "National Insurance numbers": _any(_NINO),
    "NHS numbers": _most_nhs,
}
"""What cells may hold, and how many of a column's do."""


def named(heading: str) -> str:
    """Say what a heading says that identifies people; empty if it says nothing of the kind."""
    words = re.sub(r"[\s_.]+", " ", heading.replace("’", "'")).strip(" :?*")
    words = re.sub(r"\(.*?\)", "", words).strip()
    parts = {words}
    if found := _OWNED.match(words):
        parts.add(found["what"])
    return next(
        (what for what, form in _WHOLE.items() if any(form.fullmatch(part) for part in parts)), ""
    )


def identifying(
    columns: Iterable[tuple[str, list[str]]],
    *,
    file: str,
    sheet: str = "",
    not_identifying: Iterable[str] = (),
) -> list[Problem]:
    """Name the columns that look like direct identifiers, and never a cell of them.

    Parameters
    ----------
    columns
        Heading and cells of each column that is not dropped.
    not_identifying
        Headings declared to be harmless; what their cells hold is looked at all the same.
    """
    harmless = set(not_identifying)
    problems = []
    for number, (heading, cells) in enumerate(columns, 1):
        shown = heading or f"no. {number}"
        where: dict[str, Any] = {"file": file, "sheet": sheet, "column": shown}
        drop = f"put {heading!r} under drop: in study.yaml, or remove the column from the file"
        if heading not in harmless and (what := named(heading)):
            why = f"looks like {what}, which must not be read"
            fix = f"{drop}; if it is none, put it under not_identifying:"
            problems.append(Problem(why, fix=fix, **where))
            continue
        known = [cell for cell in cells if cell]
        for what, count in CELLS.items():
            if found := count(known):
                why = f"{found} of its cells look like {what}, which must not be read"
                problems.append(Problem(why, fix=drop, **where))
                break
    return problems
