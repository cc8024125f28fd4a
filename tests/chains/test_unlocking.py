"""What a link built to demand adds: by hand, and by what it must be."""

from __future__ import annotations

import numpy as np
import pytest

from liantu.chains.gap_rules import gap_rules
from liantu.chains.throughput import ChainFlows, demands, flows_of, throughput
from liantu.chains.unlocking import unlocks
from liantu.reference import city

NAMES = ("iron", "steel", "bars")


def steel(iron_penalty=0.30):
    coefficients = np.array([[0, 0.6, 0], [0, 0, 0.5], [0, 0, 0]])
    return ChainFlows(NAMES, coefficients, np.array([iron_penalty, np.inf, np.inf]), np.array([False, False, True]),
                      np.full(3, 10.0), np.array([2.0, 1.5, 1.0]))


def test_steel_by_hand():
    found = unlocks(steel(), np.array([100, 400, 1000.0]), gap_rules()).set_index("link")
    assert found.index.tolist() == list(NAMES)
    # Today 800 of bars; 140 of the 240 of iron brought in at 0.30: 758.
    assert found["throughput_wan"].tolist() == pytest.approx([758] * 3)
    # Iron built to 240 saves the penalty on 140. Steel built to 500: bars 1,000, iron brought in 200: 940. Bars are enough.
    assert found["built_wan"].tolist() == pytest.approx([140, 100, 0])
    assert found["unlock_wan"].tolist() == pytest.approx([42, 182, 0])
    assert found["final_wan"].tolist() == pytest.approx([0, 200, 0], abs=1e-6)
    assert found["imports_replaced_wan"].tolist() == pytest.approx([140, 0, 0], abs=1e-6)
    assert found["invest_wan"].tolist() == pytest.approx([280, 150, 0])
    assert found["per_yuan"].tolist() == pytest.approx([42 / 280, 182 / 150, 0])
    # Without iron of its own 240 are brought in: 728. Without steel or bars there is nothing.
    assert found["at_risk_wan"].tolist() == pytest.approx([30, 758, 758])


def test_unlock_of_a_missing_link_that_can_be_brought_in_is_the_penalty_saved():
    found = unlocks(steel(0.15), np.array([0, 400, 1000.0]), gap_rules()).set_index("link").loc["iron"]
    assert found["unlock_wan"] == pytest.approx(0.15 * 240)
    assert found["imports_replaced_wan"] == pytest.approx(240)
    assert found["at_risk_wan"] == pytest.approx(0)


def test_unlock_of_a_missing_link_that_cannot_be_brought_in_is_the_output_it_holds_back():
    found = unlocks(steel(np.inf), np.array([0, 400, 1000.0]), gap_rules()).set_index("link").loc["iron"]
    assert found["throughput_wan"] == pytest.approx(0)
    assert found["unlock_wan"] == found["final_wan"] == pytest.approx(800)


def test_unlock_is_the_difference_of_two_optima_on_every_link_of_the_catalogue():
    edition, rules, random = city().chains(), gap_rules(), np.random.default_rng(2)
    for chain in edition.chains[:6]:
        flows = flows_of(chain, edition.edition)
        supply = random.uniform(0, 1e5, len(flows.links)) * (random.random(len(flows.links)) < 0.7)
        demand, final_demand = demands(flows, supply, rules.push)
        found = unlocks(flows, supply, rules)
        today = throughput(flows, supply, final_demand)
        for place in range(0, len(supply), 3):
            here = np.arange(len(supply)) == place
            built = throughput(flows, np.where(here, np.maximum(supply, demand), supply), final_demand).value
            lost = throughput(flows, np.where(here, 0, supply), final_demand).value
            assert found["unlock_wan"][place] == pytest.approx(max(built - today.value, 0), abs=1)
            assert found["at_risk_wan"][place] == pytest.approx(today.value - lost, abs=1)
            # What is built is worth at most the price of capacity.
            assert found["unlock_wan"][place] <= today.price[place] * found["built_wan"][place] + 1


def test_nothing_at_all_has_numbers_everywhere():
    rules = gap_rules()
    for supply in (np.zeros(3), np.full(3, np.nan)):
        found = unlocks(steel(), supply, rules)
        assert found.drop(columns="link").notna().all(axis=None)
        assert not found["unlock_wan"].any()
    full = ChainFlows(("a", "b"), np.array([[0, 1.0], [0, 0]]), np.array([0.3, np.inf]), np.array([False, True]), np.ones(2), np.ones(2))
    found = unlocks(full, np.array([0, 10.0]), rules)  # all of b's worth is its input: only the penalty can be saved
    assert found["unlock_wan"].tolist() == pytest.approx([3, 0])
