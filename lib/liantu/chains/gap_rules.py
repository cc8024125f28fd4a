"""gaps.yml: what counts as a gap, how sure an order must be, and the base rates of projects that come to produce."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from liantu.reference import City, city
from liantu.reference.loading import Entry, load
from liantu.reference.opened import kept

Share = Annotated[float, Field(ge=0, le=1)]


class BaseRates(Entry):
    """Shares of projects of a stage that produce within the horizon, held before looking; `weight` is what they count, in projects."""

    weight: Annotated[float, Field(gt=0)]
    stages: dict[str, Share]


class Push(Entry):
    """How far what is made here asks for a link that would use it: by inputs of `least` intensity, up to so many ordinary `plants`."""

    least: Share
    plants: Annotated[float, Field(gt=0)]


class Uncertainty(Entry):
    """How far intensities and capacities are moved, how often, and at which level intervals and orders are told."""

    spread: Annotated[float, Field(gt=0, lt=1)]
    draws: Annotated[int, Field(ge=10)]
    level: Annotated[float, Field(gt=0.5, lt=1)]


class GapRules(Entry):
    """chains/gaps.yml; the meaning of each number is in docs/methods/chains.md."""

    source: str
    horizon_days: Annotated[int, Field(ge=1)]
    hhi_weak: Share
    covered: Share
    price_floor: Annotated[float, Field(gt=0)]
    push: Push
    slow_quantile: Share
    base_rates: BaseRates
    uncertainty: Uncertainty
    targets_shown: Annotated[int, Field(ge=1)]


@kept()
def gap_rules(of: City | None = None) -> GapRules:
    """The rules of a city, by default of the city that is shipped.

    Raises ReferenceFileError when the file is missing or breaks its rules.
    """
    return load(GapRules, (of or city()).folder / "chains" / "gaps.yml")
