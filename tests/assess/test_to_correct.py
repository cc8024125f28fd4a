"""What goes back to reporters: the order of cells, words of one language, pairs side by side, changes by size."""

import datetime as dt
import sys
from pathlib import Path

import pandas as pd

sys.path.insert(0, str(Path(__file__).parent))

from ledgers_to_judge import BUREAU, CITY, DAYS, NEW, OLD, files, finding, observations, tables

from liantu.assess import cells_to_fix, changes_without_reason, findings, possible_duplicates, quality_rules
from liantu.assess.to_correct import fix_in_words
from liantu.ledger.rows.flaws import Flaw, quarantine


def test_the_newest_ledger_first_then_errors():
    found = tables([finding(OLD, 5, "name_missing", severity="error"), finding(NEW, 5, "date_range"),
                    finding(NEW, 8, "amount_negative", severity="error")])["quarantine"]
    table = cells_to_fix(findings(found, files(), quality_rules(CITY)))
    assert table["rule"].tolist() == ["amount_negative", "date_range", "name_missing"] and table["newest"].tolist() == [True, True, False]


def test_every_rule_says_what_to_send_in_each_language():
    rules = CITY.rules
    day = dt.date(2022, 6, 30)
    flaws = [Flaw(NEW, "表", row, "总投资", "3 (x) 亿", rule.id, day, "2022年6月") for row, rule in enumerate(rules.rules, 1)]
    for row in quarantine(flaws, rules).itertuples():
        zh, en = (fix_in_words(row.fix, rules.by_id(row.rule), lang) for lang in ("zh", "en"))
        assert f"{zh} {en}" == row.fix and zh and en
    assert fix_in_words("其他 Other", rules.by_id("name_missing"), "zh") == "其他 Other"


def test_pairs_stand_side_by_side_once():
    merge = {"project_id": "P9", "source_file": BUREAU, "sheet": "表", "row": 5, "matched_to": "P1", "score": 0.8, "decision": "proposed",
             "evidence": "name 名称 0.80"}
    back = merge | {"project_id": "P1", "source_file": OLD, "row": 5, "matched_to": "P9", "score": 0.75}
    later = merge | {"matched_to": "P_not_known_yet"}
    merges = tables(merges=[merge, back, later, merge | {"matched_to": "P2", "decision": "kept_apart"}])["merges"]
    table = possible_duplicates(merges, observations())
    assert len(table) == 1
    row = table.iloc[0]
    assert (row["name_a"], row["name_b"], row["score"]) == ("项目P9", "项目P1", 0.8)
    assert (row["source_file_a"], row["source_file_b"], row["county_b"]) == (BUREAU, NEW, "211302")


def test_changes_without_reason_by_size():
    base = {"project_id": "P1", "source": "county", "snapshot": DAYS[1], "previous_snapshot": DAYS[0], "source_file": NEW, "sheet": "表",
            "row": 5}
    money = base | {"field": "total_investment_wan", "previous_wan": 100.0, "latest_wan": 40.0, "original_wan": 100.0}
    dates = base | {"field": "completed_planned", "previous_date": pd.Timestamp("2022-06-30"), "latest_date": pd.Timestamp("2022-12-31")}
    made = tables(changes=[dates, money | {"latest_wan": 90.0}, money, money | {"reason": "核减"}])
    table = changes_without_reason(made["changes"], made["projects"])
    assert table[["kind", "size"]].to_numpy().tolist() == [["sum", -60.0], ["sum", -10.0], ["date", 184.0]]
    assert table["latest"].tolist() == [40.0, 90.0, "2022-12-31"] and table["name"].tolist() == ["项目P1"] * 3
