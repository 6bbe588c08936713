"""How counts are protected: the named rules of public bodies, and thresholds of a service's own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from lmm.study.disclosure import Thresholds
from lmm.study.study import Study


@dataclass(frozen=True)
class Profile:
    """How one body protects counts.

    Attributes
    ----------
    most
        The sensitive counts are 1 to this; 0 if none is.
    redacts
        Whether sensitive counts are suppressed, rather than rounded with the others.
    sums
        Whether a total is shown as the sum of its shown parts.
    rounded
        The value shown for a count.
    interval
        The lowest and highest count that a value other than 0 may stand for.
    """

    name: str
    most: int
    redacts: bool
    sums: bool
    rounded: Callable[[int], int]
    interval: Callable[[int], tuple[int, int]]

    def is_sensitive(self, count: int) -> bool:
        """Whether a count is in the range that has to be protected."""
        return 1 <= count <= self.most


def thresholds(name: str, hide_up_to: int, round_to: int, *, sums: bool) -> Profile:
    """Redact counts up to a threshold, and round the others to the nearest multiple.

    Half a multiple is rounded up. A count over the threshold is never shown as 0: where the
    nearest multiple is 0, it is shown as the multiple.
    """
    half = round_to // 2

    def rounded(count: int) -> int:
        nearest = (count + half) // round_to * round_to
        return nearest or (round_to if count else 0)

    def interval(value: int) -> tuple[int, int]:
        least = 1 if value == round_to else value - half
        return max(hide_up_to + 1, least), value + round_to - 1 - half

    return Profile(name, hide_up_to, True, sums, rounded, interval)


def _midpoint_6(count: int) -> int:
    return -(-count // 6) * 6 - 3 if count else 0


PROFILES = {
    "opensafely": thresholds("opensafely", 7, 5, sums=True),
    "midpoint6": Profile(
        "midpoint6", 6, False, False, _midpoint_6, lambda value: (value - 2, value + 3)
    ),
    "nhs_digital": thresholds("nhs_digital", 7, 5, sums=False),
    "none": Profile("none", 0, False, False, lambda count: count, lambda value: (value, value)),
}
"""The rules of OpenSAFELY (redact 7 or fewer, round to 5; midpoint 6) and of NHS Digital."""


def profile_of(study: Study) -> Profile:
    """Give the rule that a study declares."""
    declared = study.disclosure
    if isinstance(declared, Thresholds):
        given = declared.hide_up_to, declared.round_to
        return thresholds("thresholds", *given, sums=declared.totals == "sum")
    return PROFILES[declared]


WORDS = {
    "opensafely": "Counts of 1 to 7 are suppressed, the others rounded to the nearest 5; "
    "totals are sums of rounded counts, and suppressed where parts of them are.",
    "midpoint6": "Counts are rounded to the middle of each six (1 to 6 become 3), and suppressed "
    "where they would give a small one away.",
    "nhs_digital": "Counts of 1 to 7 are suppressed, the others rounded to the nearest 5.",
    "none": "",
}


def in_words(study: Study) -> str:
    """Say what a reader of protected counts has to know of them."""
    declared = study.disclosure
    if not isinstance(declared, Thresholds):
        return WORDS[declared]
    few = "1" if declared.hide_up_to == 1 else f"1 to {declared.hide_up_to}"
    totals = ""
    if declared.totals == "sum":
        totals = "; totals are sums of rounded counts, and suppressed where parts of them are"
    return (
        f"Counts of {few} are suppressed, the others rounded to the nearest {declared.round_to}"
        f"{totals}."
    )


def protection(study: Study) -> str:
    """Say how the counts of a run are protected, or why they are not."""
    if study.is_protected:
        return f"{in_words(study)} Rounded counts need not add up."
    if study.is_internal:
        return "Counts are exact, and these results are for the service alone."
    return "Counts are shown exactly, which only synthetic records allow."
