"""The fold of many projects together is the fold of each alone, and the order of the rows tells nothing."""

import numpy as np
import pandas as pd

from liantu.tables import CONTRACTS
from liantu.tables.contracts import APPROVALS, EARLY_STAGES, PRECISIONS, SOURCES, STAGES
from liantu.tables.fold import fold


def observed(projects, seed):
    draw = np.random.default_rng(seed)

    def day():
        return None if draw.random() < 0.7 else pd.Timestamp("2022-01-01") + pd.Timedelta(days=int(draw.integers(0, 6)))

    rows = []
    for number in range(projects * 3):
        row = {
            "project_id": f"P{draw.integers(0, projects):012x}", "source": draw.choice(SOURCES), "source_file": draw.choice(["a", "b"]),
            "sheet": draw.choice(["", "s"]), "row": number, "name": f"名{draw.integers(0, 3)}",
            "snapshot": pd.Timestamp("2022-03-31") + pd.Timedelta(days=91 * int(draw.integers(0, 3))),
            "stage": draw.choice([None, *STAGES, *EARLY_STAGES]), "chain": draw.choice([None, "甲"]), "link": draw.choice([None, "l"]),
            "company": draw.choice([None, "c", "d"]), "done_year_wan": draw.choice([np.nan, 1.0, 2.0])}
        for stage in STAGES:
            row |= {f"{stage}_planned": day(), f"{stage}_actual": day(), f"{stage}_planned_precision": draw.choice([None, *PRECISIONS]),
                    f"{stage}_actual_precision": draw.choice([None, *PRECISIONS])}
        for approval in APPROVALS:
            row |= {f"{approval}_status": draw.choice([None, "pending", "done"]), f"{approval}_date": day()}
        rows.append(row)
    return CONTRACTS["observations"].conform(rows)


def test_projects_are_folded_each_for_itself():
    rows = observed(12, 1)
    together = fold(rows)
    each = [fold(part) for _, part in rows.groupby("project_id")]
    for name, table in together.items():
        pd.testing.assert_frame_equal(table, pd.concat([one[name] for one in each], ignore_index=True))


def test_the_order_of_many_rows_tells_nothing():
    rows = observed(30, 2)
    mixed = rows.sample(frac=1, random_state=3, ignore_index=True)
    for (name, one), other in zip(fold(rows).items(), fold(mixed).values(), strict=True):
        pd.testing.assert_frame_equal(one, other, obj=name)
