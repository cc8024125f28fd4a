"""Estimates of several units drawn toward their mean, the more the less is known of each."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

_FEWEST = 4  # of three or fewer, James and Stein's estimator toward the mean is the estimate itself
_FLOOR = 1e-12


def shrink(estimates: ArrayLike | pd.Series, variances: ArrayLike | pd.Series) -> pd.Series:
    """Empirical-Bayes estimates: each estimate moved toward the precision-weighted mean by the share V / (V + A) of its distance.

    `variances` V: of each estimate, in its units squared, or one number for all. A, the variance between the units, solves
    sum((x - mean)^2 / (V + A)) = k - 3, or is 0. Equal variances give the positive-part James-Stein estimator around the mean. Three or
    fewer units, and a unit without estimate or variance, stay as they are; a variance of 0 is not moved. Raises ValueError, naming the
    unit, for a negative variance.
    Source: Efron and Morris, JASA 70 (1975) 311-319; for unequal variances the equation of Carter and Rolph, JASA 69 (1974) 880-885, with
    the k - 3 of Morris, JASA 78 (1983) 47-55. Checked against the 18 batters of Efron and Morris: 17.56 falls to 5.01 (3.5 times less).
    """
    x = pd.Series(estimates).astype("float64")
    v = spread_of(variances, x.index, "variance")
    known = (x.notna() & v.notna()).to_numpy()
    if known.sum() < _FEWEST:
        return x
    values, spread = x.to_numpy()[known], v.to_numpy()[known]
    # A certain estimate still needs a finite weight in the mean.
    floor = _FLOOR * max(float(np.var(values)), float(spread.max()), _FLOOR)
    spread = np.maximum(spread, floor)
    between = _between(values, spread)
    mean = _mean(values, spread, between)
    # Where the units differ by no more than by chance, all of the distance goes; a certain estimate keeps its own.
    share = np.where(v.to_numpy()[known] > 0, spread / (spread + between), 0.0)
    found = x.to_numpy(copy=True)
    found[known] = values - share * (values - mean)
    return pd.Series(found, index=x.index, name=x.name)


def _mean(x: np.ndarray, v: np.ndarray, between: float) -> float:
    weight = 1 / (v + between)
    return float((weight * x).sum() / weight.sum())


def _between(x: np.ndarray, v: np.ndarray) -> float:
    """The variance between units: the root of an equation that falls with it."""
    from scipy.optimize import brentq

    freedom = len(x) - 3

    def excess(between: float) -> float:
        return float(((x - _mean(x, v, between)) ** 2 / (v + between)).sum()) - freedom

    most = float(((x - x.mean()) ** 2).sum()) / freedom
    if most == 0 or excess(0.0) <= 0:
        return 0.0
    return float(brentq(excess, 0.0, most, xtol=1e-14 * most, rtol=1e-13))


def spread_of(given: ArrayLike | pd.Series, index: pd.Index, what: str) -> pd.Series:
    """Variances or standard errors by unit: a Series is matched by its index, other values by order, one number serves all.

    Raises ValueError, naming the unit, when one is negative.
    """
    found = given.reindex(index) if isinstance(given, pd.Series) else pd.Series(
        np.broadcast_to(np.asarray(given, dtype="float64"), (len(index),)), index=index)
    found = found.astype("float64")
    if (found < 0).any():
        unit = found.index[(found < 0).to_numpy()][0]
        raise ValueError(f"the {what} of {unit} is negative: {found.loc[unit]}")
    return found
