"""Tables to records: columns as lists and as arrow arrays, group rows, money done put together, codes against counties."""

import datetime as dt
from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liantu.ledger.layout.finding import understand
from liantu.ledger.layout.known import known_forms
from liantu.ledger.rows.context import Context
from liantu.ledger.rows.grouping import read_groups
from liantu.ledger.rows.records import read_columns, read_records
from liantu.ledger.sheets import Sheet
from liantu.ledger.values import reading
from liantu.ledger.values.repeats import first_times
from liantu.reference import city

CITY = city()
CHAINS = CITY.chains()
KNOWN = known_forms(CITY)
NOTHING = Context("2022Q2/台账.xlsx", "", dt.date(2022, 6, 30), "department", None)
CHAIN = CHAINS.chains[0].zh


def blocks(rows, context=NOTHING, groups=None):
    """The records of a table of these rows (the header first); `groups` by row as a spreadsheet shows it."""
    width = max(map(len, rows))
    sheet = Sheet(context.source_file, context.sheet, [[*row, *[None] * (width - len(row))] for row in rows])
    block, = understand(sheet, KNOWN).blocks
    return sheet, replace(block, groups=groups if groups is not None else block.groups)


def records(rows, context=NOTHING, groups=None):
    return read_records(*blocks(rows, context, groups), context, CITY, CHAINS)


def told(read, column):
    return [None if pd.isna(value) else value for value in read.frame[column]] if column in read.frame else [None] * len(read.frame)


@pytest.mark.parametrize(("texts", "expected"), [
    (("一、续建项目",), {"construction": "carried_over"}), (("（二）双塔区",), {"county": "211302"}),
    (("一、续建项目（共12个）", "（一）双塔区：3个，总投资5亿元"), {"construction": "carried_over", "county": "211302"}),
    (("市级重点项目",), {}),
    ((f"★{CHAIN}产业链",), {"chain": CHAIN}), ((CHAIN,), {"chain": CHAIN}), (("三、已开工项目",), {"stage": "started"}),
    (("第一部分：2022年市级重点新建项目",), {"construction": "new"}), (("在建项目12个",), {"stage": "started"}),
    (("一、双塔区、龙城区项目",), {}), (("一、双塔区", "（一）北票市和凌源市"), {}),
    (("一、双塔区", "（一）北票市台吉镇"), {"county": "211381"}), (("续建转新建项目",), {}),
    # The innermost group that speaks counts; a list of what is to be done this year says nothing of what was done.
    (("一、新建项目", "（一）续建项目"), {"construction": "carried_over"}), (("二、达产项目",), {}), (("竣工项目",), {}),
    (("计划开工项目",), {}), (("新建材项目",), {}), (("新材料研发项目",), {}), (("一、朝阳市重点项目",), {}),
    (("二、市本级",), {"county": "211300"}),
])
def test_what_groups_tell(texts, expected):
    group = read_groups(np.array([5]), {5: texts}, CITY, CHAINS)
    assert {name: group.values(name)[0] for name in ("county", "construction", "chain", "stage") if group.values(name)[0]} == expected


def test_a_group_speaks_only_where_the_row_is_silent():
    header = ["序号", "项目名称", "县区", "建设性质", "产业链", "当前阶段", "总投资（万元）"]
    above = ("一、续建项目", "（一）双塔区", f"{CHAIN}产业链", "已开工项目")
    read = records([
        header, [1, "甲项目", None, None, None, None, 100], [2, "乙项目", "北票市", "新建", CHAINS.chains[1].zh, "在谈", 100],
        [3, "丙项目", None, "待定性质", None, "预计年底竣工", 100]], groups={2: above, 3: above, 4: above})
    assert told(read, "county") == ["211302", "211381", "211302"]
    # A cell that speaks, however badly, is not spoken for.
    assert told(read, "construction") == ["carried_over", "new", None]
    assert told(read, "chain") == [CHAIN, CHAINS.chains[1].zh, CHAIN]
    assert told(read, "stage") == ["started", "negotiating", None]


def test_a_group_fills_columns_that_the_table_lacks_and_the_place_comes_before_it():
    rows = [["序号", "项目名称", "建设地点", "总投资（万元）", "实际竣工时间"], [1, "甲项目", "北票市台吉镇", 100, "2022-05-01"],
            [2, "乙项目", "工业园", 100, None], [3, "丙项目", None, 100, None]]
    read = records(rows, groups={2: ("龙城区", "已开工项目"), 3: ("龙城区", "已开工项目")})
    assert told(read, "county") == ["211381", "211303"]
    assert read.rejected == {4}
    # 已开工 says started at least: the row's own date says how far.
    assert told(read, "stage") == ["completed", "started"]


def test_a_group_row_in_a_sheet_reaches_its_rows():
    read = records([
        ["序号", "项目名称", "县区", "建设单位", "总投资（万元）"],
        ["一、续建项目"], [1, "甲项目", "双塔区", "甲公司", 100], [2, "乙项目", "双塔区", "乙公司", 100],
        ["二、新建项目"], [1, "丙项目", "双塔区", "丙公司", 100], [2, "丁项目", "双塔区", "丁公司", 100]])
    assert told(read, "construction") == ["carried_over", "carried_over", "new", "new"]


@pytest.mark.parametrize(("past", "own", "year", "total", "expected"), [
    ("截至2021年底累计完成投资（万元）", "2022年1-6月累计完成投资（万元）", 300.1, None, 1300.3),
    ("截至2021年底累计完成投资（万元）", "2022年1-6月累计完成投资（万元）", None, None, None),
    ("截至2020年底累计完成投资（万元）", "2022年1-6月累计完成投资（万元）", 300.1, None, None),
    ("截至上年底累计完成投资（万元）", "1-6月累计完成投资（万元）", 300.1, None, 1300.3),
    ("截至2021年底累计完成投资（万元）", "2022年1-6月累计完成投资（万元）", 300.1, 1400, 1400),
])
def test_done_since_the_start_is_the_past_and_the_year(past, own, year, total, expected):
    header = ["项目名称", "县区", "总投资（万元）", past, own] + (["开工以来累计完成投资（万元）"] if total else [])
    read = records([header, ["甲项目", "双塔区", 5000, 1000.2, year, total], ["乙项目", "双塔区", 5000, 7, 8, 9]])
    assert told(read, "done_total_wan")[0] == expected


def test_the_past_alone_is_no_sum_and_too_much_is_an_error():
    header = ["项目名称", "县区", "总投资（万元）", "截至2021年底累计完成投资（万元）"]
    assert told(records([header, ["甲项目", "双塔区", 5000, 1000], ["乙项目", "双塔区", 5000, 1000]]), "done_total_wan") == [None, None]
    read = records([[*header, "2022年1-6月累计完成投资（万元）"], ["甲项目", "双塔区", 100, 900, 10], ["乙项目", "双塔区", 100, 9, 10]])
    assert read.rejected == {2}
    assert ["9", "900"] != [flaw.value for flaw in read.body.flaws if flaw.rule == "done_over_total"] == ["900"]


@pytest.mark.parametrize(("headers", "cells", "expected"), [
    ([f"{month}月完成投资（万元）" for month in range(1, 7)], [1.1, 2.2, 3, 4, 5, 6], 21.3),
    ([f"{month}月完成投资（万元）" for month in range(1, 7)], [1.1, 2.2, None, 4, 5, 6], None),
    ([f"{month}月完成投资（万元）" for month in range(2, 7)], [2.2, 3, 4, 5, 6], None),
    (["6月完成投资（万元）"], [6], None), (["二季度完成投资（万元）"], [6], None),
    ([f"{when}完成投资（万元）" for when in ("4月", "5月", "6月", "二季度")], [1, 2, 3, 6], None),
])
def test_done_in_the_year_is_the_sum_of_all_its_months_only(headers, cells, expected):
    rows = [[name, "双塔区", 5000, *cells] for name in ("甲项目", "乙项目")]
    read = records([["项目名称", "县区", "总投资（万元）", *headers], *rows])
    assert told(read, "done_year_wan") == [expected, expected]


@pytest.mark.parametrize(("code", "county", "flagged"), [
    ("2205-211302-04-01-123456", "双塔区", False), ("2205-211381-04-01-123456", "双塔区", True),
    ("2205-210200-04-01-123456", "双塔区", True), ("2205-211300-04-01-123456", "双塔区", False),
    ("2205-210000-04-01-123456", "双塔区", False), ("2205-211371-04-01-123456", "双塔区", False),
    ("2205-211381-04-01-123456", "市本级", False), ("2205-210200-04-01-123456", "市本级", True), ("不详", "双塔区", False),
])
def test_the_region_of_a_code_against_the_rows_county(code, county, flagged):
    read = records([["项目名称", "县区", "总投资（万元）", "项目代码"], ["甲项目", county, 5000, code], ["乙项目", county, 5000, None]])
    found = [flaw for flaw in read.body.flaws if flaw.rule == "code_region"]
    assert [(flaw.row, flaw.value) for flaw in found] == ([(2, code)] if flagged else [])
    assert all(code[5:11] in flaw.detail for flaw in found)
    assert not read.rejected


HEADER = [
    "项目名称", "建设单位", "县区", "产业链", "建设性质", "总投资（亿元）", "开工时间", "计划竣工时间", "当前阶段", "备注", "进展情况",
    "环评", "能评完成时间", "建设起止年限", "占地面积（亩）", "用工人数", "建设地点"]
WORDS = st.sampled_from([
    "甲项目", "乙项目（一期）", "双塔区", "北票", "朝阳区", CHAIN, "新建", "续建", "1.2", "3亿元", "约5000万元", "待定", "-3", "2022-03-15",
    "2023年3月", "3月底", "√", "×", "在建", "已投产", "预计年底竣工", "联系人 13842112345", "已办结", "2021.3-2023.10", "120",
    " 带空格 ", "５００", "北票市台吉镇", "是", ""])


@given(rows=st.lists(st.lists(st.one_of(st.none(), WORDS), min_size=len(HEADER), max_size=len(HEADER)), min_size=1, max_size=90))
@settings(max_examples=12, deadline=None)
def test_rows_read_together_read_as_rows_read_alone(rows):
    """A long table takes the vectorised readers, a table of one row none of them: both say the same."""
    _, block = blocks([HEADER, ["丙项目", "丙公司", "双塔区", *[None] * (len(HEADER) - 3)]])
    index = [match.index for match in block.columns]
    longer = rows * (1 + 60 // len(rows))
    numbers = np.arange(2, len(longer) + 2)
    for make in (list, lambda cells: pa.array(cells, pa.string())):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(reading, "FEW", 0)
            together = read_columns({i: make([row[i] for row in longer]) for i in index}, numbers, block, NOTHING, CITY, CHAINS)
        flaws = sorted(set(together.body.flaws))
        for place in (0, len(longer) - 1):
            number = int(numbers[place])
            alone = read_columns({i: [longer[place][i]] for i in index}, numbers[place:place + 1], block, NOTHING, CITY, CHAINS)
            assert sorted(set(alone.body.flaws)) == [flaw for flaw in flaws if flaw.row == number]
            assert (number in together.rejected) == (number in alone.rejected)
            if number not in alone.rejected:
                mine = alone.frame.iloc[0].dropna().drop("place").to_dict()
                row = together.frame.set_index("row").loc[number].dropna().drop("place")
                assert mine == {"row": number, **row.to_dict()}


@given(rows=st.lists(
    st.tuples(WORDS, st.sampled_from(["1", "2", "待定", None]), st.sampled_from([None, "2022-01-02", "2022.1.2"])), min_size=1))
@settings(max_examples=40, deadline=None)
def test_rows_that_repeat_an_earlier_one(rows):
    header = ["项目名称", "总投资（万元）", "开工时间"]
    _, block = blocks([header, ["甲", 1, "2022-01-01"], ["乙", 2, "2022-01-01"]])
    body = read_columns({i: [row[i] for row in rows] for i in range(3)}, np.arange(len(rows)), block, NOTHING, CITY, CHAINS).body
    columns = [body.columns[name] for name in ("name", "total_investment_wan", "started_date")]
    values = list(zip(*([cell.value for cell in column] for column in columns), strict=True))
    assert first_times(columns).tolist() == [place == values.index(value) for place, value in enumerate(values)]
