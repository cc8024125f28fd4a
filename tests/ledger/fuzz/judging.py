"""What must hold of any file whatever: it is unreadable for a known reason, or every row of its sheets is accounted for."""

from __future__ import annotations

import time
from pathlib import Path

from liantu.ledger.files.reading import read_book
from liantu.ledger.files.unreadable import REASONS
from liantu.ledger.layout.finding import understand
from liantu.ledger.layout.known import Known, known_forms
from liantu.ledger.sheets import Sheet, Unreadable
from liantu.reference import city

SECONDS = 10
"""A small file that takes longer hangs."""


def known() -> Known:
    """The forms of the city."""
    return known_forms(city())


def judge(path: Path, content: bytes, forms: Known) -> str:
    """Read `content` as a file; returns the reason or 'read'. Raises AssertionError for a lost row, an unknown reason or a hang."""
    path.write_bytes(content)
    started = time.monotonic()
    book = read_book(path, "2022Q1/a")
    if isinstance(book, Unreadable):
        assert book.reason in REASONS, book.reason
        assert book.message_zh and book.message_en and book.source_file == "2022Q1/a"
        outcome = book.reason
    else:
        assert book and any(sheet.cells for sheet in book)
        assert len({sheet.name for sheet in book}) == len(book)
        for sheet in book:
            account(sheet, forms)
        outcome = "read"
    assert time.monotonic() - started < SECONDS, "too slow"
    return outcome


def account(sheet: Sheet, forms: Known) -> None:
    """Every row of a sheet must be in exactly one place."""
    assert len({len(row) for row in sheet.cells}) <= 1
    understanding = understand(sheet, forms)
    # Rows that only carry on the texts of the row above count with the table.
    rows = [row for block in understanding.blocks for row in block.rows] + list(understanding.ignored)
    assert sorted(rows) == list(range(sheet.first_row, sheet.first_row + len(sheet.cells))), sheet.source_file
