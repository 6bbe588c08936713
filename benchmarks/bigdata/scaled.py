"""A study of any size: the committed synthetic records, copied under identifiers of their own.

Usage: python -m benchmarks.bigdata.scaled ROWS FOLDER [FILES]
"""

from __future__ import annotations

import csv
import io
import re
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
COUNTED = ("course_attendance.csv", "family_contacts.csv")
"""Files whose records are counted as the rows of a study, so many of them in each file."""

IDENTIFIERS = {"courses.csv": 1, "course_attendance.csv": 2, "feedback_forms.csv": 2,
               "families.csv": 1, "family_contacts.csv": 2}  # fmt: skip
"""How many of the first columns of a file hold identifiers."""

ENCODINGS = {"families.csv": "cp1252", "feedback_forms.csv": "cp1252"}
COPY = "\0"
"""Stands in a template for the number of the copy."""


def make_study(rows: int, folder: Path, files: int = 1) -> None:
    """Write a study with about as many rows of attendance and contacts together.

    Each table that grows is so many files.

    Courses, their feedback and families are copied with them, untidiness and all; the other
    tables stay as they are.
    """
    raw = ROOT / "data/raw"
    (folder / "data").mkdir(parents=True)
    declared = (ROOT / "study.yaml").read_text("utf-8")
    shutil.copytree(raw, folder / "data/raw")
    templates = {name: _template(raw / name) for name in IDENTIFIERS}
    once = sum(templates[name][1].count("\n") for name in COUNTED)
    copies = max(1, round(rows / once))
    digits = len(str(copies - 1))
    for name, (heading, text) in templates.items():
        encoding = ENCODINGS.get(name, "utf-8")
        parts = [name, *(f"{n}-{name}" for n in range(1, files))]
        declared = declared.replace(f"file: {name}\n", f"file: [{', '.join(parts)}]\n")
        for part, path in enumerate(parts):
            of_part = range(copies * part // files, copies * (part + 1) // files)
            with (folder / "data/raw" / path).open("w", encoding=encoding, newline="") as file:
                file.write(heading)
                file.writelines(text.replace(COPY, f"{copy:0{digits}}") for copy in of_part)
    (folder / "study.yaml").write_text(declared, encoding="utf-8")


def _template(path: Path) -> tuple[str, str]:
    """Give the heading line, and the others with `COPY` before the digits of identifiers."""
    text = path.read_bytes().decode(ENCODINGS.get(path.name, "utf-8"))
    heading, *rows = csv.reader(io.StringIO(text, newline=""))
    lines = io.StringIO(newline="")
    write = csv.writer(lines, lineterminator="\n").writerow
    for row in rows:
        identifiers = IDENTIFIERS[path.name]
        write([re.sub(r"(?=\d)", COPY, cell, count=1) for cell in row[:identifiers]]
              + row[identifiers:])  # fmt: skip
    return ",".join(heading) + "\n", lines.getvalue()


if __name__ == "__main__":
    make_study(int(sys.argv[1]), Path(sys.argv[2]), *map(int, sys.argv[3:]))
