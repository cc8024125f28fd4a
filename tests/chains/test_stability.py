"""Draws, rank intervals and bands: reproducible, exact where nothing moves, and silent where no order is supported."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liantu.chains.gap_rules import gap_rules
from liantu.chains.stability import _moved, bands, draws, rank_intervals, supported_order
from liantu.chains.throughput import ChainFlows, flows_of
from liantu.chains.unlocking import unlocks
from liantu.reference import city

LINKS = ("iron", "steel", "bars", "wire")


def steel(chain="steel"):
    coefficients = np.zeros((4, 4))
    coefficients[0, 1], coefficients[1, 2], coefficients[1, 3] = 0.6, 0.5, 0.7
    return ChainFlows(LINKS, coefficients, np.array([0.30, np.inf, np.inf, 0.15]), np.array([False, False, True, True]),
                      np.full(4, 100.0), np.array([2.0, 1.5, 1.0, 1.0]), chain)


def register(*rows):
    return pd.DataFrame(rows, columns=["link", "supply_wan"]).astype({"link": "str", "supply_wan": "float64"})


@pytest.fixture
def firms():
    return register(("steel", 400), ("bars", 300), ("bars", 200), ("bars", 90), ("wire", 60))


@pytest.fixture
def rules():
    return gap_rules()


def still(rules):
    """The rules with next to nothing moved."""
    return rules.model_copy(update={"uncertainty": rules.uncertainty.model_copy(update={"spread": 1e-9})})


def test_same_seed_same_draws_and_another_seed_others(firms, rules):
    first = draws(steel(), firms, ["iron", "wire"], rules, draws=60, seed=4)
    assert first.columns.tolist() == ["draw", "link", "unlock_wan", "per_yuan"]
    assert len(first) == 120
    pd.testing.assert_frame_equal(first, draws(steel(), firms, ["iron", "wire"], rules, draws=60, seed=4))
    assert not first.equals(draws(steel(), firms, ["iron", "wire"], rules, draws=60, seed=5))


def test_draws_of_a_link_do_not_depend_on_what_else_is_asked_but_on_the_chain(firms, rules):
    both = draws(steel(), firms, ["iron", "wire"], rules, draws=40)
    alone = draws(steel(), firms, ["wire"], rules, draws=40)
    assert alone["unlock_wan"].tolist() == pytest.approx(both.loc[both["link"] == "wire", "unlock_wan"].tolist())
    other = draws(steel("other"), firms, ["wire"], rules, draws=40)
    assert other["unlock_wan"].tolist() != pytest.approx(alone["unlock_wan"].tolist())


def test_draws_are_the_unlock_where_nothing_moves(rules):
    one = register(("steel", 400))  # a register of one firm is drawn as it is
    told = unlocks(steel(), np.array([0, 400, 0, 0.0]), rules).set_index("link")
    found = draws(steel(), one, list(LINKS), still(rules), draws=3).set_index("link")
    assert told["unlock_wan"].max() > 0
    for link in LINKS:
        assert found.loc[link, "unlock_wan"].tolist() == pytest.approx([told.loc[link, "unlock_wan"]] * 3, rel=1e-6, abs=1e-3)
        assert found.loc[link, "per_yuan"].tolist() == pytest.approx([told.loc[link, "per_yuan"]] * 3, rel=1e-6, abs=1e-6)


def test_each_draw_is_the_unlock_of_its_own_numbers(firms, rules):
    flows, count = steel(), 25
    coefficients, penalties, supply = _moved(flows, firms, rules.uncertainty.spread, count, 7)
    found = draws(flows, firms, list(LINKS), rules, draws=count, seed=7).pivot(index="draw", columns="link", values="unlock_wan")
    for draw in range(count):
        moved = ChainFlows(LINKS, coefficients[draw], penalties[draw], flows.final, flows.plants, flows.capital)
        told = unlocks(moved, supply[draw], rules).set_index("link")["unlock_wan"]
        assert found.loc[draw, list(LINKS)].tolist() == pytest.approx(told[list(LINKS)].tolist(), rel=1e-5, abs=1e-2)


def test_the_register_is_drawn_with_as_many_firms_as_it_has(firms, rules):
    _, _, supply = _moved(steel(), firms, 1e-9, 4000, 0)
    sums = firms.groupby("link")["supply_wan"].sum()
    # In the mean the register as it is; a link with one firm of five stands empty in (4/5)^5 of the draws.
    assert supply.mean(axis=0)[1:] == pytest.approx([sums["steel"], sums["bars"], sums["wire"]], rel=0.08)
    assert (supply[:, 1] == 0).mean() == pytest.approx(0.8**5, abs=0.03)
    assert not supply[:, 0].any()


def test_a_firm_on_two_links_is_drawn_as_one(rules):
    one = register(("steel", 400), ("bars", 300)).assign(enterprise_id="E1")
    _, _, supply = _moved(steel(), one, 1e-9, 50, 0)
    assert supply == pytest.approx(np.tile([0, 400, 300, 0], (50, 1)))


def test_moved_numbers_stay_in_their_bounds(firms, rules):
    tight = ChainFlows(("a", "b", "c"), np.array([[0, 0.7, 0.5], [0, 0, 0.5], [0, 0, 0]]), np.array([0.3, np.inf, np.inf]),
                       np.array([False, False, True]), np.ones(3), np.ones(3), "tight")
    coefficients, penalties, _ = _moved(tight, register(("a", 5)), 0.3, 500, 0)
    sums = coefficients.sum(axis=1)
    assert sums[:, 1].max() <= 0.7 * 1.3
    assert sums[:, 2].max() == pytest.approx(1.0)  # it was 1 before, so it may stay 1
    assert (coefficients[:, 0, 1] >= 0.7 * 0.7).all()
    assert ((penalties[:, 0] >= 0.21) & (penalties[:, 0] <= 0.39)).all()
    assert np.isinf(penalties[:, 1:]).all()
    under = ChainFlows(("a", "b"), np.array([[0, 0.9], [0, 0]]), tight.penalties[:2], tight.final[1:], np.ones(2), np.ones(2), "under")
    assert _moved(under, register(("a", 5)), 0.3, 500, 0)[0].sum(axis=1).max() == pytest.approx(0.95)


def test_a_chain_with_nothing_has_numbers_everywhere(rules):
    none = draws(steel(), register(), list(LINKS), rules, draws=20)
    assert len(none) == 80
    assert not none[["unlock_wan", "per_yuan"]].to_numpy().any()
    assert draws(steel(), register(("steel", 5)), [], rules, draws=20).empty
    unknown = draws(steel(), register(("steel", None), ("bars", 10)), list(LINKS), rules, draws=20)
    assert unknown.notna().all(axis=None)


def test_a_link_that_the_chain_lacks_is_named(firms, rules):
    with pytest.raises(ValueError, match="coal"):
        draws(steel(), firms, ["coal"], rules, draws=20)


def test_every_chain_of_the_catalogue_has_draws(rules):
    edition = city().chains()
    for chain in edition.chains:
        flows = flows_of(chain, edition.edition)
        random = np.random.default_rng(1)
        some = pd.DataFrame({"link": random.choice(flows.links, 12), "supply_wan": random.uniform(100, 1e6, 12)})
        found = draws(flows, some, list(flows.links), rules, draws=10)
        assert np.isfinite(found[["unlock_wan", "per_yuan"]].to_numpy()).all()
        assert (found["unlock_wan"] >= 0).all()


def test_rank_intervals_by_hand():
    # a is 1st four times and 2nd once, b 2nd, 1st, 2nd, 3rd and 3rd, c the rest; d ties with c once and is missing once.
    values = pd.DataFrame({"a": [9, 7, 9, 9, 9], "b": [8, 8, 8, 6, 6], "c": [5, 5, 5, 8, 8], "d": [1, 5, 1, 1, np.nan]})
    found = rank_intervals(values, 0.9).set_index("item")
    assert found["rank"].to_dict() == {"a": 1, "b": 2, "c": 3, "d": 4}
    assert found["lower"].to_dict() == {"a": 1, "b": 1, "c": 2, "d": 3}
    assert found["upper"].to_dict() == {"a": 2, "b": 3, "c": 4, "d": 4}


def test_bands_by_hand():
    # a beats b in 3 of 4 draws, both beat c in all.
    values = pd.DataFrame({"c": [1, 1, 1, 1], "b": [5, 5, 5, 9], "a": [6, 6, 6, 6]})
    assert bands(values, 0.9).to_dict() == {"a": 1, "b": 1, "c": 2}
    assert bands(values, 0.7).to_dict() == {"a": 1, "b": 2, "c": 3}
    assert bands(values[["c"]], 0.9).to_dict() == {"c": 1}
    assert bands(values[[]], 0.9).empty
    # Ties are half a win each; who is missing loses.
    assert bands(pd.DataFrame({"a": [2.0, 2.0], "b": [2.0, 2.0]}), 0.9).tolist() == [1, 1]
    assert bands(pd.DataFrame({"a": [np.nan, np.nan], "b": [2.0, 2.0]}), 0.9).tolist() == [2, 1]
    with pytest.raises(ValueError, match="no draws"):
        bands(pd.DataFrame({"a": []}), 0.9)


def test_items_that_overlap_in_a_row_share_a_band_though_its_ends_stand_apart():
    steps = pd.DataFrame(np.random.default_rng(0).uniform(0, 1, (500, 6)) + 0.3 * np.arange(6)[::-1])
    assert set(bands(steps, 0.9)) == {1}
    found = supported_order(steps, 0.9)
    # Neighbours overlap (0.3 apart: 3/4 of draws), the next but one surely differ (0.6 apart: 92 %).
    assert found["beaten_by"].tolist() == [0, 0, 1, 2, 3, 4]
    assert found["beats"].tolist() == [4, 3, 2, 1, 0, 0]
    assert found["first"].tolist() == [True, True, False, False, False, False]


def test_a_band_ends_even_where_its_last_item_beats_fewer_than_the_first_below():
    # The second beats the 24 below it in 95 % of draws, the third beats the 23 below it in all: it wins more often, and yet stands lower.
    random = np.random.default_rng(0)
    first, second = (np.where(random.random(400) < 0.95, high, low) for high, low in ((101, -1), (100, -2)))
    values = pd.DataFrame(np.column_stack([first, second, np.tile(np.arange(24.0)[::-1], (400, 1))]))
    found = bands(values, 0.9)
    assert found.tolist() == list(range(1, 27))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(2, 9))
def test_no_order_is_claimed_of_items_that_are_alike(seed, items):
    random = np.random.default_rng(seed)
    # Alike, and yet not independent: what moves them all together says nothing of their order.
    values = pd.DataFrame(random.lognormal(size=(300, items)) * random.lognormal(size=(300, 1)))
    assert set(bands(values, 0.9)) == {1}
    found = rank_intervals(values, 0.9)
    assert (found["lower"] <= found["rank"]).all()
    assert (found["upper"] >= found["rank"]).all()
    assert (found["upper"] - found["lower"] >= 1).all()


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.permutations(range(5)))
def test_an_order_is_claimed_of_items_that_stand_apart(seed, order):
    values = pd.DataFrame(np.random.default_rng(seed).uniform(0, 1, (50, 5)) + 2 * np.array(order))
    assert bands(values, 0.9).tolist() == [5 - place for place in order]
    assert rank_intervals(values, 0.9)["lower"].tolist() == [5 - place for place in order]


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0, 2))
def test_every_order_between_bands_holds_for_each_pair(seed, apart):
    random = np.random.default_rng(seed)
    values = pd.DataFrame(random.normal(size=(80, 6)) + apart * np.arange(6))
    found = bands(values, 0.9)
    for one in values:
        for other in values:
            if found[one] < found[other]:
                assert (values[one] > values[other]).mean() >= 0.9
    assert set(found) == set(range(1, found.max() + 1))
