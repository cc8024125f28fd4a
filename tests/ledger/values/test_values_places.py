"""Places: aliases, what stands after a name, and the places of the same name elsewhere."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liantu.ledger.values import read_county
from liantu.reference import city

DIVISIONS = city().divisions
READ = [
    ("双塔区", "211302"), ("双塔", "211302"), ("朝阳市双塔区", "211302"), ("辽宁省朝阳市双塔区", "211302"),
    ("双塔区（经开区）", "211302"), ("双 塔 区", "211302"),
    ("龙城区", "211303"), ("龙城", "211303"), ("朝阳市 龙城区", "211303"), ("龙城区七道泉子镇", "211303"), ("龙城工业园区", "211303"),
    ("朝阳县", "211321"), ("朝阳市朝阳县", "211321"), ("朝阳县柳城街道", "211321"), ("朝阳县龙城镇", "211321"),
    ("朝阳县人民政府", "211321"),
    ("建平县", "211322"), ("建平", "211322"), ("建平县北票路12号", "211322"), ("建平县富山街道", "211322"), ("朝阳建平县", "211322"),
    ("喀左县", "211324"), ("喀左", "211324"), ("喀喇沁左翼蒙古族自治县", "211324"), ("喀左县公营子镇", "211324"),
    ("喀左蒙古族自治县", "211324"), ("朝阳市喀左县", "211324"),
    ("北票市", "211381"), ("北票", "211381"), ("朝阳市北票市", "211381"), ("北票经济开发区", "211381"), ("北票市发改局", "211381"),
    ("北票市五间房镇", "211381"),
    ("朝阳北票", "211381"), ("辽宁省北票市", "211381"), ("位于北票市", "211381"), ("朝阳市/北票市", "211381"),
    ("凌源市", "211382"), ("凌源", "211382"), ("凌源市（原凌源县）", "211382"), ("凌源市\n", "211382"), ("Lingyuan City", "211382"),
    ("kazuo", "211324"),
    ("朝阳市", "211300"), ("市本级", "211300"), ("市直", "211300"), ("全市", "211300"), ("朝阳", "211300"), ("朝阳市本级", "211300"),
    ("辽宁省朝阳市", "211300"),
    ("朝阳市发改委", "211300"), ("朝阳经济技术开发区", "211300"), ("朝阳市高新区", "211300"),
    ("经开区（双塔区）", "211302"), ("211302", "211302"), (211302, "211302"), (211302.0, "211302"), ("211300", "211300"),
    ("211382101", "211382"), ("211382101000", "211382"),
    ("２１１３０２", "211302"), (211302000000, "211302"), ("双塔区、双塔区", "211302"), ("喀左县/公营子镇", "211324"),
    ("双塔区和平街道", "211302"), ("北票市、五间房镇", "211381"),
]
REFUSED = [
    ("朝阳区", "county_elsewhere"), ("北京市朝阳区", "county_elsewhere"), ("朝阳市朝阳区", "county_elsewhere"),
    ("长春市朝阳区", "county_elsewhere"), ("吉林省长春市朝阳区", "county_elsewhere"),
    ("北京朝阳", "county_elsewhere"), (110105, "county_elsewhere"), ("220104", "county_elsewhere"),
    ("北京市朝阳区（双塔区）", "county_elsewhere"),
    ("北票市、凌源市", "county_several"), ("北票、凌源", "county_several"), ("双塔区和龙城区", "county_several"),
    ("北票市凌源市", "county_several"), ("北票市/凌源市", "county_several"),
    ("朝阳市、北票市", "county_several"), ("双塔区,龙城区,建平县", "county_several"),
    ("建平区", "county_unknown"), ("北票县", "county_unknown"), ("沈阳市", "county_unknown"), ("沈阳市双塔区", "county_unknown"),
    ("赤峰市建平县", "county_unknown"), ("喀喇沁旗", "county_unknown"),
    ("朝阳镇", "county_unknown"), ("朝阳大街", "county_unknown"), ("北票市、沈阳市", "county_unknown"), ("某某公司", "county_unknown"),
    ("待定", "county_unknown"), ("新建平台", "county_unknown"),
    (12, "county_unknown"), (211399, "county_unknown"), (1.5, "county_unknown"), (float("inf"), "county_unknown"),
    (True, "county_unknown"), ("双" * 300, "cell_too_long"), ("同上", "cell_ditto"),
]


@pytest.mark.parametrize(("cell", "code"), READ)
def test_places_that_are_read(cell, code):
    reading = read_county(cell, DIVISIONS)
    assert (reading.value, reading.rule) == (code, None)


@pytest.mark.parametrize(("cell", "rule"), REFUSED)
def test_places_that_are_refused(cell, rule):
    reading = read_county(cell, DIVISIONS)
    assert (reading.value, reading.rule) == (None, rule)


@pytest.mark.parametrize("cell", [None, "", "—", "无", float("nan")])
def test_cells_that_name_no_place(cell):
    assert read_county(cell, DIVISIONS) == read_county(None, DIVISIONS)


@pytest.mark.parametrize("division", (DIVISIONS.city, *DIVISIONS.counties), ids=lambda division: division.code)
def test_every_name_in_the_reference_data_is_read(division):
    for name in (division.zh, division.en, division.short_zh, division.short_en, division.code, int(division.code), *division.aliases):
        assert read_county(name, DIVISIONS).value == division.code, name


@given(st.sampled_from(DIVISIONS.counties), st.sampled_from(["", "朝阳市", "辽宁省朝阳市", "辽宁省"]),
st.sampled_from(["", "公营子镇", "（经开区）", "某某村"]))
def test_names_between_province_and_township(county, before, after):
    cell = before + county.zh + after
    assert read_county(cell, DIVISIONS).value == county.code
    assert read_county("　".join(cell), DIVISIONS).value == county.code


@given(st.lists(st.sampled_from(DIVISIONS.counties), min_size=2, max_size=4, unique=True), st.sampled_from("、，,;/和与"))
def test_several_counties_are_never_one(counties, joint):
    for names in ([county.zh for county in counties], [county.short_zh for county in counties]):
        assert read_county(joint.join(names), DIVISIONS).rule == "county_several"
