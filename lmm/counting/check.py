"""Whether the measures that a study declares can be counted: each is held to its tables."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from lmm.cleaning.contract import accepted
from lmm.counting.declared import measures_of
from lmm.counting.rows import NOT_RECORDED, RECORDED
from lmm.study.counted import DERIVED, Derived
from lmm.study.declared import STUDY_FILE
from lmm.study.measures import TIME, AtLeast, AtMost, Condition, Measure
from lmm.study.problems import Problem, StudyError
from lmm.study.study import Study
from lmm.study.table import Column, Table
from lmm.study.tables import declared_tables, in_order

Told = tuple[str, str]
"""What is wrong, with the key of the measure that says so; and what mends it."""


def check_measures(study: Study) -> None:
    """Raise if a measure of ``study.yaml`` names what there is not.

    Raises
    ------
    StudyError
        With a line for each name, table, column and label of a measure that does not fit.
    """
    taken = measures_of(study.model_copy(update={"measures": {}}))
    tables = in_order(declared_tables(study))
    problems = [
        Problem(f"measures: {name}: {why}", file=STUDY_FILE, fix=fix)
        for name, measure in study.measures.items()
        for why, fix in (*_name(name, taken), *_Checked(measure, study, tables).problems())
    ]
    if problems:
        raise StudyError(*problems)


def _name(name: str, taken: Mapping[str, Measure]) -> Iterator[Told]:
    if name in taken:
        yield f"is a measure already: {taken[name].label}", "name yours otherwise"
    elif not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        why = "is no name of a measure"
        yield why, "use small letters, digits and _, a letter first, such as drop_in_visits"


class _Checked:
    """One measure, held to the tables that are declared."""

    def __init__(self, measure: Measure, study: Study, tables: Mapping[str, Table]) -> None:
        self.measure, self.study, self.tables = measure, study, tables

    def problems(self) -> Iterator[Told]:
        """Say what does not fit."""
        if self.measure.rows not in self.tables:
            why = f"rows: there is no table {self.measure.rows!r}"
            yield why, f"name one of {', '.join(self.tables)}"
            return
        for key in ("where", "where_kept", "among"):
            for name, condition in getattr(self.measure, key).items():
                yield from self._condition(key, name, condition)
        for key, name, kind in self._of_a_kind():
            yield from self._column(key, name, kind)
        yield from self._dated()
        for name, crossed in [(n, len(c) > 1) for c in self.measure.by for n in c]:
            yield from self._by(name, crossed=crossed)

    def _of_a_kind(self) -> Iterator[tuple[str, str, str]]:
        """Give the keys that name a column of one kind."""
        m = self.measure
        single = [("of", m.of, "whole number"), ("once_for", m.once_for, "identifier"),
                  ("clustered_by", m.clustered_by, "identifier"), ("date", m.date, "date"),
                  ("since", m.since, "date")]  # fmt: skip
        yield from ((key, name, kind) for key, name, kind in single if name)
        yield from (("until", name, "date") for name in m.until)

    def _find(self, table: str, name: str) -> Column | Derived | None:
        """Find a column of a table, or else of one that it refers to."""
        if name == "overall" and table in self.study.forms:
            name = self.study.forms[table].overall
        head, _, rest = name.partition(".")
        if head == table and rest:
            name, rest = rest, ""
        if found := self.tables[table].columns.get(name) or DERIVED.get(table, {}).get(name):
            return found
        before = list(self.tables)[: list(self.tables).index(table)]
        for parent in self.tables[table].parents.keys() & {*before}:
            if found := self._find(parent, rest if rest and head == parent else name):
                return found
        return None

    def _column(self, key: str, name: str, *kinds: str) -> Iterator[Told]:
        """Hold a name to the columns that there are, and to the kinds that will do."""
        spec = self._find(self.measure.rows, name)
        if spec is None:
            yield f"{key}: {name!r} is no column of {self._where()}", self._there()
        elif kinds and _kind(spec) not in kinds:
            yield (
                f"{key}: {name!r} is no {kinds[0]} but of kind {_kind(spec)!r}",
                self._there(*kinds),
            )

    def _where(self) -> str:
        parents = self.tables[self.measure.rows].parents
        more = f", nor of {' or '.join(parents)}, to which it refers" if parents else ""
        return f"{self.measure.rows}{more}"

    def _there(self, *kinds: str) -> str:
        """Name the columns of the table that will do."""
        columns = self.tables[self.measure.rows].columns.items()
        fit = [name for name, spec in columns if not kinds or spec.kind in kinds]
        return f"name one of {', '.join(fit)}" if fit else f"{self.measure.rows} has none"

    def _condition(self, key: str, name: str, condition: Condition) -> Iterator[Told]:
        if isinstance(condition, AtMost | AtLeast):
            yield from self._column(key, name, "whole number", "number")
            return
        if condition in ((RECORDED,), (NOT_RECORDED,)):
            yield from self._column(key, name)
            return
        if problems := list(self._column(key, name, "label")):
            yield from problems
            return
        spec = self._find(self.measure.rows, name)
        assert isinstance(spec, Column)
        labels = [*accepted(spec, self.study), *self._words(spec)]
        for label in (label for label in condition if labels and label not in labels):
            why = f"{key}: {name}: {label!r} is none of its labels"
            yield why, f"write one of {', '.join(map(repr, labels))}, or {RECORDED!r}"

    def _words(self, spec: Column) -> tuple[str, ...]:
        """Give the words that stand for answers to an item of a form."""
        form, _, item = spec.vocabulary.partition(".")
        asks = form in self.study.forms and item in self.study.forms[form].items
        return ("high", "answered") if asks else ()

    def _dated(self) -> Iterator[Told]:
        """Say that nothing tells when a row was, where that has to be known."""
        m = self.measure
        needs = ["once_for"] if m.once_for else []
        needs += ["by"] if "by" in m.model_fields_set and {"time", *TIME} & _names(m) else []
        if not (m.date or m.since or self.tables[m.rows].date):
            for key in needs:
                why = f"{key}: nothing says when a row of {m.rows} was"
                yield why, f"declare the date of {m.rows}, or the date of the measure"

    def _by(self, name: str, *, crossed: bool) -> Iterator[Told]:
        if name == "time":
            if crossed:
                fix = f"cross one of {', '.join(TIME)}"
                yield "by: time stands for several spans, and is not crossed", fix
        elif name not in TIME:
            kinds = () if name.endswith("?") else ("label", "identifier", "whole number", "date")
            yield from self._column("by", name.removesuffix("?"), *kinds)


def _names(measure: Measure) -> set[str]:
    return {name for combination in measure.by for name in combination}


def _kind(spec: Column | Derived) -> str:
    if isinstance(spec, Column):
        return spec.kind
    return "date" if spec.is_date else "whole number"
