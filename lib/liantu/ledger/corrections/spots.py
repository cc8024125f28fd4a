"""Where in a sheet the cell of a correction stands: by the header of its column as it reads, or by its letter."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from liantu.ledger.corrections.entries import CellEntry
from liantu.ledger.drift import letter_of
from liantu.ledger.identity.names import squeeze
from liantu.ledger.sheets import Block, Cell, ColumnMatch, Sheet, Understanding
from liantu.ledger.values import privacy

_LETTERS = re.compile("[A-Za-z]{1,3}")
_LIKE_HEADERS = 40


@dataclass(frozen=True)
class Spot:
    """One cell: its row as a spreadsheet shows it, its place in the row, and the column of a table that it belongs to, if any."""

    row: int
    index: int
    block: Block | None = None
    match: ColumnMatch | None = None
    inside: bool = False
    """Whether it is a value of the table, and not its header, a sum or a note."""

    @property
    def read(self) -> bool:
        """Whether its column is looked at; serial numbers tell rows from sums, so they count."""
        return bool(self.block and self.match and self.match.field and self.block.form.spec(self.match.field).kind != "private")


@dataclass(frozen=True)
class Lost:
    """Why a cell is not found."""

    case: str
    nearest: str | None = None


def find_spot(understanding: Understanding, entry: CellEntry) -> Spot | Lost:
    """The cell that an entry names; of tables side by side the one that has the column, on a card the value beside the label."""
    sheet, wanted = understanding.sheet, squeeze(entry.column)
    blocks = _blocks_of(understanding, entry.row)
    for part in (lambda header: header, lambda header: header.rsplit(" / ", 1)[-1]):
        found = [(block, match) for block in blocks for match in block.columns
                 if match.header and squeeze(part(match.header)) == wanted and _value(sheet, block, match, entry.row)]
        if len(found) == 1:
            block, match = found[0]
            row, column = _value(sheet, block, match, entry.row) or (entry.row, 0)
            return Spot(row, column - sheet.first_column, block, match, bool(block.places) or row in block.rows)
        if found:
            return Lost("columns")
    index = _by_letter(sheet, entry.column)
    if index is None:
        return Lost("column", _nearest(blocks, entry.column))
    for block in blocks:
        for match in block.columns:
            if (entry.row, index + sheet.first_column) in _values(sheet, block, match):
                return Spot(entry.row, index, block, match, inside=True)
    return Spot(entry.row, index)


def cell_at(sheet: Sheet, row: int, index: int) -> Cell:
    """A cell as the file has it, None outside the row."""
    line = sheet.cells[row - sheet.first_row]
    return line[index] if 0 <= index < len(line) else None


def _blocks_of(understanding: Understanding, row: int) -> list[Block]:
    """The tables that hold a row, else the last one whose header begins at or above it, else the first."""
    blocks = understanding.blocks
    holding = [block for block in blocks if row in block.rows or any(
        line == row for values in block.places.values() for cells in values for line, _ in cells)]
    above = [block for block in blocks if min(block.header_rows, default=0) <= row]
    return holding or above[-1:] or list(blocks[:1])


def _value(sheet: Sheet, block: Block, match: ColumnMatch, row: int) -> tuple[int, int] | None:
    """Row and column of the cell that holds a column's value in a row of a table, or beside its label on the card of that row."""
    if not block.places:
        return row, match.index + sheet.first_column
    cells = block.places[row][match.index] if row in block.places else [cell for cell in _values(sheet, block, match) if cell[0] == row]
    return next(iter(cells), None)


def _values(sheet: Sheet, block: Block, match: ColumnMatch) -> list[tuple[int, int]]:
    """Rows and columns of all cells that hold a column's values."""
    if block.places:
        return [cell for values in block.places.values() for cell in values[match.index]]
    return [(row, match.index + sheet.first_column) for row in block.rows]


def _by_letter(sheet: Sheet, name: str) -> int | None:
    letters = [letter_of(index + sheet.first_column) for index in range(max((len(line) for line in sheet.cells), default=0))]
    return letters.index(name.upper()) if _LETTERS.fullmatch(name) and name.upper() in letters else None


def _nearest(blocks: list[Block], name: str) -> str | None:
    headers = [match.header for block in blocks for match in block.columns if match.header]
    near = process.extractOne(name, headers, scorer=fuzz.ratio, score_cutoff=_LIKE_HEADERS)
    return privacy.scrub(near[0]) if near else None
