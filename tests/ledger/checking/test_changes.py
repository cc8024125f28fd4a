"""The table `changes`: what moved, from what to what, why, and nothing that a later ledger could have told only later."""

import pandas as pd
import pytest
from checking_samples import Q1, Q2, Q3, Q4, RULES, city_ledgers, observed

from liantu.ledger.checking.changes import changes
from liantu.ledger.checking.reasons import reason
from liantu.tables import CONTRACTS, open_tables, write_tables
from liantu.tables.fold import fold

PLAN, EXACT = "started_planned", "started_planned_precision"


def moved(*rows, **options):
    found = changes(observed(*rows), RULES, **options)
    kinds = ["original", "previous", "latest"]
    sums, days = found[[f"{kind}_wan" for kind in kinds]], found[[f"{kind}_date" for kind in kinds]]
    told = [[day.date().isoformat() if pd.notna(day) else None for day in row] if row.notna().any() else numbers.tolist()
            for (_, row), (_, numbers) in zip(days.iterrows(), sums.iterrows(), strict=True)]
    return [(field, *values) for field, values in zip(found["field"], told, strict=True)]


def test_a_plan_that_moves_twice_keeps_its_original():
    found = changes(observed(
        {"snapshot": Q4, PLAN: "2022-03-31", EXACT: "month"},
        {"snapshot": Q1, PLAN: "2022-06-30", EXACT: "month", "note": "在谈。因征地未完成，开工推迟至6月；其他正常"},
        {"snapshot": Q2, PLAN: "2022-06-30", EXACT: "month"},
        {"snapshot": Q3, PLAN: "2022-10-31", EXACT: "month", "note": "基础施工"}), RULES)
    assert found[["original_date", "previous_date", "latest_date"]].astype("str").values.tolist() == [
        ["2022-03-31", "2022-03-31", "2022-06-30"], ["2022-03-31", "2022-06-30", "2022-10-31"]]
    assert found["previous_snapshot"].astype("str").tolist() == [Q4, Q2] and found["snapshot"].astype("str").tolist() == [Q1, Q3]
    assert found["row"].tolist() == [4, 6] and found["source_file"].tolist() == ["2022-03/台账.xlsx", "2022-09/台账.xlsx"]
    assert found["reason"].fillna("").tolist() == ["因征地未完成，开工推迟至6月", ""]


@pytest.mark.parametrize(("before", "after", "count"), [
    (("2022-03-31", "month"), ("2022-03-15", "day"), 0),
    (("2022-03-15", "day"), ("2022-03-31", "month"), 0),
    (("2022-12-31", "year"), ("2022-06-30", "half"), 0),
    (("2022-06-30", "quarter"), ("2022-05-20", "ten_days"), 0),
    (("2022-05-20", "ten_days"), ("2022-05-10", "day"), 1),
    (("2022-05-31", "ten_days"), ("2022-05-21", "day"), 0),
    (("2022-03-31", "month"), ("2022-04-01", "day"), 1),
    (("2022-06-30", "quarter"), ("2022-09-30", "quarter"), 1),
    (("2022-03-15", "day"), ("2022-03-16", "day"), 1)])
def test_more_or_less_precise_is_no_change(before, after, count):
    rows = [{"snapshot": day, PLAN: date, EXACT: precision} for day, (date, precision) in ((Q1, before), (Q2, after))]
    assert len(moved(*rows)) == count


def test_a_vaguer_date_between_does_not_hide_a_move():
    dates = ((Q4, "2022-03-31", "month"), (Q1, "2022-12-31", "year"), (Q2, "2022-12-31", "year"), (Q3, "2022-05-31", "month"))
    assert moved(*({"snapshot": day, PLAN: date, EXACT: precision} for day, date, precision in dates)) == [
        (PLAN, "2022-03-31", "2022-03-31", "2022-05-31")]


def test_sums_that_differ_by_rounding_have_not_changed():
    assert moved({"snapshot": Q1, "total_investment_wan": 16_840.0}, {"snapshot": Q2, "total_investment_wan": 16_800.0}) == []
    assert moved({"snapshot": Q1, "total_investment_wan": 16_840.0}, {"snapshot": Q2, "total_investment_wan": 17_800.0}) == [
        ("total_investment_wan", 16_840.0, 16_840.0, 17_800.0)]


def test_the_years_plan_changes_only_within_its_year():
    rows = [{"snapshot": day, "plan_year_wan": plan} for day, plan in ((Q4, 900.0), (Q1, 500.0), (Q2, 700.0))]
    assert moved(*rows) == [("plan_year_wan", 500.0, 500.0, 700.0)]


def test_money_done_is_listed_only_when_it_falls():
    sums = ((Q4, 50.0), (Q1, 20.0), (Q2, 90.0), (Q3, 60.0))
    rows = [{"snapshot": day, "done_total_wan": done, "done_year_wan": done} for day, done in sums]
    assert moved(*rows) == [
        ("done_total_wan", 50.0, 50.0, 20.0), ("done_total_wan", 50.0, 90.0, 60.0), ("done_year_wan", 20.0, 90.0, 60.0)]


def test_reporters_are_held_against_themselves_only():
    rows = [{"snapshot": day, "source": source, "total_investment_wan": total} for day, source, total in (
        (Q1, "county", 100.0), (Q1, "department", 120.0), (Q2, "county", 100.0), (Q2, "department", 120.0))]
    assert moved(*rows) == []


def test_silence_is_no_change_and_an_actual_date_that_is_taken_back_is_one():
    start = {"started_actual": "2022-03-20", "started_actual_precision": "day"}
    silent = [{"snapshot": Q1, "stage": "started", **start}, {"snapshot": Q2, "stage": "started"}]
    assert moved(*silent) == [] and moved(silent[0], {"snapshot": Q2}) == []
    assert moved(silent[0], {"snapshot": Q2, "stage": "approved"}, {"snapshot": Q3, "stage": "approved"}) == [
        ("started_actual", "2022-03-20", "2022-03-20", None)]
    assert moved(silent[0], {"snapshot": Q2, "stage": "started", **start, "started_actual": "2022-05-20"}) == [
        ("started_actual", "2022-03-20", "2022-03-20", "2022-05-20")]


def test_approval_dates_without_a_precision_may_stand_for_their_period():
    assert moved({"snapshot": Q1, "land_date": "2021-12-31"}, {"snapshot": Q2, "land_date": "2021-05-07"}) == []
    assert moved({"snapshot": Q1, "land_date": "2021-05-07"}, {"snapshot": Q2, "land_date": "2021-05-09"}) == [
        ("land_date", "2021-05-07", "2021-05-07", "2021-05-09")]


def test_of_two_rows_in_one_ledger_the_first_counts():
    assert moved({"snapshot": Q1, "area_mu": 30.0}, {"snapshot": Q2, "area_mu": 30.0}, {"snapshot": Q2, "area_mu": 99.0}) == []


def test_doubtful_cells_are_left_out():
    rows = [{"snapshot": day, "total_investment_wan": total} for day, total in ((Q1, 8000.0), (Q2, 0.8), (Q3, 8000.0))]
    assert len(moved(*rows)) == 2 and moved(*rows, doubtful=[(1, "total_investment_wan")]) == []


def test_no_observations_no_changes():
    assert changes(observed({"snapshot": Q1}).iloc[:0], RULES).empty


def test_what_was_known_earlier_does_not_depend_on_later_ledgers():
    rows = city_ledgers(seed=51, projects=60)
    late = rows["snapshot"] >= Q2
    rows.loc[late & (rows["row"] % 3 == 0), "total_investment_wan"] *= 1.5
    rows.loc[rows["snapshot"].eq(Q3) & (rows["row"] % 5 == 0), "area_mu"] *= 0.5
    whole = changes(rows, RULES)
    for day in (Q1, Q2, Q3):
        known = whole[whole["snapshot"] <= day].reset_index(drop=True)
        pd.testing.assert_frame_equal(known, changes(rows[rows["snapshot"] <= day], RULES))
    assert len(whole) == 32


def test_tables_opened_at_a_date_are_those_of_the_ledgers_up_to_then(tmp_path):
    rows = city_ledgers(seed=52, projects=30)
    for name, values in (("stage", ["signed", "approved", "started"]), (PLAN, ["2022-05-31", "2022-06-30", "2022-08-31"])):
        rows[name] = pd.Series([values[(place + place // 30) % 3] for place in range(len(rows))]).astype(rows[name].dtype)
    nothing = {name: contract.conform([]) for name, contract in CONTRACTS.items()}
    write_tables({**nothing, "observations": rows, "changes": changes(rows, RULES)} | fold(rows), tmp_path)
    for day in (Q1, Q2):
        known = rows[rows["snapshot"] <= day]
        opened = open_tables(tmp_path, pd.Timestamp(day))
        for name, table in ({"changes": changes(known, RULES)} | fold(known)).items():
            pd.testing.assert_frame_equal(opened[name], table)
        assert len(opened["changes"]) and opened["changes"]["snapshot"].max() == pd.Timestamp(day)


@pytest.mark.parametrize(("note", "told"), [
    ("因资金未到位，延期开工", "因资金未到位，延期开工"),
    ("已完成主体。受疫情影响工期顺延。", "受疫情影响工期顺延"),
    ("未开工原因：征地拆迁未完成；下步尽快开工", "未开工原因：征地拆迁未完成"),
    ("由于图纸变更\n投资核减", "由于图纸变更；投资核减"),
    ("属产业结构调整指导目录鼓励类", None), ("因此列入省级重点", None), ("目前正在进行基础施工", None),
    ("尚未开工", None), ("无变更", None)])
def test_the_sentence_with_the_reason(note, told):
    assert reason(note, RULES.reasons) == told
