"""The columns of one header: levels joined, each mapped to at most one field of a form, the form chosen that explains them best."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from liantu.ledger.layout.grid import Grid
from liantu.ledger.layout.header_text import Header, Unit, as_header, as_written, told_month, told_year
from liantu.ledger.layout.known import Known, KnownForm, Match
from liantu.ledger.sheets import Cell, ColumnMatch

_FAMILY_OF_KIND = {"amount": ("money",), "area": ("area", "floor"), "share": ("share",)}
_JOINTS, _CHINESE = re.compile(r"\s*(?:_+|>+|→|＞)\s*"), re.compile("[\u4e00-\u9fff]")
_SILENT = ("serial", "private")
_YEARLY = ("plan_year_wan", "done_year_wan")


@dataclass(frozen=True)
class Column:
    """One column of a header: the texts of its levels, outermost first, as they read and taken apart."""

    index: int
    texts: tuple[str, ...]
    levels: tuple[Header, ...]

    @property
    def header(self) -> str:
        """The levels joined by ' / '."""
        return " / ".join(self.texts)


@dataclass(frozen=True)
class Fit:
    """A form held against the columns of a header."""

    form: KnownForm
    columns: tuple[ColumnMatch, ...]
    score: float


def columns_of(grid: Grid, top: int, bottom: int, known: Known) -> list[Column]:
    """The columns below which anything stands, with the levels of the header rows `top` to `bottom`."""
    rows = [row for row in range(top, bottom + 1) if not silent_row(grid, row, known)]
    held = {column for column, last in grid.last_filled.items() if last >= top}
    held |= {column for span in grid.spans if span.top <= bottom and span.bottom >= top for column in range(span.left, span.right + 1)}
    levels = [_level(grid, row, rows[place + 1:]) for place, row in enumerate(rows)]
    columns = []
    for index in sorted(held):
        cells: list[Cell] = []
        for level in levels:
            if index in level and (not cells or as_header(cells[-1]) != as_header(level[index])):
                cells.append(level[index])
        parts = [part for cell in cells for part in _exported(cell)]
        columns.append(Column(index, tuple(map(as_written, cells)), tuple(known.reader.read(as_header(part)) for part in parts)))
    return columns


def _exported(cell: Cell) -> list[Cell]:
    """A system's export joins the levels of a header by a line or an arrow (`投资_本年累计`); they are taken apart again."""
    parts = _JOINTS.split(cell) if isinstance(cell, str) else [cell]
    return [cell] if len(parts) == 1 or not all(isinstance(part, str) and _CHINESE.search(part) for part in parts) else parts


def _level(grid: Grid, row: int, below: Sequence[int]) -> dict[int, Cell]:
    """Column → cell of one header row; without merged ranges a group reaches over the blanks at its right that have texts below."""
    cells = {column: grid.spread(row, column) for column in grid.columns if grid.header_text(row, column)}
    parent = None
    for column in grid.columns:
        span = grid.span_at(row, column)
        has_below = any(grid.header_text(under, column) for under in below)
        if column in cells:
            parent = cells[column] if has_below and not (span and span.right > span.left) else None
        elif parent is not None and has_below and span is None:
            cells[column] = parent
        else:
            parent = None
    return cells


def silent_row(grid: Grid, row: int, known: Known) -> bool:
    """Whether a row of a header names nothing: it numbers the columns, or says them once more in another language."""
    return column_codes(grid, row, known) or _translation(grid, row)


def _translation(grid: Grid, row: int) -> bool:
    """Whether a row holds only words in Latin letters (No. | Project | Investment)."""
    texts = grid.texts(row).values()
    return len(texts) >= 3 and all(text.isascii() and text[0].isalpha() for text in texts) and any(len(text) > 4 for text in texts)


def column_codes(grid: Grid, row: int, known: Known) -> bool:
    """Whether a row only numbers the columns (甲 乙 1 2 3=1+2)."""
    texts = list(grid.texts(row).values())
    if len(texts) < 3 or not all(known.rows.column_code.fullmatch(text) for text in texts):
        return False
    numbers = [int(digits) for text in texts if (digits := text.strip("()").split("=")[0]).isdigit()]
    return len(numbers) >= 2 and all(later == earlier + 1 for earlier, later in pairwise(numbers))


def best_fit(columns: Sequence[Column], known: Known, titles: Sequence[str], where: Sequence[str]) -> Fit | None:
    """The form that explains the columns best, None when no form has its required fields.

    `titles` and `where` (names of sheet and file) speak for the forms whose title words they hold.
    """
    fits = [fit for form in known.forms if (fit := _fit(columns, form, known, titles, where))]
    # A form with title words is a special one: without its words in a title it must explain more than the plain form does.
    best = max(fits, key=lambda fit: (fit.score, not fit.form.form.title_words), default=None)
    return best and replace(best, columns=tuple(_with_nearest(match, best.form, known) for match in best.columns))


def _with_nearest(match: ColumnMatch, form: KnownForm, known: Known) -> ColumnMatch:
    last = match.header.rpartition(" / ")[2]
    if match.field is not None or match.nearest or not last:
        return match
    header = known.reader.read(as_header(last))
    return replace(match, nearest=form.nearest(header.readings[-1] if header.readings else last, header.unit))


def _fit(columns: Sequence[Column], form: KnownForm, known: Known, titles: Sequence[str], where: Sequence[str]) -> Fit | None:
    possible = {match.field for column in columns for match in form.match(column.levels)}
    named = None if form.required <= possible else _named(columns, form)
    if named is None and not form.required <= possible:
        return None
    matches = _assigned(columns, form, known, titles)
    if named is not None:
        told = {"field": "name", "how": "pattern", "nearest": None, "unit": None}
        matches = [replace(match, **told) if match.index == named else match for match in matches]
    fields = {match.field for match in matches if match.field}
    counted = {name for name in fields if form.specs[name].kind not in _SILENT and name not in ("note", "other")}
    if any(spec.required and spec.field not in fields for spec in form.form.fields) or len(counted) < form.form.at_least:
        return None
    if form.form.any_of and fields.isdisjoint(form.form.any_of):
        return None
    said = max((len(word) for word in form.form.title_words if any(word in text for text in titles)), default=0)
    named = max((len(word) for word in form.form.title_words if any(word in text for text in where)), default=0)
    words = (2 + said / 10 if said else 0) + (1 + named / 10 if named else 0)
    return Fit(form, tuple(matches), len(counted) + 0.25 * len(fields - counted) + words)


def _named(columns: Sequence[Column], form: KnownForm) -> int | None:
    """Where no header is a known name for the projects: the one column that is called something like it (民生实事项目)."""
    if form.form.table != "projects" or form.required != {"name"}:
        return None
    unknown = [column for column in columns if column.levels and not form.match(column.levels)]
    like = [column.index for column in unknown if any(map(form.name_like.fullmatch, column.levels[-1].readings))]
    return like[0] if len(like) == 1 else None


def _assigned(columns: Sequence[Column], form: KnownForm, known: Known, titles: Sequence[str]) -> list[ColumnMatch]:
    """Each column with its field; of two columns of one field the later year or month, else the better match, else the first stays."""
    chosen: dict[int, Match] = {}
    years = {column.index: told_year(column.header) for column in columns}
    latest = _latest_year(columns, form, titles)
    options = {column.index: _of_this_year(form.match(column.levels), years[column.index], latest, form) for column in columns}
    for last in (False, True):
        ranked = sorted(
            ((_rank(column, match, form, latest), column.index, match) for column in columns for match in options[column.index]
             if match.fallback == last and column.index not in chosen), key=lambda entry: entry[:2])
        for _, index, match in ranked:
            taken = {own.field for own in chosen.values()}
            if index not in chosen and (match.field not in taken or form.specs[match.field].repeatable):
                chosen[index] = match
    _up_to_now(chosen, years, latest)
    _by_quarter(chosen, columns)
    title_units = [unit for title in titles for unit in known.reader.units_of_title(title)]
    matches = [_column_match(column, chosen.get(column.index), form, title_units) for column in columns]
    # A header that another column of its field outdoes is known: nothing is nearer to it than itself.
    return [replace(match, nearest=column.texts[-1]) if match.field is None and options[column.index] else match
            for column, match in zip(columns, matches, strict=True)]


def _rank(column: Column, match: Match, form: KnownForm, latest: int | None) -> tuple:
    """What comes first: a header that tells no year speaks of the table's own."""
    order = list(form.specs).index(match.field) if match.fallback else 0
    year = told_year(column.header) or latest or 9999
    return (order, -year, -(told_month(column.header) or 0), match.how != "name")


def _latest_year(columns: Sequence[Column], form: KnownForm, titles: Iterable[str]) -> int | None:
    """The year of the table: the one that a title and a header of yearly amounts name, else the latest that either does.

    A title's year of which something was done, beside a plan for a later one (2021年结转项目: 2021年完成, 2022年计划), is the year before.
    """
    told = {(match.field, year) for column in columns if (year := told_year(column.header))
            for match in form.match(column.levels)[:1] if match.field in _YEARLY}
    years = {year for _, year in told}
    said = max((year for title in titles if (year := told_year(title))), default=None)
    if said in years and not (("done_year_wan", said) in told and any(field == "plan_year_wan" and year > said for field, year in told)):
        return said
    return max((*years, *([said] if said else ())), default=None)


def _of_this_year(matches: tuple[Match, ...], year: int | None, latest: int | None, form: KnownForm) -> tuple[Match, ...]:
    """An amount of another year than the table's is not this year's (2021年完成投资, 2023年计划 beside 2022年计划投资)."""
    if not year or not latest or year == latest or "past_year_wan" not in form.specs:
        return matches
    if year > latest:
        return tuple(match for match in matches if match.field not in _YEARLY)
    return tuple(replace(match, field="past_year_wan") if match.field in _YEARLY else match for match in matches)


def _up_to_now(chosen: dict[int, Match], years: dict[int, int | None], latest: int | None) -> None:
    """Done to the end of the table's own year is done since the start, when no other column says so."""
    if any(match.field == "done_total_wan" for match in chosen.values()):
        return
    for index, match in list(chosen.items()):
        if match.field == "done_before_wan" and latest and years[index] == latest:
            chosen[index] = replace(match, field="done_total_wan")
            return


def _by_quarter(chosen: dict[int, Match], columns: Sequence[Column]) -> None:
    """Beside 二季度, what was done in 一季度 is that quarter's and not the year's so far."""
    headers = {column.header for column in columns}
    for column in columns:
        match = chosen.get(column.index)
        if match and match.field == "done_year_wan" and column.header.replace("一季度", "二季度") in headers - {column.header}:
            chosen[column.index] = replace(match, field="done_period_wan")


def _column_match(column: Column, match: Match | None, form: KnownForm, title_units: Sequence[Unit]) -> ColumnMatch:
    if match is None:
        return ColumnMatch(column.index, column.header, None, _unit(column, None, ()), "none")
    unit = _unit(column, _FAMILY_OF_KIND.get(form.specs[match.field].kind), title_units)
    return ColumnMatch(
        column.index, column.header, match.field, unit, match.how, None, told_year(column.header), told_month(column.header))


def _unit(column: Column, families: tuple[str, ...] | None, title_units: Sequence[Unit]) -> str | None:
    """The innermost unit of the header that suits the field; for amounts, areas and shares else the title's, when it tells one."""
    told = [level.unit for level in reversed(column.levels) if level.unit]
    suited = [unit for unit in told if families is None or unit.family in families]
    if suited:
        return suited[0].unit
    # A table of one unit in its title says it of its amounts; of areas and shares only when it names such a unit.
    from_title = {unit.unit for unit in title_units if families and unit.family in families}
    return from_title.pop() if len(from_title) == 1 else None
