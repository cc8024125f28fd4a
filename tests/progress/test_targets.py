"""Targets against time: published progress notices, and sums that must agree on a small simulated city."""

import datetime as dt

import pytest

from liantu import Report, progress
from liantu.progress.targets import counted, counted_targets, window_share
from liantu.reference import city, elapsed_share


def test_a_published_progress_notice():
    # 313.64 of 1,015 at the end of March: 30.90 % done, 5.90 points over elapsed time
    done = round(100 * 313.64 / 1015, 2)
    assert done == 30.90
    assert round(done - 100 * elapsed_share(dt.date(2022, 3, 31)), 2) == 5.90


@pytest.mark.parametrize(("target", "day", "share"), [
    ("q1_started", "2022-03-31", 1.0), ("q1_started", "2022-06-30", 1.0), ("q2_at_capacity", "2022-03-31", 0.5),
    ("year_at_work", "2022-09-30", 0.75), ("year_introduced", "2021-12-31", 0.0), ("year_introduced", "2023-03-31", 1.0)])
def test_share_of_a_targets_own_window(target, day, share):
    assert window_share(city().targets(2022).by_id(target), dt.date.fromisoformat(day)) == pytest.approx(share)


@pytest.fixture(scope="module")
def report(small_data):
    return Report(quarter="2022Q3")


def test_in_time_and_late_make_the_count_known_today(report):
    for target in counted_targets(report):
        quarters, now = progress.by_quarter(report, target), counted(report, target)
        assert quarters["cumulative"].iloc[-1] == len(now) == quarters["in_time"].sum() + quarters["late"].sum()
        for row in quarters[quarters["known"]].itertuples():
            then = counted(report.known_at(dt.date.fromisoformat(_end(row.quarter))), target)
            assert row.in_time + row.withdrawn == (then["quarter"] == row.quarter).sum()


def test_counties_add_up_to_the_city(report):
    counties = progress.by_county(report).groupby("measure")[["actual", "late"]].sum()
    rows = progress.against_targets(report).set_index("target")
    assert counties.loc[rows.index].equals(rows[["actual", "late"]].rename_axis("measure"))


def test_a_county_has_counts_and_no_targets(report):
    rows = progress.against_targets(report.known_in("211382"))
    assert rows["value"].isna().all()
    assert set(rows["status"]) == {"unknown"}
    answer = progress.answer(report.known_in("211382"))
    assert "凌源" in answer and "没有给各县（市）区分解目标" in answer


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("quarter", ["2022Q1", "2022Q2", "2022Q3", "2022Q4"])
def test_every_theme_is_answered_with_the_numbers_of_the_charts(small_data, quarter, lang):
    report = Report(quarter=quarter, lang=lang)
    rows = progress.against_targets(report).set_index("target")
    target = {"2022Q1": "q1_started", "2022Q2": "q2_at_capacity", "2022Q3": "year_at_work", "2022Q4": "year_at_work"}[quarter]
    actual, value = rows.loc[target, ["actual", "value"]]
    assert f"{value - actual if quarter == '2022Q3' else actual:,.0f}" in progress.answer(report)


def test_a_year_without_targets_is_counted_without_values(small_data):
    report = Report(quarter="2021Q4")
    assert progress.against_targets(report)["value"].isna().all()
    assert "没有可用的目标" in progress.answer(report)
    quarters = progress.by_quarter(report, report.targets.by_id("year_introduced"))
    assert quarters["late"].sum() == 0 < quarters["in_time"].sum(), "no ledger was collected in those quarters, so nothing is late"


def _end(quarter: str) -> str:
    return {"2022Q1": "2022-03-31", "2022Q2": "2022-06-30", "2022Q3": "2022-09-30"}[quarter]


def test_a_public_record_is_not_held_against_targets(monkeypatch):
    monkeypatch.delenv("LIANTU_DATA", raising=False)
    report = Report(quarter="2022Q4", dataset="public")
    assert progress.against_targets(report)["value"].isna().all()
    assert "公开记录不是台账" in progress.answer(report)
