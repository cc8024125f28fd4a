"""What holds for every way of normalising, whatever the values: order of units, direction, limits, stacks of draws."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from liantu.assess.scoring import load_rules, points_of, score

KINDS = {
    "target_ratio": {"kind": "target_ratio", "target": 50, "cap": 1.2, "floor": 0.1}, "efficacy": {"kind": "efficacy"},
    "efficacy_stated": {"kind": "efficacy", "base": 0, "low": 10, "high": 60}, "min_max": {"kind": "min_max"}, "rank": {"kind": "rank"},
    "z": {"kind": "z", "ddof": 1}, "ratio_to_mean": {"kind": "ratio_to_mean", "cap": 1.5, "floor": 0},
    "steps": {"kind": "steps", "steps": [{"at_least": 10, "points": 3}, {"at_least": 50, "points": 8}]},
    "per_unit": {"kind": "per_unit", "each": 0.1, "beyond": 5}}
BOTH_WAYS = sorted(set(KINDS) - {"steps", "per_unit"})
FIRST_IS_CHOSEN = settings(max_examples=25, deadline=None, derandomize=True)
NUMBERS = arrays(float, st.tuples(st.integers(2, 7)), elements=st.one_of(st.integers(0, 100).map(float), st.just(float("nan"))))


def rules_with(kind: str, direction: str = "up", missing: str = "spread"):
    return load_rules({
        "id": "made", "zh": "一", "en": "made", "group": "county", "period": "year", "ours": True, "source": "made", "missing": missing,
        "total": 10, "indicators": [{"id": "a", "weight": 10, "direction": direction, "normalise": KINDS[kind]}]})


def points(values: np.ndarray, kind: str, direction: str = "up") -> np.ndarray:
    return points_of(values[..., None], rules_with(kind, direction))[..., 0]


@pytest.mark.parametrize(("kind", "direction"), [*((kind, "up") for kind in KINDS), *((kind, "down") for kind in BOTH_WAYS)])
@given(values=NUMBERS, place=st.integers(0, 6), more=st.integers(1, 60))
@FIRST_IS_CHOSEN
def test_more_of_what_should_be_more_never_costs_points(kind, direction, values, place, more):
    place %= len(values)
    raised = values.copy()
    raised[place] += more if direction == "up" else -min(more, np.nan_to_num(values[place]))
    before, after = points(values, kind, direction)[place], points(raised, kind, direction)[place]
    assert np.isnan(before) == np.isnan(values[place])
    # A group in which all are equal gives everybody the same points, by the rule: leaving it is no step of the indicator.
    if not np.isnan(before) and np.nanmin(values) < np.nanmax(values) and np.nanmin(raised) < np.nanmax(raised):
        assert after >= before - 1e-9


@pytest.mark.parametrize("kind", sorted(KINDS))
@given(values=NUMBERS)
@FIRST_IS_CHOSEN
def test_within_one_group_a_larger_value_has_no_fewer_points(kind, values):
    found = points(values, kind)
    order = np.argsort(values)[:int((~np.isnan(values)).sum())]
    assert (np.diff(found[order]) >= -1e-9).all()
    assert (found[~np.isnan(values)] >= -1e-9).all() and (found[~np.isnan(values)] <= 15 + 1e-9).all()


@pytest.mark.parametrize("kind", sorted(KINDS))
@given(values=NUMBERS, seed=st.integers(0, 99))
@FIRST_IS_CHOSEN
def test_the_order_of_the_units_does_not_matter(kind, values, seed):
    order = np.random.default_rng(seed).permutation(len(values))
    np.testing.assert_allclose(points(values[order], kind), points(values, kind)[order], atol=1e-9)


@pytest.mark.parametrize("kind", sorted(KINDS))
@given(values=arrays(float, (3, 4), elements=st.integers(0, 100).map(float)))
@FIRST_IS_CHOSEN
def test_a_stack_of_one_is_the_score(kind, values):
    table = pd.DataFrame({"a": values[0]})
    np.testing.assert_array_equal(points_of(values[:, :, None], rules_with(kind))[0, :, 0], score(table, rules_with(kind))["a"])


@given(reported=arrays(bool, (5, 4)), share=st.floats(0, 1))
@FIRST_IS_CHOSEN
def test_spreading_keeps_totals_comparable(reported, share):
    rules = load_rules({
        "id": "made", "zh": "一", "en": "made", "group": "county", "period": "year", "ours": True, "source": "made", "missing": "spread",
        "total": 100, "indicators": [{"id": f"i{at}", "weight": weight, "normalise": {"kind": "target_ratio", "target": 1, "cap": 1}}
                                     for at, weight in enumerate([40, 30, 20, 10])]})
    values = pd.DataFrame(np.where(reported, share, np.nan), columns=list(rules.ids))
    total = score(values, rules)["total"].to_numpy()
    np.testing.assert_allclose(total, np.where(reported.any(axis=1), 100 * share, np.nan), atol=1e-9)
