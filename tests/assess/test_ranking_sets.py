"""Confidence sets for places: the published PISA sets, coverage by simulation, and what must hold for any estimates."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ranking_samples import pisa

from liantu.assess.ranking import rank_set, rank_sets, tier_places, tiers, top_set

_AT_90 = {"Belgium", "Canada", "Denmark", "Estonia", "Finland", "Japan", "Korea", "Netherlands", "Poland", "Slovenia", "Switzerland"}
_DRAWS = 400
_units = st.lists(st.tuples(st.integers(-40, 40), st.integers(0, 12)), min_size=1, max_size=9)


def _made(units):
    frame = pd.DataFrame(units, columns=["x", "se"], index=[f"u{place}" for place in range(len(units))])
    return frame["x"] / 4, frame["se"] / 4


@pytest.mark.parametrize(("level", "seed"), [(0.95, 0), (0.95, 1), (0.9, 0), (0.9, 1)])
def test_candidates_for_the_best_five_of_pisa_are_the_published_ones(level, seed):
    """Mogstad, Romano, Shaikh and Wilhelm (2024): 12 countries at 95 %, 11 at 90 %; the names as their package csranks prints them."""
    scores = pisa()
    assert set(top_set(scores["mean"], scores["se"], 5, level, seed=seed)) == _AT_90 | ({"Sweden"} if level == 0.95 else set())


def test_the_united_kingdom_alone_is_between_7_and_23():
    """The text of csranks' vignette; its set among all 37 at once is not narrower."""
    scores = pisa()
    alone = rank_set(scores["mean"], scores["se"], of="United_Kingdom")
    both = rank_sets(scores["mean"], scores["se"]).loc["United_Kingdom"]
    assert alone == (7, 23)
    assert both["lower"] <= alone[0] and both["upper"] >= alone[1]


def test_the_last_three_of_pisa_stand_apart_and_germany_is_not_told_from_korea():
    scores = pisa()
    sets = rank_sets(scores["mean"], scores["se"])
    last = ["Chile", "Mexico", "Colombia"]
    assert sets.loc[last, "lower"].min() > sets.drop(last)["upper"].max()
    assert sets.loc["Korea", "upper"] >= sets.loc["Germany", "lower"]
    found = tiers(sets["lower"], sets["upper"])
    assert set(found.index[found == found["Chile"]]) == {"Chile", "Mexico"} and found["Colombia"] == 3
    assert tier_places(found).loc["Mexico"].tolist() == [35, 36]


def _holds(truth, error, level, rng, runs):
    """In how many runs all true places lie in their sets, and in how many the set of the best two holds both."""
    names = [f"u{place}" for place in range(len(truth))]
    true = pd.Series(-truth, index=names).rank(method="min")
    true_last = pd.Series(-truth, index=names).rank(method="max")
    inside = best = 0
    for run in range(runs):
        x = pd.Series(truth + error * rng.standard_normal(len(truth)), index=names)
        sets = rank_sets(x, error, level, _DRAWS, run)
        inside += bool(((sets["lower"] <= true) & (true_last <= sets["upper"])).all())
        best += set(true.index[true <= 2]) <= set(top_set(x, error, 2, level, _DRAWS, run))
    return inside / runs, best / runs


@pytest.mark.parametrize("truth", [[0.0, 0, 0, 0, 0, 0, 0], [0.0, 1, 2, 3, 4, 5, 6], [0.0, 0, 0, 4, 4, 8, 8]])
def test_the_sets_hold_as_often_as_they_say(truth):
    """All equal is the hard case: there the share of runs in which no pair is told apart is the level itself (300 runs: within 0.05)."""
    truth = np.array(truth)
    inside, best = _holds(truth, np.array([0.5, 1, 0.7, 1, 0.6, 1, 0.8]), 0.9, np.random.default_rng(7), 300)
    assert inside >= 0.85 and best >= 0.85
    if not truth.any():
        assert inside <= 0.95  # nor is it idle: sets that always hold would tell nothing


def test_stepping_down_tells_more_apart_than_one_step():
    """A pair told apart no longer counts in its own direction, so the next needs less: here one step leaves a and b together."""
    x, se = pd.Series({"a": 3.05 * np.sqrt(2), "b": 0.0, **{f"far{i}": 1000.0 * (i + 1) for i in range(8)}}), 1.0
    sets = rank_sets(x, se, level=0.95)
    noise = np.random.default_rng(0).standard_normal((20_000, len(x)))
    one_step = np.quantile((noise.max(axis=1) - noise.min(axis=1)) / np.sqrt(2), 0.95)
    assert one_step > 3.1
    assert sets.loc["a", ["lower", "upper"]].tolist() == [9, 9] and sets.loc["b", "lower"] == 10


@given(_units, st.randoms())
@settings(max_examples=25, deadline=None)
def test_names_and_order_do_not_matter(units, rnd):
    x, se = _made(units)
    order = list(x.index)
    rnd.shuffle(order)
    renamed = {name: f"other {place}" for place, name in enumerate(order)}
    once = rank_sets(x, se, draws=_DRAWS)
    again = rank_sets(x[order].rename(renamed), se[order].rename(renamed), draws=_DRAWS)
    pd.testing.assert_frame_equal(again, once.loc[order].rename(index=renamed))


@given(_units)
@settings(max_examples=25, deadline=None)
def test_the_place_by_size_lies_in_the_set_and_tiers_keep_the_order(units):
    x, se = _made(units)
    sets = rank_sets(x, se, draws=_DRAWS)
    assert (sets["lower"] <= x.rank(ascending=False, method="min")).all()
    assert (sets["upper"] >= x.rank(ascending=False, method="max")).all()
    tier = tiers(sets["lower"], sets["upper"])
    shared = tier_places(tier)
    assert (sets["lower"] >= shared["first"]).all() and (sets["upper"] <= shared["last"]).all()
    assert set(top_set(x, se, 2, draws=_DRAWS)) >= set(x.nlargest(2).index if x.nunique() == len(x) else [])


@given(_units, st.sampled_from([1.5, 3, 20]))
@settings(max_examples=25, deadline=None)
def test_larger_errors_give_wider_sets(units, times):
    x, se = _made(units)
    narrow, wide = rank_sets(x, se, draws=_DRAWS), rank_sets(x, se * times, draws=_DRAWS)
    assert (wide["lower"] <= narrow["lower"]).all() and (wide["upper"] >= narrow["upper"]).all()


def test_without_errors_places_are_certain_and_equals_share_them():
    sets = rank_sets(pd.Series({"a": 3.0, "b": 5.0, "c": 3.0, "d": 1.0}), 0.0)
    assert sets[["lower", "upper"]].to_numpy().tolist() == [[2, 3], [1, 1], [2, 3], [4, 4]]
    assert tiers(sets["lower"], sets["upper"]).tolist() == [2, 1, 2, 3]


def test_a_unit_without_estimate_takes_no_place_and_one_without_error_may_hold_any():
    x = pd.Series({"a": 10.0, "b": np.nan, "c": 0.0, "d": 5.0})
    sets = rank_sets(x, pd.Series({"a": 0.1, "b": 1.0, "c": 0.1, "d": np.nan}))
    assert sets.loc["b", ["lower", "upper"]].isna().all()
    assert sets.loc["d", ["lower", "upper"]].tolist() == [1, 3]
    assert sets.loc["a", ["lower", "upper"]].tolist() == [1, 2]
    assert pd.isna(tiers(sets["lower"], sets["upper"])["b"])
    with pytest.raises(KeyError):
        rank_set(x, 1.0, of="b")


def test_one_unit_none_and_fewer_than_k():
    one = rank_sets(pd.Series({"a": 3.0}), 1.0)
    assert one[["lower", "upper"]].to_numpy().tolist() == [[1, 1]] and tiers(one["lower"], one["upper"]).tolist() == [1]
    none = rank_sets(pd.Series([], dtype="float64"), pd.Series([], dtype="float64"))
    assert none.empty and tiers(none["lower"], none["upper"]).empty and tier_places(tiers(none["lower"], none["upper"])).empty
    assert list(top_set(pd.Series({"a": 3.0, "b": np.nan, "c": 1.0}), 0.0, 5)) == ["a", "c"]


def test_covariance_makes_close_estimates_certain_when_they_move_together():
    x = pd.Series({"a": 1.0, "b": 0.0})
    assert rank_sets(x, 1.0)["upper"].tolist() == [2, 2]
    together = np.array([[1.0, 0.98], [0.98, 1.0]])
    assert rank_sets(x, covariance=together)["upper"].tolist() == [1, 2]
    assert rank_sets(x, covariance=np.eye(2))["upper"].tolist() == [2, 2]


def test_what_cannot_be_ranked_is_an_error_that_names_the_unit():
    with pytest.raises(ValueError, match="standard error of 建平县 is negative"):
        rank_sets(pd.Series({"凌源市": 1.0, "建平县": 2.0}), pd.Series({"凌源市": 1.0, "建平县": -0.1}))
    with pytest.raises(ValueError, match="estimate of b is not finite"):
        rank_sets(pd.Series({"a": 1.0, "b": np.inf}), 1.0)
    with pytest.raises(ValueError, match="covariance of 1 estimates"):
        rank_sets(pd.Series({"a": 1.0}), covariance=np.eye(2))
    with pytest.raises(ValueError, match="standard errors or the covariance"):
        rank_sets(pd.Series({"a": 1.0}))
    with pytest.raises(ValueError, match="at least 1"):
        top_set(pd.Series({"a": 1.0}), 1.0, 0)
