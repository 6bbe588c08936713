"""What came of a verification, as lines of a table, as JSON, and as a page."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup

from lmm import __version__
from lmm.publish.report import read_report
from lmm.publish.site import VERIFIED, write_verified
from lmm.review.verify.again import Verification
from lmm.review.verify.folders import ACCOUNT
from lmm.review.verify.item import Item, Verdict
from lmm.showing.tables import Column, Group, Readable
from lmm.study.problems import StudyError, visible
from lmm.study.study import Study

OTHER, ORIGIN = "What is other, or was not checked", "What both were made from"
"""Headings of what there is to say."""

VERDICTS: tuple[Verdict, ...] = ("reproduced", "changed", "not checked")


def verdict(verification: Verification) -> str:
    """Say in a sentence what came of it."""
    found = [each.verdict for each in verification.results]
    said = ", ".join(f"{found.count(each)} {each}" for each in VERDICTS)
    whole = "Everything that was checked is reproduced"
    return f"{whole if verification.succeeded else 'Something has changed'}: {said}."


def sums(items: Iterable[Item]) -> list[tuple[str, int, int, int]]:
    """Count items by kind and verdict."""
    found: dict[str, list[int]] = {}
    for each in items:
        found.setdefault(each.kind, [0, 0, 0])[VERDICTS.index(each.verdict)] += 1
    return [(kind, *(n[0], n[1], n[2])) for kind, n in found.items()]


def told(items: Iterable[Item]) -> list[Item]:
    """Give what there is to say: what changed first, then what was not checked or needs a word.

    Files that are not held for one reason are told once.
    """
    order = {"changed": 0, "not checked": 1, "reproduced": 2}
    said: dict[tuple[str, str, str], list[Item]] = {}
    for each in sorted((x for x in items if not x.is_exact), key=lambda x: order[x.verdict]):
        alone = each.name if each.verdict == "changed" else ""
        said.setdefault((each.kind, each.why, alone), []).append(each)
    return [_together(group) for group in said.values()]


def _together(items: Sequence[Item]) -> Item:
    """Give one item for several of which the same is said."""
    first, *more = items
    if not more:
        return first
    return Item(first.kind, f"{first.name} and {len(more)} more", first.verdict, first.why)


# --- as files ---------------------------------------------------------------------------------


def write(verification: Verification, study: Study, to: Path, site: Path) -> tuple[Path, Path]:
    """Write the account as JSON into a folder, and as a page into the folder of a site.

    Raises
    ------
    StudyError
        If they cannot be written.
    """
    try:
        to.mkdir(parents=True, exist_ok=True)
        (to / ACCOUNT).write_text(as_json(verification), encoding="utf-8")
        is_beside = (site / "index.html").is_file()
        paths = sorted((to / "notebooks").glob("*.ipynb")) if is_beside else []
        shown = Shown.of(verification, Path(os.path.relpath(to / ACCOUNT, site)).as_posix())
        write_verified(study, [read_report(path) for path in paths], shown, site)
    except OSError as error:
        why = error.strerror or error
        raise StudyError(f"{error.filename or to}: {why}; name another folder with --to") from None
    return to / ACCOUNT, site / VERIFIED


def as_json(verification: Verification) -> str:
    """Give the account for programs: every item, also those that are reproduced."""
    account = {
        "service": verification.what,
        "records": verification.mark,
        "compared_with": verification.against,
        "lmm": __version__,
        "succeeded": verification.succeeded,
        "verdict": verdict(verification),
        "items": [each.as_record() for each in verification.items],
    }
    return json.dumps(account, indent=2, ensure_ascii=False) + "\n"


@dataclass(frozen=True)
class Part:
    """A part of the page: a table under a heading, or what is said in place of one."""

    place: str
    heading: str
    html: Markup
    nothing: str = ""


@dataclass(frozen=True)
class Shown:
    """What the page shows; the account is where the page leads to."""

    verdict: str
    how: str
    account: str
    tables: tuple[Part, ...]

    @classmethod
    def of(cls, verification: Verification, account: str) -> Shown:
        """Lay a verification out."""
        results, origin = verification.results, verification.made_from
        how = (
            "Everything was made once more, in a folder of its own, and compared by value with "
            f"{visible(verification.against)}. Every claim and file is listed in"
        )
        parts = (
            _part("sums", "By kind", "How many came out again", _sums(results)),
            _part("told", OTHER, "Each difference with its size and place", _told(told(results))),
            _part("origin", ORIGIN, "What may explain differences", _told(origin)),
        )
        return cls(verdict(verification), how, account, parts)


def _part(place: str, heading: str, caption: str, table: Readable) -> Part:
    if not table.groups:
        return Part(place, heading, Markup(), "Nothing: all of it was checked, and is the same.")
    return Part(place, heading, Markup(table.html(caption)))


def _sums(items: Sequence[Item]) -> Readable:
    columns = (Column("What", False), *(Column(each.capitalize(), True) for each in VERDICTS))
    rows = tuple((kind, *map(str, numbers)) for kind, *numbers in sums(items))
    return Readable(columns, (Group("", rows),), "")


def _told(items: Sequence[Item]) -> Readable:
    """Lay items out by kind, without columns in which nothing is said."""
    rows = {each: _row(each) for each in items}
    headings = ("Which", "Verdict", "How", "How large", "Where")
    said = [n for n in range(len(headings)) if any(row[n] for row in rows.values())]
    kinds = dict.fromkeys(each.kind for each in items)
    groups = tuple(
        Group(
            _plural(kind) if len(kinds) > 1 else "",
            tuple(tuple(row[n] for n in said) for each, row in rows.items() if each.kind == kind),
        )
        for kind in kinds
    )
    return Readable(tuple(Column(headings[n], False) for n in said), groups, "")


def _row(item: Item) -> tuple[str, ...]:
    cells = (item.name, item.word, item.why, item.size, item.places)
    return tuple(visible(cell) for cell in cells)


def _plural(kind: str) -> str:
    return "Counts" if kind == "counts" else f"{kind.capitalize()}s"
