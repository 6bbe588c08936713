"""Records that may be the same although they count as two, and others that are one too few."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain

from lmm.cleaning.cells import columns_of, heading
from lmm.cleaning.keys import alike
from lmm.cleaning.ledger import Ledger
from lmm.counting.counted_tables import people
from lmm.counting.declared import measures_of
from lmm.study.problems import Problem, counted
from lmm.study.source import ROW_NUMBER

FEW = 0.2
"""A greater share of rows that name a person again is worth a look."""


def told_apart(book: Ledger, books: Sequence[Ledger]) -> Iterator[Problem]:
    """Give what is worth a look of the identifiers of a table; ``books`` are those of all."""
    yield from chain(_alike(book), _identical(book), _reused(book, books))
    yield from chain(_collapsed(book), _never_twice(book))


def _alike(book: Ledger) -> Iterator[Problem]:
    for name, column in columns_of(book).items():
        if (
            column.kind == "identifier"
            and not column.refers_to
            and (why := alike(book.frame[name].unique()))
        ):
            yield Problem(
                f"{why}: they count as two",
                file=book.file,
                column=heading(book, name),
                fix="if they are one, write them alike",
            )


def _identical(book: Ledger) -> Iterator[Problem]:
    """Say how many numbered rows are the same: two events, or one that was entered twice."""
    headings = book.study.sources[book.table].columns
    numbered = [name for name, title in headings.items() if title == ROW_NUMBER]
    same = book.frame.drop(columns=numbered).duplicated().sum()
    if numbered and same and book.table != "feedback_forms":  # two people may answer alike
        yield Problem(
            f"{counted(int(same), 'row')} the same as an earlier one, and counted: rows "
            "without an identifier cannot be told from rows that were entered twice",
            file=book.file,
            fix="if some were, remove them from the file",
        )


def _reused(book: Ledger, books: Sequence[Ledger]) -> Iterator[Problem]:
    """Say what else goes when an identifier stands for different records."""
    shared = "different records share "
    reused = [row[-1].removeprefix(shared) for row in book.rejected if row[-1].startswith(shared)]
    lost: dict[str, int] = {}
    for child in books:
        for name, column in columns_of(child).items():
            if reused and column.refers_to == book.table:
                title = heading(child, name)
                gone = {f"{title} {key} is not among the clean {book.table}" for key in reused}
                lost[child.table] = sum(row[-1] in gone for row in child.rejected)
    if rows := [f"{counted(n, 'row')} of {table}" for table, n in lost.items() if n]:
        yield Problem(
            f"{counted(len(set(reused)), 'identifier')} given to different records, such as "
            f"{reused[0]!r}: {' and '.join(rows)} that refer to them are left out as well",
            file=book.file,
            fix="give each record its own identifier",
        )


REPEATS = ("repeats an earlier row", "same person twice")


def _collapsed(book: Ledger) -> Iterator[Problem]:
    again = sum(row[-1].startswith(REPEATS) for row in book.rejected)
    if "one_attendance" in book.declared.steps and again > FEW * len(book.raw):
        yield Problem(
            f"{again} of {len(book.raw)} rows name a person again: an attendance is counted once "
            "for a person and course",
            file=book.file,
            fix="if each row is one session, give each session its own row among the courses",
        )


OFTEN = 10
"""Rows from which on some people would be expected to have come twice."""


def _never_twice(book: Ledger) -> Iterator[Problem]:
    """Say that nobody ever came again: the column may number rows or tickets, not people."""
    name = people(measures_of(book.study)).get(book.table, "")
    if name not in book.frame or len(book.frame) < OFTEN:
        return
    beside = [column for column in book.declared.key if column != name]
    could = name not in book.declared.key or len(book.frame.drop_duplicates(beside)) > 1
    if could and not book.frame[name].duplicated().any():
        yield Problem(
            f"no identifier stands twice in {len(book.frame)} rows: if these are numbers of rows, "
            "tickets or orders, one person counts as several",
            file=book.file,
            column=heading(book, name),
            fix="name the column that tells people apart",
        )
