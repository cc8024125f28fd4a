"""Every measure on tables whose quality is counted by hand."""

import sys
from pathlib import Path

import pandas as pd
import pytest

sys.path.insert(0, str(Path(__file__).parent))

from ledgers_to_judge import BUREAU, CITY, DAYS, NEW, OLD, files, finding, observations, tables

from liantu.assess import completeness, findings, lateness, parts, quality_rules, reporters, scores
from liantu.assess.data_quality import cells_by_rule, cells_read, duplicates, first_reports, personal_data, skipped

RULES = quality_rules(CITY)


def part(made, file, dimension):
    row = made[(made["source_file"] == file) & (made["dimension"] == dimension)]
    return tuple(row[["good", "of"]].iloc[0]) if len(row) else None


def test_reporters_are_counties_or_departments_and_the_last_ledger_is_theirs():
    table = files().set_index("source_file")
    assert table["county"].to_dict() == {OLD: "211302", NEW: "211302", BUREAU: ""}
    assert table["newest"].to_dict() == {OLD: False, NEW: True, BUREAU: True}


def test_a_file_without_a_usable_row_is_its_names():
    lost = pd.DataFrame({"source_file": ["2022Q2/北票市项目.xlsx", "2022Q2/项目.xlsx"], "snapshot": [DAYS[1]] * 2})
    assert reporters(lost, observations(), CITY.divisions)["county"].tolist() == ["211381", ""]


def test_completeness_asks_only_what_a_stage_must_have():
    found = [finding(NEW, 9, "name_missing", "", "error")]
    table = completeness(observations(), tables(found)["quarantine"], RULES.fields).set_index(["source_file", "field"])
    told = {key: tuple(row) for key, row in table[["filled", "asked"]].iterrows()}
    assert told[NEW, "company"] == (1, 3)  # the terminated project is asked for nothing
    assert told[NEW, "name"] == (4, 5)  # the row that is not used lacks its name
    assert told[NEW, "started_actual"] == (3, 3) and told[OLD, "started_actual"] == (1, 1)
    assert told[OLD, "started_planned"] == (0, 2)  # both approved projects lack their plan
    assert (OLD, "completed_actual") not in table.index  # nothing has come so far
    assert told[OLD, "stage"] == (3, 3)


def test_parts_count_rows():
    found = [finding(NEW, 5, "date_range"), finding(NEW, 5, "amount_unreadable", "年度计划"), finding(NEW, 6, "unit_slip"),
             finding(NEW, 8, "stage_back"), finding(NEW, 6, "sources_differ"), finding(NEW, 9, "done_over_total", severity="error"),
             finding(OLD, 5, "amount_undecided")]
    made = parts(tables(found), files(quarantined=1), RULES)
    assert part(made, NEW, "conformity") == (4, 5)  # two findings in one row are one row
    assert part(made, NEW, "accuracy") == (3, 5)
    assert part(made, NEW, "consistency") == (2, 3)  # P1, P2, P2 have been told before; P4 is new
    assert part(made, NEW, "timeliness") == (1, 2)  # P1 began in February, P2 in May
    assert part(made, NEW, "uniqueness") == (3, 4)
    assert part(made, OLD, "timeliness") is None and part(made, OLD, "consistency") is None
    assert part(made, OLD, "conformity") == (3, 3)  # undecided is missing, not unreadable
    assert part(made, BUREAU, "consistency") == (1, 1)


def test_a_change_without_reason_is_a_contradiction_one_with_a_reason_is_not():
    change = {"project_id": "P1", "field": "total_investment_wan", "source": "county", "snapshot": DAYS[1], "previous_snapshot": DAYS[0],
              "source_file": NEW, "sheet": "表", "row": 5, "previous_wan": 100.0, "latest_wan": 900.0}
    silent = parts(tables(changes=[change]), files(), RULES)
    told = parts(tables(changes=[change | {"reason": "扩大规模"}]), files(), RULES)
    assert part(silent, NEW, "consistency") == (2, 3) and part(told, NEW, "consistency") == (3, 3)


def test_scores_are_the_mean_of_the_shares_with_an_interval():
    made = parts(tables(), files(), RULES)
    table = scores(made, files().set_index("source_file")["county"], RULES.weights).set_index("key")
    row = table.loc["211302"]
    shares = row[list(RULES.weights)].astype("float64")
    assert row["score"] == pytest.approx(100 * shares.mean()) and row["judged"] == 6
    assert 0 <= row["low"] < row["score"] < row["high"] <= 100
    assert shares["uniqueness"] == pytest.approx(6 / 7)


def test_a_weight_counts_and_what_cannot_be_shown_is_left_out():
    columns = ["source_file", "dimension", "good", "of", "rows"]
    made = pd.DataFrame([(OLD, "completeness", 1, 2, 4), (OLD, "uniqueness", 9, 9, 9)], columns=columns)
    table = scores(made, pd.Series({OLD: "x"}), {"completeness": 3.0, "uniqueness": 1.0, "timeliness": 5.0})
    assert table["score"].iloc[0] == pytest.approx(100 * (3 * 0.5 + 1) / 4)
    assert table["judged"].iloc[0] == 2 and pd.isna(table["timeliness"].iloc[0])


def test_no_ledger_gives_no_score():
    made = parts(tables(), files(), RULES)
    assert scores(made, pd.Series(dtype="str"), RULES.weights).empty


def test_first_reports_and_lateness():
    events = first_reports(observations(), tables()["milestones"]).set_index("project_id")
    assert events["late"].to_dict() == {"P1": True, "P2": False}
    assert events.loc["P1", "days"] == 130 and "P3" not in events.index  # the very first ledger tells no lateness
    table = lateness(events.reset_index(), ["211302"] * 2)
    assert table[["n", "late", "share", "median"]].iloc[0].tolist() == [2, 1, 0.5, 90.5]


def test_what_speaks_of_the_next_ledger_is_judged_with_it():
    gone = finding(OLD, 6, "vanished") | {"snapshot": DAYS[1]}
    found = tables([gone, finding(OLD, 6, "date_range"), finding(NEW, 6, "date_range")])["quarantine"]
    table = findings(found, files(), RULES).sort_values(["source_file", "rule"])
    assert table[["source_file", "rule"]].to_numpy().tolist() == [[OLD, "date_range"], [OLD, "vanished"], [NEW, "date_range"]]
    assert table["about"].tolist() == [DAYS[0], DAYS[1], DAYS[1]] and table["newest"].tolist() == [False, True, True]


def test_cells_read_are_filled_ones_and_those_that_were_emptied():
    plain = cells_read(tables(), RULES)
    flagged = cells_read(tables([finding(OLD, 6, "amount_unreadable"), finding(OLD, 6, "sources_differ", "年度计划")]), RULES)
    assert plain[OLD] == (3 * 3 + 3 + 1 + 2 + 1)  # name, county, stage; three companies, one amount, two kinds, one date
    assert flagged[OLD] == plain[OLD] + 1  # the amount that differs stands in the table, the unreadable one does not


def test_cells_by_rule_stand_by_what_has_to_be_done():
    found = [finding(NEW, 5, "date_range"), finding(NEW, 6, "date_range"), finding(NEW, 7, "name_missing", "", "error")]
    table = cells_by_rule(tables(found)["quarantine"], RULES)
    assert table[["action", "rule", "cells"]].to_numpy().tolist() == [["fill", "name_missing", 1], ["rewrite", "date_range", 2]]


def test_skipped_repeated_and_removed():
    assert len(skipped(files(), ["211302", "211303"])) == 2
    merges = [{"project_id": "P4", "source_file": NEW, "sheet": "表", "row": 8, "matched_to": "P1", "score": 0.8, "decision": "proposed"}]
    told = duplicates(observations(), tables(merges=merges)["merges"]).set_index("source_file")
    assert told.loc[NEW].tolist() == [1, 1] and told.loc[OLD].tolist() == [0, 0]
    made = tables([finding(NEW, 5, "date_range", value="[removed]待定")])
    made["observations"] = made["observations"].assign(note="联系[removed]")
    assert personal_data(made, "[removed]").to_dict() == {OLD: 3, NEW: 5, BUREAU: 2}
