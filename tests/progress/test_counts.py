"""What counts toward a target, on a handful of projects whose answer is known by hand."""

import datetime as dt

import pandas as pd
import pytest

from liantu.progress.counts import events, stage_of_rows, undated
from liantu.tables.contracts import OBSERVATIONS
from liantu.tables.fold import fold

Q4, Q1, Q2 = "2021-12-31", "2022-03-31", "2022-06-30"


def _said(project, snapshot, row, stage=None, **fields):
    where = {"source": "county", "source_file": f"{snapshot}/x.xlsx", "sheet": "s", "row": row, "name": project, "county": "211302"}
    return {"project_id": project, "snapshot": snapshot, "stage": stage, **where, **fields}


@pytest.fixture
def observations():
    return OBSERVATIONS.conform([
        _said("carried", Q4, 1, "started", started_actual="2021-08-01"),
        _said("carried", Q1, 1, "started", started_actual="2021-08-01"),
        _said("resumed", Q4, 2, "suspended", started_actual="2021-06-01"),
        _said("resumed", Q1, 2, "resumed", started_actual="2021-06-01", resumed_actual="2022-03-10"),
        _said("suspended", Q4, 3, "suspended", started_actual="2021-06-01"),
        _said("suspended", Q1, 3, "suspended", started_actual="2021-06-01"),
        _said("done_before", Q4, 4, "completed", started_actual="2020-06-01", completed_actual="2021-11-01"),
        _said("done_before", Q1, 4, "completed", started_actual="2020-06-01", completed_actual="2021-11-01"),
        _said("finished_in", Q1, 5, "completed", started_actual="2021-03-01", completed_actual="2022-02-20"),
        _said("new_in_time", Q1, 6, "started", started_actual="2022-03-20"),
        _said("new_late", Q2, 7, "started", started_actual="2022-03-25"),
        _said("new_undated", Q1, 8, "started"),
        _said("planned", Q1, 9, "approved", started_planned="2022-05-01"),
        _said("capacity", Q2, 10, "at_capacity", started_actual="2021-01-05", completed_actual="2021-10-01",
              at_capacity_actual="2022-04-30"),
        _said("terminated", Q4, 11, "started", started_actual="2021-05-01"),
        _said("terminated", Q1, 11, "terminated", started_actual="2021-05-01"),
    ])


def _counted(observations, measure, until, as_of):
    found = events(fold(observations, pd.Timestamp(as_of)) | {"observations": observations[observations["snapshot"] <= as_of]},
                   measure, dt.date(2022, 1, 1), dt.date.fromisoformat(until))
    assert found["project_id"].is_unique
    return dict(zip(found["project_id"], found["date"].dt.strftime("%Y-%m-%d"), strict=True))


def test_new_starts_are_counted_by_date_as_known(observations):
    assert _counted(observations, "new_starts", Q1, Q1) == {"new_in_time": "2022-03-20"}
    assert _counted(observations, "new_starts", Q1, Q2) == {"new_in_time": "2022-03-20", "new_late": "2022-03-25"}


def test_at_work_is_new_starts_and_carried_over_each_once(observations):
    assert _counted(observations, "at_work", Q1, Q1) == {
        "carried": Q1, "resumed": "2022-03-10", "finished_in": Q1, "new_in_time": "2022-03-20"}


def test_at_capacity_and_undated(observations):
    assert _counted(observations, "at_capacity", Q2, Q2) == {"capacity": "2022-04-30"}
    assert undated(fold(observations, pd.Timestamp(Q1)), "new_starts") == 1


def test_a_row_without_a_stated_stage_tells_it_by_its_dates(observations):
    rows = OBSERVATIONS.conform([
        _said("a", Q1, 1, started_actual="2021-05-01"),
        _said("b", Q1, 2, started_actual="2021-05-01", suspended_actual="2021-09-01"),
        _said("c", Q1, 3, started_actual="2021-05-01", suspended_actual="2021-09-01", resumed_actual="2022-03-01"),
        _said("d", Q1, 4, started_actual="2021-05-01", completed_actual="2022-02-01", producing_actual="2022-03-01"),
        _said("e", Q1, 5, started_planned="2022-05-01"),
        _said("f", Q1, 6, "approved", started_actual="2021-05-01"),
    ])
    assert stage_of_rows(rows).fillna("").tolist() == ["started", "suspended", "resumed", "producing", "", "approved"]
