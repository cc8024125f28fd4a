"""What is done to one piece of a large ledger, each step a function of its own so that Dask can run it anywhere.

Steps leave what they make in a folder aside that every worker can reach, and hand back only small things.
"""

from __future__ import annotations

import hashlib
import pickle
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as arrow

from liantu.chains import place
from liantu.ledger.assembling import Rulebook
from liantu.ledger.bulk import aside
from liantu.ledger.bulk.delimited import Piece, read_piece
from liantu.ledger.bulk.layouts import Kept, Layout, Verdicts, keep
from liantu.ledger.bulk.parquets import Groups, read_groups
from liantu.ledger.bulk.plain_rows import BLANK, ODD, PlainRows
from liantu.ledger.checking.checks import Found
from liantu.ledger.checking.vanishing import refused_names
from liantu.ledger.corrections.placings import Placed, with_hand
from liantu.ledger.identity.mentions import identity_keys, project_ids
from liantu.ledger.rows.context import Context
from liantu.ledger.rows.flaws import quarantine
from liantu.ledger.rows.records import Records, read_columns
from liantu.ledger.rows.typed import complete, typed
from liantu.ledger.sheets import Block, Ignored
from liantu.tables import CONTRACTS
from liantu.tables.contracts import OBSERVATIONS
from liantu.tables.fold import fold, fold_part
from liantu.tables.runs import taken

CARRIED = ("chain", "link", "content")
"""What a project was once said to be stays known: a later row that is silent takes it from the rows before it."""
FOLDED = ("projects", "milestones", "investments", "approvals")


@dataclass(frozen=True)
class Setting:
    """What every step needs: the city, further forms, the folder aside, and in how many ranges of project ids the folding is done."""

    reference: str | None
    layout: tuple[str, ...]
    folder: str
    ranges: int = 1


@dataclass(frozen=True)
class Sheets:
    """One large sheet understood: what reading its pieces needs."""

    blocks: tuple[Block, ...]
    contexts: tuple[Context, ...]
    verdicts: tuple[tuple[int, ...] | Ignored, ...]
    groups: tuple[tuple[str, ...], ...]

    @classmethod
    def of(cls, layout: Layout, contexts: Sequence[Context]) -> Sheets:
        """The same for every piece of the sheet."""
        return cls(layout.blocks, tuple(contexts), layout.verdicts, layout.groups)


@dataclass(frozen=True)
class Saved:
    """What is known of records put aside: the keys by which rows may be one mention, headers by field, whether a package is among them."""

    keys: np.ndarray = field(repr=False)
    headers: tuple[Mapping[str, str], ...] = field(repr=False)
    packaged: bool = False


@dataclass(frozen=True)
class Read:
    """What reading one piece gave: counts, how many cells of each column are filled or tell no unit, and what the whole needs besides."""

    number: int
    rows: int
    accepted: int
    quarantined: int
    ignored: Counter[str]
    filled: dict[tuple[int, int], int]
    assumed: dict[tuple[int, int], int]
    saved: Saved = field(repr=False)
    names: dict[int, np.ndarray] = field(repr=False)
    refused: tuple[Any, ...] = field(repr=False)


def rulebook_of(setting: Setting) -> Rulebook:
    """The rulebook of a run, made once in each process."""
    return _rulebook(setting.reference, setting.layout)


@cache
def _rulebook(reference: str | None, layout: tuple[str, ...]) -> Rulebook:
    from liantu.ledger.pipeline import rulebook

    return rulebook(reference, [Path(path) for path in layout] or None)


def look(setting: Setting, piece: Piece | Groups, number: int, width: int, head: Block | None) -> Kept:
    """Read a piece, keep its cells aside, and give the rows that the layout must be told."""
    columns, rows = read_piece(piece, width) if isinstance(piece, Piece) else read_groups(piece)
    if head is None:
        filled = [column.is_valid().to_numpy(zero_copy_only=False) for column in columns.values()]
        kinds = np.where(np.logical_or.reduce([np.zeros(rows, dtype=bool), *filled]), ODD, BLANK).astype(np.int8)
    else:
        kinds = PlainRows.of(head, rulebook_of(setting).forms).kinds(columns, rows)
    first = (isinstance(piece, Piece) and piece.start == 0) or (isinstance(piece, Groups) and 0 in piece.numbers)
    table = {str(index): columns[index] for index in sorted(columns)} | {"kind": arrow.array(kinds)}
    aside.write_table(setting.folder, f"cells-{number:05}", arrow.table(table))
    return keep(columns, kinds, first)


def read(setting: Setting, sheets: Sheets, verdicts: Verdicts, number: int, before: int, named: bool) -> Read:
    """Read the values of a piece whose layout is known; `before` rows of the sheet stand before it."""
    book = rulebook_of(setting)
    table = aside.read_table(setting.folder, f"cells-{number:05}").combine_chunks()
    kinds = table.column("kind").to_numpy()
    told, above = verdicts.spread(kinds, sheets.verdicts.index("blank"))
    records, filled, assumed, names = [], {}, {}, {}
    used, body = np.zeros(len(told), dtype=bool), np.zeros(len(told), dtype=bool)
    for block_number, (block, context) in enumerate(zip(sheets.blocks, sheets.contexts, strict=True)):
        mine = np.array([isinstance(verdict, tuple) and block_number in verdict for verdict in sheets.verdicts])[told]
        places = np.flatnonzero(mine)
        if not len(places):
            continue
        cells = {match.index: _column(table, match.index, places) for match in block.columns}
        groups = {before + 1 + int(place): sheets.groups[above[place]] for place in places[above[places] >= 0]}
        record = read_columns(cells, before + 1 + places, replace(block, groups=groups), context, book.city, book.chains)
        records.append(record)
        filled |= {(block_number, index): len(column) - column.null_count for index, column in cells.items()}
        assumed |= {(block_number, index): cells_without for index, cells_without in record.body.assumed.items()}
        body |= mine
        used[record.frame["row"].to_numpy() - before - 1] = True
        if named:
            names[block_number] = names_of(record)
    ignored = Counter(dict(zip(sheets.verdicts, np.bincount(told, minlength=len(sheets.verdicts)).tolist(), strict=True)))
    return Read(
        number, len(told), int(used.sum()), int((body & ~used).sum()),
        Counter({kind: times for kind, times in ignored.items() if isinstance(kind, str)}), filled, assumed,
        save(setting, records, number), names, tuple(refused_names(records)) if named else ())


def save(setting: Setting, records: Sequence[Records], number: int) -> Saved:
    """Put the records of one piece, or of one small sheet, aside."""
    book = rulebook_of(setting)
    frames = [typed(record, place) for place, record in enumerate(records) if record.table == "projects"]
    aside.write_bytes(setting.folder, f"bodies-{number:05}", pickle.dumps([_cells_only(record) for record in records], protocol=5))
    headers = tuple(record.body.headers for record in records)
    frame = pd.concat(frames, ignore_index=True).sort_values("row", kind="stable", ignore_index=True) if len(frames) > 1 else next(
        iter(frames), None)
    if frame is None or frame.empty:
        return Saved(np.zeros(0, dtype=np.uint64), headers)
    # The project of a row that shares its name, company and county with no other: most rows, and then this is its project.
    keys = identity_keys(complete(frame, ("name", "company", "county")), book.names)
    first = keys.assign(slot=0, weight=0, snapshot=frame["snapshot"])
    frame["project_id"] = project_ids(first, pd.Series(np.arange(len(frame)), index=frame.index))
    rows = arrow.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata(None)
    aside.write_table(setting.folder, f"rows-{number:05}", rows)
    return Saved(aside.numbers_of(rows.column("project_id")), headers, book.names.any_package(keys["full"]))


def _cells_only(record: Records) -> Records:
    """A record with what telling its flaws needs: the cells, not what was read in them."""
    return replace(record, frame=record.frame.iloc[:0], body=replace(record.body, columns={}, notes=[], told={}, periods=[]))


def settle(setting: Setting, number: int, told: pd.DataFrame | None, hand: Placed) -> np.ndarray:
    """Give the rows of a piece their projects and places on the chains, and fold the projects that stand in one row only.

    `told` has, for rows that are not alone or were identified together, `at` (place among the piece's project rows), project_id, `alone`,
    and the chain, link and content known of the project by then; `hand` has the projects that a person placed. Returns the project of
    each row that is alone, as a number.
    """
    book = rulebook_of(setting)
    rows = complete(aside.read_frame(setting.folder, f"rows-{number:05}"), CARRIED)
    project, alone, carried = _projects(rows, told)
    rows["project_id"] = project
    placed = place(rows.assign(**{**carried, "products": carried["content"]}), book.chains)
    placed = with_hand(placed, project, hand)
    observations = OBSERVATIONS.conform_part(rows.assign(**placed))
    table = aside.table_of(OBSERVATIONS, observations)
    aside.write_table(setting.folder, f"observations-{number:05}", table)
    if not alone.all():
        aside.write_ranges(setting.folder, f"several-{number:05}", table.filter(arrow.array(~alone)), setting.ranges)
        observations = taken(observations, np.flatnonzero(alone))
    for name, part in fold_part(observations).items() if alone.any() else ():
        aside.write_ranges(setting.folder, f"{name}-{number:05}", aside.table_of(CONTRACTS[name], part), setting.ranges)
    return aside.numbers_of(table.column("project_id"))[alone]


def fold_range(setting: Setting, numbers: Sequence[int], place: int) -> None:
    """Fold the projects of one range of ids that stand in several rows, and put them among the others."""
    several = [aside.read_range(setting.folder, f"several-{number:05}", place) for number in numbers]
    known = aside.joined([OBSERVATIONS.arrow_schema.empty_table(), *several])
    folded = fold(OBSERVATIONS.conform(aside.as_frame(known)))
    for name in FOLDED:
        contract = CONTRACTS[name]
        parts = [aside.read_range(setting.folder, f"{name}-{number:05}", place) for number in numbers]
        table = aside.joined([aside.table_of(contract, folded[name]), *parts]).combine_chunks()
        # Rows of one project stay as they stand to each other.
        table = table.take(arrow.array(np.argsort(aside.numbers_of(table.column("project_id")), kind="stable")))
        contract.conform(aside.as_frame(table))
        aside.write_table(setting.folder, f"{name}-range-{place:05}", table)


def quarantine_piece(setting: Setting, number: int, found: Sequence[tuple[int, int, Found]]) -> None:
    """Put the flaws of a piece aside as rows of `quarantine`, with those that were found among rows (record, place in it, flaw)."""
    records = pickle.loads(aside.read_bytes(setting.folder, f"bodies-{number:05}"))
    for record, at, flaw in found:
        records[record].body.flaw(at, *flaw[1:])
    table = quarantine((flaw for record in records for flaw in record.body.flaws), rulebook_of(setting).city.rules)
    aside.write_table(setting.folder, f"quarantine-{number:05}", aside.table_of(CONTRACTS["quarantine"], table))


def _projects(rows: pd.DataFrame, told: pd.DataFrame | None) -> tuple[pd.Series, np.ndarray, dict[str, pd.Series]]:
    """Project, whether it stands in no other row, and what is known of it (`CARRIED`), of every row."""
    alone = np.ones(len(rows), dtype=bool)
    columns = [rows[name] for name in ("project_id", *CARRIED)]
    if told is not None:
        at = told["at"].to_numpy()
        columns = [_put(old, at, told[str(old.name)]) for old in columns]
        alone[told.loc[~told["alone"], "at"].to_numpy()] = False
    return columns[0], alone, dict(zip(CARRIED, columns[1:], strict=True))


def _put(old: pd.Series, at: np.ndarray, new: pd.Series) -> pd.Series:
    places = np.arange(len(old))
    places[at] = len(old) + np.arange(len(at))
    return pd.concat([old, new], ignore_index=True).astype("str").take(places).reset_index(drop=True)


def _column(table: arrow.Table, index: int, places: np.ndarray) -> arrow.Array:
    if str(index) not in table.column_names:
        return arrow.nulls(len(places), arrow.string())
    column = table.column(str(index))
    values = column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()
    return values if len(places) == len(values) else values.take(arrow.array(places))


def names_of(record: Records) -> np.ndarray:
    """The hashed names of the accepted rows, as `drift.given` has them."""
    from liantu.ledger.identity.names import squeezed

    named = next((name for name in ("name", "description", "project_name", "zone") if name in record.frame), None)
    said = squeezed(record.frame[named].dropna()).to_numpy(dtype=object) if named else np.array([], dtype=object)
    return np.unique(pd.util.hash_array(said, categorize=False)) if len(said) else np.array([], dtype="uint64")


def digest_of(address: str) -> str:
    """SHA-256 of a file, to tell whether one repeats another."""
    from liantu.tables.addresses import opened

    total = hashlib.sha256()
    with opened(address) as file:
        while block := file.read(1 << 23):
            total.update(block)
    return total.hexdigest()
