"""checking.yml: scales, thresholds and words by which ledger rows are held against each other."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated

from pydantic import Field, field_validator

from liantu.reference.loading import Entry, load
from liantu.reference.opened import kept

if TYPE_CHECKING:
    from liantu.reference.city import City

Positive = Annotated[float, Field(gt=0)]


class Evidence(Entry):
    """How far, in powers of ten, a figure usually lies below and above what another says, and what that may count at most."""

    below: Positive
    above: Positive
    cap: Positive
    centre: float = 0.0
    cap_alone: Positive | None = None
    """What a single other figure may count at most."""
    against: Positive | None = None
    """What may be counted against a slip at most, where that is less than the cap."""
    why: str


class SheetEvidence(Entry):
    """When the figures of one column of a sheet say what is usual there."""

    least_rows: Annotated[int, Field(ge=3)]
    least_scale: Positive
    growing: float = 0.0
    """The least scale downwards of a sum that grows from nothing."""
    cap: Positive
    least_others: Annotated[int, Field(ge=2)] = 3
    why: str


class SlipRules(Entry):
    """When a figure is suspected to be written in another unit."""

    modified_z: Positive
    rarity: Positive
    certainty: Positive
    least_shift: Positive
    exact: Positive
    units: dict[str, dict[str, float]]
    columns: dict[str, str]
    history: Evidence
    others: Evidence
    plan_of_total: Evidence
    done_of_total: Evidence
    done_of_plan: Evidence
    sheet: SheetEvidence
    per_mu: Evidence
    typical: Evidence
    whole_sheet: SheetEvidence

    def shifts(self, column: str) -> tuple[float, ...]:
        """The powers of ten by which a figure of this column reads too high (positive) or too low when it stands in another unit."""
        powers = self.units[self.columns[column]].values()
        return tuple(sorted({round(stated - written, 6) for stated in powers for written in powers if stated != written}))


class ChangeRules(Entry):
    """Which sums are held against what was reported before, and from which difference they have changed."""

    least_share: Positive
    amounts: tuple[str, ...]
    amounts_of_year: tuple[str, ...]
    falling: tuple[str, ...]
    falling_in_year: tuple[str, ...]


class ReasonWords(Entry):
    """Words by which a sentence of a note says why something changed."""

    words: tuple[str, ...]
    not_words: tuple[str, ...]
    breaks: str

    @field_validator("words")
    @classmethod
    def _readable(cls, words: tuple[str, ...]) -> tuple[str, ...]:
        for word in words:
            re.compile(word)
        return words


class VanishingRules(Entry):
    """When a reporter's next ledger is of the series that a project should stand in."""

    least_kept: Annotated[float, Field(gt=0, le=1)]
    """The share of a ledger's other projects that must stand in the reporter's later ones."""
    why: str


class CheckingRules(Entry):
    """checking.yml."""

    source: str
    slips: SlipRules
    changes: ChangeRules
    reasons: ReasonWords
    vanishing: VanishingRules


@kept()
def checking_rules(city: City) -> CheckingRules:
    """The rules of a city by which rows are held against each other; a broken file is an error that names the key."""
    return load(CheckingRules, city.folder / "checking.yml")
