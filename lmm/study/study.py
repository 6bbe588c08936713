"""The study: what ``study.yaml`` declares. Nothing about a particular service is in code."""

from __future__ import annotations

import datetime as dt
import re
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from lmm.study.declared import (
    MOST_CONFIDENCE,
    STUDY_FILE,
    Analysed,
    Closure,
    Event,
    NearlyMet,
    RatedFrom,
    ReducedCapacity,
    ReferencePopulation,
    Text,
    UnansweredError,
)
from lmm.study.disclosure import Disclosure
from lmm.study.folder import INTERNAL, Audience, Folder, audience_of_run, find_study
from lmm.study.forms import MAIN_FORM, Answers, Form
from lmm.study.labels import RESERVED, fold, unambiguous
from lmm.study.measures import Measure
from lmm.study.migration import Schema, bring_up_to_date
from lmm.study.problems import StudyError
from lmm.study.source import TableSource, TableSourceOrAbsent
from lmm.study.strict_yaml import parse_yaml


class RecordsKind(StrEnum):
    """Whether the records describe real people."""

    SYNTHETIC = "synthetic"
    REAL = "real"


class Study(Folder):
    """Everything that ``study.yaml`` declares."""

    version: Schema = Field(
        alias="schema", description="which keys the file is written with; `lmm migrate` renews it"
    )
    draft: bool = Field(
        default=False,
        strict=True,
        description="whether the file is still to be looked through: no run yet",
    )
    service: Text = Field(description="name of the service, as the reports are to give it")
    records: RecordsKind
    period: Analysed
    event: Event
    contract_year_starts: int = Field(
        strict=True,
        ge=1,
        le=12,
        description="month in which a contract year begins, such as 4 for April",
    )
    closures: tuple[Closure, ...] = ()
    reduced_capacity: tuple[ReducedCapacity, ...] = ()
    confidence: float = Field(
        default=0.95, strict=True, gt=0.5, le=MOST_CONFIDENCE, description="of every interval"
    )
    disclosure: Disclosure = Field(
        description="how counts are protected before they are released: opensafely (1 to 7 "
        "redacted, the others rounded to 5), midpoint6 (rounded to the middle of each six), "
        "nhs_digital (as opensafely, totals rounded themselves), thresholds of your own, or "
        "none, which is for synthetic records only"
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
    wording: dict[Text, Text] = Field(
        default_factory=dict,
        description="what the compendium's measures are called in the reports, such as "
        "staff: parents who came",
    )
    forms: dict[Text, Form] = Field(
        default_factory=dict,
        description="the feedback forms by the name of their table: feedback_forms, and others",
    )
    nearly_met: NearlyMet
    rated_from: RatedFrom = Field(
        default=RatedFrom(), description="from how much on a target is rated"
    )
    reference_population: dict[Literal["ward", "ethnic_group"], ReferencePopulation] = Field(
        default_factory=dict, description="for the reach of the service; may be left out"
    )
    vocabularies: dict[Text, dict[Text, tuple[str, ...]]] = Field(
        description="accepted labels in display order, each with the other spellings found"
    )
    measures: dict[Text, Measure] = Field(
        default_factory=dict, description="what is counted beside the compendium's measures"
    )
    tables: dict[Text, TableSourceOrAbsent] = Field(
        description="where each table is; one that is not named, or 'absent', the service does "
        "not keep; and tables of your own, which say what a row is"
    )

    @field_validator("date_formats")
    @classmethod
    def _whole_dates(cls, formats: tuple[str, ...]) -> tuple[str, ...]:
        if "?" in formats:
            raise UnansweredError(
                "the question in the lines above it has to be answered first: write "
                "%d/%m/%Y if the day comes first, %m/%d/%Y if the month does"
            )
        for form in formats:
            if form != "excel" and not _reads_dates(form):
                raise ValueError(f"{form!r} is no strptime format of a day, such as %d/%m/%Y")
        return formats

    @model_validator(mode="after")
    def _honest(self) -> Self:
        if self.records is RecordsKind.REAL and self.disclosure == "none":
            raise ValueError(
                "disclosure: 'none' is refused for real records; choose opensafely, midpoint6 or "
                "nhs_digital, or thresholds of your own"
            )
        if not self.period.start <= self.event.date <= self.period.end:
            raise ValueError(f"event: {self.event.date} is outside the period")
        for name, labels in self.vocabularies.items():
            if taken := RESERVED & labels.keys():
                raise ValueError(f"vocabularies: {name}: {min(taken)!r} stands for something else")
            unambiguous(f"vocabularies: {name}", labels)
        return self

    @model_validator(mode="after")
    def _certain_answers(self) -> Self:
        for name, form in self.forms.items():
            for item, asked in form.asked.items():
                if f"{name}.{item}" in self.vocabularies:
                    raise ValueError(f"vocabularies: '{name}.{item}' is an item's scale; rename it")
                own = f": items: {item}" if asked.scale else ""
                unambiguous(f"forms: {name}{own}: scale", form.answers_of(item))
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

    def columns_kept(self, name: str) -> list[str]:
        """Give the columns of a table that the service keeps; none of a table that is absent."""
        if not self.keeps(name):
            return []
        source = self.sources[name]
        return list(
            dict.fromkeys([*source.columns, *source.fixed, *(c for r in source.rows for c in r)])
        )

    @property
    def raw_files(self) -> tuple[Path, ...]:
        """The raw files, each once, in the order of the tables."""
        names = [name for source in self.sources.values() for name in source.files]
        return tuple(self.raw / name for name in dict.fromkeys(names))

    # --- labels ------------------------------------------------------------------------

    @property
    def is_protected(self) -> bool:
        """Whether counts are suppressed or rounded before anything is made from them."""
        return self.disclosure != "none" and not self.is_internal

    @property
    def is_synthetic(self) -> bool:
        """Whether every result must carry the synthetic mark."""
        return self.records is RecordsKind.SYNTHETIC

    @property
    def kind(self) -> str:
        """What the records are, as every table says it: and that it is not for release."""
        return f"{self.records.value}; {INTERNAL}" if self.is_internal else self.records.value

    @property
    def satisfaction(self) -> Form:
        """The compendium's own form, by which satisfaction is measured.

        Raises
        ------
        StudyError
            If the study has none.
        """
        if MAIN_FORM not in self.forms:
            why = f"there is no {MAIN_FORM}, by which satisfaction is measured"
            raise StudyError(f"{STUDY_FILE}: forms: {why}; declare its scale and items")
        return self.forms[MAIN_FORM]

    @cached_property
    def lists(self) -> dict[str, Answers]:
        """The accepted labels of every list in order, each with its spellings.

        The vocabularies, and the answers to each item of a form as ``form.item``.
        """
        answers = {
            f"{name}.{item}": form.answers_of(item)
            for name, form in self.forms.items()
            for item in form.items
        }
        return {**self.vocabularies, **answers}

    @cached_property
    def spellings(self) -> dict[str, dict[str, str]]:
        """For each of the lists, the folded spelling of every accepted label -> that label."""
        return {
            name: {
                fold(spelling): label
                for label, variants in labels.items()
                for spelling in (label, *variants)
            }
            for name, labels in self.lists.items()
        }

    def labels(self, vocabulary: str) -> tuple[str, ...]:
        """Give the accepted labels of a list in their declared order."""
        return tuple(self.lists.get(vocabulary, {}))


def _reads_dates(form: str) -> bool:
    """Whether a strptime format reads back the day that it wrote."""
    day = dt.datetime(2019, 11, 23)
    try:
        return dt.datetime.strptime(day.strftime(form), form) == day
    except (ValueError, re.error):  # a part that stands twice
        return False


def read_study(folder: Path | None = None, audience: Audience | None = None) -> Study:
    """Read and validate ``study.yaml``.

    Parameters
    ----------
    folder
        The study's folder; by default the one that encloses the working directory.
    audience
        Whom results are for; by default those of the run within which this is, and outside of
        one whoever is given a release.

    Raises
    ------
    StudyError
        With one line for each problem, naming the key.

    Notes
    -----
    A file of an earlier schema is read as `lmm migrate` would write it.
    """
    folder = find_study() if folder is None else folder.resolve()
    written = parse_yaml(folder / STUDY_FILE)
    moved = bring_up_to_date(written.content).moved
    study = written.as_model(Study, moved)
    study._folder = folder
    study._audience = audience or audience_of_run()
    return study
