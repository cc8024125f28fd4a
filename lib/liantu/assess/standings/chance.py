"""How far chance moves an indicator: standard errors by kind, and draws of all indicators of all units at once."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

Floats = np.ndarray
_POSITIVE = ("ratio", "mean", "money")


def count_error(n: ArrayLike) -> Floats:
    """Standard error of a count: of its Jeffreys posterior gamma(n + 1/2), so a count of zero is not taken for certain.

    Close to the Poisson root of n: for n = 100 it is 10.02. NaN stays.
    """
    return np.sqrt(np.asarray(n, dtype="float64") + 0.5)


def share_error(k: ArrayLike, n: ArrayLike) -> Floats:
    """Standard error of a share k / n: of its Jeffreys posterior beta(k + 1/2, n - k + 1/2); NaN without a base (n = 0).

    Brown, Cai and DasGupta, Statistical Science 16 (2001) 101-133. For 50 of 100: 0.0495, against 0.05 of the binomial.
    """
    a, n = np.asarray(k, dtype="float64") + 0.5, np.asarray(n, dtype="float64")
    b = n + 1 - a
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(n > 0, np.sqrt(a * b / (n + 1) ** 2 / (n + 2)), np.nan)


def ratio_error(above: pd.Series, below: pd.Series, unit: pd.Series) -> pd.Series:
    """Standard error of sum(above) / sum(below) in each unit, by the spread of the residuals of its rows; NaN with fewer than two rows.

    Cochran, Sampling Techniques (3rd ed., 1977), equation 6.13 without the finite population factor. Checked by hand in the tests.
    """
    rows = pd.DataFrame({"unit": unit.array, "above": above.array, "below": below.array}).astype({"above": "float64", "below": "float64"})
    sums = rows.groupby("unit")[["above", "below"]].transform("sum")
    rest = (rows["above"] - sums["above"] / sums["below"] * rows["below"]) ** 2
    by = rest.groupby(rows["unit"])
    n, total = by.size(), rows.groupby("unit")["below"].sum()
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.sqrt(n / (n - 1.0) * by.sum()) / total.where(n > 1)


def drawn(rows: pd.DataFrame, kinds: dict[str, str], units: list[str], ids: list[str], draws: int, rng: np.random.Generator,
          correlation: Floats | None = None) -> Floats:
    """Draws of indicators: an array draws x units x ids; NaN where a value is not reported.

    `rows`: unit, indicator, value, n, se (as `indicator_values`). Counts from gamma(n + 1/2), shares from beta(k + 1/2, n - k + 1/2), the
    others from a gamma (what may be negative: a normal) with their mean and standard error; without an error the value itself. Draws of a
    count or share are moved so that their mean is the value: the half is for the spread, not for the level. Units are independent;
    indicators of a unit are, or are put in the order of normals with `correlation` (ids x ids), which leaves each of them as it is (Iman
    and Conover, Communications in Statistics B 11 (1982) 311-334).
    """
    found = rows.set_index(["unit", "indicator"])
    places = pd.MultiIndex.from_product([units, ids])
    value, n, error = (found[name].reindex(places).to_numpy("float64").reshape(len(units), len(ids)) for name in ("value", "n", "se"))
    made = np.empty((draws, len(units), len(ids)))
    for place, indicator in enumerate(ids):
        made[:, :, place] = _of_kind(kinds.get(indicator, ""), value[:, place], n[:, place], error[:, place], draws, rng)
    return made if correlation is None else _together(made, correlation, rng)


def _together(made: Floats, correlation: Floats, rng: np.random.Generator) -> Floats:
    """The draws of each unit and indicator in the order of correlated normals."""
    normals = rng.standard_normal(made.shape) @ np.linalg.cholesky(correlation).T
    order = normals.argsort(axis=0).argsort(axis=0)
    return np.take_along_axis(np.sort(made, axis=0), order, axis=0)


def _of_kind(kind: str, value: Floats, n: Floats, error: Floats, draws: int, rng: np.random.Generator) -> Floats:
    size = (draws, len(value))
    known = np.nan_to_num(value)
    if kind == "count":
        shape = np.maximum(known, 0.0) + 0.5
        made = np.maximum(rng.gamma(shape, 1.0, size) - 0.5, 0.0)
    elif kind == "share":
        base = np.nan_to_num(n)
        k = np.clip(known, 0.0, 1.0) * base
        a, b = k + 0.5, base - k + 0.5
        made = np.clip(rng.beta(a, b, size) - (a / (a + b) - known), 0.0, 1.0)
    elif kind in _POSITIVE:
        spread = np.nan_to_num(error)
        moves = (known > 0) & (spread > 0)
        shape = np.divide(known, spread, out=np.ones_like(known), where=moves) ** 2
        made = np.where(moves, rng.gamma(shape, 1.0, size) * known / shape, known)
    else:
        made = known + np.nan_to_num(error) * rng.standard_normal(size)
    return np.where(np.isnan(value), np.nan, made)
