"""Gaps between two dates, promises kept and broken, and what projects do on the graph beside their own labels."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest
from small_city import CHAINS, FIRMS, RULES, known, milestones, projects, register

from liantu.chains.history import CHANGES, OUTCOMES, WORKS, gap_changes, promises, stated_works, work_counts, works_on_graph
from liantu.chains.labels import chain_words
from liantu.chains.states import STATES, link_states


def table(**states):
    return pd.DataFrame({"chain": "钢", "link": list(states), "state": list(states.values())}).astype("str")


@pytest.mark.parametrize(("before", "now", "change"), [
    ("held", "broken_open", "opened"), ("weak", "broken_in_repair", "opened"), ("unasked", "broken_open", "opened"),
    ("broken_open", "broken_in_repair", "in_repair"), ("broken_in_repair", "broken_open", "dropped"),
    ("broken_in_repair", "weak", "closed"), ("broken_open", "blocked", "closed"), ("broken_open", "broken_open", "still_open"),
    ("broken_in_repair", "broken_in_repair", "still_in_repair"), ("broken_open", "unasked", "other"), ("broken_open", "unknown", "other"),
    ("unknown", "broken_open", "other"), ("held", "weak", "other"), ("held", "held", "same"), ("unknown", "unknown", "same")])
def test_changes_of_one_link(before, now, change):
    changes = gap_changes(table(a=before), table(a=now))
    assert changes.to_dict("records") == [{"chain": "钢", "link": "a", "before": before, "now": now, "change": change}]


def test_a_gap_that_was_there_long_ago_reopens():
    changes = gap_changes(table(a="held", b="held"), table(a="broken_open", b="broken_open"), [table(a="broken_in_repair", b="weak")])
    assert changes["change"].tolist() == ["reopened", "opened"]


def test_links_of_another_edition_are_marked():
    changes = gap_changes(table(gone="held", both="broken_open"), table(both="held", fresh="broken_open"))
    assert changes.values.tolist() == [["钢", "both", "broken_open", "held", "closed"], ["钢", "fresh", "", "broken_open", "added"],
                                       ["钢", "gone", "held", "", "removed"]]


THEN, NOW = dt.date(2022, 6, 30), dt.date(2022, 12, 31)
BEFORE = projects(
    *((name, "钢", "bar", "started", 10, "2022-06-30") for name in "abcdefgh"), ("other", "钢", "ore", "started", 1, "2022-06-30"))
PLANS = milestones(
    ("a", "producing", None, "2022-09-30", None), ("b", "at_capacity", None, "2022-09-30", None),
    ("c", "producing", None, "2022-09-30", None),
    ("d", "producing", None, "2023-09-30", None),
    ("e", "completed", None, "2022-07-31", None), ("e", "producing", None, "2023-07-31", None),
    ("g", "producing", None, "2022-09-30", None))
DONE = milestones(
    ("a", "producing", "2022-09-01", "2022-09-30", "2022-09-30"), ("b", "producing", "2022-11-01", None, "2022-12-31"),
    ("h", "at_capacity", None, None, "2022-12-31"))


def after(*, closed):
    stages = {"a": "producing", "b": "producing", "c": "started", "d": "started", "e": "terminated", "f": "approved", "h": "at_capacity"}
    of = projects(*((name, "钢", "bar", stage, 10, "2022-06-30") for name, stage in stages.items()))
    of = of.assign(last_snapshot=pd.Timestamp(NOW))
    entered = register(("new", "钢", "bar", 10, None, False, "2022-12-31"))
    now = known(of, DONE, firms=pd.concat([FIRMS, entered]) if closed else FIRMS, as_of=NOW)
    return link_states(CHAINS, now, RULES), now


def test_promises_kept_late_not_due_and_gone():
    then = known(BEFORE, PLANS, as_of=THEN)
    states = link_states(CHAINS, then, RULES)
    told = promises(states, then, *after(closed=True)).set_index("project_id")
    assert told["outcome"].to_dict() == {
        "a": "kept", "b": "late", "c": "late", "d": "not_due", "e": "gone", "f": "no_date", "g": "gone", "h": "kept"}
    assert set(told["outcome"]) == set(OUTCOMES)
    assert told["produces"].tolist() == [True, True, False, False, False, False, False, True]
    assert told.loc["e", "promised"] == pd.Timestamp("2023-07-31") and told.loc["b", "produced"] == pd.Timestamp("2022-11-01")
    assert told.loc["g", "stage_now"] == "" and told["closed"].all()


def test_a_link_that_is_still_broken_is_not_closed_whatever_the_projects_say():
    then = known(BEFORE, PLANS, as_of=THEN)
    told = promises(link_states(CHAINS, then, RULES), then, *after(closed=False))
    assert not told["closed"].any() and set(told["link_now"]) == {"broken_in_repair"}


def test_a_project_that_the_newest_ledgers_leave_out_is_gone():
    then = known(BEFORE[BEFORE["project_id"].isin(["c", "d"])], PLANS, as_of=THEN)
    states, now = after(closed=True)
    old = now.projects["last_snapshot"].mask(now.projects["project_id"] == "d", pd.Timestamp(THEN))
    now = known(now.projects.assign(last_snapshot=old), DONE, as_of=NOW)
    assert promises(link_states(CHAINS, then, RULES), then, states, now)["outcome"].tolist() == ["late", "gone"]


def test_no_broken_links_no_promises():
    firms = register(*((f"{chain.id}{at}", chain.zh, link.id, 100, None, False, "2022-06-30")
                       for chain in CHAINS.chains for at, link in enumerate(chain.links)))
    then = known(BEFORE, milestones(), firms=firms)
    states = link_states(CHAINS, then, RULES)
    assert promises(states, then, states, then).empty


def test_what_projects_do_on_the_graph():
    of = projects(
        ("a", "钢", "ore", "started", 1, "2022-06-30"), ("b", "钢", "bar", "lead", 1, "2022-06-30"),
        ("c", "胎", "cord", "signed", 1, "2022-06-30"),
        ("d", "胎", "tyre", "signed", 1, "2022-06-30"),
        ("e", "钢", "haulage", "signed", 1, "2022-06-30"),
        ("f", "钢", "bar", "producing", 1, "2022-06-30"), ("g", None, None, "signed", 1, "2022-06-30"))
    firms = FIRMS[FIRMS["enterprise_id"] != "e5"]
    states = link_states(CHAINS, known(of[of["project_id"] != "f"], firms=firms), RULES)
    works = works_on_graph(of, states, CHAINS).set_index("project_id")
    # Ore has firms; iron is made here and could become bars, which no link asks for; iron asks for haulage; tyres and cord stand alone.
    assert works["does"].to_dict() == {"a": "strengthen", "b": "extend", "c": "found", "d": "found", "e": "fill"}
    assert works.loc["b", "state"] == "broken_in_repair" and set(works["labels"]) == {""}


def test_without_a_register_what_they_do_is_not_known():
    of = projects(("a", "钢", "ore", "started", 1, "2022-06-30"))
    assert works_on_graph(of, link_states(CHAINS, known(of, firms=None), RULES), CHAINS)["does"].tolist() == ["unknown"]


def test_labels_are_counted_against_what_projects_do():
    of = projects(("a", "钢", "ore", "started", 1, "2022-06-30"), ("b", "钢", "bar", "lead", 1, "2022-06-30"),
                  ("c", "钢", "ore", "lead", 1, "2022-06-30"))
    of = of.assign(name=["朝阳补链强链项目", "钢筋", "矿山"], note=["", "列入延链计划", None])
    assert stated_works(of, chain_words()).tolist() == ["fill+strengthen", "extend", ""]
    works = works_on_graph(of, link_states(CHAINS, known(of), RULES), CHAINS)
    assert work_counts(works).values.tolist() == [
        ["extend", "extend", 1], ["strengthen", "", 1], ["strengthen", "fill", 1], ["strengthen", "strengthen", 1]]


def test_the_words_of_the_city_name_every_work_once():
    works = chain_words().works
    assert [work.id for work in works] == [work for work in WORKS if work != "unknown"]
    every = [word for work in works for word in work.words]
    assert len(set(every)) == len(every) and all(work.zh in work.words for work in works)
    assert set(STATES).isdisjoint(CHANGES)
