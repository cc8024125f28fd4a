"""What became of every row of every sheet, which files could not be read, and what a reporter's columns leave open."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from typing import Any, get_args

import pandas as pd

from liantu.ledger.rows.context import Context
from liantu.ledger.sheets import Block, ColumnMatch, Ignored, Sheet, Understanding, Unreadable

KINDS: tuple[str, ...] = get_args(Ignored)
TOTALS = ("rows_read", "rows_accepted", "rows_quarantined", "rows_ignored")
_UNREPORTED = ("serial", "private", "other", "note")
_PERIOD_WORDS = re.compile(r"[\d\W_]+|[一二三四上下半]+(?:季度|年|月)|年度?|月份?|季度?|Q")


@dataclass(frozen=True)
class SheetCount:
    """The rows of one sheet: read = accepted + quarantined + ignored."""

    source_file: str
    sheet: str
    rows_read: int
    rows_accepted: int
    rows_quarantined: int
    rows_ignored: int
    ignored: Mapping[str, int]


@dataclass(frozen=True)
class Given:
    """The fields that one reporter gave in one table."""

    context: Context
    table: str
    headers: Mapping[str, str] = field(repr=False)

    @property
    def series(self) -> tuple[str, ...]:
        """What stays the same when the reporter sends the next snapshot: a county's ledger is known by its county, others by their file."""
        if self.context.source == "county" and self.context.county:
            return (self.table, "county", self.context.county)
        stem = self.context.source_file.rsplit("/", 1)[-1].rsplit(".", 1)[0]
        return (self.table, self.context.source, self.context.county or "", _PERIOD_WORDS.sub("", stem))


def count_sheet(understanding: Understanding, rejected: int) -> SheetCount:
    """The count of a sheet of which `rejected` rows of its tables are not used.

    Raises AssertionError when a row of the sheet is in no table and not ignored: a row may never be lost.
    """
    sheet = understanding.sheet
    ignored = Counter(understanding.ignored.values())
    body = sum(len(block.rows) for block in understanding.blocks)
    read = len(sheet.cells)
    if body + sum(ignored.values()) != read:
        raise AssertionError(f"{sheet.source_file} {sheet.name}: {read} rows read, {body} in tables, {sum(ignored.values())} ignored")
    return SheetCount(
        sheet.source_file, sheet.name, read, body - rejected, rejected, sum(ignored.values()), {kind: ignored[kind] for kind in KINDS})


def count_copy(sheet: Sheet) -> SheetCount:
    """The count of a sheet that repeats another row for row."""
    read = len(sheet.cells)
    return SheetCount(sheet.source_file, sheet.name, read, 0, 0, read, {kind: read if kind == "exact_copy" else 0 for kind in KINDS})


def accounting(counts: Sequence[SheetCount], unreadable: Iterable[Unreadable], findings: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The content of accounting.json, with the named findings under an extra key."""
    total = {name: sum(getattr(count, name) for count in counts) for name in TOTALS}
    return {
        "files": [asdict(count) for count in counts],
        "unreadable": [asdict(file) for file in sorted(unreadable, key=lambda file: file.source_file)],
        "total": total,
        "findings": list(findings),
    }


def accounting_bytes(content: Mapping[str, Any]) -> bytes:
    """accounting.json as it lies on disk."""
    return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode()


def unknown_headers(sheet: Sheet, block: Block) -> list[dict[str, Any]]:
    """A finding for each column of a table whose header maps to no field and that holds something, with the nearest known header."""
    return [_unknown_header(sheet, match) for match in block.columns if match.field is None and match.header]


def _unknown_header(sheet: Sheet, match: ColumnMatch) -> dict[str, Any]:
    if match.nearest and match.nearest == match.header.rsplit(" / ", 1)[-1]:
        return {
            "kind": "second_column", "source_file": sheet.source_file, "sheet": sheet.name, "header": match.header,
            "nearest": match.nearest,
            "message_zh": f"“{match.header}”的内容已由本表另一列给出，这一列没有读取",
            "message_en": f"another column of this table already gives what {match.header} means; this one was not read"}
    near_zh = f"，最接近的是“{match.nearest}”" if match.nearest else ""
    near_en = f"; the nearest known one is {match.nearest}" if match.nearest else ""
    return {
        "kind": "unknown_header", "source_file": sheet.source_file, "sheet": sheet.name, "header": match.header, "nearest": match.nearest,
        "message_zh": f"表头“{match.header}”不对应任何字段{near_zh}", "message_en": f"the header {match.header} maps to no field{near_en}"}


def given(block: Block, context: Context) -> Given:
    """The fields that a table gives, each with its header."""
    return Given(context, block.form.table, {
        match.field: match.header for match in block.columns if match.field and match.field not in _UNREPORTED})


def gone_fields(tables: Iterable[Given]) -> list[dict[str, Any]]:
    """A finding for each field that a reporter gave in its snapshot before and gives no more."""
    by_series: dict[tuple[str, ...], dict[pd.Timestamp, list[Given]]] = {}
    for table in tables:
        by_series.setdefault(table.series, {}).setdefault(pd.Timestamp(table.context.snapshot), []).append(table)
    findings = []
    for _, snapshots in sorted(by_series.items()):
        days = sorted(snapshots)
        for before, now in pairwise(days):
            findings += _gone(snapshots[before], snapshots[now])
    return findings


def _gone(before: Sequence[Given], now: Sequence[Given]) -> list[dict[str, Any]]:
    gave = {name: (header, table) for table in before for name, header in table.headers.items()}
    gives = {name for table in now for name in table.headers}
    where = now[0].context
    return [{
        "kind": "field_gone", "source_file": where.source_file, "sheet": where.sheet, "header": header, "field": name,
        "given_in": table.context.source_file,
        "message_zh": f"上期（{table.context.source_file}）有“{header}”，本期没有",
        "message_en": f"{table.context.source_file} gave {header} ({name}); this file gives it no more",
    } for name, (header, table) in sorted(gave.items()) if name not in gives]
