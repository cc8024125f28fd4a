"""What a notebook opens: the checked parameters and the tables as known at a date.

The names below are imported when first asked for, so that parameters are checked without pandas.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from liantu.report.datasets import DatasetCard, dataset_card
    from liantu.report.report import Report

__all__ = ["DatasetCard", "Report", "dataset_card"]

_HOMES = {"DatasetCard": "liantu.report.datasets", "Report": "liantu.report.report", "dataset_card": "liantu.report.datasets"}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
