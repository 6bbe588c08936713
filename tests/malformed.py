"""A small good study, and every way of spoiling it that a test knows.

The first line of each workbook, file and folder made here is invented.
"""

from __future__ import annotations

import io
import os
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from openpyxl import Workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904

STUDY = """\
service: Small
records: synthetic
period: {start: 2020-01-01, end: 2020-12-31}
event: {date: 2020-06-01, name: event}
contract_year_starts: 4
disclosure: none
staff_trained_counts: people
date_formats: ["%d/%m/%Y"]
missing: ["", "-"]
total_row: [total]
satisfaction:
  scale: {poor: [], fair: [], good: []}
  high: [good]
  overall: overall
  items: {overall: Overall}
nearly_met: {rule: green, definition: Green.}
vocabularies:
  topic: {play: [], sleep: []}
  mode: {in person: [], online: []}
  role: {nurse: [], midwife: []}
  consultation_kind: {advice: []}
  contact_kind: {visit: []}
  contact_outcome: {attended: [], missed: []}
  yes_no: {"yes": [y], "no": [n]}
tables:
  courses:
    file: courses.csv
    columns: {course_id: Course, topic: Topic, date: Day, mode: How, places: Places}
  course_attendance:
    file: register.csv
    columns: {course_id: Course, staff_id: Person, role: Job, attended: Came}
  feedback_forms:
    file: forms.csv
    columns: {form_id: Form, course_id: Course, overall: Overall}
  consultations:
    file: sessions.csv
    columns: {session_id: Session, date: Day, kind: Kind, mode: How, minutes: Minutes}
  families:
    file: families.csv
    columns: {family_id: Family, referred_on: Referred, accepted_on: Accepted}
  family_contacts:
    file: contacts.csv
    columns: {contact_id: Contact, family_id: Family, date: Day, kind: Kind, mode: How, outcome: Outcome}
  targets: absent
  published_figures: absent
"""

FILES = {
    "courses.csv": "Course,Topic,Day,How,Places\nC1,play,05/02/2020,in person,20\n"
    "C2,sleep,06/03/2020,online,20\n",
    "register.csv": "Course,Person,Job,Came\nC1,P1,nurse,yes\nC1,P2,midwife,no\nC2,P1,nurse,yes\n",
    "forms.csv": "Form,Course,Overall\nF1,C1,good\nF2,C2,fair\n",
    "sessions.csv": "Session,Day,Kind,How,Minutes\nS1,07/02/2020,advice,online,45\n"
    "S2,08/02/2020,advice,online,30\n",
    "families.csv": "Family,Referred,Accepted\nA1,01/02/2020,03/02/2020\nA2,02/02/2020,\n",
    "contacts.csv": "Contact,Family,Day,Kind,How,Outcome\nK1,A1,10/02/2020,visit,in person,attended\n"
    "K2,A1,11/02/2020,visit,in person,missed\n",
}

Spoil = Callable[[Path], None]


def make(folder: Path) -> Path:
    """Write the good study."""
    raw = folder / "data" / "raw"
    raw.mkdir(parents=True)
    (folder / "study.yaml").write_text(STUDY, encoding="utf-8")
    for name, text in FILES.items():
        (raw / name).write_text(text, encoding="utf-8")
    return folder


@dataclass(frozen=True)
class Case:
    """One way to spoil the study.

    Attributes
    ----------
    stops
        Beginnings or parts of the messages that stop a run, one each and in order.
    left_out
        The same of rows that are left out.
    cells
        ``table.column`` and the values that it has after cleaning.
    """

    spoil: Spoil
    stops: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    cells: tuple[str, list[Any]] | None = None


def _raw(folder: Path, name: str) -> Path:
    return folder / "data" / "raw" / name


def text(name: str, content: str, encoding: str = "utf-8") -> Spoil:
    return lambda folder: _raw(folder, name).write_bytes(content.encode(encoding)) and None


def data(name: str, content: bytes) -> Spoil:
    return lambda folder: _raw(folder, name).write_bytes(content) and None


def swap(name: str, old: str, new: str) -> Spoil:
    def spoil(folder: Path) -> None:
        path = folder / name if name == "study.yaml" else _raw(folder, name)
        content = path.read_text("utf-8")
        assert old in content
        path.write_text(content.replace(old, new), encoding="utf-8")

    return spoil


def both(*spoils: Spoil) -> Spoil:
    def spoil(folder: Path) -> None:
        for each in spoils:
            each(folder)

    return spoil


def courses(row: str) -> Spoil:
    """Add a row to the courses."""
    return swap("courses.csv", "C1,", f"{row}\nC1,")


COURSES = [["Course", "Topic", "Day", "How", "Places"],
           ["C1", "play", "05/02/2020", "in person", 20],
           ["C2", "sleep", "06/03/2020", "online", 20]]  # fmt: skip


def book(change: Callable[[Workbook], None] = lambda book: None, *, mac: bool = False) -> bytes:
    """Make a workbook of the courses and let ``change`` spoil it."""
    made = Workbook()
    if mac:
        made.epoch = CALENDAR_MAC_1904
    made.active.title = "Courses"
    for row in COURSES:
        made.active.append(row)
    change(made)
    buffer = io.BytesIO()
    made.save(buffer)
    return buffer.getvalue()


def workbook(
    change: Callable[[Workbook], None] = lambda book: None,
    more: str = "",
    *,
    mac: bool = False,
) -> Spoil:
    """Keep the courses in a workbook."""
    return both(
        data("courses.xlsx", book(change, mac=mac)),
        swap("study.yaml", "file: courses.csv", f"file: courses.xlsx{more}"),
    )


def named(name: str, content: bytes) -> Spoil:
    """Put something under the courses' name."""
    return both(data(name, content), swap("study.yaml", "file: courses.csv", f"file: {name}"))


def set_cell(place: str, value: Any, kind: str = "") -> Callable[[Workbook], None]:
    def change(made: Workbook) -> None:
        made["Courses"][place] = value
        if kind:
            made["Courses"][place].data_type = kind

    return change


def set_cells(values: dict[str, Any]) -> Callable[[Workbook], None]:
    def change(made: Workbook) -> None:
        for place, value in values.items():
            made["Courses"][place] = value

    return change


def above(*rows: list[Any]) -> Callable[[Workbook], None]:
    def change(made: Workbook) -> None:
        made["Courses"].insert_rows(1, len(rows))
        for n, row in enumerate(rows, 1):
            for m, cell in enumerate(row, 1):
                made["Courses"].cell(n, m, cell)

    return change


def merged_title(made: Workbook) -> None:
    above(["Our courses"])(made)
    made["Courses"].merge_cells("A1:E1")


def archive(files: dict[str, bytes], declared: int = 0) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in files.items():
            made.writestr(name, content)
    return buffer.getvalue()


PART = "xl/worksheets/sheet1.xml"
Edit = Callable[[bytes], bytes]


def edited(content: bytes, part: str, edit: Edit, move_to: str = "") -> bytes:
    """Change one part of a workbook, or move it."""
    with zipfile.ZipFile(io.BytesIO(content)) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    changed = edit(parts.pop(part))
    assert changed != content
    return archive({**parts, move_to or part: changed} if changed else parts)


def sheet_xml(old: str, new: str, content: bytes = b"") -> Spoil:
    """Replace by a regular expression in the XML of the courses' sheet."""

    def edit(xml: bytes) -> bytes:
        changed = re.sub(old.encode(), new.encode(), xml, flags=re.DOTALL)
        assert changed != xml
        return changed

    return named("courses.xlsx", edited(content or book(), PART, edit))


def elsewhere(content: bytes) -> bytes:
    """Move the sheet of a workbook to another part."""
    moved = edited(content, PART, lambda xml: xml, "xl/tables/s.xml")
    links = "xl/_rels/workbook.xml.rels"
    return edited(
        moved, links, lambda xml: re.sub(rb"/?(xl/)?worksheets/sheet1", b"/xl/tables/s", xml)
    )


def prefixed(xml: bytes) -> bytes:
    """Write the elements of a part with a prefix of their namespace."""
    return re.sub(rb"<(/?)([a-zA-Z])", rb"<\1x:\2", xml).replace(b"xmlns=", b"xmlns:x=")


def wrong_checksum(content: bytes) -> bytes:
    """Let the directory of an archive give another checksum for the sheet."""
    at = content.rindex(b"PK\x01\x02", 0, content.rindex(PART.encode()))
    return content[: at + 16] + b"\xde\xad\xbe\xef" + content[at + 20 :]


def cells_parquet(**columns: Any) -> bytes:
    """Write the courses as Parquet, with other columns."""
    given = {name: [row[n] for row in COURSES[1:]] for n, name in enumerate(COURSES[0])} | columns
    buffer = io.BytesIO()
    pq.write_table(pa.table(given), buffer)
    return buffer.getvalue()


def raw_parquet(table: pa.Table) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(table, buffer)
    return buffer.getvalue()


def not_text() -> pa.Array:
    """Make two cells that are called text and hold other bytes."""
    ends = b"".join(n.to_bytes(4, "little") for n in (0, 2, 4))
    return pa.Array.from_buffers(
        pa.string(), 2, [None, pa.py_buffer(ends), pa.py_buffer(b"\xff\xfeC2")]
    )


def bomb() -> bytes:
    """Make a workbook of which one part says that it unpacks to more than a gigabyte."""
    zeros = b"\0" * 1_000_000
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("xl/workbook.xml", "<x/>")
        made.writestr("xl/worksheets/sheet1.xml", zeros)
    content = bytearray(buffer.getvalue())
    at = content.rindex(b"PK\x01\x02")  # the directory's entry of the sheet: its size, enlarged
    content[at + 24 : at + 28] = (2_000_000_000).to_bytes(4, "little")
    return bytes(content)


def parquet(frame: pd.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.to_parquet(buffer, index=False)
    return buffer.getvalue()


UNCALCULATED = book(set_cell("E2", "=10+10"))
WITH_ERROR = book(set_cell("E2", "#REF!", "e"))
NOT_READ = "is cut off or damaged, and cannot be read ("
GOOD_PARQUET = parquet(pd.DataFrame(COURSES[1:], columns=COURSES[0]))
OLE = bytes.fromhex("D0CF11E0A1B11AE1")


def huge(folder: Path) -> None:
    """Make a file of more than 1,000 MB that takes no room on the disk."""
    with _raw(folder, "courses.csv").open("r+b") as file:
        file.truncate(1_010_000_000)


def link_file(folder: Path) -> None:
    outside = folder.parent / "outside.csv"
    outside.write_text(FILES["courses.csv"], encoding="utf-8")
    _raw(folder, "courses.csv").unlink()
    _raw(folder, "courses.csv").symlink_to(outside)


def link_folder(folder: Path) -> None:
    raw = folder / "data" / "raw"
    raw.rename(folder.parent / "elsewhere")
    raw.symlink_to(folder.parent / "elsewhere", target_is_directory=True)


def fifo(folder: Path) -> None:
    _raw(folder, "courses.csv").unlink()
    os.mkfifo(_raw(folder, "courses.csv"))


def folder_instead(folder: Path) -> None:
    _raw(folder, "courses.csv").unlink()
    _raw(folder, "courses.csv").mkdir()


def study(content: str | bytes) -> Spoil:
    raw = content.encode() if isinstance(content, str) else content
    return lambda folder: (folder / "study.yaml").write_bytes(raw) and None


BOMB = "a: &a [x]\nb: &b [*a, *a]\nc: [*b, *b]\n"
TRAVERSAL = "must be the plain name of a file in data/raw"
SECOND = "    file: [courses.csv, more.csv]"
TWO_FILES = swap("study.yaml", "    file: courses.csv", SECOND)
C = "courses.csv"
X = "courses.xlsx"

TARGET = (
    "  targets:\n    rows:\n      - {criterion: reach, indicator: families, contract_year: 2020/21,"
    " target: 70, red_below: 0.6, green_from: 1, direction: at least, agreed_on: 2019-11-01,"
    " agreed_by: x, basis: published}"
)


def target(old: str, new: str) -> Spoil:
    """Add a target, with something of it replaced."""
    assert old in TARGET
    return swap("study.yaml", "  targets: absent", TARGET.replace(old, new))


CASES: dict[str, Case] = {
    # --- text files: what they are ---
    "utf-16 declared utf-8": Case(
        text(C, FILES[C], "utf-16"),
        (f"{C}: is not utf-8 but UTF-16 text; set encoding: utf-16",),
    ),
    "cp1252 declared utf-8": Case(
        data(C, b"Course,Topic,Day,How,Places\nC1,play\x92s,05/02/2020,online,20\n"),
        (f"{C}: line 2: byte 0x92 is not utf-8 text; name the file's encoding",),
    ),
    "byte-order mark": Case(
        data(C, b"\xef\xbb\xbf" + FILES[C].encode()), cells=("courses.course_id", ["C1", "C2"])
    ),
    "utf-8 read as cp1252": Case(
        both(swap(C, "play", "plày"), swap("study.yaml", f"file: {C}", f"file: {C}\n    encoding: cp1252")),
        (f"{C}: line 2: is not cp1252 but UTF-8 text: 'à' would be read as 'Ã\\xa0'; set encoding: utf-8",),
    ),
    "utf-32": Case(
        text(C, FILES[C], "utf-32"),
        (f"{C}: is UTF-32 text, which is not read; save it once more, as UTF-8",),
    ),
    "utf-8 declared utf-16": Case(
        swap("study.yaml", f"file: {C}", f"file: {C}\n    encoding: utf-16"),
        (f"{C}: is not utf-16 text: it does not begin with its mark; set encoding: utf-8",),
    ),
    "utf-16 without its mark": Case(
        both(text(C, FILES[C], "utf-16-be"), swap("study.yaml", f"file: {C}", f"file: {C}\n    encoding: utf-16")),
        (f"{C}: is not utf-16 text: it does not begin with its mark; set encoding: utf-8, or save",),
    ),
    "cut-off utf-16": Case(
        both(data(C, FILES[C].encode("utf-16")[:-1]),
             swap("study.yaml", f"file: {C}", f"file: {C}\n    encoding: utf-16")),
        (f"{C}: line 3: is cut off, or no utf-16 text; save it once more",),
    ),
    "utf-8 with its mark declared cp1252": Case(
        both(data(C, b"\xef\xbb\xbf" + FILES[C].encode()),
             swap("study.yaml", f"file: {C}", f"file: {C}\n    encoding: cp1252")),
        (f"{C}: is not cp1252 but UTF-8 text; set encoding: utf-8",),
    ),
    "utf-8 in places": Case(
        both(data(C, FILES[C].encode("cp1252") + "C’3,play,05/02/2020,online,2\n".encode()
                  + "C4é,play,05/02/2020,online,2\n".encode("cp1252")),
             swap("study.yaml", f"file: {C}", f"file: {C}\n    encoding: cp1252")),
        (f"{C}: line 4: is utf-8 in places and cp1252 in others: '’' would be read as 'â€™'; save it once",),
    ),
    "NUL characters": Case(swap(C, "C2", "C\0"), (f"{C}: line 3: holds a NUL character",)),
    "zero bytes": Case(data(C, b""), (f"{C}: the file is empty; its first line should be",)),
    "only a heading": Case(
        text(C, "Course,Topic,Day,How,Places\n"),
        left_out=("column 'Course': C1 is not among the clean courses", "column 'Course': C1 is not"),
        stops=("register.csv: none of its 3 rows can be used", "forms.csv: none of its 2 rows"),
    ),
    "only blank lines": Case(
        text(C, "\n\n\n"),
        (f"{C}: line 1: the line is empty, and should hold the headings; write the headings there",),
    ),
    "zero rows but empty ones": Case(
        text("sessions.csv", "Session,Day,Kind,How,Minutes\n,,,,\n,,,,\n"),
        left_out=("sessions.csv: line 2: empty row (also line 3)",),
        cells=("consultations.minutes", []),
    ),
    "wrong delimiter, semicolons": Case(
        text(C, FILES[C].replace(",", ";")),
        (f"{C}: line 1: the headings are one cell, and seem to be separated by ;; set delimiter: \";\"",),
    ),
    "wrong delimiter, tabs": Case(
        text(C, FILES[C].replace(",", "\t")),
        (f"{C}: line 1: the headings are one cell, and seem to be separated by \\t (a tab)",),
    ),
    "a quotation mark that is not closed": Case(
        swap(C, "C2", '"C2'), (f"{C}: line 3: not readable as CSV: unexpected end of data",)
    ),
    "a cut-off line": Case(
        swap(C, "06/03/2020,online,20", "06/0"), (f"{C}: line 3: 3 cells where the heading has 5",)
    ),
    "too many cells": Case(
        swap(C, "online,20", "online,20,x"), (f"{C}: line 3: 6 cells where the heading has 5",)
    ),
    "line ends of three kinds": Case(
        data(C, FILES[C].replace("\n", "\r\n", 1).encode()), cells=("courses.places", [20, 20])
    ),
    "line ends of old Macs": Case(
        data(C, FILES[C].replace("\n", "\r").encode()), cells=("courses.places", [20, 20])
    ),
    "a line of a million letters": Case(
        courses("x" * 1_000_000 + ",play,05/02/2020,online,20"),
        (f"{C}: line 2: not readable as CSV: field larger than field limit",),
    ),
    "five thousand columns": Case(
        text(C, "".join(f"{',' * 5000}{line}\n" for line in FILES[C].splitlines())),
        cells=("courses.places", [20, 20]),
    ),
    "a workbook named .csv": Case(
        data(C, book()), (f"{C}: is a workbook or an archive, not text; let its name say so",)
    ),
    "larger than may be": Case(huge, (f"{C}: has 1010 MB, more than the 1000 MB that a file may have",)),
    "no such file": Case(lambda f: _raw(f, C).unlink(), (f"{C}: there is no such file in",)),
    "a folder in its place": Case(folder_instead, (f"{C}: cannot be opened: it is no ordinary file",)),
    "a pipe in its place": Case(fifo, (f"{C}: cannot be opened: it is no ordinary file",)),
    "a link out of the study": Case(link_file, (f"{C}: is a link that leads out of the study's folder",)),
    "the folder is a link": Case(
        link_folder, tuple(f"{name}: is a link that leads out" for name in FILES)
    ),
    "an ending that is not read": Case(
        named("courses.docx", b"x"), ("courses.docx: is of no kind that is read: .csv",)
    ),
    "the mark of an open workbook": Case(
        named("~$courses.xlsx", b"\x06someone"),
        ("~$courses.xlsx: is no workbook, but Excel's mark that one is open; close Excel, and leave this file out",),
    ),
    # --- headings ---
    "a heading in other letters": Case(
        swap(C, "Course,Topic", '" course\u00a0",To\u200bPIC'), cells=("courses.course_id", ["C1", "C2"])
    ),
    "a heading like the one that is missing": Case(
        swap(C, "Topic", "Topics"),
        (f"{C}: line 1: the heading 'Topic' (for topic) is missing; did you mean 'Topics'?",),
    ),
    "records without headings": Case(
        text("families.csv", "Zoe Roe,zoe@example.org,BD3 9XX\nAda Roe,ada@example.org,BD3 9XX\n"),
        ("families.csv: line 1: the line looks like a record, not like headings; write the headings above",),
    ),
    "a heading line among the records": Case(
        both(text("families.csv", "Fam ref,Name,Ref date\nA1,Zoe Roe,01/02/2020\nA2,Ada Roe,02/02/2020\n"),
             swap("study.yaml", "file: families.csv", "file: families.csv\n    heading_line: 2")),
        ("families.csv: line 2: the line looks like a record, not like headings; write the headings above",),
    ),
    "a heading of ten thousand letters": Case(
        swap(C, "Topic", "T" * 10_000),
        (f"{C}: line 1: a heading has 10,000 letters, more than 1,000; look for a quotation mark",),
    ),
    "a heading of a line": Case(
        swap(C, "Topic", "Topic " + "t" * 300),
        (f"{C}: line 1: the heading 'Topic' (for topic) is missing; there are 'Course', 'Topic {'t' * 74}…', 'Day'",),
    ),
    "a heading is missing": Case(
        swap(C, "Places", "Seats"), (f"{C}: line 1: the heading 'Places' (for places) is missing",)
    ),
    "a heading stands twice": Case(
        swap(C, "Course,Topic", "Course,Course"),
        (f"{C}: line 1: the heading 'Course' stands 2 times", f"{C}: line 1: the heading 'Topic'"),
    ),
    "two heading rows": Case(
        swap(C, "Course,", "Where,What,When,,\nCourse,"),
        (f"{C}: line 1: the headings seem to stand on line 2, not on line 1; set heading_line: 2",),
    ),
    "a title above the headings": Case(
        both(swap(C, "Course,Topic", "Our courses,,,,\nCourse,Topic"),
             swap("study.yaml", f"file: {C}", f"file: {C}\n    heading_line: 2")),
        cells=("courses.places", [20, 20]),
    ),
    "a heading line beyond the end": Case(
        swap("study.yaml", f"file: {C}", f"file: {C}\n    heading_line: 40"),
        (f"{C}: there is no line 40, where the headings should be; correct heading_line:",),
    ),
    "swapped columns": Case(
        swap(C, "Course,Topic,Day,How", "Course,How,Day,Topic"),
        (f"{C}: line 2: column 'Topic': 'in person' is not known",
         f"{C}: line 3: column 'Topic': 'online' is not known",
         f"{C}: line 2: column 'How': 'play' is not known",
         f"{C}: line 3: column 'How': 'sleep' is not known"),
    ),
    "parts with other headings": Case(
        both(TWO_FILES, text("more.csv", "Course,Theme,Day,How,Places\nC3,play,05/02/2020,online,1\n")),
        ("more.csv: line 1: the heading 'Topic' (for topic) is missing",),
    ),
    "two parts": Case(
        both(TWO_FILES, text("more.csv", FILES[C].replace("C1", "C3").replace("C2", "C4"))),
        cells=("courses.course_id", ["C1", "C2", "C3", "C4"]),
    ),
    "an error in the second part": Case(
        both(TWO_FILES, text("more.csv", FILES[C].replace("C1,play", "C3,rest").replace("C2", "C4"))),
        ("more.csv: line 2: column 'Topic': 'rest' is not known",),
    ),
    # --- workbooks ---
    "a good workbook": Case(workbook(), cells=("courses.places", [20, 20])),
    "typed dates": Case(
        workbook(set_cell("C2", pd.Timestamp("2020-02-05").to_pydatetime())),
        cells=("courses.date", ["2020-02-05", "2020-03-06"]),
    ),
    "a date with a time of day": Case(
        workbook(set_cell("C2", pd.Timestamp("2020-02-05 09:30").to_pydatetime())),
        cells=("courses.date", ["2020-02-05", "2020-03-06"]),
    ),
    "the 1904 date system": Case(
        workbook(set_cell("C2", pd.Timestamp("2020-02-05").to_pydatetime()), mac=True),
        cells=("courses.date", ["2020-02-05", "2020-03-06"]),
    ),
    "numbers for identifiers": Case(
        both(workbook(set_cells({"A2": 1.0, "A3": 2})),
             swap("register.csv", "C1", "1.0"), swap("register.csv", "C2", "2"),
             swap("forms.csv", "C1", "1"), swap("forms.csv", "C2", "2.0")),
        cells=("course_attendance.course_id", ["1", "1", "2"]),
    ),
    "merged headings": Case(
        workbook(lambda b: b["Courses"].merge_cells("A1:B1")),
        (f"{X}: sheet 'Courses': line 1: the headings A1:B1 are merged",),
    ),
    "merged cells": Case(
        workbook(lambda b: b["Courses"].merge_cells("B2:B3")),
        (f"{X}: sheet 'Courses': line 2: the cells B2:B3 are merged, so that it is not certain what "
         "belongs where; unmerge them in the workbook and fill each cell",)
    ),
    "merged cells in several places": Case(
        workbook(lambda b: [b["Courses"].merge_cells(r) for r in ("D1:E1", "B2:B3", "D2:E2")] and None),
        (f"{X}: sheet 'Courses': line 1: the headings D1:E1 are merged",
         f"{X}: sheet 'Courses': line 2: the cells B2:B3, D2:E2 are merged"),
    ),
    "a merged title above, its heading line declared": Case(
        workbook(merged_title,
                 "\n    heading_line: 2"),
        cells=("courses.places", [20, 20]),
    ),
    "a merged title above": Case(
        workbook(merged_title),
        (f"{X}: line 1: the headings seem to stand on line 2, not on line 1; set heading_line: 2",),
    ),
    "merged cells below and beside": Case(
        workbook(lambda b: [b["Courses"].merge_cells(r) for r in ("A90:B99", "J1:K2")] and None),
        cells=("courses.places", [20, 20]),
    ),
    "a title above, in a workbook": Case(
        workbook(above(["Our courses"], [])),
        (f"{X}: line 1: the headings seem to stand on line 3, not on line 1; set heading_line: 3",),
    ),
    "a formula that was never calculated": Case(
        workbook(set_cell("E2", "=10+10")),
        (f"{X}: sheet 'Courses': line 2: cell E2 holds a formula without a saved result",),
    ),
    **{
        f"the error {error}": Case(
            workbook(set_cell("E2", error, "e")), (f"{X}: sheet 'Courses': line 2: cell E2 holds the error {error}",)
        )
        for error in ("#REF!", "#N/A", "#DIV/0!", "#VALUE!")
    },
    **{
        f"{what}, {how}": Case(
            named(X, edit(content)),
            (f"{X}: sheet 'Courses': line 2: cell E2 holds {says}; open the workbook, mend the cell, and save it",),
        )
        for what, content, says in (
            ("an error", WITH_ERROR, "the error #REF!"),
            ("a formula without a result", UNCALCULATED, "a formula without a saved result"),
        )
        for how, edit in (
            ("in a part elsewhere", elsewhere),
            ("with a prefix", lambda content: edited(content, PART, prefixed)),
            ("in other quotation marks",
             lambda content: edited(content, PART, lambda xml: xml.replace(b'"E2"', b" 'E2'").replace(b't="e"', b"t = 'e'"))),
        )
    },
    "a formula whose result is nothing": Case(
        sheet_xml("<c r=\"E2\".*?</c>", '<c r="E2" t="str"><f>A1</f><v></v></c>'),
        left_out=(f"{X}: line 2: column 'Places': is not recorded", "register.csv: line 2", "forms.csv: line 2"),
        cells=("courses.places", [20]),
    ),
    "many errors": Case(
        workbook(lambda b: [set_cell(f"E{n}", "#N/A", "e")(b) for n in range(2, 12)] and None),
        (f"{X}: sheet 'Courses': line 2: cell E2 holds the error #N/A (also E3, E4, E5, E6, E7 and 4 more)",),
    ),
    "identifiers of nineteen digits": Case(
        workbook(set_cells({"A2": 1234567890123456789, "A3": 1234567890123456790})),
        (f"{X}: sheet 'Courses': line 2: cell A2 holds a number of more than 15 digits, of which a "
         "workbook keeps no more (also A3); format the column as text",),
    ),
    "a cell at the end of the sheet": Case(
        workbook(set_cell("XFD1048576", "x")),
        (f"{X}: sheet 'Courses': reaches to the cell XFD1048576: 1,048,576 lines of 16,384 columns, "
         "more than 5 million cells; delete the rows below the records and the columns beside them",),
    ),
    "cells far below and far beside": Case(
        workbook(set_cells({"A90000": "x", "CZ1": "x"})),
        (f"{X}: sheet 'Courses': reaches to the cell A90000 and to CZ1: 90,000 lines of 104 columns",),
    ),
    "a format at the end of the sheet": Case(
        sheet_xml("</sheetData>", '<row r="1048576"><c r="XFD1048576" s="0"/></row></sheetData>'),
        cells=("courses.places", [20, 20]),
    ),
    **{
        f"a sheet {what}": Case(spoil, (f"{X}: sheet 'Courses': {NOT_READ}{why}",))
        for what, spoil, why in (
            ("that is cut off", named(X, edited(book(), PART, lambda xml: xml[:300])), "unclosed token"),
            ("of nonsense", named(X, edited(book(), PART, lambda xml: b"\0\1nonsense")), "not well-formed"),
            ("that is missing", named(X, edited(book(), PART, lambda xml: b"")), '"There is no item named'),
            ("in utf-16", named(X, edited(book(), PART, lambda xml: xml.decode().encode("utf-16"))), "its sheet is no UTF-8 text"),
            ("with a cell of no place", sheet_xml('r="B2"', 'r="!!"'), "there is no cell '!!'"),
            ("with a cell beyond", sheet_xml('r="B2"', 'r="ZZZZZZZZ99999999999"'), "there is no cell"),
            ("with a column beyond", sheet_xml('r="B2"', 'r="XFE2"'), "there is no cell 'XFE2'"),
            ("with a text of no number", sheet_xml('(<c r="B2").*?</c>', '\\1 t="s"><v>-1</v></c>'),
             "there is no text number '-1'"),
            ("with a text that is missing", sheet_xml('(<c r="B2").*?</c>', '\\1 t="s"><v>99</v></c>'), "there is no text number '99'"),
            ("with marked sections", sheet_xml('(<c r="B2").*?</c>', '\\1 t="str"><v><![CDATA[play]]></v></c>'),
             "holds marked sections"),
            ("with an entity", sheet_xml(">play<", ">&play;<"), "undefined entity"),
        )
    },
    "another checksum": Case(
        named(X, wrong_checksum(book())), (f"{X}: {NOT_READ}its part {PART} is not what was saved",)
    ),
    "properties that are cut off": Case(
        named(X, edited(book(), "docProps/core.xml", lambda xml: b"<x")), cells=("courses.places", [20, 20])
    ),
    "an error, and properties that are cut off": Case(
        named(X, edited(WITH_ERROR, "docProps/core.xml", lambda xml: b"<x")),
        (f"{X}: sheet 'Courses': line 2: cell E2 holds the error #REF!",),
    ),
    "several sheets": Case(
        workbook(lambda b: b.create_sheet("Notes").append(["x"])),
        (f"{X}: holds several sheets: 'Courses', 'Notes'; name one as sheet:",),
    ),
    "no such sheet": Case(
        workbook(more="\n    sheet: Course"), (f"{X}: has no sheet 'Course'; there are 'Courses'",)
    ),
    "an empty sheet": Case(
        workbook(lambda b: b.create_sheet("Empty") and None, "\n    sheet: Empty"),
        (f"{X}: sheet 'Empty': the sheet is empty; its first line should be the headings",),
    ),
    "a hidden sheet": Case(
        workbook(lambda b: setattr(b.create_sheet("H"), "sheet_state", "hidden")),
        cells=("courses.places", [20, 20]),
    ),
    "a chart sheet": Case(
        workbook(lambda b: b.create_chartsheet("Chart") and None), cells=("courses.places", [20, 20])
    ),
    "empty rows and columns beyond": Case(
        workbook(set_cell("J90", "")), cells=("courses.places", [20, 20])
    ),
    # Only the first bytes of one: no library that is used here can encrypt a workbook.
    "protected by a password": Case(
        named(X, OLE + "EncryptedPackage".encode("utf-16-le") + b"\0" * 2000),
        (f"{X}: is protected by a password, or is an old .xls workbook; save it as an .xlsx",),
    ),
    "text named .xlsx": Case(
        named(X, FILES[C].encode()), (f"{X}: is not a workbook, whatever its name says; open it",)
    ),
    "an old workbook": Case(
        named("courses.xls", OLE + b"Workbook"),
        ("courses.xls: is an .xls workbook, in which errors and merged cells go unseen; "
         "open it and save it as .xlsx",),
    ),
    "a web page named .xls": Case(
        named("courses.xls", b"<html><table><tr><td>Course</td></tr></table></html>"),
        ("courses.xls: is an .xls workbook",),
    ),
    "an OpenDocument sheet": Case(
        named("courses.ods", archive({"content.xml": b"<office/>"})),
        ("courses.ods: is an .ods workbook",),
    ),
    "a workbook under another's name": Case(
        named("courses.xlsx", archive({"content.xml": b"<office/>"})),
        (f"{X}: is an archive that holds no workbook",),
    ),
    "a cut-off workbook": Case(named(X, book()[:900]), (f"{X}: is cut off or damaged",)),
    "an archive in an archive": Case(
        named(X, archive({"courses.zip": archive({"courses.csv": b"x"})})),
        (f"{X}: is an archive that holds no workbook; unpack it",),
    ),
    "a workbook that unpacks to gigabytes": Case(named(X, bomb()), (f"{X}: unpacks to more than 200 MB",)),
    # --- Parquet ---
    "a good Parquet file": Case(
        named("courses.parquet", GOOD_PARQUET), cells=("courses.places", [20, 20])
    ),
    "a cut-off Parquet file": Case(
        named("courses.parquet", GOOD_PARQUET[:300]),
        ("courses.parquet: is cut off or no Parquet file",),
    ),
    "lists in a Parquet file": Case(
        named("courses.parquet", parquet(pd.DataFrame({"Course": [["C1", "C2"]]}))),
        ("courses.parquet: the column 'Course' holds lists or records, not cells; write one value a cell",),
    ),
    **{
        f"{what} in a Parquet file": Case(
            named("courses.parquet", content), (f"courses.parquet: {says}",)
        )
        for what, content, says in (
            ("bytes", cells_parquet(Course=pa.array([b"C1", b"C2"])),
             "the column 'Course' holds bytes, not text; write it as text"),
            ("times of a zone", cells_parquet(Day=pa.array([0, 1]).cast(pa.timestamp("us", "UTC"))),
             "the column 'Day' holds times of the zone UTC, so that the day is not certain; write it as a date"),
            ("times of no zone", cells_parquet(Day=pa.array([0, 1]).cast(pa.timestamp("us", "Not/AZone"))),
             "the column 'Day' holds times of the zone Not/AZone"),
            ("times beyond all calendars", cells_parquet(Day=pa.array([2**62, 1]).cast(pa.timestamp("us"))),
             "the column 'Day' holds a value that cannot be read (date value out of range); mend it"),
            ("days beyond all calendars", cells_parquet(Day=pa.array([2**31 - 1, 1], pa.int32()).cast(pa.date32())),
             "the column 'Day' holds a value that cannot be read"),
            ("text that is none", cells_parquet(Course=not_text()),
             "the column 'Course' holds a value that cannot be read ('utf-8' codec"),
            ("millions of rows", raw_parquet(pa.table({"Course": pa.nulls(5_000_001, pa.int8())})),
             "has 5,000,001 rows of 1 columns, more than 5 million cells; write the columns and rows that"),
            ("a column that stands twice",
             raw_parquet(pa.Table.from_arrays([pa.array(["C1"])] * 6, names=["Course", *COURSES[0]])),
             "line 1: the heading 'Course' stands 2 times"),
        )
    },
    # --- dates ---
    **{
        f"the date {cell}": Case(
            courses(f"C9,play,{cell},online,5"),
            left_out=(f"{C}: line 2: column 'Day': '{cell}' is not a date in a declared format",),
            cells=("courses.course_id", ["C1", "C2"]),
        )
        for cell in ("29/02/2019", "05.02.2020", "02/31/2020", "43866", "Feb 2020", "0", "05/02/20")
    },
    "the year 219": Case(
        courses("C9,play,05/02/0219,online,5"),
        left_out=(f"{C}: line 2: column 'Day': 0219-02-05 is outside 2020-01-01 to 2020-12-31",),
    ),
    "dates that are American throughout": Case(
        both(swap(C, "05/02/2020", "02/25/2020"), swap(C, "06/03/2020", "03/26/2020")),
        (f"{C}: none of its 2 rows can be used; line 2: Day '02/25/2020' is not a date",
         "register.csv: none of its 3 rows", "forms.csv: none of its 2 rows"),
        left_out=(f"{C}: line 2: column 'Day': '02/25/2020'", "register.csv: line 2", "forms.csv: line 2"),
    ),
    # --- numbers ---
    **{
        f"{cell} minutes": Case(
            swap("sessions.csv", "online,45", f"online,{cell}"),
            left_out=(f"sessions.csv: line 2: column 'Minutes': '{cell}' {why}",),
            cells=("consultations.minutes", [30]),
        )
        for cell, why in {
            "-45": "is below 5", "99999": "is above 480", "1e999": "is not a whole number",
            "inf": "is not a whole number", "12345678901234567890": "is not a whole number",
            "45.5": "is not a whole number", "4五": "is not a whole number",
            "0x2d": "is not a whole number",
        }.items()
    },
    **{
        f"the target {cell}": Case(
            target("target: 70", f"target: {cell}"),
            ("study.yaml: none of its 1 rows can be used",),
            left_out=(f"target {cell!r} {why}",),
        )
        for cell, why in {
            "1:30": "is not a number", "0x10": "is not a number", "1_000": "is not a number",
            "yes": "is not a number", "0.33333333333": "has more than 6 decimals",
        }.items()
    },
    "the target 070": Case(target("target: 70", "target: 070"), cells=("targets.target", [70.0])),
    "the target true": Case(
        target("target: 70", "target: true"), ("tables: targets: rows: 0: target: put it in quotation marks (given: True)",),
    ),
    **{
        f"the contract year {year}": Case(
            target("2020/21", year),
            (f"study.yaml: none of its 1 rows can be used; line 1: contract_year '{year}' is no",),
            left_out=(f"contract_year '{year}' is no contract year, such as 2020/21",),
        )
        for year in ("2020-21", "2020", "2020/22")
    },
    "a thousand's comma": Case(
        swap("sessions.csv", "online,45", 'online,"1,000"'),
        left_out=("sessions.csv: line 2: column 'Minutes': '1,000' is not a whole number",),
    ),
    # --- labels ---
    "an unknown label": Case(
        swap("register.csv", "midwife", "midwive"),
        ("register.csv: line 3: column 'Job': 'midwive' is not known (did you mean 'midwife'?), "
         "1 row(s); accepted: nurse, midwife; correct the cell, or add the spelling",),
    ),
    "white space of all kinds in a label": Case(
        swap("register.csv", "midwife", " Mid\u00a0wife\u2003"),
        ("register.csv: line 3: column 'Job': 'Mid wife' is not known (did you mean 'midwife'?)",),
    ),
    "spaces and capitals around a label": Case(
        swap("register.csv", "midwife", "\u00a0 MIDWIFE\t"),
        cells=("course_attendance.role", ["nurse", "midwife", "nurse"]),
    ),
    "a letter without width in a label": Case(
        swap("register.csv", "midwife", "mid\u200bwife"),
        ("register.csv: line 3: column 'Job': 'mid\\u200bwife' is not known",),
    ),
    "control characters in a label": Case(
        swap("register.csv", "midwife", "mid\x1b[31mwife"),
        ("register.csv: line 3: column 'Job': 'mid\\x1b[31mwife' is not known",),
    ),
    "markup in a label": Case(
        swap("register.csv", "midwife", "<script>alert(1)</script>"),
        ("register.csv: line 3: column 'Job': '<script>alert(1)</script>' is not known",),
    ),
    "a thousand unknown labels": Case(
        swap("register.csv", "C2,P1", "".join(f"C2,Q{n},job {n},yes\n" for n in range(1000)) + "C2,P1"),
        (*("is not known",) * 20,
         "register.csv: line 4: column 'Job': 980 more labels are not known: is this the right column?"),
    ),
    "a formula in a label": Case(
        swap("register.csv", "midwife", "=cmd|' /C calc'!A0"),
        ('register.csv: line 3: column \'Job\': "=cmd|\' /C calc\'!A0" is not known',),
    ),
    # --- keys ---
    "a used identifier": Case(
        courses("C1,sleep,07/02/2020,online,5"),
        left_out=(f"{C}: line 2: different records share C1 (also line 3)",
                  "register.csv: line 2: column 'Course': C1 is not among", "forms.csv: line 2"),
        cells=("courses.course_id", ["C2"]),
    ),
    "a quotation mark that swallows a row": Case(
        text(C, 'Course,Topic,Day,How,Places\n"C1,play,05/02/2020,in person,20\nC2",sleep,06/03/2020,online,20\n'),
        (f"{C}: line 2: column 'Course': holds a line break: rows may have run together, 1 row(s); "
         "look for a missing quotation mark",
         f"{C}: none of its 1 rows can be used; line 2: Course 'C1,PLAY,",
         "register.csv: none of its 3 rows", "forms.csv: none of its 2 rows"),
        left_out=(f"{C}: line 2: column 'Course': 'C1,PLAY,", "register.csv: line 2", "forms.csv: line 2"),
    ),
    "identifiers that Excel has cut short": Case(
        swap("register.csv", "P1", "1.23457E+11"),
        ("register.csv: line 2: column 'Person': '1.23457E+11' is a number that Excel has cut short: "
         "different ones look the same, 2 row(s); format the column as text in Excel before saving",),
    ),
    **{
        f"one person, written {name}": Case(
            swap("register.csv", "C2,P1", f"C2,{cell}"),
            cells=("course_attendance.staff_id", ["P1", "P2", "P1"]),
        )
        for name, cell in {
            "with a letter without width": "P1\u200b", "in full width": "Ｐ１",
            "with a soft hyphen": "P\u00ad1", "with an Arabic digit": "P١",
        }.items()
    },
    **{
        f"rows numbered for {column}": Case(
            swap("study.yaml", f"{column}: {heading}", f"{column}: (row number)"),
            (f"study.yaml: tables: {table}: columns: {column} cannot be '(row number)'",),
        )
        for table, column, heading in (
            ("course_attendance", "staff_id", "Person"), ("consultations", "minutes", "Minutes"),
        )
    },
    "rows numbered on both sides of a reference": Case(
        swap("study.yaml", "family_id: Family", "family_id: (row number)"),
        ("study.yaml: tables: families: columns: family_id cannot be '(row number)'",
         "study.yaml: tables: family_contacts: columns: family_id cannot be '(row number)'"),
    ),
    "a missing identifier": Case(
        courses(",sleep,07/02/2020,online,5"),
        left_out=(f"{C}: line 2: column 'Course': is not recorded",),
    ),
    "a reference to nothing": Case(
        swap("contacts.csv", "K2,A1", "K2,A9"),
        left_out=("contacts.csv: line 3: column 'Family': A9 is not among the clean families",),
    ),
    "references that lead in a circle": Case(
        swap("contacts.csv", "A1", "K1"),
        ("contacts.csv: none of its 2 rows can be used; line 2: Family K1 is not among",),
        left_out=("contacts.csv: line 2: column 'Family': K1 is not among the clean families",),
    ),
    "a contact before the referral": Case(
        swap("contacts.csv", "10/02/2020", "10/01/2020"),
        left_out=("contacts.csv: line 2: contact on 2020-01-10 is before the referral on 2020-02-01",),
    ),
    "a total row": Case(
        text(C, FILES[C] + ",,Total,,40\n"), left_out=(f"{C}: line 4: total row, not a record",),
        cells=("courses.places", [20, 20]),
    ),
    # --- the study file ---
    "no study file": Case(lambda f: (f / "study.yaml").unlink(), ("there is no such file",)),
    "an empty study file": Case(study(""), ("should be a list of keys and values",)),
    "a study file of one word": Case(study("hello"), ("should be a list of keys and values",)),
    "a study file that is no text": Case(study(b"\xff\xfe\x00"), ("not UTF-8 text",)),
    "a tab in the study file": Case(swap("study.yaml", "  topic:", "\ttopic:"), ("not valid YAML: line 18, column 1: a tab; use spaces",)),
    "aliases that multiply": Case(study(BOMB), ("not valid YAML: line 2, column 8: aliases (*name) are not read",)),
    "a study file of a megabyte": Case(study("# " + "x" * 1_100_000), ("is larger than 1 MB",)),
    "a study file nested a thousand deep": Case(study("a: " + "[" * 3000), ("not valid YAML",)),
    "a key that stands twice": Case(
        swap("study.yaml", "contract_year_starts: 4", "contract_year_starts: 4\ncontract_year_starts: 1"),
        ("not valid YAML: line 6, column 1: the key 'contract_year_starts' stands twice",),
    ),
    "an object in the study file": Case(
        swap("study.yaml", "service: Small", "service: !!python/object/apply:os.system [ls]"),
        ("not valid YAML: line 1, column 10: tags (tag:yaml.org,2002:python/object",),
    ),
    "a day that no calendar has": Case(
        swap("study.yaml", "end: 2020-12-31", "end: 2019-02-29"), ("line 3: period: end: day is out of range",)
    ),
    "an unknown key": Case(
        swap("study.yaml", "service:", "servise: x\nservice:"), ("servise: Extra inputs are not permitted",)
    ),
    **{
        f"the file {name}": Case(
            swap("study.yaml", "file: courses.csv", f"file: '{name}'"),
            (f"tables: courses: file: {name!r} {TRAVERSAL}",),
        )
        for name in ("../courses.csv", "/etc/passwd", "..\\courses.csv", "C:\\x.csv", "a/b.csv", ".hidden.csv")
    },
    "a file named twice": Case(
        swap("study.yaml", "    file: courses.csv", "    file: [courses.csv, courses.csv]"),
        ("tables: courses: file: a file is named twice",),
    ),
    "a table that others refer to is absent": Case(
        swap("study.yaml", STUDY[STUDY.index("  courses:\n"):STUDY.index("  course_attendance:")], "  courses: absent\n"),
        ("tables: courses cannot be absent while course_attendance is there",
         "tables: feedback_forms: columns: date is missing: it says when a row was, because"),
    ),
    "a column that the contract does not know": Case(
        swap("study.yaml", "places: Places", "places: Places, colour: How2"),
        ("tables: courses: columns: colour is unknown",),
    ),
    "an item called like a column": Case(
        swap("study.yaml", "items: {overall: Overall}", "items: {overall: Overall, role: Role}"),
        ("items: 'role' is a column of the forms itself",),
    ),
}  # fmt: skip
