"""Reporting delays: only what can tell one."""

import pandas as pd

from liantu.progress import reporting_delays
from liantu.tables.contracts import MILESTONES


def test_delays_of_events_after_the_first_snapshot():
    rows = MILESTONES.conform([
        {"project_id": "a", "stage": "started", "actual_date": "2022-02-01", "first_reported": "2022-03-31"},
        {"project_id": "b", "stage": "started", "actual_date": "2021-02-01", "first_reported": "2021-12-31"},
        {"project_id": "c", "stage": "started", "actual_date": "2022-05-01", "first_reported": "2022-03-31"},
        {"project_id": "d", "stage": "started", "first_reported": "2022-03-31"},
        {"project_id": "e", "stage": "completed", "actual_date": "2022-03-31", "first_reported": "2022-06-30"},
    ])
    delays = reporting_delays(rows, pd.Timestamp("2021-12-31"))
    assert dict(zip(delays["project_id"], delays["days"], strict=True)) == {"a": 58, "e": 91}
