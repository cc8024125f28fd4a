"""Snapshots: the date to which a folder's ledgers report, told by the folder's name."""

from __future__ import annotations

import datetime as dt
import re

import pandas as pd

from liantu.reference import Quarter

_DAY = re.compile(r"^(\d{4})-(\d{2})-(\d{2})$")


def snapshot_of(folder: str) -> dt.date | None:
    """The date of a snapshot folder: 2022Q1 is 2022-03-31, 2022-06-30 is itself; None when the name is neither.

    >>> snapshot_of("2022Q1")
    datetime.date(2022, 3, 31)
    """
    if re.fullmatch(r"\d{4}Q[1-4]", folder):
        return Quarter.parse(folder).end
    match = _DAY.match(folder)
    try:
        return dt.date(*map(int, match.groups())) if match else None
    except ValueError:
        return None


def snapshots_of_files(source_files: pd.Series) -> pd.Series:
    """The snapshot of each source file (`2022Q1/x.xlsx`) as a date; NaT for a file outside any snapshot folder."""
    folders = source_files.str.split("/").str[0]
    days = {folder: pd.Timestamp(day) for folder in folders.dropna().unique() if (day := snapshot_of(folder))}
    return pd.to_datetime(folders.map(days))
