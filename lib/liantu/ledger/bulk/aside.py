"""The folder aside in which the steps leave what they make: arrow files at any address, removed when the tables stand."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd
import pyarrow as arrow
import pyarrow.ipc as ipc

from liantu.tables import Contract
from liantu.tables.addresses import below, exists, is_local, local_path, opened, written
from liantu.tables.runs import taken


def write_table(folder: str, name: str, table: arrow.Table) -> None:
    """Put a table aside."""
    with written(below(folder, f"{name}.arrow")) as file, ipc.new_file(file, table.schema) as writer:
        writer.write_table(table)


def read_table(folder: str, name: str) -> arrow.Table:
    """A table from aside; on this machine its pages are mapped, not read."""
    address = below(folder, f"{name}.arrow")
    if is_local(address):
        return ipc.open_file(arrow.memory_map(str(local_path(address)))).read_all()
    with opened(address) as file:
        return ipc.open_file(arrow.BufferReader(file.read())).read_all()


def write_frame(folder: str, name: str, frame: pd.DataFrame) -> None:
    """Put a frame of typed columns aside."""
    write_table(folder, name, arrow.Table.from_pandas(frame, preserve_index=False))


def write_part(folder: str, name: str, contract: Contract, frame: pd.DataFrame) -> None:
    """Put rows that follow a contract aside, in its types on disk."""
    table = arrow.Table.from_pandas(frame, schema=contract.arrow_schema, preserve_index=False)
    write_table(folder, name, table.replace_schema_metadata(None))


def numbers_of(projects: pd.Series) -> np.ndarray:
    """The hexadecimal digits of project ids as numbers."""
    return np.frombuffer(bytes.fromhex("".join("0000" + project[1:] for project in projects.tolist())), dtype=">u8").astype(np.uint64)


def read_frame(folder: str, name: str, columns: Iterable[str] | None = None, at: np.ndarray | None = None) -> pd.DataFrame:
    """A frame from aside: all columns or, of `columns`, those that it has; all rows or those at the places `at`."""
    table = read_table(folder, name)
    if columns is not None:
        table = table.select([column for column in columns if column in table.column_names])
    return as_frame(table if at is None else table.take(arrow.array(at)))


def rows_of(folder: str, name: str) -> int:
    """How many rows were put aside."""
    return read_table(folder, name).num_rows


def first_row(folder: str, name: str, columns: Iterable[str]) -> tuple:
    """Some columns of the first row."""
    return tuple(read_table(folder, name).select(list(columns)).slice(0, 1).to_pylist()[0].values())


def as_frame(table: arrow.Table) -> pd.DataFrame:
    """A table as a frame in the types that the contracts know."""
    return table.replace_schema_metadata(None).to_pandas(types_mapper=_types, date_as_object=False)


def write_ranges(folder: str, name: str, frame: pd.DataFrame, ranges: int) -> None:
    """Put rows aside by the range of their project's id, one record batch for each range; rows of one project keep their order."""
    if frame.empty:
        return
    places = ranges_of(frame["project_id"], ranges)
    ordered = frame if (places[1:] >= places[:-1]).all() else taken(frame, np.argsort(places, kind="stable"))
    ends = np.searchsorted(np.sort(places), np.arange(ranges), side="right")
    table = arrow.Table.from_pandas(ordered, preserve_index=False).replace_schema_metadata(None).combine_chunks()
    with written(below(folder, f"{name}.arrow")) as file, ipc.new_file(file, table.schema) as writer:
        for start, end in zip([0, *ends[:-1]], ends, strict=True):
            batches = table.slice(start, end - start).to_batches()
            writer.write_batch(batches[0] if batches else arrow.RecordBatch.from_pylist([], schema=table.schema))


def read_range(folder: str, name: str, place: int) -> pd.DataFrame | None:
    """The rows of one range; None where nothing was put aside."""
    address = below(folder, f"{name}.arrow")
    if not exists(address):
        return None
    if is_local(address):
        batch = ipc.open_file(arrow.memory_map(str(local_path(address)))).get_batch(place)
    else:
        with opened(address) as file:
            batch = ipc.open_file(file).get_batch(place)
    return as_frame(arrow.Table.from_batches([batch]))


def ranges_of(projects: pd.Series, ranges: int) -> np.ndarray:
    """The range of each project id (P and hexadecimal digits); ranges follow the order of the ids."""
    codes, heads = pd.factorize(projects.str[1:5])
    return np.array([int(head, 16) for head in heads], dtype=np.int64)[codes] * ranges >> 16


def write_bytes(folder: str, name: str, content: bytes) -> None:
    """Put bytes aside."""
    with written(below(folder, name)) as file:
        file.write(content)


def read_bytes(folder: str, name: str) -> bytes:
    """Bytes from aside."""
    with opened(below(folder, name)) as file:
        return file.read()


def _types(kind: arrow.DataType) -> object:
    return pd.StringDtype(na_value=np.nan) if arrow.types.is_string(kind) or arrow.types.is_large_string(kind) else None
