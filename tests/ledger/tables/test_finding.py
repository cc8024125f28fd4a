"""Sheets as offices lay them out → tables, and a reason for every other row."""

import pytest
import xlsxwriter
from drawn_sheets import KNOWN, fields, kinds, sheet_of, understood

from liantu.ledger.files.reading import read_book
from liantu.ledger.layout.finding import block_cells, same_rows, understand


def test_a_plain_table():
    result = understood("""
序号|项目名称|县区|总投资（亿元）|年度计划投资（万元）
1|甲项目|北票市|5|100
2|乙项目|凌源市|6|200""")
    block, = result.blocks
    assert (block.form.id, block.rows, block.header_rows) == ("project", (2, 3), (1,))
    assert fields(block) == {"serial": None, "name": None, "county": None, "total_investment_wan": "亿元", "plan_year_wan": "万元"}
    assert kinds(result, "header") == [1]


def test_titles_units_subtotals_groups_notes_and_signatures():
    result = understood("""
附件1
2022年朝阳市重点项目调度表
填报单位：北票市发改局|||单位：万元
序号|项目名称|建设单位|总投资|开工时间
合 计|||30
一、续建项目（2个）|||10
1|甲项目|甲公司|4|2022年3月
2|乙项目|乙公司|6|待定
小计|||10

（二）新建项目
1|丙项目|丙公司|20|
新建项目合计（1个）|||20
全市总计|3个||30
注：1.总投资按备案口径填写。
2.开工时间填至月。
填表人：张三|审核：李四|联系电话：0421-2610000
2022年6月30日""")
    block, = result.blocks
    assert block.rows == (7, 8, 12)
    assert block.titles == ("附件1", "2022年朝阳市重点项目调度表", "填报单位：北票市发改局", "单位：万元")
    assert fields(block)["total_investment_wan"] == "万元"
    assert block.groups == {7: ("一、续建项目(2个)",), 8: ("一、续建项目(2个)",), 12: ("一、续建项目(2个)", "(二)新建项目")}
    assert kinds(result, "title") == [1, 2, 3]
    assert kinds(result, "subtotal") == [5, 6, 9, 11, 13, 14]
    assert kinds(result, "blank") == [10]
    assert kinds(result, "note") == [15, 16, 17, 18]


@pytest.mark.parametrize("first_row", [1, 4])
def test_three_merged_header_rows(first_row):
    top = first_row + 1
    merged = [(first_row, 1, first_row, 10), *[(top, column, top + 2, column) for column in (1, 2, 10)],
              (top, 3, top, 5), (top + 1, 3, top + 2, 3), (top + 1, 4, top + 1, 5),
              (top, 6, top, 9), (top + 1, 6, top + 1, 7), (top + 1, 8, top + 1, 9)]
    result = understood("""
重点项目调度表
序号|项目名称|投资情况（万元）|||节点||||备注
||总投资（亿元）|2022年||开工时间||竣工时间||
|||计划投资|1-6月累计完成投资|计划|实际|计划|实际|
1|甲项目|3|100|50|2022.3|2022.4|2023.1||""", merged=merged, first_row=first_row)
    block, = result.blocks
    assert block.header_rows == (top, top + 1, top + 2)
    assert block.rows == (top + 3,)
    assert fields(block) == {
        "serial": None, "name": None, "total_investment_wan": "亿元", "plan_year_wan": "万元", "done_year_wan": "万元",
        "started_planned": None, "started_actual": None, "completed_planned": None, "completed_actual": None, "note": None}
    assert block.columns[4].header == "投资情况（万元） / 2022年 / 1-6月累计完成投资"
    assert (block.columns[4].year, block.columns[4].month) == (2022, 6)


def test_the_same_header_without_merged_ranges():
    result = understood("""
序号|项目名称|投资情况（万元）|||开工时间||备注
||总投资|2022年计划投资|完成投资|计划|实际|
1|甲项目|3|100|50|2022.3|2022.4|无""")
    block, = result.blocks
    assert block.header_rows == (1, 2)
    assert fields(block) == {"serial": None, "name": None, "total_investment_wan": "万元", "plan_year_wan": "万元",
                             "done_year_wan": "万元", "started_planned": None, "started_actual": None, "note": None}
    assert block.columns[3].header == "投资情况（万元） / 2022年计划投资"


def test_groups_above_the_row_of_names():
    result = understood("""
项目台账
项目基本情况||||投资（万元）||前期手续办理情况
序号|项目名称|建设单位|县区|总投资|年度计划投资|环评|能评
1|甲项目|甲公司|建平县|3|100|√|办理中""", merged=[(1, 1, 1, 8), (2, 1, 2, 4), (2, 5, 2, 6), (2, 7, 2, 8)])
    block, = result.blocks
    assert block.header_rows == (2, 3)
    assert fields(block) == {"serial": None, "name": None, "company": None, "county": None, "total_investment_wan": "万元",
                             "plan_year_wan": "万元", "environment": None, "energy": None}
    assert kinds(result, "title") == [1]


def test_header_levels_repeated_instead_of_merged():
    result = understood("""
项目名称|县区|投资情况|投资情况|开工时间|开工时间
项目名称|县区|总投资（万元）|年度计划投资（万元）|计划|实际
甲项目|建平县|3|100|2022.3|2022.4""")
    block, = result.blocks
    assert block.header_rows == (1, 2)
    assert set(fields(block)) == {"name", "county", "total_investment_wan", "plan_year_wan", "started_planned", "started_actual"}


def test_rows_of_units_and_column_numbers_belong_to_the_header():
    result = understood("""
序号|项目名称|总投资|用地面积|用工人数
|||||
||亿元|亩|人
甲|乙|1|2|3
1|甲项目|5|20|300""".replace("|||||\n", ""))
    block, = result.blocks
    assert block.header_rows == (1, 2, 3)
    assert block.rows == (4,)
    assert fields(block) == {"serial": None, "name": None, "total_investment_wan": "亿元", "area_mu": "亩", "jobs": "人"}


def test_a_header_repeated_at_a_page_break_continues_the_table():
    result = understood("""
项目台账
序号|项目名称|县区|总投资（万元）
1|甲项目|建平县|3
2|乙项目|建平县|4
项目台账
序号|项目名称|县区|总投资（万元）
3|丙项目|建平县|5
合计|||12""")
    block, = result.blocks
    assert block.rows == (3, 4, 7)
    assert block.header_rows == (2, 6)
    assert kinds(result, "title") == [1, 5]
    assert kinds(result, "header") == [2, 6]


def test_several_tables_in_one_sheet():
    result = understood("""
一、重点项目
序号|项目名称|县区|总投资（万元）
1|甲项目|建平县|3

二、问题清单
序号|项目名称|存在问题|责任单位|解决时限
1|甲项目|土地未批|自然资源局|6月底
2|乙项目|缺电|供电公司|7月底

三、任务清单
序号|重点任务|责任单位|完成时限|进度
1|完成立项|发改局|6月|50%""")
    assert [(block.form.id, block.rows, block.titles) for block in result.blocks] == [
        ("project", (3,), ("一、重点项目",)), ("problem", (7, 8), ("二、问题清单",)), ("task", (12,), ("三、任务清单",))]
    assert kinds(result, "title") == [1, 5, 10]


def test_a_summary_below_the_table_is_not_read_as_projects():
    result = understood("""
序号|项目名称|县区|总投资（万元）
1|甲项目|建平县|3
2|乙项目|凌源市|4

县区|总投资（万元）|年度计划投资|完成投资
建平县|3|1|1
凌源市|4|2|1""")
    block, = result.blocks
    assert block.rows == (2, 3)
    assert kinds(result, "no_table") == [5, 6, 7]


def test_sheets_without_a_table():
    result = understood("""
填报说明
一、请各县区于每月5日前报送。

二、联系人：张三，电话：13800000000""")
    assert result.blocks == ()
    assert kinds(result, "no_table") == [1, 2, 4]
    assert kinds(result, "blank") == [3]


def test_merged_body_cells_are_filled_inside_the_table():
    sheet = sheet_of("""
县区|项目名称|建设单位|总投资（万元）
建平县|甲项目|甲公司|3
|乙项目|乙公司|4
|小计||7
凌源市|丙项目|丙公司|5
||丁公司|6""", merged=[(2, 1, 4, 1), (5, 1, 6, 1), (5, 2, 6, 2)])
    result = understand(sheet, KNOWN)
    block, = result.blocks
    assert block.rows == (2, 3, 5, 6)
    assert [row[:2] for row in block_cells(sheet, block)] == [
        ["建平县", "甲项目"], ["建平县", "乙项目"], ["凌源市", "丙项目"], ["凌源市", "丙项目"]]
    assert sheet.cells[2][0] is None


def test_private_columns_are_not_handed_on():
    sheet = sheet_of("""
项目名称|总投资（万元）|联系人|联系电话|神秘列
甲项目|3|张三|13800000000|13800000000
乙项目|4|李四|13900000000|13900000000""")
    block, = understand(sheet, KNOWN).blocks
    assert [(match.field, match.how) for match in block.columns[2:]] == [
        ("private", "name"), ("private", "name"), ("private", "content")]
    assert block_cells(sheet, block) == [["甲项目", 3, None, None, None], ["乙项目", 4, None, None, None]]


def test_unknown_headers_are_told_with_the_nearest_known_one():
    block = understood("""
项目名称|总投资（万元）|建设单往|晴雨
甲项目|3|发改局|晴""").blocks[0]
    assert [(match.header, match.field, match.how) for match in block.columns[2:]] == [("建设单往", None, "none"), ("晴雨", None, "none")]
    assert block.columns[2].nearest == "建设单位"


def test_unknown_headers_are_understood_by_what_stands_below():
    block = understood("""
项目名称|总投资（万元）|编码一|位于|在何处|开工那一天|怎样了
甲项目|3|2201-211302-04-01-123456|建平县|建平县|2022.3.1|在建
乙项目|4|2201-211302-04-01-123457|喀左|凌源|2022年4月|已开工""").blocks[0]
    assert [(match.field, match.how) for match in block.columns[2:]] == [
        ("national_code", "content"), ("county", "content"), (None, "none"), ("started_date", "content"), ("stage", "content")]


def test_of_two_columns_of_one_field_the_later_month_counts_and_the_other_is_named():
    block = understood("""
项目名称|总投资（万元）|1-5月累计完成投资|1-6月累计完成投资|2021年完成投资|2022年计划投资
甲项目|3|1|2|9|4""").blocks[0]
    assert [match.field for match in block.columns] == [
        "name", "total_investment_wan", None, "done_year_wan", "past_year_wan", "plan_year_wan"]


def test_what_is_left_to_the_context():
    block = understood("""
项目名称|总投资|计划投资|累计完成投资|完成投资
甲项目|3|1|2|1""").blocks[0]
    assert [match.field for match in block.columns] == ["name", "total_investment_wan", "plan_year_wan", "done_total_wan", "done_year_wan"]
    block = understood("""
项目名称|计划投资|年度计划投资
甲项目|3|1""").blocks[0]
    assert [match.field for match in block.columns] == ["name", "total_investment_wan", "plan_year_wan"]


@pytest.mark.parametrize(("title", "header", "form"), [
    ("朝阳市招商引资项目台账", "项目名称|投资方|落户地|协议投资额（亿元）|签约时间", "attraction"),
    ("开发区重点项目台账", "项目名称|建设单位|总投资（亿元）|开工时间", "zone_projects"),
    ("重点项目", "项目名称|建设单位|总投资（亿元）|开工时间", "project"),
    ("", "企业名称|统一社会信用代码|所属产业链|主要产品|产值（万元）", "enterprise"),
    ("", "开发区名称|规划面积（亩）|已用面积（亩）|产值（亿元）|税收（万元）", "zone"),
    ("", "任务编号|重点任务|责任单位|完成时限|进度", "task"),
    ("", "问题编号|项目名称|问题描述|责任单位|提出时间|解决时限", "problem")])
def test_the_form_that_explains_the_columns_is_chosen(title, header, form):
    block = understood(f"""
{title or '台账'}
{header}
{'|'.join('甲乙丙丁戊己'[place] for place in range(header.count('|') + 1))}""").blocks[0]
    assert block.form.id == form


def test_a_table_whose_names_cannot_be_found_is_no_table():
    result = understood("""
序号|满意度|县区|总投资（万元）
1|甲项目|建平县|3""")
    assert result.blocks == ()
    assert kinds(result, "no_table") == [1, 2]


def test_blank_columns_and_side_notes():
    result = understood("""
||||
|序号||项目名称|总投资（万元）||核对人意见
|1||甲项目|3||
||||||金额需核实
|2||乙项目|4||已核""".replace("||||\n", "", 1))
    block, = result.blocks
    assert block.rows == (2, 4)
    assert [match.header for match in block.columns] == ["序号", "项目名称", "总投资（万元）", "核对人意见"]
    assert kinds(result, "note") == [3]


def test_a_row_that_lacks_its_name_is_body_and_a_sum_without_its_word_is_not():
    result = understood("""
序号|项目名称|建设单位|总投资（万元）
1|甲项目|甲公司|3
2|乙项目|乙公司|4
3||丙公司|8
|||15
4
5||""")
    block, = result.blocks
    assert block.rows == (2, 3, 4)
    assert kinds(result, "subtotal") == [5]
    assert kinds(result, "blank") == [6, 7]


def test_counties_as_rows_are_context():
    result = understood("""
序号|项目名称|建设单位|总投资（万元）
建平县|||7
1|甲项目|甲公司|3
2|乙项目|乙公司|4
凌源市
1|丙项目|丙公司|5""")
    block, = result.blocks
    assert block.rows == (3, 4, 6)
    assert block.groups == {3: ("建平县",), 4: ("建平县",), 6: ("凌源市",)}


def test_sums_above_their_rows_are_context_too():
    result = understood("""
序号|项目名称|建设单位|总投资（万元）
全市合计|||12
建平县小计|||7
1|甲项目|甲公司|3
2|乙项目|乙公司|4
凌源市小计|||5
1|丙项目|丙公司|5""")
    block, = result.blocks
    assert block.groups == {4: ("建平县",), 5: ("建平县",), 7: ("凌源市",)}


def test_examples_are_no_projects():
    result = understood("""
序号|项目名称|建设单位|总投资（万元）
示例|某某公司年产5万吨项目|某某公司|5000
1|甲项目|甲公司|3""")
    assert result.blocks[0].rows == (3,)
    assert kinds(result, "note") == [2]


@pytest.mark.parametrize("name", [
    "合计划水泥厂技改项目", "统计局信息化项目", "小计河治理工程", "总计量检测中心项目", "注塑件生产项目",
    "说明书印刷项目", "填表机制造项目", "一期工程", "全市供热管网改造"])
def test_names_that_look_like_sums_or_notes_are_projects(name):
    result = understood(f"""
序号|项目名称|建设单位|总投资（万元）|备注
1|甲项目|甲公司|3|
2|{name}|乙公司|4|
3|丙项目|丙公司|5|""")
    assert result.blocks[0].rows == (2, 3, 4)


def test_rows_below_a_note_that_are_projects_again():
    result = understood("""
序号|项目名称|建设单位|总投资（万元）
1|甲项目|甲公司|3
注：以下为新增项目
以上均已核实
2|乙项目|乙公司|4""")
    assert result.blocks[0].rows == (2, 5)
    assert kinds(result, "note") == [3, 4]


def test_html_with_spans_and_a_title_beside(tmp_path):
    (tmp_path / "a.xls").write_text("""<html><body><h3>北票市重点项目（单位：万元）</h3><table>
    <tr><td rowspan=2>县区</td><td rowspan=2>项目名称</td><td colspan=2>投资</td></tr><tr><td>总投资</td><td>2022年计划</td></tr>
    <tr><td rowspan=2>北票市</td><td>甲项目</td><td>3</td><td>1</td></tr><tr><td>乙项目</td><td>4</td><td>2</td></tr>
    <tr><td colspan=2>合计</td><td>7</td><td>3</td></tr></table></body></html>""", encoding="utf-8")
    sheet, = read_book(tmp_path / "a.xls", "2022Q1/a.xls")
    block, = understand(sheet, KNOWN).blocks
    assert (block.rows, block.header_rows) == ((3, 4), (1, 2))
    assert fields(block) == {"county": None, "name": None, "total_investment_wan": "万元", "plan_year_wan": "万元"}
    assert [row[0] for row in block_cells(sheet, block)] == ["北票市", "北票市"]


def test_same_rows():
    drawing = "项目名称|总投资\n甲项目|3"
    assert same_rows(sheet_of(drawing), sheet_of(drawing, name="副本", first_row=5))
    assert not same_rows(sheet_of(drawing), sheet_of(drawing + "\n乙项目|4"))


def test_the_same_header_under_another_title_begins_another_table():
    result = understood("""
一、北票市
序号|项目名称|建设单位|总投资（万元）
1|甲项目|甲公司|3

二、凌源市
序号|项目名称|建设单位|总投资（万元）
1|乙项目|乙公司|4
（续表）
序号|项目名称|建设单位|总投资（万元）
2|丙项目|丙公司|5""")
    assert [(block.titles, block.rows) for block in result.blocks] == [(("一、北票市",), (3,)), (("二、凌源市",), (7, 10))]


def test_groups_hold_over_a_page_break():
    result = understood("""
序号|项目名称|建设单位|总投资（万元）
一、续建项目
1|甲项目|甲公司|3
序号|项目名称|建设单位|总投资（万元）
2|乙项目|乙公司|4""")
    assert result.blocks[0].groups == {3: ("一、续建项目",), 5: ("一、续建项目",)}


def test_names_like_groups_are_projects_when_amounts_stand_beside():
    result = understood("""
项目名称|总投资（万元）|年度计划投资
热电联产技改项目|3|1
农业产业项目|4|2
重点项目
北票市工业项目|5|2""")
    assert result.blocks[0].rows == (2, 3, 5)
    assert kinds(result, "subtotal") == [4]


def test_a_table_without_rows_is_a_table():
    result = understood("""
项目台账
说明：无项目的县区报送空表。
序号|项目名称|建设单位|总投资（万元）
合计|||0""")
    assert [block.rows for block in result.blocks] == [()]
    assert block_cells(result.sheet, result.blocks[0]) == []
    assert kinds(result, "note") == [2]


@pytest.mark.parametrize("mark", ["：", ""])
def test_a_card_of_one_project_is_a_table_of_one_row(mark):
    result = understood(f"""
项目情况表
项目名称{mark}|甲项目|建设单位{mark}|甲公司
总投资{mark}|5亿元|开工时间{mark}|2022年3月
建设内容{mark}|年产5万吨铸件
填表人：张三""")
    block, = result.blocks
    assert (block.rows, block.header_rows, block.titles) == ((2,), (3, 4), ("项目情况表",))
    assert [match.header for match in block.columns] == ["项目名称", "建设单位", "总投资", "开工时间", "建设内容"]
    assert block_cells(result.sheet, block) == [["甲项目", "甲公司", "5亿元", "2022年3月", "年产5万吨铸件"]]
    assert (kinds(result, "title"), kinds(result, "header"), kinds(result, "note")) == ([1], [3, 4], [5])


def test_projects_in_columns_are_a_table_each():
    result = understood("""
指标|一|二
项目名称|甲项目|乙项目
建设单位|甲公司|乙公司
总投资（亿元）|5|6
联系电话|13800000000|13900000000
开工时间|2022年3月|2022年4月""")
    assert [(block.rows, block_cells(result.sheet, block)[0]) for block in result.blocks] == [
        ((2,), ["甲项目", "甲公司", 5, None, "2022年3月"]), ((2,), ["乙项目", "乙公司", 6, None, "2022年4月"])]
    assert kinds(result, "header") == [3, 4, 5, 6]


def test_units_in_a_cell_of_their_own_and_cards_without_a_gap():
    result = understood("""
编号|A1
项目名称|甲项目
总投资|3|亿元
编号|A2
项目名称|乙项目
总投资|4|亿元""")
    block, = result.blocks
    assert block.rows == (2, 5)
    assert [(match.field, match.unit) for match in block.columns] == [("serial", None), ("name", None), ("total_investment_wan", "亿元")]
    assert block_cells(result.sheet, block) == [["A1", "甲项目", 3], ["A2", "乙项目", 4]]


def test_what_is_private_in_a_card_is_not_handed_on():
    result = understood("""
项目名称|甲项目|联系人|张三
总投资（亿元）|3|电话|13800000000
建设单位|甲公司|传呼|13800000000""")
    block, = result.blocks
    assert [match.field for match in block.columns] == ["name", "private", "total_investment_wan", "private", "company", None]
    assert block_cells(result.sheet, block)[0][:4] == ["甲项目", None, 3, None]


def test_a_workbook_with_a_merged_header_and_a_merged_county(tmp_path):
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        sheet = book.add_worksheet("调度表")
        sheet.merge_range("B2:H2", "喀左县重点项目调度表（单位：万元）")
        for place, header in (("B3:B4", "县区"), ("C3:C4", "项目名称"), ("H3:H4", "备注")):
            sheet.merge_range(place, header)
        sheet.merge_range("D3:E3", "投资")
        sheet.merge_range("F3:G3", "开工时间")
        sheet.write_row("D4", ["总投资", "1-6月完成投资", "计划", "实际"])
        sheet.merge_range("B5:B6", "喀左县")
        sheet.write_row("C5", ["甲项目", 5000, 100, "2022年3月"])
        sheet.write_row("C6", ["乙项目", 6000])
        sheet.write_formula("D6", "=1/0", None, "#DIV/0!")
    sheet, = read_book(tmp_path / "a.xlsx", "2022Q2/a.xlsx")
    block, = understand(sheet, KNOWN).blocks
    assert (block.rows, block.header_rows) == ((5, 6), (3, 4))
    assert fields(block) == {"county": None, "name": None, "total_investment_wan": "万元", "done_year_wan": "万元", "started_planned": None,
                             "started_actual": None, "note": None}
    assert [row[:3] for row in block_cells(sheet, block)] == [["喀左县", "甲项目", 5000], ["喀左县", "乙项目", "#DIV/0!"]]


def test_short_names_beside_dates_are_projects():
    result = understood("""
县区|项目名称|开工时间|总投资（万元）
喀左|甲厂|2022年3月|5
喀左|乙厂|2022年4月1日|
填表人：|张三|审核：|李四
|||2022年6月30日""")
    assert result.blocks[0].rows == (2, 3)
    assert kinds(result, "note") == [4, 5]


def test_tables_side_by_side_without_a_gap():
    result = understood("""
集中开工项目|||集中竣工项目
序号|项目名称|总投资（万元）|序号|项目名称|总投资（万元）
1|甲项目|3|1|丙项目|5
2|乙项目|4""", merged=[(1, 1, 1, 3), (1, 4, 1, 6)])
    assert [(block.rows, block.titles, [match.field for match in block.columns]) for block in result.blocks] == [
        ((3, 4), ("集中开工项目",), ["serial", "name", "total_investment_wan"]),
        ((3,), ("集中竣工项目",), ["serial", "name", "total_investment_wan"])]
    assert [cells[:6] for cells in block_cells(result.sheet, result.blocks[1])] == [[1, "甲项目", 3, 1, "丙项目", 5]]


@pytest.mark.parametrize("header", [
    "序号|项目名称||总投资（万元）|建设单位", "序号|项目名称|总投资（万元）||企业名称|统一社会信用代码|产值（万元）"])
def test_a_blank_column_alone_makes_no_second_table(header):
    result = understood(f"""
{header}
1|甲项目|{'|'.join('' if not name else '乙' for name in header.split('|')[2:])}""")
    block, = result.blocks
    assert block.rows == (2,)


def test_names_wrapped_over_rows_are_one_name():
    result = understood("""
序号|项目名称|建设单位|总投资（万元）
1|甲公司年产十万吨|甲公司|3
|铸件生产
|线项目
2|乙项目|乙公司|4
|丙公司厂房||
3|丁项目（一期|丁公司|5
|及配套）""")
    block, = result.blocks
    assert block.rows == (2, 5, 6, 7)
    assert block.joined == {2: (3, 4), 7: (8,)}
    assert [row[1] for row in block_cells(result.sheet, block)] == [
        "甲公司年产十万吨铸件生产线项目", "乙项目", "丙公司厂房", "丁项目（一期及配套）"]


def test_the_parts_of_a_sum_are_no_projects_and_no_group():
    result = understood("""
序号|项目名称|建设单位|总投资（万元）
|合计||12
|其中：新建||7
|续建||5
|续建项目||5
1|甲项目|甲公司|5""")
    block, = result.blocks
    assert (block.rows, block.groups) == ((6,), {})
    assert kinds(result, "subtotal") == [2, 3, 4, 5]


def test_chains_and_counties_with_their_counts_and_sums_are_groups():
    result = understood("""
序号|项目名称|建设单位|总投资（万元）
建平县（2个）|||7
膨润土产业链|1个||3
1|甲项目|甲公司|3
|清洁能源产业链（1个）||4
1|乙项目|乙公司|4
龙城区|1个||5
1|丙项目|丙公司|5""")
    block, = result.blocks
    assert block.groups == {4: ("建平县(2个)", "膨润土产业链"), 6: ("建平县(2个)", "清洁能源产业链(1个)"), 8: ("龙城区",)}


def test_words_in_the_serial_column_alone_are_told_as_a_note():
    result = understood("""
序号|项目名称|建设单位|总投资（万元）
1|甲项目|甲公司|3
以下空白
2|乙项目|乙公司|4""")
    assert (result.blocks[0].rows, kinds(result, "note")) == ((2, 4), [3])
