"""Ledgers too large for the memory, from their files to the tables on disk, piece by piece on Dask."""

from __future__ import annotations

import datetime as dt
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import BrokenExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from liantu.errors import LiantuError
from liantu.ledger import pipeline
from liantu.ledger.accounting import KINDS, SheetCount, accounting, accounting_bytes
from liantu.ledger.bulk import tasks
from liantu.ledger.bulk.checking import checked, parts_of
from liantu.ledger.bulk.delimited import Piece, head_width, pieces_of
from liantu.ledger.bulk.gathering import write_all
from liantu.ledger.bulk.layouts import HEAD_ROWS, Kept, Layout, lay_out
from liantu.ledger.bulk.parquets import Groups, groups_of, header_of
from liantu.ledger.bulk.plain_rows import ODD
from liantu.ledger.bulk.projects import identified, met_by_chance
from liantu.ledger.bulk.sizes import PIECE_BYTES, PIECE_ROWS, RANGE_ROWS, is_large
from liantu.ledger.bulk.targets import target
from liantu.ledger.bulk.workers import Run, runner
from liantu.ledger.checking.vanishing import refused_names
from liantu.ledger.corrections.entries import corrections_of
from liantu.ledger.corrections.placings import placings_of, refuse_unknown_places
from liantu.ledger.corrections.rulings import ruled
from liantu.ledger.corrections.unanswered import unanswered
from liantu.ledger.drift import column_findings, given, gone_fields, unit_findings
from liantu.ledger.files.unreadable import UnreadableError
from liantu.ledger.findings import STALE, worded
from liantu.ledger.layout.finding import understand
from liantu.ledger.pipeline import NO_HEADER_EN, NO_HEADER_ZH, Cleaning
from liantu.ledger.pipeline import Layout as Forms
from liantu.ledger.rows.context import Context, context_of
from liantu.ledger.sheets import Block, Sheet, Unreadable
from liantu.ledger.sources import Source, day_of, find_sources, left_out, renamed
from liantu.tables.addresses import below, files_below, is_local, local_path, opened, remove, size_of, written
from liantu.tables.store import dictionary_bytes


@dataclass
class _Unit:
    """A piece of a large sheet, or the records of a small one: what is put aside under one number."""

    number: int
    snapshot: dt.date
    source_file: str
    sheet: str
    saved: tasks.Saved = field(repr=False)


@dataclass
class _Work:
    """One run while it goes on."""

    setting: tasks.Setting
    task: Any
    heap: Any
    run: Run
    several_dates: bool
    units: list[_Unit] = field(default_factory=list)
    others: list[Any] = field(default_factory=list)
    """Records of other ledgers than projects, which are kept in memory."""
    refused: list[Any] = field(default_factory=list)
    """Snapshot and name of rows of large ledgers that could not be used."""
    digests: dict[int, list[tuple[str, Context]]] = field(default_factory=dict)

    def number(self) -> int:
        """The next free number."""
        self._next = getattr(self, "_next", -1) + 1
        return self._next


def clean_bulk(
        raw_dir: Path | str, out: Path | str, reference: Path | str | None = None, layout: Forms = None, as_of: dt.date | str | None = None,
        scheduler: str | None = None) -> Cleaning:
    """Clean a folder of ledgers of any size and write the tables, dictionary.csv and accounting.json into `out`.

    `raw_dir` and `out` may be any fsspec address; `scheduler` is the address of a Dask scheduler (default: on this machine), whose workers
    must reach both. The other arguments, the files written and what is raised are those of `liantu.ledger.clean`; the tables are not
    returned but only written (`tables` is empty).
    """
    layouts = [layout] if isinstance(layout, Path | str) else list(layout or ())
    day = day_of(as_of)
    with _local(raw_dir) as (local, addresses), target(out) as made, runner(scheduler) as run:
        setting = tasks.Setting(str(reference) if reference else None, tuple(map(str, layouts)), below(made, ".pieces"))
        sources = find_sources(local, day)
        work = _Work(
            setting, pipeline.Task(tasks.rulebook_of(setting), corrections_of(local)),
            pipeline.Heap(findings=[*left_out(local), *renamed(sources, local)]), run,
            len({source.snapshot for source in sources}) > 1)
        refuse_unknown_places(local, work.task.corrections, work.task.book.chains)
        for source in sources:
            address = addresses.get(source.path.relative_to(local).as_posix(), str(source.path))
            if is_large(address):
                _large(work, source, address)
            else:
                _small(work, source)
        cleaning = _finished(work, sources, day, made)
        remove(setting.folder)
        return cleaning


def _small(work: _Work, source: Source) -> None:
    """A file of usual size is read as usual; the rows of its projects are put aside like those of a piece."""
    before = len(work.heap.records)
    pipeline.read_source(source, work.task, work.heap)
    sheets: dict[str, list[Any]] = {}
    for record in work.heap.records[before:]:
        sheets.setdefault(record.body.context.sheet, []).append(record)
    for sheet, records in sheets.items():
        work.others += [record for record in records if record.table != "projects"]
        number = work.number()
        work.units.append(_Unit(number, source.snapshot, source.source_file, sheet, tasks.save(work.setting, records, number)))


def _large(work: _Work, source: Source, address: str) -> None:
    """A large file: looked at, understood and read piece by piece, or told as unreadable."""
    if work.task.corrections.cells_in(source.source_file, "") or work.task.corrections.sides_in(source.source_file, ""):
        raise LiantuError(f"corrections.yml: {source.source_file} is too large for corrections of its rows; correct the file itself")
    try:
        _understood(work, source, address)
    except UnreadableError as error:
        work.heap.unreadable.append(error.told(source.source_file))
    except (LiantuError, OSError, MemoryError, BrokenExecutor):
        raise
    # The boundary of one bad file, as in `pipeline.read_source`: it is told with its name, and the other files go on.
    except Exception as error:
        work.heap.unreadable.append(pipeline.internal_error(source.source_file, error))


def _understood(work: _Work, source: Source, address: str) -> None:
    pieces, kept, names = _looked_at(work, address, source.source_file)
    layout = lay_out(source.source_file, kept, work.task.book.forms)
    if not layout.blocks:
        work.heap.unreadable.append(Unreadable(source.source_file, "no_known_header", NO_HEADER_ZH, NO_HEADER_EN))
        return
    book = work.task.book
    contexts = [context_of(layout.understanding.sheet, block, source.snapshot, book.city, book.names.rules) for block in layout.blocks]
    rows = sum(piece.rows for piece in kept)
    if _copy(work, address, contexts[0]):
        ignored = {kind: rows if kind == "exact_copy" else 0 for kind in KINDS}
        work.heap.counts.append(SheetCount(source.source_file, "", rows, 0, 0, rows, ignored))
        return
    _read(work, source, layout, contexts, kept, pieces, 1 if names else 0)


def _looked_at(work: _Work, address: str, source_file: str) -> tuple[list[int], list[Kept], list[str]]:
    """The numbers of the pieces, what the layout must be told of them, and a parquet file's names of columns (which are its first row)."""
    known, names = work.task.book.forms, []
    if address.endswith(".parquet"):
        names = header_of(address)
        parts: Sequence[Piece | Groups] = groups_of(address, PIECE_ROWS)
        width, head = len(names), [[name or None for name in names]]
    else:
        parts = pieces_of(address, PIECE_BYTES)
        width, head = head_width(address, parts[0].dialect), _first_rows(parts[0])
    blocks = understand(Sheet(source_file, "", head), known).blocks
    numbers = [work.number() for _ in parts]
    kept = work.run(tasks.look, [
        (work.setting, part, number, width, _only(blocks)) for part, number in zip(parts, numbers, strict=True)])
    if names:
        kept = [Kept(1, np.zeros(1, dtype=np.int64), np.array([ODD], dtype=np.int8), head), *kept]
    return numbers, kept, names


def _first_rows(piece: Piece) -> list[list[Any]]:
    from liantu.ledger.bulk.delimited import HEAD_BYTES, read_piece

    short = replace(piece, end=min(piece.end, piece.start + (HEAD_BYTES if piece.dialect.plain else HEAD_ROWS)))
    columns, _ = read_piece(short, head_width(piece.address, piece.dialect))
    return [list(row) for row in zip(*(columns[index].slice(0, HEAD_ROWS).to_pylist() for index in sorted(columns)), strict=True)]


def _only(blocks: Sequence[Block]) -> Block | None:
    """The table whose plain rows can be told: the last of tables one below the other."""
    rows = [row for block in blocks for row in block.rows]
    return blocks[-1] if blocks and len(set(rows)) == len(rows) else None


def _copy(work: _Work, address: str, context: Context) -> bool:
    """Whether a large file repeats another of the same snapshot, reporter and county, byte for byte."""
    held = work.digests.setdefault(size_of(address), [])
    digest = tasks.digest_of(address) if held else ""
    for other, earlier in held:
        same = (context.snapshot, context.source, context.county) == (earlier.snapshot, earlier.source, earlier.county)
        if same and tasks.digest_of(other) == digest:
            return True
    held.append((address, context))
    return False


def _read(work: _Work, source: Source, layout: Layout, contexts: list[Context], kept: list[Kept], pieces: list[int], header: int) -> None:
    """Read the pieces of a large sheet, count its rows and tell what its columns leave open."""
    sheets = tasks.Sheets.of(layout, contexts)
    before = np.cumsum([0, *(piece.rows for piece in kept)])[header:].tolist()
    read = work.run(tasks.read, [
        (work.setting, sheets, verdicts, number, start, work.several_dates)
        for verdicts, number, start in zip(layout.pieces[header:], pieces, before, strict=False)])
    ignored = sum((part.ignored for part in read), Counter({"header": header}))
    work.heap.counts.append(SheetCount(
        source.source_file, "", sum(piece.rows for piece in kept), sum(part.accepted for part in read),
        sum(part.quarantined for part in read), ignored.total(), {kind: ignored[kind] for kind in KINDS}))
    for number, (block, context) in enumerate(zip(layout.understanding.blocks, contexts, strict=True)):
        hashed = [part.names[number] for part in read if number in part.names]
        work.heap.given.append(replace(given(block, context), names=np.unique(np.concatenate(hashed))) if hashed else given(block, context))
        for match in block.columns:
            filled = sum(part.filled.get((number, match.index), 0) for part in read)
            told = column_findings(layout.understanding.sheet, replace(block, columns=(match,)), work.task.book.forms)
            work.heap.findings += [finding | ({"filled": filled} if "filled" in finding else {}) for finding in told]
        assumed = {match.index: sum(part.assumed.get((number, match.index), 0) for part in read) for match in block.columns}
        work.heap.findings += unit_findings(layout.understanding.sheet, block, assumed)
    work.units += [_Unit(part.number, source.snapshot, source.source_file, "", part.saved) for part in read]
    work.refused += [refused for part in read for refused in part.refused]


def _finished(work: _Work, sources: list[Source], day: dt.date | None, out: Path | str) -> Cleaning:
    """Projects told apart, placed, folded and checked; the tables, the account and the dictionary written."""
    heap, book = work.heap, work.task.book
    rulings, answers = ruled(work.task.corrections, heap.outcomes)
    placings, placed = placings_of(work.task.corrections, heap.outcomes, book.chains)
    heap.findings += [
        *gone_fields(heap.given, book.city.folder), *unanswered(work.task.corrections, heap.outcomes, heap.counts, sources, day),
        *answers, *placed]
    units = sorted(work.units, key=lambda unit: (unit.snapshot, unit.source_file, unit.sheet, unit.number))
    rows = sum(len(unit.saved.keys) for unit in units)
    setting = replace(work.setting, ranges=max(1, -(-rows // RANGE_ROWS)))
    projects = [unit for unit in units if len(unit.saved.keys)]
    merges = _settled(work, setting, projects, rulings, placings)
    numbers = [unit.number for unit in projects]
    headers = {unit.number: unit.saved.headers for unit in projects}
    parts = parts_of(setting, numbers, any(unit.saved.packaged for unit in projects), book)
    refused = [*refused_names(heap.records), *work.refused]
    # The workers fold while this process checks.
    with ThreadPoolExecutor(1) as beside:
        folded = beside.submit(work.run, tasks.fold_range, [(setting, numbers, place) for place in range(setting.ranges)])
        told, found = checked(
            setting, numbers, work.several_dates, parts, refused, lambda number, record: headers[number][record], book)
        folded.result()
    work.run(tasks.quarantine_piece, [(setting, unit.number, found.get(unit.number, [])) for unit in units])
    findings = worded([*heap.findings, *told.findings], book.city.folder)
    write_all(setting, out, units, {"merges": merges, "parts": parts, "changes": told.changes}, work.others, book, placings)
    content = accounting(heap.counts, heap.unreadable, findings)
    for name, told_bytes in (("dictionary.csv", dictionary_bytes()), ("accounting.json", accounting_bytes(content))):
        with written(below(out, name)) as file:
            file.write(told_bytes)
    failed = bool(heap.unreadable) or any(finding["kind"] == STALE for finding in findings)
    return Cleaning({}, content, findings, int(failed))


def _settled(
        work: _Work, setting: tasks.Setting, projects: list[_Unit], rulings: pd.DataFrame, placings: pd.DataFrame) -> pd.DataFrame:
    """Every row given its project; returns the table `merges`."""
    units = [(unit.number, unit.saved.keys) for unit in projects]
    told, merges, hand = identified(setting, units, work.task.book.names, rulings, placings)
    alone = work.run(tasks.settle, [(setting, unit.number, told.get(unit.number), hand) for unit in projects])
    again = met_by_chance(setting, told, {unit.number: ids for unit, ids in zip(projects, alone, strict=True)})
    work.run(tasks.settle, [(setting, number, part, hand) for number, part in again.items()])
    return merges


@contextmanager
def _local(raw_dir: Path | str) -> Iterator[tuple[Path, Mapping[str, str]]]:
    """The raw folder on this machine, and the addresses of large files that are left where they lie, by their name in the folder.

    Of a folder elsewhere the small files are fetched; a large one stands in the folder as an empty file of its name.
    """
    if is_local(raw_dir):
        # The workers may stand in another folder than this process.
        yield local_path(raw_dir).absolute(), {}
        return
    if not (held := files_below(raw_dir)):
        raise LiantuError(f"{raw_dir}: the folder of raw ledgers is missing or empty")
    with tempfile.TemporaryDirectory(prefix="liantu-") as name:
        local, left = Path(name), {}
        for told in held:
            target, address = local / told, below(raw_dir, told)
            target.parent.mkdir(parents=True, exist_ok=True)
            if is_large(address):
                left[told] = address
                target.touch()
                continue
            with opened(address) as source, target.open("wb") as copy:
                shutil.copyfileobj(source, copy)
        yield local, left
