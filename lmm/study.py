"""The study: what ``study.yaml`` declares, and the only place that knows paths.

A study is a folder that holds ``study.yaml``, ``data/raw``, ``data/processed`` and
``outputs``. Nothing about a particular service is written in code.
"""

from __future__ import annotations

import datetime as dt
import os
import re
from collections import Counter
from enum import StrEnum
from functools import cached_property
from itertools import product
from pathlib import Path, PurePath
from typing import Annotated, Any, Literal, Self, get_args

import yaml
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    PrivateAttr,
    StringConstraints,
    Tag,
    ValidationError,
    field_validator,
    model_validator,
)

from lmm.problems import StudyError

STUDY_FILE = "study.yaml"
STAGE_VARIABLE = "LMM_STAGE"
"""Names the folder into which a running ``lmm run`` writes until all of it has succeeded."""

Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]


class RecordsKind(StrEnum):
    """Whether the records describe real people."""

    SYNTHETIC = "synthetic"
    REAL = "real"


class _Part(BaseModel):
    """A part of the study file: unknown keys are errors and nothing changes after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class Period(_Part):
    """A span of days, both ends included."""

    start: dt.date = Field(description="first day")
    end: dt.date = Field(description="last day")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.end < self.start:
            raise ValueError(f"the end {self.end} comes before the start {self.start}")
        return self


class Closure(Period):
    """Days on which the service was closed: they are not exposure, and not zeros either."""

    reason: Text = Field(description="why it was closed")


class ReducedCapacity(Period):
    """Days on which less could be expected; only ever shown beside the unadjusted figures."""

    capacity: float = Field(ge=0, lt=1, description="share of the usual capacity")
    indicators: tuple[Text, ...] = Field(description="the indicators that it holds for")
    reason: Text = Field(description="why less could be expected")
    basis: Literal["published", "assumed"] = Field(description="where the capacity comes from")


class Event(_Part):
    """The date that splits the period in two, such as a lockdown."""

    date: dt.date = Field(description="first day of the time after it; within the period")
    name: Text = Field(description="what it is called in the reports")


class Satisfaction(_Part):
    """How the feedback forms are read."""

    scale: dict[Text, tuple[str, ...]] = Field(
        description="answers from worst to best, each with the other spellings found in the forms"
    )
    high: tuple[Text, ...] = Field(description="the answers that count as high satisfaction")
    dont_know: dict[Text, tuple[str, ...]] = Field(
        default_factory=dict,
        description="an answer off the scale: counted, and left out of the denominator",
    )
    overall: Text = Field(description="the item that is held against the published figure")
    items: dict[Text, Text] = Field(description="column name of each item, and its wording")

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if taken := self.items.keys() & {"form_id", "course_id", "role"}:
            raise ValueError(f"items: {min(taken)!r} is a column of the forms itself; rename it")
        if len(set(self.items.values())) < len(self.items):
            raise ValueError("items: two have the same wording")
        if self.overall not in self.items:
            raise ValueError(f"overall: {self.overall!r} is not one of items {list(self.items)}")
        scale = list(self.scale)
        if not self.high or tuple(scale[-len(self.high) :]) != self.high:
            raise ValueError(f"high: {list(self.high)} is not the upper end of the scale {scale}")
        if both := self.scale.keys() & self.dont_know.keys():
            raise ValueError(f"dont_know: {min(both)!r} is on the scale")
        if len(self.dont_know) > 1:
            raise ValueError("dont_know: one answer, with its other spellings")
        return self

    @property
    def answers(self) -> dict[str, tuple[str, ...]]:
        """Every accepted answer with its other spellings, worst first, don't know last."""
        return {**self.scale, **self.dont_know}


class NearlyMet(_Part):
    """The operational definition of "met or nearly met"."""

    definition: Text = Field(description="the definition in words, shown in the report")
    rule: Literal[
        "green",
        "green or amber",
        "green or amber whose interval includes the target",
    ] = Field(description="which ratings count as met or nearly met")


NEARLY_MET_RULES: tuple[str, ...] = get_args(NearlyMet.model_fields["rule"].annotation)


class ReferencePopulation(_Part):
    """The population that the families who attended are compared with, by one characteristic."""

    basis: Literal["published", "assumed"] = Field(description="where the shares come from")
    source: Text | None = Field(default=None, description="needed for published shares")
    licence: Text | None = Field(default=None, description="of the source")
    reason: Text | None = Field(default=None, description="why the shares are assumed so")
    shares: dict[Text, Annotated[float, Field(ge=0, le=1)]] = Field(
        description="share of each label; labels left out are not compared"
    )

    @model_validator(mode="after")
    def _accounted_for(self) -> Self:
        total = round(sum(self.shares.values()), 6)
        if not 0.99 <= total <= 1.01:  # printed percentages are rounded
            raise ValueError(f"shares: they add up to {total:.4g}, not to 1")
        if self.basis == "published" and not (self.source and self.licence):
            raise ValueError("published shares need their source and its licence")
        if self.basis == "assumed" and not self.reason:
            raise ValueError("assumed shares need their reason")
        return self


ROW_NUMBER = "(row number)"
"""Stands for a heading where the file has no identifier: each row is numbered instead."""

LINES_A_PART = 10_000_000
"""Rows of a table are numbered by their line; each further part begins at a multiple of this."""

Encoding = Literal["utf-8", "cp1252", "utf-16"]


def _one_or_more(value: object) -> object:
    return (value,) if isinstance(value, str) else value


OneOrMore = Annotated[
    tuple[Text, ...],
    BeforeValidator(_one_or_more, json_schema_input_type=str | tuple[Text, ...]),
]


class TableSource(_Part):
    """Where a table is and what its columns are called there."""

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
    heading_line: int = Field(
        default=1, ge=1, le=1000, description="line on which the headings stand"
    )
    encoding: Encoding = Field(default="utf-8", description="of a text file")
    delimiter: Literal[",", ";", "\t", "|"] = Field(
        default=",", description="what separates the cells of a text file"
    )
    columns: dict[Text, Text] = Field(
        default_factory=dict,
        description="name in this compendium: heading in the file, or "
        f"'{ROW_NUMBER}' where a form or session has no identifier",
    )
    fixed: dict[Text, Text] = Field(
        default_factory=dict,
        description="columns that the file lacks because all rows have the same value",
    )
    drop: tuple[Text, ...] = Field(
        default=(),
        description="headings of columns that identify people: they are never read",
    )
    not_identifying: tuple[Text, ...] = Field(
        default=(),
        description="headings that look like those of names, addresses or numbers of people, "
        "and are not; what stands in the cells is looked at all the same",
    )
    rows: tuple[dict[Text, str | int | float | dt.date | None], ...] = Field(
        default=(), description="the rows themselves, in place of a file, for a short table"
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

    @field_validator("columns")
    @classmethod
    def _one_heading_each(cls, columns: dict[str, str]) -> dict[str, str]:
        for heading, times in Counter(columns.values()).items():
            if times > 1:
                names = " and ".join(name for name in columns if columns[name] == heading)
                raise ValueError(f"the heading {heading!r} is given for both {names}")
        return columns

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if bool(self.files) == bool(self.rows):
            raise ValueError("give either its file or its rows; a table you do not have is: absent")
        if self.rows and (self.columns or self.fixed or self.drop):
            raise ValueError("rows use this compendium's names: leave out columns, fixed and drop")
        if self.files and not self.columns:
            raise ValueError("columns are missing: name in this compendium: heading in the file")
        if both := self.columns.keys() & self.fixed.keys():
            raise ValueError(f"{min(both)!r} stands under both columns and fixed")
        if both := set(self.columns.values()) & set(self.drop):
            raise ValueError(f"{min(both)!r} is both read and dropped")
        return self

    @property
    def parts(self) -> tuple[tuple[str, str], ...]:
        """File and sheet of each part of the table; no sheet ("") where none is named."""
        return tuple(product(self.files, self.sheets or ("",)))

    def place(self, row: int) -> tuple[str, str, int]:
        """Give the file, the sheet and the line of a row's number (see `LINES_A_PART`)."""
        number, line = divmod(row, LINES_A_PART)
        return *(self.parts[number] if self.files else (STUDY_FILE, "")), line

    def heading(self, column: str) -> str:
        """Give the heading of a column as the file has it."""
        return self.columns.get(column, column)


def _table_tag(value: object) -> str:
    return "absent" if isinstance(value, str) else "table"


TableSourceOrAbsent = Annotated[
    Annotated[TableSource, Tag("table")] | Annotated[Literal["absent"], Tag("absent")],
    Discriminator(_table_tag),
]

Indicator = Literal["courses", "attendances", "staff", "consultations", "families", "satisfaction"]
"""Everything that is counted or can have a target."""

Disclosure = Literal["opensafely", "midpoint6", "nhs_digital", "none"]


RESERVED = {"not recorded", "all", "whole period"}
"""Rows of tables that are no label, so that no label may be called so."""


class Study(_Part):
    """Everything that ``study.yaml`` declares."""

    draft: bool = Field(
        default=False, description="whether the file is still to be looked through: no run yet"
    )
    service: Text = Field(description="name of the service, as the reports are to give it")
    records: RecordsKind
    period: Period
    event: Event
    contract_year_starts: int = Field(
        ge=1, le=12, description="month in which a contract year begins, such as 4 for April"
    )
    closures: tuple[Closure, ...] = ()
    reduced_capacity: tuple[ReducedCapacity, ...] = ()
    confidence: float = Field(default=0.95, gt=0.5, lt=1, description="of every interval")
    disclosure: Disclosure = Field(
        description="how counts are protected before they are released: opensafely (1 to 7 "
        "redacted, the others rounded to 5), midpoint6 (rounded to the middle of each six), "
        "nhs_digital (as opensafely, totals rounded themselves), or none, which is for "
        "synthetic records only"
    )
    staff_trained_counts: Literal["people", "attendances"] = Field(
        description="which count is held against a published number of staff trained"
    )
    date_formats: tuple[Text, ...] = Field(
        description="strptime formats found in the files, and 'excel' for Excel's day numbers"
    )
    missing: tuple[str, ...] = Field(description="cells that mean: not recorded")
    total_row: tuple[Text, ...] = Field(
        default=(), description="first cells of rows that are totals, not records"
    )
    wording: dict[Indicator, Text] = Field(
        default_factory=dict,
        description="what the things counted are called in the reports, such as "
        "staff: parents who came",
    )
    satisfaction: Satisfaction
    nearly_met: NearlyMet
    reference_population: dict[Literal["ward", "ethnic_group"], ReferencePopulation] = Field(
        default_factory=dict, description="for the reach of the service; may be left out"
    )
    vocabularies: dict[Text, dict[Text, tuple[str, ...]]] = Field(
        description="accepted labels in display order, each with the other spellings found"
    )
    tables: dict[Text, TableSourceOrAbsent] = Field(
        description="where each table is, or 'absent' for one that the service does not keep"
    )
    _folder: Path = PrivateAttr(default=Path())

    @field_validator("date_formats")
    @classmethod
    def _whole_dates(cls, formats: tuple[str, ...]) -> tuple[str, ...]:
        for form in formats:
            if form != "excel" and not _reads_dates(form):
                raise ValueError(f"{form!r} is no strptime format of a day, such as %d/%m/%Y")
        return formats

    @model_validator(mode="after")
    def _honest(self) -> Self:
        if self.records is RecordsKind.REAL and self.disclosure == "none":
            raise ValueError(
                "disclosure: 'none' is refused for real records; choose opensafely, midpoint6 or "
                "nhs_digital"
            )
        if not self.period.start <= self.event.date <= self.period.end:
            raise ValueError(f"event: {self.event.date} is outside the period")
        if "answer" in self.vocabularies:
            raise ValueError("vocabularies: 'answer' is the scale of satisfaction; rename it")
        for name, labels in self.vocabularies.items():
            if taken := RESERVED & labels.keys():
                raise ValueError(f"vocabularies: {name}: {min(taken)!r} stands for something else")
            _unambiguous(f"vocabularies: {name}", labels)
        _unambiguous("satisfaction: scale", self.satisfaction.answers)
        return self

    @model_validator(mode="after")
    def _reference_labels(self) -> Self:
        for name, reference in self.reference_population.items():
            accepted = self.vocabularies.get(name, {})
            if unknown := [label for label in reference.shares if label not in accepted]:
                raise ValueError(
                    f"reference_population: {name}: {unknown[0]!r} is not one of {list(accepted)}"
                )
        return self

    # --- tables ------------------------------------------------------------------------

    @property
    def sources(self) -> dict[str, TableSource]:
        """The tables that the service keeps."""
        return {name: s for name, s in self.tables.items() if isinstance(s, TableSource)}

    def keeps(self, *tables: str) -> bool:
        """Whether the service keeps all of these tables."""
        return all(name in self.sources for name in tables)

    @property
    def raw_files(self) -> tuple[Path, ...]:
        """The raw files, each once, in the order of the tables."""
        names = [name for source in self.sources.values() for name in source.files]
        return tuple(self.raw / name for name in dict.fromkeys(names))

    # --- paths -------------------------------------------------------------------------

    @property
    def folder(self) -> Path:
        """The folder that holds ``study.yaml``."""
        return self._folder

    @property
    def raw(self) -> Path:
        """Inputs, never written by code other than the generator."""
        return self.folder / "data" / "raw"

    @property
    def _written(self) -> Path:
        return Path(os.environ.get(STAGE_VARIABLE) or self.folder)

    @property
    def processed(self) -> Path:
        """Clean tables, cleaning log and rejected rows."""
        return self._written / "data" / "processed"

    @property
    def outputs(self) -> Path:
        """What may be released."""
        return self._written / "outputs"

    @property
    def is_staged(self) -> bool:
        """Whether a run is collecting results; outside of one, notebooks write nothing."""
        return STAGE_VARIABLE in os.environ

    @property
    def failed(self) -> Path:
        """Where the partial notebooks of a failed run are kept for inspection."""
        return self.folder / "outputs.failed"

    @property
    def own_notebooks(self) -> tuple[Path, ...]:
        """The study's own numbered notebooks, if it has any."""
        return tuple(sorted((self.folder / "notebooks").glob("[0-9]-*.ipynb")))

    @property
    def notebooks(self) -> tuple[Path, ...]:
        """The study's own numbered notebooks, or else the compendium's."""
        home = Path(__file__).resolve().parents[1] / "notebooks"
        return self.own_notebooks or tuple(sorted(home.glob("[0-9]-*.ipynb")))

    # --- labels ------------------------------------------------------------------------

    @property
    def is_protected(self) -> bool:
        """Whether counts are suppressed or rounded before they are released."""
        return self.disclosure != "none"

    @property
    def is_synthetic(self) -> bool:
        """Whether every result must carry the synthetic mark."""
        return self.records is RecordsKind.SYNTHETIC

    @cached_property
    def spellings(self) -> dict[str, dict[str, str]]:
        """For each vocabulary, the folded spelling of every accepted label -> that label."""
        vocabularies = {**self.vocabularies, "answer": self.satisfaction.answers}
        return {
            name: {
                fold(spelling): label
                for label, variants in labels.items()
                for spelling in (label, *variants)
            }
            for name, labels in vocabularies.items()
        }

    def labels(self, vocabulary: str) -> tuple[str, ...]:
        """Give the accepted labels of a vocabulary in their declared order."""
        source = (
            self.satisfaction.answers
            if vocabulary == "answer"
            else self.vocabularies.get(vocabulary, {})
        )
        return tuple(source)


def fold(text: str) -> str:
    """Fold case and runs of white space, the differences that never distinguish labels."""
    return re.sub(r"\s+", " ", text).strip().casefold()


def _reads_dates(form: str) -> bool:
    """Whether a strptime format reads back the day that it wrote."""
    day = dt.datetime(2019, 11, 23)
    try:
        return dt.datetime.strptime(day.strftime(form), form) == day
    except ValueError:
        return False


def _unambiguous(where: str, labels: dict[str, tuple[str, ...]]) -> None:
    """Raise if one spelling stands for two labels."""
    owner: dict[str, str] = {}
    for label, variants in labels.items():
        for spelling in (label, *variants):
            if owner.setdefault(fold(spelling), label) != label:
                raise ValueError(
                    f"{where}: {spelling!r} stands for both {owner[fold(spelling)]!r} and {label!r}"
                )


def find_study(start: Path | None = None) -> Path:
    """Find the study folder that holds ``start`` (default: the working directory)."""
    start = (start or Path.cwd()).resolve()
    for folder in (start, *start.parents):
        if (folder / STUDY_FILE).is_file():
            return folder
    raise StudyError(
        f"no {STUDY_FILE} in {start} or any folder above it: "
        "change to a study's folder or name one with --study"
    )


def read_study(folder: Path | None = None) -> Study:
    """Read and validate ``study.yaml``.

    Parameters
    ----------
    folder
        The study's folder; by default the one that encloses the working directory.

    Raises
    ------
    StudyError
        With one line for each problem, naming the key.
    """
    folder = find_study() if folder is None else folder.resolve()
    path = folder / STUDY_FILE
    try:
        content = _load_yaml(path)
    except FileNotFoundError:
        raise StudyError(f"{path}: there is no such file; a study's folder holds one") from None
    except OSError as error:
        raise StudyError(f"{path}: cannot be opened: {error.strerror}") from None
    except RecursionError:
        raise StudyError(f"{path}: not valid YAML: nested too deeply") from None
    except UnicodeDecodeError as error:
        raise StudyError(f"{path}: not UTF-8 text ({error.reason} at byte {error.start})") from None
    except (yaml.YAMLError, ValueError) as error:  # ValueError: a day that no calendar has
        raise StudyError(f"{path}: not valid YAML: {' '.join(str(error).split())}") from None
    if not isinstance(content, dict):
        raise StudyError(f"{path}: should be a list of keys and values")
    try:
        study = Study.model_validate(content)
    except ValidationError as error:
        raise StudyError(*(f"{STUDY_FILE}: {line}" for line in explain(error))) from None
    study._folder = folder
    return study


class _Loader(yaml.SafeLoader):
    """Reads YAML without what a study file has no use for and could be misused."""

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        """Refuse anchors and aliases, with which few lines can stand for millions."""
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.composer.ComposerError(
                None, None, "aliases (*name) are not read; write it out", mark
            )
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """Refuse a key that stands twice: the last one would win in silence."""
        seen: set[str] = set()
        for name, _ in node.value:
            if isinstance(name, yaml.ScalarNode):
                if name.value in seen:
                    raise yaml.constructor.ConstructorError(
                        None, None, f"the key {name.value!r} stands twice", name.start_mark
                    )
                seen.add(name.value)
        return super().construct_mapping(node, deep)


LARGEST_STUDY = 1_000_000
"""Bytes that a study file may have."""


def _load_yaml(path: Path) -> Any:
    if path.is_file() and path.stat().st_size > LARGEST_STUDY:
        raise StudyError(f"{path}: is larger than {LARGEST_STUDY / 1e6:.0f} MB")
    return yaml.load(path.read_text(encoding="utf-8"), _Loader)


def explain(error: ValidationError) -> list[str]:
    """Turn pydantic's errors into one readable line each: key, value and reason."""
    lines = []
    for item in error.errors():
        loc = item["loc"]
        if loc[:1] == ("tables",):  # the third part says which kind of source was tried
            loc = (*loc[:2], *loc[3:])
        where = ": ".join(str(part) for part in loc)
        reason = item["msg"].removeprefix("Value error, ")
        shown: Any = item.get("input")
        bare = item["type"] == "string_type" and isinstance(shown, int | float | dt.date)
        fix = "; put it in quotation marks" if bare else ""
        value = "" if isinstance(shown, dict | BaseModel) else f" (given: {shown!r}{fix})"
        lines.append(f"{where}: {reason}{value}" if where else reason)
    return lines
