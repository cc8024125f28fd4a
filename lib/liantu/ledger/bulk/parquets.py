"""parquet as a large ledger, in pieces of its row groups; `liantu.ledger.files.parquets` tells how its cells read."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as arrow

from liantu.ledger.files.parquets import BROKEN, as_cells, file_of
from liantu.ledger.files.unreadable import UnreadableError
from liantu.tables.addresses import opened


@dataclass(frozen=True)
class Groups:
    """A piece of a parquet file: some of its row groups."""

    address: str
    numbers: tuple[int, ...]


def header_of(address: str) -> list[str]:
    """The names of the columns."""
    with opened(address) as file:
        return list(file_of(file).schema_arrow.names)


def groups_of(address: str, rows: int) -> list[Groups]:
    """The file in pieces of about so many rows, as far as its row groups allow."""
    pieces: list[list[int]] = []
    held = rows
    with opened(address) as file:
        told = file_of(file).metadata
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
            table = file_of(file).read_row_groups(list(piece.numbers), use_threads=False)
        except BROKEN:
            raise UnreadableError("truncated") from None
    return {number: as_cells(column) for number, column in enumerate(table.columns)}, table.num_rows
