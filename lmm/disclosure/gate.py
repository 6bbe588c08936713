"""The gate: counts to released counts, by the study's disclosure profile.

It is passed once. Whatever comes after it - estimates, tables, figures, words - is made from
what it lets through, so that nothing else has to be protected.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from lmm.cleaning.records import Records
from lmm.counting.count import count
from lmm.counting.counts import Counts, Key
from lmm.disclosure.cells import Told
from lmm.disclosure.earlier import Earlier, counted_of_people
from lmm.disclosure.profiles import profile_of
from lmm.study.parameters import Parameters

LOG = ["what", "where", "decision", "why"]


@dataclass(frozen=True)
class Released:
    """What passes the gate.

    Attributes
    ----------
    counts
        Those that may be released; the number of one that is suppressed is missing.
    told
        What is told of each count of people.
    """

    counts: Counts
    told: Mapping[Key, Told]

    @property
    def log(self) -> pd.DataFrame:
        """``what, where, decision, why`` of each count that is not shown, without its number."""
        counts = self.counts
        why = {
            "primary": f"a count of 1 to {profile_of(counts.study).most}",
            "secondary": "without it, a small count could be narrowed down",
            "incomplete": "parts of it are suppressed, and what is left is no total",
        }
        rows: list[tuple[str, str, str, str]] = [
            (*_worded(name), told.decision, why[told.decision])
            for name, told in self.told.items()
            if told.decision != "shown"
        ]
        fine = "a person, a course or a day at a time: too fine for any rounding"
        rows += [
            (name, " and ".join(names), "withheld", fine)
            for name in counts.declared
            for names in counts.combinations(name)
            if counts.hides(name, *names)
        ]
        return pd.DataFrame(rows, columns=LOG)


def release(
    records: Records, parameters: Parameters | None = None, earlier: Sequence[Earlier] = ()
) -> Released:
    """Count the records of a study and protect the counts, where its results need it.

    Parameters
    ----------
    records
        Those of the periods of all releases: see `lmm.disclosure.earlier.spanning`.
    parameters
        What is counted for; by default, what the records are cut to.
    earlier
        What was released before, in that order.
    """
    parameters = parameters or records.parameters
    counts = count(records.within_period(parameters))
    if not counts.study.is_protected:
        return Released(counts, {})
    from lmm.disclosure.witnessed import told_of  # noqa: PLC0415

    told = _as_before(counts, earlier) or told_of(records, counts, earlier)
    shown = {
        name: told[name].value if name in told else n
        for name, n in counts.numbers.items()
        if name in told or not counts.declared[name[0]].about_people
    }
    return Released(counts.showing(shown), told)


def _as_before(counts: Counts, earlier: Sequence[Earlier]) -> Mapping[Key, Told] | None:
    """Give what an earlier release told, if it was of the same and all of that is still true."""
    names, asked = set(counted_of_people(counts)), counts.parameters
    confidence = {"confidence": asked.confidence}
    for each in reversed(earlier):
        same = each.parameters.model_copy(update=confidence) == asked and each.told.keys() == names
        if same and all(told.holds(counts.numbers[n] or 0) for n, told in each.told.items()):
            return each.told
    return None


def _worded(name: Key) -> tuple[str, str]:
    measure, within = name
    return measure, ", ".join(f"{at}: {level}" for at, level in within)
