"""Files known by their content."""

from __future__ import annotations

import hashlib
from pathlib import Path

LIBRARY = Path(__file__).resolve().parents[1]

CODE = (".py", ".yaml", ".j2", ".typ", ".css", ".js")
"""Files of the library that make results what they are."""


def files_of(folder: Path) -> list[Path]:
    """List the files of a folder in order, without what Python keeps there; none of no folder."""
    found = folder.rglob("*") if folder.is_dir() else ()
    return sorted(path for path in found if path.is_file() and path.parent.name != "__pycache__")


def sha256_of(path: Path) -> str:
    """Give the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def library_digest() -> str:
    """SHA-256 of the paths and contents of the library's files.

    It is the same for a checkout and for an installed copy.
    """
    paths = [path for path in sorted(LIBRARY.rglob("*")) if path.suffix in CODE]
    whole = hashlib.sha256()
    for path in paths:
        whole.update(path.relative_to(LIBRARY).as_posix().encode("utf-8") + b"\0")
        whole.update(hashlib.sha256(path.read_bytes()).digest())
    return whole.hexdigest()
