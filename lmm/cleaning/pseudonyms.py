"""Pseudonyms in place of what identifies people: a keyed one-way code, made while reading.

The code is an HMAC of the cell, so that nobody without the study's key can look up the codes of
known addresses. Whoever has the key can; it stays with the records (see `Study.key`).
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
from collections.abc import Iterable

import pandas as pd

from lmm.cleaning.distinct import each
from lmm.cleaning.identifiers import evened
from lmm.study.labels import fold
from lmm.study.problems import refuse
from lmm.study.study import Study

_KEY = re.compile(r"[0-9a-f]{64}")
LETTERS = 16
"""Hexadecimal digits of a pseudonym: among a million people two are alike once in 37 million."""


def pseudonyms(cells: pd.Series[str], key: bytes, missing: Iterable[str] = ("",)) -> pd.Series[str]:
    """Give each cell's pseudonym; cells that mean "not recorded" stay as they are.

    Case, white space and letters without width never tell two people apart.
    """
    nothing = {fold(word) for word in ("", *missing)}
    return each(cells, lambda cell: cell if fold(cell) in nothing else _pseudonym(cell, key))


def _pseudonym(cell: str, key: bytes) -> str:
    text = "".join(fold(evened(cell)).split())
    return f"P{hmac.new(key, text.encode(), hashlib.sha256).hexdigest()[:LETTERS].upper()}"


def new_key() -> bytes:
    """Draw a key; without being kept, it only tells people apart while the program runs."""
    return secrets.token_bytes(32)


def kept_key(study: Study) -> bytes | None:
    """Read the key that the study keeps, if it needs one and has it already.

    Raises
    ------
    StudyError
        If the file cannot be read, or holds no key.
    """
    if not _is_needed(study):
        return None
    try:
        text = study.key.read_text("ascii").strip()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError):
        text = ""
    if not _KEY.fullmatch(text):
        why = "cannot be read, or holds no key of 64 hexadecimal digits"
        fix = "put back the copy you have, or delete it: everybody then gets a new pseudonym"
        raise refuse(why, study.key, fix=fix)
    return bytes.fromhex(text)


def keep_key(study: Study) -> None:
    """Write a key into the study's data folder, for its owner alone, if it is needed and missing.

    Raises
    ------
    StudyError
        If it cannot be written, or what is there is no key.
    """
    if not _is_needed(study) or kept_key(study):
        return
    try:
        place = os.open(study.key, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(place, "w", encoding="ascii") as file:
            file.write(new_key().hex() + "\n")
    except OSError as error:
        why = f"cannot be written: {error.strerror}"
        raise refuse(why, study.key, fix="see who may write into the folder") from None


def _is_needed(study: Study) -> bool:
    return any(source.pseudonymise for source in study.sources.values())
