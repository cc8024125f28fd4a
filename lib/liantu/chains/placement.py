"""Projects and firms placed on (chain, link), with a stated confidence, never forced."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple, TypeVar

import numpy as np
import pandas as pd
import pyarrow as arrow
import pyarrow.compute as compute

from liantu.chains.reducing import Reducer
from liantu.chains.rules import PlacementRules, outside_category_words, placement_rules
from liantu.chains.wording import Hit, Word, WordIndex, outside_brackets, plain
from liantu.reference import Chain, Chains

_Made = TypeVar("_Made")
_REMEMBERED = 10_000
"""Different texts whose meaning is kept."""
_SECTIONS = "ABCDEFGHIJKLMNOPQRST"
INPUTS = ("chain", "name", "company", "products", "gb_code", "category")
_PLACED = {"chain": "str", "link": "str", "link_confidence": "float64"}
_REDUCED = ("name", "company", "products")
"""Columns that are only searched for words, side by side: a firm's name may reach from the name into the company."""
_BETWEEN = arrow.scalar("\x02", arrow.large_string())


class Placed(NamedTuple):
    """Where one name lies; None where the evidence does not reach the threshold."""

    chain: str | None = None
    link: str | None = None
    link_confidence: float | None = None


def place(frame: pd.DataFrame, chains: Chains) -> pd.DataFrame:
    """Place each row of `frame` on a chain and one of its links.

    Reads the columns `chain` (as a ledger states it), `name`, `company`, `products`, `gb_code`, `category`; any may be missing or empty.
    Returns `chain` (Chinese name of the working list), `link` (id) and `link_confidence` (0 to 1), indexed as `frame`.
    A stated chain that is recognised always stands; without one the chain is taken from the words of the name, the products and
    the firm and from the industry code. A link, and an unstated chain, stay empty below the threshold of chains/placement.yml;
    infrastructure, schools and housing are not placed by their words at all.

    Confidence: each word found counts field x length x position; independent evidence joins as 1 - (1-a)(1-b)...; the runner-up
    times `rivalry` is taken off; a stated chain joins as evidence for a link that has evidence of its own. It orders rows by how
    sure the words are; it is not a calibrated probability. Formulas and measured accuracy: docs/methods/chains.md.
    """
    placer = _placer(chains)
    if frame.empty:
        return pd.DataFrame(index=frame.index, columns=list(_PLACED)).astype(_PLACED)
    question, first = _questions(frame, placer)
    several = frame.iloc[first]
    asked = pd.DataFrame({column: _texts(several, column) for column in INPUTS}).to_dict("records")
    placed = pd.DataFrame([placer.place(row) for row in asked], columns=list(Placed._fields))
    return placed.astype(_PLACED).take(question).set_axis(frame.index, axis=0)


def _questions(frame: pd.DataFrame, placer: _Placer) -> tuple[np.ndarray, np.ndarray]:
    """For each row the number of what it asks, and for each number the place of the first row that asks it."""
    told = {column: arrow.array(_texts(frame, column).array) for column in INPUTS}
    told = {column: texts.combine_chunks() if isinstance(texts, arrow.ChunkedArray) else texts for column, texts in told.items()}
    verbatim = [texts for column, texts in told.items() if column not in _REDUCED]
    columns = [*verbatim, *placer.reducer.reduce(tuple(told[column] for column in _REDUCED))]
    keys = compute.binary_join_element_wise(*(texts.cast(arrow.large_string()) for texts in columns), _BETWEEN).dictionary_encode()
    question = keys.indices.to_numpy()
    first = np.full(len(keys.dictionary), len(question))
    np.minimum.at(first, question, np.arange(len(question)))
    return question, first


def chain_of(text: str, chains: Chains) -> str | None:
    """The Chinese name of the chain that a ledger means by `text`, or None when it means none or more than one.

    Tried in this order, after taking off differences of width, case, spaces, bracketed notes and endings such as 产业链: the whole
    text is a chain's name, id or alias; its parts (轮胎/橡胶) name one chain and no other; a name of three or more characters stands
    in it (longest, then first); the text, of three or more characters, stands in the names of one chain only.
    """
    if not isinstance(text, str):
        return None
    names, known = _names(chains)
    if text not in known:
        if len(known) >= _REMEMBERED:
            known.clear()
        known[text] = _named(text, names)
    return known[text]


def _named(text: str, names: Mapping[str, str]) -> str | None:
    rules = placement_rules()
    whole = _stated(text, rules.stated_endings)
    if whole in names:
        return names[whole]
    parts = [_stated(part, rules.stated_endings) for part in whole.translate(_splitter(rules.separators)).split("\n")]
    known = {names[part] for part in parts if part in names}
    if known:
        return known.pop() if len(known) == 1 else None
    inside = [name for name in names if len(name) >= rules.chain_name_min_length and name in whole]
    if inside:
        return names[max(inside, key=lambda name: (len(name), -whole.index(name)))]
    around = {chain for name, chain in names.items() if len(whole) >= rules.chain_name_min_length and whole in name}
    return around.pop() if len(around) == 1 else None


def _texts(frame: pd.DataFrame, column: str) -> pd.Series:
    if column not in frame:
        return pd.Series("", index=frame.index, dtype="str")
    return frame[column].astype("str").fillna("")


def _kept(make: Callable[[Chains], _Made]) -> Callable[[Chains], _Made]:
    """`make`, but what it made of the chains given last is kept."""
    kept: list[tuple[Chains, _Made]] = []

    def ready(chains: Chains) -> _Made:
        found = next((made for of, made in kept if of is chains), None)
        if found is None:
            found = make(chains)
            kept[:] = [(chains, found)]
        return found

    return ready


@_kept
def _names(chains: Chains) -> tuple[dict[str, str], dict[str, str | None]]:
    """The chain that each name means, and what texts were found to mean so far."""
    return {plain(name): chain.zh for chain in chains.chains for name in (chain.zh, chain.id, *chain.aliases)}, {}


@lru_cache
def _splitter(separators: str) -> dict[int, str]:
    return str.maketrans(dict.fromkeys(separators, "\n"))


@lru_cache(maxsize=4096)
def _stated(text: str, endings: tuple[str, ...]) -> str:
    whole = outside_brackets(plain(text))[0] or plain(text)
    while ending := next((ending for ending in endings if whole.endswith(ending) and len(whole) > len(ending) + 1), None):
        whole = whole.removesuffix(ending)
    return whole


@dataclass
class _Evidence:
    """What speaks for each link and each chain: shares that join as independent evidence."""

    links: dict[tuple[str, str], float] = field(default_factory=lambda: defaultdict(float))
    chains: dict[str, float] = field(default_factory=lambda: defaultdict(float))

    def add(self, chain: str, link: str | None, share: float) -> None:
        self.chains[chain] = _joined(self.chains[chain], share)
        if link is not None:
            self.links[chain, link] = _joined(self.links[chain, link], share)


def _joined(first: float, second: float) -> float:
    return 1 - (1 - first) * (1 - second)


def _lead(shares: Mapping[str, float], rivalry: float) -> tuple[str | None, float]:
    """The strongest of `shares` and what is left of it after its rival."""
    if not shares:
        return None, 0.0
    ranked = sorted(shares.items(), key=lambda item: -item[1])
    rival = ranked[1][1] if len(ranked) > 1 else 0.0
    return ranked[0][0], ranked[0][1] - rivalry * rival


def _heads(hits: list[Hit], first_leads: bool) -> set[Word]:
    """What a text is about: its last word, or in a list of products its first; one word may speak for several chains.

    A chain's own name on a link (轮胎, 家具) steps back where another word of that chain says more (半钢轮胎).
    """
    telling = {hit.word.chain for hit in hits if not hit.word.generic}
    leading = [hit for hit in hits if not (hit.word.generic and hit.word.chain in telling)]
    if not leading:
        return set()
    edge = min(hit.start for hit in leading) if first_leads else max(hit.end for hit in leading)
    return {hit.word for hit in leading if edge == (hit.start if first_leads else hit.end)}


class _Placer:
    """The words of one edition made ready once, and the placing of one row."""

    def __init__(self, chains: Chains, rules: PlacementRules) -> None:
        self.rules = rules
        self.chains = chains
        self.index = WordIndex(word for chain in chains.chains for word in _words(chain, rules))
        self.masters = [(plain(name), chain.zh) for chain in chains.chains for name in chain.masters]
        outside = {"always": rules.outside_always, "head": rules.outside_as_head}
        self.outside = WordIndex(Word(plain(word), "", kind) for kind, words in outside.items() for word in words)
        words = [word.text for chain in chains.chains for word in _words(chain, rules)]
        self.reducer = Reducer([*words, *(plain(word) for told in outside.values() for word in told), *(name for name, _ in self.masters)])
        self.holders: dict[tuple[str, str | None], list[tuple[str, str]]] = {}

    def place(self, row: Mapping[str, str]) -> Placed:
        stated = self._chain_of(row["chain"])
        outside = self._outside(row, stated)
        if outside:
            return Placed(stated)
        evidence = self._evidence(row, stated)
        if stated is None:
            chain, sure = _lead(evidence.chains, self.rules.rivalry)
            if chain is None or sure < self.rules.threshold:
                return Placed()
        else:
            chain, sure = stated, 1.0
        link, link_sure = _lead({link: share for (of, link), share in evidence.links.items() if of == chain}, self.rules.rivalry)
        if stated is not None and link_sure > 0:
            link_sure = _joined(link_sure, self.rules.stated_chain)
        link_sure = min(link_sure, sure)
        return Placed(chain, link, round(link_sure, 3)) if link and link_sure >= self.rules.threshold else Placed(chain)

    def _chain_of(self, text: str) -> str | None:
        return chain_of(text, self.chains) if text else None

    def _evidence(self, row: Mapping[str, str], stated: str | None) -> _Evidence:
        evidence = _Evidence()
        for column, weight in self.rules.field_weights.model_dump().items():
            # A stated chain that was recognised has said what it can; one that was not may still hold a word.
            if row[column] and not (column == "chain" and stated is not None):
                self._add_words(evidence, row[column], weight, stated, first_leads=column == "products")
        self._add_code(evidence, row["gb_code"], stated)
        self._add_masters(evidence, plain(f"{row['name']} {row['company']}"))
        return evidence

    def _add_masters(self, evidence: _Evidence, text: str) -> None:
        for chain in {chain for master, chain in self.masters if master in text}:
            evidence.add(chain, None, self.rules.master_in_text)

    def _add_words(self, evidence: _Evidence, text: str, weight: float, stated: str | None, first_leads: bool) -> None:
        main, aside = outside_brackets(plain(text))
        hits = self._hits(main, stated)
        heads = _heads(hits, first_leads)
        for word in dict.fromkeys(hit.word for hit in [*hits, *self._hits(aside, stated)]):
            share = weight * (self.rules.length_weight(word.text) if word.link else self.rules.chain_name_in_text)
            # Where only a bracket says anything there is no head for it to stand behind.
            evidence.add(word.chain, word.link, share if word in heads or not heads else share * self.rules.side_word)

    def _hits(self, text: str, stated: str | None) -> list[Hit]:
        return self.index.found(text, None if stated is None else lambda word: word.chain == stated)

    def _add_code(self, evidence: _Evidence, code: str, stated: str | None) -> None:
        key = (code, stated)
        if key not in self.holders:
            if len(self.holders) >= _REMEMBERED:
                self.holders.clear()
            self.holders[key] = _holders(code, [chain for chain in self.chains.chains if stated in (None, chain.zh)])
        for chain, link in self.holders[key]:
            evidence.add(chain, link, self.rules.industry_code / len(self.holders[key]))

    def _outside(self, row: Mapping[str, str], stated: str | None) -> bool:
        if stated is None and plain(row["category"]) in outside_category_words():
            return True
        name = outside_brackets(plain(row["name"]))[0]
        found = self.outside.found(name)
        if not found:
            return False
        if any(hit.word.link == "always" for hit in found):
            return True
        last = max((hit.end for hit in self._hits(name, stated)), default=0)
        return max(hit.end for hit in found) >= last


@_kept
def _placer(chains: Chains) -> _Placer:
    """Making one takes as long as placing 20,000 rows."""
    return _Placer(chains, placement_rules())


def _holders(code: str, chains: list[Chain]) -> list[tuple[str, str]]:
    """The links that carry an industry code; a code of three digits means every class under it, one of two says too little."""
    digits = plain(code).lstrip(_SECTIONS)
    if not (digits.isdigit() and len(digits) >= 3):
        return []
    return [(chain.zh, link.id) for chain in chains for link in chain.links
            if any(digits.startswith(own) or (len(digits) == 3 and own.startswith(digits)) for own in link.gb_codes)]


def _words(chain: Chain, rules: PlacementRules) -> list[Word]:
    keywords = {plain(keyword): link.id for link in chain.links for keyword in link.keywords}
    names = [plain(name) for name in (chain.zh, *chain.aliases)]
    silent = {*keywords, *map(plain, rules.stated_only)}
    spoken = [name for name in names if name not in silent and len(name) >= rules.chain_name_min_length]
    linked = [Word(text, chain.zh, link, generic=text in names) for text, link in keywords.items()]
    return linked + [Word(text, chain.zh, None, generic=True) for text in spoken]
