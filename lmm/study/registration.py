"""What was planned before the records were seen: the registration of a study, and its amendments.

Each is a file in the study's folder ``registration`` that holds its own digest and that of the
one before it, so that one that was altered afterwards is told.
"""

from __future__ import annotations

import ast
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from lmm.study.digests import sha256_of
from lmm.study.problems import StudyError, refuse
from lmm.study.study import Study

FOLDER = "registration"
FIRST = "registration.json"
FIRST_READ = "first_read.json"
READING = "reading.json"
README = "README.md"
FORM = 1
"""Of these files: a later form is another number."""

MEND = "take it from where it was deposited or committed; what is to change is an amendment"

Key = tuple[str, ...]
"""Where something stands in what was planned, such as ``("parameters", "confidence")``."""


class _Plan(BaseModel):
    file: str = Field(pattern=r"^plan(-\d+)?\.\w+$")
    sha256: str


class Planned(BaseModel):
    """A result as it was registered: in which notebook, its title, its code, its measures."""

    model_config = ConfigDict(frozen=True)

    notebook: str
    title: str
    code: str
    measures: tuple[str, ...]
    first_page: bool

    @field_validator("code")
    @classmethod
    def _is_code(cls, code: str) -> str:
        ast.parse(code)
        return code


class _Module(BaseModel):
    whole: str
    definitions: dict[str, str]


class _Written(BaseModel):
    """What is needed of an entry, as its file holds it."""

    model_config = ConfigDict(strict=True)

    when: str = Field(pattern=r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$")
    because: str
    previous: str
    records_first_read: str
    plan: _Plan | None
    terms: dict[str, Any]
    results: dict[str, Planned]
    library: dict[str, _Module]


@dataclass(frozen=True)
class Entry:
    """A registration, or an amendment of it: all that was planned at that time.

    Attributes
    ----------
    said
        What its file holds.
    """

    said: Mapping[str, Any]

    @property
    def day(self) -> str:
        """The day on which it was made."""
        return str(self.said["when"])[:10]

    @property
    def because(self) -> str:
        """Why the plan was changed; empty of the registration itself."""
        return str(self.said["because"])

    @property
    def digest(self) -> str:
        """Its digest."""
        return str(self.said["sha256"])

    @property
    def was_before(self) -> bool:
        """Whether the records had not been read when it was made."""
        return not self.said["records_first_read"]

    @cached_property
    def terms(self) -> dict[Key, Any]:
        """What results rest on, each thing by where it stands; see `flat`."""
        return flat(self.said["terms"])

    @cached_property
    def results(self) -> dict[str, Planned]:
        """The planned results by kind and name, such as ``table monthly_activity``."""
        return {name: Planned(**each) for name, each in self.said["results"].items()}

    def definition(self, module: str, name: str) -> str:
        """Give the digest of a definition of the library; "" if there was none."""
        return str(self.said["library"].get(module, {}).get("definitions", {}).get(name, ""))

    def module(self, name: str) -> str:
        """Give the digest of a module of the library; "" if there was none."""
        return str(self.said["library"].get(name, {}).get("whole", ""))


@dataclass(frozen=True)
class Registration:
    """The registration of a study, and its amendments, in their order.

    Attributes
    ----------
    first_read
        When the records were first read, as far as the library knows; "" if they were not.
    """

    entries: tuple[Entry, ...]
    first_read: str = ""

    @property
    def plan(self) -> Entry:
        """What results are held to: the last entry that was made before the records were read."""
        return [entry for entry in self.entries if entry.was_before][-1]

    @property
    def later(self) -> tuple[Entry, ...]:
        """The amendments that were made after records were read."""
        return tuple(entry for entry in self.entries if not entry.was_before)


def flat(said: Any, at: Key = ()) -> dict[Key, Any]:
    """Give each single thing of what is nested, by the keys that lead to it; lists as a whole."""
    if not isinstance(said, Mapping):
        return {at: said}
    return {
        key: value
        for name, each in said.items()
        for key, value in flat(each, (*at, str(name))).items()
    }


def digest_of(said: Mapping[str, Any]) -> str:
    """Give the SHA-256 of all that an entry holds beside it."""
    rest = {name: each for name, each in said.items() if name != "sha256"}
    text = json.dumps(rest, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def entry_file(number: int) -> str:
    """Name the file of an entry; the first one is the registration."""
    return f"amendment-{number}.json" if number else FIRST


def folder_of(study: Study) -> Path:
    """Give the folder of the registration, of a study or of what a run has released."""
    return study.folder / FOLDER


def read_registration(study: Study) -> Registration | None:
    """Read the registration of a study, or of a release; None if there is none.

    Raises
    ------
    StudyError
        If it is not as it was written, a part of it is missing, or it was made too late.
    """
    folder = folder_of(study)
    if not folder.is_dir():
        return None
    entries: list[Entry] = []
    while (path := folder / entry_file(len(entries))).is_file():
        entries.append(_read_entry(path, entries[-1].digest if entries else ""))
    if not entries:
        raise refuse("is missing", folder / FIRST, fix=MEND)
    _check_none_is_missing(folder, len(entries))
    first_read = read_first_read(study)
    _check_times(entries, first_read, folder)
    return Registration(tuple(entries), first_read)


def registered_files(study: Study) -> list[Path]:
    """Give the files of a registration, which go with a release, and no other file there."""
    folder = folder_of(study)
    entries = sorted(folder.glob("amendment-*.json"))
    found = [folder / FIRST, *entries, folder / README]
    found += folder.glob("plan*.*")
    if study.is_release:
        found += [folder / FIRST_READ, folder / READING]
    return [path for path in found if path.is_file()]


def read_first_read(study: Study) -> str:
    """Say when the records were first read, as far as the library noted it; "" if it did not.

    Raises
    ------
    StudyError
        If the note is not as it was written.
    """
    path = (folder_of(study) if study.is_release else study.folder / "data") / FIRST_READ
    if not path.is_file():
        return ""
    when = _read(path, "take it from a backup of the study").get("when")
    if not isinstance(when, str) or not re.fullmatch(r"\d{4}-\d{2}-\d{2}T[\d:]{8}Z", when):
        raise refuse("does not say when the records were first read", path, fix=MEND)
    return when


def read_reading(study: Study) -> dict[str, str]:
    """Give the digests of how tables are read that a release holds; of a study, none.

    Raises
    ------
    StudyError
        If the file is missing from a release with a registration.
    """
    return _read(folder_of(study) / READING, MEND) if study.is_release else {}


def _read(path: Path, fix: str) -> dict[str, Any]:
    try:
        said = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        raise refuse("cannot be read", path, fix=fix) from None
    if not isinstance(said, dict):
        raise refuse("cannot be read", path, fix=fix)
    return said


def _read_entry(path: Path, before: str) -> Entry:
    said = _read(path, MEND)
    if said.get("form", FORM) != FORM:
        why = "was written by a later version of lmm than this one"
        raise refuse(why, path, fix="install the version that it names, or a later one")
    if said.get("sha256") != digest_of(said):
        raise refuse("was altered after it was written: its digest does not fit", path, fix=MEND)
    try:
        _Written.model_validate(said)
    except (ValidationError, SyntaxError, RecursionError, MemoryError):
        raise refuse("is not as lmm writes it", path, fix=MEND) from None
    if said["previous"] != before:
        raise refuse("does not follow the entry before it: its digest is another", path, fix=MEND)
    plan = said["plan"]
    if plan:
        words = path.with_name(plan["file"])
        if not words.is_file() or sha256_of(words) != plan["sha256"]:
            why = f"was altered or is missing since {path.name} named it"
            raise refuse(why, words, fix=MEND)
    return Entry(said)


def _check_none_is_missing(folder: Path, number: int) -> None:
    known = {entry_file(n) for n in range(number)}
    if left := sorted({path.name for path in folder.glob("amendment-*.json")} - known):
        raise refuse("follows an amendment that is missing", folder / left[0], fix=MEND)


def _check_times(entries: list[Entry], first_read: str, folder: Path) -> None:
    """Refuse a registration later than the first read of the records, or entries out of order."""
    times = [str(entry.said["when"]) for entry in entries]
    if times != sorted(times):
        raise refuse("is of another time than its place says", folder / FIRST, fix=MEND)
    late = not entries[0].was_before or (first_read and times[0] > first_read)
    if late:
        raise StudyError(
            f"{FIRST}: was made on {times[0]}, after the records were first read"
            f"{f' on {first_read}' if first_read else ''}: this is no registration; remove the "
            f"folder {FOLDER}, and the reports say that the analysis was not registered"
        )
    for number, entry in enumerate(entries):
        if entry.was_before and first_read and times[number] > first_read:
            raise refuse(
                f"says that no records had been read, and they were, on {first_read}",
                folder / entry_file(number), fix=MEND,
            )  # fmt: skip
