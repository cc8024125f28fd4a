"""Rows to mentions: what one or more ledgers say of a project under the very same name, company and county.

Rows of one mention need no scores. `prepare_rows` and `row_ids` may be used on a part of the rows as well, as long as all rows of the
same county, name and company (`identity_keys`) are in one part.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import pandas as pd

from liantu.ledger.identity.names import Names, squeezed
from liantu.tables.contracts import SOURCES

WHERE = ["source_file", "sheet", "row"]
_IN_TIME = ["snapshot", "weight", *WHERE]


def identity_keys(observations: pd.DataFrame, names: Names) -> pd.DataFrame:
    """What the rows of one mention share, by the index of `observations`: `county`, `full` (the name's letters and digits), `owner`."""
    return pd.DataFrame({
        "county": observations["county"].fillna(""), "full": squeezed(observations["name"]),
        "owner": names.companies(observations["company"])})


def prepare_rows(observations: pd.DataFrame, names: Names, split: Iterable[object] = ()) -> pd.DataFrame:
    """The rows in their own order (time, who reports, file, sheet, row), each with its `ledger`, `slot` and `mention`.

    `observations` has snapshot, source, source_file, sheet, row, name, company, county, total_investment_wan and national_code.
    `split` are index labels of rows that a person told apart from the others of their name; each becomes a mention of its own.
    """
    rows = observations[["snapshot", "source", *WHERE, "name", "company", "county"]].assign(
        amount=observations["total_investment_wan"], code=observations["national_code"].fillna(""),
        weight=observations["source"].map({source: place for place, source in enumerate(SOURCES)}).astype("int64"),
        **{key: keys for key, keys in identity_keys(observations, names).items() if key != "county"})
    rows = _ordered(rows)
    rows["ledger"] = rows.groupby(["snapshot", "source_file", "sheet"], sort=False).ngroup()
    rows["group"] = rows.groupby(["county", "full", "owner"], dropna=False, sort=False).ngroup()
    rows["slot"] = _slots(rows, names.rules.blocking.followed)
    for label in split:
        rows.loc[label, "slot"] = rows.loc[rows["group"].eq(rows.at[label, "group"]), "slot"].max() + 1
    # Numbered by first appearance, so that the lower number of a pair is the earlier mention.
    rows["mention"] = rows.groupby(["group", "slot"], sort=False).ngroup()
    return rows


def row_ids(rows: pd.DataFrame) -> pd.Series:
    """The project id of each prepared row where no two mentions are joined: by what its mention's first row says."""
    first = rows.drop_duplicates("mention").set_index("mention")
    return rows["mention"].map(project_ids(first, pd.Series(first.index, index=first.index)))


def project_ids(mentions: pd.DataFrame, clusters: pd.Series) -> pd.Series:
    """P and 12 hexadecimal digits of what the project's earliest mention says: county, name with its phase, company, slot."""
    said = mentions["county"].fillna("") + "|" + mentions["full"] + "|" + mentions["owner"] + "|" + mentions["slot"].astype("str")
    earliest = mentions[["snapshot", "weight"]].assign(said=said, cluster=clusters)
    joined = earliest["cluster"].duplicated(keep=False)
    # Most mentions stand alone and need no sorting.
    first = earliest[joined].sort_values(["snapshot", "weight", "said"]).drop_duplicates("cluster")
    first = pd.concat([earliest[~joined], first])
    digests = ["P" + hashlib.sha256(text.encode()).hexdigest()[:12] for text in first["said"].tolist()]
    if not joined.any() and clusters.index.equals(mentions.index):
        return pd.Series(digests, index=clusters.index, dtype="str")
    return clusters.map(pd.Series(digests, index=first["cluster"].to_numpy(), dtype="str"))


def _ordered(rows: pd.DataFrame) -> pd.DataFrame:
    """Sorted in time; ledgers are few, so their names are sorted once and rows by numbers."""
    columns = [rows[key].astype("category").cat.codes if key in ("source_file", "sheet") else rows[key] for key in _IN_TIME]
    return rows.take(np.lexsort([column.to_numpy() for column in reversed(columns)]))


class _SlotRow(NamedTuple):
    place: int
    ledger: int
    amount: float
    code: str


def _slots(rows: pd.DataFrame, followed: int) -> pd.Series:
    """Tells apart rows of one name, company and county that one ledger lists side by side with different amounts or codes."""
    slots = pd.Series(0, index=rows.index)
    often = rows["group"].duplicated(keep=False)
    repeated = rows.loc[often, ["group", "ledger", "amount", "code", "owner", "source"]]
    distinct = repeated.drop_duplicates(["group", "ledger", "amount", "code"])
    several = distinct.loc[distinct.duplicated(["group", "ledger"]), "group"]
    codes = repeated.loc[repeated["code"].ne(""), ["group", "code"]].drop_duplicates()
    # Without a company, one name from two kinds of ledger may be two projects.
    nameless = repeated.loc[repeated["owner"].eq(""), ["group", "source"]].drop_duplicates()
    doubtful = {*several, *codes.loc[codes.duplicated("group"), "group"], *nameless.loc[nameless.duplicated("group"), "group"]}
    asked = rows.reset_index(drop=True)[rows["group"].isin(doubtful).to_numpy()]
    asked = asked.sort_values(["group", "snapshot", "weight", "source_file", "sheet", "amount", "row"])
    found = np.zeros(len(rows), dtype="int64")
    columns = zip(*(asked[name].tolist() for name in ("ledger", "amount", "code")), strict=True)
    taken = [_SlotRow(place, *row) for place, row in zip(asked.index.tolist(), columns, strict=True)]
    ends = np.flatnonzero(np.diff(asked["group"].to_numpy(), append=-1)) + 1
    for start, end in zip([0, *ends], ends, strict=False):
        for place, slot in _slots_of(taken[start:end], followed).items():
            found[place] = slot
    slots[:] = found
    return slots


def _slots_of(group: list[_SlotRow], followed: int) -> dict[int, int]:
    """Ledger by ledger in time, each row continues the slot whose last amount is nearest, the nearest pair first, or opens a new one."""
    ledgers: dict[int, list[_SlotRow]] = {}
    for row in group:
        ledgers.setdefault(row.ledger, []).append(row)
    if max(map(len, ledgers.values())) > followed:
        return _slots_by_equality(group)
    first, *later = ledgers.values()
    slots, places = _opened(first)
    for ledger in later:
        waiting = dict(enumerate(ledger))
        while waiting:
            fits = [(_fit(slot, row), -place, -order) for order, row in waiting.items() for place, slot in enumerate(slots)]
            fit, place, order = max(fits, default=(-1.0, 0, 0))
            if fit < 0:
                order, place = -next(iter(waiting)), -len(slots)
                slots.append([])
            row = waiting.pop(-order)
            slots[-place].append(row)
            places[row.place] = -place
    return places


def _opened(ledger: list[_SlotRow]) -> tuple[list[list[_SlotRow]], dict[int, int]]:
    """The slots of the first ledger: rows of one amount whose codes do not contradict each other."""
    slots: list[list[_SlotRow]] = []
    places: dict[int, int] = {}
    of_amount: dict[float | None, list[int]] = {}
    for row in ledger:
        mine = of_amount.setdefault(None if np.isnan(row.amount) else row.amount, [])
        place = next((place for place in mine if _fit(slots[place], row) >= 0), len(slots))
        if place == len(slots):
            mine.append(place)
            slots.append([])
        slots[place].append(row)
        places[row.place] = place
    return slots, places


def _slots_by_equality(group: list[_SlotRow]) -> dict[int, int]:
    """The same for a name listed very often side by side: only the same amount and code are the same slot."""
    known: dict[tuple[str, float | None], int] = {}
    return {row.place: known.setdefault((row.code, None if np.isnan(row.amount) else row.amount), len(known)) for row in group}


def _fit(slot: list[_SlotRow], row: _SlotRow) -> float:
    """How well a row continues a slot, 0 to 1; -1 when it cannot: another code, another row of its ledger, another size of project."""
    known = None
    for other in slot:
        if other.code and row.code and other.code != row.code:
            return -1.0
        if other.ledger == row.ledger and not _same(other.amount, row.amount):
            return -1.0
        known = known if np.isnan(other.amount) else other.amount
    if known is None or np.isnan(row.amount):
        return 0.5
    high = max(row.amount, known)
    ratio = 1.0 if high == 0 else min(row.amount, known) / high
    return ratio if ratio >= 0.5 else -1.0


def _same(one: float, other: float) -> bool:
    return one == other or (np.isnan(one) and np.isnan(other))
