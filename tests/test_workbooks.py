"""Workbooks: from when they count days, and that no file takes the memory it asks for."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from pathlib import Path
from types import SimpleNamespace

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from malformed import edited, make, swap
from openpyxl import Workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from lmm.cleaning import limits
from lmm.cleaning.clean import clean_all
from lmm.cleaning.load import read_raw
from lmm.cleaning.parquet import _texts
from lmm.cleaning.sources import check_file, read_sheet
from lmm.cleaning.workbooks import _matters
from lmm.start.draft import draft_from
from lmm.study.problems import StudyError
from lmm.study.study import read_study

DAY = dt.date(2020, 2, 5)
BY_1900, BY_1904 = 43866, 42404
"""Its number in workbooks of either epoch."""

OLD = b'date1904="1"'
SHEET, BOOK = "xl/worksheets/sheet1.xml", "xl/workbook.xml"


def sessions(path: Path, *dates: object, mac: bool = False) -> Path:
    """Write a workbook of sessions with these dates."""
    made = Workbook()
    if mac:
        made.epoch = CALENDAR_MAC_1904
    sheet = made.active
    sheet.append(["Session", "Day", "Kind", "How", "Minutes"])
    for number, date in enumerate(dates):
        sheet.append([f"{path.stem}{number}", date, "advice", "online", 42404 if mac else 45])
        sheet.cell(number + 2, 5).value = 45
    made.save(path)
    return path


def dates_of(folder: Path) -> list[dt.date]:
    study = read_study(folder)
    return list(clean_all(read_raw(study), study).tables["consultations"]["date"].dt.date)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a study whose sessions stand in two workbooks."""
    made = make(tmp_path / "study")
    swap("study.yaml", "file: sessions.csv", "file: [new.xlsx, old.xlsx]")(made)
    swap("study.yaml", '["%d/%m/%Y"]', '["%d/%m/%Y", excel]')(made)
    return made


def test_days_are_counted_from_the_epoch_of_each_workbook(folder: Path) -> None:
    sessions(folder / "data/raw/new.xlsx", DAY, BY_1900, BY_1900 + 0.4)
    sessions(folder / "data/raw/old.xlsx", DAY, BY_1904, BY_1904 + 0.4, mac=True)
    assert dates_of(folder) == [DAY] * 6


def test_the_account_says_from_when_days_were_counted(folder: Path) -> None:
    sessions(folder / "data/raw/new.xlsx", DAY)
    sessions(folder / "data/raw/old.xlsx", BY_1904, "someday", mac=True)
    study = read_study(folder)
    found = clean_all(read_raw(study), study)
    done = found.log.set_index(["table", "step", "column"])["what_was_done"]
    assert "'42404 (1904)' to '2020-02-05' (1)" in done["consultations", "dates", "date"]


@pytest.mark.parametrize("said", ["1", "true"])
def test_every_way_of_saying_1904(said: str, folder: Path) -> None:
    path = sessions(folder / "data/raw/old.xlsx", BY_1904, mac=True)
    sessions(folder / "data/raw/new.xlsx", DAY)
    new = f'date1904="{said}"'.encode()
    path.write_bytes(edited(path.read_bytes(), BOOK, lambda xml: xml.replace(OLD, new)))
    assert dates_of(folder) == [DAY, DAY]


def test_an_epoch_that_cannot_be_is_refused(tmp_path: Path) -> None:
    path = sessions(tmp_path / "old.xlsx", BY_1904, mac=True)
    path.write_bytes(
        edited(path.read_bytes(), BOOK, lambda xml: xml.replace(OLD, b'date1904="yes"'))
    )
    with pytest.raises(StudyError, match="it says of the date system of 1904: yes"):
        read_sheet(path)
    twice = b'<workbookPr date1904="no"/><workbookPr'
    path.write_bytes(
        edited(path.read_bytes(), BOOK, lambda xml: xml.replace(b"<workbookPr", twice, 1))
    )
    with pytest.raises(StudyError, match="it says of the date system of 1904: no and yes"):
        read_sheet(path)


def test_numbers_that_are_no_dates_stay_as_they_are(tmp_path: Path) -> None:
    made = Workbook()
    made.epoch = CALENDAR_MAC_1904
    made.active.append(["Family ref", "Date of visit"])
    made.active.append([42404, DAY])
    made.save(tmp_path / "visits.xlsx")
    found = read_sheet(tmp_path / "visits.xlsx")
    assert (found.rows, found.epoch) == ({2: ["42404", "2020-02-05"]}, 1904)


def test_a_draft_counts_days_from_the_epoch(tmp_path: Path) -> None:
    made = Workbook()
    made.epoch = CALENDAR_MAC_1904
    made.active.title = "Consultations"
    made.active.append(["Session ID", "Date", "Type", "How", "Minutes"])
    for number in range(8):
        made.active.append([f"S{number}", BY_1904 + number, "advice", "online", 45])
    made.save(tmp_path / "records.xlsx")
    found = draft_from("Small", [tmp_path / "records.xlsx"])
    assert found.tables["consultations"].columns["date"].heading == "Date"
    assert found.date_formats == ("excel",)
    assert (found.start, found.end) == (dt.date(2020, 2, 1), dt.date(2020, 2, 29))


# --- memory ------------------------------------------------------------------------------


def archive(*cells: str, texts: str = "", more: str = "") -> bytes:
    """Write the least that is a workbook, with these cells."""
    relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    links = "http://schemas.openxmlformats.org/package/2006/relationships"
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    parts = {
        "_rels/.rels": f'<Relationships xmlns="{links}"><Relationship Id="a" '
        f'Type="{relation}/officeDocument" Target="{BOOK}"/></Relationships>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{links}"><Relationship Id="b" '
        f'Type="{relation}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        BOOK: f'<workbook xmlns="{main}" xmlns:r="{relation}"><sheets>'
        '<sheet name="S" sheetId="1" r:id="b"/></sheets></workbook>',
        "xl/sharedStrings.xml": f'<sst xmlns="{main}">{texts}</sst>',
        SHEET: f'<worksheet xmlns="{main}"><sheetData>{"".join(cells)}</sheetData>{more}'
        "</worksheet>",
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in parts.items():
            made.writestr(name, content)
    return buffer.getvalue()


def row(*cells: str) -> str:
    return f"<row>{''.join(cells)}</row>"


ENTITY = b"<!DOCTYPE x [<!ENTITY a 'b'>]>"
SHARED = row('<c t="s"><v>0</v></c>')
LONG = "x" * 30_000
TOO_LONG = "its cells hold more than 100 million letters together"


@pytest.mark.parametrize(
    "text", [f"<t>{LONG}</t>", f"<r><t>{LONG[:9]}</t></r><r><rPr/><t>{LONG[9:]}</t></r>"]
)
def test_a_long_text_that_many_cells_share_is_not_read(text: str, tmp_path: Path) -> None:
    """The file has 12 kB, and its cells 150 million letters."""
    path = tmp_path / "book.xlsx"
    path.write_bytes(archive(SHARED * 5_000, texts=f"<si>{text}</si>"))
    assert path.stat().st_size < 20_000
    with pytest.raises(StudyError) as error:
        read_sheet(path)
    assert f"book.xlsx: sheet 'S': {TOO_LONG}; look for a long text" in str(error.value)


def test_cells_up_to_the_bound_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_LETTERS", 40)
    path = tmp_path / "book.xlsx"
    inline = row('<c t="inlineStr"><is><t>abcdefghij</t></is></c>')
    shared = archive(SHARED * 2, inline, texts="<si><t>abcdefghij</t></si>")
    path.write_bytes(shared)
    assert read_sheet(path).rows == {2: ["abcdefghij"], 3: ["abcdefghij"]}
    monkeypatch.setattr(limits, "MOST_LETTERS", 25)
    with pytest.raises(StudyError, match="letters together"):
        read_sheet(path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (archive(row('<c r="A1"><v>1</v></c>'), row('<c r="XFD1048576"><v>1</v></c>')),
         "reaches to the cell XFD1048576"),
        (archive(SHARED, texts="<si/>", more="<mergeCells>" + '<mergeCell ref="A9:B9"/>' * 10_001
                 + "</mergeCells>"), "has more than 10,000 merged ranges"),
        (archive(row('<c t="e"><v>#REF!</v></c>') * 10_001), "has more than 10,000 errors"),
        (archive(SHARED), "there is no text number '0'"),
        (edited(archive(row("<c><v>1</v></c>")), SHEET, lambda xml: ENTITY + xml),
         "holds declarations of its own, as no workbook does"),
        (edited(archive(row("<c><v>1</v></c>")), BOOK, lambda xml: xml + b" " * 3_000_000),
         "its part xl/workbook.xml has more than 2 MB"),
    ],
)  # fmt: skip
def test_what_would_take_all_memory_is_refused(
    content: bytes, message: str, tmp_path: Path
) -> None:
    path = tmp_path / "book.xlsx"
    path.write_bytes(content)
    with pytest.raises(StudyError) as error:
        read_sheet(path)
    assert message in str(error.value)
    assert "book.xlsx" in str(error.value)


def test_the_same_cell_over_and_over_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MOST_CELLS", 100)
    path = tmp_path / "book.xlsx"
    path.write_bytes(archive(row('<c r="A1"><v>1</v></c>' * 101)))
    with pytest.raises(StudyError, match="has more than 100 cells"):
        read_sheet(path)


def test_a_part_that_says_it_is_shorter_than_it_is_is_read_no_further(tmp_path: Path) -> None:
    """The reader of cells is handed what was looked at, and not what else is in the file."""
    content = archive(row("<c><v>1</v></c>") + " " * 50_000)
    with zipfile.ZipFile(io.BytesIO(content)) as made:
        part = made.getinfo(SHEET)
        short = made.read(SHEET)[:200]
    old, new = (
        n.to_bytes(4, "little") + part.compress_size.to_bytes(4, "little") + m.to_bytes(4, "little")
        for n, m in ((part.CRC, part.file_size), (zipfile.crc32(short), len(short)))
    )
    assert content.count(old) == 2
    path = tmp_path / "book.xlsx"
    path.write_bytes(content.replace(old, new))
    with pytest.raises(StudyError, match="is cut off or damaged"):
        read_sheet(path)


def packed(path: Path, texts: pa.Array, **options: object) -> Path:
    pq.write_table(pa.table({"Notes": texts}), path, compression="zstd", **options)
    return path


def test_a_long_text_that_many_rows_share_is_not_read(tmp_path: Path) -> None:
    shared = pa.DictionaryArray.from_arrays(pa.array([0] * 5_000, pa.int32()), pa.array([LONG]))
    path = packed(tmp_path / "notes.parquet", shared)
    assert path.stat().st_size < 20_000
    with pytest.raises(StudyError, match=f"notes.parquet: {TOO_LONG}"):
        read_sheet(path)


def test_long_texts_that_begin_alike_are_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = pa.array([f"{'x' * 1_000}{n}" for n in range(500)])
    path = packed(tmp_path / "notes.parquet", texts, use_dictionary=False,
                  column_encoding={"Notes": "DELTA_BYTE_ARRAY"})  # fmt: skip
    assert len(read_sheet(path).rows) == 500
    monkeypatch.setattr(limits, "MOST_LETTERS", 100_000)
    with pytest.raises(StudyError, match="letters together"):
        read_sheet(path)


@pytest.mark.parametrize("content", ["a,b\n" + "1,2\n" * 60, "a\n" + "," * 120, "\n" * 120])
def test_a_text_of_too_many_cells_is_refused(
    content: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MOST_CELLS", 100)
    monkeypatch.setattr(limits, "MOST_TEXT_CELLS", 100)
    (tmp_path / "notes.csv").write_text(content, "utf-8")
    with pytest.raises(StudyError, match=r"notes.csv: line \d+: has more than"):
        read_sheet(tmp_path / "notes.csv")


@pytest.mark.parametrize(
    ("merged", "row", "matters"),
    [
        ((2, 1, 3, 1), ["a", "b"], True),  # begins in the last column that is there
        ((3, 1, 4, 1), ["a", "b"], False),  # beside all that is there
        ((1, 1, 2, 1), ["a", "b"], False),  # a title that has its line to itself
        ((1, 1, 2, 1), ["a", "", "c"], True),
        ((2, 1, 2, 3), ["", "b"], True),  # down one column
    ],
)
def test_a_merged_range_matters_among_the_records(
    merged: tuple[int, int, int, int], row: list[str], matters: bool
) -> None:
    assert _matters(merged, {1: row}) is matters


def test_a_file_may_have_the_largest_size_and_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a\n1\n", "utf-8")
    of_text, other = path.stat().st_size, path.stat().st_size - 1
    monkeypatch.setattr(limits, "LARGEST_TEXT", of_text)
    monkeypatch.setattr(limits, "LARGEST", other)
    check_file(path, tmp_path, of_records=True)
    with pytest.raises(StudyError, match="that a file may have"):
        check_file(path, tmp_path)
    monkeypatch.setattr(limits, "LARGEST_TEXT", other)
    with pytest.raises(StudyError, match="that a file may have"):
        check_file(path, tmp_path, of_records=True)


def test_a_value_of_parquet_that_cannot_be_read_is_named_by_its_column() -> None:
    def unreadable() -> list[object]:
        raise ValueError("date value out of range")

    with pytest.raises(StudyError, match="the column 'Day' holds a value that cannot be read"):
        _texts(Path("a.parquet"), "Day", SimpleNamespace(to_pylist=unreadable))


def test_merged_headings_and_merged_cells_are_told_apart(tmp_path: Path) -> None:
    made = Workbook()
    for row in (["Course", "", "Day"], ["C1", "a", "2020-01-02"], ["C2", "", "2020-01-03"]):
        made.active.append(row)
    for what, merged in (("headings", "A1:B1"), ("cells", "B2:B3")):
        made.active.merge_cells(merged)
        made.save(tmp_path / "merged.xlsx")
        with pytest.raises(StudyError, match=f"the {what} {merged} are merged"):
            read_sheet(tmp_path / "merged.xlsx")
        made.active.unmerge_cells(merged)
