"""The state of each link: what it supplies, what is asked of it, what is coming, and whether it is broken, blocked, weak or held."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd

from liantu.chains.base_rates import OPEN_STAGES, PRODUCING, chances_of, stage_base_rates
from liantu.chains.concentration import hhi
from liantu.chains.gap_rules import GapRules, gap_rules
from liantu.chains.labels import ChainWords, chain_words
from liantu.chains.slowness import open_problems, slow_projects, stage_limits
from liantu.chains.supply import (
    coming_capacity,
    link_frame,
    newest_firms,
    on_links,
    over_pools,
    placed_firms,
    shares_of,
    supply_of,
)
from liantu.chains.throughput import Throughput, demands, flows_of, throughput
from liantu.reference import Chain, Chains

__all__ = ["BROKEN", "CLASSES", "STATES", "Known", "chain_totals", "link_states", "placed_firms", "sticking_points"]
STATES = ("broken_open", "broken_in_repair", "blocked", "weak", "held", "unasked", "unknown")
"""The states of a link, in the order in which they are told; definitions: docs/methods/chains.md."""
BROKEN = ("broken_open", "broken_in_repair")
CLASSES = {
    "preparing": ("lead", "negotiating", "signed", "approved"), "building": ("started", "resumed", "suspended"),
    "completed": ("completed",), "producing": PRODUCING}
"""The classes of projects by stage; terminated ones and those without a stage are in none."""
_COUNTS = [*CLASSES, "open_problems", "slow_projects"]
_COLUMNS = [
    "chain", "link", "zh", "en", "tier", "key", "final", "shared", "suppliers", "supply_wan", "top_firm", "top_share", "hhi", "master",
    "preparing", "building", "completed", "producing", "coming_wan", "expected_wan", "demand_wan", "coverage", "open_problems",
    "slow_projects", "run_wan", "imports_wan", "price", "in_cut", "surplus_wan", "blocked_by", "state"]
_NO_REGISTER = {
    "suppliers": "Int64", "supply_wan": "float64", "top_firm": "str", "top_share": "float64", "hhi": "float64", "master": "boolean",
    "demand_wan": "float64", "run_wan": "float64", "imports_wan": "float64", "price": "float64", "in_cut": "boolean"}


@dataclass(frozen=True)
class Known:
    """What is known at a date: the tidy tables of projects, milestones and problems, and the register of firms (None: there is none).

    Each is a plain table with the columns of the data dictionary; problems and enterprises may hold several snapshots (the newest row of
    each problem and firm counts).
    """

    projects: pd.DataFrame
    milestones: pd.DataFrame
    problems: pd.DataFrame
    enterprises: pd.DataFrame | None
    as_of: dt.date

    @property
    def register(self) -> bool:
        """Whether there is a register with any firm."""
        return self.enterprises is not None and not self.enterprises.empty


def link_states(chains: Chains, known: Known, rules: GapRules, chances: pd.Series | None = None, city: Known | None = None,
                words: ChainWords | None = None) -> pd.DataFrame:
    """One row for each link of every chain, in the edition's order: supply, demand, projects, throughput and state.

    `chances` (probability of producing within `rules.horizon_days` by project_id) go before the stage base rates. `city`: where `known`
    is a part of a city, the whole of it: base rates and usual times in a stage are the city's, and a county without a registered firm is
    not one without a register. `words`: which words call a problem solved (default: the shipped city's).

    Columns: chain, link, zh, en, tier, key, final, shared (pool, ""); suppliers, supply_wan, top_firm, top_share, hhi (see
    `placed_firms`); master (a firm of the chain is flagged its master); preparing, building, completed, producing (projects of this very
    link; a pool's are not shared out); coming_wan (capacity of open projects, and of those that produce where the register has no firm: it
    may be that nobody has entered them yet), expected_wan (times their probability, which is 1 for these); demand_wan;
    coverage (supply / demand, NaN without demand); open_problems (of projects that are not terminated), slow_projects; run_wan,
    imports_wan, price, in_cut (`throughput`); surplus_wan (supply beyond demand); blocked_by (flow, delay, both; "" unless blocked);
    state (one of STATES, the first that applies). Money in 万元 a year. Without a register supply, demand and flows are empty and the
    state is unknown: links may have firms that no one listed. What these numbers cannot know: docs/methods/chains.md.
    """
    whole = city or known
    table = link_frame(chains)
    table = table.merge(_project_columns(chains, known, whole, rules, chances, words or chain_words()), on=["chain", "link"], how="left")
    filled = dict.fromkeys(_COUNTS, 0) | {"coming_wan": 0.0, "expected_wan": 0.0}
    table = table.fillna(filled).astype(dict.fromkeys(_COUNTS, "int64"))
    if whole.register:
        table = _with_flows(_with_suppliers(table, chains, known, rules), chains, rules)
    else:
        table = table.assign(**{name: pd.Series([pd.NA] * len(table), dtype=dtype) if dtype in ("Int64", "boolean")
                                else pd.Series([np.nan] * len(table), dtype=dtype) for name, dtype in _NO_REGISTER.items()})
    table["coverage"] = table["supply_wan"] / table["demand_wan"].where(table["demand_wan"] > 0)
    table["surplus_wan"] = (table["supply_wan"] - table["demand_wan"]).clip(lower=0)
    return _with_state(table, rules)[_COLUMNS]


def chain_totals(states: pd.DataFrame, chains: Chains, rules: GapRules | None = None) -> pd.DataFrame:
    """One row a chain in the edition's order, from `link_states`.

    Columns: chain, links, a column for each of STATES (links), key_broken (key links that are broken, in repair or not), master,
    final_wan (final output of the best local program, 万元 a year), value_wan (its optimum: final_wan less the penalties of imports),
    empty (no supplier and no project on any link). final_wan and value_wan are NaN without a register. `rules`: by default the shipped
    city's.
    """
    rules = rules or gap_rules()
    marks = pd.DataFrame({state: states["state"] == state for state in STATES}).assign(
        links=True, key_broken=states["key"] & states["state"].isin(BROKEN))
    counts = marks.groupby(states["chain"], sort=False).sum().astype("int64")
    counts["master"] = states.groupby("chain", sort=False)["master"].first()
    held = states["suppliers"].fillna(0).astype("int64") + states[list(CLASSES)].sum(axis=1)
    counts["empty"] = held.groupby(states["chain"], sort=False).sum() == 0
    sums = states.set_index(["chain", "link"])["supply_wan"]
    for chain in chains.chains:
        best = _program(chain, chains, sums, rules)[1] if sums.loc[[chain.zh]].notna().all() else None
        counts.loc[chain.zh, ["final_wan", "value_wan"]] = [best.final.sum(), best.value] if best else [np.nan, np.nan]
    return counts.reset_index()[["chain", "links", *STATES, "key_broken", "master", "final_wan", "value_wan", "empty"]]


def sticking_points(states: pd.DataFrame) -> pd.DataFrame:
    """The links at which the final output of a chain sticks: those of the minimum cut that fall short of demand, the costliest first.

    `states` are rows of one chain as from `link_states`. The cost is what is lacking times its shadow price (万元 a year). Rows keep their
    index and columns.
    """
    cut = states["in_cut"].astype("boolean").fillna(False).astype(bool)
    lost = ((states["demand_wan"] - states["supply_wan"]).clip(lower=0) * states["price"]).astype("float64").where(cut).fillna(0.0)
    return states.loc[lost[lost > 0].sort_values(ascending=False, kind="stable").index]


def _project_columns(chains: Chains, known: Known, whole: Known, rules: GapRules, chances: pd.Series | None,
                     words: ChainWords) -> pd.DataFrame:
    """What projects say of each link: their classes, coming and expected capacity, open problems and slow projects."""
    on_chain = whole.projects[whole.projects["chain"].notna()]
    rates = stage_base_rates(on_chain, whole.milestones, whole.as_of, rules)
    limits = stage_limits(whole.projects, whole.milestones, whole.as_of, rules)
    problems = open_problems(known.problems, known.as_of, words.solved)
    placed = on_links(known.projects, chains)
    placed = placed[placed["stage"] != "terminated"]
    each = problems["project_id"].value_counts().reindex(placed["project_id"]).fillna(0).to_numpy("int64")
    placed = placed.assign(
        **{name: placed["stage"].isin(stages) for name, stages in CLASSES.items()}, open_problems=each,
        slow_projects=slow_projects(placed, known.milestones, problems, known.as_of, limits))
    counts = placed.groupby(["chain", "link"])[_COUNTS].sum()
    coming = placed[placed["stage"].isin(OPEN_STAGES) | _unregistered(placed, chains, whole, rules)]
    capacity = coming_capacity(coming)
    chance = chances_of(coming, rates, chances).mask(coming["stage"].isin(PRODUCING), 1.0)
    coming = coming[["chain", "link"]].assign(coming_wan=capacity, expected_wan=capacity * chance)
    pooled = over_pools(coming, chains, shares_of(chains, known.enterprises, rules), ("coming_wan", "expected_wan"))
    return counts.join(pooled.groupby(["chain", "link"]).sum(), how="outer").reset_index()


def _unregistered(placed: pd.DataFrame, chains: Chains, whole: Known, rules: GapRules) -> pd.Series:
    """Which projects produce on a link for which the register has no firm; where it has one, that may be this very project."""
    firms = placed_firms(chains, whole.enterprises, rules)
    held = pd.MultiIndex.from_frame(placed[["chain", "link"]]).isin(pd.MultiIndex.from_frame(firms[["chain", "link"]]))
    return placed["stage"].isin(PRODUCING) & ~held & whole.register


def _with_suppliers(table: pd.DataFrame, chains: Chains, known: Known, rules: GapRules) -> pd.DataFrame:
    rows = placed_firms(chains, known.enterprises, rules)
    rows = rows[rows["supply_wan"] > 0].sort_values("supply_wan", ascending=False, kind="stable")
    links = rows.groupby(["chain", "link"])
    sums = links["supply_wan"].sum()
    held = pd.DataFrame({
        "suppliers": links["enterprise_id"].nunique(), "supply_wan": sums, "top_firm": links["name"].first(),
        "top_share": links["supply_wan"].first() / sums, "hhi": links["supply_wan"].agg(hhi)})
    mastered = set()
    if known.register:
        firms = newest_firms(known.enterprises)
        mastered = set(firms.loc[firms["master"].astype("boolean").fillna(False), "chain"].dropna())
    table = table.merge(held.reset_index(), on=["chain", "link"], how="left")
    return table.assign(
        suppliers=table["suppliers"].fillna(0).astype("Int64"), supply_wan=table["supply_wan"].fillna(0.0),
        master=table["chain"].isin(mastered).astype("boolean"))


def _program(chain: Chain, chains: Chains, sums: pd.Series, rules: GapRules) -> tuple[np.ndarray, Throughput]:
    """Demand of each link (万元 a year) and the best that the chain can do; `sums`: supply by (chain, link)."""
    flows = flows_of(chain, chains.edition)
    supply = supply_of(chain, sums)
    demand, final_demand = demands(flows, supply, rules.push)
    return demand, throughput(flows, supply, final_demand, rules.price_floor)


def _with_flows(table: pd.DataFrame, chains: Chains, rules: GapRules) -> pd.DataFrame:
    """What the program of each chain says of its links."""
    sums, parts = table.set_index(["chain", "link"])["supply_wan"], []
    for chain in chains.chains:
        demand, best = _program(chain, chains, sums, rules)
        parts.append(pd.DataFrame({
            "chain": chain.zh, "link": [link.id for link in chain.links], "demand_wan": demand, "run_wan": best.run,
            "imports_wan": best.imports, "price": best.price, "in_cut": best.cut}))
    flows = pd.concat(parts, ignore_index=True).astype({"in_cut": "boolean", "chain": "str", "link": "str"})
    return table.merge(flows, on=["chain", "link"], how="left")


def _with_state(table: pd.DataFrame, rules: GapRules) -> pd.DataFrame:
    """`state`, the first of the definitions that applies, and `blocked_by`."""
    unknown = table["supply_wan"].isna()
    none, asked = table["supply_wan"] == 0, table["demand_wan"] > 0
    narrow = ~none & (table["coverage"] < rules.covered) & table["in_cut"].fillna(False).astype(bool)
    delayed = table["slow_projects"] > 0
    lone = (table["suppliers"].fillna(0) == 1) | (table["hhi"] > rules.hhi_weak)
    state = np.select(
        [unknown, asked & none & (table["expected_wan"] == 0), asked & none, narrow | delayed, ~none & lone, ~none],
        ["unknown", "broken_open", "broken_in_repair", "blocked", "weak", "held"], "unasked")
    why = np.select([narrow & delayed, narrow, delayed], ["both", "flow", "delay"], "")
    return table.assign(
        state=pd.Series(state, index=table.index, dtype="str"),
        blocked_by=pd.Series(np.where(state == "blocked", why, ""), index=table.index, dtype="str"))
