"""Other weightings: shares against integrals done by hand, and what must hold for any points."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import beta

from liantu.assess.ranking import weight_sensitivity


def test_two_indicators_follow_the_beta_distribution():
    """a has all of x, b all of y: a is first when the weight of x is above one half, and that weight is beta(30, 20)."""
    points = pd.DataFrame({"x": [1.0, 0.0], "y": [0.0, 1.0]}, index=["a", "b"])
    found = weight_sensitivity(points, {"x": 60, "y": 40})
    ahead = beta(30, 20).sf(0.5)
    assert found.loc["a", "keeps"] == pytest.approx(ahead, abs=0.015) and found.loc["a", "first"] == found.loc["a", "keeps"]
    assert found.loc["b", "keeps"] == found.loc["a", "keeps"] and found.loc["b", "first"] == pytest.approx(1 - ahead, abs=0.015)
    assert found.loc["a", ["low", "high"]].tolist() == [1, 2]
    assert weight_sensitivity(points, {"x": 60, "y": 40}, concentration=1e6).loc["a", "keeps"] == 1


def test_a_weight_of_20_in_100_mostly_lies_between_12_and_30():
    """What the docstring says of the default: the beta distribution of one weight of five equal ones."""
    assert beta(10, 40).ppf([0.05, 0.95]) == pytest.approx([0.12, 0.30], abs=0.005)


@given(st.lists(st.lists(st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0, None]), min_size=3, max_size=3), min_size=1, max_size=6), st.randoms())
@settings(max_examples=30, deadline=None)
def test_for_any_points(rows, rnd):
    points = pd.DataFrame(rows, columns=["x", "y", "z"], dtype="float64", index=[f"u{place}" for place in range(len(rows))])
    weights = {"x": 5, "y": 3, "z": 2}
    found = weight_sensitivity(points, weights, draws=200)
    silent = points.isna().all(axis=1)
    assert found[silent].isna().all(axis=None)
    told = found[~silent]
    assert told["keeps"].between(0, 1).all() and told["first"].between(0, 1).all()
    assert (told["low"] >= 1).all() and (told["high"] <= len(told)).all() and (told["low"] <= told["high"]).all()
    assert told.empty or told["first"].sum() >= 1 - 1e-9
    order = list(points.index)
    rnd.shuffle(order)
    pd.testing.assert_frame_equal(weight_sensitivity(points.loc[order], weights, draws=200), found.loc[order])


def test_a_unit_that_is_best_in_all_keeps_its_place_and_equals_share_theirs():
    points = pd.DataFrame({"x": [1, 0.5, 0.5, 0.1], "y": [0.9, 0.5, 0.5, 0.2]}, index=list("abcd"))
    found = weight_sensitivity(points, {"x": 1, "y": 3})
    assert found["keeps"].tolist() == [1, 1, 1, 1] and found["low"].tolist() == found["high"].tolist() == [1, 2, 2, 4]
    assert found["first"].tolist() == [1, 0, 0, 0]


def test_what_is_not_reported_has_its_weight_spread_over_the_rest():
    points = pd.DataFrame({"x": [0.8, 0.8], "y": [np.nan, 0.8], "z": [np.nan, 0.8]}, index=["a", "b"])
    assert weight_sensitivity(points, {"x": 1, "y": 1, "z": 1})["first"].tolist() == [1, 1]


def test_weights_of_nought_and_of_unknown_parts_do_not_count():
    points = pd.DataFrame({"x": [1.0, 0.0], "y": [0.0, 100.0]}, index=["a", "b"])
    assert weight_sensitivity(points, {"x": 1, "y": 0, "other": 9})["first"].tolist() == [1, 0]


def test_points_that_no_weight_moves_count_on_the_scale_of_the_weights():
    points = pd.DataFrame({"x": [0.5, 0.5], "y": [0.5, 0.5]}, index=["a", "b"])
    found = weight_sensitivity(points, {"x": 60, "y": 40}, fixed=pd.Series({"b": 1.0}))
    assert found["first"].tolist() == [0, 1]
    points.loc["a", "x"] = 0.51  # worth 0.6 points of 100, less than the one point of b under nearly every weighting
    assert weight_sensitivity(points, {"x": 60, "y": 40}, fixed=pd.Series({"b": 1.0}))["first"].tolist() == [0, 1]


@pytest.mark.parametrize("weights", [{"x": -1, "y": 2}, {"x": 0, "y": 0}, {"other": 5}])
def test_weights_that_are_none_are_refused(weights):
    with pytest.raises(ValueError, match="weights must not be negative"):
        weight_sensitivity(pd.DataFrame({"x": [1.0], "y": [1.0]}), weights)


def test_no_units_at_all():
    assert weight_sensitivity(pd.DataFrame({"x": [], "y": []}, dtype="float64"), {"x": 1, "y": 1}).empty
