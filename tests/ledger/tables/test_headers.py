"""Header texts → fields and units, as offices write them."""

import pytest

from liantu.ledger.layout.header_text import as_header, told_month, told_year
from liantu.ledger.layout.known import known_forms
from liantu.reference import city

KNOWN = known_forms(city())
FORMS = {form.form.id: form for form in KNOWN.forms}


def matched(form, *levels):
    read = tuple(KNOWN.reader.read(as_header(level)) for level in levels)
    found = FORMS[form].match(read)
    unit = next((level.unit.unit for level in reversed(read) if level.unit), None)
    return (found[0].field if found else None, unit)


def cases(text):
    return [tuple(line.split(" => ")) for line in text.strip().splitlines()]


PROJECT = cases("""
项目　名称 => name
项目（工程）名称 => name
项目\\n名称（必填）* => name
1.项目名称 => name
建设单位/投资主体 => company
投资方（企业全称） => company
项目业主（单位） => company
县（市、区） => county
所属县（市）区 => county
所属产业链（17条） => chain
建设性质（新建/续建） => construction
项目阶段 => stage
总投资（亿元） => total_investment_wan 亿元
总投资/万元 => total_investment_wan 万元
计划总投资\\n（单位：万元） => total_investment_wan 万元
总投资额(亿元、人民币) => total_investment_wan 亿元
总投资万元 => total_investment_wan 万元
总投资（亿元/万美元） => total_investment_wan 亿元/万美元
协议投资额（亿元） => total_investment_wan 亿元
２０２２年计划投资 => plan_year_wan
2022年度计划完成投资（万元） => plan_year_wan 万元
当年投资计划 => plan_year_wan
今年计划投资 => plan_year_wan
计划2022年投资 => plan_year_wan
1-6月累计完成投资(万元) => done_year_wan 万元
1—9月份完成投资 => done_year_wan
１～６月实际完成投资 => done_year_wan
截至6月底本年累计完成投资 => done_year_wan
上半年完成投资 => done_year_wan
2022年1-3月完成固定资产投资 => done_year_wan
今年以来累计完成投资 => done_year_wan
截至6月底累计完成投资 => done_total_wan
自开工至6月底累计完成投资 => done_total_wan
开工以来累计完成投资 => done_total_wan
截至2021年底累计完成投资 => done_before_wan
6月完成投资 => done_period_wan
二季度完成投资 => done_period_wan
计划开工时间 => started_planned
拟开工年月 => started_planned
开工日期（计划） => started_planned
预计竣工日期 => completed_planned
预计达产达效时间 => at_capacity_planned
实际投产时间 => producing_actual
已开工时间 => started_actual
开工时间 => started_date
计划（实际）开工时间 => started_date
开（复）工时间 => started_date
核准（备案）时间 => approved_date
核准备案时间 => approved_date
竣工（投产）时间 => producing_date
签约日期 => signed_date
立项时间 => filing_date
环评批复时间 => environment_date
环评办理情况 => environment
环评状态 => environment_status
能评 => energy
用地手续 => land
用地面积（亩） => area_mu 亩
用地(公顷) => area_mu 公顷
带动就业（人） => jobs 人
牵头单位 => department
投资项目在线审批监管平台代码 => national_code
建设内容及规模 => content
目前进展情况 => note
存在的困难和问题 => note
资金来源地 => origin
建设起止年限 => period
联系人 => private
企业联系人及电话 => private
项目负责人（手机） => private
包保领导 => private
身份证号码 => private
投资完成率（%） => other %
其中：设备投资 => other
""")


@pytest.mark.parametrize(("header", "told"), PROJECT)
def test_project_headers(header, told):
    name, _, unit = told.partition(" ")
    assert matched("project", header.replace("\\n", "\n")) == (name, unit or None)


STAGES = {"signed": "签约", "approved": "备案", "started": "开工", "resumed": "复工", "completed": "竣工", "producing": "投产",
          "at_capacity": "达产", "suspended": "停工", "terminated": "终止"}


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("when", ["时间", "日期", "年月"])
@pytest.mark.parametrize(("words", "tense"), [
    (("计划", ""), "planned"), (("拟", ""), "planned"), (("预计", ""), "planned"), (("目标", ""), "planned"), (("实际", ""), "actual"),
    (("已", ""), "actual"), (("", "（计划）"), "planned"), (("", "（实际）"), "actual"), (("", ""), "date")])
def test_milestones_are_composed(stage, when, words, tense):
    assert matched("project", f"{words[0]}{STAGES[stage]}{when}{words[1]}")[0] == f"{stage}_{tense}"


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize(("leaf", "tense"), [("计划", "planned"), ("实际", "actual"), ("预计", "planned")])
def test_milestones_are_composed_over_levels(stage, leaf, tense):
    word = STAGES[stage]
    both = [f"{word}时间", leaf]
    for levels in (both, both[::-1], ["节点", *both], [word, f"{leaf}时间"], [f"{leaf}时间", word]):
        assert matched("project", *levels)[0] == f"{stage}_{tense}", levels


LEVELS = [
    (("投资情况（万元）", "总投资"), ("total_investment_wan", "万元")),
    (("投资情况（万元）", "总投资（亿元）"), ("total_investment_wan", "亿元")),
    (("投资（亿元）", "总投资", "合计"), ("total_investment_wan", "亿元")),
    (("投资完成情况（万元）", "本年累计"), ("done_year_wan", "万元")),
    (("完成投资", "1-6月"), ("done_year_wan", None)),
    (("完成投资", "开工以来累计"), ("done_total_wan", None)),
    ((2022.0, "计划投资"), ("plan_year_wan", None)),
    (("2022年投资", "完成"), ("done_year_wan", None)),
    (("前期手续办理情况", "环评"), ("environment", None)),
    (("前期手续", "能评", "时间"), ("energy_date", None)),
    (("计划开竣工时间", "竣工"), ("completed_planned", None)),
    (("投资方", "名称"), ("company", None)),
    (("投资方", "所在地"), ("origin", None)),
    (("项目", "名称"), ("name", None)),
    (("项目基本情况", "项目名称"), ("name", None)),
    (("企业", "联系人"), ("private", None)),
    (("联系人", "姓名"), ("private", None)),
    (("责任", "单位"), ("department", None)),
    (("总投资", "设备"), (None, None)),
]


@pytest.mark.parametrize(("levels", "expected"), LEVELS)
def test_levels_are_joined(levels, expected):
    assert matched("project", *levels) == expected


@pytest.mark.parametrize(("form", "header", "name"), [
    ("enterprise", "统一社会信用代码（18位）", "credit_code"), ("enterprise", "2022年工业总产值（万元）", "output_wan"),
    ("enterprise", "是否为规上企业", "above_scale"), ("enterprise", "R&D经费支出（万元）", "research_wan"),
    ("enterprise", "综合能耗（吨标煤）", "energy_tce"),
    ("enterprise", "上缴税金（万元）", "tax_wan"), ("enterprise", "期末从业人员数", "jobs"), ("enterprise", "法定代表人", "private"),
    ("zone", "标准化厂房面积（平方米）", "factory_m2"), ("zone", "其中：闲置面积（㎡）", "idle_m2"),
    ("zone", "飞地税收分成比例（%）", "share_partner"),
    ("zone", "规划面积（平方公里）", "area_mu"), ("task", "完成时限", "due"), ("task", "工作任务", "name"), ("task", "责任领导", "private"),
    ("task", "实际完成时间", "done_date"), ("problem", "存在的主要问题", "description"), ("problem", "解决时限", "due"),
    ("problem", "实际解决时间", "resolved"), ("problem", "项目管家单位", "steward"), ("problem", "提出时间", "raised"),
    ("attraction", "签约时间", "signed_date"), ("attraction", "引荐单位", "department")])
def test_other_forms(form, header, name):
    assert matched(form, header)[0] == name


@pytest.mark.parametrize("header", ["神秘列", "满意度", "晴雨", "某某某", "ＡＢＣ", "（万元）"])
def test_unknown_headers_map_to_nothing(header):
    assert all(matched(form, header)[0] is None for form in FORMS)


def test_the_nearest_known_header_is_told():
    assert FORMS["project"].nearest("工程项目名秤") == "工程项目名称"
    assert FORMS["project"].nearest("満") is None


@pytest.mark.parametrize(("title", "units"), [
    ("单位：万元", ["万元"]), ("（单位：亿元、亩）", ["亿元", "亩"]), ("金额单位: 元", ["元"]), ("填报单位：朝阳县发改局", []),
    ("项目台账（万元）", ["万元"]), ("填报单位：建平县        单位：万元", ["万元"]), ("责任单位：万元街道", [])])
def test_units_of_titles(title, units):
    assert [unit.unit for unit in KNOWN.reader.units_of_title(title)] == units


@pytest.mark.parametrize(("text", "year", "month"), [
    ("2022年1-6月累计完成投资", 2022, 6), ("截至6月底累计完成投资", None, 6), ("上半年完成投资", None, 6), ("2022年前三季度", 2022, 9),
    ("总投资", None, None), ("截至2021年底累计完成投资", 2021, None), ("1—12月", None, 12)])
def test_years_and_months_are_told(text, year, month):
    header = as_header(text)
    assert (told_year(header), told_month(header)) == (year, month)
