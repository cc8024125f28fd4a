"""How much speaks for two mentions being one project.

The score is a plain sum of weighted features, each between 0 and 1, and small nudges; words, weights and thresholds are in
identity.yml. What speaks against a pair is in `objections`.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from liantu.ledger.identity.names import Names, likeness, proof, shared_letters
from liantu.ledger.identity.objections import objections
from liantu.reference.identity import IdentityRules

FEATURES = ("name", "company", "county", "amount", "numbers", "phase")


def take_apart(mentions: pd.DataFrame, names: Names) -> pd.DataFrame:
    """`mentions` (with name and company) with the parts of their names (core, bare, title ...), `firm`, `firm_title`."""
    projects = [names.project(name) for name in mentions["name"].tolist()]
    firms = [names.firm(company) for company in mentions["company"].tolist()]
    both = zip(mentions["name"].tolist(), mentions["company"].tolist(), strict=True)
    parts = {field: [getattr(project, field) for project in projects] for field in (
        "core", "bare", "title", "phases", "numbers", "variants", "package")}
    taken = zip((project.core for project in projects), (firm.core for firm in firms), strict=True)
    wholes = [core if firm in core else firm + core for core, firm in taken]
    return mentions.assign(
        **{field: pd.Series(values, index=mentions.index, dtype=object) for field, values in parts.items()},
        firm=pd.Series([firm.core for firm in firms], index=mentions.index, dtype=object),
        firm_title=pd.Series([firm.title for firm in firms], index=mentions.index, dtype=object),
        whole=pd.Series(wholes, index=mentions.index, dtype=object),
        places=pd.Series([names.places(f"{name} {company}") for name, company in both], index=mentions.index, dtype=object))


def score_pairs(mentions: pd.DataFrame, chunks: Iterable[pd.DataFrame], names: Names) -> pd.DataFrame:
    """The features and score of each pair, with what speaks against it: `veto` (never together) and `doubt` (proposed at most).

    `mentions` comes from `take_apart`, `chunks` from `candidate_pairs`. Pairs below the near-miss threshold are left out.
    """
    scored = [_scored(mentions, pairs, names) for pairs in chunks]
    scored = scored or [_scored(mentions, pd.DataFrame({"one": [], "other": []}, dtype="int64"), names)]
    return pd.concat(scored, ignore_index=True).drop_duplicates(["one", "other"]).sort_values(["one", "other"], ignore_index=True)


def _scored(mentions: pd.DataFrame, pairs: pd.DataFrame, names: Names) -> pd.DataFrame:
    rules, weights = names.rules, names.rules.weights.model_dump()
    scored = pairs.reset_index(drop=True)
    one, other = _sides(mentions, scored, ("county", "amount", "newest", "code", "core", "bare", "whole", "title", "firm", "firm_title"))
    scored["county"] = _county(one, other, names)
    scored["amount"], scored["slip"] = _amount(one, other, rules)
    scored["same_code"] = (one["code"] == other["code"]) & (one["code"] != "")
    scored["name"] = _name(one, other, rules)
    scored["bare"] = np.maximum(scored["name"], likeness(one["bare"], other["bare"], rules.abbreviation))
    # The cheap features first: what cannot reach the near-miss threshold even with the rest is dropped before more is compared.
    scored = _hopeful(scored, {"bare": weights["name"], "county": weights["county"], "amount": weights["amount"]}, rules)
    one, other = _sides(mentions, scored, tuple(mentions.columns))
    scored["company"] = _company(one, other, scored, rules)
    scored = _hopeful(scored, {"bare": weights["name"]} | {key: weights[key] for key in ("county", "amount", "company")}, rules)
    one, other = _sides(mentions, scored, tuple(mentions.columns))
    scored["numbers"] = _pairwise(_numbers, one["numbers"], other["numbers"], rules.unknown.numbers)
    # 年产3万吨 may stand before or behind: without it, where both say the same numbers.
    scored["name"] = np.where(scored["numbers"].ge(1), scored["bare"], scored["name"])
    scored["phase"] = _phases(one, other, rules.unknown.phase)
    nudges = _nudges(one, other, rules)
    score = sum(scored[feature] * weights[feature] for feature in FEATURES) + sum(nudges.values())
    scored["score"] = score.mask(scored["same_code"], np.maximum(score, rules.same_code)).clip(upper=1.0).round(4)
    near = scored["score"].ge(rules.thresholds.near_miss).to_numpy()
    one, other, nudges = ({key: values[near] for key, values in side.items()} for side in (one, other, nudges))
    scored = scored[near].reset_index(drop=True)
    scored["veto"], scored["doubt"] = objections(one, other, scored, nudges, names)
    return scored.assign(**nudges)


def _hopeful(scored: pd.DataFrame, known: dict[str, float], rules: IdentityRules) -> pd.DataFrame:
    """Without the pairs that cannot become near misses, although all that is not `known` yet (feature and weight) were at its best."""
    rest = 1 - sum(known.values()) + sum(max(nudge, 0) for nudge in rules.nudges.model_dump().values())
    best = sum(scored[feature] * weight for feature, weight in known.items()) + rest
    return scored[(best >= rules.thresholds.near_miss - 1e-4) | scored["same_code"]].reset_index(drop=True)


def _sides(mentions: pd.DataFrame, pairs: pd.DataFrame, columns: tuple[str, ...]) -> list[dict[str, np.ndarray]]:
    """What both mentions of each pair say, as arrays: pairs are many and mentions few."""
    arrays = {column: mentions[column].to_numpy() for column in columns}
    places = [mentions.index.get_indexer(pairs[side]) for side in ("one", "other")]
    return [{column: values[place] for column, values in arrays.items()} for place in places]


def _pairwise(compare: object, one: np.ndarray, other: np.ndarray, *given: float) -> np.ndarray:
    return np.fromiter((compare(a, b, *given) for a, b in zip(one, other, strict=True)), float, len(one))


def _name(one: dict[str, np.ndarray], other: dict[str, np.ndarray], rules: IdentityRules) -> np.ndarray:
    """Likeness of the cores, or of one core and the other with its company before it, which a short name may have taken in."""
    pairs = ((1.0, "core", "core"), (0.97, "core", "whole"), (0.97, "whole", "core"))
    alike = [worth * likeness(one[mine], other[theirs], rules.abbreviation) for worth, mine, theirs in pairs]
    # A short name may have kept a letter of its place (凌钢): only whole abbreviations prove anything here.
    return np.maximum.reduce([*alike, 0.97 * proof(*shared_letters(one["title"], other["title"]), rules.abbreviation)])


def _company(one: dict[str, np.ndarray], other: dict[str, np.ndarray], scored: pd.DataFrame, rules: IdentityRules) -> np.ndarray:
    """Likeness of the companies; what the project names tell of them where a row is silent, or where it names the investor instead.

    An attraction ledger names the investor where the county names the project's firm: a firm that stands in the other row's project
    name is that project's firm. A long name, word for word the same with the same amount, leaves the company open.
    """
    # The name of a company is a proper name: two characters of it prove more than two of a project's description.
    worths = {**rules.abbreviation, **rules.company_abbreviation}
    alike = likeness(one["firm"], other["firm"], worths)
    alike = np.maximum(alike, proof(*shared_letters(one["firm_title"], other["firm_title"]), worths))
    named = _stands_in(one["firm"], other["core"], rules) | _stands_in(other["firm"], one["core"], rules)
    alike = np.maximum(alike, np.where(named, rules.company_in_name, 0))
    same_name = (one["core"] == other["core"]) & (one["numbers"] == other["numbers"])
    long = np.fromiter((len(core) >= rules.distinctive_name for core in one["core"]), bool, len(alike))
    same = same_name & long & scored["amount"].ge(1).to_numpy() & ~np.isnan(one["amount"])
    silent = (one["firm"] == "") | (other["firm"] == "")
    neutral = np.where(same_name, rules.unknown.company_same_name, rules.unknown.company)
    return np.where(silent | same, np.maximum(neutral, alike), alike)


def _stands_in(firms: np.ndarray, cores: np.ndarray, rules: IdentityRules) -> np.ndarray:
    """True where a firm's own name (its first characters) stands in a project's name; a public body's must stand there whole."""
    brands = {firm: firm if firm.endswith(rules.public_bodies) else firm[:rules.brand_length] for firm in set(firms.tolist())}
    return np.fromiter((len(brands[firm]) >= 3 and brands[firm] in core for firm, core in zip(firms, cores, strict=True)), bool, len(firms))


def _county(one: dict[str, np.ndarray], other: dict[str, np.ndarray], names: Names) -> np.ndarray:
    city = names.divisions.city.code
    return np.where(one["county"] == other["county"], 1.0,
                    np.where((one["county"] == city) | (other["county"] == city), names.rules.unknown.county, 0.0))


def _amount(one: dict[str, np.ndarray], other: dict[str, np.ndarray], rules: IdentityRules) -> tuple[np.ndarray, np.ndarray]:
    """The best agreement of what the two said first and last, as a share of the way from `apart` to `alike`; and where a unit slipped."""
    best, slip = np.zeros(len(one["amount"])), np.zeros(len(one["amount"]), dtype=bool)
    for a, b in ((one[mine], other[theirs]) for mine in ("amount", "newest") for theirs in ("amount", "newest")):
        low, high = np.minimum(a, b), np.maximum(a, b)
        best = np.maximum(best, share(low, high))
        for ratio in rules.unit_slip.ratios:
            slip |= np.maximum(share(low * ratio, high), share(high, low * ratio)) * (low > 0) > rules.amount_ratio.alike
    scaled = np.clip((best - rules.amount_ratio.apart) / (rules.amount_ratio.alike - rules.amount_ratio.apart), 0, 1)
    unknown = np.isnan(one["amount"]) | np.isnan(other["amount"])
    return np.where(unknown, rules.unknown.amount, np.where(slip, np.maximum(scaled, rules.unit_slip.worth), scaled)), slip & ~unknown


def share(low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """The smaller as a share of the larger, 1 where both are 0, 0 where it is more than the larger or one is not known."""
    ratio = np.where(high > 0, low / np.where(high > 0, high, 1), 1.0)
    return np.where(np.isnan(ratio) | (ratio > 1), 0.0, ratio)


def _nudges(one: dict[str, np.ndarray], other: dict[str, np.ndarray], rules: IdentityRules) -> dict[str, np.ndarray]:
    """What chain, area and start add to the score; 0 where one of the two says nothing."""
    nudges, bounds = rules.nudges, rules.amount_ratio
    chained = ~(pd.isna(one["chain"]) | pd.isna(other["chain"]))
    chain = np.where(one["chain"] == other["chain"], nudges.chain_same, nudges.chain_differs) * chained
    measured = ~(np.isnan(one["area"]) | np.isnan(other["area"]))
    ratio = share(np.minimum(one["area"], other["area"]), np.maximum(one["area"], other["area"]))
    area = np.select([ratio >= bounds.alike, ratio <= bounds.apart], [nudges.area_same, nudges.area_apart], 0.0) * measured
    days = np.abs((one["start"] - other["start"]) / np.timedelta64(1, "D"))
    start = np.select([days <= rules.start_days.same, days >= rules.start_days.apart], [nudges.start_same, nudges.start_apart], 0.0)
    return {"chain": chain, "area": area, "start": start}


def _numbers(one: frozenset[float], other: frozenset[float], unknown: float) -> float:
    if not one or not other:
        return 1.0 if not one and not other else unknown
    return len(one & other) / min(len(one), len(other))


def _phases(one: dict[str, np.ndarray], other: dict[str, np.ndarray], unknown: float) -> np.ndarray:
    sets = zip(*(side[field] for field in ("phases", "variants") for side in (one, other)), strict=True)
    return np.fromiter((_phase(*of_pair, unknown) for of_pair in sets), float, len(one["phases"]))


def phases_agree(one: frozenset[str], other: frozenset[str]) -> bool:
    """False where both tell phases, lots or years of one kind, and other ones."""
    kinds = {phase.split()[0] for phase in one} & {phase.split()[0] for phase in other}
    return all({phase for phase in one if phase.startswith(kind)} == {phase for phase in other if phase.startswith(kind)} for kind in kinds)


def _phase(one: frozenset[str], other: frozenset[str], variant: frozenset[str], varied: frozenset[str], unknown: float) -> float:
    """1 the same, `unknown` where one says nothing, 0 where the kinds of construction differ, -1 where phases or lots contradict."""
    if one != other and not phases_agree(one, other):
        return -1.0
    if variant != varied:
        return 0.0
    return 1.0 if one == other else unknown
