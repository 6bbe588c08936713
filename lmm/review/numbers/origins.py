"""Where a number of the documents comes from, and which number stands there."""

from __future__ import annotations

import csv
import importlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict

from lmm.study.problems import StudyError, nearest


@dataclass(frozen=True)
class Value:
    """A number and its place, for example ``satisfaction_intervals``, line 2, ``numerator``.

    Attributes
    ----------
    file, line, column
        Of a table; "" and 0 of other places.
    """

    number: float | str
    place: str
    file: str = ""
    line: int = 0
    column: str = ""


def _listed(given: Any) -> Any:
    return given if isinstance(given, list) else [given]


Names = Annotated[list[str], BeforeValidator(_listed)]


class _Origin(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    def values(self, root: Path) -> list[Value]:
        """Read the numbers, in the order in which they are declared."""
        raise NotImplementedError


class Cells(_Origin):
    """Cells of a CSV file: of the one row that has these words, or over several rows.

    Attributes
    ----------
    sum, filled
        Columns of which the sum is meant, or in how many rows they hold anything.
    """

    file: str
    row: dict[str, str | int | float] = {}
    columns: Names = []
    sum: Names = []
    filled: Names = []

    def values(self, root: Path) -> list[Value]:
        """Read the cells, then the sums, then the numbers of rows."""
        rows = [
            (number, row)
            for number, row in enumerate(_rows(root / self.file), 2)
            if all(row.get(name) == str(words) for name, words in self.row.items())
        ]
        if not rows or (self.columns and len(rows) > 1):
            raise StudyError(f"{self.file} has {len(rows)} rows with {dict(self.row)}, and not one")
        for name in [*self.columns, *self.sum, *self.filled]:
            if name not in rows[0][1]:
                meant = nearest(name, rows[0][1])
                raise StudyError(f"{self.file} has no column {name!r}; is it {meant!r}?")
        name, single = Path(self.file).stem, rows[0]
        cells = [
            Value(float(single[1][column]), f"{name} (line {single[0]}, {column})",
                  self.file, single[0], column)
            for column in self.columns
        ]  # fmt: skip
        sums = [
            Value(sum(float(row[column]) for _, row in rows), f"{name} (the sum of {column})",
                  self.file, rows[0][0], column)
            for column in self.sum
        ]  # fmt: skip
        numbers = [
            Value(len([row for _, row in rows if row[column]]), f"{name} (rows with a {column})",
                  self.file, rows[0][0], column)
            for column in self.filled
        ]  # fmt: skip
        return cells + sums + numbers


@cache
def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


class ResultCells(_Origin):
    """Cells of a table that a run has made."""

    result: str
    row: dict[str, str | int | float] = {}
    columns: Names = []
    sum: Names = []

    def values(self, root: Path) -> list[Value]:
        """Read the cells."""
        file = f"outputs/tables/{self.result}.csv"
        return Cells(file=file, row=self.row, columns=self.columns, sum=self.sum).values(root)


class Published(_Origin):
    """Figures that the service has published."""

    published: Names

    def values(self, root: Path) -> list[Value]:
        """Read them from ``data/raw/published_figures.csv``."""
        file = "data/raw/published_figures.csv"
        found = []
        for name in self.published:
            (value,) = Cells(file=file, row={"figure": name}, columns=["value"]).values(root)
            unit = _rows(root / file)[value.line - 2]["unit"]
            found.append(replace(value, number=float(value.number) / 100) if unit == "%" else value)
        return found


class Declared(_Origin):
    """Keys of a YAML file, such as ``rated_from.count`` of ``study.yaml``."""

    key: Names
    of: str = "study.yaml"

    def values(self, root: Path) -> list[Value]:
        """Read what stands there; of a list, how many it has."""
        content = yaml.safe_load((root / self.of).read_text("utf-8"))
        return [Value(_number(_at(content, key)), f"{self.of} ({key})") for key in self.key]


def _at(content: Any, key: str) -> Any:
    for part in key.split("."):
        content = content[int(part) if isinstance(content, Sequence) else part]
    return content


class Code(_Origin):
    """Constants of the library, or what a function of it gives.

    Attributes
    ----------
    calls
        What to call it with, once or several times.
    item
        Which part of it is meant.
    per
        By what it is divided, such as 7 of days that are said as weeks.
    """

    code: Names
    calls: list[list[Any]] | None = None
    item: int | str | None = None
    per: int = 1

    def values(self, root: Path) -> list[Value]:
        """Import them; of what has a length, its length."""
        return [
            Value(self._part(value), name)
            for name in self.code
            for value in self._called(_named(name))
        ]

    def _called(self, value: Any) -> list[Any]:
        return [value] if self.calls is None else [value(*given) for given in self.calls]

    def _part(self, value: Any) -> float | str:
        number = _number(value if self.item is None else value[self.item])
        return number if isinstance(number, str) or self.per == 1 else number / self.per


def _named(name: str) -> Any:
    parts = name.split(".")
    for known in range(len(parts) - 1, 0, -1):
        try:
            value: Any = importlib.import_module(".".join(parts[:known]))
        except ModuleNotFoundError:
            continue
        for part in parts[known:]:
            value = value[part] if isinstance(value, Mapping) else getattr(value, part)
        return value
    raise StudyError(f"{name} is nothing of the library")


def _number(value: Any) -> float | str:
    if isinstance(value, int | float | str):
        return value
    if isinstance(value, Mapping | Sequence | set | frozenset):
        return len(value)
    return str(value)


class Files(_Origin):
    """How many files there are of a pattern, such as ``examples/*/study.yaml``."""

    files: str

    def values(self, root: Path) -> list[Value]:
        """Count them."""
        return [Value(len(list(root.glob(self.files))), f"the number of {self.files}")]


class Literally(_Origin):
    """What is written in a file, word for word, such as the versions in ``pyproject.toml``."""

    words: str
    of: str
    written: Names

    def values(self, root: Path) -> list[Value]:
        """Give what is written, if the words hold it and stand in the file."""
        if self.words not in (root / self.of).read_text("utf-8"):
            raise StudyError(f"{self.of} does not say {self.words!r}")
        for each in self.written:
            if each not in self.words:
                raise StudyError(f"{self.words!r} does not hold {each!r}")
        return [Value(each, f"{self.of} ({self.words!r})") for each in self.written]


Origin = ResultCells | Cells | Published | Declared | Code | Files | Literally
