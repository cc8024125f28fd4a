"""The held-out set: the city departments' ledgers in other forms, written without reading how ledgers are parsed (docs/simulation.md)."""

from __future__ import annotations

from liantu.simulation.grid import Column as C
from liantu.simulation.grid import Form, Sheet

# 招商: a sheet for each county, named after it and without a column for it; from the third quarter one sheet with the counties as groups.
_SIGNED = (
    C("serial", ("序号",)),
    C("name", ("引进项目",)),
    C("investor", ("客商（投资主体）",)),
    C("origin", ("客商所在省市",)),
    C("chain", ("服务产业链",)),
    C("total", ("合同引资额（万元）",), "wan"),
    C("done_total", ("实际到资（亿元）",), "yi"),
    C("signed_date", ("正式签约日期",)),
    C("stage", ("落地推进情况",)),
    C("actual.started", ("动工日期",)),
    C("leader", ("牵头领导",)),
    C("contact_phone", ("项目专员",)),
    C("note", ("其他",)),
)
ATTRACTION = Form(
    id="attraction",
    file="市投促中心签约项目跟踪（截至{year}年{month}月）.xlsx",
    file_since=(3, "全市内资项目引进情况（投资促进中心{year}{month:02d}）.xlsx"),
    hand="holdout",
    dates={"dot_zero": 0.3, "short_dot": 0.3, "hao": 0.4},
    sheets=(
        Sheet(
            "{key}",
            _SIGNED,
            table="attraction_signed",
            split_by="county_name",
            titles=("{key}签约项目跟踪表",),
            until=2,
            total="合计",
            label_field="name",
        ),
        Sheet(
            "全市签约",
            _SIGNED,
            table="attraction_signed",
            titles=("全市签约项目跟踪表（{year}年1—{month}月）",),
            since=3,
            group_by="county_name",
            heading="{key}　{n}个",
            heading_sums=True,
            label_field="name",
            restart_serial=True,
            total="全市",
            total_at_top=True,
        ),
        Sheet(
            "洽谈",
            (
                C("serial", ("序号",)),
                C("name", ("洽谈项目",)),
                C("county", ("意向落户地",)),
                C("investor", ("洽谈对象",)),
                C("origin", ("来自",)),
                C("total", ("意向投资额",), "wan", style="stated"),
                C("stage", ("洽谈程度",)),
                C("contact", ("跟踪人",)),
            ),
            table="attraction_talks",
            titles=("全市洽谈项目",),
        ),
    ),
)

# 园区: figures and projects under each other in one old workbook; 平方公里, 亿元 and shares as percentages.
ZONES = Form(
    id="zones",
    file="园区运行及入园项目（{year}年{quarter}季度）.xls",
    kind="xls",
    hand="holdout",
    dates={"month_last": 0.5, "dot_month": 0.5},
    words={"yes": ("飞地", "")},
    sheets=(
        Sheet(
            "园区",
            (
                C("serial", ("序号",)),
                C("zone", ("园区",)),
                C("county", ("管辖地",)),
                C("planned_area", ("四至范围面积（平方公里）",), "km2"),
                C("used_area", ("建成区面积（平方公里）",), "km2"),
                C("output", ("工业总产值", "亿元"), "yi"),
                C("tax", ("税收收入", "万元"), "wan"),
                C("jobs", ("用工人数", "人")),
                C("factory", ("标准厂房", "建成", "平方米")),
                C("idle", ("标准厂房", "空置", "平方米")),
                C("enclave_partner", ("飞地共建", "共建方")),
                C("enclave_tax", ("飞地共建", "形成税收", "万元"), "wan"),
                C("enclave_share", ("飞地共建", "分成")),
                C("digital", ("数改企业占比",)),
            ),
            table="zones",
            titles=("全市园区运行情况（{year}年1—{month}月）",),
            total="全市",
            total_at_top=True,
            label_field="zone",
            below=(
                Sheet(
                    "入园项目",
                    (
                        C("zone", ("入驻园区",)),
                        C("serial", ("序号",)),
                        C("company", ("入园企业",)),
                        C("name", ("入园项目",)),
                        C("chain", ("产业定位",)),
                        C("area", ("供地（公顷）",), "hectare"),
                        C("total", ("投资总额", "亿元"), "yi"),
                        C("done_total", ("完成额", "万元"), "wan"),
                        C("stage", ("建设状态",)),
                        C("actual.started", ("进场施工",)),
                        C("plan.completed", ("预期竣工",)),
                        C("actual.producing", ("投产",)),
                        C("enclave", ("备注",), "yes"),
                    ),
                    table="zone_projects",
                    titles=("入园项目情况",),
                    merge="zone",
                ),
            ),
        ),
    ),
)

# 企业: a csv in GB18030 in the unit of the statistical office, 千元.
ENTERPRISES = Form(
    id="enterprises",
    file="工业企业产销（{year}{month:02d}）.csv",
    kind="csv",
    encoding="gb18030",
    hand="holdout",
    dates={"compact": 1.0},
    words={"yes": ("1", "0")},
    sheets=(
        Sheet(
            "",
            (
                C("credit_code", ("法人统一代码",)),
                C("name", ("单位详细名称",)),
                C("county", ("行政区划",)),
                C("gb_code", ("国民经济行业小类",)),
                C("chain", ("所在链",)),
                C("products", ("主导产品",)),
                C("master", ("链主标识",), "yes"),
                C("above_scale", ("规模以上标识",), "yes"),
                C("output", ("工业总产值_本年累计(千元)",), "qian"),
                C("value_added", ("工业增加值_本年累计(千元)",), "qian"),
                C("tax", ("实缴税金_本年累计(千元)",), "qian"),
                C("research", ("研究开发费用(千元)",), "qian"),
                C("capacity", ("设计产值(千元)",), "qian", since=1),
                C("jobs", ("期末用工",)),
                C("area", ("占地(平方米)",), "sqm"),
                C("energy", ("能源消费量(吨标煤)",)),
                C("emission", ("污染物排放(吨)",)),
                C("zone", ("园区",)),
                C("phone", ("填表人电话",)),
            ),
            table="enterprises",
        ),
    ),
)

# 任务: an xls; the progress as a share, the kind as groups.
TASKS = Form(
    id="tasks",
    file="营商环境92件实事推进表{month}月.xls",
    kind="xls",
    hand="holdout",
    dates={"month_before": 0.6, "quarter_last": 0.2, "dot_zero": 0.2},
    sheets=(
        Sheet(
            "推进表",
            (
                C("task_id", ("任务代号",)),
                C("name", ("工作内容",)),
                C("department", ("牵头单位",)),
                C("leader", ("分管领导",)),
                C("due", ("时限要求",)),
                C("progress", ("完成比例",)),
                C("status", ("推进情况",)),
                C("done_date", ("销号日期",), "dot_zero"),
                C("note", ("需说明的情况",)),
            ),
            table="tasks",
            titles=("全市营商环境重点任务推进表（{year}年{month}月）",),
            group_by="kind",
            heading="【{key}】",
        ),
    ),
)

# 问题: a sheet for each county.
PROBLEMS = Form(
    id="problems",
    file="堵点难点销号台账{year}-{month:02d}.xlsx",
    hand="holdout",
    dates={"slash_zero": 0.5, "hao": 0.5},
    words={"yes": ("已销号", "未销号")},
    sheets=(
        Sheet(
            "{key}",
            (
                C("problem_id", ("台账号",)),
                C("project_name", ("所涉项目",)),
                C("kind", ("堵点类型",)),
                C("description", ("具体情况",)),
                C("steward", ("服务管家",)),
                C("department", ("市级牵头部门",)),
                C("raised", ("上账日期",)),
                C("due", ("限办日期",)),
                C("resolved", ("销号日期",)),
                C("status", ("销号状态",), "yes"),
                C("note", ("办理进展",)),
                C("contact", ("企业联系人",)),
            ),
            table="problems",
            split_by="county_name",
            titles=("{key}堵点难点问题销号台账",),
        ),
    ),
)

HOLDOUT_CITY_FORMS = (ATTRACTION, ZONES, ENTERPRISES, TASKS, PROBLEMS)
