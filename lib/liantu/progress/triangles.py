"""A triangle of counts by period of event and lag of report, and what is still to come: chain ladder with its uncertainty."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np

ROUNDS = 40
LEAST = 0.5
"""Stands for the first cell of a period of which nothing was reported yet: with zero its ladder could never rise."""


@dataclass(frozen=True)
class Outstanding:
    """What a triangle still lacks: `mean` by row, `total`, `error` (prediction error of the total), `dispersion`, `draws` (draws x rows).

    `pattern`: share of the events reported within the triangle that each lag brings.
    """

    mean: np.ndarray
    total: float
    error: float
    dispersion: float
    pattern: np.ndarray
    draws: np.ndarray


def triangle_forecast(
    triangle: np.ndarray, draws: int = 2000, seed: int = 0, tail: float = 0.0, spread_like: tuple[float, float] = (1.0, 0.0)
) -> Outstanding:
    """What is still to be reported of each row of a triangle of incremental counts (rows: periods, oldest first; columns: lags).

    NaN after the last number of a row is still to come; NaN before a number is part of that number (several lags told together).
    An over-dispersed Poisson GLM with a factor for each row and each lag, whose forecasts are the chain ladder's (England & Verrall 1999,
    Insurance: Mathematics and Economics 25:281-293); numbers told together are split by the fitted pattern until it stays (EM). `error`
    is its analytic prediction error; draws take the coefficients from their normal approximation and cells from a gamma of mean m and
    variance dispersion x m. `tail`: each lag beyond the last brings this share of the one before it (0: nothing). `spread_like`: a
    dispersion held before looking and how many numbers' worth it counts. A row or lag without any count gets `LEAST` in one cell; a row
    without a number expects nothing. Raises ValueError for a triangle without a number. Checked on the triangle of Taylor & Ashe (1983):
    total 18,680,856, prediction error 2,945,659.
    """
    if not np.isfinite(triangle).any():
        raise ValueError("the triangle holds no number")
    cells = _cells(triangle)
    fitted = _fitted(cells, triangle.shape, spread_like)
    mode, spread, dispersion = fitted
    design = _design(*cells.wanted, triangle.shape)
    means = np.exp(design @ mode)
    extra = tail / (1 - tail)
    every = np.exp(_design(*np.indices(triangle.shape).reshape(2, -1), triangle.shape) @ mode).reshape(triangle.shape)
    mean = np.bincount(cells.wanted[0], weights=means, minlength=len(triangle)) + extra * every[:, -1]
    reach = design.T @ means
    error = float(np.sqrt(dispersion * means.sum() + reach @ spread @ reach))
    pattern = every[cells.rows[-1]] / every[cells.rows[-1]].sum()
    drawn = _drawn(np.random.default_rng(seed), draws, cells.wanted, fitted, triangle.shape, extra)
    return Outstanding(mean, float(mean.sum()), error, dispersion, pattern, drawn)


@dataclass(frozen=True)
class _Cells:
    """The cells told of (`rows`, `lags`), the number of `numbers` each is part of (`part`), and those still `wanted`."""

    rows: np.ndarray
    lags: np.ndarray
    part: np.ndarray
    numbers: np.ndarray
    wanted: tuple[np.ndarray, np.ndarray]


def _cells(triangle: np.ndarray) -> _Cells:
    seen = np.isfinite(triangle)
    told = np.cumsum(seen[:, ::-1], axis=1)[:, ::-1] > 0
    rows, lags = np.nonzero(told)
    # A cell is part of the first number at or after it.
    part = np.cumsum(np.concatenate([[0], seen[rows, lags][:-1]]))
    return _Cells(rows, lags, part, triangle[seen].astype(float), np.nonzero(~told & seen.any(axis=1)[:, None]))


def _raised(counts: np.ndarray, cells: _Cells, shape: tuple[int, ...]) -> np.ndarray:
    """Counts with `LEAST` in the first cell of every row and in one cell of every lag that has none."""
    table = np.zeros(shape)
    table[cells.rows, cells.lags] = np.maximum(counts, 0.0)
    for row in np.unique(cells.rows):
        if table[row].sum() <= 0:
            table[row, cells.lags[cells.rows == row].min()] = LEAST
    for lag in np.unique(cells.lags):
        if table[:, lag].sum() <= 0:
            table[cells.rows[cells.lags == lag][-1], lag] = LEAST
    return table[cells.rows, cells.lags]


def _design(rows: np.ndarray, lags: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """One column for each row of the triangle and each lag but the first."""
    table = np.zeros((len(rows), shape[0] + shape[1] - 1))
    every = np.arange(len(rows))
    table[every, rows] = 1.0
    later = lags > 0
    table[every[later], shape[0] + lags[later] - 1] = 1.0
    return table


def _fitted(cells: _Cells, shape: tuple[int, ...], spread_like: tuple[float, float]) -> tuple[np.ndarray, np.ndarray, float]:
    """Coefficients, their covariance and the dispersion (Pearson)."""
    design = _design(cells.rows, cells.lags, shape)
    used = design.any(axis=0)
    design = design[:, used]
    together = np.bincount(cells.part)[cells.part]
    counts = _raised(cells.numbers[cells.part] / together, cells, shape)
    params = _poisson(design, counts)
    for _ in range(ROUNDS if together.max() > 1 else 0):
        fitted = np.exp(design @ params)
        share = fitted / np.bincount(cells.part, weights=fitted)[cells.part]
        before, params = params, _poisson(design, _raised(cells.numbers[cells.part] * share, cells, shape))
        if np.abs(params - before).max() < 1e-4:
            break
    fitted = np.exp(design @ params)
    whole = np.bincount(cells.part, weights=fitted)
    free = len(cells.numbers) - int(used.sum())
    # A number of which next to nothing was expected says little of the dispersion, and would say it loudly.
    chi2 = float((((cells.numbers - whole) ** 2) / np.maximum(whole, LEAST)).sum())
    held, weight = spread_like
    total = max(free, 0) + weight
    dispersion = max((chi2 * (free > 0) + held * weight) / total if total else held, 1e-9)
    slope = np.zeros((len(whole), design.shape[1]))
    np.add.at(slope, cells.part, design * fitted[:, None])
    information = slope.T @ (slope / np.maximum(whole, 1e-12)[:, None])
    mode, spread = np.full(len(used), -30.0), np.zeros((len(used), len(used)))
    mode[used] = params
    spread[np.ix_(used, used)] = np.linalg.pinv(information, hermitian=True) * dispersion
    return mode, spread, dispersion


def _poisson(design: np.ndarray, counts: np.ndarray) -> np.ndarray:
    from statsmodels.genmod.families import Poisson
    from statsmodels.genmod.generalized_linear_model import GLM

    with warnings.catch_warnings():
        # A row of one cell is fitted without error, as it should be.
        warnings.simplefilter("ignore")
        return np.asarray(GLM(counts, design, family=Poisson()).fit(maxiter=100, tol=1e-10).params)


def _drawn(
    rng: np.random.Generator, draws: int, wanted: tuple[np.ndarray, np.ndarray], fitted: tuple[np.ndarray, np.ndarray, float],
    shape: tuple[int, ...], extra: float,
) -> np.ndarray:
    mode, spread, dispersion = fitted
    value, vector = np.linalg.eigh(spread)
    root = vector * np.sqrt(np.maximum(value, 0.0))
    b = mode + rng.standard_normal((draws, len(mode))) @ root.T
    last = (np.arange(shape[0]), np.full(shape[0], shape[1] - 1))
    eta = b @ _design(*wanted, shape).T
    # A normal coefficient makes a log-normal mean, whose mean lies above the chain ladder's.
    log_mean = np.minimum(eta - _half_variance(_design(*wanted, shape), root), 25.0)
    log_tail = np.minimum(b @ _design(*last, shape).T - _half_variance(_design(*last, shape), root), 25.0)
    cells = rng.gamma(np.exp(log_mean) / dispersion, dispersion)
    total = cells @ (wanted[0][:, None] == np.arange(shape[0])).astype(float)
    return total + (rng.gamma(extra * np.exp(log_tail) / dispersion, dispersion) if extra else 0.0)


def _half_variance(design: np.ndarray, root: np.ndarray) -> np.ndarray:
    return ((design @ root) ** 2).sum(axis=1) / 2
