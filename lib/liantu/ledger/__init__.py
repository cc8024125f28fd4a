"""Raw workbooks → tidy tables: find the tables, read the values, match duplicates, account for every row.

The names below are imported when first asked for, so that a reader of values does not pay for workbooks and tables.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from liantu.ledger.cleaning import clean, clean_tables, fresh_tables
    from liantu.ledger.pipeline import Cleaning

__all__ = ["Cleaning", "clean", "clean_tables", "fresh_tables"]

_HOMES = {
    "Cleaning": "liantu.ledger.pipeline", "clean": "liantu.ledger.cleaning", "clean_tables": "liantu.ledger.cleaning",
    "fresh_tables": "liantu.ledger.cleaning"}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
