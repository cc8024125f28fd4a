"""How the ends of a year spread over its months, learnt from dated ends of earlier years: one pair of snapshots cannot show it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from liantu.progress.forecasting.reading import Known

YEARS = 3
TRUNCATED = 120.0
"""Days before the snapshot whose ends are not all reported yet; their months are taken from earlier years."""
SHRINK_STAGE, SHRINK_ALL = 20.0, 30.0
UNKNOWN_LAG = 30.0


@dataclass(frozen=True)
class Seasons:
    """Relative frequency of ends by stage (index) and month (1 to 12, mean about 1); quantiles of days until a report (none: unknown)."""

    profile: pd.DataFrame
    lags: np.ndarray

    def log_share(self, stages: pd.Series, start: float, end: float) -> np.ndarray:
        """Logarithm of the mean relative frequency, for each stage of `stages`, of what is reported in (start, end].

        Reports come with the snapshot at `end`; what they tell happened a delay before it.
        """
        days = end - (self.lags if len(self.lags) else UNKNOWN_LAG + np.linspace(0, end - start, 12, endpoint=False))
        months = np.floor(days).astype("datetime64[D]").astype("datetime64[M]").astype(int) % 12
        weight = np.bincount(months, minlength=12) / len(months)
        share = pd.Series(self.profile.to_numpy() @ weight, index=self.profile.index)
        return np.log(stages.map(share).fillna(1.0).to_numpy(dtype=float))


def seasons(now: Known, delays: pd.DataFrame) -> Seasons:
    """The seasons of the dated ends of the last years as known `now`; without a full year of them every month is 1.

    Ratio of what each calendar month had to the mean month of its year, by stage shrunk to all stages and these shrunk to 1.
    """
    rows = now.rows[now.rows["end"].between(now.day - TRUNCATED - 365.25 * YEARS, now.day - TRUNCATED)]
    months = pd.to_datetime(rows["end"], unit="D").dt.month
    covered = _covered(now.day)
    total = _ratio(months.value_counts().reindex(range(1, 13), fill_value=0), covered, pd.Series(1.0, index=range(1, 13)), SHRINK_ALL)
    profile = {
        stage: _ratio(own.value_counts().reindex(range(1, 13), fill_value=0), covered, total, SHRINK_STAGE)
        for stage, own in months.groupby(rows["stage"].to_numpy())
    }
    table = pd.DataFrame(profile).T if profile else pd.DataFrame(columns=range(1, 13), dtype=float)
    seen = delays["delay"].dropna() if len(delays) else pd.Series(dtype=float)
    lags = seen.clip(0, 720).quantile(np.linspace(0.025, 0.975, 20)).to_numpy() if len(seen) >= 20 else np.array([])
    return Seasons(table, lags)


def _covered(day: float) -> pd.Series:
    """How many times each calendar month lies in the window of years that is used."""
    days = np.arange(day - TRUNCATED - 365.25 * YEARS, day - TRUNCATED)
    months = np.floor(days).astype("datetime64[D]").astype("datetime64[M]").astype(int) % 12 + 1
    return pd.Series(np.bincount(months, minlength=13)[1:] / 30.4, index=range(1, 13))


def _ratio(counts: pd.Series, covered: pd.Series, prior: pd.Series, weight: float) -> pd.Series:
    rate = counts.sum() / covered.sum()
    ratio = (counts + prior * weight / 12) / (rate * covered + weight / 12)
    return ratio / ratio.mean()
