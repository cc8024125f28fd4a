"""What cleaning did with the ledgers known at the report's date, as tables, of all reporters."""

from __future__ import annotations

import pandas as pd

from liantu.report.report import Report


def sheets(report: Report) -> pd.DataFrame:
    """One row for each sheet: source_file, sheet, snapshot, rows_read, rows_accepted, rows_quarantined, rows_ignored."""
    return report.account.sheets.copy(deep=False)


def files(report: Report) -> pd.DataFrame:
    """One row for each file: source_file, snapshot, sheets and the sums of its sheets' rows."""
    return report.account.files.drop(columns=["county", "newest"])


def unreadable(report: Report) -> pd.DataFrame:
    """One row for each file that could not be read: source_file, snapshot, reason, message_zh, message_en."""
    return report.account.unreadable.drop(columns=["county", "newest"])


def merges_by_decision(report: Report) -> pd.DataFrame:
    """How many pairs of rows were merged, proposed or kept apart: decision, pairs, projects, lowest, highest score."""
    table = report.table("merges").groupby("decision").agg(
        pairs=("score", "size"), projects=("project_id", "nunique"), lowest=("score", "min"), highest=("score", "max"))
    return table.reindex(["merged", "proposed", "kept_apart"]).fillna({"pairs": 0, "projects": 0}).reset_index()


def findings(report: Report) -> pd.DataFrame:
    """One row for each named finding: kind, source_file, sheet, header, nearest, message_zh, message_en."""
    return report.account.findings.copy(deep=False)
