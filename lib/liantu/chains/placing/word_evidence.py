"""What the words of a name, its industry code and its firm say for each chain and each link."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from liantu.chains.placing.prepared import prepared
from liantu.chains.placing.reducing import Reducer
from liantu.chains.placing.rules import PlacementRules, outside_category_words, placement_rules
from liantu.chains.placing.stated import chain_of, link_of
from liantu.chains.placing.wording import Hit, Word, WordIndex, outside_brackets, plain
from liantu.reference import Chain, Chains

_REMEMBERED = 10_000
"""Different industry codes whose links are kept."""
_SECTIONS = "ABCDEFGHIJKLMNOPQRST"


@dataclass(frozen=True)
class Evidence:
    """What speaks for each link and each chain: shares that join as independent evidence."""

    links: dict[tuple[str, str], float] = field(default_factory=lambda: defaultdict(float))
    chains: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    codes: dict[tuple[str, str], float] = field(default_factory=dict)
    """The part of it that the industry code tells of links."""

    def add(self, chain: str, link: str | None, share: float) -> None:
        """Join one more piece of evidence."""
        self.chains[chain] = joined(self.chains[chain], share)
        if link is not None:
            self.links[chain, link] = joined(self.links[chain, link], share)


@dataclass(frozen=True)
class Judgement:
    """What words say of one row: the chain and link that it states, whether it lies outside by rule, and the evidence."""

    stated: str | None
    link: str | None
    outside: bool
    evidence: Evidence

    def leads(self, rivalry: float) -> tuple[str | None, str | None, float]:
        """Chain, link and what is left of the link's share after its rival's, never more than that of the chain when none is stated."""
        chain, sure = (self.stated, 1.0) if self.stated else _lead(self.evidence.chains, rivalry)
        link, link_sure = _lead({link: share for (of, link), share in self.evidence.links.items() if of == chain}, rivalry)
        return chain, link, min(link_sure, sure)


def joined(first: float, second: float) -> float:
    """Two pieces of independent evidence as one."""
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


class WordPlacer:
    """The words of one edition made ready once, and the judging of one row."""

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

    def judge(self, row: Mapping[str, str]) -> Judgement:
        """What words, code and firm say of one row (texts, none missing)."""
        stated = chain_of(row["chain"], self.chains) if row["chain"] else None
        link = link_of(row["link"], stated, self.chains) if row["link"] else None
        if link:
            return Judgement(link[0], link[1], False, Evidence())
        if self._outside(row, stated):
            return Judgement(stated, None, True, Evidence())
        return Judgement(stated, None, False, self._evidence(row, stated))

    def _evidence(self, row: Mapping[str, str], stated: str | None) -> Evidence:
        evidence = Evidence()
        for column, weight in self.rules.field_weights.model_dump().items():
            # A stated chain that was recognised has said what it can; one that was not may still hold a word.
            if row[column] and not (column == "chain" and stated is not None):
                self._add_words(evidence, row[column], weight, stated, first_leads=column == "products")
        self._add_code(evidence, row["gb_code"], stated)
        self._add_masters(evidence, plain(f"{row['name']} {row['company']}"))
        return evidence

    def _add_masters(self, evidence: Evidence, text: str) -> None:
        for chain in dict.fromkeys(chain for master, chain in self.masters if master in text):
            evidence.add(chain, None, self.rules.master_in_text)

    def _add_words(self, evidence: Evidence, text: str, weight: float, stated: str | None, first_leads: bool) -> None:
        main, aside = outside_brackets(plain(text))
        hits = self._hits(main, stated)
        heads = _heads(hits, first_leads)
        for word in dict.fromkeys(hit.word for hit in [*hits, *self._hits(aside, stated)]):
            share = weight * (self.rules.length_weight(word.text) if word.link else self.rules.chain_name_in_text)
            # Where only a bracket says anything there is no head for it to stand behind.
            evidence.add(word.chain, word.link, share if word in heads or not heads else share * self.rules.side_word)

    def _hits(self, text: str, stated: str | None) -> list[Hit]:
        return self.index.found(text, None if stated is None else lambda word: word.chain == stated)

    def _add_code(self, evidence: Evidence, code: str, stated: str | None) -> None:
        key = (code, stated)
        if key not in self.holders:
            if len(self.holders) >= _REMEMBERED:
                self.holders.clear()
            self.holders[key] = _holders(code, [chain for chain in self.chains.chains if stated in (None, chain.zh)])
        for chain, link in self.holders[key]:
            evidence.add(chain, link, self.rules.industry_code / len(self.holders[key]))
            evidence.codes[chain, link] = self.rules.industry_code / len(self.holders[key])

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


@prepared
def word_placer(chains: Chains) -> WordPlacer:
    """Making one takes as long as placing 20,000 rows."""
    return WordPlacer(chains, placement_rules())


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
