"""Dated events of the ledgers counted by week and by the snapshot that first told them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from liantu.progress.triangles import Triangle

QUARTER_DAYS = 91.3
WEEKS = 13
"""Weeks of a quarter, counted back from its last day; the first one takes the days left over, so a year has 52."""
_EARLY = (0, 7, 15, 30, 61)
_MONTHS = {"month": 1, "quarter": 3, "half": 6, "year": 12}


def age_edges(lags: int) -> np.ndarray:
    """Days of delay at which the ages begin, and the end of the last: fine in the first quarter, then quarter by quarter to `lags`."""
    return np.concatenate([_EARLY, np.round(QUARTER_DAYS * np.arange(1, lags + 2)).astype(int)])


def week_triangle(dated: pd.DataFrame, collected: Sequence[pd.Timestamp], first: pd.Period, last: pd.Period, lags: int) -> Triangle:
    """Events by week of the quarters `first` to `last` and by snapshot, with the ages of delay each snapshot tells of each week.

    `dated`: actual_date, first_reported and, where known, precision; `collected`: the dates of the snapshots, oldest first. A date known
    only to a month or a longer time is stored as its last day and would look younger than it is: such an event is spread over the days of
    its time, within the quarter it is counted in and up to its report (`Triangle.loose`). An event told before it happened (its date was
    moved later) tells no delay and is left out.
    """
    days = pd.date_range(first.start_time.normalize(), last.end_time.normalize(), freq="D")
    week = _weeks(days)
    told, left = _told(days, week, collected, age_edges(lags))
    begin, end, snapshot = _spans(dated, days, week, collected)
    counts = np.zeros(told.shape[:2])
    exact = week[begin] == week[end]
    np.add.at(counts, (week[end][exact], snapshot[exact]), 1.0)
    return Triangle(counts, told, left, _loose(begin[~exact], end[~exact], snapshot[~exact], week))


def _weeks(days: pd.DatetimeIndex) -> np.ndarray:
    quarters = days.to_period("Q")
    number = np.asarray(quarters.year * 4 + quarters.quarter)
    to_end = (quarters.end_time.normalize() - days).days.to_numpy()
    return (number - number[0]) * WEEKS + WEEKS - 1 - np.minimum(to_end // 7, WEEKS - 1)


def _told(days: pd.DatetimeIndex, week: np.ndarray, collected: Sequence[pd.Timestamp], edges: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Shares of each age first told of each week by each snapshot (weeks x snapshots x ages), and what none has told (weeks x ages)."""
    size = np.bincount(week)[:, None]
    before, told = np.zeros((week.max() + 1, len(edges) - 1)), []
    for snapshot in collected:
        # Delays are whole days: on its own day an event told at once is told.
        age = (snapshot - days).days.to_numpy()[:, None]
        share = np.clip((age + 1 - edges[:-1]) / np.diff(edges), 0, 1)
        now = np.stack([np.bincount(week, weights=column) for column in share.T], axis=1) / size
        told.append(now - before)
        before = now
    return np.stack(told, axis=1), 1 - before


def _spans(dated: pd.DataFrame, days: pd.DatetimeIndex, week: np.ndarray, collected: Sequence[pd.Timestamp]) -> tuple[np.ndarray, ...]:
    """Of each event that tells a delay: the first and the last day it may have happened, and its snapshot, all as numbers."""
    end = dated["actual_date"].to_numpy().astype("datetime64[D]")
    told = dated["first_reported"].to_numpy().astype("datetime64[D]")
    begin = end.copy()
    if "precision" in dated:
        precision = dated["precision"].fillna("day").to_numpy(dtype=object)
        for name, months in _MONTHS.items():
            mine = precision == name
            begin[mine] = (end[mine].astype("datetime64[M]") - (months - 1)).astype("datetime64[D]")
        mine = precision == "ten_days"
        # The last days of a month are the 8 to 11 from its 21st, the others end on the 10th and the 20th.
        day = (end[mine] - end[mine].astype("datetime64[M]")).astype(int)
        begin[mine] = end[mine].astype("datetime64[M]").astype("datetime64[D]") + np.minimum(day // 10, 2) * 10
    origin, final = days[0].to_datetime64().astype("datetime64[D]"), days[-1].to_datetime64().astype("datetime64[D]")
    kept = (end >= origin) & (end <= final) & (begin <= told)
    begin, end, told = begin[kept], end[kept], told[kept]
    quarter = week[(end - origin).astype(int)] // WEEKS
    opens = np.searchsorted(week, quarter * WEEKS)
    upto = np.minimum(end, told).astype("datetime64[D]")
    start = np.maximum((begin - origin).astype(int), opens)
    held = np.array(list(collected), dtype="datetime64[D]")
    # One told before its quarter began can tell nothing of it.
    stop, usable = (upto - origin).astype(int), (upto - origin).astype(int) >= opens
    return start[usable], stop[usable], np.searchsorted(held, told[usable])


def _loose(
    begin: np.ndarray, end: np.ndarray, snapshot: np.ndarray, week: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray] | None:
    if not len(begin):
        return None
    keys, many = np.unique(np.stack([begin, end, snapshot], axis=1), axis=0, return_counts=True)
    shares = np.stack([np.bincount(week[first:last + 1], minlength=week.max() + 1) / (last + 1 - first) for first, last, _ in keys])
    return shares, keys[:, 2], many.astype(float)
