"""What reading one cell gives, and what reading a whole column gives: every distinct cell once, the rows by number."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal

import numpy as np
import pandas as pd
import pyarrow as pa

from liantu.ledger.sheets import Cell
from liantu.ledger.values.encoding import Cells, Given, encode
from liantu.tables.contracts import PRECISIONS

Kind = Literal["number", "date", "text", "any"]
"""How the values of a column are kept: float64, datetime64[D], an arrow array of strings, or Python objects."""
PIECE = 1 << 15
"""Cells that are read together."""
MANY = 100_000
"""Rows from which on columns are read at the same time."""
FEW = 100
"""Distinct cells below which reading them one by one is quicker than making arrays of them."""
_PRECISION = {name: place for place, name in enumerate(PRECISIONS)}


@dataclass(frozen=True, slots=True)
class Reading:
    """One cell as read: a value, or None with the rule that the cell breaks, or None alone when nothing is stated.

    `value` and `rule` may stand together: the value is used and the cell is flagged. `note` keeps what stood beside the
    value (a trailing parenthesis, 约), with personal data removed; `precision` is told for dates only.
    """

    value: Any | None
    rule: str | None = None
    note: str | None = None
    precision: str | None = None


NOTHING = Reading(None)
Read = Callable[[Cell], Reading]


@dataclass(frozen=True)
class Plain:
    """What a vectorised reader made of an array of cells; the cells that are not `done` are read one by one.

    The values of cells that are not done mean nothing. `assumed` names the rule of the done cells in `ruled`.
    """

    done: np.ndarray
    values: np.ndarray | pa.Array
    rules: Mapping[str, np.ndarray] = field(default_factory=dict)
    """Rule → the mask of the cells that break it; where the value is not used, it is already missing."""
    notes: Mapping[str, np.ndarray] = field(default_factory=dict)
    """Note → the mask of the cells beside whose value it stood."""
    precision: np.ndarray | None = None


@dataclass(frozen=True)
class Reader:
    """How the cells of a field are read: one by one, and, where `at_once` is given, the plain majority of an array together.

    `at_once` takes an arrow array (strings, float64, or days) and gives exactly what `read` gives wherever it says done.
    """

    read: Read
    kind: Kind = "any"
    at_once: Callable[[pa.Array], Plain] | None = None

    def __call__(self, cell: Cell) -> Reading:
        """Read one cell."""
        return self.read(cell)


@dataclass(frozen=True, eq=False)
class Column:
    """A column as read: for each row the number of a distinct cell (`codes`), and for each distinct cell what it says.

    `values` are by `kind`; `rule` and `precision` are numbers into `rules` and the contract's PRECISIONS, -1 for none; `notes` holds the
    few distinct cells beside whose value something stood. As a sequence it gives one `Reading` for each row.
    """

    kind: Kind
    codes: np.ndarray = field(repr=False)
    values: np.ndarray | pa.Array = field(repr=False)
    rule: np.ndarray = field(repr=False)
    rules: tuple[str, ...] = ()
    notes: Mapping[int, str] = field(default_factory=dict, repr=False)
    precision: np.ndarray | None = field(default=None, repr=False)

    def __len__(self) -> int:
        return len(self.codes)

    def __getitem__(self, place: int) -> Reading:
        return self.reading(int(self.codes[place]))

    def __iter__(self) -> Iterator[Reading]:
        known = [self.reading(number) for number in range(len(self.values))]
        return iter([known[code] for code in self.codes.tolist()])

    def reading(self, number: int) -> Reading:
        """What the distinct cell of this number says."""
        value = self.values[number]
        if self.kind == "text":
            value = value.as_py()
        elif self.kind == "number":
            value = None if value != value else float(value)
        elif self.kind == "date":
            value = value.item()
        rule = int(self.rule[number])
        when = -1 if self.precision is None else int(self.precision[number])
        return Reading(value, self.rules[rule] if rule >= 0 else None, self.notes.get(number), PRECISIONS[when] if when >= 0 else None)

    @cached_property
    def _said(self) -> np.ndarray:
        if self.kind == "text":
            return self.values.is_valid().to_numpy(zero_copy_only=False)
        if self.kind == "number":
            return ~np.isnan(self.values)
        if self.kind == "date":
            return ~np.isnat(self.values)
        return np.fromiter((value is not None for value in self.values), bool, len(self.values))

    @property
    def stated(self) -> np.ndarray:
        """For each row whether it has a value."""
        return self._said[self.codes]

    @property
    def silent(self) -> np.ndarray:
        """For each row whether it says nothing at all: no value, and no rule broken."""
        return (~self._said & (self.rule < 0))[self.codes]

    @property
    def flagged(self) -> np.ndarray:
        """For each row whether its cell breaks a rule."""
        return (self.rule >= 0)[self.codes] if self.rules else np.zeros(len(self.codes), bool)

    def broken(self) -> Iterator[tuple[str, np.ndarray]]:
        """Each rule that is broken, with the places of the rows (from 0) that break it."""
        for number, rule in enumerate(self.rules):
            places = np.flatnonzero((self.rule == number)[self.codes])
            if len(places):
                yield rule, places

    def taken(self) -> np.ndarray | pa.Array:
        """The value of each row: float64 with NaN, datetime64[D] with NaT, an arrow array of strings, or objects."""
        if self.kind == "text":
            return self.values if self._whole else self.values.take(pa.array(self.codes))
        return self.values[self.codes]

    def without(self, rule: str) -> Column:
        """The column as if no cell broke this rule."""
        kept = self.rule.copy()
        for number, name in enumerate(self.rules):
            kept[kept == number] = -1 if name == rule else number
        return replace(self, rule=kept)

    def only(self, rows: np.ndarray) -> Column:
        """The column with these rows only, told by a mask or by their places."""
        return Column(self.kind, self.codes[rows], self.values, self.rule, self.rules, self.notes, self.precision)

    def series(self) -> pd.Series:
        """The value of each row as the tidy tables hold it: float64, datetime64[ms], str, or objects."""
        return as_series(self.taken())

    @cached_property
    def _whole(self) -> bool:
        return len(self.codes) == len(self.values) and bool((self.codes == np.arange(len(self.codes))).all())

    def each(self, function: Callable[[Any], Any]) -> np.ndarray:
        """For each row what `function` makes of its value, asked once for each distinct value that stands in a row; None stays None."""
        values = self.values.to_pylist() if self.kind == "text" else self.values.tolist()
        return objects(None if value is None or value != value else function(value) for value in values)[self.codes]

    def mapped(self, function: Callable[[Any], str | None]) -> Column:
        """The column of texts that `function` makes of its values; rules and notes stay."""
        values = self.values.to_pylist() if self.kind == "text" else self.values.tolist()
        told = pa.array([None if value is None else function(value) for value in values], pa.string())
        return Column("text", self.codes, told, self.rule, self.rules, self.notes)

    def put(self, places: np.ndarray, reading: Reading) -> Column:
        """The column with another reading in these rows."""
        where = np.zeros(len(self), bool)
        where[places] = True
        return self.instead(where, column_of([reading], np.zeros(len(self), np.int32), self.kind))

    def instead(self, where: np.ndarray, other: Column) -> Column:
        """The column with the rows of `other`, of the same kind, where `where` says so."""
        size = len(self.values)
        join = pa.concat_arrays if self.kind == "text" else np.concatenate
        precision = None if self.precision is None and other.precision is None else np.concatenate([_when(self), _when(other)])
        return Column(
            self.kind, np.where(where, other.codes + np.int32(size), self.codes), join([self.values, other.values]),
            np.concatenate([self.rule, np.where(other.rule < 0, other.rule, other.rule + np.int16(len(self.rules)))]),
            self.rules + other.rules, {**self.notes, **{number + size: note for number, note in other.notes.items()}}, precision)


def _when(column: Column) -> np.ndarray:
    return np.full(len(column.values), -1, np.int8) if column.precision is None else column.precision


def as_series(values: np.ndarray | pa.Array) -> pd.Series:
    """Values of rows as a pandas column of the tidy tables' types."""
    if isinstance(values, pa.Array):
        return pd.Series(pd.arrays.ArrowStringArray(values, dtype=pd.StringDtype("pyarrow", na_value=np.nan)))
    return pd.Series(values.astype("datetime64[ms]") if values.dtype.kind == "M" else values)


def column_of(readings: Sequence[Reading], codes: np.ndarray, kind: Kind) -> Column:
    """A column of which the distinct cells are read already."""
    words = tuple(dict.fromkeys(reading.rule for reading in readings if reading.rule))
    number = {word: place for place, word in enumerate(words)}
    rule = np.array([number.get(reading.rule, -1) for reading in readings], np.int16)
    dated = kind in ("date", "any") and any(reading.precision for reading in readings)
    precision = np.array([_PRECISION.get(reading.precision, -1) for reading in readings], np.int8) if dated else None
    notes = {place: reading.note for place, reading in enumerate(readings) if reading.note is not None}
    return Column(kind, codes, _values([reading.value for reading in readings], kind), rule, words, notes, precision)


def _values(values: Sequence[Any], kind: Kind) -> np.ndarray | pa.Array:
    if kind == "text":
        return pa.array(values, pa.string())
    if kind == "number":
        return np.array(values, np.float64)
    if kind == "date":
        return np.array(values, "datetime64[D]")
    return objects(values)


def objects(values: Iterable[Any]) -> np.ndarray:
    """Values as an array of objects; tuples stay tuples."""
    return np.fromiter(values, dtype=object)


def read_column(cells: Given | Cells, read: Read | Reader) -> Column:
    """Read a column, each distinct cell once; True, 1 and '1' are distinct. The result is as long as `cells`, in their order."""
    reader = read if isinstance(read, Reader) else Reader(read)
    encoded = cells if isinstance(cells, Cells) else encode(cells)
    if reader.at_once is None or len(encoded.distinct) < FEW:
        return column_of([reader.read(cell) for cell in encoded.listed()], encoded.codes, reader.kind)
    return _read_many(encoded, reader)


def read_all(cells: Mapping[str, Given], readers: Mapping[str, Reader]) -> dict[str, tuple[Cells, Column]]:
    """Read several columns by name, at the same time where they are long (most of the work is done outside Python)."""

    def read(name: str) -> tuple[Cells, Column]:
        encoded = encode(cells[name])
        return encoded, read_column(encoded, readers[name])

    if not cells or max(map(len, cells.values())) < MANY:
        return {name: read(name) for name in cells}
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return dict(zip(cells, pool.map(read, cells), strict=True))


def _read_many(cells: Cells, reader: Reader) -> Column:
    """As read_column with the plain majority of the distinct cells read at once."""
    size = len(cells.distinct)
    rest = np.ones(size, bool)
    column = None
    for places, array in cells.arrays():
        plain = _in_pieces(reader.at_once, array)
        part = _of_plain(plain, reader.kind)
        if len(places) == size:
            column, rest = part, ~plain.done
            break
        column = column or column_of([NOTHING], np.zeros(size, np.int32), reader.kind)
        codes = np.zeros(size, np.int32)
        codes[places] = part.codes
        mask = np.zeros(size, bool)
        mask[places[plain.done]] = True
        column = column.instead(mask, Column(part.kind, codes, part.values, part.rule, part.rules, part.notes, part.precision))
        rest &= ~mask
    if rest.any() or column is None:
        column = _one_by_one(cells, reader, np.flatnonzero(rest), column)
    return _through(column, cells.codes)


def _in_pieces(at_once: Callable[[pa.Array], Plain], array: pa.Array) -> Plain:
    """What a vectorised reader makes of an array, piece by piece: pieces stay in the processor's cache."""
    if len(array) < 2 * PIECE:
        return at_once(array)
    parts = [at_once(array[start:start + PIECE]) for start in range(0, len(array), PIECE)]
    join = pa.concat_arrays if isinstance(parts[0].values, pa.Array) else np.concatenate
    masks = [{name: np.concatenate([getattr(part, kind)[name] for part in parts]) for name in getattr(parts[0], kind)}
             for kind in ("rules", "notes")]
    precision = None if parts[0].precision is None else np.concatenate([part.precision for part in parts])
    return Plain(np.concatenate([part.done for part in parts]), join([part.values for part in parts]), *masks, precision)


def _of_plain(plain: Plain, kind: Kind) -> Column:
    rule = np.full(len(plain.done), -1, np.int16)
    for number, mask in enumerate(plain.rules.values()):
        rule[mask] = number
    notes = {place: note for note, mask in plain.notes.items() for place in np.flatnonzero(mask).tolist()}
    held = plain.values
    if kind == "any" and isinstance(held, np.ndarray) and held.dtype != object:
        held = held.astype(object)
    return Column(kind, np.arange(len(plain.done), dtype=np.int32), held, rule, tuple(plain.rules), notes, plain.precision)


def _one_by_one(cells: Cells, reader: Reader, places: np.ndarray, column: Column | None) -> Column:
    """The cells at `places` of the distinct ones read by the reader, each different one once, over what is read already."""
    size = len(cells.distinct)
    left = encode(cells.listed(places))
    own = column_of([reader.read(cell) for cell in left.listed()], left.codes, reader.kind)
    codes, mask = np.zeros(size, np.int32), np.zeros(size, bool)
    codes[places], mask[places] = own.codes, True
    spread = Column(own.kind, codes, own.values, own.rule, own.rules, own.notes, own.precision)
    return spread if column is None else column.instead(mask, spread)


def _through(column: Column, codes: np.ndarray) -> Column:
    """The column of the rows from the column of their distinct cells."""
    return Column(column.kind, column.codes[codes], column.values, column.rule, column.rules, column.notes, column.precision)


def none(size: int, kind: Kind = "any") -> Column:
    """A column that says nothing."""
    return column_of([NOTHING], np.zeros(size, np.int32), kind)
