"""The plain methods beside the model: the plan dates as reported, recent flow, the base rate, and naive Kaplan-Meier."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from liantu.progress.forecasting.intervals import QUARTER, Interval
from liantu.progress.forecasting.model import Model

RECENT = 100.0
"""Days of past flow that `flow` looks at: the newest intervals that together are at least this long, at most a little over a quarter."""
SPREAD = 0.25
WEIGHT = 4.0


def plan_draws(model: Model, horizon: float, draws: int, rng: np.random.Generator) -> np.ndarray:
    """Open phases planned to end up to `horizon` (those overdue too) with Poisson spread: draws x stages."""
    rows = model.now.rows
    due = rows[~rows["reached"] & (rows["planned"] <= horizon)]
    return rng.poisson(_by_stage(due, model), (draws, len(model.shape.stages)))


def flow_draws(model: Model, horizon: float, draws: int, rng: np.random.Generator, recent: bool = True) -> np.ndarray:
    """Reported flow a day of the newest interval (`recent`) or of all the past (the base rate), times the days: negative binomial.

    The rate has a gamma posterior; intervals vary by more than chance with a spread estimated from them and a weak prior (25 %). Where no
    past report was seen, dates of ends stand in, the newest months left out, with the spread 1.6 times as wide.
    """
    counts, days = _flows(model)
    if recent and len(days):
        keep = max(1, int(np.searchsorted(np.cumsum(days[::-1]), RECENT * 0.8) + 1))
        counts, days = counts[-keep:], days[-keep:]
    stages = len(model.shape.stages)
    if not len(days):
        counts, days = np.zeros((1, stages)), np.array([QUARTER])
    spread = SPREAD * (1.6 if model.past.source == "events" else 1.0)
    weight = WEIGHT
    if len(days) > 1:
        spread = np.sqrt((WEIGHT * spread**2 + (len(days) - 1) * _excess(counts, days)) / (WEIGHT + len(days) - 1))
        weight += len(days) - 1
    rate = rng.gamma(np.tile(counts.sum(axis=0) + 0.3, (draws, 1)), 1 / days.sum())
    sd = spread * np.sqrt(weight / rng.chisquare(weight, (draws, 1))) * np.sqrt(1 + 1 / len(days))
    noise = np.clip(sd * rng.standard_normal((draws, stages)), -3, 3)
    return rng.poisson(rate * (horizon - model.now.day) * np.exp(noise - 0.5 * spread**2))


def _excess(counts: np.ndarray, days: np.ndarray) -> float:
    """Variance of the intervals' rates about their mean beyond chance, relative to the mean squared; over stages with four ends or more."""
    expected = counts.sum(axis=0) * (days / days.sum())[:, None]
    enough = expected.mean(axis=0) >= 4
    if not enough.any():
        return 0.0
    beyond = np.maximum(0.0, (counts - expected) ** 2 - expected)[:, enough] / expected[:, enough] ** 2
    return float(beyond.mean()) * len(days) / (len(days) - 1)


def kaplan_meier_draws(model: Model, horizon: float, draws: int, rng: np.random.Generator) -> np.ndarray:
    """Naive practice: each open phase ends by `horizon` with 1 - S(age + days) / S(age), S by Kaplan-Meier on the durations as reported.

    Durations from start to the date of the end, by stage; what is open is censored at the date of the data, as if ledgers did not lag.
    statsmodels' SurvfuncRight (checked against the Freireich 6-MP data in tests/progress/test_forecast_competitors.py).
    """
    rows = model.now.rows
    begun = rows[rows["start"] <= model.now.day]
    result = np.zeros((draws, len(model.shape.stages)))
    for number, stage in enumerate(model.shape.stages):
        mine = begun[(begun["stage"] == stage) & ~(begun["reached"] & begun["end"].isna())]
        reached = mine["reached"].to_numpy()
        waiting = mine["start"].to_numpy()[~reached]
        if not len(waiting) or not reached.any():
            continue
        length = np.maximum(1.0, np.where(reached, mine["end"], model.now.day) - mine["start"])
        age = model.now.day - waiting
        now, then = (survival_at(length, reached, when) for when in (age, age + horizon - model.now.day))
        chance = np.where(now > 0, 1 - then / np.where(now > 0, now, 1), 0.0)
        values, many = np.unique(np.clip(chance, 0, 1).round(6), return_counts=True)
        result[:, number] = rng.binomial(many, values, (draws, len(values))).sum(axis=1)
    return result


def survival_at(length: np.ndarray, happened: np.ndarray, when: np.ndarray) -> np.ndarray:
    """Kaplan-Meier's S at each of `when`, from lengths and whether each ended (else censored); after the last event it stays."""
    from statsmodels.duration.survfunc import SurvfuncRight

    curve = SurvfuncRight(np.asarray(length, dtype=float), np.asarray(happened, dtype=int))
    steps = np.concatenate([[1.0], curve.surv_prob])
    return steps[np.searchsorted(curve.surv_times, when, side="right")]


def _by_stage(rows: pd.DataFrame, model: Model) -> np.ndarray:
    return rows["stage"].value_counts().reindex(list(model.shape.stages), fill_value=0).to_numpy()


def _flows(model: Model) -> tuple[np.ndarray, np.ndarray]:
    """Ends newly reported in each past interval by stage, and its days."""
    intervals: Sequence[Interval] = model.past.intervals
    counts = [
        _by_stage(part.rows[part.ended], model) + part.entrants.reindex(list(model.shape.stages)).fillna(0.0).to_numpy()
        for part in intervals
    ]
    return np.array(counts).reshape(len(counts), len(model.shape.stages)), np.array([part.end - part.start for part in intervals])
