"""The rules of the evidence audit as data: the typed form of `evidence.yml`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from liantu.progress.counts import FLOW, STAGE_OF
from liantu.reference import City, city
from liantu.reference.loading import Entry, Named, load
from liantu.reference.opened import kept

SEVERITIES = ("high", "medium", "low")
"""The worst first."""
Severity = Literal["high", "medium", "low"]
Id = Annotated[str, Field(pattern=r"^[a-z_]+$")]


class EvidenceRule(Named):
    """One rule: what it is called, how heavy a finding is, what it doubts, what would settle it, where it comes from, and its caveat."""

    id: Id
    severity: Severity
    weight: Annotated[float, Field(gt=0)] = 1.0
    stage: str
    """The stage that it puts in doubt; empty: none, or told by each finding."""
    unit: Literal["project", "reporter"] = "project"
    parameters: Mapping[str, Any] = {}
    settles_zh: Annotated[str, Field(min_length=1)]
    settles_en: Annotated[str, Field(min_length=1)]
    source: Annotated[str, Field(min_length=1)]
    caveat_zh: Annotated[str, Field(min_length=1)]
    caveat_en: Annotated[str, Field(min_length=1)]

    def settles(self, lang: str) -> str:
        """The proof that would end the doubt, in `lang`."""
        return self.settles_zh if lang == "zh" else self.settles_en

    def caveat(self, lang: str) -> str:
        """What a finding does not show, in `lang`."""
        return self.caveat_zh if lang == "zh" else self.caveat_en


class EvidenceRules(Entry):
    """evidence.yml; the meaning of each number is in docs/methods/assessment.md."""

    source: str
    severity_weight: Mapping[Severity, Annotated[float, Field(gt=0)]]
    supports: Mapping[str, tuple[tuple[str, ...], ...]]
    """For each measure of a target the sets of facts, any one of which, complete, supports a claim."""
    most_spent: Annotated[float, Field(gt=0, le=1)]
    rules: Annotated[tuple[EvidenceRule, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _fits(self) -> EvidenceRules:
        from liantu.assess.evidence.support import FACTS

        ids = [rule.id for rule in self.rules]
        if len(set(ids)) != len(ids):
            raise ValueError(f"rules: an id stands twice: {sorted({entry for entry in ids if ids.count(entry) > 1})}")
        if strange := {rule.stage for rule in self.rules} - {"", *FLOW}:
            raise ValueError(f"rules: not stages of a life: {sorted(strange)}")
        if set(self.severity_weight) != set(SEVERITIES):
            raise ValueError(f"severity_weight: must give {', '.join(SEVERITIES)}")
        if strange := set(STAGE_OF) ^ set(self.supports):
            raise ValueError(f"supports: must give every measure once, not so: {sorted(strange)}")
        if strange := {fact for sets in self.supports.values() for facts in sets for fact in facts} - set(FACTS):
            raise ValueError(f"supports: unknown facts {sorted(strange)}; there are {', '.join(FACTS)}")
        return self

    def rule(self, name: str) -> EvidenceRule:
        """A rule by its id; KeyError for another."""
        for rule in self.rules:
            if rule.id == name:
                return rule
        raise KeyError(name)


def evidence_rules(of: City | None = None) -> EvidenceRules:
    """The city's evidence.yml; ReferenceFileError names file, key and rule when it is wrong."""
    return _load((of or city()).folder / "evidence.yml")


@kept()
def _load(path: Path) -> EvidenceRules:
    return load(EvidenceRules, path)
