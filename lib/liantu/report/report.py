"""What a notebook opens: checked parameters and the tidy tables as they were known at a date."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd

from liantu.chains.catalogue import checked_chains
from liantu.reference import Chain, Chains, City, Crosswalk, Quarter, Targets, city
from liantu.reference.folders import processed_folder
from liantu.reference.opened import kept, note
from liantu.report.datasets import DatasetCard, dataset_card
from liantu.report.narrowing import Account, Part, ProcessedTables, processed_tables
from liantu.report.parameters import DEFAULT_EDITION, Parameters, check
from liantu.report.recutting import on_entry
from liantu.tables import CONTRACTS
from liantu.tables.store import contract_of
from liantu.tables.vouched import version as tables_version
from liantu.tables.vouched import vouched

PAGE_MIME = "application/vnd.liantu.page+json"


@dataclass(frozen=True, init=False)
class Report:
    """A quarter of a data set, for the city or one county, all chains or one, in one language.

    `Report(quarter="2022Q2")` checks the parameters (LiantuError names the value and what is allowed), cleans the raw ledgers
    when they changed, and opens the tables as known at the quarter's end, or at `as_of`. The tables are pandas DataFrames with
    the columns of the data dictionary, narrowed to the county and the chain where these are set; `whole_city` has all rows. In an
    edition made from another (`crosswalk`) they are told in its entries: rows of links that nobody can map are on the chain `unknown`.
    A table is read when it is asked for, and noted as opened (`liantu.reference.opened`).
    """

    parameters: Parameters
    folder: Path
    """The tidy tables it opens."""
    inputs: str
    """Names what the tables were made from (`liantu.tables.vouched.version`)."""
    beside: dt.date | None
    """The other date at which a project of the county and chain counts as theirs (`held_beside`)."""

    def __init__(self, **parameters: object) -> None:
        checked = check(**parameters)
        folder = _fresh_tables(checked.dataset)
        self._set(checked, folder, tables_version(folder))

    def _set(self, parameters: Parameters, folder: Path, inputs: str, beside: dt.date | None = None) -> None:
        for name, value in (("parameters", parameters), ("folder", folder), ("inputs", inputs), ("beside", beside)):
            object.__setattr__(self, name, value)

    # --- what was asked for

    @property
    def quarter(self) -> Quarter:
        """The quarter."""
        return self.parameters.quarter

    @property
    def as_of(self) -> dt.date:
        """The date as of which everything is known."""
        return self.parameters.known_on

    @property
    def lang(self) -> str:
        """zh or en."""
        return self.parameters.lang

    @property
    def city(self) -> City:
        """The city's reference data."""
        return city()

    @property
    def targets(self) -> Targets:
        """The targets of the quarter's year."""
        return self.city.targets(self.quarter.year)

    @property
    def chains(self) -> Chains:
        """The chains of the edition."""
        return checked_chains(self.city, self.parameters.edition)

    @property
    def crosswalk(self) -> Crosswalk | None:
        """What the edition is made of, where it is not that in which the tables are placed; `chain` and `link` are then its entries'."""
        edition = self.parameters.edition
        return None if edition == DEFAULT_EDITION else self.city.crosswalk(edition)

    @property
    def chain(self) -> Chain | None:
        """The one chain asked for, if any."""
        return self.chains.by_name(self.parameters.chain) if self.parameters.chain else None

    @property
    def card(self) -> DatasetCard:
        """What the data set is: simulated, public record or real ledgers, and what not to conclude from it."""
        return _card(self.parameters.dataset, self.folder, self.inputs)

    @property
    def simulated(self) -> bool:
        """True when the data set is simulated."""
        return self.card.kind == "simulated"

    @property
    def place(self) -> str:
        """Name of the county or the city in the report's language."""
        return self.county_name(self.parameters.county) if self.parameters.county else self.city.divisions.city.name(self.lang)

    def county_name(self, code: str, short: bool = True) -> str:
        """Name of a county by its code, short by default, in the report's language."""
        division = self.city.divisions.by_code(code)
        if not short:
            return division.name(self.lang)
        return division.short_zh if self.lang == "zh" else division.short_en

    # --- what is known

    @property
    def tables(self) -> Mapping[str, pd.DataFrame]:
        """All tidy tables by name, as known at `as_of`, narrowed to the county and chain asked for; each is opened when it is taken."""
        return Tables(self)

    def table(self, name: str) -> pd.DataFrame:
        """A tidy table by name, as known at `as_of`, narrowed to the county and chain asked for."""
        county, chain = self.parameters.county, self.parameters.chain
        also = self.beside if county or chain else None
        part = Part(contract_of(name).table, self.as_of, county, chain, also_at=also)
        if not chain or self.crosswalk is None:
            return self._part(part)
        return on_entry(part, self._part, lambda: self._account(county).files["source_file"])

    def _part(self, part: Part) -> pd.DataFrame:
        where = {"dataset": self.parameters.dataset, "as_of": str(part.as_of), "county": part.county, "chain": part.chain}
        more = {"sent_by": part.sent_by, "also_at": str(part.also_at or "")}
        note("table", part.name, **where, **{name: value for name, value in more.items() if value})
        table, crosswalk = self._tables.table(part), self.crosswalk
        if crosswalk is None or "chain" not in table:
            return table.copy(deep=False)
        # Slow to import, and not wanted where the tables are placed in the edition asked for.
        from liantu.chains.recut import recut

        return recut(table, crosswalk, self.city.chains(crosswalk.made_from))

    @property
    def collected(self) -> tuple[pd.Timestamp, ...]:
        """The dates of all ledgers of projects known at `as_of`, of the whole city, oldest first."""
        note("table", "observations", dataset=self.parameters.dataset, as_of=str(self.as_of), county="", chain="", column="snapshot")
        return self._tables.values("observations", self.as_of, "snapshot")

    @property
    def _tables(self) -> ProcessedTables:
        return processed_tables(self.folder, self.inputs, self.city.divisions)

    @property
    def projects(self) -> pd.DataFrame:
        """One row for each project."""
        return self.table("projects")

    @property
    def milestones(self) -> pd.DataFrame:
        """One row for each project and stage."""
        return self.table("milestones")

    @property
    def investments(self) -> pd.DataFrame:
        """One row for each project and snapshot."""
        return self.table("investments")

    @property
    def approvals(self) -> pd.DataFrame:
        """One row for each project and approval."""
        return self.table("approvals")

    @property
    def enterprises(self) -> pd.DataFrame:
        """One row for each firm: what the newest known register says."""
        return self._newest("enterprises")

    @property
    def zones(self) -> pd.DataFrame:
        """One row for each development zone, newest known."""
        return self._newest("zones")

    @property
    def tasks(self) -> pd.DataFrame:
        """One row for each key task, newest known."""
        return self._newest("tasks")

    @property
    def problems(self) -> pd.DataFrame:
        """One row for each problem, newest known."""
        return self._newest("problems")

    def _newest(self, name: str) -> pd.DataFrame:
        table = self.table(name)
        return table[table["snapshot"] == table["snapshot"].max()].reset_index(drop=True)

    @property
    def account(self) -> Account:
        """What cleaning did with the files known at `as_of`, of all reporters."""
        return self._account("")

    def ledgers(self, county: str = "") -> Ledgers:
        """What a county (GB/T code) sent, or all reporters together, as known at `as_of`."""
        return Ledgers(self, county)

    def _account(self, county: str) -> Account:
        note("account", "accounting.json", dataset=self.parameters.dataset, as_of=str(self.as_of), county=county)
        return self._tables.account(self.as_of, county)

    # --- other views of the same data set

    def known_at(self, day: dt.date) -> Report:
        """The same report with the tables as known at `day`."""
        return self._with(as_of=day)

    def known_in(self, county: str) -> Report:
        """The same report narrowed to one county (GB/T code)."""
        return self._with(county=county)

    @property
    def whole_city(self) -> Report:
        """The same report for all counties and chains."""
        return self._with(county="", chain="")

    def held_beside(self, day: dt.date) -> Report:
        """The same report with the projects that were of its county and chain at another date too: they may have moved in between."""
        return self._with(beside=day)

    def _with(self, beside: dt.date | None = None, **changes: Any) -> Report:
        other = object.__new__(Report)
        other._set(replace(self.parameters, **changes), self.folder, self.inputs, beside)
        return other

    # --- on the page

    @property
    def stamp(self) -> dict[str, Any]:
        """What every figure prints of its data: lang, as_of, simulated, place, source_note (the data set's name if not simulated)."""
        note = "" if self.simulated else self.card.name(self.lang)
        return {"lang": self.lang, "as_of": self.as_of, "simulated": self.simulated, "place": self.place, "source_note": note}

    def show(self, *results: object) -> None:
        """Display figures, tables, headline values and answers on the page, in order; lists are opened."""
        from IPython.display import display

        for result in results:
            if isinstance(result, (list, tuple)):
                self.show(*result)
            else:
                display(result)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        about = self.parameters.as_text() | {
            "as_of": str(self.as_of), "place": self.place, "simulated": self.simulated, "kind": self.card.kind,
            "dataset_name": self.card.name(self.lang), "caveat": self.card.caveat(self.lang),
            "versions": {name: version(name) for name in ("liantu", "pandas", "matplotlib", "papermill")}}
        return {PAGE_MIME: about, "text/plain": f"{self.place} {self.quarter}, {self.card.name(self.lang)}, as of {self.as_of}"}


@dataclass(frozen=True)
class Tables(Mapping[str, pd.DataFrame]):
    """The tidy tables of a report by name, or those of them that one reporter sent; each is opened when it is taken."""

    report: Report
    sent_by: str = ""

    def __getitem__(self, name: str) -> pd.DataFrame:
        if name not in CONTRACTS:
            raise KeyError(name)
        return self.report._part(Part(name, self.report.as_of, sent_by=self.sent_by)) if self.sent_by else self.report.table(name)

    def __iter__(self) -> Iterator[str]:
        return iter(CONTRACTS)

    def __len__(self) -> int:
        return len(CONTRACTS)


@dataclass(frozen=True)
class Ledgers:
    """What one county sent, or all reporters together (`county` empty), as known at a report's date.

    A county's tables hold the rows of its files and what these are held against: other rows of the same projects, and of those that
    may be the same. So they change only when these do, whatever other counties send.
    """

    report: Report
    county: str

    @property
    def tables(self) -> Mapping[str, pd.DataFrame]:
        """The tidy tables by name."""
        return Tables(self.report, self.county) if self.county else self.report.whole_city.tables

    @property
    def account(self) -> Account:
        """What cleaning did with their files."""
        return self.report._account(self.county)


@kept(maxsize=4)  # a page asks for it in everything that it shows
def _card(dataset: str, folder: Path, inputs: str) -> DatasetCard:
    return dataset_card(dataset)


def _fresh_tables(dataset: str) -> Path:
    if vouched(dataset) is not None:
        return processed_folder(dataset)
    # Slow to import, and not wanted where the tables are vouched for.
    from liantu.ledger.cleaning import fresh_tables

    return fresh_tables(dataset)
