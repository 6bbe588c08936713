"""Whether the lock is sound: in step with pyproject.toml, unaltered, and what is installed."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from lmm.publish.sources import checkout
from lmm.review.verify.item import Item
from lmm.study.problems import Problem, StudyError, counted

LOCK = "requirements.txt"

CHECKSUM = f"{LOCK}.sha256"
"""Holds the checksum of the lock as `make lock` wrote it."""

MEND = "`make lock` writes the lock again"

NAME = "lock and what is installed"
"""The item of a verification."""

NEEDED = "dependencies"
"""The list of pyproject.toml that is no extra."""

HASH = re.compile(r"--hash=(\S+)")


@dataclass(frozen=True)
class Pin:
    """A package of the lock: its requirement, the line, and the hashes of its files."""

    requirement: Requirement
    line: int
    hashes: tuple[str, ...]

    @property
    def name(self) -> str:
        """Its name, written in the one way in which all can be compared."""
        return canonicalize_name(self.requirement.name)

    @property
    def version(self) -> str:
        """The version that is pinned; "" if none is."""
        pins = [each for each in self.requirement.specifier if each.operator == "=="]
        return pins[0].version if len(pins) == len(self.requirement.specifier) == 1 else ""

    @property
    def is_for_this(self) -> bool:
        """Whether it is for this Python and this system."""
        return self.requirement.marker is None or self.requirement.marker.evaluate()


def problems(home: Path) -> list[str]:
    """Name all that is wrong with the lock of a checkout, without a network.

    A digit of a hash can be known to be wrong by the checksum of the lock alone, since what it
    is a hash of is on an index.
    """
    text = (home / LOCK).read_text("utf-8")
    pins, found = _pins(text)
    return [*found, *_unsound(pins), *_beside(pins, _required(home)), *_altered(home, text)]


def _wrong(why: str, line: int = 0, fix: str = MEND) -> str:
    return Problem(why, file=LOCK, line=line, fix=fix)


def _pins(text: str) -> tuple[list[Pin], list[str]]:
    """Read the entries of a lock, each of which begins a line; name what is none."""
    pins, found = [], []
    lines = text.split("\n")
    starts = [n for n, line in enumerate(lines) if line and line[0] not in " #"]
    for n, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        entry = " ".join(lines[n:end])
        stated = re.split(r"\s*\\|\s+--hash|\s+#", lines[n])[0].strip()
        try:
            pins.append(Pin(Requirement(stated), n + 1, tuple(HASH.findall(entry))))
        except InvalidRequirement:
            found.append(_wrong(f"{stated!r} is no requirement", n + 1))
    return pins, found


def _unsound(pins: Sequence[Pin]) -> Iterator[str]:
    """Name entries without a version, or without hashes as they should be."""
    for pin in pins:
        if not pin.version:
            yield _wrong(f"{pin.name} is not pinned to a version", pin.line)
        if not pin.hashes:
            yield _wrong(f"{pin.name} has no hash", pin.line)
        for each in pin.hashes:
            if not re.fullmatch(r"sha256:[0-9a-f]{64}", each):
                yield _wrong(f"{pin.name} has {each!r}, which is no SHA-256", pin.line)


def depended_upon(home: Path) -> dict[str, str]:
    """Give what the library needs by itself, each with the version that the lock pins."""
    pins, _ = _pins((home / LOCK).read_text("utf-8"))
    versions = {pin.name: pin.version for pin in pins}
    needed = {canonicalize_name(each.name) for place, each in _required(home) if place == NEEDED}
    return {name: versions[name] for name in sorted(needed) if versions.get(name)}


def _required(home: Path) -> list[tuple[str, Requirement]]:
    """Give what pyproject.toml asks for, with the place: also for PDFs, tests and pages."""
    project = tomllib.loads((home / "pyproject.toml").read_text("utf-8"))["project"]
    lists = {NEEDED: project.get(NEEDED, []), **project.get("optional-dependencies", {})}
    return [(place, Requirement(each)) for place, given in lists.items() for each in given]


def _beside(pins: Sequence[Pin], required: Sequence[tuple[str, Requirement]]) -> Iterator[str]:
    """Name requirements that the lock lacks, and pins outside of what is asked for."""
    for place, each in required:
        name = canonicalize_name(each.name)
        of_name = [pin for pin in pins if pin.name == name]
        if not of_name:
            yield _wrong(f"lacks {each.name}, which pyproject.toml asks for under {place}")
        for pin in of_name:
            if pin.version and not each.specifier.contains(pin.version, prereleases=True):
                why = f"pins {name} {pin.version}, and pyproject.toml asks for {each.specifier}"
                yield _wrong(why, pin.line)


def _altered(home: Path, text: str) -> Iterator[str]:
    """Name a lock that is not, byte for byte, as it was written."""
    path = home / CHECKSUM
    if not path.is_file():
        yield Problem("is missing", file=CHECKSUM, fix="`make lock` writes it beside the lock")
        return
    if path.read_text("utf-8").split()[:1] != [hashlib.sha256(text.encode("utf-8")).hexdigest()]:
        yield _wrong(f"is not as `make lock` wrote it, by {CHECKSUM}: somebody changed it by hand")


def installed() -> dict[str, str]:
    """Give the version of each package that is installed."""
    found = ((each.metadata["Name"], each.version) for each in metadata.distributions())
    return {canonicalize_name(name): version for name, version in found if name}


def others(home: Path, have: Mapping[str, str]) -> tuple[list[str], Item]:
    """Name packages of another version than the lock's; say what else is installed, or is not."""
    pins, _ = _pins((home / LOCK).read_text("utf-8"))
    asked = {pin.name: pin for pin in pins if pin.is_for_this}
    wrong = [
        _wrong(
            f"pins {name} {pin.version}, and {have[name]} is installed",
            pin.line,
            "install from the lock, as `make .venv/.ready` does",
        )
        for name, pin in asked.items()
        if name in have and pin.version and Version(have[name]) != Version(pin.version)
    ]
    absent = [name for name in asked if name not in have]
    extra = [f"{name} {have[name]}" for name in sorted(have) if name not in {*asked, "lmm"}]
    said = [
        f"{counted(len(absent), 'package')} of the lock not installed: {_listed(absent)}"
    ] * bool(absent) + [f"installed beside the lock: {_listed(extra)}"] * bool(extra)
    return wrong, Item("made from", NAME, why="; ".join(said))


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:6]) + (" and others" if len(names) > 6 else "")


def check() -> Item:
    """Hold what is installed to the lock.

    Raises
    ------
    StudyError
        If the lock is unsound, or packages are of other versions than it pins.
    """
    home = checkout()
    if home is None or not (home / LOCK).is_file():
        return Item.unchecked("made from", NAME, "this copy of lmm was installed without its lock")
    wrong, item = others(home, installed())
    if wrong := [*problems(home), *wrong]:
        raise StudyError(*wrong)
    return item
