"""What became of every row of every sheet, and which files could not be read."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, get_args

from liantu.ledger.sheets import Ignored, Sheet, Understanding, Unreadable

KINDS: tuple[str, ...] = get_args(Ignored)
TOTALS = ("rows_read", "rows_accepted", "rows_quarantined", "rows_ignored")


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


def count_sheet(understanding: Understanding, rejected: Sequence[Collection[int]]) -> SheetCount:
    """The count of a sheet; `rejected` are, for each of its tables, the rows that are not used.

    A row that tables side by side share counts once, as accepted when one of them uses it. Raises AssertionError when a row of the sheet
    is in no table and not ignored: a row may never be lost.
    """
    sheet = understanding.sheet
    ignored = Counter(understanding.ignored.values())
    body = {row for block in understanding.blocks for row in block.rows}
    used = {row for block, refused in zip(understanding.blocks, rejected, strict=True) for row in block.rows if row not in refused}
    read = len(sheet.cells)
    if len(body) + ignored.total() != read:
        raise AssertionError(f"{sheet.source_file} {sheet.name}: {read} rows read, {len(body)} in tables, {ignored.total()} ignored")
    return SheetCount(
        sheet.source_file, sheet.name, read, len(used), len(body) - len(used), ignored.total(), {kind: ignored[kind] for kind in KINDS})


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
