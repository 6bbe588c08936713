"""The rules of protection: what is shown of a count, and what a shown value can stand for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lmm.disclosure.profiles import PROFILES, in_words, profile_of, thresholds
from lmm.study.disclosure import Thresholds
from lmm.study.study import Study


@given(hide=st.integers(1, 20), unit=st.integers(1, 25), count=st.integers(0, 300))
def test_an_interval_holds_the_counts_that_are_shown_alike_and_no_other(
    hide: int, unit: int, count: int
) -> None:
    profile = thresholds("own", hide, unit, sums=False)
    if profile.is_sensitive(count) or not count:
        return
    shown = profile.rounded(count)
    alike = [n for n in range(hide + 1, count + 2 * unit + 2) if profile.rounded(n) == shown]
    assert (alike[0], alike[-1]) == profile.interval(shown)
    assert shown % unit == 0
    assert shown > 0


@pytest.mark.parametrize(
    ("name", "count", "shown"),
    [
        ("opensafely", 8, 10), ("opensafely", 12, 10), ("opensafely", 13, 15),
        ("nhs_digital", 23, 25), ("midpoint6", 1, 3), ("midpoint6", 7, 9), ("none", 4, 4),
    ],
)  # fmt: skip
def test_the_named_rules(name: str, count: int, shown: int) -> None:
    assert PROFILES[name].rounded(count) == shown


def test_a_studys_own_thresholds_are_its_rule_and_are_said_in_words(study: Study) -> None:
    own = Thresholds(hide_up_to=9, round_to=10, totals="rounded")
    protected = study.model_copy(update={"disclosure": own})
    profile = profile_of(protected)
    assert (profile.most, profile.sums, profile.rounded(14)) == (9, False, 10)
    assert in_words(protected) == (
        "Counts of 1 to 9 are suppressed, the others rounded to the nearest 10."
    )
    assert profile_of(study) is PROFILES["none"]
