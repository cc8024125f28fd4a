"""The points of every unit and part, on stacks of draws: the arithmetic behind every score."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from liantu.assess.scoring.normalise_rules import POINTS
from liantu.assess.scoring.normalising import CAPPED, FLOORED, NOT_REPORTED, limited, normalise
from liantu.assess.scoring.scoring_rules import Part, ScoringRules


@dataclass(frozen=True)
class Judged:
    """Arrays [..., units, parts]: points, points before what is missing was dealt with, states (places in STATES), where all were equal."""

    points: np.ndarray
    earned: np.ndarray
    state: np.ndarray
    degenerate: np.ndarray


def points_of(values: np.ndarray, rules: ScoringRules, groups: Sequence[object] | None = None) -> np.ndarray:
    """Points [..., units, parts] of values [..., units, inputs], over any leading axes (draws, periods).

    Inputs stand in the order of `rules.inputs`, parts in that of `rules.ids`; deductions are negative. NaN in: not reported; NaN out: no
    points (the weight is spread, or the unit is not ranked, or a bonus was not reported). `groups` names each unit's group (by default all
    units are compared with each other). Raises ValueError when the last axis does not fit `rules.inputs`.
    """
    return judge(values, rules, groups).points


def totals_of(points: np.ndarray, rules: ScoringRules) -> np.ndarray:
    """Totals [..., units] of points [..., units, parts]; NaN: nothing reported, or not ranked by the rule for what is missing."""
    own = points[..., :len(rules.indicators)]
    needed = np.array([rules.missing_of(entry) == "not_ranked" for entry in rules.indicators])
    out = np.isnan(own).all(axis=-1) | (np.isnan(own) & needed).any(axis=-1)
    return np.where(out, np.nan, np.nansum(points, axis=-1))


def judge(values: np.ndarray, rules: ScoringRules, groups: Sequence[object] | None = None) -> Judged:
    """`points_of` with all that `score_details` tells beside the points."""
    values = np.asarray(values, dtype=float)
    if values.ndim < 2 or values.shape[-1] != len(rules.inputs):
        raise ValueError(f"values must be [..., units, {len(rules.inputs)}] in the order of rules.inputs, found {values.shape}")
    places = _places(groups, values.shape[-2])
    column = {name: values[..., at] for at, name in enumerate(rules.inputs)}
    own = [_judge_parts(entry.all_parts, entry.weight, entry.start, (entry.floor, entry.cap), column, places) for entry in rules.indicators]
    more = [_judge_parts((entry.part,), 1.0, 0.0, (0.0, entry.cap), column, places) for entry in (*rules.bonuses, *rules.deductions)]
    shape = (*values.shape[:-1], len(own) + len(more))
    earned, state, degenerate = np.empty(shape), np.empty(shape, dtype=np.int8), np.empty(shape, dtype=bool)
    for at, found in enumerate([*own, *more]):
        earned[..., at], state[..., at], degenerate[..., at] = found
    points = earned.copy()
    _deal_with_missing(points[..., :len(own)], rules, places)
    first = len(own) + len(rules.bonuses)
    _hold(points[..., len(own):first], rules.bonus_cap)
    _hold(points[..., first:], rules.deduction_cap)
    points[..., first:] = 0.0 - points[..., first:]
    return Judged(points, earned, state, degenerate)


def _judge_parts(parts: tuple[Part, ...], weight: float, start: float, limits: tuple[float | None, float | None],
                 column: dict[str, np.ndarray], places: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    points, state, degenerate = start, np.int8(0), np.bool_(False)
    for part in parts:
        beside = {name: column[name] for name in part.inputs[1:]}
        found = normalise(part.normalise, part.direction, column[part.id], places, beside)
        points = points + part.share * found.value * (1.0 if isinstance(part.normalise, POINTS) else weight)
        state, degenerate = np.maximum(state, found.state), degenerate | found.degenerate
    held, met = limited(points, *limits)
    return held, np.where(np.isnan(held), NOT_REPORTED, np.where(np.isin(met, (CAPPED, FLOORED)), met, state)), degenerate


def _deal_with_missing(points: np.ndarray, rules: ScoringRules, places: list[np.ndarray]) -> None:
    """Fill what is not reported by the rules that fill it (in place), then spread the weight of what is still missing."""
    for at, entry in enumerate(rules.indicators):
        rule, own = rules.missing_of(entry), points[..., at]
        if rule == "zero":
            own[np.isnan(own)] = 0.0
        elif rule == "mean":
            for group in places:
                chosen = own[..., group]
                count = (~np.isnan(chosen)).sum(axis=-1, keepdims=True)
                mean = np.nansum(chosen, axis=-1, keepdims=True) / np.where(count > 0, count, np.nan)
                own[..., group] = np.where(np.isnan(chosen), mean, chosen)
    reported = (~np.isnan(points) * rules.weights).sum(axis=-1, keepdims=True)
    points *= rules.total / np.where(reported > 0, reported, np.nan)


def _hold(points: np.ndarray, cap: float | None) -> None:
    """Hold the sum of bonuses (or deductions) at a cap, each in proportion (in place)."""
    if cap is not None and points.shape[-1]:
        total = np.nansum(points, axis=-1, keepdims=True)
        points *= np.where(total > cap, cap / np.where(total > 0, total, 1), 1)


def _places(groups: Sequence[object] | None, units: int) -> list[np.ndarray]:
    if groups is None:
        return [np.arange(units)] if units else []
    names = np.asarray([str(group) for group in groups], dtype=object)
    if len(names) != units:
        raise ValueError(f"groups must name a group for each of the {units} units, found {len(names)}")
    return [np.flatnonzero(names == name) for name in dict.fromkeys(names)]
