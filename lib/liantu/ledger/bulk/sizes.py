"""From which size on a file is read piece by piece, and how large the pieces are."""

from __future__ import annotations

from pathlib import Path

from liantu.tables.addresses import size_of

LARGE_BYTES = 50_000_000
"""A csv of some 250,000 rows: read as a sheet it takes about 2 GB and a minute, beyond that piece by piece is cheaper in both."""
LARGE_PARQUET_BYTES = 10_000_000
"""The same rows in parquet, which packs them to about a fifth."""
PIECE_BYTES = 32_000_000
"""One piece of text: some 150,000 rows, about 400 MB of a worker's memory while they are read."""
PIECE_ROWS = 150_000
"""One piece of parquet, as far as its row groups allow."""
RANGE_ROWS = 200_000
"""Rows whose projects are folded together."""
SUFFIXES = (".csv", ".tsv", ".txt", ".parquet")


def is_large(address: Path | str) -> bool:
    """Whether a file is read piece by piece: csv, tsv or parquet above the sizes stated here. Other kinds are bounded by their formats."""
    name = str(address).lower()
    if not name.endswith(SUFFIXES):
        return False
    return size_of(address) > (LARGE_PARQUET_BYTES if name.endswith(".parquet") else LARGE_BYTES)
