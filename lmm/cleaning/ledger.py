"""Row and cell accounting: what a cleaning step may do, and the record of what it did.

A step can change cells, reject rows, or object to the file. Each goes through `Ledger`,
which compares before and after by itself, so that no step can forget to say what it did.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Concatenate, ParamSpec, Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from lmm.study.declared import STUDY_FILE
from lmm.study.study import Study
from lmm.study.table import Table
from lmm.study.tables import tables_of

LOG_COLUMNS = ("table", "step", "column", "rows_affected", "what_was_done")
REJECTED_COLUMNS = ("table", "file", "sheet", "line", "reason")
ACCOUNT_COLUMNS = ("table", "file", "rows_read", "rows_rejected", "rows_kept", "rows_fixed")

LEFT_OUT = "(left out)"
"""Column of a raw frame: why reading left a row out, "" for a record; only where some are."""

P = ParamSpec("P")


@dataclass(frozen=True)
class Entry:
    """What was done to a table at one point of its cleaning.

    Attributes
    ----------
    number
        Its place among all changes and rejections that were asked for, also those that did nothing.
    changes
        A row for each distinct change, in order of appearance: ``old, new, rows``. None where
        rows were left out.
    """

    number: int
    step: str
    column: str
    rows: int
    done: str
    changes: pd.DataFrame | None = None

    @property
    def said(self) -> str:
        """What was done, with the commonest changes."""
        return self.done if self.changes is None else f"{self.done}: {_examples(self.changes)}"

    @classmethod
    def together(cls, entries: Sequence[Self]) -> Self:
        """Put together what was done at one point to each part of a table."""
        rows = sum(entry.rows for entry in entries)
        changes = [entry.changes for entry in entries if entry.changes is not None]
        if not changes[1:]:
            return replace(entries[0], rows=rows)
        kinds = pd.concat(changes).groupby(["old", "new"], sort=False)
        return replace(entries[0], rows=rows, changes=kinds["rows"].sum().reset_index())


@dataclass(frozen=True)
class Ledger:
    """A table, or a part of one, in the course of cleaning; every method returns a new one.

    Attributes
    ----------
    raw
        The frame as read: text, indexed by line number in the file; without its columns once the
        ledger is `settled`.
    frame
        The rows still kept, as text in canonical form ("" where not recorded).
    entries, rejected, problems
        What was done; which rows were left out and why; what stops the run.
    parents
        The clean tables that this one refers to, as text.
    asked
        How often a change or a rejection was asked for.
    fixed
        Of a settled ledger, by line, whether a cell of the row was changed.
    """

    table: str
    study: Study
    raw: pd.DataFrame
    frame: pd.DataFrame
    entries: tuple[Entry, ...] = ()
    rejected: tuple[tuple[str, str, str, int, str], ...] = ()
    problems: tuple[str, ...] = ()
    parents: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    asked: int = 0
    fixed: pd.Series[bool] | None = None

    @classmethod
    def open(
        cls,
        table: str,
        raw: pd.DataFrame,
        study: Study,
        parents: Mapping[str, pd.DataFrame] | None = None,
    ) -> Self:
        """Start the account of a raw table with the rows that are no records."""
        if LEFT_OUT not in raw:
            return cls(table, study, raw, raw, parents=parents or {})
        reasons, cells = raw[LEFT_OUT], raw.drop(columns=LEFT_OUT)
        opened = cls(table, study, cells, cells, parents=parents or {})
        return opened.reject("reading", reasons[reasons != ""], "rows that are no records")

    @classmethod
    def together(cls, parts: Sequence[Self]) -> Self:
        """Put settled parts of a table together, with one account of all that was done to them."""
        first, asked = parts[0], max(part.asked for part in parts)
        if not parts[1:]:
            return first
        by_number: dict[int, list[Entry]] = {}
        for part in parts:
            for entry in part.entries:
                by_number.setdefault(entry.number, []).append(entry)
        return replace(
            first,
            raw=pd.concat([part.raw for part in parts]),
            frame=pd.concat([part.frame for part in parts]),
            entries=tuple(Entry.together(by_number[n]) for n in sorted(by_number)),
            rejected=tuple(row for part in parts for row in part.rejected),
            problems=tuple(problem for part in parts for problem in part.problems),
            asked=asked,
            fixed=pd.concat([part._changed for part in parts]),
        )

    def settled(self) -> Self:
        """Let go of the raw cells, once no step will change a cell any more."""
        return replace(self, raw=self.raw[[]], fixed=self._changed)

    @property
    def _changed(self) -> pd.Series[bool]:
        """Whether a cell of each row that is kept was changed."""
        if self.fixed is not None:
            return self.fixed[self.frame.index]
        raw = _rows(self.raw, np.isin(self.raw.index, self.frame.index))
        return (self.frame != raw).any(axis=1)

    @property
    def log(self) -> tuple[tuple[str, str, str, int, str], ...]:
        """What was done, in the order in which it was."""
        return tuple((self.table, e.step, e.column, e.rows, e.said) for e in self.entries)

    @property
    def declared(self) -> Table:
        """What the table is, as the study keeps it."""
        return tables_of(self.study)[self.table]

    @property
    def file(self) -> str:
        """Name of the raw file, or of several; nothing for a table that is absent."""
        if not self.study.keeps(self.table):
            return ""
        return ", ".join(self.study.sources[self.table].files) or STUDY_FILE

    def then(
        self,
        step: Callable[Concatenate[Ledger, P], Ledger],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> Ledger:
        """Apply the next step, if there is a row left that it could do something to."""
        return step(self, *args, **kwargs) if len(self.frame) else self

    def change(self, step: str, column: str, new: pd.Series[str], done: str) -> Self:
        """Replace a column's cells; the log counts the rows in which they differ."""
        old, asked = self.frame[column], self.asked + 1
        if new.array is old.array or not (changed := old != new).any():
            return replace(self, asked=asked)
        kinds = _kinds(old[changed], new[changed])
        entry = Entry(asked, step, column, int(changed.sum()), done, kinds)
        frame = self.frame.assign(**{column: new})
        return replace(self, frame=frame, entries=(*self.entries, entry), asked=asked)

    def reject(self, step: str, reasons: pd.Series[str], done: str) -> Self:
        """Leave out the rows that ``reasons`` (indexed by line) gives a reason for."""
        asked = self.asked + 1
        if reasons.empty:
            return replace(self, asked=asked)
        kept = ~np.isin(self.frame.index, reasons.index)
        if kept.sum() + len(reasons) != len(kept):
            raise KeyError("a row that is no longer kept cannot be rejected")
        entry = Entry(asked, step, "", len(reasons), f"rejected: {done}")
        places = self.study.sources[self.table].places(reasons.index.tolist())
        rows = tuple((self.table, *at, why) for at, why in zip(places, reasons, strict=True))
        return replace(
            self,
            frame=_rows(self.frame, kept),
            entries=(*self.entries, entry),
            rejected=(*self.rejected, *rows),
            asked=asked,
        )

    def object(self, problems: list[str]) -> Self:
        """Note problems that make the file unusable."""
        return replace(self, problems=(*self.problems, *problems))

    def account(self) -> tuple[str, str, int, int, int, int]:
        """Give the rows read, rejected, kept, and kept with at least one cell changed."""
        return (
            self.table,
            self.file,
            len(self.raw),
            len(self.rejected),
            len(self.frame),
            int(self._changed.sum()),
        )


def _rows(frame: pd.DataFrame, kept: npt.NDArray[np.bool_]) -> pd.DataFrame:
    """Give some rows, column by column: of text that takes less time than all at once."""
    cells = {column: frame[column].array[kept] for column in frame}
    return pd.DataFrame(cells, index=frame.index[kept], columns=frame.columns)


def _kinds(old: pd.Series[str], new: pd.Series[str]) -> pd.DataFrame:
    """Give the distinct changes, in order of appearance, and how many rows each is of."""
    (before, olds), (after, news) = old.factorize(), new.factorize()
    lies, pairs = pd.factorize(before * len(news) + after)
    return pd.DataFrame(
        {"old": olds[pairs // len(news)], "new": news[pairs % len(news)], "rows": np.bincount(lies)}
    )


def _examples(changes: pd.DataFrame) -> str:
    """Show the commonest changes, ties in order of appearance."""
    commonest = changes.iloc[np.argsort(-changes["rows"].to_numpy(), kind="stable")[:4]]
    shown = [f"{e.old!r} to {e.new!r} ({e.rows})" for e in commonest.itertuples()]
    rest = len(changes) - len(shown)
    return "; ".join(shown) + (f"; and {rest} more" if rest else "")


def kind_of(reason: str) -> str:
    """Blank out what single cells held, so that rows left out for the same reason are alike."""
    return re.sub(r"'.*'|\d{4}-\d\d-\d\d|(?<!\S)\S*\d\S*", "…", reason)
