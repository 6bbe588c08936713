"""Files as they come -> rows of text: delimited text, Excel, Parquet.

Nothing is interpreted but the types that a workbook or a Parquet file has for its cells:
dates are written year-month-day, whole numbers without a decimal point.
"""

from __future__ import annotations

import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from lmm.cleaning import limits
from lmm.cleaning.layout import joined_headings
from lmm.cleaning.lines import Lines, TooManyCellsError, gathered
from lmm.cleaning.parquet import read_parquet
from lmm.cleaning.text import read_text
from lmm.cleaning.workbooks import OTHER_WORKBOOKS, WORKBOOKS, read_workbook
from lmm.study.problems import refuse

TEXT = {".csv": ",", ".tsv": "\t", ".txt": ","}
PARQUET = (".parquet",)
ENDINGS = (*TEXT, *WORKBOOKS, *PARQUET)

LONGEST_HEADING = 1_000
"""Letters that a heading may have: what is longer is no heading."""


@dataclass(frozen=True)
class Sheet:
    """One table as it stands in a file.

    Attributes
    ----------
    headings
        Cells of the heading line, without spaces around them; of several lines, joined.
    rows
        Those below the headings, by number of the line on which each starts, counted from 1.
    epoch
        Year from which a workbook counts days: 1904, or else 1900.
    """

    headings: list[str]
    rows: Lines
    lines_above: Mapping[int, Sequence[str]]
    epoch: int = 1900


def check_file(path: Path, home: Path, *, of_records: bool = False) -> None:
    """Refuse what is no ordinary file of reasonable size within a folder.

    Parameters
    ----------
    of_records
        Whether it is read by `read_sheet`, which takes more of text than of other files.

    Raises
    ------
    StudyError
        Naming the file.
    """
    if path.name.startswith("~$"):
        fix = "close Excel, and leave this file out"
        raise refuse("is no workbook, but Excel's mark that one is open", path, fix=fix)
    try:
        found = path.stat()
        if stat.S_ISREG(found.st_mode):
            path.open("rb").close()
    except FileNotFoundError:
        what = f"there is no such file in {path.parent}"
        raise refuse(what, path, fix="put it there, or correct its name in study.yaml") from None
    except (OSError, ValueError) as error:
        why = f"cannot be opened: {getattr(error, 'strerror', error)}"
        raise refuse(why, path, fix="see who may read it, and where it lies") from None
    if not path.resolve().is_relative_to(home.resolve()):
        raise refuse("is a link that leads out of the study's folder", path, fix="copy the file")
    if not stat.S_ISREG(found.st_mode):
        raise refuse("cannot be opened: it is no ordinary file", path, fix="put a file there")
    is_text = of_records and path.suffix.lower() in TEXT
    largest = limits.LARGEST_TEXT if is_text else limits.LARGEST
    if found.st_size > largest:
        size = f"{found.st_size / 1e6:.0f} MB, more than the {largest / 1e6:.0f} MB"
        raise refuse(f"has {size} that a file may have", path, fix="split it, or name fewer rows")


def read_sheet(
    path: Path,
    *,
    sheet: str | None = None,
    heading_lines: Sequence[int] = (1,),
    encoding: str = "utf-8",
    delimiter: str = ",",
) -> Sheet:
    """Read one table of a file as text.

    Parameters
    ----------
    sheet
        Of a workbook; may be left out where only one sheet holds anything.
    heading_lines
        The lines with the headings; what stands above the last of them is no record.

    Raises
    ------
    StudyError
        If the file is not what its name says, or what stands in it cannot be read for certain.
    """
    ending = path.suffix.lower()
    epoch = 1900
    try:
        if ending in WORKBOOKS:
            lines, epoch = read_workbook(path, sheet, heading_lines[-1])
            above, rows = gathered([([*lines], [*lines.values()])], heading_lines)
        elif ending in PARQUET:
            above, rows = gathered(read_parquet(path), heading_lines)
        elif ending in TEXT:
            above, rows = read_text(path, heading_lines, encoding, delimiter)
        elif ending in OTHER_WORKBOOKS:
            what = f"is an {ending} workbook, in which errors and merged cells go unseen"
            raise refuse(what, path, fix="open it and save it as .xlsx")
        else:
            what = f"is of no kind that is read: {', '.join(ENDINGS)}"
            raise refuse(what, path, fix="save it as one of these")
    except TooManyCellsError as error:
        fix = "keep the rows that are needed"
        raise refuse(str(error), path, line=error.line, fix=fix) from None
    headings = _headings(path, sheet or "", above, heading_lines)
    titles = {line: cells for line, cells in above.items() if line < heading_lines[0]}
    return Sheet(headings, rows, titles, epoch)


def _headings(
    path: Path, sheet: str, lines: Mapping[int, Sequence[str]], numbers: Sequence[int]
) -> list[str]:
    """Give the headings, and refuse those that are not there or are none."""
    if missing := [number for number in numbers if number not in lines]:
        what = f"there is no line {missing[0]}, where the headings should be"
        raise refuse(what, path, sheet=sheet, fix="correct heading_line: in study.yaml")
    headings = joined_headings([lines[number] for number in numbers])
    if (longest := max(map(len, headings), default=0)) > LONGEST_HEADING:
        why = f"a heading has {longest:,} letters, more than {LONGEST_HEADING:,}"
        fix = "look for a quotation mark that is not closed, or shorten it"
        raise refuse(why, path, sheet=sheet, line=numbers[-1], fix=fix)
    return headings
