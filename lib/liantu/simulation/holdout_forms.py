"""The held-out set: the counties' project ledgers in other forms, written without reading how ledgers are parsed (docs/simulation.md)."""

from __future__ import annotations

from liantu.simulation.grid import Column as C
from liantu.simulation.grid import Form, Sheet

EARLY = ("lead", "negotiating")
PREPARING = ("signed", "approved")
BUILDING = ("started", "resumed", "suspended")
RUNNING = ("producing", "at_capacity")
ENDED = ("terminated",)
ALL = (*EARLY, *PREPARING, *BUILDING, "completed", *RUNNING, *ENDED)
WORKS = (*PREPARING, *BUILDING, "completed", *RUNNING, *ENDED)
INDUSTRY = ("industry", "energy", "digital")
OTHERS = ("agriculture", "services", "infrastructure", "renewal", "livelihood", "ecology", "real_estate")

# 双塔: no column for the stage, the sheet says it; the unit stands in a row of its own under the header, 元 beside 万元; land in 公顷.
_SHUANGTA_HEAD = (
    C("serial", ("编号",)),
    C("name", ("工程（项目）名称",)),
    C("company", ("项目业主",), renamed=(3, ("项目业主（法人）",))),
    C("address", ("属地",)),
    C("chain", ("归属链条",)),
    C("construction", ("建设类别",)),
    C("total", ("概算总投资", "元"), "yuan"),
    C("plan_year", ("当年投资任务", "万元"), "wan"),
)
_SHUANGTA_TAIL = (
    C("area", ("用地规模", "公顷"), "hectare"),
    C("jobs", ("拟用工", "人")),
    C("leader", ("包联县级领导",)),
    C("contact_phone", ("业主联系人/手机",)),
    C("note", ("需协调解决事项",)),
)
SHUANGTA = Form(
    id="211302",
    file="市区重点项目月调度（双塔{year}.{month:02d}）.xls",
    file_since=(3, "双塔区{year}年前{quarter}个季度投资项目情况.xls"),
    kind="xls",
    hand="holdout",
    flag="★",
    dates={"dot_zero": 0.6, "dot_month": 0.25, "short_dot": 0.15},
    words={"ticks": ("●", "○", "—")},
    sheets=(
        Sheet(
            "1.建设中",
            (
                *_SHUANGTA_HEAD,
                C("done_year", ("年初至{month}月末完成", "万元"), "wan"),
                C("done_total", ("至{month}月末历年完成", "万元"), "wan"),
                C("actual.started", ("开工日",)),
                C("plan.completed", ("约定完工日",)),
                C("actual.suspended", ("停建日",)),
                C("actual.resumed", ("恢复建设日",)),
                C("permit.land", ("用地批准",), "tick"),
                C("permit.environment", ("环境影响评价",), "tick"),
                C("permit.energy", ("节能评估",), "tick"),
                *_SHUANGTA_TAIL,
            ),
            stages=BUILDING,
            titles=("双塔区建设中项目一览",),
            preface=("填报要求：概算总投资按批复文件填列；●为办结，○为未办结，—为不涉及；名称前加★的为十亿元以上项目。",),
            label_field="name",
            total="共{n}项",
            total_at_top=True,
            serial="{n:03d}",
        ),
        Sheet(
            "2.建成及投产",
            (
                *_SHUANGTA_HEAD,
                C("done_year", ("年初至{month}月末完成", "万元"), "wan"),
                C("done_total", ("至{month}月末历年完成", "万元"), "wan"),
                C("actual.started", ("开工日",)),
                C("actual.completed", ("完工日",)),
                C("actual.producing", ("投产日",)),
                C("actual.at_capacity", ("达到设计能力日",)),
                *_SHUANGTA_TAIL,
            ),
            stages=("completed", *RUNNING),
            titles=("双塔区建成及投产项目一览",),
            label_field="name",
            total="共{n}项",
            total_at_top=True,
            serial="{n:03d}",
        ),
        Sheet(
            "3.前期",
            (
                *_SHUANGTA_HEAD,
                C("actual.signed", ("协议签订日",)),
                C("actual.approved", ("备案日",)),
                C("plan.started", ("拟动工日",)),
                C("plan.completed", ("约定完工日",)),
                *_SHUANGTA_TAIL,
            ),
            stages=PREPARING,
            titles=("双塔区前期项目一览",),
            serial="{n:03d}",
        ),
    ),
)

# 龙城: a csv in UTF-8 with BOM; three tables under each other, two-level headers whose merges are lost; dates as a system stamps them.
_LONGCHENG_HEAD = (
    C("code", ("投资项目统一代码",)),
    C("name", ("项目全称",)),
    C("company", ("申报单位（企业全称）",)),
    C("zone", ("入驻园区",)),
    C("town", ("镇街",)),
    C("chain", ("产业集群",)),
    C("construction", ("新上/续建",)),
    C("total", ("投资规模", "项目总投入(万元)"), "wan", style="text"),
    C("plan_year", ("投资规模", "{year}年任务数(万元)"), "wan", style="text"),
)
_LONGCHENG_WORKS = Sheet(
    "",
    (
        *_LONGCHENG_HEAD,
        C("done_year", ("投资规模", "{year}年已完成数(万元)"), "wan", style="text"),
        C("done_total", ("投资规模", "历年累计数(万元)"), "wan", style="text", moved=(3, 7)),
        C("stage", ("当前节点",)),
        C("actual.approved", ("节点时间", "备案"), "stamp"),
        C("actual.started", ("节点时间", "破土动工"), "stamp"),
        C("plan.completed", ("节点时间", "计划完工"), "stamp"),
        C("actual.completed", ("节点时间", "实际完工"), "stamp"),
        C("actual.producing", ("节点时间", "试车投产"), "stamp"),
        C("actual.at_capacity", ("节点时间", "达标达产"), "stamp"),
        C("actual.terminated", ("节点时间", "中止"), "stamp", since=1),
        C("permit.siting", ("用地选址意见",), "status"),
        C("permit.environment", ("环保审批",), "status"),
        C("permit.safety", ("安全条件审查",), "status"),
        C("contact", ("填报人",)),
        C("phone", ("填报人手机",)),
        C("progress_text", ("进展描述",)),
    ),
    stages=(*BUILDING, "completed", *RUNNING, *ENDED),
    titles=("龙城区投资项目在线调度——实施类项目，数据期：{year}{month:02d}",),
    total="本页合计",
    label_field="name",
)
LONGCHENG = Form(
    id="211303",
    file="export_龙城_{year}{month:02d}.csv",
    kind="csv",
    encoding="utf-8-sig",
    hand="holdout",
    dates={"compact": 0.6, "iso_month": 0.4},
    words={"done": ("已批", "通过"), "pending": ("未批", "在审"), "not_needed": ("豁免", "免于办理")},
    sheets=(
        Sheet(
            **{
                **_LONGCHENG_WORKS.__dict__,
                "below": (
                    Sheet(
                        "",
                        (
                            *_LONGCHENG_HEAD,
                            C("stage", ("当前节点",)),
                            C("actual.signed", ("节点时间", "协议签订"), "stamp"),
                            C("actual.approved", ("节点时间", "备案"), "stamp"),
                            C("plan.started", ("节点时间", "计划动工"), "compact_month"),
                            C("note", ("堵点难点",)),
                        ),
                        stages=PREPARING,
                        titles=("龙城区投资项目在线调度——待实施类项目，数据期：{year}{month:02d}",),
                    ),
                    Sheet(
                        "",
                        (
                            *_LONGCHENG_HEAD[1:8],
                            C("stage", ("当前节点",)),
                            C("plan.started", ("意向动工时间",)),
                            C("origin", ("客商所在地",)),
                        ),
                        stages=EARLY,
                        titles=("龙城区投资项目在线调度——意向类项目",),
                    ),
                ),
            }
        ),
    ),
)

# 朝阳县: one sheet for each town, each amount with its own unit in the cell, columns numbered under the header;
# .xls until the first quarter, then .xlsx.
CHAOYANG_COUNTY = Form(
    id="211321",
    file="各乡镇项目汇编（朝阳县发改局）.xls",
    kind="xls",
    file_since=(2, "各乡镇项目汇编（朝阳县发改局）{year}{month:02d}.xlsx"),
    kind_since=(2, "xlsx"),
    hand="holdout",
    dates={"hao": 0.4, "month_last": 0.3, "short_month": 0.3},
    words={"yes": ("√", "")},
    sheets=(
        Sheet(
            "{key}",
            (
                C("serial", ("顺序",)),
                C("name", ("建设项目",)),
                C("content", ("建设规模与内容",)),
                C("company", ("实施主体",)),
                C("category", ("行业分类",)),
                C("chain", ("产业链归类",)),
                C("total", ("投资", "总额"), "wan", style="stated"),
                C("plan_year", ("投资", "当年安排"), "wan", style="stated"),
                C("done_year", ("投资", "当年到{month}月"), "wan", style="stated"),
                C("done_total", ("投资", "从开工算起"), "wan", style="stated"),
                C("plan.started", ("时间安排", "开工", "目标")),
                C("actual.started", ("时间安排", "开工", "实绩")),
                C("plan.completed", ("时间安排", "竣工", "目标")),
                C("actual.completed", ("时间安排", "竣工", "实绩")),
                C("plan.producing", ("时间安排", "投产", "目标"), until=1),
                C("actual.producing", ("时间安排", "投产", "实绩")),
                C("actual.at_capacity", ("时间安排", "达产", "实绩")),
                C("stage", ("项目现状",), renamed=(2, ("现处阶段",))),
                C("permit.filing", ("已办手续", "发改"), "tick"),
                C("permit.land", ("已办手续", "自然资源"), "tick"),
                C("permit.environment", ("已办手续", "生态环境"), "tick"),
                C("area", ("征占土地（平方米）",), "sqm"),
                C("contact", ("乡镇包保干部",)),
                C("phone", ("包保干部电话",)),
                C("note", ("存在困难",)),
            ),
            stages=ALL,
            split_by="town",
            titles=("朝阳县{key}{year}年{month}月固定资产投资项目进度台账",),
            number_row=True,
            notes=("乡镇主要领导签字：{person}　　　统计员：{person}　　　报出日期：{filled}",),
        ),
    ),
)

# 建平: grouped by stage with the sums in the group's heading row; firms merged over their projects;
# planned start and end in one cell.
JIANPING = Form(
    id="211322",
    file="附件2：建平县{year}年{quarter}季度项目建设推进表.xlsx",
    file_since=(1, "建平县{year}年推进表（第{q}次调度）.xlsx"),
    hand="holdout",
    dates={"dot_month_zero": 0.5, "short_dot": 0.3, "full_width": 0.1, "spaced": 0.1},
    words={"done": ("取得", "办结"), "pending": ("正办理", "待报"), "not_needed": ("不用办", "无")},
    hidden_lists={"字典（勿删）": (("阶段", "类别"), ("施工中", "工业类"), ("已建成", "基建"), ("投产见效", "涉农"))},
    sheets=(
        Sheet(
            "推进表",
            (
                C("company", ("主体单位",)),
                C("serial", ("项目序号",)),
                C("name", ("名称及期别",)),
                C("chain", ("产业链归口",)),
                C("origin", ("投资商来源",), until=2),
                C("span_months", ("建设起止年限",)),
                C("total", ("投资（亿元）", "计划总规模"), "yi"),
                C("plan_year", ("投资（亿元）", "{year}年度"), "yi"),
                C("done_total", ("截至{month}月底实际完成（万元）", "累计"), "wan", style="comma"),
                C("done_year", ("截至{month}月底实际完成（万元）", "其中：今年"), "wan", style="comma"),
                C("stage", ("推进状态",)),
                C("actual.approved", ("关键节点实际完成时间", "备案（核准）")),
                C("actual.started", ("关键节点实际完成时间", "开工")),
                C("actual.completed", ("关键节点实际完成时间", "竣工")),
                C("actual.producing", ("关键节点实际完成时间", "投产")),
                C("actual.at_capacity", ("关键节点实际完成时间", "达产"), since=1),
                C("permit.land", ("要件", "供地"), "status"),
                C("permit.environment", ("要件", "环评"), "status"),
                C("permit.energy", ("要件", "节能"), "status"),
                C("jobs", ("新增岗位",)),
                C("area", ("面积（亩）",)),
                C("note", ("影响进度的主要问题",)),
                C("contact_phone", ("对接人",)),
            ),
            stages=WORKS,
            titles=("附件2", "", "建平县项目建设推进表", "（{year}年{month}月{quarter}季度）"),
            group_by="stage_heading",
            heading="（{order}）{key}：{n}项",
            heading_sums=True,
            order_by="company",
            merges=("company",),
            serial="{g}-{n}",
            restart_serial=True,
            total="总  计（{n}项）",
            total_at_top=True,
        ),
    ),
)

# 喀左: two workbooks, industry and the rest; the first is an xlsx under the name .xls; the unit is said in the title only
# (亿元 in one, 万元 in the other), with a new page every 15 rows.
_KAZUO = (
    C("serial", ("号",)),
    C("name", ("项目",)),
    C("company", ("单位",)),
    C("town", ("乡镇（街道、园区）",)),
    C("chain", ("产业类型",)),
    C("total", ("总投资额",), "yi"),
    C("plan_year", ("今年拟投资额",), "yi"),
    C("done_year", ("今年已投资额",), "yi"),
    C("done_total", ("已投资总额",), "yi"),
    C("plan.started", ("开竣工时间", "拟开工")),
    C("plan.completed", ("开竣工时间", "拟竣工")),
    C("actual.started", ("开竣工时间", "已开工")),
    C("actual.completed", ("开竣工时间", "已竣工")),
    C("actual.producing", ("投达产时间", "投产")),
    C("actual.at_capacity", ("投达产时间", "达产")),
    C("actual.signed", ("招商签约",)),
    C("stage", ("项目进展情况",)),
    C("permit.filing", ("审批要件取得情况", "立项"), "status_date"),
    C("permit.siting", ("审批要件取得情况", "选址"), "status_date"),
    C("permit.land", ("审批要件取得情况", "土地"), "status_date"),
    C("permit.environment", ("审批要件取得情况", "环保"), "status_date"),
    C("area", ("用地",), since=1),
    C("contact", ("责任人",)),
    C("phone", ("责任人电话",)),
    C("note", ("附注",)),
)


def _kazuo(word: str, file: str, kind: str, categories: tuple[str, ...], unit: str) -> Form:
    columns = tuple(
        C(**{**column.__dict__, "how": unit}) if column.field in ("total", "plan_year", "done_year", "done_total") else column
        for column in _KAZUO
    )
    title = f"喀左县{word}项目{{year}}年度推进情况（金额单位：{'亿元' if unit == 'yi' else '万元'}，面积单位：亩，{{month}}月）"
    return Form(
        id="211324",
        file=file,
        kind=kind,
        hand="holdout",
        dates={"year_last": 0.25, "month_part": 0.35, "day_zero": 0.2, "quarter_last": 0.2},
        words={"done": ("有",), "pending": ("无",), "not_needed": ("免办",)},
        sheets=(
            Sheet(
                f"{word}{{month}}月",
                columns,
                stages=ALL,
                categories=categories,
                titles=(title,),
                repeat_header=15,
                repeat_title=f"喀左县{word}项目推进情况（续表）",
                group_by="heading",
                heading="{key}",
                subtotal="{key}小计",
                subtotal_at_top=True,
                label_field="name",
                serial="（{n}）",
                notes=("注：1.本表数据由各乡镇、园区提供。2.停缓建项目请在附注中写明原因。",),
            ),
            Sheet("上报说明", (), notes=("请于每月25日前报送", "喀左县重大项目推进办公室"), since=1),
        ),
    )


KAZUO_INDUSTRY = _kazuo("工业", "喀左工业项目{year}{month:02d}.xls", "xlsx", INDUSTRY, "yi")
KAZUO_OTHERS = _kazuo("非工业", "喀左非工业项目（基础设施、民生、农业等）{year}{month:02d}.xlsx", "xlsx", OTHERS, "wan")

# 北票: HTML in gb2312 under the name .xls; the stage is a dot in one of seven columns; towns merged; four header levels;
# the file changes its name.
BEIPIAO = Form(
    id="211381",
    file="北票市亿元以上及亿元以下项目表.xls",
    file_since=(2, "北票在建和谋划项目（{month}月）.xls"),
    kind="html",
    encoding="gb18030",
    hand="holdout",
    flag="▲",
    dates={"chinese_day": 0.3, "chinese_month": 0.3, "quarter_nth": 0.15, "hao": 0.25},
    words={"ticks": ("●", "", ""), "done": ("齐",), "pending": ("缺",), "not_needed": ("免",)},
    sheets=(
        Sheet(
            "项目表",
            (
                C("serial", ("序",)),
                C("town", ("落地乡镇",)),
                C("name", ("项目基本情况", "项目（工程）")),
                C("company", ("项目基本情况", "承担单位")),
                C("category", ("项目基本情况", "门类")),
                C("chain", ("项目基本情况", "对应链")),
                C("total", ("项目基本情况", "总投资【万元】"), "wan"),
                C("plan_year", ("年度", "投资【万元】", "目标"), "wan"),
                C("done_year", ("年度", "投资【万元】", "1至{month}月"), "wan"),
                C("done_total", ("年度", "投资【万元】", "含往年"), "wan", until=3),
                C("is.early", ("状态（选一项画●）", "前期"), "mark"),
                C("is.building", ("状态（选一项画●）", "在建"), "mark"),
                C("is.completed", ("状态（选一项画●）", "完工"), "mark"),
                C("is.producing", ("状态（选一项画●）", "投产"), "mark"),
                C("is.at_capacity", ("状态（选一项画●）", "达产"), "mark"),
                C("is.stopped", ("状态（选一项画●）", "停缓建"), "mark"),
                C("is.ended", ("状态（选一项画●）", "退库"), "mark"),
                C("actual.signed", ("进度时间", "签约")),
                C("actual.approved", ("进度时间", "审批", "核准或备案")),
                C("plan.started", ("进度时间", "建设", "开工", "预定")),
                C("actual.started", ("进度时间", "建设", "开工", "实际")),
                C("plan.completed", ("进度时间", "建设", "竣工", "预定")),
                C("actual.completed", ("进度时间", "建设", "竣工", "实际")),
                C("actual.producing", ("进度时间", "生产", "投产")),
                C("actual.at_capacity", ("进度时间", "生产", "达产")),
                C("permit.land", ("手续", "地"), "status"),
                C("permit.environment", ("手续", "环"), "status"),
                C("permit.energy", ("手续", "能"), "status"),
                C("permit.safety", ("手续", "安"), "status"),
                C("leader", ("市级包保领导",)),
                C("department", ("行业主管部门",), since=2),
                C("progress_text", ("形象进度描述",)),
                C("contact_phone", ("专班人员及电话",)),
            ),
            stages=WORKS,
            titles=("北票市项目建设“赛马”进度表", "赛马期：{year}年1月至{month}月"),
            merge="town",
            total="全市合计",
            label_field="name",
            notes=("▲表示总投资十亿元以上项目。",),
            below=(
                Sheet(
                    "谋划",
                    (
                        C("serial", ("序",)),
                        C("name", ("谋划项目",)),
                        C("town", ("意向选址",)),
                        C("total", ("估算投资【万元】",), "wan"),
                        C("stage", ("对接程度",)),
                        C("plan.started", ("争取开工时限",)),
                        C("origin", ("客商来自",)),
                        C("department", ("牵头谋划单位",)),
                    ),
                    stages=EARLY,
                    titles=("附：北票市谋划项目",),
                ),
            ),
        ),
    ),
)

# 凌源: three tables in one sheet, each with its own unit in its title; the order and the words of the columns differ from table to table.
LINGYUAN = Form(
    id="211382",
    file="{year}年凌源市高质量发展项目清单-{month}月更新.xlsx",
    hand="holdout",
    dates={"slash_zero": 0.35, "slash_month": 0.25, "quarter_q": 0.15, "said": 0.15, "two_lines": 0.1},
    sheets=(
        Sheet(
            "清单",
            (
                C("serial", ("No.",)),
                C("name", ("项  目  名  称",)),
                C("total", ("总投资",), "wan"),
                C("done_total", ("累计投入",), "wan"),
                C("done_year", ("当年投入",), "wan"),
                C("plan_year", ("当年盘子",), "wan"),
                C("company", ("建设主体",)),
                C("town", ("坐落",)),
                C("chain", ("产业",)),
                C("stage", ("工程状态",)),
                C("actual.started", ("动工",)),
                C("plan.completed", ("合同竣工",)),
                C("actual.suspended", ("停工",), since=1),
                C("actual.resumed", ("复工",), since=1),
                C("permit.land", ("用地",), "yes"),
                C("permit.environment", ("环评",), "yes"),
                C("progress_text", ("工程形象进度",)),
                C("contact", ("现场负责人",)),
                C("phone", ("现场负责人电话",)),
            ),
            stages=BUILDING,
            titles=("凌源市{year}年项目清单", "表一　正在实施的项目（投资单位：万元）"),
            total="合　计",
            label_field="name",
            blank_rows=0.02,
            below=(
                Sheet(
                    "表二",
                    (
                        C("serial", ("No.",)),
                        C("company", ("建设主体",)),
                        C("name", ("已建成项目名称",)),
                        C("chain", ("产业",)),
                        C("total", ("决算（概算）投资",), "yi"),
                        C("done_year", ("当年投入",), "yi"),
                        C("actual.started", ("动工",)),
                        C("actual.completed", ("竣工验收",)),
                        C("actual.producing", ("投产",)),
                        C("actual.at_capacity", ("达效",)),
                        C("stage", ("运行情况",)),
                        C("jobs", ("实际用工",)),
                        C("note", ("说  明",)),
                    ),
                    stages=("completed", *RUNNING),
                    titles=("表二　已经建成的项目（投资单位：亿元）",),
                    total="合　计",
                    label_field="name",
                ),
                Sheet(
                    "表三",
                    (
                        C("serial", ("No.",)),
                        C("name", ("拟实施项目名称",)),
                        C("company", ("投资单位",)),
                        C("origin", ("投资单位注册地",)),
                        C("total", ("计划投资",), "wan"),
                        C("stage", ("前期工作深度",)),
                        C("actual.signed", ("签约",)),
                        C("actual.approved", ("立项备案",)),
                        C("plan.started", ("预计动工",)),
                        C("plan.completed", ("预计竣工",)),
                        C("permit.siting", ("选址",), "yes"),
                        C("permit.land", ("用地",), "yes"),
                        C("note", ("需市里解决的问题",)),
                    ),
                    stages=(*EARLY, *PREPARING, *ENDED),
                    titles=("表三　计划实施的项目（投资单位：万元）",),
                    group_by="stage_heading",
                    heading="◆{key}",
                    total="合　计",
                    label_field="name",
                ),
            ),
        ),
        Sheet("清单 (2)", (), copy_of="清单", hidden=True, since=1, until=2),
    ),
)

# 市直: an OpenDocument spreadsheet; grouped by department; numbers as text; one column holds what is done and what is planned.
CITY = Form(
    id="211300",
    file="市直单位承建项目.ods",
    kind="ods",
    hand="holdout",
    dates={"cell": 0.5, "compact_number": 0.5},
    sheets=(
        Sheet(
            "Sheet1",
            (
                C("serial", ("序号",)),
                C("name", ("承建项目",)),
                C("company", ("项目法人",)),
                C("county", ("项目落位",)),
                C("total", ("总概算（元）",), "yuan", style="comma"),
                C("plan_year", ("今年资金计划（元）",), "yuan", style="comma"),
                C("done_year", ("今年支付进度（元）",), "yuan", style="comma"),
                C("stage", ("目前进度",)),
                C("date.started", ("开工（未开工填计划）",)),
                C("date.completed", ("完工（未完工填计划）",)),
                C("note", ("情况说明",)),
            ),
            stages=WORKS,
            titles=("市直单位承建项目情况", "（{year}年{month}月）"),
            group_by="department",
            heading="{key}",
        ),
    ),
)

HOLDOUT_COUNTY_FORMS = (SHUANGTA, LONGCHENG, CHAOYANG_COUNTY, JIANPING, KAZUO_INDUSTRY, KAZUO_OTHERS, BEIPIAO, LINGYUAN, CITY)
