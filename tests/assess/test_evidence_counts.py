"""The audit of a report: counts as claimed add up to the targets, support needs facts, nothing is passed silently, and it beats chance."""

import importlib.util
from datetime import date
from pathlib import Path

import pytest
from evidence_cases import known, row

from liantu import Report
from liantu.assess.evidence import audit, evidence_of, evidence_rules
from liantu.assess.evidence.known import TABLES
from liantu.assess.evidence.support import FACTS, facts, supported
from liantu.assess.intervals import wilson
from liantu.progress.targets import by_county, counted_in, counted_targets
from liantu.reference.opened import forget, opened
from liantu.simulation import simulate

ROOT = Path(__file__).parents[2]
_spec = importlib.util.spec_from_file_location("score_audit", ROOT / "tools" / "score_audit.py")
score_audit = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(score_audit)


@pytest.fixture(scope="module")
def report(small_data):
    return Report(quarter="2022Q2")


def test_claimed_are_the_counts_of_the_targets(report):
    made = evidence_of(report)
    city = made.counts[made.counts["county"] == ""].set_index("target")
    assert city["claimed"].to_dict() == {target.id: len(counted_in(report, target)) for target in counted_targets(report)}
    assert city["claimed"].sum() > 50
    own = made.counts[made.counts["county"] != ""].set_index(["target", "county"])["claimed"]
    wanted = by_county(report).set_index(["measure", "county"])["actual"]
    assert own.to_dict() == wanted.reindex(own.index, fill_value=0).to_dict()


def test_every_claim_has_one_verdict(report):
    made = evidence_of(report)
    parts = made.counts[["supported", "unsupported", "contradicted"]]
    assert (parts.sum(axis=1) == made.counts["claimed"]).all() and (parts.sum() > 0).sum() >= 2
    heavy = made.findings[made.findings["severity"] == "high"]
    pairs = set(zip(heavy["project_id"], heavy["stage"], strict=True))
    for claim in made.claims.itertuples():
        assert (claim.verdict == "contradicted") == ((claim.project_id, claim.stage) in pairs)


def test_tested_and_untestable_are_told_for_every_rule(report):
    made = evidence_of(report)
    city = made.coverage[made.coverage["county"] == ""].set_index("rule")
    assert set(city.index) == {rule.id for rule in evidence_rules().rules}
    assert (city["found"] <= city["tested"]).all()
    assert ((city["untestable"] > 0) == (city["why"] != "")).all()
    assert city.loc["capacity_without_power", "why"] == "no_column" and city.loc["capacity_without_power", "tested"] == 0
    projects = made.findings.groupby("rule")["project_id"].nunique()
    assert projects.to_dict() == city.loc[projects.index, "found"].to_dict()


def test_findings_are_whole_and_the_heaviest_first(report):
    made = evidence_of(report)
    rows = made.findings
    assert rows["finding"].is_unique and rows["weight"].is_monotonic_decreasing and set(rows["severity"]) <= {"high", "medium", "low"}
    assert rows[["name", "source_file", "row", "since", "said"]].notna().all(axis=None)
    scores = rows.groupby("project_id")["weight"].sum()
    assert made.projects.set_index("project_id")["score"].to_dict() == scores.to_dict() and made.projects["score"].is_monotonic_decreasing
    rows_of = report.table("observations").set_index(["source_file", "row"]).sort_index()
    for finding in rows.head(20).itertuples():
        told = rows_of.loc[[(finding.source_file, finding.row)]]
        assert finding.project_id in set(told["project_id"])


def test_made_twice_is_the_same_and_notes_what_it_rests_on(report):
    first = evidence_of(report)
    forget()
    again = evidence_of(Report(quarter="2022Q2", county="211382", lang="en"))  # read from the folder, and always of the whole city
    assert again.findings.equals(first.findings) and again.counts.equals(first.counts) and again.claims.equals(first.claims)
    noted = {(entry["name"], entry.get("county")) for entry in opened() if entry["kind"] == "table"}
    assert {(name, "") for name in TABLES} <= noted
    assert "evidence.yml" in {entry["name"] for entry in opened() if entry["kind"] == "reference"}


def test_one_snapshot_says_what_it_cannot_test(report):
    made = evidence_of(Report(quarter="2021Q4"))
    city = made.coverage[made.coverage["county"] == ""].set_index("rule")
    assert city.loc["taken_back", "tested"] == 0 and city.loc["taken_back", "why"] == "one_ledger"
    assert city.loc["no_progress", "tested"] == 0


def test_support_needs_its_facts():
    started = {"stage": "started", "started_actual": "2022-04-10"}
    both = known([row("P1", **started, filing_status="done", done_total_wan=5.0), row("P2", **started, filing_status="done"),
                  row("P3", **started, done_total_wan=5.0)])
    table, sets = facts(both, "started", 0.8), evidence_rules().supports["new_starts"]
    assert list(table.columns) == list(FACTS)
    assert supported(table, sets).to_dict() == {"P1": True, "P2": False, "P3": False}
    firm = {"enterprise_id": "E1", "snapshot": "2022-09-30", "name": "公司P1", "output_wan": 5.0, "jobs": 2.0}
    at = known([row("P1", stage="at_capacity"), row("P2", stage="at_capacity")], enterprises=[firm])
    assert supported(facts(at, "at_capacity", 0.8), evidence_rules().supports["at_capacity"]).to_dict() == {"P1": True, "P2": False}


def test_findings_beat_chance_on_claims_that_are_false(tmp_path):
    """Far from proof: even the low end of a precision is more than twice what a claim drawn by chance gives."""
    simulate(tmp_path, seed=21, scale=0.3)
    bench = score_audit.claims_and_findings(tmp_path, date(2022, 6, 30))
    claims = bench[0]
    assert claims["false"].sum() >= 5 and (claims["false"] <= claims["untrue"]).all()  # else there is nothing to find
    table = score_audit.measures([bench], "severity").set_index("what")
    assert table["found"].is_monotonic_increasing and (table["right"] <= table["untrue"]).all()
    for severity in ("medium", "low"):
        line = table.loc[severity]
        assert float(wilson(line["right"], line["found"])[0]) > 2 * claims["false"].mean(), severity
        assert line["right"] / line["false"] > 0.25, severity
    assert "lift" in score_audit.printed(table.reset_index(), "all")


def test_false_at_counts_only_what_stands():
    truth = score_audit.pd.DataFrame({
        "claimed_started_in": ["2022Q1", "2022Q1", "2022Q3", None], "claimed_started_until": [None, "2022Q2", None, None]})
    assert score_audit.false_at(truth, "started", date(2022, 6, 30)).tolist() == [True, False, False, False]
    assert score_audit.false_at(truth, "started", date(2022, 3, 31)).tolist() == [True, True, False, False]


def test_a_city_without_anything_has_an_audit():
    made = audit(known([]), evidence_rules())
    assert len(made.coverage) and made.findings.empty and made.reporters.empty and made.heaps.empty
