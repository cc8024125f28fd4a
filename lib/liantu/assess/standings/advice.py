"""The most useful things to do for a county: what would bring the most points, and the matters behind it."""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np
import pandas as pd

from liantu.assess.scoring import points_of, totals_of
from liantu.assess.standings.indicator_rules import indicator_rules
from liantu.assess.standings.matters import matters_of
from liantu.assess.standings.standing import Standings, standings
from liantu.assess.standings.storing import stored
from liantu.assess.standings.watch import COUNTY_ASSESSMENTS
from liantu.reference.opened import kept
from liantu.report import Report

COLUMNS = ["county", "order", "assessment", "indicator", "value", "goal", "goal_kind", "points", "reason", "n_items", "items"]
_WAN_IN_YI = 10_000
SOURCES = tuple(name for name in COUNTY_ASSESSMENTS if name != "county_overall")


@dataclass(frozen=True)
class Gain:
    """What one indicator of an assessment would bring."""

    assessment: str
    indicator: str
    value: float
    goal: float
    goal_kind: str
    points: float


def three_things(report: Report, county: str) -> pd.DataFrame:
    """The most useful things to do for a county (GB/T code), as known at the report's date, those that reach the middle first.

    Columns: county, order (1, 2, ...), assessment (which of SOURCES), indicator, value, goal, goal_kind (`middle`: the median of the
    counties that report it; `best`: the best of them, where the county stands at the middle or above already), points (added to the
    total of the assessment if the indicator alone rose to the goal and nothing else changed), reason (code), n_items (all matters behind
    it), items (the first of them: list of dicts with kind, project_id, name, day, number; see `matters_of`). Most points first among those
    by the middle, then among those by the best. Of two indicators with the same matters behind them the better one stands. Empty where the
    county has no total, and for the public record. Made once for all counties and pages of the same tables.
    """
    table = _of_all(report.whole_city)
    mine = table[table["county"] == county].reset_index(drop=True)
    return mine.assign(items=[json.loads(text) for text in mine["items"]])


@kept(maxsize=4)
def _of_all(report: Report) -> pd.DataFrame:
    rules = [standings(report, name).rules for name in SOURCES]
    made = stored(report, "things", rules, lambda: pd.DataFrame(
        [row for county in report.city.divisions.codes for row in _things(report, county)], columns=COLUMNS))
    texts = ("county", "assessment", "indicator", "goal_kind", "reason", "items")
    return made.astype({name: "str" if name in texts else "int64" if name in ("order", "n_items") else "float64" for name in COLUMNS})


def _things(report: Report, county: str) -> list[list[object]]:
    about, found = indicator_rules(report.city).advice, []
    for name in SOURCES:
        found += gains(standings(report, name), county)
    rows, seen = [], set()
    for gain in sorted(found, key=lambda one: (one.goal_kind != "middle", -one.points)):
        kind, items = matters_of(report, county, gain.indicator)
        if kind in seen or len(rows) == about.things:
            continue
        seen.add(kind)
        rows.append([county, len(rows) + 1, gain.assessment, gain.indicator, gain.value, gain.goal, gain.goal_kind, gain.points,
                     f"to_{gain.goal_kind}", len(items), json.dumps(items[:about.items], ensure_ascii=False)])
    return rows


def gains(made: Standings, county: str) -> list[Gain]:
    """What each indicator of an assessment would bring a county that is behind the middle, or at it and behind the best."""
    values = made.values
    if county not in values.index or made.table.set_index("unit")["total"].isna().get(county, True):
        return []
    up = _upward(made)
    groups = made.rules.groups_of(values.index) if made.rules.groups else None
    base = _total(values, made, groups)[values.index.get_loc(county)]
    found = []
    for name in made.rules.inputs:
        known, value = values[name].dropna(), values.at[county, name]
        if np.isnan(value) or len(known) < 2:
            continue
        goals = {"middle": float(known.median()), "best": float(known.max() if up[name] else known.min())}
        for kind, goal in goals.items():
            if (goal > value) if up[name] else (goal < value):
                moved = values.copy()
                moved.loc[county, name] = goal
                points = _total(moved, made, groups)[values.index.get_loc(county)] - base
                if points > 1e-9:
                    found.append(Gain(made.rules.id, name, float(value), goal, kind, float(points)))
                break
    return found


def _total(values: pd.DataFrame, made: Standings, groups: list[str] | None) -> np.ndarray:
    return totals_of(points_of(values.to_numpy("float64"), made.rules, groups), made.rules)


def _upward(made: Standings) -> dict[str, bool]:
    """Whether more of an indicator is better; of a deduction more is worse."""
    known = indicator_rules()
    return {name: known.by_id(name).direction == "up" for name in made.rules.inputs}


def advice_text(row: pd.Series, report: Report) -> str:
    """A row of `three_things` as a sentence in the report's language."""
    about, lang = indicator_rules(report.city), report.lang
    words = next(entry for entry in about.advice.reasons if entry.id == row["reason"]).name(lang)
    indicator = about.by_id(row["indicator"])
    unit = about.yi.name(lang) if indicator.unit == "wan" else about.unit(indicator.id, lang)
    said = {name: value_text(row[name], indicator.unit, unit) for name in ("value", "goal")}
    return words.format(indicator=indicator.name(lang), assessment=standings(report, row["assessment"]).rules.name(lang),
                        points=f"{row['points']:.1f}", **said)


def value_text(value: float, unit: str, name: str) -> str:
    """A value of an indicator with its unit: shares as per cent, money (万元) in 亿元 by the unit `yi`, whole numbers without decimals."""
    if unit == "share":
        return f"{100 * value:.0f}%"
    if unit == "wan":
        value = value / _WAN_IN_YI
    number = f"{value:,.0f}" if value == round(value) or abs(value) >= 1000 else f"{value:.1f}"
    return f"{number} {name}" if name.isascii() else f"{number}{name}"
