"""The shape of a chain, on chains small enough to see."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from liantu.chains.structure import chain_concentration, structure
from liantu.reference import Chain, Chains, Link, city
from liantu.reference.chains import Flow


def link(name, tier="midstream", **more):
    return Link(id=name, zh=name, en=name, tier=tier, keywords=(f"词{name}",), capital=1.0, **more)


def chain(links, *flows):
    made = tuple(Flow(giver=giver, taker=taker, intensity=share, basis="assumption") for giver, taker, share in flows)
    return Chain(id="one", zh="链", en="one", order=1, group="old", group_basis="test", links=links, flows=made, confidence="low",
                 source="test")


@pytest.fixture
def diamond():
    """a feeds b and c, both feed d, which sells."""
    links = (link("a", imports="none"), link("b", imports="none"), link("c"), link("d", tier="downstream", imports="none"))
    return chain(links, ("a", "b", 0.5), ("a", "c", 0.5), ("b", "d", 0.2), ("c", "d", 0.2))


def states(supply, demand):
    return pd.DataFrame({"chain": "链", "link": list("abcd"), "supply_wan": supply, "demand_wan": demand})


def test_diamond_by_hand(diamond):
    # d makes 100 of 20 of b and 20 of c, those of 10 of a each; demand of d is 100.
    found = structure(diamond, states([20, 20, 20, 100], [20, 20, 20, 100])).set_index("link")
    assert found["depth"].to_dict() == {"a": 1, "b": 2, "c": 2, "d": 3}
    # Of the 3 x 2 ordered pairs of others only a to d leads through b, and c as well.
    assert found["betweenness"].tolist() == pytest.approx([0, 0.5 / 6, 0.5 / 6, 0])
    assert found["on_every_path"].to_dict() == {"a": True, "b": False, "c": False, "d": True}
    # Fixed coefficients: without any one of them d stands still.
    assert found["risk_share"].tolist() == pytest.approx([1, 1, 1, 1])
    assert found["single_point"].tolist() == [True] * 4


def test_risk_is_the_share_of_final_output_that_hangs_on_a_link():
    # d feeds a, a feeds b (30 of final output) and c (70). Without d the product of a can still be brought in, so nothing is lost.
    links = (link("a"), link("b", tier="downstream"), link("c", tier="downstream"), link("d"))
    two, now = chain(links, ("a", "b", 0.5), ("a", "c", 0.1), ("d", "a", 0.1)), states([100, 30, 70, 10], [22, 30, 70, 10])
    found = structure(two, now).set_index("link")
    assert found["risk_share"].tolist() == pytest.approx([1, 0.3, 0.7, 0])
    assert found["single_point"].to_dict() == {"a": True, "b": False, "c": True, "d": False}
    assert structure(two, now, more_than=0.2)["single_point"].tolist() == [True, True, True, False]
    assert found["on_every_path"].to_dict() == {"a": True, "b": False, "c": False, "d": True}


def test_imports_of_others_help_but_not_of_the_link_itself(diamond):
    # c is missing and brought in, so the chain runs; everything still hangs on c, but there is no local c to lose.
    found = structure(diamond, states([20, 20, 0, 100], [20, 20, 20, 100])).set_index("link")
    assert found.loc["c", "risk_share"] == 1
    assert not found.loc["c", "single_point"]
    assert found.loc["b", "single_point"]


def test_a_final_link_that_feeds_another_ends_ways():
    links = (link("a"), link("b", final=True), link("c", tier="downstream"), link("d"))
    found = structure(chain(links, ("d", "a", 0.5), ("a", "b", 0.5), ("b", "c", 0.5)), states([9] * 4, [9] * 4)).set_index("link")
    assert found["on_every_path"].to_dict() == {"a": True, "b": True, "c": False, "d": True}


def test_a_chain_that_makes_nothing_and_one_without_a_register(diamond):
    nothing = structure(diamond, states([0.0] * 4, [0, 0, 0, 100]))
    assert not nothing["risk_share"].any()
    assert not nothing["single_point"].any()
    unknown = structure(diamond, states(pd.array([None] * 4, dtype="Float64"), pd.array([None] * 4, dtype="Float64")))
    assert unknown["risk_share"].isna().all()
    assert not unknown["single_point"].any()
    assert unknown["betweenness"].notna().all()
    assert unknown["single_point"].dtype == bool


def test_every_chain_of_the_catalogue_has_a_shape():
    random = np.random.default_rng(0)
    for entry in city().chains().chains:
        names = [one.id for one in entry.links]
        table = pd.DataFrame({"chain": entry.zh, "link": names, "supply_wan": random.uniform(0, 9, len(names)), "demand_wan": 9.0})
        found = structure(entry, table)
        assert found["link"].tolist() == names
        assert found["betweenness"].between(0, 1).all()
        assert found["risk_share"].between(0, 1).all()
        givers = {name: entry.givers(name) for name in names}
        depth = found.set_index("link")["depth"]
        assert all(depth[name] == 1 + max((depth[giver] for giver in givers[name]), default=0) for name in names)


def test_concentration_by_hand(diamond):
    firms = pd.DataFrame([
        ("E1", "甲", "链", "a", 60.0), ("E1", "甲", "链", "b", 20.0), ("E2", "乙", "链", "b", 15.0), ("E3", "丙", "链", "d", 5.0),
        ("E4", "丁", "链", "d", 0.0), ("E5", "戊", "别的链", "a", 900.0)], columns=["enterprise_id", "name", "chain", "link", "supply_wan"])
    edition = Chains(city().chains().edition, (diamond,))
    found = chain_concentration(edition, firms).iloc[0]
    assert found[["firms", "top_firm", "links", "supplied_links", "one_supplier_links", "longest_path"]].tolist() == [3, "甲", 4, 3, 2, 3]
    assert found["supply_wan"] == 100
    assert found["hhi"] == pytest.approx(0.8**2 + 0.15**2 + 0.05**2)
    assert found["top_share"] == pytest.approx(0.8)
    assert found["one_supplier_share"] == pytest.approx(2 / 3)
    none = chain_concentration(edition, firms.iloc[:0]).iloc[0]
    assert none[["firms", "supply_wan", "top_firm", "supplied_links", "one_supplier_links"]].tolist() == [0, 0, "", 0, 0]
    assert none[["hhi", "top_share", "one_supplier_share"]].isna().all()
