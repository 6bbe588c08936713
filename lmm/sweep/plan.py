"""The plan of a sweep: which studies, for which parameters, through which notebooks."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from lmm.study.declared import MOST_CONFIDENCE, STUDY_FILE, Day, OneOrMore, Part, Period, Text
from lmm.study.parameters import Parameters
from lmm.study.problems import Problem, StudyError, nearest
from lmm.study.strict_yaml import Written, parse_yaml
from lmm.study.study import Study, read_study

TO = "sweep-results"
"""Where results go if the plan does not say, beside the plan."""

MOST_TOLD = 20
"""Problems of a plan that are told one by one."""

Level = Annotated[float, Field(strict=True, gt=0.5, le=MOST_CONFIDENCE)]


class Entry(Part):
    """One set of parameters; what it leaves out is the plan's, or each study's own."""

    studies: OneOrMore = ()
    period: Period | None = None
    event_date: Day | None = None
    confidence: Level | None = None
    notebooks: OneOrMore = ()

    @property
    def parameters(self) -> dict[str, Any]:
        """The parameters that are not left to the study, by name."""
        of = self.period
        given = {
            "period_start": of and of.start,
            "period_end": of and of.end,
            "event_date": self.event_date,
            "confidence": self.confidence,
        }
        return {name: value for name, value in given.items() if value is not None}


class Grid(Part):
    """Every combination of what stands in its lists; of a list that is left out, the study's own.

    Notebooks are no part of the combinations: each set of parameters goes through all of them.
    """

    periods: tuple[Period, ...] = ()
    event_dates: tuple[Day, ...] = ()
    confidence: tuple[Level, ...] = ()
    notebooks: OneOrMore = ()

    def entries(self) -> Iterator[tuple[str | int, Entry]]:
        """Give each combination, behind the number of its period, or else "periods"."""
        periods: list[tuple[str | int, Period | None]] = list(enumerate(self.periods))
        sets = product(
            periods or [("", None)], self.event_dates or [None], self.confidence or [None]
        )
        for (number, period), event, confidence in sets:
            yield (
                number,
                Entry(
                    period=period,
                    event_date=event,
                    confidence=confidence,
                    notebooks=self.notebooks,
                ),
            )


class Indicator(Part):
    """Which estimate the page shows of each service: a table, and the words of one row of it."""

    table: Text
    where: dict[Text, Text] = Field(default_factory=dict)


class Plan(Part):
    """What a plan's file says."""

    to: Text = TO
    studies: OneOrMore = ()
    grid: Grid | None = None
    items: tuple[Entry, ...] = Field(default=(), alias="list")
    indicator: Indicator | None = None

    @model_validator(mode="after")
    def _says_what(self) -> Self:
        if (self.grid is None) == (not self.items):
            raise ValueError("write either grid: or list:, which say for what parameters")
        if not self.studies and not all(entry.studies for entry in self.items or (Entry(),)):
            raise ValueError("studies: is missing; name folders of studies, such as ../services/*")
        return self


@dataclass(frozen=True)
class Wanted:
    """A study, the parameters and the notebook for which the plan wants results.

    Attributes
    ----------
    label
        The study's folder, as seen from the plan.
    """

    label: str
    study: Study
    parameters: Parameters
    notebook: Path


@dataclass(frozen=True)
class Planned:
    """A plan that was read, and all that it wants, each once and in its order."""

    plan: Plan
    to: Path
    wanted: tuple[Wanted, ...]

    @property
    def studies(self) -> list[Study]:
        """The studies, each once."""
        return list({each.label: each.study for each in self.wanted}.values())


def read_plan(path: Path) -> Planned:
    """Read a plan, and every study that it names.

    Raises
    ------
    StudyError
        A line for each thing that is wrong: with the plan's file, line and key, or the study's.
    """
    written = parse_yaml(path)
    plan = written.as_model(Plan)
    reader = _Reader(plan, written)
    wanted = {
        (w.label, w.parameters, w.notebook): w
        for place, entry in reader.entries()
        for w in reader.wanted(place, entry)
    }
    if problems := list(dict.fromkeys(reader.problems)):
        rest = len(problems) - MOST_TOLD
        raise StudyError(*problems[:MOST_TOLD], *([f"and {rest} more"] if rest > 0 else []))
    return Planned(plan, (path.parent / plan.to).resolve(), tuple(wanted.values()))


class _Reader:
    """Finds what a plan names, and keeps what is wrong with it."""

    def __init__(self, plan: Plan, written: Written) -> None:
        self.plan, self.written = plan, written
        self.home = written.path.parent
        self.problems: list[str] = []
        self._found: dict[tuple[str, ...], list[tuple[str, Study]]] = {}
        self._read: dict[Path, Study | None] = {}

    def entries(self) -> Iterator[tuple[tuple[str | int, ...], Entry]]:
        if self.plan.grid:
            for number, entry in self.plan.grid.entries():
                yield ("grid", "periods", number), entry
        yield from ((("list", n), entry) for n, entry in enumerate(self.plan.items))

    def wanted(self, place: tuple[str | int, ...], entry: Entry) -> Iterator[Wanted]:
        patterns = entry.studies or self.plan.studies
        key: tuple[str | int, ...] = (*place, "studies") if entry.studies else ("studies",)
        if patterns not in self._found:
            self._found[patterns] = list(self._studies(patterns, key))
        for label, study in self._found[patterns]:
            try:
                parameters = Parameters.of(study, entry.parameters)
            except StudyError as error:
                for why in error.problems:
                    self._say(f"{label}: {why}", place)
                continue
            for notebook in self._notebooks(study, label, entry.notebooks, place):
                yield Wanted(label, study, parameters, notebook)

    def _say(self, why: str, place: tuple[str | int, ...], fix: str = "") -> None:
        file, line = self.written.path.name, self.written.line_of(place)
        self.problems.append(Problem(why, file=file, line=line, fix=fix))

    def _studies(
        self, patterns: tuple[str, ...], place: tuple[str | int, ...]
    ) -> Iterator[tuple[str, Study]]:
        """Give each study that a pattern names, by its folder as seen from the plan."""
        seen = set()
        for pattern in patterns:
            folders = [each for each in self._matching(pattern) if (each / STUDY_FILE).is_file()]
            if not folders:
                fix = "name folders of studies, as seen from the plan"
                self._say(f"studies: {pattern}: no folder here holds a {STUDY_FILE}", place, fix)
            for folder in folders:
                study = self._study(folder)
                if study is not None and folder not in seen:
                    seen.add(folder)
                    yield _label(folder, self.home.resolve()), study

    def _matching(self, pattern: str) -> list[Path]:
        """Find folders: ``*``, ``?`` and ``[...]`` stand for parts of a name."""
        base = Path(pattern)
        if base.is_absolute():
            return sorted(Path(base.anchor).glob(str(base.relative_to(base.anchor)) or "."))
        fixed = [part for part in base.parts if part == ".."]  # glob takes none
        start = self.home.resolve().joinpath(*fixed).resolve()
        rest = Path(*base.parts[len(fixed) :])
        return sorted(start.glob(str(rest))) if rest.parts else [start]

    def _study(self, folder: Path) -> Study | None:
        if folder not in self._read:
            self._read[folder] = None
            try:
                self._read[folder] = read_study(folder, "release")
            except StudyError as error:
                self.problems += [f"{folder}: {why}" for why in error.problems]
        return self._read[folder]

    def _notebooks(
        self, study: Study, label: str, names: tuple[str, ...], place: tuple[str | int, ...]
    ) -> Iterator[Path]:
        known = {path.stem: path for path in study.notebooks}
        for name in names or known:
            if path := known.get(name.removesuffix(".ipynb")):
                yield path
                continue
            near = nearest(name, known)
            fix = f"did you mean {near}? " if near else ""
            fix += f"There are {', '.join(known)}"
            where = ("grid", "notebooks") if self.plan.grid else (*place, "notebooks")
            self._say(f"notebooks: {label} has none of the name {name}", where, fix)


def _label(folder: Path, home: Path) -> str:
    """Give a folder as seen from the plan; as it is where that is on another drive."""
    try:
        return Path(os.path.relpath(folder, home)).as_posix()
    except ValueError:
        return folder.as_posix()
