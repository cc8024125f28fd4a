"""Who sends each ledger file back: a county, or one of the city's departments."""

from __future__ import annotations

import pandas as pd

from liantu.ledger.rows.context import county_in
from liantu.ledger.sheets import stem_of
from liantu.reference import Divisions


def reporters(files: pd.DataFrame, observations: pd.DataFrame, divisions: Divisions) -> pd.DataFrame:
    """Who sends each file: `files` (source_file, snapshot, ...) with `county` and `newest`.

    `county` is the code of the county that sends the file back, empty for the city's departments and whoever reports for several
    counties: the county of its project rows as a county's (or one county's zone's) ledger, else the county that the file's name states.
    `newest` marks the files of the last snapshot that this county, or any department, has sent.
    """
    return with_senders(files, senders(observations), divisions)


def with_senders(files: pd.DataFrame, known: dict[str, str], divisions: Divisions) -> pd.DataFrame:
    """As `reporters`, where what the project rows tell (`senders`) is known already."""
    codes = [known[name] if name in known else county_in(stem_of(name), divisions) or "" for name in files["source_file"]]
    table = files.assign(county=[code if code in divisions.codes else "" for code in codes])
    return table.assign(newest=table["snapshot"] == table.groupby("county")["snapshot"].transform("max"))


def senders(observations: pd.DataFrame) -> dict[str, str]:
    """The county that a file's project rows speak for, by source file; empty where they are not one county's own."""
    counts = observations.groupby(["source_file", "county"], sort=False).size().rename("rows").reset_index()
    counts = counts.sort_values("rows", ascending=False, kind="stable")
    counties: dict[str, list[str]] = {}
    for name, county in zip(counts["source_file"], counts["county"], strict=True):
        counties.setdefault(name, []).append(county)
    kinds: dict[str, set[str]] = {}
    pairs = observations[["source_file", "source"]].drop_duplicates()
    for name, source in zip(pairs["source_file"], pairs["source"], strict=True):
        kinds.setdefault(name, set()).add(source)
    own = {name: "county" in told or (told == {"zone"} and len(counties.get(name, ())) == 1) for name, told in kinds.items()}
    return {name: counties[name][0] if is_own and name in counties else "" for name, is_own in own.items()}
