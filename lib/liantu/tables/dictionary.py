"""The data dictionary of the tidy tables: names in both languages, unit, allowed values, and where each column comes from.

The origin of a column is derived: the fields of the ledger forms that fill it, the column of `observations` that it is folded from, or, for
what cleaning makes itself, one line below.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache

import pandas as pd

from liantu.reference import LedgerForm, city
from liantu.tables.contracts import APPROVALS, CONTRACTS, STAGES, Column, Contract

_UNITS = ("wan", "mu", "m2", "tce", "t")
_FORMS_OF = {"observations": "projects", "enterprises": "enterprises", "zones": "zones", "tasks": "tasks", "problems": "problems"}
"""Contract → the table that the ledger forms name."""
_MADE = {
    "project_id": "归并 identity: 最早一次上报的县区、名称、单位 county, name and company of the earliest report",
    "snapshot": "期次文件夹 the snapshot folder's name", "source": "台账格式、文件名或标题 the form, the file's name or a title",
    "source_file": "文件 the file", "sheet": "工作表 the sheet", "row": "行 the row",
    "link": "归链 placed on the chain: chain, name, products", "link_confidence": "归链 placed on the chain: chain, name, products",
    "enterprise_id": "归并 identity: 信用代码或名称 credit code, else name",
    "first_snapshot": "observations.snapshot", "last_snapshot": "observations.snapshot", "n_reports": "observations"}
"""Columns that cleaning makes itself, in every table."""
_MADE_IN = {
    ("milestones", "stage"): "observations.stage; observations.<stage>_planned, _actual",
    ("milestones", "planned_date"): "observations.<stage>_planned", ("milestones", "actual_date"): "observations.<stage>_actual",
    ("milestones", "precision"): "observations.<stage>_actual_precision, _planned_precision",
    ("milestones", "first_reported"): "observations.snapshot",
    ("approvals", "approval"): "observations.<approval>_status", ("approvals", "status"): "observations.<approval>_status",
    ("approvals", "date"): "observations.<approval>_date",
    ("problems", "project_id"): "归并 identity: project_name"}
_MADE_OF = {
    "lineage": "采用的每一行 each accepted row", "quarantine": "规则 rules/*.yml", "merges": "归并 identity.yml",
    "parts": "归并 identity.yml", "changes": "observations"}
"""Tables of which cleaning makes every column that is not named above."""
_ALSO = {"county": ("place", "zone"), "stage": ("note",)}
"""Fields that tell a column where its own field is silent."""


def dictionary(forms: Iterable[LedgerForm] | None = None) -> pd.DataFrame:
    """The data dictionary: one row for each column of each table (table, column, zh, en, type, unit, required, allowed, source).

    `forms` are the ledger forms whose fields fill the columns; default: those of the default city.
    """
    fields = _fields(tuple(city().forms if forms is None else forms))
    return pd.DataFrame([
        {"table": contract.table, "column": column.name, "zh": column.zh, "en": column.en,
         "type": str(contract.arrow_schema.field(column.name).type), "unit": column.unit, "required": not column.nullable,
         "allowed": " | ".join(column.allowed), "source": source_of(contract, column, fields)}
        for contract in CONTRACTS.values() for column in contract.columns])


def dictionary_page() -> str:
    """The data dictionary as a Markdown page, in both languages: docs/dictionary.md."""
    table = dictionary().set_index("table")
    parts = [
        "# Data dictionary 数据字典", "",
        "Made from the contracts in `lib/liantu/tables/contracts.py` and the ledger forms; do not edit by hand (`make docs`). "
        "由表契约和台账格式生成，请勿手改。",
        "Money is in 万元, area in mu, dates are days; a date known to a period is stored as the period's last day.",
        "Source: ledger fields as in `data/reference/<city>/forms`, or the table and column that it is made from."]
    for contract in CONTRACTS.values():
        key = ", ".join(f"`{name}`" for name in contract.key) or "—"
        parts += ["", f"## {contract.table} {contract.zh}", "", f"{contract.en}. Key: {key}.", "",
                  "| column | 中文 | English | type | unit | required | allowed | source |", "|---|---|---|---|---|---|---|---|"]
        parts += [f"| `{row.column}` | {row.zh} | {row.en} | {row.type} | {row.unit} | {'yes' if row.required else ''} | "
                  f"{row.allowed.replace(' | ', ', ')} | {row.source} |" for row in table.loc[[contract.table]].itertuples()]
    return "\n".join(parts) + "\n"


def source_of(contract: Contract, column: Column, fields: Mapping[str, Mapping[str, str]]) -> str:
    """Where a column comes from; `fields` holds, by table of the forms, the Chinese name of each field."""
    name = column.name
    if (contract.table, name) in _MADE_IN:
        return _MADE_IN[contract.table, name]
    if name in _MADE:
        return _MADE[name]
    told = _of_fields(name, fields.get(_FORMS_OF.get(contract.table, ""), {}))
    if told:
        return told
    if contract.table in _MADE_OF:
        return _MADE_OF[contract.table]
    return f"observations.{name}" if name in CONTRACTS["observations"].names else ""


@cache
def _fields(forms: tuple[LedgerForm, ...]) -> dict[str, dict[str, str]]:
    fields: dict[str, dict[str, str]] = {}
    for form in forms:
        for spec in form.fields:
            if spec.kind not in ("private", "serial"):
                fields.setdefault(form.table, {}).setdefault(spec.field, spec.zh)
    return fields


def _of_fields(name: str, fields: Mapping[str, str]) -> str:
    """The ledger fields that fill a column: of its name, of its name without the unit, and those that say the same in another way."""
    wanted = [name, *(name.removesuffix(f"_{unit}") for unit in _UNITS if name.endswith(f"_{unit}")), *_ways(name), *_ALSO.get(name, ())]
    told = [f"{fields[field]} {field}" for field in dict.fromkeys(wanted) if field in fields]
    return f"台账 ledger: {'、'.join(told)}" if told else ""


def _ways(name: str) -> tuple[str, ...]:
    """A stage's dates are told by columns of their own, by one that says neither plan nor fact, or by the years of construction."""
    base = name.removesuffix("_precision")
    head, _, tail = base.rpartition("_")
    if head in STAGES:
        span = ("period",) if tail == "planned" and head in ("started", "completed") else ()
        return (base, f"{head}_date", *span)
    if head in APPROVALS:
        return (head, f"{head}_date")
    return tuple(f"{stage}_{side}" for stage in STAGES for side in ("actual", "date")) if name == "stage" else ()
