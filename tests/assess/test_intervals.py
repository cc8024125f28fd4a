"""Intervals against published numbers and statsmodels; groups and places that no overlap allows."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.proportion import proportion_confint

from liantu.assess import places, tied_groups, weighted_interval, wilson


@pytest.mark.parametrize(("good", "of", "low", "high"), [
    (81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)])
def test_wilson_is_newcombes_table(good, of, low, high):
    """Newcombe, Statistics in Medicine 17 (1998) 857-872, table I, method 3."""
    assert [float(limit) for limit in wilson(good, of)] == pytest.approx([low, high], abs=5e-5)


@given(st.integers(1, 5000).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of))), st.sampled_from([0.8, 0.95, 0.99]))
def test_wilson_is_that_of_statsmodels(pair, level):
    good, of = pair
    low, high = wilson(good, of, level)
    assert [float(low), float(high)] == pytest.approx(proportion_confint(good, of, 1 - level, "wilson"), abs=1e-9)
    assert 0 <= low <= good / of <= high <= 1


def test_wilson_of_nothing_knows_nothing():
    low, high = wilson([0, 3], [0, 3])
    assert (low[0], high[0]) == (0, 1) and high[1] == 1 and low[1] == pytest.approx(0.4385, abs=1e-4)


def test_square_and_add_is_newcombes_difference():
    """56 of 70 less 48 of 80: Newcombe, Statistics in Medicine 17 (1998) 873-890, table II, method 10."""
    shares = np.array([56 / 70, 48 / 80])
    value, low, high = weighted_interval(shares, *wilson([56, 48], [70, 80]), [1, -1])
    assert (value, low, high) == pytest.approx((0.2, 0.0524, 0.3339), abs=5e-5)


def test_a_small_ledger_is_not_ranked_below_a_large_one_on_noise():
    small, large = wilson(27, 30), wilson(2790, 3000)
    assert tied_groups([small[0], large[0]], [small[1], large[1]]) == [1, 1]
    assert places([small[0], large[0]], [small[1], large[1]]) == [(1, 2), (1, 2)]


def test_groups_and_places():
    lows, highs = [90, 70, 88, 60, 71], [95, 80, 91, 65, 89]
    # 90-95, 88-91, 71-89 and 70-80 hang together; only 60-65 stands apart.
    assert tied_groups(lows, highs) == [1, 1, 1, 2, 1]
    assert places(lows, highs) == [(1, 2), (3, 4), (1, 3), (5, 5), (2, 4)]


@given(st.lists(st.tuples(st.floats(0, 100), st.floats(0, 10)), min_size=1, max_size=12))
def test_groups_never_touch_and_places_agree(values):
    lows, highs = [at - half for at, half in values], [at + half for at, half in values]
    groups, held = tied_groups(lows, highs), places(lows, highs)
    assert sorted(set(groups)) == list(range(1, max(groups) + 1))
    for one in range(len(values)):
        for other in range(len(values)):
            if groups[one] < groups[other]:
                assert lows[one] > highs[other] and held[one][0] < held[other][1]
            if lows[one] > highs[other]:
                assert held[one][1] < held[other][1] or held[one][0] < held[other][0]
