"""Scores against published numbers: rules are typed from their sources (published_rules/), results are by hand or as published."""

import numpy as np
import pandas as pd
import pytest
from published_scoring import published

from liantu.assess.scoring import grades, load_rules, points_of, score, score_details, totals_of

NAN = float("nan")
RESULT_COLUMNS = ["outside_investment", "foreign_investment", "signed_number", "signed_money", "from_300m", "from_1bn", "from_2bn",
                  "province_funds", "key_firms", "signed_at_fair", "not_started_in_time", "falsified"]
RESULT_2024 = pd.DataFrame([[0.96, 1.20, 28, 177.7, 7, 4, 1, 0, 1, 1, 1, 0], [0.90, 1.20, 29, 141.94, 9, 4, 1, 0, 2, 1, 1, 0]],
                           index=["first", "second"], columns=RESULT_COLUMNS)
MEANS = {"tax_per_mu": 24.097, "value_added_per_mu": 136.16, "value_added_per_energy": 2.694, "value_added_per_emission": 4929.81,
         "labour_productivity": 18.14, "rd_share": 0.0302}


def test_a_published_result_of_2024_comes_out_part_by_part_with_its_caps():
    found = score(RESULT_2024, published("attraction_result_2024"))
    assert found.loc["first"].round(4).tolist() == [0.48, 0.60, 0.50, 0.50, 0.30, 0.40, 2.78]
    assert found.loc["second"].round(4).tolist() == [0.45, 0.60, 0.50, 0.50, 0.50, 0.40, 2.95]


def test_the_details_of_the_published_result_tell_which_cap_held():
    details = score_details(RESULT_2024, published("attraction_result_2024")).set_index(["unit", "part"])
    assert details.loc[("first", "signed"), ["state", "note", "points"]].tolist() == ["capped", "parts", 0.5]  # uncapped: 1.08
    assert details.loc[("first", "outside_investment"), ["value", "normalised", "state"]].tolist() == [0.96, 0.96, "scored"]
    assert details["points"].groupby("unit").sum().round(4).tolist() == [2.78, 2.95]


def test_what_is_short_and_what_is_false_is_taken_off_down_to_the_floor():
    worse = RESULT_2024.assign(from_300m=4, from_1bn=3, falsified=[1, 4])
    found = score(worse, published("attraction_result_2024"))
    assert found["large"].round(4).tolist() == [0.1, 0.1]
    assert found["honest"].round(4).tolist() == [0.2, 0.0]
    states = score_details(worse, published("attraction_result_2024")).set_index(["unit", "part"])["state"]
    assert states["second", "honest"] == "floored" and states["first", "honest"] == "scored"


def test_an_indicator_of_several_inputs_is_not_reported_when_one_of_them_is_not():
    holed = RESULT_2024.assign(signed_money=[177.7, NAN])
    assert score(holed, published("attraction_result_2024"))["total"].tolist() == pytest.approx([2.78, NAN], nan_ok=True)
    details = score_details(holed, published("attraction_result_2024")).set_index(["unit", "part"])
    assert details.loc[("second", "signed"), ["state", "note"]].tolist() == ["not_reported", "parts、not_ranked"]


def test_a_firm_at_every_published_mean_scores_100():
    firms = pd.DataFrame([MEANS, {**MEANS, "tax_per_mu": 2 * 24.097}, {**MEANS, "rd_share": 0.0}], index=["mean", "taxed", "no_research"])
    assert score(firms, published("per_mu_2022"))["total"].tolist() == pytest.approx([100, 130, 90], abs=1e-12)


def test_a_firm_at_the_weighted_means_of_the_shipped_rule_scores_100():
    rules = load_rules("per_mu")
    rng = np.random.default_rng(7)
    firms = pd.DataFrame(rng.uniform(1, 2, (9, len(rules.inputs))), columns=list(rules.inputs))
    for entry in rules.indicators:
        weights, others = firms[entry.normalise.weighted_by], firms.index[1:]
        firms.loc[0, entry.id] = np.average(firms.loc[others, entry.id], weights=weights[others])
    assert score(firms, rules)["total"].iloc[0] == pytest.approx(100, abs=1e-9)
    assert score(firms * 7, rules)["total"].iloc[0] == pytest.approx(100, abs=1e-9)


def test_a_firm_without_emission_data_gets_the_mean_points_of_the_others():
    firms = pd.DataFrame([MEANS, {**MEANS, "value_added_per_emission": 4929.81 * 1.6}, {**MEANS, "value_added_per_emission": NAN}])
    found = score(firms, published("per_mu_2022"))
    assert found["value_added_per_emission"].tolist() == pytest.approx([10, 16, 13])
    told = score_details(firms, published("per_mu_2022")).query("unit == 2 and part == 'value_added_per_emission'").iloc[0]
    assert told[["state", "note", "points"]].tolist() == ["not_reported", "mean", pytest.approx(13)] and np.isnan(told["value"])


def test_efficacy_coefficients_by_hand_both_ways():
    values = pd.DataFrame({"foreign_capital": [10.0, 20, 40], "energy_per_output": [10.0, 20, 40]})
    found = score(values, published("efficacy_2021"))
    assert found["foreign_capital"].tolist() == pytest.approx([30 * 0.6, 30 * (0.6 + 0.4 / 3), 30])
    assert found["energy_per_output"].tolist() == pytest.approx([10, 10 * (0.6 + 0.4 * 2 / 3), 6])


def test_points_of_projects_by_the_published_rule_of_project_construction():
    projects = pd.DataFrame(
        {"plan": [1.2, 0.3, 0.05], "done": [0.6, 0.33, 0.0], "new_start": [1, 0, 0], "carried_over": [0, 1, 1], "producing": [0, 1, 0],
         "group_start": [0, 0, 5], "notice": [0, 0, 2]}, index=["large", "middle", "small"], dtype=float)
    found = score(projects, published("project_construction_2017"))
    # 60 x 0.5 + 5 + 20; 60 x 1.1 + 2 + 6 + 20; 0 + 2 + 3 + 30 x 4 (the cap) - 10.
    assert found["total"].tolist() == pytest.approx([55, 94, 115])
    assert found.loc["small", ["group_start", "notice"]].tolist() == [120, -10]


@pytest.mark.parametrize(("plan", "points"), [(0.05, 3), (0.1, 6), (0.4999, 6), (0.5, 10), (0.9999, 10), (1, 20), (30, 20)])
def test_the_size_classes_of_an_annual_plan(plan, points):
    values = pd.DataFrame({"plan": [plan], "done": [0.0], "new_start": 0, "carried_over": 0, "producing": 0, "group_start": 0, "notice": 0})
    assert score(values, published("project_construction_2017"))["size"].iloc[0] == points


@pytest.mark.parametrize(("gravity", "points"), [(0, 0), (1, -5), (2, -10), (3, -20), (9, -20)])
def test_notices_take_5_to_20_points(gravity, points):
    values = pd.DataFrame({"plan": [1.0], "done": [1.0], "new_start": 0, "carried_over": 0, "producing": 0, "group_start": 0})
    values["notice"] = gravity
    assert score(values, published("project_construction_2017")).loc[0, ["notice", "total"]].tolist() == [points, 80 + points]


def test_attraction_by_the_published_rule():
    values = pd.DataFrame(
        {"signed": [4.2, 9], "signed_task": [6.0, 6], "contacts": [12, 1], "contacts_task": [10.0, 10], "other": [15, 25.0]})
    found = score(values, published("attraction_2023"))
    assert found.to_numpy().tolist() == [pytest.approx([35, 30, 15, 80]), pytest.approx([50, 3, 20, 73])]


def test_a_task_force_by_the_published_quarterly_rule():
    values = pd.DataFrame([{"new_projects": 3, "new_target": 4, "paid_in": 1.2, "paid_in_target": 1, "fit": 2 / 3, "marks_parks": 14,
                            "marks_townships": 10, "panel_teams": 13, "visits": 8, "over_target": 0}], index=["chain"])
    found = score(values, published("task_force_quarter")).loc["chain"]
    assert found.tolist() == pytest.approx([22.5, 20, 40 / 3, 12.8, 13, 3, 0, 84.6 + 1 / 30])


def test_grades_by_the_published_cuts():
    rules = published("per_mu_2022")
    assert grades(pd.Series(range(20, 0, -1)), rules).tolist() == ["A"] * 5 + ["B"] * 9 + ["C"] * 5 + ["D"]
    assert grades(pd.Series([9.0, 9, 9, 1]), rules).tolist() == ["A", "A", "A", "C"]  # a tie is not split
    assert grades(pd.Series([3.0, NAN, 1]), rules).tolist() == ["A", "", "C"]
    assert grades(pd.Series([], dtype=float), rules).tolist() == []


SMALL = {"id": "small", "zh": "小", "en": "small", "group": "county", "period": "year", "ours": True, "source": "made for the test",
         "missing": "spread", "total": 100, "indicators": [
             {"id": "a", "weight": 50, "normalise": {"kind": "target_ratio", "target": 10, "cap": 1}},
             {"id": "b", "weight": 30, "normalise": {"kind": "target_ratio", "target": 10, "cap": 1}},
             {"id": "c", "weight": 20, "normalise": {"kind": "target_ratio", "target": 10, "cap": 1}}]}
HOLED = pd.DataFrame({"a": [10.0, 5, NAN], "b": [5.0, NAN, NAN], "c": [5.0, 5, NAN]}, index=["full", "holed", "silent"])


@pytest.mark.parametrize(("rule", "points", "totals"), [
    ("spread", NAN, [75, 50, NAN]), ("zero", 0, [75, 35, 0]), ("mean", 15, [75, 50, 37.5 + 15 + 10]), ("not_ranked", NAN, [75, NAN, NAN])])
def test_what_is_not_reported_is_dealt_with_by_the_stated_rule_and_shown(rule, points, totals):
    found, details = score(HOLED, SMALL | {"missing": rule}), score_details(HOLED, SMALL | {"missing": rule})
    assert found["total"].tolist() == pytest.approx(totals, nan_ok=True)
    assert found.loc["holed", "b"] == pytest.approx(points, nan_ok=True)
    told = details.set_index(["unit", "part"]).loc[("holed", "b")]
    assert (told["state"], told["note"]) == ("not_reported", rule) and np.isnan(told["value"])


def test_spreading_a_weight_raises_the_other_parts_and_says_so():
    details = score_details(HOLED, SMALL).set_index(["unit", "part"])
    assert details.loc["holed", "points"].tolist() == pytest.approx([25 / 0.7, NAN, 10 / 0.7], nan_ok=True)
    assert details.loc["holed", "note"].tolist() == ["spread", "spread", "spread"]
    assert details.loc["holed", "state"].tolist() == ["scored", "not_reported", "scored"]
    assert details.loc["full", "note"].tolist() == ["", "", ""]


def test_what_nobody_reports_is_told():
    silent = HOLED.assign(b=NAN)
    details = score_details(silent, SMALL | {"missing": "mean"})
    assert details.loc[details["part"] == "b", "note"].tolist() == ["nobody、mean"] * 3
    assert score(silent, SMALL | {"missing": "mean"})["total"].iloc[0] == pytest.approx((50 + 10) / 0.7)


def test_a_bonus_or_deduction_not_reported_gives_nothing_and_is_shown():
    rules = SMALL | {"bonuses": [{"id": "event", "normalise": {"kind": "per_unit", "each": 30}, "cap": 45}],
                     "deductions": [{"id": "notice", "normalise": {"kind": "per_unit", "each": 5}, "cap": 20}]}
    values = HOLED.assign(event=[2, NAN, NAN], notice=[1, NAN, 9])
    assert score(values, rules)["total"].tolist() == pytest.approx([75 + 45 - 5, 50, NAN], nan_ok=True)
    details = score_details(values, rules).set_index(["unit", "part"])
    assert details.loc[("holed", "event"), ["state", "note"]].tolist() == ["not_reported", "no_bonus"]
    assert details.loc[("holed", "notice"), "note"] == "no_deduction"
    assert details.loc[("full", "event"), ["state", "points", "kind"]].tolist() == ["capped", 45, "bonus"]
    assert details.loc[("silent", "notice"), ["state", "points", "kind"]].tolist() == ["capped", -20, "deduction"]


def test_all_bonuses_together_are_held_at_their_cap_in_proportion():
    rules = SMALL | {"bonus_cap": 20, "bonuses": [{"id": "x", "normalise": {"kind": "as_is"}}, {"id": "y", "normalise": {"kind": "as_is"}}]}
    found = score(HOLED.assign(x=[30, 5, 0], y=[10, 5, 0]), rules)
    assert found[["x", "y"]].to_numpy().tolist() == [[15, 5], [5, 5], [0, 0]]


def test_units_are_compared_with_their_like():
    rules = SMALL | {"total": 10, "indicators": [{"id": "a", "weight": 10, "normalise": {"kind": "efficacy"}}], "groups": [
        {"id": "districts", "zh": "区", "en": "Districts", "units": ["p", "q"]},
        {"id": "counties", "zh": "县", "en": "Counties", "units": ["r", "s"]}]}
    values = pd.DataFrame({"a": [1.0, 2, 30, 50]}, index=["p", "q", "r", "s"])
    assert score(values, rules)["total"].tolist() == pytest.approx([6, 10, 6, 10])
    assert score(values, {**rules, "groups": []})["total"].tolist() == pytest.approx([6, 6 + 4 / 49, 6 + 4 * 29 / 49, 10])
    assert score(values, rules, group_of=dict.fromkeys("pqrs", "all"))["total"].iloc[1] == pytest.approx(6 + 4 / 49)


def test_all_equal_is_told():
    rules = SMALL | {"total": 10, "indicators": [{"id": "a", "weight": 10, "normalise": {"kind": "efficacy", "equal": 0.5}}]}
    values = pd.DataFrame({"a": [3.0, 3, NAN]})
    assert score(values, rules)["total"].tolist() == pytest.approx([8, 8, NAN], nan_ok=True)
    assert score_details(values, rules)["note"].tolist() == ["equal", "equal", "spread"]


def test_no_unit_at_all_and_a_unit_twice():
    empty = score(HOLED.iloc[:0], SMALL)
    assert empty.columns.tolist() == ["a", "b", "c", "total"] and empty.empty and score_details(HOLED.iloc[:0], SMALL).empty
    with pytest.raises(ValueError, match="stands twice"):
        score(pd.concat([HOLED, HOLED]), SMALL)
    with pytest.raises(ValueError, match="infinite values in column 'a'"):
        score(HOLED.assign(a=np.inf), SMALL)


def test_a_stack_of_draws_is_scored_as_each_of_them_would_be():
    rules = published("attraction_result_2024")
    rng = np.random.default_rng(3)
    stack = rng.uniform(0, 3, (4, 5, 6, len(rules.inputs)))
    points = points_of(stack, rules)
    assert points.shape == (4, 5, 6, len(rules.ids)) and totals_of(points, rules).shape == (4, 5, 6)
    one = score(pd.DataFrame(stack[2, 3], columns=list(rules.inputs)), rules)
    np.testing.assert_array_equal(points[2, 3], one[list(rules.ids)].to_numpy())
    np.testing.assert_array_equal(totals_of(points, rules)[2, 3], one["total"].to_numpy())
    with pytest.raises(ValueError, match=r"in the order of rules\.inputs"):
        points_of(stack[..., :3], rules)
