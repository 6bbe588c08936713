"""The manifest of CODECHECK: what a codechecker is to make again, and the rules that can be held.

`codecheck.yml` is begun by authors and finished by whoever checks. What only a codechecker can
write is left out, and nothing here says that a codecheck took place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

from lmm.publish.report import Table
from lmm.review.evidence.standards import Status
from lmm.review.evidence.subject import Subject

FILE = "codecheck.yml"
VERSION = "https://codecheck.org.uk/spec/config/2.0/"
HEAD = """\
%YAML 1.1
---
# Written by `lmm evidence`. No codecheck has taken place. Whoever does one adds codechecker,
# report, summary and certificate; authors add their names with ORCID iDs. Paths are from the
# folder of the study, where this file belongs.
"""


def manifest(subject: Subject) -> str:
    """Write the file: every table and figure of the reports, with what it shows."""
    declared = {
        "version": VERSION,
        "manifest": list(_files(subject)),
        "paper": {
            "title": f"{subject.study.service}: a reproducible evaluation",
            "authors": _authors(subject.home),
            "reference": "There is no article; the compendium itself is what is checked.",
        },
    }
    return HEAD + yaml.safe_dump(declared, sort_keys=False, allow_unicode=True, width=100)


def _files(subject: Subject) -> Iterator[dict[str, str]]:
    for report in subject.reports:
        for shown in report.numbered:
            kind = "tables/{}.csv" if isinstance(shown, Table) else "figures/{}.svg"
            path = subject.study.outputs / kind.format(shown.name)
            if path.is_file():
                file = path.relative_to(subject.home).as_posix()
                yield {"file": file, "comment": f"{shown.number} of {report.name}: {shown.title}"}


def _authors(home: Path) -> list[dict[str, str]]:
    """Give the authors that are cited; a person's ORCID iD is theirs to add."""
    path = home / "CITATION.cff"
    cited = yaml.safe_load(path.read_text("utf-8"))["authors"] if path.is_file() else []
    names = [each.get("name") or f"{each.get('given-names', '')} {each['family-names']}".strip()
             for each in cited]  # fmt: skip
    return [
        {"name": name, **({"ORCID": plain} if (plain := _plain_orcid(each)) else {})}
        for name, each in zip(names, cited, strict=True)
    ]


def _plain_orcid(author: dict[str, Any]) -> str:
    return str(author.get("orcid", "")).rsplit("/", 1)[-1]


@dataclass(frozen=True)
class Rule:
    """A rule of the register's list, by its identifier, and how it stands.

    Attributes
    ----------
    remark
        Why it is not met, or what a person has to add.
    """

    name: str
    asks: str
    status: Status
    remark: str = ""


def rules(text: str, home: Path) -> list[Rule]:
    """Hold a ``codecheck.yml`` to the rules for what authors write that need no network.

    Parameters
    ----------
    text
        Its content.
    home
        The folder that it lies in.
    """
    try:
        declared = yaml.safe_load(text)
    except yaml.YAMLError as error:
        return [Rule("CC-CFG-001", "it is YAML", "not met", str(error).split("\n", 1)[0])]
    declared = declared if isinstance(declared, dict) else {}
    files = [each for each in declared.get("manifest") or [] if isinstance(each, dict)]
    paths = [str(each.get("file", "")) for each in files]
    paper = declared.get("paper") or {}
    authors = paper.get("authors") or []
    gone = [path for path in paths if not (home / path).is_file()]
    outside = [path for path in paths if _leads_out(path)]
    orcids = [str(each["ORCID"]) for each in authors if "ORCID" in each]
    wrong = [each for each in orcids if not is_orcid(each)]
    filled_in = re.findall(r"FIXME|TODO|XXXX", text)
    held: list[tuple[str, str, bool, str]] = [
        ("CC-CFG-001", "it is YAML, in UTF-8", True, ""),
        ("CC-CFG-002", "it has the mark of a document's start", "\n---\n" in f"\n{text}", "no ---"),
        ("CC-CFG-004", "it has a manifest", bool(files), "the manifest is empty"),
        ("CC-CFG-005", "each entry names a file", _all(paths), "an entry names no file"),
        ("CC-CFG-006", "paths are relative to it", bool(files) and not outside,
         ", ".join(outside)),
        ("CC-CFG-007", "each entry has a comment", _all([each.get("comment") for each in files]),
         "an entry has no comment"),
        ("CC-CFG-014", "it names the version of the specification",
         declared.get("version") == VERSION, f"version is not {VERSION}"),
        ("CC-CFG-017", "the work has a title", bool(paper.get("title")), "no title"),
        ("CC-CFG-018", "the work has authors", bool(authors), "no authors: add a CITATION.cff"),
        ("CC-CFG-019", "each author has a name", _all([each.get("name") for each in authors]),
         "an author has no name"),
        ("CC-CFG-021", "a reference is given", bool(paper.get("reference")), "no reference"),
        ("CC-CFG-023", "nothing is left to be filled in", not filled_in, ", ".join(filled_in)),
        ("CC-BUN-001", "each file is there", bool(files) and not gone, ", ".join(gone)),
        ("CC-BUN-005", "a licence is stated", (home / "LICENSE").is_file(), "no LICENSE"),
    ]  # fmt: skip
    if orcids:
        held.append(("CC-MET-001", "ORCID iDs are well formed", not wrong, ", ".join(wrong)))
    return [
        *(Rule(name, asks, "verified" if holds else "not met",
               "" if holds else why or "the manifest is empty")
          for name, asks, holds, why in held),
        *_for_a_person(declared, authors, orcids),
    ]  # fmt: skip


def _all(values: Sequence[object]) -> bool:
    """Say whether there is something, and nothing of it is empty."""
    return bool(values) and all(values)


def _for_a_person(
    declared: dict[str, Any], authors: list[Any], orcids: list[str]
) -> Iterator[Rule]:
    """Give the rules that a person fulfils: what is there of them is not judged here."""
    lacks_orcid = len(orcids) < len(authors) or not authors
    if lacks_orcid:
        yield Rule("CC-CFG-020", "each author has an ORCID iD", "needs a person",
                   "authors add theirs to CITATION.cff")  # fmt: skip
    if "://" not in str((declared.get("paper") or {}).get("reference", "")):
        yield Rule("CC-CFG-027", "the reference is a link", "needs a person",
                   "authors give one once there is an article")  # fmt: skip
    for name, key, remark in (
        ("CC-CFG-008", "codechecker", "who checks it writes their name"),
        ("CC-CFG-011", "report", "there is a report once it has been checked"),
        ("CC-CFG-024", "summary", "who checks it sums it up"),
        ("CC-CFG-025", "certificate", "the register gives its number"),
    ):
        if not declared.get(key):
            yield Rule(name, f"{key} is given", "needs a person", remark)


def _leads_out(path: str) -> bool:
    pure = PurePosixPath(path)
    return pure.is_absolute() or ".." in pure.parts or ":" in path or "\\" in path


def is_orcid(text: str) -> bool:
    """Say whether an ORCID iD is well formed: four by four, the last a check character.

    References
    ----------
    ISO 7064, MOD 11-2.
    """
    if not re.fullmatch(r"(\d{4}-){3}\d{3}[\dX]", text):
        return False
    total = 0
    for digit in text.replace("-", "")[:-1]:
        total = (total + int(digit)) * 2
    return "0123456789X"[(12 - total % 11) % 11] == text[-1]
