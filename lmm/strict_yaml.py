"""Reading YAML that people write: strictly, and with one line for each thing that is wrong."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError

from lmm.problems import StudyError

LARGEST = 1_000_000
"""Bytes that a file may have."""


def read_yaml(path: Path) -> dict[Any, Any]:
    """Read a file of keys and values.

    Raises
    ------
    StudyError
        If it cannot be opened, is no YAML, or holds what could be misused: aliases, keys that
        stand twice, tags, too much.
    """
    try:
        if path.is_file() and path.stat().st_size > LARGEST:
            raise StudyError(f"{path}: is larger than {LARGEST / 1e6:.0f} MB")
        content = yaml.load(path.read_text(encoding="utf-8"), _Loader)
    except FileNotFoundError:
        raise StudyError(f"{path}: there is no such file") from None
    except OSError as error:
        raise StudyError(f"{path}: cannot be opened: {error.strerror}") from None
    except RecursionError:
        raise StudyError(f"{path}: not valid YAML: nested too deeply") from None
    except UnicodeDecodeError as error:
        raise StudyError(f"{path}: not UTF-8 text ({error.reason} at byte {error.start})") from None
    except (yaml.YAMLError, ValueError) as error:  # ValueError: a day that no calendar has
        raise StudyError(f"{path}: not valid YAML: {' '.join(str(error).split())}") from None
    if not isinstance(content, dict):
        raise StudyError(f"{path}: should be a list of keys and values")
    return content


class _Loader(yaml.SafeLoader):
    """Reads YAML without what a study file has no use for and could be misused."""

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        """Refuse anchors and aliases, with which few lines can stand for millions."""
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.composer.ComposerError(
                None, None, "aliases (*name) are not read; write it out", mark
            )
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


def explain(error: ValidationError) -> list[str]:
    """Turn pydantic's errors into one readable line each: key, value and reason."""
    lines = []
    for item in error.errors():
        loc = item["loc"]
        if loc[:1] == ("tables",):  # the third part says which kind of source was tried
            loc = (*loc[:2], *loc[3:])
        where = ": ".join(str(part) for part in loc)
        reason = item["msg"].removeprefix("Value error, ")
        shown: Any = item.get("input")
        bare = item["type"] == "string_type" and isinstance(shown, int | float | dt.date)
        fix = "; put it in quotation marks" if bare else ""
        value = "" if isinstance(shown, dict | BaseModel) else f" (given: {shown!r}{fix})"
        lines.append(f"{where}: {reason}{value}" if where else reason)
    return lines
