"""The folder aside in which the steps leave what they make: arrow files at any address, removed when the tables stand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd
import pyarrow as arrow
import pyarrow.compute as compute
import pyarrow.ipc as ipc

from liantu.tables import Contract
from liantu.tables.addresses import below, exists, is_local, local_path, opened, written

_DIGIT = np.zeros(256, dtype=np.uint64)
"""By the byte of a hexadecimal digit its value."""
_DIGIT[[ord(digit) for digit in "0123456789abcdef"]] = np.arange(16)


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


def table_of(contract: Contract, frame: pd.DataFrame) -> arrow.Table:
    """Columns of a contract's table in its types on disk."""
    schema = arrow.schema([field for field in contract.arrow_schema if field.name in frame])
    return arrow.Table.from_pandas(frame, schema=schema, preserve_index=False).replace_schema_metadata(None)


def whole(table: arrow.Table, schema: arrow.Schema) -> arrow.Table:
    """A table with all columns of a schema: those that it lacks are empty."""
    return arrow.table([
        table.column(field.name).cast(field.type) if field.name in table.column_names else arrow.nulls(table.num_rows, field.type)
        for field in schema], schema=schema)


def numbers_of(projects: arrow.Array | arrow.ChunkedArray) -> np.ndarray:
    """The twelve hexadecimal digits of project ids as numbers, which have the order of the ids."""
    texts = projects.combine_chunks() if isinstance(projects, arrow.ChunkedArray) else projects
    if not len(texts):
        return np.zeros(0, dtype=np.uint64)
    digits = compute.binary_slice(texts.cast(arrow.binary()), 1, 13)
    start = int(np.frombuffer(digits.buffers()[1], dtype=np.int32)[digits.offset])
    letters = np.frombuffer(digits.buffers()[2], dtype=np.uint8)[start:start + 12 * len(texts)].reshape(-1, 12)
    numbers = np.zeros(len(texts), dtype=np.uint64)
    for place in range(12):
        numbers = numbers << np.uint64(4) | _DIGIT[letters[:, place]]
    return numbers


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


def write_ranges(folder: str, name: str, table: arrow.Table, ranges: int) -> None:
    """Put rows aside by the range of their project's id, one record batch for each range; rows of one project keep their order."""
    if not table.num_rows:
        return
    places = ranges_of(numbers_of(table.column("project_id")), ranges)
    if ranges > 1:
        table = table.take(arrow.array(np.argsort(places, kind="stable")))
    table, ends = table.combine_chunks(), np.cumsum(np.bincount(places, minlength=ranges))
    with written(below(folder, f"{name}.arrow")) as file, ipc.new_file(file, table.schema) as writer:
        for start, end in zip([0, *ends[:-1]], ends, strict=True):
            batches = table.slice(start, end - start).to_batches()
            writer.write_batch(batches[0] if batches else arrow.RecordBatch.from_pylist([], schema=table.schema))


def read_range(folder: str, name: str, place: int) -> arrow.Table | None:
    """The rows of one range; None where nothing was put aside."""
    address = below(folder, f"{name}.arrow")
    if not exists(address):
        return None
    if is_local(address):
        batch = ipc.open_file(arrow.memory_map(str(local_path(address)))).get_batch(place)
    else:
        with opened(address) as file:
            batch = ipc.open_file(file).get_batch(place)
    return arrow.Table.from_batches([batch])


def joined(parts: Sequence[arrow.Table | None]) -> arrow.Table:
    """Parts of one table below each other; a column that a part lacks is empty there."""
    return arrow.concat_tables([part for part in parts if part is not None], promote_options="default")


def ranges_of(numbers: np.ndarray, ranges: int) -> np.ndarray:
    """The range of each project id by its number; ranges follow the order of the ids."""
    return (numbers >> np.uint64(32)).astype(np.int64) * ranges >> 16


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
