"""How sure the results of a study are, and what they cannot say; from what it declares."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import pandas as pd

from lmm.disclosure.profiles import protection
from lmm.publish.report import Number
from lmm.showing.cited import in_percent, of_cell, read
from lmm.statistics.rounding import level_in_percent
from lmm.study.parameters import Parameters
from lmm.study.problems import visible
from lmm.study.study import Study


class Caveat(NamedTuple):
    """What it is about, in a word or two, and what has to be known of it.

    Attributes
    ----------
    of, numbers
        The result from which numbers of the text are, and these.
    """

    heading: str
    text: str
    of: str = ""
    numbers: tuple[Number, ...] = ()


def how_sure(study: Study, parameters: Parameters, response: pd.DataFrame) -> tuple[Caveat, ...]:
    """Say what the findings rest on, and what their intervals do not cover.

    Parameters
    ----------
    response
        The table `ANSWERS_OF` as text; without rows if there is none.
    """
    level = level_in_percent(parameters.confidence)
    said = [
        Caveat("Records", _records(study)),
        _answers(response),
        Caveat(
            "Intervals",
            f"These are {level} intervals: how far chance could move a figure. They do not cover "
            "records that were never made, mistakes in them, or what the silent would have said.",
        ),
        Caveat("Assumptions", _assumptions(study)),
        Caveat("Causes", _causes(study, parameters)),
    ]
    return tuple(each for each in said if each.text)


def _records(study: Study) -> str:
    said = ["The service's own."]
    if study.is_synthetic:
        said = [
            "They are synthetic and describe nobody: nothing here may be quoted as a result of the "
            "service."
        ]
        if study.keeps("published_figures"):
            said.append(
                "To find a published figure again confirms the calculation and says nothing about "
                "the service."
            )
    return " ".join([*said, protection(study)])


def _answers(response: pd.DataFrame) -> Caveat:
    """Word the rate of response over everyone, if there is one."""
    if response.empty:
        return Caveat("Answers", "")
    rate, numbers = rate_of_response(response)
    hidden = "Which share of those who could have answered did so is not known, or not released."
    text = f"{rate} What the others would have said is not known." if rate else hidden
    return Caveat("Answers", text, ANSWERS_OF, numbers)


ANSWERS_OF = "response_rate"
"""The table that says which share of those who could have answered did so."""


def rate_of_response(response: pd.DataFrame) -> tuple[str, tuple[Number, ...]]:
    """Give the rate of response over everyone in a sentence, and its numbers; "" if there is none.

    Parameters
    ----------
    response
        The table `ANSWERS_OF`, as text.
    """
    whole = [n for n, by in enumerate(response["by"]) if by == "all"]
    if not whole or response["status"].iloc[whole[0]] != "ok":
        return "", ()
    value, low, high = (
        in_percent(of_cell(float(response[name].iloc[whole[0]]), whole[0], name), 1)
        for name in ("estimate", "low", "high")
    )
    sentence, numerals = read(f"The response rate was {value} ({low} to {high}).")
    return sentence, tuple(Number(each.begins, each.ends, each.named) for each in numerals)


def _causes(study: Study, parameters: Parameters) -> str:
    """Say what is compared, and what that is no evidence of."""
    event = parameters.event_date
    looked_at = "One service is looked at"
    if parameters.period_start < event <= parameters.period_end:
        looked_at += f" before and after the {visible(study.event.name)} ({event:%Y-%m-%d})"
    return (
        f"{looked_at}, with nothing to compare it with, so that a difference is no evidence of a "
        "cause."
    )


def _assumptions(study: Study) -> str:
    said = []
    if study.is_synthetic:
        said.append("Each table says which of its results rest on assumptions.")
    if study.reduced_capacity:
        said.append(
            "How much could be expected while capacity was reduced is a judgement; the verdicts "
            "do not use it."
        )
    said.append("The page on methods says what each method assumes.")
    return " ".join(said)


def limits(study: Study, rated: pd.DataFrame) -> tuple[str, ...]:
    """Say what the results cannot show.

    Parameters
    ----------
    rated
        The table ``targets_achieved`` as text; without rows if there is none.
    """
    said = [
        "Costs and outcomes are not measured, and nothing is recommended.",
        "Records that could not be read, or were never made, are not counted.",
        "People and families are counted once, where they first came since "
        f"{study.period.on_record_from:%Y-%m-%d}; whether they came earlier cannot be told.",
        "Many results are shown at once, and one of many may stand out by chance.",
    ]
    if study.forms:
        said.insert(0, "Satisfaction is not effectiveness; it shows whether a thing was welcome.")
    return (*said, *_agreed(study, rated))


def _agreed(study: Study, rated: pd.DataFrame) -> Iterator[str]:
    """Say who agreed the cut-offs of the targets, and whether that was too late."""
    if rated.empty:
        return
    agreed = "; ".join(sorted(set(filter(None, rated["agreed_by"]))))
    if agreed:
        yield f"Who agreed the cut-offs of the targets, in the study's words: “{visible(agreed)}”."
    if any(day > f"{study.period.end}" for day in rated["agreed_on"]):
        yield "Cut-offs were set after the period and could have been chosen to fit."
