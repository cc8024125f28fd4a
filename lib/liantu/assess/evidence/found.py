"""What a rule gives back: the projects that it finds, those on which it could be tested, and why not where it could not."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from liantu.tables.runs import among

COLUMNS = ("project_id", "stage", "severity", "since", "told", "said")


@dataclass(frozen=True, eq=False)
class Found:
    """The outcome of one rule.

    `rows` has one row for each finding: project_id, stage (that it doubts), severity ("": the rule's own), since (first ledger that shows
    it), told (column of observations whose newest row makes the claim; "": the project's newest row), said (JSON: the values of the
    claim). `tested` are the projects on which it could be tested, `untestable` (project_id to why) those on which it could not.
    """

    rows: pd.DataFrame = field(repr=False)
    tested: pd.Index = field(repr=False)
    untestable: pd.Series = field(repr=False)

    def __post_init__(self) -> None:
        if strange := set(self.rows["project_id"]) - set(self.tested):
            raise ValueError(f"found without having been tested: {sorted(strange)[:3]}")


def found(table: pd.DataFrame, why: pd.Series | np.ndarray, doubt: pd.Series | np.ndarray, said: Mapping[str, object],
          stage: str | pd.Series = "", severity: str | pd.Series | np.ndarray = "", told: str | pd.Series = "") -> Found:
    """The outcome of a rule on `table` (index project_id, column since): `why` is why a row cannot be tested ("": it can).

    `doubt` marks the rows that break the rule, `said` names the values of the claim. Rows that cannot be tested are never found.
    """
    reason = pd.Series(np.asarray(why, dtype=object), index=table.index)
    can = reason.eq("").to_numpy(bool)
    mark = can & np.asarray(doubt, dtype=bool)
    about = {name: column.reindex(table.index)[mark] if isinstance(column, pd.Series) else [column] * int(mark.sum())
             for name, column in said.items()}
    rows = pd.DataFrame({"project_id": table.index[mark].astype("str"), "since": table["since"].to_numpy()[mark]})
    for name, value in (("stage", stage), ("severity", severity), ("told", told)):
        rows[name] = value if isinstance(value, str) else np.asarray(value, dtype=object)[mark]
    rows["said"] = _texts(pd.DataFrame({name: np.asarray(column, dtype=object) for name, column in about.items()}, index=rows.index))
    rows = rows.drop_duplicates(["project_id", "stage"])[list(COLUMNS)]
    return Found(rows, table.index[can].unique(), _why(reason[~can], table.index[can]))


def pooled(parts: list[Found]) -> Found:
    """Outcomes of one rule on several kinds of rows together: a project is tested where any part could test it."""
    rows = pd.concat([part.rows for part in parts], ignore_index=True)
    tested = parts[0].tested
    for part in parts[1:]:
        tested = tested.union(part.tested)
    return Found(rows.drop_duplicates(["project_id", "stage"]), tested, _why(pd.concat([part.untestable for part in parts]), tested))


def nothing_to_test(projects: pd.Index, why: str) -> Found:
    """The outcome where nothing in the tables lets the rule be tested on any of `projects`."""
    rows = pd.DataFrame({name: [] for name in COLUMNS})
    return Found(rows, projects[:0], pd.Series(why, index=projects, dtype="object"))


def first_of(**conditions: pd.Series | np.ndarray) -> np.ndarray:
    """For each row the name of the first condition that holds, "" where none does."""
    arrays = [np.asarray(condition, dtype=bool) for condition in conditions.values()]
    return np.select(arrays, list(conditions), "").astype(object)


def _why(reason: pd.Series, tested: pd.Index) -> pd.Series:
    reason = reason[~among(reason.index, tested)]
    return reason[~reason.index.duplicated()]


def _texts(values: pd.DataFrame) -> list[str]:
    return [json.dumps({name: _plain(value) for name, value in row.items()}, ensure_ascii=False) for row in values.to_dict("records")]


def _plain(value: object) -> object:
    if isinstance(value, (list, str)):
        return value
    if value is None or pd.isna(value):
        return None
    if isinstance(value, pd.Timestamp | np.datetime64):
        return pd.Timestamp(value).date().isoformat()
    return round(float(value), 4)
