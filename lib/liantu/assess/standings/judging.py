"""One assessment in one period: the values it reads, its totals, and their draws."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from liantu.assess.scoring import ScoringRules, apply_not_counted, points_of, totals_of
from liantu.assess.standings.chance import drawn
from liantu.assess.standings.dependence import correlation
from liantu.assess.standings.indicator_rules import IndicatorRules, indicator_rules
from liantu.assess.standings.measured import units_of
from liantu.assess.standings.values import COLUMNS, OTHERS, indicator_values
from liantu.assess.standings.windows import Window
from liantu.assess.zones.zone_table import zone_measures
from liantu.reference.opened import kept
from liantu.report import Report

COMPOSED = ("project_construction", "attraction", "zones")
"""Assessments whose totals another one reads as its values."""
_MONTHS = {"month": 1.0, "quarter": 3.0, "half": 6.0}


@dataclass(frozen=True, eq=False)
class Past:
    """What another assessment tells of every period: its totals (`Standings.periods`) and its indicators (`Standings.history`)."""

    periods: pd.DataFrame = field(repr=False)
    history: pd.DataFrame = field(repr=False)

    def of(self, window: Window) -> pd.DataFrame:
        """Its indicators in a period."""
        return self.history[(self.history["period"] == window.kind) & (self.history["label"] == window.label)]


@dataclass(frozen=True, eq=False)
class Judged:
    """`rows` as `indicator_values`; `values` [units x inputs of the rules]; `totals` by unit; `draws` of totals [draws x units]."""

    rules: ScoringRules
    units: tuple[str, ...]
    rows: pd.DataFrame = field(repr=False)
    values: pd.DataFrame = field(repr=False)
    points: np.ndarray = field(repr=False)
    totals: np.ndarray = field(repr=False)
    draws: np.ndarray = field(repr=False)

    @property
    def error(self) -> np.ndarray:
        """Standard error of each total; NaN without a total."""
        known, error = ~np.isnan(self.totals), np.full(len(self.totals), np.nan)
        if known.any():
            error[known] = np.nanstd(self.draws[:, known], axis=0, ddof=1)
        return error

    def interval(self, level: float) -> tuple[np.ndarray, np.ndarray]:
        """The middle `level` of the draws, moved so that their mean is the total: comparing with drawn units pulls all to the middle."""
        known = ~np.isnan(self.totals)
        low, high = np.full(len(known), np.nan), np.full(len(known), np.nan)
        if known.any():
            own = self.draws[:, known]
            ends = np.nanquantile(own, [(1 - level) / 2, (1 + level) / 2], axis=0) - np.nanmean(own, axis=0) + self.totals[known]
            # No total lies beyond what a draw could give: caps hold.
            low[known] = np.minimum(np.maximum(ends[0], np.nanmin(own, axis=0)), self.totals[known])
            high[known] = np.maximum(np.minimum(ends[1], np.nanmax(own, axis=0)), self.totals[known])
        return low, high


def judged(report: Report, rules: ScoringRules, window: Window, others: Mapping[str, Past] | None = None) -> Judged:
    """An assessment of a period. In a month only dated indicators count, and the weights of the others are spread over them.

    Counts and money of a month, a quarter and a half are scored at the year's rate (times 12, 4 and 2), so that targets of the year hold.
    `others`: the assessments whose totals this one reads.
    """
    about = indicator_rules(report.city)
    rows = rows_for(report, rules, window, others or {})
    units = tuple(dict.fromkeys(rows["unit"])) if len(rows) else units_of(window.report, rules.group).ids
    read = for_months(rules) if window.kind == "month" else rules
    values = rows.pivot(index="unit", columns="indicator", values="value").reindex(index=list(units), columns=list(rules.inputs))
    values.index, values.columns.name = values.index.rename("unit"), None
    scale = year_rate(rules, about, window)
    chance = about.uncertainty
    rng = np.random.default_rng([chance.seed, zlib.crc32(rules.id.encode())])
    kinds = {name: about.by_id(name).kind for name in rules.inputs}
    reported = values.columns[values.notna().any()]
    together = None if others else correlation(window, units_of(window.report, rules.group), list(rules.inputs), reported)
    stack = drawn(rows, kinds, list(units), list(rules.inputs), chance.draws, rng, together)
    groups = rules.groups_of(units) if rules.groups else None
    points = points_of(values.to_numpy("float64") * scale, read, groups)
    return Judged(rules, units, rows, values, points, totals_of(points, read), totals_of(points_of(stack * scale, read, groups), read))


def rows_for(report: Report, rules: ScoringRules, window: Window, others: Mapping[str, Past]) -> pd.DataFrame:
    """The rows of `indicator_values` that an assessment reads in a period, and those made of other assessments."""
    about = indicator_rules(report.city)
    wanted = [name for name in rules.inputs if window.kind != "month" or about.by_id(name).dated]
    own = tuple(name for name in wanted if name not in OTHERS)
    if rules.not_counted:
        window = replace(window, not_counted=_not_counted(window.report.whole_city, rules))
    parts = [indicator_values(report, rules.group, window, own)] if own else []
    parts += [_composed(report, name, window, others[name]) for name in rules.inputs if name in others]
    if "evidence" in wanted:
        parts.append(_evidence(report, rules, window, others.get("project_construction")))
    known = [part for part in parts if len(part)]
    return pd.concat(known, ignore_index=True)[COLUMNS] if known else pd.DataFrame(columns=COLUMNS)


@kept(maxsize=8)
def _not_counted(report: Report, rules: ScoringRules) -> frozenset[str]:
    return frozenset(apply_not_counted(report.projects, rules)[1]["project_id"])


def _evidence(report: Report, rules: ScoringRules, window: Window, other: Past | None) -> pd.DataFrame:
    """The share of claims not contradicted, from the assessment that has measured it already."""
    rows = indicator_values(report, rules.group, window, ("evidence_rate",)) if other is None else other.of(window)
    return rows.loc[rows["indicator"] == "evidence_rate", COLUMNS].assign(indicator="evidence")


def _composed(report: Report, name: str, window: Window, other: Past) -> pd.DataFrame:
    """Totals of another assessment as values of counties: a county's zones by their mean."""
    periods = other.periods
    mine = (periods["period"] == window.kind) & (periods["label"] == window.label)
    table = periods.loc[mine, ["unit", "total", "se"]].rename(columns={"total": "value"}).assign(n=1.0)
    if name == "zones":
        home = zone_measures(window.report.whole_city).set_index("zone")["county"]
        table = table.assign(unit=table["unit"].map(home), se=table["se"] ** 2).dropna(subset=["unit", "value"])
        by = table.groupby("unit")
        table = pd.DataFrame({"value": by["value"].mean(), "n": by["value"].size().astype("float64")})
        table["se"] = np.sqrt(by["se"].sum()) / table["n"]
    else:
        table = table.set_index("unit")
    table = table.reindex(list(report.city.divisions.codes)).rename_axis("unit").reset_index()
    said = table["value"].notna()
    return table.assign(indicator=name, state=np.where(said, "reported", "not_reported"), note=np.where(said, "", "no_base"))


def for_months(rules: ScoringRules) -> ScoringRules:
    """The rules with the weight of what a month cannot tell spread over what it can."""
    own = tuple(entry.model_copy(update={"missing": None}) for entry in rules.indicators)
    return rules.model_copy(update={"missing": "spread", "indicators": own})


def dated_share(rules: ScoringRules, about: IndicatorRules) -> float:
    """The share of the weights that a month can tell."""
    dated = [all(about.by_id(part.id).dated for part in entry.all_parts) for entry in rules.indicators]
    return float(rules.weights[np.array(dated, dtype=bool)].sum() / rules.weights.sum())


def year_rate(rules: ScoringRules, about: IndicatorRules, window: Window) -> np.ndarray:
    """By what each input is multiplied to be at the year's rate."""
    months = _MONTHS.get(window.kind)
    scaled = [months is not None and about.by_id(name).span == "window" and about.by_id(name).kind in ("count", "money")
              for name in rules.inputs]
    return np.where(scaled, 12.0 / (months or 12.0), 1.0)
