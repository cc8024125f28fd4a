"""Whatever a sheet holds: no error, every row accounted for once, the cells of every table handed on."""

from drawn_sheets import KNOWN
from hypothesis import given, settings
from hypothesis import strategies as st

from liantu.ledger.layout.finding import block_cells, understand
from liantu.ledger.sheets import Sheet

WORDS = [
    None, "", "序号", "项目名称", "项目名称：甲项目", "建设单位", "总投资（万元）", "投资情况", "计划", "完成", "1月", "一季度", "备注",
    "县区", "联系电话", "任务名称", "责任单位", "问题描述", "企业名称", "开发区名称", "甲项目", "乙公司", "建平县", "小计", "合计",
    "其中：新建", "一、续建", "注：无", "填表人：张三", "亿元", "亩", "No.", "Project", 1.0, 2.0, 3.5, "2022年3月", "√",
    "膨润土产业链（2个）", "（续表）"]
CELL = st.sampled_from(WORDS)
ROW = st.lists(CELL, min_size=7, max_size=7)
SHEETS = st.integers(1, 7).flatmap(lambda width: st.lists(ROW.map(lambda row: row[:width]), max_size=12))
MERGED = st.lists(st.tuples(st.integers(1, 12), st.integers(1, 7), st.integers(0, 3), st.integers(0, 3)), max_size=4)


@settings(max_examples=300, deadline=None)
@given(cells=SHEETS, merged=MERGED, first_row=st.integers(1, 3))
def test_any_sheet_is_accounted_for(cells, merged, first_row):
    spans = tuple((top, left, top + down, left + right) for top, left, down, right in merged)
    sheet = Sheet("2022Q1/a.xlsx", "甲", cells, first_row, 1, spans)
    result = understand(sheet, KNOWN)
    taken = {row for block in result.blocks for row in block.rows}
    assert sorted([*taken, *result.ignored]) == list(range(first_row, first_row + len(cells)))
    for block in result.blocks:
        rows = block_cells(sheet, block)
        assert len(rows) == len(block.rows) == len(set(block.rows))
        assert all(match.index < len(row) for row in rows for match in block.columns)
