"""Places of totals that chance moves: simultaneous sets of places, tiers, shrunken totals, and what other weights would say."""

from __future__ import annotations

import numpy as np
import pandas as pd

from liantu.assess.ranking import rank_sets, shrink, tiers, weight_sensitivity
from liantu.assess.scoring import score_details
from liantu.assess.standings.indicator_rules import Uncertainty
from liantu.assess.standings.judging import Judged

PLACES = ("shrunk", "rank", "rank_low", "rank_high", "tier")
_EQUAL = 9  # decimals to which totals are one and the same


def placed(made: Judged, chance: Uncertainty) -> pd.DataFrame:
    """shrunk, rank, rank_low, rank_high (places that hold for all units at once) and tier of each total; NaN without one.

    The sets are told from the covariance of the drawn totals, for comparing with each other ties them together. Equal totals share the
    better rank. A single total has nothing to be ranked against: its places are NaN too.
    """
    table = pd.DataFrame(np.nan, index=pd.Index(made.units, name="unit"), columns=list(PLACES))
    known = np.flatnonzero(~np.isnan(made.totals))
    totals = pd.Series(made.totals, index=table.index).iloc[known]
    if not len(known):
        return table
    spread = _covariance(made.draws[:, known])
    table.loc[totals.index, "shrunk"] = shrink(totals, pd.Series(np.diag(spread), index=totals.index))
    if len(known) < 2:
        return table
    sets = rank_sets(totals, level=chance.level, draws=chance.draws, seed=chance.seed, covariance=spread)
    table.loc[totals.index, "rank"] = totals.round(_EQUAL).rank(method="min", ascending=False)
    table.loc[totals.index, "rank_low"] = sets["lower"].astype("float64")
    table.loc[totals.index, "rank_high"] = sets["upper"].astype("float64")
    table.loc[totals.index, "tier"] = tiers(sets["lower"], sets["upper"]).astype("float64")
    return table


def _covariance(drawn: np.ndarray) -> np.ndarray:
    """The covariance of totals over the draws in which all have one."""
    whole = drawn[~np.isnan(drawn).any(axis=1)]
    if len(whole) < 2:
        return np.zeros((drawn.shape[1],) * 2)
    rest = whole - whole.mean(axis=0)
    return np.einsum("di,dj->ij", rest, rest) / (len(whole) - 1)  # np.cov waits for threads: slower for so little


def sensitivity(made: Judged, chance: Uncertainty) -> np.ndarray:
    """The share of weightings around the file's own under which each unit keeps its place; NaN without a total."""
    known = ~np.isnan(made.totals)
    if known.sum() < 2:
        return np.full(len(known), np.nan)
    details = score_details(made.values, made.rules)
    own = details[details["kind"] == "indicator"]
    points = own.pivot(index="unit", columns="part", values="normalised").reindex(list(made.units))
    more = details[details["kind"] != "indicator"].groupby("unit")["points"].sum()
    weights = {entry.id: entry.weight for entry in made.rules.indicators}
    found = weight_sensitivity(points[list(weights)], weights, chance.weightings, seed=chance.seed, fixed=more)
    return found["keeps"].where(known).to_numpy("float64")
