"""indicators.yml: what each indicator is, how it is counted, how uncertainty is drawn, and whom to praise, to talk to and to watch."""

from __future__ import annotations

from string import Formatter
from typing import Annotated, Literal

from pydantic import Field, model_validator

from liantu.reference import City, city
from liantu.reference.loading import Entry, Named, load
from liantu.reference.opened import kept

Group = Literal["county", "zone", "department", "task_force", "enterprise"]
Id = Annotated[str, Field(pattern=r"^[a-z0-9_]+$")]
Share = Annotated[float, Field(gt=0, lt=1)]
Count = Annotated[int, Field(ge=1)]


class Worded(Named):
    """An id with its words; {fields} of the two languages are the same."""

    id: Id

    @model_validator(mode="after")
    def _same_fields(self) -> Worded:
        fields = [{name for _, name, _, _ in Formatter().parse(text) if name} for text in (self.zh, self.en)]
        if fields[0] != fields[1]:
            raise ValueError(f"{self.id}: zh and en do not have the same fields: {sorted(fields[0] ^ fields[1])}")
        return self


class Indicator(Named):
    """One measure; the comments of indicators.yml say what `kind`, `span` and `dated` mean."""

    id: Id
    unit: Id
    groups: Annotated[tuple[Group, ...], Field(min_length=1)]
    direction: Literal["up", "down"]
    kind: Literal["count", "share", "ratio", "mean", "money", "difference", "total"]
    span: Literal["window", "year", "stock"]
    dated: bool
    counted_from: str
    counting_zh: Annotated[str, Field(min_length=1)]
    counting_en: Annotated[str, Field(min_length=1)]
    source: Annotated[str, Field(min_length=1)]

    def counting(self, lang: str) -> str:
        """How it is counted, in `lang`."""
        return self.counting_zh if lang == "zh" else self.counting_en


class Uncertainty(Entry):
    """How many draws, of which level, from which seed."""

    source: str
    draws: Annotated[int, Field(ge=200)]
    level: Share
    least_dated: Share
    weightings: Count
    seed: int
    incomplete_months: Annotated[int, Field(ge=0)]


class Watch(Entry):
    """Thresholds of praise, talks and watching, and the words of each reason."""

    source: str
    part: Share
    missed_quarters: Count
    contradicted: Count
    contradicted_share: Share
    overdue: Count
    kinds: tuple[Worded, ...]
    reasons: tuple[Worded, ...]


class Advice(Entry):
    """How many things to do, how many items behind each, and the words of each reason."""

    source: str
    things: Count
    items: Count
    reasons: tuple[Worded, ...]
    matters: tuple[Worded, ...]


class IndicatorRules(Entry):
    """indicators.yml."""

    source: str
    indicators: tuple[Indicator, ...]
    units: tuple[Worded, ...]
    yi: Named
    uncertainty: Uncertainty
    watch: Watch
    advice: Advice
    notes: tuple[Worded, ...]

    @model_validator(mode="after")
    def _known_once(self) -> IndicatorRules:
        for name in ("indicators", "units", "notes"):
            ids = [entry.id for entry in getattr(self, name)]
            if twice := sorted({found for found in ids if ids.count(found) > 1}):
                raise ValueError(f"{name}: twice: {twice}")
        if strange := sorted({entry.unit for entry in self.indicators} - {entry.id for entry in self.units}):
            raise ValueError(f"units without an entry: {strange}")
        return self

    def of(self, group: str) -> tuple[Indicator, ...]:
        """The indicators of a group, in their order."""
        return tuple(entry for entry in self.indicators if group in entry.groups)

    def by_id(self, indicator: str) -> Indicator:
        """One indicator; raises KeyError for an unknown id."""
        for entry in self.indicators:
            if entry.id == indicator:
                return entry
        raise KeyError(indicator)

    def unit(self, indicator: str, lang: str) -> str:
        """The name of an indicator's unit in `lang`."""
        wanted = self.by_id(indicator).unit
        return next(entry for entry in self.units if entry.id == wanted).name(lang)

    def note(self, code: str, lang: str) -> str:
        """A note of a value (`code` or `code:number`) as words in `lang`; empty for none."""
        name, _, number = code.partition(":")
        words = {entry.id: entry.name(lang) for entry in self.notes}
        return words[name].format(n=number) if name else ""


@kept()
def indicator_rules(of: City | None = None) -> IndicatorRules:
    """The indicators of a city, by default of the city that is shipped.

    Raises ReferenceFileError when the file is missing or breaks its rules.
    """
    return load(IndicatorRules, (of or city()).folder / "indicators.yml")
