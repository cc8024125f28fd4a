"""Which places units may hold, given estimates that chance moves: sets that hold for all units at once, and candidates for the best."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from liantu.assess.ranking.shrinking import spread_of

_BLOCK = 2_000_000  # differences held at a time
_NOTHING = 1e-9  # a spread, or a difference without spread, of less than this share of the largest is rounding
Flags = np.ndarray


def rank_sets(estimates: ArrayLike | pd.Series, standard_errors: ArrayLike | pd.Series | None = None, level: float = 0.95,
              draws: int = 5000, seed: int = 0, *, covariance: np.ndarray | None = None) -> pd.DataFrame:
    """For each unit the places (1 = largest) that it may hold: with probability `level` the sets of all units hold at once.

    Returns, by the index of `estimates`: estimate, lower, upper (Int64; NA without an estimate, which takes no place). One unit is above
    another only when their difference is told from 0; all ordered pairs are tested together by the parametric bootstrap of the largest
    studentised difference of independent normal estimates (or of the given `covariance`), and again without the rejected pairs until none
    is rejected. A standard error of 0 is certainty; one that is missing leaves every place open. Raises ValueError, naming the unit, for
    a negative one.
    Source: Mogstad, Romano, Shaikh and Wilhelm, Review of Economic Studies 91 (2024) 476-518, section 3, two-sided and stepwise. Checked
    against their PISA 2018 mathematics, see `top_set`.
    """
    found = _Compared.of(estimates, standard_errors, covariance)
    return found.ranked(found.told_apart(~np.eye(len(found), dtype=bool), level, draws, seed))


def rank_set(estimates: ArrayLike | pd.Series, standard_errors: ArrayLike | pd.Series | None = None, *, of: object, level: float = 0.95,
             draws: int = 5000, seed: int = 0, covariance: np.ndarray | None = None) -> tuple[int, int]:
    """The best and the worst place of one unit: its set alone holds with probability `level`, so it is not wider than in `rank_sets`.

    Source and arguments as `rank_sets`; only the pairs with this unit are tested. Raises KeyError for a unit that is not there or has no
    estimate.
    """
    found = _Compared.of(estimates, standard_errors, covariance)
    place = found.place_of(of)
    asked = np.zeros((len(found), len(found)), dtype=bool)
    asked[place, :] = asked[:, place] = True
    asked[place, place] = False
    row = found.ranked(found.told_apart(asked, level, draws, seed)).loc[of]
    return int(row["lower"]), int(row["upper"])


def top_set(estimates: ArrayLike | pd.Series, standard_errors: ArrayLike | pd.Series | None = None, k: int = 5, level: float = 0.95,
            draws: int = 5000, seed: int = 0, *, covariance: np.ndarray | None = None) -> pd.Index:
    """The units that cannot be excluded from the `k` best: with probability `level` all of the true best are among them.

    In the order of `estimates`; units without an estimate are left out, and with no more than `k` units all of the others are in. A unit
    is excluded when at least `k` others are told to be above it: the lower ends of the simultaneous sets of `rank_sets`.
    Source: the projection set for the tau-best of Mogstad, Romano, Shaikh and Wilhelm, Review of Economic Studies 91 (2024) 476-518.
    Testing the lower ends alone asks the same ordered pairs, so it has the same critical values as `rank_sets`. Checked against PISA 2018
    mathematics of 37 countries: for the best five, 12 candidates at 95 % and 11 at 90 %.
    """
    if k < 1:
        raise ValueError(f"k is a number of places, at least 1, not {k}")
    sets = rank_sets(estimates, standard_errors, level, draws, seed, covariance=covariance)
    return sets.index[(sets["lower"] <= k).fillna(False).to_numpy(dtype=bool)]


class _Compared:
    """Estimates in order of size, so that the draws of a unit do not depend on where or under which name it was given."""

    def __init__(self, estimates: pd.Series, errors: pd.Series, covariance: np.ndarray | None) -> None:
        self.estimates = estimates
        kept = np.flatnonzero(estimates.notna().to_numpy())
        values, spread = estimates.to_numpy("float64"), errors.to_numpy("float64")
        self.order = kept[np.lexsort((spread[kept], values[kept]))]
        self.values, self.errors = values[self.order], spread[self.order]
        # Independent estimates keep their errors: the square of a very small one would be lost.
        self.covariance = None if covariance is None else covariance[np.ix_(self.order, self.order)]
        self.apart = self._spread_of_differences()

    @classmethod
    def of(cls, estimates: ArrayLike | pd.Series, errors: ArrayLike | pd.Series | None, covariance: np.ndarray | None) -> _Compared:
        values = pd.Series(estimates).astype("float64")
        if np.isinf(values).any():
            raise ValueError(f"the estimate of {values.index[np.isinf(values).to_numpy()][0]} is not finite")
        if covariance is not None:
            covariance = np.asarray(covariance, dtype="float64")
            if covariance.shape != (len(values), len(values)):
                raise ValueError(f"the covariance of {len(values)} estimates is not {covariance.shape}")
            errors = np.sqrt(np.diag(covariance))
        if errors is None:
            raise ValueError("either the standard errors or the covariance of the estimates must be given")
        return cls(values, spread_of(errors, values.index, "standard error"), covariance)

    def __len__(self) -> int:
        return len(self.order)

    def place_of(self, unit: object) -> int:
        return {self.estimates.index[row]: place for place, row in enumerate(self.order)}[unit]

    def _spread_of_differences(self) -> np.ndarray:
        if self.covariance is None:
            return np.hypot(self.errors[:, None], self.errors[None, :])
        own = np.diag(self.covariance)
        found = np.sqrt(np.maximum(own[:, None] + own[None, :] - 2 * self.covariance, 0.0))
        return np.where(found > _NOTHING * np.sqrt(own.max(initial=0.0)), found, 0.0)

    def told_apart(self, asked: Flags, level: float, draws: int, seed: int) -> Flags:
        """Which unit (row) is told to be above which (column), among the ordered pairs that are asked."""
        difference = self.values[:, None] - self.values[None, :]
        certain = asked & (self.apart == 0)
        above = certain & (difference > _NOTHING * np.abs(self.values).max(initial=0.0))
        left = asked & (self.apart > 0)
        noise = self._noise(draws, seed) if left.any() else np.empty((0, 0))
        with np.errstate(divide="ignore", invalid="ignore"):
            studentised = difference / self.apart
        while left.any():
            new = left & (studentised > self._critical(noise, left, level))
            if not new.any():
                break
            above, left = above | new, left & ~new
        return above

    def _noise(self, draws: int, seed: int) -> np.ndarray:
        """Draws x units of what chance adds to the estimates."""
        rng = np.random.default_rng(seed)
        if self.covariance is None:
            return rng.standard_normal((draws, len(self))) * np.nan_to_num(self.errors)
        return rng.multivariate_normal(np.zeros(len(self)), self.covariance, size=draws, method="eigh")

    def _critical(self, noise: np.ndarray, left: Flags, level: float) -> float:
        """The level's quantile of the largest studentised difference among the ordered pairs that are left."""
        first, second = np.nonzero(left & np.isfinite(self.apart))
        if not len(first):
            return float("inf")
        scale = self.apart[first, second]
        step = max(_BLOCK // len(first), 1)
        largest = [((part[:, first] - part[:, second]) / scale).max(axis=1)
                   for part in (noise[start:start + step] for start in range(0, len(noise), step))]
        return float(np.quantile(np.concatenate(largest), level))

    def ranked(self, above: Flags) -> pd.DataFrame:
        """By unit: one more than how many are above it, and how many are not below it."""
        lower = pd.Series(above.sum(axis=0) + 1, index=self.order).reindex(range(len(self.estimates)))
        upper = pd.Series(len(self) - above.sum(axis=1), index=self.order).reindex(range(len(self.estimates)))
        return pd.DataFrame({"estimate": self.estimates.to_numpy(), "lower": lower.astype("Int64").array,
                             "upper": upper.astype("Int64").array}, index=self.estimates.index)
