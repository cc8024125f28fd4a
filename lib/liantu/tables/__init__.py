"""The tidy tables: their contracts and dictionary, their files, and the projects as they were known at a date.

The names below are imported when first asked for, so that the name of a snapshot is read without pandas. `fold` and `dictionary` are
modules; their functions of the same name are imported from there.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from liantu.tables.contracts import CONTRACTS, Column, Contract
    from liantu.tables.fold import open_tables
    from liantu.tables.snapshots import snapshot_of
    from liantu.tables.store import read_table, write_tables
    from liantu.tables.whole_files import write_whole

__all__ = ["CONTRACTS", "Column", "Contract", "open_tables", "read_table", "snapshot_of", "write_tables", "write_whole"]

_HOMES = {
    "CONTRACTS": "liantu.tables.contracts", "Column": "liantu.tables.contracts", "Contract": "liantu.tables.contracts",
    "open_tables": "liantu.tables.fold", "snapshot_of": "liantu.tables.snapshots", "read_table": "liantu.tables.store",
    "write_tables": "liantu.tables.store", "write_whole": "liantu.tables.whole_files"}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
