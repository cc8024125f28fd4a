"""What the tables of a processed folder were made from, and who vouches that they are up to date.

Looking whether tables are fresh reads every raw ledger. A run does so once; the processes that it starts are told in the environment
(`LIANTU_TABLES=<data set>=<version>`) and take its word while the tables are still those very ones. They need no raw ledgers then.
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

from liantu.reference.folders import processed_folder

INPUTS = "inputs.json"
CARD = "dataset.yml"
VARIABLE = "LIANTU_TABLES"


def known_inputs(processed: Path) -> dict[str, str] | None:
    """The inputs that a processed folder was made from; None when it was never made whole."""
    try:
        return json.loads((processed / INPUTS).read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return None


def version(processed: Path) -> str:
    """Names the tables of a processed folder: equal inputs make equal tables; empty when it was never made whole."""
    inputs = known_inputs(processed)
    return hashlib.sha256(json.dumps(inputs, sort_keys=True).encode()).hexdigest()[:16] if inputs else ""


def vouch(dataset: str) -> dict[str, str]:
    """What a run sets in the environment of its pages once it has seen to it that the tables of a data set are fresh."""
    named = version(processed_folder(dataset))
    return {VARIABLE: f"{dataset}={named}"} if named else {}


def vouched(dataset: str) -> dict[str, str] | None:
    """The inputs of a data set's tables when the environment vouches for these very tables, else None."""
    name, _, told = os.environ.get(VARIABLE, "").rpartition("=")
    processed = processed_folder(dataset)
    return known_inputs(processed) if told and name == dataset and told == version(processed) else None


def vouched_dataset() -> list[str]:
    """The data set that the environment vouches for, if any."""
    name = os.environ.get(VARIABLE, "").rpartition("=")[0]
    return [name] if name and vouched(name) is not None else []
