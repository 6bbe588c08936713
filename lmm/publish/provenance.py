"""What a crate tells of a run, piece by piece: software, inputs, results, what it has cost."""

from __future__ import annotations

import base64
import hashlib
import os
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from lmm.publish import git
from lmm.publish.sources import LIBRARY
from lmm.study.study import Study

Entity = dict[str, Any]

_FORMATS = {
    ".csv": "text/csv",
    ".css": "text/css",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".html": "text/html",
    ".ipynb": "application/x-ipynb+json",
    ".js": "text/javascript",
    ".json": "application/json",
    ".parquet": "application/vnd.apache.parquet",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".yaml": "application/yaml",
}
"""Media types. The tables of the machine would differ between machines."""


def software(record: Mapping[str, Any]) -> list[Entity]:
    """Name the library first, then its commit and the packages, with their versions."""
    packages = [
        {"@id": f"pkg:pypi/{name}@{version}", "@type": "SoftwareApplication", "name": name,
         "version": version}
        for name, version in record["packages"].items()
    ]  # fmt: skip
    place = f" on {record['platform']}" if "platform" in record else ""
    commit = [value("commit", "git commit", found)] if (found := commit_of_library()) else []
    library = {
        "@id": "#lmm",
        "@type": ["SoftwareApplication", "SoftwareSourceCode"],
        "name": "lmm",
        "version": record["lmm"],
        "runtimePlatform": f"Python {record['python']}{place}",
        "softwareRequirements": references(packages),
    }
    if commit:
        library["identifier"] = references(commit)
    return [library, *commit, *packages]


def commit_of_library() -> str:
    """Give the git commit of the library's checkout; empty for an installed copy.

    Nothing is asked of a study's folder, whose git settings could run code.
    """
    home = LIBRARY.parent
    commit = git.asked(home, "rev-parse", "HEAD") if (home / ".git").exists() else None
    if commit is None:
        return ""
    changed = git.asked(home, "diff", "HEAD", "--quiet") is None
    return commit + " with changes that are not committed" * changed


def inputs(study: Study, record: Mapping[str, Any], home: Path) -> Iterator[Entity]:
    """Name what a run was made of by its content, since it lies outside of the outputs.

    Of protected results only how many inputs there were: a guess at a small file could be
    confirmed by its hash.
    """
    named = record.get("inputs_sha256") or record.get("release_sha256")
    if not named:
        yield value("hidden", "inputs that are not named", len(study.raw_files) + 1)
        return
    for name, sha256 in named.items():
        # RFC 6920 names a file by its hash; the path keeps two of the same content apart
        digest = base64.urlsafe_b64encode(bytes.fromhex(sha256)).decode().rstrip("=")
        yield {
            "@id": f"ni:///sha-256;{digest}?path={quote(name)}",
            "@type": "File",
            "name": name,
            "sha256": sha256,
            "contentSize": str((home / name).stat().st_size),
            "encodingFormat": _format(name),
        }


def results(folder: Path, besides: str) -> Iterator[Entity]:
    """Give every file of a folder, but one, with size, hash and type."""
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and name != besides:
            content = path.read_bytes()
            yield {
                "@id": quote(name),
                "@type": "File",
                "name": name,
                "sha256": hashlib.sha256(content).hexdigest(),
                "contentSize": str(len(content)),
                "encodingFormat": _format(name),
            }


def _format(name: str) -> str:
    return _FORMATS.get(Path(name).suffix.lower(), "application/octet-stream")


def spent(began: datetime) -> Iterator[Entity]:
    """Say how long a run has taken, and the most memory that one of its processes has used."""
    seconds = (datetime.now(UTC) - began).total_seconds()
    yield {**value("spent", "duration", round(seconds)), "unitText": "seconds"}
    if os.name == "posix":
        import resource  # noqa: PLC0415  # Windows has none

        unit = 1024**2 if sys.platform == "darwin" else 1024
        who = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
        most = max(resource.getrusage(each).ru_maxrss for each in who) // unit
        yield {**value("spent", "largest process", most), "unitText": "MiB"}


def value(kind: str, name: str, said: object) -> Entity:
    """Give a named value that is in no file."""
    return {"@id": f"#{kind}-{quote(name)}", "@type": "PropertyValue", "name": name,
            "value": str(said)}  # fmt: skip


def references(entities: list[Entity]) -> Entity | list[Entity]:
    """Point at entities; at a single one by itself, as RO-Crate writes it."""
    found = [{"@id": each["@id"]} for each in entities]
    return found[0] if len(found) == 1 else found
