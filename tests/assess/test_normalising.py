"""Ways of normalising against numbers by hand and against scipy."""

import numpy as np
import pytest
from scipy import stats

from liantu.assess.scoring import load_rules, points_of
from liantu.assess.scoring.normalising import STATES
from liantu.assess.scoring.points import judge

NAN = float("nan")


def rules_with(normalise: dict, direction: str = "up"):
    return load_rules({
        "id": "made", "zh": "一", "en": "made", "group": "county", "period": "year", "ours": True, "source": "made",
        "missing": "not_ranked", "total": 1, "indicators": [{"id": "a", "weight": 1, "direction": direction, "normalise": normalise}]})


def shares(values: list[float], normalise: dict, direction: str = "up") -> list[float]:
    return points_of(np.array(values, dtype=float)[:, None], rules_with(normalise, direction))[:, 0].tolist()


def states(values: list[float], normalise: dict, direction: str = "up") -> list[str]:
    return [STATES[state] for state in judge(np.array(values, dtype=float)[:, None], rules_with(normalise, direction)).state[:, 0]]


@pytest.mark.parametrize(("normalise", "direction", "values", "expected"), [
    ({"kind": "target_ratio", "target": 5}, "up", [0, 4, 10, NAN], [0, 0.8, 2, NAN]),
    ({"kind": "target_ratio", "target": 5, "cap": 1.2, "floor": 0.5}, "up", [0, 4, 10], [0.5, 0.8, 1.2]),
    ({"kind": "target_ratio", "target": 30, "cap": 1}, "down", [0, 20, 60, 120], [1, 1, 0.5, 0.25]),
    ({"kind": "efficacy"}, "up", [10, 20, 40, NAN], [0.6, 0.6 + 0.4 / 3, 1, NAN]),
    ({"kind": "efficacy"}, "down", [10, 20, 40], [1, 0.6 + 0.8 / 3, 0.6]),
    ({"kind": "efficacy", "base": 0.2}, "up", [1, 2, 5], [0.2, 0.4, 1]),  # 旌德县: 20 + 80 x (x - min) / (max - min)
    ({"kind": "efficacy", "base": 0, "low": -30, "high": 0}, "up", [-60, -30, -15, 0, 8], [0, 0, 0.5, 1, 1]),
    ({"kind": "efficacy"}, "up", [7, 7, NAN], [1, 1, NAN]),
    ({"kind": "efficacy", "equal": 0}, "up", [7, 7], [0.6, 0.6]),
    ({"kind": "min_max"}, "up", [10, 20, 40], [0, 1 / 3, 1]),
    ({"kind": "min_max"}, "down", [10, 20, 40], [1, 2 / 3, 0]),
    ({"kind": "rank"}, "up", [5, 9, 7, 1], [1 / 3, 1, 2 / 3, 0]),
    ({"kind": "rank"}, "down", [5, 9, 7, 1], [2 / 3, 0, 1 / 3, 1]),
    ({"kind": "rank"}, "up", [5, 5, 7, NAN, 1], [0.5, 0.5, 1, NAN, 0]),
    ({"kind": "rank", "first": 1, "last": 0.6}, "up", [3, 2, 1], [1, 0.8, 0.6]),
    ({"kind": "rank"}, "up", [3], [1]),
    ({"kind": "z", "middle": 0.6, "per_sd": 0.2}, "up", [1, 2, 3], [0.6 - 0.2 * 1.5**0.5, 0.6, 0.6 + 0.2 * 1.5**0.5]),
    ({"kind": "z", "ddof": 1, "middle": 0.6, "per_sd": 0.2}, "up", [1, 2, 3], [0.4, 0.6, 0.8]),
    ({"kind": "z", "ddof": 1, "middle": 0.6, "per_sd": 0.2}, "down", [1, 2, 3], [0.8, 0.6, 0.4]),
    ({"kind": "z", "middle": 0.6}, "up", [0.1, 0.1, 0.1], [0.6, 0.6, 0.6]),
    ({"kind": "ratio_to_mean"}, "up", [1, 2, 3, NAN], [0.5, 1, 1.5, NAN]),
    ({"kind": "ratio_to_mean", "cap": 1.2, "floor": 0.6}, "up", [1, 2, 3], [0.6, 1, 1.2]),
    ({"kind": "ratio_to_mean", "cap": 3}, "down", [1, 2, 3, 0], [1.5, 0.75, 0.5, 3]),
    ({"kind": "ratio_to_mean", "mean": 24.097}, "up", [24.097, 0], [1, 0]),
    ({"kind": "ratio_to_mean"}, "up", [0, 0], [1, 1]),
    ({"kind": "steps", "below": 1, "steps": [{"at_least": 2, "points": 6}, {"at_least": 5, "points": 20}]}, "up",
     [1, 2, 5, NAN], [1, 6, 20, NAN]),
    ({"kind": "steps", "below": 9, "steps": [{"at_least": 2, "points": 4}]}, "down", [1, 2], [9, 4]),
    ({"kind": "per_unit", "each": 5}, "up", [0, 3], [0, 15]),
    ({"kind": "per_unit", "each": 2, "beyond": 5}, "up", [4, 5, 7], [0, 0, 4]),
    ({"kind": "per_unit", "each": -0.1, "short_of": 7}, "up", [7, 5, 9], [0, -0.2, 0]),
    ({"kind": "as_is"}, "up", [13.5, NAN], [13.5, NAN])])
def test_by_hand(normalise, direction, values, expected):
    assert shares(values, normalise, direction) == pytest.approx(expected, nan_ok=True)


def test_against_scipy():
    values = np.random.default_rng(5).integers(0, 9, 40).astype(float)
    z = shares(values.tolist(), {"kind": "z", "middle": 0.5, "per_sd": 0.01, "ddof": 1})
    np.testing.assert_allclose(z, 0.5 + 0.01 * stats.zscore(values, ddof=1))
    np.testing.assert_allclose(shares(values.tolist(), {"kind": "rank"}), 1 - (stats.rankdata(-values) - 1) / 39)


def test_a_weighted_mean_is_total_over_total():
    rules = rules_with({"kind": "ratio_to_mean", "weighted_by": "area"})
    assert rules.inputs == ("a", "area")
    tax, area = np.array([30.0, 10, 50]), np.array([10.0, 10, 5])
    found = points_of(np.column_stack([tax / area, area]), rules)[:, 0]
    assert found == pytest.approx((tax / area) / (90 / 25))
    # A firm that reports no area does not move the mean; where nobody does, there is no mean to hold a firm against.
    holed = points_of(np.column_stack([tax / area, [10, 10, NAN]]), rules)[:, 0]
    assert holed == pytest.approx([3 / 2, 1 / 2, 10 / 2])
    assert np.isnan(points_of(np.column_stack([tax / area, [NAN] * 3]), rules)).all()


def test_a_unit_without_its_own_target_is_not_reported():
    rules = rules_with({"kind": "target_ratio", "target_of": "task"})
    assert points_of(np.array([[3.0, 4], [3, NAN], [3, 0]]), rules)[:, 0].tolist() == pytest.approx([0.75, NAN, NAN], nan_ok=True)


def test_states_tell_where_a_limit_held():
    capped = {"kind": "target_ratio", "target": 5, "cap": 1, "floor": 0.5}
    assert states([9, 5, 4, 1, NAN], capped) == ["capped", "scored", "scored", "floored", "not_reported"]
    assert states([-60, -15, 8], {"kind": "efficacy", "base": 0, "low": -30, "high": 0}) == ["floored", "scored", "capped"]
    assert states([1, 2, 3], {"kind": "efficacy"}) == ["scored"] * 3
