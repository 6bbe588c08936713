"""The gate: counts to released counts, by the study's disclosure profile.

It is passed once. Whatever comes after it - estimates, tables, figures, words - is made from
what it lets through, so that nothing else has to be protected.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import pandas as pd

from lmm.cleaning.records import Records
from lmm.counting.count import count
from lmm.counting.counts import Counts, Key
from lmm.disclosure.model import Model
from lmm.disclosure.plan import Plan, plan
from lmm.disclosure.profiles import Profile, profile_of

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


def release(records: Records) -> Released:
    """Count the records of a study and protect the counts, where its results need it."""
    counts = count(records)
    if not counts.study.is_protected:
        return Released(counts, pd.DataFrame(columns=LOG))
    model, profile = Model(records, counts), profile_of(counts.study)
    decided = plan(model.cells, model.kinds(), profile)
    check_witnesses(model, decided, profile)
    shown = {
        name: decided.complete(model.same[name]) if name in model.same else n
        for name, n in counts.numbers.items()
        if name in model.same or not counts.declared[name[0]].about_people
    }
    return Released(counts.showing(shown), _log(counts, decided))


def check_witnesses(model: Model, decided: Plan, profile: Profile) -> None:
    """Count the records of each witness, and see that they lead to the very same release.

    Raises
    ------
    RuntimeError
        If one does not: then counts are not sums over members, as the plan takes them to be.
    """
    witnesses = decided.witnesses
    every = zip(model.planned(witnesses), model.counted_again(witnesses), strict=True)
    for planned, counts in every:
        as_planned = all(counts.get(n, 0) == planned[one] for n, one in model.same.items())
        named = zip(model.standing, model.cells, strict=False)
        cells = [replace(cell, count=planned[name]) for name, cell in named]
        if not (as_planned and decided.shows(cells, profile)):
            raise RuntimeError("a witness does not lead to the same release")


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
