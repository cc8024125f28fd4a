"""liantu (链图): from a prefecture city's project ledgers to its quarterly report.

    from liantu import Report
    report = Report(quarter="2022Q2")      # the tables as known on 30 June 2022
    report.projects                        # a pandas DataFrame, columns as in the dictionary
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from liantu.report import Report

__all__ = ["Report"]


def __getattr__(name: str) -> object:
    # pandas is imported only when a report is opened, so that `liantu --help` stays quick
    if name == "Report":
        from liantu.report import Report

        return Report
    raise AttributeError(f"module 'liantu' has no attribute {name!r}")
