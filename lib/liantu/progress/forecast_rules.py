"""forecasting.yml: what the nowcast and the forecasts of the targets assume before looking at the ledgers, each with its reason."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from liantu.reference import City, city
from liantu.reference.loading import Entry, load
from liantu.reference.opened import kept

Share = Annotated[float, Field(ge=0, le=1)]
Inside = Annotated[float, Field(gt=0, lt=1)]
Weight = Annotated[float, Field(gt=0)]
Reason = Annotated[str, Field(min_length=10)]


class Triangle(Entry):
    """Up to how many quarters after its own an event's report is followed, and what is held before looking.

    `weight`: how many events the delay of `UnseenDelay` counts; `stages_weight`: how many the delay of all stages counts for one stage;
    `dispersion` of the counts, worth `dispersion_weight` numbers; `week_spread`: standard deviation of the log step from week to week;
    `season_spread`: the same of that step less the step a year before.
    """

    lags: Annotated[int, Field(ge=1)]
    weight: Weight
    stages_weight: Weight
    dispersion: Weight
    dispersion_weight: Weight
    week_spread: Weight
    season_spread: Weight
    reason: Reason


class Tail(Entry):
    """Beyond the last lag seen each further quarter reports `ratio` of what the quarter before it did."""

    ratio: Annotated[float, Field(ge=0, lt=1)]
    reason: Reason
    source: str


class UnseenDelay(Entry):
    """The delay that stands in where one snapshot tells none: share reported in the quarter itself, half of the rest each `half_days`."""

    first_quarter: Inside
    half_days: Weight
    weight: Weight
    reason: Reason
    source: str


class Moved(Entry):
    """Shares of counted projects a quarter whose date moves out of and into the window; `weight` is what they count, in projects."""

    withdrawn: Inside
    dated_into: Inside
    weight: Weight
    reason: Reason
    source: str


class CarriedOver(Entry):
    """Chance a quarter, by where a project started before the window stands, that the next ledger shows it at work."""

    shares: dict[str, Inside]
    weight: Weight
    reason: Reason
    source: str


class BackTest(Entry):
    """How many draws a back-test forecast has."""

    draws: Annotated[int, Field(ge=50)]
    reason: Reason


class ForecastRules(Entry):
    """forecasting.yml; the meaning of each number is in docs/methods/milestones.md."""

    source: str
    triangle: Triangle
    tail: Tail
    unseen_delay: UnseenDelay
    moved: Moved
    carried_over: CarriedOver
    back_test: BackTest


@kept()
def forecast_rules(of: City | None = None) -> ForecastRules:
    """The rules of a city, by default of the city that is shipped.

    Raises ReferenceFileError when the file is missing or breaks its rules.
    """
    return load(ForecastRules, (of or city()).folder / "forecasting.yml")
