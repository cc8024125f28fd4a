"""Shrinkage against Efron and Morris' batters, against James and Stein's formula, and what must hold for any variances."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ranking_samples import batters

from liantu.assess.ranking import shrink

_units = st.lists(st.tuples(st.floats(-50, 50), st.floats(0.01, 30)), min_size=4, max_size=15)


def _error(estimates, truth):
    return float(((estimates - truth) ** 2).sum())


def test_batters_on_the_arcsine_scale():
    """Efron and Morris, JASA 70 (1975), table 1: 17.56 falls to 5.01, a factor of 3.50; from unrounded averages 17.57 and 5.00."""
    table = batters()
    first, rest = table["first_arcsine"], table["rest_arcsine"]
    shrunk = shrink(first, 1.0)
    assert _error(first, rest) == pytest.approx(17.56, abs=0.02)
    assert _error(shrunk, rest) == pytest.approx(5.01, abs=0.02)
    assert _error(first, rest) / _error(shrunk, rest) == pytest.approx(3.5, abs=0.03)
    assert (1 - shrunk.std() / first.std()) == pytest.approx(0.791, abs=0.001)


def test_batters_as_averages():
    """Efron and Morris, Scientific American 236 (1977): a share of 0.212 of the distance from .265 is kept, .400 becomes .294."""
    table = batters()
    mean = table["first"].mean()
    shrunk = shrink(table["first"], mean * (1 - mean) / 45)
    assert mean == pytest.approx(0.265, abs=0.0005)
    assert shrunk["Clemente"] == pytest.approx(0.294, abs=0.0005) and shrunk["Alvis"] == pytest.approx(0.242, abs=0.0005)
    assert (shrunk["Clemente"] - mean) / (table["first"]["Clemente"] - mean) == pytest.approx(0.212, abs=0.001)
    assert _error(table["first"], table["rest"]) / _error(shrunk, table["rest"]) == pytest.approx(3.5, abs=0.1)


@given(st.lists(st.integers(-1000, 1000), min_size=4, max_size=12), st.integers(1, 10_000))
def test_equal_variances_give_the_positive_part_of_james_and_stein(values, variance):
    x = pd.Series(values, dtype="float64") / 10
    off = x - x.mean()
    square = float((off**2).sum())
    kept = max(0.0, 1 - (len(x) - 3) * variance / square) if square else 0.0
    assert shrink(x, variance).to_numpy() == pytest.approx((x.mean() + kept * off).to_numpy(), abs=1e-6)


@given(_units)
def test_each_keeps_its_side_of_the_common_mean_and_the_less_known_goes_further(units):
    x, v = (pd.Series(values) for values in zip(*units, strict=True))
    moved = shrink(x, v)
    assert moved.min() >= x.min() - 1e-9 and moved.max() <= x.max() + 1e-9
    # With one more unit known as badly as any, at the very place of another, both of a pair differ only by what is known of them.
    twice, doubled = pd.concat([x, x[:1]], ignore_index=True), pd.concat([v, v[:1] * 4], ignore_index=True)
    pair = shrink(twice, doubled)
    assert abs(pair.iloc[-1] - x.iloc[0]) >= abs(pair.iloc[0] - x.iloc[0]) - 1e-9


def test_a_small_county_moves_further_than_a_large_one():
    x = pd.Series({"a": 10.0, "b": 10.0, "c": 0.0, "d": 1.0, "e": 2.0, "f": 3.0})
    moved = shrink(x, pd.Series({"a": 0.5, "b": 9.0, "c": 1.0, "d": 1.0, "e": 1.0, "f": 1.0}))
    assert 10 > moved["a"] > moved["b"] > 3
    assert shrink(x, 0.0).tolist() == x.tolist()
    certain = shrink(x, pd.Series({"a": 0.0, "b": 9.0, "c": 1.0, "d": 1.0, "e": 1.0, "f": 1.0}))
    assert certain["a"] == 10 and certain["c"] > 0


def test_units_that_differ_less_than_chance_become_their_mean():
    moved = shrink(pd.Series({"a": 1.0, "b": 1.1, "c": 0.9, "d": 1.0}), pd.Series({"a": 4.0, "b": 1.0, "c": 1.0, "d": 2.0}))
    assert moved.to_numpy() == pytest.approx(np.full(4, (0.25 + 1.1 + 0.9 + 0.5) / 2.75))


def test_three_units_and_those_not_known_stay():
    x = pd.Series({"a": 1.0, "b": np.nan, "c": 9.0, "d": 4.0})
    assert shrink(x, 1.0).equals(x)
    more = pd.Series({"a": 1.0, "b": np.nan, "c": 9.0, "d": 4.0, "e": 6.0, "f": 50.0})
    moved = shrink(more, pd.Series({"a": 1.0, "b": 1.0, "c": 1.0, "d": 1.0, "e": 1.0, "f": np.nan}))
    assert np.isnan(moved["b"]) and moved["f"] == 50 and moved["c"] < 9
    assert moved[["a", "c", "d", "e"]].equals(shrink(more[["a", "c", "d", "e"]], 1.0))
    assert shrink(pd.Series([], dtype="float64"), 1.0).empty


def test_a_negative_variance_names_its_unit():
    with pytest.raises(ValueError, match="variance of 喀左县 is negative"):
        shrink(pd.Series({"喀左县": 1.0, "b": 2.0}), pd.Series({"喀左县": -1.0, "b": 1.0}))


def test_total_error_falls_in_simulations():
    """Unequal variances, units that truly differ: over 400 runs the total squared error is less than that of the estimates."""
    rng = np.random.default_rng(3)
    v = np.array([0.3, 0.5, 1, 1, 2, 4, 6.0])
    plain = moved = 0.0
    for _ in range(400):
        truth = rng.normal(0, 1, len(v))
        x = pd.Series(truth + np.sqrt(v) * rng.standard_normal(len(v)))
        plain += _error(x, truth)
        moved += _error(shrink(x, pd.Series(v)), truth)
    assert moved < 0.6 * plain
