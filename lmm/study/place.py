"""Where the records of a table stand: files, sheets and lines."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from pathlib import PurePath
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from lmm.study.declared import STUDY_FILE, Lines, OneOrMore, Part

LINES_A_PART = 1_000_000_000
"""Rows of a table are numbered by their line; each further part begins at a multiple of this."""

Encoding = Literal["utf-8", "cp1252", "utf-16"]


class Place(Part):
    """The files, sheets and lines of a table."""

    files: OneOrMore = Field(
        default=(),
        alias="file",
        description="a file in data/raw, or several that hold parts of the table: "
        ".csv, .tsv, .txt, .xlsx, .xlsm or .parquet",
    )
    sheets: OneOrMore = Field(
        default=(),
        alias="sheet",
        description="a sheet of the workbook, or several that hold parts of the table; "
        "may be left out where only one sheet holds anything",
    )
    heading_lines: Lines = Field(
        default=(1,),
        min_length=1,
        max_length=5,
        alias="heading_line",
        description="line on which the headings stand; or several, the upper ones first, such as "
        "[1, 2]: an upper heading holds for the blanks to its right, and is joined with what "
        "stands below it, as in 'How did you find / The trainer'",
    )
    skip_lines: Lines = Field(
        default=(),
        description="lines below the headings that are no records, such as the wording of the "
        "questions below their codes",
    )
    encoding: Encoding = Field(default="utf-8", description="of a text file")
    delimiter: Literal[",", ";", "\t", "|"] = Field(
        default=",", description="what separates the cells of a text file"
    )

    @field_validator("files")
    @classmethod
    def _inside_raw(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        for name in names:
            if PurePath(name).name != name or name.startswith(".") or "\\" in name:
                raise ValueError(f"{name!r} must be the plain name of a file in data/raw")
        if len(set(names)) < len(names):
            raise ValueError("a file is named twice")
        return names

    @field_validator("sheets")
    @classmethod
    def _once(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(names)) < len(names):
            raise ValueError("a sheet is named twice")
        return names

    @model_validator(mode="after")
    def _headings_above_records(self) -> Self:
        if self.skip_lines and self.skip_lines[0] <= self.heading_lines[-1]:
            raise ValueError(
                "skip_lines: name lines below the headings; others are not read anyway"
            )
        return self

    @property
    def parts(self) -> tuple[tuple[str, str], ...]:
        """File and sheet of each part of the table; no sheet ("") where none is named."""
        return tuple(product(self.files, self.sheets or ("",)))

    def place(self, row: int) -> tuple[str, str, int]:
        """Give the file, the sheet and the line of a row's number (see `LINES_A_PART`)."""
        return self.places([row])[0]

    def places(self, rows: Sequence[int]) -> list[tuple[str, str, int]]:
        """Give the `place` of each row."""
        parts = self.parts if self.files else ((STUDY_FILE, ""),)
        return [(*parts[row // LINES_A_PART], row % LINES_A_PART) for row in rows]
