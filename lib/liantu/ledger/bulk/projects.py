"""Which rows of all pieces are one project, asked only of the rows that may not stand alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from liantu.ledger.bulk import aside
from liantu.ledger.bulk.tasks import CARRIED, Setting
from liantu.ledger.corrections.placings import Placed, placed_by_hand
from liantu.ledger.identity.matching import identify, repeats
from liantu.ledger.identity.mentions import prepare_rows, row_ids
from liantu.ledger.identity.names import Names
from liantu.ledger.rows.typed import complete
from liantu.tables.contracts import MERGES
from liantu.tables.fold import in_order

_ASKED = ("snapshot", "source", "source_file", "sheet", "row", "name", "company", "county", "total_investment_wan", "national_code",
          "chain", "link", "content", "area_mu", "started_actual")
Units = Sequence[tuple[int, np.ndarray]]
"""The numbers under which rows were put aside, each with the keys of its rows' mentions."""


def identified(
        setting: Setting, units: Units, names: Names, rulings: pd.DataFrame,
        placings: pd.DataFrame) -> tuple[dict[int, pd.DataFrame], pd.DataFrame, Placed]:
    """For each unit what `tasks.settle` must be told, the table `merges`, and the projects that a person placed.

    Rows of one ledger and snapshot can be one project only as one mention, and a large ledger alone is not searched for likely pairs
    (`blocking.side_by_side_rows`): then only rows that share their name, company and county with another are looked at. With several
    ledgers every row is, by the columns that tell identity.
    """
    rows = sum(len(keys) for _, keys in units)
    if not rows:
        return {}, MERGES.conform([]), {}
    ledgers = {aside.first_row(setting.folder, f"rows-{number:05}", ("snapshot", "source_file", "sheet")) for number, _ in units}
    if len(ledgers) == 1 and rows > names.rules.blocking.side_by_side_rows and not len(rulings) and not len(placings):
        asked = gathered(setting, _repeated(units))
        prepared = prepare_rows(asked, names)
        ids = row_ids(prepared)
        merges = MERGES.conform(repeats(prepared, ids))
        asked["project_id"] = ids.reindex(asked.index).astype("str")
    else:
        asked = gathered(setting, {number: np.arange(len(keys)) for number, keys in units})
        ids, merges = identify(asked, names, rulings)
        asked["project_id"] = ids
    return _told(known_by_then(asked)), merges, placed_by_hand(asked, asked["project_id"], placings)


def met_by_chance(setting: Setting, told: Mapping[int, pd.DataFrame], alone: Mapping[int, np.ndarray]) -> dict[int, pd.DataFrame]:
    """What units must be told anew because two projects bear one id: twelve hexadecimal digits, so about one pair in ten million rows.

    `alone` has for each unit the ids, as numbers, of its rows that stand alone. Such rows are taken together, as they are in memory.
    """
    every = np.sort(np.concatenate([np.zeros(0, dtype=np.uint64), *alone.values()]))
    twice = np.unique(every[1:][every[1:] == every[:-1]])
    if not len(twice):
        return {}
    met: dict[int, np.ndarray] = {}
    for number, ids in alone.items():
        if (hits := np.flatnonzero(np.isin(ids, twice))).size:
            rows = aside.rows_of(setting.folder, f"rows-{number:05}")
            single = np.ones(rows, dtype=bool)
            if number in told:
                single[told[number].loc[~told[number]["alone"], "at"].to_numpy()] = False
            met[number] = np.flatnonzero(single)[hits]
    rows = gathered(setting, met)
    numbers = np.concatenate([alone[number][np.isin(alone[number], twice)] for number in met])
    rows["project_id"] = pd.Series([f"P{value:012x}" for value in numbers.tolist()], dtype="str")
    again = _told(known_by_then(rows))
    return {number: pd.concat([told[number][~told[number]["at"].isin(part["at"])], part], ignore_index=True)
            if number in told else part for number, part in again.items()}


def gathered(setting: Setting, places: Mapping[int, np.ndarray]) -> pd.DataFrame:
    """The columns that tell identity of some rows, with `unit` and `at`, where they stand."""
    parts = []
    for number, at in places.items():
        frame = complete(aside.read_frame(setting.folder, f"rows-{number:05}", _ASKED, at), _ASKED)[list(_ASKED)]
        parts.append(frame.assign(unit=number, at=at))
    if not parts:
        return complete(pd.DataFrame({"unit": [], "at": [], "row": []}, dtype="int64"), _ASKED)
    return pd.concat(parts, ignore_index=True)


def known_by_then(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows in order with the chain, link and content that their project was said to have by then, and whether they stand alone."""
    ordered = in_order(rows)
    several = ordered["project_id"].duplicated(keep=False)
    known = ordered.loc[several, ["project_id", *CARRIED]].groupby("project_id")[list(CARRIED)].ffill()
    for name in CARRIED:
        ordered[name] = ordered[name].where(~several, known[name].reindex(ordered.index)).astype("str")
    return ordered.assign(alone=~several)


def _told(rows: pd.DataFrame) -> dict[int, pd.DataFrame]:
    columns = ["at", "project_id", "alone", *CARRIED]
    return {int(number): part[columns].sort_values("at", ignore_index=True) for number, part in rows.groupby("unit")}


def _repeated(units: Units) -> dict[int, np.ndarray]:
    """The places of the rows whose key is not theirs alone."""
    every = np.sort(np.concatenate([keys for _, keys in units]))
    twice = np.unique(every[1:][every[1:] == every[:-1]])
    places = {number: np.flatnonzero(twice[np.minimum(np.searchsorted(twice, keys), len(twice) - 1)] == keys)
              for number, keys in units} if len(twice) else {}
    return {number: at for number, at in places.items() if len(at)}
