"""Rows that say exactly the same as a row before them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pyarrow as pa

from liantu.ledger.values.reading import Column

_SPREAD = np.uint64(0x9E3779B97F4A7C15)


def first_times(columns: Sequence[Column]) -> np.ndarray:
    """For each row whether no row before it has the same values in all columns (nothing equals nothing).

    A sum over the columns that are cheap to number leaves few rows that may be alike; only these are compared exactly.
    """
    size = len(columns[0])
    sums = np.zeros(size, np.uint64)
    for column in filter(_cheap, columns):
        sums = (sums ^ (sums >> np.uint64(29))) * _SPREAD + _sum(column)[column.codes]
    left = np.flatnonzero(pd.Series(sums).duplicated(keep=False).to_numpy())
    alike = pd.DataFrame({number: _numbered(column, left) for number, column in enumerate(columns)})
    first = np.ones(size, bool)
    first[left[alike.duplicated().to_numpy()]] = False
    return first


def _cheap(column: Column) -> bool:
    return column.kind in ("number", "date") or (column.kind == "text" and len(column.values) <= len(column) // 4)


def _sum(column: Column) -> np.ndarray:
    """A number for each distinct cell, the same for the same values."""
    if column.kind == "number":
        return np.where(np.isnan(column.values), np.nan, column.values + 0.0).view(np.uint64)
    values = column.values.view(np.int64) if column.kind == "date" else _words(column.values)
    return values.astype(np.uint64)


def _words(texts: pa.Array) -> np.ndarray:
    """Texts as numbers, the same for the same text."""
    return texts.dictionary_encode("encode").indices.to_numpy()


def _numbered(column: Column, rows: np.ndarray) -> np.ndarray:
    """The values of some rows as numbers."""
    codes = column.codes[rows]
    if column.kind == "text":
        return _words(column.values.take(pa.array(codes)))
    return pd.factorize(column.values[codes], use_na_sentinel=False)[0]
