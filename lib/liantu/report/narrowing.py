"""Parts of the tidy tables as known at a date: those of a county, of a chain, and what one reporter sent.

A part of a table is some of its rows in its order. What a report opens and what tells whether it changed (`liantu.report.partitions`)
are cut by the same code.
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from liantu.reference import Divisions
from liantu.report.senders import senders, with_senders
from liantu.tables.fold import KnownTables
from liantu.tables.runs import among
from liantu.tables.snapshots import snapshots_of_files

_BY_COUNTY = ("enterprises", "zones", "tasks", "problems", "lineage")
_BY_PROJECT = ("projects", "milestones", "investments", "approvals", "observations", "changes", "merges")
_ROW = ["source_file", "sheet", "row"]
_LISTED = ("enterprises", "zones", "tasks", "problems")
_SHEET = ["source_file", "sheet", "rows_read", "rows_accepted", "rows_quarantined", "rows_ignored"]
_UNREADABLE = ["source_file", "reason", "message_zh", "message_en"]
_FINDING = ["kind", "source_file", "sheet", "header", "nearest", "message_zh", "message_en"]


@dataclass(frozen=True)
class Part:
    """A part of a table: as known at a date, of a county and a chain (empty: all), or of what the reporter `sent_by` sent (a county).

    `also_at`: also the projects that were of the county and chain at that other date.
    """

    name: str
    as_of: dt.date | None = None
    county: str = ""
    chain: str = ""
    sent_by: str = ""
    also_at: dt.date | None = None


@dataclass(frozen=True)
class Account:
    """What cleaning did with files: one row for each sheet, for each file not read (with county and newest) and for each named finding.

    `files` is one row for each file: snapshot, source_file, the sums of its sheets' rows, sheets, and its sender: county, newest.
    `snapshots` are the dates of the files of all reporters, `first` is that of the first ledger with projects.
    """

    sheets: pd.DataFrame
    files: pd.DataFrame
    unreadable: pd.DataFrame
    findings: pd.DataFrame
    snapshots: tuple[pd.Timestamp, ...]
    first: pd.Timestamp


@lru_cache(maxsize=4)
def processed_tables(folder: Path, version: str, divisions: Divisions) -> ProcessedTables:
    """The tables of a processed folder, kept because one page asks for many parts; `version` makes new tables a new entry."""
    return ProcessedTables(folder, divisions)


class ProcessedTables:
    """The tables and the account of a processed folder of a city with these divisions, and any part of them."""

    def __init__(self, folder: Path, divisions: Divisions) -> None:
        self.known = KnownTables(folder)
        self._divisions = divisions
        self._parts: dict[Part, pd.DataFrame] = {}
        self._accounts: dict[tuple[dt.date | None, str], Account] = {}
        self._sent: dict[tuple[dt.date | None, str], _Sent] = {}

    def table(self, part: Part) -> pd.DataFrame:
        """A part of a table; it is kept, so the caller must not change it."""
        if part not in self._parts:
            table, rows = self.known.table(part.name, part.as_of), self.rows(part)
            self._parts[part] = table if rows is None else table[rows].reset_index(drop=True)
        return self._parts[part]

    def rows(self, part: Part) -> np.ndarray | None:
        """Which rows of the table as known at the date make a part; None for all."""
        table = self.known.table(part.name, part.as_of)
        if part.sent_by:
            return self._sent_part(part.as_of, part.sent_by).rows(part.name, table)
        if not part.county and not part.chain:
            return None
        if part.name in _BY_COUNTY:
            return _within(table, part)
        if part.name == "quarantine":
            return self._flagged(part, table)
        mine = self._projects(part)
        if part.name == "parts":
            return among(table["whole_id"], mine) | among(table["part_id"], mine)
        return among(table["project_id"], mine) if part.name in _BY_PROJECT else None

    def values(self, name: str, as_of: dt.date | None, column: str) -> tuple[Any, ...]:
        """The distinct values of a column of a table as known at a date, in order."""
        return tuple(sorted(self.known.table(name, as_of)[column].dropna().unique()))

    def account(self, as_of: dt.date | None, county: str = "") -> Account:
        """What cleaning did with the files known at a date, or with those of them that a county sent."""
        if (as_of, county) not in self._accounts:
            self._accounts[as_of, county] = self._account(as_of) if not county else _account_of(self.account(as_of), county)
        return self._accounts[as_of, county]

    @cached_property
    def accounting(self) -> dict[str, Any]:
        """accounting.json."""
        return json.loads((self.known.folder / "accounting.json").read_text(encoding="utf-8"))

    @cached_property
    def senders(self) -> dict[str, str]:
        """The county that each file's project rows speak for; a file is of one date, so it is the same at every date."""
        return senders(self.known.whole("observations"))

    def _account(self, as_of: dt.date | None) -> Account:
        told, divisions = self.accounting, self._divisions
        sheets = _until(pd.DataFrame(told["files"], columns=_SHEET), as_of)
        by_file = sheets.groupby(["snapshot", "source_file"])
        sums = by_file[_SHEET[2:]].sum().assign(sheets=by_file.size()).reset_index()
        files = with_senders(sums, self.senders, divisions)
        unreadable = with_senders(_until(pd.DataFrame(told["unreadable"], columns=_UNREADABLE), as_of), self.senders, divisions)
        last = files.groupby("county")["snapshot"].max()
        newest = ~(unreadable["snapshot"].to_numpy() < last.reindex(unreadable["county"]).to_numpy())
        findings = _until(pd.DataFrame(told["findings"], columns=_FINDING), as_of).drop(columns="snapshot")
        return Account(sheets, files, unreadable.assign(newest=newest), findings, tuple(sorted(files["snapshot"].dropna().unique())),
                       self.known.table("observations", as_of)["snapshot"].min())

    def _flagged(self, part: Part, table: pd.DataFrame) -> np.ndarray:
        """Findings in rows of a part's projects, and in files that the county sent."""
        told = self.table(replace(part, name="observations"))
        flagged = np.asarray(pd.MultiIndex.from_frame(table[_ROW]).isin(pd.MultiIndex.from_frame(told[_ROW])))
        return flagged | among(table["source_file"], self._sent_files(part.as_of, part.county)) if part.county else flagged

    def _projects(self, part: Part) -> pd.Series:
        """The projects of a part's county and chain."""
        days = dict.fromkeys((part.as_of, part.also_at or part.as_of))
        known = [self.known.homes(day) for day in days]
        return pd.concat([homes.loc[_within(homes, part), "project_id"] for homes in known])

    def _sent_files(self, as_of: dt.date | None, county: str) -> pd.Series:
        return self.account(as_of, county).files["source_file"]

    def _sent_part(self, as_of: dt.date | None, county: str) -> _Sent:
        if (as_of, county) not in self._sent:
            self._sent[as_of, county] = _Sent.of(self.known, as_of, county, self._sent_files(as_of, county))
        return self._sent[as_of, county]


@dataclass(frozen=True)
class _Sent:
    """What makes the parts of one reporter: its files, the projects they tell, its pairs of rows that may be one project, its keys."""

    county: str
    files: pd.Series
    told: pd.Series
    """Projects of which its files have a row."""
    beside: pd.Series
    """These and the projects that are held against its own."""
    homes: pd.Series
    """By project its county."""
    listed: pd.DataFrame
    """Lineage of its rows of other tables than observations."""

    @classmethod
    def of(cls, known: KnownTables, as_of: dt.date | None, county: str, files: pd.Series) -> _Sent:
        rows, merges, lineage = (known.table(name, as_of) for name in ("observations", "merges", "lineage"))
        told = rows.loc[among(rows["source_file"], files), "project_id"].drop_duplicates()
        homes = known.homes(as_of).set_index("project_id")["county"]
        pairs = merges[_pairs(merges, homes, county)]
        beside = pd.concat([told, pairs["project_id"], pairs["matched_to"]]).drop_duplicates()
        listed = lineage[among(lineage["source_file"], files) & among(lineage["table"], _LISTED)]
        return cls(county, files, told, beside, homes, listed)

    def rows(self, name: str, table: pd.DataFrame) -> np.ndarray:
        """Which rows of a table are the reporter's, or are held against them."""
        if name == "observations":
            return among(table["project_id"], self.beside)
        if name == "merges":
            return among(table["source_file"], self.files) | _pairs(table, self.homes, self.county)
        if name in _LISTED:
            own = self.listed[self.listed["table"] == name]
            key = pd.MultiIndex.from_frame(table[[table.columns[0], "snapshot"]])
            return np.asarray(key.isin(pd.MultiIndex.from_frame(own[["key", "snapshot"]])))
        if name == "parts":
            return among(table["whole_id"], self.told) | among(table["part_id"], self.told)
        return among(table["source_file"], self.files) if "source_file" in table else among(table["project_id"], self.told)


def _pairs(merges: pd.DataFrame, homes: pd.Series, county: str) -> np.ndarray:
    """The proposals to merge that touch a project of a county."""
    touches = (merges["project_id"].map(homes) == county) | (merges["matched_to"].map(homes) == county)
    return ((merges["decision"] == "proposed") & touches).to_numpy(dtype=bool)


def _account_of(whole: Account, county: str) -> Account:
    files = whole.files[whole.files["county"] == county]
    return Account(
        whole.sheets[among(whole.sheets["source_file"], files["source_file"])], files,
        whole.unreadable[whole.unreadable["county"] == county],
        whole.findings[among(whole.findings["source_file"], files["source_file"])], whole.snapshots, whole.first)


def _until(table: pd.DataFrame, as_of: dt.date | None) -> pd.DataFrame:
    table = table.assign(snapshot=snapshots_of_files(table["source_file"].astype("str")))
    return table if as_of is None else table[~(table["snapshot"] > pd.Timestamp(as_of))].reset_index(drop=True)


def _within(table: pd.DataFrame, part: Part) -> np.ndarray:
    rows = np.ones(len(table), dtype=bool)
    for column, wanted in (("county", part.county), ("chain", part.chain)):
        if wanted and column in table:
            rows &= (table[column] == wanted).to_numpy(dtype=bool, na_value=False)
    return rows
