"""Archives, unpacked with distrust: nothing leads out of the folder, nothing is absurdly large."""

from __future__ import annotations

import gzip
import io
import shutil
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO, Literal

from lmm.study.problems import StudyError, refuse

LARGEST = 200_000_000
"""Bytes that all files of an archive may have together."""

MOST = 5_000
"""Files and folders that an archive may hold."""

Kind = Literal["file", "folder", "other"]

Member = tuple[str, int, Kind, Callable[[], IO[bytes] | None]]
"""An entry of an archive: its name and size, what it is, and how to open it."""


def unpack(archive: Path, place: Path) -> None:
    """Unpack an archive into a folder, which is made.

    Raises
    ------
    StudyError
        If it is none, is damaged, or holds what leads out of the folder or is too large.
    """
    place.mkdir(parents=True)
    try:
        _unpack(archive, place)
    except (OSError, EOFError, RuntimeError, ValueError, zlib.error,
            tarfile.TarError, zipfile.BadZipFile) as error:  # fmt: skip
        told = error.strerror if isinstance(error, OSError) and error.strerror else ""
        why = f"cannot be unpacked{f': {told}' if told else ''}"
        raise refuse(why, archive, fix="pack the folder once more, without a password") from None


def _unpack(archive: Path, place: Path) -> None:
    total = 0
    for number, (name, size, kind, open_it) in enumerate(_members(archive), 1):
        total += size
        if total > LARGEST or number > MOST:
            most = f"{MOST} files and folders, or {LARGEST // 1_000_000} MB"
            raise refuse(f"holds more than {most}: it is no release", archive)
        if kind == "folder":
            continue
        if kind == "other":
            raise refuse(f"holds {name!r}, which is no file but a link or the like", archive)
        target = place / _inside(name, archive)
        if target.exists():
            raise refuse(f"holds {name!r} twice", archive)
        target.parent.mkdir(parents=True, exist_ok=True)
        source = open_it()
        assert source is not None  # of a file there is always something to read
        with source, target.open("wb") as file:
            shutil.copyfileobj(source, file)


def _inside(name: str, archive: Path) -> PurePosixPath:
    path = PurePosixPath(name)
    leads_out = path.is_absolute() or ".." in path.parts or not path.parts
    if leads_out or any(letter in name for letter in "\\:\0"):
        raise refuse(f"holds {name!r}, which leads out of its folder", archive)
    return path


def _members(archive: Path) -> Iterator[Member]:
    if _begins_with(archive, b"PK\x03\x04"):  # a .tar that ends with a workbook ends like a .zip
        with zipfile.ZipFile(archive) as files:
            for part in files.infolist():
                if part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                    why = f"holds {part.filename!r}, packed in a way that is not read"
                    raise refuse(why, archive, fix="pack the folder once more, as a plain .zip")
                is_link = stat.S_ISLNK(part.external_attr >> 16)
                kind: Kind = "folder" if part.is_dir() else "other" if is_link else "file"
                yield part.filename, part.file_size, kind, partial(files.open, part)
        return
    is_zipped = _begins_with(archive, b"\x1f\x8b")
    with (
        gzip.open(archive) if is_zipped else archive.open("rb", buffering=0) as raw,
        tarfile.open(fileobj=_Bounded(raw), mode="r:") as tape,
    ):
        for entry in tape:
            kind = "folder" if entry.isdir() else "file" if entry.isreg() else "other"
            yield entry.name, entry.size, kind, partial(tape.extractfile, entry)


def _begins_with(archive: Path, magic: bytes) -> bool:
    with archive.open("rb") as file:
        return file.read(len(magic)) == magic


class _Bounded(io.BufferedReader):
    """A file of which nobody reads an absurd lot at once, as a header could ask for."""

    def read(self, size: int | None = -1, /) -> bytes:
        """Read so many bytes."""
        if size is None or not 0 <= size <= LARGEST:
            raise tarfile.ReadError
        return super().read(size)


def folder_of(release: Path, place: Path) -> Path:
    """Give the folder of a release; of an archive, from which it is unpacked into a place.

    Raises
    ------
    StudyError
        As `unpack`, and if there is nothing of this name.
    """
    if not release.exists():
        raise StudyError(f"{release}: there is no such folder or archive")
    if release.is_dir():
        return release
    unpack(release, place)
    inside = [path for path in sorted(place.iterdir()) if (path / "counts").is_dir()]
    return inside[0] if len(inside) == 1 else place
