"""The description of the raw files, generated from what made them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lmm.cleaning.dictionary import data_dictionary
from lmm.study.study import Study
from lmm.synthetic.inputs import read_entries
from lmm.synthetic.untidy import BYTE_ORDER_MARK, KINDS, WINDOWS_LINES

HEAD = """\
# Raw records: synthetic

**All records in this folder are synthetic. They were made by a program and describe nobody:
no member of staff, no family, no session that took place.** They are in the public domain
(CC0 1.0).

They stand in for the records of {service}, which are not public. The program is
`lmm/synthetic`; `lmm synth` writes the same bytes each time, and nothing here is edited by
hand. Once the untidiness described below has been cleaned away, the records give exactly the
figures that the service published. To find those figures in them again therefore confirms the
calculation, and says nothing about the service.

`{targets}` and `{published}` hold no records: the first is
illustrative, the second quotes the published summary.
"""

STUDY_INPUTS = """\
The first and the last day ({start} to {end}) and the day of the {event}
({day}) come from `study.yaml`. Everything else is in
`lmm/synthetic/inputs.yaml`: *published* with its source, or *assumed* with the reason.
"""


@dataclass(frozen=True)
class RawFile:
    """One raw file before it is written: its bytes, and what there is to say of them."""

    name: str
    content: bytes
    rows: int
    encoding: str
    lines: str


def describe(study: Study, files: Sequence[RawFile]) -> str:
    """Write the README of the raw files as Markdown."""
    parts = [
        HEAD.format(
            service=study.service,
            targets=study.sources["targets"].files[0],
            published=study.sources["published_figures"].files[0],
        ),
        "## Files\n",
        _files_table(files),
        "Rows are counted without the heading and with the rows that cleaning rejects.\n",
        "## What is untidy, on purpose\n",
        _table(("kind", "what it is", "files"), _kinds(study)),
        "Rows that cleaning has to reject have identifiers from 900 or 9000 up, repeat another\n"
        "row, or hold no record.\n",
        "## What the records were made from\n",
        STUDY_INPUTS.format(
            **study.period.model_dump(), event=study.event.name, day=study.event.date
        ),
        _inputs_table(),
        "## Data dictionary\n",
        "The tables as they are after cleaning; the headings are those of the files here.\n",
        data_dictionary(study) + "\n",
    ]
    return "\n".join(parts)


def _files_table(files: Sequence[RawFile]) -> str:
    return _table(
        ("file", "encoding", "line ends", "rows"),
        [(f"`{file.name}`", file.encoding, file.lines, file.rows) for file in files],
    )


def _kinds(study: Study) -> list[tuple[str, str, str]]:
    windows = tuple(t for t, source in study.sources.items() if source.encoding == "cp1252")
    kinds = [(name, kind.description, kind.tables) for name, kind in KINDS.items()]
    kinds += [
        ("byte-order mark", "UTF-8 as Excel saves it", BYTE_ORDER_MARK),
        ("Windows line ends", "CR LF in some files, LF in the others", WINDOWS_LINES),
        ("Windows encoding", "cp1252 where the others are UTF-8", windows),
    ]
    return [
        (name, what, ", ".join(f"`{study.sources[table].files[0]}`" for table in tables))
        for name, what, tables in kinds
    ]


def _inputs_table() -> str:
    return _table(
        ("input", "value", "status", "source or reason"),
        [
            (f"`{name}`", _shown(entry.value), entry.status, entry.source or entry.reason)
            for name, entry in read_entries().items()
        ],
    )


def _shown(value: Any) -> str:
    """Show a value of the inputs in one line."""
    if isinstance(value, dict):
        return ", ".join(
            f"{key} ({_shown(item)})" if isinstance(item, dict) else f"{key}: {_shown(item)}"
            for key, item in value.items()
        )
    if isinstance(value, list):
        return ", ".join(_shown(item) for item in value)
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def _table(heading: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    lines = [heading, ["---"] * len(heading), *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines) + "\n"
