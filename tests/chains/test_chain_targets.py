"""Targets, on two small chains whose numbers are worked out by hand."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest

from liantu.chains import density, outlook, proximity, rca
from liantu.chains.gap_rules import gap_rules
from liantu.chains.nearness import nearness
from liantu.chains.neighbours import linked_shares, nearby_firms, neighbours
from liantu.chains.target_brief import brief_of_target
from liantu.chains.targets import COUNTY_TARGETS, TARGETS, burden, city_draws, city_unlocks, county_targets, pareto_front, targets
from liantu.errors import LiantuError
from liantu.reference import Chain, Chains, Flow, Link
from liantu.reference.chains import ChainEdition
from liantu.reference.models import Term

BOTH = {"group": "raw", "group_basis": "t", "confidence": "low", "source": "test"}


def link(name, tier="midstream", **more):
    return Link(id=name, zh=f"{name}环", en=name, tier=tier, keywords=(f"{name}词",), capital=more.pop("capital", 2.0), **more)


def flow(giver, taker, intensity):
    return Flow(giver=giver, taker=taker, intensity=intensity, basis="assumption")


EDITION = ChainEdition(
    edition="t", status_zh="x", status_en="x", groups=(), source="test", plant_wan=100,
    penalties={"hard": 0.3, "normal": 0.15, "easy": 0.08}, shared=(Term(id="haul", zh="运", en="Haulage"),))
# steel: ore -> iron -> bar; bar also needs rolls, which nobody makes. tyre: rubber -> tyre; both chains use haulage.
CHAINS = Chains(EDITION, (
    Chain(id="steel", zh="钢", en="Steel", order=1, masters=("大厂",), links=(
        link("ore", "upstream"), link("iron", imports="none"), link("rolls", "support", imports="none", gb_codes=("3489",)),
        link("bar", "downstream"), link("haul", "support", shared="haul")),
        flows=(flow("ore", "iron", 0.5), flow("iron", "bar", 0.4), flow("rolls", "bar", 0.1), flow("haul", "bar", 0.05)), **BOTH),
    Chain(id="tyre", zh="胎", en="Tyres", order=2, links=(
        link("rubber", "upstream"), link("tyre", "downstream"), link("cord", "upstream"), link("haul2", "support", shared="haul")),
        flows=(flow("rubber", "tyre", 0.5), flow("cord", "tyre", 0.2), flow("haul2", "tyre", 0.05)), **BOTH),
))
COUNTIES = ("A", "B", "C")
FIRMS = pd.DataFrame([
    ("e1", "一厂", "A", "钢", "ore", 200.0), ("e2", "二厂", "A", "钢", "iron", 300.0), ("e3", "三厂", "B", "钢", "bar", 400.0),
    ("e4", "四厂", "A", "钢", "bar", 600.0), ("e5", "五厂", "B", "胎", "rubber", 50.0), ("e6", "六厂", "C", "胎", "tyre", 80.0),
    ("e7", "七厂", "C", "钢", "haul", 10.0), ("e7", "七厂", "C", "胎", "haul2", 30.0),
], columns=["enterprise_id", "name", "county", "chain", "link", "supply_wan"])


def stated(chains=CHAINS, firms=FIRMS, **states):
    """The columns of link_states that targets need; a link's state is broken where it has no supply, unless it is given."""
    sums = firms.groupby(["chain", "link"])["supply_wan"].sum()
    return pd.DataFrame([
        {"chain": chain.zh, "link": entry.id, "zh": entry.zh, "en": entry.en, "tier": entry.tier, "key": entry.key,
         "supply_wan": float(sums.get((chain.zh, entry.id), 0.0)),
         "state": states.get(entry.id, "held" if (chain.zh, entry.id) in sums.index else "broken_open")}
        for chain in chains.chains for entry in chain.links])


@pytest.fixture(scope="module")
def found():
    rules = gap_rules()
    states = stated(iron="blocked")
    unlocked = city_unlocks(CHAINS, states, rules)
    drawn = city_draws(CHAINS, states, FIRMS, rules, 60)
    return states, unlocked, drawn, targets(states, unlocked, drawn)


def test_neighbours_by_hand():
    told = neighbours(CHAINS)
    bar = told[told["link"] == "bar"]
    assert bar[["neighbour", "side"]].to_numpy().tolist() == [["iron", "giver"], ["rolls", "giver"], ["haul", "giver"]]
    assert bar["intensity"].tolist() == [0.4, 0.1, 0.05]
    assert told[told["link"] == "iron"]["side"].tolist() == ["giver", "taker"] and len(told) == 2 * 7


def test_each_gap_has_its_row_with_its_unlock(found):
    _, unlocked, drawn, told = found
    assert list(told.columns) == TARGETS and sorted(told["link"]) == ["cord", "iron", "rolls"]
    row = told.set_index("link").loc["rolls"]
    # no bar without rolls: 1000 of bar ask for 100 of them. Built, iron (300, none brought in) lets 750 of bar run, haulage is brought in
    assert row["built_wan"] == pytest.approx(100) and row["invest_wan"] == pytest.approx(200)
    own = unlocked[(unlocked["chain"] == "钢") & (unlocked["link"] == "rolls")].iloc[0]
    assert row["unlock_wan"] == own["unlock_wan"] and row["final_wan"] == pytest.approx(750)
    assert row["unlock_wan"] == pytest.approx(750 * 1 - 0.08 * 0 - 0.15 * max(0.5 * 300 - 200, 0) - 0.15 * max(0.05 * 750 - 10, 0))
    assert row["per_yuan"] == pytest.approx(row["unlock_wan"] / 200)
    mine = drawn[drawn["link"] == "rolls"]["unlock_wan"]
    assert (row["unlock_low"], row["unlock_high"]) == pytest.approx((mine.quantile(0.05), mine.quantile(0.95)))
    assert (told["rank_low"] <= told["rank"]).all() and (told["rank"] <= told["rank_high"]).all() and told["band"].is_monotonic_increasing


def test_no_gap_no_target(found):
    states, unlocked, _, _ = found
    whole = states.assign(state="held")
    none = targets(whole, unlocked, city_draws(CHAINS, whole, FIRMS, gap_rules(), 10))
    assert none.empty and list(none.columns) == TARGETS
    assert list(county_targets(none, FIRMS, CHAINS, COUNTIES).columns) == COUNTY_TARGETS
    assert burden(none, FIRMS, CHAINS, COUNTIES)["burden_wan"].tolist() == [0.0] * 8


def test_without_a_register_there_is_nothing_to_rank():
    states = stated(firms=FIRMS.iloc[:0]).assign(supply_wan=np.nan, state="unknown")
    assert targets(states, city_unlocks(CHAINS, states, gap_rules()), city_draws(CHAINS, states, FIRMS.iloc[:0], gap_rules(), 10)).empty


def test_linked_is_the_share_of_the_neighbours_capacity():
    gaps = pd.DataFrame({"chain": ["钢", "胎", "钢", "钢"], "link": ["rolls", "cord", "iron", "ore"]})
    told = linked_shares(gaps, FIRMS, CHAINS, COUNTIES)
    assert told.iloc[0].tolist() == pytest.approx([0.6, 0.4, 0, 0])  # bar: 600 in A, 400 in B
    assert told.iloc[1].tolist() == [0, 0, 1, 0]
    # iron: ore 0.5 x 200 in A, bar 0.4 x 600 in A and 0.4 x 400 in B
    assert told.iloc[2].tolist() == pytest.approx([340 / 500, 160 / 500, 0, 0])
    elsewhere = linked_shares(gaps, FIRMS.assign(county="Z"), CHAINS, COUNTIES)
    assert elsewhere.iloc[0].tolist() == [0, 0, 0, 1]
    assert linked_shares(gaps, FIRMS[FIRMS["link"] != "bar"], CHAINS, COUNTIES).iloc[0].isna().all()


def test_nearby_firms_are_the_countys_first_then_the_largest():
    gaps = pd.DataFrame({"chain": ["钢", "胎"], "link": ["iron", "cord"]})
    told = nearby_firms(gaps, FIRMS, CHAINS, COUNTIES).set_index(["link", "county"])["nearby"]
    assert told["iron", "B"] == ("三厂", "四厂", "一厂") and told["iron", "A"] == ("四厂", "一厂", "三厂")
    assert told["cord", "A"] == ("六厂",) and nearby_firms(gaps, FIRMS, CHAINS, COUNTIES, most=1)["nearby"].str.len().max() == 1


def values_of(firms):
    """Capacity by county and activity, the pool as one."""
    activity = firms["link"].replace("haul2", "haul")
    return firms.pivot_table(index="county", columns=activity, values="supply_wan", aggfunc="sum", fill_value=0.0)


def test_nearness_of_a_link_that_exists_is_that_of_the_plain_functions():
    gaps = pd.DataFrame({"chain": ["钢", "胎"], "link": ["iron", "rubber"]})
    told, values = nearness(gaps, FIRMS, CHAINS, COUNTIES, 20, 0.9), values_of(FIRMS)
    found, ahead = rca(values), outlook(values)
    dense = density(found, proximity(found))
    assert told.basis == ("counties", "counties")
    for at, name in enumerate(("iron", "rubber")):
        assert told.rca[at] == pytest.approx(found.loc[list(COUNTIES), name].to_numpy())
        assert told.density[at] == pytest.approx(dense.loc[list(COUNTIES), name].to_numpy())
        assert told.gain[at] == pytest.approx(ahead.cog.loc[list(COUNTIES), name].to_numpy(), nan_ok=True)


def test_nearness_of_a_link_that_nobody_has_is_borrowed_from_its_neighbours():
    told = nearness(pd.DataFrame({"chain": ["钢"], "link": ["rolls"]}), FIRMS, CHAINS, COUNTIES, 40, 0.9)
    values = values_of(FIRMS)
    present, near = rca(values) >= 1, proximity(rca(values))
    # the only neighbour with a firm is bar, which is at 1 from itself
    row = near["bar"].copy()
    row["bar"] = 1.0
    expected = (present * row).sum(axis=1) / row.sum()
    assert told.basis == ("neighbours",) and (told.rca == 0).all()
    assert told.density[0] == pytest.approx(expected[list(COUNTIES)].to_numpy())
    assert (told.low <= told.high).all() and told.low.min() >= 0 and told.high.max() <= 1
    assert (told.high - told.low).max() > 0
    assert told.drawn.shape == (40, 1, 3)


def test_nearness_is_not_told_where_no_neighbour_has_a_firm():
    firms = FIRMS[FIRMS["chain"] == "钢"]
    told = nearness(pd.DataFrame({"chain": ["胎"], "link": ["cord"]}), firms[firms["link"] != "haul"], CHAINS, COUNTIES, 5, 0.9)
    assert told.basis == ("",)
    assert np.isnan(told.density).all() and np.isnan(told.low).all() and np.isnan(told.gain).all()
    nobody = nearness(pd.DataFrame({"chain": ["胎"], "link": ["cord"]}), FIRMS.iloc[:0], CHAINS, COUNTIES, 5, 0.9)
    assert np.isnan(nobody.density).all() and nobody.density.shape == (1, 3)


def test_pareto_front_is_what_no_other_beats():
    draw = np.random.default_rng(3)
    for _ in range(20):
        gain, near = draw.integers(0, 4, 12).astype(float), draw.integers(0, 4, 12) / 4
        near[draw.random(12) < 0.2] = np.nan
        expected = [
            gain[i] > 0 and near[i] >= 0 and not any(
                gain[j] >= gain[i] and near[j] >= near[i] and (gain[j], near[j]) != (gain[i], near[i]) for j in range(12))
            for i in range(12)]
        assert pareto_front(gain, near).tolist() == expected


def test_county_targets_hold_every_pair_and_a_front(found):
    _, _, drawn, told = found
    pairs = county_targets(told, FIRMS, CHAINS, COUNTIES, drawn, draws=30)
    assert list(pairs.columns) == COUNTY_TARGETS
    assert set(zip(pairs["link"], pairs["county"], strict=True)) == set(itertools.product(told["link"], COUNTIES)) and len(pairs) == 9
    for _, part in pairs.groupby("county"):
        best = part["per_yuan"].idxmax()
        assert part.loc[best, "front"] or np.isnan(part.loc[best, "density"])
        assert part["front"].any()
    assert pairs["front_share"].between(0, 1).all() and pairs["front_share"].sum() > 0
    assert county_targets(told, FIRMS, CHAINS, COUNTIES, draws=5)["front_share"].isna().all()
    again = county_targets(told, FIRMS, CHAINS, COUNTIES, drawn, draws=30)
    pd.testing.assert_frame_equal(pairs, again)


def test_burden_adds_up_to_the_unlocks_of_each_chain(found):
    told = found[3]
    for firms in (FIRMS, FIRMS.assign(county=FIRMS["county"].replace("A", "Z")), FIRMS[FIRMS["link"] != "tyre"]):
        borne = burden(told, firms, CHAINS, COUNTIES)
        assert len(borne) == 2 * 4 and borne["county"].tolist() == [*COUNTIES, ""] * 2
        sums = borne.groupby("chain")["burden_wan"].sum()
        assert sums.to_dict() == pytest.approx(told.groupby("chain")["unlock_wan"].sum().to_dict())
    plain = burden(told, FIRMS, CHAINS, COUNTIES).set_index(["chain", "county"])["burden_wan"]
    by_link = told.set_index("link")["unlock_wan"]
    assert plain["钢", "B"] == pytest.approx(0.4 * by_link["rolls"] + 160 / 500 * by_link["iron"]) and plain["胎", "C"] == by_link["cord"]
    gone = burden(told, FIRMS[FIRMS["link"] != "tyre"], CHAINS, COUNTIES).set_index(["chain", "county"])["burden_wan"]
    assert gone["胎", ""] == by_link["cord"]


def test_brief_of_a_target_is_what_the_catalogue_and_the_register_say():
    brief = brief_of_target("钢", "rolls", "B", FIRMS, CHAINS, built_wan=250)
    assert (brief.zh, brief.products, brief.gb_codes, brief.imports) == ("rolls环", ("rolls词",), ("3489",), "none")
    assert brief.masters == ("大厂",)
    assert (brief.plant_wan, brief.capital, brief.invest_wan, brief.plants_asked) == (100, 2.0, 200, 2.5)
    assert brief.buys == () and brief.makers == ()
    (sold,) = brief.sells
    # 1000 of bar would use 100 of rolls: all that one plant makes
    assert (sold.link, sold.plant_wan, sold.supply_wan, sold.firms, sold.in_county) == ("bar", 100, 1000, ("三厂", "四厂"), 1)
    iron = brief_of_target("steel", "iron", "A", FIRMS, CHAINS)
    assert [partner.plant_wan for partner in iron.buys] == [50] and iron.buys[0].firms == ("一厂",) and np.isnan(iron.plants_asked)
    assert [partner.link for partner in brief_of_target("钢", "bar", "A", FIRMS, CHAINS).buys] == ["iron", "rolls", "haul"]
    with pytest.raises(LiantuError, match="chain"):
        brief_of_target("没有", "rolls", "B", FIRMS, CHAINS)
