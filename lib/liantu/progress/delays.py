"""How long it takes until a ledger says that something happened."""

from __future__ import annotations

import pandas as pd


def reporting_delays(milestones: pd.DataFrame, first_snapshot: pd.Timestamp) -> pd.DataFrame:
    """Days from each dated event to the first snapshot that reports it: project_id, stage, actual_date, first_reported, days.

    Only events after `first_snapshot` are taken: what happened before the first ledger was collected could not have been reported earlier.
    Events not reported yet are missing, so the delays seen are shorter than the true ones (right truncation). An event whose date was
    later moved behind its first report tells no delay and is left out (the evidence audit looks at those).
    """
    rows = milestones.dropna(subset=["actual_date", "first_reported"])
    rows = rows[(rows["actual_date"] > first_snapshot) & (rows["first_reported"] >= rows["actual_date"])]
    days = (rows["first_reported"] - rows["actual_date"]).dt.days
    return rows.assign(days=days)[["project_id", "stage", "actual_date", "first_reported", "days"]].reset_index(drop=True)
