"""Chains by county, and the first gaps: what counting suppliers and projects alone can tell."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from liantu.reference import Chains

AT_WORK = ("started", "resumed", "suspended")
PRODUCING = ("producing", "at_capacity")
ENDED = (*PRODUCING, "terminated")
GAP_STATES = ("broken_open", "broken_in_repair", "weak", "held", "unknown")


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


def first_gaps(projects: pd.DataFrame, enterprises: pd.DataFrame | None, chains: Chains) -> pd.DataFrame:
    """The first gaps: one row for each link of each chain, by counting suppliers and projects.

    `projects` needs `chain`, `link`, `stage`; `enterprises` (the register; None or empty when there is none) needs `enterprise_id`,
    `chain`, `link`, `capacity_wan`, `output_wan`, `master` and, when it holds several snapshots, `snapshot`: each firm counts by its
    newest row.

    Returns chain, link, zh, en, tier, key, suppliers, capacity_wan (万元 a year; output where no capacity is given), projects_open
    (neither producing nor terminated), projects_producing, state, master (any firm of the chain is flagged its master). States:
    broken_open (no supplier, nothing producing, no project), broken_in_repair (the same, but projects on the way), weak (one
    supplier), held. Without a register suppliers, capacity_wan and master are empty, and the state is unknown unless two projects
    produce. What these gaps do not know: docs/methods/chains.md.
    """
    links = pd.DataFrame([
        {"chain": chain.zh, "link": link.id, "zh": link.zh, "en": link.en, "tier": link.tier, "key": link.key}
        for chain in chains.chains for link in chain.links])
    counted = projects.assign(projects_open=~projects["stage"].isin(ENDED), projects_producing=projects["stage"].isin(PRODUCING))
    by_link = counted.groupby(["chain", "link"])[["projects_open", "projects_producing"]].sum().reset_index()
    gaps = links.merge(by_link, on=["chain", "link"], how="left").fillna({"projects_open": 0, "projects_producing": 0})
    gaps = _with_register(gaps, enterprises).astype({"projects_open": "int64", "projects_producing": "int64"})
    gaps["state"] = [_state(*row) for row in zip(gaps["suppliers"], gaps["projects_open"], gaps["projects_producing"], strict=True)]
    measured = ["suppliers", "capacity_wan", "projects_open", "projects_producing", "state", "master"]
    return gaps[[*links.columns, *measured]].astype({"chain": "str", "link": "str", "state": "str"})


def gap_counts(gaps: pd.DataFrame) -> pd.DataFrame:
    """Links of each chain by state, in the order of `gaps` (as from `first_gaps`).

    Returns chain, links, one column for each state, key_broken (key links that are broken, in repair or not) and master.
    """
    marks = pd.DataFrame({state: gaps["state"] == state for state in GAP_STATES}).assign(
        links=True, key_broken=gaps["key"] & gaps["state"].str.startswith("broken"))
    counts = marks.groupby(gaps["chain"], sort=False).sum().astype("int64")
    counts["master"] = gaps.groupby("chain", sort=False)["master"].first()
    return counts.reset_index()[["chain", "links", *GAP_STATES, "key_broken", "master"]]


def _with_register(gaps: pd.DataFrame, enterprises: pd.DataFrame | None) -> pd.DataFrame:
    if enterprises is None or enterprises.empty:
        nothing = [pd.NA] * len(gaps)
        return gaps.assign(suppliers=pd.array(nothing, "Int64"), capacity_wan=float("nan"), master=pd.array(nothing, "boolean"))
    firms = _newest(enterprises)
    by_link = firms.assign(volume=firms["capacity_wan"].fillna(firms["output_wan"])).groupby(["chain", "link"]).agg(
        suppliers=("enterprise_id", "nunique"), capacity_wan=("volume", "sum"))
    mastered = set(firms.loc[firms["master"].fillna(False).astype(bool), "chain"].dropna())
    joined = gaps.merge(by_link.reset_index(), on=["chain", "link"], how="left")
    return joined.assign(
        suppliers=joined["suppliers"].fillna(0).astype("Int64"), capacity_wan=joined["capacity_wan"].fillna(0.0),
        master=joined["chain"].isin(mastered).astype("boolean"))


def _newest(enterprises: pd.DataFrame) -> pd.DataFrame:
    if "snapshot" not in enterprises:
        return enterprises
    return enterprises.sort_values("snapshot", kind="stable").drop_duplicates("enterprise_id", keep="last")


def _state(suppliers: int, being_built: int, producing: int) -> str:
    if pd.isna(suppliers):
        return "held" if producing > 1 else "unknown"
    # A project that produces may be a firm of the register, so it only stands in where the register has none.
    holders = suppliers or producing
    if holders:
        return "weak" if holders == 1 else "held"
    return "broken_in_repair" if being_built else "broken_open"
