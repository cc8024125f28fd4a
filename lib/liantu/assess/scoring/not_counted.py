"""What is not counted: items (projects) left out by the rules of a scoring file, each with its reason."""

from __future__ import annotations

import pandas as pd

from liantu.assess.scoring.scores import Rules
from liantu.assess.scoring.scoring_rules import NotCounted, load_rules
from liantu.reference.loading import ReferenceFileError


def apply_not_counted(items: pd.DataFrame, rules: Rules) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Split items (one row each) into those that count and those left out: (counted, left_out), both with the index of `items`.

    `left_out` has the further columns `reason` (id of the first rule of `not_counted` that holds), `reason_zh` and `reason_en`. `counted`
    has the further column `unchecked`: the rules that could not be judged because the ledgers do not state the value, joined by "、". A
    project of which one part counts already (`once_by`) is left out by its second row on; rows left out by other rules do not use it up.
    Raises ReferenceFileError with the file and the key where the items have no such column.
    """
    rules = load_rules(rules)
    reason = pd.Series("", index=items.index, dtype="str")
    unchecked = pd.Series("", index=items.index, dtype="str")
    ordered = sorted(enumerate(rules.not_counted), key=lambda entry: bool(entry[1].once_by))
    for at, rule in ordered:
        columns = list(rule.once_by) or [rule.column]
        if strange := [name for name in columns if name not in items.columns]:
            raise ReferenceFileError(f"{rules.file}: not_counted.{at}: no column {strange[0]!r} in the items")
        stated = items[columns].notna().all(axis=1)
        hit = _holds(items, rule, (reason == "") & stated) & stated & (reason == "")
        reason = reason.mask(hit, rule.id)
        unchecked = unchecked.mask(~stated, unchecked.where(unchecked == "", unchecked + "、") + rule.id)
    names = {rule.id: rule for rule in rules.not_counted}
    out = reason != ""
    left_out = items[out].assign(
        reason=reason[out], reason_zh=reason[out].map(lambda code: names[code].zh).astype("str"),
        reason_en=reason[out].map(lambda code: names[code].en).astype("str"))
    return items[~out].assign(unchecked=unchecked[~out]), left_out


def _holds(items: pd.DataFrame, rule: NotCounted, candidates: pd.Series) -> pd.Series:
    """Whether a rule holds for each item; of `once_by`, among the candidates only."""
    if rule.once_by:
        again = items[candidates].duplicated(subset=list(rule.once_by), keep="first")
        return again.reindex(items.index, fill_value=False)
    column = items[rule.column]
    if rule.below is not None:
        return (column < rule.below).fillna(False).astype(bool)
    if rule.matches is not None:
        return column.astype("str").str.contains(rule.matches, regex=True).fillna(False).astype(bool)
    return column.isin(list(rule.equals))
