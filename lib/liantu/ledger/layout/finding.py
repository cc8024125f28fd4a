"""Sheet → tables: every table of a sheet with its form, its columns and its rows, and why every other row was ignored.

Each row of the sheet ends in exactly one place: a table's rows, or `ignored` with its kind.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from liantu.ledger.layout.columns import Fit
from liantu.ledger.layout.contents import field_by_content
from liantu.ledger.layout.grid import Grid
from liantu.ledger.layout.header_text import squeeze
from liantu.ledger.layout.known import Known, spec_of
from liantu.ledger.layout.regions import Region, find_regions
from liantu.ledger.layout.rows import Body, judge, open_body
from liantu.ledger.sheets import Block, Cell, ColumnMatch, Ignored, Sheet, Understanding


def understand(sheet: Sheet, known: Known) -> Understanding:
    """The tables of a sheet by what `known_forms(city)` knows; without a known header every filled row is ignored as `no_table`."""
    grid = Grid(sheet)
    regions = find_regions(grid, known)
    ignored: dict[int, Ignored] = {grid.number(row): "blank" if grid.blank(row) else "no_table" for row in range(grid.height)}
    if not any(region.fit for region in regions):
        return Understanding(sheet, (), ignored)
    tables = _tables(grid, regions, known, ignored)
    blocks = tuple(_block(grid, table, known) for table in tables)
    for block in blocks:
        for row in block.rows:
            ignored.pop(row)
    return Understanding(sheet, blocks, ignored)


def block_cells(sheet: Sheet, block: Block) -> list[list[Cell]]:
    """For each row of `block.rows` its cells, as wide as the sheet; a cell merged over several rows fills those of the table.

    Cells of private columns are None: what they hold is read by nobody.
    """
    width = max((len(row) for row in sheet.cells), default=0)
    cells = {row: [*sheet.cells[row - sheet.first_row], *[None] * (width - len(sheet.cells[row - sheet.first_row]))] for row in block.rows}
    below_header = min(block.header_rows, default=0)
    for top, left, bottom, _ in sheet.merged:
        column = left - sheet.first_column
        if bottom > top > below_header and top not in block.header_rows and 0 <= column < width and top in range(
                sheet.first_row, sheet.first_row + len(sheet.cells)):
            row_above = sheet.cells[top - sheet.first_row]
            value = row_above[column] if column < len(row_above) else None
            for row in range(top + 1, bottom + 1):
                if row in cells and cells[row][column] is None:
                    cells[row][column] = value
    hidden = [match.index for match in block.columns if (spec := spec_of(block.form, match.field)) and spec.kind == "private"]
    for row in cells.values():
        for column in hidden:
            row[column] = None
    return [cells[row] for row in block.rows]


def same_rows(sheet: Sheet, other: Sheet) -> bool:
    """Whether two sheets hold the same rows, one for one."""
    return bool(sheet.cells) and sheet.cells == other.cells


@dataclass
class _Table:
    """One table while its rows are gathered; a header repeated at a page break continues it."""

    region: Region
    fit: Fit
    rows: list[int] = field(default_factory=list)
    headers: list[int] = field(default_factory=list)
    body: Body | None = None
    groups: dict[int, tuple[str, ...]] = field(default_factory=dict)


def _tables(grid: Grid, regions: Sequence[Region], known: Known, ignored: dict[int, Ignored]) -> list[_Table]:
    """The tables in their order; marks the rows outside their bodies in `ignored`."""
    tables: list[_Table] = []
    for place, region in enumerate(regions):
        for row in region.titles:
            ignored[grid.number(row)] = "note" if known.rows.note.fullmatch(next(iter(grid.texts(row).values()))) else "title"
        end = _end(regions, place, grid)
        if region.fit is None:
            continue
        for row in range(region.top, region.bottom + 1):
            ignored[grid.number(row)] = "blank" if grid.blank(row) else "header"
        repeated = bool(tables) and place > 0 and regions[place - 1].fit is not None and _continues(tables[-1].region, region)
        if not repeated:
            tables.append(_Table(region, region.fit))
        tables[-1].headers += [grid.number(row) for row in range(region.top, region.bottom + 1)]
        _gather(grid, tables[-1], range(region.bottom + 1, end), known, ignored)
    return tables


def _continues(first: Region, region: Region) -> bool:
    """A header repeated at a page break; under a title of its own it begins another table."""
    titles = {squeeze(text) for text in region.texts if not re.search("续表|接上页", text)}
    return first.key == region.key and titles <= {squeeze(text) for text in first.texts}


def _end(regions: Sequence[Region], place: int, grid: Grid) -> int:
    """The row before which a table ends: where the titles or the header of the next one begin."""
    if place + 1 == len(regions):
        return grid.height
    following = regions[place + 1]
    return min((following.top, *following.titles))


def _gather(grid: Grid, table: _Table, rows: range, known: Known, ignored: dict[int, Ignored]) -> None:
    body = table.body = table.body or open_body(grid, known, table.fit)
    body.noted = False
    found: list[int] = []
    for row in rows:
        verdict = judge(body, row)
        if verdict == "body":
            found.append(row)
            if body.groups:
                table.groups[grid.number(row)] = body.groups
        else:
            ignored[grid.number(row)] = verdict
    # A single text below the last full row is a remark, not a project.
    while found and len(grid.texts(found[-1])) == 1 and len(found) > 1 and not grid.spans_by_row.get(found[-1]):
        row = grid.number(found.pop())
        ignored[row] = "note"
        table.groups.pop(row, None)
    table.rows += [grid.number(row) for row in found]


def _block(grid: Grid, table: _Table, known: Known) -> Block:
    titles = tuple(text.strip() for text in table.region.texts)
    return Block(
        table.fit.form.form, _by_content(grid, table, known), tuple(table.rows), tuple(table.headers), titles, table.groups)


def _by_content(grid: Grid, table: _Table, known: Known) -> tuple[ColumnMatch, ...]:
    """The columns, those without a known header judged by what they hold; columns that hold and say nothing are left out."""
    taken = {match.field for match in table.fit.columns}
    columns = []
    for match in table.fit.columns:
        cells = [grid.cell(row - grid.sheet.first_row, match.index) for row in table.rows]
        if match.field is None:
            found = field_by_content(match.header, cells, table.fit.form, known)
            if found and (found not in taken or table.fit.form.specs[found].repeatable):
                taken.add(found)
                match = replace(match, field=found, how="content", nearest=None)
            elif not match.header and all(cell is None for cell in cells):
                continue
        columns.append(match)
    return tuple(columns)
