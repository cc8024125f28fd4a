"""What goes back to a reporter: cells to correct, pairs that may be one project, changes without a reason."""

from __future__ import annotations

import re

import pandas as pd

from liantu.assess.data_quality import ROW
from liantu.reference import Rule
from liantu.tables.fold import in_order
from liantu.tables.runs import among

_DESCRIBED = ["name", "company", "county", "total_investment_wan"]


def cells_to_fix(found: pd.DataFrame) -> pd.DataFrame:
    """The findings (`liantu.assess.data_quality.findings`) in the order in which a reporter should take them.

    Those of each reporter's newest ledger first, then errors before warnings, then by ledger, sheet and row.
    """
    order = ["newest", "severity", "about", "source_file", "sheet", "row", "column", "rule"]
    return found.sort_values(order, ascending=[False, True, False, True, True, True, True, True], ignore_index=True)


def fix_in_words(fix: str, rule: Rule | None, lang: str) -> str:
    """The part of quarantine's bilingual `fix` in one language, by the templates of its rule; the whole where they do not fit."""
    if rule is None:
        return fix
    zh, en = (re.sub(r"\\\{\w+\\\}", ".*", re.escape(text)) for text in (rule.fix_zh, rule.fix_en))
    found = re.fullmatch(f"(?P<zh>{zh}) (?P<en>{en})", fix, re.DOTALL)
    return found[lang] if found else fix


def possible_duplicates(merges: pd.DataFrame, observations: pd.DataFrame) -> pd.DataFrame:
    """Each pair of projects that is proposed as one, both sides beside each other, the surest first.

    Columns: score, evidence, and for each side a and b: project_id, name, company, county, total_investment_wan, snapshot,
    source_file, sheet, row. Side a is the row that raised the question, side b the newest row of the project it was held against.
    A pair stands once, with its best score; a pair whose other side is not known yet at the date of the tables is left out.
    """
    pairs = merges[merges["decision"] == "proposed"].sort_values(["score", *ROW], ascending=[False, True, True, True])
    columns = ["snapshot", *_DESCRIBED, *ROW]
    observations = observations[["project_id", "source", *columns]]
    newest = in_order(observations[among(observations["project_id"], pairs["matched_to"])]).drop_duplicates("project_id", keep="last")
    sides = {side: frame[[*dict.fromkeys(["project_id", *columns])]].add_suffix(f"_{side}")
             for side, frame in (("a", observations.drop_duplicates(ROW)), ("b", newest))}
    told = pairs.rename(columns={name: f"{name}_a" for name in ROW} | {"matched_to": "project_id_b"})[
        ["score", "evidence", "project_id_b", *(f"{name}_a" for name in ROW)]]
    table = told.merge(sides["a"], on=[f"{name}_a" for name in ROW]).merge(sides["b"], on="project_id_b")
    pair = [tuple(sorted(ids)) for ids in zip(table["project_id_a"], table["project_id_b"], strict=True)]
    return table.assign(_pair=pair).drop_duplicates("_pair").drop(columns="_pair").reset_index(drop=True)


def changes_without_reason(changes: pd.DataFrame, projects: pd.DataFrame) -> pd.DataFrame:
    """Changes of dates and sums for which the ledger gives no reason, with name and county of the project, the largest first.

    Adds `kind` (sum or date), `previous`, `latest` (万元 or days as ISO text) and `size`: 万元 for sums, days for dates.
    """
    rows = changes[changes["reason"].isna()].merge(projects[["project_id", "name", "county"]], on="project_id", how="left")
    days = (rows["latest_date"] - rows["previous_date"]).dt.days.astype("float64")
    money = rows["latest_wan"] - rows["previous_wan"]
    is_sum = rows["latest_wan"].notna() | rows["previous_wan"].notna()
    rows = rows.assign(kind=is_sum.map({True: "sum", False: "date"}).astype("str"), size=money.where(is_sum, days))
    for name in ("original", "previous", "latest"):
        dates = rows[f"{name}_date"].dt.strftime("%Y-%m-%d").astype("object")
        rows[name] = rows[f"{name}_wan"].astype("object").where(is_sum, dates)
    return rows.sort_values(["kind", "size", *ROW], key=lambda column: -column.abs() if column.name == "size" else column,
                            ascending=[False, True, True, True, True], ignore_index=True)
