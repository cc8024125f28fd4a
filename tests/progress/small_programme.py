"""A made-up programme whose reports lag, for tests of the forecasts."""

from __future__ import annotations

import numpy as np
import pandas as pd

DAYS = tuple(pd.to_datetime(["2021-03-31", "2021-06-30", "2021-09-30", "2021-12-31"]))
STAGES = ("design", "build", "close")


def as_known(day: pd.Timestamp, seed: int = 1, projects: int = 60) -> pd.DataFrame:
    """The programme as its ledger tells it on `day`, with first reports by snapshot."""
    rng = np.random.default_rng(seed)
    begin = pd.Timestamp("2019-01-01") + pd.to_timedelta(rng.integers(0, 1100, projects), unit="D")
    rows = []
    for number in range(projects):
        start = begin[number]
        for stage in STAGES:
            end = start + pd.Timedelta(days=int(rng.lognormal(5, 0.6)))
            told = end + pd.Timedelta(days=int(rng.exponential(60)))
            report = next((when for when in (pd.Timestamp("2020-12-31"), *DAYS, pd.Timestamp("2022-03-31")) if when >= told), pd.NaT)
            known = told <= day
            rows.append({
                "project": f"P{number}", "stage": stage, "start": start if start <= day else pd.NaT,
                "planned_end": start + pd.Timedelta(days=150),
                "actual_end": end if known else pd.NaT, "first_reported": report if known else pd.NaT, "county": str(number % 3),
                "listed": begin[number],
            })  # fmt: skip
            start = end
    table = pd.DataFrame(rows)
    return table[table["listed"] <= day].drop(columns="listed").reset_index(drop=True)


def history(seed: int = 1, projects: int = 60, last: int = 3) -> dict[pd.Timestamp, pd.DataFrame]:
    """Earlier tables."""
    return {day: as_known(day, seed, projects) for day in DAYS[:last]}
