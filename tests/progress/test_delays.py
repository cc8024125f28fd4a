"""Reporting delays: only what can tell one."""

import numpy as np
import pandas as pd
import pytest

from liantu.progress import reporting_delays
from liantu.progress.delays import delay_distribution, told_no_delay
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


def _events(days, gone_by, stage="started"):
    """Events that many days after the first snapshot, each first reported so many days later."""
    begin = pd.Timestamp("2021-12-31")
    return MILESTONES.conform([
        {"project_id": str(number), "stage": stage, "actual_date": begin + pd.Timedelta(days=day),
         "first_reported": begin + pd.Timedelta(days=day + late)} for number, (day, late) in enumerate(zip(days, gone_by, strict=True))])


def test_right_truncation_is_undone_as_by_hand():
    # 20 old events told both delays (half each), 10 new ones could only tell the short one: 10 + 10 short, 10 long of old events.
    old, new = [10] * 20, [150] * 10
    rows = _events(old + new, [40] * 10 + [100] * 10 + [40] * 10)
    collected = [pd.Timestamp("2021-12-31"), pd.Timestamp("2021-12-31") + pd.Timedelta(days=200)]
    found = delay_distribution(rows, collected)
    found = found[found["stage"] == "started"].set_index("days")
    # Naive: 20 of 30 within 40 days. Of those that had time for 100 days 10 of 20 did, and of delays up to 40 all did.
    assert found.loc[40, "share"] == pytest.approx(0.5)
    assert found.loc[100, "share"] == pytest.approx(1.0)
    assert (found["seen_days"] == 190).all() and (found["n"] == 30).all()
    assert found.loc[40, "low"] < 0.5 < found.loc[40, "high"]


def test_truncated_exponential_delays_come_back():
    rng = np.random.default_rng(3)
    day, late = rng.integers(1, 360, 6000), rng.exponential(90, 6000).round()
    seen = day + late <= 365
    rows = _events(day[seen], late[seen])
    found = delay_distribution(rows, [pd.Timestamp("2021-12-31"), pd.Timestamp("2022-12-31")])
    every = found[found["stage"] == "all"]
    share = every.loc[every["days"] <= 90, "share"].iloc[-1]
    true = (1 - np.exp(-90.5 / 90)) / (1 - np.exp(-every["seen_days"].iloc[0] / 90))
    naive = (late[seen] <= 90).mean()
    assert abs(share - true) < 0.03 < naive - true


def test_one_snapshot_tells_no_delay():
    rows, day = _events([10], [40]), pd.Timestamp("2022-12-31")
    assert delay_distribution(rows, [day]).empty and told_no_delay(rows, [day]) == "one_snapshot"
    assert told_no_delay(rows, []) == "no_snapshot"
    assert told_no_delay(rows, [pd.Timestamp("2022-06-30"), day]) == "no_event_since"
    assert told_no_delay(rows, [pd.Timestamp("2021-12-31"), day]) == ""
