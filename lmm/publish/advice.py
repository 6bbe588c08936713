"""What is worth a look: nothing of it stops a run, and each may make its numbers mean less."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain

import pandas as pd

from lmm.cleaning.cells import columns_of, heading
from lmm.cleaning.keys import alike
from lmm.cleaning.ledger import Ledger
from lmm.study.declared import STUDY_FILE
from lmm.study.problems import Problem, counted
from lmm.study.setting import contract_year
from lmm.study.source import ROW_NUMBER
from lmm.study.study import Study

FEW = 0.2
"""A greater share of rows left out, or of a column not recorded, is worth a look."""

LONG = 30
"""Years that a period may have before it is probably mistyped."""

Kept = Mapping[str, pd.DataFrame]


def advice(
    study: Study,
    books: Sequence[Ledger],
    kept: Kept,
    quality: pd.DataFrame,
    timeliness: pd.DataFrame,
) -> Iterator[Problem]:
    """Give everything that is worth a look.

    Parameters
    ----------
    kept
        The clean tables by name, of those that could be cleaned.
    quality, timeliness
        As the report of a check has them.
    """
    yield from _of_the_study(study)
    for book in books:
        if book.table in kept:
            yield from chain(_few(book), _alike(book), _identical(book), _reused(book, books))
            yield from chain(_collapsed(book), _never_twice(book))
    yield from _overfull(study, kept)
    yield from _other_years(study, kept)
    yield from _seldom(study, quality)
    yield from _late(timeliness)


def _of_the_study(study: Study) -> Iterator[Problem]:
    start, end = study.period.start, study.period.end
    if study.draft:
        fix = "look through the file and remove the line"
        yield Problem("draft: true still stands: `lmm run` refuses", file=STUDY_FILE, fix=fix)
    if (end - start).days > LONG * 366:
        why = f"the period, {start} to {end}, is longer than {LONG} years"
        yield Problem(why, file=STUDY_FILE, fix="correct its dates")
    days = pd.date_range(start, end)
    for closure in study.closures:
        days = days[(days < pd.Timestamp(closure.start)) | (days > pd.Timestamp(closure.end))]
    if not len(days):
        why = "the closures cover the whole period: nothing could have happened"
        yield Problem(why, file=STUDY_FILE, fix="correct their dates")
    if study.keeps("feedback_forms") and not study.keeps("course_attendance"):
        why = "satisfaction is not reported, because no table of course attendance is kept"
        fix = "map course_attendance, or declare feedback_forms absent as well"
        yield Problem(why, file=STUDY_FILE, fix=fix)


def _few(book: Ledger) -> Iterator[Problem]:
    read, used = len(book.raw), len(book.frame)
    if not read and book.study.keeps(book.table):
        why = f"the table {book.table} has headings and no rows: it will count as none"
        fix = "if the service does not keep it, declare it absent"
        yield Problem(why, file=book.file, fix=fix)
    elif used < (1 - FEW) * read:
        why = f"{read - used} of {read} rows are left out"
        yield Problem(why, file=book.file, fix="see the reasons above")


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
    if book.table == "course_attendance" and again > FEW * len(book.raw):
        yield Problem(
            f"{again} of {len(book.raw)} rows name a person again: an attendance is counted once "
            "for a person and course",
            file=book.file,
            fix="if each row is one session, give each session its own row among the courses",
        )


OFTEN = 10
"""Rows from which on some people would be expected to have come twice."""

COME_AGAIN = {"course_attendance": "staff_id", "family_contacts": "family_id"}


def _never_twice(book: Ledger) -> Iterator[Problem]:
    """Say that nobody ever came again: the column may number rows or tickets, not people."""
    if book.table not in COME_AGAIN or len(book.frame) < OFTEN:
        return
    name = COME_AGAIN[book.table]
    could = book.table != "course_attendance" or len(set(book.frame["course_id"])) > 1
    if could and not book.frame[name].duplicated().any():
        yield Problem(
            f"no identifier stands twice in {len(book.frame)} rows: if these are numbers of rows, "
            "tickets or orders, one person counts as several",
            file=book.file,
            column=heading(book, name),
            fix="name the column that tells people apart",
        )


def _overfull(study: Study, kept: Kept) -> Iterator[Problem]:
    if not {"courses", "course_attendance"} <= kept.keys() or "places" not in kept["courses"]:
        return
    register = kept["course_attendance"]
    came = register[register["attended"] == "yes"].groupby("course_id").size()
    places = kept["courses"].set_index("course_id")["places"]
    found = pd.DataFrame({"came": came, "places": places}).dropna()
    found = found[found["came"] > found["places"]]
    if len(found):
        course, (people, offered) = next(found.iterrows())
        yield Problem(
            f"{counted(len(found), 'course')} had more people than places, such as {course}: "
            f"{people:.0f} attended, {offered:.0f} places",
            file=", ".join(study.sources["course_attendance"].files),
            fix="correct the places, or the register",
        )


def _other_years(study: Study, kept: Kept) -> Iterator[Problem]:
    if "targets" not in kept:
        return
    days = pd.Series(pd.date_range(study.period.start, study.period.end))
    years = set(contract_year(days, study.contract_year_starts))
    other = [year for year in kept["targets"]["contract_year"].unique() if year not in years]
    if other:
        yield Problem(
            f"the targets for {', '.join(other)} lie outside the period, and are not looked at",
            file=", ".join(study.sources["targets"].files) or STUDY_FILE,
            fix="correct the year, or the period",
        )


ROWS_OF_PEOPLE = ("course_attendance", "feedback_forms", "consultations", "families",
                  "family_contacts")  # fmt: skip


def _seldom(study: Study, quality: pd.DataFrame) -> Iterator[Problem]:
    for row in quality.to_dict("records"):
        share, table = row["share_recorded"], str(row["table"])
        later = str(row["column"]).endswith("_on") or table not in ROWS_OF_PEOPLE
        if share is not None and share < 1 - FEW and not later:
            source = study.sources[table]
            yield Problem(
                f"is recorded in {share:.0%} of the rows",
                file=", ".join(source.files),
                sheet=", ".join(source.sheets),
                column=source.heading(row["column"]),
            )


def _late(timeliness: pd.DataFrame) -> Iterator[Problem]:
    for row in timeliness.to_dict("records"):
        if pd.notna(behind := row["days_to_period_end"]) and behind > 62:
            why = f"{row['table']}: the last record is {behind} days before the period ends"
            yield Problem(why, fix="set the period's end, or wait for the records")
