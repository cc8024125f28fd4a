"""Coded columns (stage, status of an approval, construction, category, origin): the id of the term that a cell means."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from liantu.ledger.sheets import Cell
from liantu.ledger.values.cells import canonical, is_number, open_cell
from liantu.ledger.values.quantities import joined, peel
from liantu.ledger.values.reading import Reading
from liantu.ledger.values.wording import WORDING, any_of
from liantu.reference.models import Term

_CLAUSE = re.compile(r"[,;。、，；:：!！\n]")
_WIDE_NO = re.compile(rf"(?!{any_of(WORDING.negation_not)}){any_of(WORDING.negations)}")
_CLOSE_NO = re.compile(rf"{any_of(WORDING.close_negations)}{any_of(WORDING.adverbs)}{{0,2}}\Z")
_PLAN = re.compile(rf"(?!{any_of(WORDING.intention_not)}){any_of(WORDING.intentions)}")
_PLAN_NOT = re.compile(any_of(WORDING.intention_not))
_RESET = re.compile(any_of(WORDING.resets))
_NOT_YET = re.compile(any_of(WORDING.not_yet_after))


@dataclass(frozen=True)
class _Index:
    id_of: dict[str, str]
    contained: tuple[str, ...]
    """Words that may also be read inside a text, the longest first; one character alone says too little."""


@dataclass(frozen=True)
class _Found:
    start: int
    end: int
    term: str


def read_term(cell: Cell, terms: Mapping[str, Term]) -> Reading:
    """Read a coded cell; the value is the id of a term.

    Exact after normalising, then the longest word contained. A word that the cell denies (尚未投产: term_negated) or only plans
    (预计年底竣工: term_planned) is never read as said; two different terms of equal standing are term_several.
    """
    index = _index(tuple(terms.items()))
    opened = open_cell(cell, stated=frozenset(index.id_of))
    if isinstance(opened, Reading):
        return opened
    if is_number(opened):
        opened = f"{opened:.15g}" if abs(opened) < 1e15 else ""
    if not isinstance(opened, str):
        return Reading(None, "term_unknown")
    for text, note in ((opened, None), _peeled(opened)):
        term = index.id_of.get(_key(text))
        if term:
            return Reading(term, None, note)
    core, note = _peeled(opened)
    reading = _contained(_key(core), index, note)
    # 产业（工业）: what the parenthesis says is the term, when the words before it are none.
    inside = index.id_of.get(_key(note)) if reading.rule == "term_unknown" and note and core else None
    return Reading(inside, None, core) if inside else reading


def _peeled(text: str) -> tuple[str, str | None]:
    core, insides = peel(text)
    return core.strip(" .,;、。!"), joined(insides)


def _contained(text: str, index: _Index, note: str | None) -> Reading:
    """The longest word that the text says and neither denies nor plans."""
    found = _occurrences(text, index)
    denied = [word for word in found if _is_denied(text, word)]
    planned = [word for word in found if word not in denied and _is_planned(text, word)]
    refused = [*denied, *planned]
    said = [word for word in found if word not in refused and not any(_within_reach(word, other) for other in refused)]
    if not said:
        return Reading(None, "term_negated" if denied else "term_planned" if planned else "term_unknown", note)
    longest = max(word.end - word.start for word in said)
    ids = {word.term for word in said if word.end - word.start == longest}
    return Reading(ids.pop(), None, note) if len(ids) == 1 else Reading(None, "term_several", note)


def _occurrences(text: str, index: _Index) -> list[_Found]:
    """Where words stand in the text; one that lies inside a longer one is part of that."""
    found: list[_Found] = []
    for word in index.contained:
        start = text.find(word)
        while start >= 0:
            end = start + len(word)
            if not any(other.start <= start and end <= other.end for other in found):
                found.append(_Found(start, end, index.id_of[word]))
            start = text.find(word, start + 1)
    return found


def _within_reach(word: _Found, refused: _Found) -> bool:
    """恢复施工 in 未恢复施工中 is denied, and with it 施工中, which begins inside it."""
    return word != refused and refused.start <= word.start < refused.end


def _before(text: str, word: _Found) -> str:
    """What stands before the word in its clause, after the last 已, 正在 or 但."""
    clause = _CLAUSE.split(text[: word.start])[-1]
    resets = list(_RESET.finditer(clause))
    return clause[resets[-1].end():] if resets else clause


def _is_denied(text: str, word: _Found) -> bool:
    before = _before(text, word)
    return bool(_WIDE_NO.search(before) or _CLOSE_NO.search(before))


def _is_planned(text: str, word: _Found) -> bool:
    before = _PLAN_NOT.sub("", _before(text, word))
    return bool(_PLAN.search(before) or _NOT_YET.match(text, word.end))


def _key(text: str) -> str:
    return text.replace(" ", "").casefold()


@lru_cache(maxsize=64)
def _index(terms: tuple[tuple[str, Term], ...]) -> _Index:
    id_of: dict[str, str] = {}
    for term_id, term in terms:
        for word in (term.zh, term.en, term_id, *term.words):
            id_of.setdefault(_key(canonical(word)), term_id)
    words = [word for word in id_of if len(word) > 1 and not word.isascii()]
    return _Index(id_of, tuple(sorted(words, key=lambda word: (-len(word), word))))
