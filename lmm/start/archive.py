"""Workbooks whose bytes are the same every time that they are made."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile

STAMP = dt.datetime(2026, 1, 1)


def repeatable(workbook: bytes) -> bytes:
    """Give every part of a workbook, and its properties, one date."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook)) as old, zipfile.ZipFile(buffer, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "docProps/core.xml":
                content = re.sub(rb"\d{4}-\d\d-\d\dT[\d:]+Z", f"{STAMP:%FT%TZ}".encode(), content)
            part = zipfile.ZipInfo(name, STAMP.timetuple()[:6])
            new.writestr(part, content, zipfile.ZIP_STORED)  # compressors differ between Pythons
    return buffer.getvalue()
