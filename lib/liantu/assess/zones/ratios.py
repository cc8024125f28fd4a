"""Ratios of reported numbers."""

from __future__ import annotations

import pandas as pd


def ratio(top: pd.Series, bottom: pd.Series) -> pd.Series:
    """top / bottom; NaN where either is missing or the bottom is not a positive number."""
    above, below = top.astype("float64"), bottom.astype("float64")
    return above / below.where(below > 0)
