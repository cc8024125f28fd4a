"""How much a ranking owes to its weights: the same points under many other weightings."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

_MIDDLE = (0.05, 0.95)
_SAME = 9  # decimals to which totals are one and the same


def weight_sensitivity(points_by_part: pd.DataFrame, weights: Mapping[str, float] | pd.Series, draws: int = 10_000,
                       concentration: float = 50.0, seed: int = 0, *, fixed: pd.Series | None = None) -> pd.DataFrame:
    """What becomes of the places of units when the weights are others: by unit, keeps, first (shares 0 to 1), low, high (places).

    `points_by_part`: units x indicators, what each weight is multiplied with (share of its target reached, or 0 to 1); NaN: not reported,
    and its weight is spread over the others of that unit. `weights`: by indicator. `fixed`: points that no weight moves (bonuses less
    deductions), on the scale of the sum of the weights. Weightings are drawn from the Dirichlet distribution with mean `weights` and
    parameters `concentration` times their shares: at 50 a weight of 20 in 100 mostly (90 %) lies between 12 and 30. `keeps`: share of the
    weightings under which the unit has the place that the given weights give it (1 = largest; equal totals share the best place);
    `first`: under which none is above it; `low`, `high`: 5 and 95 % of its place. A unit that reported nothing has no place (NaN).
    Raises ValueError for a negative weight or none above 0. Source: Saisana, Saltelli and Tarantola, Journal of the Royal Statistical
    Society A 168 (2005) 307-323.
    """
    names = list(points_by_part.columns)
    given = pd.Series(dict(weights), dtype="float64").reindex(names).fillna(0.0).to_numpy()
    if (given < 0).any() or not given.sum() > 0:
        raise ValueError(f"weights must not be negative, and one must be above 0: {dict(zip(names, given.tolist(), strict=True))}")
    used = given > 0
    shares = given[used] / given[used].sum()
    points = points_by_part.to_numpy("float64")[:, used]
    told = ~np.isnan(points).all(axis=1)
    added = np.zeros(len(points)) if fixed is None else fixed.reindex(points_by_part.index).fillna(0.0).to_numpy("float64") / given.sum()
    drawn = np.random.default_rng(seed).dirichlet(concentration * shares, size=draws)
    placed = _places(_totals(points[told], drawn, added[told]))
    own = _places(_totals(points[told], shares[None, :], added[told]))
    found = np.full((len(points), 4), np.nan)
    if told.any():
        ends = np.quantile(placed, _MIDDLE, axis=0, method="inverted_cdf")
        found[told] = np.column_stack([(placed == own).mean(axis=0), (placed == 1).mean(axis=0), ends[0], ends[1]])
    return pd.DataFrame(found, index=points_by_part.index, columns=["keeps", "first", "low", "high"])


def _totals(points: np.ndarray, weights: np.ndarray, added: np.ndarray) -> np.ndarray:
    """Weightings x units: weighted means over what is reported, and what is added."""
    known = ~np.isnan(points)
    return np.round(weights @ np.where(known, points, 0.0).T / (weights @ known.T) + added, _SAME)


def _places(totals: np.ndarray) -> np.ndarray:
    """One more than the number of units above, in each row."""
    above = np.zeros(totals.shape, dtype="int32")
    for unit in range(totals.shape[1]):
        above += totals[:, [unit]] > totals
    return above + 1
