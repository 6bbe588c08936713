"""The marks of what is synthetic or not for release, and the words for what a result rests on."""

from __future__ import annotations

from lmm.showing.wording import dated
from lmm.study.folder import INTERNAL
from lmm.study.parameters import Parameters
from lmm.study.setting import parts_of_years
from lmm.study.study import Study

SYNTHETIC = "SYNTHETIC records: they describe nobody"
"""Stands in the visible text and the metadata of everything made from synthetic records."""

BASIS = {
    "published": "it is a published figure, to which the synthetic records were calibrated",
    "assumed": "it follows from assumptions made to generate the synthetic records",
    "recorded": "it was counted from the service's own records",
}


def mark(study: Study) -> str:
    """Give the marks that results carry; empty for a release of real records."""
    marks = (SYNTHETIC if study.is_synthetic else "", INTERNAL if study.is_internal else "")
    return "; ".join(filter(None, marks))


def kind_in_words(study: Study) -> str:
    """Say what the records are, in metadata: the marks, or else that they are real."""
    return mark(study) if study.is_synthetic else study.kind


def period_in_words(parameters: Parameters) -> str:
    """Give the first and the last day of the period."""
    return f"{dated(parameters.period_start)} to {dated(parameters.period_end)}"


def parts_in_words(study: Study, parameters: Parameters) -> str:
    """Say of which contract years the period has only a part; empty if it has whole ones."""
    return " ".join(
        f"Contract year {year} is covered from {dated(first)} to {dated(last)} only."
        for year, (first, last) in parts_of_years(study, parameters).items()
    )
