"""The working set of the city: marked as ours, on known indicators, and with a full mark where everything is as it should be."""

import pandas as pd
import pytest
import yaml

from liantu.assess.scoring import grades, known_indicators, load_rules, score
from liantu.reference import city

FOLDER = city().folder / "scoring"
NAMES = ["project_construction", "attraction", "zones", "task_forces", "departments", "county_overall", "per_mu"]
ON_TARGET = {
    "project_construction": {"on_time": 0, "notices": 0}, "attraction": {"squeezed_out": 0}, "zones": {"idle_share": 0, "enclave_tax": 0},
    "task_forces": {"landed": 5}, "departments": {"tasks_late": 0, "problems_days": 30, "problems_overdue": 0},
    "county_overall": {"project_construction": 100, "attraction": 100, "zones": 100}, "per_mu": {}}


def test_the_folder_holds_these_files_and_no_other():
    assert sorted(path.stem for path in FOLDER.glob("*")) == sorted(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_working_file_is_marked_as_ours_and_uses_known_indicators(name):
    rules = load_rules(name)
    assert rules.id == name and rules.ours and rules.total == 100 and rules.source.startswith(("Ours", "After"))
    assert "工作版" in rules.zh and "working rules" in rules.en
    assert set(rules.ids) <= known_indicators()


@pytest.mark.parametrize("name", NAMES)
def test_directions_are_those_of_the_indicators(name):
    listed = yaml.safe_load((city().folder / "indicators.yml").read_text(encoding="utf-8"))["indicators"]
    direction = {entry["id"]: entry["direction"] for entry in listed}
    rules = load_rules(name)
    assert {entry.id: entry.direction for entry in rules.indicators} == {entry.id: direction[entry.id] for entry in rules.indicators}
    assert all(direction[entry.id] == "up" for entry in rules.bonuses) and all(direction[entry.id] == "down" for entry in rules.deductions)


@pytest.mark.parametrize("name", NAMES)
def test_a_unit_at_every_target_and_mean_has_100_points(name):
    rules = load_rules(name)
    values = pd.DataFrame([{column: ON_TARGET[name].get(column, 1.0) for column in rules.inputs}] * 3, index=["p", "q", "r"])
    assert score(values, rules)["total"].tolist() == pytest.approx([100, 100, 100])


def test_the_working_rules_move_as_they_should():
    rules = load_rules("project_construction")
    values = pd.DataFrame([{column: ON_TARGET["project_construction"].get(column, 1.0) for column in rules.inputs}] * 2, index=["p", "q"])
    values.loc["q", ["investment_progress", "on_time", "notices"]] = [0.5, -15, 8]
    assert score(values, rules)["total"].tolist() == pytest.approx([100, 100 - 10 - 5 - 4])
    assert str(score(values, rules).loc["p", "notices"]) == "0.0"  # no minus before a deduction of nothing
    values.loc["q", "notices"] = 99
    assert score(values, rules).loc["q", "notices"] == -20


def test_zones_are_graded_by_the_published_cuts():
    totals = pd.Series([90.0, 80, 70, 60, 50, 40, 30, 20], index=list("abcdefgh"))
    assert grades(totals, "zones").tolist() == ["A", "A", "B", "B", "B", "B", "C", "C"]
