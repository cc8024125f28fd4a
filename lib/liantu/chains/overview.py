"""Where the projects of the chains are: chains by county."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from liantu.reference import Chains

AT_WORK = ("started", "resumed", "suspended")
PRODUCING = ("producing", "at_capacity")
ENDED = (*PRODUCING, "terminated")


def chain_by_county(projects: pd.DataFrame, chains: Chains, counties: Sequence[str]) -> pd.DataFrame:
    """Projects of each chain in each county: a row for every pair, in the order of the edition and of `counties` (codes as text).

    `projects` needs `chain`, `county`, `stage`, `total_investment_wan`. Returns chain, county, projects (every row given, terminated
    ones too), investment_wan (万元; unknown amounts count nothing), at_work (started, resumed or suspended), producing (also at capacity).
    Projects without a chain, or of the city itself (211300), are in no pair.
    """
    pairs = pd.MultiIndex.from_product([[chain.zh for chain in chains.chains], list(counties)], names=["chain", "county"])
    counted = projects.assign(at_work=projects["stage"].isin(AT_WORK), producing=projects["stage"].isin(PRODUCING))
    totals = counted.groupby(["chain", "county"]).agg(
        projects=("stage", "size"), investment_wan=("total_investment_wan", "sum"),
        at_work=("at_work", "sum"), producing=("producing", "sum"))
    whole = {"projects": "int64", "investment_wan": "float64", "at_work": "int64", "producing": "int64"}
    table = totals.reindex(pairs, fill_value=0).astype(whole).reset_index()
    return table.astype({"chain": "str", "county": "str"})
