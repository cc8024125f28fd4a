"""How far the structure of industry changed between two registers, and whether more than chance would change it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

_INDUSTRIES = ["industry", "firms", "share_before", "share_now", "change", "low", "high", "moved"]


@dataclass(frozen=True)
class StructuralChange:
    """`index`: share of the amount that changed industries (0 to 1) with its interval; `lilien`: spread of the industries' growth.

    `by_chance`: the median and, `chance_high`, the upper end of what the index of the firms in both registers would be if their growth had
    nothing to do with their industry; `stayers` is their index as it is. `beyond`: stayers above chance_high. `entered`, `left`: firms in
    one register only. `industries`: industry, firms, share_before, share_now, change (of the shares), low, high, moved: gained or lost
    where the interval leaves out 0, the industry has `few` firms and the whole change is beyond chance, else empty (of dozens of intervals
    some leave out 0 by chance). All NaN and no rows where one side is empty.
    """

    index: float
    low: float
    high: float
    lilien: float
    stayers: float
    by_chance: float
    chance_high: float
    firms: int
    entered: int
    left: int
    industries: pd.DataFrame = field(repr=False)

    @property
    def beyond(self) -> bool:
        """Whether the change is more than firms of any industry growing unevenly would bring."""
        return bool(self.stayers > self.chance_high)


def absolute_norm(before: np.ndarray, now: np.ndarray) -> np.ndarray:
    """Half the sum of the absolute changes of shares over the last axis: 0 no change, 1 all changed.

    The norm of absolute values (Michaely 1962; Stoikov 1966), the same measure as Pedersen's index of party votes (1979), against whose
    example it was checked: 65, 25, 10 to 65, 15, 20 per cent is 0.10.
    """
    return np.abs(now - before).sum(axis=-1) / 2


def lilien_index(before: np.ndarray, now: np.ndarray) -> float:
    """The weighted standard deviation of the industries' growth rates around that of all (Lilien 1982), weights: mean shares.

    Amounts, not shares; industries without an amount on either side are left out, since they have no rate.
    """
    both = (before > 0) & (now > 0)
    if not both.any():
        return float("nan")
    weights = (before[both] / before[both].sum() + now[both] / now[both].sum()) / 2
    growth = np.log(now[both] / before[both])
    whole = np.log(now[both].sum() / before[both].sum())
    return float(np.sqrt((weights * (growth - whole) ** 2).sum()))


def structural_change(before: pd.DataFrame, now: pd.DataFrame, by: str, measure: str, draws: int = 400, level: float = 0.9, few: int = 10,
                      seed: int = 0) -> StructuralChange:
    """The change of structure between two registers: enterprise_id, the column `by` and `measure` in each; one row a firm.

    Shares are compared, so a year may stand against a part of a year; what then differs by season is in the result. A firm counts under
    its newest industry on both sides, so that a mended code is no change. Intervals: firms drawn anew with replacement, both years of a
    firm together (percentiles; of the index, which no draw can make negative, they err upward). Chance: growth rates dealt anew among the
    firms of both registers. Firms without industry or amount are left out.
    """
    pairs = _pairs(before, now, by, measure)
    if pairs.empty or not pairs["was"].sum() > 0 or not pairs["is"].sum() > 0:
        return StructuralChange(*[np.nan] * 7, 0, 0, 0, pd.DataFrame(columns=_INDUSTRIES))
    codes, names = pd.factorize(pairs["industry"], sort=True)
    was, has = pairs["was"].to_numpy(), pairs["is"].to_numpy()
    one = np.eye(len(names))[codes]
    first, last = _shares(was @ one), _shares(has @ one)
    rng = np.random.default_rng(seed)
    weights = rng.multinomial(len(pairs), np.full(len(pairs), 1 / len(pairs)), size=draws).astype("float64")
    moves = _shares(weights @ (one * has[:, None])) - _shares(weights @ (one * was[:, None]))
    tails = [(1 - level) / 2, (1 + level) / 2]
    low, high = np.nanquantile(moves, tails, axis=0)
    index = float(absolute_norm(first, last))
    spread = np.nanquantile(np.abs(moves).sum(axis=1) / 2, tails)
    stayers, chance = _by_chance(was, has, one, rng, draws)
    middle, top = np.quantile(chance, [0.5, (1 + level) / 2]) if len(chance) else (np.nan, np.nan)
    sure = (np.bincount(codes) >= few) & (stayers > top)
    table = pd.DataFrame({
        "industry": names, "firms": np.bincount(codes), "share_before": first, "share_now": last, "change": last - first,
        "low": low, "high": high, "moved": np.select([sure & (low > 0), sure & (high < 0)], ["gained", "lost"], "")})
    return StructuralChange(
        index, min(index, float(spread[0])), max(index, float(spread[1])), lilien_index(was @ one, has @ one), stayers, float(middle),
        float(top), len(pairs), int((was == 0).sum()), int((has == 0).sum()),
        table.sort_values(["change", "industry"], ascending=[False, True], kind="stable").reset_index(drop=True)[_INDUSTRIES])


def _pairs(before: pd.DataFrame, now: pd.DataFrame, by: str, measure: str) -> pd.DataFrame:
    """Each firm of either register with its amounts (0: not in it) and its newest stated industry."""
    sides = {}
    for name, rows in (("was", before), ("is", now)):
        kept = rows.drop_duplicates("enterprise_id", keep="last").set_index("enterprise_id")
        sides[name] = kept[measure].astype("float64").where(lambda values: values > 0), kept[by]
    (was, first), (has, last) = sides["was"], sides["is"]
    firms = was.index.union(has.index)
    industry = last.reindex(firms).astype("object").where(last.reindex(firms).notna().to_numpy(), first.reindex(firms).astype("object"))
    table = pd.DataFrame({"industry": industry, "was": was.reindex(firms), "is": has.reindex(firms)})
    return table[table["industry"].notna() & (table["was"].notna() | table["is"].notna())].fillna({"was": 0.0, "is": 0.0})


def _by_chance(was: np.ndarray, has: np.ndarray, one: np.ndarray, rng: np.random.Generator, draws: int) -> tuple[float, np.ndarray]:
    """The index of the firms with both years, and what it is when their growth rates are dealt anew among them."""
    both = (was > 0) & (has > 0)
    if both.sum() < 2:
        return float("nan"), np.empty(0)
    base, member = was[both], one[both]
    growth = np.log(has[both] / base)
    dealt = np.exp(np.array([rng.permutation(growth) for _ in range(draws)]))
    first = _shares(base @ member)
    return float(absolute_norm(first, _shares(has[both] @ member))), absolute_norm(first, _shares((dealt * base) @ member))


def _shares(amounts: np.ndarray) -> np.ndarray:
    total = amounts.sum(axis=-1, keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        return amounts / np.where(total > 0, total, np.nan)
