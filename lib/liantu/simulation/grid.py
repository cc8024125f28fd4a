"""The layout engine: a declared form and its records become a grid of cells with merges; what each row is goes with it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from itertools import groupby

import numpy as np

from liantu.simulation import cells, holdout_cells
from liantu.simulation.cells import MESS, Cell, in_unit, plain_number
from liantu.simulation.names import person, phone, pick

UNITS = ("wan", "yi", "yi2", "yuan", "qian")
STEPS = {"wan": 1e4, "yuan": 1e8, "qian": 1e5}
AREAS = {"hectare": 15.0, "km2": 1500.0, "sqm": 0.0015}
HANDS = {"development": cells, "holdout": holdout_cells}
NEEDS_BARE_NUMBER = ("unit_slip", "thousands", "full_width", "parenthesis", "negative_amount", "unit_in_cell")


@dataclass(frozen=True)
class Record:
    """One thing that a ledger row reports: the true id, the values by field, and what the scorer may know."""

    id: str
    table: str
    values: dict[str, object]
    facts: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Column:
    """One column of a form. `how` is a unit, a date style or a style of words; drift: `since`, `until`, `renamed`, `moved`.

    `style` is how a number stands in its cell: `text` (two decimals, as text), `comma` (the same with separators), `stated` (with its
    unit, 亿元 from a hundred million on), else a number.
    """

    field: str
    header: tuple[str, ...]
    how: str = ""
    since: int = 0
    until: int = 9
    renamed: tuple[int, tuple[str, ...]] | None = None
    moved: tuple[int, int] | None = None
    style: str = ""

    def title(self, snapshot: int) -> tuple[str, ...]:
        """The header's levels at a snapshot."""
        return self.renamed[1] if self.renamed and snapshot >= self.renamed[0] else self.header


@dataclass(frozen=True)
class Sheet:
    """One sheet of a form: its columns, which records it holds, and what stands around and between them.

    `split_by` makes a sheet for each value of a field; `below` are further tables under the first; `heading` and `serial` are patterns
    ({order}, {key}, {n}; {g}, {n}); `heading_sums` lets a group's heading carry its sums; `number_row` numbers the columns.
    """

    name: str
    columns: tuple[Column, ...]
    stages: tuple[str, ...] = ()
    carried: bool | None = None
    table: str = "projects"
    titles: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    group_by: str = ""
    group_heading: bool = True
    subtotal: str = ""
    total: str = ""
    total_at_top: bool = False
    merge: str = ""
    blank_left: int = 0
    blank_after: tuple[int, ...] = ()
    blank_rows: float = 0.0
    repeat_header: int = 0
    restart_serial: bool = False
    hidden: bool = False
    copy_of: str = ""
    since: int = 0
    until: int = 9
    below: tuple[Sheet, ...] = ()
    preface: tuple[str, ...] = ()
    heading: str = "{order}、{key}（{n}个）"
    heading_sums: bool = False
    subtotal_at_top: bool = False
    number_row: bool = False
    repeat_title: str = ""
    serial: str = ""
    split_by: str = ""
    order_by: str = ""
    merges: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    label_field: str = ""


@dataclass(frozen=True)
class Form:
    """A workbook: its file name, kind of file, sheets, and the office's habits of writing dates and words.

    `kind` is xlsx, xls, csv, html or ods, whatever the name says; `kind_since` and `file_since` change it from a snapshot on. `hand` names
    the set of writings; names of projects of 100,000 万元 or more get `flag` in front.
    """

    id: str
    file: str
    sheets: tuple[Sheet, ...]
    dates: dict[str, float]
    words: dict[str, tuple[str, ...]] = field(default_factory=dict)
    remarks: dict[str, tuple[str, ...]] = field(default_factory=dict)
    hidden_lists: dict[str, tuple[tuple[str, ...], ...]] = field(default_factory=dict)
    encoding: str = "utf-8"
    kind: str = "xlsx"
    kind_since: tuple[int, str] | None = None
    file_since: tuple[int, str] | None = None
    hand: str = "development"
    flag: str = ""

    def kind_at(self, snapshot: int) -> str:
        """The kind of file at a snapshot."""
        return self.kind_since[1] if self.kind_since and snapshot >= self.kind_since[0] else self.kind

    def file_at(self, snapshot: int) -> str:
        """The pattern of the file's name at a snapshot."""
        return self.file_since[1] if self.file_since and snapshot >= self.file_since[0] else self.file


@dataclass(frozen=True)
class Mark:
    """What a row of a grid is, and which injected defects it carries as (field, mess, harm, written)."""

    kind: str
    record: Record | None = None
    mess: tuple[tuple[str, str, str, str], ...] = ()


@dataclass
class Grid:
    """Cells with merges (first row, first column, last row, last column; from 0) and a mark for each row."""

    name: str
    hidden: bool = False
    rows: list[list[Cell]] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)

    def add(self, row: list[Cell], mark: Mark) -> int:
        """Append a row; its number from 0."""
        self.rows.append(row)
        self.marks.append(mark)
        return len(self.rows) - 1


@dataclass(frozen=True)
class Occasion:
    """When and by whom a form is filled: the snapshot and the words for placeholders in titles and headers."""

    snapshot: int
    end: dt.date
    county: str
    rng: np.random.Generator

    def say(self, text: str) -> str:
        """`text` with its placeholders filled; persons and phones are invented."""
        if "{" not in text:
            return text
        filled = self.end + dt.timedelta(days=int(3 + len(text) % 5))
        return text.format(
            year=self.end.year,
            month=self.end.month,
            next_year=self.end.year + 1,
            county=self.county,
            quarter="一二三四"[self.end.month // 3 - 1],
            q=self.end.month // 3,
            months=f"1-{self.end.month}月",
            filled=f"{filled.year}年{filled.month}月{filled.day}日",
            person=person(self.rng),
            phone=phone(self.rng),
        )


def columns_at(sheet: Sheet, snapshot: int) -> list[Column]:
    """The columns of a sheet as they stand at a snapshot."""
    columns = [column for column in sheet.columns if column.since <= snapshot <= column.until]
    for column in [column for column in columns if column.moved and snapshot >= column.moved[0]]:
        columns.remove(column)
        columns.insert(column.moved[1], column)
    return columns


def _plan_mess(columns: list[Column], records: list[Record], occasion: Occasion) -> dict[int, tuple[str, str, str]]:
    """Which record gets which mess: at its rate, and each kind at least once in the five snapshots of a sheet, however small."""
    plan: dict[int, tuple[str, str, str]] = {}
    for order, mess in enumerate(MESS):
        fields = [
            c.field
            for c in columns
            if any(c.field == name or (name.endswith(".") and c.field.startswith(name)) for name in mess.fields)
            and not (c.style == "stated" and mess.kind in NEEDS_BARE_NUMBER)
        ]
        if not fields or not records:
            continue
        count = int(occasion.rng.binomial(len(records), mess.percent / 100))
        if count == 0 and (order + occasion.snapshot) % 5 == 0 and len(records) >= 8:
            count = 1
        for _ in range(count):
            name = str(pick(occasion.rng, fields))
            able = [i for i, record in enumerate(records) if i not in plan and record.values.get(name) not in (None, "", 0, 0.0)]
            if able:
                plan[int(pick(occasion.rng, able))] = (name, mess.kind, mess.harm)
    return plan


def _write_word(form: Form, column: Column, value: object, occasion: Occasion) -> Cell:
    """Ticks, yes and no, and states of permits."""
    rng, how = occasion.rng, column.how
    if how in ("tick", "mark"):
        status = value[0] if isinstance(value, tuple) else ("done" if value else "pending")
        if "ticks" in form.words:
            return form.words["ticks"][("done", "pending", "not_needed").index(str(status))] or None
        return {"done": "√", "not_needed": "/"}.get(str(status), "×" if how == "tick" and rng.random() < 0.4 else None)
    if how == "yes":
        yes, no = form.words.get("yes", ("是", "否"))
        return (yes if value else no) or None
    status, day = value  # type: ignore[misc]
    if how == "status_date" and status == "done":
        return HANDS[form.hand].write_date(day, _date_style(form, column, rng), occasion.end)
    choices = {"done": ("已办结",), "pending": ("办理中",), "not_needed": ("无需办理",), **form.words}[str(status)]
    return str(pick(rng, choices))


def _date_style(form: Form, column: Column, rng: np.random.Generator) -> str:
    if column.how and column.how not in ("status_date",):
        return column.how
    styles = list(form.dates)
    weights = np.array(list(form.dates.values()))
    return styles[int(rng.choice(len(styles), p=weights / weights.sum()))]


def _styled(column: Column, amount: float) -> Cell:
    """A sum of 万元 as a number in the column's unit, or as text in its style."""
    if column.style == "stated":
        unit = "yi" if amount >= 10000 else "wan"
        return f"{in_unit(amount, unit)}{'亿元' if unit == 'yi' else '万元'}"
    number = in_unit(amount, column.how)
    if column.style in ("text", "comma"):
        decimals = 4 if column.how == "yi" else 2
        return f"{number:,.{decimals}f}" if column.style == "comma" else f"{number:.{decimals}f}"
    return number


def write_cell(form: Form, column: Column, value: object, occasion: Occasion, mess: str = "") -> Cell:
    """One cell as the form's office writes it."""
    hand = HANDS[form.hand]
    if column.how in ("tick", "mark", "yes", "status", "status_date") and value is not None:
        return _write_word(form, column, value, occasion)
    if value is None or value == "":
        return hand.messy_text(mess, "", occasion.rng) if mess == "phone_in_note" else None
    if column.how in UNITS:
        return hand.messy_amount(mess, float(value), column.how, occasion.rng) if mess else _styled(column, float(value))
    if column.how in AREAS:
        return round(float(value) / AREAS[column.how], 3)
    if isinstance(value, dt.date):
        if mess:
            return hand.messy_date(mess, value, occasion.rng)
        return hand.write_date(value, _date_style(form, column, occasion.rng), occasion.end)
    if mess:
        return hand.messy_text(mess, str(value), occasion.rng)
    return plain_number(float(value)) if isinstance(value, int | float | np.number) else str(value)


def _header(grid: Grid, places: list[tuple[int, Column]], width: int, occasion: Occasion, kind: str) -> None:
    titles = {place: tuple(occasion.say(level) for level in column.title(occasion.snapshot)) for place, column in places}
    levels, first = max(len(title) for title in titles.values()), len(grid.rows)
    for level in range(levels):
        row: list[Cell] = [None] * width
        for place, title in titles.items():
            above = titles.get(place - 1, ())
            if level < len(title) and not (level < len(title) - 1 and above[: level + 1] == title[: level + 1]):
                row[place] = title[level]
        grid.add(row, Mark(kind))
    for place, title in titles.items():
        if len(title) < levels:
            grid.merges.append((first + len(title) - 1, place, first + levels - 1, place))
        for level in range(len(title) - 1):
            end = place
            while titles.get(end + 1, ())[: level + 1] == title[: level + 1] and len(titles[end + 1]) > level + 1:
                end += 1
            if end > place and titles.get(place - 1, ())[: level + 1] != title[: level + 1]:
                grid.merges.append((first + level, place, first + level, end))


def _sum_row(label: str, records: list[Record], places: list[tuple[int, Column]], width: int, left: int) -> list[Cell]:
    row: list[Cell] = [None] * width
    for place, column in places:
        if column.how in UNITS:
            row[place] = _styled(column, sum(float(record.values.get(column.field) or 0) for record in records))
    row[left] = label.format(n=len(records))
    return row


def _merge_runs(grid: Grid, place: int, rows: list[int], values: list[object]) -> None:
    """Merge equal neighbours of a column, as offices do with counties and towns."""
    for _, run in groupby(zip(rows, values, strict=True), key=lambda pair: pair[1]):
        numbers = [number for number, _ in run]
        if len(numbers) > 1 and numbers[-1] - numbers[0] == len(numbers) - 1:
            for number in numbers[1:]:
                grid.rows[number][place] = None
            grid.merges.append((numbers[0], place, numbers[-1], place))


def _harm(record: Record, column: Column, shown: set[str], kind: str, harm: str) -> str:
    """A total that slips down (by 10^4 from 万元) leaves more done than three times the total: the row cannot be used."""
    total = float(record.values.get("total") or 0)
    done = max((float(record.values.get(name) or 0) for name in ("done_total", "done_year") if name in shown), default=0.0)
    return "error" if kind == "unit_slip" and column.how in STEPS and done > 3 * total / STEPS[column.how] else harm


class Writer:
    """Fills one sheet; keeps the serial number, the mess planned and the rows written."""

    def __init__(self, form: Form, sheet: Sheet, records: list[Record], occasion: Occasion) -> None:
        self.form, self.sheet, self.occasion = form, sheet, occasion
        columns = columns_at(sheet, occasion.snapshot)
        self.places: list[tuple[int, Column]] = []
        place = sheet.blank_left
        for number, column in enumerate(columns):
            self.places.append((place, column))
            place += 2 if number in sheet.blank_after else 1
        self.width = place
        self.records = records
        self.mess = _plan_mess(columns, records, occasion)
        self.grid = Grid(occasion.say(sheet.name), sheet.hidden)
        self.serial = self.written = self.group = 0
        self.label = next((place for place, column in self.places if column.field == sheet.label_field), sheet.blank_left)

    def _line(self, text: str, kind: str) -> None:
        row: list[Cell] = [None] * self.width
        row[self.sheet.blank_left] = self.occasion.say(text)
        number = self.grid.add(row, Mark(kind))
        if kind in ("title", "note", "section") and self.width - self.sheet.blank_left > 1:
            self.grid.merges.append((number, self.sheet.blank_left, number, self.width - 1))

    def _record(self, number: int) -> int:
        record, planned = self.records[number], self.mess.get(number)
        self.serial += 1
        row: list[Cell] = [None] * self.width
        shown = {column.field for _, column in self.places}
        mess: list[tuple[str, str, str, str]] = []
        for place, column in self.places:
            if column.field == "serial":
                row[place] = self.sheet.serial.format(g=self.group, n=self.serial) if self.sheet.serial else self.serial
                continue
            kind = planned[1] if planned and planned[0] == column.field else ""
            row[place] = write_cell(self.form, column, record.values.get(column.field), self.occasion, kind)
            if kind and planned:
                written = str(row[place] if row[place] is not None else "")
                mess.append((column.field, kind, _harm(record, column, shown, *planned[1:]), written))
        return self.grid.add(row, Mark("record", record, tuple(mess)))

    def _subtotal(self, label: str, numbers: list[int]) -> None:
        self.grid.add(_sum_row(label, [self.records[i] for i in numbers], self.places, self.width, self.label), Mark("subtotal"))

    def _group(self, key: str, numbers: list[int], order: int) -> list[int]:
        sheet = self.sheet
        self.group = order + 1
        label = sheet.subtotal.replace("{key}", key or "其他")
        if sheet.group_by and sheet.group_heading:
            heading = sheet.heading.format(order="一二三四五六七八九十"[order % 10], key=key or "其他", n=len(numbers))
            if sheet.heading_sums:
                self._subtotal(heading, numbers)
            else:
                self._line(heading, "section")
        if label and sheet.subtotal_at_top:
            self._subtotal(label, numbers)
        self.serial = 0 if sheet.restart_serial else self.serial
        rows = []
        for number in numbers:
            if sheet.repeat_header and self.written and self.written % sheet.repeat_header == 0:
                if sheet.repeat_title:
                    self._line(sheet.repeat_title, "title")
                _header(self.grid, self.places, self.width, self.occasion, "header")
            rows.append(self._record(number))
            self.written += 1
            if sheet.blank_rows and self.occasion.rng.random() < sheet.blank_rows:
                self.grid.add([None] * self.width, Mark("blank"))
        if label and not sheet.subtotal_at_top:
            self._subtotal(label, numbers)
        return rows

    def _number_columns(self) -> None:
        """The row of statistical tables that counts the columns: 甲 and 乙 for words, numbers from there."""
        row: list[Cell] = [None] * self.width
        for number, (place, _) in enumerate(self.places):
            row[place] = ("甲", "乙")[number] if number < 2 else number - 1
        self.grid.add(row, Mark("header"))

    def fill(self) -> Grid:
        """The whole sheet: titles, header, records in their groups with subtotals, total, notes."""
        sheet, records = self.sheet, self.records
        for title in sheet.titles:
            self._line(title, "title") if title else self.grid.add([None] * self.width, Mark("blank"))
        for line in sheet.preface:
            self._line(line, "note")
        _header(self.grid, self.places, self.width, self.occasion, "header")
        if sheet.number_row:
            self._number_columns()
        total = _sum_row(sheet.total, records, self.places, self.width, self.label) if sheet.total else None
        if total and sheet.total_at_top:
            self.grid.add(total, Mark("subtotal"))
        keys = [str(record.values.get(sheet.group_by, "")) if sheet.group_by else "" for record in records]
        rows: list[int] = []
        for order, key in enumerate(dict.fromkeys(keys)):
            rows += self._group(key, [i for i, other in enumerate(keys) if other == key], order)
        if total and not sheet.total_at_top:
            self.grid.add(total, Mark("subtotal"))
        for place, column in self.places:
            if sheet.merge and column.field == sheet.merge:
                _merge_runs(self.grid, place, rows, [self.grid.rows[row][place] for row in rows])
            elif column.field in sheet.merges:
                cells_there = [self.grid.rows[row][place] for row in rows]
                _merge_runs(self.grid, place, rows, [row if cell is None else cell for row, cell in zip(rows, cells_there, strict=True)])
        for note in sheet.notes:
            self._line(note, "note")
        return self.grid
