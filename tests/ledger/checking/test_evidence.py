"""Robust scores held against published numbers, and the medians of the others against the plain way."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from liantu.ledger.checking.evidence import Reference, bounds_in_time, logs, modified_z, others_median, spread


def test_modified_z_of_the_nist_outlier_example():
    # Tietjen and Moore's uranium isotope data as printed in the NIST/SEMATECH e-Handbook, 1.3.5.17.1 (Grubbs' test): 245.57 is the outlier.
    values = pd.Series([199.31, 199.53, 200.19, 200.82, 201.92, 201.95, 202.18, 245.57])
    scores = modified_z(values)
    # By hand: median (200.82 + 201.92) / 2 = 201.37, deviations 0.55 0.55 0.58 0.81 1.18 1.84 2.06 44.20, MAD (0.81 + 1.18) / 2 = 0.995.
    assert scores.round(3).tolist() == [-1.396, -1.247, -0.800, -0.373, 0.373, 0.393, 0.549, 29.963]
    assert (scores.abs() > 3.5).tolist() == [False] * 7 + [True]


def test_modified_z_of_a_worked_table():
    # Median 12, MAD 1: one deviation is 0.6745.
    scores = modified_z(pd.Series([10.0, 12, 12, 13, 12, 11, 14, 300]))
    assert scores.round(4).tolist() == [-1.349, 0, 0, 0.6745, 0, -0.6745, 1.349, 194.256]


def test_the_constant_is_the_normal_quartile_and_agrees_with_scipy():
    values = pd.Series(np.random.default_rng(3).normal(size=101))
    expected = (values - values.median()) / stats.median_abs_deviation(values, scale="normal")
    assert np.allclose(modified_z(values), expected, rtol=2e-5)


def test_missing_values_stay_missing_and_take_no_part():
    scores = modified_z(pd.Series([1.0, 2.0, 3.0, np.nan]))
    assert scores.isna().tolist() == [False, False, False, True] and scores.iloc[1] == 0


@given(st.lists(st.tuples(st.integers(0, 3), st.one_of(st.none(), st.integers(-5, 5))), max_size=30))
def test_median_of_the_others_is_the_plain_one(pairs):
    groups = np.array([group for group, _ in pairs], dtype="int64")
    values = np.array([np.nan if value is None else float(value) for _, value in pairs])
    middle, number = others_median(values, groups)
    for place, (group, value) in enumerate(pairs):
        others = [other for spot, (mine, other) in enumerate(pairs) if mine == group and spot != place and other is not None]
        if value is None or not others:
            assert np.isnan(middle[place])
        else:
            assert middle[place] == np.median(others) and number[place] == len(others)


def test_a_growing_sum_lies_between_earlier_and_later_ones():
    values = np.array([5.0, 3.0, 9.0, np.nan, 7.0])
    low, high = bounds_in_time(values, np.zeros(5, dtype="int64"), np.array([2, 1, 3, 3, 3]))
    assert np.isnan(low[1]) and low[0] == 3 and low[[2, 3, 4]].tolist() == [5, 5, 5]
    assert high[0] == 7 and high[1] == 5 and np.isnan(high[[2, 3, 4]]).all()


def test_spread_is_that_of_the_group():
    assert spread(np.array([1.0, 4.0, np.nan, 2.0]), np.array([0, 0, 0, 1])).tolist() == [3, 3, 3, 0]


def test_weight_of_evidence_is_a_capped_log_likelihood_ratio():
    reference = Reference(np.array([3.0, np.nan]), np.array([3.0, np.nan]), 0.5, 0.5, 100.0)
    # log N(7; 3, 0.5) against log N(7 - 4; 3, 0.5).
    expected = stats.norm.logpdf(3, 3, 0.5) - stats.norm.logpdf(7, 3, 0.5)
    assert reference.weight(np.array([7.0, 7.0]), 4.0).tolist() == pytest.approx([expected, 0.0])
    capped = Reference(np.array([3.0]), np.array([3.0]), 0.5, 0.5, 8.0)
    assert capped.weight(np.array([7.0]), 4.0) == 8 and capped.weight(np.array([3.0]), 4.0) == -8


def test_of_zero_no_unit_can_be_told():
    assert np.isnan(logs(pd.Series([0.0, np.nan]))).all() and logs(pd.Series([1000.0])) == 3
