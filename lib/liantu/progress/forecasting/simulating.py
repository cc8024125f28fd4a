"""Newly reported ends by simulation, step by step, each with the date of its own event."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from liantu.errors import LiantuError
from liantu.progress.forecasting.covariates import AHEAD, FRESH, NO_START, ahead_pairs, crossed, design
from liantu.progress.forecasting.model import Model, fit
from liantu.progress.forecasting.reading import Known, day_number, known

CHUNK = 500
DELAY_SHARE = 20.0
UNKNOWN_DELAY = 75.0
"""Mean days from an end to its report where no past report was seen (added to the wait for the next snapshot)."""


@dataclass(frozen=True)
class Ends:
    """Simulated newly reported ends, sparse: arrays of one length.

    `draw` (0 to draws - 1), `place` (row of `phases`, -1: of a phase not listed yet), `stage`, `end` (datetime64[D], the event's own date,
    NaT where a ledger will tell it without a date), `reported` (datetime64[D], the end of the step that reports it), `group`.
    """

    draw: np.ndarray
    place: np.ndarray
    stage: np.ndarray
    end: np.ndarray
    reported: np.ndarray
    group: np.ndarray
    draws: int


def simulate_ends(
    phases: pd.DataFrame,
    history: Mapping[object, pd.DataFrame] | None,
    as_of: object,
    horizon: object,
    draws: int = 2000,
    seed: int = 0,
    stops: Sequence[object] = (),
) -> Ends:
    """The model's newly reported ends in (as_of, horizon]; `phases` and `history` as in `forecast_counts`.

    Steps end at each of `stops` too, so that `reported <= stop` counts to dates on the way. Raises LiantuError as `forecast_counts` does.
    """
    tables, last = opened(phases, history, as_of, horizon)
    return simulate(fit(tables), [day_number(stop, "stop") for stop in stops] + [last], draws, seed)


def opened(
    phases: pd.DataFrame, history: Mapping[object, pd.DataFrame] | None, as_of: object, horizon: object
) -> tuple[list[Known], float]:
    """All tables as known at their dates, oldest first, and the horizon's day; raises LiantuError for what cannot be used."""
    day, last = day_number(as_of, "as_of"), day_number(horizon, "horizon")
    if last <= day:
        raise LiantuError(f"forecast: horizon {horizon} is not after as_of {as_of}; choose a later one")
    tables = {}
    for when, table in (history or {}).items():
        then = day_number(when, "history date")
        if then >= day:
            raise LiantuError(f"forecast: history holds {when}, which is not before as_of {as_of}; leave it out")
        tables[then] = known(table, then, f"history[{when}]")
    return [tables[then] for then in sorted(tables)] + [known(phases, day)], last


def cuts(start: float, stops: Sequence[float], typical: float) -> list[tuple[float, float]]:
    """Steps from `start` through every stop, each about as long as the past intervals."""
    points = [start]
    for stop in sorted({stop for stop in stops if stop > start}):
        many = max(1, round((stop - points[-1]) / typical))
        points += [float(point) for point in np.round(np.linspace(points[-1], stop, many + 1))[1:]]
    return list(pairwise(points))


def simulate(model: Model, stops: Sequence[float], draws: int, seed: int) -> Ends:
    """Ends by simulation from a fitted model, to the last of `stops` (days since 1970-01-01)."""
    rng = np.random.default_rng(seed)
    steps = cuts(model.now.day, stops, model.typical)
    rows = model.now.rows[~model.now.rows["reached"]].reset_index(drop=True)
    designs = [design(rows, start, end, model.shape, model.season) for start, end in steps]
    stage_names = np.array(model.shape.stages, dtype=object)
    parts: list[tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]] = []
    for first in range(0, draws, CHUNK):
        count = min(CHUNK, draws - first)
        shock = model.shock.draws(count, len(steps), len(stage_names), rng)
        parts += [(part[0] + first, *part[1:]) for part in _listed(model, rows, steps, designs, shock, rng)]
        parts += [(part[0] + first, *part[1:]) for part in _unlisted(model, steps, shock, rng)]
    draw, row, stage, step = (np.concatenate([part[i] for part in parts]).astype(int) for i in range(4))
    group = _groups(model.now.rows, stage_names, stage, row, rows, rng)
    place = np.where(row >= 0, rows["place"].to_numpy()[row] if len(rows) else -1, -1)
    begun = np.where(row >= 0, rows["start"].to_numpy()[row] if len(rows) else np.nan, np.nan)
    ends = np.array([end for _, end in steps])[step]
    event = _event_dates(model, stage, begun, np.array(steps)[step], rng)
    return Ends(draw, place, stage_names[stage], event, ends.astype(np.int64).astype("datetime64[D]"), group, draws)


def _listed(
    model: Model,
    rows: pd.DataFrame,
    steps: Sequence[tuple[float, float]],
    designs: Sequence[tuple[np.ndarray, dict[str, np.ndarray]]],
    shock: np.ndarray,
    rng: np.random.Generator,
) -> list[tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]]:
    """Ends of listed open phases: draw, row, stage, step; a stage whose predecessors end in a step goes on from the next."""
    from scipy import sparse

    if model.posterior is None or not len(rows):
        return []
    count = len(shock)
    beta = model.posterior.draws(count, rng)
    later, earlier = ahead_pairs(rows, model.shape.order)
    before = sparse.csr_matrix((np.ones(len(later), dtype=np.float32), (later, earlier)), shape=(len(rows), len(rows)))
    waiting, freed = np.ones((len(rows), count), dtype=bool), np.zeros((len(rows), count), dtype=np.float32)
    in_front = np.bincount(later, minlength=len(rows))
    parts = []
    for number, (start, end) in enumerate(steps):
        columns, of = designs[number]
        log_rate = columns @ beta.T + np.log(end - start) + shock[:, number, :].T[of["stage"]]
        if number and freed.any():
            _shift(log_rate, freed, in_front, of, beta, model)
        chance = -np.expm1(-np.exp(np.clip(log_rate, -30, 3)))
        ended = (rng.random(chance.shape, dtype=np.float32) < chance) & waiting
        waiting &= ~ended
        freed += before @ ended.astype(np.float32)
        row, draw = np.nonzero(ended)
        parts.append((draw, row, of["stage"][row], np.full(len(row), number)))
    return parts


def _shift(
    log_rate: np.ndarray, freed: np.ndarray, in_front: np.ndarray, of: dict[str, np.ndarray], beta: np.ndarray, model: Model
) -> None:
    """Where earlier stages of the project ended on the way, a phase has fewer steps ahead of it, and begins when none is left."""
    row, draw = np.nonzero(freed)
    stage, shape = of["stage"][row], model.shape
    left = (in_front[row] - freed[row, draw]).astype(int)
    old, new = of["ahead"][row], np.minimum(left, AHEAD - 1)
    change = beta[draw, shape.blocks["ahead"].first + new] - beta[draw, shape.blocks["ahead"].first + old]
    change += beta[draw, crossed(shape, "ahead", stage, new)] - beta[draw, crossed(shape, "ahead", stage, old)]
    begins = (left == 0) & (of["age"][row] == NO_START)
    aged = beta[draw, shape.blocks["age"].first + FRESH] - beta[draw, shape.blocks["age"].first + NO_START]
    aged += beta[draw, crossed(shape, "age", stage, np.full(len(row), FRESH))]
    aged -= beta[draw, crossed(shape, "age", stage, np.full(len(row), NO_START))]
    log_rate[row, draw] += change + np.where(begins, aged, 0.0)


def _unlisted(
    model: Model, steps: Sequence[tuple[float, float]], shock: np.ndarray, rng: np.random.Generator
) -> list[tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]]:
    """Ends of phases that no ledger lists yet: draw, row (-1), stage, step."""
    count, stages = len(shock), len(model.shape.stages)
    rate = rng.gamma(np.tile(model.entrants + 0.1, (count, 1)), 1 / (model.exposure + 30.0))
    parts = []
    for number, (start, end) in enumerate(steps):
        growth = model.growth[min(number, len(model.growth) - 1)]
        ends = rng.poisson(rate * growth * (end - start) * np.exp(shock[:, number, :]))
        draw, stage = (index.repeat(ends.ravel()) for index in (np.arange(count).repeat(stages), np.tile(np.arange(stages), count)))
        parts.append((draw, np.full(len(draw), -1), stage, np.full(len(draw), number)))
    return parts


def _groups(
    every: pd.DataFrame, names: np.ndarray, stage: np.ndarray, row: np.ndarray, rows: pd.DataFrame, rng: np.random.Generator
) -> np.ndarray:
    """The group of each end; for phases not listed yet drawn by the share of the stage's rows."""
    group = np.full(len(row), "", dtype=object)
    listed = row >= 0
    group[listed] = rows["group"].to_numpy(dtype=object)[row[listed]]
    for number in np.unique(stage[~listed]):
        pool = every.loc[every["stage"] == names[number], "group"].to_numpy(dtype=object)
        mine = np.flatnonzero(~listed & (stage == number))
        if len(pool):
            group[mine] = pool[rng.integers(0, len(pool), len(mine))]
    return group


def _event_dates(model: Model, stage: np.ndarray, begun: np.ndarray, step: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Dates of events behind reports: the report's day less a delay seen in the past (by stage mixed with all), not before the start."""
    if not len(stage):
        return np.array([], dtype="datetime64[D]")
    seen = model.past.delays
    delay = np.empty(len(stage))
    everything = seen["delay"].to_numpy()
    if len(everything) < 5:
        delay[:] = rng.random(len(stage)) * (step[:, 1] - step[:, 0]) + rng.exponential(UNKNOWN_DELAY, len(stage))
    else:
        for number in np.unique(stage):
            mine = np.flatnonzero(stage == number)
            own = everything[(seen["stage"] == model.shape.stages[number]).to_numpy()]
            delay[mine] = everything[rng.integers(0, len(everything), len(mine))]
            use = mine[rng.random(len(mine)) < len(own) / (len(own) + DELAY_SHARE)]
            delay[use] = own[rng.integers(0, len(own), len(use))] if len(own) else delay[use]
    day = step[:, 1] - np.maximum(delay, 0.0)
    early = day < begun
    day[early] = begun[early] + rng.random(int(early.sum())) * np.maximum(step[early, 1] - begun[early], 0.0)
    told = ~np.isnan(day)
    result = np.full(len(day), np.datetime64("NaT"), dtype="datetime64[D]")
    result[told] = np.floor(day[told]).astype(np.int64).astype("datetime64[D]")
    return result
