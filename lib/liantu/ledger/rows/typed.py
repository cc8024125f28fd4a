"""Records in the types of the contract, without a Python object for a row."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd
import pyarrow as arrow

from liantu.ledger.rows.records import Records, body_of
from liantu.tables.contracts import CONTRACTS, nothing

_TYPES = {"text": "str", "number": "float64", "count": "Int64", "flag": "boolean", "date": "datetime64[ms]", "place": "int64"}
_BESIDE = {"row": "place", "place": "place", "record": "place", "content": "text"}
_WHERE = {"source": "text", "source_file": "text", "sheet": "text", "snapshot": "date"}


def typed(record: Records, number: int) -> pd.DataFrame:
    """The accepted rows of one table in the contract's types, with who reports where and when; `record` is its number.

    Only columns that the ledger gives; `complete` adds the others.
    """
    kinds = {column.name: column.kind for column in CONTRACTS[body_of(record.table)].columns} | _BESIDE
    where, rows = record.body.context, len(record.frame)
    given = {name: _cast(record.frame[name], kinds[name]) for name in record.frame.columns if name in kinds}
    texts = {"source": where.source, "source_file": where.source_file, "sheet": where.sheet}
    return pd.DataFrame(
        given | {name: _repeated(text, rows) for name, text in texts.items()}
        | {"record": np.full(rows, number), "snapshot": pd.Series(np.full(rows, np.datetime64(where.snapshot, "ms")))})


def typed_rows(records: Sequence[Records], table: str) -> pd.DataFrame:
    """The accepted rows of every table of one kind, in the contract's types; `record` and `place` find their cells again.

    Every column of the contract and those beside it; nothing is held against the contract yet, for ids are not known.
    """
    contract = CONTRACTS[body_of(table)]
    frames = [typed(record, number) for number, record in enumerate(records) if record.table == table and len(record.frame)]
    rows = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame({"row": [], "place": [], "record": []}, dtype="int64")
    kinds = {column.name: column.kind for column in contract.columns} | _BESIDE | _WHERE
    return pd.DataFrame({name: _cast(rows[name], kind) if name in rows else nothing(kind, len(rows)) for name, kind in kinds.items()})


def complete(frame: pd.DataFrame, names: Iterable[str]) -> pd.DataFrame:
    """The columns of `frame`, and after them those of `names` (of observations) that it lacks, empty."""
    kinds = {column.name: column.kind for column in CONTRACTS["observations"].columns} | _BESIDE
    lacking = {name: nothing(kinds[name], len(frame)) for name in names if name not in frame.columns}
    return pd.concat([frame, pd.DataFrame(lacking, index=frame.index)], axis=1) if lacking else frame


def _cast(values: pd.Series, kind: str) -> pd.Series:
    if str(values.dtype) == _TYPES[kind]:
        return values.reset_index(drop=True)
    if kind == "date":
        return pd.to_datetime(values).astype("datetime64[ms]").reset_index(drop=True)
    told = values.where(values.notna(), None) if values.dtype == object else values
    return told.astype(_TYPES[kind]).reset_index(drop=True)


def _repeated(text: str, rows: int) -> pd.Series:
    return pd.Series(pd.array(arrow.repeat(arrow.scalar(text, arrow.large_string()), rows), dtype=pd.StringDtype(na_value=np.nan)))
