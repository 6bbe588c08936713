"""Exports of a service -> a draft of what study.yaml should say of them.

Everything found is a proposal, with the reason for it; `lmm.start.wording` writes it down for
a person to confirm. Cells of columns that look like direct identifiers are never kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from lmm.problems import StudyError
from lmm.start.cells import date_formats, period, satisfaction, seen, vocabularies, with_items
from lmm.start.matching import assign, joined, of_kind, parts_of
from lmm.start.proposals import Draft, Part, defaults


def draft_from(service: str, files: Sequence[Path]) -> Draft:
    """Draft a study from existing exports.

    Raises
    ------
    StudyError
        Naming each file that cannot be read.
    """
    parts: list[Part] = []
    problems: list[str] = []
    for file in files:
        try:
            parts += parts_of(file)
        except StudyError as error:
            problems += error.problems
    if problems:
        raise StudyError(*problems)
    parts = joined(parts)
    tables, matched = assign(parts)
    items, scale, remark = satisfaction(tables, matched)
    dates = dict(of_kind("date", tables, matched))
    formats, about_dates = date_formats([c for cells in dates.values() for c in cells])
    happened = [cells for (_, name), cells in dates.items() if name in ("date", "referred_on")]
    start, end = period(happened, formats)
    return Draft(
        service=service,
        start=start,
        end=end,
        vocabularies=vocabularies(tables, matched),
        scale=scale,
        items={name: found for name, (_, found) in items.items()},
        tables=with_items(tables, items),
        date_formats=formats,
        missing=("", *seen(parts, defaults()["missing"])),
        total_row=tuple(seen(parts, defaults()["totals"])) or ("total",),
        remarks={
            "date_formats": about_dates,
            "scale": remark,
            "period": "from the dates of courses, sessions, referrals and contacts",
            "unused": ", ".join(_unused(parts, matched)),
        },
    )


def _unused(parts: Sequence[Part], matched: Mapping[str, Part]) -> Iterable[str]:
    used = [id(part) for part in matched.values()]
    for part in parts:
        if id(part) not in used:
            sheets = "".join(f", sheet {name}" for name in part.sheets)
            yield from (f"{file}{sheets}" for file in part.files)
