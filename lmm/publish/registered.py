"""What a run says of its registration: a table of every result, and a few lines of the summary."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from lmm.analysis.deviations import NO_REASON, Deviation
from lmm.analysis.terms import reading_of
from lmm.cleaning.save import save_table
from lmm.counting.counts import Counts
from lmm.publish.formats import nbformat
from lmm.showing.planned import NOT_REGISTERED, compared, registered_in_words
from lmm.showing.wording import titled
from lmm.study.problems import counted
from lmm.study.registration import (
    FIRST_READ,
    FOLDER,
    READING,
    read_first_read,
    read_registration,
    registered_files,
)
from lmm.study.study import Study

COLUMNS = ("result", "name", "report", "title", "registered", "what", "when", "why")
TABLE = "planned_results"
NOT_REPORTED = "planned and not reported"
MOST = 6
"""Deviations, and names, that the summary tells."""


@dataclass(frozen=True)
class Labelled:
    """A table or figure of a run, or one that was planned: what it is, and its deviations.

    Attributes
    ----------
    key
        Its kind and its name, such as ``table monthly_activity``.
    number
        Such as "Table 3"; "" of what is not there.
    said
        What its page kept of it; see `lmm.showing.planned`.
    """

    key: str
    report: str
    number: str
    title: str
    kind: str
    deviations: tuple[Deviation, ...]
    said: dict[str, Any]

    @property
    def words(self) -> str:
        """Its title, with its number and report."""
        place = f"{self.number} of {self.report}" if self.number else self.report
        return f"{self.title} ({place})"


def labelled(notebooks: Path) -> list[Labelled]:
    """Give every table and figure of executed notebooks that its page has labelled."""
    return [each for path in sorted(notebooks.glob("*.ipynb")) for each in _labelled(path)]


def _labelled(path: Path) -> Iterator[Labelled]:
    for cell in nbformat.read(path, as_version=4).cells:
        for output in cell.get("outputs", ()):
            what = output.get("metadata", {}).get("lmm", {})
            if said := what.get("planned"):
                deviations = tuple(Deviation(**each) for each in said["deviations"])
                name = said["name"].partition(" ")[2]
                title = what.get("title") or said["title"] or titled(name)
                number = what.get("number", "")
                yield Labelled(said["name"], path.stem, number, title, said["as"], deviations, said)


def publish_registration(counts: Counts) -> tuple[str, ...]:
    """Keep the registration beside the results, with a table of them all; give it in words.

    Returns
    -------
    tuple of str
        What the summary says; nothing of synthetic records that were not registered.
    """
    study = counts.study
    registration = read_registration(study)
    if registration is None:
        return () if study.is_synthetic else (NOT_REGISTERED,)
    _hand_on(study)
    found = labelled(study.outputs / "notebooks")
    left = compared(counts, registration).not_made({each.key for each in found})
    plan = registration.plan.results
    found += [
        Labelled(
            key, plan[key].notebook, "", _title(key, plan[key].title), NOT_REPORTED, (why,), {}
        )
        for key, why in left.items()
    ]
    table = pd.DataFrame([row for each in found for row in _rows(each)], columns=list(COLUMNS))
    save_table(table, study.outputs / "tables" / f"{TABLE}.csv", study)
    return (registered_in_words(registration, synthetic=study.is_synthetic), *_lines(found))


def _title(key: str, title: str) -> str:
    kind, _, name = key.partition(" ")
    return title or f"{kind} “{titled(name)}”"


def _hand_on(study: Study) -> None:
    """Copy the registration, with what of the study it is compared by; nothing of the records."""
    to = study.outputs / FOLDER
    to.mkdir()
    for path in registered_files(study):
        shutil.copyfile(path, to / path.name)
    if study.is_release:
        return
    (to / READING).write_text(json.dumps(reading_of(study), indent=2) + "\n", encoding="utf-8")
    if when := read_first_read(study):
        said = {"when": when}
        (to / FIRST_READ).write_text(json.dumps(said, indent=2) + "\n", encoding="utf-8")


def _rows(each: Labelled) -> Iterator[tuple[str, ...]]:
    kind, _, name = each.key.partition(" ")
    at = (kind, name, each.report, each.title, each.kind)
    for one in each.deviations or (Deviation(""),):
        yield (*at, one.what, one.when, one.why if one.when or not one.what else NO_REASON)


def _lines(found: Sequence[Labelled]) -> Iterator[str]:
    """Word how many are as planned, and each way in which others are not."""
    kinds = Counter(each.kind for each in found)
    planned = len(found) - kinds["exploratory"]
    said = [
        f"{kinds['as planned']} as planned",
        f"{kinds['changed']} changed",
        f"{kinds[NOT_REPORTED]} not reported",
    ]
    more = f"; {kinds['exploratory']} more exploratory" if kinds["exploratory"] else ""
    yield f"{counted(planned, 'result')} planned, tables and figures: {', '.join(said)}{more}."
    changes = Counter(
        one.words for each in found if each.kind == "changed" for one in each.deviations
    )
    for words, number in changes.most_common(MOST):
        yield f"Changed: {words}; it concerns {counted(number, 'result')}."
    if len(changes) > MOST:
        yield f"{counted(len(changes) - MOST, 'change')} more: see the table {TABLE}."
    yield from _named("Exploratory", (each for each in found if each.kind == "exploratory"))
    yield from _named("Not reported", (each for each in found if each.kind == NOT_REPORTED))


def _named(heading: str, some: Iterable[Labelled]) -> Iterator[str]:
    """Name results, with those that have a registered reason beside it."""
    names = [
        each.words + "".join(f" ({one.when}: {one.why})" for one in each.deviations if one.when)
        for each in some
    ]
    more = f" and {len(names) - MOST} more, in the table {TABLE}" if len(names) > MOST else ""
    if names:
        yield f"{heading}: {', '.join(names[:MOST])}{more}."
