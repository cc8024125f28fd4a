"""From which size on a file is read piece by piece, and how large the pieces are."""

from __future__ import annotations

from pathlib import Path

from liantu.tables.addresses import is_local, local_path, size_of

LARGE_BYTES = 10_000_000
"""A csv of some 50,000 rows: read as a sheet it takes 3 s and 0.5 GB, beyond that piece by piece is cheaper in both."""
LARGE_PARQUET_BYTES = 3_000_000
"""The same rows in parquet, which packs them to about a third."""
PIECE_BYTES = 16_000_000
"""One piece of text: some 80,000 rows, about 200 MB of a worker's memory while they are read."""
PIECE_ROWS = 80_000
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


def needs_bulk(raw_dir: Path | str, out: Path | str = "", scheduler: str | None = None) -> bool:
    """Whether a folder is to be cleaned by `clean_bulk`: a ledger is large, an address is elsewhere, or a scheduler is named."""
    if scheduler or not is_local(raw_dir) or (out and not is_local(out)):
        return True
    folder = local_path(raw_dir)
    return folder.is_dir() and any(is_large(path) for path in folder.rglob("*") if path.is_file())
