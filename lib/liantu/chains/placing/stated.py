"""Which chain, and which of its links, a ledger means by what it states."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from liantu.chains.placing.prepared import prepared
from liantu.chains.placing.rules import PlacementRules, placement_rules
from liantu.chains.placing.wording import outside_brackets, plain
from liantu.reference import Chains

_REMEMBERED = 10_000
"""Different texts whose meaning is kept."""
_LINK_ENDINGS = ("产业链环节", "环节")


def chain_of(text: str, chains: Chains) -> str | None:
    """The Chinese name of the chain that a ledger means by `text`, or None when it means none or more than one.

    Tried in this order, after taking off differences of width, case, spaces, bracketed notes and endings such as 产业链: the whole
    text is a chain's name, id or alias; its parts (轮胎/橡胶) name one chain and no other; a name of three or more characters stands
    in it (longest, then first), but one of `stated_unqualified` (新材料) not behind a word that makes it another (铜基新材料); the text,
    of three or more characters, stands in the names of one chain only.
    """
    if not isinstance(text, str):
        return None
    names, known = _names(chains)
    if text not in known:
        if len(known) >= _REMEMBERED:
            known.clear()
        known[text] = _named(text, names)
    return known[text]


def link_of(text: str, chain: str | None, chains: Chains) -> tuple[str, str] | None:
    """The chain (Chinese name) and link (id) that a ledger means by `text` in a column of links, or None.

    With a chain only its links count. The text is a link's name, id or one of its keywords, or stands in the name of one link only
    (two or more characters); None as well when it fits links of several chains.
    """
    if not isinstance(text, str) or not (whole := _link_text(text)):
        return None
    by_text, names = _link_names(chains)
    told = [pair for pair in by_text.get(whole, ()) if chain in (None, pair[0])]
    if not told and len(whole) > 1:
        told = [pair for name, pair in names if whole in name and chain in (None, pair[0])]
    return told[0] if len(set(told)) == 1 else None


def states_no_link(text: str, rules: PlacementRules | None = None) -> bool:
    """Whether a text in a column of links tells none and is no mistake: empty, or a tier such as 上游."""
    return not (whole := _link_text(text)) or whole in map(plain, (rules or placement_rules()).stated_tiers)


def _link_text(text: str) -> str:
    whole = outside_brackets(plain(text))[0] or plain(text)
    ending = next((ending for ending in _LINK_ENDINGS if whole.endswith(ending)), "")
    return whole.removesuffix(ending).strip("/-—、")


@prepared
def _link_names(chains: Chains) -> tuple[dict[str, list[tuple[str, str]]], list[tuple[str, tuple[str, str]]]]:
    by_text: dict[str, list[tuple[str, str]]] = {}
    for chain in chains.chains:
        for link in chain.links:
            for text in dict.fromkeys(plain(text) for text in (link.zh, link.id, link.en, *link.keywords)):
                by_text.setdefault(text, []).append((chain.zh, link.id))
    return by_text, [(plain(link.zh), (chain.zh, link.id)) for chain in chains.chains for link in chain.links]


def _named(text: str, names: Mapping[str, str]) -> str | None:
    rules = placement_rules()
    whole = _stated(text, rules.stated_endings)
    if whole in names:
        return names[whole]
    parts = [_stated(part, rules.stated_endings) for part in whole.translate(_splitter(rules.separators)).split("\n")]
    known = {names[part] for part in parts if part in names}
    if known:
        return known.pop() if len(known) == 1 else None
    inside = [name for name in names if len(name) >= rules.chain_name_min_length and name in whole and not _qualified(name, whole, rules)]
    if inside:
        return names[max(inside, key=lambda name: (len(name), -whole.index(name)))]
    around = {chain for name, chain in names.items() if len(whole) >= rules.chain_name_min_length and whole in name}
    return around.pop() if len(around) == 1 else None


def _qualified(name: str, whole: str, rules: PlacementRules) -> bool:
    """Whether a name that takes its sense from what stands before it stands behind a word that gives it another."""
    before = whole[:whole.index(name)]
    if name not in rules.stated_unqualified or not before:
        return False
    return not before.endswith(tuple(map(plain, rules.stated_neutral)))


@prepared
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
