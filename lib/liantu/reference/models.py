"""The typed forms of everything that makes the city this city; every entry names its source."""

from __future__ import annotations

import datetime as dt
import re
from functools import cache
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from liantu.reference.loading import Entry, Named

Source = Annotated[str, Field(min_length=3)]


class Division(Named):
    """A county-level division (or the city itself) by GB/T 2260."""

    code: Annotated[str, Field(pattern=r"^\d{6}$")]
    short_zh: str
    short_en: str
    aliases: tuple[str, ...] = ()
    kind: Literal["city", "district", "county", "county_city"]
    source: Source


class NotHere(Named):
    """A place with a similar name that must never be read as one of ours."""

    code: str
    names: tuple[str, ...]
    why: str


class Divisions(Entry):
    """divisions.yml."""

    city: Division
    counties: tuple[Division, ...]
    not_here: tuple[NotHere, ...]

    def by_code(self, code: str) -> Division:
        """The division of a code; the city's own included."""
        for division in (self.city, *self.counties):
            if division.code == code:
                return division
        raise KeyError(code)

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of the counties, in the order of GB/T 2260."""
        return tuple(county.code for county in self.counties)


class Target(Named):
    """A number that the city promised, and how it is counted."""

    id: str
    value: Annotated[float, Field(gt=0)] | None
    unit: str
    at_least: bool = False
    measure: str | None = None
    window_start: dt.date | None = None
    due: dt.date
    counting_zh: str
    counting_en: str
    source: Source

    def moved_to(self, year: int) -> Target:
        """The same count in another year, without a value."""
        start = self.window_start and self.window_start.replace(year=year)
        return self.model_copy(update={"value": None, "due": self.due.replace(year=year), "window_start": start,
                                       "source": f"no target on record for {year}"})


class BaseRate(Named):
    """A published number to hold a target against."""

    target: str
    year: int
    value: float
    note: str
    source: Source


class Targets(Entry):
    """targets/<year>.yml."""

    year: int
    targets: tuple[Target, ...]
    base_rates: tuple[BaseRate, ...] = ()

    @model_validator(mode="after")
    def _one_of_each(self) -> Targets:
        ids = [target.id for target in self.targets]
        if len(set(ids)) != len(ids):
            raise ValueError("two targets share an id")
        return self

    def by_id(self, target: str) -> Target:
        """The target with this id."""
        return {entry.id: entry for entry in self.targets}[target]

    def without_values(self, year: int) -> Targets:
        """The same counting rules moved to a year for which no target is on record."""
        return Targets(year=year, targets=tuple(target.moved_to(year) for target in self.targets if target.measure))


class Theme(Named):
    """What one quarter of the year is about, and the question its page must answer."""

    quarter: Annotated[int, Field(ge=1, le=4)]
    question_zh: str
    question_en: str
    events_zh: tuple[str, ...] = ()
    events_en: tuple[str, ...] = ()
    source: Source


class WinterPause(Entry):
    """The months in which outdoor works rest."""

    start_month: int
    start_day: int
    end_month: int
    end_day: int
    source: Source


class YearCalendar(Entry):
    """calendar.yml."""

    themes: tuple[Theme, Theme, Theme, Theme]
    winter_pause: WinterPause

    def theme(self, quarter: int) -> Theme:
        """The theme of the quarter 1 to 4."""
        return self.themes[quarter - 1]


class Term(Named):
    """One allowed value of a column, with the words by which ledgers mean it."""

    id: str
    words: tuple[str, ...] = ()
    note: str = ""


class Vocabulary(Entry):
    """vocabulary.yml: the allowed values of coded columns."""

    stages: tuple[Term, ...]
    approvals: tuple[Term, ...]
    approval_status: tuple[Term, ...]
    construction: tuple[Term, ...]
    categories: tuple[Term, ...]
    origins: tuple[Term, ...]
    precision: tuple[Term, ...]
    source: Source

    def terms(self, kind: str) -> dict[str, Term]:
        """The terms of one kind by id, in their order."""
        return {term.id: term for term in getattr(self, kind)}


FieldKind = Literal[
    "text", "amount", "date", "county", "chain", "stage", "term", "number", "area", "code", "yes_no", "approval", "private", "serial",
    "share"]


class FieldSpec(Named):
    """A field of a ledger form: how its column is called and how its cells are read."""

    field: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    kind: FieldKind
    names: tuple[str, ...] = ()
    """Headers that mean this field wherever they stand."""
    patterns: tuple[str, ...] = ()
    """Regular expressions over the whole header; word classes (`<year>`) are already spelt out."""
    fallback: tuple[str, ...] = ()
    """Regular expressions that mean this field only when no other column of the table does."""
    unit: str | None = None
    vocabulary: str | None = None
    required: bool = False
    repeatable: bool = False
    """Several columns of one table may map to it."""

    @field_validator("patterns", "fallback")
    @classmethod
    def _patterns_compile(cls, patterns: tuple[str, ...]) -> tuple[str, ...]:
        for pattern in patterns:
            try:
                header_pattern(pattern)
            except re.error as error:
                raise ValueError(f"not a regular expression ({error}): {pattern}") from None
        return patterns


@cache
def header_pattern(pattern: str) -> re.Pattern[str]:
    """A pattern of a field as headers are held against it, whatever their case; many forms have the same, so each is kept."""
    return re.compile(pattern, re.I)


class LedgerForm(Named):
    """A kind of ledger: which table it feeds and the fields it may hold."""

    id: str
    table: Literal["projects", "enterprises", "zones", "tasks", "problems"]
    reporter: Literal["county", "zone", "department"] | None = None
    fields: tuple[FieldSpec, ...]
    title_words: tuple[str, ...] = ()
    any_of: tuple[str, ...] = ()
    """Fields of which a table must hold at least one, beside the required ones."""
    at_least: Annotated[int, Field(ge=1)] = 2
    """The number of fields (serial and private ones not counted) that a table must hold."""
    source: Source
    file: str = ""
    """The file that the form comes from."""

    @model_validator(mode="after")
    def _fields_hold_together(self) -> LedgerForm:
        names = [spec.field for spec in self.fields]
        if len(set(names)) != len(names):
            raise ValueError(f"a field stands twice: {sorted({name for name in names if names.count(name) > 1})}")
        if not any(spec.required for spec in self.fields):
            raise ValueError("no field is required, so any table would be of this form")
        if unknown := sorted(set(self.any_of) - set(names)):
            raise ValueError(f"any_of names fields that the form does not have: {unknown}")
        return self

    def spec(self, field: str) -> FieldSpec:
        """The field of this name."""
        return {spec.field: spec for spec in self.fields}[field]


class FieldEntry(Entry):
    """A field as a form file writes it; in a form that extends another, only what is added or changed."""

    field: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    zh: str | None = None
    en: str | None = None
    kind: FieldKind | None = None
    names: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()
    fallback: tuple[str, ...] = ()
    unit: str | None = None
    vocabulary: str | None = None
    required: bool | None = None
    repeatable: bool | None = None


class FieldFamily(Entry):
    """Fields of one kind for each stage or approval: `{each}` is its id, `{zh}` and `{en}` are its names, `{word}` any of its words."""

    each: Literal["stages", "approvals"]
    field: str
    zh: str
    en: str
    kind: FieldKind
    patterns: Annotated[tuple[str, ...], Field(min_length=1)]
    unit: str | None = None
    vocabulary: str | None = None


class FormFile(Named):
    """forms/*.yml, and what `--layout` takes: a ledger form, or what one adds to another (`extends`)."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    extends: str | None = None
    table: Literal["projects", "enterprises", "zones", "tasks", "problems"] | None = None
    reporter: Literal["county", "zone", "department"] | None = None
    fields: tuple[FieldEntry, ...] = ()
    families: tuple[FieldFamily, ...] = ()
    without: tuple[str, ...] = ()
    """Fields of the extended form that this one does not have."""
    title_words: tuple[str, ...] = ()
    any_of: tuple[str, ...] = ()
    at_least: Annotated[int, Field(ge=1)] | None = None
    source: Source


class UnitWord(Entry):
    """A unit of measure and the ways in which headers and titles write it."""

    unit: str
    family: Literal["money", "area", "floor", "count", "share", "energy", "weight", "time"]
    words: Annotated[tuple[str, ...], Field(min_length=1)]


class LedgerWords(Entry):
    """ledger_words.yml: the words by which the layout of a ledger is understood, whatever its form."""

    classes: dict[str, tuple[str, ...]]
    """Word classes for the patterns of forms: `<plan>` is any of these words."""
    expressions: dict[str, str]
    """Word classes that are regular expressions; they may use other classes."""
    stages: dict[str, tuple[str, ...]]
    approvals: dict[str, tuple[str, ...]]
    units: tuple[UnitWord, ...]
    unit_labels: tuple[str, ...]
    unit_fillers: tuple[str, ...] = ()
    totals: tuple[str, ...]
    weak: tuple[str, ...]
    money: tuple[str, ...]
    """Words of a header that say that its column is money."""
    name_ends: tuple[str, ...]
    """Words that end a project's name: after another one the name may go on in the row below."""
    name_like: tuple[str, ...]
    """Headers that may name the projects of a table when no other does and only one of its columns is called so."""
    office_ends: tuple[str, ...]
    """Words that end an office's or a firm's name: what ends so is no person."""
    township_ends: tuple[str, ...]
    """Words that end the name of a place below a county."""
    neutral_groups: tuple[str, ...]
    remarks: tuple[str, ...]
    subtotals: tuple[str, ...]
    groups: tuple[str, ...]
    loose_groups: tuple[str, ...]
    notes: tuple[str, ...]
    signatures: tuple[str, ...]
    labels: tuple[str, ...]
    examples: tuple[str, ...]
    column_codes: tuple[str, ...]
    not_collected: tuple[str, ...] = ()
    """What a sheet says above its rows when it only repeats others and is not to be read."""
    source: Source

    @model_validator(mode="after")
    def _expressions_compile(self) -> LedgerWords:
        for key in (
                "neutral_groups", "remarks", "subtotals", "groups", "loose_groups", "notes", "signatures", "labels", "examples",
                "column_codes", "not_collected"):
            for pattern in getattr(self, key):
                try:
                    re.compile(pattern)
                except re.error as error:
                    raise ValueError(f"{key}: not a regular expression ({error}): {pattern}") from None
        return self


class Rule(Entry):
    """A rule of cleaning: what breaks it, in words for the reporter."""

    id: str
    severity: Literal["error", "warning"]
    zh: str
    en: str
    fix_zh: str
    fix_en: str


class Rules(Entry):
    """rules/*.yml."""

    rules: tuple[Rule, ...]

    @model_validator(mode="after")
    def _one_of_each(self) -> Rules:
        ids = [rule.id for rule in self.rules]
        if len(set(ids)) != len(ids):
            raise ValueError(f"a rule stands twice: {sorted({rule for rule in ids if ids.count(rule) > 1})}")
        return self

    def by_id(self, rule: str) -> Rule:
        """The rule with this id."""
        return {entry.id: entry for entry in self.rules}[rule]
