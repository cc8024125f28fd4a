"""Pace against elapsed time: published notices, county plans, and the lists of what should have happened."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from liantu import Report, progress
from liantu.progress.counts import events
from liantu.progress.pace import county_pace, left_out, months_left, percent, points_ahead, should_have, started_early
from liantu.progress.plan_versions import plan_versions
from liantu.progress.slips import slips
from liantu.progress.targets import counted_in, counted_targets
from liantu.reference import elapsed_share
from liantu.tables import CONTRACTS


def test_a_published_notice():
    # 313.64 of 1,015 at the end of March: 30.90 %, 5.90 points over elapsed time
    assert percent(313.64 / 1015) == 30.90
    assert points_ahead(313.64 / 1015, elapsed_share(dt.date(2022, 3, 31))) == 5.90


def test_percentages_are_rounded_half_up():
    assert [percent(share, 1) for share in (0.0125, 0.1005, 0.9995)] == [1.3, 10.1, 100.0]  # half to even would give 1.2 and 10.0
    assert np.isnan(percent(float("nan"))) and np.isnan(points_ahead(float("nan"), 0.5))


def test_a_published_sum_of_new_and_carried_over():
    # 344 new starts and 265 carried over are 609 at work: nobody counts twice, whatever the ledgers repeat.
    where = {"source_file": "a.xlsx", "sheet": "S", "row": 3, "source": "county", "county": "211382"}
    new = [{"project_id": f"N{n}", "stage": "started", "actual_date": "2022-02-01", "precision": "day", "first_reported": "2022-03-31"}
           for n in range(344)]
    old = [{"project_id": f"C{n}", "stage": "started", "actual_date": "2021-05-01", "precision": "day", "first_reported": "2021-12-31"}
           for n in range(265)]
    rows = [where | {"project_id": row["project_id"], "snapshot": day, "name": row["project_id"], "stage": "started",
                     "started_actual": row["actual_date"], "construction": "new" if row["project_id"][0] == "N" else "carried_over"}
            for row in new + old for day in ("2022-03-31", "2022-06-30")]
    tables = {"milestones": CONTRACTS["milestones"].conform(new + old), "observations": CONTRACTS["observations"].conform(rows)}
    start, end = dt.date(2022, 1, 1), dt.date(2022, 12, 31)
    assert len(events(tables, "new_starts", start, end)) == 344
    assert len(events(tables, "at_work", start, end)) == 344 + 265 == 609


@pytest.mark.parametrize(("day", "months"), [
    ("2022-03-31", 9), ("2022-06-30", 6), ("2022-06-15", 7), ("2022-12-31", 0), ("2023-01-31", -1)])
def test_months_left(day, months):
    assert months_left(dt.date(2022, 12, 31), dt.date.fromisoformat(day)) == months


@pytest.fixture(scope="module")
def report(small_data):
    return Report(quarter="2022Q2")


def test_the_city_row_is_the_target_itself(report):
    city = county_pace(report).query("county == ''").set_index("target")
    targets = progress.against_targets(report).set_index("target").loc[city.index]
    assert city["done"].tolist() == targets["actual"].tolist()
    assert city["planned"].tolist() == targets["value"].tolist()
    assert city["due_by_now"].tolist() == pytest.approx(targets["demanded"].tolist())
    assert city["per_month_needed"].tolist() == pytest.approx(targets["pace_needed"].astype(float).tolist(), nan_ok=True)


def test_counties_done_add_up_to_the_city(report):
    table = county_pace(report)
    parts = table[table["county"] != ""].groupby("target")["done"].sum()
    assert parts.to_dict() == table[table["county"] == ""].set_index("target")["done"].to_dict()


def test_planned_are_the_original_plans_of_the_window(report):
    rows = slips(report)
    rows = rows[(rows["stage"] == "started") & (rows["note"] != "terminated") & rows["original_date"].between("2022-01-01", "2022-03-31")]
    table = county_pace(report).query("target == 'q1_started' and county != '' and county != '211300'").set_index("county")
    want = rows["county"].value_counts().reindex(table.index, fill_value=0)
    assert table["planned"].tolist() == want.tolist() and want.sum() > 0
    target = next(target for target in counted_targets(report) if target.id == "q1_started")
    both = rows[rows["project_id"].isin(counted_in(report, target)["project_id"])]
    assert table["done_of_plan"].tolist() == both["county"].value_counts().reindex(table.index, fill_value=0).tolist()


def test_no_plan_has_no_rate_and_a_note(report):
    table = county_pace(report).query("target == 'year_introduced' and county != ''")  # nobody plans signatures
    assert set(table["note"]) == {"no_plan"} and table["share_done"].isna().all() and table["points"].isna().all()
    assert not table["half"].any()


def test_one_county_is_its_row_of_the_city(report):
    own = county_pace(report.known_in("211382"))
    row = county_pace(report).query("county == '211382'").reset_index(drop=True)
    assert own["county"].tolist() == ["211382"] * len(own)
    pd.testing.assert_frame_equal(own[["target", "planned", "done", "share_done"]], row[["target", "planned", "done", "share_done"]])


def test_should_have_and_the_left_out_are_all_that_is_not_reached(report):
    for stage in ("started", "completed"):
        late, out = should_have(report, stage), left_out(report, stage).set_index("reason")["projects"]
        rows = slips(report)
        open_plans = rows[(rows["stage"] == stage) & ~rows["reached"]]
        assert len(late) + out[["terminated", "beyond", "ahead"]].sum() == len(open_plans)
        assert (late["days_late"] > 0).all() and late["days_late"].is_monotonic_decreasing
        assert (late["original_date"] < pd.Timestamp(report.as_of)).all()
        reached = report.milestones.query("stage == @stage").dropna(subset=["first_reported"])["project_id"]
        assert not set(late["project_id"]) & set(reached)
        assert set(late["sure"]) <= {"told", "old", "may_be_unreported"}
        assert len(late) and late["name"].notna().all()


def test_started_early_is_before_the_original_plan(report):
    table = started_early(report)
    assert len(table) and (table["actual_date"] < table["original_date"]).all()
    assert ((table["original_date"] - table["actual_date"]).dt.days == table["days_early"]).all()
    assert set(table["actual_date"].dt.year) == {2022}


def test_plan_versions_end_at_the_plans_of_the_year(report):
    table, rows = plan_versions(report), slips(report)
    end = table[table["month"] == "2022-12-31"].set_index("stage")
    for stage in end.index:
        own = rows[rows["stage"] == stage]
        assert end.loc[stage, "original"] == (own["original_date"].dt.year == 2022).sum()
        assert end.loc[stage, "latest"] == (own["planned_date"].dt.year == 2022).sum()
    june = table[(table["month"] == "2022-06-30") & (table["stage"] == "started")].iloc[0]
    assert june["actual"] == len(events(report.tables, "new_starts", dt.date(2022, 1, 1), dt.date(2022, 6, 30))) > 0
    assert table.loc[table["month"] > "2022-06-30", "actual"].isna().all()
    assert table.groupby("stage")[["original", "latest"]].agg(lambda values: values.is_monotonic_increasing).all(axis=None)


def test_the_public_record_has_no_plans(monkeypatch):
    monkeypatch.delenv("LIANTU_DATA", raising=False)
    public = Report(quarter="2022Q4", dataset="public")
    table = county_pace(public)
    assert set(table.loc[table["county"] == "", "note"]) == {"no_target"}
    assert not len(should_have(public)) and not len(started_early(public))
    assert left_out(public).set_index("reason").loc["no_plan", "projects"] > 0
    assert set(plan_versions(public)["note"]) == {"no_plans"}
