"""Sheet → tables: every table of a sheet with its form, its columns and its rows, and why every other row was ignored.

Each row of the sheet ends in exactly one place: a table's rows, or `ignored` with its kind.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from liantu.ledger.layout.beside import strips
from liantu.ledger.layout.cards import Card, CardValues, card_fit, named_row, value_in
from liantu.ledger.layout.columns import Fit
from liantu.ledger.layout.contents import beside, dated_beside_ticks, field_by_content, reread_by_content
from liantu.ledger.layout.grid import Grid
from liantu.ledger.layout.header_text import plain, squeeze
from liantu.ledger.layout.known import Known, spec_of
from liantu.ledger.layout.regions import Region, find_regions, where_of
from liantu.ledger.layout.rows import Body, judge, open_body
from liantu.ledger.sheets import Block, Cell, ColumnMatch, Ignored, Sheet, Understanding

_SAMPLE = 200
_TOP = 8
"""Rows in which a sheet may say that it is not to be read."""


def understand(sheet: Sheet, known: Known) -> Understanding:
    """The tables of a sheet by what `known_forms(city)` knows; without a known header every filled row is ignored as `no_table`.

    A row that holds a row of two tables side by side is in the rows of both. A sheet that says above its rows that it is not to be
    collected (仅供查阅，不回收) repeats what others report: all of it is ignored as `no_table`.
    """
    whole = Grid(sheet)
    if _not_collected(whole, known):
        return Understanding(sheet, (), {whole.number(row): "blank" if whole.blank(row) else "no_table" for row in range(whole.height)})
    told = [_strip(grid, regions, known) for grid, regions in strips(whole, find_regions(whole, known), known)]
    blocks = tuple(block for found, _ in told for block in found)
    taken = {row for block in blocks for row in block.rows}
    ignored = {}
    for row in range(whole.height):
        if (number := whole.number(row)) not in taken:
            verdicts = [marks[number] for _, marks in told]
            ignored[number] = next((verdict for verdict in verdicts if verdict not in ("blank", "no_table")), max(verdicts))
    return Understanding(sheet, blocks, ignored)


def _not_collected(grid: Grid, known: Known) -> bool:
    """Whether a row of one text, at the top of the sheet, says that nothing of it is to be read."""
    tops = (list(grid.texts(row).values()) for row in range(min(grid.height, _TOP)))
    return any(len(texts) == 1 and known.rows.not_collected.fullmatch(texts[0]) for texts in tops)


def _strip(grid: Grid, regions: Sequence[Region], known: Known) -> tuple[list[Block], dict[int, Ignored]]:
    """The tables of a sheet, or of one strip of it, and what every row outside them is."""
    ignored: dict[int, Ignored] = {grid.number(row): "blank" if grid.blank(row) else "no_table" for row in range(grid.height)}
    fitted = [region for region in regions if region.fit or region.card]
    if not fitted:
        return [], ignored
    blocks = []
    for table in _tables(grid, regions, known, ignored):
        blocks += _stacked(grid, table, known, ignored) if isinstance(table, _Stack) else [_block(grid, table, known)]
    if not blocks:
        return [], {number: kind if kind == "blank" else "no_table" for number, kind in ignored.items()}
    return blocks, ignored


def block_cells(sheet: Sheet, block: Block) -> list[list[Cell]]:
    """For each row of `block.rows` its cells, as wide as the sheet; a cell merged over several rows fills those of the table.

    For a card they are the cells of its values. Cells of private columns are None: what they hold is read by nobody.
    """
    cells = _card_cells(sheet, block) if block.places else _table_cells(sheet, block)
    hidden = [match.index for match in block.columns if (spec := spec_of(block.form, match.field)) and spec.kind == "private"]
    for row in cells.values():
        for column in hidden:
            row[column] = None
    return [cells[row] for row in block.rows]


def _table_cells(sheet: Sheet, block: Block) -> dict[int, list[Cell]]:
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
    for row, below in block.joined.items():
        for line in (sheet.cells[number - sheet.first_row] for number in below):
            for column, value in enumerate(line):
                if value is not None:
                    cells[row][column] = _joined([cells[row][column], value])
    return cells


def _card_cells(sheet: Sheet, block: Block) -> dict[int, list[Cell]]:
    headers = {match.index: match.header for match in block.columns}
    return {row: [_joined([value_in(sheet.cells[line - sheet.first_row][column - sheet.first_column], headers.get(index, ""))
                           for line, column in places]) for index, places in enumerate(block.places[row])] for row in block.rows}


def _joined(values: list[Cell]) -> Cell:
    """One cell as it is; the texts of several without a gap, as a wrapped text reads."""
    told = [value for value in values if value is not None]
    return told[0] if len(told) == 1 else "".join(str(value).strip() for value in told) or None


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
    joined: dict[int, tuple[int, ...]] = field(default_factory=dict)


@dataclass
class _Stack:
    """Cards below each other under one title."""

    region: Region
    cards: list[Card]


def _tables(grid: Grid, regions: Sequence[Region], known: Known, ignored: dict[int, Ignored]) -> list[_Table | _Stack]:
    """The tables and cards in their order; marks the rows outside their bodies in `ignored`."""
    tables: list[_Table | _Stack] = []
    for place, region in enumerate(regions):
        for row in region.titles:
            ignored[grid.number(row)] = "note" if known.rows.note.fullmatch(next(iter(grid.texts(row).values()))) else "title"
        end = _end(regions, place, grid)
        last = tables[-1] if tables else None
        if region.card is not None:
            if isinstance(last, _Stack) and regions[place - 1].card and set(region.texts) <= set(last.region.texts):
                last.cards.append(region.card)
            else:
                tables.append(_Stack(region, [region.card]))
            _beside_card(grid, range(region.bottom + 1, end), known, ignored)
        if region.fit is None:
            continue
        for row in range(region.top, region.bottom + 1):
            ignored[grid.number(row)] = "blank" if grid.blank(row) else "header"
        repeated = isinstance(last, _Table) and regions[place - 1].fit is not None and _continues(last.region, region)
        table = last if isinstance(last, _Table) and repeated else _Table(region, region.fit)
        if not repeated:
            tables.append(table)
        table.headers += [grid.number(row) for row in range(region.top, region.bottom + 1)]
        _gather(grid, table, range(region.bottom + 1, end), known, ignored)
    return tables


def _beside_card(grid: Grid, rows: range, known: Known, ignored: dict[int, Ignored]) -> None:
    """The rows below a card: notes and signatures, as below a table; others belong to no table."""
    for row in rows:
        texts = list(grid.texts(row).values())
        if texts and (len(texts) == 1 or known.rows.note.fullmatch(texts[0]) or known.rows.signature.fullmatch(texts[0])):
            ignored[grid.number(row)] = "note"


def _stacked(grid: Grid, stack: _Stack, known: Known, ignored: dict[int, Ignored]) -> list[Block]:
    """The tables that cards make: one of all cards with one project each, one for each project of a transposed table."""
    found = card_fit(stack.cards, known, stack.region.texts, where_of(grid))
    if found is None:
        return []
    fit, index = found
    blocks: list[Block] = []
    single = [(card, card.values[0]) for card in stack.cards if len(card.values) == 1]
    for told in [single] if single else []:
        blocks.append(_card_block(grid, stack, told, fit, index, known))
    for card in stack.cards:
        blocks += [_card_block(grid, stack, [(card, values)], fit, index, known) for values in card.values if len(card.values) > 1]
    for card in stack.cards:
        for row in range(card.top, card.bottom + 1):
            ignored[grid.number(row)] = "blank" if grid.blank(row) else "header"
    return blocks


def _card_block(
        grid: Grid, stack: _Stack, told: Sequence[tuple[Card, CardValues]], fit: Fit, index: dict[str, int], known: Known) -> Block:
    sheet = grid.sheet
    places: dict[int, tuple[tuple[tuple[int, int], ...], ...]] = {}
    headers: list[int] = []
    for card, values in told:
        cells: list[tuple[tuple[int, int], ...]] = [()] * len(index)
        for label, own in zip(card.labels, values, strict=True):
            cells[index[label]] = tuple((grid.number(row), column + sheet.first_column) for row, column in own)
        named = grid.number(named_row(card, fit, index))
        places[named] = tuple(cells)
        headers += [row for row in range(grid.number(card.top), grid.number(card.bottom) + 1) if row != named]
    block = Block(fit.form.form, fit.columns, tuple(places), tuple(headers), stack.region.texts, {}, places)
    filled = [*_card_cells(sheet, block).values()]
    return replace(block, columns=_by_content(fit, lambda column: [row[column] for row in filled], known))


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
    table.joined |= {grid.number(row): tuple(map(grid.number, below)) for row, below in body.wrapped.items()}
    table.rows += [grid.number(row) for row in found]


def _block(grid: Grid, table: _Table, known: Known) -> Block:
    titles = tuple(text.strip() for text in table.region.texts)
    first = grid.sheet.first_row

    def cells(column: int) -> list[Cell]:
        return [grid.cell(row - first, column) for row in table.rows]

    return Block(table.fit.form.form, _by_content(table.fit, cells, known), tuple(table.rows), tuple(table.headers), titles, table.groups,
                 joined=table.joined)


def _by_content(fit: Fit, cells: Callable[[int], list[Cell]], known: Known) -> tuple[ColumnMatch, ...]:
    """The columns, those without a known header judged by what they hold; columns that hold and say nothing are left out."""
    matches = _reread([_doubted(match, cells, fit, known) for match in fit.columns], cells, fit, known)
    taken = {match.field for match in matches}
    columns = []
    for match in matches:
        if match.field is None:
            held = cells(match.index)
            found = field_by_content(match.header, held, fit.form, known)
            if found and (found not in taken or fit.form.specs[found].repeatable):
                taken.add(found)
                match = replace(match, field=found, how="content", nearest=None)
            elif not match.header and all(cell is None for cell in held):
                continue
        columns.append(match)
    return tuple(columns)


def _reread(matches: list[ColumnMatch], cells: Callable[[int], list[Cell]], fit: Fit, known: Known) -> list[ColumnMatch]:
    """Known headers whose cells speak for a field of another kind, which no other column gives."""
    taken = {match.field for match in matches}
    for number, match in enumerate(matches):
        found = reread_by_content(match, cells(match.index), fit.form, known)
        if found in fit.form.specs and (found not in taken or fit.form.specs[found].repeatable):
            taken.add(found)
            matches[number] = match = replace(match, field=found, unit=None, how="content", nearest=None)
        holder = dated_beside_ticks(match, matches, cells, fit.form, known)
        if holder is not None and (ticked := matches[holder]).field:
            matches[number] = replace(match, field=ticked.field, how=ticked.how, nearest=None)
            matches[holder] = replace(ticked, field=beside(ticked.field))
    return matches


def _doubted(match: ColumnMatch, cells: Callable[[int], list[Cell]], fit: Fit, known: Known) -> ColumnMatch:
    """A header that says nothing of money (1月 / 计划) is no amount when its cells are words without a figure."""
    if match.field is None or match.how == "name" or fit.form.specs[match.field].kind != "amount" or known.money.search(match.header):
        return match
    told = [plain(cell) for cell in cells(match.index) if cell is not None][:_SAMPLE]
    if len(told) < 2 or any(character.isdigit() for text in told for character in text):
        return match
    return replace(match, field=None, unit=None, how="none", nearest=fit.form.nearest(match.header.rpartition(" / ")[2]))
