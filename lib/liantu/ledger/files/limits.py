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
"""Cells in the used range of one sheet, the empty ones included: a million rows of forty columns."""
MAX_EMPTY_CELLS = 8_000_000
"""Cells of a used range that may be empty: a stray cell in the last row of a sheet would otherwise fill the memory."""
MAX_SHARED_STRINGS = 5_000_000
MAX_PARTS = 10_000
MAX_COLUMN_SPAN = 1_000
MAX_ROW_SPAN = 65_534
"""Spans of HTML cells, as browsers cap them."""


def check_range(rows: int, columns: int, filled: int | None, where: str) -> None:
    """Refuse a used range that is too large, or nearly empty and large; `filled` is None when it is not known."""
    cells = rows * columns
    if cells > MAX_CELLS or (filled is not None and cells - filled > MAX_EMPTY_CELLS):
        raise UnreadableError("too_large", f"{where}：{rows:,} 行 × {columns:,} 列", f"{where}: {rows:,} rows x {columns:,} columns")


def check_size(size: int, limit: int, zh: str, en: str) -> None:
    """Refuse `size` above `limit`."""
    if size > limit:
        raise UnreadableError("too_large", f"{zh} {size:,}，上限 {limit:,}", f"{en} {size:,}, limit {limit:,}")
