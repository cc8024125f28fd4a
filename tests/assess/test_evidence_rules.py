"""Each rule of the evidence audit finds its contradiction, passes what is in order, and says what it cannot test."""

import json

import pytest
from evidence_cases import SNAPSHOTS, check, found, known, row
from hypothesis import given, settings
from hypothesis import strategies as st

from liantu.assess.evidence import audit, evidence_rules
from liantu.assess.evidence.auditing import CHECKS
from liantu.assess.evidence.rules_file import EvidenceRules
from liantu.errors import LiantuError
from liantu.reference import city
from liantu.reference.loading import load

STARTED = {"stage": "started", "started_actual": "2022-04-10"}
WORKING = {**STARTED, "filing_status": "done", "done_total_wan": 500.0, "done_year_wan": 500.0}


def whys(rule, rows, **tables):
    return check(rule, rows, **tables).untestable.to_dict()


def said(rule, rows, **tables):
    return json.loads(check(rule, rows, **tables).rows["said"].iloc[0])


def test_every_rule_has_a_function_and_the_other_way_round():
    rules = evidence_rules().rules
    assert {rule.id for rule in rules if rule.unit == "project"} == set(CHECKS)
    assert {rule.id for rule in rules if rule.unit == "reporter"} == {"last_digits", "round_totals", "first_digits"}


def test_start_without_filing():
    assert found("start_without_filing", [row(**STARTED, filing_status="pending")]) == [("P1", "started")]
    assert found("start_without_filing", [row(**STARTED, filing_status="done")]) == []
    assert found("start_without_filing", [row(stage="approved", filing_status="pending")]) == []  # nobody says it has started
    assert whys("start_without_filing", [row(**STARTED)]) == {"P1": "not_reported"}
    old = [row(snapshot="2022-03-31", stage="approved", filing_status="pending"), row(**STARTED)]
    assert found("start_without_filing", old) == [] and whys("start_without_filing", old) == {"P1": "status_older"}


def test_a_later_stage_says_that_works_began():
    assert found("start_without_filing", [row(stage="producing", filing_status="pending")]) == [("P1", "started")]
    assert found("start_without_filing", [row(stage="terminated", filing_status="pending")]) == []


def test_start_before_filing():
    assert found("start_before_filing", [row(**STARTED, filing_status="done", filing_date="2022-07-01")]) == [("P1", "started")]
    assert found("start_before_filing", [row(**STARTED, filing_status="done", filing_date="2022-05-01")]) == []  # within a month's slack
    assert whys("start_before_filing", [row(**STARTED)]) == {"P1": "no_filing_date"}


def test_start_without_permits():
    one = check("start_without_permits", [row(**STARTED, environment_status="pending", land_status="done")])
    assert one.rows[["stage", "severity"]].values.tolist() == [["started", ""]]
    two = check("start_without_permits", [row(**STARTED, environment_status="pending", energy_status="pending")])
    assert two.rows["severity"].tolist() == ["high"] and json.loads(two.rows["said"].iloc[0])["permits"] == ["energy", "environment"]
    assert found("start_without_permits", [row(**STARTED, environment_status="not_needed")]) == []
    assert whys("start_without_permits", [row(**STARTED)]) == {"P1": "not_reported"}


def test_start_without_money():
    assert found("start_without_money", [row(**STARTED, done_total_wan=0.0)]) == [("P1", "started")]
    assert found("start_without_money", [row(**STARTED, done_total_wan=1.0)]) == []
    assert whys("start_without_money", [row(**STARTED)]) == {"P1": "no_amount"}
    late = row(stage="started", started_actual="2022-09-10", done_total_wan=0.0)
    assert whys("start_without_money", [late]) == {"P1": "too_soon"}


def test_the_winter_pause_does_not_count():
    winter = row(snapshot="2022-03-31", stage="started", started_actual="2021-11-20", done_total_wan=0.0)
    assert whys("start_without_money", [winter]) == {"P1": "too_soon"}  # 131 days, of which 16 are no winter


def test_statistics_papers():
    code = "1810-211321-04-01-368137"  # of another county
    assert found("statistics_papers", [row(**STARTED, national_code=code, filing_status="done")]) == [("P1", "started")]
    assert check("statistics_papers", [row(**STARTED, national_code=code)]).rows["severity"].tolist() == ["medium"]
    for right in ("1810-211382-04-01-368137", "1810-211300-04-01-368137", "1810-210000-04-01-368137"):
        assert found("statistics_papers", [row(**STARTED, national_code=right, filing_status="done")]) == []
    assert whys("statistics_papers", [row(**STARTED, filing_status="done")]) == {"P1": "no_code"}
    assert found("statistics_papers", [row(**STARTED, filing_status="pending")]) == [("P1", "started")]
    assert found("statistics_papers", [row(**STARTED, national_code=code, total_investment_wan=499.0)]) == []  # below 5 million yuan


def test_complete_without_money():
    done = {"stage": "producing", "completed_actual": "2022-05-01", "producing_actual": "2022-06-01"}
    empty = check("complete_without_money", [row(**done, done_total_wan=0.0)])
    assert empty.rows[["stage", "severity"]].values.tolist() == [["producing", "high"]]
    assert check("complete_without_money", [row(**done, done_total_wan=4000.0)]).rows["severity"].tolist() == [""]
    assert found("complete_without_money", [row(**done, done_total_wan=9000.0)]) == []
    assert whys("complete_without_money", [row(**done)]) == {"P1": "no_amount"}
    assert whys("complete_without_money", [row(**done, done_total_wan=1.0, total_investment_wan=None)]) == {"P1": "no_total"}


def test_a_sum_of_which_cleaning_doubts_the_unit_is_asked_about_there():
    slip = {"source_file": "2022-09-30/a.xlsx", "sheet": "S", "row": 11, "rule": "unit_slip", "severity": "warning",
            "snapshot": "2022-09-30", "message_zh": "x", "message_en": "x", "fix": "x"}
    rows = [row(**STARTED, done_total_wan=20000.0)]
    assert found("done_over_total", rows) == [("P1", "")]
    assert found("done_over_total", rows, quarantine=[slip]) == []
    assert whys("done_over_total", rows, quarantine=[slip]) == {"P1": "unit_in_doubt"}


def test_sums_that_cannot_be():
    assert found("done_over_total", [row(done_total_wan=11001.0)]) == [("P1", "")]
    assert found("done_over_total", [row(done_total_wan=10999.0)]) == []
    assert whys("done_over_total", [row()]) == {"P1": "no_amount"}
    assert found("done_over_plan", [row(done_year_wan=1501.0, plan_year_wan=1000.0)]) == [("P1", "")]
    assert found("done_over_plan", [row(done_year_wan=1499.0, plan_year_wan=1000.0)]) == []
    assert whys("done_over_plan", [row(done_year_wan=1.0)]) == {"P1": "no_plan"}
    assert found("year_over_whole", [row(done_year_wan=1200.0, done_total_wan=1000.0)]) == [("P1", "")]
    assert found("year_over_whole", [row(done_year_wan=1000.0, done_total_wan=1000.0)]) == []
    assert whys("year_over_whole", [row(done_total_wan=1000.0)]) == {"P1": "no_amount"}


def test_money_taken_back():
    rows = [row(snapshot="2022-06-30", done_total_wan=1000.0), row(done_total_wan=800.0)]
    fall = {"project_id": "P1", "field": "done_total_wan", "source": "county", "snapshot": "2022-09-30",
            "previous_snapshot": "2022-06-30", "source_file": "2022-09-30/a.xlsx", "sheet": "S", "row": 11, "original_wan": 1000.0,
            "previous_wan": 1000.0, "latest_wan": 800.0}
    assert found("money_taken_back", rows, changes=[fall]) == [("P1", "")]
    assert found("money_taken_back", rows, changes=[fall | {"latest_wan": 970.0}]) == []
    assert whys("money_taken_back", rows[1:]) == {"P1": "one_amount"}


def test_dates_out_of_order():
    early = row(stage="producing", completed_actual="2022-06-20", producing_actual="2022-05-01")
    outcome = check("dates_out_of_order", [early])
    assert outcome.rows[["stage", "severity"]].values.tolist() == [["producing", "medium"]]
    right = row(stage="producing", completed_actual="2022-05-01", producing_actual="2022-06-20")
    assert found("dates_out_of_order", [right]) == []
    assert whys("dates_out_of_order", [row(stage="producing", producing_actual="2022-06-20")]) == {"P1": "no_earlier_date"}
    worse = row(stage="at_capacity", producing_actual="2022-08-01", at_capacity_actual="2022-05-01")
    assert check("dates_out_of_order", [worse]).rows["severity"].tolist() == ["high"]


def test_a_date_known_to_a_month_contradicts_nothing_inside_it():
    vague = row(stage="producing", completed_actual="2022-06-30", completed_actual_precision="month", producing_actual="2022-06-05")
    assert found("dates_out_of_order", [vague]) == []
    surely = row(stage="producing", completed_actual="2022-06-30", completed_actual_precision="month", producing_actual="2022-05-05")
    assert found("dates_out_of_order", [surely]) == [("P1", "producing")]


def test_said_before_dated():
    moved = [row(snapshot="2022-03-31", stage="started", started_actual="2022-03-28"), row(stage="started", started_actual="2022-05-20")]
    assert found("said_before_dated", moved) == [("P1", "started")]
    assert found("said_before_dated", [row(**STARTED)]) == []
    assert whys("said_before_dated", [row(stage="started")]) == {"P1": "no_date"}


def test_plan_moved_after():
    rows = [row(snapshot="2022-06-30", started_planned="2022-05-31"), row(started_planned="2022-12-31")]
    move = {"project_id": "P1", "field": "started_planned", "source": "county", "snapshot": "2022-09-30", "previous_snapshot": "2022-06-30",
            "source_file": "2022-09-30/a.xlsx", "sheet": "S", "row": 11, "original_date": "2022-05-31", "previous_date": "2022-05-31",
            "latest_date": "2022-12-31"}
    assert found("plan_moved_after", rows, changes=[move]) == [("P1", "started")]
    in_time = move | {"previous_date": "2022-07-31"}  # had not passed when the last ledger showed it
    assert found("plan_moved_after", rows, changes=[in_time]) == []
    assert whys("plan_moved_after", rows[1:]) == {"P1": "one_ledger"}
    assert whys("plan_moved_after", [row()]) == {"P1": "no_plan_date"}


def test_no_progress():
    def ledgers(*sums, **more):
        return [row(snapshot=day, stage="started", started_actual="2021-09-01", done_total_wan=float(amount), **more)
                for day, amount in zip(SNAPSHOTS[-len(sums):], sums, strict=True)]

    assert check("no_progress", ledgers(900, 500, 500)).rows["severity"].tolist() == [""]
    assert check("no_progress", ledgers(500, 500, 500)).rows["severity"].tolist() == ["high"]  # 183 days of works
    assert found("no_progress", ledgers(400, 500)) == []
    assert whys("no_progress", ledgers(9600, 9600)) == {"P1": "nearly_done"}
    assert whys("no_progress", ledgers(500)) == {"P1": "too_short"}
    winter = [row(snapshot=day, stage="started", started_actual="2021-09-01", done_total_wan=500.0) for day in SNAPSHOTS[:2]]
    assert whys("no_progress", winter) == {"P1": "too_short"}  # the winter pause


def test_taken_back():
    sayer = [row("P2", snapshot=day, stage="producing") for day in SNAPSHOTS[2:]]  # the sheet can say the stage
    back = [row(snapshot="2022-06-30", stage="producing"), row(stage="approved"), *sayer]
    assert set(found("taken_back", back)) == {("P1", "started"), ("P1", "completed"), ("P1", "producing")}
    assert set(check("taken_back", back).rows["severity"]) == {""}
    assert found("taken_back", [row(snapshot="2022-06-30", stage="approved"), row(stage="producing"), *sayer]) == []
    assert whys("taken_back", back[:1]) == {"P1": "one_ledger"}
    mute = [row(snapshot="2022-06-30", stage="producing"), row(stage="started", sheet="T")]  # a form that only asks for starts
    assert found("taken_back", mute) == []
    still = [*back, row(source="zone", source_file="z.xlsx", stage="producing")]
    assert set(check("taken_back", still).rows["severity"]) == {"medium"}


def heap(late, early):
    days = ["2022-06-28"] * late + ["2022-05-10"] * early
    return [row(f"P{n}", stage="started", started_actual=day) for n, day in enumerate(days, 1)]


def test_quarter_end_heap():
    assert len(found("quarter_end_heap", heap(8, 12))) == 8
    assert found("quarter_end_heap", heap(2, 18)) == []  # 2 of 20 is what chance gives
    assert set(whys("quarter_end_heap", heap(8, 1)).values()) == {"few_in_county"}
    vague = [entry | {"started_actual_precision": "month"} for entry in heap(8, 12)]
    assert set(whys("quarter_end_heap", vague).values()) == {"not_to_the_day"}


def test_two_counties():
    rows = [row("P1", company="同一公司"), row("P2", company="同一 公司", county="211381")]
    pair = {"project_id": "P1", "matched_to": "P2", "score": 0.9, "decision": "proposed", "source_file": "a", "sheet": "S", "row": 11}
    assert {project for project, _ in found("two_counties", rows, merges=[pair])} == {"P1", "P2"}
    assert found("two_counties", rows, merges=[pair | {"score": 0.5}]) == []
    assert found("two_counties", [rows[0], row("P2", company="另一公司", county="211381")], merges=[pair]) == []
    assert whys("two_counties", [row(company=None)]) == {"P1": "no_company"}


def test_split_package():
    rows = [row("P1", **STARTED), row("P2", **STARTED)]
    part = {"whole_id": "P1", "part_id": "P2", "snapshot": "2022-09-30", "score": 0.8, "decision": "linked"}
    assert check("split_package", rows, parts=[part]).rows[["project_id", "severity"]].values.tolist() == [["P2", ""]]
    assert check("split_package", rows, parts=[part | {"decision": "proposed"}]).rows["severity"].tolist() == ["low"]
    assert found("split_package", rows) == []
    assert found("split_package", [row("P1", stage="terminated"), row("P2", **STARTED)], parts=[part]) == []


def test_carried_as_new():
    told = [row(snapshot="2021-12-31", stage="started", started_actual="2021-10-01"), row(**STARTED)]
    assert check("carried_as_new", told).rows["severity"].tolist() == [""]
    assert check("carried_as_new", [row(**STARTED, construction="carried_over")]).rows["severity"].tolist() == ["medium"]
    assert found("carried_as_new", [row(snapshot="2021-12-31", stage="approved"), row(**STARTED, construction="new")]) == []
    assert whys("carried_as_new", [row(**STARTED)]) == {"P1": "not_told"}


def test_reporters_disagree():
    other = row(source="department", source_file="d.xlsx", stage="approved")
    able = row("P2", source="department", source_file="d.xlsx", stage="producing")
    outcome = check("reporters_disagree", [row(**STARTED), other, able])
    assert outcome.rows[["project_id", "stage"]].values.tolist() == [["P1", "started"]]
    assert found("reporters_disagree", [row(**STARTED), other]) == []  # that sheet never says started
    alone = [row(stage="producing"), row(source="department", source_file="d.xlsx", stage="producing", snapshot="2022-06-30")]
    assert whys("reporters_disagree", alone) == {"P1": "one_reporter"}  # two reporters, but not of one date
    assert whys("reporters_disagree", [row(**STARTED)]) == {"P1": "one_reporter"}


FIRM = {"enterprise_id": "E1", "snapshot": "2022-09-30", "name": "公司 P1", "output_wan": 500.0, "jobs": 20.0, "tax_wan": 9.0,
        "energy_tce": 4.0}
CAPACITY = row(stage="at_capacity", at_capacity_actual="2022-06-01", category="industry")


def test_capacity_without_output():
    assert found("capacity_without_output", [CAPACITY], enterprises=[FIRM]) == []
    empty = check("capacity_without_output", [CAPACITY], enterprises=[FIRM | {"output_wan": 0.0}])
    assert empty.rows[["stage", "severity"]].values.tolist() == [["at_capacity", ""]]
    assert check("capacity_without_output", [CAPACITY], enterprises=[FIRM | {"tax_wan": 0.0}]).rows["severity"].tolist() == ["medium"]
    assert whys("capacity_without_output", [CAPACITY], enterprises=[FIRM | {"name": "别家"}]) == {"P1": "firm_not_registered"}
    assert whys("capacity_without_output", [CAPACITY]) == {"P1": "no_register"}
    road = CAPACITY | {"category": "infrastructure"}
    assert whys("capacity_without_output", [road], enterprises=[FIRM]) == {"P1": "no_output_expected"}


def test_capacity_not_registered_only_where_the_register_names_most():
    rows = [CAPACITY | row(f"P{n}") | {"stage": "at_capacity", "category": "industry"} for n in range(1, 13)]
    firms = [FIRM | {"enterprise_id": f"E{n}", "name": f"公司P{n}"} for n in range(1, 12)]
    assert found("capacity_not_registered", rows, enterprises=firms) == [("P12", "at_capacity")]
    assert set(whys("capacity_not_registered", rows, enterprises=firms[:2]).values()) == {"register_names_few"}


def test_power_use_stands_in_no_ledger():
    outcome = check("capacity_without_power", [CAPACITY], enterprises=[FIRM])
    assert len(outcome.tested) == 0 and outcome.untestable.to_dict() == {"P1": "no_column"}


def test_findings_name_the_newest_row_that_makes_the_claim():
    rows = [row(snapshot="2022-06-30", **STARTED, done_total_wan=0.0, filing_status="pending"),
            row(stage="started", done_total_wan=0.0, filing_status="pending")]
    findings = audit(known(rows), evidence_rules()).findings.set_index("rule")
    # the start is dated only by the older ledger; the money is told by the newer
    assert findings.loc["start_without_filing", "source_file"] == "2022-06-30/a.xlsx"
    assert findings.loc["start_without_money", "source_file"] == "2022-09-30/a.xlsx"
    assert findings.loc["start_without_filing", "finding"] == "start_without_filing-P1-started"
    assert findings.loc["start_without_filing", "weight"] == 4.0 and findings.loc["start_without_filing", "row"] == 11


def test_nothing_known_is_nothing_found():
    made = audit(known([]), evidence_rules())
    assert len(made.findings) == 0 and len(made.projects) == 0 and made.coverage["tested"].sum() == 0


DAYS = st.sampled_from([None, "2021-11-20", "2022-02-28", "2022-03-30", "2022-05-05", "2022-06-29", "2022-08-31"])
STATUS = st.sampled_from([None, "done", "pending", "not_needed"])
SUMS = st.sampled_from([None, 0.0, 90.0, 5000.0, 20000.0])
ROW = st.fixed_dictionaries({
    "project": st.sampled_from(["P1", "P2", "P3"]), "snapshot": st.sampled_from(SNAPSHOTS),
    "source": st.sampled_from(["county", "zone", "department"]),
    "stage": st.sampled_from([None, "lead", "signed", "approved", "started", "suspended", "completed", "producing", "terminated"]),
    "started_actual": DAYS, "completed_actual": DAYS, "producing_actual": DAYS, "at_capacity_actual": DAYS, "started_planned": DAYS,
    "filing_status": STATUS, "filing_date": DAYS, "land_status": STATUS, "done_total_wan": SUMS, "done_year_wan": SUMS,
    "plan_year_wan": SUMS, "total_investment_wan": SUMS, "construction": st.sampled_from([None, "new", "carried_over"]),
    "company": st.sampled_from([None, "公司P1"])})


@settings(max_examples=6, deadline=None)
@given(st.lists(ROW, max_size=8))
def test_no_rule_finds_what_it_could_not_test(rows):
    facts = known([row(**entry) for entry in rows])
    for rule in evidence_rules().rules:
        if rule.unit == "project":
            outcome = CHECKS[rule.id](facts, rule.parameters)
            assert set(outcome.rows["project_id"]) <= set(outcome.tested), rule.id
            assert not set(outcome.tested) & set(outcome.untestable.index), rule.id
            assert not outcome.untestable.eq("").any() and set(outcome.tested) <= set(facts.facts.index), rule.id


@pytest.mark.parametrize(("change", "key"), [
    ({"severity_weight": {"high": 4, "medium": 2}}, "severity_weight"), ({"supports": {"introduced": [["filing_done"]]}}, "supports")])
def test_a_wrong_rules_file_names_file_and_key(tmp_path, change, key):
    import yaml

    content = yaml.safe_load((city().folder / "evidence.yml").read_text(encoding="utf-8"))
    path = tmp_path / "evidence.yml"
    path.write_text(yaml.safe_dump(content | change, allow_unicode=True), encoding="utf-8")
    with pytest.raises(LiantuError, match=f"evidence.yml.*{key}"):
        load(EvidenceRules, path)


def test_a_rule_twice_is_an_error(tmp_path):
    text = (city().folder / "evidence.yml").read_text(encoding="utf-8")
    path = tmp_path / "evidence.yml"
    path.write_text(text.replace("id: two_counties", "id: split_package"), encoding="utf-8")
    with pytest.raises(LiantuError, match="split_package"):
        load(EvidenceRules, path)
