"""What a notebook opens: checked parameters and the tidy tables as they were known at a date."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd

from liantu.ledger.cleaning import fresh_tables
from liantu.reference import Chain, Chains, City, Quarter, Targets, city
from liantu.report.datasets import DatasetCard, dataset_card
from liantu.report.parameters import Parameters, check
from liantu.tables import open_tables

PAGE_MIME = "application/vnd.liantu.page+json"
_BY_PROJECT = ("milestones", "investments", "approvals", "observations")
_BY_COUNTY = ("projects", "enterprises", "zones", "tasks", "problems", "lineage")


@dataclass(frozen=True, init=False)
class Report:
    """A quarter of a data set, for the city or one county, all chains or one, in one language.

    `Report(quarter="2022Q2")` checks the parameters (LiantuError names the value and what is allowed), cleans the raw ledgers
    when they changed, and opens the tables as known at the quarter's end, or at `as_of`. The tables are pandas DataFrames with
    the columns of the data dictionary, narrowed to the county and the chain where these are set; `whole_city` has all rows.
    """

    parameters: Parameters
    folder: Path
    """The tidy tables it opens."""
    inputs: str
    """Names what the tables were made from: the start of the raw ledgers' hash."""

    def __init__(self, **parameters: object) -> None:
        checked = check(**parameters)
        folder = fresh_tables(checked.dataset)
        record = json.loads((folder / "inputs.json").read_text(encoding="utf-8"))
        self._set(checked, folder, record["raw"][:12])

    def _set(self, parameters: Parameters, folder: Path, inputs: str) -> None:
        for name, value in (("parameters", parameters), ("folder", folder), ("inputs", inputs)):
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

    @cached_property
    def city(self) -> City:
        """The city's reference data."""
        return city()

    @cached_property
    def targets(self) -> Targets:
        """The targets of the quarter's year."""
        return self.city.targets(self.quarter.year)

    @property
    def chains(self) -> Chains:
        """The chains of the edition."""
        return self.city.chains(self.parameters.edition)

    @property
    def chain(self) -> Chain | None:
        """The one chain asked for, if any."""
        return self.chains.by_name(self.parameters.chain) if self.parameters.chain else None

    @cached_property
    def card(self) -> DatasetCard:
        """What the data set is: simulated, public record or real ledgers, and what not to conclude from it."""
        return dataset_card(self.parameters.dataset)

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
    def tables(self) -> dict[str, pd.DataFrame]:
        """All tidy tables by name, as known at `as_of`, narrowed to the county and chain asked for."""
        return {name: table.copy(deep=False) for name, table in self._opened.items()}

    @property
    def _opened(self) -> dict[str, pd.DataFrame]:
        return _opened(self.folder, self.inputs, self.as_of, self.parameters.county, self.parameters.chain)

    def table(self, name: str) -> pd.DataFrame:
        """A tidy table by name, as known at `as_of`, narrowed to the county and chain asked for."""
        return self._opened[name].copy(deep=False)

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

    @cached_property
    def accounting(self) -> dict[str, Any]:
        """accounting.json of the cleaning, all snapshots; `liantu.report.accounts` narrows it to what was known at `as_of`."""
        return json.loads((self.folder / "accounting.json").read_text(encoding="utf-8"))

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

    def _with(self, **changes: Any) -> Report:
        other = object.__new__(Report)
        other._set(replace(self.parameters, **changes), self.folder, self.inputs)
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
            "inputs": self.inputs,
            "versions": {name: version(name) for name in ("liantu", "pandas", "matplotlib", "papermill")}}
        return {PAGE_MIME: about, "text/plain": f"{self.place} {self.quarter}, {self.card.name(self.lang)}, as of {self.as_of}"}


@lru_cache(maxsize=16)
def _opened(folder: Path, inputs: str, as_of: dt.date, county: str, chain: str) -> dict[str, pd.DataFrame]:
    """The tables as known at a date, kept because one page asks for several dates; `inputs` makes a new data set a new entry."""
    if county or chain:
        return _narrow(_opened(folder, inputs, as_of, "", ""), county, chain)
    return open_tables(folder, as_of)


def _narrow(tables: dict[str, pd.DataFrame], county: str, chain: str) -> dict[str, pd.DataFrame]:
    """The tables with only the rows of the county and chain asked for."""
    narrowed = dict(tables)
    for column, wanted in (("county", county), ("chain", chain)):
        if wanted:
            for name in _BY_COUNTY:
                if column in narrowed[name]:
                    narrowed[name] = narrowed[name][narrowed[name][column] == wanted].reset_index(drop=True)
    kept = set(narrowed["projects"]["project_id"])
    for name in _BY_PROJECT:
        narrowed[name] = tables[name][tables[name]["project_id"].isin(kept)].reset_index(drop=True)
    return narrowed
