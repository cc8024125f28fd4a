"""The headline: the method that earned it in the back-test, or a pool of them if that earned it, with bands as wide as past errors ask."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from liantu.progress.forecasting.backtests import METHODS, Trial

PRIOR = {"plan": 0.0, "flow": 0.15, "model": 0.85}
PRIOR_TRIALS = 6.0
"""The prior weights count like this many back-tests."""
GRID = 10
UNSEEN = 0.2
"""Weight of a trial made before any report was seen: methods do otherwise then than later."""
SINGLE = 0.02
"""A pool has to be better than the best single method by this share to be taken."""
SPREAD_PRIOR = 5.0
NARROWEST, WIDEST = 0.7, 2.5


@dataclass(frozen=True)
class Pool:
    """Weights by method; `chosen` (a method or `pool`); `why` (no_back_test, few_back_tests, earned); what is gained over the better of
    plan and flow (share of CRPS); how much bands are widened; how many origins were back-tested.
    """

    weights: dict[str, float]
    chosen: str
    why: str
    gain: float
    widen: float
    origins: int


def pool(trials: Sequence[Trial], seed: int = 0) -> Pool:
    """Weights that minimise the mean CRPS of the pooled draws in the back-test, shrunk to the prior weights when trials are few.

    A linear pool of distributions stacked by a proper score (Yao et al. 2018, Bayesian Analysis 13:917-1007; Gneiting & Ranjan 2013).
    CRPS of each stage is divided by the mean error of flow and model, so that stages with large counts do not decide alone.
    """
    prior = np.array([PRIOR[method] for method in METHODS])
    if not trials:
        return Pool(PRIOR, "pool", "no_back_test", float("nan"), 1.0, 0)
    origins = len({trial.origin for trial in trials})
    trust = sum(UNSEEN if source == "events" else 1.0 for source in {trial.origin: trial.source for trial in trials}.values())
    cost, cross = _costs(trials)
    grid = _simplex(len(METHODS))
    value = grid @ cost - np.einsum("gi,ij,gj->g", grid, cross, grid) / 2
    # The prior's pull: squared distance, worth as much as the trials it counts for.
    distance = ((grid - prior) ** 2).sum(axis=1) * cost.min() * PRIOR_TRIALS / trust
    best = grid[np.argmin(value + distance)]
    singles = np.array([cost[i] - cross[i, i] / 2 for i in range(len(METHODS))])
    chosen, weights = "pool", best
    top = int(np.argmin(singles))
    if singles[top] <= float(value[np.argmin(value + distance)]) * (1 + SINGLE) and origins > 1:
        chosen, weights = METHODS[top], np.eye(len(METHODS))[top]
    got = float(weights @ cost - weights @ cross @ weights / 2)
    beside = float(min(singles[:2]))
    gain = 1 - got / beside if beside > 0 else float("nan")  # nothing ended, and plan or flow said so
    named = {method: float(weight) for method, weight in zip(METHODS, weights, strict=True)}
    return Pool(named, chosen, "few_back_tests" if origins < 3 else "earned", gain, _widening(trials, named, seed), origins)


def _costs(trials: Sequence[Trial]) -> tuple[np.ndarray, np.ndarray]:
    """E|X_i - y| by method and E|X_i - X_j| by pair, each stage in units of its own error: CRPS of a pool is quadratic in the weights."""
    cost, cross, many = np.zeros(len(METHODS)), np.zeros((len(METHODS), len(METHODS))), 0.0
    for trial in trials:
        for number in range(len(trial.stages)):
            drawn = [np.sort(trial.draws[method][:, number]).astype(float) for method in METHODS]
            single = np.array([np.abs(values - trial.truth[number]).mean() for values in drawn])
            weight = (UNSEEN if trial.source == "events" else 1.0) / max(1.0, single[1:].mean())
            pairs = np.array([[_distance(a, b) for b in drawn] for a in drawn])
            cost, cross, many = cost + single * weight, cross + pairs * weight, many + weight
    return cost / max(1e-9, many), cross / max(1e-9, many)


def _distance(a: np.ndarray, b: np.ndarray) -> float:
    """E|A - B| of two sorted samples: twice the integral of F(1 - G) made even."""
    points = np.sort(np.concatenate([a, b]))
    f = np.searchsorted(a, points[:-1], side="right") / len(a)
    g = np.searchsorted(b, points[:-1], side="right") / len(b)
    return float(((f * (1 - g) + g * (1 - f)) * np.diff(points)).sum())


def _simplex(parts: int) -> np.ndarray:
    steps = np.array(np.meshgrid(*[np.arange(2 * GRID + 1)] * (parts - 1))).reshape(parts - 1, -1).T
    steps = steps[steps.sum(axis=1) <= 2 * GRID]
    return np.column_stack([steps, 2 * GRID - steps.sum(axis=1)]) / (2 * GRID)


def _widening(trials: Sequence[Trial], weights: dict[str, float], seed: int) -> float:
    """Factor of the bands: root mean square of past errors in units of the forecast's spread, with a prior at 1 worth a few errors."""
    squares, seen = [], [trial for trial in trials if trial.source != "events"]
    for trial in seen or trials:
        drawn = mixed(trial.draws, weights, seed)
        middle, spread = np.median(drawn, axis=0), np.maximum(drawn.std(axis=0), 0.7)
        use = (drawn.mean(axis=0) > 0.5) | (trial.truth > 0)
        squares.append(np.clip((trial.truth - middle) / spread, -4, 4)[use] ** 2)
    # Stages of one trial and trials of one origin share their errors: each trial counts about as two errors.
    means = [part.mean() for part in squares if len(part)]
    if not means:
        return 1.0
    many = 2.0 * len(means)
    factor = np.sqrt((SPREAD_PRIOR + many * np.mean(means)) / (SPREAD_PRIOR + many))
    # Forecasts made without any report seen are wide; that they held is no reason to narrow later ones.
    return float(np.clip(factor, NARROWEST if seen else 1.0, WIDEST))


def mixed(draws: dict[str, np.ndarray], weights: dict[str, float], seed: int) -> np.ndarray:
    """Draws of the linear pool: each draw is taken whole, with all stages, from one method."""
    count = len(draws[METHODS[0]])
    share = np.array([weights[method] for method in METHODS])
    rng = np.random.default_rng([seed, 7])
    pick = np.searchsorted(np.cumsum(share / share.sum()), (rng.permutation(count) + 0.5) / count)
    return np.stack([draws[method] for method in METHODS])[np.minimum(pick, len(METHODS) - 1), np.arange(count)]


def headline(draws: dict[str, np.ndarray], chosen: Pool, seed: int) -> np.ndarray:
    """Pooled draws, their spread about the middle widened (or narrowed) on the scale of square roots, so that counts stay above zero."""
    drawn = mixed(draws, chosen.weights, seed).astype(float)
    if abs(chosen.widen - 1) < 0.02:
        return drawn
    rng = np.random.default_rng([seed, 8])
    smooth = np.sqrt(np.maximum(drawn + rng.random(drawn.shape) - 0.5, 0.0))
    middle = np.median(smooth, axis=0)
    return np.round(np.maximum(0.0, middle + chosen.widen * (smooth - middle)) ** 2)


def headlines(trials: Sequence[Trial], seed: int) -> list[np.ndarray]:
    """The headline of each trial as it would have been published: pooled and widened by the back-tests known at its origin only."""
    pools = {origin: pool([trial for trial in trials if trial.target <= origin], seed) for origin in {trial.origin for trial in trials}}
    return [headline(trial.draws, pools[trial.origin], seed) for trial in trials]
