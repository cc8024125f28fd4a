"""A column of cells as numbers of its distinct cells; True, 1 and '1' are distinct, every NaN is nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from liantu.ledger.sheets import Cell

# Types among which no two values of different types are equal, so that a value alone is a safe key.
_NEVER_EQUAL = frozenset({str, type(None), dt.date, dt.datetime, dt.time})
_NUMBERS = frozenset({bool, int, float})
Given = Sequence[Cell] | pa.Array | pa.ChunkedArray
"""The cells of a column, one for each row."""
SAMPLE = 20_000
"""Cells of a large column by which it is judged whether they repeat."""
REPEATING = 0.96
"""Share of different cells in the sample from which on they hardly repeat: of a million rows over a quarter million different."""
_EXACT = 2**53


@dataclass(frozen=True, eq=False)
class Cells:
    """The cells of a column: for each row the number of a distinct cell, and the distinct cells (a list, or an arrow array).

    In a column whose cells hardly repeat, distinct cells may stand more than once.
    """

    codes: np.ndarray = field(repr=False)
    distinct: list[Any] | pa.Array = field(repr=False)

    def __len__(self) -> int:
        return len(self.codes)

    def at(self, place: int) -> Cell:
        """The cell of a row, counted from 0."""
        return self.cell(int(self.codes[place]))

    def cell(self, number: int) -> Cell:
        """The distinct cell of this number."""
        cell = self.distinct[number]
        return cell.as_py() if isinstance(cell, pa.Scalar) else cell

    def listed(self, places: np.ndarray | None = None) -> list[Cell]:
        """The distinct cells, all or those at `places`."""
        if isinstance(self.distinct, list):
            return self.distinct if places is None else [self.distinct[place] for place in places.tolist()]
        return (self.distinct if places is None else self.distinct.take(pa.array(places))).to_pylist()

    def arrays(self) -> Iterator[tuple[np.ndarray, pa.Array]]:
        """The distinct cells that make arrays of one type (strings, float64, days), each with their places."""
        if isinstance(self.distinct, pa.Array):
            if _together(self.distinct.type):
                yield np.arange(len(self.distinct)), self.distinct
            return
        kinds = np.array([_group(cell) for cell in self.distinct], np.int8)
        for number, kind in ((1, pa.string()), (2, pa.float64())):
            places = np.flatnonzero(kinds == number)
            if len(places):
                try:
                    yield places, pa.array([self.distinct[place] for place in places.tolist()], kind)
                except UnicodeEncodeError:
                    # Half of a surrogate pair, as damaged files have them, is no text for arrow.
                    continue

    def instead(self, where: np.ndarray, other: Cells) -> Cells:
        """The cells with those of `other` in the rows where `where` says so."""
        size = len(self.distinct)
        return Cells(np.where(where, other.codes + np.int32(size), self.codes), [*self.listed(), *other.listed()])


def _together(kind: pa.DataType) -> bool:
    return kind in (pa.string(), pa.float64(), pa.date32()) or (pa.types.is_timestamp(kind) and kind.tz is None)


def _group(cell: object) -> int:
    kind = type(cell)
    if kind is str:
        return 1
    return 2 if kind is float or (kind is int and -_EXACT < cell < _EXACT) else 0


def encode(cells: Given) -> Cells:
    """A column of cells by its distinct cells, in the order of their first rows."""
    if isinstance(cells, pa.Array | pa.ChunkedArray):
        return _of_arrow(cells)
    values = cells.tolist() if hasattr(cells, "tolist") else cells
    kinds = set(map(type, values))
    if float in kinds:
        # Every NaN is its own key in a dict; as None they are one.
        values = [None if type(cell) is float and cell != cell else cell for cell in values]
    if kinds - _NEVER_EQUAL - _NUMBERS or len(kinds & _NUMBERS) > 1:
        return _of_mixed(values)
    number = {cell: place for place, cell in enumerate(dict.fromkeys(values))}
    return Cells(np.fromiter(map(number.__getitem__, values), np.int32, len(values)), list(number))


def _of_mixed(values: Sequence[Any]) -> Cells:
    """As encode, keyed by type and value; a cell that cannot be a key is distinct from all."""
    number: dict[Hashable, int] = {}
    distinct: list[Any] = []
    codes = np.empty(len(values), np.int32)
    for place, cell in enumerate(values):
        key = (type(cell), cell)
        try:
            found = number.setdefault(key, len(distinct))
        except (TypeError, ValueError):
            found = len(distinct)
        if found == len(distinct):
            distinct.append(cell)
        codes[place] = found
    return Cells(codes, distinct)


def _of_arrow(cells: pa.Array | pa.ChunkedArray) -> Cells:
    array = cells.combine_chunks() if isinstance(cells, pa.ChunkedArray) else cells
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    if pa.types.is_large_string(array.type) or pa.types.is_string_view(array.type):
        array = array.cast(pa.string())
    if _repeats(array):
        encoded = pc.dictionary_encode(array, null_encoding="encode")
        return Cells(encoded.indices.to_numpy(zero_copy_only=False).astype(np.int32), encoded.dictionary)
    return Cells(np.arange(len(array), dtype=np.int32), array)


def _repeats(array: pa.Array) -> bool:
    """Whether finding the distinct cells is worth its while, judged by cells from all over the column."""
    if len(array) <= SAMPLE:
        return True
    step = len(array) // SAMPLE
    sample = array.take(pa.array(np.arange(SAMPLE) * step))
    return pc.count_distinct(sample, mode="all").as_py() < REPEATING * SAMPLE
