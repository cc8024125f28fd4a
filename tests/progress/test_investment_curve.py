"""The year's investment: how the plan is spread, what is forecast, and how earlier forecasts did."""

import numpy as np
import pandas as pd
import pytest
from scipy.special import betainc

from liantu import Report
from liantu.progress.investment_curve import (
    FEW_SHAPES,
    _bands,
    _fitted,
    _life,
    curve_points,
    investment_backtest,
    investment_curve,
    investment_ends,
    investment_notes,
    ratio,
)
from liantu.progress.scheduling.step_rules import step_rules
from liantu.progress.targets import investment_progress


@pytest.fixture(scope="module")
def report(small_data):
    return Report(quarter="2022Q3")


def test_plan_and_done_are_those_of_the_year(report):
    curve, whole = investment_curve(report), investment_progress(report)
    assert curve["plan_wan"].is_monotonic_increasing
    assert curve["plan_wan"].iloc[-1] == pytest.approx(whole["plan_wan"])
    assert curve.dropna(subset=["done_wan"])["done_wan"].iloc[-1] == pytest.approx(whole["done_wan"])
    assert curve["done_wan"].notna().sum() == 3 and len(curve) == 12


def test_forecast_begins_where_the_reports_end(report):
    curve = investment_curve(report).set_index("date")
    newest = curve["done_wan"].last_valid_index()
    assert curve.loc[newest, ["forecast_wan", "low_wan", "high_wan"]].tolist() == [curve.loc[newest, "done_wan"]] * 3
    ahead = curve.loc[newest:]
    assert curve.loc[:newest].iloc[:-1]["forecast_wan"].isna().all()
    for low, high in (("low_wan", "low50_wan"), ("low50_wan", "forecast_wan"), ("forecast_wan", "high50_wan"), ("high50_wan", "high_wan")):
        assert (ahead[low] <= ahead[high]).all()
    assert ahead["forecast_wan"].is_monotonic_increasing
    assert ahead["high_wan"].iloc[-1] > ahead["low_wan"].iloc[-1]


def test_each_projects_plan_lies_between_its_start_and_its_completion(report):
    points = curve_points(report)
    life, _ = _life(report, points.project)
    spread = points.share[points.of]
    assert spread[:, -1] == pytest.approx(np.ones(len(spread))) and (np.diff(spread, axis=1) >= -1e-12).all()
    late = (life["start"] > pd.Timestamp("2022-05-31")).to_numpy() & (life["start"] < pd.Timestamp("2022-12-01")).to_numpy()
    assert late.any() and (spread[late, 150] == 0).all()  # nothing due before the start
    early = ((life["end"] < pd.Timestamp("2022-09-01")) & (life["end"] > pd.Timestamp("2022-01-31"))).to_numpy()
    assert early.any() and spread[early, 243] == pytest.approx(np.ones(early.sum()))


def test_winter_days_count_less(report):
    points = curve_points(report)
    life, _ = _life(report, points.project)
    even = points.share[points.of][life["start"].isna().to_numpy()][0]
    rate = step_rules(report.city).winter_rate.value
    winter, summer = even[30] - even[29], even[180] - even[179]
    assert winter == pytest.approx(rate * summer)


def test_shape_is_found_again():
    rng = np.random.default_rng(1)
    x = rng.uniform(0.02, 0.98, 400)
    a, b = _fitted(x, 0.8 * betainc(2.0, 3.0, x) + rng.normal(0, 0.01, 400))
    assert (a, b) == (pytest.approx(2.0, abs=0.1), pytest.approx(3.0, abs=0.15))


def test_ratio_and_its_standard_error():
    # Cochran 1977, chapter 6: ratio R = sum(y) / sum(x), s^2 of y - R x over n, over mean(x)^2; here plus the same for those forecast.
    base, done = np.array([2.0, 4.0, 6.0]), np.array([1.0, 3.0, 5.0])
    found, error = ratio(done, base, 3)
    assert found == pytest.approx(0.75)
    squares = (1 - 1.5) ** 2 + (3 - 3) ** 2 + (5 - 4.5) ** 2
    assert error == pytest.approx(np.sqrt(squares / 2 * (1 / 3 + 1 / 3)) / 4)
    assert ratio(done * 0, base * 0, 3) == (0.0, 0.0)


def test_standard_error_covers_what_other_projects_do():
    rng, inside = np.random.default_rng(5), 0
    for _ in range(400):
        base = rng.lognormal(3, 0.6, 100)
        done = base * np.clip(rng.normal(0.8, 0.3, 100), 0, None)
        found, error = ratio(done[:60], base[:60], 40)
        inside += abs(done[60:].sum() - found * base[60:].sum()) <= 1.645 * error * base[60:].sum()
    assert 0.85 <= inside / 400 <= 0.95


def test_backtest_is_made_with_what_was_known(report):
    table = investment_backtest(report)
    city = table[table["county"] == ""]
    assert [(str(made.date()), str(at.date())) for made, at in zip(city["made"], city["at"], strict=True)] == [
        ("2022-03-31", "2022-06-30"), ("2022-03-31", "2022-09-30"), ("2022-06-30", "2022-09-30")]
    then = report.known_at(pd.Timestamp("2022-06-30").date())
    row = city[city["made"] == "2022-06-30"].iloc[0]
    made = investment_curve(then).set_index("date")
    assert row["forecast_wan"] == pytest.approx(made.loc[row["at"], "forecast_wan"])
    assert row["low_wan"] == pytest.approx(made.loc[row["at"], "low_wan"])
    assert row["error"] == pytest.approx(row["forecast_wan"] / row["truth_wan"] - 1)
    assert city["error"].abs().mean() < city["linear_error"].abs().mean()  # else the straight line would do


def test_past_errors_widen_the_band(report):
    points = curve_points(report)
    newest = max(points.done)
    quiet, _ = _bands(points, "", newest, np.zeros(3))
    burnt, _ = _bands(points, "", newest, np.full(3, 0.5))
    unknown, codes = _bands(points, "", newest, np.array([]))
    assert np.ptp(quiet) < np.ptp(unknown) < np.ptp(burnt) and "no_past_forecast" in codes


def test_ends_of_the_city_and_its_counties(report):
    table = investment_ends(report).set_index("county")
    assert table.loc["", "share_end"] == pytest.approx(table.loc["", "forecast_wan"] / table.loc["", "plan_wan"])
    assert (table["forecast_wan"] >= table["done_wan"]).all()
    own = investment_ends(report.known_in("211382")).set_index("county")
    assert own.index.tolist() == ["211382"]
    for name in ("plan_wan", "done_wan"):
        assert own.loc["211382", name] == pytest.approx(table.loc["211382", name])


def test_the_first_year_has_no_last_year(small_data):
    first = Report(quarter="2021Q4")
    table = investment_ends(first)
    assert table["note"].str.contains("no_last_year").all() and table["note"].str.contains("no_past_forecast").all()
    assert not len(investment_backtest(first))
    assert table["forecast_wan"].tolist() == pytest.approx(table["done_wan"].tolist())  # the year is over


def test_without_plans_there_is_no_curve(monkeypatch):
    monkeypatch.delenv("LIANTU_DATA", raising=False)
    public = Report(quarter="2022Q4", dataset="public")
    assert not len(investment_curve(public)) and not len(investment_ends(public)) and not len(investment_backtest(public))
    assert investment_notes(public).set_index("code").loc["projects", "value"] == 0


def test_dates_that_cannot_be_used_are_counted(report):
    notes = investment_notes(report).set_index("code")["value"]
    life, facts = _life(report, curve_points(report).project)
    assert dict(facts) == {name: notes[name] for name in ("no_plan_dates", "dates_out_of_order", "outside_year")}
    assert notes[["no_plan_dates", "dates_out_of_order", "outside_year"]].sum() == life["start"].isna().sum() > 0
    assert notes["shape_points"] >= FEW_SHAPES and 0.5 <= notes["shape_a"] <= 5
