"""What stands in the four lists and how: the typed form of `lists.yml`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Annotated, Literal

import pandas as pd
from pydantic import Field, model_validator

from liantu.reference import City
from liantu.reference.loading import Entry, load
from liantu.reference.opened import kept
from liantu.tables.contracts import STAGES

Words = Annotated[tuple[Annotated[str, Field(min_length=1)], ...], Field(min_length=1)]
_VAGUE = ("ten_days", "month", "quarter", "half", "year")
_TENTH, _TWENTIETH = 10, 20


class ListRules(Entry):
    """lists.yml; see its comments for each entry."""

    source: str
    derived: Mapping[Literal["step", "target"], str]
    step_name: str
    step_id: str
    target_id: str
    steps: Words
    in_progress: Words
    soon_days: Annotated[int, Field(ge=0)]
    spare_rows: Annotated[int, Field(ge=0)]
    first_day: dt.date
    years_ahead: Annotated[int, Field(ge=1)]
    task_status: Words
    task_done: Words
    problem_status: Words
    dates: Mapping[str, str]
    parts: Annotated[tuple[str, ...], Field(min_length=3, max_length=3)]
    halves: Annotated[tuple[str, ...], Field(min_length=2, max_length=2)]
    numerals: Annotated[tuple[str, ...], Field(min_length=4, max_length=4)]

    @model_validator(mode="after")
    def _is_known(self) -> ListRules:
        if unknown := sorted({*self.steps, *self.in_progress} - {*STAGES}):
            raise ValueError(f"not a stage: {', '.join(unknown)}")
        if set(self.derived) != {"step", "target"}:
            raise ValueError("derived names the kinds of step and target")
        if set(self.dates) != set(_VAGUE):
            raise ValueError(f"dates has one entry for each of {', '.join(_VAGUE)}")
        return self

    def date_text(self, date: pd.Timestamp, precision: object) -> dt.date | str:
        """A date as a ledger writes it: the day itself, or the words of the period to which it is known."""
        if precision not in self.dates:
            return date.date()
        part = 0 if date.day <= _TENTH else 1 if date.day <= _TWENTIETH else 2
        return self.dates[str(precision)].format(
            year=date.year, month=date.month, part=self.parts[part], quarter=self.numerals[date.quarter - 1],
            half=self.halves[date.quarter > 2])


@kept()
def list_rules(city: City) -> ListRules:
    """The rules of a city; ReferenceFileError names file and key of a bad entry."""
    return load(ListRules, city.folder / "lists.yml")
