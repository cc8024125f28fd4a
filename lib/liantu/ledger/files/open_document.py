"""content.xml of an ods run through before it is opened: the extent of each table, its merged ranges, its cells without a value.

Source: OpenDocument 1.3 part 3, 9.1 (tables, repeated rows and columns), 19.385 (value types).
"""

from __future__ import annotations

from collections.abc import Iterable

from liantu.ledger.files import limits
from liantu.ledger.files.scanning import NOT_COMPUTED, Errors, run_through
from liantu.ledger.files.unreadable import UnreadableError

Range = tuple[int, int, int, int]
_CELLS = ("table:table-cell", "table:covered-table-cell")
_MAX_PATCHED = 100_000
"""Cells of one table that may hold an error each or a text without a type; repeated ones count."""


def look_through(pieces: Iterable[bytes]) -> tuple[dict[str, Errors], dict[str, tuple[Range, ...]]]:
    """By table name the cells that the reader leaves empty although they say something, and the merged ranges."""
    look = _Look()
    run_through(pieces, look)
    for extent in look.extents.values():
        extent.check()
    limits.check_size(sum(extent.filled for extent in look.extents.values()), limits.MAX_CELLS, "有值的单元格", "filled cells")
    return look.errors, {name: tuple(ranges) for name, ranges in look.merged.items()}


class _Look:
    """Follows rows and columns with their repetitions."""

    def __init__(self) -> None:
        self.merged: dict[str, list[Range]] = {}
        self.errors: dict[str, Errors] = {}
        self.extents: dict[str, limits.Extent] = {}
        self._table, self._row, self._column, self._rows = "", 0, 0, 1
        self._cell: dict[str, str] | None = None
        self._beside = 0
        self._texts: list[str] = []

    def start(self, tag: str, values: dict[str, str]) -> None:
        """A table, a row, a cell or a part of one begins."""
        if tag == "table:table" and self._cell is None:
            self._table, self._row = values.get("table:name", ""), 0
        elif tag == "table:table-row" and self._cell is None:
            self._rows, self._column = _times(values, "table:number-rows-repeated", limits.MAX_ROWS), 0
        elif tag in _CELLS and self._cell is None:
            self._cell, self._texts = values, []
        elif tag == "office:annotation" or tag.startswith("draw:"):
            self._beside += 1
        elif tag == "text:p" and self._texts:
            self._texts.append("\n")

    def text(self, text: str) -> None:
        """What a cell shows; remarks and drawings do not count."""
        if self._cell is not None and not self._beside:
            self._texts.append(text)

    def end(self, tag: str) -> None:
        """A row or a cell ends."""
        if tag == "office:annotation" or tag.startswith("draw:"):
            self._beside = max(self._beside - 1, 0)
        elif tag in _CELLS and self._cell is not None:
            self._close(self._cell, "".join(self._texts).strip())
            self._cell = None
        elif tag == "table:table-row" and self._cell is None:
            self._row += self._rows

    def _close(self, values: dict[str, str], text: str) -> None:
        repeat = _times(values, "table:number-columns-repeated", limits.MAX_COLUMNS)
        down = _times(values, "table:number-rows-spanned", limits.MAX_ROWS)
        across = _times(values, "table:number-columns-spanned", limits.MAX_COLUMNS)
        top, left = self._row + 1, self._column + 1
        if down > 1 or across > 1:
            self.merged.setdefault(self._table, []).append((top, left, top + down - 1, left + across - 1))
        told = _without_value(values, text)
        if told or "office:value-type" in values or "calcext:value-type" in values:
            extent = self.extents.setdefault(self._table, limits.Extent(self._table))
            extent.add(top, top + self._rows - 1, left, left + repeat - 1, repeat * self._rows)
        if told:
            limits.check_size(repeat * self._rows, _MAX_PATCHED, "重复的错误单元格", "repeated error cells")
            self.errors.setdefault(self._table, {}).update({
                (row, column): told for row in range(top, top + self._rows) for column in range(left, left + repeat)})
            limits.check_size(len(self.errors[self._table]), _MAX_PATCHED, "错误单元格", "error cells")
        self._column += repeat


def _without_value(values: dict[str, str], text: str) -> str | None:
    """What stands for a cell that the reader leaves empty: an error's text, a formula never computed, a text without a type."""
    if values.get("calcext:value-type") == "error":
        return text or "#N/A"
    if "office:value-type" in values:
        return None
    return text or (NOT_COMPUTED if "table:formula" in values else None)


def _times(values: dict[str, str], name: str, most: int) -> int:
    """A number of repetitions; the reader loops as often as it says, so it must not lie beyond a sheet."""
    told = values.get(name, "1").strip()
    if not told.isdigit() or len(told) > 9:
        raise UnreadableError("truncated")
    number = max(int(told), 1)
    if number > most:
        raise UnreadableError("truncated")
    return number
