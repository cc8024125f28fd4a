"""All that shows only when rows are held against each other, in one pass: flaws of cells, named findings and the table `changes`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import pandas as pd

from liantu.ledger.checking.changes import changes
from liantu.ledger.checking.slips import Header, Slips, find_slips
from liantu.ledger.checking.sources import disagreements
from liantu.ledger.checking.stages import stages_back
from liantu.ledger.checking.vanishing import vanished
from liantu.reference import City
from liantu.reference.checking import SlipRules, checking_rules
from liantu.tables.contracts import CHANGES

AT_ONE_DATE = ("project_id", "snapshot", "source", "source_file", "sheet", "row", "total_investment_wan", "plan_year_wan",
               "done_year_wan", "done_total_wan", "area_mu")
"""Columns of observations that the checks look at when all rows are of one snapshot."""


class Found(NamedTuple):
    """A cell that breaks a rule: index and column of observations, the rule, and what Body.flaw wants beside."""

    index: Any
    column: str
    rule: str
    instead: str = ""
    detail: str = ""
    since: dt.date | None = None
    """The later snapshot that reveals it; None where the row's own does."""


@dataclass(frozen=True)
class Checked:
    """What the checks found; `findings` are facts without words, as findings.yml words them."""

    flaws: tuple[Found, ...] = field(repr=False)
    findings: tuple[dict[str, Any], ...]
    changes: pd.DataFrame = field(repr=False)


def check(
        rows: pd.DataFrame, city: City, header: Header = lambda index, column: "", replaced: Collection[str] = (),
        refused: Iterable[tuple[pd.Timestamp, str]] = ()) -> Checked:
    """Hold observations (contract's columns at least, on a unique index) against each other.

    `header` tells the header of a cell by index and column, so that a slip's unit is told against the header's; `replaced` and `refused`
    as of `vanished`. Nothing is changed. Every check looks at the rows of one project, but for slips of unit, which look at whole sheets.
    Rows of one snapshot show slips and sources that differ, and need the columns of these (`AT_ONE_DATE`) only.
    """
    rules = checking_rules(city)
    slips = find_slips(rows, rules.slips, header)
    flaws = [Found(index, column, "sources_differ") for index, column in disagreements(rows)]
    since = _revealed(rows, slips, rules.slips)
    flaws += [Found(slip.index, slip.column, "unit_slip", f"{rows.at[slip.index, slip.column]:g}",
                    slip.suspected.told(header(slip.index, slip.column)), since[slip.index, slip.column]) for slip in slips.cells]
    if rows["snapshot"].nunique() < 2:
        return Checked(tuple(flaws), slips.sheets, CHANGES.conform([]))
    flaws += _stages(rows, city)
    flaws += [Found(index, "name", "vanished", rows.at[index, "name"], f"{day:%Y-%m-%d}", day.date())
              for index, day in vanished(rows, rules.vanishing, replaced, refused)]
    return Checked(tuple(flaws), slips.sheets, changes(rows, rules, _doubtful(rows, slips)))


def _revealed(rows: pd.DataFrame, slips: Slips, rules: SlipRules) -> dict[tuple[Any, str], dt.date]:
    """The first snapshot with which each slip shows, so that tables opened as known before it do not have it."""
    days = sorted(rows["snapshot"].unique()) if slips.cells else []
    since = {(slip.index, slip.column): days[-1].date() for slip in slips.cells}
    for day in reversed(days[:-1]):
        shown = {(slip.index, slip.column) for slip in find_slips(rows[rows["snapshot"] <= day], rules).cells}
        since |= dict.fromkeys(since.keys() & shown, day.date())
    return since


def _stages(rows: pd.DataFrame, city: City) -> list[Found]:
    terms = city.vocabulary.terms("stages")
    return [Found(index, "stage", "stage_back", terms[rows.at[index, "stage"]].zh, f"{terms[stage].zh} {terms[stage].en}, {day:%Y-%m-%d}")
            for index, stage, day in stages_back(rows)]


def _doubtful(rows: pd.DataFrame, slips: Slips) -> list[tuple[Any, str]]:
    """The cells, one by one and of whole columns, whose figures are no change of what was planned or done."""
    cells = [(slip.index, slip.column) for slip in slips.cells]
    for finding in slips.sheets:
        inside = rows["source_file"].eq(finding["source_file"]) & rows["sheet"].eq(finding["sheet"])
        cells += [(index, finding["field"]) for index in rows.index[inside]]
    return cells
