"""Parquet files -> rows of text; a text that many rows share is counted before it is copied."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lmm.cleaning import limits
from lmm.cleaning.lines import Block
from lmm.cleaning.workbooks import text_of
from lmm.study.problems import refuse

ROWS = 10_000
"""Rows that are read at a time."""

UNPACKED = 200_000_000
"""Bytes that the columns may unpack to."""

BY_NUMBER = {"PLAIN_DICTIONARY", "RLE_DICTIONARY"}
"""Encodings in which a text stands once, and rows name its number."""

BY_BEGINNING = "DELTA_BYTE_ARRAY"
"""An encoding in which a text is what it has in common with the one before, and the rest."""


def read_parquet(path: Path) -> Iterator[Block]:
    """Read a file, a block of rows at a time; the names of the columns stand on line 1.

    Raises
    ------
    StudyError
        If it is damaged or too large, or holds what is no text, number or date.
    """
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.parquet as pq  # noqa: PLC0415

    try:
        with pq.ParquetFile(path) as file:
            _check_size(path, file.metadata)
            for column in file.schema_arrow:
                _check_type(path, column)
            names = file.schema_arrow.names
            listed = [x.path_in_schema for x in _chunks(file.metadata) if _is_listed(x)]
        with pq.ParquetFile(path, read_dictionary=listed) as file:
            yield [1], [list(names)]
            line = 2
            for batch in _batches(path, file):
                pairs = zip(names, batch.columns, strict=True)
                texts = [_texts(path, name, column) for name, column in pairs]
                rows = list(zip(*texts, strict=True))
                yield range(line, line + len(rows)), rows
                line += len(rows)
    except (pa.ArrowException, OSError) as error:
        why = str(error).partition("\n")[0]
        raise refuse(
            f"is cut off or no Parquet file ({why})", path, fix="write it once more"
        ) from None


def _check_size(path: Path, found: Any) -> None:
    rows, columns = found.num_rows, found.num_columns
    if rows * columns > limits.MOST_CELLS:
        most = f"more than {limits.MOST_CELLS / 1e6:.0f} million cells"
        why = f"has {rows:,} rows of {columns:,} columns, {most}"
        raise refuse(why, path, fix="write the columns and rows that are needed")
    if sum(chunk.total_uncompressed_size for chunk in _chunks(found)) > UNPACKED:
        why = f"unpacks to more than {UNPACKED / 1e6:.0f} MB"
        raise refuse(why, path, fix="write the columns and rows that are needed")


def _chunks(found: Any) -> Iterator[Any]:
    for group in range(found.num_row_groups):
        yield from map(found.row_group(group).column, range(found.num_columns))


def _is_listed(chunk: Any) -> bool:
    """Whether texts can be had as they are kept, each once: not where other encodings follow."""
    others = any(name.startswith("DELTA_") for name in chunk.encodings)
    return bool(BY_NUMBER & set(chunk.encodings)) and not others


def _may_grow(chunk: Any) -> bool:
    """Whether each of its texts may be as long as all that is kept of them."""
    return bool({*BY_NUMBER, BY_BEGINNING} & set(chunk.encodings)) and not _is_listed(chunk)


def _batches(path: Path, file: Any) -> Iterator[Any]:
    """Give a few rows at a time, as long as all of them together are not too much."""
    grow = filter(_may_grow, _chunks(file.metadata))
    longest = max((chunk.total_uncompressed_size for chunk in grow), default=0)
    rows = min(ROWS, limits.MOST_LETTERS // max(longest, 1))
    letters = 0
    for batch in file.iter_batches(batch_size=max(rows, 1)):
        letters += sum(map(_letters, batch.columns))
        if letters > limits.MOST_LETTERS:
            raise limits.too_many_letters(path)
        yield batch


def _letters(column: Any) -> int:
    """Count the bytes of a column's texts, each as often as it stands."""
    import pyarrow.compute as pc  # noqa: PLC0415
    import pyarrow.types as kind  # noqa: PLC0415

    listed = kind.is_dictionary(column.type)
    texts = column.dictionary if listed else column
    if not (kind.is_string(texts.type) or kind.is_large_string(texts.type)):
        return 0
    lengths = pc.binary_length(texts)
    return pc.sum(pc.take(lengths, column.indices) if listed else lengths).as_py() or 0


def _check_type(path: Path, column: Any) -> None:
    """Refuse a column whose cells are no text, number or date that is certain."""
    import pyarrow.types as kind  # noqa: PLC0415

    form = column.type.value_type if kind.is_dictionary(column.type) else column.type
    if kind.is_nested(form):
        why, fix = "lists or records, not cells", "write one value a cell"
    elif kind.is_binary(form) or kind.is_large_binary(form) or kind.is_fixed_size_binary(form):
        why, fix = "bytes, not text", "write it as text"
    elif kind.is_timestamp(form) and form.tz:
        why = f"times of the zone {form.tz}, so that the day is not certain"
        fix = "write it as a date, or as local times without a zone"
    else:
        return
    raise refuse(f"the column {column.name!r} holds {why}", path, fix=fix)


def _texts(path: Path, name: str, column: Any) -> list[str]:
    try:
        return [text_of(cell) for cell in column.to_pylist()]
    except (ValueError, ArithmeticError, OSError) as error:
        why = f"the column {name!r} holds a value that cannot be read ({error})"
        raise refuse(why, path, fix="mend it where the file is written") from None
