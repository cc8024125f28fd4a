"""States of links on two chains small enough to count by hand; then every chain of the city without projects."""

from __future__ import annotations

import pandas as pd
import pytest
from small_city import CHAINS, FIRMS, RULES, known, milestones, problems, projects, register

from liantu.chains.gap_rules import gap_rules
from liantu.chains.states import STATES, chain_totals, link_states
from liantu.chains.supply import placed_firms, pool_shares, register_gaps
from liantu.reference import city


def states_of(of=None, **more):
    told = {name: more.pop(name) for name in ("dates", "trouble", "firms") if name in more}
    return link_states(CHAINS, known(of, **told), RULES, **more).set_index("link")


def test_supply_demand_and_states_by_hand():
    states = states_of()
    assert states.index.tolist() == ["ore", "iron", "bar", "rope", "haulage", "cord", "carbon", "tyre", "carriage"]
    # e4 gives no capacity: its output of half a year is doubled. Bar and rope: what iron could feed, 100 / (0.4 + 0.4).
    assert states["supply_wan"].tolist() == [120, 100, 0, 40, 8, 0, 0, 0, 0]
    assert states["demand_wan"].tolist() == pytest.approx([50, 16, 125, 125, 10, 0, 0, 80, 0])
    assert states["coverage"].iloc[:5].tolist() == pytest.approx([2.4, 6.25, 0, 0.32, 0.8]) and states["coverage"].loc["cord"] != 0
    assert states["state"].tolist() == [
        "held", "weak", "broken_open", "blocked", "weak", "unasked", "unasked", "broken_open", "unasked"]
    assert states["blocked_by"].tolist() == ["", "", "", "flow", "", "", "", "", ""]
    assert states["run_wan"].tolist() == pytest.approx([8, 16, 0, 40, 1.6, 0, 0, 0, 0])
    assert states["suppliers"].tolist() == [2, 1, 0, 1, 1, 0, 0, 0, 0]
    assert states.loc["ore", ["top_share", "hhi", "surplus_wan"]].tolist() == [0.5, 0.5, 70] and states.loc["iron", "top_firm"] == "firm e3"
    assert states["master"].tolist() == [True] * 5 + [False] * 4


def test_a_firm_that_holds_most_of_a_link_makes_it_weak():
    firms = register(("a", "钢", "ore", 100, None, False, "2022-06-30"), ("b", "钢", "ore", 20, None, False, "2022-06-30"),
                     ("c", "钢", "iron", 10, None, False, "2022-06-30"))
    ore = states_of(firms=firms).loc["ore"]
    assert ore["hhi"] == pytest.approx((100 / 120) ** 2 + (20 / 120) ** 2) and ore["state"] == "weak"


def test_projects_of_a_broken_link_repair_it_by_their_chances():
    of = projects(("p", "钢", "bar", "started", 90, "2022-06-30"), ("q", "钢", "bar", "lead", None, "2022-06-30"),
                  ("r", "钢", "bar", "terminated", 500, "2022-06-30"), ("s", "钢", "bar", None, 500, "2022-06-30"),
                  ("t", "钢", "nothing", "started", 500, "2022-06-30"))
    bar = states_of(of).loc["bar"]
    # Capital is 2 yuan a yuan of output; the lead's sum is unknown, so it counts as one plant of 50.
    assert bar["coming_wan"] == 45 + 50 and bar["expected_wan"] == pytest.approx(45 * 0.5 + 50 * 0.02)
    assert bar[["preparing", "building", "completed", "producing"]].tolist() == [1, 1, 0, 0] and bar["state"] == "broken_in_repair"
    chances = pd.Series({"p": 0.9, "q": 0.0})
    assert states_of(of, chances=chances).loc["bar", "expected_wan"] == pytest.approx(45 * 0.9)
    assert states_of(of, chances=chances * 0).loc["bar", "state"] == "broken_open"


def test_a_producing_project_without_a_firm_in_the_register_is_sure_to_come_and_no_supply_yet():
    of = projects(("p", "钢", "bar", "producing", 90, "2022-06-30"), ("q", "钢", "iron", "at_capacity", 900, "2022-06-30"))
    states = states_of(of)
    assert states["supply_wan"].iloc[:3].tolist() == [120, 100, 0]
    assert states.loc["bar", ["suppliers", "producing", "coming_wan", "expected_wan"]].tolist() == [0, 1, 45, 45]
    assert states.loc["bar", "state"] == "broken_in_repair"
    assert states.loc["iron", ["producing", "coming_wan"]].tolist() == [1, 0]


SLOW = projects(*((f"p{i}", "钢", "ore", "started", 10, "2021-12-31") for i in range(9)))
DATES = milestones(*((f"p{i}", "started", "2021-01-01" if i == 0 else "2022-05-31", None, "2021-12-31") for i in range(9)))


@pytest.mark.parametrize(("trouble", "state", "open_problems"), [
    ([("x", "p0", "2022-02-01", None, "否", "2022-06-30")], "blocked", 1),
    ([("x", "p0", "2022-02-01", None, None, "2022-06-30")], "blocked", 1),
    ([("x", "p0", "2022-02-01", None, "否", "2022-03-31"), ("x", "p0", "2022-02-01", None, "是", "2022-06-30")], "held", 0),
    ([("x", "p0", "2022-02-01", "2022-06-01", None, "2022-06-30")], "held", 0),
    ([("x", "p0", "2022-02-01", "2022-07-09", None, "2022-06-30")], "blocked", 1),
    ([("x", "p1", "2022-02-01", None, "否", "2022-06-30")], "held", 1),
    ([("x", None, "2022-02-01", None, "否", "2022-06-30")], "held", 0),
], ids=["open", "no word", "said solved later", "dated", "dated after the report", "of a quick project", "of no project"])
def test_a_slow_project_with_an_open_problem_blocks_its_link(trouble, state, open_problems):
    ore = states_of(SLOW, dates=DATES, trouble=problems(*trouble)).loc["ore"]
    assert ore[["state", "open_problems"]].tolist() == [state, open_problems]
    assert ore["blocked_by"] == ("delay" if state == "blocked" else "") and ore["slow_projects"] == (state == "blocked")


def test_fewer_than_eight_projects_have_no_usual_time():
    trouble = problems(("x", "p0", "2022-02-01", None, "否", "2022-06-30"))
    few = SLOW[SLOW["project_id"].isin([f"p{i}" for i in range(7)])]
    assert states_of(few, dates=DATES, trouble=trouble).loc["ore", "state"] == "held"
    # A part of the city is judged by the whole city's usual times.
    assert states_of(few, dates=DATES, trouble=trouble, city=known(SLOW, DATES)).loc["ore", "state"] == "blocked"


@pytest.mark.parametrize("firms", [None, FIRMS.iloc[:0]], ids=["none", "empty"])
def test_without_a_register_nothing_is_called_broken(firms):
    of = projects(("p", "钢", "bar", "started", 90, "2022-06-30"), ("q", "胎", "tyre", "producing", 90, "2022-06-30"))
    table = link_states(CHAINS, known(of, firms=firms), RULES)
    states = table.set_index("link")
    assert set(states["state"]) == {"unknown"} and set(states["blocked_by"]) == {""}
    empty = ["suppliers", "supply_wan", "top_firm", "hhi", "master", "demand_wan", "coverage", "run_wan", "price", "in_cut", "surplus_wan"]
    assert states[empty].isna().all(axis=None)
    assert states.loc["bar", ["building", "coming_wan", "expected_wan"]].tolist() == [1, 45, 22.5] and states.loc["tyre", "producing"] == 1
    totals = chain_totals(table, CHAINS, RULES)
    assert totals["unknown"].tolist() == [5, 4] and totals[["final_wan", "value_wan", "master"]].isna().all(axis=None)
    full = link_states(CHAINS, known(of), RULES)
    assert table.columns.tolist() == full.columns.tolist() and (table.dtypes == full.dtypes).all()


def test_a_county_without_a_firm_is_not_one_without_a_register():
    of = projects(("q", "胎", "tyre", "producing", 90, "2022-06-30"))
    states = link_states(CHAINS, known(of, firms=FIRMS.iloc[:0]), RULES, city=known(of)).set_index("link")
    # Bars and ropes are asked by their ordinary plant; the register of the whole city has no tyres either, so the works may come to it.
    assert states.index[states["state"] == "broken_open"].tolist() == ["bar", "rope"]
    assert states.loc["tyre", ["state", "supply_wan", "expected_wan"]].tolist() == ["broken_in_repair", 0, 90]
    assert set(states["state"]) == {"broken_open", "broken_in_repair", "unasked"}


def test_pools_are_split_by_what_each_chain_asks():
    firms = pd.concat([FIRMS, register(("t", "胎", "tyre", 100, None, False, "2022-06-30"))], ignore_index=True)
    # Iron at 100 asks for 10 of haulage, tyres at 100 for 30 of carriage.
    assert pool_shares(CHAINS, placed_firms(CHAINS, firms, RULES), RULES)["share"].tolist() == pytest.approx([0.25, 0.75])
    states = states_of(firms=firms)
    assert states.loc[["haulage", "carriage"], "supply_wan"].tolist() == pytest.approx([2, 6])
    assert states.loc[["haulage", "carriage"], "suppliers"].tolist() == [1, 1] and states.loc["carriage", "shared"] == "haul"
    placed = placed_firms(CHAINS, firms, RULES)
    assert placed[placed["enterprise_id"] == "e5"][["chain", "link"]].to_numpy().tolist() == [["钢", "haulage"], ["胎", "carriage"]]
    coming = states_of(projects(("p", "胎", "carriage", "started", 40, "2022-06-30")), firms=firms)
    assert coming.loc[["haulage", "carriage"], "coming_wan"].tolist() == pytest.approx([10, 30])
    assert coming.loc[["haulage", "carriage"], "building"].tolist() == [0, 1]


def test_a_pool_that_nobody_asks_is_split_evenly():
    assert pool_shares(CHAINS, FIRMS.iloc[:0].assign(supply_wan=0.0), RULES)["share"].tolist() == [0.5, 0.5]


def test_placed_firms_and_what_stands_on_no_link():
    firms = register(("a", "钢", "ore", None, 30, False, "2022-03-31"), ("b", "钢", "ore", None, None, True, "2022-06-30"),
                     ("c", "钢", None, 7, None, False, "2022-06-30"), ("d", None, None, 5, None, False, "2022-06-30"),
                     ("e", "胎", "gone", 3, None, False, "2022-06-30"))
    placed = placed_firms(CHAINS, firms, RULES)
    # A quarter's output counts four times; a firm of unknown size counts as one plant.
    assert placed[["enterprise_id", "supply_wan", "basis"]].to_numpy().tolist() == [["a", 120, "output"], ["b", 50, "plant"]]
    gaps = register_gaps(CHAINS, firms)
    assert gaps[["chain", "firms", "unplaced", "unplaced_wan"]].to_numpy().tolist() == [["钢", 3, 1, 7], ["胎", 1, 1, 3], ["", 1, 1, 5]]
    assert gaps["unplaced_share"].tolist() == pytest.approx([7 / 127, 1, 1])
    assert placed_firms(CHAINS, None).empty and placed_firms(CHAINS, None).columns.tolist() == placed.columns.tolist()


def test_totals_of_chains():
    totals = chain_totals(link_states(CHAINS, known(), RULES), CHAINS, RULES).set_index("chain")
    assert totals.loc["钢", ["links", *STATES]].tolist() == [5, 1, 0, 1, 2, 1, 0, 0]
    assert totals["key_broken"].tolist() == [1, 0] and totals["empty"].tolist() == [False, True]
    assert totals.loc["钢", ["final_wan", "value_wan"]].tolist() == pytest.approx([40, 40])


def test_the_city_with_one_firm_names_every_empty_chain():
    chains, rules = city().chains(), gap_rules()
    firm = register(("a", chains.chains[0].zh, chains.chains[0].links[0].id, 1000, None, True, "2022-06-30"))
    states = link_states(chains, known(firms=firm), rules)
    assert states[["chain", "link"]].to_numpy().tolist() == [[chain.zh, link.id] for chain in chains.chains for link in chain.links]
    others = states[states["chain"] != chains.chains[0].zh]
    # Demand of a plant reaches final links only; nobody is there to ask the others.
    assert (others["state"] == others["final"].map({True: "broken_open", False: "unasked"})).all()
    totals = chain_totals(states, chains)
    assert totals["empty"].tolist() == [False] + [True] * (len(totals) - 1) and (totals["final_wan"].iloc[1:] == 0).all()
