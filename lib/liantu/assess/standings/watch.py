"""Whom to praise, to talk to and to watch: only where the data separate a county from the others, or its own ledger speaks against it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from scipy.special import ndtri

from liantu.assess.standings.indicator_rules import IndicatorRules, indicator_rules
from liantu.assess.standings.standing import Standings, standings
from liantu.assess.standings.values import indicator_values
from liantu.reference.opened import kept
from liantu.report import Report

COUNTY_ASSESSMENTS = ("county_overall", "project_construction", "attraction")
COLUMNS = ["county", "kind", "indicator", "reason", "values"]
Found = list[tuple[str, str, str, str, dict[str, object]]]


def praise_and_watch(report: Report) -> pd.DataFrame:
    """Counties to praise, to talk to (约谈) and to watch, each with its reason: of the whole city, or of the report's county.

    Columns: county (GB/T code), kind (praise, talk, watch), indicator (an assessment or an indicator), reason (code of indicators.yml),
    values (dict of what the reason's words need; `watch_text` says them). Praise: the whole simultaneous set of places lies in the upper
    third. Talk: it lies in the lower third, or the pace asked for is missed at two quarter ends running with intervals below zero. Watch:
    the total moved down against the other counties, claims are contradicted, or problems are overdue; thresholds are in indicators.yml. A
    county that cannot be told from the others is not named for its place. Empty for the public record.
    """
    table = _whole(report.whole_city)
    own = report.parameters.county
    return table[table["county"] == own].reset_index(drop=True) if own else table


@kept(maxsize=4)
def _whole(report: Report) -> pd.DataFrame:
    about = indicator_rules(report.city)
    if report.card.kind == "public":
        return pd.DataFrame(columns=COLUMNS)
    made = {name: standings(report, name) for name in COUNTY_ASSESSMENTS}
    found = [row for name, one in made.items() for row in (*by_place(one, about), *moved_down(one, about))]
    found += [*pace_missed(made["project_construction"], about), *contradicted(made["project_construction"], about)]
    values = indicator_values(report, "county")
    rows = values[(values["indicator"] == "problems_overdue") & (values["value"] >= about.watch.overdue)]
    found += [(row.unit, "watch", "problems_overdue", "overdue", {"overdue": int(row.value)}) for row in rows.itertuples(index=False)]
    table = pd.DataFrame(found, columns=COLUMNS)
    kinds = {entry.id: place for place, entry in enumerate(about.watch.kinds)}
    order = {code: place for place, code in enumerate(report.city.divisions.codes)}
    return table.sort_values(["kind", "county"], key=lambda column: column.map({**kinds, **order}), kind="stable").reset_index(drop=True)


def by_place(made: Standings, about: IndicatorRules) -> Found:
    """Who stands in the upper or the lower third with its whole set of places; nobody where a third holds no whole place."""
    table = made.table[made.table["rank_low"].notna()]
    third = int(np.floor(len(table) * about.watch.part + 1e-9))
    found: Found = []
    for row in table.itertuples(index=False):
        values = {"total": round(row.total, 1), "rank_low": int(row.rank_low), "rank_high": int(row.rank_high)}
        if row.rank_high <= third:
            found.append((row.unit, "praise", made.rules.id, "upper_third", values))
        elif row.rank_low > len(table) - third:
            found.append((row.unit, "talk", made.rules.id, "lower_third", values))
    return found


def moved_down(made: Standings, about: IndicatorRules) -> Found:
    """Who lost points in the newest quarter against the mean change of all units: what all lose alike is the season's."""
    rows = made.periods[made.periods["period"] == "quarter"]
    labels = list(dict.fromkeys(rows["label"]))
    if len(labels) < 2:
        return []
    now, before = (rows[rows["label"] == label].set_index("unit") for label in (labels[-1], labels[-2]))
    error = np.hypot(now["se"], before["se"].reindex(now.index))
    # The level holds for all units at once (Šidák), or one of many would be named by chance alone.
    down = now["relative"] < -ndtri(0.5 + about.uncertainty.level ** (1 / max(len(now), 1)) / 2) * error
    return [(unit, "watch", made.rules.id, "moved_down", {"change": round(float(now.at[unit, "relative"]), 1)}) for unit in now.index[down]]


def pace_missed(made: Standings, about: IndicatorRules) -> Found:
    """Who was behind time elapsed at the newest quarter ends in a row, with intervals below zero at each."""
    rows = made.history[(made.history["period"] == "quarter") & (made.history["indicator"] == "on_time")]
    labels = list(dict.fromkeys(rows["label"]))[-about.watch.missed_quarters:]
    if len(labels) < about.watch.missed_quarters:
        return []
    z = ndtri(0.5 + about.uncertainty.level / 2)
    points = rows[rows["label"].isin(labels)].pivot(index="unit", columns="label", values="value")[labels]
    high = points + z * rows[rows["label"].isin(labels)].pivot(index="unit", columns="label", values="se")[labels]
    behind = (high < 0).all(axis=1)
    return [(str(unit), "talk", "on_time", "pace_missed", {"first": labels[0], "second": labels[-1], "before": float(row.iloc[0]),
                                                           "now": float(row.iloc[-1])})
            for unit, row in points[behind].iterrows()]


def contradicted(made: Standings, about: IndicatorRules) -> Found:
    """Whose ledger contradicts several of its own claims, and a good share of them."""
    rows = made.rows[(made.rows["indicator"] == "evidence_rate") & made.rows["value"].notna()]
    found: Found = []
    for row in rows.itertuples(index=False):
        against = round(row.n * (1 - row.value))
        if against >= about.watch.contradicted and 1 - row.value >= about.watch.contradicted_share:
            found.append((row.unit, "watch", "evidence_rate", "contradicted", {"contradicted": int(against), "claimed": int(row.n)}))
    return found


def watch_text(row: pd.Series, report: Report) -> str:
    """A row of `praise_and_watch` as a clause in the report's language."""
    about = indicator_rules(report.city)
    words = next(entry for entry in about.watch.reasons if entry.id == row["reason"])
    return words.name(report.lang).format(assessment=_named(report)(str(row["indicator"])), **row["values"])


def _named(report: Report) -> Callable[[str], str]:
    def name(assessment: str) -> str:
        return standings(report, assessment).rules.name(report.lang) if assessment in COUNTY_ASSESSMENTS else ""

    return name
