"""Zones: results per mu and grades of firms, land, factories and what fits them, the digital upgrade."""

import datetime as dt
import shutil

import numpy as np
import pandas as pd
import pytest

from liantu import Report
from liantu.assess.scoring import load_rules
from liantu.assess.zones.enclaves import accounts_of, enclaves_of
from liantu.assess.zones.factories import candidates_for, factory_candidates, floor_of, waiting_projects
from liantu.assess.zones.grades import GRADES, INDICATORS, firm_grades, firm_values, graded, near_cuts, zone_grades
from liantu.assess.zones.land import city_sums, digital_pace, land_use
from liantu.assess.zones.zone_rules import zone_rules
from liantu.assess.zones.zone_table import STATED, zone_history, zone_measures
from liantu.reference import city
from liantu.reference.city import City
from liantu.reference.loading import ReferenceFileError

QUARTERS = ("2021Q4", "2022Q2", "2022Q4")


@pytest.fixture(scope="module", params=QUARTERS)
def report(request):
    return Report(quarter=request.param)


def register(count, **changes):
    """Firms that are all alike, but for `changes`."""
    base = {"tax_wan": 50.0, "value_added_wan": 400.0, "energy_tce": 80.0, "emission_t": 4.0, "jobs": 40.0, "research_wan": 30.0,
            "output_wan": 1000.0, "area_mu": 20.0, "name": "厂", "zone": "甲区", "county": "211302", "chain": "家居",
            "snapshot": pd.Timestamp("2022-12-31")}
    firms = pd.DataFrame([base] * count).assign(enterprise_id=[f"E{n:02d}" for n in range(count)])
    return firms.assign(**changes)


# --- grades


def test_firms_at_every_mean_score_100():
    made = graded(register(20), load_rules("per_mu"), 0.05)
    assert made["score"].tolist() == pytest.approx([100] * 20)


def test_the_mean_is_total_over_total_not_the_mean_of_ratios():
    # One firm with ten times the land and the same tax per mu of half: total tax / total land decides who is at the mean.
    firms = register(2, area_mu=[10.0, 90.0], tax_wan=[20.0, 90.0])  # 2.0 and 1.0 a mu; 1.1 together, 1.5 as a mean of ratios
    values = firm_values(firms)["firm_tax_per_mu"]
    assert values.tolist() == [2.0, 1.0]
    only = load_rules("per_mu").model_copy(update={"indicators": load_rules("per_mu").indicators[:1], "total": 30})
    scores = graded(firms, only, 0.0)["score"]
    assert scores.tolist() == pytest.approx([30 * 2.0 / 1.1, 30 * 1.0 / 1.1])


def test_grades_are_cut_at_25_70_95_per_cent():
    made = graded(register(100, tax_wan=np.linspace(10, 60, 100)), load_rules("per_mu"), 0.0)
    assert made["grade"].value_counts().to_dict() == {"B": 45, "A": 25, "C": 25, "D": 5}
    assert made.sort_values("score")["grade"].iloc[[0, -1]].tolist() == ["D", "A"]


def test_a_firm_that_reports_nothing_has_no_grade_and_one_that_lacks_a_part_has():
    firms = register(20)
    firms.loc[0, ["tax_wan", "value_added_wan", "research_wan"]] = np.nan
    firms.loc[1, "emission_t"] = np.nan
    firms.loc[2, "area_mu"] = 0.0
    made = graded(firms, load_rules("per_mu"), 0.05)
    assert (made.loc[0, "grade"], pd.isna(made.loc[0, "score"])) == ("", True)
    assert made.loc[1, "missing"] == "firm_value_added_per_emission" and made.loc[1, "grade"] in GRADES
    assert made.loc[2, "missing"] == "firm_tax_per_mu、firm_value_added_per_mu" and made.loc[2, "score"] == pytest.approx(100)
    assert made.loc[0, "missing"].count("、") == len(INDICATORS) - 1


def test_a_score_near_a_cut_is_told():
    scores, grade = pd.Series([120.0, 101.0, 99.0, 60.0]), pd.Series(["A", "A", "B", "B"])
    assert near_cuts(scores, grade, 0.05).tolist() == [False, True, True, False]
    assert not near_cuts(scores, pd.Series(["A"] * 4), 0.05).any()


def test_grades_of_the_register(report):
    firms, whole = firm_grades(report), report.enterprises
    counts = firms["grade"].value_counts()
    assert len(firms) == whole["zone"].notna().sum() and counts.sum() == len(firms)
    for grade, to in zip(GRADES, (0.25, 0.70, 0.95, 1.0), strict=True):
        assert abs((firms["grade"] <= grade).mean() - to) <= 0.5 / len(firms) + 1e-9
    table = zone_grades(report)
    assert table["firms"].sum() == len(firms)
    assert ((table["low"] <= table["good"]) & (table["good"] <= table["high"])).all()
    lands = table[[f"land_{grade}" for grade in GRADES]].sum(axis=1)
    assert lands.tolist() == pytest.approx([1] * len(table))


# --- measures


def test_a_year_to_date_is_scaled_to_a_year(report):
    rows = zone_measures(report)
    told = rows[rows["output_wan"].notna()]
    parts = {dt.date(2021, 12, 31): 1.0, dt.date(2022, 6, 30): 0.5, dt.date(2022, 12, 31): 1.0}
    assert set(told["year_part"]) == {parts[report.as_of]}
    assert told["output_per_mu"].tolist() == pytest.approx((told["output_wan"] / told["year_part"] / told["used_mu"]).tolist())
    assert told["jobs_per_mu"].tolist() == pytest.approx((told["jobs"] / told["used_mu"]).tolist())
    city_values = city_sums(rows)
    assert city_values["output_per_mu"] == pytest.approx(told["output_year_wan"].sum() / told["used_mu"].sum())


def test_a_zone_that_the_newest_ledger_leaves_out_is_there_without_numbers():
    rows = zone_measures(Report(quarter="2021Q4")).set_index("zone")
    absent = rows.loc["朝阳县柳城经济开发区"]
    assert absent["note"] == "not_reported" and absent["county"] == "211321" and absent["firms"] == 49
    assert absent[[*STATED, "output_per_mu", "host_tax_wan"]].isna().all()
    later = zone_measures(Report(quarter="2022Q1")).set_index("zone").loc["朝阳县柳城经济开发区"]
    assert later["note"].find("not_reported") < 0 and later["output_wan"] > 0


def test_zones_and_counts_add_up(report):
    rows = zone_measures(report)
    assert not rows["zone"].duplicated().any() and rows["county"].isin(report.city.divisions.codes).all()
    assert rows[[f"n_{grade}" for grade in GRADES]].sum(axis=1).tolist() == rows["firms"].tolist()
    placed = report.projects[report.projects["zone"].isin(rows["zone"]) & (report.projects["stage"] != "terminated")]
    assert rows["projects"].sum() == len(placed)
    starts, first = report.milestones[report.milestones["stage"] == "started"], pd.Timestamp(report.quarter.year, 1, 1)
    year = starts[starts["actual_date"].between(first, pd.Timestamp(report.as_of))]
    in_zones = report.projects.loc[report.projects["zone"].notna(), "project_id"]
    assert rows["projects_started"].sum() == in_zones.isin(year["project_id"]).sum() > 0


def test_a_countys_report_has_its_own_zones_with_the_same_numbers():
    whole, own = zone_measures(Report(quarter="2022Q4")), zone_measures(Report(quarter="2022Q4", county="211381"))
    assert own["zone"].tolist() == ["北票冠山环保产业园区", "北票经济开发区"]
    pd.testing.assert_frame_equal(own, whole[whole["county"] == "211381"].reset_index(drop=True))
    assert zone_history(Report(quarter="2022Q4", county="211381"))["zone"].nunique() == 2


def test_a_register_that_does_not_add_up_to_the_ledger_is_told():
    rows = zone_measures(Report(quarter="2022Q4")).set_index("zone")
    off = (rows["firms_output_wan"] / rows["output_wan"] - 1).abs() > zone_rules().land.register_tolerance
    assert off.any() and not off.all()
    assert rows["note"].str.contains("register_differs").tolist() == off.tolist()
    over = rows["firms_area_mu"] > rows["used_mu"]
    assert rows["note"].str.contains("land_over").tolist() == over.tolist() and over.any()


def test_the_public_record_has_no_zones():
    public = Report(quarter="2022Q4", dataset="public")
    for table in (zone_measures(public), land_use(public), digital_pace(public), factory_candidates(public), firm_grades(public),
                  zone_history(public), zone_grades(public)):
        assert table.empty
    accounts = accounts_of(enclaves_of(zone_measures(public), public.city, zone_rules()))
    assert accounts.zones.empty


# --- land and the digital upgrade


def test_land_is_compared_with_a_year_before_where_that_is_known():
    late, early = land_use(Report(quarter="2022Q4")), land_use(Report(quarter="2022Q2"))
    most = late[late["zone"] != "朝阳县柳城经济开发区"]
    assert most["like_for_like"].all() and most["change_since"].eq(pd.Timestamp("2021-12-31")).all() and most["output_change"].notna().all()
    newer = late[late["zone"] == "朝阳县柳城经济开发区"].iloc[0]  # its oldest ledger covers a quarter, which is not held against a year
    assert newer["change_since"] == pd.Timestamp("2022-03-31") and pd.isna(newer["output_change"]) and newer["used_change_mu"] > 0
    assert early["output_change"].isna().all() and early["used_change_mu"].notna().all()
    first = land_use(Report(quarter="2021Q4"))
    assert first["change_since"].isna().all() and first["used_change_mu"].isna().all()


def test_low_zones_stand_below_the_threshold(report):
    rows, ratio = land_use(report), zone_rules().land.low_ratio
    assert rows["low"].isin(["", "land", "output", "both"]).all() and (rows["low"] != "").any()
    assert (rows["low"].isin(["output", "both"]) == (rows["against_city"] < ratio)).all()
    assert rows.loc[rows["output_per_mu"].isna(), "low"].eq("").all()


def test_the_digital_upgrade_needs_what_is_left_over_the_months_that_are_left():
    rows = digital_pace(Report(quarter="2022Q2")).set_index("zone")
    one = rows.loc["喀左经济开发区"]  # 16 % when the year began, 30 % at mid-year: 70 points in six months
    assert one["per_month"] == pytest.approx(0.14 / 6) and one["needed_per_month"] == pytest.approx(0.70 / 6)
    assert one["at_pace"] == pytest.approx(0.44) and one["state"] == "short"
    assert (digital_pace(Report(quarter="2022Q4"))["state"] == "missed").all()
    before = digital_pace(Report(quarter="2021Q4"))
    assert set(before["state"]) == {"no_goal", "not_reported"} and before["needed_per_month"].isna().all()


# --- factories


def test_a_mu_is_a_fifteenth_of_a_hectare():
    rules = zone_rules().factories
    assert rules.m2_per_mu == pytest.approx(10_000 / 15)
    assert floor_of(pd.Series([15.0]), rules).iloc[0] == pytest.approx(10_000 * rules.plot_ratio)


def projects(**changes):
    base = {"project_id": "P1", "name": "甲公司年产1万件零件项目", "county": "211302", "zone": pd.NA, "chain": "家居", "link": "x",
            "link_zh": "零件", "stage": "approved", "category": "industry", "construction": "new", "area_mu": 15.0,
            "total_investment_wan": 1000.0}
    return pd.DataFrame([base | changes])


@pytest.mark.parametrize("changes", [
    {"stage": "started"}, {"stage": "terminated"}, {"category": "agriculture"}, {"construction": "upgrade"}, {"construction": pd.NA},
    {"area_mu": np.nan}, {"name": "甲公司风力发电项目"}, {"link_zh": "铁矿采选"}])
def test_projects_that_cannot_move_in_are_left_out(changes):
    rules = zone_rules().factories
    assert len(waiting_projects(projects(), rules)) == 1
    assert waiting_projects(projects(**changes), rules).empty


@pytest.mark.parametrize(("zone", "county", "idle", "reason"), [
    ("甲区", "211302", 20_000.0, "placed"), (pd.NA, "211302", 20_000.0, "same_county"), ("乙区", "211302", 20_000.0, None),
    (pd.NA, "211303", 20_000.0, None), (pd.NA, "211302", 6_999.0, None), ("甲区", "211302", 7_000.1, "placed")])
def test_a_project_fits_by_area_and_place(zone, county, idle, reason):
    rules = zone_rules().factories.model_copy(update={"plot_ratio": 0.7})
    waiting = waiting_projects(projects(zone=zone, county=county), rules)
    space = pd.DataFrame({"zone": ["甲区"], "county": ["211302"], "idle_m2": [idle]})
    nobody = graded(register(3), load_rules("per_mu"), 0.05).head(0)
    made = candidates_for(space, waiting, pd.DataFrame(), nobody, rules).iloc[0]
    assert (made["kind"], made["reason"]) == (("project", reason) if reason else ("none", ""))
    if reason:
        assert made["needs_m2"] == pytest.approx(7000) and made["share_of_idle"] == pytest.approx(7000 / idle)


def test_gaps_are_of_chains_on_which_the_zone_has_firms():
    rules = zone_rules().factories
    gap = {"chain": "家居", "link": "sofa", "zh": "软体家具", "state": "broken_open", "county": "211302", "unlock_wan": 100.0, "band": 1,
           "per_yuan": 2.0, "front": True, "invest_wan": 50.0}
    others = ({"chain": "钒钛", "link": "v"}, {"county": "211303", "link": "y"}, {"zh": "水泥", "link": "z"})
    gaps = pd.DataFrame([gap, *(gap | other for other in others)])
    firms = graded(register(20, tax_wan=np.linspace(10, 60, 20)), load_rules("per_mu"), 0.05)
    space = pd.DataFrame({"zone": ["甲区"], "county": ["211302"], "idle_m2": [5000.0]})
    made = candidates_for(space, waiting_projects(projects(), rules).head(0), gaps, firms, rules).set_index("kind")
    assert made.loc[["gap"], "link"].tolist() == ["sofa"] and made.loc["gap", "firms_on_chain"] == 20
    assert made.loc["freed", "candidate"] == "1" and made.loc["freed", "needs_m2"] == pytest.approx(20 * rules.m2_per_mu)


def test_candidates_of_the_ledgers_fit():
    report = Report(quarter="2022Q2")
    made, idle = factory_candidates(report), zone_measures(report).set_index("zone")["idle_m2"]
    fits = made[made["kind"] == "project"]
    assert len(fits) and (fits["needs_m2"] <= fits["idle_m2"]).all()
    assert set(made["zone"]) == set(idle[idle >= zone_rules().factories.least_m2].index)
    stages = report.projects.set_index("project_id").loc[fits["project_id"], "stage"]
    assert stages.isin(["signed", "approved"]).all()


# --- rules


@pytest.mark.parametrize(("old", "new", "key"), [
    ("low_ratio: 0.8", "low_ratio: 1.8", "land.low_ratio"), ("base_share: 0.5", "base_share: 1.5", "enclaves.base_share"),
    ("due: 2022-12-31", "due: 2023-12-31", "digital.goals.0"), ("plot_ratio: 0.7", "plot_ratios: 0.7", "factories.plot_ratio")])
def test_a_broken_rule_names_file_and_key(tmp_path, old, new, key):
    folder = tmp_path / "town"
    folder.mkdir()
    shutil.copy(city().folder / "zones.yml", folder)
    path = folder / "zones.yml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(ReferenceFileError, match=key) as error:
        zone_rules(City(folder))
    assert "zones.yml" in str(error.value)


def test_every_part_of_the_rules_has_a_source():
    rules = zone_rules()
    for part in (rules, rules.land, rules.grades, rules.factories, rules.enclaves, rules.digital, rules.names):
        assert len(part.source) > 10
    assert rules.digital.goal(2022).share == 1.0 and rules.digital.goal(2023) is None
