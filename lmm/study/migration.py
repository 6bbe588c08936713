"""Files of earlier schemas: which keys have changed, and how a file is brought up to date."""

from __future__ import annotations

import io
import os
import shutil
import tempfile
from collections.abc import MutableMapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from lmm.study.declared import STUDY_FILE
from lmm.study.explained import Place
from lmm.study.problems import Problem, StudyError, refuse
from lmm.study.strict_yaml import parse_yaml, parsed

if TYPE_CHECKING:
    from ruamel.yaml import YAML

Schema = Literal[1]
SCHEMA = 1
"""The schema of the files that are written now; those that name none are of schema 0."""

Content = MutableMapping[str, Any]

WIDTH = 120
"""Letters of a line; ruamel.yaml writes a list in brackets on one line where it fits."""


@dataclass(frozen=True)
class Migration:
    """What was changed of a file's content.

    Attributes
    ----------
    said
        A sentence for each change.
    moved
        By the place where something stands now, where it stood before.
    """

    said: tuple[str, ...] = ()
    moved: dict[Place, Place] = field(default_factory=dict)


def bring_up_to_date(content: Content) -> Migration:
    """Change the content of a file to what the present schema has, in place.

    Parameters
    ----------
    content
        Plain values, or what ruamel.yaml reads, which keeps its comments and order.

    Raises
    ------
    StudyError
        If it names a schema that there is not, or a later one than is known.
    """
    found = content.get("schema", 0)
    if not isinstance(found, int) or isinstance(found, bool) or found < 0:
        why, fix = f"schema: {found!r} is no number of a schema", f"write schema: {SCHEMA}"
        raise StudyError(Problem(why, file=STUDY_FILE, fix=fix))
    if found > SCHEMA:
        why = f"schema: {found} is later than {SCHEMA}, the last that this version of lmm reads"
        raise StudyError(Problem(why, file=STUDY_FILE, fix="install a later version"))
    if found == SCHEMA:
        return Migration()
    said = [f"schema: {SCHEMA} was added: it says which keys the file is written with"]
    moved: dict[Place, Place] = {}
    if "satisfaction" in content and "forms" not in content:
        _nest(content, "satisfaction", "forms", "feedback_forms")
        said.append("satisfaction became forms: feedback_forms, beside which other forms may stand")
        moved["forms", "feedback_forms"] = ("satisfaction",)
    _put(content, 0, "schema", SCHEMA)
    return Migration(tuple(said), moved)


def _nest(content: Content, old: str, new: str, within: str) -> None:
    """Put what stands under a key one level deeper under another, in the same place."""
    place, value = list(content).index(old), content[old]
    if (comments := getattr(content, "ca", None)) and old in comments.items:
        comments.items[new] = comments.items.pop(old)
    del content[old]
    outer = type(content)()
    outer[within] = value
    _put(content, place, new, outer)


def _put(content: Content, place: int, key: str, value: object) -> None:
    """Enter a key, in its place if the content keeps an order that is written."""
    content.pop(key, None)
    if insert := getattr(content, "insert", None):
        insert(place, key, value)
    else:
        content[key] = value


def migrate(folder: Path) -> tuple[str, ...]:
    """Rewrite the study file of a folder with the keys of the present schema.

    Comments and the order of the keys stay; the file is replaced as a whole or not at all.

    Returns
    -------
    tuple
        A sentence for each change; none if there is nothing to do.

    Raises
    ------
    StudyError
        If the file cannot be read or written, or would not say the same.
    """
    path = folder.resolve() / STUDY_FILE
    written = parse_yaml(path)
    said = bring_up_to_date(written.content).said
    if not said:
        return ()
    text = _rewritten(path.read_text(encoding="utf-8-sig"))
    if parsed(text, path).content != written.content:
        why = "cannot be rewritten so that it says the same"
        raise refuse(why, path, fix=f"make the changes by hand: {'; '.join(said)}")
    _replace(path.resolve(), text)
    return said


def keeping_comments() -> YAML:
    """Give a reader and writer of YAML that keeps comments and order."""
    from ruamel.yaml import YAML  # noqa: PLC0415

    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = WIDTH
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.representer.ignore_aliases = lambda _: True  # they are not read
    return yaml


def _rewritten(text: str) -> str:
    from ruamel.yaml.error import YAMLError  # noqa: PLC0415

    yaml = keeping_comments()
    try:
        content = yaml.load(text)
        bring_up_to_date(content)
        found = io.StringIO()
        yaml.dump(content, found)
    except (YAMLError, ValueError):  # the caller sees that nothing is said
        return "{}"
    return found.getvalue()


def _replace(path: Path, text: str) -> None:
    """Write a text beside a file, and put it in its place once it is whole."""
    try:
        place, name = tempfile.mkstemp(prefix=".study-", suffix=".yaml", dir=path.parent)
        beside = Path(name)
        try:
            with os.fdopen(place, "w", encoding="utf-8", newline="\n") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            shutil.copymode(path, beside)
            beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)
    except OSError as error:
        why = f"cannot be written: {error.strerror}"
        raise refuse(why, path, fix="see who may write into the folder") from None
