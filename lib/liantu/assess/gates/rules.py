"""What the gates ask and what is wanted of a project: the typed form of `gates.yml`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from liantu.reference import City, city
from liantu.reference.chains import Confidence
from liantu.reference.loading import Entry, Named, load
from liantu.reference.opened import kept

Id = Annotated[str, Field(pattern=r"^[a-z0-9_]+$")]
Code = Annotated[str, Field(pattern=r"^([A-T]|\d{2,4})$")]
Share = Annotated[float, Field(ge=0, le=1)]
Part = Literal["gate", "chain", "gap", "scale", "technology", "energy"]
Sign = Literal["eliminated", "key_field", "six_small", "energy"]


class Listed(Named):
    """Industries on a list, by the first digits of their codes; a name with one of `words` is on it too."""

    id: Id
    codes: tuple[Code, ...]
    words: tuple[str, ...] = ()
    source: Annotated[str, Field(min_length=1)]
    confidence: Confidence


class SixSmall(Listed):
    """A kind of the 六小: small below these tonnes a year, or, where no tonnes are stated, below this investment."""

    below_tonnes: Annotated[float, Field(gt=0)] | None = None
    below_wan: Annotated[float, Field(gt=0)]


class Eliminated(Entry):
    """Words in a name that say a process that is to be given up."""

    source: str
    confidence: Confidence
    words: tuple[str, ...]


class NameWords(Entry):
    """Industry codes of a project whose name has one of `words`."""

    words: Annotated[tuple[str, ...], Field(min_length=1)]
    codes: Annotated[tuple[Code, ...], Field(min_length=1)]


class EnergyRules(Entry):
    """When the median of an industry stands, above how many times the register's energy is high, and of what it has to be for a verdict."""

    few: Annotated[int, Field(ge=1)]
    times_median: Annotated[float, Field(gt=0)]
    counts_from: tuple[Literal["firm", "class", "group", "division"], ...]


class TechSmall(Entry):
    """What a small project of technology is."""

    below_wan: Annotated[float, Field(gt=0)]
    groups: tuple[str, ...]
    words: tuple[str, ...]


class GateRules(Entry):
    """gates.yml; the meaning of each entry is in docs/methods/assessment.md."""

    source: str
    two_high: tuple[Listed, ...]
    high_energy: tuple[Listed, ...]
    key_fields: tuple[Listed, ...]
    capacity: tuple[Listed, ...]
    eliminated: Eliminated
    six_small_note: Named
    six_small: tuple[SixSmall, ...]
    safety: tuple[Listed, ...]
    name_words: tuple[NameWords, ...]
    categories: dict[str, tuple[Code, ...]]
    energy: EnergyRules
    level: Annotated[float, Field(gt=0.5, lt=1)]
    few: Annotated[int, Field(ge=1)]
    neighbours: tuple[str, ...]
    from_here: tuple[str, ...]
    flagship_wan: Annotated[float, Field(gt=0)]
    tech_small: TechSmall
    squeezed_out: tuple[Sign, ...]
    gap_states: tuple[str, ...]
    missing_states: tuple[str, ...]
    points: dict[Part, Annotated[float, Field(ge=0)]]
    gate_points: dict[Literal["pass", "attention", "stop"], Share]

    @model_validator(mode="after")
    def _holds_together(self) -> GateRules:
        for name in ("two_high", "high_energy", "key_fields", "capacity", "six_small", "safety"):
            ids = [entry.id for entry in getattr(self, name)]
            if twice := sorted({one for one in ids if ids.count(one) > 1}):
                raise ValueError(f"{name}: ids that stand twice: {twice}")
        if sum(self.points.values()) != 100:
            raise ValueError(f"points: the parts must add up to 100, found {sum(self.points.values())}")
        if set(self.missing_states) - set(self.gap_states):
            raise ValueError("missing_states: must be among gap_states")
        return self

    def names(self, lang: str) -> dict[str, str]:
        """What the entries of the lists are called, by `list:id`."""
        lists = ("two_high", "key_fields", "capacity", "six_small", "safety")
        return {f"{name}:{entry.id}": entry.name(lang) for name in lists for entry in getattr(self, name)}


@kept()
def gate_rules(of: City | None = None) -> GateRules:
    """The rules of a city, by default of the city that is shipped.

    Raises ReferenceFileError when the file is missing or breaks its rules.
    """
    return load(GateRules, (of or city()).folder / "gates.yml")
