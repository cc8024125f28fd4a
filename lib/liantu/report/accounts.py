"""What cleaning did with the ledgers known at the report's date, as tables."""

from __future__ import annotations

import pandas as pd

from liantu.report.report import Report
from liantu.tables.snapshots import snapshots_of_files


def sheets(report: Report) -> pd.DataFrame:
    """One row for each sheet: source_file, sheet, snapshot, rows_read, rows_accepted, rows_quarantined, rows_ignored."""
    columns = ["source_file", "sheet", "rows_read", "rows_accepted", "rows_quarantined", "rows_ignored"]
    return _known(report, pd.DataFrame(report.accounting["files"], columns=columns))


def files(report: Report) -> pd.DataFrame:
    """One row for each file: source_file, snapshot, sheets and the sums of its sheets' rows."""
    table = sheets(report)
    sums = table.groupby(["snapshot", "source_file"])[["rows_read", "rows_accepted", "rows_quarantined", "rows_ignored"]].sum()
    return sums.assign(sheets=table.groupby(["snapshot", "source_file"]).size()).reset_index()


def unreadable(report: Report) -> pd.DataFrame:
    """One row for each file that could not be read: source_file, snapshot, reason, message_zh, message_en."""
    return _known(report, pd.DataFrame(report.accounting["unreadable"], columns=["source_file", "reason", "message_zh", "message_en"]))


def merges_by_decision(report: Report) -> pd.DataFrame:
    """How many pairs of rows were merged, proposed or kept apart: decision, pairs, projects, lowest, highest score."""
    table = report.table("merges").groupby("decision").agg(
        pairs=("score", "size"), projects=("project_id", "nunique"), lowest=("score", "min"), highest=("score", "max"))
    return table.reindex(["merged", "proposed", "kept_apart"]).fillna({"pairs": 0, "projects": 0}).reset_index()


def findings(report: Report) -> pd.DataFrame:
    """One row for each named finding: kind, source_file, sheet, header, nearest, message_zh, message_en."""
    columns = ["kind", "source_file", "sheet", "header", "nearest", "message_zh", "message_en"]
    return _known(report, pd.DataFrame(report.accounting["findings"], columns=columns)).drop(columns="snapshot")


def _known(report: Report, table: pd.DataFrame) -> pd.DataFrame:
    table = table.assign(snapshot=snapshots_of_files(table["source_file"].astype("str")))
    return table[~(table["snapshot"] > pd.Timestamp(report.as_of))].reset_index(drop=True)
