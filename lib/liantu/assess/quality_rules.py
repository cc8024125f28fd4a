"""How quality is judged: the typed form of `quality.yml`."""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated

from pydantic import Field, model_validator

from liantu.reference import City
from liantu.reference.loading import Entry, Named, load
from liantu.reference.opened import kept
from liantu.tables.contracts import EARLY_STAGES, OBSERVATIONS, STAGES

Patterns = tuple[Annotated[str, Field(min_length=1)], ...]


class Dimension(Named):
    """One side of quality: its name in the standards, its weight, and the rules whose findings count against it."""

    id: Annotated[str, Field(pattern=r"^[a-z_]+$")]
    gbt: str | None
    iso: str | None
    weight: Annotated[float, Field(gt=0)]
    counts_zh: str
    counts_en: str
    rules: Patterns
    by_rule: bool
    """True where a row is good when it has no finding of these rules."""

    def counts(self, lang: str) -> str:
        """What is counted, in `lang`."""
        return self.counts_zh if lang == "zh" else self.counts_en


class AskedField(Named):
    """A field that a county's project ledger should give; any of `columns` will do, `since` and `until` limit it to stages."""

    id: Annotated[str, Field(pattern=r"^[a-z_]+$")]
    columns: Annotated[tuple[str, ...], Field(min_length=1)]
    since: str | None = Field(None, alias="from")
    until: str | None = None
    why: str

    @model_validator(mode="after")
    def _is_known(self) -> AskedField:
        if unknown := sorted(set(self.columns) - set(OBSERVATIONS.names)):
            raise ValueError(f"{self.id}: not a column of observations: {unknown}")
        if unknown := sorted({self.since, self.until} - {None, *EARLY_STAGES, *STAGES}):
            raise ValueError(f"{self.id}: not a stage: {unknown}")
        return self


class Action(Named):
    """What the reporter has to do about the findings of some rules."""

    id: Annotated[str, Field(pattern=r"^[a-z_]+$")]
    rules: Patterns


class QualityRules(Entry):
    """quality.yml."""

    source: str
    dimensions: Annotated[tuple[Dimension, ...], Field(min_length=1)]
    fields: Annotated[tuple[AskedField, ...], Field(min_length=1)]
    actions: Annotated[tuple[Action, ...], Field(min_length=1)]
    kept: Patterns = ()
    of_next: Patterns = ()
    names: Mapping[str, Named] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _every_rule_is_placed(self) -> QualityRules:
        for key, entries in (("dimensions", self.dimensions), ("fields", self.fields), ("actions", self.actions)):
            ids = [entry.id for entry in entries]
            if len(set(ids)) != len(ids):
                raise ValueError(f"{key}: an id stands twice: {sorted({entry for entry in ids if ids.count(entry) > 1})}")
        for key, entries in (("dimensions", self.dimensions), ("actions", self.actions)):
            if not any("*" in entry.rules for entry in entries):
                raise ValueError(f"{key}: one entry must take all other rules (\"*\")")
        return self

    @property
    def weights(self) -> dict[str, float]:
        """The weight of each dimension."""
        return {dimension.id: dimension.weight for dimension in self.dimensions}

    def dimension_of(self, rule: str) -> str:
        """The dimension against which a finding of `rule` counts."""
        return _placed(rule, {dimension.id: dimension.rules for dimension in self.dimensions})

    def action_of(self, rule: str) -> str:
        """What a finding of `rule` asks of the reporter."""
        return _placed(rule, {action.id: action.rules for action in self.actions})

    def keeps(self, rule: str) -> bool:
        """True when the value as written stands in the tables in spite of `rule`."""
        return any(fnmatchcase(rule, pattern) for pattern in self.kept)

    def speaks_of_next(self, rule: str) -> bool:
        """True when a finding of `rule` stands in one ledger and speaks of the next."""
        return any(fnmatchcase(rule, pattern) for pattern in self.of_next)

    def rule_name(self, rule: str, lang: str) -> str:
        """The short name of a rule, its id where it has none."""
        return self.names[rule].name(lang) if rule in self.names else rule


def quality_rules(city: City) -> QualityRules:
    """The city's quality.yml; ReferenceFileError names file, key and rule when it is wrong."""
    return _load(city.folder / "quality.yml")


@kept()
def _load(path: Path) -> QualityRules:
    return load(QualityRules, path)


def _placed(rule: str, patterns: dict[str, Patterns]) -> str:
    """The first entry with a pattern that matches; `*` alone stands back behind all others."""
    for wanted in (False, True):
        for entry, words in patterns.items():
            if any((word == "*") == wanted and fnmatchcase(rule, word) for word in words):
                return entry
    raise AssertionError(rule)  # the model requires an entry with "*"
