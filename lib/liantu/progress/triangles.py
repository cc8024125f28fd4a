"""Counts by period of event and by the snapshot that first told them, and what is still to come of each period."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

ROUNDS = 25
CLOSE = 1e-3
"""Scoring stops when the step would raise the log likelihood by less than half of this."""
_LEAST = 0.5
_SMALL = 1e-9


@dataclass(frozen=True)
class Triangle:
    """What snapshots told: `counts` (periods x snapshots), `told` (periods x snapshots x ages), `left` (periods x ages).

    `told` is the share of the reports made at each age of delay that the snapshot is the first to tell of events of the period, `left` the
    share that no snapshot has told yet; the two sum to 1 over the snapshots. `loose` are events known to a wider time than one period:
    (shares of the periods, events x periods; number of the snapshot; how many), split by what the fit expects (EM).
    """

    counts: np.ndarray
    told: np.ndarray
    left: np.ndarray
    loose: tuple[np.ndarray, np.ndarray, np.ndarray] | None = None


@dataclass(frozen=True)
class Belief:
    """What is held before looking: `pattern` of the delay by age, worth `weight` events; dispersion, worth so many numbers; `walk`.

    `walk`: standard deviation of the step of the log count from one period to the next; infinite ties no period to another. `season`:
    after so many periods a step is held against the step one season before, with standard deviation `season_walk` (0: no season).
    """

    pattern: np.ndarray
    weight: float = 0.0
    dispersion: float = 1.0
    dispersion_weight: float = 0.0
    walk: float = np.inf
    season: int = 0
    season_walk: float = np.inf


@dataclass(frozen=True)
class Outstanding:
    """What is still to come: `mean` by group, `total`, `error` (prediction error of the total), `dispersion`, `draws` (draws x groups).

    `pattern`: share of the reports at each age.
    """

    mean: np.ndarray
    total: float
    error: float
    dispersion: float
    pattern: np.ndarray
    draws: np.ndarray


def outstanding(
    triangle: Triangle, belief: Belief, groups: np.ndarray, blocks: np.ndarray, draws: int = 2000, seed: int = 0, tail: float = 0.0
) -> Outstanding:
    """What is still to be reported of the periods, summed by `groups` (a number for each period, -1: not asked for).

    The count of period i told by snapshot k is over-dispersed Poisson with mean exp(a_i) x sum over ages b of p_b x told_ikb, variance
    dispersion x mean: a Poisson model with composite link (Thompson & Baker 1981, Applied Statistics 30:125-131), whose forecasts are the
    chain ladder's where every snapshot tells one age (England & Verrall 1999, Insurance: Mathematics and Economics 25:281-293). The mode is
    found by Fisher scoring; draws take a and p from the normal approximation and the counts from a gamma. The dispersion is Pearson's over
    periods summed by `blocks`. `tail`: each age beyond the last brings this share of the one before it. Raises ValueError for an empty
    triangle. Checked on the triangle of Taylor & Ashe (1983): total 18,680,856, prediction error 2,945,659.
    """
    if not triangle.counts.size:
        raise ValueError("the triangle holds no number")
    fit = _fitted(triangle, belief, blocks)
    left = triangle.left.copy()
    left[:, -1] += tail / (1 - tail)
    asked = groups >= 0
    into = (groups[asked][:, None] == np.arange(groups.max(initial=-1) + 1)).astype(float)
    level, pattern = fit.mode[:len(left)], _softmax(fit.mode[len(left):])
    share = left @ pattern
    rows = np.exp(level) * share
    mean = rows[asked] @ into
    slope = np.concatenate([rows * asked, pattern * ((np.exp(level) * asked) @ (left - share[:, None]))])
    error = float(np.sqrt(fit.dispersion * mean.sum() + slope @ fit.spread @ slope))
    drawn = _drawn(fit, left, asked, into, np.random.default_rng(seed), draws)
    # A normal coefficient makes a log-normal mean, whose mean lies above the one fitted.
    drawn *= mean / np.maximum(drawn.mean(axis=0), _SMALL)
    counts = np.random.default_rng([seed, 1]).gamma(np.maximum(drawn, _SMALL) / fit.dispersion, fit.dispersion)
    return Outstanding(mean, float(mean.sum()), error, fit.dispersion, pattern, counts)


def delay_pattern(triangle: Triangle, belief: Belief) -> np.ndarray:
    """The share of reports at each age of delay that fits best (sums to 1)."""
    return _softmax(_scored(triangle, belief, _start(triangle, belief), belief.dispersion)[0][len(triangle.counts):])


@dataclass(frozen=True)
class _Fit:
    """Log levels of the periods followed by the logits of the ages, their covariance, and the dispersion."""

    mode: np.ndarray
    spread: np.ndarray
    dispersion: float


def _fitted(triangle: Triangle, belief: Belief, blocks: np.ndarray) -> _Fit:
    held = max(belief.dispersion, _SMALL)
    mode = _start(triangle, belief)
    mode, counts, share, information = _scored(triangle, belief, mode, held)
    fitted = np.exp(mode[:len(counts)])[:, None] * share
    asked = round(float(np.trace(np.linalg.solve(information, _data_information(triangle, mode, held)))))
    dispersion = _dispersion(counts, fitted, blocks, asked, belief)
    if belief.weight or np.isfinite(belief.walk):
        mode, _, _, _ = _scored(triangle, belief, mode, dispersion)
    return _Fit(mode, np.linalg.inv(_information(triangle, belief, mode, dispersion, _walk(belief, len(counts)))), dispersion)


def _start(triangle: Triangle, belief: Belief) -> np.ndarray:
    """The pattern believed, and the levels it makes of the counts, evened out a little where nothing was told."""
    pattern = np.maximum(belief.pattern, 1e-6)
    counts = triangle.counts.sum(axis=1)
    if triangle.loose is not None:
        shares, _, many = triangle.loose
        counts = counts + many @ shares
    seen = 1 - triangle.left @ (pattern / pattern.sum())
    return np.concatenate([np.log((counts + 0.3) / (seen + 0.1)), np.log(pattern / pattern.sum())])


def _scored(
    triangle: Triangle, belief: Belief, mode: np.ndarray, dispersion: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """The mode by Fisher scoring, with the counts as split there, the shares told, and the information."""
    rows, walk = len(triangle.counts), _walk(belief, len(triangle.counts))
    for _ in range(ROUNDS):
        share = triangle.told @ _softmax(mode[rows:])
        counts = _split(triangle, np.exp(mode[:rows])[:, None] * share)
        slope = _slope(triangle, belief, mode, counts, dispersion, walk)
        step = np.linalg.solve(_information(triangle, belief, mode, dispersion, walk), slope)
        # Long steps of a log level overshoot where a period told nothing.
        mode = mode + step * min(1.0, 2.0 / max(np.abs(step).max(), _SMALL))
        if slope @ step < CLOSE:
            break
    share = triangle.told @ _softmax(mode[rows:])
    counts = _split(triangle, np.exp(mode[:rows])[:, None] * share)
    return mode, counts, share, _information(triangle, belief, mode, dispersion, walk)


def _split(triangle: Triangle, fitted: np.ndarray) -> np.ndarray:
    """The counts, with those known to a wider time shared out as the fit expects."""
    if triangle.loose is None:
        return triangle.counts
    shares, snapshot, many = triangle.loose
    weights = shares * fitted.T[snapshot]
    weights = weights / np.maximum(weights.sum(axis=1, keepdims=True), _SMALL)
    counts = triangle.counts.T.copy()
    np.add.at(counts, snapshot, many[:, None] * weights)
    return counts.T


def _slope(triangle: Triangle, belief: Belief, mode: np.ndarray, counts: np.ndarray, dispersion: float, walk: np.ndarray) -> np.ndarray:
    rows = len(counts)
    pattern = _softmax(mode[rows:])
    share = triangle.told @ pattern
    level = np.exp(mode[:rows])[:, None]
    over = (counts / np.maximum(share, _SMALL) - level) * (share > _SMALL)
    by_level = (counts - level * share).sum(axis=1)
    by_age = pattern * (np.einsum("ik,ikb->b", over, triangle.told) - (over * share).sum())
    slope = np.concatenate([by_level, by_age]) / dispersion
    slope[rows:] += belief.weight * (belief.pattern / belief.pattern.sum() - pattern)
    slope[:rows] -= walk @ mode[:rows]
    return slope


def _information(triangle: Triangle, belief: Belief, mode: np.ndarray, dispersion: float, walk: np.ndarray) -> np.ndarray:
    rows = len(triangle.counts)
    pattern = _softmax(mode[rows:])
    found = _data_information(triangle, mode, dispersion)
    found[rows:, rows:] += belief.weight * (np.diag(pattern) - np.outer(pattern, pattern))
    found[:rows, :rows] += walk
    # The logits may all move by one number without a change: held where they are.
    found[rows:, rows:] += 1.0
    found[rows:, rows:] += 1e-9 * np.eye(len(pattern))
    found[:rows, :rows] += 1e-9 * np.eye(rows)
    return found


def _data_information(triangle: Triangle, mode: np.ndarray, dispersion: float) -> np.ndarray:
    rows = len(triangle.counts)
    pattern = _softmax(mode[rows:])
    share = triangle.told @ pattern
    level = np.exp(mode[:rows])
    away = pattern * (triangle.told - share[:, :, None])
    weight = np.where(share > _SMALL, level[:, None] / np.maximum(share, _SMALL), 0.0)
    found = np.zeros((len(mode), len(mode)))
    found[:rows, :rows] = np.diag(level * share.sum(axis=1))
    found[:rows, rows:] = level[:, None] * away.sum(axis=1)
    found[rows:, :rows] = found[:rows, rows:].T
    flat = away.reshape(-1, len(pattern))
    found[rows:, rows:] = flat.T @ (flat * weight.reshape(-1, 1))
    return found / dispersion


def _walk(belief: Belief, rows: int) -> np.ndarray:
    if not np.isfinite(belief.walk):
        return np.zeros((rows, rows))
    steps = np.diff(np.eye(rows), axis=0)
    spread = np.full(rows - 1, belief.walk)
    if belief.season and rows > belief.season + 1:
        steps[belief.season:] -= steps[:-belief.season].copy()
        spread[belief.season:] = belief.season_walk
    steps = steps / spread[:, None]
    return steps.T @ steps


def _dispersion(counts: np.ndarray, fitted: np.ndarray, blocks: np.ndarray, asked: int, belief: Belief) -> float:
    """Pearson's, and what is believed of it by its weight; `asked` numbers went into the fit."""
    seen, meant = (np.stack([np.bincount(blocks, weights=column) for column in table.T]) for table in (counts, fitted))
    told = meant > _SMALL
    # A number of which next to nothing was expected says little of the dispersion, and would say it loudly.
    chi2 = float((((seen - meant) ** 2) / np.maximum(meant, _LEAST))[told].sum())
    free = int(told.sum()) - asked
    total = max(free, 0) + belief.dispersion_weight
    return max((chi2 * (free > 0) + belief.dispersion * belief.dispersion_weight) / total if total else belief.dispersion, _SMALL)


def _drawn(fit: _Fit, left: np.ndarray, asked: np.ndarray, into: np.ndarray, rng: np.random.Generator, draws: int) -> np.ndarray:
    """Expected counts still to come, by draw and group."""
    value, vector = np.linalg.eigh(fit.spread)
    drawn = fit.mode + rng.standard_normal((draws, len(fit.mode))) @ (vector * np.sqrt(np.maximum(value, 0.0))).T
    pattern = _softmax(drawn[:, len(left):])
    return (np.exp(np.minimum(drawn[:, :len(left)][:, asked], 25.0)) * (pattern @ left[asked].T)) @ into


def _softmax(logits: np.ndarray) -> np.ndarray:
    raised = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return raised / raised.sum(axis=-1, keepdims=True)
