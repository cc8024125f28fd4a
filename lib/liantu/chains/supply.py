"""Who supplies each link: the firms of the register on their links, pooled where links of several chains share them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from liantu.chains.gap_rules import GapRules, gap_rules
from liantu.chains.throughput import demands, flows_of
from liantu.reference import Chain, Chains

PLACED = ["enterprise_id", "name", "county", "chain", "link", "supply_wan", "master", "basis"]
_TEXT = dict.fromkeys(["enterprise_id", "name", "county", "chain", "link", "basis"], "str")


def link_frame(chains: Chains) -> pd.DataFrame:
    """One row a link of every chain, in the edition's order.

    Columns: chain (Chinese name), link, zh, en, tier, key, final, shared (pool, ""), capital, plant_wan.
    """
    table = pd.DataFrame([
        {"chain": chain.zh, "link": link.id, "zh": link.zh, "en": link.en, "tier": link.tier, "key": link.key,
         "final": chain.final(link.id), "shared": link.shared or "", "capital": link.capital,
         "plant_wan": link.plant_wan or chains.edition.plant_wan}
        for chain in chains.chains for link in chain.links])
    return table.astype(dict.fromkeys(["chain", "link", "zh", "en", "tier", "shared"], "str"))


def newest_firms(enterprises: pd.DataFrame) -> pd.DataFrame:
    """Each firm by its newest row; a register without `snapshot` is taken as it is. A firm that a later register leaves out is kept."""
    if "snapshot" not in enterprises:
        return enterprises
    return enterprises.sort_values("snapshot", kind="stable").drop_duplicates("enterprise_id", keep="last")


def firm_capacity(firms: pd.DataFrame) -> pd.DataFrame:
    """The yearly capacity of each firm (index of `firms`): supply_wan and its basis.

    capacity: as the register gives it, in value a year. output: where it gives none, the output of the year to the snapshot's month
    times 12 / months (registers report sums of the year so far; no season is taken out), a lower bound of what the firm could make.
    unknown: neither is given (NaN). Without `snapshot` the output is taken for a full year's.
    """
    months = firms["snapshot"].dt.month if "snapshot" in firms else pd.Series(12, index=firms.index)
    supply = firms["capacity_wan"].astype("float64").fillna(firms["output_wan"].astype("float64") * 12 / months)
    basis = np.select([firms["capacity_wan"].notna(), supply.notna()], ["capacity", "output"], "unknown")
    return pd.DataFrame({"supply_wan": supply, "basis": basis}, index=firms.index)


def placed_firms(chains: Chains, enterprises: pd.DataFrame | None, rules: GapRules | None = None) -> pd.DataFrame:
    """The firms of the register on the links of an edition: one row for each firm and link that it serves, by its newest row.

    `enterprises` needs enterprise_id, name, county, chain, link, capacity_wan, output_wan, master and, when it holds several snapshots,
    snapshot. Returns enterprise_id, name, county, chain, link, supply_wan (万元 a year), master, basis (see `firm_capacity`; a firm of
    unknown size counts as one plant of ordinary size: plant). A firm on a shared link stands on every link of the pool with that
    link's part of its capacity (`pool_shares`). Firms without a link, or on one that the edition lacks, are left out (`register_gaps`).
    """
    if enterprises is None or enterprises.empty:
        return pd.DataFrame({name: pd.Series(dtype=_TEXT.get(name, "float64")) for name in PLACED}).astype({"master": "boolean"})
    return over_pools(_own_firms(chains, enterprises), chains, shares_of(chains, enterprises, rules or gap_rules()))[PLACED].astype(_TEXT)


def register_gaps(chains: Chains, enterprises: pd.DataFrame) -> pd.DataFrame:
    """How much of the register stands on no link: one row a chain and one for firms without a chain (chain empty).

    Returns chain, firms, unplaced, supply_wan, unplaced_wan (万元 a year), unplaced_share (of the capacity; NaN where there is none).
    """
    firms = newest_firms(enterprises)
    known = pd.MultiIndex.from_frame(link_frame(chains)[["chain", "link"]])
    names = [chain.zh for chain in chains.chains]
    placed = pd.MultiIndex.from_frame(firms[["chain", "link"]]).isin(known)
    supply = firm_capacity(firms)["supply_wan"].fillna(0.0)
    marked = pd.DataFrame({
        "chain": firms["chain"].where(firms["chain"].isin(names), "").to_numpy(), "firms": 1, "unplaced": (~placed).astype("int64"),
        "supply_wan": supply.to_numpy(), "unplaced_wan": supply.where(~placed, 0.0).to_numpy()})
    table = marked.groupby("chain").sum().reindex([*names, ""]).fillna(0).astype({"firms": "int64", "unplaced": "int64"}).reset_index()
    share = table["unplaced_wan"] / table["supply_wan"].where(table["supply_wan"] > 0)
    return table.assign(unplaced_share=share).astype({"chain": "str"})


def on_links(rows: pd.DataFrame, chains: Chains) -> pd.DataFrame:
    """The rows that stand on a link of the edition, with that link's final, shared, capital and plant_wan; the index is new."""
    facts = link_frame(chains)[["chain", "link", "final", "shared", "capital", "plant_wan"]]
    return rows.merge(facts, on=["chain", "link"], how="inner")


def coming_capacity(projects: pd.DataFrame) -> pd.Series:
    """Yearly capacity that each project adds (万元): total investment / the link's capital; of an unknown sum one ordinary plant.

    `projects` as from `on_links`, with total_investment_wan.
    """
    return (projects["total_investment_wan"].astype("float64") / projects["capital"]).fillna(projects["plant_wan"])


def shares_of(chains: Chains, enterprises: pd.DataFrame | None, rules: GapRules) -> pd.DataFrame:
    """`pool_shares` of the firms of a register (None or without rows: even shares, or by the plants of final links)."""
    none = enterprises is None or enterprises.empty
    own = pd.DataFrame({"chain": [], "link": [], "supply_wan": []}) if none else _own_firms(chains, enterprises)
    return pool_shares(chains, own, rules)


def pool_shares(chains: Chains, own: pd.DataFrame, rules: GapRules) -> pd.DataFrame:
    """How the capacity of each pool of shared links is split: chain, link, pool, share (sums to 1 over a pool).

    In proportion to each link's demand, computed once with no supply on any shared link: what the firms on the other links ask for.
    A pool that nobody asks is split evenly. `own`: firms on their own links (chain, link, supply_wan).
    """
    rows, sums = [], own.groupby(["chain", "link"])["supply_wan"].sum()
    for chain in chains.chains:
        pools = [link.shared for link in chain.links]
        if any(pools):
            supply = np.where([pool is None for pool in pools], supply_of(chain, sums), 0.0)
            demand, _ = demands(flows_of(chain, chains.edition), supply, rules.push)
            rows += [(chain.zh, link.id, link.shared, asked) for link, asked in zip(chain.links, demand, strict=True) if link.shared]
    table = pd.DataFrame(rows, columns=["chain", "link", "pool", "asked"]).astype({"asked": "float64"})
    asked, members = (table.groupby("pool")["asked"].transform(how) for how in ("sum", "size"))
    return table.assign(share=np.where(asked > 0, table["asked"] / asked.where(asked > 0), 1 / members)).drop(columns="asked")


def supply_of(chain: Chain, sums: pd.Series) -> np.ndarray:
    """The supply of each link of a chain in its order (万元; 0 where there is none); `sums`: supply by (chain, link)."""
    return sums.reindex(pd.MultiIndex.from_tuples([(chain.zh, link.id) for link in chain.links])).fillna(0.0).to_numpy("float64")


def over_pools(rows: pd.DataFrame, chains: Chains, shares: pd.DataFrame, amounts: tuple[str, ...] = ("supply_wan",)) -> pd.DataFrame:
    """Rows on shared links stand on every link of their pool, with its share of the `amounts`; other rows stay. In the edition's order."""
    table = rows.merge(shares[["chain", "link", "pool"]], on=["chain", "link"], how="left")
    pooled = table[table["pool"].notna()].drop(columns=["chain", "link"]).merge(shares, on="pool")
    pooled = pooled.assign(**{name: pooled[name] * pooled["share"] for name in amounts}).drop(columns="share")
    both = (pd.concat([table[table["pool"].isna()], pooled], ignore_index=True) if len(pooled) else table).drop(columns="pool")
    place = {(chain.zh, link.id): at for at, (chain, link) in enumerate((c, k) for c in chains.chains for k in c.links)}
    order = pd.Series([place[pair] for pair in zip(both["chain"], both["link"], strict=True)], index=both.index, dtype="int64")
    return both.loc[order.sort_values(kind="stable").index].reset_index(drop=True)


def _own_firms(chains: Chains, enterprises: pd.DataFrame) -> pd.DataFrame:
    """Each firm on its own link, before pools."""
    firms = newest_firms(enterprises)
    firms = on_links(firms.assign(**firm_capacity(firms)), chains)
    plain = firms.assign(
        supply_wan=firms["supply_wan"].fillna(firms["plant_wan"]), basis=firms["basis"].replace("unknown", "plant"),
        master=firms["master"].astype("boolean").fillna(False))
    return plain[PLACED]
