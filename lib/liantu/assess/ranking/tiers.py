"""Units that the data do not part stand in one tier, and share its places."""

from __future__ import annotations

import pandas as pd

from liantu.assess.intervals import tied_groups


def tiers(lower: pd.Series, upper: pd.Series) -> pd.Series:
    """The tier of each unit, 1 for the best (Int64; NA without a set of places), from the ends of its set of places (`rank_sets`).

    A tier ends only where the sets part: every unit of a tier is told to be before every unit of the next. Units whose sets share a place,
    directly or through others, are in one tier, even when the first and the last of it are told apart: between them no line can be drawn.
    """
    known = lower.notna() & upper.notna()
    best, worst = lower[known].astype("float64"), upper[known].astype("float64")
    # Small places are good: turned round, `tied_groups` counts from the best.
    groups = tied_groups(-worst, -best)
    return pd.Series(groups, index=lower.index[known.to_numpy()], dtype="Int64").reindex(lower.index).rename("tier")


def tier_places(tier: pd.Series) -> pd.DataFrame:
    """The places that a tier shares: first, last (Int64; NA without a tier), by the index of `tier`. Four units of tier 1 share 1 to 4."""
    sizes = tier.dropna().astype("int64").value_counts().sort_index()
    last = sizes.cumsum()
    return pd.DataFrame({"first": tier.map(last - sizes + 1).astype("Int64"), "last": tier.map(last).astype("Int64")}, index=tier.index)
