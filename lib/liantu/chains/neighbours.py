"""Who stands next to a link: the links that it buys from and sells to, and how much of them lies where."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from liantu.reference import Chains


def neighbours(chains: Chains) -> pd.DataFrame:
    """The flow neighbours of every link: a row for each link and neighbour, in the edition's order.

    Columns: chain, link, neighbour (a link of the same chain), side ("giver": the link buys from it; "taker": it sells to it), intensity
    (yuan of the giver for each yuan of output of the taker).
    """
    rows = [row for chain in chains.chains for flow in chain.flows for row in (
        (chain.zh, flow.taker, flow.giver, "giver", flow.intensity), (chain.zh, flow.giver, flow.taker, "taker", flow.intensity))]
    made = pd.DataFrame(rows, columns=["chain", "link", "neighbour", "side", "intensity"])
    place = {(chain.zh, link.id): at for at, (chain, link) in enumerate((c, k) for c in chains.chains for k in c.links)}
    order = pd.Series([place[pair] for pair in zip(made["chain"], made["link"], strict=True)], index=made.index, dtype="int64")
    text = dict.fromkeys(["chain", "link", "neighbour", "side"], "str")
    return made.loc[order.sort_values(kind="stable").index].reset_index(drop=True).astype(text)


def linked_shares(gaps: pd.DataFrame, firms: pd.DataFrame, chains: Chains, counties: Sequence[str]) -> pd.DataFrame:
    """Which share of what a link's neighbours can do lies in each county; gaps x counties, with "" for what lies elsewhere.

    `gaps`: chain, link. `firms`: chain, link, county, supply_wan (万元 a year), a row a firm and link. Each neighbour's capacity counts
    times the intensity of its flow (of a taker that is what it would use of the link's product). Rows are in the order of `gaps` and
    add up to 1; all NaN where no neighbour has any capacity.
    """
    near = gaps[["chain", "link"]].reset_index(drop=True).reset_index(names="gap").merge(neighbours(chains), on=["chain", "link"])
    held = firms[["chain", "link", "county", "supply_wan"]].rename(columns={"link": "neighbour"})
    near = near.merge(held, on=["chain", "neighbour"])
    near["county"] = near["county"].where(near["county"].isin(list(counties)), "")
    near["weight"] = near["intensity"] * near["supply_wan"].fillna(0.0)
    sums = near.pivot_table(index="gap", columns="county", values="weight", aggfunc="sum", fill_value=0.0)
    sums = sums.reindex(index=range(len(gaps)), columns=[*counties, ""], fill_value=0.0).astype("float64")
    whole = sums.sum(axis=1)
    return sums.div(whole.where(whole > 0), axis=0).set_axis(gaps.index, axis=0)


def nearby_firms(gaps: pd.DataFrame, firms: pd.DataFrame, chains: Chains, counties: Sequence[str], most: int = 5) -> pd.DataFrame:
    """The largest firms on the neighbours of a link: a row for each gap and county, with `nearby`, a tuple of up to `most` names.

    Firms of the county come first, then those of the rest of the city, each by its capacity on all neighbours; a firm without capacity is
    not named. `gaps`, `firms` as in `linked_shares`, the firms with enterprise_id and name. Columns: chain, link, county, nearby.
    """
    own = firms[firms["supply_wan"] > 0]
    named = own.drop_duplicates("enterprise_id").set_index("enterprise_id")[["name", "county"]]
    near = gaps[["chain", "link"]].merge(neighbours(chains)[["chain", "link", "neighbour"]].drop_duplicates(), on=["chain", "link"])
    held = own[["chain", "link", "enterprise_id", "supply_wan"]].rename(columns={"link": "neighbour"})
    near = near.merge(held, on=["chain", "neighbour"])
    sizes = near.groupby(["chain", "link", "enterprise_id"], sort=False)["supply_wan"].sum().reset_index()
    sizes = sizes.sort_values("supply_wan", ascending=False, kind="stable").join(named, on="enterprise_id")
    by_gap = {key: (list(part["name"]), list(part["county"])) for key, part in sizes.groupby(["chain", "link"])}
    rows = []
    for chain, link in zip(gaps["chain"], gaps["link"], strict=True):
        names, places = by_gap.get((chain, link), ([], []))
        for county in counties:
            here = [name for name, place in zip(names, places, strict=True) if place == county]
            there = [name for name, place in zip(names, places, strict=True) if place != county]
            rows.append((chain, link, county, tuple([*here, *there][:most])))
    return pd.DataFrame(rows, columns=["chain", "link", "county", "nearby"]).astype(dict.fromkeys(["chain", "link", "county"], "str"))
