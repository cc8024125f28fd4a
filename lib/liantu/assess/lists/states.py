"""How an item of a list stands at a date: done, overdue, near, open, or without a date."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

STATES = ("overdue", "soon", "open", "no_date", "done")
"""In the order in which lists show them."""


def with_state(table: pd.DataFrame, done: pd.Series, as_of: dt.date, soon_days: int) -> pd.DataFrame:
    """The table with `state` (one of STATES) and `days` behind its `due` at `as_of` (negative: days left; none without a date).

    An item that is due on the day itself is not overdue.
    """
    today = pd.Timestamp(as_of)
    days = (today - table["due"]).dt.days.astype("Int64")
    ended = done.to_numpy(bool)
    behind = days.fillna(0).to_numpy()
    state = np.select([ended, table["due"].isna(), behind > 0, behind >= -soon_days], ["done", "no_date", "overdue", "soon"], "open")
    return table.assign(state=pd.Series(state, index=table.index, dtype="str"), days=days.mask(ended))


def by_urgency(table: pd.DataFrame, then: str) -> pd.DataFrame:
    """The rows with the most overdue first, those without a date after those with one, done ones last; ties by the column `then`."""
    rank = table["state"].map({"overdue": 0, "soon": 0, "open": 0, "no_date": 1, "done": 2})
    return table.assign(_rank=rank).sort_values(["_rank", "due", then], kind="stable").drop(columns="_rank").reset_index(drop=True)
