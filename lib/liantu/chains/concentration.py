"""How concentrated something is on few holders."""

from __future__ import annotations

import numpy as np
import pandas as pd

from liantu.chains.given import GivenTableError, numbers


def hhi(shares: pd.Series) -> float:
    """The index of concentration of Herfindahl and Hirschman: the sum of the squared shares.

    shares: one value for each holder (a series, list or array). They need not add up to 1: shares, percentages, and amounts such as
    capacities in 万元 give the same result, because each is divided by their sum; shares of a part of a market therefore count as if they
    were all of it. Gives 1/n (n equal holders) to 1 (one holds all), never 10,000 for a monopoly; NaN where there is no holder or all
    hold nothing. Raises GivenTableError for a negative, missing or infinite value, or for a table. Source: Hirschman 1964.
    """
    if np.ndim(shares) != 1:
        raise GivenTableError(f"shares: one column of values is needed, found {np.ndim(shares)} dimensions; give a series")
    told = shares if isinstance(shares, pd.Series) else pd.Series(list(shares), dtype=object)
    held = numbers(told.to_frame("share"), "shares", "holder").to_numpy()[:, 0]
    whole = held.sum()
    return float(((held / whole) ** 2).sum()) if whole > 0 else float("nan")
