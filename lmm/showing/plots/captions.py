"""Parts of captions that are alike in all figures."""

from __future__ import annotations

from lmm.analysis.result import Result


def rests_on(result: Result) -> str:
    """Say what a result rests on, to stand at the end of a caption."""
    found = [basis for name in result.columns("basis") for basis in result.table[name].dropna()]
    known = list(dict.fromkeys(map(str, found)))
    return f" Rests on: {'; '.join(known)}." if known else ""
