"""What fits idle standard factories (腾笼换鸟): gaps of chains at home in the zone, projects not yet started, land of firms graded D."""

from __future__ import annotations

import numpy as np
import pandas as pd

from liantu.assess.chain_gaps import ChainGaps, chain_gaps
from liantu.assess.zones.grades import firm_grades
from liantu.assess.zones.zone_rules import FactoryRules, zone_rules
from liantu.assess.zones.zone_table import zone_measures
from liantu.reference.opened import kept
from liantu.report import Report

_COLUMNS = ["zone", "county", "idle_m2", "kind", "candidate", "chain", "link", "state", "needs_m2", "share_of_idle", "invest_wan",
            "unlock_wan", "per_yuan", "firms_on_chain", "project_id", "reason"]
_PLACED = "placed"


@kept(maxsize=8)
def factory_candidates(report: Report) -> pd.DataFrame:
    """What could move into the idle factories of each zone; kept, so the caller must not change it.

    Columns: zone, county, idle_m2, kind (`project`, `gap`, `freed`; `none` where nothing was found), candidate (a project's name, a link's
    Chinese name, "" for freed land), chain, link, state (of the project or link), needs_m2 (of floor: the project's land times the plot
    ratio of zones.yml; freed: land of D firms in m2), share_of_idle, invest_wan, unlock_wan, per_yuan (of a gap), firms_on_chain (of the
    zone's register on that chain), project_id, reason: `placed` (the project already names the zone), `same_county` (it names no zone),
    `front` (no other gap of the county beats it in gain and nearness), `near` (another does), `second` (one supplier holds the link),
    `d_firms` (candidate counts them). Zones whose idle space is not reported or below least_m2 have no rows.
    """
    rules = zone_rules(report.city).factories
    rows = zone_measures(report)
    idle = rows[rows["idle_m2"] >= rules.least_m2]
    firms = firm_grades(report.whole_city)
    gaps = chain_gaps(report)
    near = _gaps_of(gaps) if gaps.registered and len(idle) else pd.DataFrame()
    projects = report.whole_city.projects
    words = {(chain.zh, link.id): link.zh for chain in report.chains.chains for link in chain.links}
    links = [words.get(pair, "") for pair in zip(projects["chain"], projects["link"], strict=True)]
    waiting = waiting_projects(projects.assign(link_zh=links), rules)
    return candidates_for(idle[["zone", "county", "idle_m2"]], waiting, near, firms, rules)


def _gaps_of(gaps: ChainGaps) -> pd.DataFrame:
    """The gaps of each county, and for all of them the weak links, which one supplier holds."""
    weak = gaps.states[gaps.states["state"] == "weak"][["chain", "link", "zh", "en", "state"]]
    counties = pd.DataFrame({"county": gaps.counties}, dtype="str")
    return pd.concat([gaps.by_county, weak.merge(counties, how="cross").assign(front=False)], ignore_index=True)


def candidates_for(idle: pd.DataFrame, projects: pd.DataFrame, gaps: pd.DataFrame, firms: pd.DataFrame,
                   rules: FactoryRules) -> pd.DataFrame:
    """`factory_candidates` from plain tables.

    `idle`: zone, county, idle_m2; `projects` as from `waiting_projects`; `gaps` as `ChainGaps.by_county`; `firms` as `firm_grades`.
    """
    parts = []
    for zone in idle.itertuples():
        own = firms[firms["zone"] == zone.zone]
        found = [_projects_for(zone.zone, zone.county, zone.idle_m2, projects, rules), _gaps_for(zone.county, gaps, own, rules),
                 _freed(own, rules)]
        some = [part for part in found if len(part)] or [pd.DataFrame([{"kind": "none"}])]
        parts.append(pd.concat(some, ignore_index=True).assign(zone=zone.zone, county=zone.county, idle_m2=zone.idle_m2))
    if not parts:
        return pd.DataFrame(columns=_COLUMNS)
    made = pd.concat(parts, ignore_index=True).reindex(columns=_COLUMNS)
    numbers = ["idle_m2", "needs_m2", "share_of_idle", "invest_wan", "unlock_wan", "per_yuan", "firms_on_chain"]
    texts = [name for name in _COLUMNS if name not in numbers]
    made[texts] = made[texts].astype("object").where(made[texts].notna(), "").astype("str")
    made[numbers] = made[numbers].astype("float64")
    return made.assign(share_of_idle=made["needs_m2"] / made["idle_m2"])


def waiting_projects(projects: pd.DataFrame, rules: FactoryRules) -> pd.DataFrame:
    """Projects that are signed or approved, not started, of a kind that may rent a factory, with their floor space needs_m2.

    `projects`: the tidy table with link_zh, the Chinese name of the link.
    """
    names = projects["name"].fillna("") + projects["link_zh"]
    unsuited = names.str.contains("|".join(rules.unsuited_words), regex=True) if rules.unsuited_words else pd.Series(False, projects.index)
    fits = (projects["stage"].isin(rules.stages) & projects["category"].isin(rules.categories)
            & projects["construction"].isin(rules.constructions) & (projects["area_mu"] > 0) & ~unsuited.astype(bool))
    rows = projects[fits.to_numpy(dtype=bool, na_value=False)]
    return rows.assign(needs_m2=floor_of(rows["area_mu"], rules))


def floor_of(area_mu: pd.Series, rules: FactoryRules) -> pd.Series:
    """The floor in m2 that land in mu is built with: 1 mu = 666.67 m2 of land, times the plot ratio."""
    return area_mu.astype("float64") * rules.m2_per_mu * rules.plot_ratio


def _projects_for(zone: str, county: str, idle_m2: float, projects: pd.DataFrame, rules: FactoryRules) -> pd.DataFrame:
    placed = projects["zone"] == zone
    mine = projects[(placed | ((projects["county"] == county) & projects["zone"].isna())) & (projects["needs_m2"] <= idle_m2)]
    mine = mine.assign(reason=np.where(mine["zone"] == zone, _PLACED, "same_county"))
    mine = mine.sort_values(["reason", "total_investment_wan", "project_id"], ascending=[True, False, True]).head(rules.projects)
    return pd.DataFrame({
        "kind": "project", "candidate": mine["name"], "chain": mine["chain"], "link": mine["link"], "state": mine["stage"],
        "needs_m2": mine["needs_m2"], "invest_wan": mine["total_investment_wan"], "project_id": mine["project_id"],
        "reason": mine["reason"]})


def _gaps_for(county: str, gaps: pd.DataFrame, own: pd.DataFrame, rules: FactoryRules) -> pd.DataFrame:
    """Gaps of chains on which the zone has firms, those that the county is nearest to first."""
    if gaps.empty or own.empty:
        return pd.DataFrame()
    on_chain = own.groupby("chain").size()
    unsuited = gaps["zh"].str.contains("|".join(rules.unsuited_words), regex=True) if rules.unsuited_words else pd.Series(False, gaps.index)
    mine = gaps[(gaps["county"] == county) & gaps["chain"].isin(on_chain.index) & ~unsuited
                & ((gaps["unlock_wan"] > 0) | (gaps["state"] == "weak"))]
    mine = mine.sort_values(["front", "band", "per_yuan", "chain", "link"], ascending=[False, True, False, True, True]).head(rules.gaps)
    why = np.select([mine["state"] == "weak", mine["front"].astype(bool)], ["second", "front"], "near")
    return pd.DataFrame({
        "kind": "gap", "candidate": mine["zh"], "chain": mine["chain"], "link": mine["link"], "state": mine["state"],
        "invest_wan": mine["invest_wan"], "unlock_wan": mine["unlock_wan"], "per_yuan": mine["per_yuan"],
        "firms_on_chain": mine["chain"].map(on_chain).astype("float64"), "reason": why})


def _freed(own: pd.DataFrame, rules: FactoryRules) -> pd.DataFrame:
    last = own[own["grade"] == "D"]
    if last.empty:
        return pd.DataFrame()
    return pd.DataFrame([{"kind": "freed", "candidate": str(len(last)), "needs_m2": last["area_mu"].sum() * rules.m2_per_mu,
                          "reason": "d_firms"}])
