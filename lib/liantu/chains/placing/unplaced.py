"""What the placement leaves to a person: projects and firms without a link, with the two likeliest ones to choose from."""

from __future__ import annotations

import pandas as pd

from liantu.chains.placing.placement import guesses
from liantu.chains.placing.rules import outside_category_words, placement_rules
from liantu.chains.placing.wording import plain
from liantu.reference import Chains

_COLUMNS = {
    "what": "str", "id": "str", "name": "str", "company": "str", "county": "str", "known_chain": "str", "chain": "str", "link": "str",
    "confidence": "float64", "second_chain": "str", "second_link": "str", "second_confidence": "float64", "outside": "float64"}


def unplaced(projects: pd.DataFrame, enterprises: pd.DataFrame | None, chains: Chains, outside: bool = False) -> pd.DataFrame:
    """Projects and firms without a link, those with the surest guess first.

    `projects` and `enterprises` (None: no register) are the tidy tables; of a firm its newest row counts. Columns: `what` (project, firm),
    `id`, `name`, `company`, `county`, `known_chain` (stated, or sure enough without its link), the best guess `chain`, `link`,
    `confidence`, the second one `second_chain`, `second_link`, `second_confidence`, and `outside`: the probability that it lies on no
    chain. What most likely lies on none, by its category or by its name, is left out unless `outside`.
    """
    parts = [_open(projects.rename(columns={"project_id": "id"}), "project")]
    if enterprises is not None:
        newest = enterprises.sort_values(["enterprise_id", "snapshot"], kind="stable").drop_duplicates("enterprise_id", keep="last")
        parts.append(_open(newest.rename(columns={"enterprise_id": "id"}), "firm"))
    rows = pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)
    told = pd.concat([rows.drop(columns=["chain"]), guesses(rows, chains)], axis=1)
    if not outside:
        category = rows["category"].fillna("").map(plain).isin(outside_category_words()) & rows["chain"].isna()
        told = told[~category & ~(told["outside"] >= placement_rules().threshold)]
    told = told.sort_values(["confidence", "what", "id"], ascending=[False, False, True], kind="stable", ignore_index=True)
    return told.reindex(columns=list(_COLUMNS)).astype(_COLUMNS)


def _open(table: pd.DataFrame, what: str) -> pd.DataFrame:
    """The rows without a link, with the columns that are read of them."""
    rows = table[table["link"].isna()] if "link" in table else table
    rows = rows.reindex(columns=["id", "name", "company", "county", "chain", "products", "gb_code", "category"])
    rows = rows.astype(dict.fromkeys(rows.columns, "str"))
    return rows.assign(what=what, known_chain=rows["chain"]).reset_index(drop=True)
