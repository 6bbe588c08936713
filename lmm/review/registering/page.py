"""The page by which a registration is read; the files beside it hold what counts."""

from __future__ import annotations

from lmm.showing.wording import titled
from lmm.study.problems import visible
from lmm.study.registration import Entry

HEAD = """
Written by `lmm register`; the JSON files beside it hold all of it, and this page is for readers.
They freeze the measures, targets, cut-offs and rules, the code of each table and figure, and
the library's. Do not edit them: each holds its own digest and that of the one before it. A
change of the plan is an amendment: `lmm register --amend --because "..."`.

What they cannot show: whether somebody had looked at the records without lmm, or whether the
note of the first read was removed. A copy that others keep, such as a commit that was pushed or
a deposit in a registry, shows when it was made.
"""


def page(entries: tuple[Entry, ...]) -> str:
    """Write the page, as Markdown."""
    lines = [f"# Registration: {visible(entries[0].said['service'])}", "", HEAD.strip(), ""]
    for number, entry in enumerate(entries):
        kind = f"Amendment {number}" if number else "Registration"
        lines += [f"## {kind}, {entry.said['when']}", "", *_said(entry), ""]
    lines += ["## Planned tables and figures", "", "| report | result | title |", "|---|---|---|"]
    lines += [
        f"| {each.notebook} | {name} | {visible(each.title) or titled(name.partition(' ')[2])}"
        f"{' (first page)' if each.first_page else ''} |"
        for name, each in entries[-1].results.items()
    ]
    return "\n".join(lines) + "\n"


def _said(entry: Entry) -> list[str]:
    said = entry.said
    read = said["records_first_read"]
    lines = [
        f"- Why: {visible(entry.because)}" if entry.because else "",
        *(f"- Changed: {visible(each)}" for each in said["changes"]),
        f"- lmm had first read the records on {read}." if read
        else "- lmm had not read any record.",
        f"- Files of records that were there, unread: {said['files_of_records_there']}."
        if not read else "",
        f"- Plan in words: `{said['plan']['file']}`, SHA-256 `{said['plan']['sha256']}`."
        if said["plan"] else "",
        f"- lmm {said['lmm']}; {len(entry.results)} tables and figures, each made once from rows "
        "that nobody made.",
        f"- SHA-256 of this entry: `{entry.digest}`.",
    ]  # fmt: skip
    return [line for line in lines if line]
