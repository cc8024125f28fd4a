"""parquet as a ledger: the names of its columns are the header and row 1, its rows count from 2."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pyarrow as arrow
import pyarrow.compute as compute
import pyarrow.parquet as parquet

from liantu.ledger.bulk.delimited import _cells
from liantu.ledger.files import limits
from liantu.ledger.files.unreadable import UnreadableError
from liantu.ledger.sheets import Cell, Sheet
from liantu.tables.addresses import opened

_EXACT = 2**53
"""Whole numbers beyond this are codes, and are kept as text."""


@dataclass(frozen=True)
class Groups:
    """A piece of a parquet file: some of its row groups."""

    address: str
    numbers: tuple[int, ...]


def header_of(address: str) -> list[str]:
    """The names of the columns."""
    with opened(address) as file:
        return list(_file(file).schema_arrow.names)


def groups_of(address: str, rows: int) -> list[Groups]:
    """The file in pieces of about so many rows, as far as its row groups allow."""
    pieces: list[list[int]] = []
    held = rows
    with opened(address) as file:
        told = _file(file).metadata
        for number in range(told.num_row_groups):
            if held >= rows:
                pieces.append([])
                held = 0
            pieces[-1].append(number)
            held += told.row_group(number).num_rows
    return [Groups(address, tuple(numbers)) for numbers in pieces]


def read_groups(piece: Groups) -> tuple[dict[int, arrow.Array], int]:
    """The cells of a piece by column from 0, as a ledger's cells read, and how many rows there are."""
    with opened(piece.address) as file:
        try:
            table = _file(file).read_row_groups(list(piece.numbers), use_threads=False)
        except arrow.ArrowException:
            raise UnreadableError("truncated") from None
    return {number: as_cells(column) for number, column in enumerate(table.columns)}, table.num_rows


def read_parquet(path: Path, source_file: str) -> Sheet:
    """One sheet without a name: the names of the columns, then the rows; raises UnreadableError for a damaged or too large file."""
    with opened(path) as file:
        told = _file(file)
        limits.check_range(told.metadata.num_rows + 1, told.metadata.num_columns, None, source_file)
        try:
            table = told.read()
        except arrow.ArrowException:
            raise UnreadableError("truncated") from None
    columns = [as_cells(column).to_pylist() for column in table.columns]
    cells: list[list[Cell]] = [list(row) for row in zip(*columns, strict=True)]
    if not cells:
        raise UnreadableError("empty")
    return Sheet(source_file, "", [[name or None for name in table.column_names], *cells])


def as_cells(column: arrow.ChunkedArray) -> arrow.Array:
    """A column as a ledger's cells: text, numbers as float64, yes and no, days and times; anything else as the text of it."""
    values = column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)
    kind = values.type
    if arrow.types.is_dictionary(kind):
        values = values.dictionary_decode()
        kind = values.type
    if arrow.types.is_string(kind) or arrow.types.is_large_string(kind) or arrow.types.is_string_view(kind):
        return _cells(values.cast(arrow.string()))
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


def _file(file: object) -> parquet.ParquetFile:
    try:
        return parquet.ParquetFile(file)
    except arrow.ArrowException:
        raise UnreadableError("truncated") from None
