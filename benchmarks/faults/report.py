"""The page of the benchmark, made from its tables."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import jinja2

from benchmarks.faults import clean
from benchmarks.faults.table import Row, rows_of

HERE = Path(__file__).resolve().parent
PAGE = HERE / "README.md"
EQUIVALENT = HERE / "equivalent.csv"


def write(rows: dict[str, Row]) -> None:
    """Write the page."""
    PAGE.write_text(page(rows, equivalent(), alarms()), encoding="utf-8")


def equivalent() -> dict[str, str]:
    """Give the mutations that no test can tell apart from the program, with the reason."""
    return {row["id"]: row["reason"] for row in rows_of(EQUIVALENT)}


def alarms() -> list[dict[str, str]]:
    """Give the rows of the runs on an unspoilt copy."""
    return rows_of(clean.PLACE)


def page(rows: dict[str, Row], known: dict[str, str], runs: list[dict[str, str]]) -> str:
    """Lay out the page from the tables."""
    template = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    ).get_template("README.md.j2")
    every = sorted((row for row in rows.values() if row.id not in known), key=lambda row: row.id)
    generated = [row for row in every if row.generated == "yes"]
    kinds = [
        (kind, [row for row in every if row.kind == kind])
        for kind in sorted({row.kind for row in every})
    ]
    asked = [row for row in every if row.tests]
    left = [row for row in asked if not _is_caught(row)]
    return template.render(
        rows=every,
        asked=asked,
        kinds=kinds,
        generated=generated,
        equivalent=[(rows[id_], why) for id_, why in known.items() if id_ in rows],
        left=left,
        runs=runs,
        share=share,
        either=either,
    )


def _is_caught(row: Row) -> bool:
    return "yes" in (row.tests, row.verify)


def either(rows: Iterable[Row]) -> str:
    """Give the share that `make test` or `lmm verify` catches, if both were asked of all."""
    every = list(rows)
    if any(row.tests != "yes" and not row.verify for row in every):
        return "not run"
    return _in_words(sum(map(_is_caught, every)), len(every))


def share(rows: Iterable[Row], check: str) -> str:
    """Give how many a check catches of those of which it was asked; of all, in percent, too."""
    every = [getattr(row, check) for row in rows]
    asked = [answer for answer in every if answer]
    if len(asked) < len(every):
        return f"{asked.count('yes')} of {len(asked)} asked" if asked else "not run"
    return _in_words(asked.count("yes"), len(asked))


def _in_words(caught: int, of: int) -> str:
    return f"{caught} of {of} ({caught / of:.1%})" if of else "none"
