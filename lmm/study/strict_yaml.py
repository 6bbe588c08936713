"""Reading YAML that people write: strictly, and with one line for each thing that is wrong."""

from __future__ import annotations

import re
import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from lmm.study.declared import UnansweredError
from lmm.study.explained import Place, as_written, explain, first_of_each_kind
from lmm.study.problems import OpenQuestion, Problem, StudyError

LARGEST = 1_000_000
"""Bytes that a file may have."""

Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True)
class Written:
    """A file of keys and values as it is written.

    Attributes
    ----------
    content
        What it says, as plain values.
    node
        The same with the lines on which it stands.
    """

    path: Path
    content: dict[str, Any]
    node: yaml.Node

    def line_of(self, place: Place) -> int:
        """Give the line on which the deepest part of a place stands, as far as it is there."""
        return _line(self.node, place)

    def as_model(self, model: type[Model], moved: Mapping[Place, Place] | None = None) -> Model:
        """Read the content as a model.

        Parameters
        ----------
        moved
            Where parts of the content stand in the file, if it is elsewhere.

        Raises
        ------
        StudyError
            A line for each thing that does not fit.
        """
        try:
            return model.model_validate(self.content)
        except ValidationError as error:
            moved = moved or {}
            found, said = first_of_each_kind(error.errors()), explain(error, moved)
            told = [self._told(*each, moved) for each in zip(found, said, strict=False)]
            rest = [Problem(why, file=self.path.name) for why in said[len(found) :]]
            raise StudyError(*told, *rest) from None

    def _told(self, item: ErrorDetails, why: str, moved: Mapping[Place, Place]) -> Problem:
        asked = isinstance(item.get("ctx", {}).get("error"), UnansweredError)
        line = _line(self.node, as_written(item["loc"], moved))
        return (OpenQuestion if asked else Problem)(why, file=self.path.name, line=line)


def read_yaml(path: Path, model: type[Model]) -> Model:
    """Read a file of keys and values as a model.

    Raises
    ------
    StudyError
        As `parse_yaml`, and if the content does not fit the model.
    """
    return parse_yaml(path).as_model(model)


def parse_yaml(path: Path) -> Written:
    """Read a file of keys and values.

    Raises
    ------
    StudyError
        If it cannot be opened, is no YAML, or holds what could be misused (aliases, tags, keys
        that stand twice, too much).
    """
    return parsed(_text(path), path)


def parsed(text: str, path: Path) -> Written:
    """Read a text of keys and values; see `parse_yaml`."""
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
        content = loader.construct_document(node) if node else None
    except RecursionError:
        raise StudyError(f"{path}: not valid YAML: nested too deeply") from None
    except (yaml.YAMLError, ValueError) as error:  # ValueError: a number of too many digits
        raise StudyError(f"{path}: not valid YAML: {_plainly(error)}") from None
    if not isinstance(content, dict) or node is None:
        raise StudyError(f"{path}: should be a list of keys and values")
    return Written(path, content, node)


def _text(path: Path) -> str:
    try:
        found = path.stat()
        if not path.resolve().is_relative_to(path.parent.resolve()):
            raise StudyError(f"{path}: is a link that leads out of its folder; copy the file")
        if not stat.S_ISREG(found.st_mode):
            raise StudyError(f"{path}: is no ordinary file")
        if found.st_size > LARGEST:
            raise StudyError(f"{path}: is larger than {LARGEST / 1e6:.0f} MB")
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise StudyError(f"{path}: there is no such file; a study's folder holds one") from None
    except OSError as error:
        raise StudyError(f"{path}: cannot be opened: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise StudyError(f"{path}: not UTF-8 text ({error.reason} at byte {error.start})") from None


class _Loader(yaml.SafeLoader):
    """Reads YAML without what a study file has no use for and could be misused.

    Of unquoted words only true, false, null and plain decimal numbers are not text: ``no``,
    ``070``, ``1:30`` and ``2020-01-01`` mean what they show.
    """

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        """Refuse aliases, with which few lines can stand for millions, and tags."""
        event: Any = self.peek_event()  # type: ignore[no-untyped-call]
        why = ""
        if self.check_event(yaml.AliasEvent):
            why = "aliases (*name) are not read; write it out"
        elif event.tag is not None:
            why = f"tags ({event.tag}) are not read; leave it out"
        if why:
            raise yaml.composer.ComposerError(None, None, why, event.start_mark)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """Refuse a key that stands twice: the last one would win in silence."""
        seen: set[str] = set()
        for name, _ in node.value:
            if isinstance(name, yaml.ScalarNode):
                if name.value in seen:
                    raise yaml.constructor.ConstructorError(
                        None, None, f"the key {name.value!r} stands twice", name.start_mark
                    )
                seen.add(name.value)
        return super().construct_mapping(node, deep)


PLAIN = (
    ("tag:yaml.org,2002:null", r"|~|null", ["", "~", "n"]),
    ("tag:yaml.org,2002:bool", r"true|false", ["t", "f"]),
    ("tag:yaml.org,2002:int", r"[-+]?(0|[1-9][0-9]*)", list("-+0123456789")),
    ("tag:yaml.org,2002:float", r"[-+]?(0|[1-9][0-9]*)?\.[0-9]+", list("-+.0123456789")),
)
"""What is no text without quotation marks: its kind, its form and how it begins."""

_Loader.yaml_implicit_resolvers = {}
for _kind, _form, _first in PLAIN:
    _Loader.add_implicit_resolver(_kind, re.compile(rf"({_form})\Z"), _first)


SENTENCES = {
    r"character '\\t'": "a tab; use spaces",
    "while scanning a quoted scalar": "a quotation mark that is not closed",
    r"expected ',' or '(.)'": r"a comma or the closing \1 is missing",
    "could not find expected ':'": "a colon is missing after the key",
    "mapping values are not allowed": "a colon too many; put text that holds one in quotation "
    "marks, and look at the indentation",
    "expected <block end>": "the indentation does not fit the lines above",
}
"""What the parser says -> what a person can do with."""


def _plainly(error: Exception) -> str:
    """Word what the parser says as one sentence, with the place."""
    if not isinstance(error, yaml.MarkedYAMLError):
        return " ".join(str(error).split())
    said = f"{error.context or ''}: {error.problem}".removeprefix(": ")
    for form, sentence in SENTENCES.items():
        if found := re.search(form, said):
            said = found.expand(sentence)
            break
    begun = "not closed" in said or "is missing after" in said
    mark = error.context_mark if begun else error.problem_mark
    place = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
    return place + " ".join(said.split())


def _line(node: yaml.Node | None, loc: Sequence[int | str]) -> int:
    """Give the line on which the deepest part of a place stands; 0 for the file as a whole."""
    line = 0
    for part in loc:
        if isinstance(node, yaml.MappingNode):
            found = [pair for pair in node.value if pair[0].value == str(part)]
            if found:
                line, node = found[0][0].start_mark.line + 1, found[0][1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int):
            node = node.value[part]
            line = node.start_mark.line + 1
    return line
