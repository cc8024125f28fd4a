"""The parts of the model against other implementations."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from liantu.progress.forecasting.competitors import survival_at
from liantu.progress.forecasting.covariates import plan_class
from liantu.progress.forecasting.hazard import fit_hazard
from liantu.progress.forecasting.intervals import cut
from liantu.progress.forecasting.pooling import _distance
from liantu.progress.forecasting.reading import known
from liantu.progress.forecasting.seasons import seasons
from liantu.progress.forecasting.shocks import shocks


def test_hazard_with_flat_priors_is_the_glm_of_statsmodels() -> None:
    rng = np.random.default_rng(5)
    design = np.column_stack([np.ones(800), rng.normal(size=(800, 2))])
    offset = np.log(rng.integers(30, 120, 800))
    ended = (rng.random(800) < 1 - np.exp(-np.exp(design @ [-6.0, 0.5, -0.3] + offset))).astype(float)
    glm = sm.GLM(ended, design, family=sm.families.Binomial(sm.families.links.CLogLog()), offset=offset).fit(tol=1e-12)
    ours = fit_hazard(design, ended, offset, np.array([-6.0, 0, 0]), np.full(3, 1e4))
    assert ours.mode == pytest.approx(glm.params, abs=1e-5)
    covariance = np.linalg.inv(ours.factor @ ours.factor.T)
    assert np.sqrt(np.diag(covariance)) == pytest.approx(glm.bse, rel=0.02)
    drawn = ours.draws(20000, rng)
    assert drawn.mean(axis=0) == pytest.approx(ours.mode, abs=0.01)
    assert np.cov(drawn.T) == pytest.approx(covariance, rel=0.1, abs=2e-4)


def test_hazard_without_events_stays_finite() -> None:
    ours = fit_hazard(np.ones((30, 1)), np.zeros(30), np.full(30, 4.5), np.array([-9.0]), np.array([3.0]))
    assert -20 < ours.mode[0] < -9


def test_kaplan_meier_of_the_freireich_trial() -> None:
    # Freireich et al. 1963, 6-MP: S = .857 .807 .753 .690 .627 .538 .448 at 6, 7, 10, 13, 16, 22, 23 weeks.
    weeks = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
    ended = [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]
    curve = survival_at(np.array(weeks), np.array(ended), np.array([5, 6, 7, 10, 13, 16, 22, 23, 40]))
    assert curve == pytest.approx([1, 0.857, 0.807, 0.753, 0.690, 0.627, 0.538, 0.448, 0.448], abs=5e-4)


def test_plan_dates_by_class() -> None:
    classes = plan_class(np.array([np.nan, 0.0, 999.0, 1000.0, 1001.0, 1090.0, 1120.0, 1300.0, 3000.0]), 1000.0, 1091.0)
    # None; overdue by over two years, by a day, from today; first and second half; within a quarter, a year, later than that.
    assert list(classes) == [10, 0, 5 - 1, 5 - 1, 5, 6, 7, 8, 9]


def test_expected_distance_of_two_samples() -> None:
    a, b = np.sort(np.random.default_rng(1).normal(size=70)), np.sort(np.random.default_rng(2).normal(1, 2, 50))
    assert _distance(a, b) == pytest.approx(np.abs(a[:, None] - b[None, :]).mean())
    assert _distance(a, a) == pytest.approx(np.abs(a[:, None] - a[None, :]).mean())


def test_bursts_widen_and_calm_narrows() -> None:
    rng = np.random.default_rng(3)
    mean = np.full((8, 3), 60.0)
    calm = shocks(list(rng.poisson(mean)), list(mean), 1.0, True)
    wild = shocks(list(rng.poisson(mean * np.exp(rng.normal(0, 0.8, (8, 1))))), list(mean), 1.0, True)
    assert calm.common < 0.2 < wild.common
    assert shocks([], [], 3.0, False).common > shocks([], [], 1.0, False).common
    lognormal = np.exp(wild.draws(4000, 1, 3, rng))
    assert lognormal.std() > np.exp(calm.draws(4000, 1, 3, rng)).std()


def test_dates_that_fall_off_late_are_cut() -> None:
    steady = np.arange(0.0, 1400.0, 3)
    assert cut(steady, 1400.0) == 91.0
    late = steady[steady < 1400 - 250]
    assert cut(late, 1400.0) == 273.0


def test_seasons_are_learnt_from_earlier_years() -> None:
    days = pd.date_range("2019-01-01", "2021-09-30", freq="5D")
    days = days[(days.month >= 4) & (days.month <= 9)].repeat(6)
    table = pd.DataFrame({
        "project": [f"p{number}" for number in range(len(days))], "stage": "build", "start": pd.NaT, "planned_end": pd.NaT,
        "actual_end": days,
        "first_reported": pd.NaT,
    })  # fmt: skip
    now = float((pd.Timestamp("2021-12-31") - pd.Timestamp(0)).days)
    learnt = seasons(known(table, now), pd.DataFrame({"stage": [], "delay": []}))
    of = pd.Series(["build"])
    winter, summer = learnt.log_share(of, now, now + 90), learnt.log_share(of, now + 120, now + 210)
    assert winter[0] < -0.7
    assert summer[0] > 0.3
