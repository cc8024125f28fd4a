"""A discrete-time hazard: the chance that an open phase is newly reported in an interval, by penalised complementary log-log regression."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

ROUNDS = 40


@dataclass(frozen=True)
class Posterior:
    """Coefficients: their mode and the lower Cholesky factor of their precision (Laplace approximation)."""

    mode: np.ndarray
    factor: np.ndarray

    def draws(self, count: int, rng: np.random.Generator) -> np.ndarray:
        """`count` draws of the coefficients: count x coefficients."""
        from scipy.linalg import solve_triangular

        noise = rng.standard_normal((len(self.mode), count))
        return self.mode + solve_triangular(self.factor, noise, lower=True, trans="T").T


def fit_hazard(design: np.ndarray, ended: np.ndarray, offset: np.ndarray, centre: np.ndarray, spread: np.ndarray) -> Posterior:
    """The posterior of P(ended) = 1 - exp(-exp(offset + design @ b)) under b ~ N(centre, spread²): rows x columns, one value a row.

    Grouped proportional hazards (Prentice & Gloeckler 1978, Biometrics 34:57-67), fitted by scoring with statsmodels' family; with flat
    priors it is statsmodels' GLM to 1e-6 (tests/progress/test_forecast_hazard.py).
    """
    from statsmodels.genmod.families import Binomial, links

    family, precision = Binomial(link=links.CLogLog()), spread**-2.0
    b = centre.copy()
    value = -np.inf
    for _ in range(ROUNDS):
        information, gradient, now = _score(family, design, ended, offset, b, centre, precision)
        step = np.linalg.solve(information, gradient)
        scale, best = 1.0, b
        while scale > 1e-4:
            best = b + scale * step
            if _score_value(family, design, ended, offset, best, centre, precision) >= now - 1e-9:
                break
            scale /= 2
        b = best
        if abs(now - value) < 1e-8 * (1 + abs(now)) and np.abs(scale * step).max(initial=0) < 1e-6:
            break
        value = now
    information, _, _ = _score(family, design, ended, offset, b, centre, precision)
    return Posterior(b, np.linalg.cholesky(information))


def _mean(family: object, design: np.ndarray, offset: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    eta = np.clip(design @ b + offset, -30, 3.0)
    return eta, np.clip(family.link.inverse(eta), 1e-12, 1 - 1e-9)  # type: ignore[attr-defined]


def _score_value(
    family: object, design: np.ndarray, ended: np.ndarray, offset: np.ndarray, b: np.ndarray, centre: np.ndarray, precision: np.ndarray
) -> float:
    _, mean = _mean(family, design, offset, b)
    return float(np.where(ended, np.log(mean), np.log1p(-mean)).sum() - 0.5 * (precision * (b - centre) ** 2).sum())


def _score(
    family: object, design: np.ndarray, ended: np.ndarray, offset: np.ndarray, b: np.ndarray, centre: np.ndarray, precision: np.ndarray
) -> tuple[np.ndarray, np.ndarray, float]:
    """Expected information, gradient and value of the penalised likelihood."""
    _, mean = _mean(family, design, offset, b)
    slope = 1.0 / family.link.deriv(mean)  # type: ignore[attr-defined]
    weight = slope / family.variance(mean)  # type: ignore[attr-defined]
    gradient = design.T @ ((ended - mean) * weight) - precision * (b - centre)
    information = (design * (weight * slope)[:, None]).T @ design + np.diag(precision)
    return information, gradient, _score_value(family, design, ended, offset, b, centre, precision)
