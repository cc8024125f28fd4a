"""What a person ruled on two rows: one project, or two. It wins over every score and veto, also by way of further rows."""

from __future__ import annotations

import pandas as pd

from liantu.errors import LiantuError
from liantu.ledger.identity.mentions import WHERE

RULED = "ruled by a person 人工裁定: "
COLUMNS = [*(f"{side}_{part}" for side in ("one", "other") for part in ("file", "sheet", "row")), "decision", "reason"]


def located(rulings: pd.DataFrame | None, observations: pd.DataFrame) -> pd.DataFrame:
    """The rulings with the index labels of their rows: one, other, decision, reason and `said`, the ruling in words.

    `rulings` has the columns of `COLUMNS`; a decision is `merge` or `apart`. Raises LiantuError for a decision that is neither, and for a
    row that is no accepted project row.
    """
    if rulings is None or rulings.empty:
        return pd.DataFrame(columns=["one", "other", "decision", "reason", "said"])
    wrong = rulings.loc[~rulings["decision"].isin(["merge", "apart"]), "decision"]
    if len(wrong):
        raise LiantuError(f"ruling: decision {wrong.iloc[0]!r} is not known. Allowed: merge, apart")
    labels = {tuple(where): label for label, *where in _places(observations, WHERE)}
    found = {side: [_label(labels, where) for _, *where in _places(rulings, [f"{side}_{part}" for part in ("file", "sheet", "row")])]
             for side in ("one", "other")}
    said = [_said(ruling) for ruling in rulings.to_dict("records")]
    return pd.DataFrame({
        **{side: pd.Series(values, dtype=object) for side, values in found.items()}, "decision": rulings["decision"].tolist(),
        "reason": (RULED + rulings["reason"].fillna("").astype("str")).tolist(), "said": said})


def to_split(ruled: pd.DataFrame, rows: pd.DataFrame) -> list[object]:
    """The rows to take out of their mention: the second of each two rows of one name, company and county that are ruled apart."""
    apart = ruled[ruled["decision"].eq("apart")]
    mention = rows["mention"]
    return list(dict.fromkeys(other for one, other in zip(apart["one"], apart["other"], strict=True) if mention[one] == mention[other]))


def of_mentions(ruled: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """The rulings on mentions: one < other, decision, reason; each pair once.

    Raises LiantuError, naming both, where merges, one after the other, bring together what another ruling keeps apart.
    """
    sides = [ruled[side].map(rows["mention"]).astype("int64") for side in ("one", "other")]
    pairs = ruled.assign(one=sides[0].where(sides[0] < sides[1], sides[1]), other=sides[1].where(sides[0] < sides[1], sides[0]))
    _contradiction(pairs)
    pairs = pairs[pairs["one"].ne(pairs["other"])].drop_duplicates(["one", "other"], ignore_index=True)
    return pairs[["one", "other", "decision", "reason"]]


def _contradiction(pairs: pd.DataFrame) -> None:
    home: dict[int, int] = {}
    apart = [(rule.one, rule.other, rule.said) for rule in pairs[pairs["decision"].eq("apart")].itertuples()]
    for rule in pairs[pairs["decision"].eq("merge")].itertuples():
        old, new = home.get(rule.other, rule.other), home.get(rule.one, rule.one)
        home |= dict.fromkeys([*(member for member, at in home.items() if at == old), old, rule.other, rule.one], new)
        for one, other, said in apart:
            if home.get(one, one) == home.get(other, other):
                raise LiantuError(f"rulings contradict each other: {rule.said}, yet {said}; withdraw one of them 两条人工裁定相互矛盾")
    for one, other, said in apart:
        if one == other:
            raise LiantuError(f"ruling: {said}, but it is one and the same row")


def _places(frame: pd.DataFrame, columns: list[str]) -> list[tuple[object, ...]]:
    file, sheet, row = columns
    return list(zip(frame.index, frame[file], frame[sheet].fillna(""), frame[row].astype("int64").tolist(), strict=True))


def _label(labels: dict[tuple[object, ...], object], where: list[object]) -> object:
    if tuple(where) not in labels:
        file, sheet, row = where
        raise LiantuError(f"ruling: {file}#{sheet}!{row} is no accepted project row; see lineage and quarantine for the rows there are")
    return labels[tuple(where)]


def _said(ruling: dict[str, object]) -> str:
    one, other = (f"{ruling[f'{side}_file']}#{ruling[f'{side}_sheet'] or ''}!{ruling[f'{side}_row']}" for side in ("one", "other"))
    return f"{ruling['decision']} {one} and {other}"
