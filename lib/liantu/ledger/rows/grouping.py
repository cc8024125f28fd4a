"""What the group rows above a row (一、续建项目 / （一）双塔区 / 钢铁冶金产业链) tell of it, where its own cells are silent."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from liantu.chains import chain_of
from liantu.ledger.rows.context import counties_in
from liantu.ledger.rows.row_words import GroupWords, row_words
from liantu.reference import Chains, City, Term


@dataclass(frozen=True)
class Told:
    """What the groups above a row tell: a code, ids of terms, the Chinese name of a chain."""

    county: str | None = None
    construction: str | None = None
    chain: str | None = None
    stage: str | None = None


@dataclass(frozen=True)
class Groups:
    """For each row the number of what its groups tell."""

    codes: np.ndarray
    told: Sequence[Told]

    def values(self, name: str) -> np.ndarray:
        """For each row what its groups tell of a field, None when nothing."""
        return np.fromiter((getattr(told, name) for told in self.told), dtype=object)[self.codes]


def read_groups(rows: np.ndarray, groups: Mapping[int, tuple[str, ...]], city: City, chains: Chains) -> Groups:
    """What the groups of each row tell; `groups` has the texts of the group rows above a row by its number, the outermost first."""
    if not groups:
        return Groups(np.zeros(len(rows), np.int32), (Told(),))
    texts = [groups.get(row, ()) for row in rows.tolist()]
    number = {text: place for place, text in enumerate(dict.fromkeys(texts))}
    return Groups(np.array([number[text] for text in texts], np.int32), [_told(text, city, chains) for text in number])


def _told(texts: Sequence[str], city: City, chains: Chains) -> Told:
    """The innermost group that speaks of a field tells it; one that names two counties tells none, and the outer ones are not asked."""
    words = row_words(city).groups
    cores = [_core(text, words) for text in reversed(texts)]
    # Without the words that add nothing: a list of 市级重点项目 is the city's, its projects are the counties'.
    named = next((found for core in cores if (found := counties_in(_bare(core, words), city.divisions))), frozenset())
    vocabulary = city.vocabulary
    return Told(
        next(iter(named)) if len(named) == 1 else None,
        _first(cores, lambda core: _term(core, vocabulary.terms("construction"), words)),
        _first(cores, lambda core: _chain(core, chains, words)),
        _first(cores, lambda core: None if _bare(core, words) in words.no_stage else _term(core, vocabulary.terms("stages"), words)))


def stage_of_sheet(name: str, city: City) -> str | None:
    """The stage that the name of a sheet is and nothing else (签约项目, 2022年已竣工项目); 前期手续 says what the sheet is about."""
    words = row_words(city)
    core = _core(name, words.groups)
    about = (core, _bare(core, words.groups))
    return None if {*about} & {*words.stages.no_stage_of_sheet} else _term(core, city.vocabulary.terms("stages"), words.groups)


def _first(cores: Sequence[str], read: Callable[[str], str | None]) -> str | None:
    return next((found for core in cores if (found := read(core))), None)


def _core(text: str, words: GroupWords) -> str:
    """A group's text without its number and without how many there are."""
    plain = re.sub(r"\s", "", unicodedata.normalize("NFKC", text))
    bare = re.sub(f"^(?:{'|'.join(words.numbering)})", "", plain)
    return re.sub(f"(?:{words.counts})$", "", bare)


def _bare(core: str, words: GroupWords) -> str:
    return re.sub("|".join(words.fillers), "", core)


def _term(core: str, terms: Mapping[str, Term], words: GroupWords) -> str | None:
    """The term that a group's text is, but for words that add nothing: 计划新开工 is none, and neither is 新建材."""
    known = {word: name for name, term in terms.items() for word in (term.zh, *term.words)}
    return known.get(core) or known.get(_bare(core, words))


def _chain(core: str, chains: Chains, words: GroupWords) -> str | None:
    if any(mark in core for mark in words.chain_marks) or any(core == chain.zh for chain in chains.chains):
        return chain_of(core, chains)
    return None
