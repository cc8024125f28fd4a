"""identity.yml: the words and thresholds by which two ledger rows are judged to report the same project."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from liantu.reference.loading import Entry

Share = Annotated[float, Field(ge=0, le=1)]


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
    """Pairs of characters in more names than this are too common to propose a pair of rows."""

    common_share: Share
    common_count: Annotated[int, Field(ge=1)]


class Reporters(Entry):
    """Words in a file's name or title that tell who sends it."""

    zone: tuple[str, ...]
    department: tuple[str, ...]


class IdentityRules(Entry):
    """identity.yml."""

    source: str
    legal_forms: tuple[str, ...]
    places: tuple[str, ...]
    name_suffixes: tuple[str, ...]
    variants: dict[str, tuple[str, ...]]
    phases: tuple[PhasePattern, ...]
    reporters: Reporters
    weights: Weights
    unknown: Unknowns
    amount_ratio: AmountRatio
    abbreviation: dict[int, Share]
    company_abbreviation: dict[int, Share]
    company_in_name: Share
    brand_length: Annotated[int, Field(ge=3)]
    same_company: Share
    same_code: Share
    public_bodies: tuple[str, ...]
    distinctive_name: Annotated[int, Field(ge=1)]
    thresholds: Thresholds
    margin: Share
    blocking: Blocking
    problem_name: Share
