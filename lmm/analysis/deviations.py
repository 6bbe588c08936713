"""Whether a result is as it was planned, was changed since, or is exploratory; and how."""

from __future__ import annotations

import difflib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import takewhile
from typing import Any, Literal

from lmm.study.cells import calls, same
from lmm.study.library import Library, Name, concerns_every_result
from lmm.study.registration import Entry, Key, Planned, Registration, flat

As = Literal["as planned", "changed", "exploratory"]

NO_REASON = "no reason was registered"

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

MOST, LONGEST, BEFORE = 3, 80, 20
"""Deviations that are told beside a result; letters of what stood and stands there, and of code
before that."""


@dataclass(frozen=True)
class Deviation:
    """What is not as planned; when that was registered, and why: both "" if it was not."""

    what: str
    when: str = ""
    why: str = ""

    @property
    def words(self) -> str:
        """All of it, in brackets when and why."""
        return f"{self.what} ({self.aside or NO_REASON})"

    @property
    def aside(self) -> str:
        """When it was registered, and why; "" if it was not."""
        return f"{self.when}: {self.why}" if self.when else ""


@dataclass(frozen=True)
class Label:
    """What a result is called, and why."""

    kind: As
    deviations: tuple[Deviation, ...] = ()

    @property
    def words(self) -> str:
        """What stands below a result: a sentence."""
        if self.kind == "as planned":
            return "As planned."
        if self.kind == "exploratory":
            added = [f", and added later ({each.aside})" for each in self.deviations if each.when]
            return f"Exploratory: not planned{''.join(added)}."
        told = [each.words for each in self.deviations[:MOST]]
        more = len(self.deviations) - MOST
        told += [f"and {more} more, in planned_results.csv"] * (more > 0)
        return f"Changed since it was planned: {'; '.join(told)}."


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

        said = f"the code in the notebook: {_difference(planned.code, made.code)}"
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
        return Deviation(f"{_place(key)}: was {_value(was)}, is {_value(now)}", *when)

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
        return _together(found)

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
            Deviation(f"the library's code: {_listed(names)}", *when)
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


# --- in words ----------------------------------------------------------------------------------


def _place(key: Key) -> str:
    """Say where something is declared."""
    match key:
        case ("parameters", name):
            return name
        case ("targets", indicator, year, *rest):
            return f"target of {indicator} in {year}: {' '.join(rest) or 'whole'}"
        case ("measures", name, *rest):
            return f"measure {name}: {': '.join(rest)}"
        case ("tables", name, "columns", column, *rest):
            return f"column {name}.{column}: {': '.join(rest)}"
        case ("tables", name, *rest):
            return f"table {name}: {': '.join(rest)}"
    return ": ".join(key)


def _value(value: Any) -> str:
    if value is None or value in ([], {}):
        return "nothing"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return f"“{_cut(text)}”" if isinstance(value, str) else _cut(text)


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def _listed(names: Sequence[Name]) -> str:
    """Name definitions of the library; of a module's body, the module."""
    shown = ", ".join(".".join(filter(None, each)) for each in names[:MOST])
    return f"{shown} and {len(names) - MOST} more" if len(names) > MOST else shown


def _difference(was: str, now: str) -> str:
    """Show the first lines that differ, from shortly before they do."""
    lines = list(difflib.ndiff(was.split("\n"), now.split("\n")))
    gone, come = ([line[2:] for line in lines if line[:2] == mark] for mark in ("- ", "+ "))
    one, other = (gone or [""])[0], (come or [""])[0]
    alike = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))
    start = max(0, alike - BEFORE)
    shown = (f"`{'…' * bool(start)}{_cut(each[start:])}`" if each else "nothing"
             for each in (one, other))  # fmt: skip
    return "was {}, is {}".format(*shown)


def _together(found: list[Deviation]) -> tuple[Deviation, ...]:
    """Give deviations, each once."""
    return tuple(dict.fromkeys(found))


def listed_changes(comparison: Comparison) -> Iterator[str]:
    """Say all that differs from what was planned, for an amendment."""
    yield from (change.deviation.what for change in comparison.changes)
    if names := comparison.concerning():
        yield f"the library's code: {_listed(names)}"
