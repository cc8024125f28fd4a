"""Limits of what is read: far above any ledger, far below what fills a memory."""

from __future__ import annotations

from liantu.ledger.files.unreadable import UnreadableError

MAX_FILE_BYTES = 1_000_000_000
MAX_UNPACKED_BYTES = 1_000_000_000
"""All parts of a zipped workbook together, unpacked."""
MAX_RATIO = 200
"""Unpacked to packed size of one part; only parts above RATIO_FROM_BYTES are held against it (real sheets stay below 60)."""
RATIO_FROM_BYTES = 20_000_000
MAX_CELLS = 40_000_000
"""Cells in the used range of one sheet, the empty ones included: a million rows of forty columns. So many may a workbook fill."""
MAX_EMPTY_CELLS = 8_000_000
"""Cells of a used range that may be empty: a stray cell in the last row of a sheet would otherwise fill the memory."""
MAX_ROWS, MAX_COLUMNS = 1_048_576, 16_384
"""What a sheet of today's spreadsheet programs can hold; a cell beyond is damage."""
MAX_OLD_ROWS, MAX_OLD_COLUMNS = 65_536, 256
"""The same for .xls ([MS-XLS] 1.3)."""
MAX_SHARED_STRINGS = 5_000_000
MAX_PARTS = 10_000
MAX_INDEX_BYTES = 50_000_000
"""The parts that only list others (workbook, relations, manifest)."""
MAX_PAGES = 1_000
"""Parts of a web archive (.mht)."""
MAX_COLUMN_SPAN = 1_000
MAX_ROW_SPAN = 65_534
"""Spans of HTML cells, as browsers cap them."""
SECONDS = 120
"""What reading one file within these limits may take; see docs/bad-input.md for what was measured."""


def check_range(rows: int, columns: int, filled: int | None, where: str) -> None:
    """Refuse a used range that is too large, or nearly empty and large; `filled` is None when it is not known."""
    cells = rows * columns
    if cells > MAX_CELLS or (filled is not None and cells - filled > MAX_EMPTY_CELLS):
        raise UnreadableError("too_large", f"{where}：{rows:,} 行 × {columns:,} 列", f"{where}: {rows:,} rows x {columns:,} columns")


def check_size(size: int, limit: int, zh: str, en: str) -> None:
    """Refuse `size` above `limit`."""
    if size > limit:
        raise UnreadableError("too_large", f"{zh} {size:,}，上限 {limit:,}", f"{en} {size:,}, limit {limit:,}")


class Extent:
    """The used range of one sheet while its cells are run through; rows and columns from 1."""

    def __init__(self, where: str, rows: int = MAX_ROWS, columns: int = MAX_COLUMNS) -> None:
        self.where, self._rows, self._columns = where, rows, columns
        self.top, self.bottom, self.left, self.right, self.filled = 1 << 60, 0, 1 << 60, 0, 0

    def add(self, top: int, bottom: int, left: int, right: int, filled: int) -> None:
        """Take in cells; raises UnreadableError when they lie outside what a sheet can hold or the range grows too large."""
        if bottom > self._rows or right > self._columns or top < 1 or left < 1:
            raise UnreadableError("truncated")
        self.top, self.bottom = min(top, self.top), max(bottom, self.bottom)
        self.left, self.right, self.filled = min(left, self.left), max(right, self.right), self.filled + filled
        check_range(self.bottom - self.top + 1, self.right - self.left + 1, None, self.where)

    def check(self) -> None:
        """Hold the whole range against the limit of empty cells."""
        if self.filled:
            check_range(self.bottom - self.top + 1, self.right - self.left + 1, self.filled, self.where)
