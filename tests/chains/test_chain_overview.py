"""Counts by chain and county, on frames small enough to count by hand."""

from __future__ import annotations

import pandas as pd
from small_city import CHAINS

from liantu.chains import chain_by_county
from liantu.reference import city

PROJECTS = pd.DataFrame([
    ("钢", "ore", "211302", "started", 100.0), ("钢", "ore", "211302", "terminated", 7.0), ("钢", "iron", "211302", "producing", 20.0),
    ("钢", "bar", "211303", "suspended", None), ("钢", "slag", "211303", "terminated", 5.0), ("钢", None, "211303", "signed", 1.0),
    ("胎", "tyre", "211302", "at_capacity", 30.0), ("胎", "tyre", "211302", "producing", 3.0), ("胎", "cord", "211300", "lead", 2.0),
    (None, None, "211302", "started", 9.0),
], columns=["chain", "link", "county", "stage", "total_investment_wan"]).astype({"chain": "str", "link": "str"})


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
