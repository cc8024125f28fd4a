"""The contracts of the tidy tables: columns, types, units, allowed values and what each means.

Money is in 万元 (`_wan`, float64), area in mu (`_mu`), dates are days (date32 on disk, datetime64[ms] in pandas), text is `str`.
The schemas checked at the end of cleaning and on opening, the arrow types on disk and the data dictionary all come from here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd
import pyarrow as arrow
import pyarrow.compute as compute

if TYPE_CHECKING:
    import pandera.pandas as pa

STAGES = ("signed", "approved", "started", "resumed", "completed", "producing", "at_capacity", "suspended", "terminated")
EARLY_STAGES = ("lead", "negotiating")
APPROVALS = ("siting", "land", "energy", "environment", "safety", "filing")
PRECISIONS = ("day", "ten_days", "month", "quarter", "half", "year")
SOURCES = ("county", "zone", "department")

Kind = Literal["text", "date", "number", "count", "flag"]
_TEXT = pd.StringDtype(na_value=np.nan)
_PANDAS = {"text": "str", "date": "datetime64[ms]", "number": "float64", "count": "Int64", "flag": "boolean"}
_ARROW = {"text": arrow.string(), "date": arrow.date32(), "number": arrow.float64(), "count": arrow.int64(), "flag": arrow.bool_()}


@dataclass(frozen=True)
class Column:
    """One column of a tidy table."""

    name: str
    kind: Kind
    zh: str
    en: str
    nullable: bool = True
    allowed: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None

    @property
    def unit(self) -> str:
        """The unit told by the name: 万元, mu, days or none."""
        for suffix, unit in (("_wan", "万元"), ("_mu", "亩 mu"), ("_days", "天 days"), ("_m2", "平方米 m2")):
            if self.name.endswith(suffix):
                return unit
        return ""


@dataclass(frozen=True)
class Contract:
    """One tidy table: its columns in order, and the columns that name a row."""

    table: str
    zh: str
    en: str
    key: tuple[str, ...]
    columns: tuple[Column, ...] = field(repr=False)

    @property
    def names(self) -> list[str]:
        """Column names in order."""
        return [column.name for column in self.columns]

    @property
    def arrow_schema(self) -> arrow.Schema:
        """The types on disk."""
        return _arrow_schema(self)

    def schema(self) -> pa.DataFrameSchema:
        """The pandera schema: types are enforced, not coerced; unknown columns are an error."""
        return _schema(self)

    def conform(self, rows: pd.DataFrame | Sequence[dict]) -> pd.DataFrame:
        """`rows` with the contract's columns in order and types, missing columns empty, and checked.

        Raises pandera.errors.SchemaError when a value breaks the contract.
        """
        frame = rows if isinstance(rows, pd.DataFrame) else pd.DataFrame(rows, columns=self.names)
        made = pd.DataFrame({
            column.name: _cast(frame[column.name], column.kind) if column.name in frame else nothing(column.kind, len(frame))
            for column in self.columns})
        # Whole columns are looked at once; pandera, which is slower, is asked only to tell what is wrong.
        kept = all(_keeps(made[column.name], column) for column in self.columns) and _unique(made, self.key)
        return made if kept else self.schema().validate(made)

    def conform_part(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Of the contract's columns those that `rows` has and that hold something, typed and checked, for a part of a table.

        Keys may repeat in another part, so they are left to `conform` of the whole. Raises as `conform`.
        """
        told = {column: _cast(rows[column.name], column.kind) for column in self.columns if column.name in rows}
        if all(column.nullable or column in told for column in self.columns) and all(_keeps(told[column], column) for column in told):
            return pd.DataFrame({column.name: values for column, values in told.items() if not column.nullable or values.notna().any()})
        return self.schema().validate(self.conform(rows))


def nothing(kind: Kind, rows: int) -> pd.Series:
    """An empty column of one kind."""
    if kind == "text":
        return pd.Series(pd.array(arrow.nulls(rows, arrow.large_string()), dtype=_TEXT))
    if kind == "date":
        return pd.Series(np.full(rows, np.datetime64("NaT"), dtype="datetime64[ms]"))
    return pd.Series(np.full(rows, np.nan)).astype(_PANDAS[kind])


def _cast(values: pd.Series, kind: Kind) -> pd.Series:
    values = values.reset_index(drop=True)
    if values.dtype == (_TEXT if kind == "text" else _PANDAS[kind]):
        return values
    if kind == "date":
        return pd.to_datetime(values).astype("datetime64[ms]")
    return values.astype("str" if kind == "text" else _PANDAS[kind]) if values.notna().any() else nothing(kind, len(values))


def _keeps(values: pd.Series, column: Column) -> bool:
    """Whether a column of the contract's type keeps to what else the contract says of it."""
    if not column.nullable and values.isna().any():
        return False
    if column.allowed:
        return set(arrow.array(values.array).unique().to_pylist()) <= {*column.allowed, None}
    if column.minimum is None and column.maximum is None:
        return True
    numbers = values.to_numpy("float64", na_value=np.nan)
    with np.errstate(invalid="ignore"):
        below = column.minimum is not None and (numbers < column.minimum).any()
        return not below and not (column.maximum is not None and (numbers > column.maximum).any())


def _unique(rows: pd.DataFrame, key: tuple[str, ...]) -> bool:
    """Whether no two rows have the same key."""
    if not key:
        return True
    if isinstance(rows[key[0]].dtype, pd.StringDtype) and compute.count_distinct(arrow.array(rows[key[0]].array)).as_py() == len(rows):
        return True
    return not rows.duplicated(list(key)).any()


@cache
def _arrow_schema(contract: Contract) -> arrow.Schema:
    return arrow.schema([arrow.field(column.name, _ARROW[column.kind]) for column in contract.columns])


def broken_contract() -> tuple[type[Exception], ...]:
    """What `conform` raises, for an except clause: asked for only when something was raised, for pandera is slow to import."""
    from pandera.errors import SchemaError, SchemaErrors

    return SchemaError, SchemaErrors


@cache
def _schema(contract: Contract) -> pa.DataFrameSchema:
    # Slow to import, and wanted only where a contract is broken.
    import pandera.pandas as pa

    columns = {}
    for column in contract.columns:
        checks = [pa.Check.isin(column.allowed)] if column.allowed else []
        if column.minimum is not None:
            checks.append(pa.Check.ge(column.minimum))
        if column.maximum is not None:
            checks.append(pa.Check.le(column.maximum))
        dtype = _TEXT if column.kind == "text" else _PANDAS[column.kind]
        columns[column.name] = pa.Column(dtype, checks, nullable=column.nullable)
    unique = list(contract.key) or None
    return pa.DataFrameSchema(columns, strict=True, ordered=True, unique=unique, name=contract.table)


def _text(name: str, zh: str, en: str, allowed: tuple[str, ...] = (), required: bool = False) -> Column:
    return Column(name, "text", zh, en, not required, allowed)


def _day(name: str, zh: str, en: str, required: bool = False) -> Column:
    return Column(name, "date", zh, en, not required)


def _number(name: str, zh: str, en: str, minimum: float | None = 0, maximum: float | None = None) -> Column:
    return Column(name, "number", zh, en, minimum=minimum, maximum=maximum)


def _count(name: str, zh: str, en: str, required: bool = False) -> Column:
    return Column(name, "count", zh, en, not required, minimum=0)


_PROJECT_ID = _text("project_id", "项目编号（各期稳定）", "Project, the same over snapshots and re-runs", required=True)
_SNAPSHOT = _day("snapshot", "台账截止日", "Date to which the ledger reports", required=True)
_COUNTY = _text("county", "县（市）区代码（GB/T 2260）", "County code (GB/T 2260)")
_WHERE = (
    _text("source_file", "来源文件", "Source file, relative to the raw folder", required=True),
    _text("sheet", "工作表（csv 为空）", "Sheet; empty for csv", required=True),
    _count("row", "行号（与表格软件所示一致）", "Row as a spreadsheet shows it, from 1", required=True),
)
CONSTRUCTION = ("new", "carried_over", "expansion", "upgrade")

_DESCRIPTION = (
    _text("name", "项目名称", "Name", required=True),
    _text("company", "建设单位", "Company"),
    _COUNTY,
    _text("zone", "开发区", "Development zone"),
    _text("chain", "产业链（工作清单中文名）", "Chain, by its Chinese name in the working list"),
    _text("link", "环节编号", "Link of the chain"),
    _number("link_confidence", "环节判定置信度", "Probability that the link is right, 0 to 1", maximum=1),
    _text("construction", "建设性质", "Kind of construction", CONSTRUCTION),
    _text("category", "项目类别", "Category"),
    _number("total_investment_wan", "总投资", "Total investment"),
    _text("origin", "资金来源地", "Where the investor comes from"),
)
_DETAIL = (
    _number("area_mu", "用地面积", "Land area"),
    _number("jobs", "用工人数", "Jobs"),
    _text("department", "责任单位", "Responsible department"),
    _text("national_code", "国家项目代码", "National project code (24 characters)"),
)

PROJECTS = Contract("projects", "项目", "One row for each real project, as known at the date of opening", ("project_id",), (
    _PROJECT_ID, *_DESCRIPTION,
    _text("stage", "当前阶段", "Current stage", EARLY_STAGES + STAGES),
    *_DETAIL,
    _day("first_snapshot", "首次上报", "First snapshot that reports it", required=True),
    _day("last_snapshot", "最近上报", "Last snapshot that reports it", required=True),
    _count("n_reports", "上报次数", "Ledger rows that report it", required=True),
))
MILESTONES = Contract("milestones", "节点", "One row for each project and stage", ("project_id", "stage"), (
    _PROJECT_ID,
    _text("stage", "阶段", "Stage", STAGES, required=True),
    _day("planned_date", "计划日期（期末）", "Planned date; a period is stored as its last day"),
    _day("actual_date", "实际日期（期末）", "Actual date; a period is stored as its last day"),
    _text("precision", "日期精度", "Precision of the actual date, else of the planned one", PRECISIONS),
    _day("first_reported", "首次上报实际日期的台账", "First snapshot that says it happened"),
))
INVESTMENTS = Contract("investments", "投资", "One row for each project and snapshot", ("project_id", "snapshot"), (
    _PROJECT_ID, _SNAPSHOT,
    _number("plan_year_wan", "年度计划投资", "Planned in the year"),
    _number("done_year_wan", "年度累计完成投资", "Done in the year so far"),
    _number("done_total_wan", "开工以来累计完成投资", "Done since the start"),
))
APPROVAL_ROWS = Contract("approvals", "审批手续", "One row for each project and approval reported", ("project_id", "approval"), (
    _PROJECT_ID,
    _text("approval", "手续", "Approval", APPROVALS, required=True),
    _text("status", "状态", "Status", ("not_needed", "pending", "done"), required=True),
    _day("date", "办结日期", "Date of the approval"),
))
ENTERPRISES = Contract("enterprises", "企业", "One row for each firm and snapshot", ("enterprise_id", "snapshot"), (
    _text("enterprise_id", "企业编号", "Firm, the same over snapshots", required=True), _SNAPSHOT,
    _text("name", "企业名称", "Name", required=True),
    _text("credit_code", "统一社会信用代码", "Unified social credit code"),
    _COUNTY, _text("zone", "开发区", "Development zone"),
    _text("chain", "产业链", "Chain"), _text("link", "环节", "Link"),
    _number("link_confidence", "环节判定置信度", "Probability that the link is right", maximum=1),
    _text("gb_code", "行业代码（GB/T 4754）", "Industry code (GB/T 4754)"), _text("products", "主要产品", "Main products"),
    Column("master", "flag", "链主企业", "Chain master"), Column("above_scale", "flag", "规模以上", "Above designated size"),
    _number("output_wan", "产值", "Output of the year"), _number("capacity_wan", "产能", "Capacity in value"),
    _number("tax_wan", "税收", "Tax", minimum=None), _number("value_added_wan", "增加值", "Value added", minimum=None),
    _number("jobs", "从业人数", "Employees"), _number("area_mu", "用地面积", "Land area"),
    _number("energy_tce", "能耗（吨标煤）", "Energy, tonnes of coal equivalent"), _number("emission_t", "排放（吨）", "Emissions, tonnes"),
    _number("research_wan", "研发投入", "Research spending"),
))
ZONES = Contract("zones", "开发区", "One row for each zone and snapshot", ("zone", "snapshot"), (
    _text("zone", "开发区", "Zone", required=True), _SNAPSHOT, _COUNTY,
    _number("area_mu", "规划面积", "Planned area"), _number("used_mu", "已用面积", "Area in use"),
    _number("output_wan", "产值", "Output"), _number("tax_wan", "税收", "Tax"), _number("jobs", "从业人数", "Jobs"),
    _number("factory_m2", "标准化厂房面积", "Standard factories"), _number("idle_m2", "闲置厂房面积", "Idle factories"),
    _number("enclave_tax_wan", "飞地税收", "Tax of enclave projects"),
    _text("enclave_partner", "飞地合作方", "Partner of the enclave"),
    _number("share_partner", "飞地分成比例", "Partner's share", maximum=1),
    _number("digital_share", "数字化改造完成率", "Digital upgrade done", maximum=1),
))
TASKS = Contract("tasks", "重点任务", "One row for each task and snapshot", ("task_id", "snapshot"), (
    _text("task_id", "任务编号", "Task", required=True), _SNAPSHOT,
    _text("name", "任务", "Task", required=True), _text("kind", "类别", "Kind"), _COUNTY,
    _text("department", "责任单位", "Responsible department"), _day("due", "完成时限", "Due"),
    _number("progress", "进度", "Progress, 0 to 1", maximum=1),
    _day("done_date", "办结日期", "Done on"),
    _text("status", "状态", "Status as reported"),
))
PROBLEMS = Contract("problems", "问题", "One row for each problem and snapshot", ("problem_id", "snapshot"), (
    _text("problem_id", "问题编号", "Problem", required=True), _SNAPSHOT,
    _text("project_name", "涉及项目", "Project as named"),
    _text("project_id", "项目编号", "Project, where it could be matched"), _COUNTY,
    _text("kind", "问题类别", "Kind"), _text("description", "问题描述", "Description"),
    _text("department", "责任单位", "Responsible department"), _text("steward", "项目管家单位", "Steward's office"),
    _day("raised", "提出日期", "Raised on"), _day("due", "解决时限", "Due"), _day("resolved", "解决日期", "Resolved on"),
    _text("status", "状态（上报原文）", "Status as reported"),
))
LINEAGE = Contract("lineage", "来源", "One row for each accepted ledger row", (), (
    _text("table", "表", "Table", required=True), _text("key", "键", "Key of the row in its table", required=True),
    *_WHERE, _SNAPSHOT, _COUNTY,
))
QUARANTINE = Contract("quarantine", "隔离", "Cells that could not be used or are doubtful", (), (
    *_WHERE, _text("column", "列（表头原文）", "Column, as the header reads"), _text("value", "原值", "Value as written"),
    _text("rule", "规则", "Rule", required=True),
    _text("severity", "严重程度", "error: the row is not used; warning: used, flagged", ("error", "warning"), required=True),
    _text("message_zh", "说明（中文）", "Message in Chinese", required=True),
    _text("message_en", "说明（英文）", "Message in English", required=True),
    _text("fix", "请上报单位", "What the reporter should send", required=True),
    _day("snapshot", "可知的台账截止日", "Snapshot with which it shows: the row's own, or a later one that reveals it", required=True),
))
MERGES = Contract("merges", "归并", "Decisions on rows that may report the same project", (), (
    _PROJECT_ID, *_WHERE, _text("matched_to", "对应", "Project or row it was held against"),
    _number("score", "得分", "Score, 0 to 1", maximum=1), _text("evidence", "依据", "Evidence"),
    _text("decision", "结论", "Decision", ("merged", "proposed", "kept_apart"), required=True),
))
_CHANGED = "One row for each date or sum of a project that a later ledger of the same kind of reporter gives otherwise"
CHANGES = Contract("changes", "变动", _CHANGED, (), (
    _PROJECT_ID, _text("field", "字段（observations 的列名）", "Column of observations that changed", required=True),
    _text("source", "上报来源", "Who reports", SOURCES, required=True),
    _SNAPSHOT, _day("previous_snapshot", "上次上报", "Snapshot that gave the previous value", required=True), *_WHERE,
    _day("original_date", "最初日期", "Date as first reported"), _day("previous_date", "上次日期", "Date as reported before"),
    _day("latest_date", "本次日期", "Date as reported now"),
    _number("original_wan", "最初金额", "Sum as first reported"), _number("previous_wan", "上次金额", "Sum as reported before"),
    _number("latest_wan", "本次金额", "Sum as reported now"),
    _text("reason", "说明的原因（空为未说明）", "Reason as the ledger gives it; empty: no reason given"),
))
PARTS = Contract("parts", "打捆项目与分项", "One row for each project that is a part of a packaged one", ("whole_id", "part_id"), (
    _text("whole_id", "打捆项目编号", "The packaged project", required=True), _text("part_id", "分项编号", "Its part", required=True),
    _day("snapshot", "最早可知的台账", "First snapshot that shows both", required=True),
    _number("score", "得分", "Score, 0 to 1", maximum=1), _text("evidence", "依据", "Evidence"),
    _text("decision", "结论", "Decision", ("linked", "proposed"), required=True),
))
_OBSERVED = "One row for each accepted project row: what one ledger said at one date; the other project tables are folded from it"
OBSERVATIONS = Contract("observations", "逐次上报", _OBSERVED, (), (
    _PROJECT_ID, _SNAPSHOT, _text("source", "上报来源", "Who reports", SOURCES, required=True), *_WHERE, *_DESCRIPTION,
    _text("stage", "上报阶段", "Stage as reported", EARLY_STAGES + STAGES), *_DETAIL,
    _text("note", "备注", "Note, without personal data"),
    _number("plan_year_wan", "年度计划投资", "Planned in the year"),
    _number("done_year_wan", "年度累计完成投资", "Done in the year so far"),
    _number("done_total_wan", "累计完成投资", "Done since the start"),
    *(column for stage in STAGES for column in (
        _day(f"{stage}_planned", f"{stage} 计划日期", f"Planned date of {stage}"),
        _text(f"{stage}_planned_precision", f"{stage} 计划日期精度", f"Precision of the planned date of {stage}", PRECISIONS),
        _day(f"{stage}_actual", f"{stage} 实际日期", f"Actual date of {stage}"),
        _text(f"{stage}_actual_precision", f"{stage} 实际日期精度", f"Precision of the actual date of {stage}", PRECISIONS))),
    *(column for approval in APPROVALS for column in (
        _text(f"{approval}_status", f"{approval} 状态", f"Status of {approval}", ("not_needed", "pending", "done")),
        _day(f"{approval}_date", f"{approval} 日期", f"Date of {approval}"))),
))

CONTRACTS = {contract.table: contract for contract in (
    PROJECTS, MILESTONES, INVESTMENTS, APPROVAL_ROWS, ENTERPRISES, ZONES, TASKS, PROBLEMS, LINEAGE, QUARANTINE, MERGES, PARTS,
    CHANGES, OBSERVATIONS)}
