"""Rows that have company: only where a project is reported again can one row be held against another."""

from __future__ import annotations

import numpy as np
import pandas as pd


def series_again(rows: pd.DataFrame) -> np.ndarray:
    """Whether the same kind of reporter reports a row's project more than once."""
    return _again(rows, "source")


def snapshot_again(rows: pd.DataFrame) -> np.ndarray:
    """Whether a row's project is reported more than once in its snapshot."""
    return _again(rows, "snapshot")


def _again(rows: pd.DataFrame, beside: str) -> np.ndarray:
    project, other = (pd.factorize(rows[name])[0].astype("int64") for name in ("project_id", beside))
    return pd.Series(project * (int(other.max(initial=0)) + 1) + other).duplicated(keep=False).to_numpy()
