"""What a draft leaves open in ``study.yaml``: what it asks, and what it guessed.

The file is read as it is written, so that everything is asked at once, whatever else is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from lmm.publish.answers import (
    DAYS_ASKED,
    Answer,
    HeadingAsked,
    Place,
    best_answers,
    order_of_days,
)
from lmm.start.proposals import CONFIRM
from lmm.study.declared import STUDY_FILE
from lmm.study.problems import OpenQuestion, StudyError
from lmm.study.strict_yaml import Written, parse_yaml

MOST = 3
"""Lines of an answer that are told where there is room for one line."""


@dataclass(frozen=True)
class Question:
    """One thing to be answered: on which line of the study file, what is asked, the answers."""

    line: int
    asks: str
    answers: tuple[Answer, ...]

    @property
    def fix(self) -> str:
        """The answers on one line."""
        told = []
        for answer in self.answers:
            more = ("…",) if len(answer.lines) > MOST else ()
            lines = " | ".join((*answer.lines[:MOST], *more))
            told.append(f"{answer.when}, {answer.how}: {lines}")
        return "; ".join(told)


def questions(
    folder: Path, asked: Sequence[OpenQuestion], known: Collection[str]
) -> Iterator[Question]:
    """Give what has to be answered, in the order of the study file.

    Parameters
    ----------
    asked
        What reading the records asked for: it knows the headings of the files.
    known
        Tables that could be read: of these nothing is open, even if a heading is a ``?``.
    """
    if (written := _written(folder)) is None:
        return
    text = _text(written)
    for place, line in dict(_open(written.node)).items():
        match place:
            case ("tables", table, "columns", _, *_) if table not in known:
                heading = HeadingAsked(written.content, place, text[line - 1], asked)
                yield Question(line, heading.sentence, heading.answers)
            case ("date_formats",):
                orders = order_of_days(written.content, "\n".join(text))
                yield Question(line, DAYS_ASKED, tuple(orders))
            case ("forms" | "satisfaction", *_, "high"):
                asks = f"which answers of {place[-2]} are the best, that count as high"
                yield Question(line, asks, tuple(best_answers(written.content, place)))


def _written(folder: Path) -> Written | None:
    try:
        return parse_yaml(folder / STUDY_FILE)
    except StudyError:
        return None


def _text(written: Written) -> list[str]:
    """Give the lines as a reader of YAML counts them."""
    return re.split("[\n\x85\u2028\u2029]", written.path.read_text(encoding="utf-8-sig"))


def _open(node: yaml.Node, place: Place = ()) -> Iterator[tuple[Place, int]]:
    """Find the question marks that stand in place of a value: the keys, and the line."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield from _open(value, (*place, str(key.value)))
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from _open(value, place)
    elif re.fullmatch(r"\?+" if "columns" in place else r"\?", str(node.value)):
        yield place, node.start_mark.line + 1


@dataclass(frozen=True)
class Guesses:
    """A part of a draft, and the lines of it that ask to be confirmed."""

    part: str
    lines: tuple[int, ...]


KEY = re.compile(r"""(  )?([^\s#:'"-][^:#]*|"[^"]+"|'[^']+'):""")
"""A key of the study file, or one that stands right below it."""


def guesses(folder: Path) -> tuple[Guesses, ...]:
    """Give the lines on which a draft asks for confirmation, by the part of the file.

    A remark that stands above a key belongs to the key. What was guessed is not quoted.
    """
    if (written := _written(folder)) is None or not written.content.get("draft"):
        return ()
    found: dict[str, list[int]] = {}
    above: list[int] = []
    part: list[str] = []
    for number, line in enumerate(_text(written), 1):
        if key := KEY.match(line):
            part = [*part[:1], key[2]] if key[1] else [key[2]]
        asks = [number] if line.endswith(CONFIRM) else []
        if line.lstrip().startswith("#"):
            above += asks
        elif above or asks:
            found.setdefault(": ".join(part), []).extend([*above, *asks])
            above = []
    return tuple(Guesses(part, tuple(lines)) for part, lines in found.items())
