"""A quarter read in the edition that its tables are placed in and in a later one: nothing is lost, the unknown is said to be unknown."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from liantu.chains.recut import crosswalk, made_of, one_county_one_industry, recut, unmapped
from liantu.errors import LiantuError, UnknownValueError
from liantu.reference import Chain, ChainEdition, Chains, Crosswalk, Link, ReferenceFileError, city
from liantu.reference.editions import composed, crosswalk_faults

OLD, NEW = city().chains("2022"), city().chains("2024")
CROSSWALK = crosswalk("2024")
PAIRS = [(chain.zh, link.id) for chain in OLD.chains for link in chain.links]
COUNTIES = [county.code for county in city().divisions.counties]


def chain(name, order, links, flows):
    made = tuple(Link(id=one, zh=one, en=one, tier="midstream", keywords=(f"词{name}{one}",), capital=1.0) for one in links)
    flowing = tuple({"from": giver, "to": taker, "intensity": 0.5, "basis": "assumption"} for giver, taker in flows)
    return Chain(id=name, zh=f"链{name}", en=name, order=order, group="raw", group_basis="test", links=made, flows=flowing,
                 confidence="low", source="test")


EDITION = ChainEdition(edition="old", status_zh="x", status_en="x", groups=(), penalties={"normal": 0.1}, plant_wan=100, source="test")
SMALL = Chains(EDITION, (chain("one", 1, "abcd", [("a", "b"), ("b", "c"), ("c", "d")]), chain("two", 2, "aefg", [("a", "e"), ("e", "f")])))


def entry(name, *members, kind="cluster", **more):
    known = {"known": True, "confidence": "low"} if members else {"known": False}
    return {"id": name, "zh": f"群{name}", "en": name, "kind": kind, "members": list(members), "source": "test", **known, **more}


def small(*entries):
    counted = {}
    for one in entries:
        counted[one["kind"]] = counted.get(one["kind"], 0) + 1
    return Crosswalk(edition="new", made_from="old", status_zh="x", status_en="x", counted=counted, counted_source="test", entries=entries)


# --- the shipped crosswalk

def test_shipped_edition_has_what_the_city_counted():
    kinds = [one.kind for one in CROSSWALK.entries]
    assert {kind: kinds.count(kind) for kind in set(kinds)} == {"cluster": 14, "base": 1, "county_industry": 7}
    assert crosswalk_faults(CROSSWALK, OLD) == []


def test_what_is_known_has_an_address_and_what_is_not_has_no_members():
    for one in CROSSWALK.entries:
        assert "http" in one.source, one.id
        assert one.known == bool(one.members), one.id
    assert sum(one.known for one in CROSSWALK.entries) == 6


def test_chains_of_the_later_edition_are_composed_of_whole_chains():
    assert [one.zh for one in NEW.chains] == ["现代钢铁冶金", "新能源", "新材料", "有色金属新材料", "橡胶轮胎"]
    energy = NEW.by_name("新能源")
    parts = [OLD.by_name("清洁能源"), OLD.by_name("新能源装备与储能")]
    assert len(energy.links) == sum(len(part.links) for part in parts)
    assert sum(flow.intensity for flow in energy.flows) == pytest.approx(sum(flow.intensity for part in parts for flow in part.flows))
    assert NEW.by_name("钢铁冶金").id == "modern_steel"  # the earlier name still finds it
    assert len(NEW.chains) + len(NEW.edition.not_chains) == 22
    assert NEW.edition.penalties == OLD.edition.penalties and NEW.edition.edition == "2024"


def test_every_link_of_the_earlier_edition_is_told_once_or_unknown():
    told = made_of(CROSSWALK)
    links = told[told["link"] != ""]
    assert sorted(zip(links["chain_zh"], links["link"], strict=True)) == sorted(PAIRS)
    assert set(links.loc[links["chain"] == "foundry", "entry"]) == {"unknown"}
    missing = unmapped(CROSSWALK).set_index("chain")
    assert not {"steel", "tyres", "nonferrous", "vanadium_titanium"} & set(missing.index)
    assert missing.loc["food", ["unknown", "held_in_part"]].tolist() == [14, 1]


def test_one_industry_a_county_known_or_not():
    table = one_county_one_industry(CROSSWALK)
    assert table["county"].tolist() == COUNTIES
    assert table.loc[table["known"], ["county", "zh"]].values.tolist() == [["211382", "凌源花卉"]]
    assert (table.loc[~table["known"], "zh"] == "").all()


# --- tables read either way

ROWS = st.lists(st.tuples(
    st.sampled_from([*PAIRS, (None, None), ("钢铁冶金", None), ("家居", None), ("钢铁冶金", "no_such_link"), ("没有的链", "x")]),
    st.sampled_from([*COUNTIES, "211300", None]), st.integers(0, 9)), max_size=60)


@given(rows=ROWS, text=st.booleans())
def test_no_row_and_no_amount_is_lost(rows, text):
    frame = pd.DataFrame([(chain, link, county, float(amount)) for (chain, link), county, amount in rows],
                         columns=["chain", "link", "county", "amount"], index=pd.RangeIndex(10, 10 + len(rows)))
    frame = frame.astype({"chain": "string", "link": "string"}) if text else frame
    before = frame.copy()
    new = recut(frame, CROSSWALK)
    pd.testing.assert_frame_equal(frame, before)
    pd.testing.assert_frame_equal(new.drop(columns=["chain", "link"]), frame.drop(columns=["chain", "link"]))
    assert (new["chain"].isna() == frame["chain"].isna()).all()
    assert set(new["chain"].dropna()) <= {chain.zh for chain in NEW.chains} | {"unknown"}
    assert new.groupby("chain", dropna=False)["amount"].sum().sum() == pytest.approx(frame["amount"].sum())
    for now, was in zip(new.itertuples(), frame.itertuples(), strict=True):
        if not pd.isna(now.chain) and now.chain != "unknown" and not pd.isna(now.link):
            assert NEW.by_name(now.chain).link(now.link).zh == OLD.by_name(was.chain).link(was.link).zh


def test_what_nobody_maps_keeps_where_it_came_from():
    frame = pd.DataFrame({"chain": ["膨润土", "家居", "钢铁冶金", None, "钢铁冶金"], "link": ["mining", None, None, None, "coke"]})
    frame.loc[4, "link"] = OLD.by_name("钢铁冶金").links[0].id
    new = recut(frame, CROSSWALK)
    assert new["chain"].tolist()[:3] == ["unknown", "unknown", "现代钢铁冶金"]
    assert new["link"].tolist()[:2] == ["bentonite.mining", "furniture"]
    assert pd.isna(new.loc[2, "link"]) and pd.isna(new.loc[3, "chain"]) and new.loc[4].tolist() == ["现代钢铁冶金", frame.loc[4, "link"]]


def test_ids_and_tables_without_links_are_understood():
    new = recut(pd.DataFrame({"chain": ["steel", "bentonite", "新材料"]}), CROSSWALK)
    assert new["chain"].tolist() == ["现代钢铁冶金", "unknown", "新材料"] and list(new.columns) == ["chain"]


def test_a_link_held_by_shares_is_no_ones_row_but_its_shares_are_told():
    made = small(entry("x", "one", {"of": "two.a", "share": 0.6}), entry("y", {"of": "two.a", "share": 0.3}, "two.e"))
    assert crosswalk_faults(made, SMALL) == []
    new = recut(pd.DataFrame({"chain": ["two", "two", "one"], "link": ["a", "e", "a"]}), made, SMALL)
    assert new.values.tolist() == [["unknown", "two.a"], ["群y", "e"], ["群x", "a"]]
    told = made_of(made, SMALL)
    told = told[(told["chain"] == "two") & (told["link"] == "a")]
    assert told[["entry", "share", "whole"]].values.tolist() == [["x", .6, False], ["y", .3, False]]


def test_the_industry_of_a_county_has_the_rows_of_its_county_only():
    made = small(entry("x", "one"), entry("n", "two.e", kind="county_industry", county="211382"),
                 entry("s", "two.e", kind="county_industry", county="211321"))
    frame = pd.DataFrame({"chain": ["two"] * 4, "link": ["e", "e", "e", "f"], "county": ["211382", "211321", "211300", "211382"]})
    assert recut(frame, made, SMALL)["chain"].tolist() == ["群n", "群s", "unknown", "unknown"]
    assert recut(frame.drop(columns="county"), made, SMALL)["chain"].tolist() == ["unknown"] * 4


def test_links_of_one_name_are_told_apart_in_a_composed_chain():
    made = small(entry("x", "one", "two"), entry("nobody"))
    (together,) = composed(made, SMALL).chains
    assert [link.id for link in together.links] == ["one_a", "b", "c", "d", "two_a", "e", "f", "g"]
    assert {(flow.giver, flow.taker) for flow in together.flows} == {("one_a", "b"), ("b", "c"), ("c", "d"), ("two_a", "e"), ("e", "f")}
    assert recut(pd.DataFrame({"chain": ["two"], "link": ["a"]}), made, SMALL).values.tolist() == [["群x", "two_a"]]


# --- faults of a crosswalk

@pytest.mark.parametrize(("entries", "fault"), [
    ([entry("x", "three")], "crosswalk.yml: x: member three: no such chain or link in edition old"),
    ([entry("x", "one.z")], "x: member one.z: no such"),
    ([entry("x", "one"), entry("y", "one.a")], "y: member one.a: it is also in x"),
    ([entry("x", {"of": "one", "share": 0.7}), entry("y", {"of": "one.a", "share": 0.4})], "y: member one.a: it is also in x"),
    ([entry("x", "one"), entry("x", "two")], "x stands for more than one thing"),
    ([entry("unknown", "one")], "unknown stands for more than one thing"),
    ([entry("x", "one"), entry("n", "one.a", kind="county_industry", county="211382")], "n: member one.a: it is also in x"),
])
def test_faults_are_named(entries, fault):
    made = small(*entries)
    assert any(fault in told for told in crosswalk_faults(made, SMALL))
    with pytest.raises(ReferenceFileError, match=r"crosswalk\.yml"):
        composed(made, SMALL)


def test_a_count_that_is_not_met_is_a_fault():
    made = small(entry("x", "one")).model_copy(update={"counted": {"cluster": 3}})
    assert crosswalk_faults(made, SMALL) == [
        "crosswalk.yml: counted.cluster: 3 are counted, 1 stand here; give an entry that no source names `known: false`"]


@pytest.mark.parametrize(("wrong", "fault"), [
    (entry("x", "one", known=False), "x: confidence stands where"),
    (entry("x", "one", known=False, confidence=None), "x: an entry that no source names has no members"),
    (entry("x", "one", county="211382"), "x: a county stands where"),
    (entry("x", "one", kind="county_industry"), "x: a county stands where"),
    (entry("x", {"of": "One"}), r"members\.0\.of"),
    (entry("x", {"of": "one", "share": 0}), r"members\.0\.share"),
])
def test_an_entry_that_contradicts_itself_is_refused(wrong, fault):
    with pytest.raises(ValueError, match=fault):
        small(wrong)


def test_editions_that_are_not_made_from_another_say_so():
    with pytest.raises(LiantuError, match="'2022' is not made from another"):
        crosswalk("2022")
    with pytest.raises(UnknownValueError, match="2024"):
        crosswalk("2023")
