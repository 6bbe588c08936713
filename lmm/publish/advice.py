"""What is worth a look: nothing of it stops a run, and each may make its numbers mean less."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain

import pandas as pd

from lmm.cleaning.ledger import Ledger
from lmm.counting.counted_tables import of_people
from lmm.counting.declared import measures_of
from lmm.publish.told_apart import told_apart
from lmm.study.declared import STUDY_FILE
from lmm.study.problems import Problem, counted
from lmm.study.setting import contract_year
from lmm.study.study import Study
from lmm.study.tables import TABLES, tables_of

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
    yield from _alone(study)
    for book in books:
        if book.table in kept:
            yield from chain(_few(book), told_apart(book, books))
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


def _alone(study: Study) -> Iterator[Problem]:
    """Say what is not reported of tables that are kept without those that they belong to."""
    fix = "map it if it is kept; otherwise nothing has to be done"
    for form in study.forms:
        if study.keeps(form) and not study.keeps("course_attendance"):
            why = "are reported; the response rate and the bounds over everybody who came are not"
            because = "because course_attendance is absent: it is not known who could have answered"
            yield Problem(f"the answers of {form} {why}, {because}", file=STUDY_FILE, fix=fix)
    if study.keeps("family_contacts") and not study.keeps("families"):
        why = "the contacts and the families who attended are reported; referrals, waiting times "
        why += "and the caseload are not, because families is absent"
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


def _overfull(study: Study, kept: Kept) -> Iterator[Problem]:
    if not {"courses", "course_attendance"} <= kept.keys() or "places" not in kept["courses"]:
        return
    register = kept["course_attendance"]
    yes = TABLES["course_attendance"].columns["attended"].counted
    came = register[register["attended"] == yes].groupby("course_id").size()
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


def _seldom(study: Study, quality: pd.DataFrame) -> Iterator[Problem]:
    about_people, tables = of_people(measures_of(study)), tables_of(study)
    for row in quality.to_dict("records"):
        share, table = row["share_recorded"], str(row["table"])
        later = row["column"] in tables[table].unknown_after_end
        if share is not None and share < 1 - FEW and table in about_people and not later:
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
