"""The funnel's rates and where a cohort is: what is counted, that parts add up, and that nobody is counted twice."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liantu import Report
from liantu.progress.counts import FLOW, events
from liantu.progress.funnel import RATES, class_rates, cohort_rates, funnel_rates, project_classes, snapshot_rates, waterfall
from liantu.progress.funnel_rules import UNDATED, UNKNOWN, FunnelRules, funnel_rules
from liantu.progress.pipeline import pipeline_of
from liantu.reference import city
from liantu.tables.contracts import OBSERVATIONS
from liantu.tables.fold import fold

FIRST, LAST = pd.Timestamp("2021-12-31"), pd.Timestamp("2022-12-31")


def _projects(stages, first=FIRST, county="211302"):
    table = pd.DataFrame({"project_id": list(stages), "stage": list(stages.values()), "first_snapshot": first, "last_snapshot": LAST,
                          "county": county})
    return table.astype({"project_id": "str", "stage": "str", "county": "str"})


def _milestones(reached):
    rows = [(one, stage, pd.Timestamp(day) if day else pd.NaT, "day", LAST) for one, told in reached.items() for stage, day in told.items()]
    table = pd.DataFrame(rows, columns=["project_id", "stage", "actual_date", "precision", "first_reported"])
    return table.astype({"project_id": "str", "stage": "str", "actual_date": "datetime64[ms]", "first_reported": "datetime64[ms]"})


REACHED = {
    "signed": {"signed": "2022-01-05"},
    "landed": {"signed": "2022-02-05", "approved": "2022-05-05"},
    "passed": {"signed": "2022-02-06", "started": "2022-06-05"},
    "unsaid": {"started": "2022-03-05", "completed": "2022-10-05"},
    "undated": {"approved": None, "started": "2022-08-01"},
    "dropped": {"signed": "2022-03-05", "terminated": None},
    "paused": {"approved": "2021-05-05", "started": "2021-09-05", "suspended": None},
    "arrived": {"producing": "2021-05-05", "at_capacity": "2022-09-05"},
}
NOW = {"signed": "signed", "landed": "approved", "passed": "started", "unsaid": "completed", "undated": "started", "dropped": "terminated",
       "paused": "suspended", "arrived": "at_capacity"}


def _rates(table):
    return {row.rate: (row.base, row.reached, row.implied) for row in table.itertuples()}


def test_the_four_rates():
    table = funnel_rates(_projects(NOW), _milestones(REACHED), LAST)
    # Who is known only by a later stage is in no base, but a later stage counts as reached: 2 of 4 signed went on.
    assert _rates(table) == {"landing": (4, 2, 4), "start": (3, 2, 3), "completion": (4, 1, 1), "capacity": (1, 1, 0)}
    landing = table.iloc[0]
    assert landing["share"] == 0.5
    assert landing["note"] == "few"


def test_wilson_interval_against_published_numbers():
    """Newcombe 1998 (Stat Med 17:857), table I, method 3, 95 %: 81 of 263 gives 0.2553 to 0.3662, 15 of 148 gives 0.0624 to 0.1605."""
    for base, reached, low, high in ((263, 81, 0.2553, 0.3662), (148, 15, 0.0624, 0.1605)):
        told = {f"P{n}": {"signed": "2022-01-01"} | ({"approved": "2022-03-01"} if n < reached else {}) for n in range(base)}
        row = funnel_rates(_projects(dict.fromkeys(told, "signed")), _milestones(told), LAST, level=0.95).iloc[0]
        assert (round(row["low"], 4), round(row["high"], 4)) == (low, high)


def test_groups_and_cohorts_add_up_to_the_whole():
    projects, milestones = _projects(NOW), _milestones(REACHED)
    by = pd.Series({"signed": "b", "landed": "a", "passed": "a", "unsaid": "a"}, name="x")
    whole = funnel_rates(projects, milestones, LAST).set_index("rate")[["base", "reached"]]
    for parts in (funnel_rates(projects, milestones, LAST, by), cohort_rates(projects, milestones, LAST, "year"),
                  cohort_rates(projects, milestones, LAST, "quarter")):
        assert parts.groupby("rate")[["base", "reached"]].sum().reindex(whole.index).equals(whole)
    groups = funnel_rates(projects, milestones, LAST, by)
    assert groups.loc[groups["rate"] == "landing", "group"].tolist() == ["a", "b", UNKNOWN]


def test_cohorts_are_by_entry_into_the_base_stage():
    table = cohort_rates(_projects(NOW), _milestones(REACHED), LAST, "quarter", FIRST)
    found = {(row.group, row.rate): (row.base, row.reached, row.note) for row in table.itertuples()}
    assert found[("2022Q1", "landing")] == (4, 2, "few")
    assert found[("2022Q2", "start")] == (1, 0, "few")
    assert found[(UNDATED, "start")] == (1, 1, "few")
    assert list(table["group"])[-1] == UNDATED
    older = cohort_rates(_projects(NOW), _milestones(REACHED), LAST, "year", LAST)
    assert set(older.loc[older["group"] == "2021", "note"]) == {"survivors"}
    assert set(older.loc[older["group"] == "2022", "note"]) == {"few"}


def test_a_snapshot_says_what_was_known_then():
    early = (_projects({"landed": "signed"}), _milestones({"landed": {"signed": "2022-02-05"}}).assign(
        first_reported=pd.Timestamp("2022-03-31")))
    table = snapshot_rates({LAST: (_projects(NOW), _milestones(REACHED)), pd.Timestamp("2022-03-31"): early})
    assert table["group"].unique().tolist() == ["2022Q1", "2022Q4"]
    assert table.iloc[0][["rate", "base", "reached"]].tolist() == ["landing", 1, 0]
    odd = snapshot_rates({pd.Timestamp("2022-04-15"): early})
    assert odd["group"].tolist() == ["2022-04-15"]
    assert snapshot_rates({}).empty


def test_waterfall_adds_up():
    table = waterfall(_projects(NOW), _milestones(REACHED), LAST).set_index("stage")
    assert table["reached"].tolist() == [4, 2, 1, 0, 0, 0]
    assert table.loc["signed", ["waiting", "suspended", "terminated"]].tolist() == [1, 0, 1]
    started = waterfall(_projects(NOW), _milestones(REACHED), LAST, "started").set_index("stage")
    assert started.loc["started", ["reached", "waiting", "suspended"]].tolist() == [4, 2, 1]
    only = waterfall(_projects(NOW), _milestones(REACHED), LAST, "started", ["paused"])
    assert only["reached"].tolist() == [1, 0, 0, 0]


def test_what_a_class_decides_by_itself_is_no_rate():
    classes = project_classes(_projects(NOW), _milestones(REACHED), 2022, LAST)
    assert classes.astype("str").to_dict() == {
        "signed": "preparing", "landed": "preparing", "passed": "preparing", "unsaid": "preparing", "undated": "preparing",
        "dropped": "preparing", "paused": "building", "arrived": "completed"}
    later = project_classes(_projects(NOW, LAST), _milestones(REACHED), 2022, LAST)
    assert later["signed"] == "new"
    assert later["paused"] == "building"
    by_class = funnel_rates(_projects(NOW), _milestones(REACHED), LAST, classes)
    rates = class_rates(by_class, {"building": "started", "completed": "completed"})
    assert set(rates.loc[rates["group"] == "building", "rate"]) <= {"completion", "capacity"}
    assert set(rates.loc[rates["group"] == "completed", "rate"]) == {"capacity"}
    assert set(rates.loc[rates["group"] == "preparing", "rate"]) == {"landing", "start", "completion"}


def test_carried_over_and_new_are_at_work_once():
    """Published: 344 carried over + 265 new = 609 at work (开复工); a project is never in both."""
    where = {"snapshot": "2022-03-31", "source": "county", "source_file": "2022-03-31/x.xlsx", "sheet": "s", "county": "211302",
             "stage": "started"}
    carried = [{"project_id": f"C{n}", "started_actual": "2021-06-01", "construction": "carried_over"} for n in range(344)]
    new = [{"project_id": f"N{n}", "started_actual": "2022-03-01", "construction": "new" if n % 2 else "carried_over"} for n in range(265)]
    rows = OBSERVATIONS.conform([{**row, **where, "row": place, "name": row["project_id"]} for place, row in enumerate(carried + new, 1)])
    tables = fold(rows, pd.Timestamp("2022-03-31")) | {"observations": rows}
    window = dt.date(2022, 1, 1), dt.date(2022, 3, 31)
    assert len(events(tables, "new_starts", *window)) == 265
    at_work = events(tables, "at_work", *window)
    assert len(at_work) == 609 == 344 + 265
    assert at_work["project_id"].is_unique
    # All of them stand in the works, none waits elsewhere.
    assert waterfall(tables["projects"], tables["milestones"], LAST, "started")["waiting"].tolist() == [609, 0, 0, 0]


STAGES = st.sets(st.sampled_from([*FLOW, "terminated", "suspended"]))
DAYS = st.none() | st.dates(min_value=dt.date(2019, 1, 1), max_value=dt.date(2022, 12, 31))


@settings(deadline=None, max_examples=60)
@given(st.lists(STAGES, max_size=8), st.data())
def test_whatever_is_reported(told, data):
    reached = {f"P{n}": {stage: data.draw(DAYS) for stage in stages} for n, stages in enumerate(told)}
    now = {one: data.draw(st.sampled_from([*FLOW, "suspended"])) for one in reached}
    projects, milestones = _projects(now), _milestones(reached)
    table = funnel_rates(projects, milestones, LAST)
    assert (table["reached"] <= table["base"]).all()
    assert ((table["low"] <= table["share"] + 1e-12) & (table["share"] <= table["high"] + 1e-12)).all()
    assert set(table["rate"]) <= set(RATES)
    for first in ("signed", "approved", "started"):
        fall = waterfall(projects, milestones, LAST, first)
        stay = fall[["waiting", "suspended", "terminated"]].sum(axis=1).to_numpy()
        assert (fall["reached"].to_numpy()[:-1] == stay[:-1] + fall["reached"].to_numpy()[1:]).all()
        assert stay[-1] <= fall["reached"].iloc[-1]
        assert (fall["unlisted"] <= fall["waiting"]).all()


def test_empty_tables():
    nothing = _projects({})
    assert funnel_rates(nothing, _milestones({}), LAST).empty
    assert cohort_rates(nothing, _milestones({}), LAST, "quarter", FIRST).empty
    assert waterfall(nothing, _milestones({}), LAST)["reached"].tolist() == [0] * 6


def test_size_classes_are_the_published_ones():
    rules = funnel_rules(city())
    plans = pd.Series([0, 9999.9, 10000, 49999, 50000, 99999, 100000, 1e7, np.nan])
    assert rules.sizes(plans).tolist() == [
        "under_100m", "under_100m", "from_100m", "from_100m", "from_500m", "from_500m", "from_1bn", "from_1bn", UNKNOWN]
    for lang in ("zh", "en"):
        assert set(rules.names(lang)) == {*(entry.id for entry in rules.size_classes), *(entry.id for entry in rules.project_classes),
                                          UNKNOWN, UNDATED}


def test_rules_that_contradict_themselves_are_refused():
    good = funnel_rules(city()).model_dump()
    with pytest.raises(ValueError, match="begin at 0 and rise"):
        FunnelRules.model_validate(good | {"size_classes": good["size_classes"][::-1]})
    with pytest.raises(ValueError, match="not stages"):
        FunnelRules.model_validate(good | {"construction_after": {"carried_over": "begun"}})


def test_the_pipeline_of_one_ledger_says_so():
    found = pipeline_of(Report(quarter="2022Q4", dataset="public"))
    notes = found.notes.set_index("note")["n"]
    assert notes["one_ledger"] == 1
    assert notes["known_today"] > 0
    assert (found.times["note"] == "few").all()
    assert found.curves.empty
    assert len(found.waiting) > 0
    assert found.permits.empty
