"""Feedback forms: the questions that are asked, and the answers that may be given."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, model_validator

from lmm.study.declared import Part, Text, UnansweredError

Answers = dict[Text, tuple[str, ...]]
"""Answers in their order, each with the other spellings found in the forms."""

MAIN_FORM = "feedback_forms"
"""The form of the courses, by which satisfaction is measured."""

OF_EVERY_FORM = ("form_id", "date", "course_id", "role", "records")
"""Columns of every table of forms, after which no item may be called."""


def _check_answers(
    scale: Mapping[str, object], high: tuple[str, ...], dont_know: Collection[str]
) -> None:
    """Refuse answers that count as high and are not the best, and those that stand twice."""
    labels = list(scale)
    if "?" in high:
        raise UnansweredError(
            "high: the order of the scale has to be confirmed first, worst to "
            "best; then write its best answers here"
        )
    if not high or tuple(labels[-len(high) :]) != high:
        raise ValueError(f"high: {list(high)} is not the upper end of the scale {labels}")
    if both := scale.keys() & set(dont_know):
        raise ValueError(f"dont_know: {min(both)!r} is on the scale")
    if len(dont_know) > 1:
        raise ValueError("dont_know: one answer, with its other spellings")


class Item(Part):
    """One question of a form, with answers of its own where it has any."""

    wording: Text = Field(description="how it is asked, or called in the reports")
    scale: Answers = Field(
        default_factory=dict,
        description="its answers from worst to best, where they are not those of the form",
    )
    high: tuple[Text, ...] = Field(
        default=(), description="its answers that count as high, of a scale of its own"
    )
    dont_know: Answers = Field(
        default_factory=dict, description="its answer off the scale, of a scale of its own"
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.scale:
            _check_answers(self.scale, self.high, self.dont_know)
        elif self.high or self.dont_know:
            raise ValueError("high and dont_know need the item's own scale")
        return self


Asked = Annotated[
    Item,
    BeforeValidator(
        lambda value: {"wording": value} if isinstance(value, str) else value,
        json_schema_input_type=Text | Item,
    ),
]
"""An item; its wording alone where it has the answers of the form."""


class Form(Part):
    """How one kind of feedback form is read."""

    scale: Answers = Field(
        description="answers from worst to best, each with the other spellings found in the forms"
    )
    high: tuple[Text, ...] = Field(description="the answers that count as high satisfaction")
    dont_know: Answers = Field(
        default_factory=dict,
        description="an answer off the scale: counted, and left out of the denominator",
    )
    overall: Text = Field(description="the item that is held against the published figure")
    asked: dict[Text, Asked] = Field(
        alias="items",
        description="column name of each item, and its wording; or its wording, scale, high and "
        "dont_know, where its answers are others",
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if taken := self.asked.keys() & set(OF_EVERY_FORM):
            raise ValueError(f"items: {min(taken)!r} is a column of the forms itself; rename it")
        if odd := [name for name in self.asked if not name[0].isalpha()]:
            raise ValueError(f"items: {odd[0]!r} does not begin with a letter; rename it")
        if len(set(self.items.values())) < len(self.items):
            raise ValueError("items: two have the same wording")
        if self.overall not in self.items:
            raise ValueError(f"overall: {self.overall!r} is not one of items {list(self.items)}")
        _check_answers(self.scale, self.high, self.dont_know)
        return self

    @property
    def items(self) -> dict[str, str]:
        """Column name of each item, and its wording."""
        return {name: item.wording for name, item in self.asked.items()}

    def scale_of(self, item: str) -> Answers:
        """Give the answers on the scale of an item, worst first, with their spellings."""
        return self.asked[item].scale or self.scale

    def high_of(self, item: str) -> tuple[str, ...]:
        """Give the answers to an item that count as high."""
        return self.asked[item].high or self.high

    def dont_know_of(self, item: str) -> Answers:
        """Give the answer off the scale of an item; none if it has a scale of its own without."""
        return self.asked[item].dont_know if self.asked[item].scale else self.dont_know

    def answers_of(self, item: str) -> Answers:
        """Give every accepted answer to an item, worst first, don't know last."""
        return {**self.scale_of(item), **self.dont_know_of(item)}
