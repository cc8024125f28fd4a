"""A scoring file in typed form: what is scored, with which weights, caps, bonuses and deductions, and what is not counted."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from pydantic import Field, PrivateAttr, ValidationError, ValidationInfo, field_validator, model_validator

from liantu.assess.scoring.normalise_rules import (
    FINITE,
    POINTS,
    Finite,
    Id,
    Normalise,
    RatioToMean,
    TargetRatio,
    check_direction,
    check_limits,
)
from liantu.reference import City, city
from liantu.reference.loading import Named, ReferenceFileError, load

Direction = Literal["up", "down"]
Missing = Literal["spread", "zero", "mean", "not_ranked"]
PASSED_IN = "(mapping)"
"""What stands for the file's name in errors about rules that were passed in."""


class Part(Finite):
    """One of several inputs of an indicator: `share` of its weight, or of the points that it gives."""

    id: Id
    share: Annotated[float, Field(gt=0)] = 1.0
    direction: Direction = "up"
    normalise: Normalise

    @model_validator(mode="after")
    def _direction_holds(self) -> Part:
        check_direction(self.normalise, self.direction)
        return self

    @property
    def inputs(self) -> tuple[str, ...]:
        """The columns that it reads."""
        return (self.id, *_beside(self.normalise))


class Indicator(Finite):
    """An indicator with its points; either normalised itself or made of `parts`; cap and floor limit its points."""

    id: Id
    weight: Annotated[float, Field(gt=0)]
    direction: Direction = "up"
    normalise: Normalise | None = None
    parts: tuple[Part, ...] = ()
    start: float = 0.0
    cap: float | None = None
    floor: float | None = None
    missing: Missing | None = None

    @model_validator(mode="after")
    def _is_whole(self) -> Indicator:
        if (self.normalise is None) == (not self.parts):
            raise ValueError("normalise: state either normalise or parts")
        if self.normalise is not None:
            check_direction(self.normalise, self.direction)
        elif "direction" in self.model_fields_set:
            raise ValueError("direction: stands with each of the parts")
        check_limits(self.cap, self.floor)
        return self

    @property
    def all_parts(self) -> tuple[Part, ...]:
        """Its parts; an indicator without any is its own only part."""
        if self.normalise is None:
            return self.parts
        return (Part(id=self.id, direction=self.direction, normalise=self.normalise),)


class Adjustment(Finite):
    """Points beside the total: a bonus or a deduction (stated as positive points); `indicator` is the column read, by default its id."""

    id: Id
    indicator: Id | None = None
    direction: Direction = "up"
    normalise: Normalise
    cap: Annotated[float, Field(gt=0)] | None = None
    zh: str = ""
    en: str = ""

    @model_validator(mode="after")
    def _gives_points(self) -> Adjustment:
        if not isinstance(self.normalise, POINTS):
            raise ValueError(f"normalise: a bonus or deduction gives points (steps, per_unit, as_is), found {self.normalise.kind}")
        check_direction(self.normalise, self.direction)
        return self

    @property
    def part(self) -> Part:
        """The one part it is made of."""
        return Part(id=self.indicator or self.id, direction=self.direction, normalise=self.normalise)


class NotCounted(Named):
    """Items that are not counted, with the reason as its name: by the value of a column, or as the second of those that share columns."""

    model_config = FINITE
    id: Id
    column: str | None = None
    equals: tuple[str | bool | float, ...] = ()
    below: float | None = None
    matches: str | None = None
    once_by: tuple[str, ...] = ()

    @field_validator("matches")
    @classmethod
    def _is_pattern(cls, pattern: str | None) -> str | None:
        try:
            re.compile(pattern or "")
        except re.error as error:
            raise ValueError(f"not a pattern: {error}") from None
        return pattern

    @model_validator(mode="after")
    def _one_test(self) -> NotCounted:
        tests = [bool(self.equals), self.below is not None, self.matches is not None]
        if sum(tests) + bool(self.once_by) != 1:
            raise ValueError("state exactly one of equals, below, matches, once_by")
        if bool(self.once_by) == (self.column is not None):
            raise ValueError("column: goes with equals, below or matches, and not with once_by")
        return self


class UnitGroup(Named):
    """Units that are compared with each other only."""

    id: Id
    units: Annotated[tuple[str, ...], Field(min_length=1)]


class Grade(Named):
    """A grade for units down to the share `to` of all, counted from the best."""

    id: Annotated[str, Field(min_length=1)]
    to: Annotated[float, Field(gt=0, le=1)]


class ScoringRules(Named):
    """A scoring file; docs/methods/assessment.md explains each key."""

    model_config = FINITE
    id: Id
    group: Literal["county", "zone", "department", "task_force", "enterprise", "project"]
    period: Literal["month", "quarter", "half", "year"]
    ours: bool
    source: Annotated[str, Field(min_length=1)]
    missing: Missing
    indicators: Annotated[tuple[Indicator, ...], Field(min_length=1)]
    total: Annotated[float, Field(gt=0)]
    bonuses: tuple[Adjustment, ...] = ()
    bonus_cap: Annotated[float, Field(gt=0)] | None = None
    deductions: tuple[Adjustment, ...] = ()
    deduction_cap: Annotated[float, Field(gt=0)] | None = None
    not_counted: tuple[NotCounted, ...] = ()
    groups: tuple[UnitGroup, ...] = ()
    grades: tuple[Grade, ...] = ()
    _file: str = PrivateAttr(default=PASSED_IN)

    @field_validator("total")
    @classmethod
    def _weights_add_up(cls, total: float, info: ValidationInfo) -> float:
        weights = [entry.weight for entry in info.data.get("indicators", ())]
        if weights and not math.isclose(sum(weights), total, rel_tol=1e-9):
            raise ValueError(f"the weights of the indicators add up to {sum(weights):g}, not to the total {total:g}")
        return total

    @field_validator("bonuses", "deductions")
    @classmethod
    def _ids_once(cls, entries: tuple[Adjustment, ...], info: ValidationInfo) -> tuple[Adjustment, ...]:
        before = [entry.id for key in ("indicators", "bonuses") for entry in info.data.get(key, ()) if key != info.field_name]
        _once([*before, *(entry.id for entry in entries)])
        return entries

    @field_validator("indicators")
    @classmethod
    def _indicators_once(cls, entries: tuple[Indicator, ...]) -> tuple[Indicator, ...]:
        _once([entry.id for entry in entries])
        return entries

    @field_validator("not_counted")
    @classmethod
    def _reasons_once(cls, entries: tuple[NotCounted, ...]) -> tuple[NotCounted, ...]:
        _once([entry.id for entry in entries])
        return entries

    @field_validator("groups")
    @classmethod
    def _units_once(cls, entries: tuple[UnitGroup, ...]) -> tuple[UnitGroup, ...]:
        _once([unit for entry in entries for unit in entry.units])
        return entries

    @field_validator("grades")
    @classmethod
    def _cuts_rise(cls, entries: tuple[Grade, ...]) -> tuple[Grade, ...]:
        cuts = [entry.to for entry in entries]
        if cuts and (cuts != sorted(set(cuts)) or cuts[-1] != 1):
            raise ValueError(f"to: must rise and end at 1, found {cuts}")
        _once([entry.id for entry in entries])
        return entries

    @property
    def file(self) -> str:
        """Where the rules come from, for errors."""
        return self._file

    @property
    def ids(self) -> tuple[str, ...]:
        """What gets points, in order: indicators, bonuses, deductions."""
        return tuple(entry.id for entry in (*self.indicators, *self.bonuses, *self.deductions))

    @property
    def kinds(self) -> tuple[str, ...]:
        """indicator, bonus or deduction, for each of `ids`."""
        return ("indicator",) * len(self.indicators) + ("bonus",) * len(self.bonuses) + ("deduction",) * len(self.deductions)

    @property
    def inputs(self) -> tuple[str, ...]:
        """The columns of values that are read, in order, each once."""
        parts = (*(part for entry in self.indicators for part in entry.all_parts), *(e.part for e in (*self.bonuses, *self.deductions)))
        return tuple(dict.fromkeys(name for part in parts for name in part.inputs))

    @property
    def weights(self) -> np.ndarray:
        """The weights of the indicators."""
        return np.array([entry.weight for entry in self.indicators])

    def missing_of(self, indicator: Indicator) -> str:
        """The rule for an indicator that is not reported: its own, else the file's."""
        return indicator.missing or self.missing

    def groups_of(self, units: Iterable[object]) -> list[str]:
        """The group of each unit; "" for a unit that stands in none."""
        where = {unit: entry.id for entry in self.groups for unit in entry.units}
        return [where.get(str(unit), "") for unit in units]


def load_rules(rules: str | Path | Mapping | ScoringRules, of: City | None = None) -> ScoringRules:
    """Scoring rules by name (a file of the city's `scoring/`), by path (ends with .yml or .yaml), or from a mapping.

    Raises ReferenceFileError with the file (`(mapping)` where there is none), the key and the rule that is broken.
    """
    if isinstance(rules, ScoringRules):
        return rules
    if isinstance(rules, Mapping):
        return _from_mapping(rules)
    path = Path(rules)
    if path.suffix not in {".yml", ".yaml"}:
        path = (of or city()).folder / "scoring" / f"{rules}.yml"
    loaded = load(ScoringRules, path)
    loaded._file = str(path)
    return loaded


def _from_mapping(content: Mapping) -> ScoringRules:
    try:
        return ScoringRules.model_validate(dict(content))
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"]) or "(whole mapping)"
        raise ReferenceFileError(f"{PASSED_IN}: {key}: {first['msg']}, found {first['input']!r:.80}") from None


def _beside(rule: Normalise) -> tuple[str, ...]:
    """Columns that a rule reads beside the indicator's own."""
    name = rule.target_of if isinstance(rule, TargetRatio) else rule.weighted_by if isinstance(rule, RatioToMean) else None
    return () if name is None else (name,)


def _once(ids: list[str]) -> None:
    if twice := sorted({entry for entry in ids if ids.count(entry) > 1}):
        raise ValueError(f"stands twice: {', '.join(twice)}")
