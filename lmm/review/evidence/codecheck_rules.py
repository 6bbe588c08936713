"""The rules of CODECHECK for `codecheck.yml` and its folder that can be held without a network."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

from lmm.review.evidence.checks import NotMetError
from lmm.review.evidence.codecheck import FILE, VERSION
from lmm.review.evidence.of_study import licence_of
from lmm.review.evidence.standards import Status

UNCHECKED = "nobody has checked it yet"
PLACEHOLDER = re.compile(r"FIXME|TODO|XXXX")


@dataclass(frozen=True)
class Rule:
    """A rule of the register's list, by its identifier, and how it stands.

    Attributes
    ----------
    remark
        Why it is not met, or what a person has to see to.
    """

    name: str
    asks: str
    status: Status
    remark: str = ""


def rules(path: Path, home: Path) -> list[Rule]:
    """Hold a ``codecheck.yml``, as it is on the disk, to the rules that need no network.

    Parameters
    ----------
    path
        The file.
    home
        The folder of the study, where it belongs and from which its paths are.
    """
    placed = path.is_file() and path.resolve() == (home / FILE).resolve()
    found = [_held("CC-CFG-003", "it is in the folder of what is checked", placed,
                   f"{FILE} belongs into the folder of the study")]  # fmt: skip
    asks = "it is YAML, in UTF-8"
    try:
        text = path.read_bytes().decode("utf-8")
        declared = yaml.safe_load(text)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        return [*found, Rule("CC-CFG-001", asks, "not met", str(error).split("\n", 1)[0])]
    declared = declared if isinstance(declared, dict) else {}
    return [
        Rule("CC-CFG-001", asks, "verified"),
        *found,
        *_of_the_file(text, declared),
        *_of_the_manifest(declared, home),
        *_of_the_work(declared),
        *_of_references(declared),
        *_of_the_check(declared),
        *_of_the_folder(home),
    ]


def _held(name: str, asks: str, holds: object, why: str) -> Rule:
    return Rule(name, asks, "verified" if holds else "not met", "" if holds else why)


def _idle(name: str, asks: str, why: str) -> Rule:
    """Give a rule for something that there is none of."""
    return Rule(name, asks, "does not apply", why)


def _of_the_file(text: str, declared: dict[str, Any]) -> Iterator[Rule]:
    begun = re.match(r"(%[^\n]*\n|#[^\n]*\n|\s*\n)*---\s", text)
    yield _held("CC-CFG-002", "it begins with the mark of a document's start", begun, "no ---")
    version = declared.get("version")
    yield _held("CC-CFG-014", "it names a version of the specification", version, "no version")
    yield _held("CC-CFG-015", "that version is the one that is held here", version == VERSION,
                f"version is not {VERSION}")  # fmt: skip
    filled_in = PLACEHOLDER.findall(text)
    yield _held("CC-CFG-023", "nothing is left to be filled in", not filled_in,
                ", ".join(filled_in))  # fmt: skip


def _of_the_manifest(declared: dict[str, Any], home: Path) -> Iterator[Rule]:
    listed = _dicts(declared.get("manifest"))
    paths = [str(each.get("file") or "") for each in listed]
    outside = [path for path in paths if _leads_out(path)]
    gone = [path for path in paths if not path or not (home / path).is_file()]
    none = "the manifest is empty"
    yield _held("CC-CFG-004", "it has a manifest", listed, none)
    yield _held("CC-CFG-005", "each entry names a file", _all(paths), "an entry names no file")
    yield _held("CC-CFG-006", "paths are relative to it", paths and not outside,
                ", ".join(outside) or none)  # fmt: skip
    commented = _all([each.get("comment") for each in listed])
    yield _held("CC-CFG-007", "each entry has a comment", commented, "an entry has no comment")
    yield _held("CC-BUN-001", "each file is there", paths and not gone, ", ".join(gone) or none)


def _of_the_work(declared: dict[str, Any]) -> Iterator[Rule]:
    paper = _dict(declared.get("paper"))
    authors = _dicts(paper.get("authors"))
    yield _held("CC-CFG-016", "it says which work is checked", paper, "no paper")
    yield _held("CC-CFG-017", "the work has a title", paper.get("title"), "no title")
    yield _held("CC-CFG-018", "the work has authors", authors, "no authors: add a CITATION.cff")
    named, known = (_all([each.get(key) for each in authors]) for key in ("name", "ORCID"))
    yield _held("CC-CFG-019", "each author has a name", named, "an author has no name")
    yield _held("CC-CFG-020", "each author has an ORCID iD", known,
                "authors have not given theirs: they add them to CITATION.cff")  # fmt: skip
    orcids = [str(each["ORCID"]) for each in (*authors, *_dicts(declared.get("codechecker")))
              if each.get("ORCID")]  # fmt: skip
    wrong = [each for each in orcids if not is_orcid(each)]
    asks = "ORCID iDs are well formed"
    if orcids:
        yield _held("CC-MET-001", asks, not wrong, ", ".join(wrong))
    else:
        yield _idle("CC-MET-001", asks, "there is none")


def _of_references(declared: dict[str, Any]) -> Iterator[Rule]:
    """Hold references; whether words that are no link are one is for a person to say."""
    reference = str(_dict(declared.get("paper")).get("reference") or "")
    linked = re.fullmatch(r"https?://\S+", reference)
    name, asks = "CC-CFG-021, CC-CFG-027", "a reference is given, as a link"
    if reference and not linked:
        yield Rule(name, asks, "needs a person", "authors give one once there is an article")
    else:
        yield _held(name, asks, linked, "no reference")
    is_pdf = re.search(r"\.pdf($|[?#])", reference, re.I)
    archived = re.match(r"https?://web\.archive\.org/", reference)
    for name, asks, holds, why, applies in (
        ("CC-CFG-022", "the reference is no bare PDF", not is_pdf or archived, "it is", linked),
        ("CC-CFG-028", "the reference is a DOI", re.match(r"https?://(dx\.)?doi\.org/", reference),
         "it is another link", linked),
        ("CC-CFG-031", "a reference that is a PDF is archived", archived, "it is not", is_pdf),
    ):  # fmt: skip
        yield _held(name, asks, holds, why) if applies else _idle(name, asks, "there is none")
    others: Any = _dict(declared.get("paper")).get("reference-other")
    listed = isinstance(others, list)
    links = all(re.match(r"https?://\S+$", str(each)) for each in others) if listed else False
    for name, asks, so in (("CC-CFG-029", "other references are a list", listed),
                              ("CC-CFG-030", "other references are links", links)):  # fmt: skip
        idle = others is None
        yield _idle(name, asks, "there is none") if idle else _held(name, asks, so, "they are not")


def _of_the_check(declared: dict[str, Any]) -> Iterator[Rule]:
    """Hold what whoever checks it writes."""
    checkers = _dicts(declared.get("codechecker"))
    yield _held("CC-CFG-008", "somebody has checked it", checkers, UNCHECKED)
    report, certificate = (str(declared.get(key) or "") for key in ("report", "certificate"))
    named, known = (_all([each.get(key) for each in checkers]) for key in ("name", "ORCID"))
    yield _held("CC-CFG-011", "there is a report", report, UNCHECKED)
    yield _held("CC-CFG-024", "there is a summary", declared.get("summary"), UNCHECKED)
    yield _held("CC-CFG-025", "there is the number of a certificate", certificate, UNCHECKED)
    for name, asks, given, holds, why in (
        ("CC-CFG-009", "each who checked it has a name", checkers, named, "one has none"),
        ("CC-CFG-010", "each who checked it has an ORCID iD", checkers, known, "one has none"),
        ("CC-CFG-012", "the report is a link", report, "://" in report, "it is none"),
        ("CC-CFG-013", "the report is no placeholder", report, not PLACEHOLDER.search(report),
         "it is one"),
        ("CC-CFG-026", "the number is a year and three digits", certificate,
         re.fullmatch(r"\d{4}-\d{3}", certificate), "it is not"),
    ):  # fmt: skip
        yield _held(name, asks, holds, why) if given else _idle(name, asks, UNCHECKED)


def _of_the_folder(home: Path) -> Iterator[Rule]:
    folders = [home / name for name in ("codecheck", ".codecheck") if (home / name).is_dir()]
    reports = [path for folder in folders for path in folder.glob("*.pdf")]
    yield _held("CC-BUN-002", "there is a folder codecheck or .codecheck", folders, UNCHECKED)
    yield _held("CC-BUN-003", "the report is in that folder, as PDF", reports, UNCHECKED)
    try:
        found = licence_of(home)
    except NotMetError as refused:
        yield Rule("CC-BUN-005", "a licence is stated", "not met", str(refused))
    else:
        yield Rule("CC-BUN-005", "a licence is stated", "verified", found)


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _dicts(value: object) -> list[dict[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _all(values: Sequence[object]) -> bool:
    """Say whether there is something, and nothing of it is empty."""
    return bool(values) and all(values)


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
