"""The flow program of a chain: by hand, against networkx, against the program written out in full, and by its own laws."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from liantu.chains.gap_rules import Push
from liantu.chains.programs import downstream_first
from liantu.chains.throughput import ChainFlows, demands, demands_of, flows_of, throughput, values
from liantu.reference import city

FULL = Push(least=0.2, plants=1e9)


def chain_flows(coefficients, penalties, final, plants=None, capital=None, chain="test"):
    count = len(final)
    return ChainFlows(
        tuple(f"l{place}" for place in range(count)), np.array(coefficients, float), np.array(penalties, float), np.array(final, bool),
        np.array(plants if plants is not None else [1.0] * count, float), np.array(capital or [1.0] * count, float), chain)


def steel(iron, iron_penalty=0.30, bars=1000.0):
    """Iron 0.6 to a yuan of steel, steel 0.5 to a yuan of bars; only iron can be brought in; bars are sold. And the capacities."""
    coefficients = [[0, 0.6, 0], [0, 0, 0.5], [0, 0, 0]]
    return chain_flows(coefficients, [iron_penalty, np.inf, np.inf], [False, False, True]), np.array([iron, 400.0, bars])


def in_full(flows, supply, final_demand):
    """The optimum by the program as it is defined, a column for every x, m and y; nothing in common with the library but the solver."""
    count, brought = len(supply), np.isfinite(flows.penalties)
    one = np.eye(count)
    balance = np.hstack([flows.coefficients - one, -one, one])
    no_resale = np.hstack([-one, 0 * one, one])
    upper = np.concatenate([supply, np.where(brought, np.inf, 0.0), np.where(flows.final, final_demand, 0.0)])
    costs = np.concatenate([np.zeros(count), np.where(brought, flows.penalties, 0.0), -np.ones(count)])
    bounds = np.column_stack([np.zeros(3 * count), upper])
    return -linprog(costs, A_ub=np.vstack([balance, no_resale]), b_ub=np.zeros(2 * count), bounds=bounds, method="highs-ipm").fun


@st.composite
def chains(draw, most=8):
    """Chains of 2 to 8 links with any flows downward, capacities of which many are 0 or equal, and any links importable."""
    count = draw(st.integers(2, most))
    shares = st.sampled_from([0.0, 0.0, 0.0, 0.1, 0.25, 0.4, 1.0])
    coefficients = np.array([[draw(shares) if giver < taker else 0.0 for taker in range(count)] for giver in range(count)])
    coefficients /= np.maximum(coefficients.sum(axis=0), 1.0)
    penalties = draw(st.lists(st.sampled_from([0.08, 0.15, 0.3, np.inf, np.inf]), min_size=count, max_size=count))
    final = [draw(st.booleans()) or not coefficients[place].any() for place in range(count)]
    supply = draw(st.lists(st.sampled_from([0.0, 0.0, 1.0, 2.0, 3.5, 10.0, 47.3]), min_size=count, max_size=count))
    return chain_flows(coefficients, penalties, final, [draw(st.sampled_from([0.5, 1.0, 5.0]))] * count), np.array(supply)


def test_steel_by_hand_with_enough_iron():
    flows, supply = steel(iron=300.0)
    demand, final_demand = demands(flows, supply, FULL)
    # Bars: their own 1,000; steel could feed 400 / 0.5 = 800. Steel 0.5 x 1,000; iron 0.6 x 400.
    assert demand == pytest.approx([240, 500, 1000])
    assert final_demand == pytest.approx([0, 0, 1000])
    found = throughput(flows, supply, final_demand, 0.02)
    # 400 of steel make 800 of bars with 240 of iron; a yuan more of steel makes 2 of bars.
    assert found.value == pytest.approx(800)
    assert found.run == pytest.approx([240, 400, 800])
    assert found.imports == pytest.approx([0, 0, 0])
    assert found.final == pytest.approx([0, 0, 800])
    assert found.price == pytest.approx([0, 2, 0])
    assert found.gain == pytest.approx([0, 2, 0])
    assert found.cut.tolist() == [False, True, False]


def test_steel_by_hand_with_iron_from_outside():
    flows, supply = steel(iron=100.0)
    found = throughput(flows, supply, np.array([0, 0, 1000.0]), 0.02)
    # 140 of the 240 of iron are brought in: 800 - 0.30 x 140. A yuan more of steel: 2 of bars less 0.6 x 0.30 for its iron.
    assert found.value == pytest.approx(758)
    assert found.imports == pytest.approx([140, 0, 0])
    assert found.price == pytest.approx([0.30, 1.82, 0])
    # Iron's price is just its penalty: imports relieve it, it is not in the cut.
    assert found.cut.tolist() == [False, True, False]
    assert found.price @ supply == pytest.approx(0.30 * 100 + 1.82 * 400)


def test_what_cannot_be_sold_for_its_cost_is_not_made():
    flows, _ = steel(iron=0.0)
    found = throughput(chain_flows(flows.coefficients, [0.30, 0.9, np.inf], flows.final), np.array([0, 0, 10.0]), np.array([0, 0, 10.0]))
    assert found.value == pytest.approx(10 * (1 - 0.45))
    dear = chain_flows([[0, 1.0], [0, 0]], [1.2, np.inf], [False, True])
    assert throughput(dear, np.array([0, 10.0]), np.array([0, 10.0])).value == pytest.approx(0, abs=1e-9)


def test_final_demand_is_what_the_main_local_input_could_feed():
    coefficients = [[0, 0, 0.5, 0.3], [0, 0, 0.2, 0], [0, 0, 0, 0], [0, 0, 0, 0]]
    flows = chain_flows(coefficients, [np.inf] * 4, [False, False, True, True], plants=[7, 7, 7, 500])
    # 160 of the main input shared by takers that would use 0.5 and 0.3: 160 / 0.8 = 200; the ordinary plant of the other is greater.
    demand, final_demand = demands(flows, np.array([160, 0, 0, 0.0]), FULL)
    assert final_demand == pytest.approx([0, 0, 200, 500])
    assert demand == pytest.approx([0, 0, 200, 500])
    # Four plants at most; a link that has works is not asked for a plant more; an input that sells beyond the chain is one taker more.
    few = demands(flows, np.array([160, 0, 0, 3.0]), Push(least=0.2, plants=4))[1]
    assert few == pytest.approx([0, 0, 28, 200])
    open_input = chain_flows(coefficients, [np.inf] * 4, [True, False, True, True], plants=[7, 7, 7, 500])
    assert demands(open_input, np.array([160, 0, 0, 3.0]), FULL)[1] == pytest.approx([160, 0, 160 / 1.8, 160 / 1.8])
    # The main input is absent: the lesser speaks (30 / 0.2); below the share that may speak the plant remains.
    assert demands(flows, np.array([0, 30, 0, 0.0]), FULL)[1] == pytest.approx([0, 0, 150, 500])
    assert demands(flows, np.array([0, 30, 0, 0.0]), FULL.model_copy(update={"least": 0.25}))[1] == pytest.approx([0, 0, 7, 500])


def test_imports_are_for_local_takers_and_never_sold_on():
    flows = chain_flows([[0, 0.5], [0, 0]], [0.1, np.inf], [True, True])
    found = throughput(flows, np.array([20.0, 100.0]), np.array([60.0, 100.0]))
    # All 20 made here are sold, though 60 are asked; what the taker needs is brought in: 20 + 100 - 0.1 x 50.
    assert found.final == pytest.approx([20, 100])
    assert found.imports == pytest.approx([50, 0])
    assert found.value == pytest.approx(115)


@settings(max_examples=60, deadline=None)
@given(chains())
def test_optimum_is_that_of_the_program_in_full_and_of_its_prices(case):
    flows, supply = case
    _, final_demand = demands(flows, supply, FULL)
    found = throughput(flows, supply, final_demand)
    told = in_full(flows, supply, final_demand)
    assert found.value == pytest.approx(told, abs=1e-5)
    assert found.price @ supply + found.final_price @ final_demand == pytest.approx(told, rel=1e-5, abs=1e-4)
    # The plan keeps every rule.
    need = flows.coefficients @ found.run + found.final
    assert (need <= found.run + found.imports + 1e-6).all()
    assert (found.run <= supply + 1e-9).all()
    assert (found.final <= np.minimum(found.run, final_demand) + 1e-6).all()
    assert not found.imports[~np.isfinite(flows.penalties)].any()
    assert (found.imports >= -1e-9).all()


@settings(max_examples=30, deadline=None)
@given(chains(most=6))
def test_gains_are_finite_differences_and_prices_bound_them(case):
    flows, supply = case
    _, final_demand = demands(flows, supply, FULL)
    found, step = throughput(flows, supply, final_demand), 1e-3
    before = throughput(flows, supply, final_demand).value
    for place in range(len(supply)):
        more = supply + step * (np.arange(len(supply)) == place)
        difference = (in_full(flows, more, final_demand) - before) / step
        assert found.gain[place] == pytest.approx(difference, abs=2e-3)
        assert found.price[place] >= difference - 2e-3


def test_price_is_the_gain_where_one_link_alone_binds():
    random = np.random.default_rng(5)
    for _ in range(20):
        coefficients = np.triu(random.random((6, 6)) * (random.random((6, 6)) < 0.5), 1)
        coefficients /= np.maximum(coefficients.sum(axis=0), 1.0)
        flows = chain_flows(coefficients, random.choice([0.08, 0.3, np.inf], 6), ~coefficients.any(axis=1))
        supply, final_demand = random.uniform(1, 10, 6), np.where(flows.final, random.uniform(1, 10, 6), 0)
        found = throughput(flows, supply, final_demand)
        # Capacities without ties: the prices are unique, and each is what its link adds.
        assert found.gain == pytest.approx(found.price, abs=1e-3)


def test_a_link_at_what_is_asked_of_it_has_no_price():
    flows, supply = steel(iron=240.0, bars=800.0)
    found = throughput(flows, supply, np.array([0, 0, 800.0]), 0.02)
    assert found.gain == pytest.approx([0, 0, 0], abs=1e-6)
    assert found.price == pytest.approx([0, 0, 0], abs=1e-6)
    assert found.final_price[2] == pytest.approx(1)
    assert not found.cut.any()


def test_two_broken_links_in_a_row_gain_nothing_alone_and_stand_in_the_cut_together():
    flows = chain_flows([[0, 0.5, 0], [0, 0, 0.5], [0, 0, 0]], [np.inf] * 3, [False, False, True])
    found = throughput(flows, np.array([0, 0, 100.0]), np.array([0, 0, 100.0]), 0.02)
    assert found.value == 0
    assert found.gain == pytest.approx([0, 0, 0], abs=1e-9)
    assert found.cut.any()
    assert not found.cut[2]


@settings(max_examples=40, deadline=None)
@given(chains(), st.lists(st.floats(0, 20), min_size=8, max_size=8))
def test_optimum_never_falls_with_capacity_and_is_concave(case, more):
    flows, supply = case
    _, final_demand = demands(flows, supply, FULL)
    above = supply + np.array(more)[: len(supply)]
    low, middle, high = values(
        flows.coefficients[None], flows.penalties, flows.final, np.stack([supply, (supply + above) / 2, above]), final_demand)
    assert high >= middle - 1e-5
    assert middle >= low - 1e-5
    assert middle >= (low + high) / 2 - 1e-5


@st.composite
def trees(draw):
    """Chains in which a link takes all of one other: then flows are water in pipes."""
    count = draw(st.integers(2, 9))
    givers = [None, *(draw(st.one_of(st.none(), st.integers(0, place - 1))) for place in range(1, count))]
    coefficients = np.zeros((count, count))
    for taker, giver in enumerate(givers):
        if giver is not None:
            coefficients[giver, taker] = 1.0
    final = ~coefficients.any(axis=1) | np.array(draw(st.lists(st.booleans(), min_size=count, max_size=count)))
    numbers = st.lists(st.integers(0, 9), min_size=count, max_size=count)
    supply, asked = np.array(draw(numbers), float), np.array(draw(numbers), float)
    return chain_flows(coefficients, [np.inf] * count, final), supply, np.where(final, asked, 0.0)


def pipes(flows, supply, final_demand):
    graph = nx.DiGraph()
    for place, capacity in enumerate(supply):
        graph.add_edge(("in", place), ("out", place), capacity=capacity)
        if flows.final[place]:
            graph.add_edge(("out", place), "end", capacity=final_demand[place])
        if not flows.coefficients[:, place].any():
            graph.add_edge("start", ("in", place))
        for taker in np.flatnonzero(flows.coefficients[place]):
            graph.add_edge(("out", place), ("in", int(taker)))
    return graph


@settings(max_examples=60, deadline=None)
@given(trees())
def test_where_flows_are_pipes_it_is_the_maximum_flow_and_a_minimum_cut(case):
    flows, supply, final_demand = case
    graph = pipes(flows, supply, final_demand)
    found = throughput(flows, supply, final_demand, 0.02)
    assert found.value == pytest.approx(nx.maximum_flow_value(graph, "start", "end"), abs=1e-6)
    ends = found.final_price > 0.5
    assert found.price == pytest.approx(np.round(found.price), abs=1e-6)
    assert supply[found.cut].sum() + final_demand[ends].sum() == pytest.approx(nx.minimum_cut_value(graph, "start", "end"), abs=1e-5)
    graph.remove_edges_from((("in", place), ("out", place)) for place in np.flatnonzero(found.cut))
    graph.remove_edges_from((("out", place), "end") for place in np.flatnonzero(ends))
    assert not nx.has_path(graph, "start", "end")


def test_many_programs_at_once_are_the_same_as_one_by_one():
    random = np.random.default_rng(3)
    flow = flows_of(city().chains().chains[0], city().chains().edition)
    count = len(flow.links)
    coefficients = flow.coefficients * random.uniform(0.7, 1.3, (300, count, count))
    supply = random.uniform(0, 1e5, (300, count)) * (random.random((300, count)) < 0.7)
    demand, final_demand = demands_of(coefficients, flow.final, flow.plants, supply, FULL)
    together = values(coefficients, flow.penalties, flow.final, supply, final_demand)
    for draw in range(0, 300, 37):
        alone = ChainFlows(flow.links, coefficients[draw], flow.penalties, flow.final, flow.plants, flow.capital)
        each, final_each = demands(alone, supply[draw], FULL)
        assert each == pytest.approx(demand[draw])
        assert throughput(alone, supply[draw], final_each).value == pytest.approx(together[draw], rel=1e-6, abs=1e-3)


def test_flows_of_a_chain_of_the_catalogue():
    edition = city().chains()
    for chain in edition.chains:
        flows = flows_of(chain, edition.edition)
        assert flows.links == tuple(link.id for link in chain.links)
        assert flows.chain == chain.id
        assert flows.coefficients.sum() == pytest.approx(sum(flow.intensity for flow in chain.flows))
        giver, taker = flows.links.index(chain.flows[0].giver), flows.links.index(chain.flows[0].taker)
        assert flows.coefficients[giver, taker] == chain.flows[0].intensity
        assert np.isinf(flows.penalties).tolist() == [link.imports == "none" for link in chain.links]


def test_nothing_at_all_and_unknown_capacities_are_no_crash():
    flows, _ = steel(iron=0.0)
    for supply in (np.zeros(3), np.full(3, np.nan)):
        demand, final_demand = demands(flows, supply, FULL)
        found = throughput(flows, supply, final_demand, 0.02)
        assert demand == pytest.approx([0, 0, 1])
        assert found.value == 0
        for part in (found.run, found.imports, found.final, found.price, found.final_price, found.gain):
            assert np.isfinite(part).all()
    assert throughput(flows, np.zeros(3), np.zeros(3), 0.02).value == 0
    lone = chain_flows([[0.0]], [np.inf], [True])
    assert throughput(lone, np.array([5.0]), np.array([8.0])).price == pytest.approx([1])


def test_links_in_a_circle_are_refused():
    with pytest.raises(ValueError, match="circle"):
        downstream_first(np.array([[False, True], [True, False]]))
