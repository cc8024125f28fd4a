"""Key tasks, problems and stewards: states by hand, curves against published ones, a simulated log against its truth, missing ledgers."""

import datetime as dt
import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from liantu import Report
from liantu.assess.service import (
    county_service,
    department_measures,
    of_report,
    problem_lives,
    service_of,
    service_rules,
    steward_load,
    task_counts,
    task_faults,
    task_states,
    times_by,
    times_differ,
)
from liantu.assess.service.problems import poisson_interval, solved_curves
from liantu.assess.service.rules import ServiceRules
from liantu.errors import LiantuError
from liantu.progress.survival import kaplan_meier, quantile
from liantu.reference.loading import load
from liantu.tables import CONTRACTS

AS_OF = dt.date(2022, 6, 30)
SOLVED = ("是", "已解决")


def tasks(*rows):
    names = ("task_id", "snapshot", "kind", "due", "progress", "done_date", "status")
    given = [dict(zip(names, row, strict=True)) | {"name": row[0], "department": "市教育局"} for row in rows]
    return CONTRACTS["tasks"].conform(given)


def one(status, progress=0.5, due="2022-09-30", done=None, kind="审批改革", ledger="2022-06-30", name="T"):
    return (name, ledger, kind, due, progress, done, status)


def problems(*rows):
    names = ("problem_id", "snapshot", "raised", "due", "resolved", "status", "kind", "steward")
    return CONTRACTS["problems"].conform([dict(zip(names, (*row, "土地", "甲")[:8], strict=True)) for row in rows])


def lives(*rows, **how):
    return problem_lives(problems(*rows), how.pop("as_of", AS_OF), SOLVED, **how).set_index("problem_id")


# --- key tasks


@pytest.mark.parametrize(("row", "state", "overdue"), [
    (one("已完成", 1.0, done="2022-06-01"), "done", False), (one("已完成", 0.4), "done", False), (one("推进中", 1.0), "done", False),
    (one("推进中", 0.9, due="2022-06-29"), "late", True), (one("推进中", 0.9, due="2022-06-30"), "under_way", False),
    (one("滞后", 0.2), "late", False), (one("未启动", 0.0), "not_begun", False), (one(None, 0.0), "not_begun", False),
    (one(None, 0.3), "under_way", False), (one("推进中", 0.0), "under_way", False), (one("未启动", 0.0, due="2022-03-31"), "late", True),
    (one("推进中", 0.5, due=None), "under_way", False), (one("推进中", 0.5, done="2022-08-01"), "under_way", False)])
def test_the_state_of_a_task(row, state, overdue):
    found = task_states(tasks(row), AS_OF, service_rules()).iloc[0]
    assert (found["state"], bool(found["overdue"])) == (state, overdue)


def test_delay_and_time_gone_by_hand():
    given = tasks(one("已完成", 1.0, due="2022-04-30", done="2022-05-30", name="A"), one("推进中", 0.9, due="2022-05-31", name="B"),
                  one("推进中", 0.25, due="2022-12-31", name="C"), one("推进中", 0.25, due=None, name="D"))
    rows = task_states(given, AS_OF, service_rules())
    rows = rows.set_index("task_id")
    assert rows["delay_days"].dropna().to_dict() == {"A": 30.0, "B": 30.0}
    assert rows["done_late"].to_dict() == {"A": True, "B": False, "C": False, "D": False}
    assert rows.loc["C", "elapsed"] == pytest.approx(180 / 364) and rows.loc["B", "elapsed"] == 1 and np.isnan(rows.loc["D", "elapsed"])
    assert rows.loc["C", "behind"] == pytest.approx(0.25 - 180 / 364) and np.isnan(rows.loc["A", "behind"])
    table = task_counts(rows.reset_index()).iloc[0]
    assert (table["tasks"], table["done"], table["late"], table["done_late"], table["delay_done"]) == (4, 1, 1, 1, 30)


def test_what_the_four_lists_send_back_is_no_key_task():
    rows = tasks(one("推进中", name="A"), one("推进中", kind="项目节点", name="B"), one("推进中", kind=None, name="C"))
    assert task_states(rows, AS_OF, service_rules())["task_id"].tolist() == ["A", "C"]


def test_a_task_that_the_newest_ledger_leaves_out_still_counts():
    rows = task_states(tasks(one("推进中", ledger="2022-03-31", name="A"), one("推进中", ledger="2022-03-31", name="B"),
                             one("已完成", 1.0, done="2022-05-01", name="B")), AS_OF, service_rules())
    assert rows[["task_id", "state", "listed"]].to_numpy().tolist() == [["A", "under_way", False], ["B", "done", True]]


@pytest.mark.parametrize(("row", "fault"), [
    (one("已完成", 1.0), "done_without_date"), (one("已完成", 0.7, done="2022-06-01"), "done_without_progress"),
    (one("推进中", 1.0), "full_without_done"), (one("推进中", 0.9, done="2022-06-01"), "dated_without_done"),
    (one("未启动", 0.1), "begun_though_not"), (one("已完成", 1.0, done="2022-07-02"), "done_ahead")])
def test_what_a_task_contradicts(row, fault):
    rows = tasks(row, one("已完成", 1.0, done="2022-06-01", name="good"))
    found = task_faults(rows, task_states(rows, AS_OF, service_rules()), service_rules())
    assert found[["task_id", "fault"]].to_numpy().tolist() == [["T", fault]]


def test_progress_that_falls_and_dates_that_move():
    rows = tasks(one("推进中", 0.6, ledger="2022-03-31"), one("推进中", 0.4, due="2022-12-31"))
    found = task_faults(rows, task_states(rows, AS_OF, service_rules()), service_rules())
    assert found[["fault", "said", "shown"]].to_numpy().tolist() == [
        ["progress_fell", "40%", "60%"], ["due_moved", "2022-12-31", "2022-09-30"]]


# --- problems


def test_the_life_of_a_problem():
    rows = lives(("solved", "2022-06-30", "2022-03-01", "2022-04-01", "2022-04-11", "是"),
                 ("late", "2022-06-30", "2022-03-01", "2022-04-01", None, "否"),
                 ("young", "2022-06-30", "2022-06-20", "2022-07-20", None, "否"),
                 ("gone", "2022-03-31", "2022-03-01", "2022-04-01", None, "否"),
                 ("undated", "2022-06-30", "2022-03-01", "2022-08-01", None, "已解决"))
    assert rows["state"].to_dict() == {"gone": "gone", "late": "open", "solved": "solved", "undated": "solved", "young": "open"}
    assert rows["days"].to_dict() == {"gone": 30, "late": 121, "solved": 41, "undated": 121, "young": 10}
    assert rows.index[rows["overdue"]].tolist() == ["late"] and rows.index[rows["late"]].tolist() == ["solved"]
    assert rows["age"].dropna().to_dict() == {"late": 121, "young": 10} and rows.index[rows["by_ledger"]].tolist() == ["undated"]
    assert (rows["note"] == "").all() and (rows["entry"] == 0).all()


def test_delayed_entry_follows_what_ledgers_list():
    log = [("old", "2022-06-30", "2021-10-01", "2021-12-01", "2022-02-10", "是"),
           ("quick", "2022-06-30", "2022-05-01", "2022-06-01", "2022-05-20", "是"),
           ("open", "2022-06-30", "2021-06-30", "2021-12-01", None, "否"),
           ("past", "2022-06-30", "2021-05-01", "2021-06-01", "2021-06-20", "是")]
    year, ledger = lives(*log), lives(*log, since="ledger")
    assert year["entry"].to_dict() == {"old": 92, "open": 185, "past": 245, "quick": 0}
    assert year["note"].to_dict() == {"old": "", "open": "", "past": "over_before", "quick": ""}
    assert ledger["note"].to_dict() == {"old": "over_before", "open": "over_before", "past": "over_before", "quick": "over_before"}


def test_odd_dates_are_named_and_kept_out_of_the_curve():
    rows = lives(("none", "2022-06-30", None, None, None, "否"), ("back", "2022-06-30", "2022-05-01", None, "2022-04-01", "是"),
                 ("later", "2022-06-30", "2022-07-05", None, None, "否"),
                 ("ahead", "2022-06-30", "2022-06-01", "2022-07-30", "2022-08-01", "否"))
    assert rows["note"].to_dict() == {"ahead": "", "back": "backward", "later": "later", "none": "undated"}
    assert rows["state"].to_dict() == {"ahead": "open", "back": "solved", "later": "gone", "none": "open"}
    assert times_by(rows.reset_index(), few=1)["timed"].tolist() == [1]


def test_a_problem_solved_and_opened_again():
    rows = lives(("again", "2022-03-31", "2022-02-01", "2022-03-01", "2022-03-15", "是"),
                 ("again", "2022-06-30", "2022-02-01", "2022-03-01", None, "否"))
    assert rows.loc["again", ["state", "reopened"]].tolist() == ["open", True]


def test_times_are_those_of_a_published_study():
    # Freireich et al., Blood 21 (1963) 699: 21 patients on 6-MP, median 23 weeks; the control arm 8 weeks; log-rank chi-square 16.79.
    treated = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
    ended = [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]
    control = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]
    kinds = ["6-MP"] * 21 + ["placebo"] * 21
    rows = pd.DataFrame({"kind": kinds, "days": np.array(treated + control, dtype=float), "ended": ended + [1] * 21})
    rows = rows.assign(entry=0.0, note="", overdue=False, state=np.where(rows["ended"] == 1, "solved", "open"))
    assert times_by(rows, "kind").set_index("group")["median"].to_dict() == {"6-MP": 23, "placebo": 8}
    groups, n, chi2, p = times_differ(rows, "kind")
    assert (groups, n, round(chi2, 2)) == (2, 42, 16.79) and p < 0.0001
    curve = solved_curves(rows, "kind").query("group == '6-MP'")
    assert curve["share"].iloc[-1] == pytest.approx(1 - 0.4482, abs=1e-4) and curve["share"].iloc[0] == 0


def test_few_and_unfinished_groups_get_no_median():
    log = [(f"a{n}", "2022-06-30", "2022-03-01", "2022-04-01", "2022-04-11", "是") for n in range(9)]
    log += [(f"b{n}", "2022-06-30", "2022-03-01", "2022-04-01", None, "否", "融资") for n in range(12)]
    table = times_by(lives(*log).reset_index(), "kind").set_index("group")
    assert table["note"].to_dict() == {"土地": "few", "融资": "open"} and table["median"].isna().all()
    assert table.loc["融资", ["problems", "open", "overdue", "solved"]].tolist() == [12, 12, 12, 0]


# --- stewards


def test_poisson_intervals_are_garwoods():
    low, high = poisson_interval(np.array([0, 10]), 0.95)
    assert low.round(3).tolist() == [0, 4.795] and high.round(3).tolist() == [3.689, 18.390]


def test_a_load_is_above_the_mean_only_beyond_chance():
    def log(counts):
        return lives(*[(f"{who}{n}", "2022-06-30", "2022-03-01", "2022-04-01", None, "否", "土地", who) for who, many in counts.items()
                       for n in range(many)]).reset_index()
    even = steward_load(log({"甲": 4, "乙": 2, "丙": 1, "丁": 1}))
    assert not even["above"].any() and even["steward"].tolist() == ["甲", "乙", "丁", "丙"]
    heavy = steward_load(log({"甲": 30, "乙": 2, "丙": 1, "丁": 1}))
    assert heavy.set_index("steward")["above"].to_dict() == {"甲": True, "乙": False, "丙": False, "丁": False}


def test_problems_without_a_steward_stand_last_and_in_no_mean():
    rows = lives(("a", "2022-06-30", "2022-03-01", "2022-04-01", None, "否", "土地", None),
                 ("b", "2022-06-30", "2022-03-01", "2022-08-01", None, "否"))
    table = steward_load(rows.reset_index())
    assert table[["steward", "open", "overdue"]].to_numpy().tolist() == [["甲", 1, 0], ["", 1, 1]] and not table["above"].any()


# --- a report


@pytest.fixture(scope="module")
def report(small_data):
    return Report(quarter="2022Q2")


def test_of_a_ledger_that_was_not_sent_departments_have_no_numbers(report, monkeypatch):
    made = service_of(report)
    less = replace(made, lives=made.lives.iloc[:0], times=made.times | {"department": made.times["department"].iloc[:0]})
    monkeypatch.setattr(of_report, "service_of", lambda _: less)
    table = department_measures(report)
    assert table["tasks"].sum() == len(made.tasks) and table["problems"].isna().all() and table["problems_open"].isna().all()


def test_departments_add_up_to_the_ledgers(report):
    made, table = service_of(report), department_measures(report)
    assert table["tasks"].sum() == len(made.tasks) > 0
    assert table["tasks_done"].sum() == (made.tasks["state"] == "done").sum()
    for column, state in (("problems_open", "open"), ("problems_resolved", "solved")):
        assert table[column].sum() == (made.lives["state"] == state).sum()
    assert (table["problems"] >= table["problems_open"] + table["problems_resolved"]).all()
    assert (table["problems_overdue"] <= table["problems_open"]).all() and table["department"].is_unique


def test_counties_add_up_whatever_county_is_asked_for(report):
    table, own = county_service(report), county_service(report.known_in("211382"))
    pd.testing.assert_frame_equal(table, own)
    assert table["county"].tolist() == list(report.city.divisions.codes)
    assert table["problems"].sum() == len(service_of(report).lives) > 0


def test_solved_and_new_follow_from_the_quarter_before(report):
    now, then = service_of(report), service_of(report.known_at(dt.date(2022, 3, 31)))
    assert now.moves["new"] == len(set(now.lives["problem_id"]) - set(then.lives["problem_id"]))
    was = then.lives.set_index("problem_id")["state"]
    solved = now.lives[now.lives["state"] == "solved"]["problem_id"]
    assert now.moves["solved"] == sum(was.get(problem, "") != "solved" for problem in solved)
    assert set(service_of(Report(quarter="2021Q4")).moves.values()) == {None}


def test_the_median_of_a_full_year_is_near_the_truth(small_data):
    report = Report(quarter="2022Q4")
    truth = pd.read_csv(small_data / "data/raw/simulated/truth/problems.csv", parse_dates=["raised", "resolved"])
    days = (truth["resolved"] - truth["raised"]).dt.days
    known = truth["raised"] <= pd.Timestamp(report.as_of)
    end = days.fillna((pd.Timestamp(report.as_of) - truth["raised"]).dt.days)
    want = quantile(kaplan_meier(end[known], days[known].notna()))[0]
    whole = service_of(report).times[""].iloc[0]
    assert whole["low"] <= want <= whole["high"]


def test_what_was_not_sent_is_missing_never_zero(monkeypatch):
    monkeypatch.delenv("LIANTU_DATA", raising=False)
    report = Report(quarter="2022Q4", dataset="public")
    assert department_measures(report).empty
    table = county_service(report)
    assert len(table) == 7 and table.drop(columns="county").isna().all(axis=None)


def test_rules_say_what_is_wrong(tmp_path):
    path = tmp_path / "service.yml"
    source = service_rules().model_dump(mode="json")
    for change, word in (({"late_words": ["滞后", "已完成"]}, "two states"), ({"solved_listed_since": "month"}, "solved_listed_since"),
                         ({"few": 0}, "few")):
        path.write_text(json.dumps(source | change), encoding="utf-8")
        with pytest.raises(LiantuError, match=word) as caught:
            load(ServiceRules, path)
        assert "service.yml" in str(caught.value)
