"""The items of the standards, read from their files, and what is answered to each."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import yaml

from lmm.review.evidence import of_code, of_study  # noqa: F401  # they add their checks
from lmm.review.evidence.checks import CHECKS, NotMetError
from lmm.review.evidence.places import NotThereError, Place, find, holds_for_any, texts_with
from lmm.review.evidence.subject import Subject

Status = Literal["verified", "not met", "needs a person", "does not apply"]
ELSEWHERE = "whether a text of the service's own addresses it, and where"
FOLDER = Path(__file__).parent / "standards"


@dataclass(frozen=True)
class Item:
    """An item of a standard, in words of our own.

    Attributes
    ----------
    item
        Its number there.
    check
        The name of a check.
    where
        Places that address it.
    judge
        What a person has to judge.
    lacks
        Why it is not addressed, as the authors say.
    words
        Beginnings of words that would contradict what the authors say, if a text had one.
    idle
        Why it does not apply.
    """

    item: str
    asks: str
    check: str = ""
    where: tuple[str, ...] = ()
    judge: str = ""
    lacks: str = ""
    words: tuple[str, ...] = ()
    idle: str = ""

    def __post_init__(self) -> None:
        """Refuse an item that could be answered by nothing, or in two ways."""
        ways = [bool(self.check), bool(self.where), bool(self.lacks), bool(self.idle)]
        if sum(ways) > 1 or not (any(ways) or self.judge) or (self.where and not self.judge):
            raise ValueError(
                f"item {self.item} has one of check, where with judge, judge, lacks, idle"
            )
        if self.words and not self.lacks:
            raise ValueError(f"item {self.item} has words, and nothing that they contradict")
        if self.check and self.check not in CHECKS:
            raise ValueError(f"item {self.item}: there is no check {self.check}")


@dataclass(frozen=True)
class Standard:
    """A list of items: what it is called, its page, where it is from and what it is for."""

    name: str
    title: str
    page: str
    source: str
    what: str
    items: tuple[Item, ...]


@dataclass(frozen=True)
class Answer:
    """What is answered to an item: its status, what was found, where, and what is left to do.

    Attributes
    ----------
    again
        The command by which a reader confirms what was verified.
    """

    item: Item
    status: Status
    found: str = ""
    places: tuple[Place, ...] = field(default=())
    again: str = ""


def standards() -> list[Standard]:
    """Read every standard, the first by name first, but levels of pipelines before checklists."""
    paths = sorted(FOLDER.glob("*.yaml"), key=lambda path: (path.stem != "rap", path.stem))
    return [_read(yaml.safe_load(path.read_text("utf-8"))) for path in paths]


def _read(declared: dict[str, Any]) -> Standard:
    lists = ("where", "words")
    items = [Item(**{**each, **{key: tuple(each.get(key, ())) for key in lists}})
             for each in declared["items"]]  # fmt: skip
    return Standard(**{**declared, "items": tuple(items)})


def answered(item: Item, subject: Subject) -> Answer:
    """Answer an item. Only a check that ran and found what is asked makes it *verified*."""
    if item.idle:
        return _idle(item, subject)
    if item.lacks or item.where:
        return _addressed(item, subject)
    if not item.check:
        return Answer(item, "needs a person")
    check = CHECKS[item.check]
    try:
        found = check.look(subject)
    except NotMetError as refused:
        return Answer(item, "not met", str(refused))
    except Exception as error:  # a check that fails has confirmed nothing
        return Answer(item, "not met", f"the check failed: {type(error).__name__}: {error}")
    status: Status = "needs a person" if item.judge else "verified"
    return Answer(item, status, found, again=check.again)


def _addressed(item: Item, subject: Subject) -> Answer:
    """Find all places of an item; that something is said there is not that it is enough.

    What the compendium says or lacks in texts of its own is asked of no other study.
    """
    if item.lacks and subject.is_compendium:
        return _lacking(item, subject)
    asked = [each for each in item.where if subject.is_compendium or holds_for_any(each)]
    if not asked:
        return Answer(replace(item, judge=ELSEWHERE), "needs a person")
    try:
        places = tuple(find(each, subject) for each in asked)
    except NotThereError as gone:
        return Answer(item, "not met", str(gone))
    return Answer(item, "needs a person", places=places)


def _lacking(item: Item, subject: Subject) -> Answer:
    """Give what the authors say is not there, unless a text has a word of it."""
    said = f"By the authors' own account: {item.lacks}"
    if not item.words:
        return Answer(item, "not met", said)
    places = texts_with(item.words, subject.home)
    if places:
        judge = f"whether that contradicts what the authors say: {item.lacks}"
        return Answer(replace(item, judge=judge), "needs a person", places=places)
    looked = " or ".join(f'"{each}"' for each in item.words)
    return Answer(item, "not met", f"{said}; no page of README and docs has {looked}")


def _idle(item: Item, subject: Subject) -> Answer:
    """Give why an item does not apply to the compendium; of another study a person knows."""
    if subject.is_compendium:
        return Answer(item, "does not apply", item.idle)
    return Answer(replace(item, judge=ELSEWHERE), "needs a person")
