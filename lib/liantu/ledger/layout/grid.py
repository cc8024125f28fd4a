"""A sheet made ready for looking: texts in one spelling, filled cells by row, merged ranges by place (all counted from 0)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from liantu.ledger.layout.header_text import as_header, plain
from liantu.ledger.sheets import Cell, Sheet

_NUMBERS = re.compile(r"[-+]?[\d,.]+(?:[eE]\d+)?%?|20\d{2}[年./-]\d{1,2}(?:[月./-]\d{0,2}日?)?|-|/|—|√|×")


@dataclass(frozen=True)
class Span:
    """A merged range, counted from 0 within the sheet's cells."""

    top: int
    left: int
    bottom: int
    right: int


class Grid:
    """Rows and columns of one sheet, from 0; with `columns`, only a strip of it, above which the whole sheet's `titles` stand."""

    def __init__(self, sheet: Sheet, columns: range | None = None, titles: tuple[str, ...] = ()) -> None:
        self.sheet = sheet
        self.cells = sheet.cells
        self.height = len(sheet.cells)
        self.columns = range(max((len(row) for row in sheet.cells), default=0)) if columns is None else columns
        self.titles = (*sheet.titles, *titles)
        self._texts: dict[int, dict[int, str]] = {}

    @cached_property
    def spans(self) -> list[Span]:
        """Merged ranges of more than one cell, cut to the sheet's cells."""
        moved = [
            Span(max(top - self.sheet.first_row, 0), max(left - self.sheet.first_column, self.columns.start),
                 min(bottom - self.sheet.first_row, self.height - 1), min(right - self.sheet.first_column, self.columns.stop - 1))
            for top, left, bottom, right in self.sheet.merged]
        return [span for span in moved if span.top <= span.bottom and span.left <= span.right
                and (span.top, span.left) != (span.bottom, span.right)]

    @cached_property
    def spans_by_row(self) -> dict[int, list[Span]]:
        """The merged ranges that touch a row."""
        touching: dict[int, list[Span]] = {}
        for span in self.spans:
            for row in range(span.top, span.bottom + 1):
                touching.setdefault(row, []).append(span)
        return touching

    @cached_property
    def last_filled(self) -> dict[int, int]:
        """Column → the last row in which it holds something."""
        last: dict[int, int] = {}
        for row in range(self.height):
            last.update(dict.fromkeys(self.texts(row), row))
        return last

    def span_at(self, row: int, column: int) -> Span | None:
        """The merged range that holds a cell."""
        return next((span for span in self.spans_by_row.get(row, ()) if span.left <= column <= span.right), None)

    def cell(self, row: int, column: int) -> Cell:
        """The cell as written, None outside the row."""
        line = self.cells[row]
        return line[column] if column < len(line) and column in self.columns else None

    def texts(self, row: int) -> dict[int, str]:
        """Column → text of the filled cells of a row, in one width and without blanks."""
        if row not in self._texts:
            start, line = self.columns.start, self.cells[row]
            if start or self.columns.stop < len(line):
                line = line[start:self.columns.stop]
            self._texts[row] = {
                column: text for column, value in enumerate(line, start) if value is not None and (text := plain(value))}
        return self._texts[row]

    def header_text(self, row: int, column: int) -> str:
        """A cell's text read as a header; a merged range gives its text to every cell of it."""
        return as_header(self.spread(row, column))

    def spread(self, row: int, column: int) -> Cell:
        """A cell, or the one that a merged range spreads over it."""
        span = self.span_at(row, column)
        return self.cell(span.top, span.left) if span else self.cell(row, column)

    def blank(self, row: int) -> bool:
        """Whether the row holds nothing."""
        return not self.texts(row)

    def number(self, row: int) -> int:
        """The row's number as a spreadsheet shows it."""
        return row + self.sheet.first_row

    def raw(self, row: int) -> Iterator[str]:
        """The texts of a row as they read, line breaks made blanks."""
        return (" ".join(str(self.cell(row, column)).split()) for column in self.texts(row))


def like_number(value: Cell, text: str) -> bool:
    """Whether a cell holds a number, a date or a mark rather than words."""
    return not isinstance(value, str) or bool(_NUMBERS.fullmatch(text))
