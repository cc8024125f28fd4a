"""The tidy tables on disk: parquet with the contract's types, written aside and renamed, the same bytes for the same rows."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import pyarrow as arrow
import pyarrow.parquet as parquet

from liantu.errors import LiantuError, UnknownValueError
from liantu.tables.contracts import CONTRACTS, Contract, broken_contract
from liantu.tables.dictionary import dictionary
from liantu.tables.whole_files import write_whole

__all__ = ["contract_of", "dictionary_bytes", "read_table", "table_bytes", "write_tables", "write_whole"]


def write_tables(tables: Mapping[str, pd.DataFrame], folder: Path) -> None:
    """Write each table as `<name>.parquet` and the data dictionary as dictionary.csv (UTF-8 with BOM, for spreadsheets).

    Each table is held against its contract first (pandera.errors.SchemaError when it breaks it). Equal rows give equal bytes:
    neither pandas metadata nor a time is stored.
    """
    for name, frame in tables.items():
        write_whole(folder / f"{name}.parquet", table_bytes(contract_of(name), frame))
    write_whole(folder / "dictionary.csv", dictionary_bytes())


def dictionary_bytes() -> bytes:
    """dictionary.csv as it lies on disk."""
    return dictionary().to_csv(index=False, lineterminator="\n").encode("utf-8-sig")


def table_bytes(contract: Contract, frame: pd.DataFrame) -> bytes:
    """The parquet file of one table: the contract's columns in order, with the contract's types (date32 for days)."""
    content = arrow.Table.from_pandas(contract.conform(frame), schema=contract.arrow_schema, preserve_index=False)
    buffer = io.BytesIO()
    parquet.write_table(content.replace_schema_metadata(None), buffer, compression="zstd")
    return buffer.getvalue()


def read_table(name: str, folder: Path) -> pd.DataFrame:
    """Open one tidy table and hold it against its contract.

    Raises LiantuError when the file is missing, is not parquet or breaks the contract; the message names the file.
    """
    contract, path = contract_of(name), Path(folder) / f"{name}.parquet"
    try:
        # Not parquet.read_table, which imports the machinery of data sets of many files first.
        with parquet.ParquetFile(path) as file:
            content = file.read()
    except FileNotFoundError:
        raise LiantuError(f"{path}: the table is missing; run `liantu clean` for this data set") from None
    except (arrow.ArrowException, OSError) as error:
        raise LiantuError(f"{path}: not readable as parquet ({_line(error)}); run `liantu clean` again") from None
    if content.column_names != contract.names:
        odd = sorted(set(content.column_names) ^ set(contract.names)) or ["the order of the columns"]
        raise LiantuError(f"{path}: breaks the contract of {name}: {', '.join(odd)}; run `liantu clean` again")
    try:
        return contract.conform(content.to_pandas(date_as_object=False))
    except (*broken_contract(), ValueError, TypeError) as error:
        raise LiantuError(f"{path}: breaks the contract of {name}: {_line(error)}; run `liantu clean` again") from None


def contract_of(name: str) -> Contract:
    """The contract of a table; an unknown name is an error that lists the tables."""
    if name not in CONTRACTS:
        raise UnknownValueError("table", name, CONTRACTS)
    return CONTRACTS[name]


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:200]
