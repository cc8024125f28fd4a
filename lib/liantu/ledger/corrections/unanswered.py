"""Entries of corrections.yml that met no row: their file, their sheet or the copy of a sheet that is read in its place."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from rapidfuzz import fuzz, process

from liantu.ledger.accounting import SheetCount
from liantu.ledger.corrections.entries import CellEntry, CorrectionsFile, Row, RowEntry, Side
from liantu.ledger.corrections.outcomes import Outcome, stale
from liantu.ledger.findings import Finding
from liantu.ledger.sheets import Sheet
from liantu.ledger.sources import Source
from liantu.tables.snapshots import snapshot_of

_NEAR = 60


def copied(sheet: Sheet, outcomes: Iterable[Outcome], file: CorrectionsFile) -> list[Outcome]:
    """The outcomes of a sheet that repeats another and is not read: nothing can come of any entry about it."""
    cells = [replace(outcome, finding=stale(outcome.number, file.cells[outcome.number], "exact_copy")) for outcome in outcomes]
    sides = [Outcome(number, name, stale(number, file.about_rows(number), "exact_copy", _side(row)))
             for number, name, row in file.sides_in(sheet.source_file, sheet.name)]
    return [*cells, *sides]


def unanswered(
        file: CorrectionsFile, outcomes: Sequence[Outcome], counts: Iterable[SheetCount], sources: Sequence[Source],
        as_of: dt.date | None) -> list[Finding]:
    """The findings of all entries about cells, and of the rulings and placings that do not stand, by number.

    An entry about a snapshot after `as_of` waits; one that met no file that can be read, or not its sheet, is stale.
    """
    seen = {(outcome.number, outcome.side): outcome.finding for outcome in outcomes}
    sheets: dict[str, list[str]] = {}
    for count in counts:
        sheets.setdefault(count.source_file, []).append(count.sheet)
    known = [source.source_file for source in sources]
    findings: list[tuple[int, Finding]] = []
    for number, name, entry, row in _rows(file):
        if (number, name) in seen:
            finding = seen[number, name]
        elif row.file not in known:
            finding = None if _later(row.file, as_of) else stale(number, entry, "file", _side(row), nearest=_nearest(row.file, known))
        elif row.file not in sheets:
            finding = stale(number, entry, "unreadable", _side(row))
        elif row.sheet in sheets[row.file]:
            # A file that is read in pieces answers for none of its rows.
            finding = stale(number, entry, "in_pieces", _side(row))
        else:
            finding = stale(number, entry, "sheet", _side(row), sheets=" / ".join(sheets[row.file]))
        if finding:
            findings.append((number, finding))
    return [finding for _, finding in sorted(findings, key=lambda told: told[0])]


def _rows(file: CorrectionsFile) -> Iterator[tuple[int, str, CellEntry | RowEntry, Row]]:
    for number, entry in file.cells.items():
        yield number, "", entry, entry
    yield from file.rows()


def _side(row: Row) -> Side | None:
    return row if isinstance(row, Side) else None


def _later(source_file: str, as_of: dt.date | None) -> bool:
    """Whether a file lies in a snapshot that was left out on purpose."""
    day = snapshot_of(source_file.split("/", 1)[0])
    return as_of is not None and day is not None and day > as_of


def _nearest(source_file: str, known: Sequence[str]) -> str | None:
    near = process.extractOne(source_file, known, scorer=fuzz.ratio, score_cutoff=_NEAR)
    return near[0] if near else None
