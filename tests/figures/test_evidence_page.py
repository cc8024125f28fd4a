"""The page of the evidence audit: whole pictures in both languages that say what the tables say, and honest where nothing can be tested."""

import ast
import json
import re
import shutil
import sys
import warnings
from pathlib import Path

import pandas as pd
import pytest

sys.path.insert(0, str(Path(__file__).parent))

import figure_samples
import schedule_samples
from test_charts import looked_at

from liantu import Report
from liantu.assess.evidence import evidence_of, evidence_rules
from liantu.figures import evidence
from liantu.figures.display import Answer, Headline, PageTable, Picture, WatchList
from liantu.figures.evidence_charts import claimed_chart, county_findings_chart, rules_found_chart
from liantu.figures.wording import messages, number

PARTS = (evidence.answer, evidence.claimed, evidence.findings_by_rule, evidence.findings_by_county, evidence.findings_table,
         evidence.ledgers, evidence.rules_table, evidence.watch)
ROOT = Path(__file__).parents[2]
CODE = ROOT / "lib" / "liantu" / "assess" / "evidence"
CHINESE = re.compile("[一-鿿]{4,}")


def shown(report):
    flat = []
    for part in PARTS:
        made = part(report)
        flat += made if isinstance(made, list) else [made]
    for thing in flat:
        json.dumps(thing.payload, allow_nan=False)
    return flat


def one(things, kind, name=""):
    return next(thing for thing in things if isinstance(thing, kind) and (not name or thing.name == name))


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("county", ["", "211382"])
def test_the_page_agrees_with_itself(small_data, lang, county):
    report = Report(quarter="2022Q2", lang=lang, county=county)
    things, made = shown(report), evidence_of(report)
    counts = made.counts[made.counts["county"] == county].set_index("target")
    answer, chart = one(things, Answer), one(things, Picture, "claimed_and_evidenced")
    assert len(answer.answer.split("\n")) <= 3
    assert number(counts.loc["q2_at_capacity", "claimed"]) in answer.answer
    assert chart.data["claimed"].tolist() == counts["claimed"].tolist()
    assert len(chart.behind.rows) == counts["claimed"].sum()  # each counted project stands behind a bar
    findings = made.findings[made.findings["county"] == county] if county else made.findings
    by_rule = one(things, Picture, "findings_by_rule")
    assert by_rule.data[["high", "medium", "low"]].to_numpy().sum() == len(findings) == len(by_rule.behind.rows)
    assert len(by_rule.data) == len([rule for rule in evidence_rules().rules if rule.unit == "project"])
    table = one(things, PageTable, "evidence_findings")
    assert len(table.data) == (len(findings) if county else min(60, len(findings))) and table.data["settles"].str.len().min() > 3
    assert sum(isinstance(thing, Picture) for thing in things) == (2 if county else 3)
    heavy = findings.loc[findings["severity"] == "high", "project_id"].nunique()
    assert one(things, Headline, "evidence_heavy").value == heavy
    assert any(isinstance(thing, WatchList) and thing.order == 11 for thing in things) == (heavy > 0)
    for picture in (thing for thing in things if isinstance(thing, Picture)):
        assert picture.title in picture.alt and (lang == "zh" or not CHINESE.search(picture.alt)), picture.name


def test_it_is_said_that_a_finding_is_no_proof(small_data):
    for lang, words in (("zh", "不是造假的证明"), ("en", "no proof of fraud")):
        things = shown(Report(quarter="2022Q2", lang=lang))
        assert words in one(things, Answer).answer and words in one(things, Picture, "findings_by_rule").caption


def test_one_snapshot_has_the_page(small_data):
    things = shown(Report(quarter="2021Q4", lang="en"))
    rules = one(things, PageTable, "evidence_rules").data.set_index("rule")
    assert rules.loc["A stage told and taken back", "tested"] == 0 and "one ledger" in rules.loc["A stage told and taken back", "whys"]


def test_the_public_record_has_the_page(tmp_path, monkeypatch):
    shutil.copytree(ROOT / "data" / "raw" / "public", tmp_path / "raw" / "public")
    monkeypatch.setenv("LIANTU_DATA", str(tmp_path))
    for county in ("", "211382"):
        things = shown(Report(quarter="2022Q4", dataset="public", lang="en", county=county))
        assert not any(isinstance(thing, WatchList) for thing in things)
        assert one(things, Picture, "findings_by_rule").data["high"].sum() == 0


# --- the charts alone


def common(lang):
    return {"lang": lang, "as_of": schedule_samples.AS_OF, "simulated": True, "place": figure_samples.PLACE[lang]}


def names(lang):
    return {"a": "一季度开工", "b": "二季度达产"} if lang == "zh" else {"a": "Started in Q1", "b": "At capacity by Q2"}


def claims(**more):
    rows = [{"target": "a", "claimed": 97, "supported": 53, "unsupported": 29, "contradicted": 15},
            {"target": "b", "claimed": 0, "supported": 0, "unsupported": 0, "contradicted": 0}]
    return pd.DataFrame(rows).assign(**more)


def rules(lang):
    label = "手续未办先开工" if lang == "zh" else "A rule with a rather long name that breaks into two lines"
    return pd.DataFrame({"label": [label, label + "2", label + "3"], "high": [5, 0, 0], "medium": [18, 0, 0], "low": [400, 0, 0],
                         "tested": [1460, 20, 0], "untestable": [3, 0, 640], "whys": ["", "", "x"]})


def counties(lang, both=7):
    codes = [code for code in schedule_samples.counties(lang) if code != "211300"][:both]
    table = pd.DataFrame([{"rule": rule, "county": code, "found": place * (rule == "r1"), "tested": 10 * (rule != "r3") + place}
                          for rule in ("r1", "r2") for place, code in enumerate(codes)])
    table.loc[(table["rule"] == "r2") & (table["county"] == codes[0]), "tested"] = 0
    return table, {code: schedule_samples.counties(lang)[code] for code in codes}


def drawn(lang):
    how = common(lang)
    table, places = counties(lang)
    words = {"r1": "开工后没有投资", "r2": "续建当新开"} if lang == "zh" else {"r1": "Started, but no money done", "r2": "Carried over"}
    apart = {code: (place * 30, 100) for place, code in enumerate(list(places)[:3])}
    return {
        "claimed": claimed_chart(claims(), "a", names=names(lang), **how),
        "claimed_lead_empty": claimed_chart(claims(), "b", names=names(lang), **how),
        "rules": rules_found_chart(rules(lang), projects=40, heavy=5, **how),
        "rules_none": rules_found_chart(rules(lang).assign(high=0, medium=0, low=0), **how),
        "counties": county_findings_chart(table, counties=places, rules=words, heavy=apart, **how),
        "counties_tied": county_findings_chart(table, counties=places, rules=words, heavy=dict.fromkeys(places, (2, 100)), **how),
    }


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_chart_is_whole_and_speaks_one_language(lang):
    for name, picture in drawn(lang).items():
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            printed = looked_at(picture.figure)
            assert len(picture.png) < 150_000, name
        assert picture.title.replace(" ", "") in printed.replace(" ", "").replace("\n", ""), name
        payload = json.loads(json.dumps(picture.payload, allow_nan=False))
        assert picture.title in picture.alt and all(column["label"] for column in payload["columns"]), name
        assert lang == "zh" or not re.search("[一-鿿]", json.dumps(payload, ensure_ascii=False) + printed), name


def test_titles_tell_the_numbers_and_claim_no_order_that_is_not_sure():
    pictures = drawn("en")
    assert pictures["claimed"].title == "Started in Q1: 97 claimed, 53 supported, 15 contradicted by the ledgers"
    assert pictures["claimed_lead_empty"].title == pictures["claimed"].title  # the target that leads has no claims
    assert "423 findings on 40 projects" in pictures["rules"].title and "1 of 3 rules cannot be tested" in pictures["rules"].title
    assert "surely differ" in pictures["counties"].title and "told apart" in pictures["counties_tied"].title


def test_nothing_claimed_or_found_says_so():
    how = common("en")
    empty = [claimed_chart(claims(claimed=0), "a", names=names("en"), **how), rules_found_chart(rules("en").head(0), **how),
             county_findings_chart(counties("en")[0].assign(found=0), counties=counties("en")[1], rules={"r1": "x", "r2": "y"}, **how)]
    for picture in empty:
        assert "no data" in picture.title and picture.payload["rows"] == []


# --- the words


def test_every_rule_has_its_words_and_every_reason_too():
    known = messages()
    for rule in evidence_rules().rules:
        if rule.unit == "project":
            assert f"evidence.said.{rule.id}" in known or f"evidence.said.{rule.id}.pending" in known, rule.id
    reasons = set()
    for path in CODE.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            name = getattr(getattr(node, "func", None), "id", "")
            reasons |= {keyword.arg for keyword in node.keywords} if name == "first_of" else set()
            reasons |= {node.args[1].value} if name == "nothing_to_test" else set()
    assert len(reasons) > 20 and sorted(why for why in reasons if f"evidence.why.{why}" not in known) == []
