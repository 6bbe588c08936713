"""Whether code, data, parameters, study file or environment differ, where results do."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lmm.publish.record import RECORD
from lmm.publish.released import PARAMETERS
from lmm.review.verify.item import Difference, Item
from lmm.study.declared import STUDY_FILE

Facts = Mapping[str, str]
"""Things by name; none where nothing is known of them."""


def read(outputs: Path, inputs: Path | None = None) -> dict[str, Facts]:
    """Read what the results in a folder were made from, as far as its files tell.

    Parameters
    ----------
    inputs
        Where a run of protected records keeps the hashes of its inputs.
    """
    record = _json(outputs / RECORD)
    if inputs:
        record = {**record, **_json(inputs)}
    hashes = _facts(record.get("inputs_sha256"))
    packages = _facts(record.get("packages"))
    return {
        "parameters": _facts(_json(outputs / "counts" / PARAMETERS)),
        "study file": _lines(outputs / STUDY_FILE),
        "data": {name: each for name, each in hashes.items() if name != STUDY_FILE},
        "code": _facts(record.get("code_sha256")),
        "environment": {"python": str(record.get("python", "")), **packages} if packages else {},
    }


def _json(path: Path) -> dict[str, Any]:
    """Read a file of facts; nothing of one that cannot be read."""
    try:
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _facts(found: object) -> dict[str, str]:
    if not isinstance(found, Mapping):
        return {}
    return {str(name): str(value) for name, value in found.items()}


def _lines(path: Path) -> Facts:
    """Give the lines of a file, by their numbers."""
    try:
        lines = path.read_text("utf-8").splitlines() or [""]
    except (OSError, ValueError):
        return {}
    return {f"line {n}": line for n, line in enumerate(lines, 1)}


UNKNOWN = "nothing at hand says what it was"
"""Why something was not compared."""


def compare(now: Mapping[str, Facts], then: Mapping[str, Facts]) -> list[Item]:
    """Say for each thing that results are made from whether it is the same."""
    return [_compared(name, now[name], then[name]) for name in now]


def _compared(name: str, now: Facts, then: Facts) -> Item:
    if not now or not then:
        return Item.unchecked("made from", name, UNKNOWN)
    other = sorted(key for key in {*now, *then} if now.get(key) != then.get(key))
    if not other:
        return Item("made from", name)
    places = tuple(_said(key, now.get(key), then.get(key)) for key in other)
    difference = Difference(f"other {name}", len(other), "part", where=places)
    return Item.changed("made from", name, difference)


def _said(key: str, now: str | None, then: str | None) -> str:
    """Say what it was and is; of a hash only that it is another one."""
    if len(now or then or "") == 64:
        how = "is other" if now and then else "is new" if now else "is not there any more"
        return f"{key} {how}"
    return f"{key}: {then or 'nothing'} then, {now or 'nothing'} now"
