"""Made-up observations for the tests of the checks."""

import numpy as np
import pandas as pd

from liantu.reference import city
from liantu.reference.checking import checking_rules
from liantu.tables import CONTRACTS

RULES = checking_rules(city())
DAYS = ("2021-12-31", "2022-03-31", "2022-06-30", "2022-09-30")
Q4, Q1, Q2, Q3 = DAYS
NOTHING = CONTRACTS["observations"].conform([])


def observed(*rows):
    base = {"project_id": "P1", "source": "county", "sheet": "S", "name": "甲项目", "county": "211302"}
    said = [base | {"row": place + 3, "source_file": f"{row['snapshot'][:7]}/台账.xlsx"} | row for place, row in enumerate(rows)]
    return typed(pd.DataFrame(said))


def typed(rows):
    """Rows in the contract's columns and types, without the time that the schema takes for many small tables."""
    days = {name: pd.to_datetime(rows[name]) for name in rows if NOTHING.dtypes[name].kind == "M"}
    return rows.assign(**days).reindex(columns=NOTHING.columns).astype(NOTHING.dtypes)


def city_ledgers(seed, projects=240, sheets=4, days=DAYS):
    """Ledgers of several sheets and snapshots, lognormal sums, every project with its whole history and nothing wrong."""
    rng = np.random.default_rng(seed)
    total = np.round(10 ** rng.normal(3.9, 0.55, projects))
    area = np.round(total / 10 ** rng.normal(2.0, 0.35, projects), 1).clip(0.2)
    plan = np.round(total * rng.uniform(0.05, 0.9, projects))
    pace = rng.uniform(0.05, 0.3, projects)
    frames = []
    for number, day in enumerate(days):
        done = np.round(total * np.minimum(pace * number, 1))
        frames.append(pd.DataFrame({
            "project_id": [f"P{place}" for place in range(projects)], "snapshot": day, "source": "county", "county": "211302",
            "source_file": f"{day[:7]}/台账.xlsx", "sheet": [f"S{place % sheets}" for place in range(projects)],
            "row": np.arange(projects) + 3, "name": [f"项目{place}" for place in range(projects)], "total_investment_wan": total,
            "plan_year_wan": plan, "done_total_wan": done, "done_year_wan": done, "area_mu": area}))
    return typed(pd.concat(frames, ignore_index=True))


def slipped(rows, seed, column, factors, share=0.02):
    """A share of a column's figures multiplied by one of the factors; the rows and the index of the cells touched."""
    rng = np.random.default_rng(seed)
    index = rng.choice(rows.index[rows[column] > 0], int(len(rows) * share), replace=False)
    changed = rows.copy()
    changed.loc[index, column] = changed.loc[index, column] * rng.choice(factors, len(index))
    return changed, set(index)
