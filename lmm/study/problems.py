"""What a user can mend: one line for each problem, with the place and the fix."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from pathlib import Path
from typing import Self

from rapidfuzz import fuzz, process


class Problem(str):
    """One thing that a user can mend: the sentence, and where it is, for reports.

    Attributes
    ----------
    why, fix
        What is wrong, and what mends it.
    file, sheet, line, column, value
        Where it is; "" or 0 where that does not apply.
    """

    why: str
    fix: str
    file: str
    sheet: str
    line: int
    column: str
    value: str

    def __new__(
        cls,
        why: str,
        *,
        fix: str = "",
        file: str = "",
        sheet: str = "",
        line: int = 0,
        column: str = "",
        value: str = "",
    ) -> Self:
        """Word the problem as one line."""
        why, fix = shortened(why), shortened(fix)
        place = (
            file,
            f"sheet {sheet!r}" if sheet else "",
            f"line {line}" if line else "",
            shortened(f"column {column!r}") if column else "",
        )
        text = ": ".join(filter(None, (*place, why)))
        self = super().__new__(cls, visible(f"{text}; {fix}" if fix else text))
        self.why, self.fix, self.file, self.sheet = why, fix, file, sheet
        self.line, self.column, self.value = line, column, value
        return self


class OpenQuestion(Problem):
    """What a draft leaves open: somebody has to answer it before anything can be said to be wrong.

    Attributes
    ----------
    about
        The column whose heading is asked for; "" if something else is.
    headings
        Those of the file that nothing else claims; none where they must not be quoted.
    """

    about: str = ""
    headings: tuple[str, ...] = ()


class StudyError(Exception):
    """One or more problems that a user can mend; each is a line of the message."""

    def __init__(self, *problems: str) -> None:
        self.problems = tuple(p if isinstance(p, Problem) else visible(p) for p in problems)
        super().__init__("\n".join(self.problems))


def refuse(why: str, path: Path, *, fix: str = "", sheet: str = "", line: int = 0) -> StudyError:
    """Word why a file cannot be read."""
    return StudyError(Problem(why, file=path.name, sheet=sheet, line=line, fix=fix))


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Give the known name that is most like a mistaken one, if any is; the first of equals."""
    found = process.extractOne(name, list(known), scorer=fuzz.ratio, score_cutoff=60)
    return found[0] if found else None


def counted(number: int, what: str) -> str:
    """Write a number of things: 1 row, 2 rows."""
    return f"{number} {what}{'' if number == 1 else 's'}"


QUOTED = 80
"""Letters that are shown of a heading or a cell."""

_LONG = re.compile(rf"(?<!\w)(['\"])((?:(?!\1).){{{QUOTED}}})(?:(?!\1).)+\1(?!\w)", re.DOTALL)


def cut(name: str) -> str:
    """Cut off a heading or the name of a file where it is long."""
    return name if len(name) <= QUOTED else f"{name[:QUOTED]}…"


def shortened(text: str) -> str:
    """Cut off what stands between quotation marks where it is long."""
    return _LONG.sub(r"\1\2…\1", text)


def visible(text: str) -> str:
    """Show characters that steer a terminal, or the direction of text, instead of obeying them.

    White space becomes a blank; other control and format characters, and those of private use,
    become their code.
    """
    return text if text.isprintable() else "".join(map(_visible, text))


HIDDEN = ("Cc", "Cf", "Co", "Zl", "Zp")
"""Categories of Unicode."""


def _visible(letter: str) -> str:
    if letter == " " or unicodedata.category(letter) not in HIDDEN:
        return letter
    return " " if letter in "\t\n\r\x0b\x0c\u2028\u2029" else f"\\u{ord(letter):04x}"
