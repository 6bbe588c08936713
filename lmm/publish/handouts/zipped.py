"""Office files as archives with the same bytes each time."""

from __future__ import annotations

import io
import zipfile

FIRST_DAY = (1980, 1, 1, 0, 0, 0)
"""The earliest day of which an archive can say that a file is from it."""


def without_dates(made: bytes) -> bytes:
    """Give an archive whose files have no day of their own.

    They are stored and not compressed, because that comes out otherwise with other versions of
    zlib, and a release that is made again is compared byte for byte.
    """
    again = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(made)) as old, zipfile.ZipFile(again, "w") as new:
        for name in old.namelist():
            new.writestr(zipfile.ZipInfo(name, FIRST_DAY), old.read(name))
    return again.getvalue()
