"""What changed in a reporter's columns: headers that mean nothing known, columns judged by content, fields that are given no more.

Drift is judged by field, not by spelling, and between tables of one reporter at two dates: by whose rows, columns and names they share
a renamed file, a renamed sheet or a ledger split in two is known again.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from typing import Annotated

import numpy as np
import pandas as pd
from pydantic import Field
from rapidfuzz import fuzz, process

from liantu.ledger.findings import Finding
from liantu.ledger.identity.names import squeeze
from liantu.ledger.layout.header_text import as_header
from liantu.ledger.layout.known import Known
from liantu.ledger.rows.context import Context
from liantu.ledger.sheets import Block, ColumnMatch, Sheet, stem_of
from liantu.ledger.values import privacy
from liantu.reference import FieldSpec
from liantu.reference.loading import Entry, load
from liantu.tables.contracts import APPROVALS, STAGES

Share = Annotated[float, Field(ge=0, le=1)]
_UNREPORTED = ("serial", "private", "other", "note")
_PERIOD_STAGES = ("started", "completed")
_LIKE_HEADERS = 40


class Weights(Entry):
    """What each feature adds to the likeness of two tables."""

    rows: Share
    fields: Share
    file: Share
    sheet: Share
    form: Share


class SeriesRules(Entry):
    """series.yml: by what a reporter's ledger is known again in its next snapshot."""

    periods: tuple[str, ...]
    words: tuple[str, ...]
    weights: Weights
    unknown_name: Share
    alike: Share
    other_reporter: Share
    same_rows: Share
    source: str


@dataclass(frozen=True)
class Given:
    """The fields that one reporter gave in one table: field → header, headers that meant nothing, and the hashed names of its rows."""

    context: Context
    table: str
    form: str
    headers: Mapping[str, str] = field(repr=False)
    unknown: tuple[str, ...] = ()
    names: np.ndarray = field(default_factory=lambda: np.array([], dtype="uint64"), repr=False, compare=False)

    @property
    def reporter(self) -> tuple[str, str, str]:
        """Whose tables may be held against each other; a county's ledgers are one reporter's, whatever the files are called."""
        return (self.table, self.context.source, self.context.county or "")


def given(block: Block, context: Context, names: Iterable[str | None] = ()) -> Given:
    """The fields that a table gives, each with its header; `names` are those of its rows."""
    said = [squeeze(name) for name in names if isinstance(name, str)]
    hashed = np.unique(pd.util.hash_array(np.array(said, dtype=object), categorize=False)) if said else np.array([], dtype="uint64")
    return Given(
        context, block.form.table, block.form.id,
        {match.field: match.header for match in block.columns if match.field and match.field not in _UNREPORTED},
        tuple(match.header for match in block.columns if match.field is None and match.header), hashed)


def column_findings(sheet: Sheet, block: Block, known: Known) -> list[Finding]:
    """A finding for each column whose header maps to no field, repeats another column's field, or was judged by what its cells hold."""
    findings = [_column_finding(sheet, block, match, known) for match in block.columns]
    return [finding for finding in findings if finding]


def _column_finding(sheet: Sheet, block: Block, match: ColumnMatch, known: Known) -> Finding | None:
    letter = letter_of(match.index + sheet.first_column)
    where = {"source_file": sheet.source_file, "sheet": sheet.name, "header": privacy.scrub(match.header)}
    if match.how == "content" and match.field:
        spec = block.form.spec(match.field)
        return {
            "kind": "by_content", "case": spec.field if spec.kind == "code" else spec.kind, **where, "header": where["header"] or letter,
            "nearest": None, "field": match.field, "filled": _filled(sheet, block, match), "field_zh": spec.zh, "field_en": spec.en}
    if match.field is not None:
        return None
    if not match.header:
        headless = {"kind": "unknown_header", "case": "headless", **where, "nearest": None, "column": letter}
        filled = _filled(sheet, block, match)
        return {**headless, "filled": filled} if filled else None
    other = repeated(block, match, known)
    if other:
        return {"kind": "second_column", **where, "nearest": privacy.scrub(other.header), "field": other.field}
    return {"kind": "unknown_header", **where, "nearest": match.nearest}


def unit_findings(sheet: Sheet, block: Block, assumed: Mapping[int, int]) -> list[Finding]:
    """A finding for each column of money or land of which nothing tells the unit; `assumed` as in `Body`."""
    findings = []
    for match in block.columns:
        if match.field and assumed.get(match.index):
            spec = block.form.spec(match.field)
            findings.append({
                "kind": "unit_assumed", "source_file": sheet.source_file, "sheet": sheet.name,
                "header": privacy.scrub(match.header) or letter_of(match.index + sheet.first_column), "field": match.field,
                "unit": assumed_unit(spec), "cells": assumed[match.index], "field_zh": spec.zh, "field_en": spec.en})
    return findings


def assumed_unit(spec: FieldSpec) -> str:
    """The unit in which a column's numbers are read when nothing tells another."""
    return spec.unit or ("亩" if spec.kind == "area" else "万元")


def repeated(block: Block, match: ColumnMatch, known: Known) -> ColumnMatch | None:
    """The column that already gives what the header of a column without a field means, None when it means nothing known."""
    form = next((own for own in known.forms if own.form.id == block.form.id), None)
    if form is None or match.field is not None or not match.header:
        return None
    levels = tuple(known.reader.read(as_header(text)) for text in match.header.split(" / "))
    means = {own.field for own in form.match(levels)}
    return next((own for own in block.columns if own.field in means), None)


def letter_of(column: int) -> str:
    """The spreadsheet's letter of a column counted from 1.

    >>> letter_of(1), letter_of(28)
    ('A', 'AB')
    """
    letters = ""
    while column > 0:
        column, place = divmod(column - 1, 26)
        letters = chr(ord("A") + place) + letters
    return letters


def _filled(sheet: Sheet, block: Block, match: ColumnMatch) -> int:
    """How many rows of a table hold something in a column; the values themselves are not looked at."""
    places = [block.places[row][match.index] if block.places else ((row, match.index + sheet.first_column),) for row in block.rows]
    return sum(any(_holds(sheet, *cell) for cell in cells) for cells in places)


def _holds(sheet: Sheet, row: int, column: int) -> bool:
    line = sheet.cells[row - sheet.first_row]
    return 0 <= column - sheet.first_column < len(line) and line[column - sheet.first_column] is not None


def gone_fields(tables: Sequence[Given], reference: Path) -> list[Finding]:
    """A finding for each field that a reporter gave in its snapshot before and gives no more.

    A table is held against the tables of the same reporter in the newest earlier snapshot that has a table like it, so a snapshot that
    was skipped, a new file name, a new sheet name or a ledger split by rows or by columns is no loss; `reference` is the city's folder.
    """
    rules = _rules(reference)
    reporters: dict[tuple[str, str, str], dict[dt.date, list[Given]]] = {}
    for table in tables:
        reporters.setdefault(table.reporter, {}).setdefault(table.context.snapshot, []).append(table)
    findings = []
    for _, snapshots in sorted(reporters.items()):
        days = sorted(snapshots)
        for place, day in enumerate(days):
            earlier = [snapshots[before] for before in reversed(days[:place])]
            findings += [found for now in snapshots[day] for found in _gone(now, snapshots[day], earlier, rules)]
    return findings


@cache
def _rules(reference: Path) -> SeriesRules:
    return load(SeriesRules, reference / "series.yml")


def _gone(now: Given, beside: Sequence[Given], earlier: Iterable[Sequence[Given]], rules: SeriesRules) -> list[Finding]:
    before = next((related for held in earlier if (related := _related(now, beside, held, rules))), [])
    gave = {name: (header, table) for table in before for name, header in table.headers.items()}
    gives = set(now.headers)
    for other in beside:
        if other is not now and _held_in(now, other) >= rules.same_rows:
            gives |= set(other.headers)
    return [_gone_finding(now, name, *gave[name]) for name in sorted(gave) if not _covered(name, gives, set(gave))]


def _gone_finding(now: Given, name: str, header: str, table: Given) -> Finding:
    near = process.extractOne(header, now.unknown, scorer=fuzz.ratio, score_cutoff=_LIKE_HEADERS)
    return {
        "kind": "field_gone", "source_file": now.context.source_file, "sheet": now.context.sheet, "header": privacy.scrub(header),
        "field": name, "given_in": table.context.source_file, "nearest": privacy.scrub(near[0]) if near else None}


def _related(now: Given, beside: Sequence[Given], held: Sequence[Given], rules: SeriesRules) -> list[Given]:
    """The earlier tables of which `now` is the next: the one most alike, and those whose rows it took over."""
    alike = [_likeness(now, before, rules) for before in held]
    best = max(range(len(held)), key=alike.__getitem__, default=None)
    related = []
    for place, before in enumerate(held):
        if not alike[place]:
            continue
        next_one = all(_likeness(other, before, rules) <= alike[place] for other in beside)
        here, back = _held_in(before, now) >= rules.same_rows, _held_in(now, before) >= rules.same_rows
        next_of_best = alike[place] >= rules.alike and (next_one or here or back or now.form == before.form)
        if next_of_best if place == best else next_one and here:
            related.append(before)
    return related


def _likeness(one: Given, other: Given, rules: SeriesRules) -> float:
    """How much two tables of one reporter look like one ledger at two dates, 0 to 1; 0 when their files are of different offices."""
    if _others(one, other, rules):
        return 0.0
    weights, fields = rules.weights, one.headers.keys() | other.headers.keys()
    common = len(one.headers.keys() & other.headers.keys()) / len(fields) if fields else 0.0
    return (weights.rows * max(_held_in(one, other), _held_in(other, one)) + weights.fields * common
            + weights.file * _name_likeness(_stem(one), _stem(other), rules)
            + weights.sheet * _name_likeness(one.context.sheet, other.context.sheet, rules) + weights.form * (one.form == other.form))


def _others(one: Given, other: Given, rules: SeriesRules) -> bool:
    """Whether the names of two files of departments or zones say that different offices send them."""
    if one.context.source == "county" and one.context.county:
        return False
    names = [_bare(_stem(table), rules) for table in (one, other)]
    return all(names) and _pairs_in_common(*names) < rules.other_reporter


def _held_in(one: Given, other: Given) -> float:
    """The share of one table's names that the other has."""
    return len(np.intersect1d(one.names, other.names, assume_unique=True)) / len(one.names) if len(one.names) else 0.0


def _stem(table: Given) -> str:
    return stem_of(table.context.source_file)


def _name_likeness(one: str, other: str, rules: SeriesRules) -> float:
    names = [_bare(text, rules) for text in (one, other)]
    return _pairs_in_common(*names) if all(names) else rules.unknown_name


@lru_cache(maxsize=4096)
def _bare(text: str, rules: SeriesRules) -> str:
    """A name without dates and the words that any ledger's name may hold."""
    text = unicodedata.normalize("NFKC", text)
    for pattern in (*rules.periods, *(re.escape(word) for word in sorted(rules.words, key=len, reverse=True))):
        text = re.sub(pattern, "", text)
    return re.sub(r"[\W_]+", "", text)


def _pairs_in_common(one: str, other: str) -> float:
    """Dice's measure over pairs of characters: words in another order are still alike."""
    ones, others = ({text[place:place + 2] for place in range(max(len(text) - 1, 1))} for text in (one, other))
    return 2 * len(ones & others) / (len(ones) + len(others))


def _covered(name: str, gives: set[str], gave: set[str]) -> bool:
    """Whether what a field told is still told, be it by a field that says the same: 开工时间 for 实际开工时间, 建设起止年限 for both."""
    if name in gives:
        return True
    if name == "period":
        return all(not gives.isdisjoint({f"{stage}_planned", f"{stage}_date", f"{stage}_actual"}) for stage in _PERIOD_STAGES)
    head, _, tail = name.rpartition("_")
    if head in STAGES:
        sides = {"date": ("planned", "actual"), "actual": ("date",), "planned": () if f"{head}_actual" in gave else ("date",)}
        told = {f"{head}_{side}" for side in sides.get(tail, ())}
        return not gives.isdisjoint(told | {"period"} if tail == "planned" and head in _PERIOD_STAGES else told)
    approval = head if head in APPROVALS else name
    if approval in APPROVALS:
        sides = {"status": (approval, f"{approval}_date"), "date": (approval,)}
        return not gives.isdisjoint(sides.get(tail if head in APPROVALS else "", (f"{approval}_status", f"{approval}_date")))
    return False
