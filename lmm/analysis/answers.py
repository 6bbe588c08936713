"""High answers to a form, in words."""

from __future__ import annotations

from lmm.study.forms import MAIN_FORM


def high_answer(form: str) -> str:
    """Name what a high answer to a form says."""
    return "high satisfaction" if form == MAIN_FORM else "a high answer"


def share_with_high(form: str) -> str:
    """Name the share of respondents with a high overall answer to a form."""
    return f"share of respondents with {high_answer(form)}"
