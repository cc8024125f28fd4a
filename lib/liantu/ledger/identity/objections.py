"""What speaks against two mentions being one project: vetoes keep them apart, doubts leave them proposed at most."""

from __future__ import annotations

import numpy as np
import pandas as pd
from rapidfuzz.distance import Indel

from liantu.ledger.identity.names import Names
from liantu.reference.identity import IdentityRules

PHASES_DIFFER = "phases differ 期次不同"
COUNTIES_DIFFER = "counties differ 县区不同"
CODES_DIFFER = "national codes differ 项目代码不同"
SITES_DIFFER = "sites differ 地点不同"
HALF_PHASED = "only one tells a phase 仅一方写明期次"
PACKAGED = "a package and a part of it 打捆项目与分项"
MOVED = "the same name and company in two counties, one after the other 同名同单位先后见于两县"

Side = dict[str, np.ndarray]


def objections(one: Side, other: Side, scored: pd.DataFrame, nudges: Side, names: Names) -> tuple[np.ndarray, np.ndarray]:
    """What keeps each pair apart, and why it is proposed at most, however high it scores; empty where nothing speaks against it.

    One doubt leaves a pair to be proposed; two, or one beside amounts that have nothing in common, keep it apart. The same national
    code overrules all but phases and packages.
    """
    rules = names.rules
    stated = ~(np.isnan(one["amount"]) | np.isnan(other["amount"]))
    amount, coded = scored["amount"].to_numpy(), scored["same_code"].to_numpy()
    alike, unlike = stated & (amount >= 1), stated & (amount == 0)
    doubts = _doubts(one, other, scored, alike, nudges, rules)
    flags = {reason: np.asarray(flag, dtype=bool) & ~coded for reason, flag in doubts.items()}
    first = np.select(list(flags.values()), list(flags), "").astype(object) if len(scored) else np.zeros(0, dtype=object)
    # A phase beside a whole is a matter for a person, whatever the sums: it does not add up with other doubts.
    several = sum(flag.astype(int) for reason, flag in flags.items() if reason != HALF_PHASED)
    moved = _moved(one, other, scored, alike, rules) & ~coded
    county = scored["county"].to_numpy()
    city = frozenset([names.divisions.city.code])
    places = zip(one["places"], other["places"], strict=True)
    # The city's own name (建平至朝阳, 北票至朝阳) stands in both and proves nothing.
    elsewhere = np.fromiter((_disjoint(a, b) or _disjoint(a - city, b - city) for a, b in places), bool, len(scored))
    vetoes = {
        PHASES_DIFFER: scored["phase"].to_numpy() == -1,
        PACKAGED: _packaged(one, other, alike),
        COUNTIES_DIFFER: (county == 0) & ~moved & ~coded,
        "places differ 地名不同": (county == rules.unknown.county) & elsewhere & ~coded,
        SITES_DIFFER: _other_sites(one, other, scored, rules) & ~coded,
    }
    veto = np.select(list(vetoes.values()), list(vetoes), "").astype(object) if len(scored) else np.zeros(0, dtype=object)
    veto = np.where((veto == "") & (several + unlike * (several > 0) >= 2), first, veto)
    return veto, np.where(moved & (first == ""), MOVED, first)


def _disjoint(one: frozenset[str], other: frozenset[str]) -> bool:
    return bool(one) and bool(other) and one.isdisjoint(other)


def _doubts(
        one: Side, other: Side, scored: pd.DataFrame, alike: np.ndarray, nudges: Side, rules: IdentityRules) -> dict[str, np.ndarray]:
    """Each reason to leave a pair to a person, with the pairs it holds for."""
    company, name = scored["company"].to_numpy(), scored["name"].to_numpy()
    # A public body has many works that differ by the name of a place only; a firm seldom has two of one size and almost one name.
    public = _ends(one["firm"], rules.public_bodies) | _ends(other["firm"], rules.public_bodies)
    firm = (company >= rules.same_company) & ~public
    cores = zip(one["core"], other["core"], strict=True)
    generic = np.fromiter((min(len(mine), len(theirs)) <= rules.generic_name for mine, theirs in cores), bool, len(scored))
    sizes = (scored["amount"].eq(0).astype(int) + (nudges["area"] < 0) + (nudges["start"] < 0)).to_numpy()
    return {
        CODES_DIFFER: (one["code"] != "") & (other["code"] != "") & (one["code"] != other["code"]),
        "companies differ 单位不同": (company < rules.different_company) & (one["firm"] != "") & (other["firm"] != ""),
        "numbers differ 数字不同": scored["numbers"].eq(0).to_numpy(),
        "words differ 用词不同": _replaced(one, other, rules) & (name < 1) & ~(alike & firm),
        "another kind of work 建设性质不同": _other_work(one, other) & ~alike,
        HALF_PHASED: _half_phased(one, other) & ~alike,
        "chains differ 产业链不同": (nudges["chain"] < 0) & generic & ~alike,
        "size and dates differ 规模与时间不同": sizes >= 2,
    }


def _replaced(one: Side, other: Side, rules: IdentityRules) -> np.ndarray:
    """True where each of two names has characters that the other lacks: words replaced, not left out.

    Not so when it holds neither with places nor without, nor without what the plant makes in a year.
    """
    found = np.ones(len(one["core"]), dtype=bool)
    for field in ("core", "title", "bare"):
        found &= np.fromiter((_both_lack(a, b, rules.ranks) for a, b in zip(one[field], other[field], strict=True)), bool, len(found))
    return found


def _both_lack(one: str, other: str, ranks: str) -> bool:
    mine, theirs = set(one) - set(other), set(other) - set(one)
    return bool(mine) and bool(theirs) and not (mine | theirs <= set(ranks))


def _other_work(one: Side, other: Side) -> np.ndarray:
    """True where one name speaks of an extension or upgrade and the other of none or of another."""
    return np.fromiter((a != b and not (a & b) for a, b in zip(one["variants"], other["variants"], strict=True)), bool, len(one["core"]))


def _half_phased(one: Side, other: Side) -> np.ndarray:
    """True where one name tells a phase or lot and the other none: it may speak of the whole."""
    return np.fromiter((bool(a) != bool(b) for a, b in zip(one["phases"], other["phases"], strict=True)), bool, len(one["phases"]))


def _packaged(one: Side, other: Side, alike: np.ndarray) -> np.ndarray:
    """One name says that it stands for many works, the other does not, and their sums are not the same."""
    return ((one["package"] == "strong") != (other["package"] == "strong")) & ~alike


def _moved(one: Side, other: Side, scored: pd.DataFrame, alike: np.ndarray, rules: IdentityRules) -> np.ndarray:
    """A firm's project, the same in every word, that one county reports after the other has stopped, or that is said to stand elsewhere."""
    after = (one["last"] < other["since"]) | (other["last"] < one["since"])
    enclave = np.fromiter((any(word in a + b for word in rules.enclave) for a, b in zip(one["name"], other["name"], strict=True)),
                          bool, len(scored))
    long = np.fromiter((len(core) >= rules.distinctive_name for core in one["whole"]), bool, len(scored))
    same = (scored["name"].to_numpy() >= 0.95) & (scored["company"].to_numpy() >= rules.same_company) & (one["firm"] != "") & alike
    return (scored["county"].to_numpy() == 0) & same & long & (after | enclave) & ~_ends(one["firm"], rules.public_bodies)


def _ends(texts: np.ndarray, words: tuple[str, ...]) -> np.ndarray:
    known = {text: text.endswith(words) for text in set(texts.tolist())}
    return np.fromiter((known[text] for text in texts), bool, len(texts))


def _other_sites(one: Side, other: Side, scored: pd.DataFrame, rules: IdentityRules) -> np.ndarray:
    """True where two names differ by the words before the head of a site (朱碌科镇, 沙海镇), or by one of two opposites (东, 西)."""
    found = np.zeros(len(scored), dtype=bool)
    asked = (one["core"] != other["core"]) & (scored["score"].to_numpy() >= rules.thresholds.proposed)
    for place in np.flatnonzero(asked):
        found[place] = _site_replaced(one["core"][place], other["core"][place], rules)
    return found


def _site_replaced(one: str, other: str, rules: IdentityRules) -> bool:
    for mine, theirs, after in _replacements(one, other):
        if len(mine) == len(theirs) == 1:
            # One character may be a slip of the pen (鑫源, 鑫原), unless it is the opposite of the other.
            if any(mine in group and theirs in group for group in rules.opposites):
                return True
        # Towns share their last characters (刘杖子镇, 沟门子镇), so that the rank stands a little behind the words that differ.
        elif after.startswith(rules.sites) or any(rank in after[:3] for rank in rules.ranks):
            return True
    return False


def _replacements(one: str, other: str) -> list[tuple[str, str, str]]:
    """Where each of two texts has words of its own: both words, and what follows them in common."""
    found, start, started = [], 0, 0
    for block in Indel.opcodes(one, other).as_matching_blocks():
        mine, theirs = one[start:block.a], other[started:block.b]
        if mine and theirs:
            found.append((mine, theirs, one[block.a:]))
        start, started = block.a + block.size, block.b + block.size
    return found
