"""The parts of every table put together: one parquet file for each table, rows in the same order as from memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol

import pandas as pd
import pyarrow as arrow
import pyarrow.parquet as parquet

from liantu.ledger.assembling import Rulebook, lineage_of, placed_firms
from liantu.ledger.bulk import aside
from liantu.ledger.bulk.tasks import FOLDED, Setting
from liantu.ledger.identity.registers import KEYS, register, tie_problems
from liantu.ledger.rows.records import Records
from liantu.ledger.rows.typed import typed_rows
from liantu.tables import CONTRACTS
from liantu.tables.addresses import below, exists, written

_LINEAGE_ORDER = ["row", "table"]


class Unit(Protocol):
    """What is put aside under one number."""

    number: int
    source_file: str
    sheet: str


def write_all(
        setting: Setting, out: object, units: Sequence[Unit], small: Mapping[str, pd.DataFrame], others: Sequence[Records],
        book: Rulebook, placings: pd.DataFrame | None = None) -> None:
    """Write every table of the contract into `out`, each as one file; `units` are in the order of date, file, sheet and row.

    `small` has tables that are whole already, `others` are the records of other ledgers than projects;
    `placings` says which firms a person placed.
    """
    folder = setting.folder
    registers, lineage = _registers(folder, units, others, book, placings)
    by_file = sorted(units, key=lambda unit: (unit.source_file, unit.sheet, unit.number))
    parts: dict[str, Callable[[], Iterator[arrow.Table]]] = {
        table: lambda table=table: (aside.read_table(folder, f"{table}-range-{place:05}") for place in range(setting.ranges))
        for table in FOLDED}
    parts |= {
        "observations": lambda: _read(folder, (f"observations-{unit.number:05}" for unit in units)),
        "quarantine": lambda: _read(folder, (f"quarantine-{unit.number:05}" for unit in by_file)),
        "lineage": lambda: _lineages(folder, units, lineage)}
    parts |= {table: lambda frame=frame, table=table: iter([_on_disk(table, frame)]) for table, frame in {**registers, **small}.items()}
    # Each file is packed by one thread; the largest ones side by side.
    with ThreadPoolExecutor(2) as pool:
        done = [pool.submit(_write, below(str(out), f"{table}.parquet"), table, parts.get(table)) for table in _largest_first()]
        for future in done:
            future.result()


def _largest_first() -> list[str]:
    large = ("observations", "lineage", "milestones", "projects")
    return [*large, *(table for table in CONTRACTS if table not in large)]


def _write(address: str, table: str, parts: Callable[[], Iterable[arrow.Table]] | None) -> None:
    schema = CONTRACTS[table].arrow_schema
    with written(address) as file, parquet.ParquetWriter(file, schema, compression="zstd") as writer:
        empty = True
        for part in parts() if parts else ():
            if part.num_rows:
                writer.write_table(aside.whole(part, schema))
                empty = False
        if empty:
            writer.write_table(schema.empty_table())


def _read(folder: str, names: Iterable[str]) -> Iterator[arrow.Table]:
    return (aside.read_table(folder, name) for name in names if exists(below(folder, f"{name}.arrow")))


def _on_disk(table: str, frame: pd.DataFrame) -> arrow.Table:
    contract = CONTRACTS[table]
    content = arrow.Table.from_pandas(contract.conform(frame), schema=contract.arrow_schema, preserve_index=False)
    return content.replace_schema_metadata(None)


def _lineages(folder: str, units: Sequence[Unit], others: pd.DataFrame) -> Iterator[arrow.Table]:
    """Where each accepted row comes from, sheet by sheet; rows of other ledgers stand between those of projects of the same sheet."""
    beside = dict(list(others.groupby(["source_file", "sheet"], sort=False)))
    contract = CONTRACTS["lineage"]
    for unit in units:
        rows = next(iter(_read(folder, [f"observations-{unit.number:05}"])), None)
        mine = beside.pop((unit.source_file, unit.sheet), None)
        if rows is not None:
            told = {"table": arrow.repeat(arrow.scalar("projects"), rows.num_rows), "key": rows.column("project_id")}
            held = {name: rows.column(name) for name in contract.names[2:] if name in rows.column_names}
            table = aside.whole(arrow.table(told | held), contract.arrow_schema)
            if mine is None:
                yield table
                continue
            mine = pd.concat([aside.as_frame(table), mine[contract.names]], ignore_index=True)
        if mine is not None:
            yield _on_disk("lineage", mine.sort_values(_LINEAGE_ORDER))


def _registers(
        folder: str, units: Sequence[Unit], others: Sequence[Records], book: Rulebook,
        placings: pd.DataFrame | None) -> tuple[dict[str, pd.DataFrame], pd.DataFrame]:
    """The tables of the other ledgers, as in memory, and the lineage of their rows."""
    tables, lineage = {}, [pd.DataFrame(columns=CONTRACTS["lineage"].names)]
    for table in KEYS:
        rows = typed_rows(others, table)
        if table == "enterprises":
            rows = rows.assign(**placed_firms(rows, book, placings))
        if table == "problems":
            rows = rows.assign(project_id=tie_problems(rows, _projects(folder, units), book.names) if len(rows) else None)
        tables[table], keys = register(table, rows)
        if len(rows):
            lineage.append(lineage_of(table, rows, keys))
    return tables, pd.concat(lineage, ignore_index=True)


def _projects(folder: str, units: Sequence[Unit]) -> pd.DataFrame:
    """What problems are tied to: county, name, company and project of every row."""
    wanted: Any = ("county", "name", "company", "project_id")
    schema = arrow.schema([CONTRACTS["observations"].arrow_schema.field(name) for name in wanted])
    parts = [aside.as_frame(aside.whole(part, schema)) for part in _read(folder, (f"observations-{unit.number:05}" for unit in units))]
    return pd.concat(parts, ignore_index=True).drop_duplicates(["county", "name", "project_id"]) if parts else CONTRACTS[
        "observations"].conform([])
