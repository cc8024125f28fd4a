"""The tidy tables: their contracts and dictionary, their files, and the projects as they were known at a date."""

from liantu.tables.contracts import CONTRACTS, Column, Contract
from liantu.tables.dictionary import dictionary
from liantu.tables.fold import fold, open_tables
from liantu.tables.snapshots import snapshot_of
from liantu.tables.store import read_table, write_tables, write_whole

__all__ = [
    "CONTRACTS", "Column", "Contract", "dictionary", "fold", "open_tables", "read_table", "snapshot_of", "write_tables", "write_whole",
]
