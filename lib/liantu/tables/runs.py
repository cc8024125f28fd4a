"""Rows of one key side by side: where each run of them begins, and the first or last row of each that says something.

The fold asks this of every column, so everything here is whole arrays: no groupby, no index, no Python object for a row.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as arrow
import pyarrow.compute as compute

_TEXT = pd.StringDtype(na_value=np.nan)


@dataclass(frozen=True)
class Runs:
    """Runs of rows: the place of the first row of each, and for each row the number of its run."""

    starts: np.ndarray
    of: np.ndarray

    def __len__(self) -> int:
        return len(self.starts)

    def last(self, told: np.ndarray) -> np.ndarray:
        """The place of the last row of each run for which `told` holds; -1 where there is none."""
        if not len(self.starts) or not told.any():
            return np.full(len(self.starts), -1)
        return np.maximum.reduceat(np.where(told, np.arange(len(told)), -1), self.starts)

    def first(self, told: np.ndarray) -> np.ndarray:
        """The place of the first row of each run for which `told` holds; -1 where there is none."""
        if not len(self.starts) or not told.any():
            return np.full(len(self.starts), -1)
        places = np.minimum.reduceat(np.where(told, np.arange(len(told)), len(told)), self.starts)
        return np.where(places == len(told), -1, places)

    def sizes(self) -> np.ndarray:
        """How many rows each run has."""
        return np.diff(self.starts, append=len(self.of))


def runs_of(frame: pd.DataFrame, key: Sequence[str]) -> Runs:
    """The runs of equal `key` columns in the order of `frame`; no key may be missing."""
    new = np.zeros(len(frame), dtype=bool)
    new[:1] = True
    for name in key:
        new[1:] |= _changes(frame[name])
    return Runs(np.flatnonzero(new), np.cumsum(new) - 1)


def _changes(values: pd.Series) -> np.ndarray:
    if isinstance(values.dtype, pd.StringDtype):
        texts = one_array(values)
        return compute.not_equal(texts[1:], texts[:-1]).to_numpy(zero_copy_only=False)
    plain = values.to_numpy()
    return plain[1:] != plain[:-1]


def among(values: pd.Series | pd.Index, wanted: Iterable[str]) -> np.ndarray:
    """For each value whether it is one of `wanted`; `isin` of pandas goes through all the wanted texts in Python."""
    if not isinstance(values.dtype, pd.StringDtype):
        return np.asarray(values.isin(wanted), dtype=bool)
    texts, held = one_array(values), isinstance(getattr(wanted, "dtype", None), pd.StringDtype)
    those = one_array(wanted).cast(texts.type) if held else arrow.array(list(wanted), texts.type, from_pandas=True)
    return compute.is_in(texts, those).to_numpy(zero_copy_only=False)


def one_array(values: pd.Series | pd.Index) -> arrow.Array:
    """A column as one arrow array."""
    texts = arrow.array(values.array)
    return texts.combine_chunks() if isinstance(texts, arrow.ChunkedArray) else texts


def ranks(values: pd.Series) -> np.ndarray:
    """For each value its place among the sorted distinct values; a missing one is -1."""
    if isinstance(values.dtype, pd.StringDtype):
        coded = one_array(values).dictionary_encode()
        order = compute.sort_indices(coded.dictionary).to_numpy()
        place = np.empty(len(order) + 1, dtype=np.int64)
        place[order], place[-1] = np.arange(len(order)), -1
        return place[coded.indices.fill_null(-1).to_numpy(zero_copy_only=False)]
    codes, _ = pd.factorize(values, sort=True)
    return codes.astype(np.int64)


def codes_of(values: pd.Series, words: Sequence[str]) -> np.ndarray:
    """For each text its place in `words`; -1 for any other and for a missing one."""
    texts = one_array(values.astype("str"))
    found = compute.index_in(texts, arrow.array(words, texts.type))
    return found.fill_null(-1).to_numpy(zero_copy_only=False)


def texts_of(codes: np.ndarray, words: Sequence[str]) -> pd.Series:
    """The words of places in `words`; missing for -1."""
    texts = arrow.array(words, arrow.large_string()).take(arrow.array(codes, mask=codes < 0))
    return pd.Series(pd.array(texts, dtype=_TEXT))


def picked(values: pd.Series, places: np.ndarray) -> pd.Series:
    """The values at `places`, missing for -1, numbered anew."""
    return pd.Series(values.array.take(places, allow_fill=bool(len(places) and places.min() < 0)))


def taken(frame: pd.DataFrame, places: np.ndarray) -> pd.DataFrame:
    """The rows at `places`, numbered anew; a column without any value is not gone through, for it stays as it is."""
    rows = len(places)
    return pd.DataFrame({
        name: values.iloc[:rows].reset_index(drop=True) if rows <= len(frame) and not values.notna().any()
        else pd.Series(values.array.take(places)) for name, values in frame.items()})
