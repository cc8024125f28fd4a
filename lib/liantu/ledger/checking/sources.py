"""Sources that do not agree within one snapshot."""

from __future__ import annotations

import pandas as pd

from liantu.ledger.checking.again import snapshot_again
from liantu.tables.fold import in_order

DIFFERENCE = 0.05
"""Sources that differ by more than this share are flagged (contracts, Values)."""
AMOUNTS = ("total_investment_wan", "plan_year_wan", "done_year_wan", "done_total_wan")


def disagreements(observations: pd.DataFrame) -> list[tuple[object, str]]:
    """Index and column of every amount that differs by more than 5 % from the one that is used for its project and snapshot."""
    needed = observations[["project_id", "snapshot", "source", "source_file", "sheet", "row", *AMOUNTS]][snapshot_again(observations)]
    ordered = in_order(needed.assign(_index=needed.index))
    found: list[tuple[object, str]] = []
    for column in AMOUNTS:
        told = ordered[ordered[column].notna()]
        used = told.groupby(["project_id", "snapshot"])[column].transform("last")
        larger = pd.concat([used, told[column]], axis=1).max(axis=1)
        differs = (told[column] - used).abs() > DIFFERENCE * larger
        found += [(index, column) for index in told.loc[differs, "_index"]]
    return found
