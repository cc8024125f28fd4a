"""The index of concentration, by hand."""

from __future__ import annotations

import math

import econcomplex
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from liantu.chains import hhi
from liantu.errors import LiantuError


@pytest.mark.parametrize(("shares", "index"), [
    ([0.5, 0.3, 0.2], 0.38), ([50, 30, 20], 0.38), ([1], 1), ([7], 1), ([0.25] * 4, 0.25), ([1, 0, 0], 1), ([3, 1], 0.625),
    ((0.6, 0.4), 0.52), (np.array([2, 2]), 0.5), (pd.Series([5, 3, 2], index=["x", "x", "y"]), 0.38),
    (pd.Series([5, 3, 2], dtype="Int64"), 0.38),
])
def test_by_hand(shares, index):
    assert hhi(shares) == pytest.approx(index)


@pytest.mark.parametrize("none", [[], [0, 0], pd.Series(dtype=float)])
def test_of_nobody_there_is_none(none):
    assert math.isnan(hhi(none))


@given(st.lists(st.floats(0.01, 1e6), min_size=1, max_size=12))
def test_between_equal_shares_and_one_holder(amounts):
    index = hhi(amounts)
    assert 1 / len(amounts) - 1e-9 <= index <= 1 + 1e-9 and hhi([3 * amount for amount in amounts]) == pytest.approx(index)


def test_the_same_as_econcomplex():
    values = pd.DataFrame([[5.0, 3, 2], [1, 1, 0]])
    assert [hhi(row) for _, row in values.iterrows()] == pytest.approx(econcomplex.hhi(values, normalize=False).tolist())


@pytest.mark.parametrize(("bad", "said"), [([0.5, -0.1], "holder 1"), ([0.5, None], "holder 1"), (["half"], "'half'"),
                                           (0.5, "0 dimensions"),
                                           (pd.DataFrame([[1, 2]]), "2 dimensions")])
def test_a_bad_share_is_named(bad, said):
    with pytest.raises(LiantuError, match=said):
        hhi(bad)
