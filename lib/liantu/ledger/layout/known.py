"""Ledger forms made ready for matching: names looked up, patterns compiled, the words of rows compiled."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from rapidfuzz import fuzz, process

from liantu.chains import chain_of
from liantu.ledger.layout.header_text import Header, HeaderReader, Unit, plain, squeeze
from liantu.ledger.sheets import How
from liantu.reference import Chains, City, Divisions, FieldSpec, LedgerForm, LedgerWords
from liantu.reference.forms import any_word
from liantu.reference.loading import ReferenceFileError
from liantu.reference.models import header_pattern
from liantu.tables.contracts import APPROVALS, CONTRACTS, STAGES

_FAMILIES = {
    "amount": {"money"}, "area": {"area", "floor"}, "number": {"count", "energy", "weight"}, "share": {"share", "count"},
    "date": {"time"}, "approval": {"time"}, "county": set(), "chain": set(), "stage": set(), "term": set(), "yes_no": set()}
"""Families of units that a kind of field can bear; kinds that are not listed bear any."""
_RAW = (
    "serial", "private", "other", "note", "content", "place", "period", "done_before_wan", "done_period_wan", "past_year_wan", "status",
    *(f"{stage}_date" for stage in STAGES), *APPROVALS)
"""Fields beside the columns of the tidy tables (docs/ledger-forms.md)."""
_NEAR = 50
"""Likeness (0 to 100) from which a known header is worth proposing for an unknown one."""
LONGEST = 50
"""Characters of a text that may still be a header."""


@dataclass(frozen=True)
class Match:
    """A header mapped to a field."""

    field: str
    how: How
    fallback: bool = False
    """Only when no other column means the field."""


class KnownForm:
    """One ledger form with its names and patterns ready; each distinct header is matched once."""

    def __init__(self, form: LedgerForm, words: LedgerWords) -> None:
        self.form = form
        self.words = words
        self.specs = {spec.field: spec for spec in form.fields}
        self.required = frozenset(spec.field for spec in form.fields if spec.required)
        self.names: dict[str, str] = {}
        for spec in form.fields:
            for name in spec.names:
                self.names.setdefault(squeeze(name), spec.field)
        # Personal data first, so that no looser pattern reads it; what is known but not used last.
        ranked = sorted(form.fields, key=lambda spec: (spec.kind != "private", spec.field == "other"))
        self.patterns = [(header_pattern(pattern), spec.field) for spec in ranked for pattern in spec.patterns]
        self.fallbacks = [(header_pattern(pattern), spec.field) for spec in ranked for pattern in spec.fallback]
        self.neutral = neutral_groups(words)
        self.name_like = re.compile("|".join(f"(?:{pattern})" for pattern in words.name_like))
        self._seen: dict[tuple[Header, ...], tuple[Match, ...]] = {}

    def match(self, levels: tuple[Header, ...]) -> tuple[Match, ...]:
        """The fields that a header of these levels (outermost first) may mean, the best first; fallbacks stand last."""
        if levels not in self._seen:
            self._seen[levels] = tuple(self._match(levels))
        return self._seen[levels]

    def nearest(self, text: str, unit: Unit | None = None) -> str | None:
        """The known header that is nearest to `text` and can bear its unit, None when none is near: at least two characters are shared."""
        told = squeeze(text)
        near = process.extract(told, self._all_names, scorer=fuzz.ratio, score_cutoff=_NEAR, limit=5)
        return next((name for name, _, _ in near if len(set(name) & set(told)) >= 2 and self._bears(self._fields_of[name], unit)), None)

    @cached_property
    def _fields_of(self) -> dict[str, str]:
        """Each known header → its field."""
        return {name: spec.field for spec in self.form.fields if spec.field != "other" for name in (*spec.names, spec.zh)}

    @cached_property
    def _all_names(self) -> list[str]:
        return sorted(self._fields_of)

    def _match(self, levels: tuple[Header, ...]) -> Iterable[Match]:
        unit = next((level.unit for level in reversed(levels) if level.unit), None)
        candidates = self._candidates([level for level in levels if level.readings])
        found: dict[str, Match] = {}
        for text in candidates:
            name = self.names.get(squeeze(text))
            if not (name and self._bears(name, unit)):
                name = None
            hit = name or next((own for pattern, own in self.patterns if pattern.fullmatch(text) and self._bears(own, unit)), None)
            if hit and hit not in found:
                found[hit] = Match(hit, "name" if name else "pattern")
            # Known but not used: another way to join the levels may tell a field that is (环评 above 是否办理).
            if found.keys() - {"other"}:
                found.pop("other", None)
                break
        for text in candidates:
            for pattern, own in self.fallbacks:
                if pattern.fullmatch(text) and self._bears(own, unit):
                    found.setdefault(own, Match(own, "name", fallback=True))
        return found.values()

    def _bears(self, name: str, unit: Unit | None) -> bool:
        families = _FAMILIES.get(self.specs[name].kind)
        return unit is None or families is None or unit.family in families

    def _candidates(self, levels: list[Header]) -> list[str]:
        """The texts to look up, the most telling first: the whole header, its levels composed either way, the leaf alone."""
        if not levels:
            return []
        parents = [level for level in levels[:-1] if not any(self.neutral.fullmatch(reading) for reading in level.readings)]
        leaf = levels[-1].readings
        if not parents:
            return list(leaf)
        texts = [join for own in leaf for join in self._compositions([parent.readings[0] for parent in parents], own)]
        if any(reading in self.words.totals for reading in leaf):
            texts += self._candidates(parents)
        if not any(reading in self.words.weak for reading in leaf):
            texts += leaf
        return list(dict.fromkeys(texts))

    def _compositions(self, parents: list[str], leaf: str) -> list[str]:
        """`开工时间` above `计划` is both 开工时间计划 and 计划开工时间; 投资完成情况 also composes as 投资完成."""
        whole = "".join(parents)
        joins = [whole + leaf, leaf + whole]
        for parent in reversed(parents):
            if tense := self._tense(parent, leaf):
                joins.append(tense + leaf)
            bare = re.sub(r"(?:办理)?(?:情况|信息|安排)$", "", parent)
            joins += [parent + leaf, leaf + parent, bare + leaf, leaf + bare]
        return joins


    def _tense(self, parent: str, leaf: str) -> str | None:
        """`计划开竣工时间` above `开工` makes it a planned start: the group's word for plan or fact, when the leaf has none."""
        if leaf not in self._stage_words and not leaf.endswith(self.words.classes["when"]):
            return None
        if not any(word in parent for word in (*self.words.classes["when"], *self._stage_words)):
            return None
        words = sorted((*self.words.classes["plan"], *self.words.classes["actual"]), key=len, reverse=True)
        told = [word for word in words if parent.startswith(word)] or [word for word in ("计划", "实际") if word in parent]
        both = "计划" in parent and "实际" in parent
        said = any(word in leaf for word in words)
        return told[0] if told and not both and not said else None

    @cached_property
    def _stage_words(self) -> frozenset[str]:
        return frozenset(word for said in self.words.stages.values() for word in said)


@dataclass(frozen=True)
class RowWords:
    """Patterns over the text of rows."""

    subtotal: re.Pattern[str]
    group: re.Pattern[str]
    loose_group: re.Pattern[str]
    note: re.Pattern[str]
    signature: re.Pattern[str]
    label: re.Pattern[str]
    example: re.Pattern[str]
    column_code: re.Pattern[str]
    not_collected: re.Pattern[str]


@dataclass(frozen=True)
class Known:
    """All that is known about how ledgers are laid out: forms, words of rows, places."""

    forms: tuple[KnownForm, ...]
    reader: HeaderReader
    rows: RowWords
    words: LedgerWords
    places: frozenset[str]
    chains: frozenset[str] = frozenset()
    stages: frozenset[str] = frozenset()
    """Words that say a stage and nothing else (续建 is also a kind of construction)."""
    terms: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """For each list of vocabulary.yml the words of its terms."""
    chain_list: Chains | None = None
    _recognised: dict[str, bool] = field(default_factory=dict, repr=False)
    _possible: dict[str, bool] = field(default_factory=dict, repr=False)
    _begun: dict[str, bool] = field(default_factory=dict, repr=False)

    @cached_property
    def _names(self) -> frozenset[str]:
        return frozenset(name for form in self.forms for name in form.names)

    @cached_property
    def money(self) -> re.Pattern[str]:
        """What a header says that speaks of money."""
        units = (word for unit in self.words.units if unit.family == "money" for word in unit.words)
        return re.compile(any_word((*self.words.money, *units)))

    def names_chain(self, text: str) -> bool:
        """Whether a cell means one chain, as its reader reads it (`膨润土系列产品`)."""
        return text in self.chains or bool(self.chain_list and chain_of(text, self.chain_list))

    def neutral(self, text: str) -> bool:
        """Whether a group adds nothing to what stands below it (项目基本情况)."""
        return bool(self.forms) and bool(self.forms[0].neutral.fullmatch(text))

    @cached_property
    def _beginnings(self) -> frozenset[str]:
        return frozenset(name[:2] for name in self._names)

    def begins(self, text: str) -> bool:
        """Whether a text begins as some name does: most cells of a body do not, and need no closer look."""
        start = text[:2]
        told = self._begun.get(start)
        if told is None:
            if not start.isalnum():  # a bracket or a mark: what follows it decides
                return start[:1] in ("(", "*") or squeeze(text[:6])[:2] in self._beginnings
            told = self._begun[start] = start.upper() in self._beginnings or (len(start) == 2 and start[0].upper() in self._beginnings)
        return told

    def recognised(self, text: str) -> bool:
        """Whether the text alone is the exact name of a field of some form."""
        if text not in self._recognised:
            if not self.begins(text):
                return False
            readings = self.reader.read(text).readings if len(text) <= LONGEST else ()
            self._recognised[text] = any(squeeze(reading) in self._names for reading in readings)
        return self._recognised[text]

    def names_row(self, text: str) -> bool:
        """Whether the text alone is the exact name of the field that names a row of some form."""
        return self.recognised(text) and self._names_row(text)

    def _names_row(self, text: str) -> bool:
        readings = [squeeze(reading) for reading in self.reader.read(text).readings]
        return any(form.names.get(reading) in form.required for form in self.forms for reading in readings)

    def possible(self, text: str) -> bool:
        """Whether the text alone could be a header of some form, by name, pattern or fallback."""
        if text not in self._possible:
            header = self.reader.read(text) if len(text) <= LONGEST else Header(())
            self._possible[text] = bool(header.readings) and any(form.match((header,)) for form in self.forms)
        return self._possible[text]


def known_forms(city: City, forms: Sequence[LedgerForm] | None = None) -> Known:
    """The layouts known in a city; `forms` replaces the city's own list (as `City.forms_with` gives it).

    Raises ReferenceFileError with file and key for a form whose field fills no column, or whose unit or vocabulary is not known.
    """
    words = city.ledger_words
    for form in city.forms if forms is None else forms:
        _check(form, city)
    chains = city.chains()
    return Known(
        tuple(KnownForm(form, words) for form in (city.forms if forms is None else forms)), HeaderReader(words), _row_words(words), words,
        _places(city.divisions), frozenset(name for chain in chains.chains for name in (chain.zh, *chain.aliases)), _stages(city),
        _terms(city), chains)


def _check(form: LedgerForm, city: City) -> None:
    """Refuse a form that would be read without saying anything: every field fills a column of its table or is one of the raw ones."""
    columns = {*CONTRACTS["observations" if form.table == "projects" else form.table].names, *_RAW}
    units = {entry.unit for entry in city.ledger_words.units}
    for spec in form.fields:
        if spec.field not in columns:
            near = process.extractOne(spec.field, sorted(columns), score_cutoff=50)
            hint = f"; did you mean {near[0]}?" if near else f": {', '.join(sorted(columns))}"
            raise ReferenceFileError(f"{form.file}: field {spec.field}: the table {form.table} has no such column{hint}")
        if spec.unit and spec.unit not in units:
            raise ReferenceFileError(
                f"{form.file}: field {spec.field}: unit: {spec.unit} is no unit of ledger_words.yml: {', '.join(sorted(units))}")
        if spec.kind == "term" and not hasattr(city.vocabulary, spec.vocabulary or "?"):
            kinds = ", ".join(sorted(set(type(city.vocabulary).model_fields) - {"source"}))
            raise ReferenceFileError(
                f"{form.file}: field {spec.field}: vocabulary: {spec.vocabulary} is no list of vocabulary.yml: {kinds}")


def neutral_groups(words: LedgerWords) -> re.Pattern[str]:
    """The groups that add nothing to what stands below them."""
    return re.compile("|".join(f"(?:{group})" for group in words.neutral_groups))


def _stages(city: City) -> frozenset[str]:
    others = {word for term in city.vocabulary.construction for word in (term.zh, *term.words)}
    return frozenset(word for term in city.vocabulary.stages for word in (term.zh, *term.words)) - others


def _terms(city: City) -> dict[str, frozenset[str]]:
    """The words of each list of terms, in the spelling of `plain`."""
    vocabulary = city.vocabulary
    return {kind: frozenset(plain(word) for term in vocabulary.terms(kind).values() for word in (term.zh, *term.words))
            for kind in type(vocabulary).model_fields if kind != "source"}


def _places(divisions: Divisions) -> frozenset[str]:
    return frozenset(name for place in (*divisions.counties, divisions.city) for name in (place.zh, place.short_zh, *place.aliases))


def _row_words(words: LedgerWords) -> RowWords:
    def either(patterns: Sequence[str]) -> re.Pattern[str]:
        return re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.S)

    return RowWords(
        either(words.subtotals), either(words.groups), either(words.loose_groups), either(words.notes), either(words.signatures),
        either(words.labels), either(words.examples), either(words.column_codes), either(words.not_collected))


def spec_of(form: LedgerForm, name: str | None) -> FieldSpec | None:
    """The form's field of this name, None when it has none."""
    return next((spec for spec in form.fields if spec.field == name), None)
