"""parquet as a ledger: the names of its columns are the header and row 1, its rows count from 2."""

from __future__ import annotations

import pyarrow as arrow
import pyarrow.compute as compute
import pyarrow.parquet as parquet

from liantu.ledger.files import limits
from liantu.ledger.files.unreadable import UnreadableError
from liantu.ledger.sheets import Cell, Sheet

BROKEN = (arrow.ArrowException, OSError, ValueError)
"""What arrow raises for a damaged file."""
_EXACT = 2**53
"""Whole numbers beyond this are codes, and are kept as text."""


def read_parquet(content: bytes, source_file: str) -> Sheet:
    """One sheet without a name: the names of the columns, then the rows; raises UnreadableError for a damaged or too large file."""
    told = file_of(arrow.BufferReader(content))
    limits.check_range(told.metadata.num_rows + 1, told.metadata.num_columns, None, source_file)
    try:
        table = told.read()
    except BROKEN:
        raise UnreadableError("truncated") from None
    columns = [as_cells(column).to_pylist() for column in table.columns]
    cells: list[list[Cell]] = [list(row) for row in zip(*columns, strict=True)]
    if not cells:
        raise UnreadableError("empty")
    return Sheet(source_file, "", [[name or None for name in table.column_names], *cells])


def file_of(file: object) -> parquet.ParquetFile:
    """An opened file as parquet; raises UnreadableError for a damaged one."""
    try:
        return parquet.ParquetFile(file)
    except BROKEN:
        raise UnreadableError("truncated") from None


def as_cells(column: arrow.ChunkedArray) -> arrow.Array:
    """A column as a ledger's cells: text, numbers as float64, yes and no, days and times; anything else as the text of it."""
    values = column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)
    kind = values.type
    if arrow.types.is_dictionary(kind):
        values = values.dictionary_decode()
        kind = values.type
    if arrow.types.is_string(kind) or arrow.types.is_large_string(kind) or arrow.types.is_string_view(kind):
        return as_written(values.cast(arrow.string()))
    if arrow.types.is_integer(kind):
        widest = compute.min_max(values).as_py()
        whole = max(abs(widest["min"] or 0), abs(widest["max"] or 0)) >= _EXACT
        return values.cast(arrow.string()) if whole else values.cast(arrow.float64())
    if arrow.types.is_floating(kind) or arrow.types.is_decimal(kind):
        numbers = values.cast(arrow.float64(), safe=False)
        return compute.if_else(compute.is_nan(numbers), arrow.scalar(None, arrow.float64()), numbers)
    if arrow.types.is_date(kind):
        return values.cast(arrow.date32())
    if arrow.types.is_timestamp(kind):
        return values.cast(arrow.timestamp("us"), safe=False) if kind.tz is None else compute.local_timestamp(values).cast(
            arrow.timestamp("us"), safe=False)
    if arrow.types.is_boolean(kind):
        return values
    if arrow.types.is_null(kind):
        return arrow.nulls(len(values), arrow.string())
    return arrow.array([None if value is None else str(value) for value in values.to_pylist()], arrow.string())


def as_written(column: arrow.Array) -> arrow.Array:
    """Texts as `read_delimited` gives them: nothing for an empty or blank one, ="01" as 01."""
    formula = compute.starts_with(column, '="')
    if compute.any(formula, min_count=0).as_py():
        told = compute.replace_substring_regex(column, r'^="([^"]*)"$', r"\1")
        column = compute.if_else(formula, told, column)
    blank = compute.or_(compute.equal(compute.binary_length(column), 0), compute.utf8_is_space(column))
    return compute.if_else(blank, arrow.scalar(None, arrow.string()), column)
