"""Rulings on which rows are one project: both rows held against the names that are expected, then handed to identity."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pandas as pd

from liantu.ledger.corrections.entries import CorrectionsFile, Placing, RowEntry, Ruling, Side
from liantu.ledger.corrections.outcomes import Outcome, shows, signed, stale
from liantu.ledger.corrections.spots import cell_at
from liantu.ledger.findings import Finding
from liantu.ledger.rows.flaws import shown
from liantu.ledger.rows.records import Records
from liantu.ledger.sheets import Block, Cell, Sheet

RULINGS = ("one_file", "one_sheet", "one_row", "other_file", "other_sheet", "other_row", "decision", "reason")
"""Columns of the table that identity takes; `decision` is merge or apart."""
_ABOUT = {Ruling: ("projects",), Placing: ("projects", "enterprises")}


def row_stands(
        number: int, name: str, entry: RowEntry, row: Side | Placing, sheet: Sheet, read: Sequence[tuple[Block, Records]]) -> Outcome:
    """Whether a row of a ruling or placing is an accepted row that still bears the name; `sheet` is the sheet as the file has it.

    Rulings are about projects, placings about projects and firms.
    """
    tables, side = _ABOUT[type(entry)], row if isinstance(row, Side) else None
    for block, records in read:
        if row.row not in block.rows or records.table not in tables or row.row in records.rejected:
            continue
        names = {line: _names(sheet, block, line) for line in block.rows if line not in records.rejected}
        if any(shows(cell, row.expect) for cell in names[row.row]):
            return Outcome(number, name)
        now = shown(names[row.row][0]) if names[row.row] else ""
        moved = [line for line, cells in names.items() if any(shows(cell, row.expect) for cell in cells)]
        header = next((match.header for match in block.columns if match.field == "name"), "")
        return Outcome(number, name, stale(
            number, entry, "value", side, now=now, column=header, moved=moved[0] if len(moved) == 1 else None))
    return Outcome(number, name, stale(number, entry, "no_project", side))


def _names(sheet: Sheet, block: Block, row: int) -> list[Cell]:
    """The cells that name a row as the file has them, or those that a merged range spreads over them."""
    cells = []
    for match in block.columns:
        if match.field == "name":
            places = block.places[row][match.index] if block.places else ((row, match.index + sheet.first_column),)
            places = [*places, *((below, match.index + sheet.first_column) for below in block.joined.get(row, ()))]
            told = [cell_at(sheet, *_spread(sheet, *place)) for place in places]
            # A name that is wrapped over rows reads without a gap.
            texts = [str(cell).strip() for cell in told if cell is not None]
            cells.append("".join(texts) if len(texts) > 1 else next((cell for cell in told if cell is not None), None))
    return cells


def _spread(sheet: Sheet, row: int, column: int) -> tuple[int, int]:
    inside = (span[:2] for span in sheet.merged if span[0] <= row <= span[2] and span[1] <= column <= span[3])
    top, left = next(inside, (row, column))
    return top, left - sheet.first_column


def ruled(file: CorrectionsFile, outcomes: Iterable[Outcome]) -> tuple[pd.DataFrame, list[Finding]]:
    """The rulings of which both rows stand, as identity takes them (columns `RULINGS`), and a finding for each of them."""
    standing: dict[int, set[str]] = {}
    for outcome in outcomes:
        if outcome.side and not outcome.stale:
            standing.setdefault(outcome.number, set()).add(outcome.side)
    held = {number: entry for number, entry in sorted(file.rulings.items()) if standing.get(number) == {"one", "other"}}
    rows = [(entry.one.file, entry.one.sheet, entry.one.row, entry.other.file, entry.other.sheet, entry.other.row, entry.do, entry.reason)
            for entry in held.values()]
    table = pd.DataFrame(rows, columns=list(RULINGS)).astype({"one_row": "int64", "other_row": "int64"})
    return table, [_finding(number, entry) for number, entry in held.items()]


def _finding(number: int, entry: Ruling) -> Finding:
    other = f"{entry.other.file}#{entry.other.sheet}!{entry.other.row}"
    return {
        "kind": "ruled", "case": entry.do, "source_file": entry.one.file, "sheet": entry.one.sheet, "entry": number, "do": entry.do,
        "row": entry.one.row, "other": other, **signed(entry)}
