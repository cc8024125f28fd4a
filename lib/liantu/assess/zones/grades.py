"""Firms of the zones graded A to D by results per mu (亩产效益)."""

from __future__ import annotations

from itertools import pairwise

import pandas as pd

from liantu.assess.intervals import wilson
from liantu.assess.scoring import ScoringRules, grades, load_rules, score
from liantu.assess.zones.ratios import ratio
from liantu.assess.zones.zone_rules import zone_rules
from liantu.reference.opened import kept
from liantu.report import Report

GRADES = ("A", "B", "C", "D")
_COLUMNS = ["enterprise_id", "name", "zone", "county", "chain", "snapshot", "area_mu", "output_wan", "tax_wan", "score", "grade",
            "near_cut", "missing"]
RULES = "per_mu"
"""The scoring file of the grades."""
INDICATORS = {
    "firm_tax_per_mu": ("tax_wan", "area_mu"), "firm_value_added_per_mu": ("value_added_wan", "area_mu"),
    "firm_value_added_per_energy": ("value_added_wan", "energy_tce"), "firm_value_added_per_emission": ("value_added_wan", "emission_t"),
    "firm_labour_productivity": ("value_added_wan", "jobs"), "firm_rd_share": ("research_wan", "output_wan")}
"""Each indicator of the rule: what of the register is divided by what."""


def firm_values(firms: pd.DataFrame) -> pd.DataFrame:
    """The indicators of each firm and what they are divided by, as the scoring file reads them; index: enterprise_id.

    `firms`: the tidy table. NaN where a part is not reported or the divisor is not positive. Sums of a part of the year divide sums of the
    same part or stocks, so all firms must be of one snapshot; a ratio to the mean does not change with the scale.
    """
    tops = firms.set_index("enterprise_id")
    made = {name: ratio(tops[top], tops[bottom]) for name, (top, bottom) in INDICATORS.items()}
    divisors = {f"firm_{bottom}": tops[bottom].astype("float64") for _, bottom in INDICATORS.values()}
    return pd.DataFrame(made | divisors)


@kept(maxsize=8)
def firm_grades(report: Report) -> pd.DataFrame:
    """The firms of the newest register that stand in a zone, with score and grade; kept, so the caller must not change it.

    Columns: enterprise_id, name, zone, county, chain, snapshot, area_mu, output_wan and tax_wan (year to date), score (100: at every mean),
    grade (A to D by the cuts of scoring/per_mu.yml among all firms in zones of the city; "" without any reported indicator), near_cut
    (the score lies within `near_cut` of zones.yml of a cut), missing (indicators not reported, joined by 、; handled by the file's rule).
    The mean is total / total, as published: every firm counts by what it divides by, not as one. Of a county's report its own firms.
    """
    register = report.whole_city.enterprises
    firms = register[register["zone"].notna()].sort_values("enterprise_id", kind="stable").reset_index(drop=True)
    rules, own = load_rules(RULES, report.city), report.parameters.county
    made = graded(firms, rules, zone_rules(report.city).grades.near_cut) if len(firms) else _nobody(firms)
    return made[made["county"] == own].reset_index(drop=True) if own else made


def _nobody(firms: pd.DataFrame) -> pd.DataFrame:
    empty = pd.Series(dtype="str")
    return firms.assign(score=pd.Series(dtype="float64"), grade=empty, near_cut=pd.Series(dtype="bool"), missing=empty)[_COLUMNS]


def graded(firms: pd.DataFrame, rules: ScoringRules, close: float) -> pd.DataFrame:
    """`firm_grades` of a register of firms by a scoring file; `close` is the share of a cut within which a score is near it."""
    values = firm_values(firms)
    scores = score(values, rules)["total"].where(values[list(INDICATORS)].notna().any(axis=1))
    grade = grades(scores, rules)
    absent = values[list(INDICATORS)].isna()
    missing = ["、".join(absent.columns[row]) for row in absent.to_numpy()]
    made = firms.assign(score=scores.to_numpy(), grade=grade.to_numpy(), missing=pd.Series(missing, index=firms.index, dtype="str"),
                        near_cut=near_cuts(scores, grade, close).to_numpy())
    return made[_COLUMNS].reset_index(drop=True)


def zone_grades(report: Report) -> pd.DataFrame:
    """Firms and their land by grade, one row for each zone with graded firms.

    Columns: zone, county (that most of its firms state), firms, n_A to n_D, good (share of A and B), low and high (Wilson interval at the
    level of zones.yml, as if the firms were a sample), land_A to land_D (share of the firms' land; NaN where none states any).
    """
    firms = firm_grades(report)
    firms = firms[firms["grade"] != ""]
    numbers, lands = [f"n_{grade}" for grade in GRADES], [f"land_{grade}" for grade in GRADES]
    columns = ["zone", "county", "firms", *numbers, "good", "low", "high", *lands]
    if firms.empty:
        return pd.DataFrame(columns=columns)
    counts = pd.crosstab(firms["zone"], firms["grade"]).reindex(columns=GRADES, fill_value=0)
    land = firms.pivot_table(index="zone", columns="grade", values="area_mu", aggfunc="sum").reindex(columns=GRADES).fillna(0.0)
    land = land.div(land.sum(axis=1).where(lambda total: total > 0), axis=0).reindex(counts.index)
    total, good = counts.sum(axis=1), counts["A"] + counts["B"]
    low, high = wilson(good, total, zone_rules(report.city).grades.level)
    made = counts.add_prefix("n_").join(land.add_prefix("land_")).assign(firms=total, good=good / total, low=low, high=high)
    counties = firms.groupby("zone")["county"].agg(lambda codes: codes.mode().iloc[0] if codes.notna().any() else "")
    made["county"] = counties.reindex(made.index)
    return made.reset_index().sort_values(["county", "zone"], ignore_index=True)[columns]


def near_cuts(scores: pd.Series, grade: pd.Series, close: float) -> pd.Series:
    """Whether each score lies within the share `close` of a cut: the middle between the last of a grade and the first of the next."""
    near = pd.Series(False, index=scores.index)
    for upper, lower in pairwise(name for name in GRADES if (grade == name).any()):
        cut = (scores[grade == upper].min() + scores[grade == lower].max()) / 2
        near |= (scores - cut).abs() <= close * abs(cut)
    return near
