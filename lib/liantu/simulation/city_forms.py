"""The city departments' ledgers: attraction, development zones, enterprises, tasks and problems; declared, not coded."""

from __future__ import annotations

from liantu.simulation.grid import Column as C
from liantu.simulation.grid import Form, Sheet

_ATTRACTION = (
    C("serial", ("序号",)),
    C("county", ("落地县（市）区",)),
    C("name", ("项目名称",)),
    C("investor", ("投资方",), renamed=(2, ("投资方名称",))),
    C("origin", ("投资方所在地",)),
    C("chain", ("对应产业链",)),
    C("signed_date", ("签约时间",)),
    C("total", ("协议投资额（亿元）",), "yi2"),
    C("done_total", ("到位资金（万元）",), "wan"),
    C("stage", ("项目进展",)),
    C("actual.started", ("开工时间",), since=1),
    C("content", ("项目简介",), until=2),
    C("leader", ("包抓市级领导",)),
    C("contact", ("联系人",)),
    C("phone", ("联系电话",)),
    C("note", ("备注",)),
)
_EARLY = tuple(c for c in _ATTRACTION if c.field not in ("signed_date", "done_total", "actual.started"))
ATTRACTION = Form(
    id="attraction",
    file="招商引资项目台账（市商务局）.xlsx",
    dates={"dot": 0.5, "day": 0.2, "month": 0.3},
    sheets=(
        Sheet(
            "签约项目",
            _ATTRACTION,
            table="attraction_signed",
            titles=("{year}年全市招商引资签约项目台账", "单位：亿元　　　　截至{year}年{month}月"),
            merge="county",
            total="合计",
            notes=("注：以县（市）区上报及专班掌握情况为准。", "市商务局 投资促进科 {person} {phone}"),
        ),
        Sheet("在谈项目", _EARLY, table="attraction_talks", titles=("全市招商引资在谈项目台账",), merge="county"),
    ),
)

ZONES = Form(
    id="zones",
    file="开发区建设情况统计表.xlsx",
    dates={"dot": 0.6, "month": 0.4},
    sheets=(
        Sheet(
            "开发区基本情况",
            (
                C("serial", ("序号",)),
                C("zone", ("开发区名称",)),
                C("county", ("所在地",)),
                C("planned_area", ("规划面积（亩）",)),
                C("used_area", ("已开发面积（亩）",)),
                C("output", ("经济指标（万元）", "工业产值"), "wan"),
                C("tax", ("经济指标（万元）", "税收"), "wan"),
                C("jobs", ("从业人数",)),
                C("factory", ("标准化厂房（平方米）", "总面积")),
                C("idle", ("标准化厂房（平方米）", "闲置面积")),
                C("enclave_partner", ("飞地经济", "合作方")),
                C("enclave_tax", ("飞地经济", "飞地税收（万元）"), "wan"),
                C("enclave_share", ("飞地经济", "分成比例")),
                C("digital", ("数字化改造完成率",)),
                C("note", ("备注",)),
            ),
            table="zones",
            titles=("全市开发区基本情况表", "（{year}年1-{month}月）"),
            total="合计",
        ),
        Sheet(
            "园区项目",
            (
                C("serial", ("序号",)),
                C("zone", ("所在开发区",)),
                C("name", ("项目名称",)),
                C("company", ("企业名称",)),
                C("chain", ("主导产业",)),
                C("area", ("用地面积（亩）",)),
                C("total", ("总投资（万元）",), "wan"),
                C("done_total", ("累计完成投资（万元）",), "wan"),
                C("stage", ("进展情况",)),
                C("actual.started", ("开工时间",)),
                C("plan.completed", ("预计竣工时间",)),
                C("actual.producing", ("投产时间",)),
                C("enclave", ("是否飞地项目",), "yes", since=2),
                C("note", ("备注",)),
            ),
            table="zone_projects",
            titles=("开发区在建项目情况表",),
            group_by="zone",
            merge="zone",
            group_heading=False,
            subtotal="小计",
        ),
    ),
)

ENTERPRISES = Form(
    id="enterprises",
    file="规上企业运行监测表.xlsx",
    dates={"iso": 1.0},
    sheets=(
        Sheet(
            "企业名录",
            (
                C("serial", ("序号",)),
                C("credit_code", ("统一社会信用代码",)),
                C("name", ("企业名称",)),
                C("county", ("所在县区",)),
                C("zone", ("所在开发区",)),
                C("chain", ("所属产业链",)),
                C("gb_code", ("行业代码",)),
                C("products", ("主要产品",)),
                C("master", ("是否链主企业",), "yes"),
                C("above_scale", ("是否规上",), "yes"),
                C("capacity", ("年产能（万元）",), "wan", since=1),
                C("output", ("{months}产值（万元）",), "wan"),
                C("value_added", ("增加值（万元）",), "wan"),
                C("tax", ("入库税金（万元）",), "wan"),
                C("jobs", ("从业人员平均人数（人）",)),
                C("area", ("用地面积（亩）",)),
                C("energy", ("综合能耗（吨标准煤）",)),
                C("emission", ("主要污染物排放量（吨）",)),
                C("research", ("研发费用（万元）",), "wan"),
                C("phone", ("联系电话",)),
            ),
            table="enterprises",
            titles=("全市重点工业企业运行监测表", "（{year}年1-{month}月）　　单位：万元"),
            total="合计",
            total_at_top=True,
            notes=("资料来源：市工信局",),
        ),
    ),
)

TASKS = Form(
    id="tasks",
    file="营商环境重点任务清单.xlsx",
    dates={"month_end": 0.6, "dot": 0.4},
    sheets=(
        Sheet(
            "任务清单",
            (
                C("task_id", ("编号",)),
                C("kind", ("类别",)),
                C("name", ("重点任务",)),
                C("department", ("责任单位",)),
                C("leader", ("责任领导",)),
                C("due", ("完成时限",)),
                C("progress", ("完成进度",)),
                C("status", ("完成情况",)),
                C("done_date", ("办结时间",)),
                C("note", ("备注",)),
            ),
            table="tasks",
            titles=("2022年优化营商环境92项重点任务清单", "（截至{year}年{month}月底）"),
            group_by="kind",
            merge="kind",
            group_heading=False,
        ),
    ),
)

PROBLEMS = Form(
    id="problems",
    file="项目问题台账.xlsx",
    dates={"dot": 0.7, "month_day": 0.3},
    sheets=(
        Sheet(
            "问题清单",
            (
                C("problem_id", ("问题编号",)),
                C("county", ("县区",)),
                C("project_name", ("涉及项目",)),
                C("kind", ("问题类别",)),
                C("description", ("问题描述",)),
                C("department", ("责任单位",)),
                C("steward", ("项目管家单位",)),
                C("raised", ("提出时间",)),
                C("due", ("解决时限",)),
                C("resolved", ("解决时间",)),
                C("status", ("是否解决",), "yes"),
                C("contact", ("联系人",)),
                C("note", ("进展",)),
            ),
            table="problems",
            titles=("全市项目建设问题清单（问题台账）", "更新至{year}年{month}月"),
            notes=("本台账由市项目办按月更新。",),
        ),
    ),
)

CITY_FORMS = (ATTRACTION, ZONES, ENTERPRISES, TASKS, PROBLEMS)
