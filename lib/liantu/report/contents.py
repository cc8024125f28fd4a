"""Digests of parts of the tables, the same in every process: equal rows in equal order give equal digests."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from liantu.errors import LiantuError
from liantu.reference import city
from liantu.report.narrowing import Account, Part, ProcessedTables, processed_tables


def contents(folder: Path, version: str, entries: Sequence[Mapping[str, str]]) -> list[str]:
    """The digest (16 hexadecimal digits) of each table or account that was opened, as it is in `folder`; empty for one that is not there.

    `version` names the tables (`liantu.tables.vouched.version`).
    """
    divisions = city().divisions
    tables = processed_tables(folder, version, divisions) if version else ProcessedTables(folder, divisions)
    hashes: dict[tuple[str, dt.date | None], np.ndarray] = {}
    return [_content(tables, entry, hashes) for entry in entries]


def _content(tables: ProcessedTables, entry: Mapping[str, str], hashes: dict[tuple[str, dt.date | None], np.ndarray]) -> str:
    as_of = _day(entry, "as_of")
    try:
        if entry["kind"] == "account":
            return _of_account(tables.account(as_of, entry.get("county", "")))
        if entry.get("column"):
            return _of_texts([entry["column"], *map(str, tables.values(entry["name"], as_of, entry["column"]))])
        part = Part(entry["name"], as_of, entry.get("county", ""), entry.get("chain", ""), entry.get("sent_by", ""), _day(entry, "also_at"))
        if (part.name, as_of) not in hashes:
            hashes[part.name, as_of] = row_hashes(tables.known.table(part.name, as_of))
        of_rows, rows = hashes[part.name, as_of], tables.rows(part)
    # A table, or the whole folder, that is no longer there.
    except (LiantuError, FileNotFoundError):
        return ""
    columns = ",".join(tables.known.table(part.name, as_of).columns)
    kept = of_rows if rows is None else of_rows[rows]
    return hashlib.sha256(columns.encode() + b"\0" + kept.astype("<u8").tobytes()).hexdigest()[:16]


def row_hashes(table: pd.DataFrame) -> np.ndarray:
    """A 64-bit hash of each row by its values, whatever the process and the place of the row."""
    return pd.util.hash_pandas_object(table, index=False).to_numpy(dtype=np.uint64)


def _of_account(account: Account) -> str:
    told = [table.to_json(orient="split", date_format="iso", force_ascii=False, index=False)
            for table in (account.sheets, account.files, account.unreadable, account.findings)]
    return _of_texts([*told, *map(str, (*account.snapshots, account.first))])


def _of_texts(told: Sequence[str]) -> str:
    return hashlib.sha256(json.dumps(told, ensure_ascii=False).encode()).hexdigest()[:16]


def _day(entry: Mapping[str, str], name: str) -> dt.date | None:
    return dt.date.fromisoformat(entry[name]) if entry.get(name) else None
