"""Counts by county and the first gaps, on frames small enough to count by hand."""

from __future__ import annotations

import pandas as pd
import pytest

from liantu.chains import chain_by_county, first_gaps, gap_counts
from liantu.reference import Chain, Chains, Link, city
from liantu.reference.models import ChainEdition


def links(*names, key=()):
    return tuple(Link(id=name, zh=name, en=name, tier="upstream", key=name in key, keywords=(name,)) for name in names)


BOTH = {"group": "raw", "group_basis": "t", "confidence": "low", "source": "test"}
CHAINS = Chains(ChainEdition(edition="t", status_zh="x", status_en="x", groups=(), source="test"), (
    Chain(id="steel", zh="钢", en="Steel", order=1, links=links("ore", "iron", "bar", "slag", key=("ore", "iron")), **BOTH),
    Chain(id="tyre", zh="胎", en="Tyres", order=2, links=links("cord", "tyre", "belt", "mould"), **BOTH),
))
PROJECTS = pd.DataFrame([
    ("钢", "ore", "211302", "started", 100.0), ("钢", "ore", "211302", "terminated", 7.0), ("钢", "iron", "211302", "producing", 20.0),
    ("钢", "bar", "211303", "suspended", None), ("钢", "slag", "211303", "terminated", 5.0), ("钢", None, "211303", "signed", 1.0),
    ("胎", "tyre", "211302", "at_capacity", 30.0), ("胎", "tyre", "211302", "producing", 3.0), ("胎", "cord", "211300", "lead", 2.0),
    (None, None, "211302", "started", 9.0),
], columns=["chain", "link", "county", "stage", "total_investment_wan"]).astype({"chain": "str", "link": "str"})
FIRMS = pd.DataFrame([
    ("e1", "钢", "iron", 50.0, 40.0, True, "2022-03-31"), ("e1", "钢", "iron", 60.0, 41.0, True, "2022-06-30"),
    ("e2", "钢", "bar", None, 8.0, False, "2022-06-30"), ("e3", "钢", "bar", 2.0, None, None, "2022-03-31"),
    ("e4", "胎", None, 1.0, 1.0, False, "2022-06-30"),
], columns=["enterprise_id", "chain", "link", "capacity_wan", "output_wan", "master", "snapshot"]).astype({"chain": "str", "link": "str"})


def test_chain_by_county_has_every_pair_and_exact_numbers():
    table = chain_by_county(PROJECTS, CHAINS, ["211302", "211303"])
    assert table.to_dict("list") == {
        "chain": ["钢", "钢", "胎", "胎"], "county": ["211302", "211303", "211302", "211303"],
        "projects": [3, 3, 2, 0], "investment_wan": [127.0, 6.0, 33.0, 0.0], "at_work": [1, 1, 0, 0], "producing": [1, 0, 2, 0]}


def test_chain_by_county_of_the_city_is_seventeen_by_seven():
    chains, counties = city().chains(), city().divisions.codes
    table = chain_by_county(PROJECTS, chains, counties)
    assert len(table) == 17 * 7 and table[["projects", "at_work", "producing"]].sum().sum() == 0
    assert table["county"].unique().tolist() == list(counties)


def test_chain_by_county_of_no_projects():
    assert chain_by_county(PROJECTS.iloc[:0], CHAINS, ["211302"])["projects"].tolist() == [0, 0]


def test_first_gaps_count_suppliers_and_projects():
    gaps = first_gaps(PROJECTS, FIRMS, CHAINS).set_index(["chain", "link"])
    assert gaps["suppliers"].tolist() == [0, 1, 2, 0, 0, 0, 0, 0]
    assert gaps["capacity_wan"].tolist() == [0, 60, 10, 0, 0, 0, 0, 0]
    assert gaps["projects_open"].tolist() == [1, 0, 1, 0, 1, 0, 0, 0]
    assert gaps["projects_producing"].tolist() == [0, 1, 0, 0, 0, 2, 0, 0]
    assert gaps["state"].tolist() == [
        "broken_in_repair", "weak", "held", "broken_open", "broken_in_repair", "held", "broken_open", "broken_open"]
    assert gaps["master"].tolist() == [True] * 4 + [False] * 4
    assert gaps["key"].tolist() == [True, True] + [False] * 6


def test_one_producing_project_without_a_registered_firm_is_weak():
    gaps = first_gaps(PROJECTS[PROJECTS["stage"] == "producing"], FIRMS, CHAINS).set_index("link")
    assert gaps.loc["tyre", "state"] == "weak"


def test_a_register_without_snapshots_counts_each_firm_once():
    doubled = pd.concat([FIRMS, FIRMS.iloc[[2]]]).drop(columns="snapshot")
    assert first_gaps(PROJECTS, doubled, CHAINS).set_index("link").loc["bar", "suppliers"] == 2


@pytest.mark.parametrize("register", [None, FIRMS.iloc[:0]])
def test_without_a_register_nothing_is_called_broken(register):
    gaps = first_gaps(PROJECTS, register, CHAINS).set_index(["chain", "link"])
    assert gaps["state"].tolist() == ["unknown"] * 5 + ["held"] + ["unknown"] * 2
    assert gaps["suppliers"].isna().all() and gaps["capacity_wan"].isna().all() and gaps["master"].isna().all()
    assert gaps["projects_open"].tolist() == [1, 0, 1, 0, 1, 0, 0, 0]


def test_gap_counts_add_up():
    counts = gap_counts(first_gaps(PROJECTS, FIRMS, CHAINS))
    assert counts.to_dict("list") == {
        "chain": ["钢", "胎"], "links": [4, 4], "broken_open": [1, 2], "broken_in_repair": [1, 1], "weak": [1, 0], "held": [1, 1],
        "unknown": [0, 0], "key_broken": [1, 0], "master": [True, False]}


def test_gap_counts_without_a_register():
    counts = gap_counts(first_gaps(PROJECTS, None, CHAINS))
    assert counts["unknown"].tolist() == [4, 3] and counts["key_broken"].tolist() == [0, 0] and counts["master"].isna().all()


def test_no_projects_at_all():
    gaps = first_gaps(PROJECTS.iloc[:0], FIRMS, CHAINS)
    assert len(gaps) == 8 and gaps["projects_open"].sum() == 0 and gaps["state"].tolist()[0] == "broken_open"
