"""Enclaves: whose tax it is, in the city or outside it, and totals that count nothing twice."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liantu.assess.zones.enclaves import accounts_of, enclaves_of
from liantu.assess.zones.partners import partner_place
from liantu.assess.zones.zone_rules import zone_rules
from liantu.reference import city

ZONES = {"北票经济开发区": "211381", "辽宁朝阳经济技术开发区": "211302"}


def rows(*given_rows):
    columns = ["zone", "county", "tax_wan", "enclave_tax_wan", "enclave_partner", "share_partner"]
    made = pd.DataFrame(list(given_rows), columns=columns)
    return made.astype({"tax_wan": "float64", "enclave_tax_wan": "float64", "share_partner": "float64"})


def accounts(*given_rows):
    return accounts_of(enclaves_of(rows(*given_rows), city(), zone_rules()))


@pytest.mark.parametrize(("name", "place", "county"), [
    ("锦州滨海新区", "outside", ""), ("北京经济技术开发区", "outside", ""), ("大连金普新区", "outside", ""),
    ("北京市朝阳区", "outside", ""),
    ("双塔区", "inside", "211302"), ("双塔区桃花吐镇", "inside", "211302"), ("喀左县尤杖子乡", "own", "211324"), ("喀左", "own", "211324"),
    ("尤杖子乡", "own", "211324"), ("凌海市大有镇", "outside", ""), ("辽宁朝阳经济技术开发区", "inside", "211302"),
    ("北票经济开发区", "inside", "211381"), ("双塔区、北票市", "inside", ""), ("朝阳市", "inside", "211300"), ("", "unknown", ""),
    (None, "unknown", ""), (float("nan"), "unknown", "")])
def test_where_a_partner_lies(name, place, county):
    assert partner_place(name, "211324", city().divisions, zone_rules().enclaves, ZONES) == (place, county)


def test_the_base_of_liaoning_is_half_and_half_for_ten_years():
    rule = zone_rules().enclaves
    assert (rule.base_share, rule.years) == (0.5, 10)
    made = accounts(("甲", "211381", 1000, 300, "锦州滨海新区", None)).zones.iloc[0]
    assert (made["partner_wan"], made["host_tax_wan"], made["share_assumed"], made["note"]) == (150, 850, True, "base_share")


def test_a_partner_outside_takes_its_share_out_of_the_city():
    made = accounts(("甲", "211381", 1000, 300, "锦州滨海新区", 0.4))
    assert made.zones[["leaves_wan", "moved_wan", "host_enclave_wan", "host_tax_wan"]].iloc[0].tolist() == [120, 0, 180, 880]
    assert made.totals[["arises_wan", "leaves_wan", "by_zone_wan", "by_county_wan"]].iloc[0].tolist() == [1000, 120, 880, 880]


def test_a_partner_in_the_city_moves_tax_between_counties_and_is_counted_once():
    made = accounts(("甲", "211381", 1000, 300, "双塔区", 0.5), ("乙", "211302", 500, None, None, None))
    assert made.counties.set_index("county")["after_wan"].to_dict() == {"211302": 650, "211381": 850}
    assert made.counties.set_index("county").loc["211302", "receives_wan"] == 150
    assert made.totals.loc[0, "by_county_wan"] == made.totals.loc[0, "arises_wan"] == 1500


def test_a_township_of_the_host_leaves_its_county_as_it_was():
    made = accounts(("甲", "211324", 1000, 300, "尤杖子乡", 0.5))
    assert made.zones.loc[0, "host_tax_wan"] == 850
    assert made.counties["after_wan"].tolist() == [1000]


def test_a_county_without_a_zone_ledger_can_receive():
    made = accounts(("甲", "211381", 1000, 300, "建平县", 0.5))
    assert made.counties.set_index("county")["after_wan"].to_dict() == {"211322": 150, "211381": 850}


def test_what_is_not_reported_is_told_and_never_zero():
    made = accounts(("甲", "211381", None, 300, "双塔区", 0.5), ("乙", "211302", 500, None, None, None),
                    ("丙", "211303", 400, 100, None, 0.5), ("丁", "211322", 100, None, "锦州滨海新区", 0.5),
                    ("戊", "211324", 100, 200, "锦州滨海新区", 1.5))
    zones = made.zones.set_index("zone")
    assert zones["note"].to_dict() == {"甲": "no_tax", "乙": "no_enclave", "丙": "", "丁": "no_enclave_tax", "戊": "base_share, over_tax"}
    assert pd.isna(zones.loc["甲", "host_tax_wan"]) and pd.isna(zones.loc["甲", "partner_wan"])
    assert (zones.loc["丙", "place"], zones.loc["丙", "unresolved_wan"]) == ("unknown", 50)
    assert zones.loc["乙", "place"] == "" and pd.isna(zones.loc["乙", "partner_inside"])
    assert made.totals.loc[0, "arises_wan"] == 1100  # without 甲
    assert made.totals.loc[0, "by_county_wan"] == pytest.approx(1100 - 50 - 100)


def test_no_rows_give_zeros_of_nothing():
    made = accounts()
    assert made.zones.empty and made.counties.empty
    assert made.totals.iloc[0].eq(0).all()


PARTNERS = (None, "锦州滨海新区", "双塔区", "尤杖子乡", "双塔区、北票市", "北票经济开发区", "朝阳市")
MONEY = st.one_of(st.none(), st.floats(0, 1e6, allow_nan=False))
ROW = st.tuples(st.sampled_from(["211302", "211303", "211381", None]), MONEY, MONEY, st.sampled_from(PARTNERS),
                st.one_of(st.none(), st.floats(-0.5, 1.5, allow_nan=False)))


@settings(max_examples=60, deadline=None)
@given(st.lists(ROW, max_size=8))
def test_whatever_ledgers_say_the_two_ways_agree_and_shares_sum_to_the_tax(drawn):
    made = accounts(*((f"区{place}", *row) for place, row in enumerate(drawn)))
    totals, zones = made.totals.iloc[0], made.zones[made.zones["tax_wan"].notna()]
    assert totals["by_zone_wan"] == pytest.approx(totals["by_county_wan"], rel=1e-9, abs=1e-6)
    assert totals["arises_wan"] == pytest.approx(zones["tax_wan"].sum())
    parts = zones[["host_enclave_wan", "moved_wan", "leaves_wan", "unresolved_wan"]].sum(axis=1)
    assert parts.tolist() == pytest.approx(zones["enclave_wan"].tolist(), abs=1e-6)
    assert (zones["host_tax_wan"] + zones["partner_wan"]).tolist() == pytest.approx(zones["tax_wan"].tolist(), abs=1e-6)
    assert not made.zones["zone"].duplicated().any()
