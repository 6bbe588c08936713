"""What the generator needs to know, each number labelled published or assumed."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import Field, ValidationError, model_validator

from lmm.study.declared import Part, Period, Text
from lmm.study.explained import explain
from lmm.study.problems import StudyError

INPUTS_FILE = Path(__file__).with_name("inputs.yaml")

Count = Annotated[int, Field(ge=0)]
Share = Annotated[float, Field(ge=0, le=1)]
Weight = Annotated[float, Field(ge=0)]
Weights = Annotated[dict[str, Weight], Field(min_length=1)]
YearWeights = tuple[Weight, ...]
Span = tuple[int, int]


class Printed(Part):
    """How the source words a published input."""

    name: str = ""
    meaning: Text
    printed: Text
    unit: str = ""
    note: str = ""


class Entry(Part):
    """One input with the label that says where it comes from."""

    value: Any
    status: Literal["published", "assumed"]
    source: str = ""
    reason: str = ""
    figure: Printed | None = None

    @model_validator(mode="after")
    def _labelled(self) -> Self:
        if self.status == "published" and not (self.source and self.figure):
            raise ValueError("a published input needs a source and a figure")
        if self.status == "assumed" and not self.reason:
            raise ValueError("an assumed input needs a reason")
        return self


class Modes(Part):
    """Weights of the ways of meeting before the event, and from its day on."""

    before: Weights
    after: Weights


class Target(Part):
    """One indicator's target for a full contract year, with its cut-offs."""

    criterion: Text
    target: float
    red_below: float
    green_from: float


class Inputs(Part):
    """The values of ``inputs.yaml``, which says what each is and where it comes from."""

    courses: Count
    staff: Count
    satisfaction_percent: float = Field(ge=0, le=100)
    consultations: Count
    families: Count
    yearly_targets: Text
    period: Period
    open_after_event: bool

    seed: int
    holidays: tuple[str, ...]

    courses_by_year: YearWeights
    courses_resume: dt.date
    course_modes: Modes
    places: Span
    staff_by_year: YearWeights
    second_attendances: Count
    booked_never_came: Count
    booked_came_elsewhere: Count
    roles: Weights
    organisations: dict[str, Weights]
    organisation_blank: Share

    forms_on_scale: Count
    forms_blank: Count
    forms_dont_know: Count
    response_weights: Weights
    response_spread: Share
    not_high_together: int = Field(ge=1)
    high_answers: Weights
    not_high_answers: Weights
    item_answers: Weights
    item_follows_overall: Share
    item_blank: Share
    item_dont_know: Share
    form_role_blank: Share

    consultations_by_year: YearWeights
    consultation_months: dict[int, Weight]
    first_month_after_event: Weight
    consultation_kinds: Weights
    consultation_modes: Modes
    minutes: Span
    minutes_blank: Share
    profession_blank: Share

    families_referred: Count
    families_accepted: Count
    families_offered: Count
    families_discharged: Count
    families_by_year: YearWeights
    days_to_acceptance: Span
    days_to_offer: Span
    first_appointment_missed: Share
    contacts: Span
    contact_gaps: dict[int, Weight]
    contact_room: Count
    days_to_discharge: Span
    days_to_closing: Span
    contact_outcomes: Weights
    unseen_contacts: Span
    unseen_outcomes: Weights
    contact_modes: Modes
    review_every: int = Field(ge=2)
    referral_sources: Weights
    wards: Weights
    ethnic_groups: Weights
    interpreter: Weights
    reasons: Weights
    family_blank: dict[str, Share]

    targets: dict[str, Target]
    targets_agreed_on: dt.date
    targets_agreed_by: Text

    @property
    def forms(self) -> int:
        """Number of forms returned."""
        return self.forms_on_scale + self.forms_blank + self.forms_dont_know

    @property
    def forms_high(self) -> int:
        """Number of overall answers that are high, the nearest to the published percentage."""
        return int(self.forms_on_scale * self.satisfaction_percent / 100 + 0.5)

    @model_validator(mode="after")
    def _possible(self) -> Self:
        flow = ("families_referred", "families_accepted", "families_offered", "families")
        for more, fewer in zip(flow, (*flow[1:], "families_discharged"), strict=True):
            if getattr(self, more) < getattr(self, fewer):
                raise ValueError(f"{fewer} is more than {more}")
        if self.second_attendances > self.staff:
            raise ValueError("second_attendances is more than staff")
        if self.forms > self.staff + self.second_attendances:
            raise ValueError("there are more forms than attendances")
        if self.staff + self.second_attendances > self.courses * self.places[1]:
            raise ValueError("there are more attendances than places")
        return self


def read_entries(path: Path = INPUTS_FILE) -> dict[str, Entry]:
    """Read the inputs with their labels.

    Raises
    ------
    StudyError
        With one line for each input that lacks its source or reason.
    """
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    problems, entries = [], {}
    for name, entry in content.items():
        try:
            entries[name] = Entry.model_validate(entry)
        except ValidationError as error:
            problems += [f"{path.name}: {name}: {line}" for line in explain(error)]
    if problems:
        raise StudyError(*problems)
    return entries


def read_inputs(**overrides: Any) -> Inputs:
    """Read the values of the inputs.

    Parameters
    ----------
    **overrides
        Other values for some inputs, for simulations that are not calibrated.

    Raises
    ------
    StudyError
        With one line for each value that is unknown, of the wrong kind or impossible.
    """
    values = {name: entry.value for name, entry in read_entries().items()}
    try:
        return Inputs.model_validate({**values, **overrides})
    except ValidationError as error:
        raise StudyError(*(f"inputs: {line}" for line in explain(error))) from None
