"""The body of one table found in a sheet: every cell read by its field's reader, every flaw with its cell."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple

from liantu.ledger import values
from liantu.ledger.layout.finding import block_cells
from liantu.ledger.rows.context import Context
from liantu.ledger.rows.flaws import Flaw, shown
from liantu.ledger.sheets import Block, Cell, ColumnMatch, Sheet
from liantu.ledger.values import Reading, privacy
from liantu.reference import City, FieldSpec, Term
from liantu.reference.models import Vocabulary
from liantu.tables.contracts import APPROVALS, STAGES

Read = Callable[[Cell], Reading]
_PAPER = re.compile(r"[〔\[(（【]20\d\d[〕\])）】]\s*第?\d+号")
_DATES_GONE_WRONG = ("date_impossible", "date_year", "date_ambiguous", "date_range", "date_several", "date_undecided")
NOT_READ = ("private", "serial")
"""Kinds of columns whose cells are never looked at."""


class Answer(NamedTuple):
    """Whether a project has come to a stage: yes says that it has come so far at least, no that it has not."""

    stage: str
    reached: bool


@dataclass
class Body:
    """The body of a table while it is read: one entry per row in every list."""

    context: Context
    rows: tuple[int, ...]
    readings: dict[str, list[Reading]] = field(default_factory=dict)
    cells: dict[str, list[Cell]] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    notes: list[list[str | None]] = field(default_factory=list)
    """The texts of each column of remarks (备注, 进展情况), which `readings` holds together."""
    flaws: list[Flaw] = field(default_factory=list)

    def flaw(self, place: int, field_name: str, rule: str, instead: str = "") -> None:
        """Note that a cell breaks a rule; the place counts body rows from 0. `instead` is told where the row has no such cell."""
        value = shown(self.cells[field_name][place]) if field_name in self.cells else instead
        where = self.context
        self.flaws.append(Flaw(where.source_file, where.sheet, self.rows[place], self.headers.get(field_name, ""), value, rule))

    def values(self, field_name: str) -> list:
        """The values of a field, None for every row when the table has no such field."""
        return [reading.value for reading in self.readings[field_name]] if field_name in self.readings else [None] * len(self.rows)


def read_body(sheet: Sheet, block: Block, context: Context, city: City) -> Body:
    """Every cell of a block read by the kind of its field.

    Columns that map to no field, serial numbers and private columns are not looked at.
    """
    filled = block_cells(sheet, block)
    specs = {spec.field: spec for spec in block.form.fields}
    body = Body(context, block.rows)
    for match in block.columns:
        spec = specs.get(match.field or "")
        if spec is None or spec.kind in NOT_READ:
            continue
        cells = [row[match.index] if match.index < len(row) else None for row in filled]
        readings = values.read_column(cells, reader(spec, match, city, context))
        if spec.kind == "amount":
            _once(sheet, block, match, readings, body)
        if spec.field == "note":
            body.notes.append([reading.value for reading in readings])
        _add(body, spec, match.header, cells, readings)
    for name, readings in body.readings.items():
        for place, reading in enumerate(readings):
            if reading.rule:
                body.flaw(place, name, reading.rule)
    return body


def _add(body: Body, spec: FieldSpec, header: str, cells: list[Cell], readings: list[Reading]) -> None:
    """A second column of the same field fills the rows in which the first says nothing; texts that may repeat are joined."""
    name = spec.field
    if name not in body.readings:
        body.readings[name], body.cells[name], body.headers[name] = readings, cells, header
        return
    if spec.kind == "text" and spec.repeatable:
        body.readings[name] = [_joined(old, new) for old, new in zip(body.readings[name], readings, strict=True)]
        return
    silent = [reading.value is None and reading.rule is None for reading in body.readings[name]]
    body.cells[name] = [new if empty else old for empty, old, new in zip(silent, body.cells[name], cells, strict=True)]
    body.readings[name] = [new if empty else old for empty, old, new in zip(silent, body.readings[name], readings, strict=True)]


def _joined(old: Reading, new: Reading) -> Reading:
    return Reading("；".join(text for text in (old.value, new.value) if text) or None, old.rule or new.rule)


def _once(sheet: Sheet, block: Block, match: ColumnMatch, readings: list[Reading], body: Body) -> None:
    """An amount in a cell merged over several rows is theirs together: it counts in the first row only, and the others are flagged."""
    column = match.index + sheet.first_column
    places = {row: place for place, row in enumerate(block.rows)}
    for top, left, bottom, right in sheet.merged:
        if left <= column <= right and bottom > top:
            shared = [places[row] for row in range(top, bottom + 1) if row in places][1:]
            for place in shared:
                if readings[place].value is not None:
                    readings[place] = Reading(None, "amount_merged")


def reader(spec: FieldSpec, match: ColumnMatch, city: City, context: Context) -> Read:
    """The function that reads one cell of this field."""
    vocabulary, snapshot = city.vocabulary, context.snapshot
    special = _special(spec.field, match.header, vocabulary, snapshot)
    if special is not None:
        return special
    unit = match.unit or spec.unit
    kinds: dict[str, Callable[[], Read]] = {
        "text": lambda: read_text,
        "chain": lambda: read_text,
        "amount": lambda: partial(values.read_amount, unit=unit),
        "area": lambda: partial(values.read_area, unit=unit),
        "share": lambda: partial(values.read_share, unit=unit),
        "date": lambda: partial(values.read_date, snapshot=snapshot),
        "county": lambda: partial(values.read_county, divisions=city.divisions),
        "stage": lambda: partial(read_stage, header=match.header, vocabulary=vocabulary),
        "term": lambda: partial(values.read_term, terms=vocabulary.terms(spec.vocabulary or "")),
        "number": lambda: values.read_number,
        "yes_no": lambda: values.read_yes_no,
        "code": lambda: {"national_code": values.read_national_code, "credit_code": values.read_credit_code}.get(spec.field, read_text),
    }
    return kinds[spec.kind]()


def _special(name: str, header: str, vocabulary: Vocabulary, snapshot: dt.date) -> Read | None:
    """The reader of a field whose cells say things of several kinds."""
    if name == "period":
        return partial(read_period, snapshot=snapshot)
    head = name.rsplit("_", 1)[0]
    if name in APPROVALS or (head in APPROVALS and name.endswith("_date")):
        return partial(read_approval, terms=vocabulary.terms("approval_status"), snapshot=snapshot)
    if head in STAGES and name.endswith(("_date", "_actual")):
        return partial(read_reached, snapshot=snapshot)
    return None


def read_stage(cell: Cell, header: str, vocabulary: Vocabulary) -> Reading:
    """A stage by its words; under a header that asks for one stage (`是否开工`) the value is an `Answer`."""
    reading = values.read_stage(cell, vocabulary)
    if reading.rule is None or "是否" not in header:
        return reading
    answer = values.read_yes_no(cell).value
    asked = values.read_stage(header.rsplit("是否", 1)[1], vocabulary).value if answer is not None else None
    return Reading(Answer(asked, answer)) if asked else reading


def read_reached(cell: Cell, snapshot: dt.date) -> Reading:
    """When a stage was reached, or only that it was: a date, or True for a tick (`项目阶段（划√）`); a cross or a no says nothing."""
    day = values.read_date(cell, snapshot)
    if day.value is not None or day.rule is None:
        return day
    answer = values.read_yes_no(cell).value
    return day if answer is None else Reading(True if answer else None)


def read_text(cell: Cell) -> Reading:
    """A text in one spelling and without personal data; nothing when the cell says nothing."""
    reading = values.read_text(cell)
    return Reading(privacy.scrub(reading.value), reading.rule) if reading.value else reading


def read_approval(cell: Cell, terms: Mapping[str, Term], snapshot: dt.date) -> Reading:
    """An approval told in one cell by a tick, a word, a date or the number of the paper; the value is (status, date or None).

    A date or the number of a paper (`朝环审〔2022〕15号`) says that it is done; a date after the snapshot that it is not yet.
    """
    term = values.read_term(cell, terms)
    if term.value is not None:
        beside = values.read_date(term.note, snapshot).value if term.note else None
        return Reading((term.value, beside), term.rule, term.note)
    day = values.read_date(cell, snapshot)
    if day.value is not None:
        return Reading(("done", day.value), day.rule, day.note) if day.value <= snapshot else Reading(("pending", None), "approval_ahead")
    if isinstance(cell, str) and _PAPER.search(cell):
        return Reading(("done", None), None, read_text(cell).value)
    answer = values.read_yes_no(cell).value if term.rule else None
    if answer is not None:
        return Reading(("done" if answer else "pending", None))
    return day if day.rule in _DATES_GONE_WRONG else term


def read_period(cell: Cell, snapshot: dt.date) -> Reading:
    """The years of construction told in one cell; the value is the reading of the start and the reading of the end."""
    span = values.read_date_range(cell, snapshot)
    if span is None:
        return Reading(None, "period_unreadable" if values.clean_text(cell) else None)
    return Reading(span, span[0].rule or span[1].rule)
