"""What a study will count, told from its declarations, before anything is counted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pandas as pd

from lmm.counting.counts import Counts
from lmm.counting.declared import of_item
from lmm.counting.dimensions import dimension
from lmm.study.declared import STUDY_FILE
from lmm.study.measures import Measure
from lmm.study.parameters import Parameters
from lmm.study.problems import Problem
from lmm.study.study import Study


def uncounted(study: Study) -> Counts:
    """Give the counts of a study as they are before anything is counted: what will be, is told."""
    nothing = pd.DataFrame()
    return Counts(study, Parameters.of(study), nothing, nothing, numbers={})


def not_kept(counts: Counts) -> Iterator[Problem]:
    """Name the study's own measures that are not counted, or not by all that they declare."""
    for name, m in counts.study.measures.items():
        if m.rows not in counts.layout.tables or not counts.study.keeps(m.rows):
            yield _lost(name, f"is not counted, because {m.rows} is absent")
            continue
        needed = [*m.where, *m.among, *m.until, *filter(None, (m.of, m.once_for, m.since, m.date))]
        if lost := _missing(needed, m, counts):
            yield _lost(name, f"is not counted, because {m.rows} keeps no {' and no '.join(lost)}")
        elif lost := [by for by in _dimensions(m) if not dimension(by, m, counts.layout)]:
            yield _lost(name, f"is not counted by {' and '.join(lost)}, which is not kept")


def _dimensions(measure: Measure) -> list[str]:
    names = (name for combination in measure.by for name in combination)
    return list(dict.fromkeys(name for name in names if name != "time"))


def _missing(names: Iterable[str], measure: Measure, counts: Counts) -> list[str]:
    return [n for n in dict.fromkeys(names) if not counts.layout.find(measure.rows, n)]


def _lost(name: str, why: str) -> Problem:
    fix = "map it under tables:, or take it out of the measure"
    return Problem(f"measures: {name}: {why}", file=STUDY_FILE, fix=fix)


def counted_labels(counts: Counts) -> tuple[str, ...]:
    """Name what is counted: the activity, a high answer to each form, and the study's measures."""
    names = [*counts.shown, *counts.study.measures]
    names += [of_item(form, f.overall, counts.study) for form, f in counts.study.forms.items()]
    kept = [name for name in dict.fromkeys(names) if name in counts.declared]
    return tuple(counts.label(name) for name in kept)
