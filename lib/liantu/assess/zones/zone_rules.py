"""How development zones are measured: the typed form of `zones.yml`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Annotated

from pydantic import Field, model_validator

from liantu.reference import City, city
from liantu.reference.loading import Entry, Named, load
from liantu.reference.opened import kept

Share = Annotated[float, Field(ge=0, le=1)]


class LandRules(Entry):
    """When the land of a zone is used little, and when its ledger and the register of firms disagree."""

    source: str
    low_ratio: Annotated[float, Field(gt=0, lt=1)]
    few_firms: Annotated[int, Field(ge=1)]
    alike: Annotated[float, Field(ge=0)]
    register_tolerance: Annotated[float, Field(gt=0)]
    known_by_firms: Annotated[int, Field(ge=1)]


class GradeRules(Entry):
    """How unsure grades are told."""

    source: str
    near_cut: Annotated[float, Field(ge=0, lt=1)]
    level: Annotated[float, Field(gt=0.5, lt=1)]


class FactoryRules(Entry):
    """What fits idle standard factories; areas in m2, `plot_ratio` in m2 of floor for each m2 of land."""

    source: str
    m2_per_mu: Annotated[float, Field(gt=0)]
    plot_ratio: Annotated[float, Field(gt=0, le=5)]
    least_m2: Annotated[float, Field(ge=0)]
    high_idle: Share
    projects: Annotated[int, Field(ge=0)]
    gaps: Annotated[int, Field(ge=0)]
    stages: tuple[str, ...]
    categories: tuple[str, ...]
    constructions: tuple[str, ...]
    unsuited_words: tuple[str, ...]


class EnclaveRules(Entry):
    """How the tax of enclave projects is shared, and how a partner's name tells where it lies."""

    source: str
    base_share: Share
    years: Annotated[int, Field(ge=1)]
    tax_includes_enclave: bool
    township_ends: tuple[str, ...]
    place_marks: tuple[str, ...]
    project_words: tuple[str, ...]


class DigitalGoal(Entry):
    """The share of the digital upgrade that every zone is to have by `due`."""

    year: int
    share: Annotated[float, Field(gt=0, le=1)]
    due: dt.date

    @model_validator(mode="after")
    def _due_in_its_year(self) -> DigitalGoal:
        if self.due.year != self.year:
            raise ValueError(f"due: {self.due} is not in {self.year}")
        return self


class DigitalAim(Named):
    """One of the aims behind the one share that ledgers report."""

    id: str


class DigitalRules(Entry):
    """The goals of the digital upgrade."""

    source: str
    goals: tuple[DigitalGoal, ...]
    aims: tuple[DigitalAim, ...]

    @model_validator(mode="after")
    def _one_a_year(self) -> DigitalRules:
        years = [goal.year for goal in self.goals]
        if len(set(years)) < len(years):
            raise ValueError(f"goals: two goals for one year, found {years}")
        return self

    def goal(self, year: int) -> DigitalGoal | None:
        """The goal of a year, if it has one."""
        return next((goal for goal in self.goals if goal.year == year), None)


class ZoneNames(Entry):
    """What English pages call the zones, by their names in the ledgers."""

    source: str
    en: Mapping[str, str]


class ZoneRules(Entry):
    """zones.yml; the meaning of each number is in docs/methods/assessment.md."""

    source: str
    land: LandRules
    grades: GradeRules
    factories: FactoryRules
    enclaves: EnclaveRules
    digital: DigitalRules
    names: ZoneNames


@kept()
def zone_rules(of: City | None = None) -> ZoneRules:
    """The rules of a city, by default of the city that is shipped.

    Raises ReferenceFileError when the file is missing or breaks its rules.
    """
    return load(ZoneRules, (of or city()).folder / "zones.yml")
