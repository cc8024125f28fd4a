"""Words of the field beside the plain ones: stages, permits, kinds of works, where money comes from, what is not decided."""

import datetime as dt

import pytest

from liantu.chains import chain_of
from liantu.ledger import values
from liantu.reference import city

CITY = city()
DAY = dt.date(2022, 6, 30)


@pytest.mark.parametrize(("kind", "told", "meant"), [
    ("stages", "前期谋划", "lead"), ("stages", "磋商中", "negotiating"), ("stages", "签约待落地", "signed"),
    ("stages", "签约已落地", "approved"),
    ("stages", "主体建设", "started"), ("stages", "已复建", "resumed"), ("stages", "建成待验收", "completed"),
    ("stages", "投产见效", "producing"),
    ("stages", "达到设计产能", "at_capacity"), ("stages", "生产线满载运行", "at_capacity"), ("stages", "施工停滞", "suspended"),
    ("stages", "不予实施", "terminated"),
    ("approval_status", "齐", "done"), ("approval_status", "缺", "pending"), ("approval_status", "免", "not_needed"),
    ("approval_status", "●", "done"), ("approval_status", "在审", "pending"), ("approval_status", "不用办", "not_needed"),
    ("construction", "增资扩产", "expansion"), ("construction", "往年结转", "carried_over"), ("construction", "新开", "new"),
    ("construction", "设备更新改造", "upgrade"),
    ("categories", "产业（工业）", "industry"), ("categories", "涉农", "agriculture"), ("categories", "住宅开发", "real_estate"),
    ("origins", "河北承德", "beijing_tianjin_hebei"), ("origins", "北京朝阳区", "beijing_tianjin_hebei"), ("origins", "我市", "local"),
    ("origins", "浙江杭州", "yangtze_delta"), ("origins", "内蒙古赤峰", "northeast"),
])
def test_words_of_the_field_are_terms(kind, told, meant):
    assert values.read_term(told, CITY.vocabulary.terms(kind)).value == meant


@pytest.mark.parametrize("told", ["项目中止", "未达到设计产能", "计划恢复建设"])
def test_a_word_that_may_mean_two_things_or_is_denied_or_planned_is_no_stage(told):
    assert values.read_stage(told, CITY.vocabulary).value is None


@pytest.mark.parametrize("told", ["○", "办理", "公示"])
def test_marks_and_bare_words_that_do_not_say_how_far_a_permit_is_stay_unread(told):
    assert values.read_term(told, CITY.vocabulary.terms("approval_status")).value is None


@pytest.mark.parametrize("told", ["按合同执行", "正在测算", "同上期", "？？"])
def test_amounts_that_are_not_decided_are_no_unreadable_ones(told):
    assert values.read_amount(told, "万元").rule == "amount_undecided"


def test_a_date_that_hangs_on_permits_is_undecided():
    assert values.read_date("视手续办理情况", DAY).rule == "date_undecided"


@pytest.mark.parametrize(("told", "value", "rule"), [
    ("我方50%", 0.5, None), ("我方60%", None, "share_split"), ("40%∶60%", None, "share_split")])
def test_a_share_told_from_one_side_is_read_only_when_both_have_half(told, value, rule):
    reading = values.read_share(told, None)
    assert (reading.value, reading.rule) == (value, rule)


@pytest.mark.parametrize(("told", "chain"), [
    ("锆钛镍锰新材料", "有色金属新材料"), ("铸锻件", "冶金铸锻"), ("木业家具", "家居"), ("钒钛制品", "钒钛")])
def test_names_that_offices_give_to_chains_are_theirs(told, chain):
    assert chain_of(told, CITY.chains()) == chain
