"""What is not counted in attraction: each published exception leaves out what it names, with its reason."""

import pandas as pd
import pytest
from published_scoring import published

from liantu.assess.scoring import apply_not_counted, load_rules
from liantu.reference import city

ITEMS = pd.DataFrame([
    ("p1", "甲项目", "liaoning", "firm", "industry", "new", 20000.0),
    ("p2", "乙项目", "local", "firm", "industry", "new", 20000.0),
    ("p3", "丙道路", "liaoning", "fiscal", "infrastructure", "new", 20000.0),
    ("p4", "丁小区", "liaoning", "firm", "real_estate", "new", 20000.0),
    ("p5", "戊项目二期", "liaoning", "firm", "industry", "new", 20000.0),
    ("p6", "己新线", "liaoning", "firm", "industry", "upgrade", 20000.0),
    ("p7", "庚项目", "liaoning", "firm", "industry", "new", 9999.9),
    ("p8", "辛项目", "liaoning", "firm", "industry", "new", 10000.0),
    ("p1", "甲项目", "liaoning", "firm", "industry", "new", 20000.0),
    ("p9", "壬项目", None, "firm", "industry", "new", float("nan")),
], columns=["project_id", "name", "origin", "money", "category", "construction", "total_investment_wan"], index=range(100, 110))


def test_each_published_exception_leaves_out_what_it_names():
    counted, left_out = apply_not_counted(ITEMS, published("attraction_2023"))
    assert counted["project_id"].tolist() == ["p1", "p8", "p9"] and counted.index.tolist() == [100, 107, 109]
    assert dict(zip(left_out.index, left_out["reason"], strict=True)) == {
        101: "from_inside", 102: "fiscal_money", 103: "real_estate", 104: "later_phase", 105: "old_plant", 106: "small",
        108: "counted_once"}
    assert left_out.loc[106, ["reason_zh", "reason_en"]].tolist() == ["投资额小于 1 亿元", "Under 0.1 bn yuan"]
    assert len(counted) + len(left_out) == len(ITEMS)


def test_what_a_ledger_does_not_state_is_counted_and_told():
    counted, _ = apply_not_counted(ITEMS, published("attraction_2023"))
    assert dict(zip(counted["project_id"], counted["unchecked"], strict=True)) == {"p1": "", "p8": "", "p9": "from_inside、small"}


def test_a_row_left_out_for_another_reason_does_not_use_up_the_one_count():
    twice = ITEMS.iloc[[1, 0]].assign(project_id="p1")
    counted, left_out = apply_not_counted(twice, published("attraction_2023"))
    assert counted.index.tolist() == [100] and left_out["reason"].tolist() == ["from_inside"]


def test_nothing_to_count_and_nothing_left_out():
    counted, left_out = apply_not_counted(ITEMS.iloc[:0], published("attraction_2023"))
    assert counted.empty and left_out.empty and "reason_en" in left_out.columns and "unchecked" in counted.columns
    counted, left_out = apply_not_counted(ITEMS, load_rules("zones"))
    assert len(counted) == len(ITEMS) and left_out.empty


@pytest.mark.parametrize(("name", "out"), [
    ("甲公司年产5万吨项目二期", True), ("甲公司（2期）", True), ("甲公司三期工程", True), ("甲公司一期工程", False), ("长期养护", False)])
def test_second_phases_by_the_shipped_rule(name, out):
    counted, _ = apply_not_counted(ITEMS.iloc[:1].assign(name=name), load_rules("attraction"))
    assert counted.empty == out


def test_the_shipped_exceptions_use_the_words_of_the_tables():
    told = city().vocabulary
    words = {"origin": told.origins, "category": told.categories, "construction": told.construction}
    by_word = [rule for rule in load_rules("attraction").not_counted if rule.equals]
    assert {rule.column for rule in by_word} == set(words)
    for rule in by_word:
        assert set(rule.equals) <= {entry.id for entry in words[rule.column]}
