"""From values to shares of points (or points), on stacks of draws: each published way of normalising, as one function on arrays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from liantu.assess.scoring.normalise_rules import (
    AsIs,
    Efficacy,
    MinMax,
    Normalise,
    PerUnit,
    Rank,
    RatioToMean,
    Steps,
    TargetRatio,
    ZScore,
)

SCORED, CAPPED, FLOORED, NOT_REPORTED = range(4)
STATES = ("scored", "capped", "floored", "not_reported")
_CLOSE = 1e-9


@dataclass(frozen=True)
class Normalised:
    """Shares or points [..., units]; the state of each (a place in STATES); where all units were equal, so that nothing could be told."""

    value: np.ndarray
    state: np.ndarray
    degenerate: np.ndarray


def limited(value: np.ndarray, floor: float | None, cap: float | None) -> tuple[np.ndarray, np.ndarray]:
    """`value` held between floor and cap (None: no limit), and which of them it met (as places in STATES)."""
    state = np.where(np.isnan(value), NOT_REPORTED, SCORED).astype(np.int8)
    if floor is not None:
        state[value < floor - _CLOSE] = FLOORED
        value = np.maximum(value, floor)
    if cap is not None:
        state[value > cap + _CLOSE] = CAPPED
        value = np.minimum(value, cap)
    return value, state


def normalise(rule: Normalise, direction: str, values: np.ndarray, groups: list[np.ndarray],
              beside: Mapping[str, np.ndarray]) -> Normalised:
    """Shares (or points) of the values [..., units] of one indicator; NaN stays NaN.

    `groups` are the places of units that are compared with each other; `beside` holds the further columns (targets, weights of a mean).
    Sources: docs/methods/assessment.md; each kind is held against a published or hand-made number in tests/assess/test_normalising.py.
    """
    up = direction == "up"
    if isinstance(rule, Steps | PerUnit | AsIs):
        return _plain(_points(rule, values))
    if isinstance(rule, TargetRatio):
        target = np.broadcast_to(rule.target if rule.target_of is None else beside[rule.target_of], values.shape)
        return _limited(_ratio(values, np.where(target > 0, target, np.nan), up, rule.cap), rule.floor, rule.cap)
    shape = np.broadcast_shapes(values.shape, *(column.shape for column in beside.values()))
    share, state, degenerate = np.empty(shape), np.empty(shape, dtype=np.int8), np.zeros(shape, dtype=bool)
    for places in groups:
        found = _compared(rule, values[..., places], up, {name: column[..., places] for name, column in beside.items()})
        share[..., places], state[..., places], degenerate[..., places] = found.value, found.state, found.degenerate
    return Normalised(share, state, degenerate)


def _points(rule: Steps | PerUnit | AsIs, values: np.ndarray) -> np.ndarray:
    if isinstance(rule, AsIs):
        return values.astype(float)
    if isinstance(rule, PerUnit):
        if rule.short_of is not None:
            return rule.each * np.maximum(rule.short_of - values, 0)
        return rule.each * (values if rule.beyond is None else np.maximum(values - rule.beyond, 0))
    gained = np.array([rule.below, *(step.points for step in rule.steps)])
    place = np.searchsorted([step.at_least for step in rule.steps], values, side="right")
    return np.where(np.isnan(values), np.nan, gained[place])


def _compared(rule: Normalise, values: np.ndarray, up: bool, beside: Mapping[str, np.ndarray]) -> Normalised:
    """One group of units, compared with each other."""
    if isinstance(rule, Efficacy):
        return _efficacy(values, up, rule)
    if isinstance(rule, MinMax):
        return _efficacy(values, up, Efficacy(kind="efficacy", base=0, equal=rule.equal))
    if isinstance(rule, Rank):
        return _ranked(values, up, rule)
    if isinstance(rule, ZScore):
        return _z(values, up, rule)
    return _to_mean(values, up, rule, beside)


def _efficacy(values: np.ndarray, up: bool, rule: Efficacy) -> Normalised:
    """Checked by hand: 10, 20, 40 get 0.6, 0.7333, 1 (up) and 1, 0.8667, 0.6 (down)."""
    low = np.fmin.reduce(values, axis=-1, keepdims=True) if rule.low is None else np.full((1,), rule.low)
    high = np.fmax.reduce(values, axis=-1, keepdims=True) if rule.high is None else np.full((1,), rule.high)
    width = high - low
    degenerate = np.broadcast_to(width <= 0, values.shape)
    way = (values - low if up else high - values) / np.where(width > 0, width, 1)
    way, state = limited(np.where(degenerate & ~np.isnan(values), rule.equal, way), 0.0, 1.0)
    return Normalised(rule.base + (1 - rule.base) * way, state, degenerate)


def _ranked(values: np.ndarray, up: bool, rule: Rank) -> Normalised:
    from scipy.stats import rankdata

    reported = ~np.isnan(values)
    rank = rankdata(np.where(reported, -values if up else values, np.inf), axis=-1)
    count = reported.sum(axis=-1, keepdims=True)
    step = (rule.first - rule.last) / np.maximum(count - 1, 1)
    degenerate = np.fmin.reduce(values, axis=-1, keepdims=True) == np.fmax.reduce(values, axis=-1, keepdims=True)
    return _plain(np.where(reported, rule.first - (rank - 1) * step, np.nan), np.broadcast_to(degenerate, values.shape))


def _z(values: np.ndarray, up: bool, rule: ZScore) -> Normalised:
    count = (~np.isnan(values)).sum(axis=-1, keepdims=True)
    away = values - _mean(values)
    spread = np.sqrt(np.nansum(away**2, axis=-1, keepdims=True) / np.maximum(count - rule.ddof, 1))
    # What is left of a difference of equal numbers is rounding, not a spread.
    degenerate = spread <= 1e-12 * np.fmax.reduce(np.abs(values), axis=-1, keepdims=True, initial=0)
    z = np.where(degenerate, 0 * values, away / np.where(degenerate, 1, spread))
    return _limited(rule.middle + rule.per_sd * (z if up else -z), rule.floor, rule.cap, np.broadcast_to(degenerate, values.shape))


def _to_mean(values: np.ndarray, up: bool, rule: RatioToMean, beside: Mapping[str, np.ndarray]) -> Normalised:
    weights = beside[rule.weighted_by] if rule.weighted_by else None
    mean = _mean(values, weights) if rule.mean is None else np.full((1,), rule.mean)
    # A mean of zero or less measures nothing: all units count as being at it, and are marked.
    degenerate = np.broadcast_to(mean <= 0, values.shape)
    ratio = np.where(degenerate, 1 + 0 * values, _ratio(values, np.where(mean <= 0, 1, mean), up, rule.cap))
    return _limited(ratio, rule.floor, rule.cap, degenerate)


def _ratio(values: np.ndarray, against: np.ndarray, up: bool, cap: float | None) -> np.ndarray:
    if up:
        return values / against
    # Nothing at all of what should be little is the best there is: the cap.
    ratio = against / np.where(values > 0, values, np.nan)
    return np.where(np.isnan(values) | np.isnan(against), np.nan, np.where(values > 0, ratio, cap))


def _mean(values: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
    weight = ~np.isnan(values) * (1.0 if weights is None else np.nan_to_num(np.maximum(weights, 0)))
    total = weight.sum(axis=-1, keepdims=True)
    return np.nansum(values * weight, axis=-1, keepdims=True) / np.where(total > 0, total, np.nan)


def _limited(value: np.ndarray, floor: float | None, cap: float | None, degenerate: np.ndarray | None = None) -> Normalised:
    held, state = limited(value, floor, cap)
    return Normalised(held, state, np.zeros(value.shape, dtype=bool) if degenerate is None else degenerate)


def _plain(value: np.ndarray, degenerate: np.ndarray | None = None) -> Normalised:
    return _limited(value, None, None, degenerate)
