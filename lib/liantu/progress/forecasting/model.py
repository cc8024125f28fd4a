"""The model of newly reported ends: hazard, seasons, shocks, entrants and delays, all learnt from what was known at a date."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from liantu.progress.forecasting.covariates import Layout, design, layout
from liantu.progress.forecasting.hazard import Posterior, fit_hazard
from liantu.progress.forecasting.intervals import QUARTER, Past, cut, past
from liantu.progress.forecasting.reading import Known
from liantu.progress.forecasting.seasons import Seasons, seasons
from liantu.progress.forecasting.shocks import Shocks, shocks

SEASON_PRIOR = 1.0
GROWTH_PRIOR, GROWTH_WEIGHT, GROWTH_MOST = 1.5, 6.0, 6.0


@dataclass(frozen=True)
class Model:
    """All that a simulation needs; `rate` of entrants by stage and day (shape and exposure of a gamma), `growth` by stage and lag."""

    now: Known
    past: Past
    shape: Layout
    season: Seasons
    posterior: Posterior | None
    shock: Shocks
    entrants: np.ndarray
    exposure: float
    growth: np.ndarray

    @property
    def typical(self) -> float:
        """Usual days between two snapshots."""
        lengths = [interval.end - interval.start for interval in self.past.intervals]
        return float(np.clip(np.median(lengths), 20, 200)) if lengths else QUARTER


def fit(tables: Sequence[Known]) -> Model:
    """The model as it can be learnt at the last of `tables` (oldest first)."""
    now, learnt = tables[-1], past(tables)
    stages = sorted(set().union(*(table.rows["stage"].unique() for table in tables)))
    shape = layout(now, stages, plans=learnt.source == "history")
    season = seasons(now, learnt.delays)
    parts = [design(part.rows, part.start, part.end, shape, season) for part in learnt.intervals]
    posterior, shock = _fit_hazard(learnt, now, shape, parts)
    entrants, exposure, growth = _entrants(learnt, stages)
    return Model(now, learnt, shape, season, posterior, shock, entrants, exposure, growth)


def _fit_hazard(
    learnt: Past, now: Known, shape: Layout, parts: Sequence[tuple[np.ndarray, dict[str, np.ndarray]]]
) -> tuple[Posterior | None, Shocks]:
    ended, lag = [part.ended for part in learnt.intervals], _lag(learnt, now)
    if not parts or not sum(map(len, ended)):
        return None, shocks([], [], lag, learnt.source != "events")
    days = [np.full(len(part.ended), np.log(part.end - part.start)) for part in learnt.intervals]
    table, happened, offset = np.concatenate([part[0] for part in parts]), np.concatenate(ended), np.concatenate(days)
    centre = np.zeros(shape.width)
    centre[0] = np.log((happened.sum() + 0.5) / (np.exp(offset).sum() + 1))
    centre[shape.blocks["season"].first] = SEASON_PRIOR
    posterior = fit_hazard(table, happened.astype(float), offset, centre, shape.spread)
    seen, expected = [], []
    for (columns, of), happened_then, offset_then in zip(parts, ended, days, strict=True):
        chance = -np.expm1(-np.exp(np.clip(columns @ posterior.mode + offset_then, -30, 3)))
        seen.append(np.bincount(of["stage"], weights=happened_then, minlength=len(shape.stages)))
        expected.append(np.bincount(of["stage"], weights=chance, minlength=len(shape.stages)))
    return posterior, shocks(seen, expected, lag, learnt.source != "events")


def _lag(learnt: Past, now: Known) -> float:
    """Median quarters from an end to its report beyond half an interval; where no report was seen, the quarters in which dates fall off."""
    if learnt.source == "events":
        return cut(now.rows["end"].dropna().to_numpy(), now.day) / QUARTER
    seen = learnt.delays["delay"].dropna()
    wait = float(np.median([part.end - part.start for part in learnt.intervals])) / 2
    return (float(seen.median()) - wait) / QUARTER if len(seen) >= 5 else 1.0


def _entrants(learnt: Past, stages: Sequence[str]) -> tuple[np.ndarray, float, np.ndarray]:
    """Entrants' ends by stage, the days they were counted over, and by stage and lag how many more later intervals bring."""
    counts = sum((part.entrants.reindex(stages).fillna(0.0).to_numpy() for part in learnt.intervals), np.zeros(len(stages)))
    exposure = sum(part.end - part.start for part in learnt.intervals)
    growth = [np.ones(len(stages))]
    for lag in [lag for lag in learnt.lags.index if lag > 1]:
        later = learnt.later[lag].reindex(stages).fillna(0.0).to_numpy() / learnt.lags[lag]
        first = learnt.later[1].reindex(stages).fillna(0.0).to_numpy() / learnt.lags[1]
        ratio = (later + GROWTH_WEIGHT * GROWTH_PRIOR / learnt.lags[lag]) / (first + GROWTH_WEIGHT / learnt.lags[lag])
        growth.append(np.clip(np.maximum(ratio, growth[-1]), 1.0, GROWTH_MOST))
    while len(growth) < 4:
        growth.append(np.clip(growth[-1] + 0.5 if len(growth) > 1 else np.full(len(stages), GROWTH_PRIOR), 1.0, GROWTH_MOST))
    return counts, max(exposure, 1.0), np.array(growth)
