"""Corrections of cells: the cell found by its header or letter, held against what is expected, and read otherwise."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from liantu.ledger.corrections.entries import CellEntry, Fix, Scale
from liantu.ledger.corrections.outcomes import Outcome, shows, signed, stale
from liantu.ledger.corrections.spots import Lost, Spot, cell_at, find_spot
from liantu.ledger.drift import letter_of
from liantu.ledger.findings import Finding
from liantu.ledger.rows.body import MEASURES
from liantu.ledger.rows.flaws import shown
from liantu.ledger.sheets import Cell, ColumnMatch, Sheet, Understanding
from liantu.ledger.values import Reading, privacy, read_amount, read_area, read_number, read_share

_READ: dict[str, Callable[[Cell, str | None], Reading]] = {
    "amount": read_amount, "area": read_area, "share": read_share, "number": lambda cell, unit: read_number(cell)}


@dataclass
class _Work:
    """A sheet while its corrections are made."""

    understanding: Understanding
    cells: list[list[Cell]]
    scales: dict[tuple[int, int], float] = field(default_factory=dict)
    done: dict[tuple[int, int], int] = field(default_factory=dict)
    outcomes: list[Outcome] = field(default_factory=list)


def correct(
        understanding: Understanding, entries: Mapping[int, CellEntry],
        understand: Callable[[Sheet], Understanding]) -> tuple[Understanding, list[Outcome]]:
    """The sheet understood again with its cells corrected, and what became of each entry.

    Cells outside the bodies of tables (a header, a title) are corrected first, so that an entry may name a column by its corrected header.
    What an entry expects is held against the cell as the file has it.
    """
    bodies = {row for block in understanding.blocks for row in block.rows}
    work = _Work(understanding, understanding.sheet.cells)
    for inside in (False, True):
        batch = {number: entry for number, entry in entries.items() if (entry.row in bodies) == inside}
        for number, entry in batch.items():
            work.outcomes.append(Outcome(number, finding=_correct(work, number, entry)))
        if any(not outcome.stale for outcome in work.outcomes if outcome.number in batch):
            work.understanding = understand(replace(understanding.sheet, cells=work.cells, scales=work.scales))
    return work.understanding, sorted(work.outcomes, key=lambda outcome: outcome.number)


def _correct(work: _Work, number: int, entry: CellEntry) -> Finding:
    """Correct one cell; the finding says what was done, or why nothing was."""
    sheet = work.understanding.sheet
    if not sheet.first_row <= entry.row < sheet.first_row + len(sheet.cells):
        return stale(number, entry, "row")
    spot = find_spot(work.understanding, entry)
    if isinstance(spot, Lost):
        return stale(number, entry, spot.case, nearest=spot.nearest)
    if spot.inside and not spot.read:
        return stale(number, entry, "unread")
    cell, top = cell_at(sheet, spot.row, spot.index), _top_left(sheet, spot)
    told = {"now": _now(work.understanding, spot, cell)}
    if top and not isinstance(entry, Fix):
        return stale(number, entry, "merged", nearest=f"{letter_of(top[1])}{top[0]}", **told)
    # A cell below the first one of a merged range is empty in the file and shows the first one's value.
    spread = cell_at(sheet, top[0], top[1] - sheet.first_column) if top else None
    if not shows(cell, entry.expect) and not (top and shows(spread, entry.expect)):
        return stale(number, entry, "value", moved=_moved(sheet, spot, entry), **told)
    if (earlier := work.done.get((spot.row, spot.index))) is not None:
        return stale(number, entry, "twice", nearest=str(earlier), **told)
    if isinstance(entry, Scale) and not (spot.inside and _measured(spot, cell)):
        return stale(number, entry, "not_a_number", **told)
    work.done[spot.row, spot.index] = number
    _apply(work, entry, spot)
    return _corrected(number, entry, spot.match, told["now"])


def _apply(work: _Work, entry: CellEntry, spot: Spot) -> None:
    sheet = work.understanding.sheet
    if isinstance(entry, Scale):
        work.scales[spot.row, spot.index + sheet.first_column] = entry.factor
        return
    line = work.cells[spot.row - sheet.first_row]
    changed = [*line, *[None] * (spot.index + 1 - len(line))]
    changed[spot.index] = entry.value if isinstance(entry, Fix) else None
    work.cells = [*work.cells]
    work.cells[spot.row - sheet.first_row] = changed


def _corrected(number: int, entry: CellEntry, match: ColumnMatch | None, was: str) -> Finding:
    counts = {"fix": lambda: privacy.scrub(entry.value), "drop": lambda: "", "scale": lambda: f"{was} × {entry.factor:g}"}[entry.do]()
    return {
        "kind": "corrected", "case": entry.do, "source_file": entry.file, "sheet": entry.sheet, "entry": number, "do": entry.do,
        "row": entry.row, "column": privacy.scrub(match.header) if match and match.header else entry.column,
        "field": match.field if match else None, "was": was, "is": counts, **signed(entry)}


def _now(understanding: Understanding, spot: Spot, cell: Cell) -> str:
    """What stands in a cell now, where it may be told: not from a column that nobody reads, nor from a note that may name a person."""
    told = spot.read if spot.inside else understanding.ignored.get(spot.row) in ("header", "title", "subtotal", "blank")
    return shown(cell) if told or cell is None else privacy.REMOVED


def _top_left(sheet: Sheet, spot: Spot) -> tuple[int, int] | None:
    """Row and column of the first cell of the merged range that a cell lies in; None when it is that cell or lies in none."""
    row, column = spot.row, spot.index + sheet.first_column
    inside = (span[:2] for span in sheet.merged if span[0] <= row <= span[2] and span[1] <= column <= span[3])
    return next((top for top in inside if top != (row, column)), None)


def _moved(sheet: Sheet, spot: Spot, entry: CellEntry) -> int | None:
    """The one row of the table in which the column shows what the entry expects."""
    if not entry.expect or spot.block is None or spot.block.places:
        return None
    rows = [row for row in spot.block.rows if shows(cell_at(sheet, row, spot.index), entry.expect)]
    return rows[0] if len(rows) == 1 else None


def _measured(spot: Spot, cell: Cell) -> bool:
    """Whether a cell reads as a number that can be multiplied."""
    if spot.block is None or spot.match is None:
        return False
    spec = spot.block.form.spec(spot.match.field or "")
    return spec.kind in MEASURES and _READ[spec.kind](cell, spot.match.unit or spec.unit).value is not None
