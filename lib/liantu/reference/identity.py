"""identity.yml: the words and thresholds by which two ledger rows are judged to report the same project."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from liantu.reference.loading import Entry

Share = Annotated[float, Field(ge=0, le=1)]
Nudge = Annotated[float, Field(ge=-0.1, le=0.1)]


class PhasePattern(Entry):
    """How a phase, lot or plot is written; group 1 is its number."""

    kind: Literal["phase", "lot", "plot", "batch", "number", "area", "year"]
    pattern: str

    @field_validator("pattern")
    @classmethod
    def _one_group(cls, pattern: str) -> str:
        if re.compile(pattern).groups != 1:
            raise ValueError("the pattern must have exactly one group: the number")
        return pattern


class Weights(Entry):
    """What each feature adds to the score; they sum to 1."""

    name: Share
    company: Share
    county: Share
    amount: Share
    numbers: Share
    phase: Share

    @model_validator(mode="after")
    def _sum_to_one(self) -> Weights:
        total = sum(self.model_dump().values())
        if abs(total - 1) > 1e-9:
            raise ValueError(f"the weights must sum to 1, they sum to {total:g}")
        return self


class Unknowns(Entry):
    """What a feature counts where one of the two rows says nothing."""

    company: Share
    company_same_name: Share
    amount: Share
    numbers: Share
    phase: Share
    county: Share


class AmountRatio(Entry):
    """The ratio of the smaller amount to the larger from which amounts are alike, and up to which they have nothing in common."""

    alike: Share
    apart: Share


class Thresholds(Entry):
    """Scores from which two rows are merged, proposed, or recorded as kept apart."""

    merged: Share
    proposed: Share
    near_miss: Share


class Blocking(Entry):
    """Which pairs of rows are looked at, and how many at most; see the file."""

    common_share: Share
    common_count: Annotated[int, Field(ge=1)]
    pairs_each: Annotated[int, Field(ge=1)]
    side_by_side_rows: Annotated[int, Field(ge=0)]
    followed: Annotated[int, Field(ge=1)]
    chunk: Annotated[int, Field(ge=1)]


class UnitSlip(Entry):
    """Ratios of two amounts that a wrong unit explains, and what the amount then counts."""

    ratios: tuple[Annotated[float, Field(gt=1)], ...]
    worth: Share


class Nudges(Entry):
    """What chain, area and start add to a score; small, because none of them decides alone."""

    chain_same: Nudge
    chain_differs: Nudge
    area_same: Nudge
    area_apart: Nudge
    start_same: Nudge
    start_apart: Nudge


class StartDays(Entry):
    """Days between two actual starts up to which they are the same, and from which they lie apart."""

    same: Annotated[int, Field(ge=0)]
    apart: Annotated[int, Field(ge=1)]


class Packages(Entry):
    """Patterns that say that one row stands for many works: by themselves, or only beside other evidence."""

    strong: tuple[str, ...]
    weak: tuple[str, ...]


class Reporters(Entry):
    """Words in a file's name or title that tell who sends it."""

    zone: tuple[str, ...]
    department: tuple[str, ...]


class PartWeights(Entry):
    """What each piece of evidence adds to the score of a part; they sum to 1."""

    words: Share
    name: Share
    company: Share
    sum: Share
    gone: Share
    count: Share

    @model_validator(mode="after")
    def _sum_to_one(self) -> PartWeights:
        total = sum(self.model_dump().values())
        if abs(total - 1) > 1e-9:
            raise ValueError(f"the weights must sum to 1, they sum to {total:g}")
        return self


class SumBounds(Entry):
    """Between which shares of the whole's amount the sum of its parts must lie."""

    low: Share
    high: Annotated[float, Field(ge=1)]


class PartRules(Entry):
    """How a packaged project and its parts are told."""

    weights: PartWeights
    name: Share
    sum: SumBounds
    sum_alone: SumBounds
    linked: Share
    proposed: Share
    pieces: Annotated[int, Field(ge=1)]


class IdentityRules(Entry):
    """identity.yml."""

    source: str
    legal_forms: tuple[str, ...]
    places: tuple[str, ...]
    name_suffixes: tuple[str, ...]
    variants: dict[str, tuple[str, ...]]
    phases: tuple[PhasePattern, ...]
    capacity: str
    units: dict[str, Annotated[float, Field(gt=0)]]
    traditional: tuple[str, ...]
    no_company: tuple[str, ...]
    packages: Packages
    sites: tuple[str, ...]
    ranks: str
    opposites: tuple[str, ...]
    enclave: tuple[str, ...]
    reporters: Reporters
    weights: Weights
    unknown: Unknowns
    amount_ratio: AmountRatio
    unit_slip: UnitSlip
    nudges: Nudges
    start_days: StartDays
    abbreviation: dict[int, Share]
    company_abbreviation: dict[int, Share]
    company_in_name: Share
    brand_length: Annotated[int, Field(ge=3)]
    same_company: Share
    different_company: Share
    same_code: Share
    public_bodies: tuple[str, ...]
    distinctive_name: Annotated[int, Field(ge=1)]
    generic_name: Annotated[int, Field(ge=1)]
    thresholds: Thresholds
    margin: Share
    blocking: Blocking
    parts: PartRules
    problem_name: Share
