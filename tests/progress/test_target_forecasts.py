"""Forecasts of the targets on a small simulated city: sums, order, what is known, what is said of thin data."""

import numpy as np
import pandas as pd
import pytest

from liantu import Report
from liantu.progress.goals import Goal, View, carried_rates, coming, from_plans, views
from liantu.progress.target_forecasts import project_chances, target_forecasts
from liantu.progress.targets import against_targets, counted_in, counted_targets

LEVELS = ["q05", "q25", "q50", "q75", "q95"]


@pytest.fixture(scope="module")
def report(small_data):
    return Report(quarter="2022Q2")


@pytest.fixture(scope="module")
def found(report):
    return target_forecasts(report)


def test_every_target_county_horizon_and_method_once(report, found):
    table = found.table
    assert not table.duplicated(["target", "county", "horizon", "method"]).any()
    city = table[table["county"] == ""]
    assert set(city["method"]) == {"plan", "flow", "model", "headline"} and set(city["target"]) == {t.id for t in counted_targets(report)}
    year = city[city["target"] == "year_at_work"]
    assert sorted(year["horizon"].unique()) == [pd.Timestamp("2022-09-30"), pd.Timestamp("2022-12-31")]
    assert set(report.city.divisions.codes) <= set(table["county"])


def test_counties_add_up_to_the_city(found):
    key = ["target", "horizon", "method"]
    table = found.table
    for column in ("mean", "counted"):
        parts = table[table["county"] != ""].groupby(key)[column].sum()
        whole = table[table["county"] == ""].set_index(key)[column]
        assert (parts - whole).abs().max() < 1e-6


def test_quantiles_are_in_order_and_chances_follow_them(found):
    table = found.table
    assert (np.diff(table[LEVELS].to_numpy(), axis=1) >= 0).all() and (table["q05"] >= 0).all()
    assert table.loc[table["county"] != "", ["value", "chance"]].isna().all().all()
    city = table[table["county"] == ""]
    assert (city["chance"] >= 0.5)[city["q25"] >= city["value"]].all() and (city["chance"] <= 0.5)[city["q75"] < city["value"]].all()


def test_what_is_counted_is_what_the_page_counts(report, found):
    now = against_targets(report).set_index("target")["actual"].sort_index()
    told = found.table[found.table["county"] == ""].groupby("target")["counted"].agg(["min", "max"])
    assert (told["min"] == now).all() and (told["max"] == now).all()


def test_the_back_test_is_held_against_later_ledgers(report, found):
    past, targets = found.past, {target.id: target for target in counted_targets(report)}
    assert set(past["made"]) == {pd.Timestamp("2021-12-31"), pd.Timestamp("2022-03-31")}
    for row in past[past["method"] == "model"].itertuples():
        later = report.known_at(row.horizon.date())
        assert row.truth == len(counted_in(later, targets[row.target]))
    scores = found.scores.set_index(["target", "method"])
    assert (scores["n"] == 3).all() and (scores.xs("base", level="method")["skill"].abs() < 1e-9).all()
    one = past[(past["target"] == "year_introduced") & (past["method"] == "flow")]
    assert scores.loc[("year_introduced", "flow"), "cover90"] == pytest.approx(
        ((one["q05"] <= one["truth"]) & (one["truth"] <= one["q95"])).mean())
    brier = scores["brier"].dropna()
    assert len(brier) and brier.between(0, 1).all()


def test_weights_are_shares_and_the_headline_says_why(found):
    assert found.weights.groupby("target")["weight"].sum().to_numpy() == pytest.approx(1.0)
    assert set(found.headline["why"]) <= {"no_back_test", "few_back_tests", "earned"}


def test_forecasts_are_kept_for_all_pages(report, found, small_data):
    kept = list((report.folder / ".measures").glob("target-forecasts-2022-06-30-*.parquet"))
    assert len(kept) == 1
    again = target_forecasts(report.known_in("211302"))
    pd.testing.assert_frame_equal(again.table, found.table)


def test_a_target_already_due_can_only_change_by_late_reports(report, found):
    assert ("already_due", {"target": "q1_started", "due": "2022-03-31"}) in found.notes
    goal = coming(report, counted_targets(report)[0], pd.Timestamp("2022-06-30"))[0]
    assert str(goal.end) == "2022-03-31" and str(goal.horizon) == "2022-09-30"


def test_one_snapshot_and_no_value_are_said(small_data):
    found = target_forecasts(Report(quarter="2021Q4"))
    codes = {code for code, _ in found.notes}
    assert {"one_snapshot", "no_back_test", "without_value", "already_due"} <= codes
    assert found.past.empty and found.scores.empty and (found.headline["why"] == "no_back_test").all()
    assert found.table["chance"].isna().all() and found.table["mean"].notna().all()


def test_chances_of_projects(report):
    chances = project_chances(report, "2022-12-31")
    assert chances.between(0, 1).all() and list(chances.index) == list(report.projects["project_id"].unique())
    stage = report.projects.set_index("project_id")["stage"]
    assert (chances[stage.isin(["producing", "at_capacity"]).to_numpy()] == 1).all()
    assert (chances[(stage == "terminated").to_numpy()] < 1).all()
    assert chances[(stage == "completed").to_numpy()].mean() > chances[(stage == "signed").to_numpy()].mean()


def test_carried_over_projects_are_learnt_from_the_turn_of_the_year(report):
    now = views(report)[-1]
    tries, hits = carried_rates(now)["at_work"]
    assert tries >= hits > 0.5 * tries
    target = counted_targets(report)[-1]
    assert set(now.candidates(Goal(target, pd.Timestamp("2022-09-30").date())).unique()) <= {"at_work", "aside", "not_listed"}


def test_no_plan_dates_plan_nothing(report):
    now = views(report)[-1]
    bare = View(now.report, now.made, now.earlier)
    bare.__dict__["phases"] = now.phases.assign(planned_end=pd.NaT)
    goal = Goal(counted_targets(report)[-1], pd.Timestamp("2022-12-31").date())
    assert from_plans(bare, goal, ["211302", "211300"], 50, np.random.default_rng(0)).sum() == 0
    assert from_plans(now, goal, ["211302", "211300"], 50, np.random.default_rng(0)).sum() > 0
