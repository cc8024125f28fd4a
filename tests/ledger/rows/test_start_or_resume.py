"""开复工 as start or resume, what headings may say of a stage, remarks that are no stage, one year of construction, kinds by content."""

import datetime as dt
from dataclasses import replace

import pandas as pd
import pytest

from liantu.ledger.layout.finding import understand
from liantu.ledger.layout.known import known_forms
from liantu.ledger.rows.context import Context
from liantu.ledger.rows.records import read_records
from liantu.ledger.sheets import Sheet
from liantu.reference import city

CITY = city()
KNOWN = known_forms(CITY)


def read(header, *rows, sheet="", titles=(), groups=None, table="projects"):
    context = Context("2022Q2/台账.xlsx", sheet, dt.date(2022, 6, 30), "department", None)
    cells = [[*row, *[None] * (len(header) - len(row))] for row in (*([title] for title in titles), header, *rows)]
    drawn = Sheet(context.source_file, sheet, cells)
    block, = understand(drawn, KNOWN).blocks
    assert block.form.table == table
    return read_records(drawn, replace(block, groups=groups or block.groups), context, CITY, CITY.chains())


def told(records, column):
    frame = records.frame
    return [None if pd.isna(value) else value for value in frame[column]] if column in frame else [None] * len(frame)


PROJECT = ["序号", "项目名称", "县区", "总投资（万元）"]


def projects(*ends):
    return [[number, f"项目{number}", "双塔区", 100 * number, *end] for number, end in enumerate(ends, start=1)]


@pytest.mark.parametrize(("kind", "answer", "stage"), [
    ("续建", "是", "resumed"), ("新建", "是", "started"), (None, "是", "started"), ("续建", "否", None), ("新建", "否", None),
    ("续建", "已开复工", "resumed"), ("新建", "已开复工", "started"), ("续建", "未开复工", "signed")])
@pytest.mark.parametrize("sheet", ["", "开复工", "在建项目"])
def test_an_answer_to_whether_works_start_or_resume(kind, answer, stage, sheet):
    records = read([*PROJECT, "建设性质", "是否开复工"], *projects([kind, answer], ["新建", "是"]), sheet=sheet)
    assert told(records, "stage") == [stage, "started"]


@pytest.mark.parametrize("header", ["是否开/复工", "是否开（复）工", "是否已开复工", "是否 开复工"])
def test_start_or_resume_however_it_is_written(header):
    records = read([*PROJECT, "建设性质", header], *projects(["续建", "是"], ["新建", "是"], ["续建", "否"]))
    assert told(records, "stage") == ["resumed", "started", None]


@pytest.mark.parametrize(("header", "side"), [
    ("开复工时间", "actual"), ("计划开复工时间", "planned"), ("实际开/复工时间", "actual"), ("开（复）工时间", "actual")])
def test_the_date_of_start_or_resume_goes_by_the_kind_of_construction(header, side):
    rows = projects(["续建", "2022年3月5日"], ["新建", "2022年3月6日"], [None, "2022年3月7日"])
    records = read([*PROJECT, "建设性质", header], *rows)
    days = [pd.Timestamp(2022, 3, day) for day in (5, 6, 7)]
    assert told(records, f"resumed_{side}") == [days[0], None, None]
    assert told(records, f"started_{side}") == [None, days[1], days[2]]


def test_a_group_tells_the_kind_and_a_plain_start_stays_one():
    records = read([*PROJECT, "开复工时间"], *projects(["2022年3月5日"], ["2022年3月6日"]), groups={2: ("一、续建项目",)})
    assert told(records, "resumed_actual") == [pd.Timestamp(2022, 3, 5), None]
    plain = read([*PROJECT, "建设性质", "开工时间"], *projects(["续建", "2022年3月5日"], ["新建", "2022年3月6日"]))
    assert told(plain, "started_actual") == [pd.Timestamp(2022, 3, 5), pd.Timestamp(2022, 3, 6)]
    assert "resumed_actual" not in plain.frame


@pytest.mark.parametrize(("sheet", "stage"), [
    ("开复工", None), ("前期手续", None), ("手续办理", None), ("开工计划", None), ("拟开工项目前期", None), ("签约情况表", None),
    ("签约项目", "signed"), ("2022年在谈项目", "negotiating"), ("已竣工", "completed"), ("在建", "started")])
def test_a_sheet_tells_a_stage_only_when_it_is_one(sheet, stage):
    records = read([*PROJECT, "建设单位"], *projects(["甲公司"], ["乙公司"]), sheet=sheet)
    assert told(records, "stage") == [stage, stage]


def test_no_title_tells_a_stage():
    records = read([*PROJECT, "建设单位"], *projects(["甲公司"], ["乙公司"]), titles=["2022年拟开工项目前期手续办理进度表", "已竣工项目"])
    assert told(records, "stage") == [None, None]


@pytest.mark.parametrize(("header", "stage"), [
    ("进展情况", "completed"), ("备注", "completed"), ("下步工作计划", None), ("下一步工作", None), ("未开工原因", None),
    ("存在问题", None)])
def test_remarks_about_what_is_to_come_are_no_stage(header, stage):
    records = read([*PROJECT, "建设单位", header], *projects(["甲公司", "竣工验收"], ["乙公司", None]))
    assert told(records, "stage") == [stage, None]


def test_one_year_of_construction_is_the_plan_of_start_and_completion():
    rows = projects(["2021-2023"], ["2022"], [2022], ["2022年"], ["2022年5月"], ["12个月"])
    records = read([*PROJECT, "建设年限"], *rows)
    end = pd.Timestamp(2022, 12, 31)
    assert told(records, "started_planned") == [pd.Timestamp(2021, 12, 31), end, end, end, None, None]
    assert told(records, "completed_planned") == [pd.Timestamp(2023, 12, 31), end, end, end, None, None]
    assert told(records, "completed_planned_precision")[:4] == ["year"] * 4


def test_a_type_of_project_whose_cells_are_kinds_of_construction():
    assert told(read([*PROJECT, "项目类型"], *projects(["续建"], ["新建"])), "construction") == ["carried_over", "new"]
    mixed = read([*PROJECT, "项目类型"], *projects(["续建"], ["工业"]))
    assert told(mixed, "construction") == [None, None] and told(mixed, "category") == [None, "industry"]


@pytest.mark.parametrize("headers", [
    ("年初计划投资（万元）", "调整后计划投资（万元）"), ("2022年计划投资（万元）", "调整后年度计划投资（万元）"),
    ("年度计划投资（万元）", "2022年调整后投资计划（万元）")])
def test_of_two_plans_the_adjusted_one_counts_or_the_first_is_told(headers):
    records = read([*PROJECT, *headers], *projects([50, 40], [60, 70]))
    assert told(records, "plan_year_wan") in ([40, 70], [50, 60])
    if headers[0].startswith("年初"):
        assert told(records, "plan_year_wan") == [40, 70]
    assert told(read([*PROJECT, headers[0]], *projects([50], [60])), "plan_year_wan") == [50, 60]


@pytest.mark.parametrize("header", [
    "年初至本周累计完成投资", "年初至本旬完成投资", "年初到目前累计完成投资", "2022年年初至上月底累计完成投资"])
def test_done_since_new_year_is_done_in_the_year(header):
    assert told(read([*PROJECT, f"{header}（万元）"], *projects([50], [60])), "done_year_wan") == [50, 60]


def test_a_remark_that_is_a_status_is_one_where_no_column_tells_it():
    header = ["序号", "重点任务", "牵头单位", "完成时限", "一季度进展", "二季度进展", "下步措施"]
    rows = [[1, "任务甲", "发改局", "2022年6月", "正在推进", "已完成", "推进中"],
            [2, "任务乙", "商务局", "2022年6月", "已完成", None, None],
            [3, "任务丙", "商务局", "2022年9月", "已储备12个", None, "已完成"]]
    assert told(read(header, *rows, table="tasks"), "status") == ["已完成", "已完成", None]


def test_problems_keep_their_status_as_reported():
    header = ["序号", "项目名称", "存在问题", "责任单位", "提出时间", "拟解决时限", "办理情况"]
    rows = [[1, "甲项目", "征地未完", "自然资源局", "2022年5月", "2022年7月30日", "已解决"],
            [2, "乙项目", "贷款未放", "金融中心", "2022年5月", "2022年8月20日", "正在办理"],
            [3, "丙项目", "供电", "供电公司", "2022年5月", None, None]]
    records = read(header, *rows, table="problems")
    assert told(records, "status") == ["已解决", "正在办理", None]
    assert told(records, "due") == [pd.Timestamp(2022, 7, 30), pd.Timestamp(2022, 8, 20), None]
