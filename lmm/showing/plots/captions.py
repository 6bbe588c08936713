"""Parts of captions that are alike in all figures."""

from __future__ import annotations

from lmm.analysis.result import Result
from lmm.showing import wording


def rests_on(result: Result) -> str:
    """Say what a result rests on, to stand at the end of a caption."""
    known = wording.rests_on(result) if result.columns("basis") else ""
    return f" Rests on: {known}." if known else ""
