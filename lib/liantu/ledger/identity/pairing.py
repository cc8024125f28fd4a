"""Pairs of mentions that may be the same project: which to look at, and how much speaks for each.

The score is a plain sum of weighted features, each between 0 and 1; words, weights and thresholds are in identity.yml.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from liantu.ledger.identity.names import Names, likeness
from liantu.reference.identity import IdentityRules

FEATURES = ("name", "company", "county", "amount", "numbers", "phase")
PHASES_DIFFER = "phases differ 期次不同"
COUNTIES_DIFFER = "counties differ 县区不同"
CODES_DIFFER = "national codes differ 项目代码不同"


def candidate_pairs(mentions: pd.DataFrame, names: Names) -> pd.DataFrame:
    """Pairs of mentions worth a closer look: columns `one` and `other` (one < other).

    They share a county (the city's own projects stand in every county) and a company or a pair of characters that is not common in
    that county's names; or a national code.
    """
    blocking = names.rules.blocking
    city = names.divisions.city.code
    homes = mentions[["county", "owner", "whole"]].reset_index()
    everywhere = homes[homes["county"].eq(city)].drop(columns="county").merge(
        pd.Series(names.divisions.codes, name="county", dtype="str"), how="cross")
    homes = pd.concat([homes, everywhere], ignore_index=True)
    grams = homes["whole"].map(lambda whole: sorted({whole[at:at + 2] for at in range(max(len(whole) - 1, 1))}))
    grams = homes.assign(key=grams).explode("key")[["mention", "county", "key"]]
    counts = grams.groupby(["county", "key"])["mention"].transform("size")
    largest = grams["county"].map(homes.groupby("county").size()) * blocking.common_share
    grams = grams[counts <= np.maximum(largest, blocking.common_count)]
    owners = homes.loc[homes["owner"].ne(""), ["mention", "county", "owner"]].rename(columns={"owner": "key"})
    codes = mentions.loc[mentions["code"].ne(""), "code"].reset_index().rename(columns={"code": "key"}).assign(county="")
    keys = pd.concat([grams, owners, codes], ignore_index=True)
    met = keys.merge(keys, on=["county", "key"])
    met = met.loc[met["mention_x"] < met["mention_y"], ["mention_x", "mention_y"]].drop_duplicates()
    return met.set_axis(["one", "other"], axis=1).sort_values(["one", "other"], ignore_index=True)


def score_pairs(mentions: pd.DataFrame, pairs: pd.DataFrame, names: Names) -> pd.DataFrame:
    """The features and score of each pair, with what speaks against it: `veto` (never together) and `doubt` (proposed at most).

    Pairs below the near-miss threshold are left out.
    """
    rules = names.rules
    one, other = (mentions.loc[pairs[side]].reset_index(drop=True) for side in ("one", "other"))
    scored = pairs.reset_index(drop=True)
    scored["name"] = _name(one, other, rules.abbreviation)
    scored["county"] = _county(one, other, names)
    scored["amount"] = _amount(one, other, names)
    scored["company"] = _company(one, other, scored, names)
    # The cheap features first: what cannot reach the near-miss threshold even with the rest is dropped before sets are compared.
    weights = rules.weights.model_dump()
    so_far = sum(scored[feature] * weights[feature] for feature in ("name", "company", "county", "amount"))
    scored["same_code"] = one["code"].ne("") & one["code"].eq(other["code"])
    kept = (so_far + weights["numbers"] + weights["phase"] >= rules.thresholds.near_miss) | scored["same_code"]
    scored, one, other = (frame[kept].reset_index(drop=True) for frame in (scored, one, other))
    scored["numbers"] = [_numbers(*sets, rules.unknown.numbers) for sets in zip(one["numbers"], other["numbers"], strict=True)]
    scored["phase"] = [_phase(*sets, rules.unknown.phase) for sets in zip(
        one["phases"], other["phases"], one["variants"], other["variants"], strict=True)]
    score = sum(scored[feature] * weights[feature] for feature in FEATURES)
    scored["score"] = score.mask(scored["same_code"], np.maximum(score, rules.same_code)).clip(upper=1.0).round(4)
    scored["veto"], scored["doubt"] = _objections(one, other, scored, rules)
    return scored[scored["score"] >= rules.thresholds.near_miss].reset_index(drop=True)


def _objections(one: pd.DataFrame, other: pd.DataFrame, scored: pd.DataFrame, rules: IdentityRules) -> tuple[np.ndarray, np.ndarray]:
    """What keeps a pair apart, and why a pair is proposed at most, however high it scores; empty where nothing speaks against it.

    One doubt leaves a pair to be proposed; two, or one beside amounts that have nothing in common, keep it apart.
    """
    stated = one["amount"].notna() & other["amount"].notna()
    alike, unlike = stated & scored["amount"].ge(1), stated & scored["amount"].eq(0)
    # A public body has many works that differ by the name of a place only; a firm seldom has two of one size and almost one name.
    public = one["owner"].str.endswith(rules.public_bodies) | other["owner"].str.endswith(rules.public_bodies)
    firm = scored["company"].ge(rules.same_company) & ~public
    doubts = {
        CODES_DIFFER: one["code"].ne("") & other["code"].ne("") & ~scored["same_code"],
        "companies differ 单位不同": scored["company"].lt(0.5) & one["owner"].ne("") & other["owner"].ne(""),
        "numbers differ 数字不同": scored["numbers"].eq(0) & ~alike,
        "words differ 用词不同": _replaced(one["core"], other["core"]) & scored["name"].lt(1) & ~(alike & firm),
    }
    flags = pd.DataFrame({reason: flag & ~scored["same_code"] for reason, flag in doubts.items()})
    first = np.select([flags[reason] for reason in doubts], list(doubts), "")
    several = flags.sum(axis=1) + unlike.astype(int) * flags.any(axis=1)
    elsewhere = np.array([bool(a) and bool(b) and a.isdisjoint(b) for a, b in zip(one["places"], other["places"], strict=True)], dtype=bool)
    veto = np.select(
        [scored["phase"].eq(-1), scored["county"].eq(0), scored["county"].lt(1) & elsewhere, several.ge(2)],
        [PHASES_DIFFER, COUNTIES_DIFFER, "places differ 地名不同", first], "")
    return veto, first


def _name(one: pd.DataFrame, other: pd.DataFrame, abbreviation: dict[int, float]) -> np.ndarray:
    """Likeness of the cores, or of one core and the other with its company before it, which a short name may have taken in."""
    return np.maximum.reduce([
        _likeness(one["core"], other["core"], abbreviation),
        0.97 * _likeness(one["core"], other["whole"], abbreviation),
        0.97 * _likeness(one["whole"], other["core"], abbreviation)])


def _likeness(one: pd.Series, other: pd.Series, abbreviation: dict[int, float]) -> np.ndarray:
    return likeness(one.tolist(), other.tolist(), abbreviation)


def _replaced(one: pd.Series, other: pd.Series) -> np.ndarray:
    """True where each of two cores has characters that the other lacks: words replaced, not left out."""
    return np.array([bool(set(a) - set(b)) and bool(set(b) - set(a)) for a, b in zip(one, other, strict=True)], dtype=bool)


def _company(one: pd.DataFrame, other: pd.DataFrame, scored: pd.DataFrame, names: Names) -> np.ndarray:
    """Likeness of the companies; what the project names tell of them where a row is silent, or where it names the investor instead.

    An attraction ledger names the investor where the county names the project's firm: a firm that stands in the other row's project
    name is that project's firm. A long name, word for word the same with the same amount, leaves the company open.
    """
    rules = names.rules
    # The name of a company is a proper name: two characters of it prove more than two of a project's description.
    alike = _likeness(one["owner"], other["owner"], {**rules.abbreviation, **rules.company_abbreviation})
    named = _stands_in(one["owner"], other["core"], rules) | _stands_in(other["owner"], one["core"], rules)
    alike = np.maximum(alike, np.where(named, rules.company_in_name, 0))
    same_name = one["core"].eq(other["core"]) & one["numbers"].eq(other["numbers"])
    same = same_name & one["core"].str.len().ge(rules.distinctive_name) & scored["amount"].ge(1) & one["amount"].notna()
    silent = one["owner"].eq("") | other["owner"].eq("")
    neutral = np.where(same_name, rules.unknown.company_same_name, rules.unknown.company)
    return np.where(silent | same, np.maximum(neutral, alike), alike)


def _stands_in(owners: pd.Series, cores: pd.Series, rules: IdentityRules) -> np.ndarray:
    """True where a firm's own name (its first characters) stands in a project's name; a public body's must stand there whole."""
    brands = owners.where(owners.str.endswith(rules.public_bodies), owners.str[:rules.brand_length])
    return np.array([len(brand) >= 3 and brand in core for brand, core in zip(brands, cores, strict=True)], dtype=bool)


def _county(one: pd.DataFrame, other: pd.DataFrame, names: Names) -> np.ndarray:
    city = names.divisions.city.code
    return np.where(one["county"].eq(other["county"]), 1.0,
                    np.where(one["county"].eq(city) | other["county"].eq(city), names.rules.unknown.county, 0.0))


def _amount(one: pd.DataFrame, other: pd.DataFrame, names: Names) -> np.ndarray:
    """The best agreement of what the two said first and last, as a share of the way from `apart` to `alike`."""
    sides = [(one[a].to_numpy(), other[b].to_numpy()) for a in ("amount", "newest") for b in ("amount", "newest")]
    ratios = [np.where(np.maximum(a, b) > 0, np.minimum(a, b) / np.where(np.maximum(a, b) > 0, np.maximum(a, b), 1), 1.0) for a, b in sides]
    best = np.maximum.reduce(ratios)
    bounds = names.rules.amount_ratio
    scaled = np.clip((best - bounds.apart) / (bounds.alike - bounds.apart), 0, 1)
    return np.where(one["amount"].isna() | other["amount"].isna(), names.rules.unknown.amount, scaled)


def _numbers(one: frozenset[float], other: frozenset[float], unknown: float) -> float:
    if not one or not other:
        return 1.0 if not one and not other else unknown
    return len(one & other) / min(len(one), len(other))


def _phase(one: frozenset[str], other: frozenset[str], variant: frozenset[str], varied: frozenset[str], unknown: float) -> float:
    """1 the same, `unknown` where one says nothing, 0 where the kinds of construction differ, -1 where phases or lots contradict."""
    for kind in {phase.split()[0] for phase in one} & {phase.split()[0] for phase in other}:
        if {phase for phase in one if phase.startswith(kind)} != {phase for phase in other if phase.startswith(kind)}:
            return -1.0
    if variant != varied:
        return 0.0
    return 1.0 if one == other else unknown
