"""The counts of a study: one tidy table, from which every result is made.

A count is named by its measure and the levels that it is counted within. The number is missing
where it may not be shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Self

import pandas as pd

from lmm.counting.declared import measures_of
from lmm.counting.dimensions import Dimension, combinations, is_counted
from lmm.counting.rows import Layout
from lmm.study.measures import Measure
from lmm.study.setting import Setting

Key = tuple[str, tuple[tuple[str, str], ...]]
"""A measure, and the levels that it is counted within, sorted by dimension."""

INSIDE = {"inside": "yes"}
"""The level of those that are in the numerator of a share; without it, the denominator."""


def key(measure: str, /, **within: object) -> Key:
    """Name a count."""
    return measure, tuple(sorted((name, str(level)) for name, level in within.items()))


Asked = tuple[str, tuple[str, ...]]
"""A measure, and the dimensions by which it is asked for."""


class NotCountedError(LookupError):
    """A count was asked for that the study does not make."""


@dataclass(frozen=True)
class Counts(Setting):
    """Counts of a study within the period analysed; see the module.

    Attributes
    ----------
    numbers
        By name; None for one that is not shown.
    asked
        What has been asked for, in order: by this it is known what a result rests on.
    """

    numbers: Mapping[Key, int | None]
    asked: dict[Asked, None] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def of(cls, setting: Setting, numbers: Mapping[Key, int | None]) -> Self:
        """Give the counts of a study and period."""
        return cls(
            study=setting.study,
            parameters=setting.parameters,
            targets=setting.targets,
            published_figures=setting.published_figures,
            numbers=numbers,
        )

    @cached_property
    def shared(self) -> dict[Any, Any]:
        """What several analyses rest on, and is worked out once."""
        return {}

    @cached_property
    def layout(self) -> Layout:
        """What the tables of the study hold."""
        return Layout(self)

    @cached_property
    def declared(self) -> dict[str, Measure]:
        """The measures that are counted: those of which the service keeps what they need."""
        every = measures_of(self.study)
        return {name: m for name, m in every.items() if is_counted(m, self.layout)}

    @cached_property
    def shown(self) -> tuple[str, ...]:
        """Names of the measures that are shown as activity, in order."""
        return tuple(
            name for name, m in self.declared.items() if m.shown and m.kind in ("count", "sum")
        )

    @cached_property
    def shares(self) -> tuple[str, ...]:
        """Names of the measures that are shares."""
        return tuple(name for name, m in self.declared.items() if m.kind == "share" and m.released)

    @cached_property
    def _combinations(self) -> dict[str, dict[tuple[str, ...], tuple[Dimension, ...]]]:
        return {name: combinations(m, self.layout) for name, m in self.declared.items()}

    def combinations(self, measure: str) -> tuple[tuple[str, ...], ...]:
        """Give what a measure is counted by; first, in all."""
        return tuple(self._combinations.get(measure, {}))

    def has(self, measure: str, *dimensions: str) -> bool:
        """Whether a measure is counted, in all or by dimensions."""
        known = self._combinations.get(measure, {})
        return tuple(sorted(dimensions)) in {tuple(sorted(names)) for names in known}

    def dimensions(self, measure: str, *names: str) -> tuple[Dimension, ...]:
        """Give the dimensions of a combination, in the order asked for.

        Raises
        ------
        NotCountedError
            Naming what would have to be declared.
        """
        for combination in self._combinations.get(measure, {}).values():
            if {each.name for each in combination} == set(names) and len(combination) == len(names):
                by_name = {each.name: each for each in combination}
                return tuple(by_name[name] for name in names)
        crossed = " by " + " and ".join(names) if names else ""
        raise NotCountedError(
            f"{measure} is not counted{crossed}: add it to `by` of the measure in study.yaml, "
            "or see whether the service keeps what it needs"
        )

    def is_exact(self, measure: str) -> bool:
        """Whether the counts of a measure are as they were counted, and not rounded."""
        return not (self.study.is_protected and self.declared[measure].about_people)

    def is_too_fine(self, measure: str, *dimensions: str) -> bool:
        """Whether a measure is counted so finely that no rounding would protect people."""
        fine = any(each.is_fine for each in self.dimensions(measure, *dimensions))
        return fine or not self.declared[measure].released

    def hides(self, measure: str, *dimensions: str) -> bool:
        """Whether the counts of a measure are not released at all."""
        return not self.is_exact(measure) and self.is_too_fine(measure, *dimensions)

    def n(self, measure: str, /, **within: object) -> int | None:
        """Give a count; None where it is not shown, 0 at a level that nobody is at."""
        names = [name for name in within if name != "inside"]
        self.dimensions(measure, *names)
        self.asked[measure, tuple(sorted(names))] = None
        if self.hides(measure, *names):
            return None
        return self.numbers.get(key(measure, **within), 0)

    def high(self, measure: str, /, **within: object) -> int | None:
        """Give the numerator of a share."""
        return self.n(measure, **within, **INSIDE)

    def by(self, measure: str, *names: str) -> pd.DataFrame:
        """Give the counts of a measure by dimensions.

        Returns
        -------
        DataFrame
            A column for each dimension, in the order of its levels, then ``n``; of a share the
            denominator is ``n`` and the numerator ``inside``. A count that is not shown is
            missing; where none is released, there are no rows.

        Raises
        ------
        NotCountedError
            If the study does not count this.
        """
        self.dimensions(measure, *names)
        self.asked[measure, tuple(sorted(names))] = None
        if (measure, *names) not in self._tables:
            self._tables[measure, *names] = self._table(measure, names)
        return self._tables[measure, *names].copy()

    @cached_property
    def _tables(self) -> dict[tuple[str, ...], pd.DataFrame]:
        return {}

    def _table(self, measure: str, names: tuple[str, ...]) -> pd.DataFrame:
        dimensions = self.dimensions(measure, *names)
        wanted = {(measure, name) for name in names}
        rows: list[dict[str, Any]] = [
            {**dict(within), "n": n}
            for (of, within), n in self._of(measure).items()
            if {(of, name) for name, _ in within} == wanted
        ]
        table = pd.DataFrame(rows, columns=[*names, "n"]).astype({"n": "Int64"})
        if self.declared[measure].kind == "share":
            within = [{name: str(row[name]) for name in names} for row in rows]
            inside = [self.numbers.get(key(measure, **at, **INSIDE), 0) for at in within]
            table = table.assign(inside=pd.Series(inside, dtype="Int64"))
        for each in dimensions:
            if each.levels is not None:
                table[each.name] = pd.Categorical(table[each.name], each.levels)
            else:
                table[each.name] = each.typed(table[each.name].astype("str"))
        if names:
            table = table.sort_values(list(names), ignore_index=True)
        closed = [each for each in dimensions if each.levels is not None]
        return table.assign(**{d.name: d.typed(table[d.name].astype("str")) for d in closed})

    def _of(self, measure: str) -> dict[Key, int | None]:
        return self._by_measure.get(measure, {})

    @cached_property
    def _by_measure(self) -> dict[str, dict[Key, int | None]]:
        found: dict[str, dict[Key, int | None]] = {}
        for name, n in self.numbers.items():
            found.setdefault(name[0], {})[name] = n
        return found

    def levels(self, measure: str, dimension: str) -> tuple[str, ...]:
        """Give the levels of a dimension of a measure, in order."""
        (found,) = self.dimensions(measure, dimension)
        return found.levels or tuple(self.by(measure, dimension)[dimension].astype("str"))

    def label(self, measure: str) -> str:
        """Give what a measure is called, in the study's own words where it has them.

        Where it is known which of the things took place, the name says that only these count.
        """
        declared = self.declared.get(measure) or measures_of(self.study)[measure]
        own = self.study.wording.get(measure, declared.label)
        kept = any(self.layout.find(declared.rows, name) for name in declared.where_kept)
        return f"{own} that took place" if kept and declared.shown else own

    def showing(self, numbers: Mapping[Key, int | None]) -> Self:
        """Give the same with other numbers."""
        return replace(self, numbers=numbers)

    def tidy(self) -> pd.DataFrame:
        """Give the counts as one table, a row each.

        Returns
        -------
        DataFrame
            ``measure``; up to three dimensions that it is counted within, each as ``by`` and
            ``level``; ``inside``, "yes" for the numerator of a share; and ``n``, missing where it
            is not shown.
        """
        return pd.DataFrame(
            [tidied(name, n) for name, n in self.numbers.items()], columns=TIDY
        ).astype({"n": "Int64"})

    @classmethod
    def of_tidy(cls, table: pd.DataFrame, setting: Setting) -> Self:
        """Read the table of `tidy`, as text or as it was given."""
        text = table.astype("object").where(table.notna(), "").astype("str")
        numbers = [int(n) if n else None for n in text["n"]]
        return cls.of(setting, dict(zip(named(text), numbers, strict=True)))


PAIRS = (("by", "level"), ("by_2", "level_2"), ("by_3", "level_3"))
TIDY = ["measure", *(name for pair in PAIRS for name in pair), "inside", "n"]


def named(text: pd.DataFrame) -> list[Key]:
    """Name the count of each row of the table of `Counts.tidy`, given as text."""
    names = []
    for row in text.to_dict("records"):
        within = {row[by]: row[level] for by, level in PAIRS if row[by]}
        within |= {"inside": row["inside"]} if row["inside"] else {}
        names.append(key(row["measure"], **within))
    return names


def tidied(name: Key, n: int | None) -> dict[str, Any]:
    """Give the row of a count in the table of `Counts.tidy`."""
    measure, within = name
    levels = [pair for pair in within if pair[0] != "inside"]
    row = {"measure": measure, "inside": dict(within).get("inside", ""), "n": n}
    for (by, level), (dimension, at) in zip(PAIRS, levels, strict=False):
        row |= {by: dimension, level: at}
    return row
