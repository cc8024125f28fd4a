"""Made-up construction programmes quite unlike the simulated city, to see whether the bands of the forecasts stay honest."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

STAGES = ("Scope", "Design", "Purchase", "Construction", "Close-out")


@dataclass(frozen=True)
class Kind:
    """How a made-up programme goes: projects a quarter, days of each stage, mean lag of reports, bursts, plans, snapshots (days apart)."""

    rate: float
    days: float
    lag: float
    burst: float
    plans: str
    gaps: tuple[int, ...]
    trend: float = 0.0
    dated_reports: bool = False
    idle: float = 0.05


_KINDS = {
    "quick_clean": Kind(40, 90, 5, 0.0, "good", (91, 91, 91, 91)),
    "school_bursts": Kind(70, 260, 230, 0.9, "stale", (92, 120, 75, 92), idle=0.15),
    "year_lags": Kind(50, 200, 365, 0.5, "stale", (91, 91, 91, 91)),
    "no_plans": Kind(50, 150, 60, 0.3, "none", (60, 91, 120, 91)),
    "one_earlier_table": Kind(60, 220, 150, 0.6, "stale", (92, 92)),
    "growing": Kind(30, 160, 60, 0.3, "good", (91, 91, 91, 91), trend=0.06),
    "small": Kind(3, 200, 90, 0.4, "stale", (91, 91, 91, 91), dated_reports=True),
    "yearly": Kind(50, 240, 200, 0.6, "stale", (365, 365, 365)),
}
KINDS = tuple(_KINDS)
END = 19000


def programme(kind: str, seed: int, scale: float = 1.0) -> dict[pd.Timestamp, pd.DataFrame]:
    """Tables of phases by snapshot date, as a ledger would tell them; batches of reports by district make the bursts."""
    how, rng = _KINDS[kind], np.random.default_rng([seed, KINDS.index(kind)])
    snapshots = END - np.concatenate([np.cumsum(how.gaps[::-1])[::-1], [0]])
    quarters = 32
    sizes = rng.poisson(how.rate * scale * np.exp(how.trend * (np.arange(quarters) - quarters)))
    begin = np.concatenate([END - 91.0 * (quarters - q) + rng.random(n) * 91 for q, n in enumerate(sizes)])
    many = len(begin)
    length = how.days * np.exp(rng.normal(0, 0.7, (many, len(STAGES)))) * np.array([0.4, 1.0, 0.5, 1.6, 0.7])
    ends = begin[:, None] + np.cumsum(length, axis=1)
    # Some projects lie idle for ever from some stage on.
    dead = rng.random((many, len(STAGES))) < how.idle
    ends[np.cumsum(dead, axis=1) > 0] = np.inf
    starts = np.column_stack([begin, ends[:, :-1]])
    district = rng.integers(0, 8, many)
    told = _told(ends, district, how, snapshots, rng)
    plan = np.where(np.isfinite(starts), starts, begin[:, None]) + how.days * 0.7
    listed = begin - 60
    return {
        pd.Timestamp(int(day), unit="D"): _table(day, listed, starts, ends, told, plan, how, rng) for day in snapshots
    }


def _told(ends: np.ndarray, district: np.ndarray, how: Kind, snapshots: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The day each end becomes known: after its lag, at the district's next clearing of its books (bursts: rare and uneven)."""
    told = ends + rng.exponential(how.lag, ends.shape) + rng.integers(0, 20, ends.shape)
    if how.burst:
        for place in range(district.max() + 1):
            clear = np.cumsum(rng.exponential(40 + 160 * how.burst, 200)) + END - 32 * 91.0
            mine = district == place
            at = np.searchsorted(clear, told[mine])
            told[mine] = np.where(np.isfinite(told[mine]), clear[np.minimum(at, len(clear) - 1)], np.inf)
    return told


def _table(
    day: float,
    listed: np.ndarray,
    starts: np.ndarray,
    ends: np.ndarray,
    told: np.ndarray,
    plan: np.ndarray,
    how: Kind,
    rng: np.random.Generator,
) -> pd.DataFrame:
    rows, cols = np.nonzero(np.broadcast_to((listed <= day)[:, None], ends.shape))
    end, known = ends[rows, cols], told[rows, cols] <= day
    begun = starts[rows, cols]
    before = np.where(cols > 0, told[rows, np.maximum(cols - 1, 0)] <= day, True)
    planned = plan[rows, cols]
    if how.plans == "good":
        planned = np.where(np.isfinite(end), end - 20 + rng.normal(0, 25, len(end)), planned)
    table = pd.DataFrame({
        "project": [f"K{row:05d}" for row in rows],
        "stage": np.array(STAGES)[cols],
        "start": _dates(np.where(before & (begun <= day), begun, np.nan)),
        "planned_end": _dates(np.where(how.plans == "none", np.nan, planned)),
        "actual_end": _dates(np.where(known, end, np.nan)),
        "first_reported": _dates(np.where(known & how.dated_reports, told[rows, cols], np.nan)),
    })
    return table.sample(frac=1.0, random_state=int(day)).reset_index(drop=True)


def _dates(days: np.ndarray) -> pd.Series:
    finite = np.isfinite(days)
    result = np.full(len(days), np.datetime64("NaT"), dtype="datetime64[D]")
    result[finite] = days[finite].astype(np.int64).astype("datetime64[D]")
    return pd.Series(result)
