"""The ledgers beside the projects: firms, zones, tasks and problems, one row for each and snapshot, told apart by stable keys."""

from __future__ import annotations

import hashlib

import numpy as np
import pandas as pd

from liantu.ledger.identity.names import Names, likeness, squeeze
from liantu.tables.contracts import CONTRACTS, SOURCES
from liantu.tables.fold import newest

KEYS = {"enterprises": "enterprise_id", "zones": "zone", "tasks": "task_id", "problems": "problem_id"}


def register(table: str, rows: pd.DataFrame) -> tuple[pd.DataFrame, pd.Series]:
    """One of the tables `KEYS` names from its accepted ledger rows, and the key of each of them (indexed as `rows`).

    Rows of one key and snapshot are folded: the county's ledger first, then the zone's, then a department's.
    """
    if rows.empty:
        return CONTRACTS[table].conform([]), pd.Series(index=rows.index, dtype="str")
    key = {"enterprises": enterprise_ids, "zones": lambda frame: frame["zone"], "tasks": _task_ids, "problems": _problem_ids}[table](rows)
    contract = CONTRACTS[table]
    weight = rows["source"].map({source: -place for place, source in enumerate(SOURCES)}).astype("float64")
    ordered = rows.assign(**{KEYS[table]: key}, _weight=weight).sort_values(["source_file", "sheet", "row"], ascending=False)
    ordered = ordered.sort_values([KEYS[table], "snapshot", "_weight"], kind="stable").reindex(columns=contract.names)
    fields = [name for name in contract.names if name not in contract.key]
    return contract.conform(newest(ordered, list(contract.key), fields)), key


def tie_problems(problems: pd.DataFrame, observations: pd.DataFrame, names: Names) -> pd.Series:
    """The project that each problem is about, where exactly one fits: by its very name, else by the likeness of names in its county."""
    known = observations.drop_duplicates(["county", "name", "project_id"])
    by_name = known.assign(key=known["name"].map(squeeze)).groupby("key")[["project_id", "county"]].agg(["unique"])
    asked = problems[["county", "project_name"]].drop_duplicates().dropna(subset=["project_name"])
    answers = {}
    for county, name in asked.itertuples(index=False):
        exact = by_name.loc[squeeze(name), ("project_id", "unique")] if squeeze(name) in by_name.index else []
        here = known[known["county"].eq(county)] if isinstance(county, str) else known
        exact = [project for project in exact if project in set(here["project_id"])]
        answers[county, name] = exact[0] if len(exact) == 1 else None if exact else _nearest(name, here, names)
    tied = [answers.get(pair) for pair in zip(problems["county"], problems["project_name"], strict=True)]
    return pd.Series(tied, index=problems.index, dtype="str")


def _nearest(name: str, known: pd.DataFrame, names: Names) -> str | None:
    """The project whose name is like `name`, when none of another project comes within the margin."""
    asked = names.project(name)
    taken = [names.project(other) for other in known["name"]]
    fits = np.array([not asked.phases or not other.phases or asked.phases == other.phases for other in taken], dtype=bool)
    cores = [other.core for other in taken]
    wholes = [names.company(owner) + core for owner, core in zip(known["company"], cores, strict=True)]
    alike = np.maximum(*(likeness([asked.core] * len(texts), texts, names.rules.abbreviation) for texts in (cores, wholes))) * fits
    best = pd.Series(alike, index=known["project_id"].to_numpy()).groupby(level=0).max().sort_values(ascending=False, kind="stable")
    if best.empty or best.iloc[0] < names.rules.problem_name:
        return None
    return best.index[0] if len(best) == 1 or best.iloc[1] < best.iloc[0] - names.rules.margin else None


def enterprise_ids(rows: pd.DataFrame) -> pd.Series:
    """By credit code; a firm whose code is missing in one ledger takes the one code that its name has elsewhere, else its name."""
    name = rows["name"].map(squeeze)
    codes = _texts(rows, "credit_code")
    known = pd.DataFrame({"name": name, "code": codes})[codes.notna()].drop_duplicates()
    one = known.drop_duplicates("name", keep=False).set_index("name")["code"]
    return _hashed("E", codes.fillna(name.map(one).astype("str")).fillna(name))


def _task_ids(rows: pd.DataFrame) -> pd.Series:
    """By the stated number where it means one task in every snapshot, else by the task's name and department."""
    return _stated_or(rows, "task_id", "T", _texts(rows, "name").map(squeeze) + "|" + _texts(rows, "department").fillna(""))


def _problem_ids(rows: pd.DataFrame) -> pd.Series:
    """By the stated number where it means one problem, else by county, project and description."""
    said = _texts(rows, "county").fillna("") + "|" + _texts(rows, "project_name").fillna("").map(squeeze)
    return _stated_or(rows, "problem_id", "Q", said + "|" + _texts(rows, "description").fillna("").map(squeeze))


def _stated_or(rows: pd.DataFrame, field: str, letter: str, said: pd.Series) -> pd.Series:
    stated = _texts(rows, field)
    meanings = pd.DataFrame({"stated": stated, "snapshot": rows["snapshot"], "said": said}).dropna().drop_duplicates()
    several = set(meanings.loc[meanings.duplicated(["stated", "snapshot"], keep=False), "stated"])
    return stated.mask(stated.isin(several)).fillna(_hashed(letter, said))


def _hashed(letter: str, said: pd.Series) -> pd.Series:
    digests = {text: letter + hashlib.sha256(text.encode()).hexdigest()[:12] for text in said.unique()}
    return said.map(digests).astype("str")


def _texts(rows: pd.DataFrame, field: str) -> pd.Series:
    return rows[field].astype("str") if field in rows else pd.Series(pd.NA, index=rows.index, dtype="str")
