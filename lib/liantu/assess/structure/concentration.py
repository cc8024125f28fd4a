"""How concentrated the industry of each place is: index of concentration, largest industry, effective number, shares of families."""

from __future__ import annotations

import numpy as np
import pandas as pd

from liantu.assess.structure.rules import StructureRules

CITY = ""
"""The county of the rows of the whole city."""
MEASURES = ("output_wan", "tax_wan", "jobs")
_COLUMNS = ["county", "by", "measure", "firms", "amount", "known", "industries", "hhi", "hhi_normal", "effective", "top", "top_share",
            "top_firm_share", "hhi_without"]
_SHARES = ["county", "measure", "family", "amount", "share"]


def normalised_hhi(index: float, industries: int) -> float:
    """An index of concentration moved so that even shares give 0 whatever their number, and one holder of all 1; NaN for one industry."""
    return (index - 1 / industries) / (1 - 1 / industries) if industries > 1 else float("nan")


def effective_number(index: float) -> float:
    """How many industries of equal size are as concentrated as these: 1 / index (Adelman 1969; Hill's number of order 2)."""
    return 1 / index if index > 0 else float("nan")


def concentration(firms: pd.DataFrame, by: str, measure: str) -> pd.DataFrame:
    """One row for the whole city (county empty) and each county: how an amount is spread over industries.

    `firms`: county, the column `by` (an industry; missing: not stated) and `measure` (an amount, not negative; missing: not reported).
    Columns: county, by, measure, firms (that state both), amount (theirs), known (their share of the amount of all firms), industries,
    hhi (0 to 1; `liantu.chains.hhi`), hhi_normal, effective, top (the largest industry), top_share (C1), top_firm_share, hhi_without
    (without the largest firm: how far one firm makes it). Negative amounts count as not reported. NaN where nothing is known.
    """
    amount = firms[measure].to_numpy("float64", na_value=np.nan)
    amount = np.where(amount >= 0, amount, np.nan)
    codes, names = pd.factorize(firms[by], sort=True)
    county, counties = pd.factorize(firms["county"], sort=True)
    parts = [(CITY, np.ones(len(firms), dtype=bool)), *((str(name), county == place) for place, name in enumerate(counties))]
    return pd.DataFrame([(name, by, measure, *_spread(codes[own], amount[own], names)) for name, own in parts], columns=_COLUMNS)


def _spread(codes: np.ndarray, amount: np.ndarray, names: pd.Index) -> tuple[object, ...]:
    """The numbers of one place, from `firms` on; codes below 0 are not stated."""
    told = (codes >= 0) & ~np.isnan(amount)
    own, held = codes[told], amount[told]
    whole, total = float(held.sum()), float(np.nansum(amount))
    if not whole > 0:
        return (len(held), whole, 0.0 if total > 0 else np.nan, 0, *([np.nan] * 3), "", *([np.nan] * 3))
    sums, largest = np.bincount(own, held, len(names)), int(held.argmax())
    rest = sums.copy()
    rest[own[largest]] -= held[largest]
    if np.count_nonzero(own == own[largest]) == 1:
        rest[own[largest]] = 0.0  # what is left of a difference of large sums is no firm
    index, n = _index(sums), int((sums > 0).sum())
    return (len(held), whole, whole / total, n, index, normalised_hhi(index, n), effective_number(index), str(names[sums.argmax()]),
            float(sums.max()) / whole, float(held[largest]) / whole, _index(rest))


def _index(sums: np.ndarray) -> float:
    """`liantu.chains.hhi` without its checks, which take longer than the sum."""
    whole = sums.sum()
    return float(((sums / whole) ** 2).sum()) if whole > 0 else float("nan")


def family_shares(firms: pd.DataFrame, rules: StructureRules, measure: str) -> pd.DataFrame:
    """The share of each family of industries in the amount of the firms that state their industry: county, measure, family, amount, share.

    One row for the city (county empty) and each county, and each family of `rules`, steel_and_mining, heavy and light; `firms` has county,
    division (2 digits) and `measure`. Firms without an industry code are left out of both sides. NaN where nothing is known.
    """
    rows = firms[firms["division"].notna() & (firms[measure] >= 0)]
    within = rules.of_family(rows["division"])
    amounts = within.mul(rows[measure].astype("float64"), axis=0).assign(county=rows["county"], all=rows[measure].astype("float64"))
    sums = amounts.groupby("county").sum()
    sums = pd.concat([sums.sum().to_frame(CITY).T, sums])
    shares = sums[within.columns].div(sums["all"].where(sums["all"] > 0), axis=0)
    found = [(str(county), measure, family, float(sums.loc[county, family]), float(shares.loc[county, family]))
             for county in sums.index for family in within.columns]
    return pd.DataFrame(found, columns=_SHARES)
