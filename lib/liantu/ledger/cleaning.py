"""From a folder of raw ledgers to the tidy tables: nothing is lost, nothing is guessed, and the same input gives the same bytes."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pandas as pd

from liantu.errors import UnknownValueError
from liantu.ledger.accounting import accounting_bytes
from liantu.ledger.freshness import alone, inputs_of, known_inputs, take_place
from liantu.ledger.pipeline import Cleaning, Layout, run
from liantu.reference import city
from liantu.reference.folders import datasets, processed_folder, raw_folder
from liantu.tables import write_tables, write_whole


def clean_tables(
        raw_dir: Path | str, reference: Path | str | None = None, layout: Layout = None,
        as_of: dt.date | str | None = None) -> dict[str, pd.DataFrame]:
    """The tidy tables of a folder of raw ledgers, by name; what `liantu clean` runs. Arguments as of `run`."""
    return run(raw_dir, reference, layout, as_of).tables


def clean(
        raw_dir: Path | str, out: Path | str, reference: Path | str | None = None, layout: Layout = None,
        as_of: dt.date | str | None = None) -> Cleaning:
    """Clean a folder of raw ledgers and write parquet tables, dictionary.csv and accounting.json into `out`. Arguments as of `run`."""
    cleaning = run(raw_dir, reference, layout, as_of)
    write_tables(cleaning.tables, Path(out))
    write_whole(Path(out) / "accounting.json", accounting_bytes(cleaning.accounting))
    return cleaning


def fresh_tables(dataset: str, reference: str = "chaoyang") -> Path:
    """The processed folder of a data set, up to date with its raw ledgers, the reference data and the code that cleans.

    Safe when several processes ask at once: one cleans, the others wait. The new tables are written into a folder of their own that
    takes the old one's place when it is whole. Raises LiantuError for an unknown data set.
    """
    raw, processed = raw_folder(dataset), processed_folder(dataset)
    if not raw.is_dir():
        raise UnknownValueError("data set", dataset, datasets())
    inputs = inputs_of(raw, city(reference).folder)
    if known_inputs(processed) == inputs:
        return processed
    processed.parent.mkdir(parents=True, exist_ok=True)
    with alone(processed.parent / f".{dataset}.lock"):
        if known_inputs(processed) != inputs:
            take_place(processed, inputs, lambda folder: clean(raw, folder, reference))
    return processed
