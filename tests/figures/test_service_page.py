"""The page of service: whole pictures in both languages, answers that say what the measures say, and honest emptiness."""

import re
import sys
import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

sys.path.insert(0, str(Path(__file__).parent))

from page_parts import shown_by, text_of
from test_charts import looked_at

from liantu import Report
from liantu.assess.service import department_measures, service_of, task_counts
from liantu.figures import service
from liantu.figures.display import Answer, Headline, PageTable, Picture
from liantu.figures.service_charts import load_chart, tasks_chart, times_chart

CALLS = ("answer", "tasks", "late_tasks", "times", "load", "stuck", "overdue", "not_reported", "watch")


def shown(report):
    return shown_by([getattr(service, name) for name in CALLS], report)


@pytest.fixture(scope="module", params=["zh", "en"])
def report(request, small_data):
    return Report(quarter="2022Q2", lang=request.param)


def test_the_page_is_whole(report):
    pictures = 0
    for thing in shown(report):
        text_of(thing)
        if isinstance(thing, Picture):
            pictures += 1
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                printed = looked_at(thing.figure)
                assert len(thing.png) < 150_000
            assert thing.title.replace(" ", "") in printed.replace(" ", "").replace("\n", "") and thing.title in thing.alt
            assert report.lang == "zh" or not re.search("[一-鿿]{4}", thing.alt)
            assert report.lang == "zh" or not re.search("[一-鿿]", printed + thing.title)
    assert pictures == 3


def test_the_answer_says_what_the_measures_say(report):
    answer, *cards = service.answer(report)
    made = service_of(report)
    counts, whole = task_counts(made.tasks).iloc[0], made.times[""].iloc[0]
    lines = answer.answer.split("\n")
    assert len(lines) == 3 and isinstance(answer, Answer)
    numbers = [[int(n) for n in re.findall(r"\d+", line)] for line in lines]
    assert {counts["tasks"], counts["done"], counts["late"], counts["overdue"]} <= set(numbers[0])
    assert {whole["problems"], whole["open"], whole["overdue"], made.moves["new"], made.moves["solved"]} <= set(numbers[1])
    assert all(isinstance(card, Headline) and card.order >= 100 for card in cards)
    assert {card.name: card.value for card in cards}["key_tasks_done"] == counts["done"]


def test_late_tasks_and_departments_are_those_of_the_measures(report):
    tables = {thing.name: thing for thing in shown(report) if isinstance(thing, PageTable)}
    made = service_of(report)
    assert len(tables["departments"].data) == len(department_measures(report))
    late = made.tasks[made.tasks["state"] == "late"]
    assert sorted(tables["late_tasks"].data["name"]) == sorted(late["name"]) if len(late) else "late_tasks" not in tables
    assert len(tables["overdue_problems"].data) == min(40, int(made.lives["overdue"].sum()))
    assert tables["stuck_projects"].data["problems"].sum() + made.unmatched == len(made.open) or len(made.stuck) > 40
    assert len(tables["service_not_reported"].data) == 4 and "8" in tables["service_not_reported"].data["what"].iloc[0]


def test_watched_problems_are_overdue_ones_and_those_behind_waiting_projects_come_first(report):
    (watch,) = service.watch(report)
    made = service_of(report)
    beyond = set(made.stuck.loc[made.stuck["over"] > 0, "project_id"])
    late = made.lives[made.lives["overdue"]]
    first = min(len(watch.items), int(late["project_id"].isin(beyond).sum()))
    names = set(late.loc[late["project_id"].isin(beyond), "project_name"])
    assert all(any(item.what.startswith(name) for name in names) for item in watch.items[:first]) and watch.order == 12


def test_the_city_is_named_on_a_countys_page_too(report):
    own = report.known_in("211382")
    assert [thing.payload for thing in shown(own)] == [thing.payload for thing in shown(report)]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_ledgers_that_were_not_sent_are_said_not_to_be_reported(lang, monkeypatch):
    monkeypatch.delenv("LIANTU_DATA", raising=False)
    found = shown(Report(quarter="2022Q4", dataset="public", lang=lang))
    assert ("未报送" if lang == "zh" else "not reported") in found[0].answer and not any(isinstance(thing, Headline) for thing in found)
    empty = [thing for thing in found if isinstance(thing, Picture)]
    assert len(empty) == 3 and all(("没有数据" if lang == "zh" else "no data") in picture.title for picture in empty)
    for picture in empty:
        looked_at(picture.figure)


def test_one_of_two_ledgers_is_enough(report, monkeypatch):
    made = service_of(report)
    for part in ("tasks", "lives"):
        less = replace(made, **{part: getattr(made, part).iloc[:0]})
        monkeypatch.setattr(service, "service_of", lambda _, less=less: less)
        answer = service.answer(report)[0].answer
        assert ("未报送" if report.lang == "zh" else "not reported") in answer and re.search(r"\d", answer)


def common(lang):
    return {"lang": lang, "as_of": pd.Timestamp("2022-06-30").date(), "simulated": True, "place": "朝阳市" if lang == "zh" else "Chaoyang"}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_extremes_are_drawn_whole(lang):
    names = {"审批改革": "Approval reform" if lang == "en" else "审批改革"}
    counts = pd.DataFrame([{"group": group, "tasks": 300, "done": 299, "late": 1, "under_way": 0, "not_begun": 0, "overdue": 1,
                            "done_late": 0, "progress": np.nan, "elapsed": np.nan, "delay_done": np.nan, "delay_overdue": 3}
                           for group in ("审批改革", "")])
    looked_at(tasks_chart(counts, names=names, **common(lang)).figure)
    times = pd.DataFrame({"group": ["", "审批改革", ""], "problems": [30, 12, 3], "open": [20, 10, 3], "overdue": [1, 1, 1],
                          "solved": [10, 2, 0], "timed": [30, 12, 3], "median": [400.0, np.nan, np.nan], "low": [31.0, np.nan, np.nan],
                          "high": [np.nan] * 3,
                          "note": ["", "open", "few"]})
    picture = times_chart(times, names=names, p=np.nan, **common(lang))
    assert "400" in picture.title and ("太少" if lang == "zh" else "too few") in looked_at(picture.figure)
    differ = times_chart(times.assign(high=900.0), names=names, p=0.001, **common(lang))
    assert ("快慢有差别" if lang == "zh" else "kinds differ") in differ.title
    offices = [*(f"long name of an office number {n}" for n in range(20)), ""]
    load = pd.DataFrame({"steward": offices, "county": "", "problems": 40, "open": [30] + [0] * 19 + [2],
                         "low": [20.0] + [0.0] * 19 + [0.4], "high": [44.0] + [3.0] * 20, "above": [True] + [False] * 20, "overdue": 0,
                         "share_low": 0.0, "share_high": 0.2})
    picture = load_chart(load, names={}, **common(lang))
    looked_at(picture.figure)
    assert "20" in picture.title and len(picture.data) == 20 and "2" in picture.caption
    none = load_chart(load.assign(open=0, above=False), names={}, **common(lang))
    assert ("没有未解决" if lang == "zh" else "no open problem") in none.title
