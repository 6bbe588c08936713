"""Columns that would identify people: refused unless they are dropped before anything is read.

A heading can say it, or the cells can. Names of people cannot be told from other words by
their cells; only their heading gives them away.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

import pandas as pd

from lmm.cleaning.distinct import are_few, unlike
from lmm.study.problems import Problem

_OWNER = (
    r"(of |for )?(the )?(mother|mum|mom|mam|father|dad|child|baby|infant|parent|carer|guardian"
    r"|partner|family|household|client|patient|service user|member|staff|worker|volunteer"
    r"|person|participant|attendee|delegate|next of kin|emergency contact|contact)('?s'?)?"
)

HEADINGS: dict[str, str] = {
    "a name": r"signature|signed|next of kin|nok|emergency contact|key ?worker",
    "initials": r"initials|known as",
    "an e-mail address": r"((home|work) )?(e[ -]?mail|mail addr(ess)?|e[ -]?mail addr(ess)?)",
    "a telephone number": r"((home|work) )?((tele)?phone|tel|mobile)( (no|number))?|contact number"
    r"|(best|daytime|evening|emergency) (contact )?(no|number)|contact (no|num)",
    "an address": r"((home|postal|street) )?addr(ess)?( ?line)?( ?\d)?|street|house (no|number)",
    "a postcode": r"zip|p ?code",
    "a date of birth": r"born( on)?|birth ?day",
    "an NHS number": r"nhs( id)?",
    "a hospital number": r"mrn|(medical record|hospital)( (no|number|id))",
    "a National Insurance number": r"ni ?no|ni ?number|nat(ional)? ins(urance)?( (no|number))?",
    "a passport number": r"passport( (no|number))?",
}
"""What a heading says a column holds: all of it, but for whose it is."""

_WHOLE = {
    what: re.compile(rf"({_OWNER} )*({form})( {_OWNER})*", re.IGNORECASE)
    for what, form in HEADINGS.items()
}

_THING = (
    r"(course|group|class|session|event|activity|workshop|training|topic|project|programme"
    r"|service|team|ward|area|district|locality|town|city|country|site|venue|cent(re|er)"
    r"|setting|file|sheet|school|nursery|organi[sz]ation|agency|employer|provider|practice|item)s?"
)
_OF_A_THING = re.compile(rf"\b{_THING} names?\b|\bnames? of (the )?{_THING}$", re.IGNORECASE)

_WITHIN = {
    "a name": re.compile(
        r"\b(sur|fore|user|nick|first|last|middle|full|given|[fl]|child|baby|mother|father|parent"
        r"|carer|client|patient|staff|worker)?names?\d*\b|^(first|last)$",
        re.IGNORECASE,
    ),
    "a postcode": re.compile(
        r"\b(post|postal|zip) ?code\b(?! (area|district|sector))", re.IGNORECASE
    ),
    "a date of birth": re.compile(r"\bd ?o ?b\b|\bdate of birth\b|\bbirth ?date\b", re.IGNORECASE),
    "an NHS number": re.compile(r"\bnhs ?(no|num|number)\b", re.IGNORECASE),
}
"""What a heading says by words anywhere in it."""

_EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(\.[\w-]{1,63})+")
_POSTCODE = re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]?[ ./-]{0,2}\d[ABD-HJLNP-UW-Z]{2}\b", re.IGNORECASE)
_WITHOUT_ZERO = re.compile(r"7\d{9}")
"""A mobile number of which a spreadsheet has taken the nought."""

_NINO = re.compile(
    r"\b(?!BG|GB|NK|KN|TN|NT|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]"
    r"[ -]?\d\d[ -]?\d\d[ -]?\d\d[ -]?[A-D]\b",
    re.IGNORECASE,
)
_NHS = re.compile(r"(?:NHS(?: no| number)?[ .:]{0,3})?\d(?:[ ./;,&-]{0,3}\d){9,39}", re.IGNORECASE)
"""Ten digits, or several times ten, whatever stands between them."""

UK, FULL = 44, 10
"""The country of the United Kingdom, and how many digits a number there has after its nought."""

_DIALLED = re.compile(r"(?<![\w.-])\(?0[0127]|\+[ (]?\d")
"""How a number that is written to be dialled begins; most cells hold none and need no library."""

_DAY = re.compile(r"\d{1,2}([-./ ])\d{1,2}\1(19|20)\d\d\b")
"""A date with a time behind it has as many digits as a telephone number."""

_AT = re.compile(r"\s?[\[({]\s?at\s?[\])}]\s?", re.IGNORECASE)
"""Stands for @ in an address that is not to be found."""

HALF = 0.5


def is_nhs_number(text: str) -> bool:
    """Whether a text holds NHS numbers and nothing else: ten digits, of which the last checks."""
    from stdnum.gb import nhs  # noqa: PLC0415

    digits = re.sub(r"\D", "", text)
    tens = [digits[n : n + 10] for n in range(0, len(digits), 10)]
    return bool(_NHS.fullmatch(text.strip())) and all(map(nhs.is_valid, tens))


Cells = Counter[str]
"""Different cells, and how often each stands."""


def _telephones(cells: Cells) -> int:
    """Count the cells in which a telephone number stands, written to be dialled."""
    return sum(times for cell, times in cells.items() if _has_telephone(cell))


def _has_telephone(cell: str) -> bool:
    if sum(map(str.isdecimal, cell)) < FULL or not _DIALLED.search(cell):
        return False
    from phonenumbers import Leniency, PhoneNumberMatcher  # noqa: PLC0415

    found = PhoneNumberMatcher(cell, "GB", leniency=Leniency.POSSIBLE)
    return any(map(_is_dialled, found))


def _is_dialled(found: Any) -> bool:
    """Whether digits are a whole number with its area code, or one with its country.

    Numbers that nobody has been given are refused as well: a library that knows which are in
    use would let those pass that are invented. Freephone numbers are of no person.
    """
    from phonenumbers import is_valid_number  # noqa: PLC0415

    number, written = found.number, found.raw_string.lstrip("( ")
    national = str(number.national_number)
    if number.country_code != UK:
        return written.startswith("+") or (written.startswith("00") and is_valid_number(number))
    if _DAY.match(written):
        return False
    area = national[0] in "127" and written[:2] in (f"0{national[0]}", "+4", "00")
    return area and len(national) == FULL


def _any(pattern: re.Pattern[str], sign: str = "") -> Callable[[Cells], int]:
    return lambda cells: sum(
        times for cell, times in cells.items() if sign in cell and pattern.search(cell)
    )


def _most_nhs(cells: Cells) -> int:
    """Count NHS numbers, if more than chance would give: one number in eleven passes the check."""
    ten = Counter({cell: times for cell, times in cells.items() if _NHS.fullmatch(cell)})
    valid = sum(times for cell, times in ten.items() if is_nhs_number(cell))
    return valid if valid > HALF * ten.total() else 0


def _most_mobiles(cells: Cells) -> int:
    """Count mobile numbers that lost their nought, if most cells are: others may look alike."""
    mobile = sum(times for cell, times in cells.items() if _WITHOUT_ZERO.fullmatch(cell))
    return mobile if mobile > HALF * cells.total() else 0


CELLS: dict[str, Callable[[Cells], int]] = {
    "e-mail addresses": _any(_EMAIL, "@"),
    "postcodes": _any(_POSTCODE),
    "NHS numbers": _most_nhs,
    "telephone numbers": _telephones,
    "National Insurance numbers": _any(_NINO),
    "mobile numbers": _most_mobiles,
}
"""What cells may hold, and how many of a column's do."""

HARMLESS = r"[A-Za-z _/.,:;'-]*[0-9]{0,9}"
"""Words without @, and up to nine digits behind them, can be nothing of the kind."""

_WORD = "-"
"""Stands for all cells that are harmless."""


def counted_cells(cells: pd.Series[str]) -> Cells:
    """Count the cells of a column by what stands in them; many that are harmless as one."""
    harmless = 0
    if not are_few(cells):
        doubtful = unlike(cells, HARMLESS)
        harmless, cells = int((cells[~doubtful] != "").sum()), cells[doubtful]
    often = cells.value_counts(sort=False)
    found: Cells = Counter(dict(zip(often.index.tolist(), often.tolist(), strict=True)))
    found[_WORD] += harmless
    return found


def people_in(cells: Cells) -> str:
    """Say how many cells hold which identifiers of people; empty if none do."""
    plain: Cells = Counter()
    for cell, times in cells.items():
        if cell:
            plain[_plain(cell)] += times
    found = ((count(plain), what) for what, count in CELLS.items())
    return next((f"{number} of its cells look like {what}" for number, what in found if number), "")


def evened(text: str) -> str:
    """Write letters in one way, and leave out those that cannot be seen."""
    if text.isascii():
        return text
    even = unicodedata.normalize("NFKC", text)
    return "".join(letter for letter in even if unicodedata.category(letter) != "Cf")


def _plain(cell: str) -> str:
    """Even out what spreadsheets and hands do to an identifier."""
    text = re.sub(r"[\u2010-\u2015\u2212]", "-", evened(cell))
    text = " ".join(text.split()).lstrip("'")
    text = re.sub(r"(?<=\d)_(?=\d)", " ", _AT.sub("@", text))
    return re.sub(r"(?<=\d)\.0$", "", text)


def named(heading: str) -> str:
    """Say what a heading says that identifies people; empty if it says nothing of the kind."""
    whole = evened(heading).replace("’", "'")
    words = _words(re.sub(r"\([^()]*\)", "", whole))
    if _WITHIN["a name"].search(_OF_A_THING.sub("", _words(re.sub(r"[()]", " ", whole)))):
        return "a name"
    within = _OF_A_THING.sub("", words)
    found = [what for what, form in _WITHIN.items() if form.search(within)]
    found += [what for what, form in _WHOLE.items() if form.fullmatch(words)]
    return found[0] if found else ""


def _words(heading: str) -> str:
    """Part the words of a heading, as FirstName has two."""
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", heading)
    return " ".join(re.sub(r"[\s_./&:?*#]+", " ", parted).split())


def identifying(
    columns: Iterable[tuple[str, pd.Series[str]]],
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
        if found := people_in(counted_cells(cells)):
            problems.append(Problem(f"{found}, which must not be read", fix=drop, **where))
    return problems
