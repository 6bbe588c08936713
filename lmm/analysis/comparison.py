"""What results rest on now, beside what was registered: the label of each result."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from lmm.analysis.deviations import (
    Deviation,
    Label,
    difference_in_words,
    listed_in_words,
    place_in_words,
    value_in_words,
)
from lmm.study.cells import calls, same
from lmm.study.library import Library, Name, concerns_every_result
from lmm.study.registration import Entry, Key, Planned, Registration, flat

ASKED_FOR = {
    "targets": {"targets"},
    "nearly_met": {"nearly_met"},
    "rated_from": {"rated_from"},
    "reduced_capacity": {"months_of_year"},
    "reference_population": {"reference_population"},
    "published_figures": {"published_figures"},
    "staff_trained_counts": {"staff_trained_counts"},
}
"""By what is declared: the attributes by which an analysis asks for it."""

OF_ONE_MEASURE = ("measures", "tables", "reading")
"""What concerns the results that are made from some measures; everything else concerns all."""


@dataclass(frozen=True)
class Made:
    """How a result was made: its code in the notebook, and the measures that were read for it."""

    code: str
    measures: frozenset[str]


@dataclass(frozen=True)
class _Change:
    """A thing that is not as planned, and what it is now."""

    at: Key
    deviation: Deviation


@dataclass(frozen=True)
class Comparison:
    """A registration, and what results rest on now."""

    registration: Registration
    terms: Mapping[str, Any]
    library: Library

    def label(self, name: str, made: Made) -> Label:
        """Label a result.

        Parameters
        ----------
        name
            Its kind and its name, such as ``table monthly_activity``.
        """
        planned = self.registration.plan.results.get(name)
        if planned is None:
            when, why = self._registered(lambda entry: name in entry.results, now=True)
            return Label("exploratory", (Deviation("not planned", when, why),))
        found = (*self._of_code(name, planned, made), *self._of_terms(planned, made),
                 *self._of_library(planned, made))  # fmt: skip
        return Label("changed" if found else "as planned", found)

    def not_made(self, names: set[str]) -> dict[str, Deviation]:
        """Give the planned results that are none of these, and when and why they were dropped."""

        def dropped(name: str) -> Deviation:
            when, why = self._registered(lambda entry: name in entry.results, now=False)
            return Deviation("planned and not reported", when, why)

        return {name: dropped(name) for name in self.registration.plan.results if name not in names}

    def _registered(self, of: Callable[[Entry], object], *, now: object) -> tuple[str, str]:
        """Find the amendment since which something is registered as it is now: day and reason."""
        found: Entry | None = None
        for entry in reversed(self.registration.later):
            if of(entry) != now:
                break
            found = entry
        return (found.day, found.because) if found else ("", "")

    # --- code of the notebook ----------------------------------------------------------

    def _of_code(self, name: str, planned: Planned, made: Made) -> tuple[Deviation, ...]:
        if same(planned.code, made.code):
            return ()

        def is_it(entry: Entry) -> bool:
            return name in entry.results and same(entry.results[name].code, made.code)

        said = f"the code in the notebook: {difference_in_words(planned.code, made.code)}"
        return (Deviation(said, *self._registered(is_it, now=True)),)

    # --- what is declared --------------------------------------------------------------

    @cached_property
    def changes(self) -> tuple[_Change, ...]:
        """All that is declared otherwise than it was planned."""
        was, now = self.registration.plan.terms, flat(self.terms)
        keys = dict.fromkeys((*was, *now))
        return tuple(
            _Change(key, self._declared(key, was.get(key), now.get(key)))
            for key in keys
            if was.get(key) != now.get(key)
        )

    def _declared(self, key: Key, was: Any, now: Any) -> Deviation:
        when = self._registered(lambda entry: entry.terms.get(key), now=now)
        if key[0] == "reading":
            return Deviation(f"how the table {key[1]} is read", *when)
        return Deviation(
            f"{place_in_words(key)}: was {value_in_words(was)}, is {value_in_words(now)}", *when
        )

    def _of_terms(self, planned: Planned, made: Made) -> tuple[Deviation, ...]:
        if not self.changes:
            return ()
        measures = {*planned.measures, *made.measures}
        tables = {table for name in measures for table in self._tables(name)}
        asked: set[str] | None = None
        found = []
        for change in self.changes:
            kind, *rest = change.at
            if kind == "measures":
                concerns = rest[0] in measures
            elif kind in OF_ONE_MEASURE:
                concerns = rest[0] in tables
            elif kind in ASKED_FOR:
                asked = self._asked(planned, made) if asked is None else asked
                concerns = bool(ASKED_FOR[kind] & asked)
            else:
                concerns = True
            if concerns:
                found.append(change.deviation)
        return tuple(dict.fromkeys(found))

    def _tables(self, measure: str) -> set[str]:
        then = self.registration.plan.said["terms"].get("measures", {}).get(measure, {})
        now = self.terms["measures"].get(measure, {})
        return {*then.get("tables", ()), *now.get("tables", ())}

    def _asked(self, planned: Planned, made: Made) -> set[str]:
        """Give what the analyses ask for by which a result was planned, and is made."""
        used = self._reached(planned.code) | self._reached(made.code)
        return self.library.asked(each for each in used if each[0].startswith("lmm.analysis."))

    # --- code of the library -----------------------------------------------------------

    @cached_property
    def rewritten(self) -> dict[Name, str]:
        """The definitions of the library that are not as they were, by what they are now."""
        plan, found = self.registration.plan, dict[Name, str]()
        whole = self.library.whole()
        for module in {*whole, *plan.said["library"]}:
            if whole.get(module) == plan.module(module):
                continue
            now = self.library.digests(module)
            then = plan.said["library"].get(module, {}).get("definitions", {})
            for name in {*now, *then}:
                if now.get(name) != then.get(name):
                    found[module, name] = now.get(name, "")
        return dict(sorted(found.items()))

    def _of_library(self, planned: Planned, made: Made) -> tuple[Deviation, ...]:
        if not self.rewritten:
            return ()
        used = self.library.mentioned(self._reached(planned.code) | self._reached(made.code))
        by_reason: dict[tuple[str, str], list[Name]] = {}
        for each, when in self._rewritten_since.items():
            if each in used or concerns_every_result(each[0]):
                by_reason.setdefault(when, []).append(each)
        return tuple(
            Deviation(f"the library's code: {listed_in_words(names)}", *when)
            for when, names in by_reason.items()
        )

    def concerning(self) -> tuple[Name, ...]:
        """Give the definitions that are not as they were and that some planned result uses."""
        if not self.rewritten:
            return ()
        codes = (planned.code for planned in self.registration.plan.results.values())
        used = self.library.mentioned(
            self.library.reached(name for code in codes for name in calls(code))
        )
        return tuple(x for x in self.rewritten if x in used or concerns_every_result(x[0]))

    @cached_property
    def _rewritten_since(self) -> dict[Name, tuple[str, str]]:
        """Give the amendment that registers each definition as it is now."""

        def since(each: Name, now: str) -> tuple[str, str]:
            return self._registered(lambda entry: entry.definition(*each), now=now)

        return {each: since(each, now) for each, now in self.rewritten.items()}

    def _reached(self, code: str) -> set[Name]:
        if code not in self._known:
            self._known[code] = self.library.reached(calls(code))
        return self._known[code]

    @cached_property
    def _known(self) -> dict[str, set[Name]]:
        return {}


def listed_changes(comparison: Comparison) -> Iterator[str]:
    """Say all that differs from what was planned, for an amendment."""
    yield from (change.deviation.what for change in comparison.changes)
    if names := comparison.concerning():
        yield f"the library's code: {listed_in_words(names)}"
