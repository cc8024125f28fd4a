"""Since last quarter: the number published then, what was restated and what is new make the number known now, project by project."""

import datetime as dt

import pandas as pd
import pytest

from liantu import Report, progress
from liantu.progress.since import KINDS, bridge_projects, bridges, first_told, investment_bridge, parts, restatements, since_last_quarter
from liantu.progress.targets import counted, counted_targets, investment_progress

WHERE = ["source_file", "sheet", "row"]


def dates(**told):
    return pd.DataFrame({"project_id": list(told), "date": pd.to_datetime(list(told.values()))})


def test_each_project_is_in_one_part():
    then = dates(kept="2022-02-01", gone="2022-02-02", moved="2022-03-01", earlier="2022-03-31")
    now = dates(kept="2022-02-01", moved="2022-04-01", earlier="2022-01-15", late="2022-03-31", new="2022-04-01")
    found = parts(then, now, dt.date(2022, 3, 31)).set_index("project_id")["part"].to_dict()
    assert found == {"kept": "kept", "gone": "withdrawn", "moved": "postponed", "earlier": "kept", "late": "late", "new": "new"}


def test_of_nothing_is_nothing():
    assert parts(dates(), dates(), dt.date(2022, 3, 31)).empty


@pytest.fixture(scope="module")
def reports(small_data):
    return {quarter: Report(quarter=quarter) for quarter in ("2021Q4", "2022Q1", "2022Q2", "2022Q3", "2022Q4")}


def published(report):
    return progress.against_targets(report).set_index("target")["actual"]


@pytest.mark.parametrize("county", ["", "211382", "211321"])
@pytest.mark.parametrize(("last", "quarter"), [("2022Q1", "2022Q2"), ("2022Q2", "2022Q3"), ("2022Q3", "2022Q4")])
def test_published_and_restated_and_new_make_the_number_now(reports, last, quarter, county):
    then, now = reports[last].known_in(county), reports[quarter].known_in(county)
    table = bridges(since_last_quarter(now)).set_index("target")
    assert table["published"].equals(published(then).rename("published"))
    assert table["now"].equals(published(now).rename("now"))
    assert (table["published"] + table["restated"] + table["new"] == table["now"]).all()
    assert (table["known"] == table["published"] + table["late"] - table["withdrawn"] - table["postponed"]).all()
    for target in counted_targets(now):
        dated = counted(now, target)["date"]
        assert table.loc[target.id, "known"] == (dated <= pd.Timestamp(reports[last].quarter.end)).sum()


def test_something_was_restated(reports):
    table = bridges(since_last_quarter(reports["2022Q2"]))
    assert table["late"].sum() > 5 and table["new"].sum() > 5 and (table[["withdrawn", "postponed"]].sum() >= 0).all()


def test_a_first_quarter_restates_last_year_and_begins_at_zero(reports):
    table = bridges(since_last_quarter(reports["2022Q1"]))
    past, year = table[table["year"] == 2021].set_index("target"), table[table["year"] == 2022].set_index("target")
    assert past["published"].equals(published(reports["2021Q4"]).rename("published")) and (past["new"] == 0).all()
    assert (past["late"].sum() > 0) and (year[["published", "restated"]] == 0).all(axis=None)
    assert year["now"].equals(published(reports["2022Q1"]).rename("now"))


def test_the_projects_behind_each_part_are_those_of_the_two_dates(reports):
    now, then = reports["2022Q2"], reports["2022Q1"]
    found = bridge_projects(since_last_quarter(now))
    for target in counted_targets(now):
        own = found[found["target"] == target.id]
        had, has = counted(then, target), counted(now, target)
        assert not own["project_id"].duplicated().any()
        assert set(own.loc[own["part"].isin(["kept", "withdrawn", "postponed"]), "project_id"]) == set(had["project_id"])
        assert set(own.loc[own["part"].isin(["kept", "late", "new", "postponed"]), "project_id"]) == set(has["project_id"])
        late = has[(has["date"] <= pd.Timestamp(then.quarter.end)) & ~has["project_id"].isin(had["project_id"])]
        assert set(own.loc[own["part"] == "late", "project_id"]) == set(late["project_id"])


@pytest.mark.parametrize(("last", "quarter"), [("2022Q1", "2022Q2"), ("2022Q3", "2022Q4")])
def test_investment_adds_up_to_what_both_reports_print(reports, last, quarter):
    found = investment_bridge(since_last_quarter(reports[quarter]))
    assert found["published"] == pytest.approx(investment_progress(reports[last])["done_wan"])
    assert found["now"] == pytest.approx(investment_progress(reports[quarter])["done_wan"])
    assert found["published"] + found["restated"] + found["joined"] + found["done"] == pytest.approx(found["now"])
    assert found["restated"] <= 0 < found["done"]


def test_what_was_told_first_was_not_known_then_and_stands_under_its_time(reports):
    since = since_last_quarter(reports["2022Q2"])
    told = first_told(since.then.tables, since.now.tables, since.end)
    assert set(told["kind"]) == {"project", "stage", "approval", "problem_opened", "problem_closed"}
    assert set(told.loc[told["date"].isna(), "time"]) == {"undated"}
    assert (told.loc[told["time"] == "late", "date"] <= since.day).all()
    assert (told.loc[told["time"] == "in_quarter", "date"] > since.day).all()
    known = since.then.milestones.dropna(subset=["first_reported"])
    stages = told[told["kind"] == "stage"]
    assert not set(zip(stages["project_id"], stages["what"], strict=True)) & set(zip(known["project_id"], known["stage"], strict=True))
    assert not set(told.loc[told["kind"] == "project", "project_id"]) & set(since.then.projects["project_id"])
    assert len(told[told["kind"] == "project"]) == len(reports["2022Q2"].projects) - len(since.then.projects)


def test_every_restatement_has_its_ledger_row_and_differs(reports):
    since = since_last_quarter(reports["2022Q2"])
    rows, told = restatements(since), first_told(since.then.tables, since.now.tables, since.end)
    assert set(rows["kind"]) <= set(KINDS) and {"late", "plan", "amount", "actual", "stage_back"} <= set(rows["kind"])
    lineage = set(map(tuple, reports["2022Q2"].table("lineage")[WHERE].itertuples(index=False)))
    assert set(map(tuple, rows[WHERE].itertuples(index=False))) <= lineage
    of_quarter = rows[~rows["kind"].isin(["vanished", "name", "company", "county"])]
    assert of_quarter["source_file"].str.startswith("2022Q2/").all()
    assert (rows["kind"] == "late").sum() == ((told["kind"] == "stage") & (told["time"] == "late")).sum()
    changed = rows[rows["kind"].isin(["actual", "plan", "amount", "area", "approval", "name", "company", "county"])]
    assert (changed["old"] != changed["new"]).all() and changed["old"].notna().all()
    assert not rows.duplicated(["kind", "project_id", "field"]).any()


def test_a_county_has_its_own_restatements_and_all_of_them(reports):
    whole = restatements(since_last_quarter(reports["2022Q3"]))
    own = restatements(since_last_quarter(reports["2022Q3"].known_in("211382")))
    home = reports["2022Q3"].projects.set_index("project_id")["county"]
    expected = whole[whole["project_id"].map(home) == "211382"]
    assert len(own) and set(expected["project_id"]) <= set(own["project_id"]) < set(whole["project_id"])


def test_the_first_quarter_of_the_data_has_nothing_before_it(reports):
    assert since_last_quarter(reports["2021Q4"]) is None
    assert since_last_quarter(Report(quarter="2022Q2", as_of="2022-03-31")) is None


def test_a_trend_has_what_each_quarters_own_report_prints(reports):
    trend = progress.trends(reports["2022Q3"])
    assert list(dict.fromkeys(trend["quarter"])) == ["2021Q4", "2022Q1", "2022Q2", "2022Q3"]
    for quarter, rows in trend.groupby("quarter"):
        own = progress.against_targets(reports[quarter]).set_index("target")
        assert dict(zip(rows["target"], rows["value"], strict=True)) == own["actual"].to_dict()
        assert [value is None or pd.isna(value) for value in rows["target_value"]] == own["value"].isna().tolist()
    assert progress.trends(reports["2022Q3"].known_in("211382"))["target_value"].isna().all()


def test_a_public_record_is_compared_too(monkeypatch):
    monkeypatch.delenv("LIANTU_DATA", raising=False)
    report = Report(quarter="2025Q2", dataset="public")
    table = bridges(since_last_quarter(report))
    assert (table["published"] + table["restated"] + table["new"] == table["now"]).all()
    assert table["value"].isna().all() and since_last_quarter(Report(quarter="2022Q4", dataset="public")) is None
