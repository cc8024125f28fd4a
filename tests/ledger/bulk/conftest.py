"""What the tests of large ledgers share: sizes at which a small file counts as large."""

import pytest

from liantu.ledger.bulk import layouts, run, sizes


@pytest.fixture
def small_pieces(monkeypatch):
    """Any csv or parquet is large, a piece has some 9 kB or 60 rows, and 70 rows are folded together."""
    for module, name, value in (
            (sizes, "LARGE_BYTES", 100), (sizes, "LARGE_PARQUET_BYTES", 100), (run, "PIECE_BYTES", 9_000), (run, "PIECE_ROWS", 60),
            (run, "RANGE_ROWS", 70), (run, "HEAD_ROWS", 12), (layouts, "HEAD_ROWS", 12)):
        monkeypatch.setattr(module, name, value)
