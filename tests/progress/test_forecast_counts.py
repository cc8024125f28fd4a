"""Forecasts of newly reported ends on plain tables: what they return, what they refuse, and that nothing leaks."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as some
from small_programme import DAYS, STAGES, as_known, history

from liantu.errors import LiantuError
from liantu.progress.forecasting import forecast_counts, simulate_ends

NOW, NEXT = DAYS[3], pd.Timestamp("2022-03-31")
COLUMNS = ["stage", "method", "mean", "q05", "q25", "q50", "q75", "q95"]
QUANTILES = COLUMNS[3:]


def codes(result: object) -> set[str]:
    return {code for code, _ in result.notes}


@pytest.fixture(scope="module")
def told() -> object:
    return forecast_counts(as_known(NOW), NOW, NEXT, draws=400, history=history())


def test_table_of_all_methods_and_stages(told: object) -> None:
    assert list(told.table.columns) == COLUMNS
    assert set(zip(told.table["stage"], told.table["method"], strict=True)) == set(
        itertools.product(STAGES, ("plan", "flow", "model", "headline"))
    )
    assert (np.diff(told.table[QUANTILES].to_numpy(), axis=1) >= 0).all()
    assert (told.table[QUANTILES].to_numpy() >= 0).all()
    assert told.draws["headline"].shape == (400, 3)
    assert told.weights["weight"].sum() == pytest.approx(1.0)


def test_scores_are_of_every_pair_of_snapshots(told: object) -> None:
    assert list(told.scores.columns) == ["stage", "method", "n", "crps", "skill", "cover50", "cover90"]
    assert set(told.scores["method"]) == {"plan", "flow", "model", "kaplan_meier", "base", "headline"}
    assert (told.scores["n"] == 6).all()
    base = told.scores[told.scores["method"] == "base"]
    assert base["skill"].abs().max() == pytest.approx(0.0, abs=1e-12)


def test_the_same_seed_gives_the_same_and_no_more() -> None:
    first, again, other = (forecast_counts(as_known(NOW), NOW, NEXT, 200, seed, history(last=1)).table for seed in (3, 3, 4))
    pd.testing.assert_frame_equal(first, again)
    assert not first.equals(other)


def test_plan_counts_what_is_due_and_open() -> None:
    table = as_known(NOW)
    due = table[table["actual_end"].isna() & (table["planned_end"] <= NEXT)].groupby("stage").size()
    means = forecast_counts(table, NOW, NEXT).draws["plan"].mean()
    for stage in STAGES:
        assert means[stage] == pytest.approx(due[stage], abs=5 * np.sqrt(due[stage] / 2000) + 0.01)


@settings(max_examples=5, deadline=None, phases=[Phase.explicit, Phase.generate], suppress_health_check=[HealthCheck.too_slow])
@given(seed=some.integers(0, 50), text=some.booleans(), shift=some.integers(1, 400), with_history=some.booleans())
def test_order_dtype_and_what_becomes_known_later_change_nothing(seed: int, text: bool, shift: int, with_history: bool) -> None:
    table, later = as_known(NOW), as_known(NEXT)
    earlier = history(last=2) if with_history else None
    plain = forecast_counts(table, NOW, NEXT, 100, 1, earlier)
    # What is told only after as_of is filled in: reports and ends of the next quarter, moved about.
    keyed = later.set_index(["project", "stage"]).reindex(pd.MultiIndex.from_frame(table[["project", "stage"]]))
    news = table["first_reported"].isna().to_numpy() & keyed["first_reported"].notna().to_numpy()
    changed = table.copy()
    changed.loc[news, "first_reported"] = NOW + pd.Timedelta(days=shift)
    changed.loc[news, "actual_end"] = keyed["actual_end"].to_numpy()[news]
    order = np.random.default_rng(seed).permutation(len(changed))
    changed = changed.iloc[order]
    if text:
        dates = ("start", "planned_end", "actual_end", "first_reported")
        changed = changed.assign(**{name: changed[name].dt.strftime("%Y-%m-%d") for name in dates})
    other = forecast_counts(changed, NOW, NEXT, 100, 1, earlier)
    pd.testing.assert_frame_equal(plain.table, other.table)
    pd.testing.assert_frame_equal(plain.scores, other.scores)
    assert (np.diff(plain.table[QUANTILES].to_numpy(), axis=1) >= 0).all()


def test_what_cannot_be_used_is_refused_in_one_line() -> None:
    table = as_known(NOW)
    for call, word in (
        (lambda: forecast_counts(table.drop(columns="planned_end"), NOW, NEXT), "planned_end"),
        (lambda: forecast_counts(table, NOW, NOW), "horizon"),
        (lambda: forecast_counts(table, "soon", NEXT), "soon"),
        (lambda: forecast_counts(table, NOW, NEXT, history={NOW: table}), "2021-12-31"),
        (lambda: forecast_counts(table, NOW, NEXT, history={"2022-06-30": table}), "2022-06-30"),
    ):
        with pytest.raises(LiantuError, match=word) as caught:
            call()
        assert "\n" not in str(caught.value)


def test_little_is_known_and_told() -> None:
    table = as_known(NOW).assign(first_reported=pd.NaT, planned_end=None)
    alone = forecast_counts(table, NOW, NEXT, 300)
    assert {"delay_unknown", "no_back_test", "no_plan_dates"} <= codes(alone)
    assert alone.scores.empty
    assert list(alone.scores.columns) == ["stage", "method", "n", "crps", "skill", "cover50", "cover90"]
    assert (alone.table.loc[alone.table["method"] == "plan", "mean"] == 0).all()
    informed = forecast_counts(as_known(NOW), NOW, NEXT, 300, history=history())
    tables = [result.table.set_index(["method", "stage"]).loc["headline"] for result in (alone, informed)]
    width = [((table["q95"] - table["q05"]) / (table["q50"] + 5)).mean() for table in tables]
    assert width[0] > width[1]


def test_one_earlier_table_or_first_reports_alone() -> None:
    one = forecast_counts(as_known(NOW), NOW, NEXT, 200, history=history(last=1))
    assert "few_intervals" in codes(one)
    assert (one.scores["n"] == 1).all()
    assert "past_from_first_reports" in codes(forecast_counts(as_known(NOW), NOW, NEXT, 200))


def test_odd_rows_are_noted_and_do_not_stop_it() -> None:
    table = as_known(NOW)
    bad = table.copy().astype(dict.fromkeys(("start", "actual_end", "planned_end"), "object"))
    bad.loc[0, "stage"] = None
    bad.loc[1, "start"] = "pending"
    bad.loc[2, ["start", "actual_end", "first_reported"]] = [pd.Timestamp("2021-06-01"), pd.Timestamp("2021-01-01"), DAYS[2]]
    bad.loc[3, ["actual_end", "first_reported"]] = [pd.Timestamp("2023-01-01"), pd.NaT]
    bad.loc[4, ["actual_end", "first_reported"]] = [pd.NaT, DAYS[2]]
    bad = pd.concat([bad, bad.iloc[[5]]], ignore_index=True)
    seen = codes(forecast_counts(bad, NOW, NEXT, 100, history=history(last=2)))
    assert {
        "rows_without_project_or_stage", "dates_unreadable", "end_before_start", "end_after_as_of", "end_without_date",
        "duplicated_project_stage",
    } <= seen  # fmt: skip


@pytest.mark.parametrize("rows", [0, 1, 2])
def test_hardly_any_rows(rows: int) -> None:
    result = forecast_counts(as_known(NOW).head(rows), NOW, NEXT, 50)
    assert len(result.table) == 4 * min(rows, 3)
    assert ("no_rows" in codes(result)) == (rows == 0)


def test_stages_without_open_phases_or_seen_only_before() -> None:
    table = as_known(NOW)
    result = forecast_counts(table[table["stage"] != "close"], NOW, NEXT, 100, history=history())
    assert "stage_not_in_phases" in codes(result)


def test_simulated_ends_are_dated_before_their_report_and_match_the_counts() -> None:
    table = as_known(NOW)
    ends = simulate_ends(table, history(), NOW, "2022-06-30", 200, 5, stops=[NEXT])
    assert len(ends.draw) == len(ends.place) == len(ends.stage) == len(ends.end) == len(ends.reported) == len(ends.group)
    dated = ~np.isnat(ends.end)
    assert (ends.end[dated] <= ends.reported[dated]).all()
    assert set(ends.reported) == {np.datetime64("2022-03-31"), np.datetime64("2022-06-30")}
    listed = ends.place >= 0
    own = table.iloc[ends.place[listed]]
    assert (own["stage"].to_numpy() == ends.stage[listed]).all()
    assert (own["county"].to_numpy() == ends.group[listed]).all()
    assert own["actual_end"].isna().all()
    # A phase ends once in a draw.
    assert not pd.DataFrame({"draw": ends.draw[listed], "place": ends.place[listed]}).duplicated().any()
    start = own["start"].to_numpy(dtype="datetime64[D]")
    known = ~np.isnat(start) & dated[listed]
    assert (ends.end[listed][known] >= start[known]).all()
    assert ends.draw.max() < ends.draws == 200


def test_later_stages_follow_earlier_ones_within_the_horizon() -> None:
    table = as_known(NOW)
    ends = simulate_ends(table, history(), NOW, "2023-12-31", 200, 5)
    behind = table[(table["stage"] == "close") & table["actual_end"].isna() & table["start"].isna()]
    reached = np.isin(ends.place, behind.index)
    assert reached.sum() / 200 > 1
