"""How the structure of the economy is told: the typed form of `structure.yml`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Annotated, Literal

import numpy as np
import pandas as pd
from pydantic import Field, model_validator

from liantu.reference import City, city
from liantu.reference.loading import Entry, Named, load
from liantu.reference.opened import kept

Code = Annotated[str, Field(pattern=r"^\d{2}$")]
Share = Annotated[float, Field(ge=0, le=1)]
Grade = Literal["A", "B", "C"]


class Family(Named):
    """Industries that are told together, by division."""

    id: Annotated[str, Field(pattern=r"^[a-z_]+$")]
    codes: Annotated[tuple[Code, ...], Field(min_length=1)]


class Ruler(Named):
    """A mark on the scale of concentration, and what lies above it."""

    at: Share


class Published(Named):
    """A published figure of a place: its period, the last day of that, its grade and its source."""

    place: str
    period: str
    until: dt.date
    grade: Grade
    source: Annotated[str, Field(min_length=1)]


class Sectors(Published):
    """Value added by sector, 100 million yuan."""

    primary: Annotated[float, Field(ge=0)]
    secondary: Annotated[float, Field(ge=0)]
    tertiary: Annotated[float, Field(ge=0)]


class Income(Published):
    """Income per person in yuan, of town or country; `expected`: foreseen, not counted."""

    who: Literal["urban", "rural"]
    yuan: Annotated[float, Field(gt=0)]
    growth: float
    expected: bool


class CityTertiary(Entry):
    """The one share that is published of the city itself."""

    period: str
    share: Share
    grade: Grade
    source: str


class StructureRules(Entry):
    """structure.yml; the meaning of each entry is in docs/methods/assessment.md."""

    source: str
    families: tuple[Family, ...]
    steel_and_mining: tuple[str, ...]
    heavy: tuple[Code, ...]
    light: tuple[Code, ...]
    rulers: tuple[Ruler, ...]
    rulers_source: str
    few: Annotated[int, Field(ge=1)]
    largest_plausible_wan: Annotated[float, Field(gt=0)]
    level: Annotated[float, Field(gt=0.5, lt=1)]
    draws: Annotated[int, Field(ge=50)]
    divisions: Mapping[Code, Named]
    sectors: tuple[Sectors, ...]
    city_tertiary: CityTertiary
    incomes: tuple[Income, ...]

    @model_validator(mode="after")
    def _codes_known(self) -> StructureRules:
        codes = [*self.heavy, *self.light]
        if twice := sorted({code for code in codes if codes.count(code) > 1}):
            raise ValueError(f"divisions that are heavy and light, or named twice: {twice}")
        named = {code for family in self.families for code in family.codes} | set(codes)
        if strange := sorted(named - set(self.divisions)):
            raise ValueError(f"divisions without a name: {strange}")
        if strange := sorted(set(self.steel_and_mining) - {family.id for family in self.families}):
            raise ValueError(f"steel_and_mining: no such family: {strange}")
        marks = [ruler.at for ruler in self.rulers]
        if marks != sorted(set(marks)):
            raise ValueError(f"rulers: at must rise, found {marks}")
        return self

    def names(self, lang: str) -> dict[str, str]:
        """What divisions are called in `lang`, by code."""
        return {code: entry.name(lang) for code, entry in self.divisions.items()}

    def of_family(self, divisions: pd.Series) -> pd.DataFrame:
        """For each division whether it is of each family (a column each), steel_and_mining, heavy and light; a missing one is of none."""
        table = pd.DataFrame({family.id: divisions.isin(family.codes) for family in self.families}, index=divisions.index)
        table["steel_and_mining"] = np.any([table[name] for name in self.steel_and_mining], axis=0) if self.steel_and_mining else False
        return table.assign(heavy=divisions.isin(self.heavy), light=divisions.isin(self.light))


@kept()
def structure_rules(of: City | None = None) -> StructureRules:
    """The rules of a city, by default of the city that is shipped.

    Raises ReferenceFileError when the file is missing or breaks its rules.
    """
    return load(StructureRules, (of or city()).folder / "structure.yml")
