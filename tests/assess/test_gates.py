"""The gates: lists by code, what cannot be told, permits, small kinds; and the judgement of what was introduced, on rows made by hand."""

import numpy as np
import pandas as pd
import pytest

from liantu import Report
from liantu.assess.gates import (
    GATES,
    STATES,
    county_quality,
    energy_of,
    gate_rules,
    gate_screen,
    introduced,
    judged,
    listed_by,
    portfolio_mix,
    promised,
    screened,
    worst,
)
from liantu.assess.gates.promised import delivered
from liantu.assess.gates.rules import GateRules
from liantu.progress.counts import events
from liantu.reference import city
from liantu.tables import CONTRACTS

RULES = gate_rules()
CHAINS = city().chains("2022")
PROJECTS = [  # id, name, company, chain, link, category, stage, construction, total (万元)
    ("P1", "甲炼铁项目", None, "钢铁冶金", "ironmaking", "industry", "approved", "new", 90000.0),
    ("P2", "乙年产3万吨水泥项目", None, None, None, "industry", "approved", "new", 9000.0),
    ("P3", "丙项目", None, None, None, "industry", "started", "new", 9000.0),
    ("P4", "丁镇道路工程", None, None, None, "infrastructure", "approved", "new", 500.0),
    ("P5", "戊年产1万吨中频炉炼钢项目", None, "钢铁冶金", "steelmaking", "industry", "approved", "new", 90000.0),
    ("P6", "己有色冶炼", None, "有色金属新材料", "other_smelting", "industry", "approved", "new", 90000.0),
    ("P7", "庚化工厂", "庚化工 有限公司", None, None, "industry", "started", "new", 9000.0),
    ("P8", "辛焦化技改", None, "钢铁冶金", "coking", "industry", "approved", "upgrade", 800.0),
    ("P9", "壬焦化", None, "钢铁冶金", "coking", "industry", "approved", "new", 800.0)]
APPROVALS = [("P1", "environment", "pending"), ("P7", "environment", "pending"), ("P7", "safety", "done"), ("P4", "environment", "done")]


def table(name, rows):
    return CONTRACTS[name].conform(rows)


@pytest.fixture(scope="module")
def firms():
    rows = [("F1", "庚化工有限公司", "2611", 100.0, 500.0, 40.0)] + [
        (f"G{n}", f"铁{n}", "3110", 100.0, 100.0 + n, 10.0) for n in range(6)]
    rows += [(f"L{n}", f"轻{n}", "3829", 100.0, 10.0, 5.0) for n in range(9)]
    return table("enterprises", [{"enterprise_id": key, "snapshot": "2022-06-30", "name": name, "gb_code": code, "output_wan": output,
                                  "energy_tce": energy, "jobs": jobs} for key, name, code, output, energy, jobs in rows])


@pytest.fixture(scope="module")
def screen(firms):
    keys = ("project_id", "name", "company", "chain", "link", "category", "stage", "construction", "total_investment_wan")
    seen = {"county": "211302", "first_snapshot": "2022-06-30", "last_snapshot": "2022-06-30", "n_reports": 1}
    projects = table("projects", [dict(zip(keys, row, strict=True)) | seen for row in PROJECTS])
    approvals = table("approvals", [dict(zip(("project_id", "approval", "status"), row, strict=True)) for row in APPROVALS])
    return screened(projects, approvals, firms, CHAINS, RULES).set_index("project_id")


def test_where_the_industry_is_told(screen):
    assert screen["code_from"].tolist() == ["link", "words", "none", "words", "link", "link", "firm", "link", "link"]
    assert screen.loc["P7", "industry"] == "2611" and screen.loc["P3", "industry"] == ""


def test_a_project_without_a_code_is_unknown_and_never_passes(screen):
    assert screen.loc["P3", [*GATES]].eq("unknown").all() and screen.loc["P3", "capacity_why"] == "no_code"
    assert screen.loc["P3", ["two_high", "key_field", "six_small"]].eq("unknown").all()


def test_capacity(screen):
    assert screen.loc["P1", ["capacity", "capacity_why"]].tolist() == ["attention", "capacity:steel"]
    assert screen.loc["P2", ["capacity", "capacity_why", "small_by"]].tolist() == ["stop", "six_small:cement", "tonnes"]  # 3 < 4.4 万吨
    assert screen.loc["P5", ["capacity", "capacity_why"]].tolist() == ["stop", "eliminated"]
    assert screen.loc["P6", ["capacity", "capacity_why"]].tolist() == ["unknown", "codes_differ:aluminium"]
    assert screen.loc["P4", ["capacity", "environment", "safety"]].eq("pass").all()
    # Investment says nothing of the size of a plant that stands; of a new one it makes a suspicion, never a stop.
    assert screen.loc["P8", ["six_small", "small_by", "capacity_why"]].tolist() == ["unknown", "", "capacity:coking_refining"]
    assert screen.loc["P9", ["six_small", "small_by", "capacity"]].tolist() == ["coke", "investment", "attention"]


def test_permits(screen):
    assert screen.loc["P7", ["environment", "environment_why"]].tolist() == ["stop", "begun_pending:chemicals"]
    assert screen.loc["P7", ["safety", "safety_why"]].tolist() == ["pass", "permit_done"]
    assert screen.loc["P1", ["environment", "environment_why"]].tolist() == ["attention", "key_field:ironmaking"]
    assert worst(screen)[["P1", "P3", "P4", "P7"]].tolist() == ["attention", "unknown", "pass", "stop"]


def test_energy_of_the_own_firm_else_of_its_industry(screen, firms):
    assert screen.loc["P7", ["energy_per_output", "energy_from", "energy_n"]].tolist() == [5.0, "firm", 1]
    assert screen.loc["P1", ["energy_from", "energy_n"]].tolist() == ["class", 6]
    assert screen.loc["P1", "energy_per_output"] == pytest.approx(1.025)  # the median of 1.00 to 1.05
    assert screen.loc["P1", "energy_times"] == pytest.approx(1.025 / 0.1) and np.isnan(screen.loc["P4", "energy_times"])
    alone = screen.reset_index()[["company"]]
    assert energy_of(alone, screen.reset_index()["industry"], firms.iloc[:0], RULES)["energy_from"].eq("none").all()


def test_lists_are_yes_no_some_or_unknown():
    names = pd.Series(["一", "二", "三", "四", "电石五"])
    found = listed_by(pd.Series(["3110", "2911", "31、2911", "", "2911"]), names, RULES.key_fields)
    assert found["state"].tolist() == ["yes", "no", "some", "unknown", "yes"] and found["entry"].iloc[4] == "carbide"
    assert listed_by(pd.Series(["31"]), names[:1], RULES.key_fields)["state"].item() == "some"  # broader than what is listed


def test_kinds_and_gaps_by_hand(screen):
    rows = pd.concat([screen.loc[["P4"]].assign(**more) for more in (
        {"origin": "beijing_tianjin_hebei", "chain": "橡胶轮胎", "link": "cord"}, {"origin": "beijing_tianjin_hebei"},
        {"origin": None}, {"origin": "local"}, {"origin": "liaoning"}, {"origin": "yangtze_delta", "key_field": "yes"},
        {"origin": "beijing_tianjin_hebei", "safety": "attention"}, {"origin": "beijing_tianjin_hebei", "capacity": "unknown"},
        {"origin": "liaoning", "energy_times": 4.0, "energy_from": "division"},
        {"origin": "liaoning", "energy_times": 4.0, "energy_from": "class"},
        {"origin": "local", "eliminated": True})], ignore_index=True).assign(doubtful=False)
    then, now = {("橡胶轮胎", "cord"): "broken_open"}, {("橡胶轮胎", "cord"): "held"}
    made = judged(rows, RULES, {"橡胶轮胎": "old"}, [(then, "then"), (now, "now")])
    assert made["kind_why"].tolist() == ["wanted", "off_chain", "origin_not_reported", "from_here", "from_elsewhere", "key_field",
                                         "gate_attention", "gate_unknown", "from_elsewhere", "energy", "from_here"]
    assert made["kind"].tolist() == ["spill_over", "ordinary", "unknown", "ordinary", "ordinary", "squeezed_out", "ordinary", "unknown",
                                     "ordinary", "squeezed_out", "ordinary"]
    assert made.loc[0, ["gap_state", "gap_when", "fills_gap", "fills_missing"]].tolist() == ["broken_open", "then", "yes", "yes"]
    # Gate 30, chain 20, gap 20, neither large nor new, energy not known: 70 of 90.
    assert made.loc[0, ["quality", "quality_known"]].tolist() == pytest.approx([100 * 70 / 90, 90])
    assert np.isnan(made.loc[7, "part_gate"]) and made.loc[7, "quality_known"] == 60
    nothing = judged(rows, RULES, {}, [({}, "now")])
    assert nothing["fills_gap"].eq("unknown").all() and nothing["part_gap"].isna().all()


def test_delivered_counts_a_firm_once_and_tells_what_is_not_reported(firms):
    projects = pd.DataFrame({"county": ["A", "A", "A", "B"], "stage": ["producing", "at_capacity", "started", "producing"],
                             "company": ["庚化工 有限公司", "庚化工有限公司", "铁1", "无此厂"], "jobs": [30.0, 30.0, 9.0, np.nan]})
    made = delivered(projects, firms, ["A", "B", "C"]).set_index("county")
    assert made.loc["A", ["jobs_promised", "firms", "jobs_matched", "jobs_delivered"]].tolist() == [69.0, 1, 60.0, 40.0]
    assert made["note"].tolist() == ["", "no_firm_found", "no_firm_found"] and made.loc[["B", "C"], "jobs_promised"].isna().all()
    assert (delivered(projects, firms.iloc[:0], ["A"])["note"] == "no_register").all() and made["tax_promised"].isna().all()


def test_rules_that_do_not_hold_together_are_refused():
    told = RULES.model_dump()
    with pytest.raises(ValueError, match="add up to 100"):
        GateRules.model_validate(told | {"points": {**told["points"], "gate": 31}})
    with pytest.raises(ValueError, match="ids that stand twice"):
        GateRules.model_validate(told | {"safety": [told["safety"][0]] * 2})


def test_the_codes_of_the_lists_are_in_the_standard():
    text = (city().folder.parent / "gbt4754-2017.csv").read_text(encoding="utf-8")
    known = [line.split(",")[0] for line in text.splitlines() if line[:1].isdigit()]
    listed = {code for name in ("two_high", "high_energy", "key_fields", "capacity", "six_small", "safety", "name_words")
              for entry in getattr(RULES, name) for code in entry.codes}
    assert not [code for code in listed if not any(other.startswith(code) for other in known)]
    assert set(RULES.categories) <= set(city().vocabulary.terms("categories"))
    assert {*RULES.neighbours, *RULES.from_here} <= set(city().vocabulary.terms("origins"))


@pytest.fixture(scope="module", params=["2021Q4", "2022Q2"])
def report(request, small_data):
    return Report(quarter=request.param)


def test_of_a_report_every_project_stands_once(report):
    screen, made = gate_screen(report), introduced(report)
    assert screen["project_id"].tolist() == report.projects["project_id"].tolist()
    assert screen[list(GATES)].isin(STATES).all(axis=None) and (screen["capacity_why"] != "").all()
    year = made[made["introduced"] == "year"]
    start = f"{report.quarter.year}-01-01"
    known = events(report.tables, "introduced", pd.Timestamp(start).date(), report.quarter.end)
    assert set(year["project_id"]) == set(known["project_id"]) and made["project_id"].is_unique
    assert made["quality"].dropna().between(0, 100).all()


def test_counties_add_up_to_the_city(report):
    made, whole = county_quality(report), introduced(report)
    year = whole[whole["introduced"] == "year"]
    told = year[year["county"].notna()]
    assert list(made.columns) == ["county", "introduced", "from_jjj", "spill_over", "squeezed_out", "unknown", "stop", "attention",
                                  "fits_chain", "fills_gap", "jobs_promised", "jobs_delivered"]
    assert made["introduced"].sum() == len(told) and made["spill_over"].sum() == (told["kind"] == "spill_over").sum()
    one = county_quality(report.known_in("211382"))
    assert one.equals(made[made["county"] == "211382"].reset_index(drop=True))
    assert promised(report)["projects"].sum() == (report.projects["stage"].fillna("") != "terminated").sum() - report.projects.loc[
        report.projects["stage"].fillna("") != "terminated", "county"].isna().sum()


def test_the_mix_adds_up(report):
    made = portfolio_mix(report)
    standing = (report.projects["stage"].fillna("") != "terminated").sum()
    assert made.groupby("by")["projects"].sum().eq(standing).all()
    assert made.groupby("by")["share"].sum().to_numpy() == pytest.approx(1)
    known = made[made["introduced_share"].notna()]
    assert (known["low"] <= known["introduced_share"]).all() and (known["introduced_share"] <= known["high"]).all()
