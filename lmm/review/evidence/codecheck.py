"""The manifest of CODECHECK: what a codechecker is to make again.

`codecheck.yml` is begun by authors and finished by whoever checks. The list of tables and figures
is written anew each time; whatever else stands in the file is somebody's work, and stays.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from lmm.review.evidence.subject import Subject
from lmm.study.migration import keeping_comments
from lmm.study.problems import Problem, StudyError

FILE = "codecheck.yml"
VERSION = "https://codecheck.org.uk/spec/config/2.0/"
MADE = ("tables", "figures")
"""Folders of a run whose files are listed, and from which what is no longer shown goes."""

HEAD = """\
%YAML 1.1
---
# Written by `lmm evidence`, which lists the tables and figures, and keeps all else that is added.
# Whoever checks adds codechecker, report, summary and certificate; authors add their names with
# ORCID iDs. Paths are from the folder of the study, where this file belongs.
"""


def manifest(subject: Subject, path: Path) -> str:
    """Give what the file is to hold: every numbered table and figure, and all that others added.

    Parameters
    ----------
    path
        The file, which need not be there.

    Raises
    ------
    StudyError
        If it is there, and is no YAML with keys.
    """
    if not path.is_file():
        return HEAD + yaml.safe_dump(_filled({}, subject), sort_keys=False, allow_unicode=True,
                                     width=100)  # fmt: skip
    text = path.read_text("utf-8")
    before = _read(text, path)
    after = _filled(before, subject)
    return text if after == before else _rewritten(text, after)


def _read(text: str, path: Path) -> dict[str, Any]:
    try:
        declared = yaml.safe_load(text)
    except yaml.YAMLError as error:
        at = getattr(error, "problem_mark", None)
        line = at.line + 1 if at else 0
        fix = "mend it, or remove the file to have it written anew"
        why = f"is not YAML: {getattr(error, 'problem', '') or error}"
        raise StudyError(Problem(why, file=str(path), line=line, fix=fix)) from error
    if not isinstance(declared, dict):
        fix = "remove the file to have it written anew"
        raise StudyError(Problem("has no keys", file=str(path), fix=fix))
    return declared


def _filled(held: dict[str, Any], subject: Subject) -> dict[str, Any]:
    """Fill in what is missing, and list the files; what somebody has written stands."""
    paper = held.get("paper") or {}
    cited = {each["name"]: each for each in _authors(subject.home)}
    fresh = {
        "title": f"{subject.study.service}: a reproducible evaluation",
        "authors": list(cited.values()),
        "reference": "There is no article; the compendium itself is what is checked.",
    }
    stands = {key: value for key, value in paper.items() if value}
    if "authors" in stands:
        stands["authors"] = [_author(each, cited) for each in stands["authors"]]
    return {
        "version": VERSION,
        **held,
        "manifest": _listed(held.get("manifest") or [], subject),
        "paper": {**fresh, **stands},
    }


def _author(held: Any, cited: dict[str, dict[str, str]]) -> Any:
    """Add what is cited of an author, and is not in the file."""
    return {**cited.get(str(held.get("name")), {}), **held} if isinstance(held, dict) else held


def _listed(held: list[Any], subject: Subject) -> list[dict[str, Any]]:
    """List what is shown, with what was added to an entry, and then the files of somebody's own."""
    before = {each["file"]: each for each in held if isinstance(each, dict) and "file" in each}
    shown = [{**before.get(each["file"], {}), **each} for each in _files(subject)]
    names = {each["file"] for each in shown}
    made = tuple(f"{_place(subject.study.outputs / folder, subject)}/" for folder in MADE)
    added = [each for name, each in before.items()
             if name not in names and not str(name).startswith(made)]  # fmt: skip
    return [*shown, *added]


def _place(path: Path, subject: Subject) -> str:
    return path.relative_to(subject.home).as_posix()


def _files(subject: Subject) -> Iterator[dict[str, str]]:
    """Give every numbered table and figure, whether its file is there or not."""
    for report in subject.reports:
        for shown in report.numbered:
            file = _place(subject.study.outputs / shown.file, subject)
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


def _rewritten(text: str, after: dict[str, Any]) -> str:
    """Write the file with its comments and order, and what is new."""
    keeper = keeping_comments()
    keeper.version, keeper.explicit_start, keeper.width = (1, 1), True, 100
    keeper.indent(mapping=2, sequence=2, offset=0)
    kept = keeper.load(text)
    for key, value in after.items():
        if kept.get(key) != value:
            kept[key] = value
    out = io.StringIO()
    keeper.dump(kept, out)
    return out.getvalue()
