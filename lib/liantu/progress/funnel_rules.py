"""How the funnel is counted: the typed form of `funnel.yml`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

import numpy as np
import pandas as pd
from pydantic import Field, model_validator

from liantu.progress.counts import FLOW
from liantu.reference import City, city
from liantu.reference.loading import Entry, Named, load
from liantu.reference.opened import kept

UNKNOWN = "unknown"
"""The group of projects of which no ledger states what the groups are of."""
UNDATED = "undated"
"""The cohort of projects whose entry is stated without a date."""
Id = Annotated[str, Field(pattern=r"^[a-z0-9_]+$")]


class SizeClass(Named):
    """Projects with an annual plan of at least `from_wan` and less than the next class."""

    id: Id
    from_wan: Annotated[float, Field(ge=0)]


class ProjectClass(Named):
    """Projects that had reached stage `after` when the year began."""

    id: Id
    after: str = ""


class FunnelRules(Entry):
    """funnel.yml; the meaning of each number is in docs/methods/milestones.md."""

    source: str
    few: Annotated[int, Field(ge=1)]
    level: Annotated[float, Field(gt=0.5, lt=1)]
    size_classes: Annotated[tuple[SizeClass, ...], Field(min_length=1)]
    project_classes: tuple[ProjectClass, ...]
    construction_after: Mapping[str, str]
    unknown: Named
    undated: Named

    @model_validator(mode="after")
    def _in_order(self) -> FunnelRules:
        limits = [entry.from_wan for entry in self.size_classes]
        if limits != sorted(set(limits)) or limits[0] != 0:
            raise ValueError(f"size_classes: from_wan must begin at 0 and rise, found {limits}")
        if strange := {*self.construction_after.values(), *(entry.after for entry in self.project_classes if entry.after)} - set(FLOW):
            raise ValueError(f"not stages of a life: {sorted(strange)}")
        return self

    def names(self, lang: str) -> dict[str, str]:
        """What the groups of size, of project class and of what is not stated are called in `lang`."""
        named = {entry.id: entry.name(lang) for entry in (*self.size_classes, *self.project_classes)}
        return named | {UNKNOWN: self.unknown.name(lang), UNDATED: self.undated.name(lang)}

    def sizes(self, plan_wan: pd.Series) -> pd.Series:
        """The size class of each annual plan (10,000 yuan); `unknown` without one."""
        limits = np.array([entry.from_wan for entry in self.size_classes])
        ids = np.array([*(entry.id for entry in self.size_classes), UNKNOWN], dtype=object)
        values = plan_wan.to_numpy(dtype="float64", na_value=np.nan)
        place = np.searchsorted(limits, np.nan_to_num(values), side="right") - 1
        return pd.Series(ids[np.where(values >= 0, place, -1)], index=plan_wan.index, dtype="str")


@kept()
def funnel_rules(of: City | None = None) -> FunnelRules:
    """The rules of a city, by default of the city that is shipped.

    Raises ReferenceFileError when the file is missing or breaks its rules.
    """
    return load(FunnelRules, (of or city()).folder / "funnel.yml")
