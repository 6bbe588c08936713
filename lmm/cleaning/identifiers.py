"""Columns that would identify people: refused unless they are dropped before anything is read.

A heading can say it, or the cells can. Names of people cannot be told from other words by
their cells; only their heading gives them away.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from lmm.problems import Problem

_OWNER = (
    r"(of |for )?(the )?(mother|mum|mom|mam|father|dad|child|baby|infant|parent|carer|guardian"
    r"|partner|family|household|client|patient|service user|member|staff|worker|volunteer"
    r"|person|participant|attendee|delegate|next of kin|emergency contact|contact)('?s'?)?"
)

HEADINGS: dict[str, str] = {
    "initials": r"initials|known as",
    "an e-mail address": r"((home|work) )?(e-?mail|mail address|e-?mail address)",
    "a telephone number": r"((home|work) )?((tele)?phone|tel|mobile)( (no|number))?|contact number",
    "an address": r"((home|postal|street) )?address( ?line)?( ?\d)?|street|house (no|number)",
    "a date of birth": r"born( on)?|birthday",
    "an NHS number": r"nhs( id)?",
    "a National Insurance number": r"ni(no| ?no| ?number)|national insurance( (no|number))?",
}
"""What a heading says a column holds: all of it, but for whose it is."""

_WHOLE = {
    what: re.compile(rf"({_OWNER} )*({form})( {_OWNER})*", re.IGNORECASE)
    for what, form in HEADINGS.items()
}

_THING = (
    r"(course|group|class|session|event|activity|workshop|training|topic|project|programme"
    r"|service|team|ward|area|district|locality|town|city|country|site|venue|cent(re|er)"
    r"|setting|school|nursery|organi[sz]ation|agency|employer|provider|practice|item)s?"
)
_OF_A_THING = re.compile(rf"\b{_THING} names?\b|\bnames? of (the )?{_THING}$", re.IGNORECASE)

_WITHIN = {
    "a name": re.compile(r"\b(sur|fore|user|nick)?names?\b", re.IGNORECASE),
    "a postcode": re.compile(r"\b(post|zip) ?code\b(?! (area|district|sector))", re.IGNORECASE),
    "a date of birth": re.compile(r"\bd ?o ?b\b|\bdate of birth\b|\bbirth ?date\b", re.IGNORECASE),
    "an NHS number": re.compile(r"\bnhs ?(no|num|number)\b", re.IGNORECASE),
}
"""What a heading says by words anywhere in it."""

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
    words = re.sub(r"\(.*?\)", "", heading.replace("’", "'"))
    words = " ".join(re.sub(r"[\s_./&:?*]+", " ", words).split())
    within = _OF_A_THING.sub("", words)
    found = [what for what, form in _WITHIN.items() if form.search(within)]
    found += [what for what, form in _WHOLE.items() if form.fullmatch(words)]
    return found[0] if found else ""


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
