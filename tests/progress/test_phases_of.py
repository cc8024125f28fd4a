"""Phases from the tidy tables: what is reached, what is ahead, when each began."""

import pandas as pd
import pytest

from liantu.progress.counts import FLOW
from liantu.progress.phases_of import COLUMNS, phase_notes, phases_of
from liantu.tables.contracts import MILESTONES, PROJECTS

DAY = "2022-06-30"


def _tables(projects, milestones):
    plain = {"name": "x", "county": "211302", "construction": "new", "total_investment_wan": 5000.0, "first_snapshot": "2021-12-31",
             "last_snapshot": DAY, "n_reports": 1}
    return {"projects": PROJECTS.conform([{**plain, **row} for row in projects]), "milestones": MILESTONES.conform(milestones)}


def _reached(project, stage, date=None, told="2021-12-31", **more):
    return {"project_id": project, "stage": stage, "actual_date": date, "first_reported": told, **more}


@pytest.fixture(scope="module")
def phases():
    tables = _tables(
        [{"project_id": "talks", "stage": "negotiating"}, {"project_id": "works", "stage": "started"},
         {"project_id": "over", "stage": "terminated"}, {"project_id": "still", "stage": "suspended"}, {"project_id": "bare"},
         {"project_id": "dropped", "stage": "completed", "last_snapshot": "2022-03-31"}, {"project_id": "told", "stage": "approved"},
         {"project_id": "silent", "stage": "started", "county": "211303", "last_snapshot": "2022-03-31"}],
        [_reached("works", "approved", "2021-02-01"), _reached("works", "started", "2021-05-01", "2022-03-31"),
         {"project_id": "works", "stage": "completed", "planned_date": "2022-10-31"},
         _reached("over", "signed", "2021-03-01"), _reached("over", "terminated"),
         _reached("still", "started", "2021-07-01"), _reached("still", "suspended"),
         _reached("dropped", "completed", "2021-09-01"), _reached("told", "approved", None, "2022-03-31"),
         _reached("told", "started", "2022-07-03", "2022-09-30"), _reached("silent", "started", "2021-04-01")])
    return phases_of(tables, DAY)


def _of(phases, project):
    return phases[phases["project"] == project].set_index("stage")


def test_columns_and_one_row_for_each_project_and_stage(phases):
    assert list(phases.columns) == list(COLUMNS) and not phases.duplicated(["project", "stage"]).any()
    assert {str(phases[name].dtype) for name in ("start", "planned_end", "actual_end", "first_reported")} == {"datetime64[ms]"}


def test_stages_passed_without_a_report_are_left_out(phases):
    works = _of(phases, "works")
    assert list(works.index) == ["approved", "started", "completed", "producing", "at_capacity"]  # never signed: not attracted
    assert works.loc["started", "start"] == pd.Timestamp("2021-02-01") and works.loc["completed", "start"] == pd.Timestamp("2021-05-01")
    assert pd.isna(works.loc["producing", "start"]) and works.loc["completed", "planned_end"] == pd.Timestamp("2022-10-31")


def test_talks_wait_for_signing_and_a_project_without_a_stage_does_not(phases):
    talks = _of(phases, "talks")
    assert list(talks.index) == list(FLOW) and talks.loc["signed", "start"] == pd.Timestamp("2021-12-31")
    assert talks["first_reported"].isna().all() and pd.isna(talks.loc["approved", "start"])
    bare = _of(phases, "bare")
    assert list(bare.index) == list(FLOW[1:]) and bare.loc["approved", "start"] == pd.Timestamp("2021-12-31")


def test_what_is_over_has_no_open_rows_and_what_is_suspended_has(phases):
    assert list(_of(phases, "over").index) == ["signed"] and list(_of(phases, "dropped").index) == ["completed"]
    assert list(_of(phases, "still").index) == ["started", "completed", "producing", "at_capacity"]
    # Its county has sent nothing since, so it is no less listed than before.
    assert "completed" in _of(phases, "silent").index


def test_a_stage_told_without_a_date_is_reached_and_a_later_report_is_not_known_yet(phases):
    told = _of(phases, "told")
    assert pd.isna(told.loc["approved", "actual_end"]) and told.loc["approved", "first_reported"] == pd.Timestamp("2022-03-31")
    assert told.loc["started", "start"] == pd.Timestamp("2022-03-31") and pd.isna(told.loc["started", "actual_end"])


def test_bad_input_is_told():
    tables = _tables([{"project_id": "a", "stage": "started"}, {"project_id": "b", "stage": "signed", "last_snapshot": "2021-12-31"}],
                     [_reached("a", "approved", "2021-06-01"), _reached("a", "started", "2021-05-01"), _reached("b", "signed")])
    notes = dict(phase_notes(tables, DAY))
    assert notes == {"out_of_order": {"count": 1}, "end_without_date": {"count": 1}, "not_listed": {"count": 1},
                     "no_plan_dates": {"count": 3}}
    assert phase_notes(_tables([], []), DAY) == [("no_rows", {})]
