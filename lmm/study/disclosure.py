"""How counts are protected before they are released: by a named rule, or by thresholds."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Discriminator, Field, Tag

from lmm.study.declared import Part

Named = Literal["opensafely", "midpoint6", "nhs_digital", "none"]


class Thresholds(Part):
    """Thresholds of the service's own, where its rules are none of the named ones."""

    hide_up_to: int = Field(
        strict=True, ge=1, le=20, description="counts from 1 to this are not shown"
    )
    round_to: int = Field(
        strict=True, ge=1, description="the other counts are rounded to a multiple of this"
    )
    totals: Literal["sum", "rounded"] = Field(
        default="sum",
        description="whether a total is the sum of the rounded counts, or is rounded itself",
    )


def _kind(value: object) -> str:
    return "<thresholds>" if isinstance(value, dict | Thresholds) else "<named>"


Disclosure = Annotated[
    Annotated[Named, Tag("<named>")] | Annotated[Thresholds, Tag("<thresholds>")],
    Discriminator(_kind),
]
