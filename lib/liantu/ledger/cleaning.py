"""From a folder of raw ledgers to the tidy tables: nothing is lost, nothing is guessed, and the same input gives the same bytes."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pandas as pd
from pandera.errors import SchemaError, SchemaErrors

from liantu.errors import LiantuError, UnknownValueError
from liantu.ledger.accounting import accounting_bytes
from liantu.ledger.freshness import alone, inputs_of, known_inputs, take_place
from liantu.ledger.outputs import aside, refuse_raw
from liantu.ledger.pipeline import Cleaning, Layout, run
from liantu.ledger.values import privacy
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
    """Clean a folder of raw ledgers and write parquet tables, dictionary.csv and accounting.json into `out`. Arguments as of `run`.

    Everything is written aside first, so that a run that is stopped leaves the folder as it was; tables of an earlier run that this one
    does not make are removed, other files stay. Raises LiantuError when `out` is a folder that is read for ledgers, and when a table
    breaks its contract (which no ledger should bring about): nothing is written then.
    """
    refuse_raw(Path(raw_dir), Path(out))
    try:
        cleaning = run(raw_dir, reference, layout, as_of)
        with aside(Path(out)) as folder:
            write_tables(cleaning.tables, folder)
            write_whole(folder / "accounting.json", accounting_bytes(cleaning.accounting))
    except (SchemaError, SchemaErrors) as error:
        why = privacy.scrub(" ".join(str(error).split()))[:200]
        raise LiantuError(
            f"{raw_dir}: a table that was made breaks its contract ({why}); nothing is written; tell the maintainers") from None
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
