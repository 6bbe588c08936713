"""The gate: counts to released counts, by the study's disclosure profile.

It is passed once. Whatever comes after it - estimates, tables, figures, words - is made from
what it lets through, so that nothing else has to be protected.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from lmm.counting.counts import Counts, Key
from lmm.disclosure.plan import Plan, plan
from lmm.disclosure.profiles import profile_of
from lmm.disclosure.relations import linked

LOG = ["what", "where", "decision", "why"]


@dataclass(frozen=True)
class Released:
    """What passes the gate.

    Attributes
    ----------
    counts
        Those that may be released; the number of one that is suppressed is missing.
    log
        ``what, where, decision, why`` of each count that is not shown, without its number.
    """

    counts: Counts
    log: pd.DataFrame


def release(counts: Counts) -> Released:
    """Protect the counts of a study; all pass where its results need no protection."""
    if not counts.study.is_protected:
        return Released(counts, pd.DataFrame(columns=LOG))
    cells, relations, same = linked(counts)
    decided = plan(cells, relations, profile_of(counts.study))
    shown = {
        name: decided.complete(same[name]) if name in same else n
        for name, n in counts.numbers.items()
        if name in same or not counts.declared[name[0]].about_people
    }
    return Released(counts.showing(shown), _log(counts, decided))


def _log(counts: Counts, decided: Plan) -> pd.DataFrame:
    """Say of each count that is not shown which it is and why."""
    incomplete = "parts of it are suppressed, and what is left is no total"
    rows = [
        (*_worded(name), decision, why)
        for name, decision, why in (
            *decided.log,
            *((name, "incomplete", incomplete) for name in decided.left_out),
        )
    ]
    fine = "a person, a course or a day at a time: too fine for any rounding"
    rows += [
        (name, " and ".join(names), "withheld", fine)
        for name in counts.declared
        for names in counts.combinations(name)
        if counts.hides(name, *names)
    ]
    return pd.DataFrame(rows, columns=LOG)


def _worded(name: Key) -> tuple[str, str]:
    measure, within = name
    return measure, ", ".join(f"{at}: {level}" for at, level in within)
