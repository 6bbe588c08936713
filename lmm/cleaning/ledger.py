"""Row and cell accounting: what a cleaning step may do, and the record of what it did.

A step can change cells, reject rows, or object to the file. Each goes through `Ledger`,
which compares before and after by itself, so that no step can forget to say what it did.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Concatenate, ParamSpec, Self

import numpy as np
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
class Ledger:
    """A table in the course of cleaning; every method returns a new one.

    Attributes
    ----------
    raw
        The frame as read: text, indexed by line number in the file.
    frame
        The rows still kept, as text in canonical form ("" where not recorded).
    log, rejected, problems
        What was done; which rows were left out and why; what stops the run.
    parents
        The clean tables that this one refers to, as text.
    """

    table: str
    study: Study
    raw: pd.DataFrame
    frame: pd.DataFrame
    log: tuple[tuple[str, str, str, int, str], ...] = ()
    rejected: tuple[tuple[str, str, str, int, str], ...] = ()
    problems: tuple[str, ...] = ()
    parents: Mapping[str, pd.DataFrame] = field(default_factory=dict)

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
        old = self.frame[column]
        changed = old != new
        if not changed.any():
            return self
        shown = _examples(old[changed], new[changed])
        entry = (self.table, step, column, int(changed.sum()), f"{done}: {shown}")
        return replace(self, frame=self.frame.assign(**{column: new}), log=(*self.log, entry))

    def reject(self, step: str, reasons: pd.Series[str], done: str) -> Self:
        """Leave out the rows that ``reasons`` (indexed by line) gives a reason for."""
        if reasons.empty:
            return self
        kept = ~self.frame.index.isin(reasons.index)
        if kept.sum() + len(reasons) != len(kept):
            raise KeyError("a row that is no longer kept cannot be rejected")
        entry = (self.table, step, "", len(reasons), f"rejected: {done}")
        places = self.study.sources[self.table].places(reasons.index.tolist())
        rows = tuple((self.table, *at, why) for at, why in zip(places, reasons, strict=True))
        return replace(
            self,
            frame=self.frame[kept],
            log=(*self.log, entry),
            rejected=(*self.rejected, *rows),
        )

    def object(self, problems: list[str]) -> Self:
        """Note problems that make the file unusable."""
        return replace(self, problems=(*self.problems, *problems))

    def account(self) -> tuple[str, str, int, int, int, int]:
        """Give the rows read, rejected, kept, and kept with at least one cell changed."""
        fixed = (self.frame != self.raw.loc[self.frame.index]).any(axis=1)
        return (
            self.table,
            self.file,
            len(self.raw),
            len(self.rejected),
            len(self.frame),
            int(fixed.sum()),
        )


def _examples(old: pd.Series[str], new: pd.Series[str]) -> str:
    """Show the commonest changes, ties in order of appearance."""
    (before, olds), (after, news) = old.factorize(), new.factorize()
    lies, pairs = pd.factorize(before * len(news) + after)
    often = np.bincount(lies)
    shown = [
        f"{olds[pairs[n] // len(news)]!r} to {news[pairs[n] % len(news)]!r} ({often[n]})"
        for n in np.argsort(-often, kind="stable")[:4]
    ]
    rest = len(pairs) - len(shown)
    return "; ".join(shown) + (f"; and {rest} more" if rest else "")


def kind_of(reason: str) -> str:
    """Blank out what single cells held, so that rows left out for the same reason are alike."""
    return re.sub(r"'.*'|\d{4}-\d\d-\d\d|(?<!\S)\S*\d\S*", "…", reason)
