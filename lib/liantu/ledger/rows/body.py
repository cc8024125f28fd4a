"""The body of one table: every column read by its field's reader, every flaw with its cell."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from liantu.ledger import values
from liantu.ledger.layout.finding import block_cells
from liantu.ledger.rows.context import Context
from liantu.ledger.rows.flaws import Flaw, shown
from liantu.ledger.rows.readers import UNIT_ASSUMED, reader
from liantu.ledger.sheets import Block, Cell, ColumnMatch, Sheet
from liantu.ledger.values import Cells, Column, Reading
from liantu.ledger.values.encoding import Given
from liantu.ledger.values.reading import none
from liantu.reference import City, FieldSpec

NOT_READ = ("private", "serial")
"""Kinds of columns whose cells are never looked at."""
MEASURES = ("amount", "area", "share", "number")
"""Kinds of columns whose numbers a correction may scale."""


@dataclass
class Body:
    """The body of a table while it is read: columns by field, one entry per row in each."""

    context: Context
    rows: np.ndarray
    """The numbers of the body rows as a spreadsheet shows them."""
    columns: dict[str, Column] = field(default_factory=dict)
    cells: dict[str, Cells] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    notes: list[tuple[str, Column]] = field(default_factory=list)
    """Header and column of each column of remarks (备注, 进展情况), which `columns` holds together."""
    told: dict[str, ColumnMatch] = field(default_factory=dict)
    """How the first column of each field was understood."""
    periods: list[tuple[ColumnMatch, Column]] = field(default_factory=list)
    """Each column of money done in one month or quarter."""
    assumed: dict[int, int] = field(default_factory=dict)
    """Column (`ColumnMatch.index`) → how many of its numbers stand in a unit that nothing tells: the form's is taken."""
    _flagged: list[tuple[str, str, np.ndarray, str, str, dt.date | None]] = field(default_factory=list)

    def flaw(self, place: int, field_name: str, rule: str, instead: str = "", detail: str = "", since: dt.date | None = None) -> None:
        """Note that a cell breaks a rule; the place counts body rows from 0.

        `instead` is told where the row has no such cell; `since` is the later snapshot that reveals the flaw, if it is one.
        """
        self.flag(np.array([place]), field_name, rule, instead, detail, since)

    def flag(self, places: np.ndarray, field_name: str, rule: str, instead: str = "", detail: str = "",
             since: dt.date | None = None) -> None:
        """As `flaw`, for many rows at once; the places count body rows from 0."""
        if len(places):
            self._flagged.append((field_name, rule, places, instead, detail, since))

    @property
    def flaws(self) -> list[Flaw]:
        """Every flaw noted so far."""
        return [flaw for told in self._flagged for flaw in self._told(*told)]

    def broken(self, rules: frozenset[str]) -> np.ndarray:
        """For each row whether a flaw of one of these rules was noted."""
        mask = np.zeros(len(self.rows), bool)
        for _, rule, places, *_ in self._flagged:
            if rule in rules:
                mask[places] = True
        return mask

    def _told(self, field_name: str, rule: str, places: np.ndarray, instead: str, detail: str, since: dt.date | None) -> list[Flaw]:
        where, header, cells = self.context, self.headers.get(field_name, ""), self.cells.get(field_name)
        rows, rest = self.rows[places].tolist(), (rule, since or where.snapshot, detail)
        if cells is None:
            return [Flaw(where.source_file, where.sheet, row, header, instead, *rest) for row in rows]
        codes = cells.codes[places].tolist()
        words = {code: shown(cells.cell(code)) for code in set(codes)}
        return [Flaw(where.source_file, where.sheet, row, header, words[code], *rest) for row, code in zip(rows, codes, strict=True)]

    def silent(self, field_name: str) -> np.ndarray:
        """For each row whether its cell of a field says nothing, or there is none."""
        return self.columns[field_name].silent if field_name in self.columns else np.ones(len(self.rows), bool)

    def column(self, field_name: str) -> Column:
        """The column of a field of texts; one that says nothing when the table has no such field."""
        return self.columns[field_name] if field_name in self.columns else none(len(self.rows), "text")


def read_body(columns: Mapping[int, Given], rows: np.ndarray, block: Block, context: Context, city: City,
              shared: Mapping[int, np.ndarray] | None = None, scales: Mapping[int, Mapping[int, float]] | None = None) -> Body:
    """Every column of a block read by the kind of its field.

    `columns` has the cells of each column by its `ColumnMatch.index`, `rows` the number of each row. Columns that map to no field, serial
    numbers and private columns are not looked at. `shared` tells the places of rows that have a cell only from a merged one above,
    `scales` by column and place what the amount as read is multiplied by.
    """
    specs = {spec.field: spec for spec in block.form.fields}
    body = Body(context, rows)
    read = {str(match.index): (match, spec) for match in block.columns
            if (spec := specs.get(match.field or "")) is not None and spec.kind not in NOT_READ}
    cells = {name: columns[match.index] for name, (match, _) in read.items()}
    readers = {name: reader(spec, match, city, context) for name, (match, spec) in read.items()}
    for name, (encoded, column) in values.read_all(cells, readers).items():
        match, spec = read[name]
        if spec.kind == "amount" and shared and match.index in shared:
            column = _once(column, shared[match.index])
        column = _unit_told(column, match, body)
        if spec.kind in MEASURES and scales and match.index in scales:
            column = _scaled(column, scales[match.index])
        if spec.field == "note":
            body.notes.append((match.header, column))
        if spec.field == "done_period_wan":
            body.periods.append((match, column))
        body.told.setdefault(spec.field, match)
        _add(body, spec, match.header, encoded, column)
    for name, column in body.columns.items():
        for rule, places in column.broken():
            body.flag(places, name, rule)
    return body


def _unit_told(column: Column, match: ColumnMatch, body: Body) -> Column:
    """A unit that neither headers nor cells tell is no flaw of each cell: the cells are counted, for one finding on the whole column."""
    for rule, places in column.broken():
        if rule in UNIT_ASSUMED:
            body.assumed[match.index] = len(places)
            column = column.without(rule)
    return column


def columns_of_sheet(sheet: Sheet, block: Block) -> dict[int, list[Cell]]:
    """The cells of the body rows by column; those of private columns are empty."""
    filled = block_cells(sheet, block)
    return {match.index: [row[match.index] if match.index < len(row) else None for row in filled] for match in block.columns}


def shared_amounts(sheet: Sheet, block: Block) -> dict[int, np.ndarray]:
    """Column → places of the body rows whose cell is only the lower part of a merged one."""
    if not sheet.merged:
        return {}
    places = {row: place for place, row in enumerate(block.rows)}
    shared: dict[int, list[int]] = {}
    for top, left, bottom, right in sheet.merged:
        if bottom > top:
            below = [places[row] for row in range(top, bottom + 1) if row in places][1:]
            for column in range(left, right + 1) if below else ():
                shared.setdefault(column - sheet.first_column, []).extend(below)
    return {column: np.array(below) for column, below in shared.items()}


def scales_of(sheet: Sheet, block: Block) -> dict[int, dict[int, float]]:
    """Column → place of the body row → what a correction multiplies the amount of the cell by."""
    scales: dict[int, dict[int, float]] = {}
    for place, row in enumerate(block.rows if sheet.scales else ()):
        for match in block.columns:
            cells = block.places[row][match.index] if block.places else ((row, match.index + sheet.first_column),)
            for factor in (sheet.scales[cell] for cell in cells if cell in sheet.scales):
                scales.setdefault(match.index, {})[place] = factor
    return scales


def _scaled(column: Column, factors: Mapping[int, float]) -> Column:
    for place, factor in factors.items():
        reading = column[place]
        if reading.value is not None:
            column = column.put(np.array([place]), replace(reading, value=reading.value * factor))
    return column


def _add(body: Body, spec: FieldSpec, header: str, cells: Cells, column: Column) -> None:
    """A second column of the same field fills the rows in which the first says nothing; texts that may repeat are joined."""
    name = spec.field
    if name not in body.columns:
        body.columns[name], body.cells[name], body.headers[name] = column, cells, header
        return
    if spec.kind == "text" and spec.repeatable:
        body.columns[name] = _joined(body.columns[name], column)
        return
    silent = body.columns[name].silent
    body.cells[name] = body.cells[name].instead(silent, cells)
    body.columns[name] = body.columns[name].instead(silent, column)


def _joined(old: Column, new: Column) -> Column:
    """Two columns of texts as one: what both say, in their order."""
    silent, both = old.silent, old.stated & new.stated
    # The first column's flaw stays where the second fills it.
    column = old.instead(silent, new)
    if not both.any():
        return column
    rows = np.flatnonzero(both)
    first, second = (side.taken().take(pa.array(rows)) for side in (old, new))
    texts = pc.binary_join_element_wise(first, second, "；")
    codes = np.zeros(len(old), np.int32)
    codes[rows] = np.arange(len(rows))
    rule = np.where(old.flagged, old.rule[old.codes], new.rule[new.codes] + np.where(new.flagged, len(old.rules), 0))[rows].astype(np.int16)
    return column.instead(both, Column("text", codes, texts, rule, old.rules + new.rules))


def _once(column: Column, places: np.ndarray) -> Column:
    """An amount in a cell merged over several rows is theirs together: it counts in the first row only, and the others are flagged."""
    told = places[column.stated[places]]
    return column.put(told, Reading(None, "amount_merged")) if len(told) else column
