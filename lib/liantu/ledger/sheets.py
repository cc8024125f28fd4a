"""What the rooms of the ledger floor pass to each other: sheets as read, tables as found, files that could not be read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from liantu.reference import LedgerForm

Cell = str | float | int | bool | dt.date | dt.datetime | dt.time | None
Ignored = Literal["blank", "title", "header", "subtotal", "note", "no_table", "exact_copy"]
How = Literal["name", "pattern", "content", "none"]


def stem_of(source_file: str) -> str:
    """A file's own name, without folders and suffix."""
    return source_file.rsplit("/", 1)[-1].rsplit(".", 1)[0]


@dataclass(frozen=True)
class Sheet:
    """One sheet: a rectangle of cells; `cells[0][0]` is row `first_row`, column `first_column` (both 1-based, as a spreadsheet shows).

    `merged` holds inclusive ranges (top, left, bottom, right) in the spreadsheet's numbers; `cells` hold values as written:
    only the top left cell of a merged range has one.
    """

    source_file: str
    name: str
    cells: list[list[Cell]] = field(repr=False)
    first_row: int = 1
    first_column: int = 1
    merged: tuple[tuple[int, int, int, int], ...] = ()
    hidden: bool = False
    titles: tuple[str, ...] = ()
    """Text that belongs to the sheet but stands in no cell: captions and headings of an HTML file."""
    scales: Mapping[tuple[int, int], float] = field(default_factory=dict, repr=False)
    """(row, column) in the spreadsheet's numbers → what the amount of the cell as read is multiplied by (corrections.yml)."""


@dataclass(frozen=True)
class Unreadable:
    """A file that could not be read, with one of the contract's reasons."""

    source_file: str
    reason: str
    message_zh: str
    message_en: str


@dataclass(frozen=True)
class ColumnMatch:
    """How one column of a found table was understood."""

    index: int
    """Position in `Sheet.cells` rows, from 0."""
    header: str
    """The header as it reads, levels joined by ' / '."""
    field: str | None
    """Field of the form, None when the header maps to none."""
    unit: str | None
    """Unit told by the header, its group or the sheet's title (万元, 亿元, 元, 亩, 公顷, %, …)."""
    how: How
    nearest: str | None = None
    """The nearest known header when nothing matched."""
    year: int | None = None
    """The year that the header tells ("2022年计划投资")."""
    month: int | None = None
    """The last month that the header tells ("1-6月累计完成投资" → 6)."""


@dataclass(frozen=True)
class Block:
    """One table found in a sheet: its form, its columns and the numbers of its body rows as a spreadsheet shows them."""

    form: LedgerForm
    columns: tuple[ColumnMatch, ...]
    rows: tuple[int, ...] = field(repr=False)
    header_rows: tuple[int, ...] = ()
    titles: tuple[str, ...] = ()
    groups: Mapping[int, tuple[str, ...]] = field(default_factory=dict, repr=False)
    """Row → the texts of the group rows above it ("一、续建项目"), the outermost first; rows without any are left out."""
    places: Mapping[int, tuple[tuple[tuple[int, int], ...], ...]] = field(default_factory=dict, repr=False)
    """For a card of one project: row → for each column (by `ColumnMatch.index`) the cells (row, column; 1-based) that hold its value.

    Empty for a table, whose values stand in the body row itself, below their headers.
    """
    joined: Mapping[int, tuple[int, ...]] = field(default_factory=dict, repr=False)
    """Row → the rows below it that only carry on its texts (a name wrapped over two rows)."""


@dataclass(frozen=True)
class Understanding:
    """A sheet explained: the tables in it, and why every other row was ignored.

    Every row number of the sheet is in exactly one of `ignored` and the blocks' `rows`.
    """

    sheet: Sheet
    blocks: tuple[Block, ...]
    ignored: Mapping[int, Ignored] = field(repr=False)
