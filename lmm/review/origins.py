"""Where a number of the documents comes from, and which number stands there."""

from __future__ import annotations

import csv
import importlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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
    """Cells of a CSV file: of the one row that has these words, or their sum over several rows."""

    file: str
    row: dict[str, str | int | float] = {}
    columns: Names = []
    sum: Names = []

    def values(self, root: Path) -> list[Value]:
        """Read the cells, row by row where there are several columns, and then the sums."""
        rows = [
            (number, row)
            for number, row in enumerate(_rows(root / self.file), 2)
            if all(row.get(name) == str(words) for name, words in self.row.items())
        ]
        if not rows or (self.columns and len(rows) > 1):
            raise StudyError(f"{self.file} has {len(rows)} rows with {dict(self.row)}, and not one")
        for name in [*self.columns, *self.sum]:
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
        return cells + sums


@cache
def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


class Result(_Origin):
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
        return [
            value
            for name in self.published
            for value in Cells(file=file, row={"figure": name}, columns=["value"]).values(root)
        ]


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
    """Constants of the library, or what a function of it gives."""

    code: Names
    call: list[Any] | None = None
    item: int | str | None = None

    def values(self, root: Path) -> list[Value]:
        """Import them; of what has a length, its length."""
        found = []
        for name in self.code:
            value = _named(name)
            value = value if self.call is None else value(*self.call)
            value = value if self.item is None else value[self.item]
            found.append(Value(_number(value), name))
        return found


def _named(name: str) -> Any:
    parts = name.split(".")
    for known in range(len(parts) - 1, 0, -1):
        try:
            value: Any = importlib.import_module(".".join(parts[:known]))
        except ModuleNotFoundError:
            continue
        for part in parts[known:]:
            value = getattr(value, part)
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

    words: Names
    of: str
    written: Names

    def values(self, root: Path) -> list[Value]:
        """Give what is written, if the words stand in the file."""
        text = (root / self.of).read_text("utf-8")
        for words in self.words:
            if words not in text:
                raise StudyError(f"{self.of} does not say {words!r}")
        return [Value(each, f"{self.of} ({self.words[0]!r})") for each in self.written]


Origin = Result | Cells | Published | Declared | Code | Files | Literally
