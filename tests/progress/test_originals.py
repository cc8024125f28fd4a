"""The first plan beside the newest one."""

import pandas as pd

from liantu.progress import originals
from liantu.tables import CONTRACTS


def test_original_and_latest_plan_of_each_stage():
    where = {"source_file": "a.xlsx", "sheet": "S", "row": 3, "project_id": "P1", "field": "started_planned"}
    changes = CONTRACTS["changes"].conform([
        where | {"source": "department", "snapshot": "2022-03-31", "previous_snapshot": "2021-12-31", "original_date": "2022-01-31",
                 "previous_date": "2022-01-31", "latest_date": "2022-02-28"},
        where | {"source": "county", "snapshot": "2022-06-30", "previous_snapshot": "2022-03-31", "original_date": "2022-03-31",
                 "previous_date": "2022-06-30", "latest_date": "2022-10-31", "reason": "因征地延期"},
        where | {"source": "county", "snapshot": "2022-03-31", "previous_snapshot": "2021-12-31", "original_date": "2022-03-31",
                 "previous_date": "2022-03-31", "latest_date": "2022-06-30"},
        where | {"field": "started_actual", "source": "county", "snapshot": "2022-06-30", "previous_snapshot": "2022-03-31",
                 "original_date": "2022-03-01", "previous_date": "2022-03-01"}])
    milestones = CONTRACTS["milestones"].conform([
        {"project_id": "P1", "stage": "started", "planned_date": "2022-10-31", "precision": "month"},
        {"project_id": "P1", "stage": "completed", "planned_date": "2023-10-31", "precision": "month"},
        {"project_id": "P2", "stage": "started", "actual_date": "2022-05-01", "precision": "day"}])
    table = originals(changes, milestones)
    assert table[["stage", "times_moved", "days_moved"]].values.tolist() == [["started", 2, 214], ["completed", 0, 0]]
    assert table["original_date"].tolist() == [pd.Timestamp("2022-03-31"), pd.Timestamp("2023-10-31")]
    assert table["reason"].fillna("").tolist() == ["因征地延期", ""]
    assert originals(changes.iloc[:0], milestones)["times_moved"].tolist() == [0, 0]
