"""Names of projects and companies, taken apart so that they can be held against each other.

A project's name is its core (what is left without places, numbers and words that tell nothing), its phases and lots, its numbers and
its variant words (扩建, 技改). A company's name is its core without legal form and place. Words and patterns come from identity.yml.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from rapidfuzz import process
from rapidfuzz.distance import LCSseq

from liantu.reference import Divisions
from liantu.reference.identity import IdentityRules

_MANY, _SAMPLE = 20_000, 2_000
_SPACE_AND_MARKS = re.compile(r"[\s\u3000\W_]+")
# The same for Arrow, whose expressions know Unicode by its categories.
_NO_LETTER_OR_DIGIT = r"[^\p{L}\p{N}]+"
# 10万千瓦 is 100,000 of the unit 千瓦.
_NUMBER = re.compile(r"(\d+(?:\.\d+)?)((?:[十百万亿]|千(?![瓦克米伏]))*)")
# 三十万吨: a Chinese number counts only before a scale and a measure, for 一 and 十 stand in many proper names.
_CHINESE_NUMBER = re.compile(
    r"([一二两三四五六七八九]?十[一二三四五六七八九]?|[一二两三四五六七八九])(?=[百千万亿]+(?:吨|亩|套|台|辆|头|只|羽|条|千瓦|兆瓦|平)|吨|亩|千瓦|兆瓦)")
_DIGITS = {character: value for value, character in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2, "首": 1}
_ROMAN = {"I": 1, "II": 2, "III": 3, "IV": 4, "V": 5, "VI": 6, "VII": 7, "VIII": 8, "IX": 9, "X": 10}
_SCALE = {"十": 10, "百": 100, "千": 1_000, "万": 10_000, "亿": 100_000_000}


@dataclass(frozen=True)
class ProjectName:
    """A project's name taken apart."""

    full: str
    """Every letter and digit in one width, nothing else: equal for names that differ in spaces, width and marks."""
    core: str
    bare: str
    """The core without what the plant makes in a year, wherever that stands."""
    title: str
    """The core with its places, in which an abbreviation (凌钢) may be found."""
    phases: frozenset[str]
    numbers: frozenset[float]
    variants: frozenset[str]
    package: str
    """`strong` or `weak` where words say that the row stands for many works, else empty."""


@dataclass(frozen=True)
class Firm:
    """A company's name taken apart; both parts are empty where it is not known."""

    core: str
    title: str
    """The name with its places, without the legal form."""


class Names:
    """Takes names apart by the words of one city; each distinct name once."""

    def __init__(self, rules: IdentityRules, divisions: Divisions) -> None:
        self.rules = rules
        self.divisions = divisions
        self._projects: dict[str, ProjectName] = {}
        self._firms: dict[str, Firm] = {}
        self._owners: dict[str, str] = {}
        self._codes = {name: place.code for place in (*divisions.counties, divisions.city) for name in (place.zh, *place.aliases)}
        self._simplified = str.maketrans({pair[at]: pair[at + 1] for pair in rules.traditional for at in range(0, len(pair), 2)})

    @cached_property
    def _places(self) -> re.Pattern[str]:
        own = [name for place in (*self.divisions.counties, self.divisions.city) for name in (place.zh, *place.aliases)]
        return re.compile("|".join(re.escape(word) for word in sorted({*own, *self.rules.places}, key=lambda word: (-len(word), word))))

    @cached_property
    def _phases(self) -> list[tuple[str, re.Pattern[str]]]:
        return [(phase.kind, re.compile(phase.pattern)) for phase in self.rules.phases]

    @cached_property
    def _suffixes(self) -> re.Pattern[str]:
        return re.compile(f"(?:{_either(self.rules.name_suffixes)})+$")

    @cached_property
    def _legal_forms(self) -> re.Pattern[str]:
        return re.compile(f"(?:{_either(self.rules.legal_forms)})+$")

    @cached_property
    def _legal_inside(self) -> re.Pattern[str]:
        # Only the long forms: 集团 or 股份 inside a project's name may belong to its own words.
        return re.compile(_either(tuple(form for form in self.rules.legal_forms if len(form) >= 4)))

    @cached_property
    def _enclave(self) -> re.Pattern[str]:
        return re.compile(_either(self.rules.enclave))

    @cached_property
    def _capacity(self) -> re.Pattern[str]:
        return re.compile(self.rules.capacity)

    @cached_property
    def _units(self) -> re.Pattern[str]:
        return re.compile(_either(tuple(self.rules.units)))

    @cached_property
    def _packages(self) -> list[tuple[str, re.Pattern[str]]]:
        return [(kind, re.compile("|".join(words))) for kind, words in self.rules.packages.model_dump().items()]

    def project(self, name: str) -> ProjectName:
        """A project's name taken apart."""
        if name not in self._projects:
            self._projects[name] = self._take_apart(name)
        return self._projects[name]

    def company(self, name: str | None) -> str:
        """A company's name without place and legal form; empty when there is none."""
        if not isinstance(name, str):
            return ""
        if name not in self._owners:
            full = squeeze(name)
            core = self._legal_forms.sub("", self._places.sub("", self._legal_forms.sub("", full)))
            self._owners[name] = core or full
        return self._owners[name]

    def companies(self, names: pd.Series) -> pd.Series:
        """`company` of a whole column, each distinct name once."""
        return _by_distinct(names.fillna(""), self._companies)

    def firm(self, name: str | None) -> Firm:
        """A company's name as it is compared: simplified characters, nothing where 待定 or the like stands for it."""
        key = name if isinstance(name, str) else ""
        if key not in self._firms:
            full = squeeze(key).translate(self._simplified)
            title = self._legal_forms.sub("", full)
            core = self._legal_forms.sub("", self._places.sub("", title)) or full
            self._firms[key] = Firm("", "") if full in self.rules.no_company else Firm(core, title)
        return self._firms[key]

    def package(self, name: str) -> str:
        """`strong` or `weak` where words of a name say that it stands for many works, else empty."""
        wide = squeeze(name)
        return next((kind for kind, pattern in self._packages if pattern.search(wide)), "")

    def any_package(self, squeezed_names: pd.Series) -> bool:
        """Whether `package` tells a kind for any of the names, given as `squeezed` makes them."""
        texts = pa.array(squeezed_names.array, from_pandas=True)
        return any(pc.any(pc.match_substring_regex(texts, pattern.pattern.replace(r"\d", r"\p{Nd}")), min_count=0).as_py()
                   for _, pattern in self._packages)

    def count(self, text: str) -> int:
        """A number of up to 99 as written in a name: 6 or 十二."""
        return int(next(iter(_numerals(text))))

    def stem(self, name: str) -> str:
        """What a package is about: its name's core without the words that make it a package (老旧小区改造等6个打捆项目: 老旧小区改造)."""
        wide = squeeze(name).translate(self._simplified)
        for _, pattern in self._packages:
            wide = pattern.sub("", wide)
        return self.project(wide).core if wide else ""

    def places(self, text: str) -> frozenset[str]:
        """The codes of the divisions that a text names; the city's own name is a place of its own."""
        return frozenset(self._codes[word] for word in self._places.findall(text) if word in self._codes)

    def _companies(self, names: pa.Array) -> pa.Array:
        full = _squeezed(names)
        core = full
        for pattern in (self._legal_forms, self._places, self._legal_forms):
            core = pc.replace_substring_regex(core, pattern=pattern.pattern, replacement="")
        return pc.if_else(pc.equal(core, ""), full, core)

    def _take_apart(self, name: str) -> ProjectName:
        wide = unicodedata.normalize("NFKC", name).replace(" ", "").upper().translate(self._simplified)
        phases: set[str] = set()
        rest = wide.replace("PHASE", "phase")
        for kind, pattern in self._phases:
            phases |= {f"{kind} {number}" for match in pattern.finditer(rest) for number in _numerals(match[1])}
            rest = pattern.sub(" ", rest)
        rest = _CHINESE_NUMBER.sub(lambda match: "".join(_numeral(match[1])), rest.replace("phase", "PHASE"))
        numbers = frozenset(self._value(match) for match in _NUMBER.finditer(rest))
        variants = frozenset(kind for kind, words in self.rules.variants.items() if any(word in rest for word in words))
        core = self._core(_NUMBER.sub("", rest)) or squeeze(name)
        title = self._suffixes.sub("", squeeze(self._legal_inside.sub("", _NUMBER.sub("", rest))))
        bare = self._core(self._capacity.sub("", rest)) or core
        return ProjectName(squeeze(name), core, bare, title, frozenset(phases), numbers, variants, self.package(name))

    def _core(self, text: str) -> str:
        return self._suffixes.sub("", squeeze(self._places.sub("", self._legal_inside.sub("", self._enclave.sub("", text)))))

    def _value(self, match: re.Match[str]) -> float:
        value = float(match[1])
        for scale in match[2]:
            value *= _SCALE[scale]
        unit = self._units.match(match.string, match.end())
        return value * self.rules.units[unit[0]] if unit else value


def squeeze(text: str) -> str:
    """Letters and digits only, in one width and in capitals.

    >>> squeeze("年产５万吨 （一期）")
    '年产5万吨一期'
    """
    return _SPACE_AND_MARKS.sub("", unicodedata.normalize("NFKC", text)).upper()


def squeezed(texts: pd.Series) -> pd.Series:
    """`squeeze` of a whole column, each distinct text once."""
    return _by_distinct(texts, _squeezed)


def _squeezed(texts: pa.Array) -> pa.Array:
    narrow = pc.utf8_normalize(texts, form="NFKC")
    return pc.utf8_upper(pc.replace_substring_regex(narrow, pattern=_NO_LETTER_OR_DIGIT, replacement=""))


def _by_distinct(texts: pd.Series, change: object) -> pd.Series:
    every = pa.array(texts.array, type=pa.large_string(), from_pandas=True)
    if len(every) > _MANY and pc.count_distinct(every[::len(every) // _SAMPLE]).as_py() > 0.9 * _SAMPLE:
        # Texts that hardly repeat are changed as they stand.
        return pd.Series(pd.array(change(every), dtype="str"), index=texts.index)
    codes, distinct = pd.factorize(texts)
    changed = change(pa.array(distinct, type=pa.large_string(), from_pandas=True))
    return pd.Series(pd.array(changed, dtype="str").take(codes, allow_fill=True), index=texts.index)


def likeness(ones: Sequence[str], others: Sequence[str], abbreviation: dict[int, float]) -> np.ndarray:
    """How alike cores are, pair by pair, 0 to 1: twice the characters in common order over the characters of both.

    A pure abbreviation (every character of the shorter stands in the longer, in order) is worth what its length proves, if that
    is more; an empty core is like nothing.
    """
    shared, one, other = shared_letters(ones, others)
    alike = 2 * shared / np.maximum(one + other, 1)
    return np.maximum(alike, proof(shared, one, other, abbreviation))


def shared_letters(ones: Sequence[str], others: Sequence[str]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Characters in common order, pair by pair, and the lengths of both sides."""
    if not len(ones):
        return np.zeros(0), np.zeros(0), np.zeros(0)
    shared = process.cpdist(ones, others, scorer=LCSseq.similarity, dtype=np.float64)
    return shared, np.fromiter(map(len, ones), float, len(ones)), np.fromiter(map(len, others), float, len(others))


def proof(shared: np.ndarray, one: np.ndarray, other: np.ndarray, abbreviation: dict[int, float]) -> np.ndarray:
    """What a pure abbreviation is worth by its length; 0 where neither side is one of the other."""
    short = np.minimum(one, other)
    worth = np.zeros(len(short))
    for length, value in sorted(abbreviation.items()):
        worth[short >= length] = value
    return np.where((short > 0) & (shared == short), worth, 0.0)


def _either(words: tuple[str, ...]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=lambda word: (-len(word), word)))


def _numerals(text: str) -> set[str]:
    """The numbers of a phase as written: `二` is 2, `一、二` is 1 and 2, `IV` is 4, `A` stays A."""
    if re.fullmatch(r"[A-Z]\d*", text) and text not in _ROMAN:
        return {text}
    parts = re.findall(r"\d+|[IVX]+|[一二三四五六七八九十首]+|[A-Z]", text)
    return {number for part in parts for number in _numeral(part)}


def _numeral(part: str) -> list[str]:
    if part.isdigit():
        return [str(int(part))]
    if part in _ROMAN:
        return [str(_ROMAN[part])]
    if "十" in part:
        tens, _, ones = part.partition("十")
        return [str(10 * _DIGITS.get(tens, 1) + _DIGITS.get(ones, 0))]
    return [str(_DIGITS[character]) if character in _DIGITS else character for character in part]
