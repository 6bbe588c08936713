"""Files known by their content."""

from __future__ import annotations

import hashlib
from pathlib import Path


def files_of(folder: Path) -> list[Path]:
    """List the files of a folder in order, without what Python keeps there; none of no folder."""
    found = folder.rglob("*") if folder.is_dir() else ()
    return sorted(path for path in found if path.is_file() and path.parent.name != "__pycache__")


def sha256_of(path: Path) -> str:
    """Give the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
