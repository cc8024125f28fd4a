"""Tiny city-wide tables for the rules of the evidence audit, folded from ledger rows as cleaning folds them."""

import datetime as dt

import pandas as pd

from liantu.assess.evidence import Known, evidence_rules
from liantu.assess.evidence.auditing import CHECKS
from liantu.reference import city
from liantu.tables import CONTRACTS
from liantu.tables.fold import fold

AS_OF = dt.date(2022, 9, 30)
EMPTY = {name: CONTRACTS[name].conform([]) for name in ("merges", "parts", "changes", "enterprises", "problems", "quarantine")}
SNAPSHOTS = ("2021-12-31", "2022-03-31", "2022-06-30", "2022-09-30")


def row(project="P1", snapshot="2022-09-30", **more):
    """One ledger row; any column of observations by name."""
    given = {"project_id": project, "snapshot": snapshot, "source": "county", "source_file": f"{snapshot}/a.xlsx", "sheet": "S",
             "row": 10 + int(project[1:] or 0), "name": f"项目{project}", "company": f"公司{project}", "county": "211382",
             "total_investment_wan": 10000.0}
    for name in more:
        if name.endswith(("_actual", "_planned")):
            given[f"{name}_precision"] = more.get(f"{name}_precision", "day")
    return given | more


def known(rows, as_of=AS_OF, **tables):
    """What is known from some ledger rows; other tables (merges, parts, changes, enterprises, quarantine) as lists of rows."""
    observations = CONTRACTS["observations"].conform(rows)
    place = city()
    folded = fold(observations)
    others = {name: CONTRACTS[name].conform(tables[name]) if name in tables else empty for name, empty in EMPTY.items()}
    collected = tuple(sorted(pd.to_datetime(observations["snapshot"]).unique()))
    return Known(as_of=as_of, collected=collected, pause=place.calendar.winter_pause, counties=place.divisions.codes,
                 city=place.divisions.city.code, observations=observations, **folded, **others)


def check(rule, rows, as_of=AS_OF, **tables):
    """The outcome of one rule with its shipped parameters."""
    return CHECKS[rule](known(rows, as_of, **tables), evidence_rules().rule(rule).parameters)


def found(rule, rows, as_of=AS_OF, **tables):
    """project and stage of each finding of a rule."""
    return list(check(rule, rows, as_of, **tables).rows[["project_id", "stage"]].itertuples(index=False, name=None))
