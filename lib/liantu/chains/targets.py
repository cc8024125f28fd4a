"""The gaps worth closing: what each unlocks, how sure its rank is, and which county stands nearest to it.

Nothing here is one score: gain and nearness stay two numbers, and a target is told by whether another beats it in both.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from liantu.chains.gap_rules import GapRules
from liantu.chains.nearness import nearness
from liantu.chains.neighbours import linked_shares, nearby_firms
from liantu.chains.programs import Floats
from liantu.chains.stability import bands, draws, rank_intervals, supported_order
from liantu.chains.supply import supply_of
from liantu.chains.throughput import flows_of
from liantu.chains.unlocking import unlocks
from liantu.reference import Chains

GAPS = ("broken_open", "broken_in_repair", "blocked")
"""The states of a link that make it a target."""
_STATED = ["chain", "link", "zh", "en", "tier", "key", "state"]
_VALUED = ["unlock_wan", "unlock_low", "unlock_high", "final_wan", "imports_replaced_wan", "built_wan", "invest_wan", "per_yuan"]
TARGETS = [*_STATED, *_VALUED, "rank", "rank_low", "rank_high", "band", "beats", "beaten_by"]
COUNTY_TARGETS = [
    *_STATED, "unlock_wan", "invest_wan", "per_yuan", "band", "county", "rca", "density", "density_low", "density_high", "density_basis",
    "outlook_gain", "linked", "nearby", "front", "front_share"]


def city_unlocks(chains: Chains, states: pd.DataFrame, rules: GapRules) -> pd.DataFrame:
    """`unlocks` of every chain whose supply is known, from the supply of `link_states`: chain, then the columns of `unlocks`."""
    sums, parts = states.set_index(["chain", "link"])["supply_wan"], []
    for chain in chains.chains:
        if sums.loc[[chain.zh]].notna().all():
            parts.append(unlocks(flows_of(chain, chains.edition), supply_of(chain, sums), rules).assign(chain=chain.zh))
    if not parts:
        return pd.DataFrame(columns=["chain", "link", *_VALUED]).astype({"chain": "str", "link": "str"})
    made = pd.concat(parts, ignore_index=True)
    return made[["chain", *(name for name in made if name != "chain")]].astype({"chain": "str", "link": "str"})


def city_draws(chains: Chains, states: pd.DataFrame, firms: pd.DataFrame, rules: GapRules, count: int | None = None,
               seed: int = 0) -> pd.DataFrame:
    """`draws` of the gaps of every chain: draw, chain, link, unlock_wan, per_yuan; `firms` as from `placed_firms`."""
    gaps, parts = states[states["state"].isin(GAPS)], []
    for chain in chains.chains:
        links = gaps.loc[gaps["chain"] == chain.zh, "link"].tolist()
        if links:
            own = firms.loc[firms["chain"] == chain.zh, ["enterprise_id", "link", "supply_wan"]]
            parts.append(draws(flows_of(chain, chains.edition), own, links, rules, count, seed).assign(chain=chain.zh))
    names = ["draw", "chain", "link", "unlock_wan", "per_yuan"]
    made = pd.concat(parts, ignore_index=True)[names] if parts else pd.DataFrame({name: pd.Series(dtype="float64") for name in names})
    return made.astype({"draw": "int64", "chain": "str", "link": "str"})


def targets(states: pd.DataFrame, unlocks: pd.DataFrame, stability: pd.DataFrame, level: float = 0.9) -> pd.DataFrame:
    """One row for each gap (broken or blocked), the best band first, then by median rank; money in 万元 a year, investment in 万元.

    `states` from `link_states`, `unlocks` from `city_unlocks`, `stability` from `city_draws`. Columns: chain, link, zh, en, tier, key,
    state; unlock_wan, final_wan, imports_replaced_wan, built_wan, invest_wan, per_yuan (as `liantu.chains.unlocking.unlocks`);
    unlock_low and unlock_high hold the share `level` of the draws; rank (the median over draws), rank_low, rank_high: by unlock per
    yuan among all rows; band: an order is claimed between bands only; beats and beaten_by: how many others it is surely before and
    behind, pair by pair (`supported_order`). A link that is blocked by delay alone has all it is asked for: it unlocks 0.
    """
    gaps = states.loc[states["state"].isin(GAPS), _STATED]
    made = gaps.merge(unlocks, on=["chain", "link"], how="left")
    if made.empty:
        return made.reindex(columns=TARGETS)
    unlocked, per_yuan = (stability.pivot(index="draw", columns=["chain", "link"], values=name) for name in ("unlock_wan", "per_yuan"))
    pairs = pd.MultiIndex.from_frame(made[["chain", "link"]])
    unlocked, per_yuan = unlocked.reindex(columns=pairs), per_yuan.reindex(columns=pairs)
    low, high = (unlocked.quantile(tail).to_numpy() for tail in ((1 - level) / 2, (1 + level) / 2))
    ranks, band, pairwise = rank_intervals(per_yuan, level), bands(per_yuan, level), supported_order(per_yuan, level)
    made = made.assign(unlock_low=low, unlock_high=high, rank=ranks["rank"].to_numpy(), rank_low=ranks["lower"].to_numpy(),
                       rank_high=ranks["upper"].to_numpy(), band=band.to_numpy(), beats=pairwise["beats"].to_numpy(),
                       beaten_by=pairwise["beaten_by"].to_numpy())
    return made[TARGETS].sort_values(["band", "rank"], kind="stable", ignore_index=True)


def county_targets(targets: pd.DataFrame, firms: pd.DataFrame, chains: Chains, counties: Sequence[str],
                   stability: pd.DataFrame | None = None, draws: int = 200, level: float = 0.9, seed: int = 0) -> pd.DataFrame:
    """One row for each target and county: how near the county is to it, and whether another target beats it there in gain and nearness.

    `targets` from `targets`; `firms` from `placed_firms` (enterprise_id, name, county, chain, link, supply_wan).
    Columns: those of the target; rca, density, outlook_gain (`liantu.chains.relatedness`; values are capacity by county and link);
    density_low and density_high, from the register drawn anew `draws` times; density_basis: counties (proximities counted over the
    counties), neighbours (nobody in the city supplies the link: borrowed from its flow neighbours) or "" (not known, NaN); linked, the
    share of the flow neighbours' capacity, weighted by intensity, that lies in the county (NaN: none anywhere); nearby, up to five
    firms on the neighbours, largest first, of the county, then of the city; front: no other target has more of unlock per yuan or of
    density in this county without having less of the other (only targets that unlock something and of known density); front_share, the
    share of draws in which that is so (`stability` from `city_draws` gives the gains; NaN without it).

    Over seven counties a proximity is one of few fractions: read the density with its interval, as near or far, not as a measure.
    """
    if targets.empty:
        return pd.DataFrame(columns=COUNTY_TARGETS)
    near = nearness(targets, firms, chains, counties, draws, level, seed)
    linked = linked_shares(targets, firms, chains, counties)
    gain = targets["per_yuan"].to_numpy(dtype=float)
    moved = _moved_gains(targets, stability)
    parts = []
    for at, county in enumerate(counties):
        part = targets[[name for name in COUNTY_TARGETS if name in targets]].assign(
            county=county, rca=near.rca[:, at], density=near.density[:, at], density_low=near.low[:, at], density_high=near.high[:, at],
            density_basis=list(near.basis), outlook_gain=near.gain[:, at], linked=linked[county].to_numpy(),
            front=pareto_front(gain, near.density[:, at]), front_share=_front_share(moved, near.drawn[:, :, at]))
        parts.append(part)
    names = nearby_firms(targets, firms, chains, counties)
    made = pd.concat(parts, ignore_index=True).merge(names, on=["chain", "link", "county"], how="left")
    return made[COUNTY_TARGETS].astype({"county": "str", "density_basis": "str"})


def burden(targets: pd.DataFrame, firms: pd.DataFrame, chains: Chains, counties: Sequence[str]) -> pd.DataFrame:
    """What the gaps of each chain cost each county: chain, county, burden_wan (万元 a year); every chain with every county and "".

    The unlock of a gap is spread over the counties by their share of the capacity of its flow neighbours (givers and takers, weighted by
    intensity): those are the firms that go without a customer or an input. What falls on firms outside `counties`, and gaps whose
    neighbours have no capacity anywhere, stand under "" (not attributable). The sums of a chain are the sums of its unlocks.
    """
    places = [*counties, ""]
    whole = pd.MultiIndex.from_product([[chain.zh for chain in chains.chains], places], names=["chain", "county"])
    shares = linked_shares(targets, firms, chains, counties)
    shares[""] = shares[""].where(shares.notna().any(axis=1), 1.0)
    spread = shares.fillna(0.0).mul(targets["unlock_wan"].fillna(0.0).astype("float64"), axis=0)
    sums = spread.groupby(targets["chain"]).sum().stack() if len(targets) else pd.Series(dtype="float64")
    made = sums.reindex(whole, fill_value=0.0) if len(sums) else pd.Series(0.0, index=whole)
    return made.rename("burden_wan").reset_index().astype({"chain": "str", "county": "str"})


def pareto_front(gain: Floats, near: Floats) -> np.ndarray:
    """Which points (last axis) no other beats: none has as much of both and more of one; gain must be above 0, nearness known."""
    gain, near = np.broadcast_arrays(np.asarray(gain, float), np.asarray(near, float))
    fit = (gain > 0) & ~np.isnan(near)
    gain, near = np.where(fit, gain, -np.inf), np.where(fit, near, -np.inf)
    as_good = (gain[..., :, None] >= gain[..., None, :]) & (near[..., :, None] >= near[..., None, :])
    better = (gain[..., :, None] > gain[..., None, :]) | (near[..., :, None] > near[..., None, :])
    return fit & ~(as_good & better).any(axis=-2)


def _moved_gains(targets: pd.DataFrame, stability: pd.DataFrame | None) -> Floats | None:
    """Unlock per yuan in each draw (draws, targets)."""
    if stability is None or stability.empty:
        return None
    pairs = pd.MultiIndex.from_frame(targets[["chain", "link"]])
    wide = stability.pivot(index="draw", columns=["chain", "link"], values="per_yuan")
    return wide.reindex(columns=pairs).fillna(0.0).to_numpy(dtype=float)


def _front_share(gains: Floats | None, near: Floats) -> Floats:
    """Share of draws on the front; draws of gains and of densities are paired by number, as far as both go."""
    if gains is None:
        return np.full(near.shape[1], np.nan)
    count = min(len(gains), len(near))
    return np.mean([pareto_front(gains[draw], near[draw]) for draw in range(count)], axis=0)
