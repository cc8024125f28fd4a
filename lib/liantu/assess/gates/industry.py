"""The industry of each project by GB/T 4754-2017, where it is told, and whether it is on a list."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd

from liantu.assess.gates.rules import GateRules, Listed
from liantu.reference import Chains

FROM = ("stated", "firm", "link", "national_code", "words", "category", "none")
"""Where an industry is told, in the order in which it is asked."""
_JOIN = "、"
# Codes given until 2020 begin with a year and have the division of industry third; later ones begin with year and month (2019 is no month).
_OLD_CODE = r"^20(?:1[3-9]|20)-\d{6}-(\d{2})-"


def industry_of(projects: pd.DataFrame, enterprises: pd.DataFrame, chains: Chains, rules: GateRules) -> pd.DataFrame:
    """Codes of each project's industry and where they are told; the index is that of `projects`.

    Columns: industry (codes joined by 、, empty: none told), code_from (`FROM`). Asked in turn: a column `gb_code` of the projects, the
    register's code of the company of the same name, the link of the chain, the division in a national project code of the old form, words
    in the name, a category that says a section. Of several codes of a link those stay that words in the name or the national code point to.
    """
    words = _first_words(projects["name"], rules)
    old = projects["national_code"].astype("str").str.extract(_OLD_CODE)[0]
    stated = projects["gb_code"] if "gb_code" in projects else pd.Series(np.nan, index=projects.index, dtype="str")
    links = {(chain.zh, link.id): _JOIN.join(code.lstrip("ABCDEFGHIJKLMNOPQRST") for code in link.gb_codes)
             for chain in chains.chains for link in chain.links}
    linked = _of(list(zip(projects["chain"], projects["link"], strict=True)), links.get, projects.index)
    told = {"stated": stated, "firm": _of_firm(projects["company"], enterprises), "link": _narrowed(linked, words, old),
            "national_code": old, "words": words,
            "category": _of(list(projects["category"]), {name: _JOIN.join(codes) for name, codes in rules.categories.items()}.get,
                            projects.index)}
    industry, source = pd.Series("", index=projects.index, dtype="str"), pd.Series("none", index=projects.index, dtype="str")
    for name, codes in told.items():
        free = (industry == "") & (codes.fillna("") != "")
        industry, source = industry.mask(free, codes), source.mask(free, name)
    return pd.DataFrame({"industry": industry, "code_from": source})


def _of(keys: Sequence[object], find: Callable[[object], str | None], index: pd.Index) -> pd.Series:
    return pd.Series([find(key) for key in keys], index=index, dtype="str")


def _of_firm(companies: pd.Series, enterprises: pd.DataFrame) -> pd.Series:
    firms = enterprises[enterprises["gb_code"].notna()]
    codes = dict(zip(firm_names(firms["name"]), firms["gb_code"], strict=True))
    return _of(list(firm_names(companies)), codes.get, companies.index)


def firm_names(names: pd.Series) -> pd.Series:
    """Company names without spaces: ledgers of projects give no credit code to go by."""
    return names.str.replace(r"\s", "", regex=True)


def _first_words(names: pd.Series, rules: GateRules) -> pd.Series:
    """The codes of the first entry of `name_words` that a name holds."""
    found = pd.Series(pd.NA, index=names.index, dtype="str")
    for entry in rules.name_words:
        found = found.mask(found.isna() & has_words(names, entry.words), _JOIN.join(entry.codes))
    return found


def has_words(names: pd.Series, words: Sequence[str]) -> pd.Series:
    """Whether each name holds one of `words`; none does where there are no words."""
    if not words:
        return pd.Series(False, index=names.index)
    return names.str.contains("|".join(map(re.escape, words)), regex=True).fillna(False).astype(bool)


def _narrowed(linked: pd.Series, words: pd.Series, old: pd.Series) -> pd.Series:
    """Of several codes of a link those that the name's words, else the national code, point to, if any."""
    pairs = zip(linked, words, old, strict=True)
    return pd.Series([_narrow(one, (word, division)) if isinstance(one, str) and _JOIN in one else one for one, word, division in pairs],
                     index=linked.index, dtype="str")


def _narrow(codes: str, hints: tuple[object, ...]) -> str:
    for hint in hints:
        if isinstance(hint, str):
            left = [code for code in codes.split(_JOIN) if any(code.startswith(part) for part in hint.split(_JOIN))]
            if left:
                return _JOIN.join(left)
    return codes


def listed_by(industry: pd.Series, names: pd.Series, lists: Sequence[Listed]) -> pd.DataFrame:
    """Whether each project's industry is on a list: `state` (yes, no, some, unknown) and `entry` (id of the first entry that it is on).

    `industry` holds codes joined by 、. Some: only part of the codes is, or a code is broader than what is listed. Unknown: no code and no
    listed word in the name.
    """
    distinct = {codes: _on(tuple(codes.split(_JOIN)) if codes else (), lists) for codes in industry.unique()}
    state = pd.Series([distinct[codes][0] for codes in industry], index=industry.index, dtype="str")
    entry = pd.Series([distinct[codes][1] for codes in industry], index=industry.index, dtype="str")
    for one in lists:
        said = (state != "yes") & has_words(names, one.words)
        state, entry = state.mask(said, "yes"), entry.mask(said, one.id)
    return pd.DataFrame({"state": state, "entry": entry})


def _on(codes: tuple[str, ...], lists: Sequence[Listed]) -> tuple[str, str]:
    if not codes:
        return "unknown", ""
    prefixes: Mapping[str, str] = {code: one.id for one in reversed(lists) for code in one.codes}
    inside = [next((entry for prefix, entry in prefixes.items() if code.startswith(prefix)), "") for code in codes]
    broader = [next((entry for prefix, entry in prefixes.items() if prefix.startswith(code)), "") for code in codes]
    first = next((entry for entry in (*inside, *broader) if entry), "")
    return ("yes" if all(inside) else "some" if first else "no"), first
