"""The way of every file: read, understood, its rows made into records, and each row counted; then the tables are put together."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
from tqdm import tqdm

from liantu.chains.catalogue import checked_chains
from liantu.ledger.accounting import SheetCount, accounting, count_copy, count_sheet
from liantu.ledger.assembling import Rulebook, assemble
from liantu.ledger.corrections.cells import correct
from liantu.ledger.corrections.entries import CorrectionsFile, corrections_of
from liantu.ledger.corrections.outcomes import Outcome
from liantu.ledger.corrections.placings import placings_of, refuse_unknown_places
from liantu.ledger.corrections.rulings import row_stands, ruled
from liantu.ledger.corrections.unanswered import copied, unanswered
from liantu.ledger.drift import Given, column_findings, given, gone_fields, unit_findings
from liantu.ledger.files.reading import read_book
from liantu.ledger.findings import STALE, worded
from liantu.ledger.identity.names import Names
from liantu.ledger.layout.finding import same_rows, understand
from liantu.ledger.layout.known import Known, known_forms
from liantu.ledger.rows.context import Context, context_of
from liantu.ledger.rows.records import Records, read_records
from liantu.ledger.sheets import Block, Sheet, Understanding, Unreadable
from liantu.ledger.sources import Source, day_of, find_sources, left_out, renamed
from liantu.ledger.values import privacy
from liantu.reference import City, city
from liantu.reference.identity import IdentityRules
from liantu.reference.loading import load

Layout = Path | str | Sequence[Path | str] | None
NO_HEADER_ZH = "没有找到任何台账表头（至少要有名称列和两个已知字段），请核对表头或提供版式文件"
NO_HEADER_EN = "no header of a known ledger was found (a name column and two known fields are needed); check the headers or give a --layout"


@dataclass(frozen=True)
class Cleaning:
    """What cleaning made: the tidy tables by name, the content of accounting.json, the named findings and the command's exit code."""

    tables: dict[str, pd.DataFrame] = field(repr=False)
    accounting: dict[str, Any] = field(repr=False)
    findings: list[dict[str, Any]] = field(repr=False)
    exit_code: int


@dataclass
class Heap:
    """What has been read so far."""

    records: list[Records] = field(default_factory=list)
    counts: list[SheetCount] = field(default_factory=list)
    unreadable: list[Unreadable] = field(default_factory=list)
    findings: list[dict[str, Any]] = field(default_factory=list)
    given: list[Given] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)
    """What became of the entries of corrections.yml so far."""
    sheets: list[tuple[Context, Sheet]] = field(default_factory=list)
    """Sheets with tables as their files have them, each with the setting of its first one."""


@dataclass(frozen=True)
class Task:
    """What the reading of every file needs."""

    book: Rulebook
    corrections: CorrectionsFile


def run(
        raw_dir: Path | str, reference: Path | str | None = None, layout: Layout = None, as_of: dt.date | str | None = None) -> Cleaning:
    """Read every ledger of `raw_dir`, decide which rows report the same project, and account for every row.

    `reference` is a city's name or reference folder (default: chaoyang); `layout` one or more YAML files with further ledger forms;
    `as_of` leaves later snapshots out. Raises LiantuError for a folder, layout, date or corrections.yml that cannot be used; what is
    wrong in a ledger is a row of `quarantine`, a line of `unreadable` or a finding. The exit code is 1 when a file is unreadable or an
    entry of corrections.yml no longer finds what it expects.
    """
    raw, day = Path(raw_dir), day_of(as_of)
    sources = find_sources(raw, day)
    task = Task(rulebook(reference, layout), corrections_of(raw))
    refuse_unknown_places(raw, task.corrections, task.book.chains)
    heap = Heap(findings=[*left_out(raw), *renamed(sources, raw)])
    for source in tqdm(sources, desc="clean", unit="file", disable=None):
        read_source(source, task, heap)
    home = task.book.city.folder
    rulings, told = ruled(task.corrections, heap.outcomes)
    placings, placed = placings_of(task.corrections, heap.outcomes, task.book.chains)
    stale = unanswered(task.corrections, heap.outcomes, heap.counts, sources, day)
    heap.findings += [*gone_fields(heap.given, home), *stale, *told, *placed]
    tables, shown = assemble(heap.records, task.book, rulings, placings)
    findings = worded([*heap.findings, *shown], home)
    failed = bool(heap.unreadable) or any(finding["kind"] == STALE for finding in findings)
    return Cleaning(tables, accounting(heap.counts, heap.unreadable, findings), findings, int(failed))


def rulebook(reference: Path | str | None = None, layout: Layout = None) -> Rulebook:
    """The reference data that cleaning reads; a broken file is a LiantuError that names file and key."""
    home = city(str(Path(reference).resolve()) if reference and Path(reference).is_dir() else str(reference or "chaoyang"))
    layouts = [layout] if isinstance(layout, Path | str) else list(layout or ())
    # A city's own forms are made ready once in a process; a layout given by hand may change between two calls.
    return _of_forms(home, known_forms(home, home.forms_with([Path(path) for path in layouts]))) if layouts else _own(home)


@cache
def _own(home: City) -> Rulebook:
    return _of_forms(home, known_forms(home))


def _of_forms(home: City, forms: Known) -> Rulebook:
    return Rulebook(home, checked_chains(home), forms, Names(load(IdentityRules, home.folder / "identity.yml"), home.divisions))


def read_source(source: Source, task: Task, heap: Heap) -> None:
    """Read one file into the heap, as a whole or not at all."""
    mine = Heap(sheets=heap.sheets.copy())
    try:
        _read_file(source, task, mine)
    # The boundary of one bad file: whatever goes wrong inside it is told with its name, and the other files go on.
    except Exception as error:
        mine = Heap(sheets=heap.sheets, unreadable=[internal_error(source.source_file, error)])
    heap.sheets = mine.sheets
    for part in ("records", "counts", "unreadable", "findings", "given", "outcomes"):
        getattr(heap, part).extend(getattr(mine, part))


def internal_error(source_file: str, error: Exception) -> Unreadable:
    """What is told of a file inside which the program failed; a value that the error names is told without personal data."""
    said = privacy.scrub(" ".join(str(error).split()))[:120]
    return Unreadable(
        source_file, "internal_error", f"程序内部错误（{type(error).__name__}），请将此文件转给维护人员",
        f"internal error ({type(error).__name__}: {said}); send this file to the maintainers")


def _read_file(source: Source, task: Task, heap: Heap) -> None:
    sheets = read_book(source.path, source.source_file)
    if isinstance(sheets, Unreadable):
        heap.unreadable.append(sheets)
        return
    corrected = [_understand(sheet, task) for sheet in sheets]
    if not any(understanding.blocks for understanding, _ in corrected):
        reason = "no_known_header" if any(sheet.cells for sheet in sheets) else "empty"
        heap.unreadable.append(Unreadable(source.source_file, reason, NO_HEADER_ZH, NO_HEADER_EN))
        return
    zones = zones_of(source, [understanding for understanding, _ in corrected], task.book)
    for sheet, (understanding, outcomes) in zip(sheets, corrected, strict=True):
        _read_sheet(source, sheet, understanding, outcomes, task, heap, zones)


def _understand(sheet: Sheet, task: Task) -> tuple[Understanding, list[Outcome]]:
    """A sheet understood with its cells corrected, and what became of the corrections."""
    understanding, entries = understand(sheet, task.book.forms), task.corrections.cells_in(sheet.source_file, sheet.name)
    return correct(understanding, entries, lambda changed: understand(changed, task.book.forms)) if entries else (understanding, [])


def _read_sheet(source: Source, raw: Sheet, understanding: Understanding, outcomes: list[Outcome], task: Task, heap: Heap,
                zones: Mapping[str, str]) -> None:
    """Read the tables of a sheet; `raw` is the sheet as the file has it, so that a corrected cell hides no copy."""
    book, sheet = task.book, understanding.sheet
    contexts = [context_of(sheet, block, source.snapshot, book.city, book.names.rules) for block in understanding.blocks]
    contexts = [replace(context, zones=zones) for context in contexts]
    if contexts:
        if any(_repeats(raw, contexts[0], other, context) for context, other in heap.sheets):
            heap.counts.append(count_copy(raw))
            heap.outcomes += copied(raw, outcomes, task.corrections)
            return
        heap.sheets.append((contexts[0], raw))
    read: list[tuple[Block, Records]] = []
    for block, context in zip(understanding.blocks, contexts, strict=True):
        records = read_records(sheet, block, context, book.city, book.chains)
        read.append((block, records))
        heap.given.append(given(block, context, _names(records)))
        heap.findings += [*column_findings(sheet, block, book.forms), *unit_findings(sheet, block, records.body.assumed)]
    heap.records += [records for _, records in read]
    heap.outcomes += [*outcomes, *_sides(raw, read, task.corrections)]
    heap.counts.append(count_sheet(understanding, [records.rejected for _, records in read]))


def _sides(raw: Sheet, read: Sequence[tuple[Block, Records]], corrections: CorrectionsFile) -> list[Outcome]:
    """Whether the rows of rulings and placings that stand in a sheet still bear the names that are expected."""
    return [row_stands(number, name, corrections.about_rows(number), row, raw, read)
            for number, name, row in corrections.sides_in(raw.source_file, raw.name)]


def _names(records: Records) -> pd.Series:
    """What the accepted rows of a table are called."""
    named = next((name for name in ("name", "description", "project_name", "zone") if name in records.frame), None)
    return records.frame[named] if named else pd.Series(dtype="str")


def zones_of(source: Source, understood: Sequence[Understanding], book: Rulebook) -> dict[str, str]:
    """The county of each development zone that a zone register in this file tells."""
    zones: dict[str, str] = {}
    for understanding in understood:
        for block in understanding.blocks:
            if block.form.table == "zones":
                context = context_of(understanding.sheet, block, source.snapshot, book.city, book.names.rules)
                frame = read_records(understanding.sheet, block, context, book.city, book.chains).frame
                zones |= dict(frame.loc[frame["county"].notna(), ["zone", "county"]].itertuples(index=False))
    return zones


def _repeats(sheet: Sheet, context: Context, other: Sheet, earlier: Context) -> bool:
    """True when a sheet repeats another of its file, or of another file of the same snapshot, reporter and county, row for row."""
    same_place = (context.snapshot, context.source, context.county) == (earlier.snapshot, earlier.source, earlier.county)
    return (sheet.source_file == other.source_file or same_place) and same_rows(sheet, other)
