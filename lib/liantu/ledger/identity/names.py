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
from rapidfuzz import process
from rapidfuzz.distance import LCSseq

from liantu.reference import Divisions
from liantu.reference.identity import IdentityRules

_SPACE_AND_MARKS = re.compile(r"[\s\u3000\W_]+")
_NUMBER = re.compile(r"(\d+(?:\.\d+)?)(十|百|千|万|亿)*")
_DIGITS = {character: value for value, character in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2, "首": 1}
_ROMAN = {"I": 1, "II": 2, "III": 3, "IV": 4, "V": 5, "VI": 6, "VII": 7, "VIII": 8, "IX": 9, "X": 10}
_SCALE = {"十": 10, "百": 100, "千": 1_000, "万": 10_000, "亿": 100_000_000}


@dataclass(frozen=True)
class ProjectName:
    """A project's name taken apart."""

    full: str
    """Every letter and digit in one width, nothing else: equal for names that differ in spaces, width and marks."""
    core: str
    phases: frozenset[str]
    numbers: frozenset[float]
    variants: frozenset[str]


class Names:
    """Takes names apart by the words of one city; each distinct name once."""

    def __init__(self, rules: IdentityRules, divisions: Divisions) -> None:
        self.rules = rules
        self.divisions = divisions
        self._projects: dict[str, ProjectName] = {}
        self._companies: dict[str, str] = {}

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

    def project(self, name: str) -> ProjectName:
        """A project's name taken apart."""
        if name not in self._projects:
            self._projects[name] = self._take_apart(name)
        return self._projects[name]

    def company(self, name: str | None) -> str:
        """A company's name without place and legal form; empty when there is none."""
        if not isinstance(name, str):
            return ""
        if name not in self._companies:
            full = squeeze(name)
            core = self._legal_forms.sub("", self._places.sub("", self._legal_forms.sub("", full)))
            self._companies[name] = core or full
        return self._companies[name]

    def places(self, text: str) -> frozenset[str]:
        """The codes of the divisions that a text names; the city's own name is a place of its own."""
        codes = {name: place.code for place in (*self.divisions.counties, self.divisions.city) for name in (place.zh, *place.aliases)}
        return frozenset(codes[word] for word in self._places.findall(text) if word in codes)

    def _take_apart(self, name: str) -> ProjectName:
        wide = unicodedata.normalize("NFKC", name).replace(" ", "").upper()
        phases: set[str] = set()
        rest = wide.replace("PHASE", "phase")
        for kind, pattern in self._phases:
            phases |= {f"{kind} {number}" for match in pattern.finditer(rest) for number in _numerals(match[1])}
            rest = pattern.sub(" ", rest)
        numbers = frozenset(_value(match) for match in _NUMBER.finditer(rest))
        variants = frozenset(kind for kind, words in self.rules.variants.items() if any(word in rest for word in words))
        core = _NUMBER.sub("", rest.replace("phase", "PHASE"))
        core = self._suffixes.sub("", squeeze(self._places.sub("", self._legal_inside.sub("", core))))
        return ProjectName(squeeze(name), core or squeeze(name), frozenset(phases), numbers, variants)


def squeeze(text: str) -> str:
    """Letters and digits only, in one width and in capitals.

    >>> squeeze("年产５万吨 （一期）")
    '年产5万吨一期'
    """
    return _SPACE_AND_MARKS.sub("", unicodedata.normalize("NFKC", text)).upper()


def likeness(ones: Sequence[str], others: Sequence[str], abbreviation: dict[int, float]) -> np.ndarray:
    """How alike cores are, pair by pair, 0 to 1: twice the characters in common order over the characters of both.

    A pure abbreviation (every character of the shorter stands in the longer, in order) is worth what its length proves, if that
    is more; an empty core is like nothing.
    """
    if not len(ones):
        return np.zeros(0)
    shared = process.cpdist(ones, others, scorer=LCSseq.similarity, dtype=np.float64)
    one, other = (np.array([len(core) for core in cores], dtype=float) for cores in (ones, others))
    short = np.minimum(one, other)
    alike = 2 * shared / np.maximum(one + other, 1)
    proof = np.zeros(len(alike))
    for length, worth in sorted(abbreviation.items()):
        proof[short >= length] = worth
    return np.where((short > 0) & (shared == short), np.maximum(alike, proof), alike)


def _either(words: tuple[str, ...]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=lambda word: (-len(word), word)))


def _value(match: re.Match[str]) -> float:
    value = float(match[1])
    for scale in match[0][len(match[1]):]:
        value *= _SCALE[scale]
    return value


def _numerals(text: str) -> set[str]:
    """The numbers of a phase as written: `二` is 2, `一、二` is 1 and 2, `IV` is 4, `A` stays A."""
    if re.fullmatch(r"[A-Z]", text) and text not in _ROMAN:
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
