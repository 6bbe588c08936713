"""Where something is said: a section that is there and has text, or a key that has a value."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from lmm.publish.documents import DOCUMENTS
from lmm.publish.documents import folder as documents
from lmm.publish.markdown import Heading, headings, slug
from lmm.publish.report import Prose
from lmm.review.evidence.subject import Subject
from lmm.study.declared import STUDY_FILE


class NotThereError(Exception):
    """A place that is not there, or has no text; the message says which."""


@dataclass(frozen=True)
class Place:
    """A place that has been found.

    Attributes
    ----------
    file, anchor
        As an item names it, in front of and after ``#``.
    words
        What a reader knows it by: the heading, or the key.
    """

    file: str
    anchor: str
    words: str


def find(place: str, subject: Subject) -> Place:
    """Find a place.

    Parameters
    ----------
    place
        A file and an anchor, such as ``docs/methods.md#a-count``. Documents are those that come
        with the library; anything else is the study's own.

    Raises
    ------
    NotThereError
        Saying what is missing.
    """
    file, _, anchor = place.partition("#")
    if not anchor:
        raise NotThereError(f"{place} names no section")
    if file.endswith(".ipynb"):
        return Place(file, anchor, _of_report(Path(file).stem, anchor, subject))
    path = (documents() / Path(file).name) if _comes_along(file) else subject.home / file
    if not path.is_file():
        raise NotThereError(f"{file} is not there")
    text = path.read_text("utf-8")
    words = _of_keys(text, file, anchor) if path.suffix != ".md" else _of_page(text, file, anchor)
    return Place(file, anchor, words)


def _comes_along(file: str) -> bool:
    """Say whether a page holds for every study, and is installed with the library."""
    return file in {f"docs/{name}.md" for name in DOCUMENTS}


def holds_for_any(place: str) -> bool:
    """Say whether a place is one that any study has, and not a text of the compendium's own."""
    file = place.partition("#")[0]
    return _comes_along(file) or file.endswith(".ipynb") or file == STUDY_FILE


def texts_with(words: tuple[str, ...], home: Path) -> tuple[Place, ...]:
    """Find the sections of README and of the pages of docs with a word that begins with one."""
    found = []
    for path in (home / "README.md", *sorted((home / "docs").glob("*.md"))):
        text = path.read_text("utf-8") if path.is_file() else ""
        begun = re.compile(rf"\b({'|'.join(map(re.escape, words))})", re.I)
        at = [heading for heading in _headings(text) for ends in [_end(text, heading)]
              if begun.search(text[heading.begins : ends])]  # fmt: skip
        name = path.relative_to(home).as_posix()
        found += [Place(name, slug(heading.words), heading.words) for heading in at]
    return tuple(found)


def _end(text: str, heading: Heading) -> int:
    """Say where the text under a heading ends: at the next one, of whichever level."""
    return min((x.begins for x in _headings(text) if x.begins > heading.begins), default=len(text))


@cache
def _headings(text: str) -> tuple[Heading, ...]:
    return tuple(headings(text))


def _of_page(text: str, file: str, anchor: str) -> str:
    found = _headings(text)
    for number, heading in enumerate(found):
        if slug(heading.words) == anchor:
            after = [each for each in found[number + 1 :] if each.level <= heading.level]
            inside = [each for each in found[number + 1 :] if each not in after]
            ends = after[0].begins if after else len(text)
            written = text[heading.ends : ends]
            for each in inside:
                written = written.replace(text[each.begins : each.ends], "")
            if not _says_something(written):
                raise NotThereError(f'{file}: "{heading.words}" has no sentence')
            return heading.words
    raise NotThereError(f"{file} has no section {anchor}")


def _says_something(text: str) -> bool:
    """Say whether there is a sentence, or a table with words: at least three words in a row."""
    return bool(re.search(r"[A-Za-z]\w*([^\w\n]+\w+){2}", text))


def _of_report(name: str, anchor: str, subject: Subject) -> str:
    report = next((each for each in subject.reports if each.name == name), None)
    if report is None:
        raise NotThereError(f"there is no executed report {name}: run first")
    for section in report.sections:
        if section.place == anchor:
            prose = [each for each in section.blocks if isinstance(each, Prose)]
            if not any(_says_something(each.markdown) for each in prose):
                raise NotThereError(f'{name}: "{section.heading}" has no sentence')
            return section.heading
    raise NotThereError(f"report {name} has no section {anchor}")


def _of_keys(text: str, file: str, anchor: str) -> str:
    declared: Any = yaml.safe_load(text)
    if not isinstance(declared, dict) or not declared.get(anchor):
        raise NotThereError(f"{file} has no {anchor}")
    return anchor
