"""Exports of a service -> a draft of what study.yaml should say of them.

Everything found is a proposal, with the reason for it; `lmm.start.wording` writes it down for
a person to confirm. Cells of columns that look like direct identifiers are never kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from lmm.cleaning.headings import is_value
from lmm.start.days import date_formats, period
from lmm.start.joining import read_files
from lmm.start.labels import seen, vocabularies
from lmm.start.matching import assign, nearest
from lmm.start.proposals import Draft, Part, TableDraft, defaults, of_kind
from lmm.start.scales import asks_for_answers, satisfaction, with_items
from lmm.study.problems import Problem, StudyError
from lmm.study.tables import TABLES


def draft_from(service: str, files: Sequence[Path]) -> Draft:
    """Draft a study from existing exports.

    Raises
    ------
    StudyError
        Naming each file that cannot be read; or each sheet, if none of them is a table.
    """
    parts, unread = read_files(files)
    tables, matched = assign(parts)
    if not tables:
        raise StudyError(*nothing_recognised(parts))
    scale = satisfaction(tables, matched)
    dates = of_kind("date", tables, matched)
    formats, about_dates = date_formats([cell for _, cells in dates for cell in cells])
    start, end, about_period = period(_happened(tables, matched), formats)
    left = [part for part in parts if not any(part is used for used in matched.values())]
    return Draft(
        service=service,
        start=start,
        end=end,
        vocabularies=vocabularies(tables, matched),
        scale=scale.answers,
        high=scale.high,
        items=scale.items,
        overall=scale.overall,
        tables=with_items(tables, scale.items),
        date_formats=formats,
        missing=("", *seen(parts, defaults()["missing"])),
        total_row=tuple(seen(parts, defaults()["totals"])) or ("total",),
        remarks={"date_formats": about_dates, "scale": scale.remark, "period": about_period},
        lacking=_lacking(left, tables),
        unused=tuple(f"{part.place}. Nearest: {nearest(part)}" for part in left),
        unread=tuple(unread),
    )


def nothing_recognised(parts: Sequence[Part]) -> list[str]:
    """Say what was found in each sheet of files that hold none of the tables, and what to do."""
    if not parts:
        return ["no table was found in the files: headings and rows are needed"]
    return [
        *(
            Problem(
                f"none of the tables is recognised; {headings_told(part)}",
                file=", ".join(part.files),
                sheet=", ".join(part.sheets),
                line=part.heading_lines[-1],
                fix=f"nearest: {nearest(part)}",
            )
            for part in parts
        ),
        "nothing is drafted: name the headings in English and as the guide does, or begin with "
        "`lmm new` without --from and write your headings into its study.yaml",
    ]


def headings_told(part: Part) -> str:
    """List the headings of a sheet, but for those of a line that may be a record."""
    if any(map(is_value, part.headings)):
        return "its first line looks like a record, not like headings"
    return f"its headings are {', '.join(map(repr, part.headings[:40]))}"


def _happened(tables: dict[str, TableDraft], matched: dict[str, Part]) -> dict[str, list[str]]:
    """Give the cells of the dates by which rows belong to a period, by heading and table."""
    return {
        f"{tables[table].columns[name].heading} ({table.replace('_', ' ')})": cells
        for (table, name), cells in of_kind("date", tables, matched)
        if name == TABLES[table].own_date and not tables[table].columns[name].is_open
    }


def _lacking(left: Sequence[Part], tables: dict[str, TableDraft]) -> dict[str, str]:
    """Say of tables that are absent what would make them be there."""
    found = {}
    if "feedback_forms" not in tables and (forms := [p for p in left if asks_for_answers(p) == 1]):
        found["feedback_forms"] = (
            f"{forms[0].place} looks like forms, and forms need a day or a course: add a column "
            "with the day of each form; or with its course, and a sheet with one row a course"
        )
    for table in tables:
        for parent in TABLES[table].parents.keys() - tables.keys():
            why = "is counted without it" if TABLES[table].own_date else "needs it"
            found[parent] = f"{TABLES[parent].row}: none was found, and {table} {why}"
    return found
