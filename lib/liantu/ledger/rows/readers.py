"""How the cells of each field are read: the readers of values, and those of cells that say things of several kinds."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from liantu.ledger import values
from liantu.ledger.rows.context import Context
from liantu.ledger.sheets import Cell, ColumnMatch
from liantu.ledger.values import Reader, Reading, privacy
from liantu.ledger.values.reading import Plain, objects
from liantu.reference import City, FieldSpec, Term
from liantu.reference.models import Vocabulary
from liantu.tables.contracts import APPROVALS, STAGES

_PAPER = re.compile(r"[〔\[(（【]20\d\d[〕\])）】]\s*第?\d+号")
UNIT_ASSUMED = ("amount_unit_assumed", "area_unit_assumed")
"""Rules of cells whose number is used in the usual unit, for nothing tells one."""
USUAL_UNITS = ("万元", "亩", None)
"""What is taken where neither a header nor a cell nor the form tells a unit: 万元 for amounts, 亩 for areas."""
_DATES_GONE_WRONG = ("date_impossible", "date_year", "date_ambiguous", "date_range", "date_several", "date_undecided")


class Answer(NamedTuple):
    """Whether a project has come to a stage: yes says that it has come so far at least, no that it has not."""

    stage: str
    reached: bool


def reader(spec: FieldSpec, match: ColumnMatch, city: City, context: Context) -> Reader:
    """How the cells of this field are read."""
    vocabulary, snapshot = city.vocabulary, context.snapshot
    special = _special(spec.field, match.header, vocabulary, snapshot)
    if special is not None:
        return special
    unit = match.unit or spec.unit
    kinds: dict[str, Callable[[], Reader]] = {
        "text": lambda: TEXT,
        "chain": lambda: TEXT,
        "amount": lambda: _measured(values.read_amount, values.plain_amounts, match.unit, spec.unit),
        "area": lambda: _measured(values.read_area, values.plain_areas, match.unit, spec.unit),
        "share": lambda: Reader(partial(values.read_share, unit=unit), "number"),
        "date": lambda: Reader(partial(values.read_date, snapshot=snapshot), "date", values.plain_dates),
        "county": lambda: Reader(partial(values.read_county, divisions=city.divisions), "text"),
        "stage": lambda: Reader(partial(read_stage, header=match.header, vocabulary=vocabulary)),
        "term": lambda: Reader(partial(values.read_term, terms=vocabulary.terms(spec.vocabulary or "")), "text"),
        "number": lambda: Reader(values.read_number, "number", values.plain_numbers),
        "yes_no": lambda: Reader(values.read_yes_no),
        "code": lambda: _CODES.get(spec.field, TEXT),
    }
    return kinds[spec.kind]()


def _special(name: str, header: str, vocabulary: Vocabulary, snapshot: dt.date) -> Reader | None:
    """The reader of a field whose cells say things of several kinds."""
    if name == "period":
        return Reader(partial(read_period, snapshot=snapshot))
    head = name.rsplit("_", 1)[0]
    if name in APPROVALS or (head in APPROVALS and name.endswith("_date")):
        terms = vocabulary.terms("approval_status")
        return Reader(partial(read_approval, terms=terms, snapshot=snapshot), "any", partial(plain_approvals, snapshot=snapshot))
    if head in STAGES and name.endswith(("_date", "_actual")):
        return Reader(partial(read_reached, snapshot=snapshot), "any", values.plain_dates)
    return None


def _measured(read: Callable[..., Reading], at_once: Callable[..., Plain], told: str | None, assumed: str | None) -> Reader:
    """The reader of amounts or areas in the unit that is told; with none, every number that tells none itself breaks a rule."""
    if told or assumed in USUAL_UNITS:
        return Reader(partial(read, unit=told), "number", partial(at_once, unit=told))
    return Reader(partial(read_in_forms_unit, read=read, unit=assumed), "number")


def read_in_forms_unit(cell: Cell, read: Callable[..., Reading], unit: str | None) -> Reading:
    """A number in the form's own unit where the cell tells none; the rule that none is told stands beside it."""
    bare = read(cell, unit=None)
    if bare.rule not in UNIT_ASSUMED:
        return bare
    reading = read(cell, unit=unit)
    return replace(reading, rule=reading.rule or bare.rule)


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


TEXT = Reader(read_text, "text", values.plain_texts)
_CODES = {
    "national_code": Reader(values.read_national_code, "text", values.plain_codes), "credit_code": Reader(values.read_credit_code, "text")}


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


def plain_approvals(array: pa.Array, snapshot: dt.date) -> Plain:
    """As read_approval, for plain dates."""
    plain = values.plain_dates(array)
    ahead = plain.done & (plain.values > np.datetime64(snapshot, "D"))
    told = objects(None if day is None else ("pending", None) if day > snapshot else ("done", day) for day in plain.values.tolist())
    return Plain(plain.done, told, {"approval_ahead": ahead})


def read_period(cell: Cell, snapshot: dt.date) -> Reading:
    """The years of construction told in one cell; the value is the reading of the start and the reading of the end.

    One year alone is both: works that begin and end within it.
    """
    span = values.read_date_range(cell, snapshot)
    if span is None:
        year = values.read_date(cell, snapshot)
        if year.value is not None and year.rule is None and year.precision == "year":
            return Reading((year, year))
        return Reading(None, "period_unreadable" if values.clean_text(cell) else None)
    return Reading(span, span[0].rule or span[1].rule)
