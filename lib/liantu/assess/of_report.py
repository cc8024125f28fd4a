"""The quality of a report's ledgers, gathered once for a page: who sent what, what was found in it, and the parts of its score."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import pandas as pd

from liantu.assess import data_quality
from liantu.assess.quality_rules import QualityRules, quality_rules
from liantu.assess.to_correct import cells_to_fix, changes_without_reason, possible_duplicates
from liantu.ledger.values.privacy import REMOVED
from liantu.reference.opened import kept
from liantu.report import Report
from liantu.tables.runs import among


@dataclass(frozen=True)
class LedgerQuality:
    """What is known at a date of the quality of every ledger of the city.

    `files` is one row for each file (see `data_quality.reporters`; also `cells`, `repeated`, `proposed`, `removed`), `found` its findings
    in the order to take them, `unreadable` the files that could not be read, with `county` and `newest` too.
    """

    rules: QualityRules
    files: pd.DataFrame = field(repr=False)
    unreadable: pd.DataFrame = field(repr=False)
    found: pd.DataFrame = field(repr=False)
    parts: pd.DataFrame = field(repr=False)
    filled: pd.DataFrame = field(repr=False)
    events: pd.DataFrame = field(repr=False)
    pairs: pd.DataFrame = field(repr=False)
    changes: pd.DataFrame = field(repr=False)
    skipped: pd.DataFrame = field(repr=False)
    drift: pd.DataFrame = field(repr=False)
    _parts: dict[str, LedgerQuality] = field(default_factory=dict, init=False, repr=False, compare=False)
    """What was asked for by `of`, kept."""

    def of(self, county: str | None) -> LedgerQuality:
        """Only what one reporter sent: a county's code, empty for the departments, None for all."""
        if county is None:
            return self
        if county not in self._parts:
            self._parts[county] = self._sent_by(county)
        return self._parts[county]

    def _sent_by(self, county: str) -> LedgerQuality:
        names = set(self.files.loc[self.files["county"] == county, "source_file"])
        tables = ("files", "found", "parts", "filled", "events", "drift", "changes")
        narrowed = {name: _in(getattr(self, name), "source_file", names) for name in tables}
        return LedgerQuality(rules=self.rules, **narrowed, unreadable=_in(self.unreadable, "county", {county}),
                             pairs=_in(self.pairs, "county", {county}), skipped=_in(self.skipped, "county", {county}))

    @cached_property
    def now(self) -> LedgerQuality:
        """Only the newest ledgers of each reporter, and what is found about them."""
        names = set(self.files.loc[self.files["newest"], "source_file"])
        tables = ("files", "parts", "filled", "events", "drift", "changes")
        narrowed = {name: _in(getattr(self, name), "source_file", names) for name in tables}
        found, unreadable = self.found, self.unreadable
        return LedgerQuality(rules=self.rules, **narrowed, found=found[found["newest"]], unreadable=unreadable[unreadable["newest"]],
                             pairs=self.pairs, skipped=self.skipped)


def quality_of(report: Report) -> LedgerQuality:
    """The quality of all ledgers known at the report's date whatever its chain; of a county's report, of what that county sent."""
    return _gathered(report.whole_city, report.parameters.county)


@kept(maxsize=4)
def _gathered(report: Report, county: str) -> LedgerQuality:
    ledgers, rules, divisions = report.ledgers(county), quality_rules(report.city), report.city.divisions
    tables, account = ledgers.tables, ledgers.account
    observations, files = tables["observations"], account.files
    found = data_quality.findings(tables["quarantine"], files, rules)
    pairs = possible_duplicates(tables["merges"], observations)
    counted = pairs.assign(county=pairs["county_b"].where(pairs["county_b"].isin(divisions.codes), ""))
    filled, files = data_quality.completeness(observations, found[~found["of_next"]], rules.fields), _counted(files, tables, rules)
    events = data_quality.first_reports(observations, tables["milestones"], account.first)
    quality = LedgerQuality(
        rules=rules, files=files, found=cells_to_fix(found), unreadable=account.unreadable,
        parts=data_quality.joined_parts(tables, files, rules, data_quality.Found(found, filled, events)), filled=filled, events=events,
        pairs=counted,
        changes=changes_without_reason(tables["changes"], tables["projects"]),
        skipped=data_quality.skipped(files, divisions.codes, account.snapshots), drift=account.findings)
    # A county's tables hold the rows that its own are held against too.
    return quality.of(county) if county else quality


def _counted(files: pd.DataFrame, tables: Mapping[str, pd.DataFrame], rules: QualityRules) -> pd.DataFrame:
    told = data_quality.duplicates(tables["observations"], tables["merges"]).set_index("source_file")
    told["removed"] = data_quality.personal_data(tables, REMOVED)
    told = told.reindex(files["source_file"])
    told["cells"] = data_quality.cells_read(tables, rules)
    return files.join(told.fillna(0).astype("int64"), on="source_file")


def _in(table: pd.DataFrame, column: str, wanted: set[str]) -> pd.DataFrame:
    return table[among(table[column], wanted)]
