"""How the value of an indicator becomes a share of its points, or points: the typed kinds of `normalise` in a scoring file."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field, model_validator

from liantu.reference.loading import Entry

Id = Annotated[str, Field(pattern=r"^[a-z0-9_]+$")]
Share = Annotated[float, Field(ge=0, le=1)]


FINITE = ConfigDict(allow_inf_nan=False)
"""No number of a scoring file may be infinite or missing."""


class Finite(Entry):
    """A piece of a scoring file."""

    model_config = FINITE


class _Limited(Finite):
    """A share of the points that is held between a floor and a cap, where the rule states them."""

    cap: float | None = None
    floor: float | None = None

    @model_validator(mode="after")
    def _cap_over_floor(self) -> _Limited:
        check_limits(self.cap, self.floor)
        return self


class TargetRatio(_Limited):
    """Value over target (down: target over value); the target is a number, or the unit's own in the column `target_of`."""

    kind: Literal["target_ratio"]
    target: Annotated[float, Field(gt=0)] | None = None
    target_of: Id | None = None

    @model_validator(mode="after")
    def _one_target(self) -> TargetRatio:
        if (self.target is None) == (self.target_of is None):
            raise ValueError("target: state either target (a number) or target_of (a column)")
        return self


class Efficacy(Finite):
    """功效系数: base + (1 - base) x (x - min) / (max - min); `low` and `high` may both be stated, else they are the units' own."""

    kind: Literal["efficacy"]
    base: Annotated[float, Field(ge=0, lt=1)] = 0.6
    low: float | None = None
    high: float | None = None
    equal: Share = 1.0
    """How far up the way from min to max all units stand when max = min."""

    @model_validator(mode="after")
    def _high_over_low(self) -> Efficacy:
        if (self.low is None) != (self.high is None):
            raise ValueError("high: state both low and high, or neither")
        if self.low is not None and self.high is not None and self.high <= self.low:
            raise ValueError(f"high: must be above low, found {self.high:g} and {self.low:g}")
        return self


class MinMax(Finite):
    """(x - min) / (max - min)."""

    kind: Literal["min_max"]
    equal: Share = 1.0


class Rank(Finite):
    """From `first` for the best unit to `last` for the last one in even steps; ties share their mean rank."""

    kind: Literal["rank"]
    first: Share = 1.0
    last: Share = 0.0

    @model_validator(mode="after")
    def _first_over_last(self) -> Rank:
        if self.first <= self.last:
            raise ValueError(f"last: must be below first, found {self.last:g} and {self.first:g}")
        return self


class ZScore(_Limited):
    """middle + per_sd x (x - mean) / sd; ddof 0: the units are all there are, 1: a sample of more."""

    kind: Literal["z"]
    ddof: Literal[0, 1] = 0
    middle: float = 0.5
    per_sd: Annotated[float, Field(gt=0)] = 1 / 6
    cap: float | None = 1.0
    floor: float | None = 0.0


class RatioToMean(_Limited):
    """Value over mean (down: mean over value); the mean is the units' own, weighted by column `weighted_by`, or the stated `mean`."""

    kind: Literal["ratio_to_mean"]
    mean: Annotated[float, Field(gt=0)] | None = None
    weighted_by: Id | None = None

    @model_validator(mode="after")
    def _one_mean(self) -> RatioToMean:
        if self.mean is not None and self.weighted_by is not None:
            raise ValueError("weighted_by: a stated mean has no weights")
        return self


class Step(Finite):
    """Values of at least `at_least` and below the next step get `points`."""

    at_least: float
    points: float


class Steps(Finite):
    """Points by classes of the value; a value below the first step gets `below`."""

    kind: Literal["steps"]
    steps: Annotated[tuple[Step, ...], Field(min_length=1)]
    below: float = 0.0

    @model_validator(mode="after")
    def _steps_rise(self) -> Steps:
        limits = [step.at_least for step in self.steps]
        if limits != sorted(set(limits)):
            raise ValueError(f"steps: at_least must rise, found {limits}")
        return self


class PerUnit(Finite):
    """Points for each one counted; `beyond`: only what is over it counts, `short_of`: what is missing to it counts."""

    kind: Literal["per_unit"]
    each: float
    beyond: float | None = None
    short_of: float | None = None

    @model_validator(mode="after")
    def _one_way(self) -> PerUnit:
        if self.beyond is not None and self.short_of is not None:
            raise ValueError("short_of: state either beyond or short_of")
        return self


class AsIs(Finite):
    """The value is the points (a panel's marks)."""

    kind: Literal["as_is"]


Normalise = Annotated[TargetRatio | Efficacy | MinMax | Rank | ZScore | RatioToMean | Steps | PerUnit | AsIs, Field(discriminator="kind")]
POINTS = (Steps, PerUnit, AsIs)
"""Kinds that give points; all others give a share of the weight."""


def check_limits(cap: float | None, floor: float | None) -> None:
    """Raise ValueError where a cap lies below its floor."""
    if cap is not None and floor is not None and cap < floor:
        raise ValueError(f"cap: {cap:g} is below the floor {floor:g}")


def check_direction(rule: Normalise, direction: str) -> None:
    """Raise ValueError where the points that a rule gives run against the direction that it states."""
    sign = 1.0 if direction == "up" else -1.0
    if isinstance(rule, AsIs) and direction == "down":
        raise ValueError("direction: as_is counts up (use per_unit with a negative each)")
    if isinstance(rule, PerUnit) and sign * rule.each * (-1 if rule.short_of is not None else 1) < 0:
        raise ValueError(f"each: {rule.each:g} runs against the direction {direction}")
    if isinstance(rule, Steps):
        points = [sign * rule.below, *(sign * step.points for step in rule.steps)]
        if points != sorted(points):
            raise ValueError(f"steps: points must go {direction} with the value, found {[rule.below, *(s.points for s in rule.steps)]}")
    if isinstance(rule, TargetRatio | RatioToMean) and direction == "down" and rule.cap is None:
        raise ValueError("cap: a ratio with direction down needs one (the value may be 0)")
