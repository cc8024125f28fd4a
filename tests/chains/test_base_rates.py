"""Base rates by hand: cohorts of a year before, and the beta posterior with its prior."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest
from scipy.stats import beta
from small_city import AS_OF, RULES, milestones, projects

from liantu.chains.base_rates import OPEN_STAGES, chances_of, stage_base_rates, stages_at
from liantu.chains.slowness import days_in_stage, stage_limits

OLD, NEW = "2021-03-31", "2021-12-31"
PROJECTS = projects(
    ("a", "钢", "ore", "producing", 1, OLD), ("b", "钢", "ore", "at_capacity", 1, OLD), ("c", "钢", "ore", "started", 1, OLD),
    ("d", "钢", "ore", "producing", 1, OLD), ("e", "钢", "ore", "signed", 1, OLD), ("f", "钢", "ore", "producing", 1, NEW),
    ("g", "钢", "ore", "producing", 1, OLD), ("h", "钢", "ore", "lead", 1, OLD), ("i", "钢", "ore", "terminated", 1, OLD))
DATES = milestones(
    ("a", "started", "2021-01-01", None, OLD), ("a", "producing", "2022-01-01", None, "2022-03-31"),
    # Undated: it counts from the ledger that says so.
    ("b", "started", None, None, OLD), ("b", "at_capacity", None, None, "2022-03-31"),
    ("c", "signed", "2020-06-01", None, OLD), ("c", "started", "2021-02-01", None, OLD), ("c", "producing", None, "2022-12-31", None),
    # Produced before the cohort's day: no longer in a stage that could still produce.
    ("d", "started", "2019-01-01", None, OLD), ("d", "producing", "2021-05-01", None, "2021-06-30"),
    ("e", "signed", "2021-08-01", None, "2021-09-30"),
    # Not yet named by any ledger on the cohort's day, so it proves nothing.
    ("f", "started", "2021-01-01", None, NEW), ("f", "producing", "2022-02-01", None, "2022-03-31"),
    ("g", "started", "2020-01-01", None, OLD), ("g", "suspended", "2020-05-01", None, OLD),
    ("g", "resumed", "2021-05-01", None, "2021-06-30"),
    ("g", "producing", "2022-07-15", None, "2022-06-30"),
    ("i", "started", "2020-01-01", None, OLD), ("i", "suspended", "2021-01-01", None, OLD), ("i", "terminated", "2021-09-01", None, NEW))


def test_stages_on_a_day_of_the_past():
    then = stages_at(PROJECTS, DATES, dt.date(2021, 6, 30))
    assert then.to_dict() == {
        "a": "started", "b": "started", "c": "started", "d": "producing", "e": "early", "g": "resumed", "h": "early", "i": "suspended"}
    assert stages_at(PROJECTS, DATES, dt.date(2021, 4, 30))["g"] == "suspended"
    assert stages_at(PROJECTS, DATES, dt.date(2022, 6, 30))["i"] == "terminated"


def test_base_rates_by_hand():
    rates = stage_base_rates(PROJECTS, DATES, AS_OF, RULES).set_index("stage")
    assert rates.index.tolist() == list(OPEN_STAGES)
    assert rates.loc["started", ["cohort", "produced", "prior"]].tolist() == [3, 2, 0.5]
    assert rates.loc["started", "rate"] == pytest.approx((10 * 0.5 + 2) / (10 + 3))
    # g is dated after the report, so it has not produced by then.
    assert rates.loc["resumed", ["cohort", "produced"]].tolist() == [1, 0] and rates.loc["suspended", "cohort"] == 1
    assert rates.loc[["lead", "negotiating"], "cohort"].tolist() == [2, 2] and rates.loc["signed", "cohort"] == 0
    assert rates.loc["lead", "rate"] == pytest.approx(10 * 0.02 / 12)
    inside = beta.cdf(rates["high"], 7, 6)[4] - beta.cdf(rates["low"], 7, 6)[4]
    assert inside == pytest.approx(0.9) and (rates["low"] < rates["high"]).all()


@pytest.mark.parametrize("dates", [DATES, milestones()], ids=["dated", "no milestones"])
def test_one_snapshot_tells_the_prior_only(dates):
    now = PROJECTS.assign(first_snapshot=pd.Timestamp(AS_OF))
    rates = stage_base_rates(now, dates, AS_OF, RULES)
    assert rates["rate"].tolist() == pytest.approx([RULES.base_rates.stages[stage] for stage in OPEN_STAGES])
    assert rates["cohort"].sum() == 0
    assert stage_base_rates(projects(), dates, AS_OF, RULES).equals(rates)


def test_better_chances_go_before_the_rates():
    rates = stage_base_rates(projects(), milestones(), AS_OF, RULES)
    of = projects(("a", "钢", "ore", "started", 1, OLD), ("b", "钢", "ore", "started", 1, OLD), ("c", "钢", "ore", "producing", 1, OLD),
                  ("d", "钢", "ore", "terminated", 1, OLD), ("e", "钢", "ore", None, 1, OLD), ("f", "钢", "ore", "suspended", 1, OLD))
    assert chances_of(of, rates).tolist() == [0.5, 0.5, 0, 0, 0, 0.15]
    better = pd.Series({"a": 0.8, "c": 0.7, "d": 0.6})
    assert chances_of(of, rates, better).tolist() == [0.8, 0.5, 0, 0, 0, 0.15]


def test_days_in_a_stage_and_the_usual_ones():
    rows = [(f"p{i}", "钢", "ore", "started", 1, OLD) for i in range(8)] + [("n", "钢", "ore", "negotiating", 1, NEW)]
    of = projects(*rows, ("u", "钢", "ore", "signed", 1, OLD), ("z", "钢", "ore", "producing", 1, OLD))
    days = [10, 20, 30, 40, 50, 60, 70, 80]
    since = [(f"p{i}", "started", pd.Timestamp(AS_OF) - pd.Timedelta(days=d), None, OLD) for i, d in enumerate(days)]
    dates = milestones(*since, ("z", "producing", "2022-01-01", None, OLD))
    told = days_in_stage(of, dates, AS_OF)
    assert told.iloc[:9].tolist() == [*days, 181] and told.iloc[9:].isna().all()
    limits = stage_limits(of, dates, AS_OF, RULES)
    assert limits["started"] == pytest.approx(62.5)
    # One negotiated project is too few: the quartile of all nine dated ones stands in.
    assert limits["negotiating"] == limits["completed"] == pytest.approx(70)
