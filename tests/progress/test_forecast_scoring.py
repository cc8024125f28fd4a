"""Scores of forecasts against published or analytical values."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from liantu.progress.forecasting.scoring import brier, crps, inside, pit, wilson


def test_crps_of_the_standard_normal_at_zero() -> None:
    # Gneiting & Raftery 2007: CRPS(N(0,1), 0) = 2 phi(0) - 1/sqrt(pi) = 0.23369; draws at the middle of equal shares.
    draws = norm.ppf((np.arange(20000) + 0.5) / 20000)
    assert float(crps(draws, 0.0)) == pytest.approx(0.23369, abs=2e-4)


def test_crps_of_the_uniform() -> None:
    # Closed form of U(0,1): y in the middle 1/12, at an end 1/3.
    draws = (np.arange(20000) + 0.5) / 20000
    assert crps(np.stack([draws, draws]), np.array([0.5, 0.0])) == pytest.approx([1 / 12, 1 / 3], abs=2e-4)


def test_crps_of_a_point_is_the_absolute_error() -> None:
    assert float(crps(np.full(10, 7.0), 4.0)) == pytest.approx(3.0)


def test_brier_of_a_sure_and_a_half_forecast() -> None:
    assert brier(np.array([1.0, 0.5, 0.2]), np.array([1, 0, 1])) == pytest.approx([0.0, 0.25, 0.64])


def test_wilson_interval_of_eight_in_ten() -> None:
    # (p + z²/2n ± z sqrt(p(1-p)/n + z²/4n²)) / (1 + z²/n) at p = 0.8, n = 10.
    assert wilson(8, 10) == pytest.approx((0.4902, 0.9433), abs=1e-4)
    assert wilson(0, 0) == (0.0, 1.0)


def test_bands_hold_their_ends() -> None:
    draws = np.arange(101.0)
    assert inside(draws, 5.0, 0.9)
    assert inside(draws, 95.0, 0.9)
    assert not inside(draws, 4.9, 0.9)
    assert not inside(draws, 76.0, 0.5)


def test_pit_of_honest_counts_is_uniform() -> None:
    rng = np.random.default_rng(1)
    draws, truth = rng.poisson(3, (4000, 300)), rng.poisson(3, 4000)
    values = pit(draws, truth)
    assert np.histogram(values, bins=5, range=(0, 1))[0] / 4000 == pytest.approx(np.full(5, 0.2), abs=0.03)
