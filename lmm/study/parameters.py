"""Parameters of the notebooks: typed, bounded, and refused before a kernel starts."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from lmm.study.declared import MOST_CONFIDENCE
from lmm.study.explained import explain
from lmm.study.problems import StudyError, nearest
from lmm.study.study import Study


class Parameters(BaseModel):
    """What a reader may vary without editing anything.

    Validated in the context of a study: pass it as ``context={"study": study}``, or use
    `Parameters.of`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    period_start: dt.date = Field(description="first day analysed")
    period_end: dt.date = Field(description="last day analysed")
    event_date: dt.date = Field(description="first day of the second phase")
    confidence: float = Field(
        gt=0.5, le=MOST_CONFIDENCE, description="confidence level of the intervals"
    )

    @classmethod
    def of(cls, study: Study, given: Mapping[str, Any] | None = None) -> Self:
        """Take the study's own values, altered by the given ones.

        Raises
        ------
        StudyError
            With one line for each unknown name, wrong type and impossible value.
        """
        given = dict(given or {})
        unknown = [_unknown(name, list(cls.model_fields)) for name in given.keys() - cls.names()]
        defaults = {
            "period_start": study.period.start.isoformat(),
            "period_end": study.period.end.isoformat(),
            "event_date": study.event.date.isoformat(),
            "confidence": study.confidence,
        }
        known = {name: value for name, value in given.items() if name in cls.model_fields}
        try:
            checked = cls.model_validate({**defaults, **known}, context={"study": study})
        except ValidationError as error:
            raise StudyError(*sorted(unknown), *_lines(error)) from None
        if unknown:
            raise StudyError(*sorted(unknown))
        return checked

    @classmethod
    def names(cls) -> set[str]:
        """Names of all parameters."""
        return set(cls.model_fields)

    def as_text(self) -> dict[str, str | float]:
        """Give the values as a parameters cell writes them: dates as ISO text."""
        values: dict[str, str | float] = self.model_dump(mode="json")
        return values

    @field_validator("period_start", "period_end", "event_date", mode="before")
    @classmethod
    def _iso_date(cls, value: object) -> object:
        if isinstance(value, str) and not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
            raise ValueError("write the date as year-month-day, such as 2020-03-22")
        if isinstance(value, int | float):
            raise ValueError("write the date as year-month-day, such as 2020-03-22")
        return value

    @model_validator(mode="after")
    def _inside_study(self, info: ValidationInfo) -> Self:
        if self.period_end < self.period_start:
            raise ValueError(
                f"period_end {self.period_end} comes before period_start {self.period_start}"
            )
        study: Study | None = (info.context or {}).get("study")
        if study is None:
            return self
        outside = [
            f"{name} {getattr(self, name)}"
            for name in ("period_start", "period_end")
            if not study.period.start <= getattr(self, name) <= study.period.end
        ]
        if outside:
            raise ValueError(
                f"{' and '.join(outside)} {'is' if len(outside) == 1 else 'are'} outside "
                f"the study's period, {study.period.start} to {study.period.end}"
            )
        return self


def parse_settings(settings: tuple[str, ...]) -> dict[str, str]:
    """Split ``name=value`` words of the command line.

    Raises
    ------
    StudyError
        If a word has no ``=``, or a name is given twice.
    """
    values: dict[str, str] = {}
    problems = []
    for word in settings:
        name, equals, value = word.partition("=")
        if not equals:
            problems.append(f"--set {word}: write it as name=value")
        elif name.strip() in values:
            problems.append(f"--set {word}: {name.strip()} is given twice")
        values[name.strip()] = value.strip()
    if problems:
        raise StudyError(*problems)
    return values


def _unknown(name: str, known: list[str]) -> str:
    near = nearest(name, known)
    hint = f"did you mean {near}? " if near else ""
    return f"parameter {name}: there is none of this name; {hint}there are {', '.join(known)}"


def _lines(error: ValidationError) -> list[str]:
    return [
        f"parameter {line}" if item["loc"] else line
        for item, line in zip(error.errors(), explain(error), strict=True)
    ]
