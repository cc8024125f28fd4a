"""From a folder of raw ledgers to the tidy tables: nothing is lost, nothing is guessed, and the same input gives the same bytes."""

from __future__ import annotations

import datetime as dt
import shutil
import tempfile
from pathlib import Path

import pandas as pd

from liantu.errors import LiantuError, UnknownValueError
from liantu.ledger.accounting import accounting_bytes
from liantu.ledger.bulk.sizes import needs_bulk
from liantu.ledger.freshness import inputs_of, take_place
from liantu.ledger.outputs import aside, refuse_raw
from liantu.ledger.pipeline import Cleaning, Layout, run
from liantu.ledger.values import privacy
from liantu.reference import city
from liantu.reference.folders import datasets, processed_folder, raw_folder
from liantu.reference.opened import apart
from liantu.tables import CONTRACTS, read_table, write_tables, write_whole
from liantu.tables.addresses import is_local, local_path
from liantu.tables.contracts import broken_contract
from liantu.tables.locks import alone
from liantu.tables.vouched import CARD, known_inputs, vouched


def clean_tables(
        raw_dir: Path | str, reference: Path | str | None = None, layout: Layout = None,
        as_of: dt.date | str | None = None) -> dict[str, pd.DataFrame]:
    """The tidy tables of a folder of raw ledgers, by name; what `liantu clean` runs. Arguments as of `run`.

    Large ledgers are cleaned piece by piece (`needs_bulk`), but the tables are returned whole: ten million rows want some 20 GB, and are
    better written by `clean` and read column by column. `raw_dir` may be an fsspec address.
    """
    if not needs_bulk(raw_dir):
        return run(raw_dir, reference, layout, as_of).tables
    from liantu.ledger.bulk.run import clean_bulk

    with tempfile.TemporaryDirectory(prefix="liantu-") as folder:
        clean_bulk(raw_dir, folder, reference, layout, as_of)
        return {name: read_table(name, Path(folder)) for name in CONTRACTS}


def clean(
        raw_dir: Path | str, out: Path | str, reference: Path | str | None = None, layout: Layout = None,
        as_of: dt.date | str | None = None, scheduler: str | None = None) -> Cleaning:
    """Clean a folder of raw ledgers and write parquet tables, dictionary.csv and accounting.json into `out`. Arguments as of `run`.

    `raw_dir` and `out` may be fsspec addresses (s3://…), and `scheduler` the address of a Dask scheduler. With these, or with a large
    ledger (`needs_bulk`), ledgers are cleaned piece by piece, and the tables are only written: `tables` of what is returned is empty.

    Everything is written aside first, so that a run that is stopped leaves the folder as it was; tables of an earlier run that this one
    does not make are removed, other files stay. Raises LiantuError when `out` is a folder that is read for ledgers, when no scheduler
    answers, and when a table breaks its contract (which no ledger should bring about): nothing is written then.
    """
    if is_local(raw_dir) and is_local(out):
        refuse_raw(local_path(raw_dir), local_path(out))
    try:
        if needs_bulk(raw_dir, out, scheduler):
            from liantu.ledger.bulk.run import clean_bulk

            return clean_bulk(raw_dir, out, reference, layout, as_of, scheduler)
        cleaning = run(local_path(raw_dir), reference, layout, as_of)
        with aside(local_path(out)) as folder:
            write_tables(cleaning.tables, folder)
            write_whole(folder / "accounting.json", accounting_bytes(cleaning.accounting))
    except broken_contract() as error:
        why = privacy.scrub(" ".join(str(error).split()))[:200]
        raise LiantuError(
            f"{raw_dir}: a table that was made breaks its contract ({why}); nothing is written; tell the maintainers") from None
    return cleaning


def fresh_tables(dataset: str, reference: str = "chaoyang") -> Path:
    """The processed folder of a data set, up to date with its raw ledgers, the reference data and the code that cleans.

    Safe when several processes ask at once: one cleans, the others wait. The new tables are written into a folder of their own that
    takes the old one's place when it is whole. Where the environment vouches for the tables (`liantu.tables.vouched`) nothing is looked
    at, and no raw ledgers are needed. Raises LiantuError for an unknown data set.
    """
    raw, processed = raw_folder(dataset), processed_folder(dataset)
    if vouched(dataset) is not None:
        return processed
    if not raw.is_dir():
        raise UnknownValueError("data set", dataset, datasets())
    inputs = inputs_of(raw, city(reference).folder)
    if known_inputs(processed) == inputs:
        return processed
    processed.parent.mkdir(parents=True, exist_ok=True)
    with alone(processed.parent / f".{dataset}.lock"), apart():
        if known_inputs(processed) != inputs:
            take_place(processed, inputs, lambda folder: _clean_whole(raw, folder, reference))
    return processed


def _clean_whole(raw: Path, folder: Path, reference: str) -> None:
    """The tables of a data set, and its card beside them, so that they can be opened where its raw ledgers are not."""
    clean(raw, folder, reference)
    if (raw / CARD).is_file():
        shutil.copyfile(raw / CARD, folder / CARD)
