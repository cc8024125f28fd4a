"""Snapshots: the date to which a folder's ledgers report, told by the folder's name."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import TYPE_CHECKING

from liantu.reference import Quarter

if TYPE_CHECKING:
    import pandas as pd

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
    import pandas as pd

    days = {name: pd.Timestamp(day) for name in source_files.dropna().unique() if (day := snapshot_of(name.split("/")[0]))}
    return pd.to_datetime(source_files.map(days))


def snapshots_in(raw: Path) -> list[str]:
    """The snapshots (2022Q1 or 2022-03-31) that a folder of raw ledgers holds, oldest first by the date to which they report."""
    names = [path.name for path in raw.iterdir() if path.is_dir()] if raw.is_dir() else []
    return sorted((name for name in names if snapshot_of(name)), key=lambda name: (snapshot_of(name), name))
